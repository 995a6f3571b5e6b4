"""Commits: changes to many readers' rows, written together; a commit for each would be the bottleneck."""

from __future__ import annotations

import asyncio
from functools import reduce

from bot import logs
from bot.domain.follower import Record
from bot.store.changing import Change
from bot.store.database import DatabaseUnavailableError
from bot.store.shelf import FencedError
from bot.store.vault import Vault, VaultBusyError

_Waiting = tuple[Change, asyncio.Future[Record | None]]
MOST_TOGETHER = 30
"""Rows in one commit: so many alerts may have to be repeated without a sound after a crash."""
GATHER_SECONDS = 0.010
"""How long the first waits for others: a commit costs as much for one row as for ten."""

AGAIN_SECONDS = 0.5
"""How long what must be written waits for a database that is away."""


class Commits:
    """Writes one change for each of several chats at once. Whoever comes meanwhile is in the next commit."""

    def __init__(self, vault: Vault) -> None:
        """Write to a vault; `fence` is the sender's token, where rows are shared."""
        self._vault = vault
        self._waiting: dict[int, list[_Waiting]] = {}
        self._came = asyncio.Event()
        self.fence = 0

    async def put(self, chat: int, change: Change) -> Record | None:
        """Change a remembered chat; return its record once that is on disk, None when it is forgotten.

        Changes for one chat are made in the order they came in. Raises FencedError, VaultBusyError: nothing
        is changed; DatabaseUnavailableError: a commit whose answer was lost may have been made.
        """
        done: asyncio.Future[Record | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(chat, []).append((change, done))
        self._came.set()
        return await done

    async def insist(self, chat: int, change: Change) -> Record | None:
        """Do the same, however long the database is away: what has happened would happen once more."""
        while True:
            try:
                return await self.put(chat, change)
            except (DatabaseUnavailableError, VaultBusyError) as error:
                logs.event(logs.Event.DATABASE_UNAVAILABLE, error)
                await asyncio.sleep(AGAIN_SECONDS)

    async def run(self) -> None:
        """Write what comes, until cancelled."""
        while True:
            await self._came.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._came.clear()
            while self._waiting:
                chats = list(self._waiting)[:MOST_TOGETHER]
                await self._write_group({chat: self._waiting.pop(chat) for chat in chats})

    async def _write_group(self, group: dict[int, list[_Waiting]]) -> None:
        try:
            changes = {chat: _in_turn([change for change, _ in waiting]) for chat, waiting in group.items()}
            merged = await self._vault.merge_many(changes, self.fence)
        except Exception as error:  # handed to everybody who waits for this commit
            if len(group) > 1 and not isinstance(error, FencedError | DatabaseUnavailableError):
                # One row of them cannot be written: the others do not wait for it.
                for chat, waiting in group.items():
                    await self._write_group({chat: waiting})
                return
            for done in _ends(group):
                done.set_exception(error)
            return
        for chat, waiting in group.items():
            for done in _ends({chat: waiting}):
                done.set_result(merged.get(chat))


def _ends(group: dict[int, list[_Waiting]]) -> list[asyncio.Future[Record | None]]:
    """Return what is still waited for."""
    return [done for waiting in group.values() for _, done in waiting if not done.done()]


def _in_turn(changes: list[Change]) -> Change:
    return lambda record: reduce(lambda changed, change: change(changed), changes, record)
