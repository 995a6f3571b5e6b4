"""Signing: an editor's key, kept in a file of theirs, and the codes of a second device."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from bot.store.files import write_private

STEP_SECONDS, DIGITS, SECRET_BYTES = 30, 6, 20
SLOWEST_CLOCK = 1
"""By how many steps the clock of a second device may be wrong."""


class KeyFileError(Exception):
    """A file that is no editor's key, or one that others can read. Its text says which."""


def write_key(path: Path) -> Ed25519PrivateKey:
    """Make a key in a new file that only its owner reads. Raises FileExistsError, OSError."""
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(path, text)
    return key


def read_key(path: Path) -> Ed25519PrivateKey:
    """Read an editor's key. Raises KeyFileError."""
    try:
        if path.is_dir():
            raise KeyFileError("the key is a folder: --key names the file in it")
        if path.stat().st_mode & 0o077:
            raise KeyFileError("others can read the key file: chmod 600")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError:
        raise KeyFileError("the key file cannot be read") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileError("the file is no editor's key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError("the file is no editor's key")
    return key


def public_key_of(key: Ed25519PrivateKey) -> str:
    """Return the public half as a registry holds it."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def sign(key: Ed25519PrivateKey, said: bytes) -> str:
    """Sign what an editor says."""
    return key.sign(said).hex()


def is_signed(public_key: str, signature: str, said: bytes) -> bool:
    """Return whether the owner of a key signed exactly this."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), said)
    except (InvalidSignature, ValueError):
        return False
    return True


def make_secret() -> str:
    """Return a secret for a second device, as people type it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def otpauth_address(handle: str, secret: str) -> str:
    """Return a secret as authenticator programs read it."""
    return _codes(secret).get_provisioning_uri(handle, "Volya")


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Return the half minute a code is of, or None for a wrong or an outdated one."""
    now = int(at.timestamp()) // STEP_SECONDS
    codes = _codes(secret)
    given = code.strip().encode()
    for step in range(now - SLOWEST_CLOCK, now + SLOWEST_CLOCK + 1):
        if hmac.compare_digest(codes.generate(step * STEP_SECONDS), given):
            return step
    return None


def code_of(secret: str, at: datetime) -> str:
    """Return the code a second device shows at a time."""
    return _codes(secret).generate(int(at.timestamp())).decode()


def _codes(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  (what devices speak)
