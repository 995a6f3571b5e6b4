"""Random walks: whatever people do, every step is answered and every call is valid."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from bot.chat.buttons import Ask
from bot.desk.desk import Desk
from bot.desk.people import Person

WALKERS, ROUNDS = 20, 8
STEPS, WHOLE_STEPS = 10, 40
"""No more: after 40 messages the oldest are deleted to make room, perhaps while an answer is on its way."""
SHOWN_BY_THEN, PATIENCE = 3.0, 40

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
    rounds, steps = (ROUNDS, WHOLE_STEPS) if whole_proof else (1, STEPS)
    for turn in range(rounds):
        first = turn * WALKERS
        async with asyncio.TaskGroup() as walks:
            for n in range(first, first + WALKERS):
                walker = desk.person(f"W{n}", language_code=("be", "ru", "en", None)[n % 4])
                walks.create_task(_walk(desk, walker, random.Random(seed + n), steps))  # noqa: S311
        await desk.settled(timeout=PATIENCE)
    assert desk.violations == []
    proved(
        seed=seed,
        walkers=rounds * WALKERS,
        steps=rounds * WALKERS * steps,
        calls=len(desk.calls),
        violations=0,
    )


async def _walk(desk: Desk, walker: Person, chance: random.Random, steps: int) -> None:
    walker.start()
    await walker.hears(timeout=PATIENCE)
    for _ in range(steps):
        step = chance.random()
        if step < 0.55:
            await _press(walker, chance, None)
        elif step < 0.85:
            walker.says(chance.choice(WORDS))
            await walker.hears(timeout=PATIENCE)
        elif step < 0.95:
            walker.sends(chance.choice(KINDS))
            await walker.hears(timeout=PATIENCE)
        else:
            await _press(walker, chance, chance.choice(FORGED))


async def _press(walker: Person, chance: random.Random, data: str | None) -> None:
    """Press a button that some screen has, or one with forged data; in a cleared chat begin anew."""
    screens = [message for message in walker.history if message.from_bot and message.buttons]
    if not screens:
        walker.says("/start")
        await walker.hears(timeout=PATIENCE)
        return
    message = chance.choice(screens[-3:])
    if data is None:
        data = chance.choice([button.data or "" for row in message.buttons for button in row])
        if f".{Ask.CLEAR}." in data or f".{Ask.FORGET_NOW}." in data:
            # The answer to the tap before may still be on its way to a message that this one deletes.
            await asyncio.sleep(SHOWN_BY_THEN)
    walker.presses(message, data)
    await walker.answered(timeout=PATIENCE)
