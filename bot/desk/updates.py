"""What happened and the bot does not know yet: the queue of updates and the rules of getUpdates."""

from __future__ import annotations

import asyncio
import json
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bot.desk.refusals import conflict

_KEPT_SECONDS: Final = 24 * 3600
_TAP_KEPT_SECONDS: Final = 150
_LONGEST_POLL_SECONDS: Final = 50
_MOST_AT_ONCE: Final = 100
_ONLY_IF_ASKED: Final = {"chat_member", "message_reaction", "message_reaction_count"}
_WEBHOOK_IS_ACTIVE: Final = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_FIRST_NUMBER: Final = 100_000_001
_FAR_AHEAD = 10
"""An offset further past the newest number is taken to be of other numbers (TQueue.cpp of tdlib)."""


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """One update: `payload` is what goes over the wire, which a test may have made malformed."""

    id: int
    payload: Any
    lane: int  # updates of one lane (what a chat says, or what somebody taps) reach a webhook in order
    ends_at: float  # not brought any more after that


class Updates:
    """Keep updates in order until the bot has confirmed them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._pending: deque[Update] = deque()
        self._ends_at = math.inf  # the first of those pending
        self._next = _FIRST_NUMBER
        self._arrival = asyncio.Event()
        self._poller = 0
        self.allowed: list[str] = []
        self.webhook_is_set = False
        self.ended = False

    def __len__(self) -> int:
        return len(self.pending)

    @property
    def pending(self) -> deque[Update]:
        """The updates not confirmed yet, oldest first; Telegram drops a tap soon, all else after a day."""
        now = self._clock()
        if self._ends_at < now:
            self._pending = deque(update for update in self._pending if update.ends_at >= now)
            self._ends_at = min((update.ends_at for update in self._pending), default=math.inf)
        return self._pending

    def add(self, kind: str, content: Any, lane: int) -> None:
        """Queue an update of a known kind, unless the bot asked not to see that kind."""
        wanted = kind in self.allowed if self.allowed else kind not in _ONLY_IF_ASKED
        if wanted:
            self.inject({kind: content}, lane)

    def inject(self, payload: Any, lane: int = 0) -> int:
        """Queue anything at all; an object without a number gets the next one. Return the number."""
        number = self._next
        if isinstance(payload, dict):
            payload = {"update_id": number, **payload}
            stated = payload["update_id"]
            if isinstance(stated, int) and not isinstance(stated, bool):
                number = stated
        self._next = max(self._next, number) + 1
        is_tap = isinstance(payload, dict) and "callback_query" in payload
        ends_at = self._clock() + (_TAP_KEPT_SECONDS if is_tap else _KEPT_SECONDS)
        self._ends_at = min(self._ends_at, ends_at)
        # A copy in JSON: what the bot is told is what was true when it happened.
        self._pending.append(Update(number, json.loads(json.dumps(payload)), lane, ends_at))
        self.wake()
        return number

    def renumber(self, first: int) -> None:
        """Number what comes next from here, as Telegram may after a week without an update."""
        self._next = first

    def wake(self) -> None:
        """Let whoever waits look again."""
        self._arrival.set()
        self._arrival = asyncio.Event()

    def forget_all(self) -> None:
        """Drop every pending update."""
        self._pending.clear()

    def confirm_one(self, update: Update) -> None:
        """Drop one update a webhook took."""
        if update in self._pending:
            self._pending.remove(update)
        self.wake()

    async def arrival(self) -> None:
        """Wait until something changed in the queue."""
        await self._arrival.wait()

    async def all_confirmed(self) -> None:
        """Wait until the bot knows of everything."""
        while self.pending:
            await self.arrival()

    async def poll(self, params: dict[str, Any]) -> list[Any]:
        """Answer getUpdates; a newer poll or a webhook ends an older poll with 409."""
        if self.webhook_is_set:
            raise conflict(_WEBHOOK_IS_ACTIVE)
        if "allowed_updates" in params:
            self.allowed = params["allowed_updates"]
        self._confirm(params.get("offset", 0))
        self._poller += 1
        mine = self._poller
        self.wake()  # an older poll sees that it is no longer the one
        limit = min(max(params.get("limit", _MOST_AT_ONCE), 1), _MOST_AT_ONCE)
        ends_at = asyncio.get_running_loop().time() + min(
            max(params.get("timeout", 0), 0), _LONGEST_POLL_SECONDS
        )
        while not self.pending and not self.ended:
            left = ends_at - asyncio.get_running_loop().time()
            if left <= 0:
                return []
            try:
                # The event of this very moment: one taken later would miss an arrival in between.
                await asyncio.wait_for(self._arrival.wait(), left)
            except TimeoutError:
                return []
            if mine != self._poller:
                raise conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running"
                )
            if self.webhook_is_set:
                raise conflict("terminated by setWebhook request")
        return [update.payload for update in list(self._pending)[:limit]]

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
        elif 0 < offset <= self._next + _FAR_AHEAD:
            self._pending = deque(update for update in self._pending if update.id >= offset)
