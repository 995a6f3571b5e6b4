"""A desk whose clock stands still, python-telegram-bot's own Bot, and raw calls for what no library sends."""

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.desk.desk import Desk
from bot.desk.people import Person

Call = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


@dataclass
class Clock:
    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(clock: Clock) -> Desk:
    return Desk(clock=clock)


@pytest.fixture
async def url(desk: Desk) -> AsyncIterator[str]:
    async with desk.serving() as url:
        yield url


@pytest.fixture
async def bot(desk: Desk, url: str) -> AsyncIterator[Bot]:
    # Nothing here is encrypted, and reading this machine's authorities takes longer than most tests.
    unread = [HTTPXRequest(httpx_kwargs={"verify": False}) for _ in range(2)]
    async with Bot(desk.token, f"{url}/bot", request=unread[0], get_updates_request=unread[1]) as bot:
        yield bot


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def call(desk: Desk, url: str, http: aiohttp.ClientSession) -> Call:
    async def call(method: str, **params: Any) -> dict[str, Any]:
        async with http.post(f"{url}/bot{desk.token}/{method}", json=params) as answer:
            given: dict[str, Any] = await answer.json()
            return given

    return call


@pytest.fixture
def sister(desk: Desk) -> Person:
    """Somebody the bot may write to."""
    person = desk.person("Марыя", language_code="be")
    person.start()
    return person
