"""Ideal primitives: AES-GCM and HMAC as their definitions have them, to see what else is in the bytes.

Under them a tag or a blob is the next of a row of seeded random bytes and says nothing of what went in.
What two vaults then differ in comes from our own doing: the order, the places and the sizes of writes.
"""

from __future__ import annotations

import random

import pytest
from cryptography.exceptions import InvalidTag


class Ideal:
    """One world of such primitives, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  (the same noise in two vaults is what is wanted)
        self._digests: dict[tuple[bytes, bytes], bytes] = {}
        self._sealed: dict[tuple[bytes, bytes, bytes, bytes], bytes] = {}

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Put them where the sealing takes the library's."""
        patch.setattr("bot.store.sealing.AESGCM", lambda key: IdealCipher(self, key))
        patch.setattr("bot.store.sealing.hmac", self)
        patch.setattr("bot.store.sealing.os", self)

    def urandom(self, size: int) -> bytes:
        return self._chance.randbytes(size)

    def new(self, key: bytes, *, digestmod: str) -> IdealHash:
        assert digestmod == "sha256"
        return IdealHash(self, key)

    def digest(self, key: bytes, message: bytes) -> bytes:
        if (key, message) not in self._digests:
            self._digests[key, message] = self.urandom(32)
        return self._digests[key, message]

    def encrypt(self, key: bytes, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        sealed = self.urandom(len(data) + 16)
        self._sealed[key, nonce, sealed, bound] = data
        return sealed

    def decrypt(self, key: bytes, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
        try:
            return self._sealed[key, nonce, sealed, bound]
        except KeyError:
            raise InvalidTag from None


class IdealHash:
    """What an HMAC is to a key and what was put into it."""

    def __init__(self, world: Ideal, key: bytes, message: bytes = b"") -> None:
        self._world, self._key, self._message = world, key, message

    def copy(self) -> IdealHash:
        return IdealHash(self._world, self._key, self._message)

    def update(self, message: bytes) -> None:
        self._message += message

    def digest(self) -> bytes:
        return self._world.digest(self._key, self._message)


class IdealCipher:
    """What AESGCM is to a key."""

    def __init__(self, world: Ideal, key: bytes) -> None:
        self._world, self._key = world, key

    def encrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        return self._world.encrypt(self._key, nonce, data, bound)

    def decrypt(self, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
        return self._world.decrypt(self._key, nonce, sealed, bound)
