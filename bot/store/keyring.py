"""The keyring: random keys for each epoch, wrapped by a root key that never lies beside the data.

Epoch keys are random and not derived, so that destroying one makes its rows unreadable wherever a
copy of them is. The file is replaced whole or not at all, and says when it is not what it should be.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.follower import NAME_DIGESTS
from bot.store.database import translated
from bot.store.files import only_writer, overwrite, sync_folder, write_private
from bot.store.name_codes import NameCodes

KEY_BYTES = 32
ROOT_KEY_NAME = "volya_root_key"
"""The name under which a systemd credential or a Docker secret brings the root key."""
_FORMAT = 1
_NONCE = 12

Step = Callable[[str], None]
Edition = tuple[int, frozenset[int]]
"""The generation, and the epochs whose keys live: to destroy a key is to make another edition."""


class KeyringError(Exception):
    """The keys cannot be used. Nothing was changed."""


class RootKeyError(KeyringError):
    """The root key is not there, is not 32 bytes, or lies where a thief of the data would find it."""


class KeyringMissingError(KeyringError):
    """There is no keyring."""


class WrongRootKeyError(KeyringError):
    """This keyring was made with another root key."""


class KeyringDamagedError(KeyringError):
    """The keyring is not what was written."""


class KeyringOlderError(KeyringError):
    """The keyring is an older copy: the vault has gone on without it."""


class AnotherBotError(KeyringError):
    """The readers of this keyring wrote to another bot, and this one would forget whom it cannot write to."""


class RootKey:
    """The key of keys. It wraps, and says whether a keyring was written with it; it is never shown."""

    def __init__(self, key: bytes) -> None:
        """Take 32 bytes. Raises RootKeyError."""
        if len(key) != KEY_BYTES:
            raise RootKeyError("the root key is not 32 bytes")
        self._wrapping = AESGCM(key)
        self._sealing = hmac.digest(key, b"volya keyring file", "sha256")
        self.fingerprint = hmac.digest(key, b"volya root key", "sha256")[:8].hex()

    def wrap(self, secret: bytes, purpose: str) -> str:
        """Return a secret as text that only this key opens, and only for this purpose."""
        nonce = os.urandom(_NONCE)
        return base64.b64encode(nonce + self._wrapping.encrypt(nonce, secret, purpose.encode())).decode()

    def unwrap(self, text: str, purpose: str) -> bytes:
        """Return the secret again. Raises KeyringDamagedError."""
        try:
            wrapped = base64.b64decode(text, validate=True)
            return self._wrapping.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], purpose.encode())
        except (InvalidTag, ValueError):
            raise KeyringDamagedError("a key in the keyring is not what was written") from None

    def seal(self, body: bytes) -> str:
        """Return what proves that a keyring's body was written with this key."""
        return hmac.digest(self._sealing, body, "sha256").hex()


def find_root_key(named: Path | None, credentials: Path | None, secrets: Path) -> Path | None:
    """Return where the root key is: the file that was named, a systemd credential, or a Docker secret."""
    if named is not None:
        return named
    places = [folder / ROOT_KEY_NAME for folder in (credentials, secrets) if folder is not None]
    return next((place for place in places if place.is_file()), None)


def read_root_key(path: Path, data: Path, *, private: bool = True) -> RootKey:
    """Read 32 bytes, or their 64 hexadecimal digits. Raises RootKeyError, which names no path.

    `private`: it must be its owner's alone. What systemd or Docker brings has modes of theirs.
    """
    if path.resolve().is_relative_to(data.resolve()):
        raise RootKeyError("the root key lies in the data directory; keep it elsewhere")
    try:
        if private and path.stat().st_mode & 0o077:
            raise RootKeyError("others can read the root key: chmod 600")
        found = path.read_bytes()
    except OSError:
        raise RootKeyError("the root key cannot be read") from None
    if len(found) != KEY_BYTES:
        try:
            found = binascii.unhexlify(found.strip())
        except ValueError:
            raise RootKeyError("the root key is not 32 bytes") from None
    return RootKey(found)


def make_root_key(path: Path) -> None:
    """Write a new root key where there is none. Raises FileExistsError."""
    write_private(path, os.urandom(KEY_BYTES).hex().encode() + b"\n")


@dataclass(frozen=True, slots=True, repr=False)
class EpochKeys:
    """The two keys of one epoch: one makes tags, one seals rows."""

    index: bytes
    data: bytes

    @classmethod
    def random(cls) -> EpochKeys:
        """Return new keys."""
        return cls(os.urandom(KEY_BYTES), os.urandom(KEY_BYTES))


@dataclass(frozen=True, slots=True, repr=False)
class _State:
    """What the file says. `agreed` is the generation the vault is known to have reached."""

    generation: int = 0
    agreed: int = 0
    publication: int = 0
    published: int = 0
    quiet_to: int = 0
    held: bool = False
    bot: int = 0
    registry: int = 0
    rekeyed: int = 0
    last_epoch: int = 0
    names: bytes = field(default_factory=lambda: os.urandom(KEY_BYTES))
    epochs: Mapping[int, EpochKeys] = field(default_factory=dict)


class Keyring:
    """One keyring file. Every change is on disk before it is true here.

    Where the file cannot be read or written, as on a full disk, a change raises DatabaseUnavailableError.
    """

    def __init__(self, path: Path, root: RootKey, state: _State, step: Step) -> None:
        """Use `create` or `load`. `step` is told each thing done to the file."""
        self._path, self._root, self._state, self._step = path, root, state, step
        self._lock = threading.Lock()

    @classmethod
    def create(cls, path: Path, root: RootKey, *, step: Step = lambda _: None) -> Keyring:
        """Write an empty keyring where there is none. Raises FileExistsError."""
        if path.exists():
            raise FileExistsError("there is a keyring already")
        keyring = cls(path, root, _State(), step)
        keyring._write(keyring._state)
        return keyring

    @classmethod
    def load(cls, path: Path, root: RootKey, *, step: Step = lambda _: None) -> Keyring:
        """Read a keyring. Raises KeyringMissingError, WrongRootKeyError or KeyringDamagedError."""
        try:
            return cls(path, root, _read(path, root), step)
        except FileNotFoundError:
            raise KeyringMissingError("there is no keyring") from None
        except OSError:
            raise KeyringDamagedError("the keyring cannot be read") from None

    @property
    def generation(self) -> int:
        """Return how often the vault was opened or re-keyed; rows behind `agreed` are an older copy."""
        return self._state.generation

    @property
    def agreed(self) -> int:
        """Return the generation that the rows are known to have reached."""
        return self._state.agreed

    @property
    def publication(self) -> int:
        """Return the highest publication number ever handed out."""
        return self._state.publication

    @property
    def published(self) -> int:
        """Return the highest publication number that the registry is known to hold."""
        return self._state.published

    @property
    def quiet_to(self) -> int:
        """Return up to which publication nothing makes a sound: a copy was restored, and may repeat them."""
        return self._state.quiet_to

    @property
    def held(self) -> bool:
        """Return whether nothing is sent until the operator says so: after a restore, or with another bot."""
        return self._state.held

    @property
    def registry(self) -> int:
        """Return the number of somebody in the registry these rows follow people of; 0 if none is noted."""
        return self._state.registry

    @property
    def rekeyed(self) -> int:
        """Return when the last re-key that ended began, in seconds from 1970."""
        return self._state.rekeyed

    def refuse_another(self, bot: int) -> None:
        """Let only the bot that these readers wrote to go on, by its number. Raises AnotherBotError."""
        if bot and self._state.bot not in (0, bot):
            raise AnotherBotError("VOLYA_BOT_TOKEN is of another bot than the one these readers wrote to")

    @property
    def epochs(self) -> Mapping[int, EpochKeys]:
        """Return the keys that live, by epoch: one epoch, two while rows are re-keyed."""
        return MappingProxyType(self._state.epochs)

    def wrapped(self) -> tuple[Edition, bytes]:
        """Return which edition this is and the file as it is: every key in it wrapped by the root key."""
        with self._lock:
            state = self._state
            return (state.generation, frozenset(state.epochs)), _as_bytes(state, self._root)

    def reload(self) -> None:
        """Read the file again: another process may have written it."""
        with translated(), self._lock:
            try:
                state = _read(self._path, self._root)
            except KeyringDamagedError:
                # It was replaced, and the old one overwritten, between opening and reading.
                state = _read(self._path, self._root)
            self._state = self._newer(state)

    def begin_epoch(self, after: int = 0) -> int:
        """Add new keys for the epoch after the last one, and after `after`; return its number.

        No number is given twice, also when its re-key failed: whoever stood still amid that one would take
        the keys of another for its own.
        """

        def begun(state: _State) -> _State:
            number = max(after, state.last_epoch, *state.epochs) + 1
            keys = {**state.epochs, number: EpochKeys.random()}
            return replace(state, generation=state.generation + 1, last_epoch=number, epochs=keys)

        return self._change(begun).last_epoch

    def destroy(
        self, epochs: Collection[int], reached: int | None = None, rekeyed: int | None = None
    ) -> None:
        """Destroy the keys of exactly these epochs; from now on the rows are known to be here.

        `reached`: the generation that the rows have reached, if it is not the newest. `rekeyed`: when the
        re-key began that ends with this.
        """

        def destroyed(state: _State) -> _State:
            agreed = state.generation if reached is None else max(state.agreed, reached)
            began = state.rekeyed if rekeyed is None else rekeyed
            left = {number: keys for number, keys in state.epochs.items() if number not in epochs}
            return replace(state, agreed=agreed, rekeyed=began, epochs=left)

        self._change(destroyed)

    def next_generation(self) -> int:
        """Count one more generation, which the rows have still to reach; return it."""
        return self._change(lambda state: replace(state, generation=state.generation + 1)).generation

    def agree(self, generation: int) -> None:
        """Write down that the rows have reached a generation."""
        self._change(lambda state: replace(state, agreed=max(state.agreed, generation)))

    def hand_out(self, seconds: int, last: int = 0) -> int:
        """Return a publication number above all handed out and above `last`: the time, if that is higher.

        It is on disk before it is returned: a number is never handed out twice, whatever is restored.
        """

        def handed_out(state: _State) -> _State:
            return replace(state, publication=max(state.publication + 1, last + 1, seconds))

        return self._change(handed_out).publication

    def note_published(self, number: int) -> None:
        """Write down that the registry holds a number: one that lacks it later is an older copy."""
        self._change(lambda state: replace(state, published=max(state.published, number)))

    def hold(self, latest: int = 0) -> None:
        """Send nothing until `resume`: what was told already cannot be known; the registry holds `latest`."""
        self._change(
            lambda state: replace(state, held=True, quiet_to=max(state.quiet_to, state.publication, latest))
        )

    def resume(self, published: int) -> None:
        """Send again; what was handed out before stays without a sound. The registry holds so much now."""
        self._change(
            lambda state: replace(
                state, held=False, published=published, publication=max(state.publication, published)
            )
        )

    def note_bot(self, number: int) -> None:
        """Write down which bot these readers wrote to, if it is the first. Raises AnotherBotError."""
        self.refuse_another(number)
        if self._state.bot != number:
            self._change(lambda state: replace(state, bot=state.bot or number))
            self.refuse_another(number)

    def note_registry(self, number: int) -> None:
        """Write down the number of somebody in the registry: numbers are random, so no other has it."""
        self._change(lambda state: replace(state, registry=number))

    def adopt(self, number: int) -> bool:
        """Let another bot speak to these readers; return False where they are its readers already.

        Nothing is sent until `resume`: Telegram lets a bot write only to whoever has written to it, and
        they need time to come.
        """
        if self._state.bot == number:
            return False
        self._change(lambda state: replace(state, bot=number, held=True))
        return True

    def name_digest(self, key: str) -> int:
        """Return what a row may keep of a name that we do not have: 30 bits, under a key of its own."""
        digest = hmac.digest(self._state.names, key.encode(), "sha256")
        return int.from_bytes(digest[:8]) % NAME_DIGESTS

    @property
    def name_codes(self) -> NameCodes:
        """Return how a button holds such digests."""
        return NameCodes(self._state.names)

    def _change(self, change: Callable[[_State], _State]) -> _State:
        """Change the file as it is now: where rows are shared, another process may have written it since."""
        with translated(), self._lock, only_writer(self._path):
            self._write(change(self._newer(_read(self._path, self._root))))
            return self._state

    def _newer(self, found: _State) -> _State:
        """Return what a file says, or what is known: one that is older was put back behind our back."""
        return found if found.generation >= self._state.generation else self._state

    def _write(self, state: _State) -> None:
        """Replace the file: all of it or nothing, on disk when this returns, the old one overwritten."""
        temporary = self._path.with_name(self._path.name + ".new")
        if temporary.exists():
            left = os.open(temporary, os.O_WRONLY)
            temporary.unlink()
            overwrite(left)
        write_private(temporary, _as_bytes(state, self._root))
        self._step("keyring written")
        old = os.open(self._path, os.O_WRONLY) if self._path.exists() else None
        temporary.rename(self._path)
        sync_folder(self._path.parent)
        self._step("keyring renamed")
        self._state = state
        if old is not None:
            overwrite(old)


def _as_bytes(state: _State, root: RootKey) -> bytes:
    body = {
        "format": _FORMAT,
        "root": root.fingerprint,
        "generation": state.generation,
        "agreed": state.agreed,
        "publication": state.publication,
        "published": state.published,
        "quiet_to": state.quiet_to,
        "held": state.held,
        "bot": state.bot,
        "registry": state.registry,
        "rekeyed": state.rekeyed,
        "last_epoch": state.last_epoch,
        "names": root.wrap(state.names, "names"),
        "epochs": {
            str(number): root.wrap(keys.index + keys.data, f"epoch {number}")
            for number, keys in state.epochs.items()
        },
    }
    line = json.dumps(body).encode()
    return line + b"\n" + root.seal(line).encode() + b"\n"


def _read(path: Path, root: RootKey) -> _State:
    """Read the file. Raises OSError, too: one read that failed while we run says nothing of the keys.

    Nor does a file that is not there for a moment, as while a folder is mounted anew.
    """
    found = path.read_bytes()
    line, _, seal = found.partition(b"\n")
    try:
        body = json.loads(line)
        fingerprint = body["root"]
    except (ValueError, TypeError, KeyError):
        raise KeyringDamagedError("the keyring cannot be read") from None
    if fingerprint != root.fingerprint:
        raise WrongRootKeyError("the keyring was made with another root key")
    if not hmac.compare_digest(seal, root.seal(line).encode() + b"\n"):
        raise KeyringDamagedError("the keyring is not what was written")
    if body["format"] != _FORMAT:
        raise KeyringDamagedError("a newer version of the program wrote this keyring")
    return _state(body, root)


def _state(body: Mapping[str, Any], root: RootKey) -> _State:
    unwrapped = {int(name): root.unwrap(text, f"epoch {name}") for name, text in body["epochs"].items()}
    return _State(
        generation=body["generation"],
        agreed=body["agreed"],
        publication=body["publication"],
        # A keyring of before there were alerts says nothing of them.
        published=body.get("published", 0),
        quiet_to=body.get("quiet_to", 0),
        held=body.get("held", False),
        # Nor does an older one say of which bot and registry it is: the first to come are taken to be it.
        bot=body.get("bot", 0),
        registry=body.get("registry", 0),
        rekeyed=body.get("rekeyed", 0),
        last_epoch=body.get("last_epoch", 0),
        names=root.unwrap(body["names"], "names"),
        epochs={number: EpochKeys(both[:KEY_BYTES], both[KEY_BYTES:]) for number, both in unwrapped.items()},
    )
