"""A backup: sealed rows in the order of tags and nothing else, of no use without the keyring of its night."""

from __future__ import annotations

import asyncio
import hashlib
import random
from pathlib import Path

import pytest

from bot.store.backup import BackupRefusedError, back_up, restore
from bot.store.keyring import Keyring, RootKey, WrongRootKeyError
from bot.store.opening import VaultMissingError
from bot.store.sealing import BLOB, TAG
from bot.store.vault import Vault
from tests.store.test_vault import copy_rows
from tests.store.test_vault_stolen import forms_of
from tests.store.vaults import ROOT, Home, everybody, following, one_more

END = 21 + 8 + 32
CHATS = [1_234_567_890_123 + 7_919 * n for n in range(20)]


@pytest.fixture
async def vault(home: Home) -> Vault:
    vault = await home.open()
    for chat in CHATS:
        await vault.merge(chat, following(chat % 1000 + 1))
    return vault


async def lose_rows(home: Home) -> None:
    """Lose the database, and keep the keyring."""
    await home.close()
    if home.is_sqlite:
        for path in home.data.iterdir():
            path.unlink()
    else:
        for table in [*await home.tables(), "vault_state"]:
            await home.ask(f"DROP TABLE {table}")


async def test_two_backups_of_one_epoch_are_the_same_bytes_whatever_was_written_in_which_order(
    home: Home, vault: Vault, tmp_path: Path
) -> None:
    chance = random.Random(2)  # noqa: S311  (the same order each time)
    for chat in chance.sample(CHATS, len(CHATS)):
        await vault.merge(chat, one_more)
    await back_up(home.shelf(), tmp_path / "one")

    # The row that is written again with what it held moves to another place in the file.
    for tag, blob in await home.rows():
        if tag[0] < 16:
            await home.put(tag, blob)
    count = await back_up(home.shelf(), tmp_path / "two")

    one = (tmp_path / "one").read_bytes()
    assert (tmp_path / "two").read_bytes() == one
    rows = b"".join(tag + blob for tag, blob in sorted(await home.rows()))
    end = b"volya vault backup 1\n" + count.to_bytes(8) + hashlib.sha256(rows).digest()
    assert one == rows + end
    assert len(rows) == count * (TAG + BLOB) == 1024 * 976
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o600


async def test_a_backup_holds_no_key_and_nobodys_number(home: Home, vault: Vault, tmp_path: Path) -> None:
    await vault.rekey()
    await back_up(home.shelf(), tmp_path / "backup")

    found = (tmp_path / "backup").read_bytes()
    pairs = Keyring.load(home.keyring, ROOT).epochs.values()
    secret = [half for pair in pairs for key in (pair.index, pair.data) for half in (key[:8], key[-8:])]
    secret += [form for chat in CHATS for form in forms_of(chat)]
    assert [form for form in secret if form in found] == []


async def test_a_backup_overwrites_nothing_and_leaves_nothing_when_there_is_nothing(
    home: Home, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_text("mine")

    with pytest.raises(BackupRefusedError, match="no rows yet"):
        await back_up(home.shelf(), tmp_path / "backup")
    await (await home.open()).merge(5, following(5))
    with pytest.raises(FileExistsError):
        await back_up(home.shelf(), tmp_path / "mine")
    [tag, _] = min(await home.rows())
    await home.put(tag, b"short")
    with pytest.raises(BackupRefusedError, match="size of a row"):
        await back_up(home.shelf(), tmp_path / "backup")

    assert (tmp_path / "mine").read_text() == "mine"
    assert not (tmp_path / "backup").exists()


async def test_a_backup_made_while_the_bot_writes_and_rekeys_is_of_one_moment(
    home: Home, vault: Vault, tmp_path: Path
) -> None:
    done = asyncio.Event()

    async def write() -> None:
        while not done.is_set():
            for chat in CHATS:
                await vault.merge(chat, one_more)
            await vault.rekey()

    writing = asyncio.ensure_future(write())
    try:
        for n in range(8):
            count = await back_up(home.shelf(), tmp_path / f"backup-{n}")
            data = (tmp_path / f"backup-{n}").read_bytes()
            tags = [data[place : place + TAG] for place in range(0, len(data) - END, TAG + BLOB)]
            assert len(tags) == count == len(set(tags)) in (1024, 2048)
            assert tags == sorted(tags)
    finally:
        done.set()
        await writing


async def test_a_backup_of_this_night_is_put_back_and_held(home: Home, vault: Vault, tmp_path: Path) -> None:
    await back_up(home.shelf(), tmp_path / "backup")
    remembered = await everybody(vault)
    await vault.merge(CHATS[0], one_more)
    await lose_rows(home)

    assert await restore(home.shelf(), home.keyring, ROOT, tmp_path / "backup") == 1024

    vault = await home.open()
    assert vault.held
    assert await everybody(vault) == remembered
    await vault.merge(5, following(5))
    await vault.rekey()
    assert len(await everybody(vault)) == len(CHATS) + 1


async def test_a_backup_is_put_back_only_whole_with_its_keys_and_where_there_are_no_rows(
    home: Home, vault: Vault, tmp_path: Path
) -> None:
    path, cut, changed = (tmp_path / name for name in ("backup", "cut", "changed"))
    await back_up(home.shelf(), path)
    cut.write_bytes(path.read_bytes()[:-1])
    changed.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1]))
    await home.close()

    with pytest.raises(BackupRefusedError, match="rows already"):
        await restore(home.shelf(), home.keyring, ROOT, path)
    vault = await home.open()
    assert len(await everybody(vault)) == len(CHATS)
    await lose_rows(home)
    keyring = home.keyring.read_bytes()
    for file, root, error in (
        (cut, ROOT, BackupRefusedError),
        (changed, ROOT, BackupRefusedError),
        (path, RootKey(b"x" * 32), WrongRootKeyError),
    ):
        with pytest.raises(error):
            await restore(home.shelf(), home.keyring, root, file)
    assert home.keyring.read_bytes() == keyring
    assert await home.tables() == []


def spoiled(whole: bytes) -> dict[str, bytes]:
    """Return a backup of 1,024 rows, spoiled in every way that leaves rows which all open."""
    row, rows, end = TAG + BLOB, whole[:-END], whole[-END:]
    return {
        "nothing": b"",
        "only an end": end,
        "no end": rows,
        "half of the rows and no end": rows[: len(rows) // 2],
        "all but the last row": rows[:-row] + end,
        "all but a row amid them": rows[: 5 * row] + rows[6 * row :] + end,
        "a row twice": rows + rows[-row:] + end,
        "two rows exchanged": rows[row : 2 * row] + rows[:row] + rows[2 * row :] + end,
        "another count": rows + end[:21] + (1023).to_bytes(8) + end[29:],
        "no magic": rows + b"X" + end[1:],
        "a byte more": whole + b"\n",
        "a byte less": whole[:-1],
    }


async def test_a_backup_that_lacks_rows_or_its_end_is_not_put_back_as_if_whole(
    home: Home, vault: Vault, tmp_path: Path
) -> None:
    await back_up(home.shelf(), tmp_path / "backup")
    whole = (tmp_path / "backup").read_bytes()
    await lose_rows(home)
    keyring = home.keyring.read_bytes()

    for how, data in spoiled(whole).items():
        (tmp_path / "spoiled").write_bytes(data)
        with pytest.raises(BackupRefusedError, match="the file is not a whole backup"):
            await restore(home.shelf(), home.keyring, ROOT, tmp_path / "spoiled")
        assert await home.tables() == [], how
    assert home.keyring.read_bytes() == keyring
    assert await restore(home.shelf(), home.keyring, ROOT, tmp_path / "backup") == 1024


async def test_a_backup_of_another_night_is_of_no_use(home: Home, vault: Vault, tmp_path: Path) -> None:
    await back_up(home.shelf(), tmp_path / "backup")
    await vault.rekey()
    await lose_rows(home)

    with pytest.raises(BackupRefusedError, match="keys of this backup are gone"):
        await restore(home.shelf(), home.keyring, ROOT, tmp_path / "backup")


async def test_rows_of_an_older_copy_are_to_be_moved_away_before_a_backup_is_put_back(
    home: Home, vault: Vault, tmp_path: Path
) -> None:
    await home.close()
    await copy_rows(home, "older")
    vault = await home.open()
    await vault.rekey()
    await back_up(home.shelf(), tmp_path / "backup")
    remembered = await everybody(vault)
    await home.close()
    await copy_rows(home, "older", back=True)

    with pytest.raises(VaultMissingError, match=r"move them away .*, keep the keyring, and restore"):
        await home.open()
    with pytest.raises(BackupRefusedError, match=r"move them away .*, keep the keyring, and restore"):
        await restore(home.shelf(), home.keyring, ROOT, tmp_path / "backup")
    await lose_rows(home)
    await restore(home.shelf(), home.keyring, ROOT, tmp_path / "backup")
    assert await everybody(await home.open()) == remembered
