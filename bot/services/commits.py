"""Commits: changes to many readers' rows, written together: a commit for each would be the bottleneck."""

from __future__ import annotations

import asyncio

from bot.domain.follower import Record
from bot.store.vault import Change, Vault

MOST_TOGETHER = 30
"""Rows of one commit: as many may have to be repeated without a sound after a crash."""


class Commits:
    """Writes one change for each of several chats at once. Whoever comes meanwhile is in the next commit."""

    def __init__(self, vault: Vault) -> None:
        """Write to a vault; `fence` is the sender's token, where rows are shared."""
        self._vault = vault
        self._waiting: dict[int, tuple[Change, asyncio.Future[Record | None]]] = {}
        self._came = asyncio.Event()
        self.fence = 0

    def __repr__(self) -> str:
        return "Commits()"

    async def put(self, chat: int, change: Change) -> Record | None:
        """Change a remembered chat; return its record once that is on disk, None when it is forgotten.

        One change for a chat at a time. Raises FencedError, DatabaseUnavailableError: nothing is changed.
        """
        done: asyncio.Future[Record | None] = asyncio.get_running_loop().create_future()
        self._waiting[chat] = change, done
        self._came.set()
        return await done

    async def run(self) -> None:
        """Write what comes, until cancelled."""
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                chats = list(self._waiting)[:MOST_TOGETHER]
                await self._write_group({chat: self._waiting.pop(chat) for chat in chats})

    async def _write_group(self, group: dict[int, tuple[Change, asyncio.Future[Record | None]]]) -> None:
        try:
            changes = {chat: change for chat, (change, _) in group.items()}
            merged = await self._vault.merge_many(changes, self.fence)
        except Exception as error:  # handed to everybody who waits for this commit
            for _, done in group.values():
                if not done.done():
                    done.set_exception(error)
            return
        for chat, (_, done) in group.items():
            if not done.done():
                done.set_result(merged.get(chat))
