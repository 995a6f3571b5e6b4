"""Counts: how often something was tapped for an article in a week. No row knows who tapped, or when."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import usefulness

Weekly = dict[tuple[str, str], Mapping[str, int]]
"""By ISO week (`2026-W48`) and topic: how many taps of each kind."""


class Count(enum.StrEnum):
    """What is counted: each is a column of its table."""

    USEFUL = "useful"
    NOT_USEFUL = "not_useful"
    CHOSEN = "chosen"
    """Taken from among several, when a question did not surely mean one."""


async def add(connection: AsyncConnection, week: str, topic: str, what: Count, taps: int) -> None:
    """Count so many more, inside the caller's transaction; two writers of one row both count."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    column = usefulness.c[what]
    zeros: dict[str, int] = dict.fromkeys(Count, 0)
    row = {"week": week, "topic": topic, **zeros, what: taps}
    await connection.execute(
        insert(usefulness)
        .values(row)
        .on_conflict_do_update(index_elements=["week", "topic"], set_={column.name: column + taps})
    )


async def weekly(connection: AsyncConnection) -> Weekly:
    """Return every count."""
    rows = await connection.execute(select(usefulness).order_by(usefulness.c.week, usefulness.c.topic))
    return {(row.week, row.topic): {name: row._mapping[name] for name in Count} for row in rows}
