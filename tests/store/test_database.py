"""The database's promises: what a commit survives, who may write, and what a failure may say."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from bot.store.database import READERS, Database, DatabaseNewerError, DatabaseUnavailableError
from bot.store.tables import SCHEMA_REVISION, person, person_name, publisher

CANARY = "canary8843"


async def add_person(database: Database, number: int) -> None:
    async with database.writing() as connection:
        await connection.execute(person.insert().values(key=f"p{number}", number=number))


async def count_people(database: Database) -> int:
    async with database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(person))).scalar_one()


async def pragma(connection: Any, name: str) -> Any:
    return (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()


async def test_a_commit_on_sqlite_survives_a_power_cut_and_what_is_deleted_is_gone(
    sqlite_database: Database,
) -> None:
    async with sqlite_database.writing() as connection:
        pragmas = {
            name: await pragma(connection, name)
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "query_only")
        }

    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "query_only": 0,
    }


async def test_every_reader_on_sqlite_is_a_reader_only(sqlite_database: Database) -> None:
    async with sqlite_database.reading() as first, sqlite_database.reading() as second:
        assert [await pragma(connection, "query_only") for connection in (first, second)] == [1, 1]
        assert [await pragma(connection, "foreign_keys") for connection in (first, second)] == [1, 1]


async def test_a_reader_cannot_write_and_that_is_no_outage(database: Database) -> None:
    with pytest.raises(Exception, match=r"."):
        async with database.reading() as connection:
            await connection.execute(person.insert().values(key="p", number=1))

    assert await count_people(database) == 0


async def test_a_write_on_sqlite_holds_the_lock_from_its_first_moment(
    sqlite_database: Database, tmp_path: Path
) -> None:
    stranger = sqlite3.connect(tmp_path / "registry.db", timeout=0, isolation_level=None)
    try:
        async with sqlite_database.writing():
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                stranger.execute("BEGIN IMMEDIATE")
        stranger.execute("BEGIN IMMEDIATE")
        stranger.execute("ROLLBACK")
    finally:
        stranger.close()


async def test_a_reader_on_sqlite_does_not_wait_for_a_writer(sqlite_database: Database) -> None:
    async with sqlite_database.writing() as connection:
        await connection.execute(person.insert().values(key="p", number=1))

        assert await count_people(sqlite_database) == 0

    assert await count_people(sqlite_database) == 1


async def test_an_error_rolls_back_all_of_a_transaction(database: Database) -> None:
    async def broken() -> None:
        async with database.writing() as connection:
            await connection.execute(person.insert().values(key="p", number=1))
            raise LookupError

    with pytest.raises(LookupError):
        await broken()

    assert await count_people(database) == 0


async def test_a_transaction_without_an_error_is_committed(database: Database) -> None:
    await add_person(database, 1)

    assert await count_people(database) == 1


async def test_a_reader_sees_one_state_to_its_end(database: Database) -> None:
    counted = select(func.count()).select_from(person)
    async with database.reading() as connection:
        before = (await connection.execute(counted)).scalar_one()
        await add_person(database, 1)
        after = (await connection.execute(counted)).scalar_one()

    assert (before, after) == (0, 0)


async def test_two_writers_of_one_process_wait_for_each_other(database: Database) -> None:
    await asyncio.gather(*(add_person(database, number) for number in range(1, 11)))

    assert await count_people(database) == 10


async def test_two_writing_processes_on_sqlite_wait_for_each_other(
    sqlite_database: Database, tmp_path: Path
) -> None:
    other = Database(f"sqlite+aiosqlite:///{tmp_path / 'registry.db'}")
    try:
        async with asyncio.TaskGroup() as tasks, sqlite_database.writing() as connection:
            waiting = tasks.create_task(add_person(other, 2))
            await asyncio.sleep(0.05)
            assert not waiting.done()
            await connection.execute(person.insert().values(key="p1", number=1))
    finally:
        await other.close()

    assert await count_people(sqlite_database) == 2


async def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    orphan = person_name.insert().values(person_id=9, language="be", kind="main", text="x", batch="seed")

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        async with database.writing() as connection:
            await connection.execute(orphan)


def everything_said(error: BaseException) -> str:
    """Return the text of an error, of its whole chain and of its printed traceback."""
    chain: list[str] = []
    link: BaseException | None = error
    while link is not None:
        chain += [str(link), repr(link), *map(str, getattr(link, "__notes__", ()))]
        link = link.__cause__ or link.__context__
    # Only the last lines: the frames of a traceback quote this very file.
    return "\n".join([*chain, *traceback.format_exception_only(error)])


async def failure_of(database: Database) -> DatabaseUnavailableError:
    """Return what reading, writing, asking for the revision and migrating all raise."""
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: count_people(database),
        lambda: add_person(database, 1),
        database.schema_revision,
        database.migrate,
    ]
    failures = []
    try:
        for attempt in attempts:
            with pytest.raises(DatabaseUnavailableError) as caught:
                await attempt()
            failures.append(caught.value)
    finally:
        await database.close()
        # The driver's thread of a connection that never opened reports to this loop as it ends.
        await asyncio.sleep(0.1)
    assert len({everything_said(failure) for failure in failures}) == 1
    return failures[0]


async def test_a_missing_server_is_an_outage_that_names_no_address() -> None:
    error = await failure_of(Database(f"postgresql://{CANARY}:{CANARY}@127.0.0.1:1/{CANARY}"))

    assert CANARY not in everything_said(error)
    assert "127.0.0.1" not in everything_said(error)


async def test_a_server_that_goes_while_its_driver_is_asked_is_an_outage(postgres: str) -> None:
    """COPY goes past SQLAlchemy, which otherwise says what happened."""
    asked, other = Database(postgres), Database(postgres)
    pid: asyncio.Queue[int] = asyncio.Queue()

    async def ask() -> None:
        async with asked.reading() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            pid.put_nowait(driver.get_server_pid())
            await driver.fetch("SELECT pg_sleep(10)")

    try:
        asking = asyncio.ensure_future(ask())
        async with other.writing() as connection:
            await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": await pid.get()})
        with pytest.raises(DatabaseUnavailableError) as caught:
            await asking
        assert caught.value.__context__ is None
    finally:
        await asked.close()
        await other.close()


class Cable:
    """What lies between the bot and PostgreSQL, and can be cut so that neither end is told."""

    def __init__(self, server: str) -> None:
        self._server, self.is_cut = server, False
        self._ends: list[asyncio.StreamWriter] = []

    async def plug_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_unix_connection(self._server)
        self._ends += [writer, questions]
        await asyncio.gather(self._carry(reader, questions), self._carry(answers, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(65536):
            if not self.is_cut:
                writer.write(said)
        if not self.is_cut:
            writer.close()

    async def unplug(self) -> None:
        for end in self._ends:
            end.close()
        await asyncio.gather(*(end.wait_closed() for end in self._ends), return_exceptions=True)


async def test_a_server_that_falls_silent_is_an_outage_and_is_found_again(
    postgres: str, tmp_path: Path
) -> None:
    """As after a power cut on its side: no connection is ever closed, and no answer comes."""
    folder = make_url(postgres).query["host"]
    cable = Cable(f"{folder}/.s.PGSQL.5432")
    between = await asyncio.start_unix_server(cable.plug_in, f"{tmp_path}/.s.PGSQL.5432")
    database = Database(f"postgresql://postgres@/postgres?host={tmp_path}", patience=0.3)

    async def look() -> int:
        async with database.reading() as connection:
            return int((await connection.execute(text("SELECT 1"))).scalar_one())

    async def look_twice() -> None:
        async with database.reading() as connection:
            await connection.execute(text("SELECT 1"))
            cable.is_cut = True
            await connection.execute(text("SELECT 1"))

    try:
        async with asyncio.timeout(20):
            assert await look() == 1
            with pytest.raises(DatabaseUnavailableError):
                await look_twice()
            for _ in range(3):
                with pytest.raises(DatabaseUnavailableError):
                    await look()
            cable.is_cut = False
            assert await look() == 1
    finally:
        await database.close()
        between.close()
        await cable.unplug()


async def test_a_missing_database_on_a_server_is_an_outage_that_names_nothing(postgres: str) -> None:
    error = await failure_of(Database(postgres.replace("/postgres?", f"/{CANARY}?")))

    assert CANARY not in everything_said(error)


async def test_a_folder_that_is_not_there_is_an_outage_that_names_no_path(tmp_path: Path) -> None:
    error = await failure_of(Database(f"sqlite+aiosqlite:///{tmp_path / CANARY / 'registry.db'}"))

    assert CANARY not in everything_said(error)


async def test_a_file_that_is_no_database_is_an_outage_that_names_no_path(tmp_path: Path) -> None:
    path = tmp_path / f"{CANARY}.db"
    path.write_text("this is not a database, however long it is " * 100)

    error = await failure_of(Database(f"sqlite+aiosqlite:///{path}"))

    assert CANARY not in everything_said(error)


async def test_a_lock_that_never_ends_is_an_outage_and_quotes_no_value(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database.BUSY_MILLISECONDS", 1)
    impatient = Database(f"sqlite+aiosqlite:///{tmp_path / 'registry.db'}")
    try:
        async with sqlite_database.writing():
            with pytest.raises(DatabaseUnavailableError) as caught:
                await add_person(impatient, 8843)
    finally:
        await impatient.close()

    assert "8843" not in everything_said(caught.value)


async def test_a_mistake_of_ours_is_not_called_an_outage(database: Database) -> None:
    with pytest.raises(Exception, match=r".") as caught:
        async with database.reading() as connection:
            await connection.execute(text("SELECT missing FROM person"))

    assert not isinstance(caught.value, DatabaseUnavailableError)


async def test_an_error_of_the_database_quotes_no_parameter(database: Database) -> None:
    async def add_canary() -> None:
        async with database.writing() as connection:
            await connection.execute(person.insert().values(key=CANARY, number=1))

    await add_canary()
    with pytest.raises(Exception, match=r"(?i)unique") as caught:
        await add_canary()

    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "dialect"),
    [
        ("postgresql://h/d", "postgresql"),
        ("postgres://h/d", "postgresql"),
        ("postgresql+asyncpg://h/d", "postgresql"),
        ("sqlite:///x.db", "sqlite"),
        ("sqlite+aiosqlite:///x.db", "sqlite"),
    ],
)
async def test_plain_addresses_are_understood(url: str, dialect: str) -> None:
    database = Database(url)

    assert database.dialect == dialect
    assert CANARY not in repr(Database(f"postgresql://u:{CANARY}@h/d"))
    await database.close()


async def test_a_look_sees_what_was_committed_and_cannot_write(database: Database) -> None:
    seen: list[list[str]] = []
    for name in ("One", "Two"):
        async with database.writing() as connection:
            await connection.execute(publisher.insert().values(name=name, kind="media", designation="listed"))
        async with database.looking() as look:
            names = await look.execute(select(publisher.c.name).order_by(publisher.c.id))
            seen.append(list(names.scalars()))
    with pytest.raises((DBAPIError, DatabaseUnavailableError)):
        async with database.looking() as look:
            await look.execute(publisher.delete())
    async with database.looking() as look:
        seen.append(list((await look.execute(select(publisher.c.name).order_by(publisher.c.id))).scalars()))
    assert seen == [["One"], ["One", "Two"], ["One", "Two"]]


async def test_looks_wait_for_no_writer_and_for_no_other_look(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(publisher.insert().values(name="One", kind="media", designation="listed"))
        async with AsyncExitStack() as looks:
            for _ in range(READERS + 2):
                look = await looks.enter_async_context(database.looking())
                assert (await look.execute(select(publisher.c.name))).all() == []


@pytest.mark.parametrize("revision", ["0009", "a1b2"])
async def test_a_database_of_a_newer_version_is_refused_by_name_and_left_as_it_is(
    empty_database: Database, revision: str
) -> None:
    database = empty_database  # not the one that is cleared for the next test: clearing keeps its version
    await database.migrate()
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    said = f"The database was made by a newer version ({revision}, this one knows {SCHEMA_REVISION}): "
    for ask in (database.migrate, database.schema_revision):
        with pytest.raises(DatabaseNewerError) as caught:
            await ask()
        assert str(caught.value) == said + "run that version. Nothing was changed."
    async with database.reading() as connection:
        assert (
            await connection.execute(text("SELECT version_num FROM alembic_version"))
        ).scalar() == revision


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in sorted(folder.iterdir())}


async def test_nobody_else_reads_a_database_that_is_made_or_was_made_before(tmp_path: Path) -> None:
    private = {"registry.db": 0o600, "registry.db-shm": 0o600, "registry.db-wal": 0o600}
    database = Database(f"sqlite:///{tmp_path / 'registry.db'}")
    await database.migrate()
    await add_person(database, 1)
    assert modes(tmp_path) == private
    for name in private:
        await asyncio.to_thread((tmp_path / name).chmod, 0o644)
    other = Database(f"sqlite:///{tmp_path / 'registry.db'}")
    assert await count_people(other) == 1
    assert modes(tmp_path) == private
    await other.close()
    await database.close()
