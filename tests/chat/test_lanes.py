"""The limiter, on a virtual clock: what is asserted is what was granted and at which virtual instant."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot
from telegram.error import BadRequest, RetryAfter
from telegram.ext import ExtBot

from bot.chat.lanes import Lanes, Passage
from bot.chat.transport import NotSent, Transport
from tests.virtual_time import now, on_virtual_time

JITTER = 0.020
TINY = 1e-9


@dataclass
class Telegram:
    """Records what reaches it and when; answers as `reply` says."""

    reply: Callable[[Any, int], Awaitable[Any]] | None = None
    reached: list[tuple[float, Any, str]] = field(default_factory=list)

    async def __call__(self, chat: Any, what: str) -> Any:
        self.reached.append((now(), chat, what))
        if self.reply is None:
            return True
        return await self.reply(chat, len(self.reached))

    def instants(self, chat: Any = ...) -> list[float]:
        return [at for at, to, _ in self.reached if chat is ... or to == chat]

    def words(self, chat: Any = ...) -> list[str]:
        return [what for _, to, what in self.reached if chat is ... or to == chat]


def calling(lanes: Lanes, telegram: Telegram) -> Callable[..., Coroutine[Any, Any, Any]]:
    async def call(chat: Any, what: str = "", endpoint: str = "sendMessage") -> Any:
        data = {} if chat is None else {"chat_id": chat}
        return await lanes.process_request(telegram, (chat, what), {}, endpoint, data, None)

    return call


def most_in_a_window(instants: list[float], length: float) -> int:
    """Count the most instants that any closed window of this length holds."""
    ordered = sorted(instants)
    return max(
        (sum(1 for at in ordered if start <= at <= start + length - TINY) for start in ordered), default=0
    )


def refusing(refusals: dict[int, int]) -> Callable[[Any, int], Awaitable[Any]]:
    """Answer the n-th request that arrives with 429 and this many seconds."""

    async def reply(chat: Any, number: int) -> Any:
        if number in refusals:
            raise RetryAfter(refusals[number])
        return True

    return reply


arrivals = st.lists(
    st.tuples(
        st.floats(0, 5, allow_nan=False),  # when
        st.integers(1, 12),  # which chat
        st.sampled_from(["sendMessage", "sendMessage", "editMessageText"]),
        st.floats(0, 0.4, allow_nan=False),  # how long Telegram takes
    ),
    max_size=70,
)


@given(arrivals, st.sampled_from([1, 3, 10, 30]))
def test_any_arrivals_are_all_sent_in_order_and_never_too_fast(
    arriving: list[tuple[float, int, str, float]], rate: int
) -> None:
    lanes, telegram = Lanes(rate), Telegram()
    sends: dict[int, list[float]] = defaultdict(list)
    expected: dict[int, list[str]] = defaultdict(list)

    async def one(when: float, chat: int, endpoint: str, takes: float, what: str) -> None:
        async def reach(_chat: int, _what: str) -> bool:
            await telegram(_chat, _what)
            if endpoint == "sendMessage":
                sends[_chat].append(now())
            await asyncio.sleep(takes)
            return True

        await asyncio.sleep(when)
        expected[chat].append(what)  # here, because timers of one instant fire in any order
        await lanes.process_request(reach, (chat, what), {}, endpoint, {"chat_id": chat}, None)

    async def scene() -> None:
        async with asyncio.TaskGroup() as group:
            for number, (when, chat, endpoint, takes) in enumerate(arriving):
                group.create_task(one(when, chat, endpoint, takes, str(number)))
        await asyncio.sleep(6)

    on_virtual_time(scene())
    assert len(telegram.reached) == len(arriving)
    for chat, words in expected.items():
        assert telegram.words(chat) == words
        assert all(b - a >= 1 - TINY for a, b in zip(sends[chat], sends[chat][1:], strict=False))
    assert most_in_a_window(telegram.instants(), 1 + JITTER) <= rate
    assert repr(lanes) == "<Lanes of 0 chats>"


@given(
    st.lists(st.tuples(st.floats(0, 3), st.integers(1, 5), st.floats(0, 3) | st.none()), max_size=40),
    st.dictionaries(st.integers(1, 30), st.integers(1, 4), max_size=8),
)
def test_refusals_and_cancelled_callers_lose_nobody_elses_message(
    arriving: list[tuple[float, int, float | None]], refusals: dict[int, int]
) -> None:
    lanes, telegram = Lanes(5, deadline=10_000), Telegram(refusing(refusals))
    call = calling(lanes, telegram)
    numbers = itertools.count()
    given_up: set[int] = set()
    answered: dict[int, list[int]] = defaultdict(list)

    async def one(when: float, chat: int, patience: float | None) -> None:
        await asyncio.sleep(when)
        number = next(numbers)
        try:
            async with asyncio.timeout(patience):
                await call(chat)
            answered[chat].append(number)
        except TimeoutError:
            given_up.add(number)

    async def scene() -> None:
        async with asyncio.TaskGroup() as group:
            for when, chat, patience in arriving:
                group.create_task(one(when, chat, patience))
        await asyncio.sleep(10)

    on_virtual_time(scene())
    assert sum(map(len, answered.values())) + len(given_up) == len(arriving)
    assert all(of_chat == sorted(of_chat) for of_chat in answered.values())
    assert most_in_a_window(telegram.instants(), 1 + JITTER) <= 5
    assert repr(lanes) == "<Lanes of 0 chats>"
    assert lanes._last_refused is None


def test_a_long_fan_out_uses_nearly_all_of_the_rate() -> None:
    telegram = Telegram()

    async def scene() -> None:
        call = calling(Lanes(30), telegram)
        async with asyncio.TaskGroup() as group:
            for chat in range(1, 601):
                group.create_task(call(chat))

    on_virtual_time(scene())
    assert telegram.instants()[0] == 0
    assert 599 / telegram.instants()[-1] >= 0.97 * 30


def test_a_busy_chat_does_not_hold_up_the_others() -> None:
    telegram = Telegram()

    async def scene() -> None:
        call = calling(Lanes(30), telegram)
        async with asyncio.TaskGroup() as group:
            for number in range(5):
                group.create_task(call(1, str(number)))
            group.create_task(call(2))

    on_virtual_time(scene())
    assert telegram.instants(1) == pytest.approx([0, 1, 2, 3, 4])
    assert telegram.instants(2)[0] < 0.05


def test_the_rest_after_a_message_starts_when_telegram_has_answered() -> None:
    async def slowly(chat: Any, number: int) -> bool:
        await asyncio.sleep(2.5)
        return True

    telegram = Telegram(slowly)

    async def scene() -> None:
        call = calling(Lanes(30), telegram)
        await asyncio.gather(call(1), call(1))

    on_virtual_time(scene())
    assert telegram.instants() == pytest.approx([0, 3.5])


def test_edits_need_no_rest_but_use_the_bots_tokens() -> None:
    telegram = Telegram()

    async def scene() -> None:
        call = calling(Lanes(2), telegram)
        await asyncio.gather(*(call(1, endpoint="editMessageText") for _ in range(4)))

    on_virtual_time(scene())
    assert most_in_a_window(telegram.instants(), 1 + JITTER) == 2
    assert telegram.instants()[-1] < 2


def test_messages_and_edits_together_are_no_faster_than_a_chat_may_be_spoken_to() -> None:
    """The desk counts both: five at once, then one a second. Edits beside a message each second drew 429s."""
    telegram = Telegram()

    async def scene() -> None:
        call = calling(Lanes(30), telegram)
        async with asyncio.TaskGroup() as group:
            for number in range(30):
                group.create_task(call(1, endpoint="editMessageText" if number % 3 else "sendMessage"))
                group.create_task(call(2, endpoint="editMessageText"))

    on_virtual_time(scene())
    for chat in (1, 2):
        instants = telegram.instants(chat)
        assert len(instants) == 30
        for first, last in itertools.combinations(range(30), 2):
            assert last - first + 1 <= 5 + instants[last] - instants[first]
    assert telegram.instants(2)[:4] == pytest.approx([0] * 4, abs=0.3)


@pytest.mark.parametrize(
    "endpoint",
    ["answerCallbackQuery", "getMe", "setMyCommands", "sendChatAction"],
)
def test_what_is_not_a_message_goes_at_once(endpoint: str) -> None:
    telegram = Telegram()

    async def scene() -> None:
        call = calling(Lanes(1), telegram)
        await call(1)
        await asyncio.gather(*(call(1, endpoint=endpoint) for _ in range(50)))

    on_virtual_time(scene())
    assert telegram.instants() == [0] * 51


@pytest.mark.parametrize("endpoint", ["sendMessage", "editMessageText"])
def test_a_429_halts_its_chat_alone_and_the_call_is_made_again_first(endpoint: str) -> None:
    telegram = Telegram(refusing({1: 7}))

    async def scene() -> None:
        call = calling(Lanes(30), telegram)
        async with asyncio.TaskGroup() as group:
            group.create_task(call(1, "first", endpoint))
            await asyncio.sleep(0.1)
            group.create_task(call(1, "second"))
            group.create_task(call(2, "other"))

    on_virtual_time(scene())
    assert telegram.words() == ["first", "other", "first", "second"]
    assert telegram.instants(1)[:2] == pytest.approx([0, 7])
    assert telegram.instants(2) == pytest.approx([0.1])


@pytest.mark.parametrize("endpoint", ["deleteMessage", "deleteMessages"])
def test_deletions_keep_a_pace_of_their_own_that_no_message_delays(endpoint: str) -> None:
    telegram = Telegram()

    async def scene() -> None:
        call = calling(Lanes(10), telegram)
        async with asyncio.TaskGroup() as group:
            for chat in range(20):
                group.create_task(call(chat))
            for chat in range(20, 41):
                group.create_task(call(chat, endpoint=endpoint))

    on_virtual_time(scene())
    messages, deletions = (
        sorted(at for chat in chats for at in telegram.instants(chat)) for chats in (range(20), range(20, 41))
    )
    assert 1.8 < messages[-1] < 2.1
    assert 1.9 < deletions[-1] < 2.2
    assert min(later - at for at, later in itertools.pairwise(deletions)) > 0.09


def test_a_429_to_a_delete_halts_its_chats_messages_too() -> None:
    telegram = Telegram(refusing({1: 7}))

    async def scene() -> None:
        call = calling(Lanes(30), telegram)
        await asyncio.gather(call(1, endpoint="deleteMessage"), call(1), call(2))

    on_virtual_time(scene())
    assert telegram.instants(1) == pytest.approx([0, 7, 7])
    assert telegram.instants(2)[0] < 0.1


def test_a_429_without_a_chat_is_waited_out_by_that_call_alone() -> None:
    telegram = Telegram(refusing({1: 3}))

    async def scene() -> None:
        call = calling(Lanes(30), telegram)
        await asyncio.gather(call(None, endpoint="setMyCommands"), call(1), call(None, endpoint="getMe"))

    on_virtual_time(scene())
    assert telegram.instants() == pytest.approx([0, 0, 0, 3])


def test_an_edit_without_a_chat_waits_out_its_429() -> None:
    telegram = Telegram(refusing({1: 3}))
    on_virtual_time(calling(Lanes(30), telegram)(None, endpoint="editMessageText"))
    assert telegram.instants() == pytest.approx([0, 3])


def test_a_second_chats_429_halts_the_bot_and_a_probe_a_second_finds_the_end() -> None:
    telegram = Telegram(refusing({1: 60, 2: 60, 3: 60, 4: 60}))

    async def scene() -> list[float]:
        call = calling(Lanes(30), telegram)
        async with asyncio.TaskGroup() as group:
            for chat in range(1, 21):
                group.create_task(call(chat))
        return telegram.instants()

    instants = on_virtual_time(scene())
    assert instants[1] < 0.05
    assert instants[2:5] == pytest.approx([instants[1] + 1, instants[1] + 2, instants[1] + 3])
    # The third probe succeeded: the rest follow at full speed, but for the four that Telegram named.
    assert instants[19] - instants[4] < 1
    assert all(at >= 60 for at in instants[20:])
    assert len(instants) == 24


def test_an_answer_to_an_older_call_does_not_end_the_halt() -> None:
    async def reply(chat: int, number: int) -> bool:
        if chat == 1:
            await asyncio.sleep(0.5)  # under way since before the halt
        elif number <= 3:
            raise RetryAfter(30)
        return True

    telegram = Telegram(reply)

    async def scene() -> None:
        call = calling(Lanes(30), telegram)
        async with asyncio.TaskGroup() as group:
            for chat in range(1, 7):
                group.create_task(call(chat))

    on_virtual_time(scene())
    halted_at = telegram.instants()[2]
    assert telegram.instants()[3] == pytest.approx(halted_at + 1)


def test_two_429s_further_apart_than_a_second_do_not_halt_the_bot() -> None:
    telegram = Telegram(refusing({1: 30, 2: 30}))

    async def scene() -> None:
        call = calling(Lanes(30), telegram)
        async with asyncio.TaskGroup() as group:
            group.create_task(call(1))
            await asyncio.sleep(1.5)
            group.create_task(call(2))
            await asyncio.sleep(0.1)
            group.create_task(call(3))

    on_virtual_time(scene())
    assert telegram.instants(3) == pytest.approx([1.6])


def test_deletes_wait_out_the_bots_halt_too_and_leave_soon_after_it_ends() -> None:
    telegram = Telegram(refusing({1: 60, 2: 60}))

    async def scene() -> None:
        call = calling(Lanes(30), telegram)
        async with asyncio.TaskGroup() as group:
            for chat in (1, 2):
                group.create_task(call(chat))
            await asyncio.sleep(0.5)
            group.create_task(call(3, endpoint="deleteMessage"))
            group.create_task(call(4))

    on_virtual_time(scene())
    assert 1 < telegram.instants(4)[0] < 1.1
    assert telegram.instants(4)[0] < telegram.instants(3)[0] < 3


@pytest.mark.parametrize(("endpoint", "waited"), [("sendMessage", 180), ("deleteMessage", 0)])
def test_a_halt_beyond_the_deadline_is_handed_to_the_caller(endpoint: str, waited: float) -> None:
    """At once where nothing is kept in order: a flood of one chat must not hold up the cleaning of others."""
    telegram = Telegram(refusing({1: 100_000}))

    async def scene() -> tuple[float, float, int]:
        lanes = Lanes(30, deadline=60)
        call = calling(lanes, telegram)
        with pytest.raises(RetryAfter):
            await call(1, endpoint=endpoint)
        refused_at = now()
        for _ in range(3):
            with pytest.raises(RetryAfter):
                await call(1, endpoint=endpoint)
        return refused_at, now(), len(lanes._due)

    refused_at, gave_up_at, remembered = on_virtual_time(scene())
    assert refused_at == 0
    assert gave_up_at == pytest.approx(waited)
    assert len(telegram.reached) == 1
    assert remembered == 1


def test_a_caller_that_gives_up_in_line_leaves_its_place_to_the_next() -> None:
    telegram = Telegram()

    async def scene() -> None:
        call = calling(Lanes(1), telegram)
        await call(1)
        leaving = asyncio.ensure_future(call(2, "leaving"))
        staying = asyncio.ensure_future(call(3, "staying"))
        await asyncio.sleep(0.5)
        leaving.cancel()
        await asyncio.wait([leaving, staying])

    on_virtual_time(scene())
    assert telegram.words() == ["", "staying"]
    assert telegram.instants()[1] == pytest.approx(1.0205)


def test_a_caller_that_gives_up_does_not_bequeath_its_place_to_its_chat() -> None:
    telegram = Telegram()

    async def scene() -> None:
        call = calling(Lanes(1), telegram)
        await call(9)
        leaving = asyncio.ensure_future(call(1, "leaving"))
        others = [asyncio.ensure_future(call(2, "earlier")), asyncio.ensure_future(call(1, "later"))]
        await asyncio.sleep(0.5)
        leaving.cancel()
        await asyncio.wait(others)

    on_virtual_time(scene())
    assert telegram.words() == ["", "earlier", "later"]


def test_a_halt_reaches_a_message_that_only_waited_for_the_bots_token() -> None:
    telegram = Telegram(refusing({2: 7}))

    async def scene() -> None:
        call = calling(Lanes(1), telegram)
        await call(9)
        await asyncio.gather(call(1), call(1, endpoint="deleteMessage"))

    on_virtual_time(scene())
    assert telegram.instants(1) == pytest.approx([0, 7, 7])


def test_a_caller_cancelled_in_the_instant_of_its_grant_gives_the_grant_back() -> None:
    telegram = Telegram()

    async def scene() -> None:
        call = calling(Lanes(1), telegram)
        await call(1)
        leaving = asyncio.ensure_future(call(2, "leaving"))
        staying = asyncio.ensure_future(call(3, "staying"))
        await asyncio.sleep(0)
        # The grant's timer was set first, so it runs first, and the caller is cancelled before it runs on.
        asyncio.get_running_loop().call_at(1000 + 1.0205, leaving.cancel)
        await asyncio.wait([leaving, staying])
        assert leaving.cancelled()

    on_virtual_time(scene())
    assert telegram.words() == ["", "staying"]
    assert telegram.instants()[1] == pytest.approx(1.0205)


def test_a_failed_call_frees_its_chat() -> None:
    async def refuse(chat: Any, number: int) -> bool:
        if number == 1:
            raise BadRequest("chat not found")
        return True

    telegram = Telegram(refuse)

    async def scene() -> None:
        call = calling(Lanes(30), telegram)
        with pytest.raises(BadRequest):
            await call(1)
        await call(1)

    on_virtual_time(scene())
    assert telegram.instants() == pytest.approx([0, 1])


def test_stopping_fails_what_waits_as_certainly_not_sent() -> None:
    telegram = Telegram()

    async def scene() -> list[Any]:
        lanes = Lanes(1)
        call = calling(lanes, telegram)
        await lanes.initialize()
        await call(1)
        waiting = [asyncio.ensure_future(call(chat)) for chat in (1, 2, 3)]
        await asyncio.sleep(0.1)
        await lanes.shutdown()
        return await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(outcome) for outcome in on_virtual_time(scene())] == [NotSent] * 3
    assert len(telegram.reached) == 1


def test_a_chat_written_as_text_is_the_same_chat() -> None:
    telegram = Telegram()

    async def scene() -> None:
        call = calling(Lanes(30), telegram)
        await asyncio.gather(call(-1001), call("-1001"), call("@channel"))

    on_virtual_time(scene())
    assert telegram.instants("-1001") == pytest.approx([1])
    assert telegram.instants("@channel")[0] < 0.1


def test_a_rate_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Lanes(0)


async def test_python_telegram_bot_passes_its_calls_through_here() -> None:
    seen: list[str] = []

    class Listening(Lanes):
        async def process_request(
            self,
            callback: Any,
            args: Any,
            kwargs: Any,
            endpoint: str,
            data: Any,
            rate_limit_args: Passage | None,
        ) -> Any:
            seen.append(endpoint)
            return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)

    bot: Bot = ExtBot(
        "1:none", request=Transport(1), get_updates_request=Transport(1), rate_limiter=Listening()
    )
    with pytest.raises(NotSent):
        await bot.send_message(1, "hello")
    with pytest.raises(NotSent):
        await bot.get_updates()
    assert seen == ["sendMessage"]
