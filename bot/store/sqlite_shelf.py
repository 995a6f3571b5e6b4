"""The shelf on SQLite: a file for each epoch, one process, one connection that writes."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from functools import partial
from itertools import chain, islice, takewhile
from pathlib import Path
from typing import TypeVar

from bot.store.database import BUSY_MILLISECONDS, translated
from bot.store.files import Lock, sync, sync_folder
from bot.store.shelf import Add, Edit, Exchange, Replay, Row, StaleEpochError, Write

T = TypeVar("T")
_FILE = re.compile(r"vault-([1-9][0-9]*)\.db")
_TRIES = 100
_AT_ONCE = 1024
"""Rows for one statement."""
_BESIDE = ("", "-wal", "-shm", "-journal")


class SqliteShelf:
    """`vault-<epoch>.db` in a folder. A file is whole when its user_version is not 0: the generation.

    SQLAlchemy is left out here: a scan reads 100,000 rows, and its row objects cost as much as
    opening them. Writing and reading have a thread each; whatever one thread does is one piece.
    """

    def __init__(self, folder: Path) -> None:
        """Keep rows in a folder; nothing is opened yet."""
        self._folder = folder
        self._lock: Lock | None = None
        self._epoch: int | None = None
        self._writer: sqlite3.Connection | None = None
        self._reader: tuple[int, sqlite3.Connection] | None = None
        self._old_writers: list[sqlite3.Connection] = []
        self._touched: set[bytes] | None = None
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="vault-writer")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="vault-reader")

    async def open(self) -> None:
        """Take the folder for this process and find the current file. Raises InUseError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = Lock(self._folder / "vault.lock")
        await self._write(self._find)

    async def close(self) -> None:
        """Close the files; the journal is emptied into them."""
        await self._in(self._reading, self._close_reader)
        await self._in(self._writing, self._close_writers)
        self._reading.shutdown()
        self._writing.shutdown()
        if self._lock is not None:
            self._lock.release()

    async def current(self) -> tuple[int, int] | None:
        """Return the epoch whose file is whole, and its generation."""
        if self._epoch is None:
            return None
        epoch = self._epoch
        return epoch, await self._write(lambda: _user_version(self._writing_to(epoch)))

    async def peek(self) -> tuple[int, int] | None:
        """Return the epoch of the newest whole file, and its generation, for whoever only looks."""

        def peek() -> tuple[int, int] | None:
            found = self._newest()
            if found is None:
                return None
            epoch, connection = found
            with closing(connection):
                return epoch, _user_version(connection)

        with translated():
            return await asyncio.to_thread(peek)

    async def set_generation(self, epoch: int, generation: int) -> None:
        """Write down the generation in the file's header: the one process that keeps it counts upwards."""
        await self._write(
            lambda: self._writing_to(epoch).execute(f"PRAGMA user_version={int(generation)}").close()
        )

    async def export(self, write: Write) -> int | None:
        """Write every row of the current file in the order of tags; the process that keeps it may go on."""

        def export() -> int | None:
            found = self._newest()
            if found is None:
                return None
            count = 0
            with closing(found[1]) as file:
                for row in file.execute("SELECT tag, blob FROM vault ORDER BY tag"):
                    write(b"".join(row))
                    count += 1
            return count

        with translated():
            return await asyncio.to_thread(export)

    async def get(self, epoch: int, tag: bytes) -> bytes | None:
        """Return a row's blob."""

        def get() -> bytes | None:
            found = (
                self._reading_from(epoch).execute("SELECT blob FROM vault WHERE tag = ?", (tag,)).fetchone()
            )
            return None if found is None else bytes(found[0])

        return await self._read(get)

    async def chunk(self, epoch: int, after: bytes, limit: int) -> list[Row]:
        """Return the rows that follow a tag."""
        query = "SELECT tag, blob FROM vault WHERE tag > ? ORDER BY tag LIMIT ?"
        return await self._read(lambda: self._reading_from(epoch).execute(query, (after, limit)).fetchall())

    async def count(self, epoch: int) -> int:
        """Return how many rows there are."""

        def count() -> int:
            return int(self._reading_from(epoch).execute("SELECT count(*) FROM vault").fetchone()[0])

        return await self._read(count)

    async def get_many(self, epoch: int, tags: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the blobs of the rows that are there."""

        def get() -> dict[bytes, bytes]:
            # One by one: a statement of another length each time would be prepared each time. In one
            # transaction: each by itself would read again the pages that others' writes made old meanwhile.
            with _transaction(self._reading_from(epoch), "BEGIN") as connection:
                query = "SELECT tag, blob FROM vault WHERE tag = ?"
                rows = [connection.execute(query, (tag,)).fetchone() for tag in tags]
            return dict(row for row in rows if row is not None)

        return await self._read(get)

    async def replace_many(self, epoch: int, edits: Sequence[Edit], fence: int = 0) -> frozenset[bytes]:
        """Put blobs in place of exactly these, with one sync to the disk for all of them.

        There is no fence: whoever holds the folder's lock is the only process.
        """
        del fence

        def replace() -> frozenset[bytes]:
            update = "UPDATE vault SET blob = ? WHERE tag = ? AND blob = ?"
            with _transaction(self._writing_to(epoch)) as connection:
                done = frozenset(
                    edit.tag
                    for edit in edits
                    if connection.execute(update, (edit.new, edit.tag, edit.old)).rowcount == 1
                )
            if self._touched is not None:
                self._touched |= done
            return done

        return await self._write(replace)

    async def exchange_many(self, epoch: int, exchanges: Sequence[Exchange]) -> int:
        """Exchange rows in turn, with one sync to the disk for all of them."""

        def swap() -> int:
            with _transaction(self._writing_to(epoch)) as connection:
                done = list(takewhile(partial(_exchange, connection), exchanges))
            if self._touched is not None:
                self._touched |= {tag for exchange in done for tag in (exchange.gone, exchange.came)}
            return len(done)

        return await self._write(swap)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Do nothing: a folder has one process."""
        yield

    @asynccontextmanager
    async def building(self, epoch: int) -> AsyncIterator[Add]:
        """Make a file, without a journal until it is swapped in: a crash leaves only litter."""
        path = self._path(epoch)
        # A thread of its own: whoever is cancelled leaves it at work, and what it works with is closed after.
        with ThreadPoolExecutor(1, thread_name_prefix="vault-builder") as builder:
            connection = await self._in(builder, partial(_new_file, path))
            try:

                async def add(rows: list[Row]) -> None:
                    await self._in(builder, partial(_insert, connection, rows))

                yield add
                await self._in(builder, partial(connection.execute, "COMMIT"))
            finally:
                builder.submit(connection.close)
        with translated():
            await asyncio.to_thread(sync, path)

    async def watch(self, epoch: int) -> None:
        """Remember which rows this process changes: no other can."""

        def watch() -> None:
            self._writing_to(epoch)
            self._touched = set()

        await self._write(watch)

    async def swap(
        self, old: int | None, new: int, generation: int, known: Collection[bytes], replay: Replay
    ) -> None:
        """Swap in the writing thread: no other write can be under way."""
        del known

        def swap() -> None:
            touched = [] if old is None else self._touched_rows(old)
            fresh = _connect(self._path(new))
            try:
                with _transaction(fresh):
                    for edit in replay(touched):
                        if not _exchange(fresh, edit):
                            raise RuntimeError("a change does not fit the new table")
                    fresh.execute(f"PRAGMA user_version={int(generation)}")
            except BaseException:
                fresh.close()
                raise
            if self._writer is not None:
                self._old_writers.append(self._writer)
            self._epoch, self._writer, self._touched = new, fresh, None

        await self._write(swap)

    async def drop_others(self, epoch: int) -> None:
        """Delete every other file."""

        def close_old() -> None:
            self._writing_to(epoch)
            while self._old_writers:
                self._old_writers.pop().close()

        def delete() -> None:
            self._close_reader()
            for number in self._numbers():
                if number != epoch:
                    for ending in _BESIDE:
                        path = self._path(number)
                        path.with_name(path.name + ending).unlink(missing_ok=True)
            sync_folder(self._folder)

        await self._write(close_old)
        await self._read(delete)

    async def tidy(self) -> None:
        """Empty the journal into the file."""

        def checkpoint() -> None:
            if self._writer is not None:
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

        await self._write(checkpoint)

    async def _write(self, work: Callable[[], T]) -> T:
        return await self._in(self._writing, work)

    async def _read(self, work: Callable[[], T]) -> T:
        return await self._in(self._reading, work)

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        with translated():
            return await asyncio.get_running_loop().run_in_executor(pool, work)

    def _path(self, epoch: int) -> Path:
        return self._folder / f"vault-{epoch}.db"

    def _numbers(self) -> list[int]:
        found = (_FILE.fullmatch(path.name) for path in self._folder.iterdir())
        return sorted(int(match[1]) for match in found if match)

    def _find(self) -> None:
        for epoch in reversed(self._numbers()):
            connection = _whole(self._path(epoch))
            if connection is not None:
                self._epoch, self._writer = epoch, connection
                return

    def _newest(self) -> tuple[int, sqlite3.Connection] | None:
        """Begin to read the newest whole file, for whoever does not keep it; None where there is none."""
        for last in (*[False] * _TRIES, True):
            for epoch in reversed(self._numbers() if self._folder.is_dir() else []):
                try:
                    if (found := _looking(self._path(epoch))) is not None:
                        return epoch, found
                except sqlite3.OperationalError:
                    # A re-key deleted it meanwhile: then there is a newer one.
                    if last:
                        raise
        return None

    def _writing_to(self, epoch: int) -> sqlite3.Connection:
        if self._writer is None or epoch != self._epoch:
            raise StaleEpochError
        return self._writer

    def _reading_from(self, epoch: int) -> sqlite3.Connection:
        if epoch != self._epoch:
            raise StaleEpochError
        if self._reader is None or self._reader[0] != epoch:
            self._close_reader()
            connection = _connect(self._path(epoch))
            connection.execute("PRAGMA query_only=ON")
            self._reader = epoch, connection
        return self._reader[1]

    def _touched_rows(self, old: int) -> list[tuple[bytes, bytes | None]]:
        connection = self._writing_to(old)
        rows = []
        for tag in sorted(self._touched or ()):
            found = connection.execute("SELECT blob FROM vault WHERE tag = ?", (tag,)).fetchone()
            rows.append((tag, None if found is None else bytes(found[0])))
        return rows

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader[1].close()
            self._reader = None

    def _close_writers(self) -> None:
        for connection in (*self._old_writers, self._writer):
            if connection is not None:
                connection.close()
        self._old_writers, self._writer, self._epoch = [], None, None


class _transaction:  # noqa: N801  (reads as a word in a with statement)
    """BEGIN and COMMIT; on any error ROLLBACK."""

    def __init__(self, connection: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> None:
        self._connection, self._begin = connection, begin

    def __enter__(self) -> sqlite3.Connection:
        self._connection.execute(self._begin)
        return self._connection

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._connection.execute("COMMIT" if error is None else "ROLLBACK")


def _connect(path: Path) -> sqlite3.Connection:
    # Closed by whichever thread is the last; used by one at a time.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    pragmas = (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
    )
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()
    return connection


def _whole(path: Path) -> sqlite3.Connection | None:
    """Open a file that was swapped in; None for one that was never finished, which is left alone."""
    with closing(sqlite3.connect(path, isolation_level=None)) as looking:
        try:
            if _user_version(looking) == 0:
                return None
        except sqlite3.DatabaseError:
            return None
    return _connect(path)


def _looking(path: Path) -> sqlite3.Connection | None:
    """Open a file to read it as it is at this moment; None for one never finished, or just deleted."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        for statement in (f"PRAGMA busy_timeout={BUSY_MILLISECONDS}", "PRAGMA query_only=ON", "BEGIN"):
            connection.execute(statement).close()
        # The first read takes hold of the journal: a file that still has its name then had its journal.
        if _user_version(connection) and path.exists():
            return connection
    except BaseException as error:
        connection.close()
        # Of a large one that a crash, or a stop, left half made even the beginning is not there.
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            return None
        raise
    connection.close()
    return None


def _user_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _new_file(path: Path) -> sqlite3.Connection:
    for ending in _BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in ("page_size=4096", "journal_mode=OFF", "synchronous=OFF"):
        connection.execute(f"PRAGMA {pragma}").close()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE vault (tag BLOB PRIMARY KEY, blob BLOB NOT NULL) WITHOUT ROWID")
    return connection


def _insert(connection: sqlite3.Connection, rows: list[Row]) -> None:
    """Insert many with one statement: half the time, and other threads run meanwhile."""
    left = iter(rows)
    while part := list(islice(left, _AT_ONCE)):
        values = ", ".join(["(?, ?)"] * len(part))
        connection.execute(f"INSERT INTO vault (tag, blob) VALUES {values}", [*chain(*part)]).close()  # noqa: S608


def _exchange(connection: sqlite3.Connection, exchange: Exchange) -> bool:
    """Exchange two rows if everything is as it must be; look first, so that nothing has to be undone."""

    def blob_of(tag: bytes) -> bytes | None:
        found = connection.execute("SELECT blob FROM vault WHERE tag = ?", (tag,)).fetchone()
        return None if found is None else bytes(found[0])

    gone = blob_of(exchange.gone)
    if gone is None or (exchange.gone_blob is not None and gone != exchange.gone_blob):
        return False
    if exchange.present is not None and blob_of(exchange.present) is None:
        return False
    if exchange.absent is not None and blob_of(exchange.absent) is not None:
        return False
    if exchange.came == exchange.gone:
        connection.execute("UPDATE vault SET blob = ? WHERE tag = ?", (exchange.blob, exchange.came))
        return True
    if blob_of(exchange.came) is not None:
        return False
    connection.execute("DELETE FROM vault WHERE tag = ?", (exchange.gone,))
    connection.execute("INSERT INTO vault (tag, blob) VALUES (?, ?)", (exchange.came, exchange.blob))
    return True
