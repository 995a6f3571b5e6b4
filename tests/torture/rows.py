"""The rows of a town as they lie on the disk: looked at while nothing runs, and spoilt on purpose."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import now
from bot.domain.follower import Glance, Record, is_dummy
from bot.store.database import Database
from bot.store.keyring import Keyring
from bot.store.postgres_shelf import PostgresShelf
from bot.store.sealing import RowDamagedError, Sealer
from bot.store.shelf import Row, Shelf
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault
from tests.running import ROOT

_OURS = r"^vault_(\d+|state)"


class Rows:
    """What the bot remembers, from outside."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database, self._folder = database, folder
        self.keyring = folder / "keyring"
        self._files = folder / "vault"
        self._kept = folder / "kept"
        self._damaged: dict[bytes, bytes] = {}
        """What rows held that were spoilt, by tag."""
        self.may_be_missing = False

    @property
    def _are_files(self) -> bool:
        return self._database.file is not None

    def shelf(self) -> Shelf:
        """Return where the rows lie."""
        return SqliteShelf(self._files) if self._are_files else PostgresShelf(self._database)

    @asynccontextmanager
    async def vault(self, now: Callable[[], datetime] = now) -> AsyncIterator[Vault]:
        """Open the vault as the process that keeps it."""
        vault = await Vault.open(self.shelf(), self.keyring, ROOT, now=now)
        try:
            yield vault
        finally:
            await vault.close()

    async def have_rested(self) -> None:
        """Let the rest between two re-keys be over, and the last one be of today: so no night is due."""
        away = timedelta(hours=2 if now().hour < 12 else -2)
        async with self.vault(lambda: now() + away) as vault:
            await vault.rekey()

    def keys(self) -> Keyring:
        """Read the keyring."""
        return Keyring.load(self.keyring, ROOT)

    async def records(self) -> list[Record]:
        """Open every row, as it lies there while nothing runs."""
        return [Glance(packed).record() for packed in await self._opened() if not is_dummy(packed)]

    async def room(self) -> int:
        """Return for how many newcomers there is room."""
        return sum(map(is_dummy, await self._opened()))

    async def _opened(self) -> list[bytes]:
        found = await self._all()
        if found is None:
            assert self.may_be_missing, "there is no vault"
            return []
        epoch, rows = found
        sealer = Sealer(epoch, self.keys().epochs[epoch])
        # One that was not spoilt by us must open.
        return [sealer.open(tag, blob) for tag, blob in rows if not self._is_damaged(sealer, tag, blob)]

    def _is_damaged(self, sealer: Sealer, tag: bytes, blob: bytes) -> bool:
        if tag not in self._damaged:
            return False
        with suppress(RowDamagedError):
            sealer.open(tag, blob)
            return False
        return True

    async def epoch(self) -> int:
        """Return under which keys the rows are sealed, or the last ones if they are being sealed anew."""
        if self._are_files:
            return max(int(path.stem[6:]) for path in self._files.glob("vault-*.db"))
        async with self._database.reading() as connection:
            return await _epoch(connection)

    async def _all(self) -> tuple[int, list[Row]] | None:
        if self._are_files:
            return await asyncio.to_thread(self._all_of_sqlite)
        return await self._all_of_postgres()

    def _all_of_sqlite(self) -> tuple[int, list[Row]] | None:
        # A copy: what the bot will find must not have been tidied up by us.
        with tempfile.TemporaryDirectory(prefix="volya-look-") as place:
            copy = Path(place) / "vault"
            if self._files.is_dir():
                shutil.copytree(self._files, copy)
            with _newest(copy) as found:
                if found is None:
                    return None
                epoch, connection = found
                return epoch, connection.execute("SELECT tag, blob FROM vault").fetchall()

    async def _all_of_postgres(self) -> tuple[int, list[Row]] | None:
        others = text(
            "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid()"
        )
        while True:
            async with self._database.writing() as connection:
                if not (await connection.execute(others)).scalar_one():
                    break
            await asyncio.sleep(0.005)
        async with self._database.writing() as connection:
            if (await connection.execute(text("SELECT to_regclass('vault_state')"))).scalar_one() is None:
                return None
            if not (await connection.execute(text("SELECT epoch FROM vault_state"))).first():
                return None
            epoch = await _epoch(connection)
            rows = await connection.execute(text(f"TABLE vault_{epoch}"))
            return epoch, [(row[0], row[1]) for row in rows]

    # What a disk, or an operator, may do to them.

    async def spoil(self, chat: int) -> None:
        """Change a byte of a chat's row while the bot runs, unless that has been done already."""
        # A re-key may be under way: what is gone the next moment is spoilt the next time.
        with suppress(exc.DBAPIError, sqlite3.OperationalError, KeyError):
            await self._change(chat, spoils=True)

    async def heal(self, chat: int) -> None:
        """Put back what a row held."""
        await self._change(chat, spoils=False)
        self._damaged.clear()

    async def _change(self, chat: int, *, spoils: bool) -> None:
        if not self._are_files:
            async with self._database.writing() as connection:
                epoch = await _epoch(connection)
                given = {"tag": self._tag(epoch, chat)}
                blob = text(f"SELECT blob FROM vault_{epoch} WHERE tag = :tag FOR UPDATE")  # noqa: S608  (our name)
                held = (await connection.execute(blob, given)).scalar_one()
                update = text(f"UPDATE vault_{epoch} SET blob = :blob WHERE tag = :tag")  # noqa: S608
                await connection.execute(update, {**given, "blob": self._other(given["tag"], held, spoils)})
            return
        with _newest(self._files) as found:
            assert found is not None
            epoch, files = found
            tag = self._tag(epoch, chat)
            files.execute("PRAGMA busy_timeout=5000")
            files.execute("BEGIN IMMEDIATE")
            [held] = files.execute("SELECT blob FROM vault WHERE tag = ?", (tag,)).fetchone()
            files.execute("UPDATE vault SET blob = ? WHERE tag = ?", (self._other(tag, held, spoils), tag))
            files.execute("COMMIT")

    def _tag(self, epoch: int, chat: int) -> bytes:
        return Sealer(epoch, self.keys().epochs[epoch]).tag(chat)

    def _other(self, tag: bytes, held: bytes, spoils: bool) -> bytes:
        if not spoils:
            return self._damaged.get(tag, held)
        self._damaged.setdefault(tag, held)
        kept = self._damaged[tag]
        return kept[:-1] + bytes([kept[-1] ^ 1])

    async def keep_a_copy(self) -> None:
        """Take a copy of all rows, as a backup would."""
        if self._are_files:
            shutil.copytree(self._files, self._kept)
            return
        async with self._database.writing() as connection:
            await connection.execute(text("CREATE SCHEMA kept"))
            for name in await self._tables(connection):
                await connection.execute(text(f"CREATE TABLE kept.{name} AS TABLE {name}"))

    async def put_it_back(self) -> None:
        """Put the copy back in place of what is there; its keys must still live."""
        if self._are_files:
            shutil.rmtree(self._files)
            self._kept.rename(self._files)
            return
        async with self._database.writing() as connection:
            for name in await self._tables(connection):
                await connection.execute(text(f"DELETE FROM {name}"))  # noqa: S608  (our name)
                await connection.execute(text(f"INSERT INTO {name} TABLE kept.{name}"))
            await connection.execute(text("DROP SCHEMA kept CASCADE"))

    async def lose_everything(self) -> None:
        """Let rows and keys be gone: as where the bot never ran."""
        self.keyring.unlink()
        self.may_be_missing = True
        if self._are_files:
            shutil.rmtree(self._files)
            return
        async with self._database.writing() as connection:
            for name in await self._tables(connection):
                await connection.execute(text(f"DROP TABLE {name}"))

    def hide_the_keyring(self) -> None:
        """Put the keyring elsewhere, for a while."""
        self.keyring.rename(self.keyring.with_name("hidden"))

    def show_the_keyring(self) -> None:
        """Put it back."""
        self.keyring.with_name("hidden").rename(self.keyring)

    async def _tables(self, connection: AsyncConnection) -> list[str]:
        query = text(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema AND tablename ~ :ours"
        )
        return list((await connection.execute(query, {"ours": _OURS})).scalars())


async def _epoch(connection: AsyncConnection) -> int:
    return int((await connection.execute(text("SELECT epoch FROM vault_state"))).scalar_one())


@contextmanager
def _newest(folder: Path) -> Iterator[tuple[int, sqlite3.Connection] | None]:
    """Open the newest whole file of rows, if there is one."""
    for path in sorted(folder.glob("vault-*.db"), key=lambda path: -int(path.stem[6:])):
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            try:
                # One that was never finished has no version, or is no database yet.
                whole = bool(connection.execute("PRAGMA user_version").fetchone()[0])
            except sqlite3.DatabaseError:
                whole = False
            if whole:
                yield int(path.stem[6:]), connection
                return
    yield None
