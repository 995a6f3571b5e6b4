"""Claims under review as stored: in every state, with a correction that waits beside what is published."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.people import (
    ClaimKind,
    ClaimState,
    Consent,
    Designation,
    Publisher,
    PublisherKind,
    Source,
    When,
)
from bot.domain.publishing import UNPUBLISHED, Case, Content, PublicationState
from bot.store.people import claim_of
from bot.store.registry import EDITORS_BATCH
from bot.store.sources import publisher_of, sources_of
from bot.store.tables import (
    claim,
    correction,
    detention_place,
    person,
    publication,
    publication_person,
    publisher,
    release_event,
    source,
)

_UNPUBLISHED = claim.c.state.in_(sorted(state.value for state in UNPUBLISHED))


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case with where it lies. Its approvals are in the audit, and not in `case`."""

    id: int
    key: str
    person_id: int
    case: Case


async def find_case(connection: AsyncConnection, key: str) -> StoredCase | None:
    """Return a claim of any state and consent, or None; a waiting correction is no claim of its own."""
    drafts = select(correction.c.draft_id)
    found = await _cases(connection, (claim.c.key == key) & claim.c.id.not_in(drafts))
    return next(iter(found.values()), None)


async def cases_of(connection: AsyncConnection, claim_ids: Collection[int]) -> dict[int, StoredCase]:
    """Return claims that are there, by their id: a release of many is read as a whole."""
    return await _cases(connection, claim.c.id.in_(claim_ids))


async def cases_about(connection: AsyncConnection, person_key: str, kind: ClaimKind) -> list[StoredCase]:
    """Return every claim of a kind about a person, under whatever key."""
    found = await _cases(connection, (person.c.key == person_key) & (claim.c.kind == kind.value))
    return list(found.values())


async def _cases(connection: AsyncConnection, where: ColumnElement[bool]) -> dict[int, StoredCase]:
    rows = (await connection.execute(_query().where(where))).mappings().all()
    waiting = correction.c.claim_id.in_([row["id"] for row in rows])
    drafts = dict(
        (await connection.execute(select(correction.c.claim_id, correction.c.draft_id).where(waiting))).all()
    )
    drafted = claim.c.id.in_(drafts.values())
    drawn = (await connection.execute(_query().where(drafted))).mappings().all() if drafts else []
    pages = await sources_of(connection, "claim", [row["id"] for row in (*rows, *drawn)])
    contents = {row["id"]: _content(row, pages.get(row["id"], ())) for row in (*rows, *drawn)}
    found = {}
    for row in rows:
        draft = contents.get(drafts.get(row["id"], 0))
        case = Case(contents[row["id"]], ClaimState(row["state"]), row["revision"], draft=draft)
        found[row["id"]] = StoredCase(row["id"], row["key"], row["person_id"], case)
    return found


def _query() -> Select[Any]:
    return (
        select(
            claim,
            person.c.key.label("person_key"),
            detention_place.c.key.label("place_key"),
            release_event.c.key.label("event_key"),
        )
        .join(person, claim.c.person_id == person.c.id)
        .outerjoin(detention_place, claim.c.place_id == detention_place.c.id)
        .outerjoin(release_event, claim.c.release_event_id == release_event.c.id)
    )


def _content(row: RowMapping, pages: tuple[Source, ...]) -> Content:
    return Content.of(claim_of(row, pages), row["person_key"], row["family_word"])


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list of claims: enough to choose one by."""

    key: str
    person: str
    kind: ClaimKind
    when: When
    state: ClaimState
    consent: Consent
    waiting: bool


async def listed(connection: AsyncConnection) -> list[Listed]:
    """Return claims that wait for an editor, and those editors reported, oldest first."""
    return await _listed(connection, _UNPUBLISHED | (claim.c.batch == EDITORS_BATCH) | _WAITING)


async def listed_about(connection: AsyncConnection, person_key: str) -> list[Listed]:
    """Return every claim about a person, whoever entered it and whoever may be told, oldest first."""
    return await _listed(connection, person.c.key == person_key)


_WAITING = claim.c.id.in_(select(correction.c.claim_id))


async def _listed(connection: AsyncConnection, where: ColumnElement[bool]) -> list[Listed]:
    drafts = select(correction.c.draft_id)
    query = _query().add_columns(_WAITING.label("waiting")).where(where, claim.c.id.not_in(drafts))
    rows = (await connection.execute(query.order_by(claim.c.date, claim.c.id))).mappings()
    return [
        Listed(
            row["key"],
            row["person_key"],
            ClaimKind(row["kind"]),
            When.parse(row["date"]),
            ClaimState(row["state"]),
            Consent(row["consent"]),
            bool(row["waiting"]),
        )
        for row in rows
    ]


async def named_in(connection: AsyncConnection, event_key: str) -> list[str]:
    """Return the keys of the public claims of a release of which not everybody was told, in their order.

    They are not published yet, or what was published of them has not gone.
    """
    in_others = select(publication_person.c.claim_id).join(
        publication, publication_person.c.publication_id == publication.c.id
    )
    not_gone = publication.c.state != PublicationState.GOING.value
    query = (
        select(claim.c.key)
        .join(release_event, claim.c.release_event_id == release_event.c.id)
        .where(
            release_event.c.key == event_key,
            claim.c.kind == ClaimKind.RELEASED.value,
            claim.c.consent == Consent.PUBLIC.value,
            claim.c.state != ClaimState.RETRACTED.value,
            _UNPUBLISHED | claim.c.id.in_(in_others.where(not_gone)),
            claim.c.id.not_in(select(correction.c.draft_id)),
        )
        .order_by(claim.c.id)
    )
    return list((await connection.execute(query)).scalars())


async def silenced(connection: AsyncConnection, person_key: str, kind: ClaimKind) -> list[When]:
    """Return the dates of claims of this kind about a person that a family asked not to be told."""
    query = (
        select(claim.c.date)
        .join(person, claim.c.person_id == person.c.id)
        .where(
            person.c.key == person_key,
            claim.c.kind == kind.value,
            claim.c.consent == Consent.SUPPRESSED.value,
        )
    )
    return [When.parse(text) for text in (await connection.execute(query)).scalars()]


async def is_silenced(connection: AsyncConnection, content: Content) -> bool:
    """Return whether a family asked, under whatever key, not to be told what this says."""
    [person_key] = content.persons
    dates = await silenced(connection, person_key, content.kind)
    return any(when.overlaps(content.when) for when in dates)


_REFERRED = {"person": person, "place": detention_place, "event": release_event, "publisher": publisher}


async def ids(connection: AsyncConnection, word: str, keys: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return the ids behind keys of one kind: of persons, places, releases, or publishers by name."""
    table = _REFERRED[word]
    key = table.c.name if table is publisher else table.c.key
    rows = await connection.execute(select(key, table.c.id).where(key.in_(keys)))
    return {(word, found): row_id for found, row_id in rows}


async def places(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Return the key and the English name of every place of detention, by key."""
    query = select(detention_place.c.key, detention_place.c.name_en).order_by(detention_place.c.key)
    return [(key, name) for key, name in await connection.execute(query)]


async def publishers(connection: AsyncConnection, names: Sequence[str]) -> dict[str, Publisher]:
    """Return publishers by name; one nobody has entered yet enters as dangerous to name."""
    for name in {*names} - {found for _, found in await ids(connection, "publisher", names)}:
        careful = {"kind": PublisherKind.MEDIA.value, "designation": Designation.NOT_VERIFIED.value}
        await connection.execute(publisher.insert().values(name=name, **careful))
    rows = (await connection.execute(select(publisher).where(publisher.c.name.in_(names)))).mappings()
    return {row["name"]: publisher_of(row) for row in rows}


async def add_case(connection: AsyncConnection, key: str, case: Case) -> StoredCase:
    """Write a new claim; its key must be free."""
    values = {"key": key, "batch": EDITORS_BATCH, **_columns(case.content)}
    written = claim.insert().values(**values, state=case.state.value, revision=case.revision)
    row = (await connection.execute(written.returning(claim.c.id, claim.c.person_id))).one()
    await _write_pages(connection, row.id, case.content.sources)
    return StoredCase(row.id, key, row.person_id, case)


async def save_case(connection: AsyncConnection, stored: StoredCase, case: Case) -> None:
    """Write what became of a claim: its state and content, and the correction that waits, if any."""
    values = {"state": case.state.value, "revision": case.revision}
    if case.content.digest != stored.case.content.digest:
        values |= _columns(case.content)
        await _write_pages(connection, stored.id, case.content.sources)
    await connection.execute(claim.update().where(claim.c.id == stored.id).values(**values))
    if case.draft != stored.case.draft:
        await _drop_draft(connection, stored.id)
        if case.draft is not None:
            # The key of a draft is nobody's: an editor calls it by the claim it would correct.
            draft = await add_case(connection, f"draft-{secrets.token_hex(8)}", Case(case.draft))
            await connection.execute(correction.insert().values(claim_id=stored.id, draft_id=draft.id))


async def _drop_draft(connection: AsyncConnection, claim_id: int) -> None:
    ours = select(correction.c.draft_id).where(correction.c.claim_id == claim_id)
    gone = list((await connection.execute(ours)).scalars())
    await connection.execute(correction.delete().where(correction.c.claim_id == claim_id))
    await connection.execute(source.delete().where(source.c.claim_id.in_(gone)))
    await connection.execute(claim.delete().where(claim.c.id.in_(gone)))


def _columns(content: Content) -> dict[str, Any]:
    [person_key] = content.persons
    return {
        "person_id": _id_behind(person, person_key),
        "kind": content.kind.value,
        "date": str(content.when),
        "outcome": content.outcome.value,
        "country": content.country,
        "passport": content.passport.value if content.passport else None,
        "manner": content.manner.value if content.manner else None,
        "place_id": _id_behind(detention_place, content.place_key),
        "release_event_id": _id_behind(release_event, content.event_key),
        "consent": content.consent.value,
        "family_word": content.family_word,
    }


def _id_behind(table: Table, key: str | None) -> Any:
    return select(table.c.id).where(table.c.key == key).scalar_subquery() if key else None


async def _write_pages(connection: AsyncConnection, claim_id: int, pages: Sequence[Source]) -> None:
    await connection.execute(source.delete().where(source.c.claim_id == claim_id))
    known = await ids(connection, "publisher", [page.publisher.name for page in pages])
    rows = [
        {
            "claim_id": claim_id,
            "publisher_id": known["publisher", page.publisher.name],
            "url": page.url,
            "published_on": str(page.published_on) if page.published_on else None,
            "origin": page.origin,
            "read_on": page.read_on,
        }
        for page in pages
    ]
    if rows:
        await connection.execute(source.insert(), rows)
