"""Following: what a reader chose and whom they follow, in their own sealed row and nowhere else."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.alerts import Board, unfollowed
from bot.domain.caution import Place
from bot.domain.follower import (
    LONGEST_WIPE,
    MOST_FOLLOWS,
    MOST_UNKNOWN_NAMES,
    SHORTEST_WIPE,
    Flag,
    Quiet,
    Record,
    minute_of,
)
from bot.domain.people import View
from bot.domain.publishing import Publication
from bot.domain.renewing import renewed
from bot.domain.ring import at_the_latest
from bot.domain.subjects import Wish
from bot.store.vault import Vault

ON_ITS_WAY_SECONDS = 24.0
"""No call to Telegram lasts longer: afterwards nothing marked as in flight can still arrive."""
_LOOK_SECONDS = 0.05

Recent = Callable[[], Awaitable[Sequence[Publication]]]


async def _nothing_published() -> Sequence[Publication]:
    return ()


class Outcome(enum.Enum):
    """What became of a wish to follow."""

    DONE = "done"
    CONSENT_FIRST = "consent first"
    NO_ROOM = "no room"


class Following:
    """Every wish states the wanted end, so that a repeated tap or update changes nothing more."""

    def __init__(
        self, vault: Vault, now: Callable[[], datetime], recent: Recent = _nothing_published
    ) -> None:
        """Hold the vault and the clock; `recent` reads the publications that can still be told."""
        self._vault, self._now, self._recent = vault, now, recent

    async def of(self, chat: int) -> Record | None:
        """Return what is remembered of a reader."""
        return await self._vault.read(chat)

    async def choose_view(self, chat: int, view: View) -> None:
        """Remember the language and letters a reader chose."""
        await self._merge(chat, lambda record: replace(record, view=view))

    async def choose_place(self, chat: int, place: Place) -> None:
        """Remember where a reader says they are."""
        await self._merge(chat, lambda record: replace(record, place=place))

    async def choose_wipe(self, chat: int, minutes: int) -> None:
        """Remember after how many minutes messages go. Raises ValueError for what is not offered.

        What is in the chat already goes by then too: whoever is about to be searched chooses ten minutes.
        """
        if not SHORTEST_WIPE <= minutes <= LONGEST_WIPE:
            raise ValueError("not a time a chat can be cleaned after")
        due = minute_of(self._now()) + minutes
        await self._merge(
            chat,
            lambda record: replace(record, wipe_minutes=minutes, wipes=at_the_latest(record, due)),
        )

    async def choose_quiet(self, chat: int, quiet: Quiet | None) -> None:
        """Remember the hours without a sound."""
        await self._merge(chat, lambda record: replace(record, quiet=quiet))

    async def choose_zone(self, chat: int, zone: str) -> None:
        """Remember by which clock they are meant, one of ZONES."""
        await self._merge(chat, lambda record: replace(record, zone=zone))

    async def switch(self, chat: int, flag: Flag, *, on: bool) -> None:
        """Switch something on or off."""
        await self._merge(
            chat, lambda record: replace(record, flags=record.flags | flag if on else record.flags & ~flag)
        )

    async def agree(self, chat: int) -> None:
        """Remember that a reader has read what following means, and agreed."""
        await self.switch(chat, Flag.CONSENTED, on=True)

    async def follow(self, chat: int, wish: Wish) -> Outcome:
        """Follow one more person or subject, once the reader has agreed to be remembered."""
        outcome = Outcome.DONE
        board = Board(await self._recent())

        def add(record: Record) -> Record:
            nonlocal outcome
            added = _with(record, wish)
            # What a pause keeps back is owed all the same: they are told of it when they go on.
            if not board.pending(replace(record, flags=record.flags & ~Flag.PAUSED)):
                # What was published before is on the card they come from: it is no news to them.
                added = replace(added, alert_seen=max(added.alert_seen, board.latest))
            if Flag.CONSENTED not in record.flags:
                outcome = Outcome.CONSENT_FIRST
                return record
            if added.follows > MOST_FOLLOWS or len(added.unknown_names) > MOST_UNKNOWN_NAMES:
                outcome = Outcome.NO_ROOM
                return record
            outcome = Outcome.DONE
            return added

        await self._merge(chat, add)
        return outcome

    async def unfollow(self, chat: int, wish: Wish) -> None:
        """Stop following somebody or something. What is on its way may arrive; a correction finds it."""
        recent = await self._recent()

        def take_off(record: Record) -> Record:
            return unfollowed(record, _without(record, wish), recent, self._now())

        await self._merge(chat, take_off)

    def digest_of(self, key: str) -> int:
        """Return what a row may hold of a name that we do not have."""
        return self._vault.name_digest(key)

    def sealed_name(self, chat: int, digest: int) -> str:
        """Return what a button in this chat may hold of it: who sees it learns nothing in another."""
        return self._vault.name_codes.sealed(chat, digest)

    def opened_name(self, chat: int, code: str) -> int | None:
        """Return the digest in a button; None for one of another chat, or a forged one."""
        return self._vault.name_codes.opened(chat, code)

    async def stay(self, chat: int) -> None:
        """Go on remembering a reader: whoever touches anything asks for that."""
        await self._merge(chat, lambda record: record)

    async def stop(self, chat: int) -> None:
        """Stop following anybody and anything. An alert that is on its way arrives before this returns."""
        nothing: frozenset[int] = frozenset()
        await self._merge(
            chat,
            lambda record: replace(
                _as_never_told(record),
                people=nothing,
                topics=nothing,
                unknown_names=nothing,
                names_asked=nothing,
                expires=0,
            ),
        )
        await self._until_nothing_is_on_its_way(chat)
        # What was on its way has arrived, and was remembered for a correction, which would come after this.
        await self._merge(
            chat,
            # Through another process they may follow again already.
            lambda record: replace(record, told=()) if record.follows else _as_never_told(record),
        )

    async def _until_nothing_is_on_its_way(self, chat: int) -> None:
        # By the clock: counted looks would outlast a handler's time where each read takes a while.
        loop = asyncio.get_running_loop()
        until = loop.time() + ON_ITS_WAY_SECONDS
        while loop.time() < until:
            record = await self._vault.read(chat)
            if record is None or record.in_flight is None:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def erase(self, chat: int) -> None:
        """Forget a reader who blocked the bot or left Telegram."""
        await self._vault.erase(chat)

    async def _merge(self, chat: int, change: Callable[[Record], Record]) -> None:
        await self._vault.merge(chat, lambda record: renewed(change(record), self._now()))


def _as_never_told(record: Record) -> Record:
    """Return a row without traces of having followed: whoever searches the phone finds a newcomer's.

    Whoever follows again is told nothing old all the same, as nobody is who begins to follow.
    """
    traces = Flag.PAUSED | Flag.CONSENTED | Flag.RENEWAL_ASKED | Flag.MISSED
    return replace(record, told=(), alert_seen=0, digest_seen=0, flags=record.flags & ~traces)


def _with(record: Record, wish: Wish) -> Record:
    if wish.person is not None:
        return replace(record, people=record.people | {wish.person})
    if wish.subject is not None:
        return replace(record, topics=record.topics | {wish.subject.value})
    assert wish.name is not None  # noqa: S101  (a wish is one of the three)
    return replace(record, unknown_names=record.unknown_names | {wish.name})


def _without(record: Record, wish: Wish) -> Record:
    if wish.person is not None:
        return replace(record, people=record.people - {wish.person})
    if wish.subject is not None:
        return replace(record, topics=record.topics - {wish.subject.value})
    gone = {wish.name or 0}
    return replace(record, unknown_names=record.unknown_names - gone, names_asked=record.names_asked - gone)
