"""Killed a thousand times at random in bad weather: no alert is lost, none makes a sound twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bot.desk.weather import Weather
from tests.torture.lives import Life, Nursery, nursery
from tests.torture.town import ANSWERED_WITHIN, Town, town

SEED = 20261124
MOST_MARKED = 30
"""Rows that may say at a death that a message is on its way: as many as there are senders."""
WISHES = ("/stop", "/forget", "language")


@pytest.mark.proof
async def test_killed_at_random_nothing_is_lost_and_nothing_loud_is_doubled(
    empty_address: str, tmp_path: Path, whole_proof: bool, proved: Callable[..., None]
) -> None:
    # Each 429 beside another halts the fan-out for a second: a slice has fewer, or it would mostly wait.
    weather = Weather.rough(SEED) if whole_proof else replace(Weather.rough(SEED), too_many=0.005)
    rounds, chats, kills, speakers = (36, 4_000, 1_000, 240) if whole_proof else (2, 120, 4, 8)
    built = town(*(empty_address, tmp_path), chats=chats, people=rounds, speakers=speakers, weather=weather)
    print(f"seed {SEED}")
    async with built as place:
        with nursery(tmp_path / "log") as lives:
            deaths = 0
            for number in range(rounds):
                last = (number + 1) * kills // rounds
                deaths += await a_round(place, lives, number, last - deaths)
            found = await place.judge()
        proved(
            seed=SEED,
            kills=deaths,
            marked=place.marked,
            unsure=place.unsure(),
            blocked=len(place.desk.ledger.refused),
            wishes=len(place.wishes),
            **asdict(found),
        )
        assert deaths == kills
        assert found.faults() == {}, place.wrongs
        assert found.only_silent <= place.marked + place.unsure()


async def a_round(place: Town, lives: Nursery, number: int, kills: int) -> int:
    """Let something be published and the bot be killed so many times over it; then let it finish."""
    chance = place.chance
    if number and chance.random() < 0.2:
        await place.correct(chance.choice(place.claims[-5:]))
    elif number and chance.random() < 0.15:
        await place.retract()
    await place.publish(number)
    # As many as follow the person, less those who blocked the bot.
    reach = len(place.desk.ledger) + (len(place.chats) - len(place.desk.ledger.refused)) * 4 // 5
    for left in range(kills, 0, -1):
        life = lives.begin(place.spec())
        await until_random(place, life, (reach - len(place.desk.ledger)) // left)
        speak(place)
        await life.killed()
        assert await place.count_marked() <= MOST_MARKED
        if chance.random() < 0.5:
            speak(place)
    life = lives.begin(place.spec())
    await life.is_ready()
    await place.desk.until(lambda: all(map(place.answered, place.wishes)), ANSWERED_WITHIN)
    await place.is_told(600)
    await life.killed()
    return kills


async def until_random(place: Town, life: Life, usual: int) -> None:
    """Wait for a random moment: while it starts, or after some messages, or when it has nothing to do."""
    if place.chance.random() < 0.1:
        await asyncio.sleep(place.chance.uniform(0, 0.3))
        return
    messages = len(place.desk.ledger) + place.chance.randint(1, max(1, 2 * usual))
    await life.is_ready()
    with suppress(TimeoutError):
        await place.desk.until(lambda: len(place.desk.ledger) >= messages, place.chance.uniform(0.5, 3))
    await asyncio.sleep(place.chance.uniform(0, 0.02))


def speak(place: Town) -> None:
    """Let some readers say something to the bot."""
    for _ in range(place.chance.randrange(3)):
        if not place.speakers:
            return
        speaker = place.speakers.pop(place.chance.randrange(len(place.speakers)))
        if speaker.chat.closed is None and speaker.history:
            place.says(speaker, place.chance.choice(WISHES))
