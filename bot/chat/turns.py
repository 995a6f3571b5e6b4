"""Turns: things about one chat happen in order, things about different chats at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """A first-come, first-served lock per chat, held only while somebody needs it."""

    def __init__(self) -> None:
        self._locks: dict[int, tuple[asyncio.Lock, int]] = {}

    def waiting(self, chat_id: int) -> int:
        """Return how many hold this chat's turn or wait for it."""
        return self._locks[chat_id][1] if chat_id in self._locks else 0

    @asynccontextmanager
    async def of(self, chat_id: int) -> AsyncIterator[None]:
        """Wait for this chat's turn and hold it."""
        lock, users = self._locks.get(chat_id, (asyncio.Lock(), 0))
        self._locks[chat_id] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            users = self._locks[chat_id][1] - 1
            if users:
                self._locks[chat_id] = (lock, users)
            else:
                del self._locks[chat_id]
