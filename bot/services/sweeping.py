"""Sweeping: what may be in a chat though nobody wrote it down, as when a process died, is deleted unseen.

Telegram numbers a bot's messages one after another: what is hidden came after the last that is known.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.follower import DamagedRecordError, Flag, NewerRecordError, Record, minute_of
from bot.store.sealing import RowDamagedError
from bot.store.vault import Vault

MOST_AWAY = 8
"""So many chats out of reach in a row are Telegram that is away, and not a flooded chat."""
SWEPT = 1000
"""How many message numbers after the last known one may be an answer that was hidden from us."""
NOT_FOUND_MINUTES = 48 * 60
"""How long a chat is tried that Telegram does not find: what is older it would delete in no chat."""
AT_ONCE = 100
ANSWERED_BY_THEN = 5
"""Minutes after which nobody is still answering."""
PATIENCE_SECONDS = 3.0
"""How long a deletion waits for its turn here: an answer may be waiting for the end of it."""


class OutOfReachError(Exception):
    """Telegram could not be asked: the same can be tried again later."""


class NotFoundError(OutOfReachError):
    """Telegram says that there is no such chat: mostly true, but it has said so of readers who were there."""


class LostError(OutOfReachError):
    """A message may have arrived: Telegram never told us its number."""


class Eraser(Protocol):
    """What can take messages away: Telegram, behind the lanes. Every call may raise OutOfReachError."""

    async def delete(
        self,
        chat: int,
        messages: Collection[int],
        patience: float = math.inf,
        *,
        are_there: bool = True,
    ) -> frozenset[int]:
        """Delete, and return what Telegram no longer deletes. What is gone already is deleted.

        `patience`: the seconds that a call may wait for its turn. `are_there`: not merely numbers that may
        have been given to something: then it is also seen to that they went.
        """

    async def blank(self, chat: int, messages: Collection[int], patience: float = math.inf) -> None:
        """Make messages of the bot say something ordinary; the reader's own stay as they are."""

    @property
    def cut_off(self) -> Collection[int]:
        """Return the chats of which it is remembered how far a deletion came that was cut off."""

    def forget(self, chat: int) -> None:
        """Forget that: its reader is forgotten, and nothing will be deleted there any more."""

    async def tell_of_rest(self, record: Record) -> int | None:
        """Tell a reader that something older is left, and how to clear it; return the message's number.

        Raises LostError where it may have arrived.
        """


@dataclass(slots=True, eq=False, repr=False)
class _Hidden:
    """Where in a chat something may be: after one number, before another if one is known.

    `is_sure`: the reply to one of our own messages was lost; else another process may only be slow.
    `older`: something was found there that Telegram no longer deletes.
    """

    after: int
    before: int | None
    since: int
    is_sure: bool
    spared: set[int] = field(default_factory=set)
    older: bool = False


class Sweeping:
    """Remembers where something may be hidden, and deletes it while nothing else is said in that chat.

    What is sent meanwhile would be deleted with it: so an answer waits for the end of the call that is
    under way, and an alert is tried again later. No call is cut off: Telegram would carry it out anyhow.
    """

    def __init__(self, vault: Vault, eraser: Eraser, now: Callable[[], datetime], *, is_shared: bool) -> None:
        """`is_shared`: another process may be answering the same readers."""
        self._vault, self._eraser, self._now, self._is_shared = vault, eraser, now, is_shared
        self._open: Counter[int] = Counter()
        self._noting: Counter[int] = Counter()
        self._lost: dict[int, _Hidden] = {}
        self._copies: dict[int, _Hidden] = {}
        self._under_way: dict[int, asyncio.Event] = {}

    async def opened(self, chat: int) -> None:
        """Note that an answer begins; return once nothing is being deleted there."""
        self._open[chat] += 1
        try:
            while (over := self._under_way.get(chat)) is not None:
                await over.wait()
        except BaseException:
            self.closed(chat)
            raise

    def closed(self, chat: int) -> None:
        """Note that an answer is over."""
        if self._open[chat] <= 1:
            del self._open[chat]
        else:
            self._open[chat] -= 1

    def is_open(self, chat: int) -> bool:
        """Return whether this process is answering in a chat."""
        return chat in self._open

    @contextmanager
    def noting(self, chat: int) -> Iterator[None]:
        """Sweep nothing in a chat meanwhile: what was said there is being written down."""
        self._noting[chat] += 1
        try:
            yield
        finally:
            self._noting[chat] -= 1
            self._noting += Counter()  # forgets who is at nought

    def is_busy(self, chat: int) -> bool:
        """Return whether something was or will be said in a chat that is not written down yet."""
        return chat in self._open or chat in self._noting

    def hide(self, chat: int, after: int, before: int | None = None, *, is_sure: bool) -> None:
        """Remember that something may be hidden; the row has to say so until `is_seeking` does not.

        `is_sure`: the reply to one of our own messages was lost.
        """
        known = self._lost.get(chat)
        if known is not None:
            after = min(after, known.after)
            before = None if before is None or known.before is None else max(before, known.before)
            is_sure = is_sure or known.is_sure
        since = minute_of(self._now()) if known is None else known.since
        self._lost[chat] = _Hidden(after, before, since, is_sure, known.spared if known else set())

    def hide_lost(self, chat: int, after: int, before: int | None) -> None:
        """Remember that a copy of an answer whose reply was lost may lie before the one that arrived, if any.

        Telegram numbers the messages of all chats together: between the last of this chat and the copy there
        may be more of others than a sweep looks at, but hardly between the copy and what was sent next.
        """
        nearest = after if before is None else before - 1 - SWEPT
        self.hide(chat, max(after, nearest) if after else 0, before, is_sure=True)

    def lives(self, chat: int) -> None:
        """Note that whoever was taken for dead has written down what it said."""
        hidden = self._lost.get(chat)
        if self._is_shared and hidden is not None and not hidden.is_sure:
            del self._lost[chat]

    def hide_copies(self, chat: int, after: int, before: int) -> None:
        """Remember that copies of a message may lie before the one that arrived."""
        if not after:
            return
        known = self._copies.get(chat)
        after = max(min(after, known.after) if known else after, before - 1 - SWEPT)
        spared = known.spared if known else set[int]()
        self._copies[chat] = _Hidden(after, before, minute_of(self._now()), is_sure=True, spared=spared)

    def spare(self, chat: int, message: int) -> None:
        """Leave a message where it is: its reader wants to keep it."""
        for among in (self._lost, self._copies):
            if chat in among:
                among[chat].spared.add(message)

    def is_seeking(self, chat: int, *, is_sure: bool = False) -> bool:
        """Return whether something that nobody has noted may, or if `is_sure` must, still be deleted."""
        hidden = self._lost.get(chat)
        return hidden is not None and (hidden.is_sure or not is_sure)

    def is_under_way(self, chat: int) -> bool:
        """Return whether messages that nobody has noted are being deleted: none may be sent now."""
        return chat in self._under_way

    async def run(self, swept: Callable[[int, bool], Awaitable[None]]) -> int:
        """Delete what may be hidden, as far as it may be done now; return in how many chats.

        `swept` is told of each chat that has nothing hidden any more, and whether something older is left.
        """
        due = [(self._lost, *one) for one in self._lost.items()]
        due += [(self._copies, *one) for one in self._copies.items()]
        chats = away = 0
        for among, chat, hidden in due:
            if away >= MOST_AWAY:
                break
            try:
                was_there = await self._try(chat, hidden, is_copy=among is self._copies)
            except OutOfReachError:
                away += 1
                if among.get(chat) is hidden:
                    among[chat] = among.pop(chat)  # the others go first next time
                continue
            except (RowDamagedError, NewerRecordError, DamagedRecordError):
                among.pop(chat, None)  # nothing is known that could be spared, and the row is reported
                continue
            if was_there is None:
                continue
            away = 0
            if among.get(chat) is hidden:
                del among[chat]
            if among is self._lost:
                chats += was_there
                await swept(chat, hidden.older)
        return chats

    async def _try(self, chat: int, hidden: _Hidden, *, is_copy: bool) -> bool | None:
        """Delete what may be hidden in a chat; return whether anything was, None where that has to wait.

        A chat that Telegram does not find waits for two days: it may be there, and is no sign of an outage.
        """
        waits, is_there = (False, True) if is_copy else await self._found(chat, hidden)
        if waits or not is_there:
            return None if waits else False
        try:
            await self._sweep(chat, hidden)
        except NotFoundError:
            if minute_of(self._now()) - hidden.since < NOT_FOUND_MINUTES:
                return None
        return True

    async def _found(self, chat: int, hidden: _Hidden) -> tuple[bool, bool]:
        """Return whether somebody may be answering in a chat still, and whether anything is hidden there."""
        if self.is_busy(chat):
            return True, True
        if hidden.is_sure and not (self._is_shared and hidden.before is None):
            return False, True
        record = await self._vault.read(chat)
        if not hidden.is_sure and (record is None or Flag.ANSWERING not in record.flags):
            return False, False  # whoever was answering has written down what was said
        is_early = abs(minute_of(self._now()) - hidden.since) < ANSWERED_BY_THEN
        return self._is_shared and is_early, True

    async def _sweep(self, chat: int, hidden: _Hidden) -> None:
        """Delete the messages that nobody has noted.

        Not while an alert is on its way: it may be in the chat already, and be noted only afterwards.
        """
        end = hidden.after + 1 + SWEPT
        end = end if hidden.before is None else min(hidden.before, end)
        self._under_way[chat] = over = asyncio.Event()
        try:
            while hidden.after and hidden.after + 1 < end:
                record = await self._vault.read(chat)
                if self._is_shared and not hidden.is_sure and record is not None:
                    hidden.after = max(hidden.after, record.latest)  # kept, by way of another process
                is_asked = hidden.before is None and self.is_busy(chat)
                if is_asked or (record is not None and record.in_flight is not None):
                    raise OutOfReachError("something else is being said there")
                first = hidden.after + 1
                last = max(hidden.after, min(hidden.after + AT_ONCE, end - 1))
                noted = {wipe.message for wipe in record.wipes} if record else set()
                if numbers := sorted(set(range(first, last + 1)) - noted - hidden.spared):
                    left = await self._eraser.delete(chat, numbers, PATIENCE_SECONDS, are_there=False)
                    await self._eraser.blank(chat, left)
                    hidden.older |= bool(left)
                hidden.after = last
        finally:
            del self._under_way[chat]
            over.set()
