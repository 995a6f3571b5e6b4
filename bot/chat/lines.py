"""Lines: the calls of one chat in their order, and the buckets and shares that decide when each may go.

Plain states without a clock: whoever asks says what time it is, in seconds of one clock.
"""

from __future__ import annotations

import asyncio
import enum
import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Chat: TypeAlias = int | str | None

LATE: Final = 0.010  # how late a busy loop may grant and still make up for it
_JITTER: Final = 0.020  # how far the network may squeeze grants together
CHAT_REST: Final = 1.0
_AHEAD: Final = 3.0  # how many seconds of its rest a chat may have spent beforehand: four calls at once


class Lane(enum.IntEnum):
    """What a call is for, the most urgent first."""

    REPLY = 0
    CORRECTION = 1
    RELEASE = 2
    NEWS = 3


@dataclass(slots=True, eq=False)
class Turn:
    """One call that waits for, or has, the right to be made."""

    order: int
    is_send: bool
    lane: Lane = Lane.REPLY
    waiter: asyncio.Future[None] | None = None
    granted_at: float | None = None
    taken: tuple[float, float] = (0.0, 0.0)


@dataclass(slots=True, eq=False, repr=False)
class Line:
    """The calls of one chat, first come first; at most one of them is under way."""

    chat: Chat
    waiting: deque[Turn] = field(default_factory=deque)
    busy: bool = False
    ready: bool = False
    rests_until: float = -math.inf
    spent_until: float = -math.inf
    halted_until: float = -math.inf
    due: float = math.inf  # when it will be looked at again

    def opens_at(self) -> float:
        """Tell when the first in line may go; an edit needs no rest while the chat has not spent too much."""
        opens = max(self.halted_until, self.spent_until - _AHEAD)
        return max(opens, self.rests_until) if self.waiting[0].is_send else opens

    def spend(self, now: float) -> None:
        """Note that a call is made, an edit too: Telegram publishes no rule for them, so none is free."""
        self.spent_until = max(self.spent_until, now) + CHAT_REST

    def idle_from(self) -> float:
        """Tell from when on nothing of the chat can delay anything."""
        return max(self.rests_until, self.spent_until, self.halted_until)


class Bucket:
    """A token bucket that holds hardly more than one token: grants come spread out, never in a bunch."""

    def __init__(self, rate: int) -> None:
        # At (1 + late + jitter) / rate a stretched second could just hold one grant too many.
        self._gap = (1.0005 + LATE + _JITTER) / rate
        self._next = -math.inf

    def opens_at(self) -> float:
        """Tell when the next may be granted."""
        return self._next - LATE

    def take(self, now: float) -> tuple[float, float]:
        """Grant one; return the state before and after, for `give_back`."""
        before = self._next
        self._next = max(now, before) + self._gap
        return before, self._next

    def give_back(self, taken: tuple[float, float]) -> None:
        """Undo a take, unless another followed: then two grants would end up too close."""
        before, after = taken
        if self._next == after:
            self._next = before


@dataclass(slots=True, eq=False)
class Share:
    """What replies have together, or alerts: who may go, how much they had, whether they are halted."""

    ready: list[tuple[Lane, int, Line]] = field(default_factory=list)  # heap
    had: float = 0.0
    halted_until: float = -math.inf
    probe_at: float = -math.inf
    refused_at: float = -math.inf

    def opens_at(self, now: float) -> float:
        """Tell when the share may make its next call, if the bucket lets it."""
        return min(self.probe_at, self.halted_until) if now < self.halted_until else -math.inf
