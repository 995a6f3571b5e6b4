"""The database: opening it, reading from it, writing to it, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import asyncpg
from sqlalchemy import (
    URL,
    CursorResult,
    Engine,
    Executable,
    create_engine,
    event,
    exc,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy import (
    Connection as SyncConnection,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.files import new_file, sync
from bot.store.tables import SCHEMA_REVISION

MIGRATIONS = Path(__file__).parents[2] / "alembic"
Connection: TypeAlias = AsyncConnection
"""A transaction that a service opened and hands to functions of the store; it speaks no SQL itself."""

READERS = 4
BUSY_MILLISECONDS = 5000
BUSY_HERE_MILLISECONDS = 50
"""The same in the event loop, which must not stand still: readers there wait for no writer anyway."""
STANDSTILL = "5s"
"""How long a process that stands still amid a transaction keeps others from what it locked (PostgreSQL)."""
PROGRAM = "volya"
"""What each connection to PostgreSQL says of itself: so nobody ends an operator's own."""
SILENCE_SECONDS = 60.0
"""How long PostgreSQL may take over a statement; of one whose machine is gone nothing is ever heard."""
_MIGRATING = 0x736368656D61
"""The advisory lock under which the schema is migrated (PostgreSQL)."""


class Reading(Protocol):
    """What functions that only read are handed."""

    async def execute(self, statement: Executable, parameters: Any = None, /) -> CursorResult[Any]:
        """Carry out a statement."""


class DatabaseUnavailableError(Exception):
    """The database cannot be reached. What was asked for may be asked again.

    Where the answer to a commit was lost it may have happened all the same.
    """


class DatabaseNewerError(Exception):
    """A newer version of the program made this database. Nothing was changed."""

    def __init__(self, revision: str) -> None:
        """Say which schema was found, and which is known here."""
        super().__init__(
            f"The database was made by a newer version ({revision}, this one knows {SCHEMA_REVISION}): "
            "run that version. Nothing was changed."
        )


class DatabaseForbiddenError(Exception):
    """The role may not do here what the bot does. Nothing was changed."""

    def __init__(self) -> None:
        """Say what helps."""
        super().__init__(
            "The role may not make or use tables in this database, as where the schema is not its own: "
            "`createdb --owner volya --encoding UTF8 volya` makes a database that belongs to the role volya."
        )


class Database:
    """One registry database.

    On SQLite every write is `BEGIN IMMEDIATE` on the only writing connection of the process, so a
    write never fails half way for a lock, and readers cannot write at all.
    """

    def __init__(self, url: str, *, patience: float = SILENCE_SECONDS) -> None:
        """Prepare engines; nothing is opened yet. `url` is an SQLAlchemy address or a plain `postgresql://`.

        `patience`: after how many seconds a server that does not answer is away.
        """
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+asyncpg")
        if parsed.drivername == "sqlite":
            parsed = parsed.set(drivername="sqlite+aiosqlite")
        self.dialect = parsed.get_backend_name()
        self.file = Path(parsed.database) if self.dialect == "sqlite" and parsed.database else None
        if self.dialect == "sqlite":
            self._readers = _sqlite_engine(str(parsed), READERS, begin="BEGIN", writes=False)
            self._here = _sqlite_here(parsed)
            self._writer = _sqlite_engine(str(parsed), 1, begin="BEGIN IMMEDIATE", writes=True)
        else:
            # Parameters hold names that were searched for: they must not reach an error's text.
            self._writer = create_async_engine(
                parsed,
                hide_parameters=True,
                pool_pre_ping=True,
                connect_args={
                    "server_settings": {
                        "application_name": PROGRAM,
                        "idle_in_transaction_session_timeout": STANDSTILL,
                    },
                    "timeout": patience,
                    "command_timeout": patience,
                },
            )
            self._readers = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that reads one consistent state. Raises DatabaseUnavailableError."""
        with translated():
            async with self._readers.begin() as connection:
                yield connection

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Reading]:
        """Do the same for a few short reads, of rows by their index.

        On SQLite they are carried out in the event loop: a row is there in a few microseconds, and handing
        each statement to a thread costs several times as much. Raises DatabaseUnavailableError.
        """
        if self.dialect != "sqlite":
            async with self.reading() as connection:
                yield connection
            return
        with translated(), self._here.begin() as here:
            yield _Here(here)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that is committed at the end, rolled back on any error.

        Raises DatabaseUnavailableError.
        """
        with translated():
            async with self._writer.begin() as connection:
                yield connection

    async def is_made(self) -> bool:
        """Return whether there is a registry; to look makes no file. Raises what `schema_revision` raises."""
        if self.file is not None and not self.file.exists():
            return False
        return await self.schema_revision() is not None

    async def copy_to(self, path: Path) -> None:
        """Write a whole copy of a SQLite database into a new file, of one moment, whoever writes meanwhile.

        The file itself lacks what is still in its journal: copied as a file it may be empty. Raises
        FileExistsError, DatabaseUnavailableError, OSError; then there is no new file.
        """
        assert self.file is not None  # noqa: S101  (a server has its own means)
        await asyncio.to_thread(_copy, self.file, path)

    async def schema_revision(self) -> str | None:
        """Return the revision the database is at, or None for an empty one.

        Raises DatabaseUnavailableError, and DatabaseNewerError for a revision that is not known here.
        """
        with translated():
            async with self._writer.begin() as connection:
                return await _revision_of(connection)

    async def migrate(self) -> bool:
        """Bring the schema to this program's revision; return whether anything was done.

        Raises DatabaseNewerError for one it does not know, and DatabaseUnavailableError.
        """
        if await self.schema_revision() == SCHEMA_REVISION:
            return False
        with translated():
            async with self._writer.begin() as connection:
                if self.dialect == "postgresql":
                    # Of several processes that start at once one migrates and the others wait.
                    await connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
                if await _revision_of(connection) == SCHEMA_REVISION:
                    return False
                await connection.run_sync(_upgrade)
        return True

    async def refuse_forbidden(self) -> None:
        """See that tables can be made, as for readers' rows each night; nothing is made.

        Raises DatabaseForbiddenError, DatabaseUnavailableError.
        """
        if self.dialect != "postgresql":
            return
        async with self.reading() as connection:
            # None where the role sees no schema at all.
            if not await connection.scalar(
                select(func.has_schema_privilege(func.current_schema(), "CREATE"))
            ):
                raise DatabaseForbiddenError

    async def close(self) -> None:
        """Close every connection."""
        await self._writer.dispose()
        if self.dialect == "sqlite":
            await self._readers.dispose()
            self._here.dispose()


class _Here:
    """A connection that carries out statements where they are asked for."""

    def __init__(self, connection: SyncConnection) -> None:
        self._connection = connection

    async def execute(self, statement: Executable, parameters: Any = None, /) -> CursorResult[Any]:
        return self._connection.execute(statement, parameters)


async def _revision_of(connection: AsyncConnection) -> str | None:
    if not await connection.run_sync(_has_revision):
        return None
    found = await connection.execute(text("SELECT version_num FROM alembic_version"))
    revision: str | None = found.scalar_one_or_none()
    if revision is not None and revision != SCHEMA_REVISION and not _is_known(revision):
        raise DatabaseNewerError(revision)
    return revision


def _has_revision(connection: Any) -> bool:
    return bool(inspect(connection).has_table("alembic_version"))


def _is_known(revision: str) -> bool:
    return any(path.stem.split("_")[0] == revision for path in (MIGRATIONS / "versions").glob("*.py"))


def _upgrade(connection: Any) -> None:
    # Alembic takes 0.4 s to import and is needed only when the schema is behind.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _sqlite_engine(url: str, size: int, *, begin: str, writes: bool) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=size, max_overflow=0, hide_parameters=True)
    _prepare_sqlite(engine.sync_engine, begin, BUSY_MILLISECONDS, writes=writes)
    return engine


def _sqlite_here(url: URL) -> Engine:
    """Return an engine for the event loop, which must never wait for a connection to come back."""
    here = url.set(drivername="sqlite")
    engine = create_engine(here, pool_size=READERS, max_overflow=-1, hide_parameters=True)
    _prepare_sqlite(engine, "BEGIN", BUSY_HERE_MILLISECONDS, writes=False)
    return engine


def _prepare_sqlite(engine: Engine, begin: str, busy: int, *, writes: bool) -> None:
    @event.listens_for(engine, "do_connect")
    def _before(*_: Any) -> None:
        if engine.url.database:
            _keep_private(Path(engine.url.database))

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes too late to keep writers from deadlocking: we send it ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        pragmas = [f"busy_timeout={busy}", "foreign_keys=ON"]
        if writes:
            # FULL: a commit survives a power cut. secure_delete: what was deleted is overwritten.
            pragmas += ["journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"]
        else:
            pragmas.append("query_only=ON")
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def _keep_private(file: Path) -> None:
    """Let nobody else on the machine read a database: in it are the secrets of editors' codes.

    A file that is there is never opened: to close it would let go of the locks that SQLite holds on it.
    """
    with suppress(OSError):  # SQLite says what is wrong
        try:
            new_file(file).close()
        except FileExistsError:
            for one in (file, *(file.with_name(f"{file.name}-{end}") for end in ("wal", "shm"))):
                if one.exists() and one.stat().st_mode & 0o077:
                    one.chmod(0o600)


def _copy(file: Path, path: Path) -> None:
    new_file(path).close()
    address = f"{file.absolute().as_uri()}?mode=rw"
    try:
        with translated(), closing(sqlite3.connect(address, uri=True)) as connection:
            connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
            connection.execute("VACUUM INTO ?", (str(path),))
        sync(path)
    except BaseException:
        path.unlink()
        raise


class translated:  # noqa: N801  (reads as a word in a with statement)
    """Turn the library's "cannot reach the database" into ours, without its text, which quotes values."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        if _is_forbidden(error):
            said: Exception = DatabaseForbiddenError()
        elif _is_unreachable(error):
            said = DatabaseUnavailableError("the database is unavailable")
        else:
            return
        try:
            raise said from None
        except (DatabaseForbiddenError, DatabaseUnavailableError) as ours:
            ours.__context__ = None  # the original quotes the address, and a traceback would print it
            raise


_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_READONLY,
}
_POSTGRESQL_AWAY = {"08", "28", "3D", "40", "53", "57"}
"""Classes of SQLSTATE: connection, authorisation, no such database, rolled back for somebody else's sake,
no resources, shut down."""
_FORBIDDEN = {"42501", "3F000"}
"""No right to it; no schema that one sees, so none to make a table in."""
_STOOD_STILL, _READ_ONLY, _LOCKED = "25P03", "25006", "55P03"
"""A transaction ended for standing still; a server that is a copy of another one, as after a failover; what
was waited for is locked for longer than one may wait."""


def _is_forbidden(error: BaseException) -> bool:
    said = error.orig if isinstance(error, exc.DBAPIError) else error
    return getattr(said, "sqlstate", None) in _FORBIDDEN


def _is_unreachable(error: BaseException) -> bool:
    """Tell a database that is away from a mistake of ours, which waiting would never mend."""
    if isinstance(error, OSError | TimeoutError | exc.TimeoutError | asyncpg.InterfaceError):
        return True
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE_AWAY
    if isinstance(error, asyncpg.PostgresError):
        return _says_it_is_away(error)  # COPY goes past SQLAlchemy
    if not isinstance(error, exc.DBAPIError):
        return False
    if isinstance(error.orig, OSError) or error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        return _is_unreachable(error.orig)
    return isinstance(error, exc.InterfaceError) or _says_it_is_away(error.orig)


def _says_it_is_away(error: BaseException | None) -> bool:
    state = getattr(error, "sqlstate", None) or ""
    return state[:2] in _POSTGRESQL_AWAY or state in {_STOOD_STILL, _READ_ONLY, _LOCKED}
