"""Patience: what Telegram holds back in a short flood is waited for, and not said once more."""

from __future__ import annotations

import inspect
from functools import partial
from pathlib import Path

import pytest

from bot import app
from bot.chat.intake import HANDLER_SECONDS
from bot.chat.transport import Transport
from bot.desk import faults
from bot.desk.desk import Desk
from bot.services.delivering import FINISH_SECONDS
from bot.services.following import ON_ITS_WAY_SECONDS
from bot.store.database import Database
from tests.running import plan_for, running

A_FLOOD = 8.0
"""How long Telegram's server waits for a bot before it says 429."""
USUAL = {
    name: parameter.default
    for name, parameter in inspect.signature(Transport).parameters.items()
    if name.endswith("_timeout")
}


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
