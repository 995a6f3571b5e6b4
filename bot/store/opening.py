"""Opening: which keys and rows belong together at a start, and what a row holds once it is opened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from bot.domain.follower import DamagedRecordError, Glance, NewerRecordError, Record, unpack
from bot.store.files import Lock
from bot.store.keyring import Keyring, KeyringMissingError, KeyringOlderError, RootKey, Step
from bot.store.sealing import RowDamagedError, Sealer
from bot.store.shelf import Row, Shelf

Match = Callable[[Glance], bool]


OLDER_ROWS = (
    "the rows that are there are an older copy, which this keyring does not open: move them away "
    "(the folder vault; on PostgreSQL the tables vault_…), keep the keyring, and restore the newest backup"
)


class VaultMissingError(Exception):
    """The rows that this keyring opens are not there: an older copy, or none. Nothing was changed."""


async def keyring_of(
    shelf: Shelf, path: Path, root: RootKey, bot: int, *, keeper: bool, step: Step
) -> Keyring:
    """Read the keyring and open the shelf; make a keyring only where there are no rows either.

    `bot`: the number of the bot that will speak to its readers.
    """
    try:
        keyring = await asyncio.to_thread(Keyring.load, path, root, step=step)
    except KeyringMissingError:
        await shelf.open()
        if not keeper or await shelf.current() is not None:
            raise
        return await asyncio.to_thread(Keyring.create, path, root, step=step)
    keyring.refuse_another(bot)
    await shelf.open()
    return keyring


def adopt(path: Path, root: RootKey, bot: int) -> bool:
    """Let another bot speak to the readers of a keyring; return False where they are its readers already.

    Raises InUseError while a bot runs, KeyringError; then nothing was changed.
    """
    keyring = Keyring.load(path, root)
    lock = lock_of(path)
    try:
        return keyring.adopt(bot)
    finally:
        lock.release()


def lock_of(path: Path) -> Lock:
    """Become the one process that keeps the rows of a keyring. Raises InUseError."""
    return Lock(path.with_name(path.name + ".lock"))


async def rows_there(shelf: Shelf, keyring: Keyring) -> tuple[tuple[int, int] | None, bool]:
    """Read which epoch and generation the rows have, then the keyring; say if the rows are an older copy.

    Other processes go on meanwhile: the keyring counts a generation, then the rows reach it, then the
    keyring agrees. Looked at the other way round, what belongs together never seems not to.
    """
    while True:
        agreed = keyring.agreed
        current = await shelf.current()
        await asyncio.to_thread(keyring.reload)
        opens = current is not None and current[0] in keyring.epochs
        if opens or current == await shelf.current():
            return current, current is not None and current[1] < agreed
        # Made, or sealed anew, in between: the keys of what was there are destroyed by now.


def epoch_to_open(current: tuple[int, int] | None, keyring: Keyring) -> int | None:
    """Return the epoch whose rows are opened; None to make new ones."""
    if current is not None:
        if current[0] > max(keyring.epochs, default=0) or current[1] > keyring.generation:
            raise KeyringOlderError("the keyring is older than the vault")
        if current[0] in keyring.epochs:
            return current[0]
    if keyring.agreed:
        raise VaultMissingError("the rows of this keyring are not there" if current is None else OLDER_ROWS)
    return None


def opened(sealer: Sealer, tag: bytes, blob: bytes | None) -> Record | None:
    """Return the record of a row, None where there is no row."""
    if blob is None:
        return None
    return unpack(sealer.open(tag, blob))


def may_go(
    sealer: Sealer, tag: bytes, blob: bytes, still: Callable[[Record], bool], *, damaged_too: bool
) -> bool:
    """Return whether a row may be erased: its record is such, or it does not open and damaged ones may go."""
    try:
        record = opened(sealer, tag, blob)
    except (RowDamagedError, ValueError):
        if damaged_too:
            return True
        raise
    return record is not None and still(record)


def matching(sealer: Sealer, rows: list[Row], match: Match) -> tuple[list[Record], int]:
    """Open rows and return the records that match, and how many rows did not open.

    What a newer program wrote before it was rolled back does not open either: it stops nobody else's news.
    """
    found, broken = [], 0
    opened = sealer.open
    for tag, blob in rows:
        try:
            packed = opened(tag, blob)
        except RowDamagedError:
            broken += 1
            continue
        try:
            if packed[0] and match(glance := Glance(packed)):
                found.append(glance.record())
        except (NewerRecordError, DamagedRecordError):
            broken += 1
    return found, broken
