"""Merging: editors say that two records are of one person, or of two; followers keep whom they follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.domain.audit import Entry
from bot.domain.digests import digest_of
from bot.domain.publishing import Action
from bot.domain.refusals import Refusal
from bot.services.approving import NotDoneError, Signer, Sitting, person_subject, sitting, trusted_entries
from bot.services.outweighing import outweigh_list
from bot.services.telling import oldest
from bot.store import cases, merging
from bot.store.database import Database
from bot.store.merging import Proposal


class Merging:
    """What editors do with proposals. Each act raises NotDoneError, and then nothing has happened.

    No merge publishes anything: it moves names, claims and the number, and alerts nobody.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    async def proposals(self) -> list[Proposal]:
        """Return what waits for a decision."""
        async with self._database.reading() as connection:
            return await merging.proposals(connection)

    async def merge(self, signer: Signer, person: str, into: str) -> bool:
        """Make one record of two; the number of the first means the second from now on.

        One editor does it where an import proposed this very pair, else two who say the same. Return whether
        it is done.
        """
        async with sitting(self._database, signer, self._now()) as acts:
            connection = acts.connection
            if person == into:
                raise NotDoneError(Refusal.SAME_PERSON)
            if await merging.is_shipped(connection, person):
                raise NotDoneError(Refusal.SHIPPED)
            for key in (person, into):
                # What was approved names one record: told to the other's followers, too, it would be an
                # alert on one editor's word.
                if await merging.is_under_way(connection, key, oldest(self._now())):
                    raise NotDoneError(Refusal.UNDER_WAY)
            if await merging.tells_what_is_silenced(connection, person, into):
                raise NotDoneError(Refusal.TOLD_THERE)
            if len(await cases.ids(connection, "person", [person, into])) != 2:
                raise NotDoneError(Refusal.NOT_THERE)
            made = await _may_be_made(acts, person, into)
            if made:
                await merging.merge(connection, person, into)
                await outweigh_list(connection, into)
            await acts.sign(Action.MERGE, person_subject(person), 1, digest_of([person, into]))
        return made

    async def decline(self, signer: Signer, person: str, into: str) -> None:
        """Say that two records are of two people: what was said or proposed otherwise counts no more."""
        async with sitting(self._database, signer, self._now()) as acts:
            if person == into:
                raise NotDoneError(Refusal.SAME_PERSON)
            if not await merging.decline(acts.connection, person, into):
                raise NotDoneError(Refusal.NOT_THERE)
            await acts.sign(Action.DECLINE, person_subject(person), 1, digest_of([person, into]))


async def _may_be_made(acts: Sitting, person: str, into: str) -> bool:
    """Return whether no second editor is needed any more. Raises NotDoneError for who has said so already.

    On one word any record could become another's: the next release would be told to the wrong family.
    """
    if Proposal(person, into) in await merging.proposals(acts.connection):
        return True
    entries = await trusted_entries(acts.connection, person_subject(person), person_subject(into))
    said = {entry.editor for entry in words_to_merge(entries, person, into)}
    if said == {acts.signer.handle}:
        raise NotDoneError(Refusal.SAME_EDITOR)
    return bool(said)


def words_to_merge(entries: Iterable[Entry], person: str, into: str) -> list[Entry]:
    """Return the words to make the first record the second, given since somebody said that they are two."""
    meant = digest_of([person, into])
    either = {meant, digest_of([into, person])}
    said: list[Entry] = []
    for entry in entries:
        if entry.action == Action.DECLINE.value and entry.digest in either:
            said = []
        elif entry.action == Action.MERGE.value and entry.digest == meant:
            said.append(entry)
    return said
