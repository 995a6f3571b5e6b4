"""Answering: what we know about a person or a release, as an Answer."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain import timeline
from bot.domain.answers import (
    About,
    Answer,
    Citation,
    HowToReportError,
    NobodyFound,
    NoLongerHere,
    PersonCard,
    PersonHistory,
    PersonSources,
    Quarters,
    ReleaseDetail,
    ReleaseList,
    ReleaseSources,
    SeveralFound,
    SurnameNeeded,
)
from bot.domain.names import Decision, Match, NameIndex
from bot.domain.people import (
    PUBLIC_ONLY,
    TO_FOLLOWERS,
    Consent,
    Language,
    Name,
    Person,
    status_of,
    told_claims,
)
from bot.domain.words import is_only_given
from bot.store import people, sources
from bot.store import timeline as stored_timeline
from bot.store.database import Database
from bot.store.together import Together

MOST_CANDIDATES = 5
TRULY_NEAR = 0.7
"""A candidate below this is not offered: a stranger's name on the screen helps nobody."""
MOST_PUBLISHERS = 8
MOST_PATCHED = 20
"""How many people's names are changed in the index while everybody waits: a millisecond for each at most."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The registry as one moment had it: who was asked for, under each of their numbers, and the timeline."""

    people: Mapping[int, Person]
    timeline: stored_timeline.Timeline


class Answering:
    """Answers from one database. `refresh_names` must have run before `find`.

    Who asks while the registry is being read is answered by the next read, together with all who do.

    Every method raises DatabaseUnavailableError when the registry cannot be read.
    """

    def __init__(self, database: Database) -> None:
        """Hold the database; nothing is read yet."""
        self._database = database
        self._names = NameIndex([])
        self._listed: Mapping[int, Sequence[Name]] = {}
        self._spellings: dict[int, tuple[str, ...]] = {}
        self._signature: tuple[int, ...] | None = None
        self._timeline: stored_timeline.Timeline | None = None
        self._looks = Together(self._look)

    async def refresh_names(self) -> bool:
        """Bring the index up to date if the names changed; return whether they had.

        A few people are changed in it, in milliseconds. Where many came, as by an import, it is built beside
        the one in use, off the event loop: nobody waits for it.
        """
        async with self._database.reading() as connection:
            signature = await people.names_signature(connection)
            if signature == self._signature:
                return False
            listed = dict(await people.names_by_number(connection))
        changed = _changed(self._listed, listed)
        if len(changed) > MOST_PATCHED:
            self._names = await asyncio.to_thread(NameIndex, listed.items())
        else:
            for number, names in changed.items():
                if names:
                    self._names.put(number, names)
                else:
                    self._names.drop(number)
        self._listed = listed
        self._spellings = {number: tuple(name.text for name in names) for number, names in listed.items()}
        self._signature = signature
        return True

    def match(self, text: str, *, as_typed: bool = False) -> Match:
        """Say whom a text names; see NameIndex.find."""
        return self._names.find(text, as_typed=as_typed)

    def spellings(self) -> Mapping[int, tuple[str, ...]]:
        """Return every stored spelling of every listed person's name, by number."""
        return self._spellings

    def names_of(self, number: int) -> tuple[str, ...]:
        """Return every stored spelling of a listed person's name."""
        return self._spellings.get(number, ())

    async def find(self, text: str) -> Answer:
        """Answer a name: one person's card, a question back, or an honest nobody."""
        return await self.found(text, self.match(text))

    async def found(self, text: str, match: Match) -> Answer:
        """Answer with those whom a text named."""
        if match.decision is Decision.NONE:
            return SurnameNeeded() if is_only_given(text) else NobodyFound()
        if match.decision is Decision.ONE:
            return await self.card(match.numbers[0])
        near = [found.number for found in match.candidates if found.score >= TRULY_NEAR]
        seen = await self._looks.ask(near[:MOST_CANDIDATES])
        asked = _each(seen, near[:MOST_CANDIDATES])
        if not asked:
            return NobodyFound()
        return SeveralFound(
            tuple((person, status_of(person.claims)) for person in asked),
            more=len(near) > MOST_CANDIDATES,
        )

    async def card(self, number: int, consents: frozenset[Consent] = PUBLIC_ONLY) -> Answer:
        """Answer with a person's status, and with the unnamed releases since it was last confirmed."""
        seen = await self._looks.ask([number])
        person = seen.people.get(number)
        if person is None:
            return NoLongerHere()
        status = status_of(person.claims, consents)
        unnamed: list[timeline.ReleaseEvent] = []
        if not status.known_free and not person.is_made_up:
            # From the earliest day it can mean: better one release too many than one hidden.
            since = status.confirmed.start if status.confirmed else None
            unnamed = timeline.unnamed_since(seen.timeline.events, since)
        return PersonCard(person, status, tuple(unnamed))

    async def history(self, number: int, page: int) -> Answer:
        """Answer with everything published about a person, oldest first."""
        person = await self._person(number)
        return PersonHistory(person, tuple(told_claims(person.claims)), page) if person else NoLongerHere()

    async def sources(self, number: int, *, named: bool) -> Answer:
        """Answer with the pages a person's status rests on."""
        person = await self._person(number)
        return PersonSources(person, status_of(person.claims), named) if person else NoLongerHere()

    async def to_follower(self, answer: PersonCard | PersonHistory | PersonSources) -> Answer:
        """Answer the same for who follows the person: with what the family lets followers alone know."""
        person = answer.person
        if all(claim.consent is Consent.PUBLIC for claim in person.claims):
            return answer
        if isinstance(answer, PersonHistory):
            return replace(answer, claims=tuple(told_claims(person.claims, TO_FOLLOWERS)))
        if isinstance(answer, PersonSources):
            return replace(answer, status=status_of(person.claims, TO_FOLLOWERS))
        card = await self.card(person.number, TO_FOLLOWERS)
        return replace(card, also=answer.also) if isinstance(card, PersonCard) else card

    async def how_to_report(self, number: int) -> Answer:
        """Answer how to report an error in this record."""
        person = await self._person(number)
        return HowToReportError(person) if person else NoLongerHere()

    async def citation(self, number: int) -> Answer:
        """Answer with a line to cite."""
        person = await self._person(number)
        return Citation(person, status_of(person.claims)) if person else NoLongerHere()

    async def people(self, numbers: Collection[int]) -> tuple[Person, ...]:
        """Return those of these people whom the registry has, in the order of their names in Belarusian."""
        found = _each(await self._looks.ask(list(numbers)), numbers)
        return tuple(sorted(found, key=lambda person: person.shown_name(Language.BE)))

    async def _person(self, number: int) -> Person | None:
        return (await self._looks.ask([number])).people.get(number)

    async def _look(self, asked: Sequence[Sequence[int]]) -> Sequence[Seen]:
        """Read the registry once for all who ask."""
        numbers = {number for each in asked for number in each}
        async with self._database.looking() as connection:
            found = await people.find_people(connection, numbers)
            self._timeline = await stored_timeline.timeline(connection, self._timeline)
        seen = Seen({number: person for person in found for number in person.numbers}, self._timeline)
        return [seen] * len(asked)

    async def _events(self) -> list[timeline.ReleaseEvent]:
        return (await self._looks.ask([])).timeline.events

    async def about(self) -> Answer:
        """Answer what this bot is and whose reports it rests on."""
        async with self._database.reading() as connection:
            publishers, pages = await sources.most_cited(connection, MOST_PUBLISHERS)
        return About(tuple(publishers), pages)

    async def quarters(self, page: int) -> Answer:
        """Answer with releases in numbers."""
        known = (await self._looks.ask([])).timeline
        async with self._database.reading() as connection:
            named = await people.named_by_release(connection)
        return Quarters(tuple(timeline.by_quarter(known.events, known.counts, named)), page)

    async def releases(self, page: int) -> Answer:
        """Answer with release events, newest first."""
        return ReleaseList(tuple(await self._events()), page)

    async def release(self, key: str, page: int) -> Answer:
        """Answer with one release and what is dated around it."""
        known = (await self._looks.ask([])).timeline
        event = next((event for event in known.events if event.key == key), None)
        if event is None:
            return NoLongerHere()
        return ReleaseDetail(event, timeline.around(event, known.diplomacy, known.sanctions), page)

    async def release_sources(self, key: str, *, named: bool) -> Answer:
        """Answer with the pages one release rests on."""
        event = next((event for event in await self._events() if event.key == key), None)
        return ReleaseSources(event, named) if event else NoLongerHere()


def _changed(
    before: Mapping[int, Sequence[Name]], now: Mapping[int, Sequence[Name]]
) -> dict[int, Sequence[Name]]:
    """Return the names of each whose names are others now; of who is gone, none."""
    numbers = before.keys() | now.keys()
    return {number: now.get(number, ()) for number in numbers if before.get(number) != now.get(number)}


def _each(seen: Seen, numbers: Iterable[int]) -> list[Person]:
    """Return those who are there, in the order asked, each once."""
    found = (seen.people.get(number) for number in numbers)
    return list({person.number: person for person in found if person is not None}.values())
