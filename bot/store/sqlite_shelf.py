"""The shelf on SQLite: a file for each epoch, one process, one connection that writes."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

from bot.store.database import BUSY_HERE_MILLISECONDS, BUSY_MILLISECONDS, translated
from bot.store.files import Lock, sync, sync_folder
from bot.store.shelf import Add, Edit, Exchange, Replay, Row, StaleEpochError, Write
from bot.store.sqlite_rows import (
    ENDINGS,
    Reader,
    connect,
    exchanged,
    insert,
    looking,
    new_file,
    replaced,
    transaction,
    user_version,
    whole,
)
from bot.store.together import Together

T = TypeVar("T")
_FILE = re.compile(r"vault-([1-9][0-9]*)\.db")
_TRIES = 100


class SqliteShelf:
    """`vault-<epoch>.db` in a folder. A file is whole when its user_version is not 0: the generation.

    SQLAlchemy is left out here: a scan reads 100,000 rows, and its row objects cost as much as
    opening them. Writing and scanning have a thread each; whatever one thread does is one piece. A few rows
    are read in the event loop: they are there sooner than a thread is, and no writer is waited for.
    """

    def __init__(self, folder: Path) -> None:
        """Keep rows in a folder; nothing is opened yet."""
        self._folder = folder
        self._lock: Lock | None = None
        self._epoch: int | None = None
        self._writer: sqlite3.Connection | None = None
        self._scanner, self._here = Reader(BUSY_MILLISECONDS), Reader(BUSY_HERE_MILLISECONDS)
        self._edits = Together(self._replace_together)
        self._old_writers: list[sqlite3.Connection] = []
        self._touched: set[bytes] | None = None
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="vault-writer")
        self._scanning = ThreadPoolExecutor(1, thread_name_prefix="vault-scanner")

    async def open(self) -> None:
        """Take the folder for this process and find the current file. Raises InUseError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = Lock(self._folder / "vault.lock")
        await self._write(self._find)

    async def close(self) -> None:
        """Close the files; the journal is emptied into them."""
        await self._edits.over()
        self._here.close()
        await self._in(self._scanning, self._scanner.close)
        await self._in(self._writing, self._close_writers)
        self._scanning.shutdown()
        self._writing.shutdown()
        if self._lock is not None:
            self._lock.release()

    async def current(self) -> tuple[int, int] | None:
        """Return the epoch whose file is whole, and its generation."""
        if self._epoch is None:
            return None
        epoch = self._epoch
        return epoch, await self._write(lambda: user_version(self._writing_to(epoch)))

    async def peek(self) -> tuple[int, int] | None:
        """Return the epoch of the newest whole file, and its generation, for whoever only looks."""

        def peek() -> tuple[int, int] | None:
            found = self._newest()
            if found is None:
                return None
            epoch, connection = found
            with closing(connection):
                return epoch, user_version(connection)

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
        return (await self.get_many(epoch, [tag])).get(tag)

    async def chunk(self, epoch: int, after: bytes, limit: int) -> list[Row]:
        """Return the rows that follow a tag."""
        query = "SELECT tag, blob FROM vault WHERE tag > ? ORDER BY tag LIMIT ?"
        return await self._scan(epoch, lambda file: file.execute(query, (after, limit)).fetchall())

    async def count(self, epoch: int) -> int:
        """Return how many rows there are."""
        query = "SELECT count(*) FROM vault"
        return await self._scan(epoch, lambda file: int(file.execute(query).fetchone()[0]))

    async def get_many(self, epoch: int, tags: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the blobs of the rows that are there."""
        # One by one: a statement of another length each time would be prepared each time. In one
        # transaction: each by itself would read again the pages that others' writes made old meanwhile.
        query = "SELECT tag, blob FROM vault WHERE tag = ?"
        with translated(), transaction(self._read_with(self._here, epoch), "BEGIN") as file:
            rows = [file.execute(query, (tag,)).fetchone() for tag in tags]
        return dict(row for row in rows if row is not None)

    async def replace_many(self, epoch: int, edits: Sequence[Edit], fence: int = 0) -> frozenset[bytes]:
        """Put blobs in place of exactly these, with one sync to the disk for all that is asked meanwhile.

        There is no fence: whoever holds the folder's lock is the only process.
        """
        del fence
        return await self._edits.ask((epoch, edits))

    async def _replace_together(
        self, asked: Sequence[tuple[int, Sequence[Edit]]]
    ) -> list[frozenset[bytes] | StaleEpochError]:
        def replace() -> list[frozenset[bytes] | StaleEpochError]:
            with transaction(self._writing_to(self._epoch)) as connection:
                done = [
                    replaced(connection, edits) if epoch == self._epoch else StaleEpochError()
                    for epoch, edits in asked
                ]
            for tags in done:
                if self._touched is not None and isinstance(tags, frozenset):
                    self._touched |= tags
            return done

        return await self._write(replace)

    async def exchange_many(self, epoch: int, exchanges: Sequence[Exchange]) -> int:
        """Exchange rows in turn, with one sync to the disk for all of them."""

        def swap() -> int:
            with transaction(self._writing_to(epoch)) as connection:
                done = list(takewhile(partial(exchanged, connection), exchanges))
            if self._touched is not None:
                self._touched |= {tag for exchange in done for tag in (exchange.gone, exchange.came)}
            return len(done)

        return await self._write(swap)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Do nothing: a folder has one process."""
        yield

    async def still_alone(self) -> None:
        """Do nothing likewise."""

    @asynccontextmanager
    async def building(self, epoch: int) -> AsyncIterator[Add]:
        """Make a file, without a journal until it is swapped in: a crash leaves only litter."""
        path = self._path(epoch)
        # A thread of its own: whoever is cancelled leaves it at work, and what it works with is closed after.
        with ThreadPoolExecutor(1, thread_name_prefix="vault-builder") as builder:
            connection = await self._in(builder, partial(new_file, path))
            try:

                async def add(rows: list[Row]) -> None:
                    await self._in(builder, partial(insert, connection, rows))

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
            fresh = connect(self._path(new))
            try:
                with transaction(fresh):
                    for edit in replay(touched):
                        if not exchanged(fresh, edit):
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
            self._scanner.close()
            for number in self._numbers():
                if number != epoch:
                    for ending in ENDINGS:
                        path = self._path(number)
                        path.with_name(path.name + ending).unlink(missing_ok=True)
            sync_folder(self._folder)

        await self._write(close_old)
        self._here.close()
        await self._in(self._scanning, delete)

    async def tidy(self) -> None:
        """Empty the journal into the file."""

        def checkpoint() -> None:
            if self._writer is not None:
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

        await self._write(checkpoint)

    async def _write(self, work: Callable[[], T]) -> T:
        return await self._in(self._writing, work)

    async def _scan(self, epoch: int, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._in(self._scanning, lambda: work(self._read_with(self._scanner, epoch)))

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
            connection = whole(self._path(epoch))
            if connection is not None:
                self._epoch, self._writer = epoch, connection
                return

    def _newest(self) -> tuple[int, sqlite3.Connection] | None:
        """Begin to read the newest whole file, for whoever does not keep it; None where there is none."""
        for last in (*[False] * _TRIES, True):
            for epoch in reversed(self._numbers() if self._folder.is_dir() else []):
                try:
                    if (found := looking(self._path(epoch))) is not None:
                        return epoch, found
                except sqlite3.OperationalError:
                    # A re-key deleted it meanwhile: then there is a newer one.
                    if last:
                        raise
        return None

    def _writing_to(self, epoch: int | None) -> sqlite3.Connection:
        if self._writer is None or epoch != self._epoch:
            raise StaleEpochError
        return self._writer

    def _read_with(self, reader: Reader, epoch: int) -> sqlite3.Connection:
        if epoch != self._epoch:
            raise StaleEpochError
        return reader.of(epoch, self._path(epoch))

    def _touched_rows(self, old: int) -> list[tuple[bytes, bytes | None]]:
        connection = self._writing_to(old)
        rows = []
        for tag in sorted(self._touched or ()):
            found = connection.execute("SELECT blob FROM vault WHERE tag = ?", (tag,)).fetchone()
            rows.append((tag, None if found is None else bytes(found[0])))
        return rows

    def _close_writers(self) -> None:
        for connection in (*self._old_writers, self._writer):
            if connection is not None:
                connection.close()
        self._old_writers, self._writer, self._epoch = [], None, None
