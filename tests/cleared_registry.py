"""A registry on PostgreSQL that is migrated once and cleared for each test; migrating each time is slow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from bot.store.database import Database

_WITHOUT_ROWS_OF_READERS = """
DO $$
DECLARE named text;
BEGIN
    FOR named IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'vault%'
    LOOP EXECUTE 'DROP TABLE ' || quote_ident(named); END LOOP;
END $$
"""
_CLEAR = """
DO $$
DECLARE named text;
BEGIN
    SET LOCAL session_replication_role = replica;  -- the triggers that guard the audit rest
    FOR named IN
        SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP EXECUTE 'DELETE FROM ' || quote_ident(named); END LOOP;
    FOR named IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'
    LOOP PERFORM setval(quote_ident(named), 1, false); END LOOP;
END $$
"""
_SHAPE = """
SELECT (SELECT count(*) FROM pg_namespace), max(change), count(*) FROM (
    SELECT xmin::text::bigint AS change FROM pg_class UNION ALL
    SELECT xmin::text::bigint FROM pg_attribute UNION ALL
    SELECT xmin::text::bigint FROM pg_trigger UNION ALL
    SELECT xmin::text::bigint FROM pg_constraint UNION ALL
    SELECT xmin::text::bigint FROM pg_proc
) AS changes
"""
"""Changes with every change of any table, index, column, trigger, rule or function; rows do not matter."""


async def migrate(address: str) -> None:
    """Bring a registry to this program's schema."""
    database = Database(address)
    await database.migrate()
    await database.close()


@asynccontextmanager
async def connected(address: str, **options: Any) -> AsyncIterator[Any]:
    """Connect past SQLAlchemy, which asks a server a few things first each time."""
    connection = await asyncpg.connect(address.replace("+asyncpg", ""), **options)
    try:
        yield connection
    finally:
        await connection.close()


class ClearedRegistry:
    """A database of its own on a server. Whoever changed more than rows has it made anew."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._address = self._named("registry")
        self._shape: tuple[int, ...] | None = None

    async def given(self) -> str:
        """Return its address; it is empty, and its schema is what migrations make of it."""
        if self._shape is None or not await self._is_cleared():
            await self._made()
        return self._address

    async def _is_cleared(self) -> bool:
        async with connected(self._address) as connection, connection.transaction():
            await connection.execute(_WITHOUT_ROWS_OF_READERS)
            if await _shape_of(connection) != self._shape:
                return False
            await connection.execute(_CLEAR)
            return True

    async def _made(self) -> None:
        async with connected(self._server) as server:
            if self._shape is None:
                await server.execute("CREATE DATABASE migrated")
                await migrate(self._named("migrated"))
            await server.execute("DROP DATABASE IF EXISTS registry WITH (FORCE)")
            await server.execute("CREATE DATABASE registry TEMPLATE migrated")
        async with connected(self._address) as connection:
            self._shape = await _shape_of(connection)

    def _named(self, database: str) -> str:
        return self._server.replace("/postgres?", f"/{database}?")


async def _shape_of(connection: Any) -> tuple[int, ...]:
    return tuple(await connection.fetchrow(_SHAPE))
