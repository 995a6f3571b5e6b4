"""Name codes: how a button holds the digest of a name that we do not have, for its own chat only.

A digest is the same in every chat. Whoever has seen it in somebody's button could write names from another
account until a button of theirs holds it, too, and would know the name.
"""

from __future__ import annotations

import base64
import hmac
import re
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

_BLOCK = struct.Struct(">qIxxxx")
_CODE = re.compile("[A-Za-z0-9_-]{22}", re.ASCII)


class NameCodes:
    """One block of a cipher: whose chat, which digest, and zeros that a forged code does not open to."""

    def __init__(self, key: bytes) -> None:
        """Derive a key from the one of the digests."""
        # A single block, each of which is another: the mode in which equal blocks would look alike is none.
        self._cipher = Cipher(AES(hmac.digest(key, b"\0buttons", "sha256")), ECB())  # noqa: S305

    def sealed(self, chat: int, digest: int) -> str:
        """Return a digest as a button of this chat holds it."""
        encryptor = self._cipher.encryptor()
        block = encryptor.update(_BLOCK.pack(chat, digest)) + encryptor.finalize()
        return base64.urlsafe_b64encode(block).decode().rstrip("=")

    def opened(self, chat: int, code: str) -> int | None:
        """Return the digest in a button of this chat; None for one of another chat, or a forged one."""
        if _CODE.fullmatch(code) is None:
            return None
        decryptor = self._cipher.decryptor()
        block = decryptor.update(base64.urlsafe_b64decode(f"{code}==")) + decryptor.finalize()
        digest: int = _BLOCK.unpack(block)[1]
        return digest if block == _BLOCK.pack(chat, digest) else None
