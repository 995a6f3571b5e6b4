"""Owed: which chats have something to be told, in memory only; the urgent first, some at their time."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from datetime import datetime

from bot.domain.alerts import Urgency


class Owed:
    """A queue of chats, each in it once, at its most urgent. Lost in a crash, a scan fills it anew.

    Whoever takes a chat out has it alone until `done`: what comes for it meanwhile waits.
    """

    def __init__(self) -> None:
        self._ready: dict[Urgency, deque[int]] = {urgency: deque() for urgency in Urgency}
        self._later: list[tuple[float, int, Urgency]] = []
        self._urgency: dict[int, Urgency] = {}
        self._taken: dict[int, Urgency | None] = {}
        self._came = asyncio.Event()

    def __len__(self) -> int:
        return len(self._urgency)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {len(self)} chats>"

    @property
    def is_empty(self) -> bool:
        """Return whether nobody is being told or awaiting a turn; waiting for a set time does not count."""
        return not self._urgency and not self._taken

    def put(self, chat: int, urgency: Urgency) -> None:
        """Let a chat be told as soon as its turn comes."""
        if chat in self._taken:
            self._taken[chat] = min(urgency, self._taken[chat] or urgency)
            return
        if self._urgency.get(chat, Urgency.NEWS + 1) > urgency:
            self._urgency[chat] = urgency
            self._ready[urgency].append(chat)
            self._came.set()

    def put_later(self, chat: int, urgency: Urgency, due: datetime) -> None:
        """Let a chat be looked at again at a moment."""
        heapq.heappush(self._later, (due.timestamp(), chat, urgency))

    def wake(self, now: datetime) -> None:
        """Let go of whose moment has come."""
        while self._later and self._later[0][0] <= now.timestamp():
            _, chat, urgency = heapq.heappop(self._later)
            self.put(chat, urgency)

    def forget_later(self) -> None:
        """Forget who waits for a moment: a scan is about to say it anew."""
        self._later.clear()

    async def next(self) -> int:
        """Wait for the next chat, and take it out until `done`."""
        while True:
            for urgency, chats in self._ready.items():
                while chats:
                    chat = chats.popleft()
                    if self._urgency.get(chat) == urgency:
                        del self._urgency[chat]
                        self._taken[chat] = None
                        return chat
            self._came.clear()
            await self._came.wait()

    def done(self, chat: int) -> None:
        """Give a chat back; what came for it meanwhile is in the queue then."""
        urgency = self._taken.pop(chat)
        if urgency is not None:
            self.put(chat, urgency)
