"""Re-keying: every row sealed anew for a fresh table, in the order of its new tags, padded with dummies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from operator import itemgetter

from bot.domain.follower import DUMMY, chat_of, is_dummy
from bot.store.sealing import Sealer
from bot.store.shelf import Add, Exchange, Row, Shelf, Touched

FEWEST_DUMMIES = 1024
CHUNK = 4096
_BAND = 2**17
"""Rows held in memory at once: 150 MB. Longer tables are read once for each band of new tags."""

Place = tuple[bytes, Row | None]
"""A new tag, and the old row that moves there; None for a dummy."""


class NoRoomError(Exception):
    """More newcomers than dummies while rows were re-keyed. Nothing was changed; the next table is larger."""


def padded(rows: int) -> int:
    """Return how many rows a table has that holds so many people: a power of two, 1,024 dummies at least."""
    return 1 << (rows + FEWEST_DUMMIES - 1).bit_length()


class Move:
    """The move of all rows from one epoch to the next, in memory only: which new tag each old one has."""

    def __init__(self, old: Sealer | None, new: Sealer) -> None:
        """Prepare a move; from nowhere when there is no old epoch."""
        self._old, self._new = old, new
        self.moved: dict[bytes, bytes] = {}
        self.size = padded(0)

    async def copy(self, first: list[Place], shelf: Shelf, add: Add, step: Callable[[str], None]) -> None:
        """Fill the new table; `first` is what the survey returned. Raises RowDamagedError."""
        await self._pour(first, add)
        for band in range(1, self._bands):
            step("band")
            await self._pour(await self._later_band(shelf, band), add)

    async def survey(self, shelf: Shelf, step: Callable[[str], None]) -> list[Place]:
        """Read everything once: it says who is there, and gives the rows of the first band.

        Raises RowDamagedError.
        """
        old = self._old
        self._bands = 1
        places: list[Place] = []
        if old is not None:
            self._bands = -(-await shelf.count(old.epoch) // _BAND)
            rows = await shelf.chunk(old.epoch, b"", CHUNK)
            while rows:
                # The next rows are read while these are opened.
                part, rows = await asyncio.gather(
                    asyncio.to_thread(self._survey, old, rows),
                    shelf.chunk(old.epoch, rows[-1][0], CHUNK),
                )
                places += part
                step("chunk")
        self.size = padded(len(self.moved))
        return await asyncio.to_thread(self._with_dummies, places, 0)

    async def _later_band(self, shelf: Shelf, band: int) -> list[Place]:
        places: list[Place] = []
        if (old := self._old) is not None:
            after = b""
            while rows := await shelf.chunk(old.epoch, after, CHUNK):
                after = rows[-1][0]
                places += self._of_band(rows, band)
        return await asyncio.to_thread(self._with_dummies, places, band)

    def _survey(self, old: Sealer, rows: list[Row]) -> list[Place]:
        moved, new_tag = self.moved, self._new.tag
        there = []
        for row in rows:
            packed = old.open(*row)
            if not is_dummy(packed):
                moved[row[0]] = new_tag(chat_of(packed))
                there.append(row)
        return self._of_band(there, 0)

    def _of_band(self, rows: list[Row], band: int) -> list[Place]:
        moved, bands = self.moved, self._bands
        found = ((moved.get(row[0]), row) for row in rows)
        return [(tag, row) for tag, row in found if tag is not None and tag[0] * bands >> 8 == band]

    def _with_dummies(self, places: list[Place], band: int) -> list[Place]:
        new, bands = self._new, self._bands
        tags = (new.dummy_tag(place) for place in range(len(self.moved), self.size))
        places += [(tag, None) for tag in tags if tag[0] * bands >> 8 == band]
        return _in_order(places)

    async def _pour(self, places: list[Place], add: Add) -> None:
        """Seal and add in parts, sealing one while another is added.

        Rows stay sealed by the old keys until then: memory never holds everybody in the clear. Each part
        is forgotten at once: freeing all of them together stops the loop for 0.07 s.
        """
        places.reverse()
        sealed: list[Row] = []
        while places or sealed:
            part = places[: -CHUNK - 1 : -1]
            del places[-CHUNK:]
            _, sealed = await asyncio.gather(add(sealed), asyncio.to_thread(self._seal, part))

    def _seal(self, places: list[Place]) -> list[Row]:
        old = self._old
        packed = (DUMMY if row is None or old is None else old.open(*row) for _, row in places)
        return self._new.seal_many([(tag, record) for (tag, _), record in zip(places, packed, strict=True)])

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


def _in_order(places: list[Place]) -> list[Place]:
    """Sort by tag in small parts: one long sort would keep every other thread waiting for 0.1 s."""
    parts: list[list[Place]] = [[] for _ in range(256)]
    for place in places:
        parts[place[0][0]].append(place)
    places.clear()
    for part in parts:
        part.sort(key=itemgetter(0))
        places += part
    return places
