"""One sender: it steps back and stands by as often as it must, and ends when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from bot import logs
from bot.services.one_sender import deliver_alone
from bot.store import lease
from bot.store.database import Database, DatabaseUnavailableError
from bot.store.shelf import FencedError
from bot.store.tables import sender_lease
from tests.cleared_registry import ClearedRegistry


@pytest.fixture
async def shared(
    cleared_registry: ClearedRegistry, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    """A registry that several processes could share; whoever stepped back tries again at once."""
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.01)
    database = Database(await cleared_registry.given())
    yield database
    await database.close()


async def ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait({task}, timeout=10)
    assert task.done()


async def test_who_stepped_back_counts_as_cancelled_by_nobody(shared: Database) -> None:
    """Otherwise the first connection that takes too long would end it without a word."""
    counts: list[int] = []
    again = asyncio.Event()

    async def deliver(token: int) -> None:
        counts.append(running.cancelling())
        if len(counts) == 1:
            raise FencedError("somebody else is")
        if len(counts) == 2:
            async with shared.writing() as connection:
                await connection.execute(update(sender_lease).values(token=token + 1))
        else:
            again.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(deliver_alone(shared, deliver))  # noqa: TID251  (it ends with the test)
    async with asyncio.timeout(20):
        await again.wait()
    running.cancel()
    await ended(running)
    assert counts == [0, 0, 0]
    assert running.cancelled()


async def test_only_who_was_the_sender_says_that_it_is_not_any_more(
    shared: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[logs.Event] = []
    monkeypatch.setattr(logs, "event", lambda event, *_, **__: said.append(event))
    asked: list[object] = []
    often = asyncio.Event()

    async def away(connection: object) -> None:
        asked.append(connection)
        if len(asked) == 3:
            often.set()
        raise DatabaseUnavailableError("it is away")

    async def deliver(_: int) -> None:
        monkeypatch.setattr(lease, "take", away)
        raise DatabaseUnavailableError("it is away")

    running = asyncio.create_task(deliver_alone(shared, deliver))  # noqa: TID251  (it ends with the test)
    async with asyncio.timeout(20):
        await often.wait()
    running.cancel()
    await ended(running)
    assert said == [logs.Event.SENDER_TOOK_OVER, logs.Event.SENDER_STEPPED_BACK]


async def test_what_fails_while_it_ends_does_not_keep_it_alive(shared: Database) -> None:
    begun = asyncio.Event()

    async def deliver(_token: int) -> None:
        if begun.is_set():
            await asyncio.Event().wait()  # begun anew: it can be ended, and the test fails
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise FencedError("somebody else is")

    running = asyncio.create_task(deliver_alone(shared, deliver))  # noqa: TID251  (it ends with the test)
    await begun.wait()
    running.cancel()
    await ended(running)
    assert running.cancelled()
