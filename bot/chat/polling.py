"""Long polling: updates are asked for again and again from the lowest one that is not finished."""

from __future__ import annotations

import asyncio
import math
from itertools import chain, repeat
from typing import Any

from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.request import BaseRequest

from bot import logs
from bot.chat.intake import ALLOWED_UPDATES, Intake, Taken, Verdict
from bot.chat.sending import Sender
from bot.chat.transport import data_of

BATCH = 100
LONG_POLL_SECONDS = 30
RETRY_SECONDS = (0.2, 1.0, 3.0, 10.0)
CONFLICT_SECONDS = 5.0
ANSWER_SECONDS = 5.0
"""How long an update is kept for its answer: longer only where Telegram lets nothing into the chat."""
HOLDS_OTHERS_SECONDS = 6.0
"""How long an update may keep others from being brought, where nothing new fits in beside it."""
MOST_CONFIRMED_EARLY = 1_000


class Polling:
    """Asks Telegram for updates and lets them run at once; confirms only what is finished.

    While some are unfinished Telegram repeats them in every batch, and what was finished behind them. Where
    nothing new fits in beside those, the oldest is confirmed before it is finished: it goes on here, and only
    a crash would lose it. So a stuck chat stops nobody; and what waits for a database that is silent is not
    confirmed, since nothing else is finished meanwhile.
    """

    def __init__(self, intake: Intake, sender: Sender, request: BaseRequest, bot_url: str) -> None:
        """Hold the edge; `bot_url` carries the token and is never shown."""
        self._intake = intake
        self._sender = sender
        self._request = request
        self._bot_url = bot_url
        self._offset = 0
        self._unfinished: dict[int, tuple[float, object]] = {}
        """When each was taken, by the clock of the loop, and from whom; the oldest is the lowest."""
        self._finished_at = self._passed_at = -math.inf
        self._confirmed_early: set[int] = set()
        self._tried_again: set[int] = set()
        self._finished: set[int] = set()
        self._progress = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop`, then let what was taken finish. Raises InvalidToken when the token dies."""
        async with asyncio.TaskGroup() as tasks:
            failures = 0
            while not stop.is_set():
                batch = await self._fetch(stop, failures)
                failures = failures + 1 if batch is None else 0
                numbered = _numbered(batch or [])
                if numbered and min(numbered) < self._offset:
                    self._begin_anew(min(numbered))
                fresh = numbered.keys() - self._unfinished.keys() - self._finished
                for update_id in sorted(fresh):
                    raw = numbered[update_id]
                    self._unfinished[update_id] = asyncio.get_running_loop().time(), _sender_of(raw)
                    tasks.create_task(self._take(update_id, raw, tasks, stop))
                is_held_up = self._unfinished and not fresh
                if is_held_up and not (len(numbered) >= BATCH and self._passed_over()):
                    await self._wait_for_progress()
            await self._confirm()  # whatever is still answered may be cut off
        await self._confirm()

    def _passed_over(self) -> bool:
        """Let the oldest unfinished update be confirmed if it takes long; return whether it was.

        Not one that waits for the database: it may not be carried out before the next start. A database
        that is silent lets nobody's be finished, so for each that is confirmed another has to be; unless
        one sender holds up all others.
        """
        oldest = min(self._unfinished)
        taken_at, sender = self._unfinished[oldest]
        now = asyncio.get_running_loop().time()
        if now - taken_at < HOLDS_OTHERS_SECONDS or oldest in self._tried_again:
            return False
        if len(self._confirmed_early) >= MOST_CONFIRMED_EARLY:
            return False
        others_go_on = self._finished_at > max(taken_at, self._passed_at)
        if not others_go_on and any(other != sender for _, other in self._unfinished.values()):
            return False
        self._passed_at = now
        del self._unfinished[oldest]
        self._confirmed_early.add(oldest)
        self._offset = max(self._offset, oldest + 1)
        return True

    def _begin_anew(self, first: int) -> None:
        """Follow Telegram where it numbers updates from elsewhere, as it may after a week without any."""
        self._offset = first
        self._confirmed_early |= self._unfinished.keys()
        self._unfinished.clear()
        self._finished.clear()

    async def _take(self, update_id: int, raw: Any, tasks: asyncio.TaskGroup, stop: asyncio.Event) -> None:
        taken = await self._until_taken(update_id, raw, stop)
        if taken.verdict is Verdict.KEEP:
            return  # stopping: Telegram keeps it for the next start
        if taken.reply is not None:
            # Killed before it is out, the update comes again and is answered then.
            showing = tasks.create_task(self._sender.show(taken.reply))
            await asyncio.wait({showing}, timeout=ANSWER_SECONDS if taken.until_out else 0)
        self._finished_at = asyncio.get_running_loop().time()
        self._confirmed_early.discard(update_id)
        if self._unfinished.pop(update_id, None) is not None:
            self._finished.add(update_id)
        self._progress.set()

    async def _until_taken(self, update_id: int, raw: Any, stop: asyncio.Event) -> Taken:
        pauses = chain(RETRY_SECONDS, repeat(RETRY_SECONDS[-1]))

        async def again() -> bool:
            self._tried_again.add(update_id)
            await _pause(stop, next(pauses))
            return not stop.is_set()

        try:
            return await self._intake.take(raw, again)
        finally:
            self._tried_again.discard(update_id)

    async def _wait_for_progress(self) -> None:
        self._progress.clear()
        try:
            async with asyncio.timeout(0.5):
                await self._progress.wait()
        except TimeoutError:
            return

    def _next_offset(self) -> int:
        """Return the first number that is not finished: everything below is confirmed by asking for it."""
        ceiling = min(self._unfinished, default=None)
        done = [n for n in self._finished if ceiling is None or n < ceiling]
        if done:
            self._offset = max(self._offset, max(done) + 1)
            self._finished -= set(done)
        return self._offset

    async def _fetch(self, stop: asyncio.Event, failures: int) -> list[Any] | None:
        """Ask for a batch; None after an error, when the wait for it is already over."""
        wait = 0 if self._unfinished else LONG_POLL_SECONDS
        try:
            return await self._first_of(self._get_updates(wait), stop)
        except InvalidToken:
            raise
        except Conflict as error:
            logs.event(await self._who_else(), error)
            await _pause(stop, CONFLICT_SECONDS)
        except RetryAfter:
            await _pause(stop, 1.0)
        except NetworkError as error:
            if failures in {0, 10} or failures % 100 == 99:
                logs.event(logs.Event.TELEGRAM_UNREACHABLE, error, failures=failures + 1)
            await _pause(stop, RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
        return None

    async def _who_else(self) -> logs.Event:
        """Return why updates do not come here: a webhook that was set meanwhile, or another who asks."""
        try:
            info = await self._request.post(f"{self._bot_url}/getWebhookInfo")
        except TelegramError:
            return logs.Event.ANOTHER_POLLER
        is_set = isinstance(info, dict) and bool(info.get("url"))
        return logs.Event.WEBHOOK_SET if is_set else logs.Event.ANOTHER_POLLER

    async def _first_of(self, request: Any, stop: asyncio.Event) -> list[Any]:
        """Return the batch, or an empty one at once when the program is asked to stop."""
        asking = asyncio.ensure_future(request)
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                return []
            found = asking.result()
            return found if isinstance(found, list) else []
        finally:
            asking.cancel()
            stopping.cancel()
            await asyncio.gather(asking, stopping, return_exceptions=True)

    async def _get_updates(self, wait: int) -> Any:
        parameters: dict[str, Any] = {
            "offset": self._next_offset(),
            "limit": BATCH,
            "timeout": wait,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        data = data_of(parameters)
        return await self._request.post(
            f"{self._bot_url}/getUpdates", request_data=data, read_timeout=wait + 10.0
        )

    async def _confirm(self) -> None:
        """Tell Telegram what is finished, so that the next start does not do it again."""
        try:
            async with asyncio.timeout(3):
                await self._get_updates(0)
        except InvalidToken:
            raise
        except (TelegramError, TimeoutError):
            return  # then it is done again: every command states the wanted end, so that is harmless


def _numbered(batch: list[Any]) -> dict[int, Any]:
    """Return the updates of a batch by their numbers; what has none can only be passed over."""
    found = [(raw.get("update_id"), raw) for raw in batch if isinstance(raw, dict)]
    return {number: raw for number, raw in found if type(number) is int}


def _sender_of(raw: Any) -> object:
    """Return whose an update is, as far as it says so: their taps and messages have one turn."""
    events = (raw.get(kind) for kind in ALLOWED_UPDATES)
    senders = (event.get("from") for event in events if isinstance(event, dict))
    return next((sender.get("id") for sender in senders if isinstance(sender, dict)), None)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
