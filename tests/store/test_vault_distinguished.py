"""A thief who learns: from two thousand pairs of stolen copies they learn nothing about who follows whom."""

from __future__ import annotations

import math
import os
import random
import sqlite3
import statistics
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from bot.bench.vault import fill
from bot.domain.follower import SIZE, Record
from bot.store import rekeying, sqlite_rows, sqlite_shelf
from bot.store.sealing import NONCE, Sealer
from bot.store.shelf import Row
from bot.store.vault import Vault
from tests.store.test_vault_stolen import another
from tests.store.vaults import ROOT, Home, following, one_more

Leak = Callable[[pytest.MonkeyPatch], None]
Sample = tuple[list[float], int]
"""What a thief measured, and the class it came from."""
_CHANGES, _NIGHTS = 10, 25


@dataclass(frozen=True)
class Copies:
    """What is stolen: all rows as they lie after a night and the evening after, and the sizes of files."""

    night: list[Row]
    evening: list[Row]
    sizes: list[int]


def an_advocate_and_passers_by(chance: random.Random) -> list[Record]:
    few = [Record(chance.randrange(1, 2**52)) for _ in range(20)]
    return [Record(chance.randrange(1, 2**52), people=frozenset(chance.sample(range(1, 9000), 150))), *few]


def mothers_of_one_each(chance: random.Random) -> list[Record]:
    return [Record(chance.randrange(1, 2**52), people=frozenset([n])) for n in range(1, 151)]


CLASSES = (an_advocate_and_passers_by, mothers_of_one_each)


async def thefts(home: Home, count: int, chance: random.Random) -> list[Sample]:
    """Steal so often from each class in turn; the same writes are made on the day between the copies."""
    stolen: list[Sample] = []
    while len(stolen) < count:
        for label, people in enumerate(CLASSES):
            nights = min(_NIGHTS, (count + 1) // 2)
            stolen += [(features(found), label) async for found in days(home, people(chance), nights, chance)]
    return stolen[:count]


async def days(home: Home, records: list[Record], count: int, chance: random.Random) -> AsyncIterator[Copies]:
    place = another(home, tempfile.mkdtemp(dir=home.folder))
    if not home.is_sqlite:
        for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            await home.ask(statement)
    await fill(place.shelf(), place.keyring, ROOT, records)
    vault = await place.open()
    chats = [record.chat for record in records]
    try:
        for _ in range(count):
            await vault.rekey()
            night = await place.rows()
            await a_day(vault, chats, chance)
            yield Copies(night, await place.rows(), await sizes(place))
    finally:
        await place.close()


async def a_day(vault: Vault, chats: list[int], chance: random.Random) -> None:
    # Nobody twice: how many rows were written can be counted, and would differ by how many people there are.
    *changing, gone = chance.sample(chats, _CHANGES + 1)
    for chat in changing:
        await vault.merge(chat, one_more)
    assert await vault.erase(gone)
    chats.remove(gone)
    chats.append(chance.randrange(1, 2**52))
    await vault.merge(chats[-1], following(5))


async def sizes(home: Home) -> list[int]:
    if home.is_sqlite:
        return [sum(path.stat().st_size for path in home.data.iterdir())]
    [table] = await home.tables()
    query = f"SELECT pg_relation_size('{table}') + pg_relation_size('{table}_pkey')"
    [[size]] = await home.ask(query)
    return [int(size)]


def features(stolen: Copies) -> list[float]:
    """Return what a thief measures: sizes, numbers, the order of tags, bytes of blobs, what changed where."""
    before, after = dict(stolen.night), dict(stolen.evening)
    changed = [n for n, (tag, blob) in enumerate(stolen.night) if after.get(tag) != blob]
    fresh = [n for n, (tag, blob) in enumerate(stolen.evening) if before.get(tag) != blob]
    lengths = [float(len(blob)) for _, blob in stolen.night]
    return [
        float(len(stolen.night)),
        float(len(stolen.evening)),
        *map(float, stolen.sizes),
        *spread(lengths),
        *of_tags([int.from_bytes(tag[:8]) / 2**64 for tag, _ in stolen.night]),
        *shares(b"".join(blob for _, blob in stolen.night)[::16]),
        *spread([n / len(stolen.night) for n in changed]),
        *spread([n / len(stolen.evening) for n in fresh]),
        *spread([float(len(after.get(stolen.night[n][0], b""))) for n in changed]),
    ]


def spread(numbers: Sequence[float]) -> list[float]:
    if not numbers:
        return [0.0] * 5
    middle = statistics.fmean(numbers)
    away = math.sqrt(statistics.fmean([(number - middle) ** 2 for number in numbers]))
    return [float(len(numbers)), middle, away, min(numbers), max(numbers)]


def of_tags(tags: list[float]) -> list[float]:
    """Return how far tags rise as they lie, their order statistics, their widest gap, and the first ones."""
    rises = sum(one < other for one, other in pairwise(tags)) / max(1, len(tags) - 1)
    ordered = sorted(tags)
    parts = [ordered[len(ordered) * part // 8] for part in range(8)]
    gap = max((high - low for low, high in pairwise(ordered)), default=0.0)
    return [rises, *parts, ordered[-1], gap, *tags[:2], statistics.fmean(tags[: len(tags) // 2 or 1])]


def shares(data: bytes) -> list[float]:
    """Return how often bytes come, in sixteen parts of their range."""
    counts = Counter(data)
    return [sum(counts[16 * part + n] for n in range(16)) / len(data) for part in range(16)]


def learned(samples: list[Sample], rounds: int = 60) -> Callable[[list[float]], int]:
    """Return what tells the classes apart best on these: a logistic regression, by gradient descent."""
    columns = list(zip(*(found for found, _ in samples), strict=True))
    means = [statistics.fmean(column) for column in columns]
    scales = [statistics.pstdev(column) or 1.0 for column in columns]

    def scaled(found: list[float]) -> list[float]:
        # Cut off: a figure that was almost constant until now would drown the rest.
        steps = ((value - mean) / scale for value, mean, scale in zip(found, means, scales, strict=True))
        return [1.0, *(max(-2.0, min(2.0, step)) for step in steps)]

    rows = [(scaled(found), label) for found, label in samples]
    weights = [0.0] * len(rows[0][0])
    for _ in range(rounds):
        slopes = [0.01 * weight for weight in weights]
        for row, label in rows:
            error = (1 / (1 + math.exp(-clipped(row, weights))) - label) / len(rows)
            slopes = [slope + error * value for slope, value in zip(slopes, row, strict=True)]
        weights = [weight - 0.5 * slope for weight, slope in zip(weights, slopes, strict=True)]
    return lambda found: int(clipped(scaled(found), weights) > 0)


def clipped(row: list[float], weights: list[float]) -> float:
    return max(-30.0, min(30.0, sum(value * weight for value, weight in zip(row, weights, strict=True))))


def accuracy(samples: list[Sample], chance: random.Random) -> float:
    """Return how often a part is told right by what was learned on all others, for each part in turn."""
    chance.shuffle(samples)
    classes = [[sample for sample in samples if sample[1] == label] for label in range(len(CLASSES))]
    count = min(10, len(samples) // 2)
    parts = [[sample for some in classes for sample in some[start::count]] for start in range(count)]
    right = 0
    for unknown in parts:
        tell = learned([sample for part in parts if part is not unknown for sample in part])
        right += sum(tell(found) == label for found, label in unknown)
    return right / len(samples)


async def distinguished(home: Home, rounds: int, patch: pytest.MonkeyPatch, leak: Leak | None) -> float:
    chance = random.Random(13)  # noqa: S311  (the same thefts each time)
    # Keys and nonces are drawn from a seed too: what is measured once is measured again.
    patch.setattr(os, "urandom", random.Random(14).randbytes)  # noqa: S311
    if leak is not None:
        leak(patch)
    return accuracy(await thefts(home, rounds, chance), chance)


@pytest.mark.proof
async def test_a_thief_who_learned_from_many_thefts_guesses(
    home: Home, whole_proof: bool, proved: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Judged in parts by what was learned on the others, a coin has a standard deviation of 0.021 over a
    # thousand thefts (simulated): one such proof in a hundred would fail by chance.
    rounds = 2000 if whole_proof else 16

    right = await distinguished(home, rounds, monkeypatch, None)

    # Of a slice three deviations: a coin does no better.
    assert right <= (0.55 if whole_proof else 0.5 + 1.5 / math.sqrt(rounds))
    proved(rounds=rounds, accuracy=round(right, 4))


def blobs_of_their_own_length(patch: pytest.MonkeyPatch) -> None:
    def seal(sealer: Sealer, nonce: bytes, tag: bytes, packed: bytes) -> bytes:
        return nonce + sealer._cipher.encrypt(nonce, packed.rstrip(b"\0"), sealer._aad + tag)

    def opened(sealer: Sealer, tag: bytes, blob: bytes) -> bytes:
        return sealer._cipher.decrypt(blob[:NONCE], blob[NONCE:], sealer._aad + tag).ljust(SIZE, b"\0")

    patch.setattr(Sealer, "_seal", seal)
    patch.setattr(Sealer, "open", opened)


def rows_as_they_come(patch: pytest.MonkeyPatch) -> None:
    new_file = sqlite_rows.new_file

    def unordered(path: Path) -> sqlite3.Connection:
        connection = new_file(path)
        connection.execute("DROP TABLE vault")
        connection.execute("CREATE TABLE vault (tag BLOB PRIMARY KEY, blob BLOB NOT NULL)")
        return connection

    patch.setattr(rekeying, "_in_order", list)
    patch.setattr(sqlite_shelf, "new_file", unordered)


def no_dummies(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rekeying, "padded", lambda people: max(1, people))


@pytest.mark.proof
@pytest.mark.parametrize("leak", [blobs_of_their_own_length, rows_as_they_come, no_dummies])
async def test_the_same_thief_sees_a_planted_leak(
    home: Home, leak: Leak, whole_proof: bool, proved: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = 1000 if whole_proof and home.is_sqlite else 200 if whole_proof else 12

    right = await distinguished(home, rounds, monkeypatch, leak)

    assert right >= 0.9
    proved(rounds=rounds, accuracy=round(right, 4))
