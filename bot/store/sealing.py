"""Sealing: a chat becomes a tag and its record a sealed blob, under the keys of one epoch."""

from __future__ import annotations

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.follower import DUMMY, SIZE
from bot.store.keyring import EpochKeys
from bot.store.shelf import Row

TAG = 16
NONCE = 12
BLOB = NONCE + SIZE + 16
"""Bytes of every blob: nonce, ciphertext, and the 16 bytes that show whether it was changed."""
_VERSION = b"\1"


class RowDamagedError(Exception):
    """A row was changed, or belongs elsewhere: it says nothing about anybody and is not to be used."""


class Sealer:
    """Tags and blobs of one epoch: the only place where a chat id becomes stored bytes."""

    __slots__ = ("_aad", "_cipher", "_index", "epoch")

    def __init__(self, epoch: int, keys: EpochKeys) -> None:
        self.epoch = epoch
        # Begun once and copied for every tag: beginning takes longer than all the rest of it.
        self._index = hmac.new(keys.index, digestmod="sha256")
        self._cipher = AESGCM(keys.data)
        # Bound into every blob, so that one moved to another row or another epoch does not open.
        self._aad = _VERSION + epoch.to_bytes(8)

    def tag(self, chat: int) -> bytes:
        """Return a chat's tag: where its row is, for those who hold this epoch's key."""
        return self._digest(chat.to_bytes(8, signed=True))

    def dummy_tag(self, place: int) -> bytes:
        """Return the tag of the dummy at a place: nine bytes go in, a chat has eight, so they never meet."""
        return self._digest(b"\0" + place.to_bytes(8))

    def _digest(self, message: bytes) -> bytes:
        index = self._index.copy()
        index.update(message)
        return index.digest()[:TAG]

    def seal(self, tag: bytes, packed: bytes) -> bytes:
        """Return a packed record as the blob of this row and no other."""
        return self._seal(os.urandom(NONCE), tag, packed)

    def seal_many(self, rows: list[Row]) -> list[Row]:
        """Return tags with their packed records as rows; asking for each nonce alone takes a third longer."""
        drawn = os.urandom(NONCE * len(rows))
        nonces = (drawn[start : start + NONCE] for start in range(0, len(drawn), NONCE))
        seal = self._seal
        return [(tag, seal(nonce, tag, packed)) for nonce, (tag, packed) in zip(nonces, rows, strict=True)]

    def dummy(self, tag: bytes) -> bytes:
        """Return a blob that is nobody's, like all others to those without the key."""
        return self.seal(tag, DUMMY)

    def _seal(self, nonce: bytes, tag: bytes, packed: bytes) -> bytes:
        return nonce + self._cipher.encrypt(nonce, packed, self._aad + tag)

    def open(self, tag: bytes, blob: bytes) -> bytes:
        """Return the packed record of a row. Raises RowDamagedError."""
        try:
            return self._cipher.decrypt(blob[:NONCE], blob[NONCE:], self._aad + tag)
        except (InvalidTag, ValueError):
            raise RowDamagedError("a row is not what was written") from None
