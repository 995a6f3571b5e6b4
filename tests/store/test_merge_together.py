"""Changes asked for at once: few commits, each chat's own outcome, nobody lost and nothing done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.follower import DoesNotFitError, Record
from bot.store.database import DatabaseUnavailableError
from bot.store.sealing import RowDamagedError
from bot.store.shelf import Edit, Exchange
from bot.store.vault import Vault
from tests.store.vaults import Home, following, one_more

CHATS = range(1, 41)


def counted(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the number of rows with each commit."""
    commits: list[int] = []
    shelf = vault._shelf
    replace_many, exchange_many = shelf.replace_many, shelf.exchange_many

    async def replacing(epoch: int, edits: Sequence[Edit], fence: int = 0) -> frozenset[bytes]:
        commits.append(len(edits))
        return await replace_many(epoch, edits, fence)

    async def exchanging(epoch: int, exchanges: Sequence[Exchange]) -> int:
        commits.append(len(exchanges))
        return await exchange_many(epoch, exchanges)

    monkeypatch.setattr(shelf, "replace_many", replacing)
    monkeypatch.setattr(shelf, "exchange_many", exchanging)
    return commits


async def test_newcomers_and_changes_at_once_are_a_commit_each(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = await home.open()
    commits = counted(vault, monkeypatch)
    await asyncio.gather(*(vault.merge(chat, following(chat)) for chat in CHATS))
    assert commits == [40]
    await asyncio.gather(*(vault.merge(chat, one_more) for chat in CHATS))
    assert commits == [40, 40]
    records = await asyncio.gather(*(vault.read(chat) for chat in CHATS))
    assert records == [replace(Record(chat), people=frozenset({chat}), alert_seen=1) for chat in CHATS]


async def test_the_changes_of_one_chat_are_made_in_turn_and_each_is_told_its_own(home: Home) -> None:
    vault = await home.open()
    records = await asyncio.gather(
        vault.merge_known(1, one_more),
        *(vault.merge(1, one_more) for _ in range(3)),
        vault.merge_known(2, one_more),
    )
    assert [record.alert_seen if record else None for record in records] == [None, 1, 2, 3, None]
    assert await vault.read(2) is None


async def test_what_cannot_be_done_for_one_is_done_for_the_others(home: Home) -> None:
    vault = await home.open()
    for chat in (1, 2, 3):
        await vault.merge(chat, following(chat))
    tag, blob = await home.row_of(vault, 2)
    await home.put(tag, blob[:-1] + bytes([blob[-1] ^ 1]))
    came = await asyncio.gather(
        vault.merge(1, lambda record: replace(record, alert_seen=2**40)),
        vault.merge(1, one_more),
        vault.merge(2, one_more),
        vault.merge(3, one_more),
        vault.merge(4, one_more),
        return_exceptions=True,
    )
    assert [type(one) for one in came] == [DoesNotFitError, Record, RowDamagedError, Record, Record]
    read = await asyncio.gather(*(vault.read(chat) for chat in (1, 2, 3, 4)), return_exceptions=True)
    assert [getattr(one, "alert_seen", None) for one in read] == [1, None, 1, 1]


async def test_who_cannot_be_let_in_now_keeps_nobody_else_from_their_own_outcome(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = await home.open()
    await vault.merge(1, following(1))

    async def away(_epoch: int, _exchanges: Sequence[Exchange]) -> int:
        raise DatabaseUnavailableError("away")

    with monkeypatch.context() as patched:
        patched.setattr(vault._shelf, "exchange_many", away)
        came = await asyncio.gather(
            vault.merge(1, one_more), vault.merge(2, one_more), return_exceptions=True
        )
    assert [type(one) for one in came] == [Record, DatabaseUnavailableError]
    assert await vault.merge(2, one_more) == replace(Record(2), alert_seen=1)
    assert await vault.read(1) == replace(Record(1), people=frozenset({1}), alert_seen=1)


async def test_more_newcomers_than_there_is_room_for_are_all_let_in(home: Home) -> None:
    vault = await home.open()
    room = len(await home.rows())
    chats = range(1, room + 50)
    await asyncio.gather(*(vault.merge(chat, one_more) for chat in chats))
    records = await asyncio.gather(*(vault.read(chat) for chat in chats))
    assert [record.alert_seen if record else None for record in records] == [1] * len(chats)
    assert len(await home.rows()) == 2 * room


async def test_rows_come_go_and_change_amid_a_rekey_and_nothing_is_done_twice(home: Home) -> None:
    vault = await home.open()
    await asyncio.gather(*(vault.merge(chat, following(chat)) for chat in CHATS))
    leave = [vault.erase(chat) for chat in CHATS[30:]]
    change = [vault.merge_known(chat, one_more) for chat in CHATS[:30] for _ in range(5)]
    come = [vault.merge(chat, following(chat)) for chat in range(100, 130)]
    await asyncio.gather(vault.rekey(), *leave, *change, *come)
    records = await asyncio.gather(*(vault.read(chat) for chat in CHATS))
    assert [record.alert_seen if record else None for record in records] == [5] * 30 + [None] * 10
    assert all(await asyncio.gather(*(vault.read(chat) for chat in range(100, 130))))


async def test_two_processes_change_the_same_rows_and_each_change_is_made_once(
    empty_postgres: str, tmp_path: Path
) -> None:
    home = Home(tmp_path, empty_postgres)
    try:
        keeper = await home.open()
        await asyncio.gather(*(keeper.merge(chat, following(chat)) for chat in CHATS))
        other = await home.open(keeper=False)
        for _ in range(3):
            both = [vault.merge(chat, one_more) for chat in CHATS for vault in (keeper, other)]
            new = [vault.merge(1000 + n, one_more) for n in range(20) for vault in (keeper, other)]
            await asyncio.gather(*both, *new)
        chats = [*CHATS, *range(1000, 1020)]
        records = await asyncio.gather(*(other.read(chat) for chat in chats))
        assert [record.alert_seen if record else None for record in records] == [6] * 60
    finally:
        await home.close()
