"""The lease: which of several processes on one PostgreSQL is the sender, by the database's own clock.

Its holder renews it every few seconds. One that stands still longer loses it to a standby, and finds out
with the next mark: each mark's transaction touches the holder's token, and a token that is gone stops it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import PROGRAM, SILENCE_SECONDS, STANDSTILL
from bot.store.shelf import FencedError
from bot.store.tables import sender_lease

SECONDS = 8
"""How long a lease lasts without being renewed."""
RENEW_SECONDS = 2.0
_NOW = func.clock_timestamp()
_END_THE_HOLDER = text(
    "SELECT pg_terminate_backend(pid) FROM pg_locks"
    " WHERE pid <> pg_backend_pid() AND locktype = 'relation' AND relation = 'sender_lease'::regclass"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND pid IN (SELECT pid FROM pg_stat_activity WHERE usename = current_user)"
    " GROUP BY pid HAVING bool_or(mode = 'RowExclusiveLock') AND NOT bool_or(mode = 'ExclusiveLock')"
)
"""End whoever writes to the lease, but for a standby, which locks it whole before it writes.

Another role's transaction may not be ended: PostgreSQL would refuse, and nobody would ever take over.
"""
_END_WHO_STANDS_STILL = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"  # noqa: S608  (our own constants)
    " WHERE pid <> pg_backend_pid() AND datname = current_database() AND usename = current_user"
    f" AND application_name = '{PROGRAM}' AND state = 'active' AND query NOT LIKE 'COPY%'"
    " AND state_change < clock_timestamp() - CASE wait_event"
    f" WHEN 'ClientRead' THEN interval '{STANDSTILL}'"
    f" WHEN 'ClientWrite' THEN interval '{SILENCE_SECONDS} seconds' END"
)
"""End what a process that stands still has begun between two messages of one statement, or has not fetched.

The server's own timeout for standing still does not know such a transaction, and it may hold what all others
wait for. (`transaction_timeout` would; PostgreSQL has it from 17 on.) A copy of all rows takes its time, and
whoever fetches may have a slow line.
"""


async def take(connection: AsyncConnection) -> int | None:
    """Take the lease if nobody holds it; return the new token, or None.

    A holder that was frozen amid its marks keeps the lease's row locked, each of its transactions until
    the database ends it, one after the other. Once its time is over they are ended here instead.
    """
    if (held := await _held(connection)) is not None:
        if not held.over:
            return None
        await connection.execute(_END_THE_HOLDER)
        await connection.execute(_END_WHO_STANDS_STILL)
    await connection.execute(text("LOCK TABLE sender_lease IN EXCLUSIVE MODE"))
    held = await _held(connection)  # another standby may have been quicker
    if held is None:
        await connection.execute(insert(sender_lease).values(token=1, renewed_at=_NOW))
        return 1
    if not held.over:
        return None
    token = int(held.token) + 1
    await connection.execute(update(sender_lease).values(token=token, renewed_at=_NOW))
    return token


async def _held(connection: AsyncConnection) -> Row[Any] | None:
    """Return the `token` that was given last, and whether its time is `over`; takes no lock of the row."""
    over = sender_lease.c.renewed_at < _NOW - text(f"interval '{SECONDS} seconds'")
    return (await connection.execute(select(sender_lease.c.token, over.label("over")))).one_or_none()


async def still_held(connection: AsyncConnection, token: int) -> None:
    """Renew the lease within a transaction. Raises FencedError when it is somebody else's."""
    renewal = update(sender_lease).where(sender_lease.c.token == token).values(renewed_at=_NOW)
    if (await connection.execute(renewal)).rowcount != 1:
        raise FencedError("another process is the sender")


async def renew(connection: AsyncConnection, token: int) -> None:
    """Do the same, and end what others who stand still hold. Raises FencedError."""
    # In this order: the lease itself may be what they hold.
    await connection.execute(_END_WHO_STANDS_STILL)
    await still_held(connection, token)


async def give_up(connection: AsyncConnection, token: int) -> None:
    """Let a standby take over at once."""
    over = _NOW - text(f"interval '{SECONDS + 1} seconds'")
    await connection.execute(
        update(sender_lease).where(sender_lease.c.token == token).values(renewed_at=over)
    )
