"""Who goes first: replies and alerts have a share each, and a mark is made between the grant and the call."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.chat.lanes import Lanes, Passage
from bot.chat.lines import Lane
from bot.chat.transport import NotReached
from tests.chat.test_lanes import Telegram
from tests.virtual_time import now, on_virtual_time

ALERT = Passage(Lane.RELEASE)


async def send(
    lanes: Lanes, telegram: Telegram, chat: int, what: str = "", passage: Passage | None = None
) -> Any:
    return await lanes.process_request(telegram, (chat, what), {}, "sendMessage", {"chat_id": chat}, passage)


async def typing(lanes: Lanes, telegram: Telegram, chat: int, waits: list[float]) -> None:
    """Answer a chat, and note how long it waited."""
    asked = now()
    await send(lanes, telegram, chat, "reply")
    waits.append(now() - asked)


def test_whoever_types_during_a_fan_out_waits_for_one_message_at_most() -> None:
    lanes, telegram = Lanes(30), Telegram()
    waits: list[float] = []

    async def scene() -> None:
        async with asyncio.TaskGroup() as group:
            for chat in range(600):
                group.create_task(send(lanes, telegram, chat, "alert", ALERT))
            for chat in range(100):
                await asyncio.sleep(0.1)
                group.create_task(typing(lanes, telegram, 1000 + chat, waits))

    on_virtual_time(scene())
    assert max(waits) < 0.1
    assert len(telegram.reached) == 700


def test_two_shares_that_both_have_much_to_say_get_half_each() -> None:
    lanes, telegram = Lanes(30), Telegram()

    async def scene() -> None:
        async with asyncio.TaskGroup() as group:
            for chat in range(300):
                group.create_task(send(lanes, telegram, chat, "alert", ALERT))
                group.create_task(send(lanes, telegram, 1000 + chat, "reply"))

    on_virtual_time(scene())
    for start in range(0, 500, 50):
        counted = Counter(telegram.words()[start : start + 50])
        assert abs(counted["alert"] - counted["reply"]) <= 2


def test_alerts_go_corrections_first_then_releases_then_news() -> None:
    lanes, telegram = Lanes(30), Telegram()

    async def scene() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(send(lanes, telegram, 0, "first", ALERT))
            for chat in range(1, 31):
                lane = (Lane.NEWS, Lane.RELEASE, Lane.CORRECTION)[chat % 3]
                group.create_task(send(lanes, telegram, chat, lane.name, Passage(lane)))

    on_virtual_time(scene())
    assert telegram.words()[1:] == ["CORRECTION"] * 10 + ["RELEASE"] * 10 + ["NEWS"] * 10


def test_the_mark_is_made_after_the_grant_and_before_the_call_each_time() -> None:
    lanes, happened = Lanes(1), []

    async def telegram(_chat: int, _what: str) -> bool:
        happened.append(("call", round(now())))
        if len(happened) == 2:
            raise RetryAfter(5)
        return True

    async def mark() -> None:
        happened.append(("mark", round(now())))

    async def scene() -> None:
        await lanes.process_request(telegram, (1, ""), {}, "sendMessage", {"chat_id": 1}, None)
        happened.clear()
        passage = Passage(Lane.RELEASE, mark)
        await lanes.process_request(telegram, (1, ""), {}, "sendMessage", {"chat_id": 1}, passage)

    on_virtual_time(scene())
    assert happened == [("mark", 1), ("call", 1), ("mark", 6), ("call", 6)]


def test_a_mark_that_refuses_keeps_the_message_back_and_lets_the_next_go() -> None:
    lanes, telegram = Lanes(30), Telegram()

    class StoppedError(Exception):
        pass

    async def refuse() -> None:
        raise StoppedError

    async def scene() -> None:
        with pytest.raises(StoppedError):
            await send(lanes, telegram, 1, "alert", Passage(Lane.RELEASE, refuse))
        await send(lanes, telegram, 1, "reply")

    on_virtual_time(scene())
    assert telegram.words() == ["reply"]


def flooded(chats: range, until: float, *, honest: bool = False) -> Callable[[Any, int], Awaitable[Any]]:
    async def reply(chat: int, _number: int) -> bool:
        if chat in chats and now() < until:
            raise RetryAfter(math.ceil(until - now()) if honest else 3)
        return True

    return reply


def test_a_flood_of_alerts_chats_halts_alerts_and_no_reply() -> None:
    lanes, telegram = Lanes(30), Telegram(flooded(range(600), until=300))
    waits: list[float] = []

    async def scene() -> None:
        async with asyncio.TaskGroup() as group:
            for chat in range(600):
                group.create_task(send(lanes, telegram, chat, "alert", ALERT))
            for chat in range(1000):
                await asyncio.sleep(0.3)
                group.create_task(typing(lanes, telegram, 1000 + chat, waits))

    lanes._deadline = 1000
    on_virtual_time(scene())
    assert max(waits) < 0.1
    refused = sum(1 for at, chat, _ in telegram.reached if chat < 600 and at < 300)
    assert refused <= 300 + 35  # about one probe a second, and what was on its way at the first
    assert Counter(chat for _, chat, what in telegram.reached if what == "alert" and chat < 600)
    assert {chat for at, chat, _ in telegram.reached if at >= 300 and chat < 600} == set(range(600))


def test_a_flood_of_the_whole_bot_costs_replies_one_refusal_and_ends_within_two_seconds() -> None:
    lanes, telegram = Lanes(30), Telegram(flooded(range(5000), until=60, honest=True))
    done = []

    async def one(chat: int, passage: Passage | None) -> None:
        await send(lanes, telegram, chat, "", passage)
        done.append((now(), passage))

    async def scene() -> None:
        async with asyncio.TaskGroup() as group:
            for chat in range(300):
                group.create_task(one(chat, ALERT))
            for chat in range(20):
                await asyncio.sleep(0.5)
                group.create_task(one(1000 + chat, None))

    on_virtual_time(scene())
    assert len(done) == 320
    assert max(at for at, passage in done if passage is None) <= 62
    refused = sum(1 for at, _, _ in telegram.reached if at < 60)
    assert refused <= 2 * 60 + 10  # a probe a second in each share, and what was on its way at the first


def away_until(end: float) -> Callable[[Any, int], Awaitable[bool]]:
    """Let no connection come about for so many seconds."""

    async def reply(chat: Any, number: int) -> bool:
        if now() < end:
            raise NotReached("Not sent: no connection to Telegram")
        return True

    return reply


def test_where_telegram_is_not_reached_one_alert_a_second_tries_and_replies_do_not_wait() -> None:
    """Each try is written down before and after: thirty a second would wear out an old disk for nothing."""

    lanes, telegram = Lanes(30), Telegram(away_until(60))
    told: set[int] = set()

    async def tell(chat: int) -> None:
        while chat not in told:
            try:
                await send(lanes, telegram, chat, "alert", Passage(Lane.RELEASE, again=False))
                told.add(chat)
            except NotReached:
                await asyncio.sleep(5)

    async def type_in_vain(chat: int) -> None:
        asked = now()
        with pytest.raises(NotReached):
            await send(lanes, telegram, chat, "reply")
        assert now() - asked < 1  # twenty at once, at thirty a second

    async def scene() -> None:
        async with asyncio.TaskGroup() as group:
            for chat in range(300):
                group.create_task(tell(chat))
            await asyncio.sleep(0.5)
            for chat in range(20):
                group.create_task(type_in_vain(1000 + chat))

    on_virtual_time(scene())
    assert told == set(range(300))
    tries = [at for at, _, what in telegram.reached if what == "alert" and at < 60]
    assert 55 <= len(tries) <= 62
    assert min(at for at, _, _ in telegram.reached if at >= 60) < 61.1, "its end is found within a second"
