"""Upkeep: what the running bot does by the clock: fresh names, counts, clean chats, new keys each night."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, timedelta

from bot import logs
from bot.domain.follower import month_number
from bot.services.answering import Answering
from bot.services.asking import Asking
from bot.services.counting import Counting
from bot.services.understanding import Understanding
from bot.services.wiping import Wiping
from bot.store.database import DatabaseUnavailableError
from bot.store.key_copy import KeyCopy, KeyCopyError
from bot.store.sealing import RowDamagedError
from bot.store.vault import Vault, VaultBusyError

TICK_SECONDS = 5.0
TICKS_TO_WIPE = 6
"""Each half minute, in which every row is opened: twice by the process that keeps them, once by any other. A
scan of 100,000 takes 0.4 to 0.9 s, on PostgreSQL 0.6 to 1.2 s."""

NIGHT_AGAIN = timedelta(hours=1)
"""What a night could not do, as where a row is damaged, is tried again then: it opens every row."""
NIGHTS_MISSED = timedelta(days=2)
"""So long after the last new keys the bot was off for long, or the clock is wrong, as after a snapshot."""
PROVED_SECONDS = 24 * 3600.0
"""How long a clock has to go on after that before anybody is forgotten by it: an erased row never returns."""


class Upkeep:
    """One loop; nothing in it stops what readers wait for."""

    def __init__(
        self,
        answering: Answering,
        understanding: Understanding,
        counting: Counting,
        wiping: Wiping,
        asking: Asking,
        vault: Vault,
        now: Callable[[], datetime],
        elapsed: Callable[[], float],
        key_copy: KeyCopy | None = None,
        tick_seconds: float = TICK_SECONDS,
    ) -> None:
        """Hold what is kept up; a tick is the time between two looks.

        `elapsed`: seconds that nobody can set, from wherever they are counted.
        """
        self._answering, self._understanding = answering, understanding
        self._counting, self._wiping = counting, wiping
        self._asking, self._vault, self._now, self._tick = asking, vault, now, tick_seconds
        self._key_copy, self._elapsed = key_copy, elapsed
        # By what is on disk: whoever restarts the bot across midnight, night after night, has nights too.
        self._rekeyed_on: date = vault.rekeyed.date()
        self._tried_at = datetime.min.replace(tzinfo=UTC)
        self._missed_since: float | None = None

    async def run(self) -> None:
        """Keep up until cancelled."""
        await self._attempt(self._learn)
        for tick in itertools.count():
            if tick % TICKS_TO_WIPE == 0:
                await self._attempt(self._keep)
                await self._attempt(self._wipe)
                await self._attempt(self._ask_who_was_missed)
                await self._attempt(self._nightly)
                await self._attempt(self._copy_keys)
            await asyncio.sleep(self._tick)
            self._understanding.forget_old()
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

    async def _keep(self) -> None:
        """Go on with what another process did until it ended: new keys, and what readers are asked."""
        if await self._vault.keep():
            self._rekeyed_on = self._vault.rekeyed.date()
            await self._learn()

    async def _refresh(self) -> None:
        if await self._answering.refresh_names():
            logs.event(logs.Event.NAMES_REFRESHED)
            await self._learn()

    async def _learn(self) -> None:
        await self._asking.learn_names()
        await self._ask()

    async def _ask(self) -> None:
        if self._vault.is_keeper:  # of several processes one asks: two would ask each reader twice
            await self._asking.ask_about_names()

    async def _ask_who_was_missed(self) -> None:
        if self._asking.is_behind:
            await self._ask()

    async def _wipe(self) -> None:
        if swept := await self._wiping.sweep(finds=self._vault.is_keeper):
            logs.event(logs.Event.ANSWERS_SWEPT, chats=swept)
        await self._wiping.wipe_due()
        if self._vault.damaged:
            logs.event(logs.Event.ROW_DAMAGED, rows=self._vault.damaged)

    async def _nightly(self) -> None:
        """Forget who has faded, ask who fades, seal everything anew: old copies open nothing any more.

        Only who was asked is forgotten, a night later or more: also where a night, or the month, was missed.
        After nights were missed both wait until the clock has proved itself.
        """
        now = self._now()
        today = now.date()
        if today == self._rekeyed_on or abs(now - self._tried_at) < NIGHT_AGAIN:
            return
        self._tried_at = now
        if self._is_proved(now):
            await self._vault.expire(month_number(today.year, today.month))
            await self._wiping.forget_told()
            if self._vault.is_keeper:
                await self._asking.ask_who_fades()
        if self._vault.is_keeper:
            await self._vault.rekey()
        self._rekeyed_on = today

    def _is_proved(self, now: datetime) -> bool:
        """Return whether the clock can be believed: no night was missed, or it has gone on for a day since.

        New keys end the gap, so that a bot that is started anew each day forgets in the end, too.
        """
        has_missed, elapsed = abs(now - self._vault.rekeyed) > NIGHTS_MISSED, self._elapsed()
        if has_missed and self._missed_since is None:
            self._missed_since = elapsed
        waits = self._missed_since is not None and elapsed - self._missed_since < PROVED_SECONDS
        if not has_missed and not waits:
            self._missed_since = None
        return not waits

    async def _copy_keys(self) -> None:
        """Keep the one remote copy of the keys the newest.

        It is put there at each start, each night, whenever rows were sealed anew and after every publication.
        """
        if self._key_copy is not None and self._vault.is_keeper:
            await self._key_copy.renew()
