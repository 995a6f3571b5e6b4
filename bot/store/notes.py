"""Notes: what is written down of all readers together: numbers, a hold, whose they are."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from bot.store.keyring import Edition, Keyring
from bot.store.name_codes import NameCodes


class Notes:
    """What the keyring keeps beside its keys, for those who only know the vault. A thread writes it."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def hand_out(self, seconds: int, last: int = 0) -> int:
        """Return the next publication number; see Keyring.hand_out."""
        return await asyncio.to_thread(self._keyring.hand_out, seconds, last)

    @property
    def held(self) -> bool:
        """Return whether nothing may be sent until the operator says so; see Keyring.held."""
        return self._keyring.held

    @property
    def quiet_to(self) -> int:
        """Return up to which publication nothing makes a sound."""
        return self._keyring.quiet_to

    @property
    def published(self) -> int:
        """Return the highest publication number that the registry is known to hold."""
        return self._keyring.published

    async def note_published(self, number: int) -> None:
        """Write down that the registry holds a number."""
        await asyncio.to_thread(self._keyring.note_published, number)

    @property
    def handed_out(self) -> int:
        """Return the highest publication number ever handed out."""
        return self._keyring.publication

    async def hold(self, latest: int = 0) -> None:
        """Send nothing until `resume`, through restarts too; the registry holds numbers up to `latest`."""
        await asyncio.to_thread(self._keyring.hold, latest)

    async def resume(self, published: int) -> None:
        """Send again, on the operator's word; `published`: the highest number the registry holds now."""
        await asyncio.to_thread(self._keyring.resume, published)

    async def reload_keys(self) -> None:
        """Read again what other processes wrote into the keyring."""
        await asyncio.to_thread(self._keyring.reload)

    def name_digest(self, key: str) -> int:
        """Return what a row may keep of a name that we do not have."""
        return self._keyring.name_digest(key)

    @property
    def name_codes(self) -> NameCodes:
        """Return how a button holds such digests."""
        return self._keyring.name_codes

    async def wrapped_keys(self) -> tuple[Edition, bytes]:
        """Return the keyring's edition and file, which opens nothing without the root key."""
        return await asyncio.to_thread(self._keyring.wrapped)

    @property
    def rekeyed(self) -> datetime:
        """Return when the rows were sealed anew last."""
        return datetime.fromtimestamp(self._keyring.rekeyed, UTC)

    async def note_bot(self, number: int) -> None:
        """Write down which bot these readers wrote to, if it is the first. Raises AnotherBotError."""
        await asyncio.to_thread(self._keyring.note_bot, number)

    @property
    def registry(self) -> int:
        """Return the number of somebody in the registry of these rows; see Keyring.registry."""
        return self._keyring.registry

    async def note_registry(self, number: int) -> None:
        """Write down the number of somebody in the registry."""
        await asyncio.to_thread(self._keyring.note_registry, number)
