"""A stolen copy tells nothing: whoever follows whom, the files differ only in what looks like noise."""

from __future__ import annotations

import math
import random
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import pytest

from bot.domain.follower import MOST_FOLLOWS
from bot.store.sealing import BLOB, TAG
from bot.store.shelf import Row
from tests.domain.test_follower import a_full_record
from tests.store.vaults import Home, following

Graph = dict[int, frozenset[int]]
Spoil = Callable[[Home], Awaitable[None]]
_PAGE = 8192


def everybody(count: int, chance: random.Random) -> Graph:
    """So many followers with up to 150 follows each."""
    return {
        chance.randrange(1, 2**52): frozenset(chance.sample(range(1, 2**31), chance.randint(1, MOST_FOLLOWS)))
        for _ in range(count)
    }


def mothers(chance: random.Random) -> Graph:
    return {chance.randrange(1, 2**52): frozenset([n]) for n in range(1, 151)}


def one_advocate(chance: random.Random) -> Graph:
    return {chance.randrange(1, 2**52): frozenset(range(1, 151))}


def pairs(whole: bool) -> list[tuple[Graph, Graph]]:
    """Pairs of follow graphs whose tables have one size."""
    chance = random.Random(3)  # noqa: S311  (the same graphs each time)
    more = 40 if whole else 1
    drawn = [[everybody(chance.randint(1, 300), chance) for _ in range(2)] for _ in range(more)]
    return [(one_advocate(chance), mothers(chance)), *((one, other) for one, other in drawn)]


async def steal(home: Home, graph: Graph, spoil: Spoil | None = None) -> dict[str, bytes]:
    """Follow as a graph says, re-key, and return every byte of the table with tags and blobs masked."""
    vault = await home.open()
    for chat, people in graph.items():
        await vault.merge(chat, following(*people))
    await vault.rekey()
    await home.close()
    if spoil is not None:
        await spoil(home)
    rows = await home.rows()
    files = await (files_of_sqlite(home) if home.is_sqlite else files_of_postgres(home))
    return {name: masked(data, rows) for name, data in files.items()}


def masked(data: bytes, rows: Iterable[Row]) -> bytes:
    """Return bytes with every tag and every blob as zeros."""
    starts = {secret[:8]: secret for row in rows for secret in row}
    found, place = bytearray(data), 0
    while place < len(data):
        secret = starts.get(data[place : place + 8])
        if secret is None or not data.startswith(secret, place):
            place += 1
            continue
        found[place : place + len(secret)] = bytes(len(secret))
        place += len(secret)
    return bytes(found)


async def files_of_sqlite(home: Home) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(home.data.iterdir())}


async def files_of_postgres(home: Home) -> dict[str, bytes]:
    """Return the files of the table and its index, without what tells when they were written."""
    await home.ask("CHECKPOINT")
    [table] = await home.tables()
    [[folder]] = await home.ask("SELECT current_setting('data_directory')")
    files = {}
    for name in (table, f"{table}_pkey"):
        [[place]] = await home.ask("SELECT pg_relation_filepath(CAST(:name AS regclass))", name=name)
        for path in sorted(Path(folder, place).parent.glob(f"{Path(place).name}*")):
            fork = path.name.removeprefix(Path(place).name)
            files[name + fork] = without_times(path.read_bytes(), heap=name == table and not fork)
    return files


def without_times(data: bytes, *, heap: bool) -> bytes:
    """Mask each page's place in the journal (LSN) and checksum, and in a heap who wrote each row (xmin)."""
    pages = bytearray(data)
    for start in range(0, len(pages), _PAGE):
        pages[start : start + 10] = bytes(10)
        if heap:
            lower = int.from_bytes(pages[start + 12 : start + 14], "little")
            for pointer in range(start + 24, start + lower, 4):
                place = start + (int.from_bytes(pages[pointer : pointer + 4], "little") & 0x7FFF)
                pages[place : place + 4] = bytes(4)
    return bytes(pages)


def another(home: Home, name: str) -> Home:
    return Home(home.folder / name, home.address)


async def stolen_pair(home: Home, one: Graph, other: Graph, spoil: Spoil | None = None) -> bool:
    """Return whether two stolen copies can be told apart; the second may be spoilt first."""
    stolen = []
    for name, graph in (("one", one), ("other", other)):
        place = another(home, tempfile.mkdtemp(prefix=name, dir=home.folder))
        if not home.is_sqlite:
            await home.ask("DROP SCHEMA public CASCADE")
            await home.ask("CREATE SCHEMA public")
        stolen.append(await steal(place, graph, spoil if name == "other" else None))
    assert sum(map(len, stolen[0].values())) > BLOB * 2048
    return stolen[0] != stolen[1]


@pytest.mark.proof
async def test_whoever_follows_whom_stolen_copies_are_the_same_but_for_tags_and_blobs(
    home: Home, whole_proof: bool, proved: Callable[..., None]
) -> None:
    graphs = pairs(whole_proof)
    told_apart = [await stolen_pair(home, one, other) for one, other in graphs]

    assert told_apart == [False] * len(graphs)
    proved(pairs=len(graphs))


async def shorten(home: Home) -> None:
    """Seal without padding: who follows more has a longer row."""
    tag, blob = min(await home.rows())
    await home.put(tag, blob[:-40])


async def lose_a_row(home: Home) -> None:
    """Pad to no power of two: the number of followers shows."""
    await run(home, "DELETE FROM {table} WHERE tag = (SELECT max(tag) FROM {table})")


async def run(home: Home, statement: str) -> None:
    [table] = await home.tables()
    if not home.is_sqlite:
        await home.ask(statement.format(table=table))
        return
    connection = sqlite3.connect(home.data / f"{table.replace('_', '-')}.db", isolation_level=None)
    connection.execute(statement.format(table="vault"))
    connection.close()


@pytest.mark.parametrize("leak", [shorten, lose_a_row])
async def test_a_planted_leak_is_seen(home: Home, leak: Spoil) -> None:
    assert await stolen_pair(home, {1: frozenset([5])}, {2: frozenset([5, 6])}, leak)


def lean(rows: list[Row]) -> float:
    """Return how far bytes are from even, in standard deviations: the worst of all and of each place."""
    everything = b"".join(tag + blob for tag, blob in rows)
    expected = len(everything) / 256
    counts = Counter(everything)
    together = sum((counts[byte] - expected) ** 2 / expected for byte in range(256))
    worst: float = abs(together - 255) / math.sqrt(510)
    size, spread = TAG + BLOB, math.sqrt((256**2 - 1) / 12)
    for place in range(size):
        column = everything[place::size]
        worst = max(worst, abs(sum(column) / len(column) - 127.5) / (spread / math.sqrt(len(column))))
    return worst


async def test_tags_and_blobs_are_even_noise_and_in_the_order_of_tags(home: Home) -> None:
    vault = await home.open()
    for chat in range(1, 60):
        await vault.merge(chat, lambda record: a_full_record(record.chat))
    await vault.rekey()

    rows = await home.rows()

    assert [tag for tag, _ in rows] == sorted(tag for tag, _ in rows)
    assert lean(rows) < 6


async def test_noise_that_is_not_is_seen(home: Home) -> None:
    await (await home.open()).merge(1, following(5))
    rows = await home.rows()
    assert lean(rows) < 6

    assert lean([(tag, blob[:-1] + bytes([n % 128])) for n, (tag, blob) in enumerate(rows)]) > 6
    assert lean([(tag, bytes(12) + blob[12:]) for tag, blob in rows]) > 6


def runs(rows: list[Row]) -> set[bytes]:
    """Return every eight bytes in a row that stand in any row."""
    whole = [tag + blob for tag, blob in rows]
    return {row[start : start + 8] for row in whole for start in range(len(row) - 7)}


async def test_copies_of_two_epochs_share_no_tag_and_no_eight_bytes(home: Home) -> None:
    vault = await home.open()
    for chat in range(1, 20):
        await vault.merge(chat, following(*range(1, 100)))
    before = await home.rows()
    known = runs(before)

    await vault.rekey()

    after = await home.rows()
    assert {tag for tag, _ in before}.isdisjoint(tag for tag, _ in after)
    assert known.isdisjoint(runs(after))
    # And the look would have seen it: one row that stayed is 969 such runs.
    assert len(known & runs([before[0]])) == TAG + BLOB - 7


async def test_a_chat_is_in_no_byte_of_the_folder_while_it_is_remembered_or_after(home: Home) -> None:
    chats = [1_234_567_890_123 + 7_919 * n for n in range(40)]
    vault = await home.open()
    for chat in chats:
        await vault.merge(chat, following(*range(10_000_001, 10_000_020)))
    await vault.rekey()
    for chat in chats[::2]:
        await vault.erase(chat)

    files = {str(path): path.read_bytes() for path in home.folder.rglob("*") if path.is_file()}
    if not home.is_sqlite:
        files |= await files_of_postgres(home)
    # A person's number has four bytes, which noise of this length can hold by chance: digits only.
    forms = [*(form for chat in chats for form in forms_of(chat)), *forms_of(10_000_007)[:3]]
    assert files
    assert [(name, form) for name, data in files.items() for form in forms if form in data] == []


def forms_of(number: int) -> list[bytes]:
    """Return the ways in which a number could be written into a file."""
    size = (number.bit_length() + 7) // 8
    both = (number.to_bytes(size), number.to_bytes(size, "little"))
    return [str(number).encode(), f"{number:x}".encode(), f"{number:X}".encode(), *both]
