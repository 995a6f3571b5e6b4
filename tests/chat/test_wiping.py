"""Chats clean themselves: by the clock, across a crash and an outage, an untapped alert last of all."""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from telegram.ext import ExtBot

from bot import app
from bot.chat.buttons import Ask, Press
from bot.chat.erasing import ORDINARY, TelegramEraser
from bot.chat.lanes import Lanes
from bot.chat.transport import Transport
from bot.desk import faults
from bot.desk.desk import Desk
from bot.desk.messages import Message
from bot.desk.people import Person
from bot.domain.follower import MOST_WIPES, Flag, InFlight, Record, Told
from bot.domain.people import View
from bot.services.sweeping import OutOfReachError
from bot.services.wiping import Wiping
from bot.store.database import Database, DatabaseUnavailableError
from bot.store.keyring import read_root_key
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault, VaultBusyError
from tests.processes import environment
from tests.running import ROOT, Clock, running, vault_in


@asynccontextmanager
async def wiping_alone(
    desk: Desk, url: str, folder: Path, clock: Clock, lanes: Lanes | None = None
) -> AsyncIterator[tuple[Wiping, Vault]]:
    """The service with a real vault and Telegram, and nothing else of the bot."""
    transport = Transport()
    bot: ExtBot[Any] = ExtBot(
        *(desk.token, f"{url}/bot"),
        request=transport,
        get_updates_request=transport,
        rate_limiter=lanes or Lanes(),
    )
    await bot.initialize()
    vault = await Vault.open(SqliteShelf(folder / "vault"), folder / "keyring", ROOT)
    try:
        yield Wiping(vault, TelegramEraser(bot), clock.now), vault
    finally:
        await vault.close()
        await bot.shutdown()
        await transport.shutdown()


async def test_both_sides_are_gone_after_the_chosen_time_and_the_row_with_them(
    seeded: Database, tmp_path: Path
) -> None:
    del seeded
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url, running(clock.plan(desk, url, tmp_path)):
        mother = desk.person("Марыя", language_code="be")
        mother.says("Алесь Бяляцкі")
        await mother.hears()
        await desk.settled()
        clock.passes(hours=11)
        await asyncio.sleep(0.3)
        assert len(mother.history) == 2
        clock.passes(hours=1)
        await desk.until(lambda: mother.history == [])
        await asyncio.sleep(0.3)
    async with vault_in(tmp_path) as vault:
        assert await vault.read(mother.id) is None
    assert desk.violations == []


async def _say(desk: Desk, url: str, chat: int) -> int:
    """Let the bot say something that nobody has noted, and return the message's number."""
    transport = Transport()
    async with ExtBot(
        desk.token, base_url=f"{url}/bot", request=transport, get_updates_request=transport
    ) as bot:
        return (await bot.send_message(chat, "hello")).message_id


async def _answer_and_die(
    wiping: Wiping, desk: Desk, url: str, clock: Clock, chat: int, asked: int
) -> Record:
    """Answer a message, and end before the answer is noted; return the row that was written before it."""
    record = await wiping.arrived(chat, asked, clock.now(), View.BE)
    await _say(desk, url, chat)
    return record


async def test_a_shorter_time_is_kept_to(seeded: Database, tmp_path: Path) -> None:
    del seeded
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url, running(clock.plan(desk, url, tmp_path)):
        mother = desk.person("Марыя", language_code="be")
        mother.says("/settings")
        for button in ("Колькі жывуць паведамленні", "10 хвілін"):
            await mother.hears()
            mother.taps(button)
        await mother.hears()
        mother.says("Статкевіч")
        await mother.hears()
        await desk.settled()
        clock.passes(minutes=10)
        await desk.until(lambda: mother.history == [])
    assert desk.violations == []


async def test_clear_waits_behind_no_answer_of_others(tmp_path: Path) -> None:
    clock = Clock()
    desk, lanes = clock.desk(), Lanes(rate=2)

    async def say() -> bool:
        return True

    def answer(chat: int) -> Awaitable[object]:
        return lanes.process_request(say, (), {}, "sendMessage", {"chat_id": chat}, None)

    async with desk.serving() as url, wiping_alone(desk, url, tmp_path, clock, lanes) as (wiping, _):
        mother = desk.person("Марыя", language_code="be")
        asked = mother.says("Алесь Бяляцкі")
        await wiping.arrived(mother.id, asked.id, clock.now(), View.BE)
        await wiping.settled(mother.id, await _say(desk, url, mother.id))
        others = [asyncio.ensure_future(answer(chat)) for chat in range(2_000, 2_060)]
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await wiping.clear(mother.id)
        assert mother.history == []
        assert not others[-1].done()
        for other in others:
            other.cancel()
    assert desk.violations == []


async def test_after_a_two_day_outage_old_screens_say_something_ordinary_and_the_reader_is_told(
    seeded: Database, tmp_path: Path
) -> None:
    del seeded
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        async with running(clock.plan(desk, url, tmp_path)):
            mother.says("Алесь Бяляцкі")
            await mother.hears()
            await desk.settled()
        clock.passes(hours=49)
        desk.expect_refusal("deleteMessage", 2)
        async with running(clock.plan(desk, url, tmp_path)):
            await desk.until(lambda: len(mother.history) == 3)
            await desk.settled()
        said = [message.text for message in mother.history if message.from_bot]
        assert said[0] == ORDINARY
        assert said[1].startswith("У гэтым чаце засталося нешта старое.")
        assert mother.history[-1].silent
    assert desk.violations == []


async def test_that_something_is_left_is_said_once_although_nobody_heard_that_it_arrived(
    seeded: Database, tmp_path: Path
) -> None:
    del seeded
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        async with running(clock.plan(desk, url, tmp_path)):
            mother.says("Алесь Бяляцкі")
            await mother.hears()
            await desk.settled()
        clock.passes(hours=49)
        desk.expect_refusal("deleteMessage", 4)
        desk.expect_refusal("editMessageText")  # it says something ordinary already, when it is done again
        desk.faults.next("sendMessage", faults.cut_after_executing(), chat_id=mother.id)
        async with running(clock.plan(desk, url, tmp_path)):
            # The answer before, what was cut (carried out, and a fault), and the same once more.
            await desk.until(lambda: len([call for call in desk.calls if call.method == "sendMessage"]) == 4)
            await desk.settled(quiet_seconds=0.3)
            said = [message for message in mother.history if message.text.startswith("У гэтым чаце")]
            assert len(said) == 1
            clock.passes(hours=13)
            await desk.until(lambda: said[0] not in mother.history)
    assert desk.violations == []


async def test_an_answer_that_a_crash_hid_is_swept_away(tmp_path: Path) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        asked = mother.says("Алесь Бяляцкі")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            record = await _answer_and_die(wiping, desk, url, clock, mother.id, asked.id)
            assert Flag.ANSWERING in record.flags
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            assert await wiping.sweep() == 1
            assert await wiping.sweep() == 0
            assert [message.id for message in mother.history] == [asked.id]
            clock.passes(hours=12)
            await wiping.wipe_due()
            assert mother.history == []
            assert await vault.read(mother.id) is None


async def test_an_answer_that_a_crash_hid_is_found_by_a_bot_that_took_the_readers_of_another(
    tmp_path: Path,
) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            await vault.merge(
                mother.id, lambda record: replace(record, people=frozenset({1}), latest=5_000_000)
            )
            asked = mother.says("Алесь Бяляцкі")
            await _answer_and_die(wiping, desk, url, clock, mother.id, asked.id)
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            await wiping.sweep()
            assert [message.id for message in mother.history] == [asked.id]


async def test_an_answer_of_which_nothing_could_be_written_down_is_swept_away_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    desk = clock.desk()

    async def away(_: int) -> Any:
        raise DatabaseUnavailableError("the database is unavailable")

    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        asked = mother.says("Алесь Бяляцкі")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            await wiping.arrived(mother.id, asked.id, clock.now(), View.BE)
            await _say(desk, url, mother.id)
            with monkeypatch.context() as locked, suppress(DatabaseUnavailableError):
                locked.setattr(vault, "read", away)
                await wiping.settled(mother.id, None, lost=True)
            clock.passes(minutes=5)
            assert await wiping.sweep() == 1
            assert [message.id for message in mother.history] == [asked.id]


@pytest.mark.parametrize("lives", [False, True])
async def test_where_others_answer_too_a_hidden_answer_is_looked_for_when_they_had_time(
    tmp_path: Path, lives: bool
) -> None:
    """What another process has just sent, and not written down yet, would be deleted; so would an alert."""
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        mother.says("hello")
        async with wiping_alone(desk, url, tmp_path, clock) as (alone, vault):
            one, another = (Wiping(vault, alone._eraser, clock.now, is_shared=True) for _ in range(2))
            screen = await _say(desk, url, mother.id)
            await one.settled(mother.id, screen)
            await one.arrived(mother.id, screen, clock.now(), View.BE, ours=True)
            card = await _say(desk, url, mother.id)
            await another.arrived(mother.id, screen, clock.now(), View.BE, ours=True)
            alert = await _say(desk, url, mother.id)
            await vault.merge(mother.id, lambda record: one.with_alert(record, alert)[0])
            if lives:
                await one.settled(mother.id, card)
            await another.settled(mother.id, None)
            assert await another.sweep() == 0
            clock.passes(minutes=5)
            assert await another.sweep() == (not lives)
            left = {message.id for message in mother.history}
            assert alert in left
            assert (card in left) == lives
            record = await vault.read(mother.id)
            assert record is not None
            assert Flag.ANSWERING not in record.flags


async def test_nothing_is_said_while_what_is_hidden_is_being_deleted(tmp_path: Path) -> None:
    """Telegram may take seconds over a deletion: what gets one of those numbers meanwhile goes with it."""
    async with (
        died_answering(tmp_path) as (clock, desk, url, mother, asked),
        wiping_alone(desk, url, tmp_path, clock) as (wiping, vault),
    ):
        desk.faults.next("deleteMessages", faults.hang(0.5), times=2)
        async with asyncio.TaskGroup() as tasks:
            sweeping = tasks.create_task(wiping.sweep())
            await desk.until(lambda: len(desk.faults) == 1)
            assert wiping.is_sweeping(mother.id)
            again = mother.says("Статкевіч")
            await wiping.arrived(mother.id, again.id, clock.now(), View.BE)
            assert not wiping.is_sweeping(mother.id)
            answer = await _say(desk, url, mother.id)
        assert sweeping.result() == 0
        await wiping.settled(mother.id, answer)
        assert await wiping.sweep() == 1
        assert [message.id for message in mother.history] == [asked.id, again.id, answer]
        record = await vault.read(mother.id)
        assert record is not None
        assert Flag.ANSWERING not in record.flags


@pytest.mark.parametrize("writes_on", [False, True])
async def test_a_copy_of_an_answer_whose_reply_was_lost_is_deleted(tmp_path: Path, writes_on: bool) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        asked = mother.says("Алесь Бяляцкі")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, _):
            await wiping.arrived(mother.id, asked.id, clock.now(), View.BE)
            copy = await _say(desk, url, mother.id)
            if writes_on:
                await wiping.arrived(mother.id, mother.says("Статкевіч").id, clock.now(), View.BE)
            answer = await _say(desk, url, mother.id)
            await wiping.settled(mother.id, answer, lost=True)
            if writes_on:
                await wiping.settled(mother.id, None)
            assert await wiping.sweep() == 1
            left = [message.id for message in mother.history]
            assert copy not in left
            assert {asked.id, answer} <= set(left)
            clock.passes(hours=47)
            await wiping.wipe_due()
            assert mother.history == []


@pytest.mark.parametrize("is_away", [False, True])
async def test_an_answer_that_is_being_written_down_is_not_swept_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_away: bool
) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        asked = mother.says("Алесь Бяляцкі")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            merge, begun = vault.merge, asyncio.Event()

            async def takes_long(*given: Any) -> Record:
                begun.set()
                await asyncio.sleep(0.3)
                if is_away:
                    raise DatabaseUnavailableError("the database is unavailable")
                return await merge(*given)

            await wiping.arrived(mother.id, asked.id, clock.now(), View.BE)
            answer = await _say(desk, url, mother.id)
            with monkeypatch.context() as slow, suppress(ExceptionGroup):
                slow.setattr(vault, "merge", takes_long)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(wiping.settled(mother.id, answer))
                    await begun.wait()
                    assert await wiping.sweep() == 0
            assert await wiping.sweep() == 0
            assert [message.id for message in mother.history] == [asked.id, answer]
            record = await vault.read(mother.id)
            assert record is not None
            assert answer in {wipe.message for wipe in record.wipes}
            assert Flag.ANSWERING not in record.flags


async def test_what_its_reader_keeps_by_another_process_is_not_swept_away(tmp_path: Path) -> None:
    async with (
        died_answering(tmp_path) as (clock, desk, url, mother, _),
        wiping_alone(desk, url, tmp_path, clock) as (alone, vault),
    ):
        one, keeper = (Wiping(vault, alone._eraser, clock.now, is_shared=True) for _ in range(2))
        assert await keeper.sweep() == 0
        clock.passes(minutes=1)
        await one.arrived(mother.id, mother.says("Статкевіч").id, clock.now(), View.BE)
        card = await _say(desk, url, mother.id)
        await one.settled(mother.id, card)
        await one.arrived(mother.id, card, clock.now(), View.BE, ours=True)
        await one.keep(mother.id, card)
        await one.settled(mother.id, None)
        clock.passes(minutes=4)
        assert await keeper.sweep() == 1
        assert card in [message.id for message in mother.history]


def _with_alert(wiping: Wiping, alert: int, record: Record) -> Record:
    return wiping.with_alert(record, alert)[0]


async def test_copies_of_two_alerts_are_deleted_and_one_that_is_kept_is_not(tmp_path: Path) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        asked = mother.says("Алесь Бяляцкі")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            await wiping.arrived(mother.id, asked.id, clock.now(), View.BE)
            await wiping.settled(mother.id, None)
            copies, alerts, last = [], [], asked.id
            for _ in range(2):
                copies.append(await _say(desk, url, mother.id))
                alerts.append(alert := await _say(desk, url, mother.id))
                await vault.merge(mother.id, partial(_with_alert, wiping, alert))
                wiping.seek_copies(mother.id, last, alert)
                last = alert
            await wiping.arrived(mother.id, copies[1], clock.now(), View.BE, ours=True)
            await wiping.keep(mother.id, copies[1])
            await wiping.settled(mother.id, None)
            await wiping.sweep()
            assert [message.id for message in mother.history] == [asked.id, alerts[0], copies[1], alerts[1]]


async def test_an_answer_that_a_crash_hid_is_looked_for_though_the_reply_to_the_next_was_lost(
    tmp_path: Path,
) -> None:
    async with (
        died_answering(tmp_path) as (clock, desk, url, mother, _),
        wiping_alone(desk, url, tmp_path, clock) as (wiping, vault),
    ):
        again = mother.says("Статкевіч")
        await wiping.arrived(mother.id, again.id, clock.now(), View.BE)
        await _say(desk, url, mother.id)
        await wiping.settled(mother.id, await _say(desk, url, mother.id), lost=True)
        assert await wiping.sweep() == 1
        clock.passes(hours=47)
        await wiping.wipe_due()
        assert mother.history == []
        assert await vault.read(mother.id) is None


async def test_a_hidden_answer_too_old_to_be_deleted_says_something_ordinary(tmp_path: Path) -> None:
    async with (
        died_answering(tmp_path) as (clock, desk, url, mother, asked),
        wiping_alone(desk, url, tmp_path, clock) as (wiping, _),
    ):
        [hidden] = [message.id for message in mother.history if message.id != asked.id]
        clock.passes(hours=49)
        desk.expect_refusal("deleteMessages")
        desk.expect_refusal("deleteMessage")
        assert await wiping.sweep() == 1
        said = {message.id: message.text for message in mother.history}
        assert said.pop(hidden) == ORDINARY
        assert any(text.startswith("У гэтым чаце") for text in said.values())


@pytest.mark.parametrize("restarts", [False, True])
async def test_what_its_reader_keeps_is_not_swept_away(tmp_path: Path, restarts: bool) -> None:
    async with (
        died_answering(tmp_path) as (clock, desk, url, mother, _),
        wiping_alone(desk, url, tmp_path, clock) as (wiping, vault),
    ):
        alert = await _say(desk, url, mother.id)
        await vault.merge(mother.id, lambda record: wiping.with_alert(record, alert)[0])
        await wiping.arrived(mother.id, alert, clock.now(), View.BE, ours=True)
        await wiping.keep(mother.id, alert)
        await wiping.settled(mother.id, None)
        await (Wiping(vault, wiping._eraser, clock.now) if restarts else wiping).sweep()
        assert alert in [message.id for message in mother.history]


@pytest.mark.parametrize("act", ["erase", "merge_known", "merge"])
async def test_who_blocks_us_while_rows_are_locked_ends_nothing_for_others(
    seeded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    del seeded
    clock = Clock()
    desk = clock.desk()
    mother, sister = desk.person("Марыя", language_code="be"), desk.person("Ганна", language_code="be")
    do, locked = getattr(Vault, act), asyncio.Event()

    async def locked_after_the_call(vault: Vault, chat: int, *given: Any) -> Any:
        if chat == mother.id and len(desk.faults) == 0:
            locked.set()
            raise VaultBusyError("the vault is busy")
        return await do(vault, chat, *given)

    monkeypatch.setattr(Vault, act, locked_after_the_call)
    async with desk.serving() as url, running(clock.plan(desk, url, tmp_path)):
        if act == "merge":
            desk.faults.next("sendMessage", replace(faults.server_error(), hang_seconds=0), chat_id=mother.id)
        else:
            desk.faults.next("sendMessage", faults.forbidden(), chat_id=mother.id)
        mother.says("/help")
        async with asyncio.timeout(10):
            await locked.wait()
        monkeypatch.undo()
        sister.says("/help")
        await sister.hears()


@asynccontextmanager
async def died_answering(folder: Path) -> AsyncIterator[tuple[Clock, Desk, str, Person, Message]]:
    """Let a bot die with its answer in the chat, and nowhere written down."""
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        asked = mother.says("Алесь Бяляцкі")
        async with wiping_alone(desk, url, folder, clock) as (wiping, _):
            await _answer_and_die(wiping, desk, url, clock, mother.id, asked.id)
        yield clock, desk, url, mother, asked


async def test_an_answer_that_a_crash_hid_goes_although_an_alert_came_before_the_sweep(
    tmp_path: Path,
) -> None:
    async with (
        died_answering(tmp_path) as (clock, desk, url, mother, asked),
        wiping_alone(desk, url, tmp_path, clock) as (wiping, vault),
    ):
        alert = await _say(desk, url, mother.id)
        await vault.merge(mother.id, lambda record: wiping.with_alert(record, alert)[0])
        clock.passes(minutes=5)
        assert await wiping.sweep() == 1
        assert [message.id for message in mother.history] == [asked.id, alert]


async def test_an_alert_that_waits_for_its_tap_holds_up_no_sweep(tmp_path: Path) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        asked = mother.says("Алесь Бяляцкі")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            alert = await _say(desk, url, mother.id)
            await vault.merge(mother.id, lambda record: wiping.with_alert(record, alert)[0])
            again = mother.says("Статкевіч")
            await _answer_and_die(wiping, desk, url, clock, mother.id, again.id)
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, _):
            clock.passes(minutes=5)
            assert await wiping.sweep() == 1
            assert [message.id for message in mother.history] == [asked.id, alert, again.id]


@pytest.mark.parametrize("they_write", [True, False])
async def test_an_alert_on_its_way_is_not_swept_away_before_it_is_noted(
    tmp_path: Path, they_write: bool
) -> None:
    """It would count as told, and nobody could read it."""
    async with (
        died_answering(tmp_path) as (clock, desk, url, mother, asked),
        wiping_alone(desk, url, tmp_path, clock) as (wiping, vault),
    ):
        await vault.merge(mother.id, lambda record: replace(record, in_flight=InFlight(7)))
        alert = await _say(desk, url, mother.id)
        clock.passes(minutes=5)
        left = [asked.id]
        if they_write:
            again = mother.says("Статкевіч")
            await wiping.arrived(mother.id, again.id, clock.now(), View.BE)
            await wiping.settled(mother.id, None)
            left += [alert, again.id]
        else:
            assert await wiping.sweep() == 0
            left += [alert]
        assert {alert, *left} <= {message.id for message in mother.history}
        noted = await vault.merge(
            mother.id, lambda record: replace(wiping.with_alert(record, alert)[0], in_flight=None)
        )
        assert Flag.ANSWERING in noted.flags, "what the crash hid is still looked for"
        await wiping.sweep()
        assert [message.id for message in mother.history] == left


class Broom:
    """Deletes what it is told to, except in chats that are away; says how many at once."""

    def __init__(self) -> None:
        self.deleted: dict[int, set[int]] = {}
        self.away: set[int] = set()
        self.most = self._now = 0
        self.meanwhile: Callable[[int], Awaitable[None]] | None = None

    async def delete(
        self,
        chat: int,
        messages: Collection[int],
        patience: float = math.inf,
        *,
        are_there: bool = True,
    ) -> frozenset[int]:
        self._now += 1
        self.most = max(self.most, self._now)
        if self.meanwhile is not None:
            await self.meanwhile(chat)
        await asyncio.sleep(0.01)
        self._now -= 1
        if chat in self.away:
            raise OutOfReachError
        self.deleted.setdefault(chat, set()).update(messages)
        return frozenset()

    async def blank(self, chat: int, messages: Collection[int], patience: float = math.inf) -> None:
        return None

    async def tell_of_rest(self, record: Record) -> int | None:
        return None


@pytest.fixture
async def swept(tmp_path: Path) -> AsyncIterator[tuple[Wiping, Broom, Clock]]:
    """Forty readers whose question and answer are due in twelve hours, and who deletes them."""
    clock, broom = Clock(), Broom()
    async with vault_in(tmp_path) as vault:
        wiping = Wiping(vault, broom, clock.now)
        for chat in range(1, 41):
            await wiping.arrived(chat, 10, clock.now(), View.BE)
            await wiping.settled(chat, 11)
        yield wiping, broom, clock


async def test_chats_out_of_reach_keep_no_other_from_being_cleaned_eight_at_once(
    swept: tuple[Wiping, Broom, Clock],
) -> None:
    wiping, broom, clock = swept
    broom.away = {5, 13, 22}  # flooded, each for itself
    clock.passes(hours=12)

    assert await wiping.wipe_due() == 37
    assert broom.deleted.keys() == set(range(1, 41)) - broom.away
    assert broom.most == 8
    broom.away = set()
    assert await wiping.wipe_due() == 3


async def test_where_telegram_is_away_few_chats_are_tried(swept: tuple[Wiping, Broom, Clock]) -> None:
    wiping, broom, clock = swept
    broom.away, tried = set(range(1, 41)), 0

    async def count(_: int) -> None:
        nonlocal tried
        tried += 1

    broom.meanwhile = count
    clock.passes(hours=12)
    assert await wiping.wipe_due() == 0
    assert tried <= 16
    broom.away = set()
    assert await wiping.wipe_due() == 40


async def test_what_readers_keep_while_others_are_cleaned_stays(swept: tuple[Wiping, Broom, Clock]) -> None:
    wiping, broom, clock = swept
    begun, kept = set[int](), asyncio.Event()

    async def others_keep(chat: int) -> None:
        begun.add(chat)
        if len(begun) == 8:
            for other in set(range(1, 41)) - begun:
                await wiping.keep(other, 11)
            kept.set()
        await kept.wait()

    broom.meanwhile = others_keep
    clock.passes(hours=12)
    await wiping.wipe_due()

    assert [11 in messages for messages in broom.deleted.values()].count(False) == 40 - 8
    assert all(10 in messages for messages in broom.deleted.values())


async def test_a_question_brought_again_after_a_crash_has_one_answer(tmp_path: Path) -> None:
    async with (
        died_answering(tmp_path) as (clock, desk, url, mother, asked),
        wiping_alone(desk, url, tmp_path, clock) as (wiping, _),
    ):
        await wiping.arrived(mother.id, asked.id, clock.now(), View.BE)
        await wiping.settled(mother.id, answer := await _say(desk, url, mother.id))
        assert await wiping.sweep() == 1
        assert [message.id for message in mother.history] == [asked.id, answer]


async def test_a_copy_whose_number_nobody_knows_is_swept_at_once(seeded: Database, tmp_path: Path) -> None:
    del seeded
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url, running(clock.plan(desk, url, tmp_path)):
        mother = desk.person("Марыя", language_code="be")
        desk.faults.next("sendMessage", faults.cut_after_executing())
        mother.says("Алесь Бяляцкі")
        await desk.until(lambda: any(call.method == "deleteMessages" for call in desk.calls), timeout=10)
        await desk.settled()
        assert [call.method for call in desk.calls].count("sendMessage") >= 2
        assert len([message for message in mother.history if message.from_bot]) == 1
        clock.passes(hours=12)
        await desk.until(lambda: mother.history == [])
    assert desk.violations == []


async def test_a_list_of_whom_one_follows_leaves_the_chat_however_much_is_said_in_others(
    seeded: Database, tmp_path: Path
) -> None:
    """A tapped screen is old, and Telegram numbers the messages of all chats of a bot together."""
    del seeded
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url, running(clock.plan(desk, url, tmp_path)):
        mother = desk.person("Марыя", language_code="be")
        mother.says("/following")
        await mother.hears()
        await desk.settled()
        desk._world._last_message += 5_000  # to others
        desk.faults.next("sendMessage", faults.cut_after_executing(), chat_id=mother.id)
        mother.taps("Адкрыць")
        await mother.hears(2)
        await desk.settled()
        clock.passes(hours=20)
        await desk.until(lambda: mother.history == [])
    assert desk.violations == []


@pytest.mark.parametrize("is_asked", [False, True])
async def test_what_nobody_noted_goes_however_much_was_said_in_other_chats_before(
    tmp_path: Path, is_asked: bool
) -> None:
    """Somebody died while answering a tap; or the reply to a question of our own was lost, weeks later."""
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother, sister = (desk.person(name, language_code="be") for name in ("Марыя", "Вера"))
        asked = mother.says("/settings")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            await wiping.arrived(mother.id, asked.id, clock.now(), View.BE)
            await wiping.settled(mother.id, screen := await _say(desk, url, mother.id))
            desk._world._last_message += 5_000
            await wiping.arrived(sister.id, sister.says("hello").id, clock.now(), View.BE)
            if is_asked:
                record, newest = await vault.read(mother.id), wiping.newest
                assert record is not None
                await _say(desk, url, mother.id)
                await wiping.settled(sister.id, await _say(desk, url, sister.id))
                await wiping.lost_unasked(record, newest)
            else:
                await wiping.arrived(mother.id, screen, clock.now(), View.BE, ours=True)
                await _say(desk, url, mother.id)
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, _):
            await wiping.sweep()
            assert [message.id for message in mother.history] == [asked.id, screen]


async def test_a_copy_of_an_alert_goes_although_its_reader_wrote_before_it_was_repeated(
    tmp_path: Path,
) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        asked = mother.says("Алесь Бяляцкі")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            await wiping.arrived(mother.id, asked.id, clock.now(), View.BE)
            await wiping.settled(mother.id, None)
            await vault.merge(mother.id, lambda record: replace(record, in_flight=InFlight(7)))
            await _say(desk, url, mother.id)
            again = mother.says("Статкевіч")
            await wiping.arrived(mother.id, again.id, clock.now(), View.BE)
            await wiping.settled(mother.id, answer := await _say(desk, url, mother.id))
            alert = await _say(desk, url, mother.id)
            record = await vault.read(mother.id)
            assert record is not None
            wiping.seek_copies(mother.id, record.latest, alert)
            await vault.merge(
                mother.id, lambda record: replace(wiping.with_alert(record, alert)[0], in_flight=None)
            )
            await wiping.sweep()
            assert [message.id for message in mother.history] == [asked.id, again.id, answer, alert]


async def test_killed_while_an_answer_is_on_its_way_nothing_stays_behind(
    seeded: Database, tmp_path: Path
) -> None:
    del seeded
    desk = Desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        mother.says("Алесь Бяляцкі")
        desk.faults.next("sendMessage", faults.cut_after_executing())
        dying = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            env=environment(url, desk.token, tmp_path),
            stderr=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
        )
        await desk.until(lambda: any(message.from_bot for message in mother.history), timeout=20)
        dying.kill()
        await dying.wait()
        clock = Clock(datetime.now(UTC))
        key = read_root_key(tmp_path.with_name(f"{tmp_path.name}-root-key"), tmp_path)
        plan = replace(
            clock.plan(desk, url, tmp_path),
            vault=app.VaultPlace(tmp_path / "vault", tmp_path / "keyring", key),
        )
        async with running(plan):
            # Telegram may bring the question again, and then it is answered again.
            await desk.until(lambda: desk.pending_updates == 0)
            for _ in range(3):
                # On a busy machine it may be answered only after the first twelve hours have passed.
                clock.passes(hours=12)
                with suppress(TimeoutError):
                    await desk.until(lambda: mother.history == [])
            assert mother.history == []
    assert desk.violations == []


async def test_an_untapped_alert_waits_46_hours_and_a_tapped_one_the_chosen_time(tmp_path: Path) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        mother.says("hello")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, _):
            first, second = await _say(desk, url, mother.id), await _say(desk, url, mother.id)
            for alert in (first, second):
                await wiping.settled(mother.id, alert, untapped=True)
            clock.passes(hours=30)
            await wiping.tapped(mother.id, first)
            clock.passes(hours=12)
            await wiping.wipe_due()
            assert [message.id for message in mother.history if message.from_bot] == [second]
            clock.passes(hours=4)
            await wiping.wipe_due()
            assert [message.id for message in mother.history if message.from_bot] == []


async def test_a_full_ring_gives_up_its_oldest_messages_and_forget_takes_all_of_it(tmp_path: Path) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            for _ in range(MOST_WIPES + 12):
                said = mother.says("hello")
                await wiping.arrived(mother.id, said.id, clock.now(), View.BE)
            record = await vault.read(mother.id)
            assert record is not None
            assert len(record.wipes) == MOST_WIPES
            assert len(mother.history) == MOST_WIPES
            await wiping.forget(mother.id)
            assert mother.history == []
            assert await vault.read(mother.id) is None


async def test_while_telegram_is_away_nothing_is_lost_and_it_goes_later(tmp_path: Path) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        said = mother.says("hello")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            await wiping.arrived(mother.id, said.id, clock.now(), View.BE)
            await wiping.settled(mother.id, None)
            clock.passes(hours=12)
            desk.faults.next("deleteMessage", faults.bad_gateway())
            await wiping.wipe_due()
            assert await vault.read(mother.id) is not None
            await wiping.wipe_due()
            assert mother.history == []
            assert await vault.read(mother.id) is None


async def test_a_yes_of_telegram_that_deleted_nothing_leaves_nothing_behind(tmp_path: Path) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            for word in "hello", "are", "you", "there", "?":
                await wiping.arrived(mother.id, mother.says(word).id, clock.now(), View.BE)
                await wiping.settled(mother.id, None)
            clock.passes(hours=12)
            desk.faults.next("deleteMessages", faults.done_nothing())
            await wiping.wipe_due()
            assert mother.history == []
            assert await vault.read(mother.id) is None
    # A yes to nothing, one that was still there; the rest, and none of it is there any more.
    deletions = [call.method for call in desk.calls if call.method.startswith("delete")]
    assert deletions == ["deleteMessages", "deleteMessage"] * 2
    assert desk.violations == []


@pytest.mark.parametrize("method", ["deleteMessage", "deleteMessages"])
async def test_what_a_try_that_was_cut_off_asked_about_says_nothing_of_the_rest(
    method: str, tmp_path: Path
) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
            for word in "hello", "are", "you", "there", "?":
                await wiping.arrived(mother.id, mother.says(word).id, clock.now(), View.BE)
                await wiping.settled(mother.id, None)
            clock.passes(hours=12)
            desk.faults.next("deleteMessages", faults.done_nothing())
            desk.faults.next(method, faults.bad_gateway(executes=method == "deleteMessage"))
            await wiping.wipe_due()
            assert len(mother.history) == 4
            assert await vault.read(mother.id) is not None
            desk.faults.next("deleteMessages", faults.done_nothing())
            await wiping.wipe_due()
            assert mother.history == []
            assert await vault.read(mother.id) is None


async def test_of_many_messages_those_that_are_too_old_are_left_whatever_telegram_says(
    tmp_path: Path,
) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, _):
            for hours in (0, 0, 2, 0):
                clock.passes(hours=hours)
                await wiping.arrived(mother.id, mother.says("hello").id, clock.now(), View.BE)
                await wiping.settled(mother.id, None)
            clock.passes(hours=47)
            desk.expect_refusal("deleteMessages")
            desk.expect_refusal("deleteMessage", 2)
            await wiping.wipe_due()
            assert len([message for message in mother.history if not message.from_bot]) == 2
    assert desk.violations == []


async def test_a_chat_that_moved_ends_no_cleaning(tmp_path: Path) -> None:
    clock = Clock()
    desk = clock.desk()
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    moved = {"ok": False, "error_code": 400, "description": words}
    body = json.dumps(moved | {"parameters": {"migrate_to_chat_id": -1000000000011}}).encode()
    async with desk.serving() as url:
        mother, sister = (desk.person(name, language_code="be") for name in ("Марыя", "Вера"))
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, _):
            for reader in (mother, sister):
                await wiping.arrived(reader.id, reader.says("hello").id, clock.now(), View.BE)
                await wiping.settled(reader.id, None)
            clock.passes(hours=12)
            desk.faults.next("deleteMessage", faults.answer(body, 400), chat_id=mother.id)
            assert await wiping.wipe_due() == 2
            assert sister.history == []


async def test_what_is_kept_stays_without_buttons_and_nothing_is_remembered_of_it(
    seeded: Database, tmp_path: Path
) -> None:
    del seeded
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        async with running(clock.plan(desk, url, tmp_path)):
            mother.start()
            [home] = await mother.hears()
            mother.presses(home, Press(Ask.TOPIC, View.BE, "parcels").data())
            await desk.settled()
            mother.taps("Не выдаляць гэта")
            await desk.settled()
            [_, kept] = mother.history
            assert kept.buttons == ()
            clock.passes(hours=47)
            await desk.until(lambda: len(mother.history) == 1)
            await desk.settled(quiet_seconds=0.5)
        assert mother.history == [kept]
        async with vault_in(tmp_path) as vault:
            assert await vault.read(mother.id) is None
    assert desk.violations == []


async def test_a_sweep_after_a_crash_leaves_what_was_kept(tmp_path: Path) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="be")
        asked = mother.says("Алесь Бяляцкі")
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, _):
            await wiping.arrived(mother.id, asked.id, clock.now(), View.BE)
            kept = await _say(desk, url, mother.id)
            await wiping.settled(mother.id, kept)
            await wiping.keep(mother.id, kept)
            await _answer_and_die(wiping, desk, url, clock, mother.id, asked.id)
        clock.passes(minutes=6)
        async with wiping_alone(desk, url, tmp_path, clock) as (wiping, _):
            assert await wiping.sweep() == 1
            assert [message.id for message in mother.history] == [asked.id, kept]


async def test_news_is_forgotten_once_no_correction_of_it_can_come(tmp_path: Path) -> None:
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url, wiping_alone(desk, url, tmp_path, clock) as (wiping, vault):
        hour = int(clock.now().timestamp()) // 3600
        told = (Told(5, 1, hour), Told(6, 2, hour + 24))
        await vault.merge(1, lambda record: replace(record, told=told, people=frozenset({7})))
        await vault.merge(2, lambda record: replace(record, told=told[:1]))
        clock.passes(days=14)
        await wiping.forget_told()
        assert [record.told for chat in (1, 2) if (record := await vault.read(chat))] == [told, told[:1]]
        clock.passes(hours=1)
        await wiping.forget_told()
        follower = await vault.read(1)
        assert follower is not None
        assert follower.told == told[1:]
        assert await vault.read(2) is None
    assert desk.violations == []
