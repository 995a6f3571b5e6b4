"""How fast Telegram lets a bot speak: buckets that refill with time, and 429 when one is empty."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.desk.refusals import too_many_requests

SPEAKING: Final = {"sendMessage", "editMessageText", "editMessageReplyMarkup"}


@dataclass(slots=True)
class _Bucket:
    left: float
    seen_at: float


@dataclass(slots=True)
class Limits:
    """Messages a second for the bot and for one private chat, a minute for one group, and their bursts."""

    per_second: float = 30
    burst: float = 30
    per_chat_second: float = 1
    chat_burst: float = 5
    per_group_minute: float = 20
    _bot: _Bucket | None = None
    _chats: dict[int, _Bucket] = field(default_factory=dict)

    def check(self, method: str, chat_id: int, clock: Callable[[], float]) -> None:
        """Count one call; raise the refusal of Telegram when it came too soon."""
        if method not in SPEAKING:
            return
        now = clock()
        if self._bot is None:
            self._bot = _Bucket(self.burst, now)
        is_group = chat_id < 0
        rate = self.per_group_minute / 60 if is_group else self.per_chat_second
        burst = self.per_group_minute if is_group else self.chat_burst
        chat = self._chats.setdefault(chat_id, _Bucket(burst, now))
        wait = max(_wait(self._bot, self.per_second, self.burst, now), _wait(chat, rate, burst, now))
        if wait > 0:
            raise too_many_requests(math.ceil(wait))
        self._bot.left -= 1
        chat.left -= 1


def _wait(bucket: _Bucket, rate: float, burst: float, now: float) -> float:
    bucket.left = min(burst, bucket.left + max(0.0, now - bucket.seen_at) * rate)
    bucket.seen_at = now
    return 0.0 if bucket.left >= 1 - 1e-9 else (1 - bucket.left) / rate
