"""The shelf on SQLite where it differs: threads that are at work when their task is cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.store.shelf import Edit, Row, StaleEpochError
from bot.store.sqlite_shelf import SqliteShelf


async def test_a_table_is_closed_only_after_the_thread_that_fills_it_is_done(tmp_path: Path) -> None:
    """Closed under its hands, the process would die of it: cancelled is whoever stops the bot at night."""
    shelf = SqliteShelf(tmp_path)
    await shelf.open()
    loop, began, goes_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    filled: list[int] = []

    def rows() -> Iterator[Row]:
        for number in range(2000):
            if number == 1000:
                loop.call_soon_threadsafe(began.set)
                goes_on.wait(10)
            yield number.to_bytes(16), bytes(960)
        filled.append(number)

    async def build() -> None:
        async with shelf.building(1) as add:
            slowly: Any = rows()
            await add(slowly)

    async with asyncio.TaskGroup() as tasks:
        building = tasks.create_task(build())
        await began.wait()
        building.cancel()
        later = threading.Timer(0.1, goes_on.set)
        later.start()
    later.join()

    assert filled == [1999]
    await shelf.close()


class CutOffError(Exception):
    """The process is told to stop."""


async def test_a_file_that_was_never_finished_hides_the_whole_one_from_nobody_who_looks(
    tmp_path: Path,
) -> None:
    shelf = SqliteShelf(tmp_path)
    await shelf.open()
    async with shelf.building(1) as add:
        await add([(bytes(16), bytes(960))])
    await shelf.swap(None, 1, 7, (), lambda _: [])

    async def is_cut_off() -> None:
        async with shelf.building(2) as add:
            await add([(number.to_bytes(16), bytes(960)) for number in range(5000)])
            raise CutOffError

    with pytest.raises(CutOffError):
        await is_cut_off()

    assert await SqliteShelf(tmp_path).peek() == (1, 7)
    assert await SqliteShelf(tmp_path).export(lambda _: None) == 1
    await shelf.close()


async def test_what_is_to_be_written_at_once_shares_a_commit_and_nobodys_failure(tmp_path: Path) -> None:
    shelf = SqliteShelf(tmp_path)
    await shelf.open()
    rows = [(number.to_bytes(16), bytes(960)) for number in range(20)]
    async with shelf.building(1) as add:
        await add(rows)
    await shelf.swap(None, 1, 7, (), lambda _: [])
    said: list[str] = []
    assert shelf._writer is not None
    shelf._writer.set_trace_callback(said.append)

    new, late = bytes([1]) * 960, bytes([2]) * 960
    edits = [Edit(tag, blob, new) for tag, blob in rows]
    done = await asyncio.gather(
        *(shelf.replace_many(1, [edit]) for edit in edits),
        shelf.replace_many(1, [Edit(rows[0][0], rows[0][1], late)]),
        shelf.replace_many(2, [Edit(rows[1][0], new, late)]),
        return_exceptions=True,
    )

    assert done[:20] == [frozenset([edit.tag]) for edit in edits]
    assert done[20] == frozenset(), "somebody was faster"
    assert isinstance(done[21], StaleEpochError), "and that is nobody else's trouble"
    assert said.count("COMMIT") == 1
    assert set((await shelf.get_many(1, [tag for tag, _ in rows])).values()) == {new}
    await shelf.close()
