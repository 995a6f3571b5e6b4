"""Wiping: every message of both sides leaves the chat in time, through the ring in the reader's own row."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from bot.domain.alerts import still_told
from bot.domain.follower import LONGEST_WIPE, MOST_WIPES, Flag, Record, Wipe, minute_of
from bot.domain.people import View
from bot.domain.renewing import renewed
from bot.domain.ring import with_wipe
from bot.services.evicted import Evicted
from bot.services.sweeping import (
    MOST_AWAY,
    NOT_FOUND_MINUTES,
    Eraser,
    LostError,
    NotFoundError,
    OutOfReachError,
    Sweeping,
)
from bot.store.database import DatabaseUnavailableError
from bot.store.vault import Vault, VaultBusyError

UNTAPPED_MINUTES = 46 * 60
"""How long an alert waits for its tap: a phone may be off for days, and Telegram deletes for 48 hours."""
FULL = MOST_WIPES - 8
"""From here on the messages due soonest go early, so that eight more always find room."""
LAST_SCREENS = 3
"""How many screens a cleaned chat shows changed before they go: some phones keep what they last drew."""
BLANKED_WITHIN_SECONDS = 1.0
"""How long such a change may wait for its turn behind the answers of others."""
WIPED_WITHIN_SECONDS = 30.0
"""How long what is due waits for its turn: a chat in a flood must not make all others late."""
FORGOTTEN_WITHIN_SECONDS = 5.0
"""How long being forgotten waits for what Telegram deletes meanwhile."""
OF_ANOTHER_BOT = 100_000
"""So far below the highest known number no new message has its own: another bot counted, whose readers these
were."""
NEW_MINUTES = 5
WIPED_AT_ONCE = 8
"""Chats cleaned at once; the lanes say how fast."""
LONGEST_REST_MINUTES = 60
"""How long at most a chat is left alone that Telegram does not find. Those of readers who did not come to
another bot are never found, and would hold up the cleaning of all others in each cycle."""


class Wiping:
    """Keeps the ring of each reader, and empties it."""

    def __init__(
        self, vault: Vault, eraser: Eraser, now: Callable[[], datetime], *, is_shared: bool = False
    ) -> None:
        """`is_shared`: another process may be answering the same readers."""
        self._vault, self._eraser, self._now = vault, eraser, now
        self._sweeping = Sweeping(vault, eraser, now, is_shared=is_shared)
        self._evicted = Evicted()
        self._unnoted: list[tuple[int, int]] = []
        """What was said, in which chat, while the database was away."""
        self._newest = 0
        self._rests: dict[int, int] = {}
        """Until which minute a chat that Telegram did not find is left alone."""

    @property
    def newest(self) -> int:
        """Return the highest number of a message seen in any chat: what is sent from now on comes after it.

        In memory only: what was said before a restart, or by another process, is not known.
        """
        return self._newest

    async def arrived(
        self, chat: int, message: int, sent_at: datetime, view: View, *, ours: bool = False
    ) -> Record:
        """Note a message of the reader, or one of ours they tapped, before it is answered.

        From here until `settled` the row says that an answer may be on its way.
        """

        leaving: list[Wipe] = []
        died = Flag(0)
        last = 0

        def note(record: Record) -> Record:
            nonlocal died, last
            is_new = not ours and minute_of(self._now()) - minute_of(sent_at) < NEW_MINUTES
            if is_new and message + OF_ANOTHER_BOT < record.latest:
                record = replace(record, latest=message - 1)
            died, last = record.flags & Flag.ANSWERING, record.latest
            # Somebody met for the first time is spoken to as their phone is set.
            known = record if record.wipes or record.follows else replace(record, view=view)
            noted, leaving[:] = self._noted(known, Wipe(message, 0, ours=ours), sent_at)
            # A tapped screen is old: thousands of messages may have come in other chats since.
            latest = _latest_before(noted, self._newest)
            noted = replace(noted, flags=noted.flags | Flag.ANSWERING, latest=latest)
            return renewed(noted, self._now())

        self._saw(message)
        is_first = not self._sweeping.is_open(chat)
        await self._sweeping.opened(chat)
        try:
            record = await self._vault.merge(chat, note)
            if not died:
                self._sweeping.lives(chat)
            elif is_first and not self._sweeping.is_seeking(chat):
                # Somebody died while answering, and Telegram has brought the same, or the next, to us.
                self._sweeping.hide(chat, last, message if message > last else None, is_sure=False)
            await self.drop(chat, leaving)
        except BaseException:
            self.gave_up(chat)
            raise
        return record

    async def settled(self, chat: int, message: int | None, *, lost: bool = False) -> None:
        """Note that an answer arrived, as a new message or none; and make room for what comes next.

        `lost`: a copy of it may have arrived whose number Telegram never told us. Until it is swept away
        the row keeps saying that an answer may be on its way.
        """
        self._saw(message)
        with self._sweeping.noting(chat):
            try:
                if lost:
                    record = await self._vault.read(chat)
                    self._sweeping.hide_lost(chat, record.latest if record else 0, message)
            finally:
                self.gave_up(chat)
            try:
                await self._settle(chat, message)
            except (DatabaseUnavailableError, VaultBusyError):
                if message is not None:
                    self._unnoted.append((chat, message))
                raise

    async def _settle(self, chat: int, message: int | None) -> None:
        leaving: list[Wipe] = []

        def note(record: Record) -> Record:
            is_seeking = self._sweeping.is_seeking(chat)
            if message is not None:
                new = Wipe(message, 0, ours=True)
                record, leaving[:] = self._noted(record, new, self._now(), hides=is_seeking)
            if is_seeking or self._sweeping.is_open(chat):
                return record
            return replace(record, flags=record.flags & ~Flag.ANSWERING)

        # After /forget there is nobody to note it for; but a message that was sent has to go in time.
        merge = self._vault.merge_known if message is None else self._vault.merge
        record = await merge(chat, note)
        await self.drop(chat, leaving)
        if record is not None and _is_passing(record):
            # What the row was for was kept, or is too old: without this it would stay for good.
            await self._vault.erase_if(chat, _is_passing)
        if record is not None and len(record.wipes) > FULL:
            early = sorted(record.wipes, key=lambda wipe: (wipe.untapped, wipe.due))[
                : len(record.wipes) - FULL
            ]
            with suppress(OutOfReachError):  # there is still room for eight, and they are due in time
                await self._wipe(record, early)

    async def delete(self, chat: int, messages: Collection[int]) -> None:
        """Delete some messages now; out of reach, they go when they are due."""
        record = await self._vault.read(chat)
        if record is not None:
            with suppress(OutOfReachError):
                await self._wipe(record, [wipe for wipe in record.wipes if wipe.message in messages])

    async def sent_unasked(self, chat: int, message: int | None) -> None:
        """Note an unsolicited message, which waits for its tap.

        A crash just before this leaves the message in the chat; it names nobody.
        """
        self._saw(message)
        if message is not None:
            new = Wipe(message, 0, untapped=True, ours=True)
            await self._vault.merge_known(chat, lambda record: self._noted(record, new, self._now())[0])

    async def lost_unasked(self, record: Record, newest: int) -> None:
        """Remember to delete an unsolicited message that may have arrived.

        `record` and `newest` are as they were before it was sent. Until it is deleted the row says that an
        answer may be on its way: so a crash does not hide it.
        """

        self._sweeping.hide(record.chat, _latest_before(record, newest), is_sure=True)
        await self._vault.merge_known(
            record.chat,
            lambda found: replace(
                found, flags=found.flags | Flag.ANSWERING, latest=_latest_before(found, newest)
            ),
        )

    def is_seeking(self, chat: int) -> bool:
        """Return whether a copy of something we said is still to be deleted in a chat."""
        return self._sweeping.is_seeking(chat, is_sure=True)

    def with_alert(self, record: Record, message: int) -> tuple[Record, tuple[Wipe, ...]]:
        """Return a row with one more untapped alert in its ring, and what had to leave a full one."""
        self._saw(message)
        return self._noted(record, Wipe(message, 0, untapped=True, ours=True), self._now())

    async def drop(self, chat: int, leaving: Sequence[Wipe]) -> None:
        """Delete what a full ring had no room for; out of reach, it goes with what is due next."""
        if leaving:
            try:
                await self._take_away(chat, leaving)
            except OutOfReachError:
                self._evicted.add(chat, leaving, minute_of(self._now()))

    def seek_copies(self, chat: int, last: int, message: int) -> None:
        """Remember to delete what may have arrived after the last known message, before its copy that did."""
        self._sweeping.hide_copies(chat, last, message)

    async def forget_told(self) -> None:
        """Forget the news readers were sent once no correction can come, and readers kept only for it."""
        async for record in self._vault.scan(lambda glance: bool(glance.told_of())):
            if still_told(record, self._now()) != record.told:
                await self._vault.merge_known(
                    record.chat, lambda found: replace(found, told=still_told(found, self._now()))
                )
                await self._vault.erase_if(record.chat, _is_passing)

    def gave_up(self, chat: int) -> None:
        """Note that what arrived will not be answered now; the row keeps saying that it may be."""
        self._sweeping.closed(chat)

    async def keep(self, chat: int, message: int) -> None:
        """Leave a message where it is: its reader wants to keep it."""
        self._sweeping.spare(chat, message)
        self._evicted.forget(chat, {message})

        def note(record: Record) -> Record:
            # What a crash has hidden before it may stay: a sweep after a restart would take this, too.
            return replace(_without(record, {message}), latest=max(record.latest, message))

        await self._vault.merge_known(chat, note)

    async def wipe_due(self) -> int:
        """Delete what is due, in all chats; return in how many. Out of reach, the rest stays due."""
        minute, chats, away = minute_of(self._now()), 0, 0
        # A clock put back leaves no chat alone for longer.
        self._rests = {
            chat: until for chat, until in self._rests.items() if 0 < until - minute <= LONGEST_REST_MINUTES
        }
        chats_due = {record.chat async for record in self._vault.scan(lambda glance: glance.due_by(minute))}
        due = list(chats_due.union(self._evicted.chats, self._eraser.cut_off) - self._rests.keys())

        async def wipe_on() -> None:
            nonlocal chats, away
            while due and away < MOST_AWAY:
                try:
                    await self._wipe_what_is_due(due.pop(), minute)
                except NotFoundError:
                    continue  # no sign that Telegram is away
                except OutOfReachError:
                    away += 1
                else:
                    chats, away = chats + 1, 0

        ends = await asyncio.gather(*(wipe_on() for _ in range(WIPED_AT_ONCE)), return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end
        return chats

    async def _wipe_what_is_due(self, chat: int, minute: int) -> None:
        """Delete what is due in one chat by its row as it is now: what its reader kept meanwhile stays.

        Where Telegram finds no such chat it stays due for two days, and is tried ever more seldom.
        """
        record = await self._vault.read(chat)
        if record is None:
            self._forget_erased(chat)
            return
        if not (due := [wipe for wipe in self._wipes(record) if wipe.due <= minute]):
            return
        try:
            await self._wipe(record, due, WIPED_WITHIN_SECONDS)
        except NotFoundError:
            waited = minute - min(wipe.due for wipe in due)
            self._rests[chat] = minute + min(max(1, waited), LONGEST_REST_MINUTES)
            if lost := [wipe for wipe in due if minute - wipe.due >= NOT_FOUND_MINUTES]:
                await self._let_go(chat, lost)
            raise

    async def sweep(self, *, finds: bool = True) -> int:
        """Delete answers that were on their way when a process died; return for how many readers.

        `finds`: also those of other processes, which only the rows know of.
        """
        await self._note_the_rest()
        if finds:
            async for record in self._vault.scan(lambda glance: Flag.ANSWERING in glance.flags):
                if not (self._sweeping.is_busy(record.chat) or self._sweeping.is_seeking(record.chat)):
                    self._sweeping.hide(record.chat, record.latest, is_sure=False)
        return await self._sweeping.run(self._swept)

    async def _note_the_rest(self) -> None:
        """Write down what could not be when it was said: what nobody has noted is deleted."""
        while self._unnoted:
            chat, message = self._unnoted.pop()
            try:
                await self._settle(chat, message)
            except (DatabaseUnavailableError, VaultBusyError):
                self._unnoted.append((chat, message))
                raise

    async def _swept(self, chat: int, older: bool) -> None:
        await self._settle(chat, None)
        record = await self._vault.read(chat) if older else None
        if record is not None:
            with suppress(OutOfReachError):
                await self._tell_of_rest(record)

    def is_sweeping(self, chat: int) -> bool:
        """Return whether messages that nobody has noted are being deleted in a chat: none may be sent now."""
        return self._sweeping.is_under_way(chat)

    async def clear(self, chat: int) -> None:
        """Delete everything now; the last screens say something ordinary before they go."""
        record = await self._vault.read(chat)
        if record is not None:
            latest = sorted(self._wipes(record), key=lambda wipe: wipe.message, reverse=True)
            last = [wipe.message for wipe in latest if wipe.ours][:LAST_SCREENS]
            # An edit waits behind the answers of others: who clears while thousands write is not kept by it.
            with suppress(OutOfReachError):
                await self._eraser.blank(chat, last, BLANKED_WITHIN_SECONDS)
            await self._wipe(record, latest)

    async def forget(self, chat: int) -> None:
        """Delete what can be deleted, then the row: cut off between the two, it is done again."""
        record = await self._vault.read(chat)
        # No longer than this: in a flood Telegram would keep being forgotten beyond a handler's own time.
        with suppress(OutOfReachError, TimeoutError):
            async with asyncio.timeout(FORGOTTEN_WITHIN_SECONDS):
                await self._take_away(chat, self._wipes(record) if record else (), FORGOTTEN_WITHIN_SECONDS)
        await self._vault.erase(chat)
        self._forget_erased(chat)

    def _forget_erased(self, chat: int) -> None:
        """Keep nothing in memory of a chat that is forgotten."""
        self._evicted.forget_all(chat)
        self._eraser.forget(chat)

    def _wipes(self, record: Record) -> tuple[Wipe, ...]:
        """Return what is to be deleted in a chat: its ring, and what that had no room for."""
        return *record.wipes, *self._evicted.of(record.chat)

    def _noted(
        self, record: Record, wipe: Wipe, sent_at: datetime, *, hides: bool | None = None
    ) -> tuple[Record, tuple[Wipe, ...]]:
        """Return the record with one more message in its ring, and what had to leave a full one.

        `hides`: an answer may lie before it that nobody has noted; else what the row says of that.
        """
        minutes = UNTAPPED_MINUTES if wipe.untapped else record.wipe_minutes
        # Telegram deletes for 48 hours from the day a message was sent, however often it was edited.
        now, latest = minute_of(self._now()), minute_of(sent_at) + LONGEST_WIPE
        if latest <= now and all(wipe.message != kept.message for kept in record.wipes):
            return record, ()  # too old to delete, and left there because its reader wanted to keep it
        due = max(now, min(now + minutes, latest))
        ring, leaving = with_wipe(record, replace(wipe, due=due))
        # What is hidden is looked for from before both.
        hides = _hides(record) if hides is None else hides or record.in_flight is not None
        latest_known = record.latest if hides else max(record.latest, wipe.message)
        return replace(record, wipes=ring, latest=latest_known), leaving

    def _saw(self, message: int | None) -> None:
        self._newest = max(self._newest, message or 0)

    async def _take_away(
        self, chat: int, wipes: Sequence[Wipe], patience: float = math.inf
    ) -> frozenset[int]:
        """Delete, make what is too old say something ordinary, and return the numbers of that."""
        left = await self._eraser.delete(chat, [wipe.message for wipe in wipes], patience)
        ours = [wipe.message for wipe in wipes if wipe.ours and wipe.message in left]
        await self._eraser.blank(chat, ours, patience)
        return left

    async def _wipe(self, record: Record, wipes: Sequence[Wipe], patience: float = math.inf) -> None:
        """Take away, then out of the ring; a crash between the two deletes again, which is harmless."""
        if await self._take_away(record.chat, wipes, patience):
            await self._tell_of_rest(record)
        await self._let_go(record.chat, wipes)

    async def _let_go(self, chat: int, wipes: Sequence[Wipe]) -> None:
        """Take messages out of the ring, and with the last of them a row that was only for these."""
        messages = {wipe.message for wipe in wipes}
        missed = any(wipe.untapped for wipe in wipes)
        self._evicted.forget(chat, messages)
        after = await self._vault.merge_known(chat, lambda found: _without(found, messages, missed))
        if after is not None and _is_passing(after):
            await self._vault.erase_if(chat, _is_passing)

    async def _tell_of_rest(self, record: Record) -> None:
        """Tell a reader that something older is left. Raises OutOfReachError."""
        newest = self._newest
        try:
            told = await self._eraser.tell_of_rest(record)
        except LostError:
            await self.lost_unasked(record, newest)
            raise
        self._saw(told)
        if told is not None:
            await self._vault.merge(
                record.chat, lambda found: self._noted(found, Wipe(told, 0, ours=True), self._now())[0]
            )


def _without(record: Record, messages: Collection[int], missed: bool = False) -> Record:
    missed = missed and record.follows > 0  # whose list is empty finds nothing in it
    ring = tuple(wipe for wipe in record.wipes if wipe.message not in messages)
    return replace(record, wipes=ring, flags=record.flags | Flag.MISSED if missed else record.flags)


def _hides(record: Record) -> bool:
    """Return whether something may be in a chat that its row has no number of: an answer, or an alert."""
    return Flag.ANSWERING in record.flags or record.in_flight is not None


def _latest_before(record: Record, newest: int) -> int:
    """Return the last number before what is sent now: where something is hidden, the last before that."""
    return record.latest if _hides(record) else max(record.latest, newest)


def _is_passing(record: Record) -> bool:
    """Return whether nothing is left that a row is for: nobody followed, nothing to delete or to correct."""
    return not (record.follows or record.wipes or record.told) and Flag.ANSWERING not in record.flags
