"""The webhook: a secret before anything is read, 503 while the database is away, answers after 200."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from telegram import (
    CallbackQuery,
    Chat,
    ChatMemberBanned,
    ChatMemberMember,
    ChatMemberUpdated,
    Message,
    Update,
    User,
)
from telegram.error import InvalidToken

from bot import logs
from bot.app import WebhookAddress, now
from bot.chat import overtaking, pointing
from bot.chat.buttons import Ask, Press
from bot.chat.intake import Taken, Verdict
from bot.chat.pointing import NotPointedError, at_start, point, speaking, unpoint, watch
from bot.chat.replies import Destination, Reply
from bot.chat.webhook import MOST_BYTES, PATH, SECRET_HEADER, Webhook
from bot.desk import faults
from bot.desk.desk import Desk
from bot.desk.people import Person
from bot.domain.own_answers import Stopped
from bot.domain.people import View
from bot.services.following import Following
from bot.store.database import Database, DatabaseUnavailableError
from tests.running import plan_for, running, told

SECRET = "a-secret-of-the-test"
UNAUTHORIZED = b'{"ok": false, "error_code": 401, "description": "Unauthorized"}'


@pytest.fixture
async def hooked(seeded: Database, tmp_path: Path, unused_port: int) -> AsyncIterator[tuple[Desk, str]]:
    """A desk that brings updates to the bot's webhook, and the webhook's address."""
    del seeded
    desk, address = Desk(), f"http://127.0.0.1:{unused_port}"
    async with desk.serving() as url:
        plan = dataclasses.replace(
            plan_for(desk, url, tmp_path), webhook=WebhookAddress(address, unused_port, SECRET)
        )
        async with running(plan):
            await asyncio.sleep(0.3)
            yield desk, f"{address}/telegram"


async def test_updates_are_brought_run_and_answered(hooked: tuple[Desk, str]) -> None:
    desk, _address = hooked
    sister = desk.person("Марыя", language_code="ru")
    sister.says("Статкевич")
    [card] = await sister.hears()
    sister.taps("История")
    [history] = await sister.hears()
    await desk.settled()
    assert card.text.startswith("На свободе")
    assert history.edited
    assert desk.violations == []


@pytest.fixture(params=["polling", "webhook"])
async def brought(
    request: pytest.FixtureRequest, seeded: Database, tmp_path: Path, unused_port: int
) -> AsyncIterator[tuple[Desk, bool]]:
    """A desk with the whole bot, and whether Telegram brings the updates; else they are asked for."""
    del seeded
    desk, is_webhook = Desk(), request.param == "webhook"
    hook = WebhookAddress(f"http://127.0.0.1:{unused_port}", unused_port, SECRET) if is_webhook else None
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path, webhook=hook)):
        await asyncio.sleep(0.3)
        yield desk, is_webhook


async def _follows(reader: Person, desk: Desk) -> bool:
    await desk.settled()
    reader.says("/mydata")
    [data] = await reader.hears()
    return "людзі: –" not in data.text


@contextmanager
def away(monkeypatch: pytest.MonkeyPatch, act: str) -> Iterator[list[int]]:
    """Let one act of `Following` fail, as while the database is away; say for which chats it was tried."""
    tried: list[int] = []

    async def fails(_: Following, chat: int, *__: Any) -> Any:
        tried.append(chat)
        raise DatabaseUnavailableError("away")

    with monkeypatch.context() as patched:
        patched.setattr(Following, act, fails)
        yield tried


async def test_a_wish_from_before_a_stop_is_not_granted_after_it(
    brought: tuple[Desk, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, is_webhook = brought
    sister = desk.person("Марыя", language_code="be")
    sister.says("Статкевіч")
    await sister.hears()
    sister.taps("Сачыць")
    await sister.hears()
    with away(monkeypatch, "agree") as tried:
        sister.taps("Я разумею, далей")
        await desk.until(lambda: bool(tried))
        sister.says("/stop")
        if is_webhook:
            await told(desk, sister, "Гатова")
        else:
            await sister.hears_nothing(0.3)
    await desk.settled()
    await told(desk, sister, "Гатова")
    assert not await _follows(sister, desk)
    sister.says("Статкевіч")
    await sister.hears()
    sister.taps("Сачыць")
    await sister.hears()
    sister.taps("Я разумею, далей")
    await sister.hears()
    assert await _follows(sister, desk), "a wish from after it is granted"
    assert desk.violations == []


@pytest.mark.parametrize("comes_back", [True, False])
async def test_a_block_that_is_brought_late_forgets_nobody_who_has_come_back(
    hooked: tuple[Desk, str], monkeypatch: pytest.MonkeyPatch, comes_back: bool
) -> None:
    desk, _ = hooked
    sister = desk.person("Марыя", language_code="be")
    sister.says("Статкевіч")
    await sister.hears()
    for button in ("Сачыць", "Я разумею, далей"):
        sister.taps(button)
        await sister.hears()
    assert await _follows(sister, desk)
    with away(monkeypatch, "erase") as tried:
        sister.blocks()
        await desk.until(lambda: bool(tried))
        if comes_back:
            sister.start()
            await sister.hears()
    await desk.settled()
    if not comes_back:
        sister.unblocks()
    assert await _follows(sister, desk) == comes_back
    assert desk.violations == []


async def test_what_is_late_is_known_by_its_number_for_a_while_and_of_the_last_chats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Telegram numbers updates from elsewhere after a week without any; and not everybody is remembered."""
    monkeypatch.setattr(overtaking, "REMEMBERED", 2)
    monkeypatch.setattr(overtaking, "LATE_TAP_SECONDS", 0.05)

    def wish(number: int, chat: int) -> Update:
        sister = User(chat, "Марыя", is_bot=False)
        data = Press(Ask.FOLLOW, View.RU, "1").data()
        message = Message(1, now(), Chat(chat, "private"))
        return Update(number, callback_query=CallbackQuery("1", sister, "1", message, data))

    def stop(number: int, chat: int) -> Update:
        return Update(number, message=Message(2, now(), Chat(chat, "private"), text="/stop"))

    def block(number: int, chat: int) -> Update:
        bot = User(1, "Volya", is_bot=True)
        before, after = ChatMemberMember(bot), ChatMemberBanned(bot, now())
        change = ChatMemberUpdated(
            Chat(chat, "private"), User(chat, "Марыя", is_bot=False), now(), before, after
        )
        return Update(number, my_chat_member=change)

    order = overtaking.Overtaking()
    order.note(block(400, 8), None)
    assert [order.is_late(wish(number, 8)) for number in (399, 401)] == [True, False]
    assert not order.is_late(block(399, 8))
    order.note(stop(900, 5), Stopped())
    assert [order.is_late(wish(number, 5)) for number in (899, 901, 70)] == [True, False, True]
    assert not order.is_late(wish(899, 6))
    await asyncio.sleep(0.1)
    assert not order.is_late(wish(70, 5))
    order.note(stop(80, 5), Stopped())
    assert [order.is_late(wish(number, 5)) for number in (79, 81)] == [True, False]
    for chat in (6, 7):
        order.note(stop(90, chat), Stopped())
    assert not order.is_late(wish(79, 5))
    assert order.is_late(wish(79, 7))


class Slowly:
    """Takes an update, and answers only when it is told to; says what was shown, and what given up."""

    def __init__(self) -> None:
        self.taken, self.may_answer = asyncio.Event(), asyncio.Event()
        self.shown: list[Reply] = []
        self.given_up: list[Reply] = []

    async def take(self, raw: object) -> Taken:
        self.taken.set()
        await self.may_answer.wait()
        return Taken(Verdict.ACKNOWLEDGE, Reply(Destination(5), None))

    async def show(self, reply: Reply) -> None:
        self.shown.append(reply)

    def gave_up(self, reply: Reply) -> None:
        self.given_up.append(reply)


async def test_what_telegram_does_not_know_to_be_taken_is_not_answered_and_waits_for_nothing(
    unused_port: int,
) -> None:
    """The connection breaks before the 200: Telegram brings the update again."""
    edge, stop, ready = Slowly(), asyncio.Event(), asyncio.Event()
    webhook = Webhook(edge, edge, SECRET)  # type: ignore[arg-type]
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(webhook.run(stop, "127.0.0.1", unused_port, ready))
        await ready.wait()
        _, writer = await asyncio.open_connection("127.0.0.1", unused_port)
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\nContent-Length: 2\r\n\r\n"
        writer.write(head.encode() + b"{}")
        await edge.taken.wait()
        writer.transport.abort()
        await asyncio.sleep(0.2)
        edge.may_answer.set()
        await asyncio.sleep(0.2)
        stop.set()

    assert (edge.shown, [reply.to.chat_id for reply in edge.given_up]) == ([], [5])


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "ё"])
async def test_without_the_secret_nothing_is_read(hooked: tuple[Desk, str], secret: str | None) -> None:
    desk, address = hooked
    headers = {SECRET_HEADER: secret.encode().decode("latin-1")} if secret is not None else {}
    async with aiohttp.ClientSession() as session:
        update = {"update_id": 1, "message": {"message_id": 1}}
        async with session.post(address, json=update, headers=headers) as response:
            assert response.status == 403
    assert not [call for call in desk.calls if call.method == "sendMessage"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        (b"not json", 200),
        (b"[]", 200),
        (b'{"update_id": "x"}', 200),
        (b"[" * 100_000, 200),
        (b'{"update_id": 1, "message": NaN}', 200),
        (b'{"update_id": 1, "message": {"text": "\\ud800"}}', 200),
        (b"x" * (MOST_BYTES + 1), 413),
    ],
)
async def test_hostile_bodies_are_passed_over(hooked: tuple[Desk, str], body: bytes, status: int) -> None:
    desk, address = hooked
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=body, headers={SECRET_HEADER: SECRET}) as response,
    ):
        assert response.status == status
    sister = desk.person("Марыя", language_code="ru")
    sister.says("/help")
    await sister.hears()


async def test_of_two_that_start_together_both_tell_telegram_where_updates_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pointing, "AGAIN_SECONDS", (0.01, 0.01))
    desk = Desk()
    desk.faults.next("setWebhook", faults.another_set_webhook())
    async with desk.serving() as url, speaking(desk.token, url) as bot:
        address = "http://127.0.0.1:9"
        await asyncio.gather(*[at_start(lambda: point(bot, address, SECRET, 1)) for _ in range(2)])
        assert (await bot.get_webhook_info()).url == f"{address}{PATH}"
        assert [call.method for call in desk.calls].count("setWebhook") == 3


async def test_whoever_is_ended_by_another_again_and_again_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pointing, "AGAIN_SECONDS", (0.01,))
    desk = Desk()
    desk.faults.next("deleteWebhook", faults.another_set_webhook(), times=2)
    async with desk.serving() as url, speaking(desk.token, url) as bot:
        with pytest.raises(NotPointedError, match="changes the webhook at the same time"):
            await at_start(lambda: unpoint(bot))


@pytest.mark.parametrize("elsewhere", ["", "http://127.0.0.1:9/of-whoever-has-the-token"])
async def test_a_webhook_that_somebody_takes_away_raises_an_alarm_until_it_is_back(
    elsewhere: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk, address = Desk(), "http://127.0.0.1:9"

    def alarms() -> int:
        return [record.message for record in caplog.records].count(logs.Event.WEBHOOK_GONE)

    def looks() -> int:
        return [call.method for call in desk.calls].count("getWebhookInfo")

    async with desk.serving() as url, speaking(desk.token, url) as bot, asyncio.TaskGroup() as tasks:
        await point(bot, address, SECRET, 1)
        watching = tasks.create_task(watch(bot, address, 0.01))
        await desk.until(lambda: looks() > 2)
        assert alarms() == 0
        await (bot.set_webhook(elsewhere) if elsewhere else unpoint(bot))
        await desk.until(lambda: alarms() > 1)
        desk.faults.next("getWebhookInfo", faults.answer(b"", 502))
        await point(bot, address, SECRET, 1)
        seen = looks()
        await desk.until(lambda: looks() > seen + 1)
        before = alarms()
        await desk.until(lambda: looks() > seen + 3)
        assert alarms() == before
        watching.cancel()


async def test_a_token_that_was_revoked_ends_the_look_at_the_webhook() -> None:
    desk = Desk()
    async with desk.serving() as url, speaking(desk.token, url) as bot:
        desk.faults.next("getWebhookInfo", faults.answer(UNAUTHORIZED, 401))
        with pytest.raises(InvalidToken):
            await watch(bot, "http://127.0.0.1:9", 0.01)
