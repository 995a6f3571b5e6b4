"""A desk with the bot on it: type a message, read the reply, over HTTP all the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import app
from bot.desk.desk import Desk
from bot.store.database import Database
from tests.running import running

CONTROLLER = "the editors, desk@volya.example"


@pytest.fixture
async def desk(seeded: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk on which the bot runs with the seed that ships; the test fails if any call was invalid."""
    del seeded  # the bot opens the copy that this fixture made in tmp_path
    desk = Desk()
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        yield desk
    assert desk.violations == []


def plan_for(desk: Desk, url: str, folder: Path) -> app.Plan:
    """Return how to run the bot against a desk."""
    return app.Plan(
        token=desk.token,
        api=url,
        database_url=f"sqlite+aiosqlite:///{folder / 'registry.db'}",
        controller=CONTROLLER,
    )


