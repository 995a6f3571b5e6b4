"""The same schedule of writes leaves the same bytes, whoever follows whom: at night and in mid-day."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.domain.follower import Record
from bot.store.sealing import BLOB
from bot.store.vault import Vault
from tests.store.ideal import Ideal
from tests.store.test_vault_stolen import Graph, another, mothers, shorten, stolen_pair
from tests.store.vaults import Home

# Two vaults are filled and sealed anew for each: the profile's own number would take a night.
FEW = 2 if hypothesis.settings().max_examples < 100 else 100
_PAGE = 8192
_HINTS = 0x0F00
_HEADER = 24
_SQLITE_HEAD, _FRAME_HEAD, _FRAME = 32, 24, 24 + 4096

follows = st.builds(
    lambda first, count, apart: frozenset(first + n * apart for n in range(count)),
    st.integers(1, 2**20),
    st.integers(0, 150),
    st.integers(1, 2**20),
)
graphs: st.SearchStrategy[Graph] = st.dictionaries(
    st.integers(-(2**63), 2**63 - 1), follows, min_size=1, max_size=8
)


def advocate_and_passers_by() -> Graph:
    """One who follows 150, and forty who follow nobody."""
    return {77: frozenset(range(1, 151)), **{1000 + n: frozenset[int]() for n in range(40)}}


@settings(max_examples=FEW, suppress_health_check=list(HealthCheck))
@example(one=advocate_and_passers_by(), other=mothers(random.Random(1)))  # noqa: S311  (the same mothers)
@given(one=graphs, other=graphs)
async def test_any_two_graphs_of_one_row_count_leave_the_same_files_but_for_tags_and_blobs(
    home: Home, proved: Callable[..., None], one: Graph, other: Graph
) -> None:
    assert not await stolen_pair(home, one, other)
    proved(graphs=2 * FEW + 2)


@dataclass(frozen=True)
class Turn:
    """One write of a schedule: what happens, and to which of the people in it."""

    kind: str
    place: int = 0


def a_schedule(chance: random.Random, turns: int, nights: int) -> list[Turn]:
    """People come, change and go; the day after the last night is under way at the end."""
    there: list[int] = []
    schedule: list[Turn] = []
    for turn in range(turns):
        if turn and turn % (turns // (nights + 1)) == 0 and nights:
            schedule.append(Turn("night"))
            nights -= 1
        kind = chance.choices(("come", "change", "go"), (5, 4, 2))[0] if there else "come"
        if kind == "come":
            there.append(turn)
            schedule.append(Turn(kind, turn))
        else:
            place = chance.choice(there)
            schedule.append(Turn(kind, place))
            if kind == "go":
                there.remove(place)
    return schedule


class Cast:
    """Who plays a schedule: a chat for each place in it, and how many each follows."""

    def __init__(self, seed: int, fewest: int, most: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  (the same cast each time)
        self._chats: dict[int, int] = {}
        self._fewest, self._most = fewest, most

    def chat(self, place: int) -> int:
        if place not in self._chats:
            self._chats[place] = self._chance.randrange(1, 2**52)
        return self._chats[place]

    def change(self, record: Record) -> Record:
        count = self._chance.randint(self._fewest, self._most)
        people = frozenset(self._chance.sample(range(1, 2**31), count))
        return replace(record, people=people, alert_seen=record.alert_seen + 1)


async def play(vault: Vault, schedule: Sequence[Turn], cast: Cast) -> None:
    for turn in schedule:
        if turn.kind == "night":
            await vault.rekey()
        elif turn.kind == "go":
            assert await vault.erase(cast.chat(turn.place))
        else:
            # Drawn once: a change may be called again.
            changed = cast.change(await vault.read(cast.chat(turn.place)) or Record(cast.chat(turn.place)))
            await vault.merge(changed.chat, lambda _, changed=changed: changed)  # type: ignore[misc]


@dataclass(frozen=True)
class Theft:
    """Every byte of the files, and which transactions there were meanwhile."""

    files: dict[str, bytes]
    transactions: range = range(0)


async def stolen_in_mid_day(
    home: Home, schedule: Sequence[Turn], cast: Cast, spoil: Callable[[Home], object] | None = None
) -> Theft:
    place = another(home, tempfile.mkdtemp(dir=home.folder))
    if not home.is_sqlite:
        for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            await home.ask(statement)
    first = await transaction(home)
    try:
        with pytest.MonkeyPatch.context() as patch:
            Ideal(5).install(patch)
            await play(await place.open(), schedule, cast)
            if spoil is not None:
                await shorten(place)
            if home.is_sqlite:
                return Theft({path.name: sqlite_bytes(path) for path in sorted(place.data.iterdir())})
            files = await postgres_files(place)
            return Theft(files, range(first, await transaction(home) + 1))
    finally:
        await place.close()


async def transaction(home: Home) -> int:
    if home.is_sqlite:
        return 0
    [[number]] = await home.ask("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)")
    return int(number)


def sqlite_bytes(path: Path) -> bytes:
    """Return a file without the salts that SQLite draws for each journal, and the sums over them."""
    data = bytearray(path.read_bytes())
    if path.name.endswith("-wal") and data:
        data[16:_SQLITE_HEAD] = bytes(16)
        for frame in range(_SQLITE_HEAD, len(data), _FRAME):
            data[frame + 8 : frame + _FRAME_HEAD] = bytes(16)
    if path.name.endswith("-shm"):
        for start in (24, 48 + 24):
            data[start : start + 24] = bytes(24)
    return bytes(data)


async def postgres_files(home: Home) -> dict[str, bytes]:
    """Return the files of the table and its index, without each page's place in the journal and checksum."""
    await home.ask("CHECKPOINT")
    [table] = await home.tables()
    [[folder]] = await home.ask("SELECT current_setting('data_directory')")
    files = {}
    for name in (table, f"{table}_pkey"):
        [[place]] = await home.ask("SELECT pg_relation_filepath(CAST(:name AS regclass))", name=name)
        for path in sorted(Path(folder, place).parent.glob(f"{Path(place).name}*")):
            data = bytearray(path.read_bytes())
            for page in range(0, len(data), _PAGE):
                data[page : page + 10] = bytes(10)
            files[name + path.name.removeprefix(Path(place).name)] = bytes(data)
    return files


def differences(one: Theft, other: Theft) -> list[tuple[str, int]]:
    """Return where two thefts differ in more than in numbers of transactions and what is known of them."""
    if one.files.keys() != other.files.keys():
        return [("names", 0)]
    found = []
    for name, data in one.files.items():
        if len(data) != len(other.files[name]):
            found.append((name, -1))
        else:
            found += [(name, place) for place in differing(data, other.files[name], one, other)]
    return found


def differing(data: bytes, others: bytes, one: Theft, other: Theft) -> Iterator[int]:
    """Return the words that differ; a transaction's number may, where the other has one too."""
    for page in range(0, len(data), _PAGE):
        if data[page : page + _PAGE] == others[page : page + _PAGE]:
            continue
        for place in range(page, min(page + _PAGE, len(data)), 4):
            a, b = (int.from_bytes(found[place : place + 4], "little") for found in (data, others))
            if a == b or (a in one.transactions and b in other.transactions):
                continue
            # A row's header of 24 bytes also says whether its transactions are known to be over.
            if one.transactions and (a ^ b) & ~_HINTS == 0 and a >> 16 & 0xFF == _HEADER:
                continue
            yield place


@pytest.mark.proof
async def test_in_mid_day_the_same_schedule_leaves_the_same_bytes_in_file_journal_and_heap(
    home: Home, whole_proof: bool, proved: Callable[..., None]
) -> None:
    chance = random.Random(9)  # noqa: S311  (the same schedules each time)
    schedules = 25 if whole_proof else 2
    size = 0
    for seed in range(schedules):
        schedule = a_schedule(chance, 120 if whole_proof else 40, nights=seed % 3)
        few = await stolen_in_mid_day(home, schedule, Cast(2 * seed, 0, 1))
        many = await stolen_in_mid_day(home, schedule, Cast(2 * seed + 1, 100, 150))
        assert differences(few, many) == []
        size += sum(map(len, few.files.values()))
        assert (not home.is_sqlite) or any(
            len(data) > BLOB for name, data in few.files.items() if "-wal" in name
        )

    assert size > schedules * BLOB * 1024
    proved(schedules=schedules, bytes_compared=size)


async def test_in_mid_day_a_blob_that_is_shorter_and_a_write_more_are_seen(home: Home) -> None:
    schedule = a_schedule(random.Random(9), 30, nights=1)  # noqa: S311  (the same schedule each time)
    whole = await stolen_in_mid_day(home, schedule, Cast(1, 0, 1))
    spoilt = await stolen_in_mid_day(home, schedule, Cast(2, 100, 150), shorten)
    longer = await stolen_in_mid_day(home, [*schedule, Turn("come", 99)], Cast(2, 100, 150))

    assert differences(whole, spoilt)
    assert differences(whole, longer)
