"""The shelf on PostgreSQL: a table for each epoch, any number of processes, one at a time that re-keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from functools import lru_cache
from secrets import randbits
from typing import Any

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    TableClause,
    TextClause,
    column,
    delete,
    func,
    insert,
    select,
    table,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import lease
from bot.store.database import Database, DatabaseUnavailableError
from bot.store.postgres_copy import Copied, as_copy
from bot.store.shelf import (
    Add,
    Edit,
    Exchange,
    Replay,
    Row,
    ShelfRefusedError,
    StaleEpochError,
    Touched,
    Write,
)

_TRIES = 100
_UNDEFINED_TABLE, _LOCK_NOT_AVAILABLE = "42P01", "55P03"
_EXCHANGES = 0x766F6C7961
"""The advisory lock under which rows are exchanged, so that the dummies stay in one run."""
_KEYS = 0x6B657973
"""The one under which keys are made and destroyed: of two at once each would destroy the other's."""
_EXPORT_SECONDS = 6 * 3600.0
"""How long a whole table may take to be copied out: the disk that a backup goes to may be slow."""
_BAND_SECONDS = 300.0
"""How long a part of a new table may take: nothing else is tidied up meanwhile."""
_SWAP_WAITS = "1s"
"""How long a swap waits for a lock: the sender's marks wait behind it, and its lease lasts a few seconds."""
_SWAP_TRIES = 5
_SWAP_PAUSE = 2.0
"""How long everybody else goes on between two tries, in seconds; whoever stands still is ended meanwhile."""
_LEFT = "_left"
"""What follows the name of a table that is no longer current, until it is dropped."""
_OURS = rf"^vault_\d+({_LEFT})?$"
_STATE = table("vault_state", column("epoch", BigInteger), column("generation", BigInteger))

# Anything here that is not quiet writes statements into the server's log, with their parameters.
_LOUD = {
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
}


class PostgresShelf:
    """`vault_<epoch>`, and one row of `vault_state` that says which of them is current."""

    def __init__(self, database: Database) -> None:
        """Keep rows in a database that somebody else closes."""
        self._database = database
        self._watched_from = "0"
        self._own_lock: int | None = None
        """An advisory lock that nobody else knows of, held together with that of keys."""

    async def open(self) -> None:
        """Make the table of state where there is none. Raises ShelfRefusedError."""
        async with self._database.writing() as connection:
            await _refuse_logging(connection)
            if (await connection.execute(text("SELECT to_regclass('vault_state')"))).scalar_one() is None:
                await connection.execute(text("CREATE TABLE vault_state (epoch bigint, generation bigint)"))

    async def close(self) -> None:
        """Do nothing: the database is closed by whoever opened it."""

    async def current(self) -> tuple[int, int] | None:
        """Return the current epoch and its generation; wait for a swap that is under way."""
        async with self._database.writing() as connection:
            await connection.execute(text("LOCK TABLE vault_state IN SHARE MODE"))
            found = (await connection.execute(select(_STATE))).one_or_none()
        return None if found is None else (found.epoch, found.generation)

    async def peek(self) -> tuple[int, int] | None:
        """Return the current epoch and its generation as they stand, for whoever only looks."""
        async with self._database.reading() as connection:
            return await _state_of(connection)

    async def set_generation(self, epoch: int, generation: int) -> None:
        """Write down the generation beside the epoch, unless another process has written a later one."""
        newest = func.greatest(_STATE.c.generation, generation)
        reached = update(_STATE).where(_STATE.c.epoch == epoch).values(generation=newest)
        async with self._database.writing() as connection:
            if (await connection.execute(reached)).rowcount != 1:
                raise StaleEpochError

    async def export(self, write: Write) -> int | None:
        """Write every row of the current table in the order of tags, as one statement sees them.

        The order in which they lie would say which were written last; so this is the only COPY there is.
        """
        for _ in range(_TRIES):
            try:
                return await self._export(write)
            except StaleEpochError:
                continue
        raise StaleEpochError

    async def _export(self, write: Write) -> int | None:
        async with self._database.reading() as connection:
            found = await _state_of(connection)
            if found is None:
                return None
            copied = Copied(write)
            driver: Any = (await connection.get_raw_connection()).driver_connection
            query = f"SELECT tag, blob FROM {_rows(found[0]).name} ORDER BY tag"  # noqa: S608  (our name)
            with _stale():
                await driver.copy_from_query(
                    query, output=copied.take, format="binary", timeout=_EXPORT_SECONDS
                )
            return copied.rows

    async def get(self, epoch: int, tag: bytes) -> bytes | None:
        """Return a row's blob."""
        rows = _rows(epoch)
        with _stale():
            async with self._database.reading() as connection:
                found = await connection.execute(select(rows.c.blob).where(rows.c.tag == tag))
                blob: bytes | None = found.scalar_one_or_none()
                return blob

    async def chunk(self, epoch: int, after: bytes, limit: int) -> list[Row]:
        """Return the rows that follow a tag."""
        rows = _rows(epoch)
        query = select(rows).where(rows.c.tag > after).order_by(rows.c.tag).limit(limit)
        with _stale():
            async with self._database.reading() as connection:
                # As tuples: the driver's own rows are what the garbage collector walks, and the loop waits.
                return [(tag, blob) for tag, blob in await connection.execute(query)]

    async def count(self, epoch: int) -> int:
        """Return how many rows there are."""
        with _stale():
            async with self._database.reading() as connection:
                found = await connection.execute(select(func.count()).select_from(_rows(epoch)))
                return found.scalar_one()

    async def get_many(self, epoch: int, tags: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the blobs of the rows that are there."""
        rows = _rows(epoch)
        with _stale():
            async with self._database.reading() as connection:
                found = await connection.execute(_many(rows.name), {"tags": list(tags)})
                return {tag: blob for tag, blob in found}

    async def replace_many(self, epoch: int, edits: Sequence[Edit], fence: int = 0) -> frozenset[bytes]:
        """Put blobs in place of exactly these, in one statement, behind the fence."""
        # In the order of tags, so that two processes never wait for each other's rows.
        ordered = sorted(edits, key=lambda edit: edit.tag)
        given = {
            "tags": [edit.tag for edit in ordered],
            "olds": [edit.old for edit in ordered],
            "news": [edit.new for edit in ordered],
        }
        with _stale():
            async with self._database.writing() as connection:
                if fence:
                    await lease.still_held(connection, fence)
                if not edits:
                    return frozenset()
                return frozenset((await connection.execute(_replacing(_rows(epoch).name), given)).scalars())

    async def exchange_many(self, epoch: int, exchanges: Sequence[Exchange]) -> int:
        """Exchange rows in turn, in one transaction."""
        with _stale():
            async with self._database.writing() as connection:
                await connection.execute(select(func.pg_advisory_xact_lock(_EXCHANGES)))
                for done, exchange in enumerate(exchanges):
                    if not await _exchange(connection, _rows(epoch), exchange):
                        return done
                return len(exchanges)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Hold a lock of the database; of a process that stands still it is taken away after some minutes."""
        async with self._database.writing() as connection:
            await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '5min'"))
            await connection.execute(select(func.pg_advisory_xact_lock(_KEYS)))
            own_lock = randbits(63)
            await connection.execute(select(func.pg_advisory_xact_lock(own_lock)))
            self._own_lock = own_lock
            try:
                yield
            finally:
                self._own_lock = None

    async def still_alone(self) -> None:
        """Raise DatabaseUnavailableError where the server has taken the lock away."""
        async with self._database.writing() as connection:
            await self._see_that_we_are_alone(connection)

    async def _see_that_we_are_alone(self, connection: AsyncConnection) -> None:
        """Try our own lock from another session: it can be had only once ours has ended."""
        if self._own_lock is None:
            return
        if (await connection.execute(select(func.pg_try_advisory_xact_lock(self._own_lock)))).scalar_one():
            raise DatabaseUnavailableError("the lock of keys was taken away")

    @asynccontextmanager
    async def building(self, epoch: int) -> AsyncIterator[Add]:
        """Make a table in one transaction; its rows are copied in frozen, its index is built at the end."""
        name = _rows(epoch).name
        async with self._database.writing() as connection:
            for statement in (
                # Between the bands of a long table all of the old one is read; nobody waits for the new one.
                "SET LOCAL idle_in_transaction_session_timeout = '1min'",
                f"DROP TABLE IF EXISTS {name}",
                f"CREATE TABLE {name} (tag bytea NOT NULL, blob bytea NOT NULL)",
                # Plain: nothing is compressed or moved aside. No statistics: they would be copies of tags.
                f"ALTER TABLE {name} ALTER tag SET STORAGE PLAIN, ALTER blob SET STORAGE PLAIN",
                f"ALTER TABLE {name} ALTER tag SET STATISTICS 0, ALTER blob SET STATISTICS 0",
            ):
                await connection.execute(text(statement))
            driver: Any = (await connection.get_raw_connection()).driver_connection

            async def add(rows: list[Row]) -> None:
                await driver.copy_to_table(
                    name, source=as_copy(rows), format="binary", freeze=True, timeout=_BAND_SECONDS
                )

            yield add
            await connection.execute(text(f"ALTER TABLE {name} ADD PRIMARY KEY (tag)"))

    async def watch(self, epoch: int) -> None:
        """Remember which transactions are over: rows of any other have changed since."""
        del epoch
        async with self._database.writing() as connection:
            query = text("SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text)")
            self._watched_from = (await connection.execute(query)).scalar_one()

    async def swap(
        self, old: int | None, new: int, generation: int, known: Collection[bytes], replay: Replay
    ) -> None:
        """Swap in one transaction, which other writers wait for and then find their table gone.

        A backup to a slow disk reads the old table for hours, and all writers would wait with us: so it is
        tried a few times, and given up.
        """
        for _ in range(_SWAP_TRIES):
            with suppress(_LockedError), _stale():
                async with self._database.writing() as connection:
                    with _locked():
                        return await self._swap(connection, old, new, generation, known, replay)
            await asyncio.sleep(_SWAP_PAUSE)
        raise DatabaseUnavailableError("the rows are locked")

    async def _swap(
        self,
        connection: AsyncConnection,
        old: int | None,
        new: int,
        generation: int,
        known: Collection[bytes],
        replay: Replay,
    ) -> None:
        await connection.execute(text(f"SET LOCAL lock_timeout = '{_SWAP_WAITS}'"))
        await connection.execute(text("LOCK TABLE vault_state IN EXCLUSIVE MODE"))
        # Whoever tidied up while we stood still has dropped it.
        await connection.execute(text(f"LOCK TABLE {_rows(new).name} IN EXCLUSIVE MODE"))
        touched: list[Touched] = []
        if old is not None:
            await connection.execute(text(f"LOCK TABLE {_rows(old).name} IN EXCLUSIVE MODE"))
            touched = await self._touched(connection, _rows(old), known)
        edits = replay(touched)
        # Whoever only changed is put there with one statement: every other writer waits.
        await _put(connection, _rows(new), [edit for edit in edits if edit.came == edit.gone])
        for edit in edits:
            if edit.came != edit.gone and not await _exchange(connection, _rows(new), edit):
                raise RuntimeError("a change does not fit the new table")
        if old is not None:
            # To drop it here would keep every writer waiting while its file is deleted.
            aside = f"ALTER TABLE {_rows(old).name} RENAME TO {_rows(old).name}{_LEFT}"
            await connection.execute(text(aside))
        # The sender may be another process, and have gone on meanwhile.
        reached = (await connection.execute(select(_STATE.c.generation))).scalar_one_or_none() or 0
        await connection.execute(delete(_STATE))
        state = {"epoch": new, "generation": max(generation, reached)}
        await connection.execute(insert(_STATE).values(state))
        # Others may be at it since, and have destroyed our keys. Who begins from here on asks for
        # the state first, and waits for us.
        await self._see_that_we_are_alone(connection)

    async def drop_others(self, epoch: int) -> None:
        """Drop every table but this one, while none is swapped in."""
        ours = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema AND tablename ~ :name")
        async with self._database.writing() as connection:
            # Whoever stood still since it last looked would drop what has become the current one.
            await connection.execute(text("LOCK TABLE vault_state IN ROW SHARE MODE"))
            if (await connection.execute(select(_STATE.c.epoch))).scalar_one_or_none() != epoch:
                raise StaleEpochError
            for name in (await connection.execute(ours, {"name": _OURS})).scalars().all():
                if name != _rows(epoch).name:
                    await connection.execute(text(f"DROP TABLE IF EXISTS {name}"))

    async def tidy(self) -> None:
        """Do nothing: the server's journal is the server's."""

    async def _touched(
        self, connection: AsyncConnection, rows: TableClause, known: Collection[bytes]
    ) -> list[Touched]:
        # A row carries the number of the transaction that wrote it; an update is a row of a new number.
        changed = text("age(xmin) <= age(CAST(CAST(CAST(:since AS text) AS xid8) AS xid))")
        found = await connection.execute(select(rows).where(changed), {"since": self._watched_from})
        touched: list[Touched] = [(tag, blob) for tag, blob in found]
        if any(tag not in known for tag, _ in touched):
            # Somebody came or left; only then can a row be missing.
            there = set((await connection.execute(select(rows.c.tag))).scalars())
            touched += [(tag, None) for tag in known if tag not in there]
        return touched


@lru_cache(maxsize=4)
def _rows(epoch: int) -> TableClause:
    return table(f"vault_{int(epoch)}", column("tag", LargeBinary), column("blob", LargeBinary))


@lru_cache(maxsize=4)
def _many(name: str) -> TextClause:
    """Return how rows are asked for: arrays, so that it is one statement for any number of them."""
    return text(f"SELECT tag, blob FROM {name} WHERE tag = ANY(CAST(:tags AS bytea[]))")  # noqa: S608


@lru_cache(maxsize=4)
def _replacing(name: str) -> TextClause:
    return text(
        f"UPDATE {name} AS kept SET blob = edit.new "  # noqa: S608  (our name)
        "FROM unnest(CAST(:tags AS bytea[]), CAST(:olds AS bytea[]), CAST(:news AS bytea[])) "
        "AS edit(tag, old, new) WHERE kept.tag = edit.tag AND kept.blob = edit.old RETURNING kept.tag"
    )


@lru_cache(maxsize=4)
def _putting(name: str) -> TextClause:
    return text(
        f"UPDATE {name} AS kept SET blob = edit.new "  # noqa: S608  (our name)
        "FROM unnest(CAST(:tags AS bytea[]), CAST(:news AS bytea[])) AS edit(tag, new) "
        "WHERE kept.tag = edit.tag"
    )


class _LockedError(Exception):
    """Somebody holds a table for longer than may be waited for."""


def _stale() -> AbstractContextManager[None]:
    """Raise StaleEpochError for "no such table"."""
    return _raising(StaleEpochError, _UNDEFINED_TABLE)


def _locked() -> AbstractContextManager[None]:
    """Raise _LockedError for a lock that was not to be had in time."""
    return _raising(_LockedError, _LOCK_NOT_AVAILABLE)


@contextmanager
def _raising(ours: type[Exception], state: str) -> Iterator[None]:
    """Raise an error of ours for a state of PostgreSQL's, from SQLAlchemy or, in COPY, from the driver."""
    try:
        yield
    except Exception as error:
        if getattr(getattr(error, "orig", error), "sqlstate", None) == state:
            raise ours from None
        raise


async def _state_of(connection: AsyncConnection) -> tuple[int, int] | None:
    made = await connection.execute(text("SELECT to_regclass('vault_state')"))
    found = (await connection.execute(select(_STATE))).one_or_none() if made.scalar_one() else None
    return None if found is None else (found.epoch, found.generation)


async def _refuse_logging(connection: AsyncConnection) -> None:
    names = ["log_parameter_max_length", "log_parameter_max_length_on_error", *_LOUD]
    query = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")
    found: dict[str, str] = {
        row.name: row.setting for row in await connection.execute(query, {"names": names})
    }
    loud = [name for name, quiet in _LOUD.items() if found.get(name, quiet) != quiet]
    if loud and found.get("log_parameter_max_length") != "0":
        raise ShelfRefusedError("PostgreSQL would log parameters: set log_parameter_max_length = 0")
    if found.get("log_parameter_max_length_on_error", "0") != "0":
        raise ShelfRefusedError("PostgreSQL would log parameters: set log_parameter_max_length_on_error = 0")


async def _exchange(connection: AsyncConnection, rows: TableClause, exchange: Exchange) -> bool:
    """Exchange two rows if everything is as it must be; look first, so that no error quotes a tag."""
    tags = [exchange.gone, exchange.came, exchange.present, exchange.absent]
    query = select(rows).where(rows.c.tag.in_([tag for tag in tags if tag is not None])).with_for_update()
    there: dict[bytes, bytes] = {tag: blob for tag, blob in await connection.execute(query)}
    if (
        exchange.gone not in there
        or (exchange.gone_blob is not None and there[exchange.gone] != exchange.gone_blob)
        or (exchange.present is not None and exchange.present not in there)
        or (exchange.absent is not None and exchange.absent in there)
        or (exchange.came != exchange.gone and exchange.came in there)
    ):
        return False
    await connection.execute(delete(rows).where(rows.c.tag == exchange.gone))
    await connection.execute(insert(rows).values(tag=exchange.came, blob=exchange.blob))
    return True


async def _put(connection: AsyncConnection, rows: TableClause, edits: list[Exchange]) -> None:
    """Put blobs in rows that are there, with one statement."""
    given = {"tags": [edit.came for edit in edits], "news": [edit.blob for edit in edits]}
    if edits and (await connection.execute(_putting(rows.name), given)).rowcount != len(edits):
        raise RuntimeError("a change does not fit the new table")
