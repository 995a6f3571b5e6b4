"""Asking: who answers or says stop in the same instant is asked no more, and not forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Set
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.domain.follower import Flag, Record, month_number
from bot.services.answering import Answering
from bot.services.asking import Asking
from bot.services.following import Following
from bot.services.sweeping import MOST_AWAY, LostError, NotFoundError, OutOfReachError
from bot.store.database import Database
from bot.store.postgres_shelf import PostgresShelf
from bot.store.shelf import Shelf
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault
from tests.editors import BEGINNING, Office
from tests.running import ROOT
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


class StoppedMeanwhile:
    """Asks; while the first is asked, the other says stop, and is told that nothing comes any more."""

    def __init__(self, following: Following) -> None:
        self._following = following
        self.asked: list[int] = []

    async def ask_to_stay(self, record: Record) -> int | None:
        self.asked.append(record.chat)
        if len(self.asked) == 1:
            await self._following.stop(MOTHER + SISTER - record.chat)
        return 700

    async def ask_to_look(self, record: Record, name: int) -> int | None:
        return await self.ask_to_stay(record)


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


async def test_who_says_stop_while_another_is_asked_is_asked_nothing(scene: Scene) -> None:
    following, answering = Following(scene.vault, scene.office.now), Answering(scene.office.database)
    for act in ("about names", "who fades"):
        for chat in (MOTHER, SISTER):
            await scene.remember(chat, 1001, unknown_names=frozenset({77}), expires=THIS_MONTH)
        asker = StoppedMeanwhile(following)
        asking = Asking(scene.vault, answering, following, scene.wiping(), asker, scene.office.now)
        asking._bearers = {77: (1001,)}

        assert await (asking.ask_about_names() if act == "about names" else asking.ask_who_fades()) == 1
        assert len(asker.asked) == 1, act


class OutOfReach:
    """Asks; some chats fail each time: flooded, not found, or nobody hears whether a question arrived."""

    def __init__(
        self, away: Set[int], lost: Set[int] = frozenset(), not_found: Set[int] = frozenset()
    ) -> None:
        self.away, self.lost, self.not_found = away, lost, not_found
        self.tried: list[int] = []

    async def ask_to_stay(self, record: Record) -> int | None:
        self.tried.append(record.chat)
        if record.chat in self.away:
            raise OutOfReachError
        if record.chat in self.lost:
            raise LostError
        if record.chat in self.not_found:
            raise NotFoundError
        return 700

    async def ask_to_look(self, record: Record, name: int) -> int | None:
        return await self.ask_to_stay(record)


@pytest.mark.parametrize("act", ["about names", "who fades"])
async def test_a_chat_out_of_reach_keeps_nobody_else_from_being_asked(scene: Scene, act: str) -> None:
    following, answering = Following(scene.vault, scene.office.now), Answering(scene.office.database)
    for chat in range(1, 41):
        await scene.remember(chat, unknown_names=frozenset({77}), expires=THIS_MONTH)
    asker = OutOfReach({3, 5, 7}, lost={9})
    asking = Asking(scene.vault, answering, following, scene.wiping(), asker, scene.office.now)
    asking._bearers = {77: (1001,)}
    ask = asking.ask_about_names if act == "about names" else asking.ask_who_fades

    assert await ask() == 36
    assert sorted(asker.tried) == list(range(1, 41))
    assert asking.is_behind == (act == "about names")
    asker.away, asker.tried = {3, 5}, []
    assert await ask() == 1
    assert sorted(asker.tried) == [3, 5, 7], "what may have arrived in the last is to be deleted first"
    assert Flag.ANSWERING in (await scene.row(9)).flags, "a crash does not hide it"


@pytest.mark.parametrize("act", ["about names", "who fades"])
async def test_while_telegram_is_away_eight_are_tried_and_all_are_asked_later(scene: Scene, act: str) -> None:
    following, answering = Following(scene.vault, scene.office.now), Answering(scene.office.database)
    for chat in range(1, 41):
        await scene.remember(chat, unknown_names=frozenset({77}), expires=THIS_MONTH)
    asker = OutOfReach(set(range(1, 41)))
    asking = Asking(scene.vault, answering, following, scene.wiping(), asker, scene.office.now)
    asking._bearers = {77: (1001,)}
    ask = asking.ask_about_names if act == "about names" else asking.ask_who_fades

    assert (await ask(), len(asker.tried)) == (0, MOST_AWAY)
    asker.away = set()
    assert await ask() == 40
    assert not asking.is_behind


async def test_whom_telegram_does_not_find_is_asked_about_a_name_a_day_later(scene: Scene) -> None:
    following, answering = Following(scene.vault, scene.office.now), Answering(scene.office.database)
    for chat in range(1, 41):
        await scene.remember(chat, unknown_names=frozenset({77}), expires=THIS_MONTH)
    asker = OutOfReach(frozenset(), not_found=set(range(1, 31)))
    asking = Asking(scene.vault, answering, following, scene.wiping(), asker, scene.office.now)
    asking._bearers = {77: (1001,)}

    assert await asking.ask_about_names() == 10, "they are no sign that Telegram is away"
    assert not asking.is_behind, "each half minute they would be called for nothing"
    asker.not_found = frozenset()
    scene.passes(days=1)
    assert asking.is_behind
    assert await asking.ask_about_names() == 30
    scene.passes(days=1)
    assert not asking.is_behind


async def test_whom_telegram_does_not_find_counts_as_asked_to_stay_only_once_their_month_is_over(
    scene: Scene,
) -> None:
    following, answering = Following(scene.vault, scene.office.now), Answering(scene.office.database)
    for chat in range(1, 41):
        await scene.remember(chat, 1001, expires=THIS_MONTH)
    asker = OutOfReach(frozenset(), not_found=set(range(1, 31)))
    asking = Asking(scene.vault, answering, following, scene.wiping(), asker, scene.office.now)

    assert await asking.ask_who_fades() == 10
    asker.not_found = {1}
    scene.passes(days=1)
    assert await asking.ask_who_fades() == 29
    scene.passes(days=31)
    assert await scene.vault.expire(THIS_MONTH + 1) == 39
    assert await asking.ask_who_fades() == 1
    assert await scene.vault.expire(THIS_MONTH + 1) == 1, "who is really gone goes"


class Interrupted:
    """A shelf on which something happens once, between a look at one row and what follows from it."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.meanwhile: list[Callable[[], Awaitable[object]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shelf, name)

    async def get(self, epoch: int, tag: bytes) -> bytes | None:
        found = await self._shelf.get(epoch, tag)
        if self.meanwhile:
            await self.meanwhile.pop()()
        return found


async def test_who_taps_while_all_who_faded_are_forgotten_is_not(database: Database, tmp_path: Path) -> None:
    """Between the look at their row and its end."""
    on_postgres = database.dialect == "postgresql"
    shelf = Interrupted(PostgresShelf(database) if on_postgres else SqliteShelf(tmp_path / "vault"))
    vault = await Vault.open(cast(Shelf, shelf), tmp_path / "keyring", ROOT)
    scene = Scene(Office(database), vault)
    await scene.remember(MOTHER, 1001, expires=THIS_MONTH, flags=Flag.RENEWAL_ASKED)
    shelf.meanwhile = [
        lambda: vault.merge(MOTHER, lambda record: replace(record, expires=THIS_MONTH + 6)),
    ]

    assert await vault.expire(THIS_MONTH + 1) == 0
    assert shelf.meanwhile == []
    assert (await scene.row(MOTHER)).people == {1001}
    await vault.close()
