"""A town of readers on the desk, a newsroom that writes to them, and the judge: the desk's own ledger."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bot.app import prepare_registry
from bot.bench.vault import fill
from bot.chat.buttons import Ask, Press, parse
from bot.desk.desk import Desk
from bot.desk.ledger import Entry, Span, by_button
from bot.desk.limits import Limits
from bot.desk.people import Person
from bot.desk.weather import Weather
from bot.desk.world import Tap
from bot.domain.follower import Flag, Record
from bot.domain.people import View
from bot.domain.publishing import Publication, PublicationKind
from bot.store import orders, publications
from bot.store.database import Database
from bot.store.tables import person
from tests.conftest import TODAY
from tests.newsroom import Newsroom
from tests.running import ROOT
from tests.torture.lives import RATE, Spec
from tests.torture.rows import Rows

ANSWERED_WITHIN = 10.0
"""Seconds after a start within which whatever was said to the bot is answered."""


def span(data: str) -> Span | None:
    """Read the numbers that an alert's button opens."""
    press = parse(data)
    if press is None or press.ask is not Ask.NEWS:
        return None
    first, _, last = press.subject.partition("-")
    return int(first), int(last)


@dataclass(slots=True)
class Wish:
    """What one reader said to the bot, and how to see that it was answered."""

    chat: int
    said: str
    message: int
    tap: Tap | None = None


@dataclass(slots=True)
class Figures:
    """What the ledger says in the end."""

    messages: int = 0
    lost: int = 0
    loud_doubles: int = 0
    backwards: int = 0
    strangers: int = 0
    alerts_after_stop: int = 0
    unanswered: int = 0
    unfulfilled: int = 0
    deleted: int = 0
    violations: int = 0
    only_silent: int = 0

    def faults(self) -> dict[str, int]:
        """Return what must not be, and is."""
        harmless = {"messages", "only_silent"}
        return {name: count for name, count in asdict(self).items() if count and name not in harmless}


_AFTER_A_DEATH = ("not found", "query ID is invalid", "reply markup of the message")
"""How refusals end that an update brought once more draws: it was answered already."""


@dataclass(slots=True)
class Town:
    """Everything outside the bot."""

    desk: Desk
    url: str
    address: str
    folder: Path
    database: Database
    rows: Rows
    newsroom: Newsroom
    chance: random.Random
    chats: range
    people: tuple[int, ...]
    follows: dict[int, frozenset[int]]
    speakers: list[Person] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    written: int = 0
    """How many publications the newsroom let go."""
    marked: int = 0
    """How many rows said, after all deaths together, that a message may be on its way."""
    excused: set[int] = field(default_factory=set)
    """Chats of which nothing is expected any more: they said stop or forget, or a fault took them."""
    wrongs: list[str] = field(default_factory=list)
    """What `judge` counted as violations, in the desk's words."""
    _owed: list[tuple[int, Publication]] = field(default_factory=list)
    known: list[Publication] = field(default_factory=list)
    _doubtful: set[tuple[int, int]] = field(default_factory=set)
    _unsure: int = 0

    def spec(self, **other: object) -> Spec:
        """Return a life in this town."""
        lease = 0.6 if self.address.startswith("postgresql") else 0
        given = {"lease_seconds": lease, **other}
        return Spec(self.url, self.desk.token, self.address, str(self.folder), **given)  # type: ignore[arg-type]

    # What the newsroom does.

    async def publish(self, key: int) -> None:
        """Publish a release of one of the people."""
        self.claims.append(await self.newsroom.release(str(key)))
        self.written += 1

    async def resume(self) -> None:
        """Give the operator's word after a restore."""
        async with self.database.writing() as connection:
            await orders.resume(connection)

    async def is_told_to_resume(self) -> bool:
        """Return whether that word was given and nobody has heard it yet."""
        async with self.database.reading() as connection:
            return await orders.to_resume(connection) is not None

    def is_held(self) -> bool:
        """Return whether nothing is sent until the operator says so."""
        return self.rows.keyring.exists() and self.rows.keys().held

    def lose_the_newest(self) -> None:
        """Let the keyring remember a publication that the registry does not hold: as after a restore."""
        self.rows.keys().note_published(max(one.number for one in self.known) + 1)

    async def correct(self, claim: str) -> None:
        """Publish that a release was otherwise."""
        country = ("LT", "PL", "GE", "DE", "CZ", "LV", "EE")[self.written % 7]
        await self.newsroom.correct(claim, outcome="abroad", country=country)
        self.written += 1

    async def retract(self) -> None:
        """Take the last release back."""
        await self.newsroom.retract(self.claims.pop())
        self.written += 1

    # What readers do.

    def says(self, speaker: Person, wish: str) -> Wish:
        """Let one reader stop, be forgotten, or speak another language."""
        if wish == "/stop":
            said = Wish(speaker.id, wish, speaker.says(wish).id)
        else:
            ask = Press(Ask.FORGET_NOW, View.BE) if wish == "/forget" else Press(Ask.LANGUAGE, View.RU)
            shown = speaker.history[-1]
            said = Wish(speaker.id, wish, shown.id, speaker.presses(shown, ask.data()))
        if wish != "language":
            self.excused.add(speaker.id)
        self.wishes.append(said)
        return said

    def answered(self, wish: Wish) -> bool:
        """Return whether somebody was answered, or cannot be."""
        if wish.chat in self.desk.ledger.refused:
            return True
        if wish.tap is not None:
            return wish.tap.answered
        return self._answer(wish) is not None

    def answers(self, wish: Wish) -> int:
        """Count what was said to somebody since, alerts left out."""
        return sum(1 for _ in self._answers(wish))

    def _answers(self, wish: Wish) -> Iterator[Entry]:
        entries = self.desk.ledger.everything(wish.chat)
        return (one for one in entries if one.mark is None and one.message_id > wish.message)

    def _answer(self, wish: Wish) -> Entry | None:
        return next(self._answers(wish), None)

    # What the judge asks.

    async def _learn(self) -> None:
        """Learn which publications have a number by now."""
        async with self.database.reading() as connection:
            known = await publications.going(connection, 0)
        for publication in known[len(self.known) :]:
            self._owed += [
                (chat, publication) for chat, people in self.follows.items() if people & publication.people
            ]
        self.known = known

    async def owed(self) -> list[tuple[int, Publication]]:
        """Return who has not been told yet of what concerns them, or of what replaces it."""
        await self._learn()
        replaced: dict[int, list[Publication]] = {}
        for publication in self.known:
            if publication.revises:
                replaced.setdefault(publication.revises, []).append(publication)
        self._owed = [
            (chat, publication)
            for chat, publication in self._owed
            if chat not in self.excused
            and chat not in self.desk.ledger.refused
            and not self._has(chat, publication, replaced)
        ]
        return self._owed

    def _has(self, chat: int, publication: Publication, replaced: dict[int, list[Publication]]) -> bool:
        told = self._told(chat, publication.number)
        if publication.kind is PublicationKind.RETRACTION:
            return told or not self._told(chat, publication.revises)
        return told or any(
            later.kind is PublicationKind.RETRACTION or self._has(chat, later, replaced)
            for later in replaced.get(publication.number, ())
        )

    def _told(self, chat: int, number: int) -> bool:
        return not self.desk.ledger.never_reached([(chat, number)])

    def told_all(self, chats: Iterable[int], number: int, *, silently: bool = False) -> bool:
        """Return whether each of some chats was told of a publication."""
        found = self.desk.ledger.silent if silently else self.desk.ledger.everything
        return all(
            any(one.mark is not None and one.mark[0] <= number <= one.mark[1] for one in found(chat))
            for chat in chats
        )

    async def is_told(self, seconds: float = 20, *, but: int = 0) -> None:
        """Wait until everything was let go and told, except so many alerts."""
        async with asyncio.timeout(seconds):
            while len(await self.owed()) > but or len(self.known) < self.written:  # noqa: ASYNC110
                # Asking costs more the more readers there are, and the desk answers the bot meanwhile.
                await asyncio.sleep(0.05 + len(self.chats) / 20_000)

    async def judge(self, excused: tuple[str, ...] = ()) -> Figures:
        """Say what the ledger comes to; to be asked when nothing runs. `excused`: ends of refusals."""
        ledger = self.desk.ledger
        found = Figures(messages=sum(one.mark is not None for one in ledger))
        found.lost = len(await self.owed())
        found.loud_doubles = len(ledger.doubled_loud())
        found.backwards = len(ledger.out_of_order())
        found.strangers = sum(not self._concerns(one) for one in ledger if one.mark is not None)
        found.only_silent = sum(self._is_only_silent(one) for one in _last_of_each(ledger))
        found.unanswered = sum(not self.answered(wish) for wish in self.wishes)
        found.alerts_after_stop = sum(map(self._alerts_after, self.wishes))
        found.unfulfilled = await self._unfulfilled()
        # After a death, and in a chat that has moved, some messages are not where they were.
        self.wrongs = [one for one in self.desk.violations if not one.endswith(_AFTER_A_DEATH + excused)]
        found.violations = len(self.wrongs)
        found.deleted = sum(self._is_gone(one) for one in ledger if one.deleted and one.mark is not None)
        return found

    def _concerns(self, alert: Entry) -> bool:
        assert alert.mark is not None
        first, last = alert.mark
        told = [one for one in self.known if first <= one.number <= last]
        return any(one.people & self.follows[alert.chat] for one in told)

    def _is_gone(self, alert: Entry) -> bool:
        """Return whether nobody can read an alert any more that nobody asked to be deleted."""
        assert alert.mark is not None
        last = alert.mark[1]
        left = (one.mark for one in self.desk.ledger.everything(alert.chat) if not one.deleted)
        told = any(mark is not None and mark[0] <= last <= mark[1] for mark in left)
        return not told and alert.chat not in self.excused

    def _is_only_silent(self, alert: Entry) -> bool:
        assert alert.mark is not None
        return not any(
            one.mark is not None and one.mark[0] <= alert.mark[1] <= one.mark[1]
            for one in self.desk.ledger.loud(alert.chat)
        )

    def _alerts_after(self, wish: Wish) -> int:
        """Count the alerts that came to somebody after they were told that none will."""
        if wish.said not in {"/stop", "/forget"}:
            return 0
        after = self.desk.ledger.everything(wish.chat)
        if wish.tap is not None:
            if wish.tap.answered_at is None:
                return 0
            answered_at = wish.tap.answered_at
            return sum(one.mark is not None and one.sent_at > answered_at for one in after)
        answer = self._answer(wish)
        return sum(one.mark is not None and one.order > answer.order for one in after) if answer else 0

    async def _unfulfilled(self) -> int:
        """Count the wishes of which the rows say otherwise."""
        records = {record.chat: record for record in await self.rows.records()}
        wrong = 0
        for wish in self.wishes:
            record = records.get(wish.chat)
            if wish.said not in {"/stop", "/forget"}:
                refused = wish.chat in self.desk.ledger.refused
                wrong += wish.said == "language" and not refused and _speaks(record) is not View.RU
            else:
                wrong += record is not None and bool(record.follows or record.told)
        return wrong

    # What lies on the disk.

    def was_in_doubt(self, chat: int, number: int) -> None:
        """Note that a row was made to say that a message is on its way: no death did that."""
        self._doubtful.add((chat, number))

    async def count_marked(self) -> int:
        """Return how many rows a death left in doubt: not an earlier one, and not the weather."""
        flights = {
            (record.chat, record.in_flight.publication)
            for record in await self.rows.records()
            if record.in_flight is not None
        }
        unsure, new = self.unsure(), len(flights - self._doubtful)
        self._doubtful |= flights
        by_weather, self._unsure = unsure - self._unsure, unsure
        self.marked += new
        return max(0, new - by_weather)

    def unsure(self) -> int:
        """Count the calls after which the bot could not know whether they were carried out."""
        kinds = self.desk.records.kinds
        names = ("500", "502", "cut after executing")
        return sum(kinds[f"{origin}: {name}"] for origin in ("weather", "fault") for name in names)


def _speaks(record: Record | None) -> View | None:
    return record.view if record else None


def _last_of_each(ledger: Iterable[Entry]) -> list[Entry]:
    """Return one silent alert of each chat and end of a span: a repeat of a repeat is no second one."""
    silent = {(one.chat, one.mark[1]): one for one in ledger if one.mark is not None and one.silent}
    return list(silent.values())


@asynccontextmanager
async def town(
    address: str,
    folder: Path,
    *,
    chats: int,
    people: int,
    speakers: int = 0,
    weather: Weather | None = None,
    alike: bool = False,
) -> AsyncIterator[Town]:
    """Build a town: a desk, a registry of placeholder people, a vault of their followers.

    `alike`: whoever follows one of the people follows all.
    """
    (folder / "no-seed").mkdir()
    database = Database(address)
    desk = Desk(marker=by_button(span), history=False, limits=Limits(RATE, RATE, paid_per_second=1000))
    desk.weather = weather = weather or Weather()
    try:
        await prepare_registry(database, folder / "no-seed", TODAY)
        # Old enough that its clock never passes ours, young enough that everything is told aloud.
        newsroom = Newsroom(database, datetime.now(UTC) - timedelta(hours=40))
        await newsroom.open()
        for key in range(people):
            await newsroom.person(str(key))
        numbers = await _numbers(database, people)
        population = desk.populate(chats)
        follows = {
            chat: frozenset(n for place, n in enumerate(numbers) if (chat if alike else place + chat) % 5)
            for chat in population
        }
        rows = Rows(database, folder)
        await _fill(rows, follows)
        async with desk.serving() as url:
            built = Town(
                *(desk, url, address, folder, database, rows, newsroom, random.Random(weather.seed)),  # noqa: S311
                *(population, numbers, follows),
            )
            built.speakers = [desk.somebody(chat, "be") for chat in population[:speakers]]
            yield built
    finally:
        await database.close()


async def _numbers(database: Database, people: int) -> tuple[int, ...]:
    async with database.reading() as connection:
        query = (
            select(person.c.number)
            .where(person.c.key.in_([f"example-{key}" for key in range(people)]))
            .order_by(person.c.id)
        )
        return tuple((await connection.execute(query)).scalars())


async def _fill(rows: Rows, follows: dict[int, frozenset[int]]) -> None:
    flags = Flag.DISCREET | Flag.CONSENTED
    records = (
        Record(chat, people=people, flags=flags if chat % 4 else Flag.CONSENTED)
        for chat, people in follows.items()
    )
    await fill(rows.shelf(), rows.keyring, ROOT, records)
