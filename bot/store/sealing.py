"""Sealing: a chat becomes a tag and its record a sealed blob, under the keys of one epoch."""

from __future__ import annotations

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.follower import DUMMY, SIZE
from bot.store.keyring import EpochKeys

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
        """Work with the keys of an epoch."""
        self.epoch = epoch
        self._index = keys.index
        self._cipher = AESGCM(keys.data)
        # Bound into every blob, so that one moved to another row or another epoch does not open.
        self._aad = _VERSION + epoch.to_bytes(8)

    def __repr__(self) -> str:
        return "Sealer()"

    def tag(self, chat: int) -> bytes:
        """Return a chat's tag: where its row is, for those who hold this epoch's key."""
        return hmac.digest(self._index, chat.to_bytes(8, signed=True), "sha256")[:TAG]

    def dummy_tag(self, place: int) -> bytes:
        """Return the tag of the dummy at a place: nine bytes go in, a chat has eight, so they never meet."""
        return hmac.digest(self._index, b"\0" + place.to_bytes(8), "sha256")[:TAG]

    def seal(self, tag: bytes, packed: bytes) -> bytes:
        """Return a packed record as the blob of this row and no other."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, packed, self._aad + tag)

    def dummy(self, tag: bytes) -> bytes:
        """Return a blob that is nobody's, like all others to those without the key."""
        return self.seal(tag, DUMMY)

    def open(self, tag: bytes, blob: bytes) -> bytes:
        """Return the packed record of a row. Raises RowDamagedError."""
        try:
            return self._cipher.decrypt(blob[:NONCE], blob[NONCE:], self._aad + tag)
        except (InvalidTag, ValueError):
            raise RowDamagedError("a row is not what was written") from None
