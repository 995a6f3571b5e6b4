"""A shelf: where sealed rows lie, a table for each epoch. What it is given are opaque bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

Row = tuple[bytes, bytes]
"""A tag and its blob."""
Touched = tuple[bytes, bytes | None]
"""A tag whose row may have changed, and its blob now; None where the row is gone."""
Add = Callable[[list[Row]], Awaitable[None]]
Write = Callable[[bytes], object]


class StaleEpochError(Exception):
    """The table that was asked for is no longer the current one: ask again with the keys of the new one."""


class FencedError(Exception):
    """Another process is the sender now. Nothing was changed, and nothing may be sent any more."""


class ShelfRefusedError(Exception):
    """The database would show what it must not, or holds what it should not. Nothing was changed."""


@dataclass(frozen=True, slots=True, repr=False)
class Exchange:
    """One row leaves and another comes, so that their number never changes."""

    gone: bytes
    came: bytes
    blob: bytes
    gone_blob: bytes | None = None
    """What the leaving row must still hold, if that matters."""
    present: bytes | None = None
    """A row that must be there, or nothing happens."""
    absent: bytes | None = None
    """A row that must not be there, or nothing happens."""


@dataclass(frozen=True, slots=True, repr=False)
class Edit:
    """One row's blob in place of exactly another."""

    tag: bytes
    old: bytes
    new: bytes


Replay = Callable[[list[Touched]], list[Exchange]]


class Shelf(Protocol):
    """Rows on SQLite or PostgreSQL. Raises StaleEpochError where an epoch's table is no longer current."""

    async def open(self) -> None:
        """Connect, or refuse."""

    async def close(self) -> None:
        """Let go of everything."""

    async def current(self) -> tuple[int, int] | None:
        """Return the epoch whose table is whole, and the generation it reached; None when there is none."""

    async def peek(self) -> tuple[int, int] | None:
        """Return the same, and change nothing; neither `open` nor a lock is needed."""

    async def set_generation(self, epoch: int, generation: int) -> None:
        """Write down which generation the rows have reached; what is written never falls."""

    async def export(self, write: Write) -> int | None:
        """Write every row of the current table as one moment has it, in the order of tags; return how many.

        The tag, then the blob, nothing between. Neither `open` nor a lock is needed: the bot may be
        running. None when there is no table.
        """

    async def get(self, epoch: int, tag: bytes) -> bytes | None:
        """Return a row's blob."""

    async def chunk(self, epoch: int, after: bytes, limit: int) -> list[Row]:
        """Return the rows that follow a tag, in the order of tags."""

    async def count(self, epoch: int) -> int:
        """Return how many rows there are."""

    async def get_many(self, epoch: int, tags: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the blobs of the rows that are there, by tag."""

    async def replace_many(self, epoch: int, edits: Sequence[Edit], fence: int = 0) -> frozenset[bytes]:
        """Put blobs in place of exactly these, in one transaction; return the tags where they were there.

        With a fence it is all done only while this is the token of the one sender. Raises FencedError.
        """

    async def exchange_many(self, epoch: int, exchanges: Sequence[Exchange]) -> int:
        """Exchange rows in turn, in one transaction; return how many were done.

        The first that finds something otherwise than it must be is not done, nor is any after it.
        """

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Wait until no other process seals rows anew or destroys keys, and keep them from it meanwhile."""

    async def still_alone(self) -> None:
        """Raise DatabaseUnavailableError where that was taken away: another process may have begun."""

    def building(self, epoch: int) -> AbstractAsyncContextManager[Add]:
        """Make a table that is not current yet, and fill it in the order of tags; on disk at the end."""

    async def watch(self, epoch: int) -> None:
        """Remember from now on which rows change."""

    async def swap(
        self, old: int | None, new: int, generation: int, known: Collection[bytes], replay: Replay
    ) -> None:
        """Hold the writers, put into the new table what changed in the old one, and make it the current one.

        `known` are the tags that were copied as somebody's. All of it happens, or nothing; nothing where
        who asked is not alone any more.
        """

    async def drop_others(self, epoch: int) -> None:
        """Delete every table but this one, which is the current one."""

    async def tidy(self) -> None:
        """Leave no older bytes in the database's journal, as far as that can be asked for."""
