"""Files that a power cut or another process must not spoil: new, synced, overwritten, held by one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_PRIVATE = 0o600


class InUseError(Exception):
    """Another process holds what this one needs."""


def new_file(path: Path) -> BinaryIO:
    """Open a new file that only its owner reads. Raises FileExistsError, also for a link."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb")


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that only its owner reads; it is on disk when this returns. Raises FileExistsError."""
    with new_file(path) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Put a file and its name on disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put a folder's names on disk: without it a power cut can undo a rename."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def overwrite(descriptor: int) -> None:
    """Overwrite a file that nothing names any more: a disk gives back what was only unlinked."""
    try:
        os.pwrite(descriptor, bytes(os.fstat(descriptor).st_size), 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Lock:
    """A file that one process at a time can hold; the system lets go of it when that process dies."""

    def __init__(self, path: Path) -> None:
        """Hold it. Raises InUseError."""
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.release()
            raise InUseError("another process keeps these rows") from None

    def release(self) -> None:
        """Let go; a second time does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Keep other processes from replacing a file meanwhile; the system lets go of it when this one dies.

    On NFS the lock of a folder reaches no other machine, that of a file does: one that lies beside it, and
    holds nothing. The folder's is what replicas of an older version wait for while they are replaced.
    """
    with (
        _locked(os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)),
        _locked(os.open(path.with_name(path.name + ".writing"), os.O_RDWR | os.O_CREAT, _PRIVATE)),
    ):
        yield


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
