"""Made-up subscribers: as many as were asked for, where nothing was before, for a bot to be run on."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.bench.subscribers import run
from bot.domain.follower import DoesNotFitError
from bot.store.keyring import read_root_key
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault


async def everybody(home: Path) -> dict[int, frozenset[int]]:
    data = home / "data"
    root = read_root_key(home / "root-key", data)
    vault = await Vault.open(SqliteShelf(data / "vault"), data / "keyring", root)
    try:
        return {record.chat: record.people async for record in vault.scan(lambda _: True)}
    finally:
        await vault.close()


def lines_of(output: str) -> list[str]:
    return [line.rsplit(" in ", 1)[0] for line in output.splitlines()]


@pytest.fixture
def filled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, list[str]]:
    home = tmp_path / "new"
    run(300, [7, 5, 7], 9_000_000_000, home)
    return home, lines_of(capsys.readouterr().out)


async def test_a_vault_is_filled_with_as_many_as_were_asked_for(filled: tuple[Path, list[str]]) -> None:
    home, said = filled

    assert await everybody(home) == {9_000_000_000 + n: {5, 7} for n in range(300)}
    assert said[:3] == [
        f"VOLYA_DATA_DIR={home / 'data'}",
        f"VOLYA_ROOT_KEY_FILE={home / 'root-key'}",
        "300 subscribers of 2, chats 9000000000 to 9000000299",
    ]
    assert said[3].endswith("300 found")


def test_a_folder_that_is_there_is_not_touched(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        run(3, [5], 1, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_numbers_that_no_row_can_hold_make_nothing(tmp_path: Path) -> None:
    for people, first in (([0], 1), (range(1, 152), 1), ([5], 2**63 - 1)):
        with pytest.raises(DoesNotFitError):
            run(3, people, first, tmp_path / "new")

    assert list(tmp_path.iterdir()) == []
