"""Migrations: one line of them, each reversible, ending in exactly the tables the code speaks to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from bot.store.database import MIGRATIONS, Database
from bot.store.tables import SCHEMA_REVISION, metadata


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def revisions() -> list[str]:
    """Return every revision, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


async def migrate(database: Database, step: Callable[[Config, str], Any], to: str) -> None:
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: step(config(sync), to))


async def tables(database: Database) -> set[str]:
    async with database.reading() as connection:
        return await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))


def test_there_is_one_head_and_the_code_knows_it() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [SCHEMA_REVISION]


def test_files_are_numbered_as_they_run() -> None:
    files = sorted(path.name for path in (MIGRATIONS / "versions").glob("*.py"))

    assert [name.split("_")[0] for name in files] == revisions()


async def test_each_step_goes_up_and_down_and_up_again(empty_database: Database) -> None:
    for revision in revisions():
        await migrate(empty_database, command.upgrade, revision)
        assert await empty_database.schema_revision() == revision
        await migrate(empty_database, command.downgrade, "-1")
        await migrate(empty_database, command.upgrade, revision)

    await migrate(empty_database, command.downgrade, "base")

    assert await tables(empty_database) == {"alembic_version"}


async def test_the_head_equals_the_tables(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_empty_database_is_migrated_once(empty_database: Database) -> None:
    assert await empty_database.schema_revision() is None
    assert await empty_database.migrate() is True
    assert await empty_database.migrate() is False
    assert await empty_database.schema_revision() == SCHEMA_REVISION


async def test_of_two_processes_that_start_at_once_one_migrates_and_both_go_on(
    empty_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, both = Database.schema_revision, asyncio.Barrier(2)

    async def looks(database: Database) -> str | None:
        found = await look(database)
        await both.wait()
        return found

    monkeypatch.setattr(Database, "schema_revision", looks)
    here, there = Database(empty_address), Database(empty_address)
    try:
        assert sorted(await asyncio.gather(here.migrate(), there.migrate())) == [False, True]
        assert await look(here) == SCHEMA_REVISION
    finally:
        await here.close()
        await there.close()


async def test_a_failed_migration_leaves_nothing_behind(empty_database: Database) -> None:
    async with empty_database.writing() as connection:
        await connection.exec_driver_sql("CREATE TABLE source (id INTEGER)")  # the migration trips over it

    try:
        await empty_database.migrate()
    except Exception as error:
        failure: Exception | None = error
    else:
        failure = None

    assert failure is not None
    assert await tables(empty_database) == {"source"}
