"""Many rows in one commit: what others do meanwhile is kept, and a fence keeps out the old sender."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.follower import Record
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
