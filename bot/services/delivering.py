"""Delivering: every publication to everyone who is owed it: once with a sound, and again only where unsure.

There is no list of who is to be told. A look at all rows says who is owed what; each is marked as on its
way right before the call, and as told right after it. Whatever dies in between is found by the next look.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot import logs
from bot.domain import alerts
from bot.domain.alerts import Alert, Board, NotOwedError, Outcome
from bot.domain.follower import Glance, InFlight, Record
from bot.domain.publishing import Limits, Publication, band, breaks
from bot.services.commits import Commits
from bot.services.owed import Owed
from bot.services.reviewing import NotApprovedError, verify
from bot.services.telling import recent
from bot.services.wiping import Wiping
from bot.store import orders, publications
from bot.store.database import Database, DatabaseUnavailableError
from bot.store.vault import Vault

LOOK_SECONDS = 0.5
RETRY = timedelta(seconds=5)
MOST_AT_ONCE = 30
"""How many may be on their way at once at Telegram's usual rate: so many a crash leaves in doubt."""


@dataclass(frozen=True, slots=True, repr=False)
class Receipt:
    """What became of one message: its number when it arrived; the chat's new number when it moved."""

    outcome: Outcome
    message: int = 0
    chat: int = 0

    def __repr__(self) -> str:
        return f"Receipt({self.outcome.value})"


Mark = Callable[[], Awaitable[None]]


class Courier(Protocol):
    """What carries alerts: Telegram, behind the lanes."""

    async def carry(self, alert: Alert, mark: Mark, *, plain: bool = False) -> Receipt:
        """Send; `mark` is awaited between the right to send and the sending. Raises what `mark` raises."""

    async def amend(self, record: Record, message: int) -> None:
        """Make an alert that was wrong say that a newer one is below, where that still can be done."""


class TokenDeadError(Exception):
    """Telegram refuses the token: nothing can be sent, and nothing is lost."""


class Delivering:
    """The one sender. Everything it holds in memory can be lost at any moment."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        wiping: Wiping,
        courier: Courier,
        now: Callable[[], datetime],
        *,
        limits: Limits | None = None,
        at_once: int = MOST_AT_ONCE,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """Hold what is read and written, and what carries."""
        self._database, self._vault, self._wiping, self._courier = database, vault, wiping, courier
        self._now, self._limits, self._at_once, self._look = now, limits or Limits(), at_once, look_seconds
        self._board = Board(())
        self._owed = Owed()
        self._commits = Commits(vault)
        self._alone = asyncio.Lock()
        self._reached: deque[tuple[datetime, int]] = deque()
        self._recovered = False

    def __repr__(self) -> str:
        return "Delivering()"

    async def run(self, fence: int = 0) -> None:
        """Deliver until cancelled. Raises TokenDeadError, FencedError; both stop everything at once."""
        self._commits.fence = fence
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._commits.run())
            for _ in range(self._at_once):
                tasks.create_task(self._work())
            while True:
                await self._attempt(self.look)
                await asyncio.sleep(self._look)

    async def _attempt(self, act: Callable[[], Awaitable[object]]) -> None:
        try:
            await act()
        except DatabaseUnavailableError:
            logs.event(logs.Event.DATABASE_UNAVAILABLE)

    async def look(self) -> None:
        """Let go what was approved, and find who is owed what; quick when nothing is new."""
        if await self._is_held():
            return
        self._owed.wake(self._now())
        admitted = await self._admit()
        async with self._database.reading() as connection:
            latest = await publications.latest(connection)
        if admitted or latest != self._board.latest or not self._recovered:
            await self._scan()

    async def _is_held(self) -> bool:
        """Say whether a copy was restored and the operator has not said yet that all may go on."""
        async with self._database.reading() as connection:
            latest = await publications.latest(connection)
            if not self._vault.held and latest >= self._vault.published:
                return False
            order = await orders.to_resume(connection)
        if not self._vault.held:
            logs.event(logs.Event.SENDER_HELD)
            await self._vault.hold()
        if order is None:
            return True
        await self._vault.resume(latest)
        async with self._database.writing() as connection:
            await orders.done(connection, order)
        return False

    async def _admit(self) -> bool:
        """Number what two editors approved, or hold what would reach too many without a third."""
        async with self._database.reading() as connection:
            waiting = await publications.queued(connection)
            last = await publications.latest(connection)
        admitted = False
        for queued in waiting:
            is_confirmed = queued.confirmations > publications.APPROVERS
            if queued.state.value == "held" and not is_confirmed:
                continue
            try:
                await verify(self._database, queued.id)
            except NotApprovedError:
                logs.event(logs.Event.PUBLICATION_REFUSED)
                continue
            if not is_confirmed and await self._holds(queued.id, queued.publication, last):
                continue
            last = await self._vault.hand_out(int(self._now().timestamp()), last)
            async with self._database.writing() as connection:
                went = await publications.let_go(connection, queued.id, last)
            if went:
                await self._vault.note_published(last)
                admitted = True
        return admitted

    async def _holds(self, publication_id: int, publication: Publication, last: int) -> bool:
        """Hold a publication that would reach too many within an hour; say whether it is held."""
        reach, everybody = await self._reach(replace(publication, number=last + 1))
        hour_ago = self._now() - timedelta(hours=1)
        while self._reached and self._reached[0][0] < hour_ago:
            self._reached.popleft()
        told = sum(count for _, count in self._reached)
        if not breaks(told + reach, everybody, self._limits):
            self._reached.append((self._now(), reach))
            return False
        async with self._database.writing() as connection:
            await publications.hold(connection, publication_id, band(reach))
        logs.event(logs.Event.PUBLICATION_HELD)
        return True

    async def _reach(self, publication: Publication) -> tuple[int, int]:
        """Return how many chats a publication would reach, and how many follow anything."""
        board, everybody = Board([publication]), 0

        def match(glance: Glance) -> bool:
            nonlocal everybody
            everybody += 1
            return board.may_concern(glance)

        reach = 0
        async for record in self._vault.scan(match):
            reach += board.alert(record, self._now()) is not None
        return reach, everybody

    async def _scan(self) -> None:
        """Look at every row. The board is replaced first: what is told from now on includes what is new."""
        board = Board(await recent(self._database, self._now), self._vault.quiet_to)
        async with self._database.reading() as connection:
            latest = await publications.latest(connection)
        board.latest = max(board.latest, latest)
        self._board = board
        self._owed.forget_later()
        left: list[Record] = []
        async for record in self._vault.scan(board.may_concern):
            if record.in_flight is not None and not self._recovered:
                left.append(record)
            await self._consider(record)
        if not self._recovered:
            await self._recover(left)
            self._recovered = True

    async def _recover(self, left: list[Record]) -> None:
        """Count a death against a row only if nobody else's message can have been the cause."""
        if len(left) != 1 or (flight := left[0].in_flight) is None:
            return
        if flight.attempts + 1 >= alerts.MOST_DEATHS:
            logs.event(logs.Event.ALERT_SET_ASIDE)
            await self._commits.put(left[0].chat, partial(alerts.passed_over, number=flight.publication))
        else:
            await self._commits.put(left[0].chat, _died_once_more)

    async def _consider(self, record: Record) -> None:
        alert = self._board.alert(record, self._now())
        if alert is None:
            if record.in_flight is not None:
                # What was on its way concerns them no more.
                await self._commits.put(record.chat, alerts.unmarked)
            return
        due = alerts.due_at(alert, self._now())
        if due > self._now():
            self._owed.put_later(record.chat, alert.urgency, due)
        else:
            self._owed.put(record.chat, alert.urgency)

    async def _work(self) -> None:
        while True:
            chat = await self._owed.next()
            try:
                await self._tell(chat)
            except DatabaseUnavailableError:
                self._owed.put_later(chat, alerts.Urgency.RELEASE, self._now() + RETRY)
                logs.event(logs.Event.DATABASE_UNAVAILABLE)

    async def _tell(self, chat: int) -> None:
        """Tell one chat what it is owed now."""
        record = await self._vault.read(chat)
        alert = self._board.alert(record, self._now()) if record else None
        if alert is None:
            return
        if (due := alerts.due_at(alert, self._now())) > self._now():
            self._owed.put_later(chat, alert.urgency, due)
            return
        if not alert.is_repeat:
            await self._carry(alert)
            return
        async with self._alone:
            await self._carry(alert)

    async def _carry(self, alert: Alert, *, plain: bool = False) -> None:
        chat = alert.record.chat
        try:
            receipt = await self._courier.carry(alert, partial(self._mark, alert), plain=plain)
        except NotOwedError:
            return
        if receipt.outcome is Outcome.DONE:
            await self._arrived(alert, receipt.message)
        elif receipt.outcome is Outcome.NOT_SENT:
            if not alert.is_repeat:
                await self._commits.put(chat, alerts.unmarked)
            self._owed.put_later(chat, alert.urgency, self._now() + RETRY)
        elif receipt.outcome is Outcome.UNSURE:
            self._owed.put(chat, alert.urgency)
        elif receipt.outcome is Outcome.GONE:
            await self._vault.erase(chat)
        elif receipt.outcome is Outcome.MOVED:
            await self._move(alert.record, receipt.chat)
        elif receipt.outcome is Outcome.POISON:
            await self._poisoned(alert, plain=plain)
        else:
            raise TokenDeadError("Telegram refuses the token")

    async def _mark(self, alert: Alert) -> None:
        """Write down that an alert may be on its way. Raises NotOwedError when it is no longer owed."""
        still_owed = False

        def mark(record: Record) -> Record:
            nonlocal still_owed
            try:
                record, still_owed = alerts.marked(record, alert), True
            except NotOwedError:
                still_owed = False
            return record

        await self._commits.put(alert.record.chat, mark)
        if not still_owed:
            raise NotOwedError("its reader said stop, or has it already")

    async def _arrived(self, alert: Alert, message: int) -> None:
        """Write down that an alert arrived: told, remembered, and to be deleted when its time comes."""
        wrong = {p.revises for p in alert.publications if p.revises}
        old = [told.message for told in alert.record.told if told.publication in wrong]
        leaving: list[int] = []

        def note(record: Record) -> Record:
            told = alerts.told(record, alert, message, self._now())
            noted, leaving[:] = self._wiping.with_alert(told, message)
            return noted

        record = await self._commits.put(alert.record.chat, note)
        if record is None:
            return
        await self._wiping.drop(record.chat, leaving)
        for number in old:
            await self._courier.amend(record, number)
        await self._consider(record)

    async def _move(self, record: Record, chat: int) -> None:
        """Remember a chat under its new number; the alert is found again there."""
        await self._vault.merge(chat, lambda fresh: replace(record, chat=fresh.chat, in_flight=None))
        await self._vault.erase(record.chat)
        self._owed.put(chat, alerts.Urgency.RELEASE)

    async def _poisoned(self, alert: Alert, *, plain: bool) -> None:
        """Try a text that Telegram refuses once more without marks; then set it aside: it stops nobody."""
        if plain:
            logs.event(logs.Event.ALERT_SET_ASIDE)
            await self._commits.put(alert.record.chat, partial(alerts.passed_over, number=alert.last))
        else:
            await self._carry(alert, plain=True)


def _died_once_more(record: Record) -> Record:
    flight = record.in_flight
    if flight is None:
        return record
    return replace(record, in_flight=InFlight(flight.publication, flight.attempts + 1))
