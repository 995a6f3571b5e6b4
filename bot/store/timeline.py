"""The timeline as stored: release events, diplomacy, sanctions and counts, read as domain objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import RowMapping, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.people import Source, When
from bot.domain.timeline import (
    ActKind,
    DiplomacyEvent,
    ListedCount,
    Qualifier,
    ReleaseEvent,
    ReleaseKind,
    Sanction,
    SanctionAction,
    Text,
)
from bot.store.sources import sources_of
from bot.store.tables import diplomacy_event, listed_count, release_event, sanction

_T = TypeVar("_T")


async def release_events(connection: AsyncConnection) -> list[ReleaseEvent]:
    """Return every release, newest first."""
    return await _all(connection, "event", release_event, _release_event)


async def diplomacy_events(connection: AsyncConnection) -> list[DiplomacyEvent]:
    """Return every visit, talk and statement, newest first."""
    return await _all(connection, "diplomacy", diplomacy_event, _diplomacy_event)


async def sanctions(connection: AsyncConnection) -> list[Sanction]:
    """Return every act of sanctions, newest first."""
    return await _all(connection, "sanction", sanction, _sanction)


async def listed_counts(connection: AsyncConnection) -> list[ListedCount]:
    """Return every count of listed prisoners, newest first."""
    return await _all(connection, "count", listed_count, _listed_count)


async def _all(
    connection: AsyncConnection,
    word: str,
    table: Table,
    read: Callable[[RowMapping, tuple[Source, ...]], _T],
) -> list[_T]:
    query = select(table)
    if "release_event_id" in table.c:
        query = select(table, release_event.c.key.label("event_key")).outerjoin(
            release_event, table.c.release_event_id == release_event.c.id
        )
    rows = (await connection.execute(query.order_by(table.c.date.desc(), table.c.key))).mappings().all()
    sources = await sources_of(connection, word, [row["id"] for row in rows])
    return [read(row, sources.get(row["id"], ())) for row in rows]


def _text(row: RowMapping, name: str) -> Text:
    return Text(row[f"{name}_be"], row[f"{name}_ru"], row[f"{name}_en"])


def _release_event(row: RowMapping, sources: tuple[Source, ...]) -> ReleaseEvent:
    return ReleaseEvent(
        key=row["key"],
        when=When.parse(row["date"]),
        kind=ReleaseKind(row["kind"]),
        number=row["number"],
        qualifier=Qualifier(row["qualifier"]),
        named=row["named"],
        unnamed=row["unnamed"],
        taken_to=tuple(row["taken_to"].split("|")) if row["taken_to"] else (),
        title=_text(row, "title"),
        disagreement=_text(row, "disagreement"),
        sources=sources,
    )


def _diplomacy_event(row: RowMapping, sources: tuple[Source, ...]) -> DiplomacyEvent:
    return DiplomacyEvent(
        key=row["key"],
        when=When.parse(row["date"]),
        kind=ActKind(row["kind"]),
        who=_text(row, "who"),
        where=_text(row, "place"),
        asked=_text(row, "asked"),
        given=_text(row, "given"),
        event_key=row["event_key"],
        sources=sources,
    )


def _sanction(row: RowMapping, sources: tuple[Source, ...]) -> Sanction:
    return Sanction(
        key=row["key"],
        when=When.parse(row["date"]),
        side=row["side"],
        action=SanctionAction(row["action"]),
        text=_text(row, "text"),
        event_key=row["event_key"],
        sources=sources,
    )


def _listed_count(row: RowMapping, sources: tuple[Source, ...]) -> ListedCount:
    return ListedCount(
        key=row["key"],
        when=When.parse(row["date"]),
        qualifier=Qualifier(row["qualifier"]),
        number=row["number"],
        counted_by=row["counted_by"],
        sources=sources,
    )
