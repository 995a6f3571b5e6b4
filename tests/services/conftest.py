"""What tests of services ask for: editors with people to write about, readers beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Database
from tests.editors import Office
from tests.senders import Scene, a_scene


@pytest.fixture
async def office(database: Database) -> Office:
    """Three editors and three placeholder people, on each kind of database."""
    office = Office(database)
    await office.hire("anna", "boris", "vera")
    await office.enter_people(3)
    return office


@pytest.fixture
async def scene(office: Office, tmp_path: Path) -> AsyncIterator[Scene]:
    """The same with a vault."""
    async with a_scene(office, tmp_path) as scene:
        yield scene
