"""The webhook: a secret before anything is read, 503 while the database is away, answers after 200."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.app import WebhookAddress
from bot.chat import pointing
from bot.chat.intake import Taken, Verdict
from bot.chat.pointing import NotPointedError, at_start, point, speaking, unpoint
from bot.chat.replies import Destination, Reply
from bot.chat.webhook import MOST_BYTES, PATH, SECRET_HEADER, Webhook
from bot.desk import faults
from bot.desk.desk import Desk
from bot.store.database import Database
from tests.running import plan_for, running

SECRET = "a-secret-of-the-test"


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
