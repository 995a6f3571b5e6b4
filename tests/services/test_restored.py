"""A copy that was put back is noticed; a process that stood still does not take itself for one."""

from __future__ import annotations

from pathlib import Path

from bot.services.restored import is_older_copy
from bot.store.database import Database
from bot.store.keyring import Keyring, make_root_key, read_root_key
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault
from tests.editors import Office


async def test_who_stood_still_while_another_was_the_sender_holds_nothing(
    database: Database, tmp_path: Path
) -> None:
    make_root_key(tmp_path / "root")
    root = read_root_key(tmp_path / "root", tmp_path / "data")
    vault = await Vault.open(SqliteShelf(tmp_path / "vault"), tmp_path / "keyring", root)
    office = Office(database)
    await office.hire("anna", "boris")
    await office.enter_people(1)
    await office.published(1)
    [one] = await office.queued()
    assert not await is_older_copy(database, vault, 0, is_shared=True)

    number = Keyring.load(tmp_path / "keyring", root).hand_out(1000)
    assert await office.let_go(one.id, number)
    assert await is_older_copy(database, vault, number, is_shared=False)
    assert not await is_older_copy(database, vault, number, is_shared=True)
    Keyring.load(tmp_path / "keyring", root).note_published(number)
    assert not await is_older_copy(database, vault, 0, is_shared=True), "it had asked before the number came"

    Keyring.load(tmp_path / "keyring", root).note_published(number + 1)
    await vault.reload_keys()
    assert await is_older_copy(database, vault, number, is_shared=True)
    await vault.close()
