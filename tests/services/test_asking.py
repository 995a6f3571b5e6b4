"""Asked whether all shall stay: who answers in the same instant is asked no more, and not forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.follower import Flag, Record, month_number
from bot.services.answering import Answering
from bot.services.asking import Asking
from bot.services.following import Following
from bot.store.database import Database
from tests.editors import BEGINNING, Office
from tests.senders import Scene, a_scene

MOTHER, SISTER = 7_000_000_001, 7_000_000_002
THIS_MONTH = month_number(BEGINNING.year, BEGINNING.month)


class QuickReaders:
    """Says questions to readers of whom some tap before it is written down that they were asked."""

    def __init__(self, following: Following, quick: set[int]) -> None:
        self._following, self._quick = following, quick
        self.asked: list[int] = []

    async def ask_to_stay(self, record: Record) -> int | None:
        self.asked.append(record.chat)
        if record.chat in self._quick:
            await self._following.stay(record.chat)
        return 700

    async def ask_to_look(self, record: Record, name: int) -> int | None:
        raise AssertionError("nobody left a name")


@pytest.fixture
async def scene(database: Database, tmp_path: Path) -> AsyncIterator[Scene]:
    async with a_scene(Office(database), tmp_path) as scene:
        yield scene


async def test_who_taps_while_being_asked_stays_and_who_does_not_is_forgotten(scene: Scene) -> None:
    for chat in (MOTHER, SISTER):
        await scene.remember(chat, 1001, expires=THIS_MONTH)
    following = Following(scene.vault, scene.office.now)
    readers = QuickReaders(following, {MOTHER})
    answering = Answering(scene.office.database)
    asking = Asking(scene.vault, answering, following, scene.wiping(), readers, scene.office.now)

    assert await asking.ask_who_fades() == 2
    assert await asking.ask_who_fades() == 0, "each is asked once"

    mother, sister = await scene.row(MOTHER), await scene.row(SISTER)
    assert (Flag.RENEWAL_ASKED in mother.flags, Flag.RENEWAL_ASKED in sister.flags) == (False, True)
    assert mother.expires > THIS_MONTH
    assert await scene.vault.expire(THIS_MONTH + 1) == 1
    assert await scene.vault.read(SISTER) is None


async def test_who_taps_while_all_who_faded_are_forgotten_is_not(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at their row and its end."""
    await scene.remember(MOTHER, 1001, expires=THIS_MONTH)
    read = scene.vault._shelf.get

    async def tapped_meanwhile(epoch: int, tag: bytes) -> bytes | None:
        found = await read(epoch, tag)
        monkeypatch.undo()
        await scene.vault.merge(MOTHER, lambda record: replace(record, expires=THIS_MONTH + 6))
        return found

    monkeypatch.setattr(scene.vault._shelf, "get", tapped_meanwhile)
    assert await scene.vault.expire(THIS_MONTH + 1) == 0
    assert (await scene.row(MOTHER)).people == {1001}
