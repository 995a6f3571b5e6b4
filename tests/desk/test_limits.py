"""Which bucket was empty, how much of the rate was used, the paid rate, and floods."""

from typing import Any

import pytest

from bot.desk.desk import Desk
from bot.desk.limits import Bucket, Limits
from bot.desk.people import Person
from tests.desk.conftest import Call, Clock


async def said(call: Call, chats: range, **more: Any) -> list[int]:
    """Send to each chat; list the codes of refusal, 0 where there was none."""
    answers = [await call("sendMessage", chat_id=chat, text="1", **more) for chat in chats]
    return [answer.get("error_code", 0) for answer in answers]


def buckets(desk: Desk) -> list[str]:
    return [made.bucket for made in desk.calls if made.bucket]


async def test_the_desk_knows_which_bucket_was_empty_and_the_bot_is_not_told(
    desk: Desk, sister: Person, call: Call
) -> None:
    desk.limits = Limits(per_second=30, burst=24, chat_burst=1)
    group = desk.group("1", members=[sister]).chat.id
    assert await said(call, range(sister.id, sister.id + 1)) == [0]
    refused = await call("sendMessage", chat_id=sister.id, text="1")
    assert refused == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    assert [await said(call, range(group, group + 1)) for _ in range(21)] == [[0]] * 20 + [[429]]
    assert await said(call, desk.populate(4)) == [0, 0, 0, 429]
    assert buckets(desk) == [Bucket.CHAT, Bucket.GROUP, Bucket.BOT]
    assert desk.records.kinds == {
        "ok": 24,
        "429 private chat": 1,
        "429 group per minute": 1,
        "429 bot per second": 1,
    }
    assert desk.violations == [
        "sendMessage: Too Many Requests: retry after 1 (private chat)",
        "sendMessage: Too Many Requests: retry after 3 (group per minute)",
        "sendMessage: Too Many Requests: retry after 1 (bot per second)",
    ]


async def test_strict_limits_let_hardly_anything_through_early(desk: Desk, clock: Clock, call: Call) -> None:
    desk.limits = Limits.strict(30)
    chats = desk.populate(10)
    assert await said(call, chats[:5]) == [0, 0, 0, 429, 429]
    clock.now += 1 / 30
    assert await said(call, chats[5:7]) == [0, 429]
    clock.now += 1.0
    assert await said(call, chats[:1]) == [0]
    assert await said(call, chats[:1]) == [429]
    assert buckets(desk)[-1] == Bucket.CHAT


async def test_the_share_of_the_rate_that_was_used_is_counted_by_second(
    desk: Desk, clock: Clock, call: Call
) -> None:
    desk.limits = Limits(per_second=4, burst=4)
    assert desk.throttle.used.share() == 0
    chats = iter(desk.populate(20))
    for sends in (1, 4, 2, 0, 3):
        for _ in range(sends):
            chat = next(chats)
            assert await said(call, range(chat, chat + 1)) == [0]
        clock.now += 1
    assert desk.throttle.used.by_second() == [1, 4, 2, 0, 3]
    assert desk.throttle.used.share() == 6 / 12
    second = int(clock.now) - 4
    assert desk.throttle.used.share(second, second + 1) == 1
    assert desk.throttle.used.share(second, second) == 0
    desk.limits = Limits(per_second=4)
    assert desk.throttle.used.by_second() == []


async def test_a_paid_broadcast_goes_a_thousand_a_second_and_costs_what_is_over_the_free_rate(
    desk: Desk, clock: Clock, call: Call
) -> None:
    desk.limits = Limits(per_second=30, burst=30)
    chats = desk.populate(150)
    assert (await said(call, chats[:101], allow_paid_broadcast=True)).count(429) == 1
    assert buckets(desk) == [Bucket.PAID]
    assert desk.throttle.paid_for == 70
    clock.now += 0.04
    assert await said(call, chats[101:141], allow_paid_broadcast=True) == [0] * 40
    assert await said(call, chats[141:142]) == [429]
    assert desk.throttle.used_paid.by_second() == [140]
    assert desk.throttle.used.by_second() == []


async def test_a_paid_broadcast_does_not_lift_the_limit_of_a_chat(
    desk: Desk, sister: Person, call: Call
) -> None:
    desk.limits = Limits(chat_burst=1)
    one = range(sister.id, sister.id + 1)
    assert await said(call, one, allow_paid_broadcast=True) == [0]
    assert await said(call, one, allow_paid_broadcast=True) == [429]
    assert buckets(desk) == [Bucket.CHAT]


async def test_a_flood_refuses_every_call_for_its_time(
    desk: Desk, clock: Clock, sister: Person, call: Call
) -> None:
    desk.throttle.flood(20)
    clock.now += 5
    for method in ("getMe", "getUpdates", "sendChatAction"):
        refused = await call(method, chat_id=sister.id, action="typing")
        assert refused["parameters"] == {"retry_after": 15}, method
    assert buckets(desk) == [Bucket.FLOOD] * 3
    clock.now += 15
    assert (await call("getMe"))["ok"]
    assert desk.violations == []


async def test_a_flood_of_chosen_chats_leaves_the_others_alone(desk: Desk, clock: Clock, call: Call) -> None:
    chats = desk.populate(4)
    desk.throttle.flood(3, chats[1:3])
    assert await said(call, chats) == [0, 429, 429, 0]
    assert desk.throttle.flood_left() == (0, 2)
    clock.now += 3
    assert await said(call, chats) == [0] * 4
    desk.throttle.flood(3, chats[:1])
    desk.throttle.flood(3)
    desk.throttle.end_floods()
    assert await said(call, chats) == [0] * 4
    assert buckets(desk) == [Bucket.CHAT_FLOOD] * 2


async def test_a_full_bucket_of_a_chat_need_not_be_remembered(desk: Desk, clock: Clock) -> None:
    desk.limits = Limits(per_second=1e6, burst=1e6, chat_burst=1)
    chats = desk.populate(30_000)
    throttle = desk.throttle
    for start in range(0, 30_000, 10_000):
        for chat in chats[start : start + 10_000]:
            throttle.check("sendMessage", {"chat_id": chat})
        clock.now += 61
    assert len(throttle._chats) <= 10_000
    throttle.check("sendMessage", {"chat_id": chats[0]})


@pytest.mark.parametrize("wrong", [{"per_second": 0}, {"burst": 0.5}, {"per_group_minute": -1}])
def test_limits_that_let_nothing_through_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="let something through"):
        Limits(**wrong)


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_a_flood_has_an_end(desk: Desk, seconds: float) -> None:
    with pytest.raises(ValueError, match="has an end"):
        desk.throttle.flood(seconds)
