"""Delivering: every publication to everyone who is owed it: once with a sound, and again only where unsure.

There is no list of who is to be told. A look at all rows says who is owed what; each is marked as on its
way right before the call, and as told right after it. Whatever dies in between is found by the next look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from bot import logs
from bot.domain import alerts
from bot.domain.alerts import Alert, Board, ChangedError, NotOwedError, Outcome
from bot.domain.breaker import Limits
from bot.domain.follower import Record, Wipe
from bot.services.admitting import Admitting
from bot.services.amending import amend
from bot.services.carrying import Courier
from bot.services.commits import Commits
from bot.services.owed import Owed
from bot.services.restored import is_older_copy
from bot.services.retrying import RETRY, Retrying
from bot.services.telling import recent, to_tell
from bot.services.wiping import Wiping
from bot.store import orders, publications
from bot.store.changing import Change
from bot.store.database import Database, DatabaseUnavailableError
from bot.store.sealing import RowDamagedError
from bot.store.shelf import FencedError
from bot.store.vault import Vault, VaultBusyError

LOOK_SECONDS = 0.5
FINISH_SECONDS = 9.0
"""How long calls that are under way when everything stops may take to their end: a flood's 8 seconds, too."""
STALE_SECONDS = 3.0
"""A mark that took longer is written again before anything is sent, where there are several processes."""
MOST_AT_ONCE = 30
"""How many alerts may be in flight at Telegram's usual rate; a crash leaves at most so many in doubt."""
SCAN_AGAIN = timedelta(minutes=1)
"""The longest a reader who resumes, or was passed over, goes unnoticed; 100,000 rows take 0.4 to 1.2 s."""
KEYS_REST = timedelta(hours=1)
"""The shortest time between two re-keys after alerts: readers are told at many different hours."""
TOLD_WITHIN = timedelta(days=1)
"""How long after a publication the last who had to wait for an hour of their own are told."""


class TokenDeadError(Exception):
    """Telegram refuses the token: nothing can be sent, and nothing is lost."""


class _EndingError(Exception):
    """Everything stops: no more calls are begun."""


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
        finish_seconds: float = FINISH_SECONDS,
    ) -> None:
        """Take what is read, written and sent with; the constants above explain the defaults."""
        self._database, self._vault, self._wiping, self._courier = database, vault, wiping, courier
        self._now, self._at_once, self._look = now, at_once, look_seconds
        self._patience = finish_seconds
        self._admitting = Admitting(database, vault, now, limits or Limits())
        self._board = Board(())
        self._owed = Owed()
        self._commits = Commits(vault)
        self._alone = asyncio.Lock()
        self._retrying = Retrying(at_once)
        self._left: set[int] | None = None
        self._deaths: dict[int, int] = {}
        self._uncalled: dict[int, Change] = {}
        self._calling: set[int] = set()
        self._all_ended = asyncio.Event()
        self._ends = False
        self._scanned: tuple[int, ...] | None = None
        self._looked_at = self._scanned_at = self._sealed_at = datetime.min.replace(tzinfo=UTC)
        self._has_told = self._said_held = False

    async def run(self, fence: int = 0) -> None:
        """Deliver until cancelled. Raises TokenDeadError, FencedError; both stop everything at once."""
        self._commits.fence = fence
        await self._until_done(self._vault.reload_keys)  # another process may have been the sender until now
        if self._vault.published + TOLD_WITHIN.total_seconds() > self._vault.rekeyed.timestamp():
            # A number is the time it was given. Whoever was the sender may have told somebody since.
            self._has_told, self._sealed_at = True, self._vault.rekeyed
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._commits.run())
            tasks.create_task(self._seal_anew())
            for _ in range(self._at_once):
                tasks.create_task(self._work())
            try:
                while True:
                    await self._attempt(self.look)
                    await asyncio.sleep(self._look)
            except asyncio.CancelledError:
                await self._finish()
                raise

    async def _finish(self) -> None:
        """Mark nobody any more, and let what is on its way arrive: cut off, it would be told once more."""
        self._ends = True
        if self._calling:
            self._all_ended.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience):
                    await self._all_ended.wait()

    async def _attempt(self, act: Callable[[], Awaitable[object]]) -> bool:
        """Do something; return whether it is done."""
        try:
            await act()
        except (DatabaseUnavailableError, VaultBusyError) as error:
            logs.event(logs.Event.DATABASE_UNAVAILABLE, error)
        except RowDamagedError as error:
            logs.event(logs.Event.ROW_DAMAGED, error)
        else:
            return True
        return False

    async def _until_done(self, act: Callable[[], Awaitable[object]]) -> None:
        while not await self._attempt(act):  # noqa: ASYNC110  (nobody tells us when it can be done)
            await asyncio.sleep(self._look)

    async def _seal_anew(self) -> None:
        """Give all rows new keys once everybody was told: then no earlier copy says who was."""
        while True:
            await asyncio.sleep(self._look)
            rested = abs(self._now() - self._sealed_at) >= KEYS_REST
            told = self._has_told and self._scanned is not None and self._owed.is_empty
            if told and rested:
                self._has_told, self._sealed_at = False, self._now()
                if not await self._attempt(self._vault.rekey):
                    self._has_told = True  # so it is tried again, an hour later

    async def look(self) -> None:
        """Let go what was approved, and find who is owed what; quick when nothing is new."""
        self._look_at_the_clock()
        async with self._database.reading() as connection:
            order = await orders.to_resume(connection)
            waiting = await publications.queued(connection)
            latest, signature = await to_tell(connection, self._now())
        if await self._is_held(latest, order):
            return
        self._owed.wake(self._now())
        if await self._admitting.admit(waiting, latest):
            async with self._database.reading() as connection:
                latest, signature = await to_tell(connection, self._now())
        if latest > self._vault.published:
            await self._vault.outdate_copies()
            await self._vault.note_published(latest)
        if signature != self._scanned or self._now() - self._scanned_at >= SCAN_AGAIN:
            await self._scan()
            self._scanned, self._scanned_at = signature, self._now()

    def _look_at_the_clock(self) -> None:
        """Let nobody wait longer because the clock was put back: who waits for what is found anew."""
        now = self._now()
        if now < self._looked_at:
            self._retrying.set_back(self._looked_at - now)
            self._scanned = None
        self._looked_at = now

    async def _is_held(self, latest: int, order: int | None) -> bool:
        """Return whether a copy was restored and the operator has not said yet that all may go on."""
        if self._vault.held and order is not None:
            await self._vault.resume(latest)
            logs.event(logs.Event.SENDER_RESUMED)
            self._said_held = False
        elif not self._vault.held and await is_older_copy(
            self._database, self._vault, latest, is_shared=bool(self._commits.fence)
        ):
            await self._vault.hold(latest)
            self._board = Board(())
        if order is not None:
            # Also one that came before there was anything to resume: it was not said about this.
            async with self._database.writing() as connection:
                await orders.done(connection, order)
        if not self._vault.held:
            return False
        if not self._said_held:
            logs.event(logs.Event.SENDER_HELD)
            self._said_held = True
        return True

    async def _scan(self) -> None:
        """Look at every row. The board is replaced first: what is told from now on includes what is new."""
        self._board = board = Board(await recent(self._database, self._now), self._vault.quiet_to)
        self._owed.forget_later()
        left: list[Record] = []
        owed = set[int]()
        async for record in self._vault.scan(board.may_concern):
            if record.in_flight is not None and self._left is None:
                left.append(record)
            elif self._consider(record):
                owed.add(record.chat)
        self._retrying.forget_others(owed)
        if self._left is None:
            await self._recover(left)
            self._left = {record.chat for record in left}
            for record in left:
                self._owed.put(record.chat, alerts.Urgency.IN_DOUBT)

    async def _recover(self, left: list[Record]) -> None:
        """Count a death against a row only if nobody else's message can have been the cause.

        It is written down with the mark of the next try: whoever dies before that was not telling it.
        """
        if len(left) != 1 or (flight := left[0].in_flight) is None:
            return
        self._deaths[left[0].chat] = flight.attempts + 1
        if flight.attempts + 1 >= alerts.MOST_DEATHS:
            logs.event(logs.Event.ALERT_SET_ASIDE)
            await self._commits.put(left[0].chat, partial(alerts.passed_over, number=flight.publication))

    def _consider(self, record: Record) -> bool:
        """Put a chat in the queue if it is owed anything, or if a mark is left of what it is owed no more.

        Return whether either is so; it may have to wait.
        """
        alert = self._board.alert(record, self._now())
        if alert is None:
            if record.in_flight is not None:
                self._owed.put(record.chat, alerts.Urgency.IN_DOUBT)
        elif not self._waits(alert):
            self._owed.put(record.chat, _urgency(alert))
        return alert is not None or record.in_flight is not None

    def _put_at(self, chat: int, urgency: alerts.Urgency, moment: datetime) -> None:
        if moment > self._now():
            self._owed.put_later(chat, urgency, moment)
        else:
            self._owed.put(chat, urgency)

    def _waits(self, alert: Alert) -> bool:
        """Let a chat whose time has not come wait for it; return whether it does."""
        chat, now = alert.record.chat, self._now()
        due = alerts.due_at(alert, now)
        if due > now:
            self._retrying.sleeps(chat)
        due = max(due, self._retrying.rests_until(chat))
        if due > now:
            self._owed.put_later(chat, _urgency(alert), due)
        return due > now

    async def _work(self) -> None:
        while not self._ends:
            chat = await self._owed.next()
            try:
                await self._tell(chat)
            except (DatabaseUnavailableError, VaultBusyError) as error:
                self._owed.put_later(chat, alerts.Urgency.RELEASE, self._now() + RETRY)
                logs.event(logs.Event.DATABASE_UNAVAILABLE, error)
            except (TokenDeadError, FencedError):
                self._patience = 0.0  # whoever else is under way is not waited for
                raise
            except Exception as error:
                # A mistake of ours, or one damaged row: it must not keep the news from all others.
                self._retrying.forget(chat)
                logs.event(logs.Event.ALERT_SET_ASIDE, error)
            finally:
                self._owed.done(chat)

    async def _tell(self, chat: int) -> None:
        """Tell one chat what it is owed now."""
        record = await self._commits.put(chat, self._uncalled.get(chat, alerts.as_it_is))
        self._uncalled.pop(chat, None)
        alert = self._board.alert(record, self._now()) if record else None
        if alert is None:
            self._retrying.forget(chat)
            if record is not None and record.in_flight is not None:
                # Nobody else is telling this chat now: what was on its way is no longer owed, and is over.
                await self._commits.put(chat, alerts.unmarked)
            return
        if self._waits(alert):
            return
        self._retrying.begin(chat)
        if not alert.is_repeat and not self._retrying.may_begin(chat, self._now()):
            self._owed.put_later(chat, alert.urgency, self._now() + RETRY)
        elif not (alert.is_repeat and await self._carried_alone(alert)):
            await self._carry(alert)

    async def _carried_alone(self, alert: Alert) -> bool:
        """Tell who was being told at a death, one at a time; return whether this one still had to be.

        Once one of them is not answered, and nothing died of it, it is Telegram that is ill: to wait for
        each in turn would keep the news from everybody else for minutes.
        """
        left, chat = self._left, alert.record.chat
        if not left or chat not in left:
            return False
        async with self._alone:
            if chat not in left:
                return False
            await self._carry(alert)
            if self._retrying.is_in_doubt(chat):
                left.clear()
            left.discard(chat)
            return True

    async def _carry(self, alert: Alert, *, plain: bool = False) -> None:
        try:
            await self._carry_on(alert, plain=plain)
        finally:
            self._calling.discard(alert.record.chat)
            if not self._calling:
                self._all_ended.set()

    async def _carry_on(self, alert: Alert, *, plain: bool) -> None:
        chat = alert.record.chat
        try:
            receipt = await self._courier.carry(alert, partial(self._mark, alert), plain=plain)
        except _EndingError:
            return
        except ChangedError:
            await self._unmark(alert)
            # Its turn had come: whoever is behind others now would hear an hour later than they.
            rest = RETRY if self._wiping.is_sweeping(chat) else timedelta()
            self._put_at(chat, alerts.Urgency.IN_DOUBT, self._now() + rest)
            return
        except NotOwedError:
            # A try before this one may have left its mark: nothing is on its way now, and /stop waits for it.
            self._retrying.forget(chat)
            await self._commits.put(chat, alerts.unmarked)
            return
        if receipt.outcome is Outcome.UNSURE:
            self._put_at(chat, alerts.Urgency.IN_DOUBT, self._retrying.unsure(chat, self._now()))
            return
        receipt = self._retrying.heard(chat, receipt)
        if receipt.outcome is Outcome.DONE:
            await self._arrived(alert, receipt.message)
        elif receipt.outcome is Outcome.NOT_SENT:
            await self._unmark(alert)
            again = self._now() + max(RETRY, timedelta(seconds=receipt.wait))
            self._retrying.rest(chat, again)
            self._owed.put_later(chat, _urgency(alert), again)
        elif receipt.outcome is Outcome.GONE:
            await self._vault.erase(chat)
        elif receipt.outcome is Outcome.MOVED:
            await self._move(chat, receipt.chat)
        elif receipt.outcome is Outcome.POISON:
            await self._poisoned(alert, plain=plain)
        else:
            await self._unmark(alert)
            raise TokenDeadError("Telegram refuses the token")

    async def _unmark(self, alert: Alert) -> None:
        """Take a mark back that no message followed; what an earlier try may have sent stays in doubt."""
        if not alert.is_repeat:
            await self._commits.insist(alert.record.chat, _taking_back(alert))

    async def _mark(self, alert: Alert) -> None:
        """Write down that an alert may be on its way. Raises NotOwedError, ChangedError.

        Since it was made it may have waited minutes for its right to go, and been taken back meanwhile.
        """
        if self._ends:
            raise _EndingError
        chat = alert.record.chat
        self._calling.add(chat)
        refused: list[NotOwedError | ChangedError] = []
        deaths = self._deaths.get(chat, 0) if alert.is_repeat else 0

        def mark(record: Record) -> Record:
            refused.clear()
            try:
                self._board.check(alert, record, self._now())
                return alerts.marked(record, alert, deaths)
            except (NotOwedError, ChangedError) as error:
                refused.append(error)
                return record

        time = asyncio.get_running_loop().time
        began = time()
        try:
            await self._commits.put(alert.record.chat, mark)
            if self._commits.fence and time() - began > STALE_SECONDS:
                # Whoever stood still for so long may not be the sender any more: this write would say so.
                await self._commits.put(alert.record.chat, mark)
        except (DatabaseUnavailableError, VaultBusyError):
            if not alert.is_repeat:
                # It may be written all the same, and no call follows it: the next try is as loud as this.
                self._uncalled[chat] = _taking_back(alert)
            raise
        for error in refused:
            raise error
        if self._wiping.is_sweeping(chat):
            raise ChangedError("what nobody has noted is being deleted there: this would be, too")

    async def _arrived(self, alert: Alert, message: int) -> None:
        """Write down that an alert arrived: told, remembered, and to be deleted when its time comes."""
        old = alerts.outdated(alert.record, alert)
        leaving: list[Wipe] = []
        last = 0

        def note(record: Record) -> Record:
            nonlocal last
            last = record.latest
            told = alerts.told(record, alert, message, self._now())
            noted, leaving[:] = self._wiping.with_alert(told, message)
            return noted

        self._has_told = True
        self._deaths.pop(alert.record.chat, None)
        record = await self._commits.insist(alert.record.chat, note)
        if record is None:
            return
        await self._wiping.drop(record.chat, leaving)
        if alert.is_repeat:
            self._wiping.seek_copies(record.chat, last, message)
        await amend(self._courier, self._commits, record, old)
        self._consider(record)

    async def _move(self, old: int, chat: int) -> None:
        """Remember a chat under its new number, by its row as it is now; the alert is found again there."""
        if (left := await self._commits.put(old, alerts.as_it_is)) is not None:
            await self._vault.merge(chat, lambda there: alerts.moved(left, there))
            await self._vault.erase(old)
            self._owed.put(chat, alerts.Urgency.RELEASE)

    async def _poisoned(self, alert: Alert, *, plain: bool) -> None:
        """Try a text that Telegram refuses once more without marks; then set it aside: it stops nobody."""
        if plain:
            logs.event(logs.Event.ALERT_SET_ASIDE)
            await self._commits.put(alert.record.chat, partial(alerts.passed_over, number=alert.last))
        else:
            await self._carry(alert, plain=True)


def _taking_back(alert: Alert) -> Change:
    return partial(alerts.unmarked, earlier=alert.record.in_flight)


def _urgency(alert: Alert) -> alerts.Urgency:
    return alerts.Urgency.IN_DOUBT if alert.record.in_flight is not None else alert.urgency
