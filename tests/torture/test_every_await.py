"""Ended right before and right after every await there is: nothing is lost, and nothing loud is doubled."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.desk import faults
from bot.desk.people import Person
from bot.store import publications
from bot.store.database import Database
from tests.torture.edges import Place, every_edge
from tests.torture.lives import EVERYBODY, Life, Nursery, nursery
from tests.torture.town import Town, Wish, town

CHATS, SPEAKERS = 60, 40
NEWS_OF_A_TOWN = 20
"""After as many another town begins: a chat that is full of untapped alerts gives the oldest up."""
ALWAYS = 10
"""More sends to one chat than any act makes."""
FULL = 1024
"""Rows of the smallest vault: the next newcomer makes it grow."""


class House:
    """A bot that is begun again whenever it has ended, and what readers and editors do to it."""

    def __init__(self, place: Town, lives: Nursery) -> None:
        self.place, self._lives = place, lives
        self._life: Life | None = None
        self._spec = place.spec()
        self.deaths = 0
        self._faulty: list[int] = []

    @property
    def life(self) -> Life:
        assert self._life is not None
        return self._life

    def begin(self, ends: Place | None = None, **other: int) -> None:
        self._spec = self.place.spec(**other)
        self._life = self._lives.begin(replace(self._spec, ends=ends))

    async def end(self) -> set[Place]:
        """End it wherever it is; return the places it came to."""
        self.life.look()
        self.deaths += self.life.ended == -signal.SIGKILL
        await self.life.killed()
        await self.place.count_marked()
        return self.life.reached

    async def until(self, holds: Callable[[], bool | Awaitable[bool]], seconds: float = 30) -> None:
        """Wait until something holds, through deaths."""
        async with asyncio.timeout(seconds):
            while True:
                await self._live_on()
                found = holds()
                if found if isinstance(found, bool) else await found:
                    return
                await asyncio.sleep(0.03)

    async def _live_on(self) -> None:
        self.life.look()
        if self.life.ended is None:
            return
        assert self.life.ended in (-signal.SIGKILL, 0), "it ended otherwise than by our hand"
        self.deaths += self.life.ended != 0
        await self.place.count_marked()
        self._life = self._lives.begin(self._spec)

    async def is_told(self) -> None:
        """Wait until everybody has been told everything."""
        await self.until(self._has_told)

    async def _has_told(self) -> bool:
        return not await self.place.owed() and len(self.place.known) == self.place.written

    async def correct(self) -> None:
        """Publish something that concerns everybody."""
        await self.place.correct(self.place.claims[0])

    def somebody(self) -> Person:
        """Take a reader of whom nothing else is wanted afterwards."""
        while True:
            speaker = self.place.speakers.pop()
            if speaker.chat.closed is None and speaker.history:
                return speaker

    async def asks(self, person: Person, said: str) -> None:
        """Let somebody write, and wait for the answer."""
        wish = Wish(person.id, said, person.says(said).id)
        await self.until(lambda: self.place.answered(wish))


async def news(house: House) -> None:
    """A correction reaches everybody; the wrong message says so."""
    await house.correct()
    await house.is_told()
    # The old ones are edited after the new ones have come.
    await asyncio.sleep(0.3)


async def words(house: House) -> None:
    """A follower writes, mends what they wrote, and chooses; a stranger writes for the first time."""
    desk = house.place.desk
    reader = house.place.speakers[0]
    await house.asks(reader, "/help")
    reader.edits(reader.history[-2], "/about")
    await house.until(lambda: not desk.pending_updates)
    await house.asks(desk.person("Вера", "be"), "/start")
    said = house.place.says(house.somebody(), "language")
    await house.until(lambda: house.place.answered(said))


async def leaving(house: House) -> None:
    """While something is told, one says stop and one wants to be forgotten."""
    await house.correct()
    for wish in ("/stop", "/forget"):
        said = house.place.says(house.somebody(), wish)
        await house.until(partial(house.place.answered, said))
    await house.is_told()


async def trouble(house: House) -> None:
    """One message is in doubt, one refused for now, one for long; one reader has blocked the bot."""
    place = house.place
    unsure, later, late, gone = (house.somebody() for _ in range(4))
    place.desk.faults.next("sendMessage", faults.server_error(), chat_id=unsure.id)
    place.desk.faults.next("sendMessage", faults.too_many(1), chat_id=later.id)
    place.desk.faults.next("sendMessage", faults.too_many(400), chat_id=late.id)
    place.desk.block([gone.id])
    place.excused.add(late.id)
    await house.correct()
    await house.until(lambda: not len(place.desk.faults))
    await house.is_told()
    place.excused.discard(late.id)
    await asyncio.sleep(0.3)


async def strange(house: House) -> None:
    """One chat has got another number; of one Telegram refuses every text."""
    place = house.place
    moved, poisoned = house.somebody(), house.somebody()
    there = house.place.desk.person("Марыя", "be")
    there.says("/nothing")
    there.chat.known = True
    answer = {"ok": False, "error_code": 400, "description": "Bad Request: group chat was upgraded"}
    body = json.dumps({**answer, "parameters": {"migrate_to_chat_id": there.id}}).encode()
    parse = json.dumps({**answer, "description": "Bad Request: can't parse entities"}).encode()
    # Who was moved stays so: a process that died before it wrote that down is told once more.
    place.desk.faults.next("sendMessage", faults.answer(body, 400), chat_id=moved.id, times=ALWAYS)
    place.desk.faults.next("sendMessage", faults.answer(parse, 400), chat_id=poisoned.id, times=2)
    place.excused |= {moved.id, poisoned.id}
    place.follows[there.id] = place.follows[moved.id]
    await house.correct()
    await house.until(lambda: len(place.desk.faults) < ALWAYS)
    await house.is_told()
    await asyncio.sleep(0.3)
    place.desk.faults.clear()


async def night(house: House) -> None:
    """The next day begins: everything is sealed anew, and what is due goes."""
    before = await house.place.epoch()
    turned_at = 0.0

    async def sealed_anew() -> bool:
        nonlocal turned_at
        # Turned before it has looked at the day it is no new one: then it is turned again.
        if house.life.ready and time.monotonic() - turned_at > 1:
            turned_at = time.monotonic()
            os.kill(house.life.pid, signal.SIGUSR1)
        return await house.place.epoch() > before

    await house.until(sealed_anew)
    await asyncio.sleep(0.3)
    await news(house)


async def third(house: House) -> None:
    """What would reach too many waits for a third editor."""
    await house.correct()
    [held] = await held_ones(house)
    await house.place.newsroom.confirm_held(held)
    await house.is_told()


async def held_ones(house: House) -> list[int]:
    found: list[int] = []

    async def is_held() -> bool:
        async with house.place.database.reading() as connection:
            every = await publications.queued(connection)
        found[:] = [one.id for one in every if one.state.value == "held"]
        return bool(found)

    await house.until(is_held)
    return found


async def restored(house: House) -> None:
    """An older copy of the registry was put back: nothing goes until the operator says so."""
    # A word that came before there was anything to resume would be no word about this.
    await house.until(house.place.is_held)
    await house.place.resume()
    # What was approved before the word may have been told already, and makes no sound.
    house.place.newsroom.moves_to(datetime.now(UTC) + timedelta(minutes=1))
    await house.correct()
    await house.is_told()


async def asked_to_stop(house: House) -> None:
    """It is asked to stop, and begun again."""
    await news(house)
    await house.until(lambda: house.life.ready)
    os.kill(house.life.pid, signal.SIGUSR2)
    await house.life.is_over()
    await news(house)


async def fenced(house: House) -> None:
    """Another process has become the sender for a moment."""
    await house.is_told()
    async with house.place.database.writing() as connection:
        await connection.execute(text("UPDATE sender_lease SET token = token + 1"))
    await news(house)


async def growing(house: House) -> None:
    """One more comes than there is room for."""
    for _ in range(3):
        await house.asks(house.place.desk.person("Вера", "be"), "/start")
    await news(house)


@dataclass(frozen=True, slots=True)
class Act:
    """What happens while a process is armed."""

    happens: Callable[[House], Awaitable[None]]
    breaks_at: int = EVERYBODY
    loses_the_newest: bool = False
    on_postgres_only: bool = False
    chats: int = CHATS

    @property
    def is_alone(self) -> bool:
        """Return whether it changes its town for good, or uses up its readers."""
        return self.happens not in {news, asked_to_stop, fenced, third}

    async def through(self, house: House, ends: Place | None) -> set[Place]:
        """Let it happen to a bot that ends at a place; return the places it came to."""
        if self.loses_the_newest:
            await house.place.owed()
            house.place.lose_the_newest()
        house.begin(ends, breaks_at=self.breaks_at)
        await self.happens(house)
        return await house.end()


ACTS = (
    *(Act(news), Act(words), Act(leaving), Act(trouble), Act(strange), Act(night)),
    *(Act(third, breaks_at=1), Act(restored, loses_the_newest=True), Act(asked_to_stop)),
    *(Act(fenced, on_postgres_only=True), Act(growing, chats=FULL)),
)


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with nursery(tmp_path_factory.mktemp("lives") / "log", with_edges=True) as begun:
        yield begun


class Towns:
    """Towns one after another, judged when they have seen enough."""

    def __init__(self, address: str, folder: Path, lives: Nursery) -> None:
        self._address, self._folder, self._lives = address, folder, lives
        self._built = 0
        self.deaths = 0
        self.figures: Counter[str] = Counter()

    @asynccontextmanager
    async def town(self, chats: int) -> AsyncIterator[House]:
        """Build a town, and judge it in the end."""
        self._built += 1
        folder = self._folder / str(self._built)
        folder.mkdir()
        address = await self._fresh(folder)
        async with town(address, folder, chats=chats, people=1, speakers=min(chats, SPEAKERS)) as place:
            house = House(place, self._lives)
            house.begin()
            await place.publish(0)
            await house.is_told()
            await house.end()
            yield house
            found = await place.judge(AT_ONCE_AGAIN if house.deaths else ())
            self.deaths += house.deaths
            self.figures.update({**asdict(found), "marked": place.marked, "unsure": place.unsure()})
            assert found.faults() == {}
            assert found.only_silent <= place.marked + place.unsure()

    async def _fresh(self, folder: Path) -> str:
        if not self._address.startswith("postgresql"):
            return f"sqlite+aiosqlite:///{folder / 'registry.db'}"
        database = Database(self._address)
        async with database.writing() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
        await database.close()
        return self._address


SEED = 20261128
AT_ONCE_AGAIN = ("retry after 1 (private chat)",)
"""How Telegram refuses a second message of a second: who is begun anew does not know of the first."""
SAMPLED = 2
"""Places of a slice, on each store."""
TRIES = 10
NOT_REACHED = 0.35
"""The share of places that no act comes to: what a lost race, a damaged row or a first start would need."""


@pytest.mark.proof
async def test_ended_beside_an_await_nothing_is_lost_and_nothing_loud_is_doubled(
    empty_address: str,
    tmp_path: Path,
    lives: Nursery,
    whole_proof: bool,
    proved: Callable[..., None],
) -> None:
    towns = Towns(empty_address, tmp_path, lives)
    acts = [act for act in ACTS if not act.on_postgres_only or empty_address.startswith("postgresql")]
    where = await reached(towns, acts if whole_proof else [])
    every = [place for edge in every_edge() for place in edge.places()]
    left = [place for place in every if place not in where]
    chosen = sorted(where) if whole_proof else random.Random(SEED).sample(sorted(where), SAMPLED)  # noqa: S311
    missed = await ended_at(towns, {place: where[place] for place in chosen})
    proved(
        seed=SEED,
        places=len(every),
        reached=len(where),
        ended=len(chosen) - len(missed),
        deaths=towns.deaths,
        **towns.figures,
    )
    if whole_proof:
        print(*(f"not reached: {place}" for place in left), sep="\n")
        assert len(left) <= NOT_REACHED * len(every)
    assert missed == []


async def reached(towns: Towns, acts: Sequence[Act]) -> dict[Place, Act]:
    """Return which act comes to which place; without acts, what is come to when news are told."""
    found: dict[Place, Act] = {}
    for act in acts:
        async with towns.town(act.chats) as house:
            for place in await act.through(house, None):
                found.setdefault(place, act)
    if not acts:
        # Only what is come to each time: what hangs on a race may not be met again for long.
        async with towns.town(CHATS) as house:
            once = await ACTS[0].through(house, None)
            again = await ACTS[0].through(house, None)
            found = dict.fromkeys(once & again, ACTS[0])
    return found


async def ended_at(towns: Towns, where: dict[Place, Act]) -> list[Place]:
    """Let it end once at each place; return those where it did not, although it was tried often."""
    missed: list[Place] = []
    waiting = sorted(where, key=lambda place: (ACTS.index(where[place]), place))
    while waiting:
        act = where[waiting[0]]
        async with towns.town(act.chats) as house:
            while waiting and where[waiting[0]] is act and house.place.written <= NEWS_OF_A_TOWN:
                place = waiting.pop(0)
                if not await ends(house, act, place):
                    missed.append(place)
                if act.is_alone:
                    break
    return missed


async def ends(house: House, act: Act, place: Place) -> bool:
    """Try to end at a place; return whether it came to it."""
    for _ in range(TRIES):
        deaths = house.deaths
        await act.through(house, place)
        if house.deaths > deaths:
            return True
    return False
