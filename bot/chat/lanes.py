"""The right to send: one limiter for every message, so that Telegram need not answer 429 (flood limits).

 - Every call is in a lane. Replies and alerts have a share each and may use what the other leaves over:
   nobody who types waits behind a fan-out. Among alerts corrections go first, then releases, then other news.
 - Grant, mark, send: whoever gets the right to send may have something written down before the call is made.
 - The bot has a token bucket: no second, even one stretched by 20 ms of network jitter, holds more than
   `rate` grants. (A sliding window of the same size draws 429s at such jitter.)
 - Deletions have a bucket of their own: a chat is cleaned in time whatever else is being said.
 - A chat has one message under way at a time and a second of rest after it, in the order of arrival. Its
   edits need no rest, but messages and edits together have no more than one a second and four beforehand.
 - A 429 halts its chat, and the call is made again, still the first of its chat; an alert's call fails
   with it instead, so that it is written down and nobody waits for this chat.
 - A second chat's 429 within a second halts the share: then one probe a second, until one succeeds. The
   other share goes on until it meets a 429 itself, which halts it at once.
 - An alert that found no connection halts its share likewise: nobody else's need be tried beside the probe.

The clock is the running loop's; a test runs a loop whose clock is virtual. Chat ids are keys in memory,
and are forgotten as soon as nothing about the chat can delay anything.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeAlias

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.chat.lines import CHAT_REST, LATE, Bucket, Chat, Lane, Line, Share, Turn
from bot.chat.transport import NotReached, NotSent

Result: TypeAlias = bool | dict[str, Any] | list[dict[str, Any]]

_PROBE_EVERY: Final = 1.0
_SAME_STORM: Final = 1.0
_NO_CONNECTION: Final = 5.0  # how long nobody is told after a call that found none; the probes go on
_SAVED: Final = 30.0  # how many calls a share that was silent may be ahead of the other
_DELETING: Final = frozenset({"deleteMessage", "deleteMessages"})
_SENDING: Final = frozenset({"copyMessage", "copyMessages", "forwardMessage", "forwardMessages"})


@dataclass(frozen=True, slots=True)
class Passage:
    """How one call passes: in which lane, and what is written down once it may be made.

    `mark` may raise to give the right back: then the call is not made, and fails with what was raised.
    `again`: a 429 is waited for, and the call made again. Otherwise the call fails with it, for whoever
    has others to call meanwhile, and must write down that this one was not carried out. `patience`: how
    many seconds it may wait for its turn, where the lanes' own deadline is not sooner.
    """

    lane: Lane = Lane.REPLY
    mark: Callable[[], Awaitable[None]] | None = None
    again: bool = True
    patience: float = math.inf


_REPLY: Final = Passage()


class Lanes(BaseRateLimiter[Passage]):
    """Let python-telegram-bot's calls through at the rate Telegram allows.

    `deadline` bounds, in seconds, how long a call waits for its turns, 429s and all; then it fails with
    RetryAfter, which says for certain that it was not carried out.
    """

    __slots__ = (
        "_bucket",
        "_deadline",
        "_deletions",
        "_due",
        "_last_refused",
        "_lines",
        "_order",
        "_shares",
        "_timer",
    )

    def __init__(self, rate: int = 30, deadline: float = 300.0) -> None:
        if rate < 1:
            raise ValueError("The rate must be at least one message a second")
        self._deadline = deadline
        self._bucket = Bucket(rate)
        self._deletions = Bucket(rate)
        self._order = itertools.count()
        self._lines: dict[Chat, Line] = {}
        self._shares = (Share(), Share())
        self._due: list[tuple[float, int, Line]] = []  # heap: lines to look at again, and when
        self._timer: asyncio.TimerHandle | None = None
        self._last_refused: tuple[Chat, float] | None = None  # forgotten with its chat

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self._lines)} chats>"

    async def initialize(self) -> None:
        """Do nothing: there is nothing to open."""

    async def shutdown(self) -> None:
        """Fail every call that still waits, as certainly not sent."""
        for turn in itertools.chain.from_iterable(line.waiting for line in self._lines.values()):
            if turn.waiter is not None and not turn.waiter.done():
                turn.waiter.set_exception(NotSent("Not sent: the bot is stopping"))

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Result]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Passage | None,
    ) -> Result:
        """Make one call of the Bot API as soon as it may be made."""
        call = partial(callback, *args, **kwargs)
        passage = rate_limit_args or _REPLY
        deadline = _now() + min(self._deadline, passage.patience)
        chat = _chat_of(data)
        is_send = endpoint in _SENDING or (endpoint.startswith("send") and endpoint != "sendChatAction")
        if is_send or endpoint.startswith("editMessage"):
            return await self._call_in_turn(call, chat, is_send, deadline, passage)
        return await self._call_aside(call, chat, endpoint in _DELETING, deadline)

    async def _call_in_turn(
        self,
        call: Callable[[], Coroutine[Any, Any, Result]],
        chat: Chat,
        is_send: bool,
        deadline: float,
        passage: Passage,
    ) -> Result:
        line = self._line(chat)
        turn = Turn(next(self._order), is_send, passage.lane)
        line.waiting.append(turn)
        while True:
            await self._wait_for_turn(line, turn, deadline)
            try:
                if passage.mark is not None:
                    await passage.mark()
                result = await call()
            except RetryAfter as refusal:
                if self._halt(chat, refusal, self._share_of(passage.lane)) > deadline or not passage.again:
                    raise
                turn.waiter = turn.granted_at = None
                line.waiting.appendleft(turn)
            except NotReached:
                if not passage.again:
                    self._close(self._share_of(passage.lane), _NO_CONNECTION)
                raise
            else:
                self._note_success(turn)
                return result
            finally:
                line.busy = False
                if is_send:
                    line.rests_until = _now() + CHAT_REST
                self._look_and_pump(line)

    async def _wait_to_delete(self, deadline: float) -> None:
        """Wait for the place in the row of deletions that is taken now."""
        now = _now()
        taken = self._deletions.take(now)
        opens = taken[0] - LATE
        if opens > deadline:
            self._deletions.give_back(taken)
            raise RetryAfter(math.ceil(opens - now))
        if opens > now:
            await asyncio.sleep(opens - now)

    async def _call_aside(
        self, call: Callable[[], Coroutine[Any, Any, Result]], chat: Chat, deletes: bool, deadline: float
    ) -> Result:
        """Make a call that waits behind no message: only for the end of a halt, or among deletions."""
        resumes = self._own_halt_of(chat)
        while True:
            while (left := max(resumes, self._halt_of(chat)) - _now()) > 0:
                if max(resumes, _now()) >= deadline:  # nothing ends a chat's own halt early
                    raise RetryAfter(math.ceil(left))
                # A probe may end the bot's halt early, so look again each second.
                await asyncio.sleep(min(left, _PROBE_EVERY))
            if deletes:
                await self._wait_to_delete(deadline)
            try:
                return await call()
            except RetryAfter as refusal:
                resumes = self._halt(chat, refusal, self._shares[0])
                if resumes > deadline:
                    raise

    async def _wait_for_turn(self, line: Line, turn: Turn, deadline: float) -> None:
        self._look_and_pump(line)
        if turn.granted_at is not None:
            return
        turn.waiter = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout_at(deadline):
                await turn.waiter
            return
        except TimeoutError:
            self._leave(line, turn)
        except BaseException:
            self._leave(line, turn)
            raise
        halt = max(line.halted_until, self._share_of(turn.lane).halted_until)
        raise RetryAfter(math.ceil(max(1.0, halt - _now())))

    def _leave(self, line: Line, turn: Turn) -> None:
        """Give up a turn; one that was granted in the same instant is given back."""
        if turn.granted_at is not None:
            self._bucket.give_back(turn.taken)
            line.busy = False
        elif turn in line.waiting:
            line.waiting.remove(turn)
        self._look_and_pump(line)

    def _line(self, chat: Chat) -> Line:
        line = self._lines.get(chat)
        if line is None:
            line = self._lines[chat] = Line(chat)
        return line

    def _look_and_pump(self, line: Line) -> None:
        self._look(line, _now())
        self._pump(_now())

    def _look(self, line: Line, now: float) -> None:
        """Put a line where its state belongs: ready, due later, or forgotten."""
        if line.busy or line.ready:
            return
        if line.waiting:
            if (opens := line.opens_at()) <= now:
                line.ready = True
                first = line.waiting[0]
                self._queue(self._share_of(first.lane), (first.lane, first.order, line))
            else:
                self._look_again(line, opens)
        elif (idle := line.idle_from()) > now:
            # To whole seconds, so that a thousand idle chats are forgotten in one go.
            self._look_again(line, float(math.ceil(idle)))
        elif self._lines.get(line.chat) is line:
            del self._lines[line.chat]
            if self._last_refused is not None and self._last_refused[0] == line.chat:
                self._last_refused = None

    def _look_again(self, line: Line, when: float) -> None:
        if when < line.due:
            line.due = when
            heapq.heappush(self._due, (when, next(self._order), line))

    def _pump(self, now: float) -> None:
        """Grant every turn that may be granted now, and set the timer for the next."""
        while self._due and self._due[0][0] <= now:
            _, _, line = heapq.heappop(self._due)
            line.due = math.inf
            self._look(line, now)
        while self._bucket.opens_at() <= now and (share := self._next_share(now)) is not None:
            _, order, line = heapq.heappop(share.ready)
            line.ready = False
            if line.waiting and line.waiting[0].order == order and line.opens_at() <= now:
                self._grant(line, now, share)
            else:
                self._look(line, now)  # cancelled or halted since it became ready
        wakes = min((share.opens_at(now) for share in self._shares if share.ready), default=math.inf)
        wakes = max(wakes, self._bucket.opens_at())
        if self._due:
            wakes = min(wakes, self._due[0][0])
        self._set_timer(wakes)

    def _share_of(self, lane: Lane) -> Share:
        return self._shares[lane > Lane.REPLY]

    def _queue(self, share: Share, entry: tuple[Lane, int, Line]) -> None:
        """Let a line wait for its share. A share that had nothing to say cannot save up for later."""
        if not share.ready:
            share.had = max(share.had, *(other.had - _SAVED for other in self._shares))
        heapq.heappush(share.ready, entry)

    def _next_share(self, now: float) -> Share | None:
        """Return the share that had least, of those that have something to say and may say it."""
        may = [share for share in self._shares if share.ready and share.opens_at(now) <= now]
        return min(may, key=lambda share: share.had, default=None)

    def _grant(self, line: Line, now: float, share: Share) -> None:
        turn = line.waiting.popleft()
        line.busy = True
        turn.granted_at = now
        turn.taken = self._bucket.take(now)
        line.spend(now)
        share.had += 1
        if now < share.halted_until:
            share.probe_at = now + _PROBE_EVERY
        if turn.waiter is not None and not turn.waiter.done():
            turn.waiter.set_result(None)

    def _set_timer(self, wakes: float) -> None:
        if self._timer is not None:
            if self._timer.when() == wakes:
                return
            self._timer.cancel()
            self._timer = None
        if wakes < math.inf:
            self._timer = asyncio.get_running_loop().call_at(wakes, self._wake, wakes)

    def _wake(self, due: float) -> None:
        self._timer = None
        self._pump(max(due, _now()))  # a loop may call a tick early; then nothing would be due yet

    def _halt(self, chat: Chat, refusal: RetryAfter, share: Share) -> float:
        """Note a 429; return when its chat may be tried again."""
        now = share.refused_at = _now()
        until = now + seconds_of(refusal)
        if any(now < other.halted_until for other in self._shares) or self._is_storm(chat, now):
            self._close(share, until - now)
        if chat is not None:
            self._last_refused = (chat, now)
        line = self._line(chat)
        line.halted_until = max(line.halted_until, until)
        self._look_and_pump(line)
        return line.halted_until

    def _close(self, share: Share, seconds: float) -> None:
        """Halt a share, but for a probe now and then: one that succeeds ends it."""
        now = share.refused_at = _now()
        share.halted_until = max(share.halted_until, now + seconds)
        share.probe_at = now + _PROBE_EVERY

    def _is_storm(self, chat: Chat, now: float) -> bool:
        if self._last_refused is None or chat is None:
            return False
        other, at = self._last_refused
        return other != chat and now - at <= _SAME_STORM

    def _note_success(self, turn: Turn) -> None:
        """End its share's halt if this was a probe: granted after the last 429, not under way before it."""
        share = self._share_of(turn.lane)
        if turn.granted_at is not None and turn.granted_at > share.refused_at:
            share.halted_until = -math.inf

    def _halt_of(self, chat: Chat) -> float:
        return -math.inf if chat is None else max(self._shares[0].halted_until, self._own_halt_of(chat))

    def _own_halt_of(self, chat: Chat) -> float:
        line = None if chat is None else self._lines.get(chat)
        return -math.inf if line is None else line.halted_until


def seconds_of(refusal: RetryAfter) -> float:
    """Return how long a 429 asks to wait."""
    wait = refusal.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else wait


def _now() -> float:
    return asyncio.get_running_loop().time()


def _chat_of(data: dict[str, Any]) -> Chat:
    """Return the chat a call is about; python-telegram-bot lets a number be written as text."""
    chat = data.get("chat_id")
    if isinstance(chat, str):
        return int(chat) if chat.removeprefix("-").isdecimal() else chat
    return chat if isinstance(chat, int) else None
