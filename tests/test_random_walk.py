"""Random walks: whatever people do, every step is answered and every call is valid."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from bot.desk.desk import Desk
from bot.desk.people import Person

WALKERS = 20
STEPS = 15
WHOLE_STEPS = 300

COMMANDS = ("/start", "/releases", "/help", "/settings", "/language", "/privacy", "/about", "/nosuch")
NAMES = ("Алесь Бяляцкі", "статкевич", "Viktar Babaryka", "Мария", "нехта невядомы")
ABUSE = (
    *("   ", "\u200b", "{0} %s %(x)d <b>", "a" * 4096, "🙂" * 100, "' OR 1=1 --", "\u202eabc"),
    *("Released: ok\nReleased: no", "x@y.z reform.news", "100%", "NEAR(*)", "\x00"),
)
WORDS = (*COMMANDS, *NAMES, *ABUSE)
FORGED = ("x", "1.en.c.7.0", "1.be.re.R999.3", "1.ru.y.1.999")
KINDS = ("sticker", "photo", "voice", "location", "contact", "document", "dice")


@pytest.mark.proof
async def test_every_step_of_random_walks_is_answered(
    desk: Desk, whole_proof: bool, proved: Callable[..., None]
) -> None:
    seed = 20261124
    steps = WHOLE_STEPS if whole_proof else STEPS
    walkers = [desk.person(f"W{n}", language_code=("be", "ru", "en", None)[n % 4]) for n in range(WALKERS)]
    async with asyncio.TaskGroup() as walks:
        for number, walker in enumerate(walkers):
            walks.create_task(_walk(desk, walker, random.Random(seed + number), steps))  # noqa: S311
    await desk.settled(timeout=20)
    assert desk.violations == []
    proved(seed=seed, walkers=WALKERS, steps=WALKERS * steps, calls=len(desk.calls), violations=0)


async def _walk(desk: Desk, walker: Person, chance: random.Random, steps: int) -> None:
    walker.start()
    await walker.hears(timeout=20)
    for _ in range(steps):
        step = chance.random()
        if step < 0.55:
            await _tap_something(walker, chance)
        elif step < 0.85:
            walker.says(chance.choice(WORDS))
            await walker.hears(timeout=20)
        elif step < 0.95:
            walker.sends(chance.choice(KINDS))
            await walker.hears(timeout=20)
        else:
            walker.presses(
                walker.screen, chance.choice(["x", "1.en.c.7.0", "1.be.re.R999.3", "1.ru.y.1.999"])
            )
            await walker.answered(timeout=20)


async def _tap_something(walker: Person, chance: random.Random) -> None:
    screens = [message for message in walker.history if message.from_bot and message.buttons]
    if not screens:  # the chat was cleared
        walker.says("/start")
        await walker.hears(timeout=20)
        return
    message = chance.choice(screens[-3:])
    data = chance.choice([button.data for row in message.buttons for button in row])
    walker.presses(message, data or "")
    await walker.answered(timeout=20)
