"""Counting useful articles: by week, linked to nobody, shown from ten on."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable, DropTable

from bot.services.counting import Counting, week_of
from bot.store.counts import Count
from bot.store.database import Database
from bot.store.tables import usefulness

MONDAY = date(2026, 11, 23)


async def test_counts_are_kept_by_week_and_topic_and_small_ones_are_not_shown(database: Database) -> None:
    day = MONDAY
    counting = Counting(database, lambda: day)
    for _ in range(8):
        counting.count("parcels", Count.USEFUL)
    counting.count("parcels", Count.NOT_USEFUL)
    await counting.flush()
    assert await counting.lines() == []

    counting.count("parcels", Count.NOT_USEFUL)
    day = date(2026, 11, 30)
    for _ in range(9):
        counting.count("parcels", Count.USEFUL)
    await counting.flush()

    assert await counting.lines() == ["2026-W48  parcels  useful 8 of 10"]


async def test_two_processes_that_count_the_same_article_first_both_count(database: Database) -> None:
    here, there = (Counting(database, lambda: MONDAY) for _ in range(2))
    for _ in range(5):
        here.count("parcels", Count.USEFUL)
        there.count("parcels", Count.USEFUL)
    await asyncio.gather(here.flush(), there.flush())

    assert await here.lines() == ["2026-W48  parcels  useful 10 of 10"]


async def test_a_count_that_could_not_be_written_waits(database: Database) -> None:
    counting = Counting(database, lambda: MONDAY)
    for _ in range(10):
        counting.count("parcels", Count.USEFUL)
    async with database.writing() as connection:
        await connection.execute(DropTable(usefulness))
    with pytest.raises(DBAPIError):
        await counting.flush()
    async with database.writing() as connection:
        await connection.execute(CreateTable(usefulness))
    await counting.flush()
    await counting.flush()

    assert await counting.lines() == ["2026-W48  parcels  useful 10 of 10"]


async def test_what_was_chosen_from_among_several_is_counted_apart(database: Database) -> None:
    counting = Counting(database, lambda: MONDAY)
    for _ in range(10):
        counting.count("letters", Count.CHOSEN)
    await counting.flush()

    assert await counting.lines() == ["2026-W48  letters  chosen from among several: 10"]


async def test_a_row_has_room_for_nobody(database: Database) -> None:
    columns = {"id", "week", "topic", "useful", "not_useful", "chosen"}
    async with database.reading() as connection:
        found = await connection.run_sync(lambda sync: inspect(sync).get_columns("usefulness"))

    assert {column["name"] for column in found} == columns
    assert set(usefulness.c.keys()) == columns


def test_a_week_is_the_iso_one() -> None:
    assert [week_of(day) for day in (MONDAY, date(2027, 1, 1), date(2024, 12, 30))] == [
        *("2026-W48", "2026-W53", "2025-W01"),
    ]
