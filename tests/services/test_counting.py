"""Counting useful articles: by week, linked to nobody, shown from ten on."""

from __future__ import annotations

from datetime import date

from sqlalchemy import inspect

from bot.services.counting import Counting, week_of
from bot.store.database import Database
from bot.store.tables import usefulness

MONDAY = date(2026, 11, 23)


async def test_counts_are_kept_by_week_and_topic_and_small_ones_are_not_shown(database: Database) -> None:
    day = MONDAY
    counting = Counting(database, lambda: day)
    for _ in range(8):
        await counting.count("parcels", useful=True)
    await counting.count("parcels", useful=False)
    assert await counting.lines() == []

    await counting.count("parcels", useful=False)
    day = date(2026, 11, 30)
    for _ in range(9):
        await counting.count("parcels", useful=True)

    assert await counting.lines() == ["2026-W48  parcels  useful 8 of 10"]


async def test_a_row_has_room_for_nobody(database: Database) -> None:
    async with database.reading() as connection:
        found = await connection.run_sync(lambda sync: inspect(sync).get_columns("usefulness"))

    assert {column["name"] for column in found} == {"id", "week", "topic", "useful", "not_useful"}
    assert set(usefulness.c.keys()) == {"id", "week", "topic", "useful", "not_useful"}


def test_a_week_is_the_iso_one() -> None:
    assert [week_of(day) for day in (MONDAY, date(2027, 1, 1), date(2024, 12, 30))] == [
        *("2026-W48", "2026-W53", "2025-W01"),
    ]
