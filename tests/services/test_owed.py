"""Owed: the urgent first, each chat once, nobody told by two at a time, some at their moment."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.domain.alerts import Urgency
from bot.services.owed import Owed

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


async def order(owed: Owed, count: int) -> list[int]:
    chats = []
    for _ in range(count):
        async with asyncio.timeout(1):
            chats.append(await owed.next())
    return chats


async def is_waiting(owed: Owed) -> bool:
    """Return whether there is nobody to be told now."""
    try:
        async with asyncio.timeout(0.01):
            await owed.next()
    except TimeoutError:
        return True
    return False


async def test_the_urgent_go_first_and_the_others_in_the_order_they_came() -> None:
    owed = Owed()
    for chat, urgency in (
        (1, Urgency.NEWS),
        (2, Urgency.RELEASE),
        (3, Urgency.RELEASE),
        (4, Urgency.CORRECTION),
    ):
        owed.put(chat, urgency)

    assert len(owed) == 4
    assert await order(owed, 4) == [4, 2, 3, 1]


async def test_a_chat_is_in_it_once_at_its_most_urgent() -> None:
    owed = Owed()
    owed.put(1, Urgency.NEWS)
    owed.put(2, Urgency.RELEASE)
    owed.put(1, Urgency.CORRECTION)
    owed.put(1, Urgency.RELEASE)

    assert len(owed) == 2
    assert await order(owed, 2) == [1, 2]
    assert await is_waiting(owed)


async def test_who_is_being_told_is_given_to_nobody_else_until_done() -> None:
    owed = Owed()
    owed.put(1, Urgency.RELEASE)
    assert await order(owed, 1) == [1]
    owed.put(1, Urgency.NEWS)
    owed.put(1, Urgency.CORRECTION)
    assert await is_waiting(owed)
    assert not owed.is_empty
    owed.put(2, Urgency.RELEASE)

    owed.done(1)
    assert await order(owed, 2) == [1, 2], "at the most urgent that came meanwhile"
    owed.done(1)
    owed.done(2)
    assert owed.is_empty
    assert await is_waiting(owed)


async def test_some_wait_for_their_moment_and_a_scan_says_it_anew() -> None:
    owed = Owed()
    owed.put_later(1, Urgency.RELEASE, NOW + timedelta(hours=1))
    owed.put_later(2, Urgency.RELEASE, NOW + timedelta(minutes=30))
    owed.wake(NOW + timedelta(minutes=29))
    assert await is_waiting(owed)
    assert owed.is_empty, "nobody is waited for but the clock"
    owed.wake(NOW + timedelta(hours=2))
    assert await order(owed, 2) == [2, 1]

    owed.put_later(3, Urgency.RELEASE, NOW)
    owed.forget_later()
    owed.wake(NOW + timedelta(days=1))
    assert await is_waiting(owed)


async def test_whoever_waits_is_woken() -> None:
    owed = Owed()
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(owed.next()) for _ in range(3)]
        await asyncio.sleep(0)
        for chat in (1, 2, 3):
            owed.put(chat, Urgency.RELEASE)
    assert {task.result() for task in waiting} == {1, 2, 3}


async def test_it_shows_no_chat() -> None:
    owed = Owed()
    owed.put(123456789, Urgency.RELEASE)
    assert repr(owed) == "<Owed 1 chats>"
