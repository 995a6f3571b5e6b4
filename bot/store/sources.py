"""Sources as stored: the pages behind each claim, name, event and act."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.people import Designation, Publisher, PublisherKind, Source, When
from bot.store.tables import publisher, source


async def sources_of(
    connection: AsyncConnection, word: str, ids: Collection[int]
) -> dict[int, tuple[Source, ...]]:
    """Return the sources of rows by their id; `word` is one of `tables.SOURCED`. Newest page first."""
    subject = source.c[f"{word}_id"]
    query = (
        select(subject.label("subject_id"), source, publisher)
        .join(publisher, source.c.publisher_id == publisher.c.id)
        .where(subject.in_(ids))
        .order_by(source.c.published_on.desc(), publisher.c.name, source.c.url)
    )
    found: dict[int, list[Source]] = {}
    for row in (await connection.execute(query)).mappings():
        found.setdefault(row["subject_id"], []).append(
            Source(
                publisher=Publisher(row["name"], PublisherKind(row["kind"]), Designation(row["designation"])),
                url=row["url"],
                published_on=When.parse(row["published_on"]) if row["published_on"] else None,
                origin=row["origin"],
                read_on=row["read_on"],
            )
        )
    return {subject_id: tuple(sources) for subject_id, sources in found.items()}
