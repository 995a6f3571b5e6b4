"""Made-up readers who write at a fixed pace, and the Telegram they write through, which checks nothing.

Half of them are passing: nothing is known of them until they write. The others followed somebody before.
Each goes through the same visit: a command, a tap, a name, a tap, a question, a tap, a name misspelled.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import ClientError, ClientSession, TCPConnector, web

from bot.bench import lean_server
from bot.chat.buttons import Ask, Press, parse
from bot.chat.webhook import SECRET_HEADER

FIRST_CHAT: Final = 7_000_000_000
SECRET: Final = "a-secret-of-the-benchmark"  # noqa: S105
CONNECTIONS: Final = 100
_TAP: Final = "tap"
_NAME: Final = "a name"
_SLIP: Final = "a name misspelled"
_FOLLOW: Final = "follow"
_AGREE: Final = "agree"
_VISIT: Final = ("/start", _TAP, _NAME, _TAP, "question", _TAP, _TAP, _SLIP, "/releases", _TAP)
_BEGINNING: Final = (_NAME, _FOLLOW, _AGREE)
_QUESTIONS: Final = (
    "што пакласці ў перадачу ў СІЗА",
    "как найти адвоката, если человека задержали вчера",
    "how do I write a letter to a prisoner",
    "куды звяртацца пасля вызвалення па медыцынскую дапамогу",
)
# What would end a visit, and what only an alert has.
_NOT_TAPPED: Final = frozenset({Ask.FORGET, Ask.FORGET_NOW, Ask.CLEAR, Ask.STOP, Ask.KEEP, Ask.UNFOLLOW})
_ANSWERS: Final = frozenset({"sendMessage", "editMessageText"})


@dataclass(slots=True)
class Reader:
    """One chat: how far its visit is, what its screen shows, and since when an answer is due."""

    chat: int
    steps: deque[str]
    messages: int = 0
    shown: int = 0
    buttons: tuple[str, ...] = ()
    tapped: str = ""
    due: float | None = None


@dataclass(frozen=True, slots=True)
class Took:
    """How updates were taken: how many a second, seconds until each 200, and until each answer."""

    per_second: float
    taken: list[float]
    answered: list[float]
    brought: int


@dataclass(slots=True)
class Town:
    """So many readers and a Bot API for one bot. `names` are what they look for."""

    count: int
    names: list[str]
    readers: dict[int, Reader] = field(default_factory=dict)
    _answered: list[float] = field(default_factory=list)
    _updates: int = 0
    _chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311

    def __post_init__(self) -> None:
        for number in range(self.count):
            steps = deque(_BEGINNING if number % 2 else ())
            self.readers[FIRST_CHAT + number] = Reader(FIRST_CHAT + number, steps)

    async def api(self, request: web.BaseRequest) -> web.Response:
        """Answer a call as Telegram would; remember what a reader sees now."""
        if request.path.rpartition("/")[2] not in _ANSWERS:
            return await lean_server.answer(request)
        sent = await request.json() if request.content_type == "application/json" else await request.post()
        reader = self.readers[int(str(sent["chat_id"]))]
        if reader.due is not None:
            self._answered.append(time.perf_counter() - reader.due)
            reader.due = None
        if "message_id" in sent:
            reader.shown = int(str(sent["message_id"]))
        else:
            reader.messages += 1
            reader.shown = reader.messages
        reader.buttons = _buttons(sent.get("reply_markup"))
        message = {**lean_server.MESSAGE, "message_id": reader.shown, "chat": _chat(reader)}
        return web.Response(body=lean_server.result(message), content_type="application/json")

    async def begin(self, url: str, rate: int) -> None:
        """Let the followers follow, until nothing of that is left."""
        followers = [reader for reader in self.readers.values() if reader.steps]
        while left := [reader for reader in followers if reader.steps]:
            await self._bring(url, left, len(left), rate)

    async def write(self, url: str, count: int, rate: int) -> Took:
        """Bring so many updates at a fixed pace; who writes takes turns."""
        return await self._bring(url, list(self.readers.values()), count, rate)

    async def _bring(self, url: str, readers: list[Reader], count: int, rate: int) -> Took:
        taken: list[float] = []
        self._answered = []
        headers = {SECRET_HEADER: SECRET, "Content-Type": "application/json"}
        async with ClientSession(connector=TCPConnector(limit=CONNECTIONS), headers=headers) as session:
            began = time.perf_counter()

            async def one(number: int) -> None:
                due = began + number / rate
                await asyncio.sleep(due - time.perf_counter())
                body = json.dumps(self._update(readers[number % len(readers)], due))
                async with session.post(url, data=body) as response:
                    if response.status == 200:
                        taken.append(time.perf_counter() - due)

            async with asyncio.TaskGroup() as tasks:
                for number in range(count):
                    tasks.create_task(one(number))
            took = time.perf_counter() - began
        await self._until_answered(readers)
        return Took(count / took, sorted(taken), sorted(self._answered), count)

    async def _until_answered(self, readers: list[Reader]) -> None:
        for _ in range(300):
            if all(reader.due is None for reader in readers):
                return
            await asyncio.sleep(0.1)

    def _update(self, reader: Reader, due: float) -> dict[str, Any]:
        """Return the next thing a reader does; a tap on nothing is a command."""
        if not reader.steps:
            reader.steps.extend(_VISIT)
        step, self._updates, reader.due = reader.steps.popleft(), self._updates + 1, due
        sender = {"id": reader.chat, "is_bot": False, "first_name": "Reader", "language_code": "be"}
        if step in {_TAP, _FOLLOW, _AGREE} and (data := self._chosen(reader, step)):
            reader.tapped = data
            message = {
                "message_id": reader.shown,
                "date": int(time.time()),
                "chat": _chat(reader),
                "text": "x",
            }
            query = {"id": str(self._updates), "from": sender, "chat_instance": "1", "data": data}
            return {"update_id": self._updates, "callback_query": {**query, "message": message}}
        text = self._words(step)
        reader.messages += 1
        message = {"message_id": reader.messages, "date": int(time.time()), "chat": _chat(reader)}
        message |= {"from": sender, "text": text}
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        return {"update_id": self._updates, "message": message}

    def _chosen(self, reader: Reader, step: str) -> str | None:
        presses = [(data, press) for data in reader.buttons if (press := parse(data)) is not None]
        if step in {_FOLLOW, _AGREE}:
            wanted = Ask.FOLLOW if step == _FOLLOW else Ask.AGREE
            return next((data for data, press in presses if press.ask is wanted), None)
        offered = [data for data, press in presses if _may_be_tapped(press) and data != reader.tapped]
        return self._chance.choice(offered) if offered else None

    def _words(self, step: str) -> str:
        name = self._chance.choice(self.names)
        if step == _NAME:
            return name
        if step == _SLIP:
            place = len(name) - 4
            return name[:place] + name[place + 1 :]
        return step if step.startswith("/") else self._chance.choice(_QUESTIONS)


def _buttons(markup: Any) -> tuple[str, ...]:
    """Return what the buttons of a keyboard hold; some libraries send it as text."""
    keyboard = json.loads(markup) if isinstance(markup, str) else markup or {"inline_keyboard": ()}
    return tuple(button["callback_data"] for row in keyboard["inline_keyboard"] for button in row)


def _may_be_tapped(press: Press) -> bool:
    return not press.switch and press.ask not in _NOT_TAPPED


def _chat(reader: Reader) -> dict[str, Any]:
    return {"id": reader.chat, "type": "private", "first_name": "Reader"}


async def until_it_listens(url: str, seconds: float) -> None:
    """Wait until somebody answers at an address. Raises TimeoutError."""
    async with asyncio.timeout(seconds), ClientSession() as session:
        while True:
            try:
                async with session.get(url):
                    return
            except ClientError:
                await asyncio.sleep(0.1)
