"""What editors see of what they are asked to sign: all of it, and the digest that their word is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.digests import digest_of_act
from bot.domain.people import Language, Source
from bot.domain.publishing import Approval, Content
from bot.domain.timeline import ReleaseEvent

if TYPE_CHECKING:
    from bot.services.waiting import Waiting
    from bot.store.cases import StoredCase
    from bot.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Shown:
    """Lines to read, and the digests of what they say."""

    lines: list[str]
    digests: frozenset[str]


async def shown_claim(database: Database, key: str, *, draft: bool = False) -> Shown:
    """Show all of a claim; the digest is that of the correction that waits if the `draft` is asked about.

    Raises NotDoneError where there is no such claim.
    """
    from bot.services import approving

    async with database.reading() as connection:
        stored = await approving.get_case(connection, key)
        lines = await _lines(connection, stored)
        lines += [said(word) for word in await approving.approved_as_it_stands(connection, stored)]
    case = stored.case
    asked = case.draft if draft else case.content
    return Shown(lines, frozenset({asked.digest} if asked else ()))


async def shown_event(database: Database, key: str) -> Shown:
    """Show a release and all that is reported of it and unpublished. Raises NotDoneError if there is none."""
    from bot.domain.publishing import Refusal
    from bot.services import approving
    from bot.store import cases

    async with database.reading() as connection:
        event = await approving.find_act(connection, "event", key)
        if not isinstance(event, ReleaseEvent):
            raise approving.NotDoneError(Refusal.NOT_THERE)
        counts = f"{event.qualifier} {event.number}, named {event.named}, unnamed {event.unnamed}"
        lines = [
            f"event/{key}  {event.when}  {event.kind}  {counts}",
            f"  {event.title.in_language(Language.EN)}",
        ]
        lines += _pages(event.sources)
        digests = {digest_of_act(event)}
        for claim_key in await cases.named_in(connection, key):
            stored = await approving.get_case(connection, claim_key)
            lines += await _lines(connection, stored)
            digests.add(stored.case.content.digest)
    return Shown(lines, frozenset(digests))


async def shown_publication(database: Database, number: int) -> list[str]:
    """Show how many a held publication would reach, and what it says of whom; or that none is held."""
    from bot.store import cases, publications

    async with database.reading() as connection:
        found = await publications.find(connection, number)
        held = found.band if found else None
        lines = [f"Chats it would reach within the hour: {held or 'not held'}."]
        if found and held:
            lines.append(f"{found.subject}@{found.revision}")
            stored = await cases.cases_of(connection, [claim_id for claim_id, _, _ in found.claims])
            for one in stored.values():
                lines += await _lines(connection, one)
    return lines


async def _lines(connection: Connection, stored: StoredCase) -> list[str]:
    from bot.services.finding import who_are

    case = stored.case
    names = await who_are(connection, case.content.persons)
    lines = [
        f"{stored.key}  {case.state}  revision {case.revision}",
        *(f"  {name}" for name in names.values()),
    ]
    lines += _content_lines(case.content)
    if case.draft is not None:
        lines += ["a correction waits:", *_content_lines(case.draft)]
    return lines


def _content_lines(content: Content) -> list[str]:
    told = [
        content.kind,
        str(content.when),
        content.outcome,
        content.country,
        content.passport,
        content.manner,
    ]
    keys = [*content.persons, content.place_key, content.event_key]
    lines = ["  " + "  ".join(str(word) for word in [*keys, *told, content.consent] if word)]
    if content.family_word:
        lines.append(f"  the family's word, recorded by {content.family_word}")
    return lines + _pages(content.sources)


def _pages(sources: Iterable[Source]) -> list[str]:
    return [
        f"  {page.url}  {page.publisher.name}  origin {page.origin}  {page.published_on or ''}".rstrip()
        for page in sources
    ]


def said(word: Approval | Waiting) -> str:
    """Return whose word it is, and for what."""
    return f"{word.action}: {word.editor}"
