"""Trouble by chance: as often as was said, and the same again from the same seed."""

import asyncio
import contextlib
from collections import Counter
from typing import Any

import aiohttp
import pytest

from bot.desk.desk import Desk
from bot.desk.people import Person
from bot.desk.weather import Latency, Weather
from tests.desk.conftest import Call

CHATS = range(1, 20_001)


def met(weather: Weather, method: str = "sendMessage") -> list[str]:
    faults = (weather.meets(method, chat, 1) for chat in CHATS)
    return ["" if fault is None else fault.name for fault in faults]


def test_each_trouble_comes_as_often_as_was_said() -> None:
    counts = Counter(met(Weather.rough(seed=1)))
    for name, chance in (("429", 0.03), ("500", 0.01), ("502", 0.01), ("cut after executing", 0.01)):
        assert counts[name] == pytest.approx(chance * len(CHATS), rel=0.25), name
    assert counts["403"] == pytest.approx(0.01 * len(CHATS), rel=0.25)
    assert counts[""] == pytest.approx(0.93 * len(CHATS), rel=0.01)


def test_a_seed_repeats_and_another_does_not() -> None:
    assert met(Weather.rough(seed=1)) == met(Weather.rough(seed=1))
    assert met(Weather.rough(seed=1)) != met(Weather.rough(seed=2))
    weather = Weather(too_many=0.5, seed=1)
    turns = [weather.meets("sendMessage", 1, turn) is None for turn in range(1, 65)]
    assert 20 < turns.count(True) < 44


def test_only_a_message_meets_a_block() -> None:
    assert "403" in met(Weather(blocked=0.1))
    assert set(met(Weather(blocked=0.1), "editMessageText")) == {""}


@pytest.mark.parametrize(
    "wrong", [{"lost": -0.1}, {"broken": 1.1}, {"too_many": 0.6, "lost": 0.6}, {"lost": float("nan")}]
)
def test_a_chance_is_from_nought_to_one(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Weather(**wrong)


async def outcomes(desk: Desk, call: Call, chats: list[int]) -> dict[int, list[str]]:
    """Send to all the chats at once, four times over; tell what each call of each chat met."""

    async def four(chat: int) -> None:
        for _ in range(4):
            with contextlib.suppress(aiohttp.ClientError):
                await call("sendMessage", chat_id=chat, text="1")

    before = len(desk.calls)
    async with asyncio.TaskGroup() as tasks:
        for chat in chats:
            tasks.create_task(four(chat))
    found: dict[int, list[str]] = {chat: [] for chat in chats}
    for made in desk.calls[before:]:
        found[int(made.params["chat_id"])].append(made.kind)
    return found


async def test_a_run_repeats_in_whatever_order_the_chats_come(desk: Desk, call: Call) -> None:
    chats = list(desk.populate(40))
    desk.weather = Weather(too_many=0.2, broken=0.2, lost=0.2, seed=5)
    first = await outcomes(desk, call, chats)
    desk.weather = Weather(too_many=0.2, broken=0.2, lost=0.2, seed=5)
    assert await outcomes(desk, call, chats[::-1]) == first
    kinds = {kind for met in first.values() for kind in met}
    assert kinds >= {"ok", "weather: 429", "weather: 500", "weather: 502", "weather: cut after executing"}


async def test_what_is_lost_was_delivered_and_the_ledger_knows(
    desk: Desk, sister: Person, call: Call
) -> None:
    desk.weather = Weather(lost=1)
    with pytest.raises(aiohttp.ClientError):
        await call("sendMessage", chat_id=sister.id, text="1")
    assert sister.screen.text == "1"
    desk.weather = Weather()
    await call("sendMessage", chat_id=sister.id, text="2")
    assert [entry.message_id for entry in desk.ledger.lost_replies()] == [sister.history[1].id]


async def test_somebody_who_blocks_in_bad_weather_stays_blocked(
    desk: Desk, sister: Person, call: Call
) -> None:
    desk.weather = Weather(blocked=1)
    stranger = desk.populate(1)[0]
    for chat in (sister.id, stranger):
        assert (await call("sendMessage", chat_id=chat, text="1"))["error_code"] == 403
    desk.weather = Weather()
    for chat in (sister.id, stranger):
        assert (await call("sendMessage", chat_id=chat, text="1"))["error_code"] == 403
    assert desk.ledger.refused == {sister.id, stranger}
    assert len(desk.ledger) == 0
    sister.start()
    assert (await call("sendMessage", chat_id=sister.id, text="1"))["ok"]
    assert desk.violations == []


async def test_calls_about_no_chat_are_spared(desk: Desk, call: Call) -> None:
    desk.weather = Weather(broken=1)
    assert (await call("getMe"))["ok"]
    assert (await call("getUpdates"))["ok"]


async def test_latency_is_drawn_from_a_seed_and_waited_for(desk: Desk, call: Call) -> None:
    first, again = Latency(0.05, 0.05, seed=2), Latency(0.05, 0.05, seed=2)
    drawn = [first.draw() for _ in range(200)]
    assert drawn == [again.draw() for _ in range(200)]
    assert 0.05 <= min(drawn) < 0.06
    assert 0.09 < max(drawn) < 0.1
    desk.latency = Latency(0.05, 0)
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert (await call("getMe"))["ok"]
    assert loop.time() - began >= 0.05
    with pytest.raises(ValueError, match="takes some time"):
        Latency(-1)
