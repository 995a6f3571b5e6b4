"""The keyring: replaced whole or not at all, refused when it is not what it should be, and silent."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.follower import NAME_DIGESTS
from bot.store.database import DatabaseUnavailableError
from bot.store.files import write_private
from bot.store.keyring import (
    ROOT_KEY_NAME,
    AnotherBotError,
    Keyring,
    KeyringDamagedError,
    KeyringMissingError,
    RootKey,
    RootKeyError,
    WrongRootKeyError,
    find_root_key,
    make_root_key,
    read_root_key,
)

ROOT = RootKey(b"r" * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring"


def secrets_of(keyring: Keyring) -> list[bytes]:
    return [key for keys in keyring.epochs.values() for key in (keys.index, keys.data)]


def test_what_was_written_is_read_again(path: Path) -> None:
    keyring = Keyring.create(path, ROOT)
    assert keyring.begin_epoch() == 1
    keyring.destroy(())
    keyring.hand_out(1000)

    again = Keyring.load(path, ROOT)

    assert dict(again.epochs) == dict(keyring.epochs)
    assert (again.generation, again.agreed, again.publication) == (1, 1, 1000)
    assert again.name_digest("Зязюля") == keyring.name_digest("Зязюля")


def test_every_epoch_has_keys_of_its_own_and_a_destroyed_key_is_in_no_byte_of_the_folder(path: Path) -> None:
    keyring = Keyring.create(path, ROOT)
    keyring.begin_epoch()
    first = path.read_bytes()
    keyring.begin_epoch()
    assert len({*secrets_of(keyring)}) == 4

    keyring.destroy({1})

    assert list(keyring.epochs) == list(Keyring.load(path, ROOT).epochs) == [2]
    wrapped = json.loads(first.partition(b"\n")[0])["epochs"]["1"]
    left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert wrapped.encode() not in left
    assert sorted(path.parent.iterdir()) == [path, path.with_name("keyring.writing")]


def test_no_epoch_has_the_number_of_one_that_was_destroyed(path: Path) -> None:
    """Rows sealed by who stood still would be taken for those of the keys that came after."""
    keyring = Keyring.create(path, ROOT)
    keyring.begin_epoch()
    keyring.begin_epoch()
    keyring.destroy({2})

    assert Keyring.load(path, ROOT).begin_epoch() == 3


def test_the_old_file_is_overwritten_where_it_lay(path: Path) -> None:
    keyring = Keyring.create(path, ROOT)
    keyring.begin_epoch()
    with path.open("rb") as old:
        assert any(old.read())
        keyring.begin_epoch()
        old.seek(0)
        assert not any(old.read())


def test_no_key_and_no_root_key_is_in_the_file(path: Path) -> None:
    keyring = Keyring.create(path, ROOT)
    keyring.begin_epoch()

    found = path.read_bytes()

    for secret in (b"r" * 32, *secrets_of(keyring)):
        assert secret not in found
        assert secret.hex().encode() not in found


def test_only_its_owner_may_read_it(path: Path) -> None:
    keyring = Keyring.create(path, ROOT)
    old = os.umask(0)
    try:
        keyring.begin_epoch()
    finally:
        os.umask(old)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_of_it_prints(path: Path) -> None:
    keyring = Keyring.create(path, ROOT)
    keyring.begin_epoch()

    said = [form(thing) for thing in (keyring, ROOT, keyring.epochs[1]) for form in (repr, str)]
    secret = [*secrets_of(keyring), b"r" * 32]
    assert not [key for key in secret for one in said for form in (key.hex(), repr(key)[2:-1]) if form in one]


def test_a_missing_keyring_is_refused_and_none_is_made(path: Path) -> None:
    with pytest.raises(KeyringMissingError):
        Keyring.load(path, ROOT)

    assert not path.exists()


def test_another_root_key_is_refused_and_changes_nothing(path: Path) -> None:
    Keyring.create(path, ROOT).begin_epoch()
    before = path.read_bytes()

    with pytest.raises(WrongRootKeyError):
        Keyring.load(path, RootKey(b"x" * 32))

    assert path.read_bytes() == before


def test_a_keyring_is_never_made_over_another(path: Path) -> None:
    Keyring.create(path, ROOT).begin_epoch()
    before = path.read_bytes()

    with pytest.raises(FileExistsError):
        Keyring.create(path, ROOT)

    assert path.read_bytes() == before


def test_a_change_of_any_one_byte_is_refused(path: Path) -> None:
    keyring = Keyring.create(path, ROOT)
    keyring.begin_epoch()
    whole = path.read_bytes()

    for place in range(len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        path.write_bytes(changed)
        with pytest.raises((KeyringDamagedError, WrongRootKeyError)):
            Keyring.load(path, ROOT)
        assert path.read_bytes() == changed


@pytest.mark.parametrize("cut", [0, 1, 50, -2, -1])
def test_a_keyring_cut_short_is_refused(path: Path, cut: int) -> None:
    Keyring.create(path, ROOT).begin_epoch()
    path.write_bytes(path.read_bytes()[:cut])

    with pytest.raises(KeyringDamagedError):
        Keyring.load(path, ROOT)


def test_a_wrapped_key_serves_no_other_epoch() -> None:
    wrapped = ROOT.wrap(b"k" * 64, "epoch 1")

    assert ROOT.unwrap(wrapped, "epoch 1") == b"k" * 64
    with pytest.raises(KeyringDamagedError):
        ROOT.unwrap(wrapped, "epoch 2")


def test_publication_numbers_only_rise_whatever_the_clock_and_the_registry_say(path: Path) -> None:
    keyring = Keyring.create(path, ROOT)

    handed = [
        keyring.hand_out(seconds, last) for seconds, last in [(100, 0), (50, 0), (0, 500), (300, 7), (900, 0)]
    ]

    assert handed == [100, 101, 501, 502, 900]
    assert Keyring.load(path, ROOT).hand_out(1) == 901


class PowerCutError(Exception):
    """The process ends here."""


@pytest.mark.parametrize("moment", ["keyring written", "keyring renamed"])
def test_a_keyring_cut_off_while_written_is_the_old_one_or_the_new_one(path: Path, moment: str) -> None:
    Keyring.create(path, ROOT).begin_epoch()

    def cut(step: str) -> None:
        if step == moment:
            raise PowerCutError

    with pytest.raises(PowerCutError):
        Keyring.load(path, ROOT, step=cut).begin_epoch()

    again = Keyring.load(path, ROOT)
    assert list(again.epochs) == ([1] if moment == "keyring written" else [1, 2])
    assert again.begin_epoch() == len(again.epochs)


def test_a_change_that_could_not_be_written_is_not_believed(path: Path) -> None:
    keyring = Keyring.create(path, ROOT)
    keyring.begin_epoch()
    before = path.read_bytes()
    # A folder in the way of the temporary file stands for a disk that is full.
    path.with_name("keyring.new").mkdir()

    with pytest.raises(DatabaseUnavailableError):
        keyring.begin_epoch()

    assert list(keyring.epochs) == [1]
    assert path.read_bytes() == before


def test_a_read_that_fails_while_we_run_is_a_store_that_is_away_and_at_the_start_a_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = Keyring.create(path, ROOT)

    def fails(_: Path) -> bytes:
        raise OSError(errno.ESTALE, "Stale file handle")

    with monkeypatch.context() as stale:
        stale.setattr(Path, "read_bytes", fails)
        for act in (keyring.reload, lambda: keyring.note_published(7), lambda: keyring.hand_out(7)):
            with pytest.raises(DatabaseUnavailableError):
                act()
        with pytest.raises(KeyringDamagedError):
            Keyring.load(path, ROOT)
    keyring.note_published(7)
    assert Keyring.load(path, ROOT).published == 7


def test_a_file_that_is_gone_for_a_moment_is_a_store_that_is_away_and_none_is_made(path: Path) -> None:
    keyring = Keyring.create(path, ROOT)
    kept = path.rename(path.with_name("kept"))

    for act in (keyring.reload, lambda: keyring.note_published(7), lambda: keyring.hand_out(7)):
        with pytest.raises(DatabaseUnavailableError):
            act()

    assert not path.exists()
    with pytest.raises(KeyringMissingError):
        Keyring.load(path, ROOT)
    kept.rename(path)
    assert keyring.hand_out(7) == 7


def test_the_first_bot_is_noted_another_is_refused_and_an_operator_can_let_it_in(path: Path) -> None:
    keyring = Keyring.create(path, ROOT)
    keyring.refuse_another(7)
    keyring.note_bot(7)
    before = path.read_bytes()

    again = Keyring.load(path, ROOT)
    again.note_bot(7)
    again.refuse_another(0)  # nobody will speak: a backup, a measurement
    for refused in (again.refuse_another, again.note_bot):
        with pytest.raises(AnotherBotError):
            refused(8)
    assert (path.read_bytes(), again.held) == (before, False)

    assert again.adopt(8)
    assert not again.adopt(8)
    moved = Keyring.load(path, ROOT)
    moved.note_bot(8)
    assert moved.held, "who has not written to the new bot would be forgotten with the first alert"
    with pytest.raises(AnotherBotError):
        moved.refuse_another(7)


def test_a_keyring_of_an_older_version_is_read_and_takes_the_first_bot_it_sees(path: Path) -> None:
    keyring = Keyring.create(path, ROOT)
    keyring.begin_epoch()
    body = json.loads(path.read_bytes().partition(b"\n")[0])
    for later in ("published", "quiet_to", "held", "bot", "registry", "rekeyed", "last_epoch"):
        del body[later]
    line = json.dumps(body).encode()
    path.write_bytes(line + b"\n" + ROOT.seal(line).encode() + b"\n")

    older = Keyring.load(path, ROOT)
    assert dict(older.epochs) == dict(keyring.epochs)
    assert (older.rekeyed, older.registry) == (0, 0)
    older.note_bot(7)
    with pytest.raises(AnotherBotError):
        Keyring.load(path, ROOT).note_bot(8)


def test_a_name_we_do_not_have_is_kept_as_thirty_bits_under_a_key_of_its_own(tmp_path: Path) -> None:
    one, other = (Keyring.create(tmp_path / name, ROOT) for name in ("one", "other"))

    assert one.name_digest("зязюля") != other.name_digest("зязюля")
    assert one.name_digest("зязюля") != one.name_digest("сініца")
    assert 0 <= one.name_digest("зязюля") < NAME_DIGESTS


def as_digits(key: bytes) -> bytes:
    return key.hex().encode() + b"\n"


@pytest.mark.parametrize("written", [bytes, as_digits])
def test_a_root_key_is_read_as_bytes_or_digits(tmp_path: Path, written: Callable[[bytes], bytes]) -> None:
    write_private(tmp_path / "root", written(b"r" * 32))

    assert read_root_key(tmp_path / "root", tmp_path / "data").fingerprint == ROOT.fingerprint


@pytest.mark.parametrize("content", [b"", b"r" * 31, b"r" * 33, b"zz" * 32, b"ab" * 31])
def test_a_root_key_of_another_size_is_refused(tmp_path: Path, content: bytes) -> None:
    write_private(tmp_path / "root", content)

    with pytest.raises(RootKeyError) as refused:
        read_root_key(tmp_path / "root", tmp_path / "data")

    assert str(refused.value) == "the root key is not 32 bytes"


def test_a_root_key_in_the_data_directory_is_refused_by_any_road(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    make_root_key(data / "root")
    (tmp_path / "elsewhere").symlink_to(data / "root")

    for path in (data / "root", tmp_path / "data" / ".." / "data" / "root", tmp_path / "elsewhere"):
        with pytest.raises(RootKeyError, match="data directory"):
            read_root_key(path, data)


def test_a_root_key_that_is_not_there_is_refused_without_its_path(tmp_path: Path) -> None:
    with pytest.raises(RootKeyError) as refused:
        read_root_key(tmp_path / "canary8843", tmp_path / "data")

    assert str(refused.value) == "the root key cannot be read"
    assert refused.value.__cause__ is None


def test_a_new_root_key_is_private_random_and_never_written_over_another(tmp_path: Path) -> None:
    for name in ("one", "other"):
        make_root_key(tmp_path / name)
    one, other = (read_root_key(tmp_path / name, tmp_path / "data") for name in ("one", "other"))

    assert one.fingerprint != other.fingerprint
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        make_root_key(tmp_path / "one")


def test_the_root_key_comes_from_the_named_file_a_credential_or_a_secret_in_that_order(
    tmp_path: Path,
) -> None:
    credentials, secrets = tmp_path / "credentials", tmp_path / "secrets"
    assert find_root_key(None, credentials, secrets) is None
    for folder in (secrets, credentials):
        folder.mkdir()
        (folder / ROOT_KEY_NAME).write_bytes(b"r" * 32)
        assert find_root_key(None, credentials, secrets) == folder / ROOT_KEY_NAME

    assert find_root_key(None, None, secrets) == secrets / ROOT_KEY_NAME
    assert find_root_key(tmp_path / "named", credentials, secrets) == tmp_path / "named"


def test_of_two_processes_that_write_none_undoes_what_the_other_wrote(tmp_path: Path) -> None:
    """On PostgreSQL the one that sends is not always the one that keeps: a lost epoch would be everybody."""
    keeper = Keyring.create(tmp_path / "keyring", ROOT)
    first = keeper.begin_epoch()
    sender = Keyring.load(tmp_path / "keyring", ROOT)

    second = keeper.begin_epoch()
    assert sender.hand_out(100) == 100
    keeper.destroy({first})
    sender.note_published(100)
    sender.hold()

    assert keeper.hand_out(50) == 101
    found = Keyring.load(tmp_path / "keyring", ROOT)
    assert set(found.epochs) == {second} != {first}
    assert (found.publication, found.published, found.held, found.quiet_to) == (101, 100, True, 100)
    assert found.agreed == found.generation == keeper.generation


def test_a_folder_on_a_network_whose_lock_reaches_no_other_machine_loses_no_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NFS and FUSE keep the lock of a folder to the machine; that of a file is everybody's."""
    path = tmp_path / "keyring"
    Keyring.create(path, ROOT)
    locks = fcntl.flock

    def flock(descriptor: int, operation: int) -> None:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            locks(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    begins = threading.Barrier(2, timeout=30)

    def machine() -> set[int]:
        keyring = Keyring.load(path, ROOT, step=lambda _: time.sleep(0.002))
        begins.wait()
        return {keyring.begin_epoch() for _ in range(20)}

    with ThreadPoolExecutor() as machines:
        one, other = (machines.submit(machine) for _ in range(2))
        begun = (one.result(), other.result())

    assert begun[0].isdisjoint(begun[1])
    assert set(Keyring.load(path, ROOT).epochs) == begun[0] | begun[1] == set(range(1, 41))


def test_an_older_file_put_back_while_we_run_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "keyring"
    keyring = Keyring.create(path, ROOT)
    older = path.read_bytes()
    epoch = keyring.begin_epoch()
    path.write_bytes(older)

    keyring.reload()
    assert set(keyring.epochs) == {epoch}
    keyring.destroy(())
    assert set(Keyring.load(path, ROOT).epochs) == {epoch}
