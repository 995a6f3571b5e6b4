"""Chats clean themselves: by the clock and at a word, across an outage, an untapped alert last of all."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.chat.buttons import Ask, Press
from bot.chat.erasing import ORDINARY
from bot.chat.lanes import Lanes
from bot.desk import faults
from bot.domain.follower import MOST_WIPES, Flag, Record, Told, Wipe, month_number
from bot.domain.people import View
from bot.services.evicted import MOST_CHATS, MOST_OF_A_CHAT, Evicted
from bot.services.sweeping import OutOfReachError
from bot.services.wiping import Wiping
from bot.store.vault import Vault, VaultBusyError
from tests.cleaning import Cleaning
from tests.running import Clock, Scene, vault_in
from tests.senders import NoEraser


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


class Broom(NoEraser):
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


async def test_what_a_full_ring_had_no_room_for_in_a_flood_goes_when_it_is_over(
    swept: tuple[Wiping, Broom, Clock],
) -> None:
    """Its numbers are in no row any more: it would stay in the chat for ever, unknown to anybody."""
    wiping, broom, clock = swept
    broom.away = {1, 2}
    for chat in (1, 2):
        for message in range(20, 20 + MOST_WIPES):
            await wiping.arrived(chat, message, clock.now(), View.BE)
    await wiping.keep(1, 11)
    await wiping.forget(2)
    await wiping.wipe_due()
    assert broom.deleted == {}

    broom.away = set()
    for _ in range(2):
        await wiping.wipe_due()
    assert broom.deleted == {1: {10}}
    assert not wiping._evicted.chats


def test_no_flood_fills_the_memory() -> None:
    evicted = Evicted()
    for number in range(MOST_CHATS + 5):
        evicted.add(number, [Wipe(1, 0)], 7)
    for number in range(MOST_OF_A_CHAT + 5):
        evicted.add(5, [Wipe(number, 0)], 7)
    assert list(evicted.chats) == [*range(6, MOST_CHATS + 5), 5]
    assert [wipe.message for wipe in evicted.of(5)] == list(range(5, MOST_OF_A_CHAT + 5))


@pytest.mark.parametrize("taps", [True, False])
async def test_whoever_taps_or_writes_is_remembered_for_six_months_more(
    alone: Cleaning, *, taps: bool
) -> None:
    """Who only opens alerts for half a year would be forgotten, though they are waiting."""
    now = alone.clock.now()
    this_month = month_number(now.year, now.month)

    def asked(row: Record) -> Record:
        return replace(row, people=frozenset({7}), expires=this_month, flags=Flag.RENEWAL_ASKED)

    await alone.writes()
    await alone.vault.merge(alone.mother.id, asked)
    if taps:
        await alone.taps(await alone.alerts())
    else:
        await alone.writes()
    row = await alone.row()
    assert row.expires == this_month + 6
    assert Flag.RENEWAL_ASKED not in row.flags


async def test_who_follows_nobody_is_kept_for_their_messages_only(alone: Cleaning) -> None:
    await alone.writes()
    assert (await alone.row()).expires == 0


async def test_an_untapped_alert_waits_46_hours_and_a_tapped_one_the_chosen_time(alone: Cleaning) -> None:
    said = alone.mother.says("hello").id
    first, second = await alone.alerts(), await alone.alerts()
    alone.clock.passes(hours=30)
    await alone.taps(first)
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


@pytest.mark.parametrize("says", ["/forget", "blocked"])
async def test_of_a_reader_who_is_forgotten_no_deletion_that_was_cut_off_is_remembered(
    says: str, five_due: Cleaning
) -> None:
    desk, wiping, chat = five_due.desk, five_due.wiping, five_due.mother.id
    for _ in range(2):
        desk.faults.next("deleteMessages", faults.done_nothing())
        desk.faults.next("deleteMessage", faults.bad_gateway())
    await wiping.wipe_due()
    assert list(wiping._eraser.cut_off) == [chat]

    if says == "/forget":
        await wiping.forget(chat)
    else:
        await five_due.vault.erase(chat)
        await wiping.wipe_due()

    assert not wiping._eraser.cut_off


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
