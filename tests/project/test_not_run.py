"""The last line of a test run, tried on small suites of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SUITE = """
import pytest
from tests import not_run

not_run.NEEDS["a sextant"] = not_run.Need("needs a sextant", lambda: False)
not_run.NEEDS["paper"] = not_run.Need("needs paper", lambda: True)

def test_plain(): pass

@pytest.mark.needs("paper")
def test_met(): pass

@pytest.mark.xfail(strict=True)
def test_known_to_fail(): assert False
"""
UNMET = "\n@pytest.mark.needs('paper', 'a sextant')\ndef test_unmet(): assert False\n"
SKIPPED = "\n@pytest.mark.skip(reason='tired')\ndef test_skipped(): pass\n"
FAILED = "\ndef test_failed(): assert False\n"
UNKNOWN = "\n@pytest.mark.needs('a unicorn')\ndef test_unknown(): pass\n"


def run_suite(folder: Path, text: str, *options: str) -> tuple[int, list[str]]:
    """Run a suite in a process of its own; give its exit status and its lines."""
    (folder / "test_suite.py").write_text(text)
    options = ("--disable-plugin-autoload", "-p", "tests.not_run", "-p", "no:cacheprovider", *options)
    done = subprocess.run(  # noqa: S603 - our own pytest
        [sys.executable, "-m", "pytest", "--rootdir", folder, *options, folder],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize(
    ("text", "options", "status", "closing"),
    [
        (SUITE, [], 0, "not run: 0"),
        (SUITE + UNMET, [], 0, "not run: 1 (needs a sextant)"),
        (SUITE + SKIPPED, [], 0, "not run: 1 (tired)"),
        (
            SUITE + UNMET + SKIPPED,
            ["-k", "not plain"],
            0,
            "not run: 3 (1: needs a sextant; 1: tired; 1: deselected)",
        ),
        (FAILED + SUITE, ["-x"], 1, "not run: 3 (stopped early)"),
        (SUITE + "\npytest.skip('not today', allow_module_level=True)\n", [], 5, "not run: 1 (not today)"),
    ],
    ids=["all run", "a need unmet", "a skip", "several reasons", "stopped early", "a whole file"],
)
def test_the_last_line_counts_what_was_not_run(
    tmp_path: Path, text: str, options: list[str], status: int, closing: str
) -> None:
    returned, lines = run_suite(tmp_path, text, *options)
    assert (returned, lines[-1]) == (status, closing)
    assert lines[-2].startswith("===")
    assert " in " in lines[-2]


def test_what_was_not_run_is_named(tmp_path: Path) -> None:
    _, lines = run_suite(tmp_path, SUITE + UNMET + SKIPPED)
    assert "test_suite.py::test_unmet: needs a sextant" in lines
    assert "test_suite.py::test_skipped: tired" in lines


def test_a_need_nobody_knows_is_an_error(tmp_path: Path) -> None:
    status, lines = run_suite(tmp_path, SUITE + UNKNOWN)
    assert status == pytest.ExitCode.USAGE_ERROR
    assert any("needs 'a unicorn'" in line for line in lines)
