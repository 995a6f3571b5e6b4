"""Places: how many rows are somebody's, and how a newcomer takes a dummy's place and gives it back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.store.sealing import Sealer
from bot.store.shelf import Exchange, Shelf


class FullError(Exception):
    """Every dummy is somebody by now: the next table has to be longer. Nothing was changed."""

    def __init__(self, full: Sealer) -> None:
        super().__init__("the vault is full")
        self.full = full


class Places:
    """The rows of the current table: so many people first, then dummies.

    The dummy of place n is there exactly while fewer than n + 1 people are, so neither the database nor a
    file has to hold the number.
    """

    def __init__(self, shelf: Shelf) -> None:
        """Look at a shelf; `turn_to` says how long its table is."""
        self._shelf = shelf
        self._size = 0
        self._people: int | None = None
        self._exchanging = asyncio.Lock()

    def turn_to(self, size: int) -> None:
        """Turn to another table of so many rows."""
        self._size, self._people = size, None

    async def let_in(self, sealer: Sealer, newcomers: Mapping[bytes, bytes]) -> list[bytes]:
        """Put rows in the places of dummies, with one commit; return the tags of those that are in.

        Raises FullError.
        """
        async with self._exchanging:
            people = await self._count(sealer)
            tags = list(newcomers)[: self._size - people]
            if not tags:
                raise FullError(sealer)
            dummies = [sealer.dummy_tag(place) for place in range(people, people + len(tags))]
            before = [sealer.dummy_tag(people - 1) if people else None, *dummies[:-1]]
            exchanges = [
                Exchange(gone=gone, came=tag, blob=newcomers[tag], absent=absent)
                for gone, tag, absent in zip(dummies, tags, before, strict=True)
            ]
            done = await self._shelf.exchange_many(sealer.epoch, exchanges)
            self._people = people + done if done == len(tags) else None
            return tags[:done]

    async def take_out(self, sealer: Sealer, tag: bytes, blob: bytes) -> bool:
        """Put a dummy in the place of exactly this row; return whether it was there."""
        async with self._exchanging:
            people = max(1, await self._count(sealer))
            dummy = sealer.dummy_tag(people - 1)
            present = sealer.dummy_tag(people) if people < self._size else None
            exchange = Exchange(tag, dummy, sealer.dummy(dummy), gone_blob=blob, present=present)
            done = await self._shelf.exchange_many(sealer.epoch, [exchange]) == 1
            self._people = people - 1 if done else None
            return done

    async def _count(self, sealer: Sealer) -> int:
        """Return how many rows are somebody's, by binary search over the dummies."""
        if self._people is not None:
            return self._people
        low, high = 0, self._size
        while low < high:
            middle = (low + high) // 2
            if await self._shelf.get(sealer.epoch, sealer.dummy_tag(middle)) is None:
                low = middle + 1
            else:
                high = middle
        return low
