"""Commits: many rows in one, in the order of asking, and nobody waits for another's mistake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.follower import Record
from bot.services.commits import MOST_TOGETHER, Commits
from bot.store.changing import Change
from bot.store.database import DatabaseUnavailableError
from bot.store.shelf import FencedError
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault
from tests.running import ROOT
from tests.store.vaults import one_more


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    vault = await Vault.open(SqliteShelf(tmp_path / "vault"), tmp_path / "keyring", ROOT)
    yield vault
    await vault.close()


@asynccontextmanager
async def committing(vault: Vault) -> AsyncIterator[tuple[Commits, list[int]]]:
    """Run commits; yield the sizes of what was written together, too."""
    commits, sizes, merge_many = Commits(vault), [], vault.merge_many

    async def counted(changes: Mapping[int, Change], fence: int = 0) -> dict[int, Record]:
        sizes.append(len(changes))
        return await merge_many(changes, fence)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(vault, "merge_many", counted)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(commits.run())
            yield commits, sizes
            running.cancel()


async def seen(vault: Vault, chat: int) -> int:
    record = await vault.read(chat)
    assert record is not None
    return record.alert_seen


async def test_who_comes_together_is_written_together_up_to_thirty(vault: Vault) -> None:
    chats = range(1, 76)
    for chat in chats:
        await vault.merge(chat, one_more)
    async with committing(vault) as (commits, sizes):
        records = await asyncio.gather(*(commits.put(chat, one_more) for chat in chats))

    assert sizes == [MOST_TOGETHER, MOST_TOGETHER, 15]
    assert [record.chat for record in records if record] == list(chats)
    assert {record.alert_seen for record in records if record} == {2}
    assert [await seen(vault, chat) for chat in (1, 75)] == [2, 2]


async def test_who_is_forgotten_stays_so(vault: Vault) -> None:
    async with committing(vault) as (commits, _):
        assert await commits.put(5, one_more) is None
    assert await vault.read(5) is None


async def test_changes_for_one_chat_are_made_one_after_the_other_and_all_learn_of_it(vault: Vault) -> None:
    await vault.merge(1, one_more)

    def doubled(record: Record) -> Record:
        return replace(record, alert_seen=record.alert_seen * 2)

    async with committing(vault) as (commits, sizes):
        first, second, third = await asyncio.gather(
            commits.put(1, one_more), commits.put(1, doubled), commits.put(1, one_more)
        )
    assert sizes == [1]
    assert first is not None
    assert first == second == third
    assert first.alert_seen == (1 + 1) * 2 + 1


async def test_one_row_that_cannot_be_written_fails_alone(vault: Vault) -> None:
    for chat in (1, 2, 3):
        await vault.merge(chat, one_more)

    def does_not_fit(record: Record) -> Record:
        return replace(record, alert_seen=2**40)

    async with committing(vault) as (commits, _):
        ends = await asyncio.gather(
            commits.put(1, one_more),
            commits.put(2, does_not_fit),
            commits.put(3, one_more),
            return_exceptions=True,
        )
    assert [type(end).__name__ for end in ends] == ["Record", "DoesNotFitError", "Record"]
    assert [await seen(vault, chat) for chat in (1, 2, 3)] == [2, 1, 2]


@pytest.mark.parametrize("failure", [FencedError("not ours"), DatabaseUnavailableError("away")])
async def test_what_fails_for_all_is_tried_for_none_and_the_next_commit_is_made(
    vault: Vault, failure: Exception
) -> None:
    for chat in (1, 2):
        await vault.merge(chat, one_more)
    async with committing(vault) as (commits, sizes):
        merge_many = vault.merge_many

        async def fails(changes: Mapping[int, Change], fence: int = 0) -> dict[int, Record]:
            sizes.append(-len(changes))
            raise failure

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(vault, "merge_many", fails)
            ends = await asyncio.gather(
                commits.put(1, one_more), commits.put(2, one_more), return_exceptions=True
            )
        assert list(ends) == [failure, failure]
        assert vault.merge_many == merge_many
        assert (await commits.put(1, one_more)) is not None
    assert sizes == [-2, 1]
    assert [await seen(vault, chat) for chat in (1, 2)] == [2, 1]


async def test_the_fence_goes_with_every_commit(vault: Vault) -> None:
    await vault.merge(1, one_more)
    fences: list[int] = []
    async with committing(vault) as (commits, _):
        merge_many = vault.merge_many

        async def fenced(changes: Mapping[int, Change], fence: int = 0) -> dict[int, Record]:
            fences.append(fence)
            return await merge_many(changes)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(vault, "merge_many", fenced)
            commits.fence = 7
            await commits.put(1, one_more)
    assert fences == [7]


async def test_who_gives_up_waiting_harms_nobody(vault: Vault) -> None:
    for chat in (1, 2):
        await vault.merge(chat, one_more)
    async with committing(vault) as (commits, _), asyncio.TaskGroup() as tasks:
        gone = tasks.create_task(commits.put(1, one_more))
        await asyncio.sleep(0)
        gone.cancel()
        assert (await commits.put(2, one_more)) is not None
        with suppress(asyncio.CancelledError):
            await gone
