"""The vault's benchmark: that it measures what it says, not how fast that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.bench.vault import fill, followers, run, wanted
from bot.domain.follower import Wanted
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault
from tests.store.vaults import ROOT


async def test_a_vault_filled_at_once_is_one_filled_one_by_one(tmp_path: Path) -> None:
    records = followers(300, seed=1)
    await fill(SqliteShelf(tmp_path / "data"), tmp_path / "keyring", ROOT, records)
    vault = await Vault.open(SqliteShelf(tmp_path / "data"), tmp_path / "keyring", ROOT)
    try:
        assert [await vault.read(record.chat) for record in records] == records
        await vault.rekey()
        people = wanted(records, 5)
        looked_for = Wanted.of(people)
        found = {record.chat async for record in vault.scan(lambda glance: glance.follows_any(looked_for))}
        assert found == {record.chat for record in records if record.people & people} != set()
    finally:
        await vault.close()


def test_the_vault_and_its_peer_are_measured_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    run(200, seed=2)

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("200 followers, 2048 rows with dummies")
    stores = ["vault, SQLite", "vault, PostgreSQL"]
    assert [line.split("  ")[0] for line in lines[3:6]] == [*stores, "Fernet, unpadded"]
    for place, store in enumerate(stores):
        assert [line.split(":")[0] for line in lines[7 + 5 * place : 11 + 5 * place]] == [
            store,
            "A 5 ms tick of the same loop, late by (ms)",
            "The same during a scan, a re-key and 50 updates a second",
            "A writer during a re-key waits (ms)",
        ]
