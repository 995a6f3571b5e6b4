"""One sender: of several processes on one PostgreSQL one delivers, the others stand by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from bot import logs
from bot.store import lease
from bot.store.database import Database, DatabaseUnavailableError
from bot.store.shelf import FencedError

Deliver = Callable[[int], Coroutine[None, None, None]]


async def deliver_alone(database: Database, deliver: Deliver) -> None:
    """Deliver whenever this process is the sender, until cancelled. Raises what `deliver` raises.

    `deliver` gets the token that fences its marks; 0 on SQLite, where a lock keeps others out already.
    """
    if database.dialect == "sqlite":
        await deliver(0)
        return
    while True:
        try:
            await _hold(database, deliver)
        except* (FencedError, DatabaseUnavailableError):
            pass  # who was the sender has said so; a standby has nothing to say each time it asks
        if (task := asyncio.current_task()) and task.cancelling():
            raise asyncio.CancelledError  # it was told to end, whatever failed meanwhile
        await asyncio.sleep(lease.RENEW_SECONDS)


async def _hold(database: Database, deliver: Deliver) -> None:
    async with database.writing() as connection:
        token = await lease.take(connection)
    if token is None:
        return
    logs.event(logs.Event.SENDER_TOOK_OVER)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_renew(database, token))
            # Not in a task: a group whose body is over counts a failed task as a cancellation of this one,
            # for ever, and the next call that takes too long would end it without a word (Python 3.11).
            await deliver(token)
    except* (FencedError, DatabaseUnavailableError):
        logs.event(logs.Event.SENDER_STEPPED_BACK)
    finally:
        await _give_up(database, token)


async def _renew(database: Database, token: int) -> None:
    while True:
        await asyncio.sleep(lease.RENEW_SECONDS)
        async with database.writing() as connection:
            await lease.renew(connection, token)


async def _give_up(database: Database, token: int) -> None:
    """Let a standby take over at once; where the database is away, it takes over by itself."""
    try:
        async with database.writing() as connection:
            await lease.give_up(connection, token)
    except DatabaseUnavailableError:
        logs.event(logs.Event.DATABASE_UNAVAILABLE)
