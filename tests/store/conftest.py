"""What tests of the vault ask for: a place for one, on each kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.vaults import Home


@pytest.fixture(params=["sqlite", "postgres"])
def vault_address(request: pytest.FixtureRequest) -> str | None:
    """Where a vault's rows lie: None for files, or a PostgreSQL database, emptied."""
    return str(request.getfixturevalue("empty_postgres")) if request.param == "postgres" else None


@pytest.fixture
async def home(vault_address: str | None, tmp_path: Path) -> AsyncIterator[Home]:
    """A place for a vault of each kind, where there is none yet."""
    home = Home(tmp_path, vault_address)
    yield home
    await home.close()
