"""Who types during a fan-out, and how long they wait: our lanes beside python-telegram-bot's own limiter.

Both send through the same transport to the same desk, each on a virtual clock of its own: minutes of
floods take moments, and a busy machine changes nothing.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from telegram.error import RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter, ExtBot

from bot.bench import virtual_time
from bot.chat.lanes import Lanes, Passage
from bot.chat.lines import Lane
from bot.chat.transport import Transport
from bot.desk.desk import Desk
from bot.desk.limits import Limits
from bot.desk.weather import Latency

OURS: Final = "our lanes"
PTB: Final = "AIORateLimiter"
FLOOD_SECONDS: Final = 300
BOT_FLOOD_SECONDS: Final = 60
_PATIENCE: Final = 0.001
_TICK: Final = 1e-6
_TEXT: Final = "Ёсць навіны"
_FIRST_REPLY: Final = 8_000_000_000
_RATE: Final = 30
_DEADLINE: Final = 10**6
_TRIES: Final = 10


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens: so many alerts at once, a reply now and then, and perhaps a flood after a second."""

    name: str
    alerts: int
    replies: int
    every: float
    flood: float = 0
    floods_everybody: bool = False


SCENES: Final = (
    Scene("a fan-out", 3000, 400, 0.2),
    Scene("alerts' chats flooded for 300 s", 600, 600, 0.5, FLOOD_SECONDS),
    Scene("the whole bot flooded for 60 s", 300, 30, 2.5, BOT_FLOOD_SECONDS, floods_everybody=True),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it: seconds that replies took, how long after the flood the last one of its time came.

    `lost`: messages given up, of alerts and replies; `refused`: answers of 429.
    """

    half: float
    p99: float
    after: float
    lost: int
    refused: int


def limiters() -> dict[str, Callable[[], BaseRateLimiter[Any]] | None]:
    """Return what is compared; None where a peer is not installed."""
    return {OURS: lambda: Lanes(_RATE, deadline=_DEADLINE), PTB: _ptb if _is_installed() else None}


def _is_installed() -> bool:
    return importlib.util.find_spec("aiolimiter") is not None


def _ptb() -> BaseRateLimiter[Any]:
    from telegram.ext import AIORateLimiter

    return AIORateLimiter(overall_max_rate=_RATE, overall_time_period=1, max_retries=_TRIES)


def measure(limiter: Callable[[], BaseRateLimiter[Any]], scene: Scene, seed: int) -> Result:
    """Let a scene happen on a virtual clock."""
    return virtual_time.on_virtual_time(_happen(limiter(), scene, seed), patience=_PATIENCE, tick=_TICK)


async def _happen(limiter: BaseRateLimiter[Any], scene: Scene, seed: int) -> Result:
    desk = Desk(clock=virtual_time.wall_clock, limits=Limits.strict(_RATE), history=False)
    desk.latency = Latency(0.03, 0.05, seed)
    alerts = desk.populate(scene.alerts)
    typing = desk.populate(scene.replies, first=_FIRST_REPLY)
    took: list[tuple[float, float]] = []
    lost = 0
    async with desk.serving() as url:
        transport = Transport(1000)
        bot: ExtBot[Any] = ExtBot(
            *(desk.token, f"{url}/bot"),
            request=transport,
            get_updates_request=Transport(1),
            rate_limiter=limiter,
        )

        async def send(chat: int, passage: Passage) -> None:
            nonlocal lost
            asked = virtual_time.now()
            # What is compared gets no more than its own interface says.
            given = {"rate_limit_args": passage} if isinstance(limiter, Lanes) else {}
            try:
                await bot.send_message(chat, _TEXT, **given)  # type: ignore[arg-type]
            except (RetryAfter, TelegramError):
                lost += 1
                return
            if passage.lane is Lane.REPLY:
                took.append((asked, virtual_time.now()))

        async with bot:
            began = virtual_time.now()
            async with asyncio.TaskGroup() as tasks:
                for chat in alerts:
                    tasks.create_task(send(chat, Passage(Lane.RELEASE)))
                await asyncio.sleep(1)
                if scene.flood:
                    desk.throttle.flood(scene.flood, None if scene.floods_everybody else alerts)
                for chat in typing:
                    tasks.create_task(send(chat, Passage()))
                    await asyncio.sleep(scene.every)
    refused = sum(times for kind, times in desk.records.kinds.items() if kind.startswith("429"))
    waits = sorted(end - asked for asked, end in took) or [float("inf")]
    flood_ends = began + 1 + scene.flood
    late = max((end - flood_ends for asked, end in took if scene.flood and asked < flood_ends), default=0.0)
    return Result(waits[len(waits) // 2], waits[len(waits) * 99 // 100], max(0.0, late), lost, refused)


def table(scene: Scene, results: dict[str, list[Result] | None]) -> str:
    """Lay medians out as text, a line for each limiter."""
    head = f"{scene.alerts} alerts at once, {scene.replies} replies, {scene.name}"
    lines = [head, f"{'':<16}{'half s':>9}{'p99 s':>9}{'after s':>9}{'lost':>7}{'429s':>7}"]
    for name, rounds in results.items():
        if rounds is None:
            lines.append(f"{name:<16}not installed")
            continue
        seconds = [median(getattr(each, what) for each in rounds) for what in ("half", "p99", "after")]
        counts = [round(median(getattr(each, what) for each in rounds)) for what in ("lost", "refused")]
        figures = [f"{value:>9.2f}" for value in seconds] + [f"{count:>7}" for count in counts]
        lines.append(f"{name:<16}{''.join(figures)}")
    return "\n".join(lines)


def run(rounds: int) -> None:
    """Measure every scene with every limiter and print the medians; the rounds differ in their jitter."""
    for scene in SCENES:
        results = {
            name: [measure(limiter, scene, seed) for seed in range(1, rounds + 1)] if limiter else None
            for name, limiter in limiters().items()
        }
        print(table(scene, results), flush=True)
    print("after s: how long after the flood's end the last reply asked for before it was there")
