"""A house: a bot that is begun again whenever it has ended, while readers and editors do things to it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Any

from bot.desk.people import Person
from tests.torture.edges import Place
from tests.torture.lives import Life, Nursery
from tests.torture.town import Town, Wish


class House:
    """A life after another in one town."""

    def __init__(self, place: Town, lives: Nursery) -> None:
        self.place, self._lives = place, lives
        self._life: Life | None = None
        self._spec = place.spec()
        self._looking = asyncio.Lock()
        self._reached: set[Place] = set()
        self.deaths = 0
        self._releases = 0
        self.has_died = False
        self.chosen: list[Person] = []
        """Readers to whom something was done before the bot began."""
        self.came: set[int] = set()
        """Who has come without being told anything."""
        self.more: dict[str, Any] = {}
        """What the next lives are given besides."""
        self.beside = AsyncExitStack()
        """What is there only while an act happens."""

    @property
    def life(self) -> Life:
        assert self._life is not None
        return self._life

    def begin(self, ends: Place | None = None, **other: Any) -> None:
        """Let it live; the first of its lives ends at a place."""
        self._reached = set()
        self._spec = self.place.spec(**other, **self.more)
        self._life = self._lives.begin(replace(self._spec, ends=ends))

    async def end(self) -> set[Place]:
        """End it wherever it is; return the places that it came to, in all its lives."""
        self.life.look()
        ended = self.life.ended
        await self.life.killed()
        await self._is_over(ended)
        await self.beside.aclose()
        self.more = {}
        return self._reached

    async def begins_again(self) -> None:
        """Let it live on after an end."""
        await self._is_over(self.life.ended)
        self._life = self._lives.begin(self._spec)

    async def _is_over(self, ended: int | None) -> None:
        self.deaths += ended == -signal.SIGKILL
        self.has_died |= ended == -signal.SIGKILL
        self._reached |= self.life.reached
        async with self._looking:
            await self.place.count_marked()

    async def meanwhile(self, every: float, does: Callable[[], Awaitable[None]]) -> None:
        """Do something again and again until the act is over, but not while the rows are looked at."""

        async def work() -> None:
            while True:
                await asyncio.sleep(every)
                async with self._looking:
                    await does()

        async def over() -> None:
            async with self._looking:
                task.cancel()

        task = (await self.beside.enter_async_context(asyncio.TaskGroup())).create_task(work())
        self.beside.push_async_callback(over)

    async def until(self, holds: Callable[[], bool | Awaitable[bool]], seconds: float = 30) -> None:
        """Wait until something holds, through deaths."""
        async with asyncio.timeout(seconds):
            while True:
                await self._live_on()
                found = holds()
                if found if isinstance(found, bool) else await found:
                    return
                await asyncio.sleep(0.03)

    async def goes_on(self, seconds: float) -> None:
        """Let some time pass."""
        time = asyncio.get_running_loop().time
        over = time() + seconds
        await self.until(lambda: time() > over)

    async def _live_on(self) -> None:
        self.life.look()
        if self.life.ended is not None:
            assert self.life.ended in (-signal.SIGKILL, 0), "it ended otherwise than by our hand"
            await self.begins_again()

    def is_told(self) -> Awaitable[None]:
        """Wait until everybody has been told everything."""
        return self.until(self.has_told)

    async def has_told(self) -> bool:
        """Return whether everybody has been told everything."""
        return not await self.place.owed() and len(self.place.known) == self.place.written

    async def correct(self) -> None:
        """Publish something that concerns everybody."""
        await self.place.correct(self.place.claims[0])

    async def releases(self) -> None:
        """Publish the release of somebody of whom nothing was told yet, to the same readers."""
        self._releases += 1
        await self.place.publish(self._releases)

    def somebody(self) -> Person:
        """Take a reader of whom nothing else is wanted afterwards."""
        while True:
            speaker = self.place.speakers.pop()
            if speaker.chat.closed is None and speaker.history:
                return speaker

    def has(self, readers: int) -> bool:
        """Return whether so many readers are left."""
        left = sum(one.chat.closed is None and bool(one.history) for one in self.place.speakers)
        return left > readers

    async def asks(self, person: Person, said: str) -> None:
        """Let somebody write, and wait for the answer."""
        wish = Wish(person.id, said, person.says(said).id)
        await self.until(lambda: self.place.answered(wish))

    async def is_heard(self) -> None:
        """Wait until the bot has confirmed whatever was said to it."""
        await self.until(lambda: not self.place.desk.pending_updates)

    async def meets_the_faults(self) -> None:
        """Wait until each call that a fault waits for has been made."""
        await self.until(lambda: not len(self.place.desk.faults))

    def tell(self, signaled: int) -> None:
        """Send a signal to the process, if it lives."""
        with suppress(ProcessLookupError):
            os.kill(self.life.pid, signaled)

    async def dies_at(self, place: Place) -> None:
        """Let one life end at a place, before an act begins."""
        life = self._lives.begin(replace(self.place.spec(), ends=place))
        assert await life.is_over(30) == -signal.SIGKILL
        self.has_died = True
        await self.place.count_marked()
