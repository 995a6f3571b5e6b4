"""Re-keying: every row sealed anew for a fresh table, in the order of its new tags, padded with dummies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.domain.follower import chat_of, is_dummy
from bot.store.sealing import RowDamagedError, Sealer
from bot.store.shelf import Add, Exchange, Row, Shelf, Touched

FEWEST_DUMMIES = 1024
CHUNK = 4096
_BAND = 2**17
"""Rows held in memory at once: 150 MB. Longer tables are read once for each band of new tags."""


class NoRoomError(Exception):
    """More newcomers than dummies while rows were re-keyed. Nothing was changed; the next table is larger."""


def padded(rows: int) -> int:
    """Return how many rows a table has that holds so many people: a power of two, 1,024 dummies at least."""
    return max(1024, 1 << (rows + FEWEST_DUMMIES - 1).bit_length())


class Move:
    """The move of all rows from one epoch to the next, in memory only: which new tag each old one has."""

    def __init__(self, old: Sealer | None, new: Sealer, *, drop_damaged: bool) -> None:
        """Prepare a move; from nowhere when there is no old epoch."""
        self._old, self._new, self._drop_damaged = old, new, drop_damaged
        self.moved: dict[bytes, bytes] = {}
        self.size = padded(0)

    def __repr__(self) -> str:
        return "Move()"

    async def copy(self, shelf: Shelf, add: Add, step: Callable[[str], None]) -> None:
        """Fill the new table. Raises RowDamagedError unless damaged rows were given up."""
        await _pour(await self._first_band(shelf, step), add)
        for band in range(1, self._bands):
            step("band")
            await _pour(await self._later_band(shelf, band), add)

    async def _first_band(self, shelf: Shelf, step: Callable[[str], None]) -> list[Row]:
        """Read everything once: it says who is there, and gives the rows of the first band."""
        old = self._old
        self._bands = 1
        sealed: list[Row] = []
        if old is not None:
            self._bands = -(-await shelf.count(old.epoch) // _BAND)
            rows = await shelf.chunk(old.epoch, b"", CHUNK)
            while rows:
                # The next rows are read while these are sealed.
                part, rows = await asyncio.gather(
                    asyncio.to_thread(self._survey, old, rows),
                    shelf.chunk(old.epoch, rows[-1][0], CHUNK),
                )
                sealed += part
                step("chunk")
        self.size = padded(len(self.moved))
        return await asyncio.to_thread(self._with_dummies, sealed, 0)

    async def _later_band(self, shelf: Shelf, band: int) -> list[Row]:
        sealed: list[Row] = []
        if (old := self._old) is not None:
            after = b""
            while rows := await shelf.chunk(old.epoch, after, CHUNK):
                after = rows[-1][0]
                sealed += await asyncio.to_thread(self._reseal, old, rows, band)
        return await asyncio.to_thread(self._with_dummies, sealed, band)

    def _survey(self, old: Sealer, rows: list[Row]) -> list[Row]:
        new, moved, bands = self._new, self.moved, self._bands
        sealed = []
        for tag, blob in rows:
            try:
                packed = old.open(tag, blob)
            except RowDamagedError:
                if self._drop_damaged:
                    continue
                raise
            if not is_dummy(packed):
                moved[tag] = new_tag = new.tag(chat_of(packed))
                if new_tag[0] * bands >> 8 == 0:
                    sealed.append((new_tag, new.seal(new_tag, packed)))
        return sealed

    def _reseal(self, old: Sealer, rows: list[Row], band: int) -> list[Row]:
        new, moved, bands = self._new, self.moved, self._bands
        found = ((tag, blob, moved.get(tag)) for tag, blob in rows)
        return [
            (new_tag, new.seal(new_tag, old.open(tag, blob)))
            for tag, blob, new_tag in found
            if new_tag is not None and new_tag[0] * bands >> 8 == band
        ]

    def _with_dummies(self, rows: list[Row], band: int) -> list[Row]:
        new, bands = self._new, self._bands
        for place in range(len(self.moved), self.size):
            tag = new.dummy_tag(place)
            if tag[0] * bands >> 8 == band:
                rows.append((tag, new.dummy(tag)))
        return _in_order(rows)

    def replay(self, touched: list[Touched]) -> list[Exchange]:
        """Return what to do in the new table for rows that changed in the old one. Raises NoRoomError."""
        if self._old is None:
            return []
        old, new, people = self._old, self._new, len(self.moved)
        edits = []
        for tag, blob in touched:
            packed = None if blob is None else old.open(tag, blob)
            before = self.moved.get(tag)
            if packed is None or is_dummy(packed):
                if before is not None:
                    people -= 1
                    dummy = new.dummy_tag(people)
                    edits.append(Exchange(before, dummy, new.dummy(dummy)))
                continue
            after = before or new.tag(chat_of(packed))
            if before is None:
                if people == self.size:
                    raise NoRoomError("more newcomers than dummies")
                edits.append(Exchange(new.dummy_tag(people), after, new.seal(after, packed)))
                people += 1
            else:
                edits.append(Exchange(before, after, new.seal(after, packed)))
        return edits


async def _pour(rows: list[Row], add: Add) -> None:
    """Add rows in parts, each forgotten at once: freeing all of them together stops the loop for 0.07 s."""
    rows.reverse()
    while rows:
        part = rows[: -CHUNK - 1 : -1]
        del rows[-CHUNK:]
        await add(part)


def _in_order(rows: list[Row]) -> list[Row]:
    """Sort rows by tag in small parts: one long sort would keep every other thread waiting for 0.1 s."""
    parts: list[list[Row]] = [[] for _ in range(256)]
    for row in rows:
        parts[row[0][0]].append(row)
    rows.clear()
    for part in parts:
        part.sort()
        rows += part
    return rows
