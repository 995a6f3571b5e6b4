"""The database: opening it, reading from it, writing to it, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, exc, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.tables import SCHEMA_REVISION

MIGRATIONS = Path(__file__).parents[2] / "alembic"
READERS = 4
BUSY_MILLISECONDS = 5000


class DatabaseUnavailableError(Exception):
    """The database cannot be reached. What was asked for has not happened and may be asked again."""


class Database:
    """One registry database.

    On SQLite every write is `BEGIN IMMEDIATE` on the only writing connection of the process, so a
    write never fails half way for a lock, and readers cannot write at all.
    """

    def __init__(self, url: str) -> None:
        """Prepare engines; nothing is opened yet. `url` is an SQLAlchemy address or a plain `postgresql://`."""
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+asyncpg")
        if parsed.drivername == "sqlite":
            parsed = parsed.set(drivername="sqlite+aiosqlite")
        self.dialect = parsed.get_backend_name()
        if self.dialect == "sqlite":
            self._readers = _sqlite_engine(str(parsed), READERS, begin="BEGIN", writes=False)
            self._writer = _sqlite_engine(str(parsed), 1, begin="BEGIN IMMEDIATE", writes=True)
        else:
            # Parameters hold names that were searched for: they must not reach an error's text.
            self._readers = create_async_engine(parsed, hide_parameters=True, pool_pre_ping=True)
            self._writer = self._readers

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that reads one consistent state. Raises DatabaseUnavailableError."""
        with _translated():
            async with self._readers.begin() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that is committed at the end, rolled back on any error.

        Raises DatabaseUnavailableError.
        """
        with _translated():
            async with self._writer.begin() as connection:
                yield connection

    async def schema_revision(self) -> str | None:
        """Return the revision the database is at, or None for an empty one."""
        try:
            async with self._writer.begin() as connection:
                found = await connection.execute(text("SELECT version_num FROM alembic_version"))
                return found.scalar_one_or_none()
        except (exc.OperationalError, exc.ProgrammingError):
            with _translated():
                async with self._writer.begin() as connection:
                    await connection.execute(text("SELECT 1"))
            return None

    async def migrate(self) -> bool:
        """Bring the schema to this program's revision; say whether anything was done."""
        if await self.schema_revision() == SCHEMA_REVISION:
            return False
        with _translated():
            async with self._writer.begin() as connection:
                await connection.run_sync(_upgrade)
        return True

    async def close(self) -> None:
        """Close every connection."""
        await self._readers.dispose()
        if self._writer is not self._readers:
            await self._writer.dispose()


def _upgrade(connection: Any) -> None:
    # Alembic takes 0.4 s to import and is needed only when the schema is behind.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _sqlite_engine(url: str, size: int, *, begin: str, writes: bool) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=size, max_overflow=0, hide_parameters=True, connect_args={"timeout": 5}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes too late to keep writers from deadlocking: we send it ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        pragmas = [f"busy_timeout={BUSY_MILLISECONDS}", "foreign_keys=ON"]
        if writes:
            # FULL: a commit survives a power cut. secure_delete: what was deleted is overwritten.
            pragmas += ["journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"]
        else:
            pragmas.append("query_only=ON")
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


class _translated:  # noqa: N801  (reads as a word in a with statement)
    """Turn the library's "cannot reach the database" into ours, without its text, which quotes values."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        unreachable = isinstance(
            error, exc.OperationalError | exc.InterfaceError | exc.TimeoutError | OSError
        )
        if unreachable or (isinstance(error, exc.DBAPIError) and error.connection_invalidated):
            raise DatabaseUnavailableError("the database is unavailable") from None
