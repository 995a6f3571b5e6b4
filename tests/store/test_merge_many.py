"""Many rows in one commit: what others do meanwhile is kept, and a fence keeps out the old sender."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.follower import InFlight, Record
from bot.store import lease
from bot.store.database import Database
from bot.store.shelf import Edit, FencedError
from bot.store.vault import Vault
from tests.store.vaults import Home, following, one_more

CHATS = range(1, 11)


async def filled(home: Home) -> Vault:
    vault = await home.open()
    for chat in CHATS:
        await vault.merge(chat, following(chat))
    return vault


async def seen(vault: Vault) -> list[int]:
    records = [await vault.read(chat) for chat in CHATS]
    return [record.alert_seen if record else -1 for record in records]


async def test_all_that_are_remembered_change_and_the_others_stay_forgotten(home: Home) -> None:
    vault = await filled(home)
    merged = await vault.merge_many(dict.fromkeys([1, 2, 99], one_more))

    assert sorted(merged) == [1, 2]
    assert merged[1] == await vault.read(1)
    assert await seen(vault) == [1, 1, *[0] * 8]
    assert await vault.read(99) is None
    assert await vault.merge_many({99: one_more}) == {}
    assert await vault.merge_many({}) == {}


async def test_what_changes_nothing_writes_nothing(home: Home) -> None:
    vault = await filled(home)
    before = await home.rows()
    merged = await vault.merge_many({1: lambda record: record, 2: one_more})

    assert sorted(merged) == [1, 2]
    assert len(set(before) - set(await home.rows())) == 1


async def test_what_somebody_else_wrote_meanwhile_is_kept(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = await filled(home)
    calls = await _meanwhile(vault, monkeypatch, lambda: vault.merge(3, following(3, 33)))
    merged = await vault.merge_many(dict.fromkeys(CHATS, one_more))

    assert calls == [10, 1, 1], "the other's row, then only the row that had changed is tried again"
    assert merged[3] == replace(Record(3), people=frozenset({3, 33}), alert_seen=1)
    assert await seen(vault) == [1] * 10


async def test_who_is_forgotten_meanwhile_stays_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = await filled(home)
    await _meanwhile(vault, monkeypatch, lambda: vault.erase(3))
    merged = await vault.merge_many(dict.fromkeys(CHATS, one_more))

    assert sorted(merged) == [chat for chat in CHATS if chat != 3]
    assert await vault.read(3) is None


async def test_a_rekey_meanwhile_loses_nothing_and_doubles_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = await filled(home)
    await _meanwhile(vault, monkeypatch, vault.rekey)
    merged = await vault.merge_many(dict.fromkeys(CHATS, one_more))

    assert sorted(merged) == list(CHATS)
    assert await seen(vault) == [1] * 10


async def test_a_change_that_does_not_fit_changes_nobody(home: Home) -> None:
    vault = await filled(home)

    def too_much(record: Record) -> Record:
        return replace(record, alert_seen=2**40)

    with pytest.raises(ValueError, match="out of its range"):
        await vault.merge_many({1: one_more, 2: too_much})
    assert await seen(vault) == [0] * 10


async def test_behind_a_fence_that_is_not_ours_any_more_nothing_is_written(
    empty_postgres: str, tmp_path: Path
) -> None:
    home = Home(tmp_path, empty_postgres)
    database = Database(empty_postgres)
    await database.migrate()
    vault = await filled(home)
    async with database.writing() as connection:
        mine = await lease.take(connection)
    assert mine is not None
    await vault.merge_many({1: one_more}, mine)
    async with database.writing() as connection:
        await lease.give_up(connection, mine)
        assert await lease.take(connection) == mine + 1

    with pytest.raises(FencedError):
        await vault.merge_many({1: one_more, 2: one_more}, mine)
    with pytest.raises(FencedError):
        await vault.merge_many({99: one_more}, mine)
    assert (await seen(vault))[:2] == [1, 0]
    await home.close()
    await database.close()


async def _meanwhile(vault: Vault, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> list[int]:
    """Let something happen between reading and writing, once; return how many rows each try writes."""
    sizes: list[int] = []
    shelf = vault._shelf
    replace_many = shelf.replace_many

    async def late(epoch: int, edits: Sequence[Edit], fence: int = 0) -> frozenset[bytes]:
        sizes.append(len(edits))
        if len(sizes) == 1:
            await act()  # type: ignore[misc]
        return await replace_many(epoch, edits, fence)

    monkeypatch.setattr(shelf, "replace_many", late)
    return sizes


async def _reads(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the rows that are read."""
    shelf, counts = vault._shelf, list[int]()
    get_many = shelf.get_many

    async def counted(epoch: int, tags: Sequence[bytes]) -> dict[bytes, bytes]:
        counts.append(len(tags))
        return await get_many(epoch, tags)

    monkeypatch.setattr(shelf, "get_many", counted)
    return counts


def on_its_way(record: Record) -> Record:
    return replace(record, in_flight=InFlight(1))


def told(record: Record) -> Record:
    return replace(record, alert_seen=1, in_flight=None)


def as_it_is(record: Record) -> Record:
    return record


async def test_a_row_that_was_read_or_written_is_changed_without_reading_it_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = await filled(home)
    reads = await _reads(vault, monkeypatch)
    for change in (as_it_is, on_its_way, told):
        await vault.merge_many(dict.fromkeys(CHATS, change))

    assert reads == [10]
    assert await seen(vault) == [1] * 10
    assert repr(vault._known) == "<Known 0 rows>", "that alert is over"


async def test_a_row_that_somebody_else_changed_since_is_read_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = await filled(home)
    await vault.merge_many(dict.fromkeys(CHATS, as_it_is))
    await vault.merge(3, following(3, 33))
    await vault.erase(4)
    assert repr(vault._known) == "<Known 9 rows>"
    reads = await _reads(vault, monkeypatch)
    merged = await vault.merge_many(dict.fromkeys(CHATS, one_more))

    assert reads == [1, 1], "who was forgotten, then the row that had changed"
    assert merged[3] == replace(Record(3), people=frozenset({3, 33}), alert_seen=1)
    assert 4 not in merged
    assert await vault.read(4) is None


async def test_what_a_change_leaves_as_it_is_was_read_just_now(home: Home) -> None:
    """Nothing is written then, so nothing would say that somebody was faster."""
    vault = await filled(home)
    await vault.merge_many(dict.fromkeys(CHATS, as_it_is))
    await vault.merge(3, following(3, 33))
    merged = await vault.merge_many(dict.fromkeys(CHATS, as_it_is))

    assert merged[3].people == {3, 33}


async def test_few_rows_are_known(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.known.MOST_KNOWN", 4)
    vault = await filled(home)
    await vault.merge_many(dict.fromkeys(CHATS, as_it_is))
    reads = await _reads(vault, monkeypatch)
    await vault.merge_many(dict.fromkeys(CHATS, one_more))

    assert reads == [6]
    assert await seen(vault) == [1] * 10


async def test_what_was_known_before_a_rekey_is_read_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = await filled(home)
    await vault.merge_many(dict.fromkeys(CHATS, as_it_is))
    await vault.rekey()
    reads = await _reads(vault, monkeypatch)
    await vault.merge_many(dict.fromkeys(CHATS, one_more))

    assert reads == [10]
    assert await seen(vault) == [1] * 10
