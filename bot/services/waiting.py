"""Waiting: what one editor has approved, as it stands, and another has not yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.domain.articles import Library
from bot.domain.audit import Entry
from bot.domain.digests import digest_of
from bot.domain.people import ClaimState
from bot.domain.publishing import Action, Case
from bot.services.announcing import News, news_of
from bot.services.approving import (
    NotDoneError,
    claim_subject,
    not_withdrawn,
    person_subject,
    trusted_entries,
)
from bot.services.merging import words_to_merge
from bot.store import cases
from bot.store.database import Connection
from bot.store.people import keys_by_number

_CLAIM, _PERSON = claim_subject(""), person_subject("")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One editor's word that waits for another's; `persons` are keys.

    `subject` is as the audit calls it; of two records, it says also into which the first would be made.
    """

    subject: str
    action: Action
    editor: str
    persons: tuple[str, ...] = ()


async def waiting(connection: Connection, library: Library) -> list[Waiting]:
    """Return what waits for a second editor, by subject. What has changed since it was approved does not."""
    on_each: dict[str, list[Entry]] = {}
    every = await trusted_entries(connection)
    for entry in every:
        on_each.setdefault(entry.subject, []).append(entry)
    people = set((await keys_by_number(connection)).values())
    found: list[Waiting] = []
    for subject, entries in sorted(on_each.items()):
        word, _, key = subject.partition("/")
        if subject.startswith(_CLAIM):
            stored = await cases.find_case(connection, key)
            if stored is not None:
                found += _of_claim(stored.case, await not_withdrawn(connection, stored, entries))
        elif subject.startswith(_PERSON):
            found += _of_records(key, people, every) if key in people else ()
        elif (news := await _as_it_stands(connection, library, word, key)) is not None:
            found += _of_news(news, entries)
    return found


def _of_claim(case: Case, entries: Iterable[Entry]) -> Iterator[Waiting]:
    wanted = set()
    if case.state is ClaimState.CONFIRMED:
        wanted.add((Action.CONFIRM.value, str(case.revision), case.content.digest))
    # A change that waits is signed under the revision it would begin; so is what was stopped, once more.
    wanted.add((Action.CONFIRM.value, str(case.revision + 1), case.content.digest))
    wanted.add((Action.RETRACT.value, str(case.revision + 1), case.content.digest))
    if case.draft is not None:
        wanted.add((Action.CORRECT.value, str(case.revision + 1), case.draft.digest))
    for entry in entries:
        if (entry.action, entry.revision, entry.digest) in wanted:
            yield Waiting(entry.subject, Action(entry.action), entry.editor, case.content.persons)


def _of_records(person: str, people: Collection[str], every: Sequence[Entry]) -> Iterator[Waiting]:
    """Find the other record by the digest, which is all that the audit holds of it."""
    subject = person_subject(person)
    said = {e.digest for e in every if (e.subject, e.action) == (subject, Action.MERGE.value)}
    others = {key: digest_of([person, key]) for key in people} if said else {}
    for into, digest in sorted(others.items()):
        if digest in said:
            for entry in words_to_merge(every, person, into):
                yield Waiting(f"{subject} into {into}", Action.MERGE, entry.editor, (person, into))


async def _as_it_stands(connection: Connection, library: Library, word: str, key: str) -> News | None:
    try:
        return await news_of(connection, library, word, key)
    except NotDoneError:
        return None  # an editor, or what is no longer there


def _of_news(news: News, entries: Iterable[Entry]) -> list[Waiting]:
    now = [entry for entry in entries if (entry.revision, entry.digest) == (news.revision, news.digest)]
    if any(entry.action == Action.PUBLISH.value for entry in now):
        return []
    confirmed = [entry for entry in now if entry.action == Action.CONFIRM.value]
    return [Waiting(news.subject, Action.CONFIRM, entry.editor) for entry in confirmed]
