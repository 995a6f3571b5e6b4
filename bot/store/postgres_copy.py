"""PostgreSQL's binary COPY: rows as it takes and gives them, many at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from struct import pack, unpack_from

from bot.store.shelf import Row, Write

_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"


class Copied:
    """Takes PostgreSQL's binary COPY in pieces of any size and writes what the fields hold, nothing else."""

    def __init__(self, write: Write) -> None:
        """Write what comes with `write`; `rows` says how many came."""
        self._write = write
        self._left = bytearray()
        self._fields: int | None = None
        self.rows = 0

    async def take(self, piece: bytes) -> None:
        """Take the next piece."""
        self._left += piece
        if self._fields is None:
            if len(self._left) < len(_HEAD):
                return
            del self._left[: len(_HEAD)]
            self._fields = 0
        while self._one():
            pass

    def _one(self) -> bool:
        """Take a row's count of fields, or a field; return whether it was all there."""
        if not self._fields:
            if len(self._left) < 2 or self._left.startswith(_END):
                return False
            [self._fields] = unpack_from(">h", self._left)
            del self._left[:2]
            self.rows += 1
        if len(self._left) < 4:
            return False
        [size] = unpack_from(">i", self._left)
        if len(self._left) < 4 + size:
            return False
        self._write(bytes(self._left[4 : 4 + size]))
        del self._left[: 4 + size]
        self._fields -= 1
        return True


async def as_copy(rows: list[Row]) -> AsyncIterator[bytes]:
    """Return rows as PostgreSQL's binary COPY, a few at a time."""
    yield _HEAD
    for start in range(0, len(rows), 512):
        parts = []
        for tag, blob in rows[start : start + 512]:
            parts += [pack(">hi", 2, len(tag)), tag, pack(">i", len(blob)), blob]
        yield b"".join(parts)
    yield _END
