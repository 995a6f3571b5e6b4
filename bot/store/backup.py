"""A backup of the vault: every sealed row in the order of tags, and their digest; no key comes near it."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from bot.store.files import new_file
from bot.store.keyring import EpochKeys, Keyring, RootKey
from bot.store.opening import OLDER_ROWS
from bot.store.sealing import BLOB, TAG, RowDamagedError, Sealer
from bot.store.shelf import Row, Shelf

_ROW = TAG + BLOB
_CHUNK = 4096
_MAGIC = b"volya vault backup 1\n"
_COUNT = 8
_END = len(_MAGIC) + _COUNT + hashlib.sha256().digest_size
"""How long the end of a file is: by it alone one sees that rows were lost between others, or after them."""


class BackupRefusedError(Exception):
    """The backup cannot be made, or not put back. Nothing was changed."""


async def back_up(shelf: Shelf, path: Path) -> int:
    """Write every row into a new file and return how many; the bot may be running.

    Raises FileExistsError, BackupRefusedError; then there is no new file.
    """
    file = new_file(path)
    digest = hashlib.sha256()

    def write(rows: bytes) -> None:
        digest.update(rows)
        file.write(rows)

    try:
        with file:
            count = await shelf.export(write)
            if count is None:
                raise BackupRefusedError("there are no rows yet")
            if file.tell() != count * _ROW:
                raise BackupRefusedError("a row has not the size of a row: let a re-key look at it first")
            file.write(_end(count, digest.digest()))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        os.unlink(path)
        raise
    return count


async def restore(shelf: Shelf, keyring_path: Path, root: RootKey, path: Path) -> int:
    """Put a backup where there are no rows, if the keyring still opens every row of it; return how many.

    The vault then holds until somebody said go: what happened since the backup is not in it. Raises
    InUseError, KeyringError, BackupRefusedError, OSError; then nothing was changed.
    """
    keyring = await asyncio.to_thread(Keyring.load, keyring_path, root)
    rows = list(_rows(await asyncio.to_thread(path.read_bytes)))
    epoch = await asyncio.to_thread(_epoch_of, rows, keyring)
    await shelf.open()
    try:
        if (current := await shelf.current()) is not None:
            opens = current[0] in keyring.epochs or current[0] > max(keyring.epochs)
            raise BackupRefusedError("there are rows already" if opens else OLDER_ROWS)
        async with shelf.building(epoch) as add:
            for start in range(0, len(rows), _CHUNK):
                await add(rows[start : start + _CHUNK])
        # The lowest generation, below that of the keyring: the vault sees that these rows are older.
        await asyncio.to_thread(keyring.next_generation)
        await asyncio.to_thread(keyring.destroy, keyring.epochs.keys() - {epoch})
        await shelf.swap(None, epoch, 1, (), lambda _: [])
    finally:
        await shelf.close()
    return len(rows)


def _end(count: int, digest: bytes) -> bytes:
    return _MAGIC + count.to_bytes(_COUNT) + digest


def _digest(data: bytes, size: int) -> bytes:
    return hashlib.sha256(memoryview(data)[:size]).digest()


def _rows(data: bytes) -> Iterator[Row]:
    """Read the rows of a whole backup. Raises BackupRefusedError before the first of them."""
    size = len(data) - _END
    if size <= 0 or size % _ROW or data[size:] != _end(size // _ROW, _digest(data, size)):
        raise BackupRefusedError("the file is not a whole backup")
    for start in range(0, size, _ROW):
        yield data[start : start + TAG], data[start + TAG : start + _ROW]


def _epoch_of(rows: list[Row], keyring: Keyring) -> int:
    """Return the epoch under whose keys every row opens."""
    for epoch, keys in keyring.epochs.items():
        if _all_open(rows, epoch, keys):
            return epoch
    raise BackupRefusedError("the keys of this backup are gone, or it was changed")


def _all_open(rows: list[Row], epoch: int, keys: EpochKeys) -> bool:
    sealer = Sealer(epoch, keys)
    try:
        return all(sealer.open(tag, blob) for tag, blob in rows)
    except RowDamagedError:
        return False
