"""Patience: a short flood is waited for, and nothing is said once more; a long one holds up no other chat."""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Collection
from functools import partial
from pathlib import Path

import pytest

from bot import app
from bot.chat import unasked
from bot.chat.erasing import TelegramEraser
from bot.chat.intake import HANDLER_SECONDS
from bot.chat.transport import Transport
from bot.desk import faults
from bot.desk.desk import Desk
from bot.domain.follower import Record
from bot.services.delivering import FINISH_SECONDS
from bot.services.following import ON_ITS_WAY_SECONDS
from bot.services.sweeping import OutOfReachError
from bot.services.wiping import Wiping
from bot.store.database import Database
from tests.cleaning import Cleaning
from tests.running import plan_for, running
from tests.senders import NoEraser

A_FLOOD = 8.0
"""How long Telegram's server waits for a bot before it says 429."""
USUAL = {
    name: parameter.default
    for name, parameter in inspect.signature(Transport).parameters.items()
    if name.endswith("_timeout")
}


async def test_a_chat_in_a_long_flood_makes_no_other_chat_wait_for_its_cleaning(alone: Cleaning) -> None:
    await alone.writes()
    await alone.settles(None)
    alone.clock.passes(hours=12)
    alone.desk.faults.next("deleteMessage", faults.too_many(3600), chat_id=alone.mother.id)
    assert await alone.wiping.wipe_due() == 0
    other = alone.desk.person("Вера", language_code="be")
    await alone.writes(reader=other)
    await alone.wiping.settled(other.id, None)
    alone.clock.passes(hours=12)
    async with asyncio.timeout(10):
        assert await alone.wiping.wipe_due() == 1
    assert other.history == []
    assert len(alone.left) == 1


async def test_what_is_due_is_given_half_a_minute_in_each_chat(alone: Cleaning) -> None:
    class Waiting(NoEraser):
        async def delete(
            self, chat: int, messages: Collection[int], patience: float = math.inf, *, are_there: bool = True
        ) -> frozenset[int]:
            waited.append(patience)
            return frozenset(messages)

        async def blank(self, chat: int, messages: Collection[int], patience: float = math.inf) -> None:
            waited.append(patience)

    waited: list[float] = []
    await alone.writes()
    await alone.settles(await alone.say())
    alone.clock.passes(hours=12)
    assert await Wiping(alone.vault, Waiting(), alone.clock.now).wipe_due() == 1
    assert waited == [30.0, 30.0]


async def test_what_is_said_unasked_does_not_wait_for_the_end_of_a_flood(
    alone: Cleaning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unasked, "WITHIN_SECONDS", unasked.WITHIN_SECONDS / 20)
    alone.desk.faults.next("sendMessage", faults.too_many(3600))
    record, eraser = Record(alone.mother.id), TelegramEraser(alone._bot)
    for _ in range(2):
        with pytest.raises(OutOfReachError):
            async with asyncio.timeout(5):
                await eraser.tell_of_rest(record)


async def test_an_answer_that_telegram_holds_back_arrives_once(
    seeded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del seeded
    quicker = 20
    monkeypatch.setattr(app, "Transport", partial(Transport, read_timeout=USUAL["read_timeout"] / quicker))
    desk = Desk()
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        mother = desk.person("Марыя", language_code="be")
        desk.faults.next("sendMessage", faults.hang(A_FLOOD / quicker), times=10)
        mother.says("/privacy")
        await mother.hears()
        mother.listens()
        await mother.hears_nothing(A_FLOOD / quicker)
        await desk.settled()

        assert len([call for call in desk.calls if call.method == "sendMessage"]) == 1
        assert len([message for message in mother.history if message.from_bot]) == 1
    assert desk.violations == []


def test_whoever_waits_for_a_call_waits_longer_than_any_call_lasts() -> None:
    in_pool, read = USUAL["pool_timeout"], USUAL["read_timeout"]
    total = Transport()._limits(*(USUAL[f"{what}_timeout"] for what in ("read", "write", "connect"))).total

    assert read >= A_FLOOD + 2
    assert total is not None
    assert in_pool + total < ON_ITS_WAY_SECONDS < HANDLER_SECONDS
    assert A_FLOOD < FINISH_SECONDS
    assert app.DRAIN_SECONDS + FINISH_SECONDS < 30  # compose.yaml gives so long to an orderly stop
