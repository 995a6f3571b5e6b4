"""The vault's promises on both databases: what is merged stays, what is erased is gone, nothing shows."""

from __future__ import annotations

import asyncio
import errno
import random
import shutil
import sqlite3
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.follower import DoesNotFitError, Flag, Glance, Record, Wanted, month_number
from bot.store import lease
from bot.store.changing import Change
from bot.store.database import Database, DatabaseUnavailableError
from bot.store.files import InUseError, write_private
from bot.store.keyring import (
    Keyring,
    KeyringDamagedError,
    KeyringError,
    KeyringMissingError,
    KeyringOlderError,
    RootKey,
    WrongRootKeyError,
)
from bot.store.opening import VaultMissingError
from bot.store.postgres_shelf import _KEYS, PostgresShelf
from bot.store.rekeying import Move, Place, padded
from bot.store.sealing import BLOB, TAG, RowDamagedError
from bot.store.shelf import Shelf, ShelfRefusedError
from bot.store.sqlite_rows import new_file
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault, VaultBusyError
from tests.cleared_registry import connected
from tests.store.vaults import ROOT, Home, everybody, following, one_more

CHAT = 7_004_005_006
ZONE_AT = 17
"""Where a packed record says which of the zones is its reader's."""


@pytest.fixture
async def vault(home: Home) -> Vault:
    """A vault that was just made."""
    return await home.open()


async def test_the_moment_of_the_last_rekey_is_kept_where_a_restart_finds_it(home: Home) -> None:
    at = datetime(2026, 11, 24, 23, 59, 58, tzinfo=UTC)
    vault = await home.open(now=lambda: at)
    assert vault.rekeyed == at, "a vault that was just made needs no new keys today"
    made, at = at, at + timedelta(days=1)
    await vault.merge(CHAT, following(5))
    assert vault.rekeyed == made
    await vault.rekey()
    await home.close()

    at += timedelta(hours=1)
    assert (await home.open(now=lambda: at)).rekeyed == made + timedelta(days=1)


async def test_nobody_is_remembered_until_something_is(vault: Vault) -> None:
    assert await vault.read(CHAT) is None
    assert await everybody(vault) == {}

    merged = await vault.merge(CHAT, following(5))

    assert merged == await vault.read(CHAT) == Record(CHAT, people=frozenset([5]))
    assert await vault.read(CHAT + 1) is None
    assert await everybody(vault) == {CHAT: merged}


async def test_what_is_remembered_outlives_a_restart(home: Home) -> None:
    for chat in (CHAT, -CHAT):
        await (await home.open()).merge(chat, following(chat % 1000))
        await home.close()

    vault = await home.open()

    assert {chat: record.people for chat, record in (await everybody(vault)).items()} == {
        CHAT: {CHAT % 1000},
        -CHAT: {-CHAT % 1000},
    }
    assert not vault.held


async def test_merges_of_one_chat_at_once_are_all_kept(vault: Vault) -> None:
    await asyncio.gather(*(vault.merge(CHAT, one_more) for _ in range(20)))

    record = await vault.read(CHAT)
    assert record is not None
    assert record.alert_seen == 20


async def test_newcomers_at_once_are_all_let_in(vault: Vault) -> None:
    await asyncio.gather(*(vault.merge(chat, following(chat)) for chat in range(1, 60)))

    assert sorted(await everybody(vault)) == list(range(1, 60))


async def test_a_change_that_fails_or_does_not_fit_changes_nothing(vault: Vault) -> None:
    await vault.merge(CHAT, following(5))

    def fail(record: Record) -> Record:
        raise LookupError

    for change, error in (
        (fail, LookupError),
        (following(*range(1, 152)), DoesNotFitError),
        (lambda record: replace(record, chat=CHAT + 1), ValueError),
    ):
        with pytest.raises(error):
            await vault.merge(CHAT, change)

    assert await everybody(vault) == {CHAT: Record(CHAT, people=frozenset([5]))}


async def test_a_merge_of_the_known_brings_nobody_back(vault: Vault) -> None:
    assert await vault.merge_known(CHAT, one_more) is None
    assert await vault.read(CHAT) is None

    await vault.merge(CHAT, one_more)

    assert await vault.merge_known(CHAT, one_more) == Record(CHAT, alert_seen=2)


async def test_who_is_erased_is_gone_and_their_row_is_a_strangers(home: Home, vault: Vault) -> None:
    for chat in (CHAT, CHAT + 1):
        await vault.merge(chat, following(5))
    tag, blob = await home.row_of(vault, CHAT)
    before = dict(await home.rows())

    assert await vault.erase(CHAT)

    after = dict(await home.rows())
    assert await vault.read(CHAT) is None
    assert tag not in after
    assert blob not in after.values()
    assert len(before) == len(after)
    assert len(before.keys() ^ after.keys()) == 2
    assert not await vault.erase(CHAT)
    assert list(await everybody(vault)) == [CHAT + 1]


@pytest.mark.parametrize(
    ("people", "rows"),
    [(0, 1024), (1, 2048), (1024, 2048), (1025, 4096), (100_000, 131_072), (130_500, 262_144)],
)
def test_tables_are_padded_to_powers_of_two_with_room_for_newcomers(people: int, rows: int) -> None:
    assert padded(people) == rows


async def test_every_row_has_one_size_and_their_number_says_little(home: Home, vault: Vault) -> None:
    sizes = set()
    for people in (0, 1, 40):
        for chat in range(people):
            await vault.merge(chat, following(*range(1, 1 + 3 * chat)))
        rows = await home.rows()
        sizes.add(len(rows))
        assert {(len(tag), len(blob)) for tag, blob in rows} == {(TAG, BLOB)}

    assert sizes == {1024}
    assert BLOB == 960
    await vault.rekey()
    assert len(await home.rows()) == 2048


async def test_when_every_dummy_is_somebody_the_table_grows_and_nobody_is_turned_away(
    home: Home, vault: Vault
) -> None:
    newcomers = range(1, 1024 + 3)
    for start in range(1, len(newcomers) + 1, 100):
        chats = [chat for chat in range(start, start + 100) if chat in newcomers]
        await asyncio.gather(*(vault.merge(chat, following(chat)) for chat in chats))

    assert {chat: record.people for chat, record in (await everybody(vault)).items()} == {
        chat: {chat} for chat in newcomers
    }
    assert len(await home.rows()) == padded(1024) == 2048


async def test_comings_changes_and_goings_in_any_order_leave_what_they_should(home: Home) -> None:
    chance = random.Random(5)  # noqa: S311  (the same turns each time)
    model: dict[int, int] = {}
    vault = await home.open()
    for turn in range(250):
        chat = chance.randrange(1, 30)
        if chance.random() < 0.4:
            assert await vault.erase(chat) == (model.pop(chat, None) is not None)
        else:
            model[chat] = turn + 1
            await vault.merge(chat, following(turn + 1))
        if turn in (80, 160):
            await vault.rekey()
        if turn in (120, 200):
            await home.close()
            vault = await home.open()

    assert {chat: min(record.people) for chat, record in (await everybody(vault)).items()} == model
    assert len(await home.rows()) == padded(1)


async def test_a_rekeyed_vault_remembers_the_same_and_shares_nothing_with_the_old_one(
    home: Home, vault: Vault
) -> None:
    for chat in range(1, 40):
        await vault.merge(chat, following(chat, 7))
    await vault.rekey()
    remembered, before, keys = (
        await everybody(vault),
        await home.rows(),
        dict(Keyring.load(home.keyring, ROOT).epochs),
    )

    await vault.rekey()

    after = await home.rows()
    assert await everybody(vault) == remembered
    assert {tag for tag, _ in before}.isdisjoint(tag for tag, _ in after)
    assert keys.keys().isdisjoint(Keyring.load(home.keyring, ROOT).epochs)
    assert len(Keyring.load(home.keyring, ROOT).epochs) == len(await home.tables()) == 1


async def test_what_changes_while_rows_are_rekeyed_is_in_the_new_ones(home: Home) -> None:
    vault = await home.open()
    for chat in range(1, 60):
        await vault.merge(chat, following(chat))
    expected = {chat: chat for chat in range(1, 60)}
    done = asyncio.Event()

    async def write(chance: random.Random) -> None:
        turn = 1000
        while not done.is_set():
            turn += 1
            chat = chance.randrange(1, 90)
            if chance.random() < 0.3:
                await vault.erase(chat)
                expected.pop(chat, None)
            else:
                await vault.merge(chat, following(turn))
                expected[chat] = turn

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write(random.Random(3)))  # noqa: S311  (the same turns each time)
        for _ in range(8):
            await vault.rekey()
        done.set()
    assert {chat: min(record.people) for chat, record in (await everybody(vault)).items()} == expected

    await home.close()

    vault = await home.open()
    assert {chat: min(record.people) for chat, record in (await everybody(vault)).items()} == expected
    assert len(await home.rows()) == padded(len(expected))


async def test_a_table_too_long_for_memory_is_rekeyed_in_parts_and_comes_out_the_same(
    home: Home, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    for chat in range(1, 60):
        await vault.merge(chat, following(chat))
    expected = await everybody(vault)
    monkeypatch.setattr("bot.store.rekeying._BAND", 300)

    await asyncio.gather(
        vault.rekey(), vault.merge(3, one_more), vault.erase(4), vault.merge(99, following(99))
    )

    expected |= {3: one_more(expected[3]), 99: Record(99, people=frozenset([99]))}
    del expected[4]
    assert await everybody(vault) == expected
    assert len(await home.rows()) == padded(60)


@pytest.mark.parametrize("vault_address", ["postgres"], indirect=True)
async def test_a_rekey_may_take_longer_than_a_process_may_stand_still(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL would end it each night, and no key would ever be destroyed."""
    vault = await home.open()
    for chat in range(1, 60):
        await vault.merge(chat, following(chat))
    expected = await everybody(vault)
    await home.close()
    # Short only while rows are re-keyed: a busy machine may hold any other transaction up as long.
    monkeypatch.setattr("bot.store.database.STANDSTILL", "1s")
    vault = await home.open()
    monkeypatch.setattr("bot.store.rekeying.CHUNK", 100)
    monkeypatch.setattr("bot.store.rekeying._BAND", 600)
    of_band = Move._of_band

    def slow_band(move: Move, *given: Any) -> list[Place]:
        time.sleep(0.15)
        return of_band(move, *given)

    monkeypatch.setattr(Move, "_of_band", slow_band)
    before = await home.rows()
    await vault.rekey()

    await home.close()
    monkeypatch.undo()
    assert await everybody(await home.open()) == expected
    assert not dict(before).keys() & dict(await home.rows()).keys()


async def test_a_scan_gives_who_matches_each_once_though_rows_are_rekeyed_meanwhile(vault: Vault) -> None:
    for chat in range(1, 30):
        await vault.merge(chat, following(chat % 2 + 1))
    wanted = Wanted.of([1])

    found = []
    async for record in vault.scan(lambda glance: glance.follows_any(wanted)):
        found.append(record.chat)
        if len(found) in (1, 5):
            await vault.rekey()

    assert sorted(found) == list(range(2, 30, 2))


async def test_who_was_asked_and_came_no_more_is_forgotten_after_their_month_and_nobody_else(
    vault: Vault,
) -> None:
    november = month_number(2026, 11)

    def until(month: int, flags: Flag = Flag.RENEWAL_ASKED) -> Change:
        return lambda record: replace(record, expires=month, flags=flags)

    for chat, month in ((1, november - 1), (2, november), (3, 0), (4, november - 12)):
        await vault.merge(chat, until(month))
    await vault.merge(5, until(november - 12, Flag.DISCREET))

    assert await vault.expire(november) == 2

    assert sorted(await everybody(vault)) == [2, 3, 5]
    assert await vault.expire(november) == 0


async def test_any_change_to_a_row_is_noticed_and_never_read_as_somebodys(home: Home, vault: Vault) -> None:
    for chat in (CHAT, CHAT + 1):
        await vault.merge(chat, following(5))
    tag, blob = await home.row_of(vault, CHAT)
    _, others = await home.row_of(vault, CHAT + 1)
    flipped = [
        blob[:place] + bytes([blob[place] ^ 1 << place % 8]) + blob[place + 1 :]
        for place in range(0, BLOB, 97)
    ]

    for broken in (*flipped, others, blob[:-1], b"", blob + b"\0"):
        await home.put(tag, broken)
        with pytest.raises(RowDamagedError) as noticed:
            await vault.read(CHAT)
        with pytest.raises(RowDamagedError):
            await vault.merge(CHAT, one_more)
        assert dict(await home.rows())[tag] == broken
        assert noticed.value.__cause__ is None

    await home.put(tag, blob)
    assert await vault.read(CHAT) == Record(CHAT, people=frozenset([5]), alert_seen=1)


async def test_a_damaged_row_keeps_the_news_from_nobody_and_is_not_given_up(home: Home, vault: Vault) -> None:
    for chat in (CHAT, CHAT + 1):
        await vault.merge(chat, following(5))
    tag, blob = await home.row_of(vault, CHAT)
    await home.put(tag, blob[:-1] + bytes([blob[-1] ^ 1]))

    assert list(await everybody(vault)) == [CHAT + 1]
    assert vault.damaged == 1
    with pytest.raises(RowDamagedError):
        await vault.rekey()
    await home.put(tag, blob)
    assert sorted(await everybody(vault)) == [CHAT, CHAT + 1]
    assert vault.damaged == 0
    await vault.rekey()
    assert sorted(await everybody(vault)) == [CHAT, CHAT + 1]


async def test_a_row_that_a_newer_program_wrote_keeps_the_news_from_nobody_and_is_left_as_it_is(
    home: Home, vault: Vault
) -> None:
    """As after an upgrade that was taken back."""
    for chat in (CHAT, CHAT + 1, CHAT + 2):
        await vault.merge(chat, following(5))
    sealer, newer = vault._current(), {}
    for chat, place in ((CHAT, 0), (CHAT + 1, ZONE_AT)):  # another version; a zone that was added
        tag, blob = await home.row_of(vault, chat)
        packed = bytearray(sealer.open(tag, blob))
        packed[place] = 99
        newer[tag] = sealer.seal(tag, bytes(packed))
        await home.put(tag, newer[tag])

    assert list(await everybody(vault)) == [CHAT + 2]
    assert vault.damaged == 2
    assert newer.items() <= dict(await home.rows()).items()


@pytest.mark.parametrize("takes_effect", [False, True])
async def test_a_rekey_whose_swap_fails_leaves_no_second_copy_of_the_rows_and_no_key_to_one(
    home: Home, vault: Vault, monkeypatch: pytest.MonkeyPatch, takes_effect: bool
) -> None:
    """Whoever is forgotten then would be in it, and it opens. Where only an answer is lost, it is current."""
    await vault.merge(CHAT, following(5))
    swap = vault._shelf.swap

    async def cut_off(*given: Any) -> None:
        if takes_effect:
            await swap(*given)
        raise DatabaseUnavailableError("the connection is gone")

    with monkeypatch.context() as broken:
        broken.setattr(vault._shelf, "swap", cut_off)
        with pytest.raises(DatabaseUnavailableError):
            await vault.rekey()

    assert await everybody(vault) == {CHAT: Record(CHAT, people=frozenset([5]))}
    assert takes_effect or len(await home.tables()) == len(vault._keyring.epochs) == 1
    await home.close()
    assert list(await everybody(await home.open())) == [CHAT]
    assert len(await home.tables()) == len(Keyring.load(home.keyring, ROOT).epochs) == 1


async def test_a_rekey_that_filled_the_disk_gives_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path, None)
    vault = await home.open()
    await vault.merge(CHAT, following(5))

    def small(path: Path) -> sqlite3.Connection:
        connection = new_file(path)
        connection.execute("PRAGMA max_page_count = 100").close()
        return connection

    def write(path: Path, data: bytes) -> None:
        if (home.data / "vault-2.db").exists():
            raise OSError(errno.ENOSPC, "no space left")
        write_private(path, data)

    with monkeypatch.context() as full:
        full.setattr("bot.store.sqlite_shelf.new_file", small)
        full.setattr("bot.store.keyring.write_private", write)
        with pytest.raises(DatabaseUnavailableError):
            await vault.rekey()

    assert await home.tables() == ["vault_1"]
    assert set(vault._keyring.epochs) == {1}
    await vault.rekey()
    assert list(await everybody(vault)) == [CHAT]
    await home.close()


async def test_a_start_after_a_rekey_that_failed_takes_the_rows_for_no_older_copy(
    home: Home, vault: Vault
) -> None:
    await vault.merge(CHAT, following(5))
    tag, blob = await home.row_of(vault, CHAT)
    await home.put(tag, bytes(BLOB))
    with pytest.raises(RowDamagedError):
        await vault.rekey()
    await home.put(tag, blob)
    await home.close()

    vault = await home.open()
    assert not vault.held
    await vault.rekey()
    await home.close()
    assert not (await home.open()).held


async def test_a_damaged_row_can_be_erased_by_whoever_it_belongs_to(home: Home, vault: Vault) -> None:
    await vault.merge(CHAT, following(5))
    tag, _ = await home.row_of(vault, CHAT)
    await home.put(tag, bytes(BLOB))

    assert await vault.erase(CHAT)

    assert await vault.read(CHAT) is None
    assert len(await home.rows()) == 1024


async def spoil(home: Home, how: str) -> RootKey:
    """Do to the keyring what must be noticed; return the root key to try."""
    whole = home.keyring.read_bytes()
    if how == "missing":
        home.keyring.unlink()
    elif how == "damaged":
        home.keyring.write_bytes(whole[:-5] + b"00000")
    elif how == "older":
        vault = await home.open()
        await vault.rekey()
        await home.close()
        home.keyring.write_bytes(whole)
    elif how == "older, same epoch":
        await home.open()
        await home.close()
        home.keyring.write_bytes(whole)
    return RootKey(b"x" * 32) if how == "wrong" else ROOT


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("missing", KeyringMissingError),
        ("wrong", WrongRootKeyError),
        ("damaged", KeyringDamagedError),
        ("older", KeyringOlderError),
        ("older, same epoch", KeyringOlderError),
    ],
)
async def test_a_keyring_that_is_not_the_right_one_is_refused_and_nothing_is_changed(
    home: Home, how: str, error: type[KeyringError]
) -> None:
    await (await home.open()).merge(CHAT, following(5))
    await home.close()
    root = await spoil(home, how)
    keyring = home.keyring.read_bytes() if home.keyring.exists() else None
    rows, tables = await home.rows(), await home.tables()

    for _ in range(2):
        with pytest.raises(error):
            await home.open(root)

    await home.close()
    assert (home.keyring.read_bytes() if home.keyring.exists() else None) == keyring
    assert (await home.rows(), await home.tables()) == (rows, tables)


async def test_two_processes_never_keep_one_vault(home: Home, vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(InUseError):
        await home.open()
    if home.is_sqlite:
        with pytest.raises(InUseError):
            await Vault.open(SqliteShelf(home.data), tmp_path / "another", ROOT)

    await vault.merge(CHAT, following(5))
    await home.close()

    assert await (await home.open()).read(CHAT) is not None


async def copy_rows(home: Home, name: str, *, back: bool = False) -> None:
    """Take a copy of all rows, as a backup would, or put it back."""
    if home.is_sqlite:
        there, here = (home.folder / name, home.data) if back else (home.data, home.folder / name)
        shutil.rmtree(here, ignore_errors=True)
        shutil.copytree(there, here)
    elif not back:
        await home.ask(f"CREATE SCHEMA {name}")
        for table in [*await home.tables(), "vault_state"]:
            await home.ask(f"CREATE TABLE {name}.{table} AS TABLE public.{table}")
    else:
        await home.ask("DROP SCHEMA public CASCADE")
        await home.ask(f"ALTER SCHEMA {name} RENAME TO public")


async def test_rows_restored_from_an_older_copy_of_the_same_keys_are_held(home: Home) -> None:
    vault = await home.open()
    await vault.merge(CHAT, following(5))
    await home.close()
    await copy_rows(home, "older")
    await (await home.open()).merge(CHAT, following(6))
    await home.close()

    await copy_rows(home, "older", back=True)

    vault = await home.open()
    assert vault.held
    assert await vault.read(CHAT) == Record(CHAT, people=frozenset([5]))


async def test_rows_of_a_destroyed_key_are_gone_and_the_vault_says_so(home: Home) -> None:
    vault = await home.open()
    await vault.merge(CHAT, following(5))
    await home.close()
    await copy_rows(home, "older")
    await (await home.open()).rekey()
    await home.close()

    await copy_rows(home, "older", back=True)

    for _ in range(2):
        with pytest.raises(VaultMissingError):
            await home.open()


async def test_readers_and_writers_elsewhere_follow_to_the_new_epoch(
    empty_postgres: str, tmp_path: Path
) -> None:
    home = Home(tmp_path, empty_postgres)
    keeper = await home.open()
    replica = await home.open(keeper=False)
    expected: dict[int, int] = {}
    try:
        done = asyncio.Event()

        async def write() -> None:
            turn = 0
            while not done.is_set():
                turn += 1
                chat = turn % 23
                if turn % 5 == 0:
                    await replica.erase(chat)
                    expected.pop(chat, None)
                else:
                    await replica.merge(chat, following(turn))
                    expected[chat] = turn

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(write())
            for _ in range(6):
                await keeper.rekey()
            done.set()

        for vault in (keeper, replica):
            assert {chat: min(record.people) for chat, record in (await everybody(vault)).items()} == expected
    finally:
        await home.close()


async def test_when_the_keeper_is_gone_another_keeps_the_rows(empty_postgres: str, tmp_path: Path) -> None:
    """Rows would have the same keys from then on: whoever copies them later learns who was told meanwhile."""
    home = Home(tmp_path, empty_postgres)
    keeper = await home.open()
    others = [await home.open(keeper=False) for _ in range(2)]
    try:
        await others[0].merge(CHAT, following(5))
        assert not await others[0].keep()
        # It ends while it seals the rows anew: what it leaves half done has to be tidied up.
        await asyncio.to_thread(keeper._keyring.begin_epoch)
        await keeper.close()
        assert [await other.keep() for other in others] == [True, False]
        assert [other.is_keeper for other in others] == [True, False]
        assert len(others[0]._keyring.epochs) == 1
        before = others[0].rekeyed
        await others[0].rekey()
        assert others[0].rekeyed >= before
        await others[1].merge(CHAT, lambda record: replace(record, people=record.people | {6}))
        assert await others[0].read(CHAT) == Record(CHAT, people=frozenset([5, 6]))
        assert not others[0].held
    finally:
        await home.close()


async def test_keys_of_a_rekey_that_was_cut_off_are_not_taken_for_those_of_the_next_one(
    empty_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one, elsewhere, makes others: with the ones of before nobody would be found."""
    home = Home(tmp_path, empty_postgres)
    keeper, other = await home.open(), await home.open(keeper=False)

    async def cut_off(*_: object) -> None:
        raise DatabaseUnavailableError("the connection is gone")

    try:
        await other.merge(CHAT, following(5))
        with monkeypatch.context() as broken:
            broken.setattr(keeper, "_move", cut_off)
            with pytest.raises(DatabaseUnavailableError):
                await keeper.rekey()
        await other.rekey()

        assert await keeper.read(CHAT) == Record(CHAT, people=frozenset([5]))
        assert list(await everybody(keeper)) == [CHAT]
    finally:
        await home.close()


async def test_a_keeper_whose_keys_do_not_open_the_rows_is_none(
    empty_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path, empty_postgres)
    keeper, other = await home.open(), await home.open(keeper=False)
    try:
        await keeper.close()
        with monkeypatch.context() as broken:
            broken.setattr("bot.store.vault.epoch_to_open", _older_keys)
            with pytest.raises(VaultBusyError):
                await other.keep()
        assert not other.is_keeper
        assert await other.keep()
    finally:
        await home.close()


async def test_a_folder_that_is_away_for_a_moment_ends_nobody_who_would_keep_the_rows(
    empty_postgres: str, tmp_path: Path
) -> None:
    home = Home(tmp_path, empty_postgres)
    shared = tmp_path / "shared"
    shared.mkdir()
    home.keyring = shared / "keyring"
    keeper, other = await home.open(), await home.open(keeper=False)
    try:
        await keeper.close()
        shared.rename(tmp_path / "away")
        with pytest.raises(DatabaseUnavailableError):
            await other.keep()
        (tmp_path / "away").rename(shared)
        assert await other.keep()
    finally:
        await home.close()


def _older_keys(*_: object) -> int:
    raise KeyringOlderError("the keyring is older than the vault")


async def test_a_table_that_grows_elsewhere_while_it_is_sealed_anew_opens_for_ever(
    empty_postgres: str, tmp_path: Path
) -> None:
    """Each would destroy the keys that the other is making, and nobody would be remembered."""
    home = Home(tmp_path, empty_postgres)
    keeper, replica = await home.open(), await home.open(keeper=False)
    newcomers = range(1, 1024 + 30)
    try:
        await asyncio.gather(*(replica.merge(chat, following(chat)) for chat in newcomers[:1000]))
        async with asyncio.TaskGroup() as tasks:
            for chat in newcomers[1000:]:
                tasks.create_task(replica.merge(chat, following(chat)))
            for _ in range(3):
                await keeper.rekey()
        await home.close()
        reopened = await home.open()
        found = await everybody(reopened)
        assert {chat: record.people for chat, record in found.items()} == {chat: {chat} for chat in newcomers}
    finally:
        await home.close()


class Overtaken(PostgresShelf):
    """A shelf on which others do something right before or after it is asked for something."""

    before: Callable[[], Awaitable[None]] | None = None
    before_open: Callable[[], Awaitable[None]] | None = None
    before_current: Callable[[], Awaitable[None]] | None = None
    after_current: Callable[[], Awaitable[object]] | None = None
    before_generation: Callable[[], Awaitable[None]] | None = None

    async def open(self) -> None:
        if self.before_open is not None:
            does, self.before_open = self.before_open, None
            await does()
        await super().open()

    async def set_generation(self, epoch: int, generation: int) -> None:
        if self.before_generation is not None:
            does, self.before_generation = self.before_generation, None
            await does()
        await super().set_generation(epoch, generation)

    async def count(self, epoch: int) -> int:
        if self.before is not None:
            does, self.before = self.before, None
            await does()
        return await super().count(epoch)

    async def current(self) -> tuple[int, int] | None:
        if self.before_current is not None:
            does, self.before_current = self.before_current, None
            await does()
        found = await super().current()
        if self.after_current is not None:
            after, self.after_current = self.after_current, None
            await after()
        return found


async def test_who_turns_to_new_rows_that_are_sealed_anew_again_meanwhile_turns_to_the_newest(
    empty_postgres: str, tmp_path: Path
) -> None:
    home = Home(tmp_path, empty_postgres)
    keeper = await home.open()
    database = Database(empty_postgres)
    shelf = Overtaken(database)
    replica = await Vault.open(shelf, home.keyring, ROOT, keeper=False)
    try:
        for act in (everybody, lambda vault: vault.read(CHAT), lambda vault: vault.merge(CHAT, following(5))):
            await keeper.rekey()
            shelf.before = keeper.rekey
            await act(replica)
            assert shelf.before is None
        assert list(await everybody(keeper)) == [CHAT]
    finally:
        await replica.close()
        await database.close()
        await home.close()


async def test_who_stood_still_before_it_outdated_copies_makes_no_next_start_hold_all_alerts(
    empty_postgres: str, tmp_path: Path
) -> None:
    home = Home(tmp_path, empty_postgres)
    keeper = await home.open()
    database = Database(empty_postgres)
    shelf = Overtaken(database)
    replica = await Vault.open(shelf, home.keyring, ROOT, keeper=False)
    try:
        shelf.before_generation = keeper.outdate_copies
        await replica.outdate_copies()
        assert shelf.before_generation is None
        await replica.close()
        await home.close()
        assert not (await home.open()).held
    finally:
        await database.close()
        await home.close()


@pytest.mark.parametrize(
    ("when", "act"),
    [
        ("before", "rekey"),
        ("before_current", "rekey"),
        ("after_current", "rekey"),
        ("after_current", "outdate_copies"),
    ],
)
async def test_a_process_can_begin_while_others_go_on_and_takes_the_rows_for_no_older_copy(
    empty_postgres: str, tmp_path: Path, when: str, act: str
) -> None:
    """It would hold everybody's alerts, or have the operator move the readers' tables away."""
    home = Home(tmp_path, empty_postgres)
    keeper = await home.open()
    await keeper.merge(CHAT, following(5))
    database = Database(empty_postgres)
    shelf = Overtaken(database)
    setattr(shelf, when, getattr(keeper, act))
    replica = await Vault.open(shelf, home.keyring, ROOT, keeper=False)
    try:
        assert getattr(shelf, when) is None
        await keeper.reload_keys()
        assert not replica.held
        assert not keeper.held
        await replica.merge(CHAT + 1, following(6))
        assert sorted(await everybody(replica)) == sorted(await everybody(keeper)) == [CHAT, CHAT + 1]
    finally:
        await replica.close()
        await database.close()
        await home.close()


async def test_a_process_can_begin_while_the_first_one_makes_the_rows(
    empty_postgres: str, tmp_path: Path
) -> None:
    home = Home(tmp_path, empty_postgres)
    Keyring.create(home.keyring, ROOT)
    database = Database(empty_postgres)
    shelf = Overtaken(database)
    shelf.after_current = home.open
    replica = await Vault.open(shelf, home.keyring, ROOT, keeper=False)
    try:
        await replica.merge(CHAT, following(5))
    finally:
        await replica.close()
        await database.close()
        await home.close()


@pytest.mark.parametrize(("when", "act"), [("before_current", "outdate_copies"), ("before_open", "rekey")])
async def test_a_keeper_begins_though_others_went_on_since_it_read_its_keys(
    empty_postgres: str, tmp_path: Path, when: str, act: str
) -> None:
    home = Home(tmp_path, empty_postgres)
    keeper, other = await home.open(), await home.open(keeper=False)
    await other.merge(CHAT, following(5))
    await keeper.close()
    database = Database(empty_postgres)
    shelf = Overtaken(database)
    setattr(shelf, when, getattr(other, act))
    next_one = await Vault.open(shelf, home.keyring, ROOT)
    try:
        assert getattr(shelf, when) is None
        assert not next_one.held
        assert await next_one.read(CHAT) == Record(CHAT, people=frozenset([5]))
    finally:
        await next_one.close()
        await database.close()
        await home.close()


async def test_a_process_that_does_not_keep_the_vault_makes_none(home: Home) -> None:
    with pytest.raises(KeyringMissingError):
        await home.open(keeper=False)

    assert not home.keyring.exists()


async def test_nothing_prints_a_chat_a_tag_or_a_key(home: Home, vault: Vault) -> None:
    await vault.merge(CHAT, following(5))
    tag, _ = await home.row_of(vault, CHAT)
    await home.put(tag, bytes(BLOB))
    said = [repr(vault), str(vault), repr(home.shelf()), repr(vars(vault))]

    for failing in (vault.read(CHAT), vault.merge(CHAT, one_more), vault.rekey()):
        try:
            await failing
        except RowDamagedError as error:
            said += ["".join(traceback.format_exception_only(error)), repr(error), repr(error.__context__)]

    keys = Keyring.load(home.keyring, ROOT).epochs.values()
    secret = [tag, CHAT.to_bytes(8), *(key for pair in keys for key in (pair.index, pair.data))]
    canaries = [str(CHAT), *(form for one in secret for form in (one.hex(), repr(one)[2:-1]))]
    assert len(said) == 13
    assert [canary for canary in canaries if any(canary in line for line in said)] == []


async def test_a_match_that_fails_says_so(vault: Vault) -> None:
    await vault.merge(CHAT, following(5))

    def fail(glance: Glance) -> bool:
        raise LookupError

    with pytest.raises(LookupError):
        [record async for record in vault.scan(fail)]


async def test_a_file_of_rows_is_private_and_survives_a_power_cut(tmp_path: Path) -> None:
    home = Home(tmp_path, None)
    vault = await home.open()
    try:
        await vault.merge(CHAT, following(5))
        await vault.rekey()

        modes = {path.name: path.stat().st_mode & 0o777 for path in home.data.iterdir()}
        assert modes == {
            name: 0o600 for name in ("vault.lock", "vault-2.db", "vault-2.db-wal", "vault-2.db-shm")
        }
        assert home.data.stat().st_mode & 0o777 == 0o700
        assert (home.data / "vault-2.db-wal").stat().st_size == 0
    finally:
        await home.close()


@pytest.fixture
async def on_postgres(empty_postgres: str, tmp_path: Path) -> AsyncIterator[Home]:
    home = Home(tmp_path, empty_postgres)
    yield home
    await home.close()


_END_WHO_IS_ALONE = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND objid = $1 AND granted AND pid <> pg_backend_pid()
"""


def before(shelf: Shelf, asked: str, does: Callable[[], Awaitable[object]]) -> None:
    """Let something happen right before a shelf is asked for something the next time."""
    do = getattr(shelf, asked)

    async def overtaken(*given: Any) -> Any:
        setattr(shelf, asked, do)
        await does()
        return await do(*given)

    setattr(shelf, asked, overtaken)


@pytest.mark.parametrize(
    ("stands_still_at", "other_is_at"),
    [
        ("still_alone", "count"),
        ("current", "swap"),
        ("drop_others", "end"),
        ("count", "count"),
        ("swap", "count"),
        ("swap", "end"),
    ],
)
async def test_whose_lock_of_keys_was_taken_away_swaps_nothing_and_destroys_nothing_of_the_next_one(
    on_postgres: Home, stands_still_at: str, other_is_at: str
) -> None:
    """Rows would be current whose keys the other has destroyed: nobody could ever open them."""
    one, other = await on_postgres.open(), await on_postgres.open(keeper=False)
    await one.merge(CHAT, following(5))
    is_there, goes_on = asyncio.Event(), asyncio.Event()
    rekeyed = []

    async def stand_still() -> None:
        is_there.set()
        await goes_on.wait()

    async def lose_the_lock() -> None:
        async with connected(str(on_postgres.address)) as server:
            await server.execute(_END_WHO_IS_ALONE, _KEYS)
        if other_is_at != "end":
            before(other._shelf, other_is_at, stand_still)
        rekeyed.append(rekeying := asyncio.ensure_future(other.rekey()))
        rekeying.add_done_callback(lambda _: is_there.set())
        await is_there.wait()

    before(one._shelf, stands_still_at, lose_the_lock)
    async with asyncio.timeout(20):
        with pytest.raises(DatabaseUnavailableError):
            await one.rekey()
        goes_on.set()
        await asyncio.gather(*rekeyed)

        for vault in (one, other):
            assert await everybody(vault) == {CHAT: Record(CHAT, people=frozenset([5]))}
        await on_postgres.close()
        assert list(await everybody(await on_postgres.open())) == [CHAT]
    assert len(await on_postgres.tables()) == len(Keyring.load(on_postgres.keyring, ROOT).epochs) == 1


async def test_a_slow_backup_of_the_rows_keeps_no_writer_waiting_and_new_keys_only_until_its_end(
    on_postgres: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = await on_postgres.open()
    await vault.merge(CHAT, following(5))
    monkeypatch.setattr("bot.store.postgres_shelf._SWAP_WAITS", "100ms")
    monkeypatch.setattr("bot.store.postgres_shelf._SWAP_PAUSE", 0.1)
    async with connected(str(on_postgres.address)) as backup, backup.transaction():
        assert await backup.fetchval("SELECT count(*) FROM vault_1")

        async with asyncio.timeout(10):
            rekeyed, merged = await asyncio.gather(
                vault.rekey(), vault.merge(CHAT, following(6)), return_exceptions=True
            )
        assert isinstance(rekeyed, DatabaseUnavailableError)
        assert isinstance(merged, Record)

    await vault.rekey()
    assert await everybody(vault) == {CHAT: Record(CHAT, people=frozenset([6]))}
    assert len(await on_postgres.tables()) == 1


async def test_a_swap_that_waits_for_a_backup_never_costs_the_sender_its_lease(
    on_postgres: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mark holds the lease, and would wait behind the swap; the renewals would wait behind the mark."""
    vault, database = await on_postgres.open(), Database(str(on_postgres.address))
    await vault.merge(CHAT, following(5))
    await database.migrate()
    async with database.writing() as connection:
        fence = await lease.take(connection)
    assert fence is not None
    monkeypatch.setattr("bot.store.postgres_shelf._SWAP_PAUSE", 0.3)
    marks, longest = 0, 0.0
    async with connected(str(on_postgres.address)) as backup, backup.transaction():
        assert await backup.fetchval("SELECT count(*) FROM vault_1")
        rekeying = asyncio.ensure_future(vault.rekey())
        until = time.monotonic() + 2
        while (began := time.monotonic()) < until:
            await vault.merge_many({CHAT: one_more}, fence)
            marks, longest = marks + 1, max(longest, time.monotonic() - began)
    await rekeying

    assert 0.5 < longest < lease.SECONDS / 2
    assert await everybody(vault) == {CHAT: Record(CHAT, people=frozenset([5]), alert_seen=marks)}
    await database.close()


async def test_postgresql_keeps_no_statistics_of_rows_and_moves_nothing_aside(on_postgres: Home) -> None:
    await (await on_postgres.open()).merge(CHAT, following(5))
    await on_postgres.ask("ANALYZE vault_1")

    assert await on_postgres.ask("SELECT attname FROM pg_stats WHERE tablename ~ '^vault_[0-9]'") == []
    storage = (
        "SELECT attname, attstorage::text, attstattarget FROM pg_attribute "
        "WHERE attrelid = 'vault_1'::regclass AND attnum > 0"
    )
    assert sorted(map(tuple, await on_postgres.ask(storage))) == [("blob", "p", 0), ("tag", "p", 0)]
    aside = "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE oid = 'vault_1'::regclass"
    assert [row[0] for row in await on_postgres.ask(aside)] == [0]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("log_statement", "all"),
        ("log_min_duration_statement", "0"),
        ("log_transaction_sample_rate", "0.5"),
        ("log_parameter_max_length_on_error", "-1"),
    ],
)
async def test_a_server_that_would_log_parameters_is_refused(
    on_postgres: Home, setting: str, value: str
) -> None:
    await on_postgres.ask(f"ALTER ROLE postgres SET {setting} = '{value}'")
    try:
        with pytest.raises(ShelfRefusedError, match="would log parameters"):
            await on_postgres.open()
        assert not on_postgres.keyring.exists()
        await on_postgres.ask("ALTER ROLE postgres SET log_parameter_max_length = 0")
        if not setting.startswith("log_parameter"):
            await on_postgres.open()
    finally:
        await on_postgres.close()
        await on_postgres.ask("ALTER ROLE postgres RESET ALL")


async def test_whoever_only_looks_sees_what_the_keeper_sees_and_holds_nothing(home: Home) -> None:
    assert await home.shelf().peek() is None
    vault = await home.open()
    await vault.merge(1, following(1))
    await vault.rekey()
    kept = home.shelf() if not home.is_sqlite else vault._shelf
    assert await home.shelf().peek() == await kept.current()
    await vault.merge(2, following(1))
