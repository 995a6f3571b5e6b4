"""The make targets and the continuous integration script: what they promise, tried in an empty folder."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE)
LINT = ["ruff check", "ruff format --check", "lint-imports --no-logo"]
TYPES = "mypy --no-error-summary"
PYTEST = "python -m pytest --numprocesses=6 --dist=worksteal"


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a person in that folder would, whatever started these tests."""
    # A make above us would hand its own ARGS and PORT down.
    return subprocess.run(  # noqa: S603 - our own commands
        ["/usr/bin/env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", *command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy the Makefile to where everything is installed: programs that only say what they were asked."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements").mkdir()
    for pins in (ROOT / "requirements").glob("*.txt"):
        (tmp_path / "requirements" / pins.name).touch()
    for program in (
        ".venv/bin/python",
        ".venv/bin/ruff",
        ".venv/bin/mypy",
        ".venv/bin/lint-imports",
        ".tools/bin/uv",
    ):
        write_program(tmp_path / program, '#!/bin/sh\necho "$(basename "$0") $*"\n')
    stamps = re.findall(r"^\w+_STAMP := (\S+)$", MAKEFILE, re.MULTILINE)
    version = re.search(r"^UV_VERSION := (\S+)$", MAKEFILE, re.MULTILINE)
    assert version is not None
    for stamp in stamps:
        (tmp_path / stamp.replace("$(UV_VERSION)", version[1])).touch()
    return tmp_path


def test_every_target_says_what_it_does() -> None:
    undocumented = [
        target for target in TARGETS if not re.search(rf"^{target}:.* ## \S", MAKEFILE, re.MULTILINE)
    ]
    assert undocumented == []


def test_no_target_is_mistaken_for_a_file() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony is not None
    assert sorted(phony[1].split()) == sorted(TARGETS)


def test_make_alone_lists_every_target(checkout: Path) -> None:
    shown = run(checkout, "make").stdout
    assert re.findall(r"^make ([a-z-]+) +\S", shown, re.MULTILINE) == TARGETS


@pytest.mark.parametrize(
    ("target", "does"),
    [
        ("install", []),
        ("demo", ["python -m bot demo --port 8080 --data var/demo"]),
        ("chat", ["python -m bot chat --data var/demo"]),
        ("run", ["python -m bot run"]),
        ("articles", ["python -m bot check --articles"]),
        ("check", [*LINT, TYPES]),
        ("tests", [PYTEST]),
        ("prove", ["python -m pytest --prove"]),
        ("bench", ["python -m bot bench send"]),
    ],
)
def test_what_is_installed_is_not_installed_again(checkout: Path, target: str, does: list[str]) -> None:
    done = run(checkout, "make", target)
    assert [line.strip() for line in done.stdout.splitlines()] == does
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_linted_is_tested_while_its_types_are_checked(checkout: Path) -> None:
    done = run(checkout, "make", "test", "ARGS=-x")
    *lint, one, other = done.stdout.splitlines()
    assert lint == LINT
    assert {one, other} == {TYPES, f"{PYTEST} -x"}
    assert (done.returncode, done.stderr) == (0, "")


def test_changed_pins_are_installed_once(checkout: Path) -> None:
    (checkout / ".venv/.installed-run").unlink()
    first, second = run(checkout, "make", "demo"), run(checkout, "make", "demo")
    assert (
        re.findall(r"^uv pip install .*--require-hashes.* requirements/run.txt$", first.stdout, re.MULTILINE)
        != []
    )
    assert "uv" not in second.stdout


def test_the_tests_get_exactly_what_is_pinned(checkout: Path) -> None:
    (checkout / ".venv/.installed-test").unlink()
    installed = run(checkout, "make", "test").stdout.splitlines()[0]
    assert installed.startswith("uv pip sync ")
    assert installed.endswith(
        " requirements/run.txt requirements/test.txt requirements/check.txt requirements/train.txt"
        " requirements/bench.txt"
    )


def test_what_does_not_pass_lint_is_not_tested(checkout: Path) -> None:
    write_program(checkout / ".venv/bin/ruff", "#!/bin/sh\nexit 1\n")
    done = run(checkout, "make", "test")
    assert done.returncode != 0
    assert "pytest" not in done.stdout


@pytest.mark.parametrize("fails", ["mypy", "python"])
def test_wrong_types_and_a_failed_test_both_fail(checkout: Path, fails: str) -> None:
    write_program(checkout / f".venv/bin/{fails}", f'#!/bin/sh\necho "{fails} fails"\nexit 1\n')
    done = run(checkout, "make", "test")
    assert done.returncode != 0
    assert f"{fails} fails" in done.stdout


def test_a_migration_needs_a_name_and_gets_the_next_number(checkout: Path) -> None:
    versions = checkout / "alembic" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_people.py").touch()
    nameless, named = (
        run(checkout, "make", "migration"),
        run(checkout, "make", "migration", "name=add claims"),
    )
    assert nameless.returncode != 0
    assert "name=" in nameless.stderr
    assert named.stdout.strip().endswith("--message add claims --rev-id 0002")


def test_only_the_demo_forgets_and_cleaning_keeps_what_is_stored(checkout: Path) -> None:
    for stored in (
        "var/demo/volya.db",
        "var/volya.db",
        "bot/__pycache__/app.pyc",
        "tests/a.py",
        "alembic/env.py",
    ):
        write_program(checkout / stored, "")
    assert run(checkout, "make", "demo-reset").returncode == 0
    assert [path.name for path in (checkout / "var").iterdir()] == ["volya.db"]
    assert run(checkout, "make", "clean").returncode == 0
    assert (checkout / "var/volya.db").exists()
    assert not any((checkout / gone).exists() for gone in (".venv", ".tools", "bot/__pycache__"))


@pytest.fixture
def continuous(tmp_path: Path) -> Path:
    """Copy the script of continuous integration to a machine that lacks nothing and does as RESULT says."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    write_program(tmp_path / "bin/dpkg-query", '#!/bin/sh\necho "install ok installed"\n')
    write_program(tmp_path / "bin/apt-get", '#!/bin/sh\necho "apt-get $*"\n')
    return tmp_path


@pytest.mark.parametrize(
    ("last_line", "status", "accepted"),
    [
        ("not run: 0", 0, True),
        ("not run: 2 (browser tests need Chromium)", 0, False),
        ("3 passed in 0.1s", 0, False),
        ("not run: 0", 1, False),
    ],
)
def test_integration_accepts_only_a_run_of_every_test(
    continuous: Path, last_line: str, status: int, accepted: bool
) -> None:
    makefile = f"test:\n\t@echo '3 passed in 0.1s'\n\t@echo '{last_line}'\n\t@exit {status}\n"
    (continuous / "Makefile").write_text(makefile)
    done = run(continuous, "env", f"PATH={continuous}/bin:/usr/bin:/bin", "CI=true", ".ci/run")
    assert (done.returncode == 0) is accepted
    assert done.stdout.splitlines() == ["3 passed in 0.1s", last_line]


def test_who_contributes_is_told_to_install_what_integration_installs() -> None:
    packages = re.search(r"^packages=\((.*)\)$", (ROOT / ".ci/run").read_text(), re.MULTILINE)
    assert packages is not None
    told = re.search(r"^apt install (.*)$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert told is not None
    assert sorted(told[1].split()) == sorted(packages[1].split())


def test_integration_installs_what_is_missing(continuous: Path) -> None:
    (continuous / "Makefile").write_text("test:\n\t@echo 'not run: 0'\n")
    write_program(
        continuous / "bin/dpkg-query", '#!/bin/sh\ntest "$4" != make && echo "install ok installed"\n'
    )
    done = run(continuous, "env", f"PATH={continuous}/bin:/usr/bin:/bin", ".ci/run")
    updated, installed, *_ = done.stdout.splitlines()
    assert done.returncode == 0
    assert updated.startswith("apt-get update")
    assert installed.endswith("--no-install-recommends make")
