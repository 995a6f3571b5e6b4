"""Trouble on order: limits on how fast a bot may speak, and every way a call can fail."""

import asyncio

import aiohttp
import pytest
from telegram import Bot
from telegram.error import Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot.desk import faults
from bot.desk.desk import Desk
from bot.desk.limits import Limits
from bot.desk.people import Person
from tests.desk.conftest import Call, Clock


async def refused(call: Call, chat: int) -> int:
    """Say something; tell for how many seconds Telegram asks to wait, 0 when it was said."""
    answer = await call("sendMessage", chat_id=chat, text="1")
    return 0 if answer["ok"] else int(answer["parameters"]["retry_after"])


async def test_one_chat_gets_one_message_a_second_after_a_burst(
    desk: Desk, clock: Clock, sister: Person, call: Call
) -> None:
    desk.limits = Limits(chat_burst=3)
    assert [await refused(call, sister.id) for _ in range(4)] == [0, 0, 0, 1]
    clock.now += 2
    assert [await refused(call, sister.id) for _ in range(3)] == [0, 0, 1]
    assert desk.violations == ["sendMessage: Too Many Requests: retry after 1 (private chat)"] * 2


async def test_a_bot_speaks_thirty_times_a_second(desk: Desk, clock: Clock, call: Call) -> None:
    desk.limits = Limits()
    people = [desk.person(str(number)) for number in range(31)]
    for person in people:
        person.start()
    assert [await refused(call, person.id) for person in people] == [0] * 30 + [1]
    clock.now += 1
    assert await refused(call, people[-1].id) == 0


async def test_a_group_hears_twenty_a_minute(desk: Desk, clock: Clock, sister: Person, call: Call) -> None:
    desk.limits = Limits()
    group = desk.group("1", members=[sister]).chat.id
    assert [await refused(call, group) for _ in range(21)] == [0] * 20 + [3]
    clock.now += 3
    assert await refused(call, group) == 0


async def test_without_limits_a_bot_may_be_fast(desk: Desk, sister: Person, call: Call) -> None:
    assert [await refused(call, sister.id) for _ in range(60)] == [0] * 60


async def test_a_refusal_on_order_is_no_violation(desk: Desk, sister: Person, bot: Bot) -> None:
    desk.faults.next("sendMessage", faults.too_many(7), times=2)
    for _ in range(2):
        with pytest.raises(RetryAfter, match="7 seconds"):
            await bot.send_message(sister.id, "1")
    await bot.send_message(sister.id, "1")
    assert [call.outcome for call in desk.calls if call.method == "sendMessage"] == ["fault: 429"] * 2 + [
        "ok"
    ]
    assert desk.violations == []


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (faults.server_error(), NetworkError, "Internal Server Error"),
        (faults.bad_gateway(), NetworkError, "Bad Gateway"),
        (faults.forbidden(), Forbidden, "bot was blocked"),
        (faults.token_revoked(), InvalidToken, "Unauthorized"),
        (faults.cut_before_reading(), NetworkError, "ReadError|RemoteProtocolError"),
        (faults.answer(b"{"), Exception, "Invalid server response"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
async def test_a_call_fails_without_being_carried_out(
    fault: faults.Fault, error: type[Exception], words: str, desk: Desk, sister: Person, bot: Bot
) -> None:
    desk.faults.next("sendMessage", fault)
    with pytest.raises(error, match=words):
        await bot.send_message(sister.id, "1")
    assert len(sister.history) == 1
    assert len(desk.faults) == 0


async def test_a_message_may_be_delivered_and_the_bot_never_learn(
    desk: Desk, sister: Person, bot: Bot
) -> None:
    desk.faults.next("sendMessage", faults.cut_after_executing())
    with pytest.raises(NetworkError):
        await bot.send_message(sister.id, "1")
    assert sister.screen.text == "1"
    desk.faults.next("sendMessage", faults.bad_gateway(executes=True))
    with pytest.raises(NetworkError):
        await bot.send_message(sister.id, "2")
    assert sister.screen.text == "2"


async def test_telegram_may_fall_silent(desk: Desk, sister: Person, bot: Bot) -> None:
    desk.faults.next("sendMessage", faults.hang(0.2))
    with pytest.raises(TimedOut):
        await bot.send_message(sister.id, "1", read_timeout=0.05)
    await sister.hears()
    desk.faults.next("sendMessage", faults.hang(0.01, executes=False))
    with pytest.raises(NetworkError):
        await bot.send_message(sister.id, "2")
    assert sister.screen.text == "1"


async def test_trouble_may_be_meant_for_one_chat_or_for_any_method(
    desk: Desk, sister: Person, call: Call
) -> None:
    brother = desk.person("Сяргей")
    brother.start()
    desk.faults.next("*", faults.server_error(), chat_id=brother.id)
    assert (await call("sendMessage", chat_id=sister.id, text="1"))["ok"]
    assert (await call("getUpdates"))["ok"]
    assert (await call("sendChatAction", chat_id=brother.id, action="typing"))["error_code"] == 500
    desk.faults.next("sendMessage", faults.server_error())
    desk.faults.clear()
    assert (await call("sendMessage", chat_id=brother.id, text="1"))["ok"]


async def test_a_cut_line_is_a_reset_and_not_an_end(
    desk: Desk, url: str, http: aiohttp.ClientSession
) -> None:
    desk.faults.next("getMe", faults.cut_before_reading())
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(f"GET /bot{desk.token}/getMe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
