"""What a reader does over days, with registry and vault on PostgreSQL: the same as on SQLite."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

from bot.app import Plan, prepare_registry
from bot.desk.desk import Desk
from bot.sources.seed_files import SEED
from bot.store.database import Database
from bot.store.postgres_shelf import PostgresShelf
from bot.store.vault import Vault
from tests.chat.test_following import follow, tap
from tests.conftest import READ_UNTIL
from tests.running import ROOT, Clock, running


async def filled(address: str) -> None:
    database = Database(address)
    await prepare_registry(database, SEED, READ_UNTIL)
    await database.close()


def plan(clock: Clock, desk: Desk, url: str, folder: Path, address: str) -> Plan:
    return dataclasses.replace(clock.plan(desk, url, folder), database_url=address)


async def remembered(address: str, keyring: Path, chat: int) -> bool:
    database = Database(address)
    vault = await Vault.open(PostgresShelf(database), keyring, ROOT)
    try:
        return await vault.read(chat) is not None
    finally:
        await vault.close()
        await database.close()


async def test_follow_restart_a_night_a_clean_chat_and_being_forgotten(
    empty_postgres: str, tmp_path: Path
) -> None:
    await filled(empty_postgres)
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        running_plan = plan(clock, desk, url, tmp_path, empty_postgres)
        async with running(running_plan):
            mother = desk.person("Марыя", language_code="be")
            await follow(mother, "Алесь Бяляцкі")
            await desk.settled()
        async with running(running_plan):
            clock.passes(days=1)
            await desk.until(lambda: mother.history == [])
            await asyncio.sleep(0.5)
            mother.says("/following")
            await mother.hears()
            opened = await tap(mother, "Адкрыць")
            assert "1. Алесь Бяляцкі" in opened.text, "a night of new keys lost nobody"
            await desk.settled()
        assert await remembered(empty_postgres, tmp_path / "keyring", mother.id)
        async with running(running_plan):
            mother.says("/forget")
            await mother.hears()
            mother.taps("Забыць мяне зараз")
            await desk.until(lambda: mother.history == [])
        assert not await remembered(empty_postgres, tmp_path / "keyring", mother.id)
    assert desk.violations == []
