"""Counts: how often an article was found useful in a week. No row knows who said so, or when."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import usefulness

Weekly = dict[tuple[str, str], tuple[int, int]]
"""By ISO week (`2026-W48`) and topic: how many found it useful, and how many did not."""


async def add(connection: AsyncConnection, week: str, topic: str, taps: int, *, useful: bool) -> None:
    """Count so many more, inside the caller's transaction; two writers of one row both count."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    column = usefulness.c.useful if useful else usefulness.c.not_useful
    row = {"week": week, "topic": topic, "useful": 0, "not_useful": 0, column.name: taps}
    await connection.execute(
        insert(usefulness)
        .values(row)
        .on_conflict_do_update(index_elements=["week", "topic"], set_={column.name: column + taps})
    )


async def weekly(connection: AsyncConnection) -> Weekly:
    """Return every count."""
    rows = await connection.execute(select(usefulness).order_by(usefulness.c.week, usefulness.c.topic))
    return {(row.week, row.topic): (row.useful, row.not_useful) for row in rows}
