"""The keys an editor chooses from: a line for each claim, place, act of the timeline and article."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.domain.people import Consent, Language
from bot.domain.refusals import Refusal

if TYPE_CHECKING:
    from bot.store.cases import Listed
    from bot.store.database import Connection, Database


class Kind(enum.StrEnum):
    """What keys are of."""

    CLAIM = "claim"
    PLACE = "place"
    EVENT = "event"
    SANCTION = "sanction"
    DIPLOMACY = "diplomacy"
    ARTICLE = "article"


async def listed_claims(database: Database) -> list[str]:
    """Return a line for each claim that waits for an editor or was reported by one."""
    from bot.store import cases

    async with database.reading() as connection:
        return await _claim_lines(connection, await cases.listed(connection))


async def claims_about(database: Database, person: str) -> list[str]:
    """Return a line for each claim about a person. Raises NotDoneError where there is no such person."""
    from bot.services.approving import NotDoneError
    from bot.store import cases

    async with database.reading() as connection:
        if not await cases.ids(connection, "person", [person]):
            raise NotDoneError(Refusal.NOBODY)
        return await _claim_lines(connection, await cases.listed_about(connection, person))


async def _claim_lines(connection: Connection, claims: Sequence[Listed]) -> list[str]:
    from bot.services.finding import who_are

    names = await who_are(connection, {one.person for one in claims})
    lines = []
    for one in claims:
        more = f"  {one.consent}" if one.consent is not Consent.PUBLIC else ""
        waits = "  a correction waits" if one.waiting else ""
        who = f"{one.person}  {names.get(one.person, '')}"
        lines.append(f"{one.key}  {who}  {one.kind} {one.when}  {one.state}{more}{waits}")
    return lines


async def listed_keys(database: Database, kind: Kind) -> list[str]:
    """Return a line for each key of a kind other than claims, acts of the timeline newest first."""
    from bot.sources.article_files import read_library
    from bot.store import cases, timeline

    if kind is Kind.ARTICLE:
        articles = [topic[Language.EN] for topic in read_library().topics()]
        return [f"{article.key}  {article.title}" for article in articles]
    async with database.reading() as connection:
        if kind is Kind.PLACE:
            return [f"{key}  {name}" for key, name in await cases.places(connection)]
        if kind is Kind.EVENT:
            events = await timeline.release_events(connection)
            return [_act(event.key, event.when, event.title.in_language(Language.EN)) for event in events]
        if kind is Kind.SANCTION:
            sanctions = await timeline.sanctions(connection)
            return [_act(one.key, one.when, one.text.in_language(Language.EN)) for one in sanctions]
        talks = await timeline.diplomacy_events(connection)
        return [_act(one.key, one.when, one.who.in_language(Language.EN)) for one in talks]


def _act(key: str, when: object, text: str) -> str:
    return f"{key}  {when}  {text}"
