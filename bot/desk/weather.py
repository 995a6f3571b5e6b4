"""Trouble by chance: how often calls fail in which way, and how long Telegram takes, from seeds."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import accumulate
from typing import Final

from bot.desk import faults
from bot.desk.faults import Fault


@dataclass(frozen=True, slots=True)
class Weather:
    """How probable each trouble is for one call about a chat; `blocked` for a message only.

    What the n-th call about a chat meets depends on the seed, the chat and n alone: a run repeats,
    whichever of many calls under way comes first.
    """

    too_many: float = 0.0
    """429, not carried out."""
    broken: float = 0.0
    """500 in JSON or 502 in HTML, not carried out; the bot cannot know that it was not."""
    lost: float = 0.0
    """Carried out, and the line is cut: delivered, and the bot never learns."""
    blocked: float = 0.0
    """403, and every later call too: somebody blocked the bot."""
    seed: int = 0
    retry_after: int = 1

    def __post_init__(self) -> None:
        chances = (self.too_many, self.broken, self.lost, self.blocked)
        if not (min(chances) >= 0 and sum(chances) <= 1 and self.retry_after >= 1):
            raise ValueError("chances are from 0 to 1, together too; a wait has at least a second")

    @classmethod
    def rough(cls, seed: int = 0) -> Weather:
        """Make the weather of the long proofs."""
        return cls(too_many=0.03, broken=0.02, lost=0.01, blocked=0.01, seed=seed)

    def meets(self, method: str, chat_id: int, turn: int) -> Fault | None:
        """Tell what a chat's call meets, the first being turn 1."""
        digest = blake2b(f"{self.seed} {chat_id} {turn}".encode(), digest_size=8).digest()
        drawn = int.from_bytes(digest, "big") / 2**64
        chances = (self.too_many, self.broken, self.lost, self.blocked if method == "sendMessage" else 0.0)
        match bisect_right(list(accumulate(chances)), drawn):
            case 0:
                fault = faults.too_many(self.retry_after)
            case 1:
                fault = faults.bad_gateway() if digest[-1] & 1 else faults.server_error()
            case 2:
                fault = faults.cut_after_executing()
            case 3:
                fault = replace(faults.forbidden(), closes_chat=True)
            case _:
                return None
        return replace(fault, origin="weather")


_CALM: Final = Weather()


@dataclass(slots=True)
class Sky:
    """The weather of a desk, and how many calls each chat has had under it."""

    weather: Weather = _CALM
    _turns: Counter[int] = field(default_factory=Counter)

    def change(self, weather: Weather) -> None:
        """Let another weather begin; the calls of every chat are counted from one again."""
        self.weather = weather
        self._turns.clear()

    def meets(self, method: str, chat_id: int | None) -> Fault | None:
        """Tell what this call meets, and count it."""
        if chat_id is None or self.weather == _CALM:
            return None
        self._turns[chat_id] += 1
        return self.weather.meets(method, chat_id, self._turns[chat_id])


class Latency:
    """How long the way to Telegram and back takes: always so long, and up to `jitter` seconds more."""

    def __init__(self, seconds: float = 0.05, jitter: float = 0.05, seed: int = 0) -> None:
        if not (0 <= seconds < math.inf and 0 <= jitter < math.inf):
            raise ValueError("a call takes some time, and not for ever")
        self.seconds, self.jitter, self.seed = seconds, jitter, seed
        self._random = random.Random(seed)  # noqa: S311 - it has to repeat

    def draw(self) -> float:
        """Draw the seconds of one call, there and back."""
        return self.seconds + self._random.random() * self.jitter
