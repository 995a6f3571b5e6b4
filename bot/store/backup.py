"""A backup of the vault: every sealed row in the order of tags, and nothing else; no key comes near it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

from bot.store.files import new_file
from bot.store.keyring import EpochKeys, Keyring, RootKey
from bot.store.sealing import BLOB, TAG, RowDamagedError, Sealer
from bot.store.shelf import Row, Shelf

_ROW = TAG + BLOB
_CHUNK = 4096


class BackupRefusedError(Exception):
    """The backup cannot be made, or not put back. Nothing was changed."""


async def back_up(shelf: Shelf, path: Path) -> int:
    """Write every row into a new file and return how many; the bot may be running.

    Raises FileExistsError, BackupRefusedError; then there is no new file.
    """
    file = new_file(path)
    try:
        with file:
            count = await shelf.export(file.write)
            file.flush()
            os.fsync(file.fileno())
            if count is None:
                raise BackupRefusedError("there are no rows yet")
            if file.tell() != count * _ROW:
                raise BackupRefusedError("a row has not the size of a row: let a re-key look at it first")
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
        if await shelf.current() is not None:
            raise BackupRefusedError("there are rows already")
        async with shelf.building(epoch) as add:
            for start in range(0, len(rows), _CHUNK):
                await add(rows[start : start + _CHUNK])
        # The lowest generation, below that of the keyring: the vault sees that these rows are older.
        await asyncio.to_thread(keyring.next_generation)
        await asyncio.to_thread(keyring.destroy_others, epoch)
        await shelf.swap(None, epoch, 1, (), lambda _: [])
    finally:
        await shelf.close()
    return len(rows)


def _rows(data: bytes) -> Iterator[Row]:
    if not data or len(data) % _ROW:
        raise BackupRefusedError("the file is not a whole backup")
    for start in range(0, len(data), _ROW):
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
