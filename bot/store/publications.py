"""Publications as stored: queued by editors, numbered by the sender, held by the circuit breaker."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Row, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.people import ClaimState, Consent
from bot.domain.publishing import Action, Publication, PublicationKind, PublicationState
from bot.domain.subjects import Subject
from bot.store.tables import audit, claim, person, person_alias, publication, publication_person

APPROVERS = 2
_NAMING = publication.join(publication_person, publication_person.c.publication_id == publication.c.id).join(
    claim, publication_person.c.claim_id == claim.c.id
)
_NAMED = (claim.c.consent == Consent.PUBLIC.value) | (
    (claim.c.consent == Consent.FOLLOWERS.value) & publication.c.subject.startswith("claim/")
)
"""Whom a publication still names."""
_FOR_FOLLOWERS = (claim.c.consent == Consent.FOLLOWERS.value) & ~publication.c.subject.startswith("claim/")
"""Whom a release of many names by now to their own followers alone."""
_TAKEN_BACK = claim.c.state == ClaimState.RETRACTED.value
"""Of whom what a publication says was wrong."""


@dataclass(frozen=True, slots=True)
class QueuedPublication:
    """A publication that has no number yet; `confirmations` are 3 once a held one may go after all."""

    id: int
    publication: Publication
    confirmations: int
    state: PublicationState


@dataclass(frozen=True, slots=True)
class StoredPublication:
    """A publication as its row says it; `claims` are ids of claim and person, and the approved revision.

    `revises` is the id of what it corrects or retracts.
    """

    id: int
    subject: str
    revision: str
    kind: PublicationKind
    state: PublicationState
    band: str | None
    number: int | None
    subjects: frozenset[Subject]
    claims: tuple[tuple[int, int, int], ...]
    revises: int | None

    @property
    def waits(self) -> bool:
        """Return whether it has not gone and still may."""
        return self.state in {PublicationState.QUEUED, PublicationState.HELD}


async def queue(
    connection: AsyncConnection,
    subject: str,
    revision: str,
    kind: PublicationKind,
    *,
    subjects: Collection[Subject],
    claims: Sequence[tuple[int, int, int]],
    revises: int | None = None,
    at: datetime,
) -> None:
    """Write down what two editors let go; `claims` are ids of claim and person, and the revision.

    `revises` is the id of the publication that this one corrects or retracts. The sender looks twice a
    second.
    """
    row = publication.insert().values(
        subject=subject,
        revision=revision,
        kind=kind.value,
        subjects=" ".join(str(int(one)) for one in sorted(subjects)),
        revises_id=revises,
        state=PublicationState.QUEUED.value,
        published_at=int(at.timestamp()),
    )
    number = (await connection.execute(row.returning(publication.c.id))).scalar_one()
    columns = ("publication_id", "claim_id", "person_id", "revision")
    people = [dict(zip(columns, (number, *ids), strict=True)) for ids in claims]
    if people:
        await connection.execute(publication_person.insert(), people)


async def queued(connection: AsyncConnection) -> list[QueuedPublication]:
    """Return what has no number yet and may get one, oldest first."""
    found = []
    for row, said in await _read(connection, waits(), publication.c.id):
        thirds = 1 if row.confirmed else 0
        found.append(QueuedPublication(row.id, said, APPROVERS + thirds, PublicationState(row.state)))
    return found


async def let_go(connection: AsyncConnection, publication_id: int, number: int) -> bool:
    """Give a number to a queued publication, or to a held one that was confirmed; False if it may not go.

    It may have been superseded or rejected since it was looked at.
    """
    ready = (publication.c.state == PublicationState.QUEUED.value) | (
        (publication.c.state == PublicationState.HELD.value) & _confirmed()
    )
    going = {"number": number, "state": PublicationState.GOING.value}
    return await _move(connection, (publication.c.id == publication_id) & ready, going)


async def hold(connection: AsyncConnection, publication_id: int, band: str) -> bool:
    """Stop a queued publication until a third editor confirms it; False if it is no longer queued."""
    theirs = (publication.c.id == publication_id) & (publication.c.state == PublicationState.QUEUED.value)
    return await _move(connection, theirs, {"state": PublicationState.HELD.value, "band": band})


async def reject(connection: AsyncConnection, publication_id: int) -> bool:
    """Stop for good what has not gone yet; False if it has gone."""
    rejected = {"state": PublicationState.REJECTED.value}
    return await _move(connection, (publication.c.id == publication_id) & waits(), rejected)


async def supersede(connection: AsyncConnection, publication_id: int) -> None:
    """Let a publication be told no more: it says what must not be said."""
    state = {"state": PublicationState.SUPERSEDED.value}
    await _move(connection, publication.c.id == publication_id, state)


async def quieten(connection: AsyncConnection, publication_id: int) -> None:
    """Let only the followers of its people hear of a publication from now on."""
    await _move(connection, publication.c.id == publication_id, {"subjects": ""})


async def drop_claim(connection: AsyncConnection, publication_id: int, claim_id: int) -> None:
    """Leave one claim out of a publication of several: it was approved singly, and so are the others."""
    theirs = (publication_person.c.publication_id == publication_id) & (
        publication_person.c.claim_id == claim_id
    )
    await connection.execute(publication_person.delete().where(theirs))


async def _move(connection: AsyncConnection, which: ColumnElement[bool], values: dict[str, Any]) -> bool:
    return (await connection.execute(publication.update().where(which).values(**values))).rowcount == 1


def waits() -> ColumnElement[bool]:
    """Return what holds of a publication that has not gone and still may."""
    return publication.c.state.in_([PublicationState.QUEUED.value, PublicationState.HELD.value])


def _confirmed() -> ColumnElement[bool]:
    return (
        select(audit.c.id)
        .where(
            audit.c.action == Action.CONFIRM_HELD.value,
            audit.c.subject == publication.c.subject,
            audit.c.revision == publication.c.revision,
        )
        .exists()
    )


async def going(connection: AsyncConnection, since: int) -> list[Publication]:
    """Return what was let go with a number above `since`, in the order of numbers."""
    return await _told(connection, publication.c.number > since)


async def gone_unasked(connection: AsyncConnection, since: int, ahead: int) -> list[Publication]:
    """Return what got a number above `since` without a third editor, whatever became of it.

    A number above `ahead` was given while the clock was wrong, or after such a one: its approval counts.
    """
    is_recent = (publication.c.number <= ahead) | (publication.c.published_at > since)
    which = (publication.c.number > since) & is_recent & publication.c.band.is_(None)
    return [said for _, said in await _read(connection, which, publication.c.number)]


async def by_numbers(connection: AsyncConnection, first: int, last: int) -> list[Publication]:
    """Return what was let go with these numbers, both ends included, in their order."""
    return await _told(connection, publication.c.number.between(first, last))


async def latest(connection: AsyncConnection) -> int:
    """Return the highest number ever given here, 0 if none was."""
    highest = await connection.execute(select(func.max(publication.c.number)))
    return highest.scalar_one() or 0


async def signature(connection: AsyncConnection, since: int) -> tuple[int, ...]:
    """Return what changes whenever `going` would answer otherwise, in one cheap look.

    Something is let go, taken back, said to fewer, or says nothing of somebody; or records become one.
    """
    return tuple((await connection.execute(_signature(), {"since": since})).one())


@cache
def _signature() -> Select[Any]:
    """Return the statement of `signature`, put together once: the sender asks it twice a second."""
    ours = (publication.c.state == PublicationState.GOING.value) & (
        publication.c.number > bindparam("since", type_=BigInteger)
    )
    sums = (
        select(func.coalesce(func.max(publication.c.number), 0)),
        select(func.count()).select_from(publication).where(ours),
        select(func.coalesce(func.sum(func.length(publication.c.subjects)), 0)).where(ours),
        select(func.count()).select_from(_NAMING).where(ours, _NAMED),
        select(func.count()).select_from(_NAMING).where(ours, _FOR_FOLLOWERS),
        select(func.count()).select_from(_NAMING).where(ours, _TAKEN_BACK),
        select(func.count()).select_from(person_alias),
    )
    return select(*(one.scalar_subquery() for one in sums))


async def _told(connection: AsyncConnection, which: ColumnElement[bool]) -> list[Publication]:
    let_go = publication.c.state == PublicationState.GOING.value
    return [said for _, said in await _read(connection, let_go & which, publication.c.number)]


async def _read(
    connection: AsyncConnection, which: ColumnElement[bool], order: ColumnElement[Any]
) -> list[tuple[Row[Any], Publication]]:
    rows = (await connection.execute(_every_one().where(which).order_by(order))).all()
    people = await _people(connection, [row.id for row in rows])
    return [(row, _publication(row, people.get(row.id, []))) for row in rows]


@cache
def _every_one() -> Select[Any]:
    """Return the statement that finds publications, put together once: whoever follows somebody asks it."""
    revised = publication.alias("revised")
    columns = (publication, revised.c.number.label("revises"), _confirmed().label("confirmed"))
    return select(*columns).outerjoin(revised, publication.c.revises_id == revised.c.id)


class _About(NamedTuple):
    """Somebody a publication is about, by number: who may be told of the claim, and whether it stands."""

    number: int
    consent: Consent
    stands: bool


async def _people(connection: AsyncConnection, ids: Collection[int]) -> dict[int, list[_About]]:
    """Return whom publications are about; numbers of records that became theirs are among them."""
    if not ids:
        return {}
    theirs = publication_person.c.publication_id.in_(ids)
    found: dict[int, list[_About]] = {}
    for table, person_id in ((person, person.c.id), (person_alias, person_alias.c.person_id)):
        columns = (publication_person.c.publication_id, table.c.number, claim.c.consent, ~_TAKEN_BACK)
        numbers = select(*columns).select_from(
            _NAMING.join(table, publication_person.c.person_id == person_id)
        )
        for publication_id, number, consent, stands in await connection.execute(numbers.where(theirs)):
            found.setdefault(publication_id, []).append(_About(number, Consent(consent), bool(stands)))
    return found


def _publication(row: Row[Any], about: Sequence[_About]) -> Publication:
    """Return a publication: somebody silenced since is named no more.

    In a release of many, whose claim is for followers alone stays apart: these may wait for their hour.
    """
    of_one, kind = row.subject.startswith("claim/"), PublicationKind(row.kind)
    people, theirs, silenced = (
        frozenset(one.number for one in about if one.consent is consent)
        for consent in (Consent.PUBLIC, Consent.FOLLOWERS, Consent.SUPPRESSED)
    )
    stand = {one.number for one in about if one.stands or kind is PublicationKind.RETRACTION}
    return Publication(
        number=row.number or 0,
        key=f"{row.subject}@{row.revision}",
        kind=kind,
        people=people | theirs if of_one else people,
        subjects=_subjects(row),
        revises=row.revises or 0,
        published_at=datetime.fromtimestamp(row.published_at, UTC),
        for_followers=_NOBODY if of_one else theirs - people,
        silenced=_NOBODY if of_one else silenced,
        taken_back=frozenset(one.number for one in about if one.number not in stand),
    )


_NOBODY: frozenset[int] = frozenset()


def _subjects(row: Row[Any]) -> frozenset[Subject]:
    return frozenset(Subject(int(one)) for one in row.subjects.split())


async def find(connection: AsyncConnection, publication_id: int) -> StoredPublication | None:
    """Return a publication of any state, or None."""
    found = await _stored(connection, publication.c.id == publication_id)
    return found[0] if found else None


async def every(connection: AsyncConnection) -> list[StoredPublication]:
    """Return all there ever was, in the order of being queued."""
    return await _stored(connection, publication.c.id > 0)


async def on_subject(connection: AsyncConnection, subject: str) -> list[StoredPublication]:
    """Return the publications of one subject, oldest first."""
    return await _stored(connection, publication.c.subject == subject)


async def on_claim(
    connection: AsyncConnection, claim_id: int, *, to_change: bool = False
) -> list[StoredPublication]:
    """Return the publications in which a claim is, singly or among others, oldest first.

    `to_change`: to the end of the transaction they stay as they are, and the sender lets none of them go.
    """
    holding = select(publication_person.c.publication_id).where(publication_person.c.claim_id == claim_id)
    return await _stored(connection, publication.c.id.in_(holding), to_change=to_change)


async def _stored(
    connection: AsyncConnection, which: ColumnElement[bool], *, to_change: bool = False
) -> list[StoredPublication]:
    query = select(publication).where(which).order_by(publication.c.id)
    # On SQLite a writing transaction is alone already.
    rows = (await connection.execute(query.with_for_update() if to_change else query)).all()
    holding = publication_person.c.publication_id.in_([row.id for row in rows])
    inside: dict[int, list[tuple[int, int, int]]] = {}
    members = select(publication_person).where(holding).order_by(publication_person.c.id)
    for member in await connection.execute(members):
        inside.setdefault(member.publication_id, []).append(
            (member.claim_id, member.person_id, member.revision)
        )
    return [
        StoredPublication(
            row.id,
            row.subject,
            row.revision,
            PublicationKind(row.kind),
            PublicationState(row.state),
            row.band,
            row.number,
            _subjects(row),
            tuple(inside.get(row.id, ())),
            row.revises_id,
        )
        for row in rows
    ]
