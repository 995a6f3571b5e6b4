"""Telling: what an alert was about, for the reader who opens it or did not ask for discretion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from bot.domain.alerts import REMEMBERED_DAYS, Alert, follows, named_to
from bot.domain.answers import Answer, NoLongerHere
from bot.domain.articles import Topic
from bot.domain.follower import Record
from bot.domain.own_answers import News, NewsOf
from bot.domain.people import PUBLIC_ONLY, TO_FOLLOWERS, Consent, Person, status_of
from bot.domain.publishing import Publication, PublicationKind
from bot.services.answering import Answering
from bot.store import publications
from bot.store.database import Connection, Database
from bot.store.vault import Vault

_OF_THE_TIMELINE = ("sanction/", "diplomacy/", "event/")
MOST_OPENED = 50
"""Publications that one message can be opened to; older ones stand in the list of releases."""


async def recent(database: Database, now: Callable[[], datetime]) -> list[Publication]:
    """Return the publications that can still be told. Raises DatabaseUnavailableError."""
    async with database.reading() as connection:
        return await publications.going(connection, oldest(now()))


async def to_tell(connection: Connection, now: datetime) -> tuple[int, tuple[int, ...]]:
    """Return the highest number given, and what changes whenever there is something else to tell."""
    signature = await publications.signature(connection, oldest(now))
    return await publications.latest(connection), signature


def oldest(now: datetime) -> int:
    """Return the number above which publications can still be told."""
    return int((now - timedelta(days=REMEMBERED_DAYS)).timestamp())


class Telling:
    """Reads publications for one reader. Nothing that does not concern them is shown by it."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        answering: Answering,
        topic: Callable[[str], Topic | None],
    ) -> None:
        """Hold what is read; `topic` finds an article by its key."""
        self._database, self._vault, self._answering, self._topic = database, vault, answering, topic

    async def opened(self, chat: int, first: int, last: int, page: int) -> Answer:
        """Answer what an alert spanning these publications was about; one person with the card."""
        record = await self._vault.read(chat) or Record(chat)
        async with self._database.reading() as connection:
            found = await publications.by_numbers(connection, first, last)
        told = {told.publication for told in record.told}
        if record.in_flight is not None:
            told.add(record.in_flight.publication)  # it is read before it is written down that it arrived
        theirs = [p for p in found if p.number in told or follows(record, p)][-MOST_OPENED:]
        news = await self._of(record, theirs)
        if not news.people and not news.topics and not news.has_talks:
            return NoLongerHere()
        if len(news.people) == 1 and not news.topics and news.people[0].kind is PublicationKind.RELEASE:
            person = news.people[0].person
            return await self._answering.card(person.number, _consents(record, person))
        return News(news.people, news.topics, news.has_talks, (first, last), page)

    async def in_full(self, alert: Alert) -> News:
        """Return what an alert says to a reader who reads names at once, as the registry has it now.

        It may have waited for hours: who asked for silence meanwhile is not named.
        """
        numbers = {p.number for p in alert.publications}
        async with self._database.reading() as connection:
            found = await publications.by_numbers(connection, alert.first, alert.last)
        return await self._of(alert.record, [p for p in found if p.number in numbers])

    async def _of(self, record: Record, theirs: Sequence[Publication]) -> News:
        """Return what publications say to one reader: the latest kind of each person, by name."""
        kinds: dict[int, PublicationKind] = {}
        for publication in theirs:
            kinds |= dict.fromkeys(_named(record, publication), publication.kind)
        people = [
            NewsOf(
                person,
                status_of(person.claims, _consents(record, person)),
                next(kinds[n] for n in person.numbers if n in kinds),
            )
            for person in await self._answering.people(kinds)
        ]
        topics = (self._topic(key) for key in dict.fromkeys(_articles(theirs)))
        has_talks = any(
            p.key.startswith(_OF_THE_TIMELINE) and not _named(record, p) | p.people - p.taken_back
            for p in theirs
        )
        return News(tuple(people), tuple(topic for topic in topics if topic), has_talks, (0, 0), 0)


def _consents(record: Record, person: Person) -> frozenset[Consent]:
    """Return what a reader may be told of a person: more if they follow them."""
    return PUBLIC_ONLY if record.people.isdisjoint(person.numbers) else TO_FOLLOWERS


def _named(record: Record, publication: Publication) -> frozenset[int]:
    """Return whom a publication names to this reader: all if they hear of all, or else whom they follow.

    Who follows none of them any more is named the one they were told of. But of a release of many that may
    be a stranger, and what is for followers alone by now is for them no longer: then nobody is named.
    Nor does it go on naming whom it was wrong about.
    """
    chosen = named_to(record, publication)
    if publication.is_of_many:
        return chosen - publication.taken_back
    for_followers = publication.kind is PublicationKind.RELEASE and not publication.subjects
    return chosen if chosen or for_followers else publication.people


def _articles(theirs: Iterable[Publication]) -> Iterable[str]:
    for publication in theirs:
        word, _, rest = publication.key.partition("/")
        if word == "article":
            yield rest.partition("@")[0]
