"""Asking: the two questions the bot asks by itself.

Shall we keep remembering you, and is this the name you meant?
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot.domain.follower import Flag, Record, Wanted, month_number
from bot.domain.search_keys import search_keys
from bot.services.answering import Answering
from bot.services.following import Following
from bot.services.sweeping import MOST_AWAY, LostError, NotFoundError, OutOfReachError
from bot.services.wiping import Wiping
from bot.store.vault import Vault

MOST_PEOPLE = 3
"""How many people one code is asked about: a common name gets a list, never a guess."""
NOT_FOUND_AGAIN = timedelta(days=1)
"""When whom Telegram did not find is asked about a name again: mostly they are gone, and a call is wasted."""


class Messenger(Protocol):
    """What delivers these questions: Telegram. None names anybody or makes a sound.

    Both raise OutOfReachError: NotFoundError where there seems to be no such chat, LostError where the
    question may have arrived.
    """

    async def ask_to_stay(self, record: Record) -> int | None:
        """Ask whether to remember a reader on; return the message's number."""

    async def ask_to_look(self, record: Record, name: int) -> int | None:
        """Say that a name they left here may be known now; return the message's number."""


class Asking:
    """Asks each question once; a tap answers it, and what was never tapped is no answer."""

    def __init__(
        self,
        vault: Vault,
        answering: Answering,
        following: Following,
        wiping: Wiping,
        messenger: Messenger,
        now: Callable[[], datetime],
    ) -> None:
        """Hold the rows, the names, and what delivers a question."""
        self._vault, self._answering, self._following = vault, answering, following
        self._wiping, self._messenger, self._now = wiping, messenger, now
        self._bearers: dict[int, tuple[int, ...]] = {}
        self._is_behind = False
        """Whether somebody could not be asked about a name: Telegram, or the database, was out of reach."""
        self._not_found_at: datetime | None = None

    @property
    def is_behind(self) -> bool:
        """Return whether somebody is still to be asked about a name: out of reach, or not found a day ago."""
        at = self._not_found_at
        return self._is_behind or (at is not None and abs(self._now() - at) >= NOT_FOUND_AGAIN)

    async def ask_who_fades(self) -> int:
        """Ask everybody who is to be forgotten at the end of this month, once; return how many.

        Also whose month is over and who is here still: the bot was off, and nobody asked them. Whom Telegram
        does not find is tried again each night, and counts as asked once the month is over.
        """
        now = self._now()
        month, asked, away = month_number(now.year, now.month), 0, 0
        async for found in self._vault.scan(lambda glance: 0 < glance.expires <= month):
            record = await self._vault.read(found.chat)  # anew: its reader may have tapped, or said stop
            if record is None or not 0 < record.expires <= month or Flag.RENEWAL_ASKED in record.flags:
                continue
            try:
                await self._ask(record, self._messenger.ask_to_stay)
            except NotFoundError:
                if record.expires == month:
                    continue
            except OutOfReachError:
                away += 1
                if away == MOST_AWAY:
                    break
                continue
            await self._vault.merge_known(record.chat, partial(_asked_to_stay, month=record.expires))
            asked, away = asked + 1, 0
        return asked

    async def learn_names(self) -> None:
        """Learn the codes of every listed name, after the registry changed."""
        spellings = self._answering.spellings()
        self._bearers = await asyncio.to_thread(_bearers, spellings, self._following.digest_of)

    async def ask_about_names(self) -> int:
        """Ask everybody who left a name that is listed by now, once each; return how many questions."""
        wanted, asked, away, behind = Wanted.of(names=self._bearers), 0, 0, False
        self._is_behind, self._not_found_at = True, None
        async for found in self._vault.scan(lambda glance: glance.follows_any(wanted)):
            # Anew before each question: whoever has just said stop is asked nothing more.
            while (record := await self._vault.read(found.chat)) is not None:
                if (name := self._to_ask(record)) is None:
                    break
                try:
                    await self._ask(record, partial(self._messenger.ask_to_look, name=name))
                except NotFoundError:
                    self._not_found_at = self._now()
                    break
                except OutOfReachError:
                    away, behind = away + 1, True
                    break
                await self._vault.merge_known(record.chat, partial(_asked_about, name=name))
                asked, away = asked + 1, 0
            if away == MOST_AWAY:
                return asked
        self._is_behind = behind
        return asked

    async def _ask(self, record: Record, ask: Callable[[Record], Awaitable[int | None]]) -> None:
        """Ask a reader. Raises OutOfReachError where it is to be tried again: others may be in reach.

        What may have arrived is deleted before the same is asked again: nobody finds a question twice.
        """
        if self._wiping.is_seeking(record.chat):
            raise OutOfReachError
        newest = self._wiping.newest
        try:
            number = await ask(record)
        except LostError:
            await self._wiping.lost_unasked(record, newest)
            raise
        await self._wiping.sent_unasked(record.chat, number)

    def _to_ask(self, record: Record) -> int | None:
        """Return the next code that a reader is to be asked about."""
        if Flag.PAUSED in record.flags:
            return None
        return min((record.unknown_names - record.names_asked) & self._bearers.keys(), default=None)

    def bearers(self, name: int) -> tuple[int, ...]:
        """Return who may be meant by a code: at most three people's numbers."""
        return self._bearers.get(name, ())[:MOST_PEOPLE]


def _asked_to_stay(record: Record, month: int) -> Record:
    """Note that somebody was asked; whoever has tapped meanwhile has another last month."""
    return replace(record, flags=record.flags | Flag.RENEWAL_ASKED) if record.expires == month else record


def _asked_about(record: Record, name: int) -> Record:
    return replace(record, names_asked=record.names_asked | ({name} & record.unknown_names))


def _bearers(
    spellings: Mapping[int, tuple[str, ...]], digest_of: Callable[[str], int]
) -> dict[int, tuple[int, ...]]:
    """Return who bears each code of a name. A thread does it: thousands of names take a second."""
    found: dict[int, set[int]] = {}
    for number, names in spellings.items():
        for key in {key for name in names for key in search_keys(name)}:
            found.setdefault(digest_of(key), set()).add(number)
    return {digest: tuple(sorted(numbers)) for digest, numbers in found.items()}
