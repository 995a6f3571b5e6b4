"""The bot's lanes and the desk on one virtual clock, over real HTTP: minutes of a fan-out in a moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from telegram import Bot
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot.chat.lanes import Lanes
from bot.chat.transport import MaybeSent, Transport
from bot.desk.desk import Desk
from bot.desk.limits import Limits
from bot.desk.weather import Latency, Weather
from tests.virtual_time import now, on_virtual_time, wall_clock

PATIENCE = 0.001
HOURS = 3600
TEXT = "Ёсць навіны"


@asynccontextmanager
async def sending(desk: Desk, rate: int = 30) -> AsyncIterator[Bot]:
    """Start a desk and a bot with our own lanes and transport on this loop."""
    async with desk.serving() as url:
        bot: Bot = ExtBot(
            *(desk.token, f"{url}/bot"),
            request=Transport(100),
            get_updates_request=Transport(1),
            rate_limiter=Lanes(rate, deadline=HOURS),
        )
        async with bot:
            yield bot


async def tell(bot: Bot, chat: int) -> str:
    """Send until it is known what became of it, as a sender does; say what it was."""
    while True:
        try:
            await bot.send_message(chat, TEXT)
        except MaybeSent:
            continue
        except Forbidden:
            return "blocked"
        return "told"


def test_lanes_use_nearly_all_of_the_rate_and_draw_no_429() -> None:
    async def scene() -> tuple[Desk, float]:
        desk = Desk(clock=wall_clock, limits=Limits.strict(30), history=False)
        desk.latency = Latency(0.05, 0.02, seed=3)
        async with sending(desk) as bot, asyncio.TaskGroup() as tasks:
            for chat in desk.populate(600):
                tasks.create_task(tell(bot, chat))
        assert desk.violations == []
        return desk, now()

    desk, took = on_virtual_time(scene(), patience=PATIENCE)
    assert desk.records.kinds == {"ok": 601}
    assert len(desk.ledger) == 600
    assert 20 <= took <= 22
    assert desk.throttle.used.share() > 0.95


def test_a_fan_out_in_rough_weather_and_a_flood_reaches_everybody_who_has_not_blocked() -> None:
    async def scene() -> tuple[Desk, list[str]]:
        desk = Desk(clock=wall_clock, limits=Limits.strict(30), history=False)
        desk.weather = Weather(0.05, 0.05, 0.05, 0.05, seed=11)
        async with sending(desk) as bot, asyncio.TaskGroup() as tasks:
            told = [tasks.create_task(tell(bot, chat)) for chat in desk.populate(300)]
            await asyncio.sleep(2)
            desk.throttle.flood(20)
        return desk, [task.result() for task in told]

    desk, became = on_virtual_time(scene(), patience=PATIENCE)
    reached = {entry.chat for entry in desk.ledger}
    blocked = desk.ledger.refused
    assert len(became) == 300
    assert became.count("blocked") == len(blocked) > 0
    assert len(reached | blocked) == 300
    assert desk.records.kinds["429 flood of the bot"] > 0
    lost = {entry.chat for entry in desk.ledger.lost_replies()}
    assert all(len(desk.ledger.everything(chat)) == 1 for chat in reached - lost)
    assert lost


def test_two_days_pass_on_the_desk_as_on_the_bot() -> None:
    async def scene() -> list[bool]:
        desk = Desk(clock=wall_clock, history=False)
        [first, second] = desk.populate(2)
        desk.expect_refusal("deleteMessage")
        async with sending(desk) as bot:
            one, two = await bot.send_message(first, TEXT), await bot.send_message(second, TEXT)
            await asyncio.sleep(47.9 * HOURS)
            await bot.delete_message(first, one.message_id)
            await asyncio.sleep(0.1 * HOURS)
            with pytest.raises(BadRequest, match="can't be deleted for everyone"):
                await bot.delete_message(second, two.message_id)
        assert desk.violations == []
        return [entry.deleted for entry in desk.ledger]

    assert on_virtual_time(scene(), patience=PATIENCE) == [True, False]
