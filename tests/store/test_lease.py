"""The lease: one of many, by the database's clock; who stood still finds out at the next mark."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from bot.services.one_sender import deliver_alone
from bot.store import lease
from bot.store.database import PROGRAM, STANDSTILL, Database, DatabaseUnavailableError
from bot.store.shelf import FencedError
from tests.cleared_registry import connected


@pytest.fixture
async def shared(empty_postgres: str) -> AsyncIterator[Database]:
    database = Database(empty_postgres)
    await database.migrate()
    yield database
    await database.close()


async def taken(database: Database) -> int | None:
    async with database.writing() as connection:
        return await lease.take(connection)


async def passes(database: Database, seconds: float) -> None:
    """Let the holder stand still for so long."""
    async with database.writing() as connection:
        await connection.execute(
            text("UPDATE sender_lease SET renewed_at = renewed_at - make_interval(secs => :seconds)"),
            {"seconds": seconds},
        )


async def test_one_of_many_who_ask_at_once_gets_it(shared: Database) -> None:
    tokens = await asyncio.gather(*(taken(shared) for _ in range(4)))
    assert sorted(token or 0 for token in tokens) == [0, 0, 0, 1]


async def test_it_is_taken_over_only_from_who_stood_still(shared: Database) -> None:
    assert await taken(shared) == 1
    await passes(shared, lease.SECONDS - 3)
    assert await taken(shared) is None
    async with shared.writing() as connection:
        await lease.still_held(connection, 1)
    await passes(shared, lease.SECONDS - 3)
    assert await taken(shared) is None, "renewing counts from anew"
    await passes(shared, 4)
    assert await taken(shared) == 2


async def test_the_old_holder_is_fenced_and_cannot_give_up_what_is_not_theirs(shared: Database) -> None:
    await taken(shared)
    await passes(shared, lease.SECONDS + 1)
    assert await taken(shared) == 2
    with pytest.raises(FencedError):
        async with shared.writing() as connection:
            await lease.still_held(connection, 1)
    async with shared.writing() as connection:
        await lease.give_up(connection, 1)
    assert await taken(shared) is None
    async with shared.writing() as connection:
        await lease.give_up(connection, 2)
    assert await taken(shared) == 3


async def test_a_mark_under_way_keeps_the_lease_while_its_time_lasts(shared: Database) -> None:
    await taken(shared)
    await passes(shared, lease.SECONDS - 1)
    async with shared.writing() as connection:
        await lease.still_held(connection, 1)
        async with asyncio.timeout(3):
            assert await taken(shared) is None, "and nobody waits for its end to know"
    await passes(shared, 2)
    assert await taken(shared) is None, "it has renewed the lease"


async def test_marks_that_a_frozen_holder_left_open_are_ended_and_were_never_made(shared: Database) -> None:
    await taken(shared)
    await passes(shared, lease.SECONDS + 1)
    begun = asyncio.Event()

    async def frozen(stands_still: asyncio.Event) -> None:
        async with shared.writing() as connection:
            begun.set()
            await lease.still_held(connection, 1)
            await stands_still.wait()

    forever = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        marks = [tasks.create_task(ended(frozen(forever))) for _ in range(3)]  # two wait for the first
        await begun.wait()
        await asyncio.sleep(0.2)
        async with asyncio.timeout(3):  # each would keep it for the five seconds of STANDSTILL
            assert await taken(shared) == 2
        forever.set()
    assert [mark.result() for mark in marks] == [True, True, True]


@pytest.mark.parametrize("who", ["standby", "holder"])
async def test_what_a_frozen_process_holds_amid_a_statement_is_let_go(
    shared: Database, empty_postgres: str, who: str
) -> None:
    """Such a transaction is idle to nobody: the server itself would let it lock others out for ever.

    Of the holder itself it may be a mark, which holds the lease, too. Whoever fetches slowly is left alone.
    """
    await taken(shared)
    frozen, others = Database(empty_postgres), Database(empty_postgres)
    begun, forever = asyncio.Event(), asyncio.Event()

    async def stands_still() -> None:
        async with frozen.writing() as connection:
            await connection.execute(_LOCK)
            if who == "holder":
                await lease.still_held(connection, 1)
            await _begins_a_statement((await connection.get_raw_connection()).driver_connection)
            begun.set()
            await forever.wait()

    async with (
        asyncio.TaskGroup() as tasks,
        connected(empty_postgres) as operator,
        fetched_slowly(empty_postgres),
    ):
        is_ended = tasks.create_task(ended(stands_still()))
        await operator.execute("BEGIN")
        await _begins_a_statement(operator)
        await begun.wait()
        await asyncio.sleep(float(STANDSTILL.removesuffix("s")) + 0.5)
        async with others.writing() as connection:
            assert not (await connection.execute(_TRY)).scalar_one(), "the server's own timeout saw nothing"

        if who == "standby":
            await passes(shared, lease.SECONDS + 1)
            assert await taken(shared) == 2
        else:
            async with asyncio.timeout(5), shared.writing() as connection:
                await lease.renew(connection, 1)

        async with asyncio.timeout(5), others.writing() as connection:
            await connection.execute(_LOCK)
        assert await operator.fetchval("SELECT 7") == 7, "whoever else is connected is left alone"
        forever.set()
    assert is_ended.result()
    await frozen.close()
    await others.close()


_LOCK, _TRY = text("SELECT pg_advisory_xact_lock(7)"), text("SELECT pg_try_advisory_xact_lock(7)")


@asynccontextmanager
async def fetched_slowly(address: str) -> AsyncIterator[None]:
    """Fetch something long all the while, and see that it comes."""
    async with connected(address, server_settings={"application_name": PROGRAM}) as driver:
        driver._transport.pause_reading()
        fetched = asyncio.ensure_future(driver.execute("SELECT repeat('x', 10000000)"))
        try:
            yield
        finally:
            driver._transport.resume_reading()
            assert await fetched == "SELECT 1"


async def _begins_a_statement(driver: Any) -> None:
    """Stand where a process stands that was frozen between the first two messages of a statement."""
    await driver.prepare("SELECT 7")


async def test_a_holder_of_another_role_is_waited_for(shared: Database, empty_postgres: str) -> None:
    await taken(shared)
    await passes(shared, lease.SECONDS + 1)
    async with shared.writing() as connection:
        await connection.execute(text("CREATE ROLE standby LOGIN"))
        await connection.execute(text("GRANT USAGE ON SCHEMA public TO standby"))
        await connection.execute(text("GRANT ALL ON sender_lease TO standby"))
    other = Database(empty_postgres.replace("postgres@", "standby@"))
    async with asyncio.TaskGroup() as tasks, shared.writing() as connection:
        await lease.still_held(connection, 1)
        standby = tasks.create_task(taken(other))
        done, _ = await asyncio.wait({standby}, timeout=0.5)
        assert not done
    assert standby.result() is None, "the holder has renewed it meanwhile"
    await other.close()


async def ended(mark: Coroutine[None, None, None]) -> bool:
    """Return whether the database ended a transaction."""
    try:
        await mark
    except DatabaseUnavailableError:
        return True
    return False


async def test_a_standby_delivers_when_the_sender_stops_and_never_beside_it(shared: Database) -> None:
    delivering: set[str] = set()
    fences: list[int] = []
    began = asyncio.Event()

    async def as_the(name: str) -> None:
        async def deliver(fence: int) -> None:
            assert not delivering
            delivering.add(name)
            fences.append(fence)
            began.set()
            try:
                await asyncio.Event().wait()
            finally:
                delivering.remove(name)

        await deliver_alone(shared, deliver)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lease, "RENEW_SECONDS", 0.05)
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            senders = {name: tasks.create_task(as_the(name)) for name in ("one", "other")}
            for _ in range(2):
                await began.wait()
                began.clear()
                [holder] = delivering
                senders.pop(holder).cancel()
    assert fences == [1, 2]


async def test_a_sender_that_is_fenced_or_loses_its_database_stands_by_and_comes_back(
    shared: Database,
) -> None:
    fences: list[int] = []

    async def deliver(fence: int) -> None:
        fences.append(fence)
        if len(fences) == 1:
            raise FencedError("another process is the sender")
        if len(fences) == 2:
            raise DatabaseUnavailableError("away")
        raise RuntimeError("the end of this test")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lease, "RENEW_SECONDS", 0.05)
        with pytest.raises(ExceptionGroup) as caught:
            await deliver_alone(shared, deliver)
    assert caught.group_contains(RuntimeError)
    assert fences == [1, 2, 3]


async def test_on_sqlite_there_is_nobody_to_share_with(seeded: Database) -> None:
    fences: list[int] = []

    async def deliver(fence: int) -> None:
        fences.append(fence)

    await deliver_alone(seeded, deliver)
    assert fences == [0]
