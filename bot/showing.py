"""What editors see of what they are asked to sign: all of it, and the digest that their word is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.articles import Article, Block, Library, any_of
from bot.domain.digests import digest_of, digest_of_act, digest_of_topic
from bot.domain.people import Language, Source
from bot.domain.publishing import Approval, Content, not_open
from bot.domain.refusals import Refusal
from bot.domain.timeline import ReleaseEvent, Sanction

if TYPE_CHECKING:
    from bot.services.approving import Act
    from bot.services.waiting import Waiting
    from bot.store.cases import StoredCase
    from bot.store.database import Connection, Database
    from bot.store.publications import StoredPublication


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
    """Show a release and all that is reported of it and unpublished. Raises NotDoneError if there is none.

    What waits of it as it was before a change is shown, too: it goes with the rest.
    """
    from bot.services import announcing, approving
    from bot.store import cases

    async with database.reading() as connection:
        event = await approving.find_act(connection, "event", key)
        if not isinstance(event, ReleaseEvent):
            raise approving.NotDoneError(Refusal.NOT_THERE)
        lines = _event_lines(event)
        digests = {digest_of_act(event)}
        for claim_key in await cases.named_in(connection, key):
            stored = await approving.get_case(connection, claim_key)
            if not_open(stored.case):
                continue
            lines += await _lines(connection, stored)
            digests.add(stored.case.content.digest)
        for stuck in await announcing.overtaken(connection, f"event/{key}", digest_of_act(event)):
            held = await cases.cases_of(connection, [claim_id for claim_id, _, _ in stuck.claims])
            for stored in held.values():
                lines += await _lines(connection, stored)
    return Shown(lines, frozenset(digests))


async def shown_act(database: Database, word: str, key: str) -> Shown:
    """Show a `sanction` or a `diplomacy` event in every language. Raises NotDoneError if there is none."""
    from bot.services import approving

    async with database.reading() as connection:
        act = await approving.find_act(connection, word, key)
    if act is None or isinstance(act, ReleaseEvent):
        raise approving.NotDoneError(Refusal.NOT_THERE)
    lines = [f"{word}/{key}  {act.when}  {' '.join(_kind_of(act))}"]
    for text in (act.text,) if isinstance(act, Sanction) else (act.who, act.where, act.asked, act.given):
        lines += [f"  {text.in_language(language)}" for language in Language if text]
    return Shown(lines + _pages(act.sources), frozenset({digest_of_act(act)}))


def shown_article(library: Library, key: str) -> Shown:
    """Show all of an article in every language. Raises NotDoneError if there is none."""
    from bot.services import approving

    topic = library.topic(key)
    if topic is None:
        raise approving.NotDoneError(Refusal.NOT_THERE)
    lines = [f"article/{key}  checked {any_of(topic).checked_on}"]
    for language, article in topic.items():
        lines += [f"{language}  {article.title}", *_article_lines(article)]
    return Shown(lines + _pages(any_of(topic).sources), frozenset({digest_of_topic(topic)}))


async def shown_pair(database: Database, person: str, into: str) -> Shown:
    """Show who two records are of."""
    from bot.services.finding import who_are

    async with database.reading() as connection:
        names = await who_are(connection, [person, into])
    lines = [f"{key}  {names.get(key, '')}".rstrip() for key in (person, into)]
    return Shown(lines, frozenset({digest_of([person, into])}))


async def shown_publication(database: Database, number: int) -> Shown:
    """Show how many a held publication would reach, and all that it tells; or that none is held.

    Raises NotDoneError where what it tells of is there no more.
    """
    from bot.store import publications

    async with database.reading() as connection:
        found = await publications.find(connection, number)
    held = found.band if found else None
    lines = [f"Chats it would reach within the hour: {held or 'not held'}."]
    if found is None or not held:
        return Shown(lines, frozenset())
    claims = await _shown_claims(database, found)
    whole = await _shown_whole(database, *found.subject.split("/", 1))
    lines.append(f"{found.subject}@{found.revision}")
    return Shown(lines + whole.lines + claims.lines, claims.digests | whole.digests)


async def shown_waiting(database: Database, number: int) -> Shown:
    """Show all that a publication tells that has not gone, as far as that is there still.

    Raises NotDoneError where there is no such publication, or it waits no more.
    """
    from bot.services.approving import NotDoneError
    from bot.store import publications

    async with database.reading() as connection:
        found = await publications.find(connection, number)
    if found is None:
        raise NotDoneError(Refusal.NO_NUMBER)
    if not found.waits:
        raise NotDoneError(Refusal.GONE)
    claims = await _shown_claims(database, found)
    try:
        whole = await _shown_whole(database, *found.subject.split("/", 1))
    except NotDoneError:  # what a newer seed or an article's file holds no more can be stopped all the same
        whole = Shown([], frozenset())
    lines = [f"{found.subject}@{found.revision}  {found.kind}  {found.state}"]
    return Shown(lines + whole.lines + claims.lines, frozenset())


async def _shown_claims(database: Database, found: StoredPublication) -> Shown:
    from bot.store import cases

    lines: list[str] = []
    digests: set[str] = set()
    async with database.reading() as connection:
        stored = await cases.cases_of(connection, [claim_id for claim_id, _, _ in found.claims])
        for one in stored.values():
            lines += await _lines(connection, one)
            digests.add(one.case.content.digest)
    return Shown(lines, frozenset(digests))


async def _shown_whole(database: Database, word: str, key: str) -> Shown:
    """Show what a publication is of, beside the claims in it: nothing where it is of one claim."""
    from bot.services import approving
    from bot.sources.article_files import read_library

    if word == "claim":
        return Shown([], frozenset())
    if word == "article":
        return shown_article(read_library(), key)
    if word != "event":
        return await shown_act(database, word, key)
    async with database.reading() as connection:
        event = await approving.find_act(connection, word, key)
    if not isinstance(event, ReleaseEvent):
        raise approving.NotDoneError(Refusal.NOT_THERE)
    return Shown(_event_lines(event), frozenset({digest_of_act(event)}))


def _event_lines(event: ReleaseEvent) -> list[str]:
    counts = f"{event.qualifier} {event.number}, named {event.named}, unnamed {event.unnamed}"
    return [
        f"event/{event.key}  {event.when}  {event.kind}  {counts}",
        f"  {event.title.in_language(Language.EN)}",
        *_pages(event.sources),
    ]


async def _lines(connection: Connection, stored: StoredCase) -> list[str]:
    from bot.services.finding import who_are

    case = stored.case
    names = await who_are(connection, case.content.persons)
    lines = [
        f"{stored.key}  {case.state}  revision {case.revision}",
        *(f"  {name}" for name in names.values()),
    ]
    lines += _content_lines(case.content)
    if case.stopped is not None:
        lines.append(f"  its {case.stopped} was stopped: two editors approve it anew")
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


def _kind_of(act: Act) -> list[str]:
    return [act.side, act.action] if isinstance(act, Sanction) else [act.kind]


def _article_lines(article: Article) -> list[str]:
    lines = [_block_line(block) for block in article.answer]
    for section in article.sections:
        lines += [f"  {section.heading}", *(_block_line(block) for block in section.blocks)]
    return lines


def _block_line(block: Block) -> str:
    said = "".join(run.text for run in block.runs)
    return f"    {block.marker} {said}" if block.marker else f"    {said}"


def _pages(sources: Iterable[Source]) -> list[str]:
    return [
        f"  {page.url}  {page.publisher.name}  origin {page.origin}  {page.published_on or ''}".rstrip()
        for page in sources
    ]


def said(word: Approval | Waiting) -> str:
    """Return whose word it is, and for what."""
    return f"{word.action}: {word.editor}"
