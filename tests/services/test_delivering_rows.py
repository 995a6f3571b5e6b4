"""Delivering and the rows: new keys once everybody was told, a disk or a database that fails meanwhile."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.follower import InFlight, Record
from bot.services import delivering
from bot.store.database import DatabaseUnavailableError
from bot.store.opening import Match
from bot.store.vault import VaultBusyError
from tests.senders import MOTHER, Scene, a_scene, until


async def test_when_everybody_was_told_all_rows_get_new_keys_at_most_once_an_hour(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001, 1002, 1003)

    def epoch() -> int:
        return max(scene.vault._keyring.epochs)

    async with scene.delivering() as sender:
        await scene.settled(sender)
        before = epoch()
        await scene.office.published(1)
        await until(lambda: epoch() == before + 1)
        await scene.office.published(2)
        await scene.settled(sender)
        assert epoch() == before + 1
        scene.passes(minutes=61)
        await until(lambda: epoch() == before + 2)
        await scene.office.published(3)
        await scene.settled(sender)

    assert [sent.loud for sent in scene.courier.sent] == [True] * 3
    assert (await scene.row(MOTHER)).people == {1001, 1002, 1003}


@pytest.mark.parametrize("address", ["postgres"], indirect=True)
async def test_a_sender_beside_the_one_that_keeps_the_rows_has_them_sealed_anew(
    scene: Scene, tmp_path: Path
) -> None:
    """After a rolling restart the two are not the same, and who keeps the rows never hears of alerts."""
    async with a_scene(scene.office, tmp_path) as beside:
        assert not beside.vault.is_keeper
        await beside.remember(MOTHER, 1001)
        before = max(beside.vault._keyring.epochs)
        await beside.office.published(1)
        async with beside.delivering():
            await until(lambda: list(beside.vault._keyring.epochs) == [before + 1])

        assert [sent.chat for sent in beside.courier.sent] == [MOTHER]
        assert len((await scene.row(MOTHER)).told) == 1


async def test_whoever_is_the_sender_next_makes_the_new_keys_that_the_last_one_owed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ended after somebody was told: copies from before and after said whose rows were written."""
    await scene.remember(MOTHER, 1001)

    def epoch() -> int:
        return min(scene.vault._keyring.epochs)

    before = epoch()
    scene.passes(hours=2)
    await scene.told()
    assert epoch() == before, "nothing is published: nobody was told"
    await scene.office.published(1)
    with monkeypatch.context() as patch:
        patch.setattr(delivering, "KEYS_REST", timedelta(days=10**6))  # it ends before they are made
        await scene.told()
    assert (len(scene.courier.sent), epoch()) == (1, before)

    async with scene.delivering() as sender:
        await until(lambda: epoch() == before + 1)
        await scene.settled(sender)
    async with scene.delivering() as sender:
        await scene.settled(sender)
        assert epoch() == before + 1, "once an hour at most, however often it is another"
    scene.passes(days=2)
    await scene.vault.rekey()
    await scene.told()
    assert epoch() == before + 2


async def test_new_keys_that_could_not_be_made_are_made_an_hour_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.office.published(1)
    rekey, tries = scene.vault.rekey, 0

    async def fails_at_first() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise VaultBusyError("the vault is busy")
        await rekey()

    monkeypatch.setattr(scene.vault, "rekey", fails_at_first)
    async with scene.delivering() as sender:
        await until(lambda: tries == 1)
        await scene.settled(sender)
        assert tries == 1
        scene.passes(minutes=61)
        await until(lambda: tries == 2)
        scene.passes(minutes=61)
        await scene.settled(sender)

    assert tries == 2


async def test_who_is_left_in_flight_by_what_is_owed_no_more_is_unmarked(scene: Scene) -> None:
    await scene.remember(MOTHER, 1003, in_flight=InFlight(5))
    await scene.office.published(1)
    await scene.told()

    assert scene.courier.sent == []
    assert (await scene.row(MOTHER)).in_flight is None


async def test_a_full_disk_under_the_keyring_ends_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.office.published(1)
    tries = 0

    def no_room(*_: object) -> None:
        nonlocal tries
        tries += 1
        raise OSError(errno.ENOSPC, "No space left on device")

    async with scene.delivering():
        with monkeypatch.context() as full:
            full.setattr("bot.store.keyring.write_private", no_room)
            await until(lambda: tries > 1)
        await until(lambda: len(scene.courier.sent) == 1)


async def test_a_keyring_that_cannot_be_read_for_a_moment_ends_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.office.published(1)
    read, tries = Path.read_bytes, 0

    def is_stale(path: Path) -> bytes:
        nonlocal tries
        if path.name != "keyring":
            return read(path)
        tries += 1
        raise OSError(errno.ESTALE, "Stale file handle")

    async with scene.delivering():
        with monkeypatch.context() as stale:
            stale.setattr(Path, "read_bytes", is_stale)
            await until(lambda: tries > 1)
        await until(lambda: len(scene.courier.sent) == 1)


async def test_a_scan_that_was_cut_off_is_done_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.remember(MOTHER, 1001)
    scan, failures = scene.vault.scan, 3

    def fails_at_first(match: Match) -> AsyncIterator[Record]:
        nonlocal failures
        failures -= 1
        if failures in (0, 1):
            raise DatabaseUnavailableError("the database is unavailable")
        return scan(match)

    monkeypatch.setattr(scene.vault, "scan", fails_at_first)
    await scene.office.published(1)
    async with scene.delivering():
        await until(lambda: len(scene.courier.sent) == 1)

    assert failures <= 0, "both planned failures have happened"
