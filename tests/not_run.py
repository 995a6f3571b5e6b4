"""The last line of a test run: how many tests were not run, and why; a skipped test is never silent.

A test that needs something a machine may lack says so: `@pytest.mark.needs("chromium")`. When the need is
not met the test is deselected, named and counted. A test left out by any other road (a skip, -k, an early
stop) is counted too.
"""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHROMIUM_NAMES = ("chromium-headless-shell", "chromium")


@dataclass(frozen=True)
class Need:
    """Something outside the project that some tests cannot do without."""

    reason: str
    is_met: Callable[[], bool]


def find_chromium() -> str | None:
    """Find the browser that the page tests drive."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def find_shared_python() -> str | None:
    """Find a Python 3.11 with pip that every user of this machine may run, as that of an image would be."""
    here = Path(sys.base_prefix, "bin", "python3.11")
    for python in (here, Path("/usr/bin/python3.11"), Path("/usr/local/bin/python3.11")):
        if is_for_everyone(python) and succeeds(str(python), "-m", "pip", "--version"):
            return str(python)
    return None


def is_for_everyone(program: Path) -> bool:
    """Return whether a program exists and no folder on the way to it is closed to other users."""
    return program.is_file() and all(folder.stat().st_mode & 0o001 for folder in program.resolve().parents)


def succeeds(*command: str) -> bool:
    """Return whether a command ends well."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own commands


def package_index_answers() -> bool:
    """Return whether the package index, whichever one pip is told to use, answers a question."""
    python = find_shared_python()
    question = ("-m", "pip", "--retries=0", "--timeout=10", "index", "versions", "uv")
    return python is not None and succeeds(python, *question)


def knows_belarusian() -> bool:
    """Return whether Debian's Belarusian dictionary and the program that reads it are here."""
    return shutil.which("hunspell") is not None and Path("/usr/share/hunspell/be_BY.dic").exists()


NEEDS = {
    "chromium": Need("browser tests need Chromium", lambda: find_chromium() is not None),
    "hunspell-be": Need("the Belarusian of articles needs hunspell-be", knows_belarusian),
    "package index": Need("replaying the image needs a package index", package_index_answers),
    "shared python": Need(
        "replaying the image needs a Python 3.11 that every user may run",
        lambda: find_shared_python() is not None,
    ),
}


def needs_of(item: pytest.Item) -> list[str]:
    """List what one test needs, in the order its markers name it; `browser` is short for Chromium."""
    names = [str(name) for marker in item.iter_markers("needs") for name in marker.args]
    return [*names, "chromium"] if item.get_closest_marker("browser") else names


class NotRun:
    """Remember every test that was collected and did not run, with the reason."""

    def __init__(self) -> None:
        self.named: dict[str, str] = {}
        self.others_deselected = 0
        self.collected: set[str] = set()
        self.ran: set[str] = set()
        self.met: dict[str, bool] = {}

    def unmet_need(self, item: pytest.Item) -> Need | None:
        for name in needs_of(item):
            if name not in NEEDS:
                raise pytest.UsageError(f"{item.nodeid} needs {name!r}, which is not one of {sorted(NEEDS)}")
            if name not in self.met:
                self.met[name] = NEEDS[name].is_met()
            if not self.met[name]:
                return NEEDS[name]
        return None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        unmet = {item: need for item in items if (need := self.unmet_need(item))}
        self.named |= {item.nodeid: need.reason for item, need in unmet.items()}
        items[:] = [item for item in items if item not in unmet]
        if unmet:
            config.hook.pytest_deselected(items=list(unmet))

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self.others_deselected += sum(item.nodeid not in self.named for item in items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.named[report.nodeid] = skip_reason(report)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.collected = {item.nodeid for item in session.items}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.named[report.nodeid] = skip_reason(report)
        self.ran.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """In a worker process, hand over what only it knows: which tests it left out."""
        output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["not_run"] = (self.named, self.others_deselected, sorted(self.collected))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker left out; all workers collect the same tests."""
        named, deselected, collected = getattr(node, "workeroutput", {}).get("not_run", ({}, 0, []))
        self.named |= named
        self.others_deselected = max(self.others_deselected, deselected)
        self.collected |= set(collected)

    def closing_line(self) -> str:
        reasons = Counter(self.named.values())
        reasons["deselected"] += self.others_deselected
        reasons["stopped early"] += len(self.collected - self.ran)
        reasons = +reasons
        return f"not run: {reasons.total()}" + (f" ({in_words(reasons)})" if reasons else "")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.named:
            terminalreporter.section("not run")
        for nodeid, reason in sorted(self.named.items()):
            terminalreporter.line(f"{nodeid}: {reason}")

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        if hasattr(config, "workerinput"):
            return  # the process that started this one says it
        # After pytest's own closing line, so that whoever reads only the last line reads this one.
        terminal = config.get_terminal_writer()
        terminal.line(self.closing_line())
        terminal.flush()


def skip_reason(report: pytest.CollectReport | pytest.TestReport) -> str:
    """Read the reason out of a skip's report."""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return "skipped"


def in_words(reasons: Counter[str]) -> str:
    """Say each reason once, with its count when there are several reasons."""
    if len(reasons) == 1:
        return next(iter(reasons))
    return "; ".join(f"{count}: {reason}" for reason, count in reasons.most_common())


def pytest_configure(config: pytest.Config) -> None:
    """Take part in this run and declare the markers."""
    config.addinivalue_line("markers", "needs(name): what the machine must have, one of tests.not_run.NEEDS")
    config.addinivalue_line("markers", "browser: drives a page in Chromium")
    config.pluginmanager.register(NotRun(), "not_run")
