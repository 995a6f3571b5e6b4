"""What an import finds in the registry before it writes: who is known, by what names, from which import."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.people import ClaimKind, ClaimState, Name, NameKind
from bot.store.people import SPOKEN
from bot.store.registry import LIST_BATCH
from bot.store.tables import claim, person, person_name


@dataclass(slots=True)
class Known:
    """A person as the registry has them.

    `theirs` are the names other imports brought, `ours` those of the batch asked about. `held_on` is
    the date of that batch's published sign of detention. `claimed` says whether anybody else states anything.
    """

    id: int
    theirs: list[Name] = field(default_factory=list)
    ours: list[Name] = field(default_factory=list)
    held_on: str | None = None
    claimed: bool = False

    @property
    def imported(self) -> bool:
        """Return whether the batch asked about has anything of this person."""
        return bool(self.ours) or self.held_on is not None


async def known_people(connection: AsyncConnection, batch: str) -> dict[str, Known]:
    """Return everybody in the registry by key, as seen by an import of this batch."""
    people = (await connection.execute(select(person.c.id, person.c.key))).all()
    by_id = {row.id: Known(row.id) for row in people}
    columns = person_name.c
    names = select(columns.person_id, columns.batch, columns.language, columns.kind, columns.text)
    for person_id, brought_by, language, kind, text in await connection.execute(names.order_by(columns.id)):
        known = by_id[person_id]
        (known.ours if brought_by == batch else known.theirs).append(Name(language, NameKind(kind), text))
    columns = claim.c
    spoken = select(columns.person_id, columns.batch, columns.kind, columns.date, columns.state).where(SPOKEN)
    for person_id, brought_by, kind, when, state in await connection.execute(spoken):
        if brought_by != batch:
            by_id[person_id].claimed = True
        elif kind == ClaimKind.HELD.value and state == ClaimState.PUBLISHED.value:
            by_id[person_id].held_on = when
    return {row.key: by_id[row.id] for row in people}


async def listed_claims(connection: AsyncConnection, person_key: str) -> set[str]:
    """Return the keys of what a list says of a person, as published and as no editor has touched it."""
    theirs = (
        select(claim.c.key)
        .join(person, claim.c.person_id == person.c.id)
        .where(
            person.c.key == person_key,
            claim.c.batch == LIST_BATCH,
            claim.c.kind == ClaimKind.HELD.value,
            claim.c.state == ClaimState.PUBLISHED.value,
            claim.c.revision == 1,
        )
    )
    return set((await connection.execute(theirs)).scalars())


async def take_back(connection: AsyncConnection, keys: Collection[str]) -> None:
    """Retract claims of an import as the import itself does: a later one may bring them back."""
    retracted = claim.update().where(claim.c.key.in_(keys)).values(state=ClaimState.RETRACTED.value)
    await connection.execute(retracted)
