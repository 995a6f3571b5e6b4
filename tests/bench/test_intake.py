"""The intake benchmark: that every update is really brought, taken and answered, not how fast."""

from __future__ import annotations

import pytest

from bot.bench import intake
from bot.bench.readers import FIRST_CHAT, Town


@pytest.mark.parametrize("peer", intake.peers())
async def test_each_update_is_taken_and_answered(peer: str) -> None:
    assert intake.peers()[peer], "every peer is installed where tests run"
    result = await intake.measure(peer, rate=30, count=30, readers=30, people=5)
    assert result.missing == 0
    assert min(result.per_second, result.half_ms, result.p99_ms, result.cpu_us) > 0


def test_half_of_the_readers_follow_somebody_first() -> None:
    town = Town(10, ["Прыклад Асоба"])
    assert [bool(town.readers[FIRST_CHAT + n].steps) for n in range(4)] == [False, True, False, True]


def test_the_table_says_what_is_not_installed() -> None:
    results = {intake.SQLITE: [intake.Result(499.6, 3.14, 12.3, 15.0, 1499.7, 0)], intake.AIOGRAM: []}
    assert intake.table(results, 500, 5000).splitlines() == [
        "5000 updates at 500 a second",
        "                        taken/s  half ms   p99 ms  answer p99  CPU us  missing",
        "this bot, SQLite            500      3.1     12.3        15.0    1500        0",
        "aiogram 3             not installed",
    ]
