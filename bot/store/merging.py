"""Records of one person made one: proposals, the move itself, and whom an old number means now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.people import ClaimState, Consent, NameKind, When
from bot.domain.publishing import PublicationState
from bot.store.people import SPOKEN
from bot.store.publications import waits
from bot.store.registry import EDITORS_BATCH, LIST_BATCH, SEED_BATCH
from bot.store.tables import (
    claim,
    person,
    person_alias,
    person_name,
    proposal,
    publication,
    publication_person,
    source,
)

_OPEN, _DECLINED = "open", "declined"
_EDITED = (claim.c.batch == EDITORS_BATCH) | (claim.c.revision > 1)
"""What editors reported, or corrected of an import."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two records that may be of one person, by their keys: the first would become the second."""

    person: str
    into: str


async def propose(connection: AsyncConnection, pairs: Collection[tuple[str, str]]) -> int:
    """Propose pairs of keys once, in either order; what was declined stays so. Return how many are new."""
    keys = {key for pair in pairs for key in pair}
    rows = await connection.execute(select(person.c.key, person.c.id).where(person.c.key.in_(keys)))
    ids = {key: row_id for key, row_id in rows}
    known = {tuple(row) for row in await connection.execute(select(proposal.c.person_id, proposal.c.into_id))}
    found = {(ids[one], ids[other]) for one, other in pairs if one in ids and other in ids}
    found = {(one, other) for one, other in found if not known & {(one, other), (other, one)}}
    if found:
        added = [{"person_id": one, "into_id": other, "state": _OPEN} for one, other in sorted(found)]
        await connection.execute(proposal.insert(), added)
    return len(found)


async def proposals(connection: AsyncConnection) -> list[Proposal]:
    """Return what waits for an editor's decision."""
    into = person.alias("into")
    query = (
        select(person.c.key, into.c.key)
        .select_from(proposal)
        .join(person, proposal.c.person_id == person.c.id)
        .join(into, proposal.c.into_id == into.c.id)
        .where(proposal.c.state == _OPEN)
        .order_by(proposal.c.id)
    )
    return [Proposal(*row) for row in await connection.execute(query)]


async def decline(connection: AsyncConnection, one: str, other: str) -> bool:
    """Remember that two records are of two people, proposed or not; False where either is not there."""
    query = select(person.c.key, person.c.id).where(person.c.key.in_([one, other]))
    ids = {key: row_id for key, row_id in await connection.execute(query)}
    if len(ids) != 2:
        return False
    theirs = proposal.c.person_id.in_(ids.values()) & proposal.c.into_id.in_(ids.values())
    if not (await connection.execute(proposal.update().where(theirs).values(state=_DECLINED))).rowcount:
        declined = {"person_id": ids[one], "into_id": ids[other], "state": _DECLINED}
        await connection.execute(proposal.insert().values(**declined))
    return True


async def is_shipped(connection: AsyncConnection, key: str) -> bool:
    """Return whether the seed brought anything of a person: each newer one would speak of them apart."""
    for table in (person_name, claim):
        theirs = select(table.c.id).join(person, table.c.person_id == person.c.id)
        if (await connection.execute(theirs.where(person.c.key == key, table.c.batch == SEED_BATCH))).first():
            return True
    return False


async def is_under_way(connection: AsyncConnection, key: str, since: int) -> bool:
    """Return whether a publication naming a person has not gone yet, or with a number above `since`."""
    goes = (publication.c.state == PublicationState.GOING.value) & (publication.c.number > since)
    query = (
        select(publication.c.id)
        .join(publication_person, publication_person.c.publication_id == publication.c.id)
        .join(person, publication_person.c.person_id == person.c.id)
        .where(person.c.key == key, waits() | goes)
    )
    return (await connection.execute(query)).first() is not None


async def tells_what_is_silenced(connection: AsyncConnection, one: str, other: str) -> bool:
    """Return whether the first of two records, made the second, would tell what a family silenced in either.

    An import's claims of the first, unedited, do not count: they are taken back when it becomes the second.
    """
    columns = (person.c.key, claim.c.kind, claim.c.date, claim.c.batch)
    theirs = select(*columns).join(claim, claim.c.person_id == person.c.id)
    is_silent = claim.c.consent == Consent.SUPPRESSED.value
    stays = (person.c.key == other) | _EDITED
    ours = theirs.where(person.c.key.in_([one, other]))
    silent = (await connection.execute(ours.where(is_silent))).all()
    told = (await connection.execute(ours.where(~is_silent, SPOKEN, stays))).all()
    return any(
        quiet.key != said.key
        and quiet.kind == said.kind
        # What a list says moves with its exports: silence about it holds on any day.
        and (
            quiet.batch == said.batch == LIST_BATCH or When.parse(quiet.date).overlaps(When.parse(said.date))
        )
        for quiet in silent
        for said in told
    )


async def merge(connection: AsyncConnection, one: str, other: str) -> bool:
    """Make everything of one person the other's, and the old number an alias; False if either is not there.

    Readers' rows go on holding the old number, which the table `person_alias` leads on.
    """
    rows = await connection.execute(select(person).where(person.c.key.in_([one, other])))
    people = {row.key: row for row in rows}
    if len(people) != 2:
        return False
    gone, kept = people[one], people[other]
    await _move_names(connection, gone.id, kept.id)
    # What a list said of the one would change the other's status unweighed: the next import weighs it.
    # What editors corrected of it stays: one of them would undo what two said, and could free somebody.
    listed = (claim.c.person_id == gone.id) & ~_EDITED
    await connection.execute(claim.update().where(listed).values(state=ClaimState.RETRACTED.value))
    for table in (claim, publication_person, person_alias):
        moved = table.update().where(table.c.person_id == gone.id).values(person_id=kept.id)
        await connection.execute(moved)
    about = (proposal.c.person_id == gone.id) | (proposal.c.into_id == gone.id)
    await connection.execute(proposal.delete().where(about))
    await connection.execute(person.delete().where(person.c.id == gone.id))
    alias = {"key": gone.key, "number": gone.number, "person_id": kept.id}
    await connection.execute(person_alias.insert().values(**alias))
    return True


async def _move_names(connection: AsyncConnection, gone: int, kept: int) -> None:
    """Give names over: one the other has already goes, one to show becomes another spelling."""
    ours = (await connection.execute(select(person_name).where(person_name.c.person_id == kept))).all()
    theirs = (await connection.execute(select(person_name).where(person_name.c.person_id == gone))).all()
    held = {(name.language, name.text) for name in ours}
    shown = {name.language for name in ours if name.kind == NameKind.MAIN.value}
    for name in theirs:
        this = person_name.c.id == name.id
        if (name.language, name.text) in held:
            await connection.execute(source.delete().where(source.c.name_id == name.id))
            await connection.execute(person_name.delete().where(this))
            continue
        kind = _kind_beside(name, shown)
        await connection.execute(person_name.update().where(this).values(person_id=kept, kind=kind))


def _kind_beside(name: Row[tuple[object, ...]], shown: Collection[str]) -> str:
    is_second = name.kind == NameKind.MAIN.value and name.language in shown
    return NameKind.SPELLING.value if is_second else str(name.kind)


async def keys_now(connection: AsyncConnection) -> dict[str, str]:
    """Return the key that each merged one has become."""
    query = select(person_alias.c.key, person.c.key).join(person, person_alias.c.person_id == person.c.id)
    return {old: now for old, now in await connection.execute(query)}
