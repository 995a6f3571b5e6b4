"""Destroying: keys and tables that are over go, and never those of the rows that are current.

Whoever stands still while doing so loses the lock of keys, and another process begins meanwhile. So only
those keys are named that none of the others can come to need, and the shelf is asked right before: a swap
whose answer was lost may have made another epoch current.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from bot.store.keyring import Keyring, Step
from bot.store.shelf import Shelf, StaleEpochError


class Destroying:
    """What ends each re-key, and mends what one that was cut off has left.

    Everything raises StaleEpochError where the epoch that is to stay is not the current one.
    """

    def __init__(self, shelf: Shelf, keyring: Keyring, step: Step) -> None:
        """`step` is told what was done."""
        self._shelf, self._keyring, self._step = shelf, keyring, step

    async def what_is_left_beside(self, epoch: int) -> None:
        """Destroy what a crash has left. Raises DatabaseUnavailableError where we are not alone any more."""
        await asyncio.to_thread(self._keyring.reload)
        known = set(self._keyring.epochs)
        await self._shelf.still_alone()  # so none of them is of a re-key that is under way elsewhere
        await self._all_but(epoch, known - {epoch})

    async def older_than(self, epoch: int, began: int) -> None:
        """Destroy what the re-key that `began` then has replaced.

        Whatever another process begins from now on has a higher number.
        """
        await self._all_but(epoch, {older for older in self._keyring.epochs if older < epoch}, began)

    async def begun(self, epoch: int, kept: int) -> None:
        """Destroy what a re-key has begun that failed: first its table, which may be what fills the disk."""
        await self._shelf.drop_others(kept)
        await self._all_but(kept, {epoch})

    async def _all_but(self, epoch: int, others: Collection[int], began: int | None = None) -> None:
        current = await self._shelf.current()
        if current is None or current[0] != epoch:
            raise StaleEpochError
        # A re-key that failed has counted a generation more than the rows have reached.
        await asyncio.to_thread(self._keyring.destroy, others, current[1], began)
        self._step("destroyed")
        await self._shelf.drop_others(epoch)
        self._step("dropped")
