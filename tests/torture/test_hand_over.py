"""Two bots on one PostgreSQL: whatever happens to the sender amid a fan-out, the standby takes over."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bot.desk.weather import Weather
from bot.services.delivering import MOST_AT_ONCE
from tests.torture.edges import Place
from tests.torture.lives import Life, Nursery, Spec, nursery
from tests.torture.test_between import MARKED, at
from tests.torture.town import Town, town

TAKEN_OVER_WITHIN = 15.0
THAWED_FOR = 1.5
BETWEEN_MARK_AND_SENDING = at(MARKED, "after")
IS_SENDER = at("self._until_done(self._vault.reload_keys)", "after")


@pytest.mark.proof
async def test_a_sender_that_is_killed_or_frozen_is_followed_by_the_standby_and_nothing_is_doubled(
    empty_postgres: str, tmp_path: Path, whole_proof: bool, proved: Callable[..., None]
) -> None:
    # The real lease where the proof is whole; a slice has a shorter one and waits less.
    lease, rounds, chats = (0.0, 16, 600) if whole_proof else (2.0, 2, 100)
    weather = replace(Weather.rough(5), too_many=0.005)
    slowest = 0.0
    async with town(empty_postgres, tmp_path, chats=chats, people=2 * rounds, weather=weather) as place:
        with nursery(tmp_path / "first", with_edges=True) as first, nursery(tmp_path / "second") as second:
            for number in range(rounds):
                spec = place.spec(lease_seconds=lease)
                slowest = max(slowest, await a_hand_over(place, spec, first, second, number))
        found = await place.judge()
        proved(
            hand_overs=rounds,
            slowest_seconds=round(slowest, 1),
            marked=place.marked,
            unsure=place.unsure(),
            **asdict(found),
        )
    assert found.faults() == {}, place.wrongs
    # What was marked at a death the standby tells at once: it cannot be counted, only bounded.
    assert found.only_silent <= MOST_AT_ONCE * rounds + place.marked + place.unsure()


async def a_hand_over(place: Town, spec: Spec, first: Nursery, second: Nursery, number: int) -> float:
    """Let the sender be killed, or frozen at random, or right before it would send; then thaw it."""
    where: Place | None = BETWEEN_MARK_AND_SENDING if number % 4 == 1 else None
    sender = first.begin(replace(spec, ends=where, by=signal.SIGSTOP))
    await is_sender(sender)
    standby = second.begin(spec)
    await standby.is_ready()
    await place.publish(2 * number)
    goal = len(place.desk.ledger) + place.chance.randint(1, len(place.chats) // 2)
    if where is None:
        await place.desk.until(lambda: len(place.desk.ledger) >= goal)
        os.kill(sender.pid, signal.SIGKILL if number % 4 == 0 else signal.SIGSTOP)
    else:
        await is_frozen(sender)
    taken = await taken_over(place)
    await place.publish(2 * number + 1)
    await place.is_told(120)
    if number % 4:
        os.kill(sender.pid, signal.SIGCONT)
        await asyncio.sleep(THAWED_FOR)
        await place.is_told()
    await sender.killed()
    await standby.killed()
    await place.count_marked()
    return taken


async def is_sender(life: Life) -> None:
    """Wait until a process has the lease: an earlier one's has to run out first."""
    async with asyncio.timeout(20):
        while IS_SENDER not in life.reached:
            life.look()
            await asyncio.sleep(0.01)


async def is_frozen(life: Life) -> None:
    """Wait until a process stands still."""
    async with asyncio.timeout(20):
        while True:
            life.look()
            if life.stands_still():
                return
            await asyncio.sleep(0.01)


async def taken_over(place: Town) -> float:
    """Wait until somebody is told something again; return the seconds."""
    await asyncio.sleep(0.2)  # what was on the line has arrived
    began, messages = time.monotonic(), len(place.desk.ledger)
    await place.desk.until(lambda: len(place.desk.ledger) > messages, TAKEN_OVER_WITHIN)
    return time.monotonic() - began + 0.2
