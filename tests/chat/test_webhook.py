"""The webhook: a secret before anything is read, 503 while the database is away, answers after 200."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.app import WebhookAddress
from bot.chat.webhook import MOST_BYTES, SECRET_HEADER
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
