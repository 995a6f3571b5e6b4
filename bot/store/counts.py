"""Counts: how often an article was found useful in a week. No row knows who said so, or when."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import usefulness

Weekly = dict[tuple[str, str], tuple[int, int]]
"""By ISO week (`2026-W48`) and topic: how many found it useful, and how many did not."""


async def add(connection: AsyncConnection, week: str, topic: str, *, useful: bool) -> None:
    """Count one more, inside the caller's transaction."""
    column = usefulness.c.useful if useful else usefulness.c.not_useful
    this_row = (usefulness.c.week == week) & (usefulness.c.topic == topic)
    counted = await connection.execute(usefulness.update().where(this_row).values({column: column + 1}))
    if counted.rowcount == 0:
        row = {"week": week, "topic": topic, "useful": int(useful), "not_useful": int(not useful)}
        await connection.execute(usefulness.insert().values(row))


async def weekly(connection: AsyncConnection) -> Weekly:
    """Return every count."""
    rows = await connection.execute(select(usefulness).order_by(usefulness.c.week, usefulness.c.topic))
    return {(row.week, row.topic): (row.useful, row.not_useful) for row in rows}
