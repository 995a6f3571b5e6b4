"""How long the long proofs are: a seeded slice of each by default, all of each with --prove."""

import hypothesis
import pytest


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


@pytest.fixture(scope="session")
def whole_proof(request: pytest.FixtureRequest) -> bool:
    """Tell a long proof whether to run whole."""
    return bool(request.config.getoption("prove"))
