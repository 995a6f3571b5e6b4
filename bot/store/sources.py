"""Sources as stored: the pages behind each claim, name, event and act."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.people import Designation, Publisher, PublisherKind, Source, When
from bot.store.database import Reading
from bot.store.tables import publisher, source


async def most_cited(connection: AsyncConnection, most: int) -> tuple[list[Publisher], int]:
    """Return the publishers cited most, and how many pages are cited in all."""
    cited = func.count(source.c.url.distinct())
    query = (
        select(publisher)
        .join(source, source.c.publisher_id == publisher.c.id)
        .group_by(publisher.c.id)
        .order_by(cited.desc(), publisher.c.name)
        .limit(most)
    )
    found = [publisher_of(row) for row in (await connection.execute(query)).mappings()]
    pages = (await connection.execute(select(cited))).scalar_one()
    return found, pages


def publisher_of(row: RowMapping) -> Publisher:
    """Return a publisher as stored."""
    return Publisher(row["name"], PublisherKind(row["kind"]), Designation(row["designation"]))


@cache
def _pages_of(word: str) -> Select[Any]:
    """Return the statement that finds pages, put together once: that takes longer than carrying it out."""
    subject = source.c[f"{word}_id"]
    return (
        select(subject.label("subject_id"), source, publisher)
        .join(publisher, source.c.publisher_id == publisher.c.id)
        .where(subject.in_(bindparam("ids", expanding=True)))
        .order_by(source.c.published_on.desc(), publisher.c.name, source.c.url)
    )


async def sources_of(connection: Reading, word: str, ids: Collection[int]) -> dict[int, tuple[Source, ...]]:
    """Return the sources of rows by their id; `word` is one of `tables.SOURCED`. Newest page first."""
    found: dict[int, list[Source]] = {}
    for row in (await connection.execute(_pages_of(word), {"ids": list(ids)})).mappings():
        found.setdefault(row["subject_id"], []).append(
            Source(
                publisher=publisher_of(row),
                url=row["url"],
                published_on=When.parse(row["published_on"]) if row["published_on"] else None,
                origin=row["origin"],
                read_on=row["read_on"],
            )
        )
    return {subject_id: tuple(sources) for subject_id, sources in found.items()}
