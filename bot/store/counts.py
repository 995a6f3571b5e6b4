"""Counts: how often something was tapped for an article in a week. No row knows who tapped, or when."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import usefulness

COUNTED = ("useful", "not_useful", "chosen")
Weekly = dict[tuple[str, str], Mapping[str, int]]
"""By ISO week (`2026-W48`) and topic: how many taps of each kind."""


async def add(connection: AsyncConnection, week: str, topic: str, what: str, taps: int) -> None:
    """Count so many more, inside the caller's transaction; two writers of one row both count."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    column = usefulness.c[what]
    row = {"week": week, "topic": topic, **dict.fromkeys(COUNTED, 0), column.name: taps}
    await connection.execute(
        insert(usefulness)
        .values(row)
        .on_conflict_do_update(index_elements=["week", "topic"], set_={column.name: column + taps})
    )


async def weekly(connection: AsyncConnection) -> Weekly:
    """Return every count."""
    rows = await connection.execute(select(usefulness).order_by(usefulness.c.week, usefulness.c.topic))
    return {(row.week, row.topic): {name: row._mapping[name] for name in COUNTED} for row in rows}
