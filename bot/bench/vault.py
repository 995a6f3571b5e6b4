"""Sealed rows, measured on each store: scan, merge, re-key and size, beside the same records under Fernet."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import text

from bot.app import SWITCH_SECONDS
from bot.bench import postgres
from bot.domain.follower import Glance, Record, Wanted, Wipe, pack
from bot.store.database import Database
from bot.store.keyring import Keyring, RootKey
from bot.store.postgres_shelf import PostgresShelf
from bot.store.rekeying import padded
from bot.store.sealing import Sealer
from bot.store.shelf import Shelf
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault

_SQLITE, _POSTGRES = "vault, SQLite", "vault, PostgreSQL"
_PEOPLE, _MERGES, _ROUNDS, _TICK, _UPDATES = 9000, 500, 3, 0.005, 50


@dataclass(frozen=True, slots=True)
class Figures:
    """What one store came to: seconds, and bytes on disk."""

    scan_one: float
    scan_many: float
    merge: float
    rekey: float
    size: int


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late (ms) the loop was alone, and beside a scan, a re-key and updates; how late their writers."""

    alone: list[float]
    together: list[float]
    writers: list[float]


def run(rows: int, seed: int) -> None:
    """Measure the vault on each store and its peer in one run, and print a line for each."""
    sys.setswitchinterval(SWITCH_SECONDS)
    records = followers(rows, seed)
    print(f"{rows} followers, {padded(rows)} rows with dummies; scans and re-key: the best of {_ROUNDS}\n")
    print(f"{'':20}{'scan, 1':>10}{'scan, 130':>11}{'merge':>10}{'re-key':>9}{'per 100,000 rows':>18}")
    measured: dict[str, tuple[Figures, Lateness]] = {}
    folder = Path(tempfile.mkdtemp(prefix="volya-bench-"))
    try:
        measured[_SQLITE] = asyncio.run(_measure_vault(folder, None, records))
        _print(_SQLITE, padded(rows), measured[_SQLITE][0])
        if postgres.is_installed():
            with postgres.server(folder / "postgres") as address:
                measured[_POSTGRES] = asyncio.run(_measure_vault(folder, address, records))
            _print(_POSTGRES, padded(rows), measured[_POSTGRES][0])
        else:
            print(f"{_POSTGRES:20}not installed")
        _print("Fernet, unpadded", rows, _measure_fernet(folder / "fernet.db", records))
    finally:
        shutil.rmtree(folder)
    for name, (figures, late) in measured.items():
        print(f"\n{name}: {figures.size} bytes on disk for {padded(rows)} rows")
        print(f"A 5 ms tick of the same loop, late by (ms): {_spread(late.alone)}")
        print(f"The same during a scan, a re-key and {_UPDATES} updates a second: {_spread(late.together)}")
        print(f"A writer during a re-key waits (ms): {_spread(late.writers)}")


def _spread(measured: list[float]) -> str:
    found = sorted(measured)
    half, nearly_all = found[len(found) // 2], found[len(found) * 999 // 1000]
    return f"half {half:.1f}, 99.9 % {nearly_all:.1f}, most {found[-1]:.1f}"


def _print(name: str, rows: int, figures: Figures) -> None:
    scans = f"{figures.scan_one:8.2f} s{figures.scan_many:9.2f} s"
    size = figures.size / rows * 100_000 / 1e6
    print(f"{name:20}{scans}{figures.merge * 1000:7.2f} ms{figures.rekey:7.2f} s{size:15.0f} MB")


def followers(count: int, seed: int) -> list[Record]:
    """Return made-up followers: most follow one to three, one in a hundred is an advocate with 150."""
    chance = random.Random(seed)  # noqa: S311  (a benchmark)
    people = [chance.randrange(1, 2**31) for _ in range(_PEOPLE)]
    return [
        Record(
            chat=7_000_000_000 + n,
            people=frozenset(chance.sample(people, 150 if n % 100 == 0 else chance.randint(1, 3))),
            wipes=tuple(Wipe(n + k, 30_000_000 + k) for k in range(chance.randint(0, 12))),
        )
        for n in range(count)
    ]


async def fill(shelf: Shelf, path: Path, root: RootKey, records: Iterable[Record]) -> None:
    """Put records into a shelf where there is nothing, at once: a bot gets them one by one."""
    keyring = Keyring.create(path, root)
    epoch = keyring.begin_epoch()
    sealer = Sealer(epoch, keyring.epochs[epoch])
    rows = []
    for record in records:
        tag = sealer.tag(record.chat)
        rows.append((tag, sealer.seal(tag, pack(record))))
    for place in range(len(rows), padded(len(rows))):
        tag = sealer.dummy_tag(place)
        rows.append((tag, sealer.dummy(tag)))
    await shelf.open()
    async with shelf.building(epoch) as add:
        await add(sorted(rows))
    await shelf.swap(None, epoch, keyring.generation, (), lambda _: [])
    # Sealed just now, so that no night's work is due: it would seal all of them anew amid a measurement.
    keyring.destroy((), rekeyed=int(time.time()))
    await shelf.close()


def wanted(records: list[Record], count: int) -> frozenset[int]:
    """Return so many people who were released, followed by some."""
    return frozenset(sorted({person for record in records for person in record.people})[:count])


@asynccontextmanager
async def _shelves(folder: Path, address: str | None) -> AsyncIterator[Callable[[], Shelf]]:
    """Give shelves in a folder, or in the database at an address."""
    if address is None:
        yield lambda: SqliteShelf(folder / "data")
        return
    database = Database(address)
    try:
        yield lambda: PostgresShelf(database)
    finally:
        await database.close()


async def _measure_vault(
    folder: Path, address: str | None, records: list[Record]
) -> tuple[Figures, Lateness]:
    root, path = RootKey(os.urandom(32)), folder / ("keyring" if address is None else "keyring-postgres")
    async with _shelves(folder, address) as shelf:
        await fill(shelf(), path, root, records)
        vault = await Vault.open(shelf(), path, root)
        one, many = wanted(records, 1), wanted(records, 130)
        # The made-up followers live here only: a collection that walks them is not the vault's doing.
        gc.freeze()
        late = Lateness([], [], [])
        try:
            async with _alongside(_tick(late.alone)):
                figures = Figures(
                    await _best(lambda: _scan(vault, one)),
                    await _best(lambda: _scan(vault, many)),
                    await _merge(vault, records),
                    await _best(vault.rekey),
                    await _bytes_on_disk(folder, address),
                )
            async with _alongside(_tick(late.together)), _alongside(_update(vault, records, late.writers)):
                for _ in range(_ROUNDS):
                    await asyncio.gather(vault.rekey(), _scan(vault, many))
            return figures, late
        finally:
            await vault.close()


async def _bytes_on_disk(folder: Path, address: str | None) -> int:
    if address is None:
        return sum(file.stat().st_size for file in (folder / "data").glob("*"))
    database = Database(address)
    try:
        async with database.reading() as connection:
            size = text(
                "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname ~ '^vault_[0-9]+$'"
            )
            return int((await connection.execute(size)).scalar_one())
    finally:
        await database.close()


async def _update(vault: Vault, records: list[Record], pauses: list[float]) -> None:
    """Change one record after another, so many a second, and note how long each took (ms)."""
    async with asyncio.TaskGroup() as tasks:
        for place in itertools.count():
            tasks.create_task(_note(_change(vault, records[place % len(records)].chat), pauses))
            await asyncio.sleep(1 / _UPDATES)


async def _note(work: Awaitable[object], taken: list[float]) -> None:
    started = time.perf_counter()
    await work
    taken.append((time.perf_counter() - started) * 1000)


@asynccontextmanager
async def _alongside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do something endless while the body runs; whatever it fails with is raised."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _scan(vault: Vault, people: frozenset[int]) -> None:
    looked_for = Wanted.of(people)
    async for _ in vault.scan(lambda glance: glance.follows_any(looked_for)):
        pass


async def _merge(vault: Vault, records: list[Record]) -> float:
    merged = records[:_MERGES]
    started = time.perf_counter()
    for record in merged:
        await _change(vault, record.chat)
    return (time.perf_counter() - started) / len(merged)


async def _change(vault: Vault, chat: int) -> None:
    await vault.merge(chat, lambda found: replace(found, alert_seen=found.alert_seen + 1))


async def _tick(lags: list[float]) -> None:
    """Note how late the loop is (ms) while everything else is measured."""
    while True:
        asked = time.perf_counter()
        await asyncio.sleep(_TICK)
        lags.append((time.perf_counter() - asked - _TICK) * 1000)


async def _best(work: Callable[[], Awaitable[None]]) -> float:
    times = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        await work()
        times.append(time.perf_counter() - started)
    return min(times)


def _measure_fernet(path: Path, records: list[Record]) -> Figures:
    """Do the usual: a row for each follower, its record under Fernet, chat ids in the clear, no padding."""
    fernet = Fernet(Fernet.generate_key())
    with closing(sqlite3.connect(path, isolation_level=None)) as rows:
        rows.execute("PRAGMA journal_mode=WAL").close()
        rows.execute("PRAGMA synchronous=FULL").close()
        rows.execute("CREATE TABLE follower (chat INTEGER PRIMARY KEY, record BLOB NOT NULL)")
        rows.execute("BEGIN")
        sealed = ((record.chat, fernet.encrypt(pack(record))) for record in records)
        rows.executemany("INSERT INTO follower VALUES (?, ?)", sealed)
        rows.execute("COMMIT")
        scans = [_fernet_scan(rows, fernet, wanted(records, count)) for count in (1, 130)]
        merge = _fernet_merge(rows, fernet, records)
        rekey = _fernet_rekey(rows, fernet)
    return Figures(scans[0], scans[1], merge, rekey, path.stat().st_size)


def _fernet_scan(rows: sqlite3.Connection, fernet: Fernet, people: frozenset[int]) -> float:
    looked_for = Wanted.of(people)
    started = time.perf_counter()
    for (sealed,) in rows.execute("SELECT record FROM follower"):
        _follows(fernet.decrypt(sealed), looked_for)
    return time.perf_counter() - started


def _follows(packed: bytes, looked_for: Wanted) -> Record | None:
    glance = Glance(packed)
    return glance.record() if glance.follows_any(looked_for) else None


def _fernet_merge(rows: sqlite3.Connection, fernet: Fernet, records: list[Record]) -> float:
    merged = records[:_MERGES]
    started = time.perf_counter()
    for record in merged:
        rows.execute("BEGIN IMMEDIATE")
        [sealed] = rows.execute("SELECT record FROM follower WHERE chat = ?", (record.chat,)).fetchone()
        found = Glance(fernet.decrypt(sealed)).record()
        changed = fernet.encrypt(pack(replace(found, alert_seen=found.alert_seen + 1)))
        rows.execute("UPDATE follower SET record = ? WHERE chat = ?", (changed, record.chat))
        rows.execute("COMMIT")
    return (time.perf_counter() - started) / len(merged)


def _fernet_rekey(rows: sqlite3.Connection, fernet: Fernet) -> float:
    """Do it in place, as is usual: the old bytes stay in the journal and in free pages."""
    fresh = Fernet(Fernet.generate_key())
    started = time.perf_counter()
    rows.execute("BEGIN IMMEDIATE")
    found = rows.execute("SELECT chat, record FROM follower").fetchall()
    resealed = ((fresh.encrypt(fernet.decrypt(sealed)), chat) for chat, sealed in found)
    rows.executemany("UPDATE follower SET record = ? WHERE chat = ?", resealed)
    rows.execute("COMMIT")
    return time.perf_counter() - started
