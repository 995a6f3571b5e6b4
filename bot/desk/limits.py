"""How fast Telegram lets a bot speak: buckets that refill with time, floods, and which of them said 429."""

from __future__ import annotations

import enum
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from bot.desk.refusals import Refusal, too_many_requests

SPEAKING: Final = {"sendMessage", "editMessageText", "editMessageReplyMarkup"}
_PAID_PER_SECOND: Final = 1000
_STRICT_SECONDS: Final = 0.1
_ROUNDING: Final = 1e-6  # seconds; a clock that counts from 1970 is no finer
_CHATS_LOOKED_OVER: Final = 10_000


class Bucket(enum.StrEnum):
    """What was empty when a call came too soon."""

    BOT = "bot per second"
    PAID = "bot per second, paid"
    CHAT = "private chat"
    GROUP = "group per minute"
    FLOOD = "flood of the bot"
    CHAT_FLOOD = "flood of chosen chats"


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages a second for the bot and for one private chat, a minute for one group, and their bursts.

    A call with `allow_paid_broadcast` may go at the paid rate; a chat's own limit stays.
    """

    per_second: float = 30
    burst: float = 30
    per_chat_second: float = 1
    chat_burst: float = 5
    per_group_minute: float = 20
    paid_per_second: float = _PAID_PER_SECOND

    def __post_init__(self) -> None:
        rates = (self.per_second, self.per_chat_second, self.per_group_minute, self.paid_per_second)
        if not (all(rate > 0 for rate in rates) and min(self.burst, self.chat_burst) >= 1):
            raise ValueError("a limit must let something through")

    @classmethod
    def strict(cls, per_second: float = 30) -> Limits:
        """Let hardly anything through early: a tenth of a second of the bot's rate, one message of a chat."""
        return cls(per_second, max(1.0, per_second * _STRICT_SECONDS), chat_burst=1)


@dataclass(slots=True, eq=False)
class _Tokens:
    left: float
    seen_at: float

    def wait(self, rate: float, burst: float, now: float) -> float:
        """Refill; tell how long until a token is there."""
        self.left = min(burst, self.left + max(0.0, now - self.seen_at) * rate)
        self.seen_at = now
        wait = (1 - self.left) / rate
        return wait if wait > _ROUNDING else 0.0


class Usage:
    """How much of a rate was used, by whole seconds of the desk's clock."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._grants: Counter[int] = Counter()

    def note(self, now: float) -> None:
        """Count one call that was let through."""
        self._grants[math.floor(now)] += 1

    def by_second(self) -> list[int]:
        """Count the calls let through in every second from the first such second to the last."""
        if not self._grants:
            return []
        return [self._grants[second] for second in range(min(self._grants), max(self._grants) + 1)]

    def share(self, since: int | None = None, until: int | None = None) -> float:
        """Tell which share of the rate was used from one second up to another.

        By default without the first second and the last, in which the bot spoke for a part only.
        """
        if not self._grants:
            return 0.0
        since = min(self._grants) + 1 if since is None else since
        until = max(self._grants) if until is None else until
        if until <= since:
            return 0.0
        used = sum(count for second, count in self._grants.items() if since <= second < until)
        return used / (self.rate * (until - since))


class Throttle:
    """Count every call against the limits; refuse those that come too soon, and all of them in a flood."""

    def __init__(self, limits: Limits | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._flood_until = -math.inf
        self._flooded: dict[int, float] = {}
        self.limits = limits

    @property
    def limits(self) -> Limits | None:
        """How fast the bot may speak; setting it fills every bucket and begins the counts anew."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits | None) -> None:
        self._limits = limits
        allowed = limits or Limits()
        now = self._clock()
        self._bot = _Tokens(allowed.burst, now)
        self._paid = _Tokens(max(1.0, allowed.paid_per_second * _STRICT_SECONDS), now)
        self._chats: dict[int, _Tokens] = {}
        self._look_over_at = _CHATS_LOOKED_OVER
        self.used = Usage(allowed.per_second)
        self.used_paid = Usage(allowed.paid_per_second)
        self.paid_for = 0  # calls that only the paid rate let through: what costs Stars

    def flood(self, seconds: float, chats: Iterable[int] | None = None) -> None:
        """Answer every call with 429 for so many seconds from now, or every call about these chats."""
        if not 0 < seconds < math.inf:
            raise ValueError("a flood has an end")
        until = self._clock() + seconds
        if chats is None:
            self._flood_until = until
        else:
            self._flooded |= dict.fromkeys(chats, until)

    def end_floods(self) -> None:
        """Let every call through again that the limits let through."""
        self._flood_until = -math.inf
        self._flooded.clear()

    def flood_left(self) -> tuple[float, int]:
        """Tell for how many seconds the bot is still flooded, and how many chats are."""
        now = self._clock()
        return max(0.0, self._flood_until - now), sum(until > now for until in self._flooded.values())

    def refuse_in_flood(self, chat_id: int | None) -> None:
        """Raise the refusal of a flood; no bot could have known of it before."""
        now = self._clock()
        if self._flood_until > now:
            raise _too_soon(Bucket.FLOOD, self._flood_until - now, avoidable=False)
        if chat_id is not None and (until := self._flooded.get(chat_id, now)) > now:
            raise _too_soon(Bucket.CHAT_FLOOD, until - now, avoidable=False)

    def check(self, method: str, params: dict[str, Any]) -> None:
        """Count one call; raise the refusal of Telegram when it came too soon."""
        chat_id = params.get("chat_id")
        if method not in SPEAKING or self._limits is None or not isinstance(chat_id, int):
            return
        now = self._clock()
        paid = bool(params.get("allow_paid_broadcast"))
        chat, chat_waits = self._chat(self._limits, chat_id, now)
        bot, bot_waits = self._bot_tokens(self._limits, now, paid=paid)
        if chat_waits > 0 and chat_waits >= bot_waits:
            raise _too_soon(Bucket.GROUP if chat_id < 0 else Bucket.CHAT, chat_waits)
        if bot_waits > 0:
            raise _too_soon(Bucket.PAID if paid else Bucket.BOT, bot_waits)
        for tokens in (chat, *bot):
            tokens.left -= 1
        self.paid_for += paid and self._bot not in bot
        (self.used_paid if paid else self.used).note(now)

    def _bot_tokens(self, limits: Limits, now: float, *, paid: bool) -> tuple[tuple[_Tokens, ...], float]:
        """Choose the bot's buckets a call takes from; a paid one costs nothing while the free rate lasts."""
        free_waits = self._bot.wait(limits.per_second, limits.burst, now)
        if not paid:
            return (self._bot,), free_waits
        rate = limits.paid_per_second
        waits = self._paid.wait(rate, max(1.0, rate * _STRICT_SECONDS), now)
        return (self._paid,) if free_waits > 0 else (self._paid, self._bot), waits

    def _chat(self, limits: Limits, chat_id: int, now: float) -> tuple[_Tokens, float]:
        is_group = chat_id < 0
        rate = limits.per_group_minute / 60 if is_group else limits.per_chat_second
        burst = limits.per_group_minute if is_group else limits.chat_burst
        tokens = self._chats.get(chat_id)
        if tokens is None:
            self._forget_full(limits, now)
            tokens = self._chats[chat_id] = _Tokens(burst, now)
        return tokens, tokens.wait(rate, burst, now)

    def _forget_full(self, limits: Limits, now: float) -> None:
        """Drop buckets that are surely full again, so that a million chats do not stay in memory."""
        if len(self._chats) < self._look_over_at:
            return
        oldest = now - max(60.0, limits.chat_burst / limits.per_chat_second)
        self._chats = {chat: tokens for chat, tokens in self._chats.items() if tokens.seen_at > oldest}
        self._look_over_at = max(_CHATS_LOOKED_OVER, 2 * len(self._chats))


def _too_soon(bucket: Bucket, wait: float, *, avoidable: bool = True) -> Refusal:
    return too_many_requests(math.ceil(wait), avoidable=avoidable, bucket=bucket)
