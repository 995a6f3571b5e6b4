"""Chats clean themselves: by the clock, across a crash and an outage, an untapped alert last of all."""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
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
from bot.store.database import DatabaseUnavailableError
from bot.store.keyring import read_root_key
from bot.store.vault import Vault, VaultBusyError
from tests.processes import environment
from tests.running import Clock, Scene, running, vault_in


@dataclass
class Cleaning(Scene):
    """The same with the part that cleans her chat, and nothing else of the bot."""

    wiping: Wiping = field(init=False)
    vault: Vault = field(init=False)
    _alone: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self, lanes: Lanes | None = None) -> None:
        """Start the service with a real vault and Telegram; the one before, if any, has died."""
        await self.end()
        transport = Transport()
        self._alone.push_async_callback(transport.shutdown)
        self._bot: ExtBot[Any] = ExtBot(
            *(self.desk.token, f"{self.url}/bot"),
            request=transport,
            get_updates_request=transport,
            rate_limiter=lanes or Lanes(),
        )
        await self._bot.initialize()
        self._alone.push_async_callback(self._bot.shutdown)
        self.vault = await self._alone.enter_async_context(vault_in(self.folder))
        self.wiping = self.another(is_shared=False)

    async def end(self) -> None:
        """End the service, if it was started."""
        await self._alone.aclose()

    def another(self, *, is_shared: bool = True) -> Wiping:
        """Return the service as another process has it that answers the same readers."""
        return Wiping(self.vault, TelegramEraser(self._bot), self.clock.now, is_shared=is_shared)

    async def writes(self, text: str = "Алесь Бяляцкі", reader: Person | None = None) -> Message:
        """Let the mother write, or another reader; it is noted, and an answer begins."""
        said = (reader or self.mother).says(text)
        await self.arrives(said, reader)
        return said

    async def arrives(self, said: Message, reader: Person | None = None) -> None:
        """Note what was written, and that an answer begins."""
        chat = (reader or self.mother).id
        await self.wiping.arrived(chat, said.id, self.clock.now(), View.BE)

    async def taps(self, message: int) -> None:
        """Let the mother tap one of our messages; it is noted, and an answer begins."""
        await self.wiping.arrived(self.mother.id, message, self.clock.now(), View.BE, ours=True)

    async def settles(self, message: int | None, *, lost: bool = False) -> None:
        """Note that the answer to the mother is over."""
        await self.wiping.settled(self.mother.id, message, lost=lost)

    async def say(self, reader: Person | None = None) -> int:
        """Let the bot say something that nobody has noted, and return the message's number."""
        chat, transport = (reader or self.mother).id, Transport()
        async with ExtBot(
            self.desk.token, base_url=f"{self.url}/bot", request=transport, get_updates_request=transport
        ) as bot:
            return (await bot.send_message(chat, "hello")).message_id

    async def dies_answering(self) -> Message:
        """Let the bot die with its answer in the chat, and nowhere written down; another one starts."""
        asked = await self.writes()
        await self.say()
        await self.start()
        return asked

    async def notes_alert(self, alert: int) -> Record:
        """Note an alert that arrived, as the sender of alerts does; return the row."""
        return await self.vault.merge(
            self.mother.id,
            lambda record: replace(self.wiping.with_alert(record, alert)[0], in_flight=None),
        )

    async def alerts(self) -> int:
        """Let an alert arrive and be noted; return its number."""
        alert = await self.say()
        await self.notes_alert(alert)
        return alert

    async def row(self) -> Record:
        record = await self.vault.read(self.mother.id)
        assert record is not None
        return record

    async def is_forgotten(self) -> bool:
        return await self.vault.read(self.mother.id) is None

    @property
    def left(self) -> list[int]:
        """Which messages are in the mother's chat."""
        return [message.id for message in self.mother.history]


@pytest.fixture
async def alone(scene: Scene) -> AsyncIterator[Cleaning]:
    """A mother at her phone, and the service, which has started."""
    cleaning = Cleaning(scene.desk, scene.url, scene.folder, scene.clock, scene.mother)
    await cleaning.start()
    yield cleaning
    await cleaning.end()


@pytest.mark.usefixtures("seeded")
async def test_both_sides_are_gone_after_the_chosen_time_and_the_row_with_them(scene: Scene) -> None:
    desk, mother = scene.desk, scene.mother
    async with scene.running():
        mother.says("Алесь Бяляцкі")
        await mother.hears()
        await desk.settled()
        scene.clock.passes(hours=11)
        await asyncio.sleep(0.3)
        assert len(mother.history) == 2
        scene.clock.passes(hours=1)
        await desk.until(lambda: mother.history == [])
        await asyncio.sleep(0.3)
    assert await scene.row_of(mother.id) is None


@pytest.mark.usefixtures("seeded")
async def test_a_shorter_time_is_kept_to(scene: Scene) -> None:
    mother = scene.mother
    async with scene.running():
        mother.says("/settings")
        for button in ("Колькі жывуць паведамленні", "10 хвілін"):
            await mother.hears()
            mother.taps(button)
        await mother.hears()
        mother.says("Статкевіч")
        await mother.hears()
        await scene.desk.settled()
        scene.clock.passes(minutes=10)
        await scene.desk.until(lambda: mother.history == [])


async def test_clear_waits_behind_no_answer_of_others(alone: Cleaning) -> None:
    lanes = Lanes(rate=2)

    async def say() -> bool:
        return True

    def answer(chat: int) -> Awaitable[object]:
        return lanes.process_request(say, (), {}, "sendMessage", {"chat_id": chat}, None)

    await alone.start(lanes)
    await alone.writes()
    await alone.settles(await alone.say())
    others = [asyncio.ensure_future(answer(chat)) for chat in range(2_000, 2_060)]
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await alone.wiping.clear(alone.mother.id)
    assert alone.left == []
    assert not others[-1].done()
    for other in others:
        other.cancel()


@pytest.mark.usefixtures("seeded")
async def test_after_a_two_day_outage_old_screens_say_something_ordinary_and_the_reader_is_told(
    scene: Scene,
) -> None:
    desk, mother = scene.desk, scene.mother
    async with scene.running():
        mother.says("Алесь Бяляцкі")
        await mother.hears()
        await desk.settled()
    scene.clock.passes(hours=49)
    desk.expect_refusal("deleteMessage", 2)
    async with scene.running():
        await desk.until(lambda: len(mother.history) == 3)
        await desk.settled()
    said = [message.text for message in mother.history if message.from_bot]
    assert said[0] == ORDINARY
    assert said[1].startswith("У гэтым чаце засталося нешта старое.")
    assert mother.history[-1].silent


@pytest.mark.usefixtures("seeded")
async def test_that_something_is_left_is_said_once_although_nobody_heard_that_it_arrived(
    scene: Scene,
) -> None:
    desk, mother = scene.desk, scene.mother
    async with scene.running():
        mother.says("Алесь Бяляцкі")
        await mother.hears()
        await desk.settled()
    scene.clock.passes(hours=49)
    desk.expect_refusal("deleteMessage", 4)
    desk.expect_refusal("editMessageText")  # it says something ordinary already, when it is done again
    desk.faults.next("sendMessage", faults.cut_after_executing(), chat_id=mother.id)
    async with scene.running():
        # The answer before, what was cut (carried out, and a fault), and the same once more.
        await desk.until(lambda: len([call for call in desk.calls if call.method == "sendMessage"]) == 4)
        await desk.settled(quiet_seconds=0.3)
        said = [message for message in mother.history if message.text.startswith("У гэтым чаце")]
        assert len(said) == 1
        scene.clock.passes(hours=13)
        await desk.until(lambda: said[0] not in mother.history)


async def test_an_answer_that_a_crash_hid_is_swept_away(alone: Cleaning) -> None:
    asked = await alone.dies_answering()
    assert Flag.ANSWERING in (await alone.row()).flags
    assert await alone.wiping.sweep() == 1
    assert await alone.wiping.sweep() == 0
    assert alone.left == [asked.id]
    alone.clock.passes(hours=12)
    await alone.wiping.wipe_due()
    assert alone.left == []
    assert await alone.is_forgotten()


async def test_an_answer_that_a_crash_hid_is_found_by_a_bot_that_took_the_readers_of_another(
    alone: Cleaning,
) -> None:
    await alone.vault.merge(
        alone.mother.id, lambda record: replace(record, people=frozenset({1}), latest=5_000_000)
    )
    asked = await alone.dies_answering()
    await alone.wiping.sweep()
    assert alone.left == [asked.id]


async def test_an_answer_of_which_nothing_could_be_written_down_is_swept_away_all_the_same(
    alone: Cleaning, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: int) -> Any:
        raise DatabaseUnavailableError("the database is unavailable")

    asked = await alone.writes()
    await alone.say()
    with monkeypatch.context() as locked, suppress(DatabaseUnavailableError):
        locked.setattr(alone.vault, "read", away)
        await alone.settles(None, lost=True)
    alone.clock.passes(minutes=5)
    assert await alone.wiping.sweep() == 1
    assert alone.left == [asked.id]


@pytest.mark.parametrize("lives", [False, True])
async def test_where_others_answer_too_a_hidden_answer_is_looked_for_when_they_had_time(
    alone: Cleaning, lives: bool
) -> None:
    """What another process has just sent, and not written down yet, would be deleted; so would an alert."""
    mother = alone.mother
    mother.says("hello")
    one, another = alone.another(), alone.another()
    screen = await alone.say()
    await one.settled(mother.id, screen)
    await one.arrived(mother.id, screen, alone.clock.now(), View.BE, ours=True)
    card = await alone.say()
    await another.arrived(mother.id, screen, alone.clock.now(), View.BE, ours=True)
    alert = await alone.alerts()
    if lives:
        await one.settled(mother.id, card)
    await another.settled(mother.id, None)
    assert await another.sweep() == 0
    alone.clock.passes(minutes=5)
    assert await another.sweep() == (not lives)
    assert alert in alone.left
    assert (card in alone.left) == lives
    assert Flag.ANSWERING not in (await alone.row()).flags


async def test_nothing_is_said_while_what_is_hidden_is_being_deleted(alone: Cleaning) -> None:
    """Telegram may take seconds over a deletion: what gets one of those numbers meanwhile goes with it."""
    asked = await alone.dies_answering()
    desk, wiping, chat = alone.desk, alone.wiping, alone.mother.id
    desk.faults.next("deleteMessages", faults.hang(0.5), times=2)
    async with asyncio.TaskGroup() as tasks:
        sweeping = tasks.create_task(wiping.sweep())
        await desk.until(lambda: len(desk.faults) == 1)
        assert wiping.is_sweeping(chat)
        again = await alone.writes()
        assert not wiping.is_sweeping(chat)
        answer = await alone.say()
    assert sweeping.result() == 0
    await alone.settles(answer)
    assert await wiping.sweep() == 1
    assert alone.left == [asked.id, again.id, answer]
    assert Flag.ANSWERING not in (await alone.row()).flags


@pytest.mark.parametrize("writes_on", [False, True])
async def test_a_copy_of_an_answer_whose_reply_was_lost_is_deleted(alone: Cleaning, writes_on: bool) -> None:
    asked = await alone.writes()
    copy = await alone.say()
    if writes_on:
        await alone.writes("Статкевіч")
    answer = await alone.say()
    await alone.settles(answer, lost=True)
    if writes_on:
        await alone.settles(None)
    assert await alone.wiping.sweep() == 1
    assert copy not in alone.left
    assert {asked.id, answer} <= set(alone.left)
    alone.clock.passes(hours=47)
    await alone.wiping.wipe_due()
    assert alone.left == []


@pytest.mark.parametrize("is_away", [False, True])
async def test_an_answer_that_is_being_written_down_is_not_swept_away(
    alone: Cleaning, monkeypatch: pytest.MonkeyPatch, is_away: bool
) -> None:
    merge, begun = alone.vault.merge, asyncio.Event()

    async def takes_long(*given: Any) -> Record:
        begun.set()
        await asyncio.sleep(0.3)
        if is_away:
            raise DatabaseUnavailableError("the database is unavailable")
        return await merge(*given)

    asked = await alone.writes()
    answer = await alone.say()
    with monkeypatch.context() as slow, suppress(ExceptionGroup):
        slow.setattr(alone.vault, "merge", takes_long)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(alone.settles(answer))
            await begun.wait()
            assert await alone.wiping.sweep() == 0
    assert await alone.wiping.sweep() == 0
    assert alone.left == [asked.id, answer]
    record = await alone.row()
    assert answer in {wipe.message for wipe in record.wipes}
    assert Flag.ANSWERING not in record.flags


async def test_what_its_reader_keeps_by_another_process_is_not_swept_away(alone: Cleaning) -> None:
    await alone.dies_answering()
    mother, now = alone.mother, alone.clock.now
    one, keeper = alone.another(), alone.another()
    assert await keeper.sweep() == 0
    alone.clock.passes(minutes=1)
    await one.arrived(mother.id, mother.says("Статкевіч").id, now(), View.BE)
    card = await alone.say()
    await one.settled(mother.id, card)
    await one.arrived(mother.id, card, now(), View.BE, ours=True)
    await one.keep(mother.id, card)
    await one.settled(mother.id, None)
    alone.clock.passes(minutes=4)
    assert await keeper.sweep() == 1
    assert card in alone.left


async def test_copies_of_two_alerts_are_deleted_and_one_that_is_kept_is_not(alone: Cleaning) -> None:
    asked = await alone.writes()
    await alone.settles(None)
    copies, alerts, last = [], [], asked.id
    for _ in range(2):
        copies.append(await alone.say())
        alerts.append(alert := await alone.alerts())
        alone.wiping.seek_copies(alone.mother.id, last, alert)
        last = alert
    await alone.taps(copies[1])
    await alone.wiping.keep(alone.mother.id, copies[1])
    await alone.settles(None)
    await alone.wiping.sweep()
    assert alone.left == [asked.id, alerts[0], copies[1], alerts[1]]


async def test_an_answer_that_a_crash_hid_is_looked_for_though_the_reply_to_the_next_was_lost(
    alone: Cleaning,
) -> None:
    await alone.dies_answering()
    await alone.writes("Статкевіч")
    await alone.say()
    await alone.settles(await alone.say(), lost=True)
    assert await alone.wiping.sweep() == 1
    alone.clock.passes(hours=47)
    await alone.wiping.wipe_due()
    assert alone.left == []
    assert await alone.is_forgotten()


async def test_a_hidden_answer_too_old_to_be_deleted_says_something_ordinary(alone: Cleaning) -> None:
    asked = await alone.dies_answering()
    [hidden] = [message for message in alone.left if message != asked.id]
    alone.clock.passes(hours=49)
    alone.desk.expect_refusal("deleteMessages")
    alone.desk.expect_refusal("deleteMessage")
    assert await alone.wiping.sweep() == 1
    said = {message.id: message.text for message in alone.mother.history}
    assert said.pop(hidden) == ORDINARY
    assert any(text.startswith("У гэтым чаце") for text in said.values())


@pytest.mark.parametrize("restarts", [False, True])
async def test_what_its_reader_keeps_is_not_swept_away(alone: Cleaning, restarts: bool) -> None:
    await alone.dies_answering()
    alert = await alone.alerts()
    await alone.taps(alert)
    await alone.wiping.keep(alone.mother.id, alert)
    await alone.settles(None)
    await (alone.another(is_shared=False) if restarts else alone.wiping).sweep()
    assert alert in alone.left


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize("act", ["erase", "merge_known", "merge"])
async def test_who_blocks_us_while_rows_are_locked_ends_nothing_for_others(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    desk, mother = scene.desk, scene.mother
    sister = desk.person("Ганна", language_code="be")
    do, locked = getattr(Vault, act), asyncio.Event()

    async def locked_after_the_call(vault: Vault, chat: int, *given: Any) -> Any:
        if chat == mother.id and len(desk.faults) == 0:
            locked.set()
            raise VaultBusyError("the vault is busy")
        return await do(vault, chat, *given)

    monkeypatch.setattr(Vault, act, locked_after_the_call)
    async with scene.running():
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


async def test_an_answer_that_a_crash_hid_goes_although_an_alert_came_before_the_sweep(
    alone: Cleaning,
) -> None:
    asked = await alone.dies_answering()
    alert = await alone.alerts()
    alone.clock.passes(minutes=5)
    assert await alone.wiping.sweep() == 1
    assert alone.left == [asked.id, alert]


async def test_an_alert_that_waits_for_its_tap_holds_up_no_sweep(alone: Cleaning) -> None:
    asked = alone.mother.says("Алесь Бяляцкі")
    alert = await alone.alerts()
    again = await alone.dies_answering()
    alone.clock.passes(minutes=5)
    assert await alone.wiping.sweep() == 1
    assert alone.left == [asked.id, alert, again.id]


@pytest.mark.parametrize("they_write", [True, False])
async def test_an_alert_on_its_way_is_not_swept_away_before_it_is_noted(
    alone: Cleaning, they_write: bool
) -> None:
    """It would count as told, and nobody could read it."""
    asked = await alone.dies_answering()
    await alone.vault.merge(alone.mother.id, lambda record: replace(record, in_flight=InFlight(7)))
    alert = await alone.say()
    alone.clock.passes(minutes=5)
    left = [asked.id]
    if they_write:
        again = await alone.writes("Статкевіч")
        await alone.settles(None)
        left += [alert, again.id]
    else:
        assert await alone.wiping.sweep() == 0
        left += [alert]
    assert set(left) <= set(alone.left)
    noted = await alone.notes_alert(alert)
    assert Flag.ANSWERING in noted.flags, "what the crash hid is still looked for"
    await alone.wiping.sweep()
    assert alone.left == left


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


async def test_a_question_brought_again_after_a_crash_has_one_answer(alone: Cleaning) -> None:
    asked = await alone.dies_answering()
    await alone.arrives(asked)
    await alone.settles(answer := await alone.say())
    assert await alone.wiping.sweep() == 1
    assert alone.left == [asked.id, answer]


@pytest.mark.usefixtures("seeded")
async def test_a_copy_whose_number_nobody_knows_is_swept_at_once(scene: Scene) -> None:
    desk, mother = scene.desk, scene.mother
    async with scene.running():
        desk.faults.next("sendMessage", faults.cut_after_executing())
        mother.says("Алесь Бяляцкі")
        await desk.until(lambda: any(call.method == "deleteMessages" for call in desk.calls), timeout=10)
        await desk.settled()
        assert [call.method for call in desk.calls].count("sendMessage") >= 2
        assert len([message for message in mother.history if message.from_bot]) == 1
        scene.clock.passes(hours=12)
        await desk.until(lambda: mother.history == [])


@pytest.mark.usefixtures("seeded")
async def test_a_list_of_whom_one_follows_leaves_the_chat_however_much_is_said_in_others(
    scene: Scene,
) -> None:
    """A tapped screen is old, and Telegram numbers the messages of all chats of a bot together."""
    desk, mother = scene.desk, scene.mother
    async with scene.running():
        mother.says("/following")
        await mother.hears()
        await desk.settled()
        desk._world._last_message += 5_000  # to others
        desk.faults.next("sendMessage", faults.cut_after_executing(), chat_id=mother.id)
        mother.taps("Адкрыць")
        await mother.hears(2)
        await desk.settled()
        scene.clock.passes(hours=20)
        await desk.until(lambda: mother.history == [])


@pytest.mark.parametrize("is_asked", [False, True])
async def test_what_nobody_noted_goes_however_much_was_said_in_other_chats_before(
    alone: Cleaning, is_asked: bool
) -> None:
    """Somebody died while answering a tap; or the reply to a question of our own was lost, weeks later."""
    sister = alone.desk.person("Вера", language_code="be")
    asked = await alone.writes("/settings")
    await alone.settles(screen := await alone.say())
    alone.desk._world._last_message += 5_000
    await alone.writes("hello", sister)
    if is_asked:
        record, newest = await alone.row(), alone.wiping.newest
        await alone.say()
        await alone.wiping.settled(sister.id, await alone.say(sister))
        await alone.wiping.lost_unasked(record, newest)
    else:
        await alone.taps(screen)
        await alone.say()
    await alone.start()
    await alone.wiping.sweep()
    assert alone.left == [asked.id, screen]


async def test_a_copy_of_an_alert_goes_although_its_reader_wrote_before_it_was_repeated(
    alone: Cleaning,
) -> None:
    asked = await alone.writes()
    await alone.settles(None)
    await alone.vault.merge(alone.mother.id, lambda record: replace(record, in_flight=InFlight(7)))
    await alone.say()
    again = await alone.writes("Статкевіч")
    await alone.settles(answer := await alone.say())
    alert = await alone.say()
    alone.wiping.seek_copies(alone.mother.id, (await alone.row()).latest, alert)
    await alone.notes_alert(alert)
    await alone.wiping.sweep()
    assert alone.left == [asked.id, again.id, answer, alert]


@pytest.mark.usefixtures("seeded")
async def test_killed_while_an_answer_is_on_its_way_nothing_stays_behind(tmp_path: Path) -> None:
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


async def test_an_untapped_alert_waits_46_hours_and_a_tapped_one_the_chosen_time(alone: Cleaning) -> None:
    said = alone.mother.says("hello").id
    first, second = await alone.alerts(), await alone.alerts()
    alone.clock.passes(hours=30)
    await alone.wiping.tapped(alone.mother.id, first)
    alone.clock.passes(hours=12)
    await alone.wiping.wipe_due()
    assert alone.left == [said, second]
    alone.clock.passes(hours=4)
    await alone.wiping.wipe_due()
    assert alone.left == [said]


async def test_a_full_ring_gives_up_its_oldest_messages_and_forget_takes_all_of_it(alone: Cleaning) -> None:
    for _ in range(MOST_WIPES + 12):
        await alone.writes("hello")
    assert len((await alone.row()).wipes) == MOST_WIPES
    assert len(alone.left) == MOST_WIPES
    await alone.wiping.forget(alone.mother.id)
    assert alone.left == []
    assert await alone.is_forgotten()


async def test_while_telegram_is_away_nothing_is_lost_and_it_goes_later(alone: Cleaning) -> None:
    await alone.writes("hello")
    await alone.settles(None)
    alone.clock.passes(hours=12)
    alone.desk.faults.next("deleteMessage", faults.bad_gateway())
    await alone.wiping.wipe_due()
    assert not await alone.is_forgotten()
    await alone.wiping.wipe_due()
    assert alone.left == []
    assert await alone.is_forgotten()


@pytest.fixture
async def five_due(alone: Cleaning) -> Cleaning:
    """The same, with five messages that are due."""
    for word in "hello", "are", "you", "there", "?":
        await alone.writes(word)
        await alone.settles(None)
    alone.clock.passes(hours=12)
    return alone


async def test_a_yes_of_telegram_that_deleted_nothing_leaves_nothing_behind(five_due: Cleaning) -> None:
    desk = five_due.desk
    desk.faults.next("deleteMessages", faults.done_nothing())
    await five_due.wiping.wipe_due()
    assert five_due.left == []
    assert await five_due.is_forgotten()
    # A yes to nothing, one that was still there; the rest, and none of it is there any more.
    deletions = [call.method for call in desk.calls if call.method.startswith("delete")]
    assert deletions == ["deleteMessages", "deleteMessage"] * 2


@pytest.mark.parametrize("method", ["deleteMessage", "deleteMessages"])
async def test_what_a_try_that_was_cut_off_asked_about_says_nothing_of_the_rest(
    method: str, five_due: Cleaning
) -> None:
    desk = five_due.desk
    desk.faults.next("deleteMessages", faults.done_nothing())
    desk.faults.next(method, faults.bad_gateway(executes=method == "deleteMessage"))
    await five_due.wiping.wipe_due()
    assert len(five_due.left) == 4
    assert not await five_due.is_forgotten()
    desk.faults.next("deleteMessages", faults.done_nothing())
    await five_due.wiping.wipe_due()
    assert five_due.left == []
    assert await five_due.is_forgotten()


async def test_of_many_messages_those_that_are_too_old_are_left_whatever_telegram_says(
    alone: Cleaning,
) -> None:
    for hours in (0, 0, 2, 0):
        alone.clock.passes(hours=hours)
        await alone.writes("hello")
        await alone.settles(None)
    alone.clock.passes(hours=47)
    alone.desk.expect_refusal("deleteMessages")
    alone.desk.expect_refusal("deleteMessage", 2)
    await alone.wiping.wipe_due()
    assert len([message for message in alone.mother.history if not message.from_bot]) == 2


async def test_a_chat_that_moved_ends_no_cleaning(alone: Cleaning) -> None:
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    moved = {"ok": False, "error_code": 400, "description": words}
    body = json.dumps(moved | {"parameters": {"migrate_to_chat_id": -1000000000011}}).encode()
    sister = alone.desk.person("Вера", language_code="be")
    for reader in (alone.mother, sister):
        await alone.writes("hello", reader)
        await alone.wiping.settled(reader.id, None)
    alone.clock.passes(hours=12)
    alone.desk.faults.next("deleteMessage", faults.answer(body, 400), chat_id=alone.mother.id)
    assert await alone.wiping.wipe_due() == 2
    assert sister.history == []


@pytest.mark.usefixtures("seeded")
async def test_what_is_kept_stays_without_buttons_and_nothing_is_remembered_of_it(scene: Scene) -> None:
    desk, mother = scene.desk, scene.mother
    async with scene.running():
        mother.start()
        [home] = await mother.hears()
        mother.presses(home, Press(Ask.TOPIC, View.BE, "parcels").data())
        await desk.settled()
        mother.taps("Не выдаляць гэта")
        await desk.settled()
        [_, kept] = mother.history
        assert kept.buttons == ()
        scene.clock.passes(hours=47)
        await desk.until(lambda: len(mother.history) == 1)
        await desk.settled(quiet_seconds=0.5)
    assert mother.history == [kept]
    assert await scene.row_of(mother.id) is None


async def test_a_sweep_after_a_crash_leaves_what_was_kept(alone: Cleaning) -> None:
    asked = await alone.writes()
    await alone.settles(kept := await alone.say())
    await alone.wiping.keep(alone.mother.id, kept)
    await alone.arrives(asked)
    await alone.say()
    await alone.start()
    alone.clock.passes(minutes=6)
    assert await alone.wiping.sweep() == 1
    assert alone.left == [asked.id, kept]


async def test_news_is_forgotten_once_no_correction_of_it_can_come(alone: Cleaning) -> None:
    vault, wiping = alone.vault, alone.wiping
    hour = int(alone.clock.now().timestamp()) // 3600
    told = (Told(5, 1, hour), Told(6, 2, hour + 24))
    await vault.merge(1, lambda record: replace(record, told=told, people=frozenset({7})))
    await vault.merge(2, lambda record: replace(record, told=told[:1]))
    alone.clock.passes(days=14)
    await wiping.forget_told()
    assert [record.told for chat in (1, 2) if (record := await vault.read(chat))] == [told, told[:1]]
    alone.clock.passes(hours=1)
    await wiping.forget_told()
    follower = await vault.read(1)
    assert follower is not None
    assert follower.told == told[1:]
    assert await vault.read(2) is None
