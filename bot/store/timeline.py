"""The timeline as stored: release events, diplomacy, sanctions and counts, read as domain objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import RowMapping, Table, func, select

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
from bot.store.database import Reading
from bot.store.sources import sources_of
from bot.store.tables import diplomacy_event, listed_count, release_event, sanction, seed_import

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that is dated around releases, newest first, and by what it is known that nothing changed."""

    signature: tuple[Any, ...]
    events: list[ReleaseEvent]
    diplomacy: list[DiplomacyEvent]
    sanctions: list[Sanction]
    counts: list[ListedCount]


_TABLES = (release_event, diplomacy_event, sanction, listed_count)
_SIGNATURE = select(
    # Rows change in an import only, and the seed's digest with them.
    select(func.max(seed_import.c.digest)).scalar_subquery(),
    *(select(func.count()).select_from(each).scalar_subquery() for each in _TABLES),
    *(select(func.max(each.c.id)).scalar_subquery() for each in _TABLES),
)


async def timeline(connection: Reading, before: Timeline | None = None) -> Timeline:
    """Return the timeline; the one read before, where nothing has changed since."""
    signature = tuple((await connection.execute(_SIGNATURE)).one())
    if before is not None and before.signature == signature:
        return before
    return Timeline(
        signature,
        await release_events(connection),
        await diplomacy_events(connection),
        await sanctions(connection),
        await listed_counts(connection),
    )


async def release_events(connection: Reading) -> list[ReleaseEvent]:
    """Return every release, newest first."""
    return await _all(connection, "event", release_event, _release_event)


async def diplomacy_events(connection: Reading) -> list[DiplomacyEvent]:
    """Return every visit, talk and statement, newest first."""
    return await _all(connection, "diplomacy", diplomacy_event, _diplomacy_event)


async def sanctions(connection: Reading) -> list[Sanction]:
    """Return every act of sanctions, newest first."""
    return await _all(connection, "sanction", sanction, _sanction)


async def listed_counts(connection: Reading) -> list[ListedCount]:
    """Return every count of listed prisoners, newest first."""
    return await _all(connection, "count", listed_count, _listed_count)


async def _all(
    connection: Reading,
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
