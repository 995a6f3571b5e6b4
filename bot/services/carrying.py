"""Carrying: what the sender asks of whoever takes an alert to its reader, and what it is told of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.domain.alerts import Alert, Outcome
from bot.domain.follower import Record


@dataclass(frozen=True, slots=True, repr=False)
class Receipt:
    """What became of one message: its number when it arrived; the chat's new number when it moved.

    `wait`: how many seconds Telegram asks to let its chat rest.
    """

    outcome: Outcome
    message: int = 0
    chat: int = 0
    wait: float = 0.0

    def __repr__(self) -> str:
        return f"Receipt({self.outcome.value})"


Mark = Callable[[], Awaitable[None]]


class Courier(Protocol):
    """What carries alerts: Telegram, behind the lanes."""

    async def carry(self, alert: Alert, mark: Mark, *, plain: bool = False) -> Receipt:
        """Send; `mark` is awaited between the right to send and the sending. Raises what `mark` raises."""

    async def amend(self, record: Record, message: int, mark: Mark) -> None:
        """Make an alert that was wrong say that a newer one is below, where that still can be done.

        One of which only a part was wrong says again that there is something new: opened anew, it is right.
        `mark` is awaited as by `carry`.
        """
