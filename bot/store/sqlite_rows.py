"""A file of rows on SQLite: making it, opening it, reading and changing what is in it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import chain, islice
from pathlib import Path

from bot.store.database import BUSY_MILLISECONDS
from bot.store.shelf import Edit, Exchange, Row

ENDINGS = ("", "-wal", "-shm", "-journal")
"""What the names of a file, and of what SQLite keeps beside it, end in."""
_AT_ONCE = 1024
"""Rows for one statement."""


class Reader:
    """A connection that reads the current file; used by one thread."""

    def __init__(self, busy: int) -> None:
        """`busy`: how many milliseconds a reader may wait for a file that is being closed or recovered."""
        self._busy = busy
        self._open: tuple[int, sqlite3.Connection] | None = None

    def of(self, epoch: int, path: Path) -> sqlite3.Connection:
        """Return the connection to an epoch's file."""
        if self._open is None or self._open[0] != epoch:
            self.close()
            connection = connect(path, self._busy)
            connection.execute("PRAGMA query_only=ON")
            self._open = epoch, connection
        return self._open[1]

    def close(self) -> None:
        """Let go of the file."""
        if self._open is not None:
            self._open[1].close()
            self._open = None


class transaction:  # noqa: N801  (reads as a word in a with statement)
    """BEGIN and COMMIT; on any error ROLLBACK."""

    def __init__(self, connection: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> None:
        self._connection, self._begin = connection, begin

    def __enter__(self) -> sqlite3.Connection:
        self._connection.execute(self._begin)
        return self._connection

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._connection.execute("COMMIT" if error is None else "ROLLBACK")


def replaced(connection: sqlite3.Connection, edits: Sequence[Edit]) -> frozenset[bytes]:
    """Put blobs in place of exactly these; return the tags of the rows where it was so."""
    update = "UPDATE vault SET blob = ? WHERE tag = ? AND blob = ?"
    return frozenset(
        edit.tag for edit in edits if connection.execute(update, (edit.new, edit.tag, edit.old)).rowcount == 1
    )


def connect(path: Path, busy: int = BUSY_MILLISECONDS) -> sqlite3.Connection:
    """Open a file. It is used by one thread at a time, and closed by whichever is the last."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    pragmas = (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        f"busy_timeout={busy}",
    )
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()
    return connection


def whole(path: Path) -> sqlite3.Connection | None:
    """Open a file that was swapped in; None for one that was never finished, which is left alone."""
    with closing(sqlite3.connect(path, isolation_level=None)) as looking:
        try:
            if user_version(looking) == 0:
                return None
        except sqlite3.DatabaseError:
            return None
    return connect(path)


def looking(path: Path) -> sqlite3.Connection | None:
    """Open a file to read it as it is at this moment; None for one never finished, or just deleted."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        for statement in (f"PRAGMA busy_timeout={BUSY_MILLISECONDS}", "PRAGMA query_only=ON", "BEGIN"):
            connection.execute(statement).close()
        # The first read takes hold of the journal: a file that still has its name then had its journal.
        if user_version(connection) and path.exists():
            return connection
    except BaseException as error:
        connection.close()
        # Of a large one that a crash, or a stop, left half made even the beginning is not there.
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            return None
        raise
    connection.close()
    return None


def user_version(connection: sqlite3.Connection) -> int:
    """Return a file's generation; 0 says that it was never finished."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def new_file(path: Path) -> sqlite3.Connection:
    """Make a file without a journal, nothing of it committed yet, in place of what a crash left."""
    for ending in ENDINGS:
        path.with_name(path.name + ending).unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in ("page_size=4096", "journal_mode=OFF", "synchronous=OFF"):
        connection.execute(f"PRAGMA {pragma}").close()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE vault (tag BLOB PRIMARY KEY, blob BLOB NOT NULL) WITHOUT ROWID")
    return connection


def insert(connection: sqlite3.Connection, rows: list[Row]) -> None:
    """Insert many with one statement: half the time, and other threads run meanwhile."""
    left = iter(rows)
    while part := list(islice(left, _AT_ONCE)):
        values = ", ".join(["(?, ?)"] * len(part))
        connection.execute(f"INSERT INTO vault (tag, blob) VALUES {values}", [*chain(*part)]).close()  # noqa: S608


def exchanged(connection: sqlite3.Connection, exchange: Exchange) -> bool:
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
