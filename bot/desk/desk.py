"""A Telegram on your desk: a Bot API server on 127.0.0.1, the people who talk to the bot, and what they see.

    desk = Desk()
    async with desk.serving() as url:         # the bot's base_url is url + "/bot", its token desk.token
        sister = desk.person("Марыя", language_code="be")
        sister.start()                        # also says, sends, edits, taps, blocks, unblocks, vanishes
        [welcome] = await sister.hears()      # what the bot sent or edited since the last act
        sister.taps("Дапамога")               # by its words, or (message, data) as a hostile phone
        await sister.answered()               # .text and .alert of the answer to the tap
        assert sister.screen.text == "…"      # .entities, .buttons, .button_texts, .edited, .id
        assert sister.lock_screen == ["Воля: …"]
        await sister.hears_nothing()
    assert desk.violations == []              # nothing Telegram would refuse, every tap answered

More: `desk.group("Title", members=[sister])` and `sister.says(text, to=group)`; `desk.inject({...})` for
updates of any kind, even malformed ones; `desk.calls`; `desk.faults.next("sendMessage", faults.too_many(3))`;
`desk.limits = Limits()`; `sister.listens()` before what comes unasked; `await desk.settled()`;
`await desk.until(lambda: not sister.history)`; `sister.transcript` for snapshots; and
`desk.expect_refusal("sendMessage")` where a refusal is what the test is about. Time is the `clock` given to
the desk; only waiting uses the loop's.

For long proofs: `Desk(history=False, marker=by_button(read))`, `chats = desk.populate(100_000)`,
`desk.weather = Weather.rough(seed=1)`, `desk.latency = Latency()`, `desk.limits = Limits.strict(30)`,
`desk.throttle.flood(20)`; then ask `desk.ledger`, `desk.records.kinds` and `desk.throttle.used.share()`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from bot.desk.acts import Act
from bot.desk.controls import Controls
from bot.desk.faults import Faults
from bot.desk.ledger import Ledger, Marker
from bot.desk.limits import Limits, Throttle
from bot.desk.page_api import PageApi, only_from_here
from bot.desk.people import Group, Person
from bot.desk.records import Call, Records
from bot.desk.server import Server
from bot.desk.weather import Latency, Weather
from bot.desk.world import BLOCKED, Chat, Tap, World

TOKEN: Final = "1234567:DESK"  # noqa: S105 - of a bot that does not exist
_POPULATION_FROM: Final = 7_000_000_000
_PEOPLE_FROM: Final = 6_000_000_000  # more than 32 bits hold, as with real accounts
_FIRST_GROUP: Final = -4_000_001
_LARGEST_BODY: Final = 1024 * 1024
_THREE: Final = (
    ("Ольга", "ru", {"be": "маці, Гомель", "ru": "мама, Гомель", "en": "a mother, Homel"}),
    ("Янка", "be", {"be": "брат, Варшава", "ru": "брат, Варшава", "en": "a brother, Warsaw"}),
    ("Emma", "en", {"be": "журналістка", "ru": "журналистка", "en": "a journalist"}),
)


class Desk:
    """One bot's Telegram."""

    def __init__(
        self,
        token: str = TOKEN,
        clock: Callable[[], float] = time.time,
        *,
        limits: Limits | None = None,
        bot_name: str = "Volya",
        bot_username: str = "volya_desk_bot",
        tour: Sequence[Mapping[str, str]] = (),
        acts: Sequence[Act] = (),
        data: Path | None = None,
        marker: Marker | None = None,
        history: bool = True,
    ) -> None:
        """Make a desk; `data` is the folder of the bot that its page of evidence looks at.

        `acts` are buttons below the tour that do what their maker says.
        `marker` reads for the ledger what a message is about. Without `history` calls are only counted and
        messages of the population are only in the ledger.
        """
        self._world = World(token, clock, bot_name, bot_username, history=history)
        self._world.ledger.marker = marker
        self._server = Server(self._world, Throttle(limits, clock))
        self.tour, self.acts, self.data = tour, acts, data
        self.people: list[Person] = []
        self.groups: list[Group] = []
        self._seen = 0

    @property
    def token(self) -> str:
        """The token the bot must use."""
        return self._world.token

    @property
    def faults(self) -> Faults:
        """The trouble on order that is still to come."""
        return self._server.faults

    @property
    def weather(self) -> Weather:
        """The trouble that comes by chance; setting it counts every chat's calls from one again."""
        return self._server.sky.weather

    @weather.setter
    def weather(self, weather: Weather) -> None:
        self._server.sky.change(weather)
        self._world.changes.tell()

    @property
    def latency(self) -> Latency | None:
        """How long a call takes; None: no longer than it must."""
        return self._server.latency

    @latency.setter
    def latency(self, latency: Latency | None) -> None:
        self._server.latency = latency

    @property
    def throttle(self) -> Throttle:
        """The limits at work: floods, and how much of the rate was used."""
        return self._server.throttle

    @property
    def limits(self) -> Limits | None:
        """How fast the bot may speak; None: as fast as it can."""
        return self._server.throttle.limits

    @limits.setter
    def limits(self, limits: Limits | None) -> None:
        self._server.throttle.limits = limits
        self._world.changes.tell()

    @property
    def ledger(self) -> Ledger:
        """Every message that reached a chat, for a judge."""
        return self._world.ledger

    @property
    def records(self) -> Records:
        """What became of every call, and which bucket was empty."""
        return self._world.records

    @property
    def world(self) -> World:
        """The state behind everything, for the chat page."""
        return self._world

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncGenerator[str]:
        """Serve on 127.0.0.1 (port 0: any free one) and give the address."""
        self._world.ended = self._world.updates.ended = False
        app = web.Application(client_max_size=_LARGEST_BODY, middlewares=[only_from_here])
        self._server.add_routes(app)
        PageApi(self).add_routes(app)
        Controls(self).add_routes(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            async with self._server.webhook.delivering():
                yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            self._world.ended = self._world.updates.ended = True
            self._world.updates.wake()
            self._world.changes.tell()
            await runner.cleanup()

    def person(self, name: str, language_code: str | None = None, **user: Any) -> Person:
        """Give somebody a Telegram account; `user` may add last_name, username, is_premium."""
        self._seen += 1
        described = {"id": _PEOPLE_FROM + self._seen, "is_bot": False, "first_name": name, **user}
        return self._seat(described, language_code)

    def _seat(self, described: dict[str, Any], language_code: str | None) -> Person:
        if language_code is not None:
            described["language_code"] = language_code
        person = Person(self._world, described)
        self.people.append(person)
        self._world.changes.tell()
        return person

    def populate(self, count: int, first: int = _POPULATION_FROM) -> range:
        """Let so many private chats exist without a person in front of each; return their numbers."""
        numbers = range(first, first + count)
        self._world.populate(numbers)
        return numbers

    def somebody(self, number: int, language_code: str | None = None) -> Person:
        """Put a person in front of a chat of the population, with a history from now on."""
        closed = self.chat(number).closed
        person = self._seat({"id": number, "is_bot": False, "first_name": str(number)}, language_code)
        person.chat.known, person.chat.closed = True, closed
        return person

    def block(self, numbers: Iterable[int]) -> None:
        """Let these chats have blocked the bot before; it is not told, and meets 403."""
        for number in numbers:
            self._world.close(number, BLOCKED)

    def invite_three(self) -> list[Person]:
        """Seat a mother with a phone in Russian, a brother in Belarusian and a journalist in English."""
        for name, language, note in _THREE:
            self.person(name, language).note = note
        return self.people[-len(_THREE) :]

    def remove(self, person: Person) -> None:
        """Take a person away from the desk, as an account that is deleted."""
        person.vanishes()
        self.people.remove(person)
        self._world.changes.tell()

    def group(self, title: str, members: Sequence[Person], *, privacy: bool = True) -> Group:
        """Make a group; its first member adds the bot."""
        number = _FIRST_GROUP - len(self.groups)
        group = Group(self._world, number, title, list(members), privacy=privacy)
        self.groups.append(group)
        return group

    def inject(self, update: Any, lane: int = 0) -> int:
        """Queue a raw update of any shape; an object without update_id gets one. Return its number."""
        return self._world.updates.inject(update, lane)

    def renumber(self, first: int) -> None:
        """Number the next updates from here, as Telegram may after a week without any."""
        self._world.updates.renumber(first)

    def expect_refusal(self, method: str, times: int = 1) -> None:
        """Say that the next refusals of a method are what the test is about."""
        self._server.expected_refusals[method] += times

    @property
    def calls(self) -> list[Call]:
        """Every call of the bot, oldest first, getUpdates left out."""
        return list(self._world.records.calls)

    @property
    def violations(self) -> list[str]:
        """What Telegram would have refused or people would have suffered, in plain words; empty is good."""
        return self._world.wrongs + self._world.unanswered()

    def taps_of(self, person: Person) -> list[Tap]:
        """Every tap of a person, oldest first."""
        return [tap for tap in self._world.taps.values() if tap.person_id == person.id]

    @property
    def pending_updates(self) -> int:
        """How many updates the bot has not confirmed."""
        return len(self._world.updates)

    def chat(self, number: int) -> Chat:
        """Find a chat by its number."""
        chat = self._world.chat_at(number)
        if chat is None:
            raise LookupError("there is no such chat")
        return chat

    async def until(self, holds: Callable[[], bool], timeout: float = 10) -> None:
        """Wait until something about the people or the bot holds: a history wiped, a call made."""
        if not await self._world.changes.until(holds, timeout):
            raise TimeoutError("it did not come to hold")

    async def settled(self, quiet_seconds: float = 0.1, timeout: float = 10) -> None:
        """Wait until the bot has confirmed every update and then made no call for a while."""
        world = self._world
        async with asyncio.timeout(timeout):
            while True:
                await world.updates.all_confirmed()
                before = world.records.made
                await asyncio.sleep(quiet_seconds)
                if not len(world.updates) and world.records.made == before:
                    return
