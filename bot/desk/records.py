"""The desk's record of calls: what became of each, and which bucket or weather it met."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_TROUBLES_KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class Call:
    """One call the bot made: `outcome` is "ok", the words of a refusal, or the name of a fault.

    `bucket` says which limit was reached, where one was; Telegram does not tell that to a bot.
    """

    method: str
    params: Mapping[str, Any]
    outcome: str
    at: float
    bucket: str = ""

    @property
    def kind(self) -> str:
        """What became of the call, in few words that can be counted: "ok", "429 private chat", "403"."""
        if self.outcome[:3].isdigit():
            return f"{self.outcome[:3]} {self.bucket}".rstrip()
        return self.outcome


class Records:
    """Every call, or where nobody could keep them all: how many of each kind, and the latest in trouble."""

    def __init__(self, *, keeps_calls: bool) -> None:
        self._keeps_calls = keeps_calls
        self.calls: list[Call] = []
        self.made = 0
        self.kinds: Counter[str] = Counter()
        self.troubles: deque[Call] = deque(maxlen=_TROUBLES_KEPT)

    def add(self, call: Call) -> None:
        """Record a call."""
        self.made += 1
        if self._keeps_calls:
            self.calls.append(call)
        self.kinds[call.kind] += 1
        if call.outcome != "ok":
            self.troubles.append(call)
