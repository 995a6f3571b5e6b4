"""Upkeep: what the running bot does by the clock: fresh names, counts, clean chats, new keys each night."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from datetime import date, datetime

from bot import logs
from bot.domain.follower import month_number
from bot.services.answering import Answering
from bot.services.asking import Asking
from bot.services.counting import Counting
from bot.services.wiping import Wiping
from bot.store.database import DatabaseUnavailableError
from bot.store.key_copy import KeyCopy, KeyCopyError
from bot.store.sealing import RowDamagedError
from bot.store.vault import Vault, VaultBusyError

TICK_SECONDS = 5.0
TICKS_TO_WIPE = 6
"""A scan of 100,000 rows takes a third of a second: each half minute, a hundredth of one core."""


class Upkeep:
    """One loop; nothing in it stops what readers wait for."""

    def __init__(
        self,
        answering: Answering,
        counting: Counting,
        wiping: Wiping,
        asking: Asking,
        vault: Vault,
        now: Callable[[], datetime],
        key_copy: KeyCopy | None = None,
        tick_seconds: float = TICK_SECONDS,
    ) -> None:
        """Hold what is kept up; a tick is the time between two looks."""
        self._answering, self._counting, self._wiping = answering, counting, wiping
        self._asking, self._vault, self._now, self._tick = asking, vault, now, tick_seconds
        self._key_copy = key_copy
        self._rekeyed_on: date = now().date()

    async def run(self) -> None:
        """Keep up until cancelled."""
        await self._attempt(self._learn)
        for tick in itertools.count():
            if tick % TICKS_TO_WIPE == 0:
                await self._attempt(self._wipe)
                await self._attempt(self._nightly)
                await self._attempt(self._copy_keys)
            await asyncio.sleep(self._tick)
            await self._attempt(self._refresh)
            await self.flush()

    async def flush(self) -> None:
        """Write counts down, or keep them for the next time; nobody waits for them."""
        await self._attempt(self._counting.flush)

    async def _attempt(self, act: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do one thing; what is away or busy now is done the next time."""
        try:
            await act()
        except (DatabaseUnavailableError, VaultBusyError) as error:
            logs.event(logs.Event.DATABASE_UNAVAILABLE, error)
        except KeyCopyError as error:
            logs.event(logs.Event.KEYS_NOT_COPIED, error)
        except RowDamagedError as error:
            logs.event(logs.Event.ROW_DAMAGED, error)

    async def _refresh(self) -> None:
        if await self._answering.refresh_names():
            logs.event(logs.Event.NAMES_REFRESHED)
            await self._learn()

    async def _learn(self) -> None:
        await self._asking.learn_names()
        await self._asking.ask_about_names()

    async def _wipe(self) -> None:
        if self._vault.is_keeper and (swept := await self._wiping.sweep()):
            logs.event(logs.Event.ANSWERS_SWEPT, chats=swept)
        await self._wiping.sweep_lost()
        await self._wiping.wipe_due()
        if self._vault.damaged:
            logs.event(logs.Event.ROW_DAMAGED, rows=self._vault.damaged)

    async def _nightly(self) -> None:
        """Ask who fades, forget who has faded, seal everything anew: old copies open nothing any more."""
        today = self._now().date()
        if today == self._rekeyed_on:
            return
        await self._asking.ask_who_fades()
        await self._vault.expire(month_number(today.year, today.month))
        await self._wiping.forget_told()
        if self._vault.is_keeper:
            await self._vault.rekey()
        self._rekeyed_on = today

    async def _copy_keys(self) -> None:
        """Keep the one remote copy of the keys the newest: after each night, each start, each failure."""
        if self._key_copy is not None and self._vault.is_keeper:
            await self._key_copy.renew()
