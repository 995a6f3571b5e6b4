"""How long the long proofs are: a seeded slice of each, or with --prove all of each and proofs.json."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

Figure = int | float | str

_FIGURES = pytest.StashKey[dict[str, dict[str, Figure]]]()
PROOFS = Path(__file__).parents[1] / "proofs.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --prove."""
    parser.addoption("--prove", action="store_true", help="run the long proofs whole, not a slice of each")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples each property is tried on."""
    # No deadline and no database: a slow or a shared machine must not change what passes.
    steady = hypothesis.settings(deadline=None, database=None)
    hypothesis.settings.register_profile("slice", steady, max_examples=50, derandomize=True)
    hypothesis.settings.register_profile("whole", steady, max_examples=5_000, print_blob=True)
    hypothesis.settings.load_profile("whole" if config.getoption("prove") else "slice")
    config.addinivalue_line("markers", "proof: a long proof; `make prove` runs all of it")
    config.stash[_FIGURES] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count every property among the proofs."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.proof)


@pytest.fixture(scope="session")
def whole_proof(request: pytest.FixtureRequest) -> bool:
    """Tell a long proof whether to run whole."""
    return bool(request.config.getoption("prove"))


@pytest.fixture
def proved(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Take the figures of a proof, by name, for proofs.json."""

    def note(**figures: Figure) -> None:
        request.config.stash[_FIGURES].setdefault(request.node.nodeid, {}).update(figures)

    return note


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep what each proof came to."""
    if report.when == "call" and "proof" in report.keywords:
        _OUTCOMES[report.nodeid] = {"outcome": report.outcome, "seconds": round(report.duration, 1)}


_OUTCOMES: dict[str, dict[str, Figure]] = {}


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write proofs.json when the proofs were run whole."""
    if session.config.getoption("prove") and _OUTCOMES:
        figures = session.config.stash[_FIGURES]
        proofs = {name: {**outcome, **figures.get(name, {})} for name, outcome in sorted(_OUTCOMES.items())}
        PROOFS.write_text(json.dumps(proofs, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
