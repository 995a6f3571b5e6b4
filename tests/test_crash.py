"""Killed between commit and acknowledgement: what was asked is done and answered after the restart."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from bot.desk.desk import Desk
from bot.store.database import Database
from tests.running import plan_for, running


@pytest.mark.parametrize("said", ["Статкевич", "/releases", "/privacy"])
async def test_a_command_killed_before_its_acknowledgement_is_answered_after_restart(
    seeded: Database, tmp_path: Path, said: str
) -> None:
    del seeded
    desk = Desk()
    async with desk.serving() as url:
        plan = plan_for(desk, url, tmp_path)
        sister = desk.person("Марыя", language_code="ru")
        sister.says(said)
        dying = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.crashing", url, desk.token, str(tmp_path)
        )
        assert await asyncio.wait_for(dying.wait(), 20) == -9
        assert desk.pending_updates == 1
        assert not [message for message in sister.history if message.from_bot]
        async with running(plan):
            await sister.hears()
            await desk.settled()
        assert len([message for message in sister.history if message.from_bot]) == 1
    assert desk.violations == []
