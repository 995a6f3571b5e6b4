"""Vaults for tests, on SQLite and on PostgreSQL, and a look at their rows from outside."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.domain.follower import Record
from bot.store.changing import Change
from bot.store.database import Database
from bot.store.keyring import RootKey
from bot.store.postgres_shelf import PostgresShelf
from bot.store.shelf import Row, Shelf
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault

ROOT = RootKey(b"r" * 32)


def following(*people: int) -> Change:
    """Return the change after which a record follows exactly these."""
    return lambda record: replace(record, people=frozenset(people))


def one_more(record: Record) -> Record:
    """Count one more, where an alert seen would be: repeats and losses show."""
    return replace(record, alert_seen=record.alert_seen + 1)


async def everybody(vault: Vault) -> dict[int, Record]:
    """Return every record there is, by chat."""
    return {record.chat: record async for record in vault.scan(lambda _: True)}


class Home:
    """One place for a vault: a folder, and on PostgreSQL a database."""

    def __init__(self, folder: Path, address: str | None) -> None:
        self.folder, self.address = folder, address
        self.data, self.keyring = folder / "data", folder / "keyring"
        self._open: list[Vault] = []
        self._databases: list[Database] = []

    @property
    def is_sqlite(self) -> bool:
        return self.address is None

    def shelf(self) -> Shelf:
        if self.address is None:
            return SqliteShelf(self.data)
        self._databases.append(Database(self.address))
        return PostgresShelf(self._databases[-1])

    async def open(self, root: RootKey = ROOT, **options: Any) -> Vault:
        vault = await Vault.open(self.shelf(), self.keyring, root, **options)
        self._open.append(vault)
        return vault

    async def close(self) -> None:
        """Close everything: what follows opens it again, as after a restart."""
        for vault in self._open:
            await vault.close()
        for database in self._databases:
            await database.close()
        self._open, self._databases = [], []

    async def tables(self) -> list[str]:
        """Return the names of all tables of rows there are."""
        if self.address is None:
            return sorted(path.stem.replace("-", "_") for path in self.data.glob("vault-*.db"))
        return [
            row[0] for row in await self.ask("SELECT tablename FROM pg_tables WHERE tablename ~ '^vault_\\d'")
        ]

    async def rows(self) -> list[Row]:
        """Return the rows of the only table, in the order in which they lie."""
        [table] = await self.tables()
        if self.address is not None:
            return [(row[0], row[1]) for row in await self.ask(f"TABLE {table}")]
        connection = sqlite3.connect(self.data / f"{table.replace('_', '-')}.db")
        try:
            return connection.execute("SELECT tag, blob FROM vault").fetchall()
        finally:
            connection.close()

    async def put(self, tag: bytes, blob: bytes) -> None:
        """Change a row behind the vault's back."""
        [table] = await self.tables()
        if self.address is not None:
            update = f"UPDATE {table} SET blob = :blob WHERE tag = :tag"  # noqa: S608  (a name we made)
            await self.ask(update, blob=blob, tag=tag)
            return
        connection = sqlite3.connect(self.data / f"{table.replace('_', '-')}.db", isolation_level=None)
        try:
            connection.execute("UPDATE vault SET blob = ? WHERE tag = ?", (blob, tag))
        finally:
            connection.close()

    async def ask(self, statement: str, **values: Any) -> list[Any]:
        """Ask PostgreSQL directly."""
        assert self.address is not None
        database = Database(self.address)
        try:
            async with database.writing() as connection:
                found = await connection.execute(text(statement), values)
                return list(found.all()) if found.returns_rows else []
        finally:
            await database.close()

    async def row_of(self, vault: Vault, chat: int) -> Row:
        """Return a chat's row: the one whose blob a harmless change replaces."""
        before = dict(await self.rows())
        await vault.merge(chat, one_more)
        [changed] = [(tag, blob) for tag, blob in await self.rows() if before.get(tag) != blob]
        return changed
