"""People as stored: their names and claims, read back as domain objects."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, RowMapping, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.people import (
    PLACEHOLDER,
    Claim,
    ClaimKind,
    ClaimState,
    Consent,
    Manner,
    Name,
    NameKind,
    Outcome,
    Passport,
    Person,
    Source,
    When,
)
from bot.store.database import Reading
from bot.store.sources import sources_of
from bot.store.tables import NUMBERS, claim, detention_place, person, person_alias, person_name, release_event

VISIBLE = claim.c.consent == Consent.PUBLIC.value
"""Only public claims are counted and listed."""
_NOT_SILENT = claim.c.consent != Consent.SUPPRESSED.value
"""A suppressed one is not even loaded, so no screen can show its shadow; one for followers is left out
by whoever derives a status for others."""

SPOKEN = claim.c.state.in_([ClaimState.PUBLISHED.value, ClaimState.CORRECTED.value])


async def find_people(connection: Reading, numbers: Collection[int]) -> list[Person]:
    """Return people in the order asked for; unknown numbers and people without a name are left out.

    A number that was somebody's until two records became one is theirs still.
    """
    # A forged button may hold any number; one that no column holds is nobody's.
    held = [number for number in numbers if 0 < number <= NUMBERS]
    if not held:
        return []
    by_id: dict[int, RowMapping] = {}
    merged: dict[int, list[int]] = {}
    for row in (await connection.execute(_PERSON, {"numbers": held})).mappings():
        by_id[row["id"]] = row
        if row["old_number"] is not None:
            merged.setdefault(row["id"], []).append(row["old_number"])
    names = await _names_of(connection, by_id.keys())
    claims = await claims_of(connection, by_id.keys())
    found: dict[int, Person] = {}
    for person_id, row in by_id.items():
        if names.get(person_id):
            one = Person(
                number=row["number"],
                key=row["key"],
                names=tuple(names[person_id]),
                claims=tuple(claims.get(person_id, ())),
                birth_year=row["birth_year"],
                merged=frozenset(merged.get(person_id, ())),
            )
            found |= dict.fromkeys(one.numbers, one)
    return list({found[number].number: found[number] for number in held if number in found}.values())


# Put together once: that takes longer than carrying them out.
_MEANT = select(person.c.id).where(person.c.number.in_(bindparam("numbers", expanding=True)))
_MEANT_ONCE = select(person_alias.c.person_id).where(
    person_alias.c.number.in_(bindparam("numbers", expanding=True))
)
_PERSON = (
    select(person, person_alias.c.number.label("old_number"))
    .outerjoin(person_alias, person_alias.c.person_id == person.c.id)
    .where(person.c.id.in_(_MEANT.union_all(_MEANT_ONCE)))
)
_OF_THESE: BindParameter[Any] = bindparam("ids", expanding=True)
_NAMES = select(person_name).where(person_name.c.person_id.in_(_OF_THESE)).order_by(person_name.c.id)
_CLAIMS = (
    select(claim, detention_place.c.key.label("place_key"), release_event.c.key.label("event_key"))
    .outerjoin(detention_place, claim.c.place_id == detention_place.c.id)
    .outerjoin(release_event, claim.c.release_event_id == release_event.c.id)
    .where(claim.c.person_id.in_(_OF_THESE), _NOT_SILENT)
    .order_by(claim.c.date, claim.c.id)
)


async def claims_about(connection: Reading, key: str) -> list[Claim]:
    """Return what is said of a person, oldest first, whether or not they have a name; the silent left out."""
    theirs = list((await connection.execute(select(person.c.id).where(person.c.key == key))).scalars())
    return [claim for found in (await claims_of(connection, theirs)).values() for claim in found]


async def names_by_number(connection: AsyncConnection) -> list[tuple[int, list[Name]]]:
    """Return every stored form of every name, for the index in memory."""
    query = select(person.c.number, person_name).join(person_name, person_name.c.person_id == person.c.id)
    found: dict[int, list[Name]] = {}
    for row in (await connection.execute(query.order_by(person_name.c.id))).mappings():
        found.setdefault(row["number"], []).append(_name(row))
    return list(found.items())


async def named(
    connection: AsyncConnection, keys: Collection[str]
) -> dict[str, tuple[list[Name], int | None]]:
    """Return the names and the year of birth of people, by their keys."""
    query = select(person.c.key, person.c.birth_year, person_name).join(person_name)
    found: dict[str, tuple[list[Name], int | None]] = {}
    which = query.where(person.c.key.in_(keys)).order_by(person_name.c.id)
    for row in (await connection.execute(which)).mappings():
        found.setdefault(row["key"], ([], row["birth_year"]))[0].append(_name(row))
    return found


async def keys_by_number(connection: AsyncConnection) -> dict[int, str]:
    """Return everybody's key by their number."""
    return {number: key for number, key in await connection.execute(select(person.c.number, person.c.key))}


async def any_made_up(connection: AsyncConnection) -> bool:
    """Return whether the registry holds people who do not exist."""
    query = select(person.c.id).where(person.c.key.startswith(PLACEHOLDER, autoescape=True)).limit(1)
    return (await connection.execute(query)).first() is not None


async def first_number(connection: AsyncConnection) -> int:
    """Return the number of who came first, 0 where nobody is: no import takes people away again."""
    query = select(person.c.number).order_by(person.c.id).limit(1)
    return (await connection.execute(query)).scalar_one_or_none() or 0


async def has_number(connection: AsyncConnection, number: int) -> bool:
    """Return whether a number is, or was until two records became one, somebody's here."""
    theirs = select(person.c.id).where(person.c.number == number)
    merged = select(person_alias.c.person_id).where(person_alias.c.number == number)
    return (await connection.execute(theirs.union_all(merged))).first() is not None


async def names_signature(connection: AsyncConnection) -> tuple[int, ...]:
    """Return what changes whenever a stored name is added, removed or replaced, in one cheap look."""
    text = person_name.c.text
    sums = (
        *(func.count(), func.max(person_name.c.id), func.sum(person_name.c.person_id)),
        *(func.sum(func.length(text)), func.count(text.distinct())),
    )
    return tuple((await connection.execute(select(*sums))).one())


async def named_by_release(connection: AsyncConnection) -> dict[str, int]:
    """Return how many people public claims name for each release, by the release's key."""
    query = (
        select(release_event.c.key, func.count(claim.c.person_id.distinct()))
        .join(claim, claim.c.release_event_id == release_event.c.id)
        .where(VISIBLE, SPOKEN, claim.c.kind == ClaimKind.RELEASED.value)
        .group_by(release_event.c.key)
    )
    return {key: number for key, number in await connection.execute(query)}


async def _names_of(connection: Reading, ids: Collection[int]) -> dict[int, list[Name]]:
    found: dict[int, list[Name]] = {}
    for row in (await connection.execute(_NAMES, {"ids": list(ids)})).mappings():
        found.setdefault(row["person_id"], []).append(_name(row))
    return found


async def claims_of(connection: Reading, ids: Collection[int]) -> dict[int, list[Claim]]:
    """Return what is said of people by their id in the database, oldest first; the silent left out."""
    rows = (await connection.execute(_CLAIMS, {"ids": list(ids)})).mappings().all()
    sources = await sources_of(connection, "claim", [row["id"] for row in rows])
    found: dict[int, list[Claim]] = {}
    for row in rows:
        found.setdefault(row["person_id"], []).append(claim_of(row, sources.get(row["id"], ())))
    return found


def _name(row: RowMapping) -> Name:
    return Name(row["language"], NameKind(row["kind"]), row["text"])


def claim_of(row: RowMapping, sources: tuple[Source, ...]) -> Claim:
    """Return a claim from its row with the keys of its place and release, and its pages."""
    return Claim(
        key=row["key"],
        kind=ClaimKind(row["kind"]),
        when=When.parse(row["date"]),
        sources=sources,
        outcome=Outcome(row["outcome"]),
        country=row["country"],
        passport=_optional(Passport, row["passport"]),
        manner=_optional(Manner, row["manner"]),
        place_key=row["place_key"],
        event_key=row["event_key"],
        consent=Consent(row["consent"]),
        state=ClaimState(row["state"]),
        revision=row["revision"],
    )


def _optional(kind: type[Any], value: str | None) -> Any:
    return kind(value) if value else None
