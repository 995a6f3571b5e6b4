"""Files that only their owner reads, and that one process holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.store.files import InUseError, Lock, write_private


def test_a_private_file_is_new_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    write_private(tmp_path / "key", b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    for name in ("key", "link"):
        with pytest.raises(FileExistsError):
            write_private(tmp_path / name, b"another")

    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "key").read_bytes() == b"secret"
    assert not (tmp_path / "elsewhere").exists()


def test_one_process_at_a_time_holds_a_lock(tmp_path: Path) -> None:
    first = Lock(tmp_path / "lock")
    with pytest.raises(InUseError):
        Lock(tmp_path / "lock")

    first.release()
    first.release()

    Lock(tmp_path / "lock").release()
