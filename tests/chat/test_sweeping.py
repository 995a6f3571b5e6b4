"""What nobody noted leaves the chat, too: after a crash, a lost reply, an outage; and nothing else does."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.chat.erasing import ORDINARY
from bot.desk import faults
from bot.desk.desk import Desk
from bot.domain.follower import Flag, InFlight, Record
from bot.domain.people import View
from bot.store.database import DatabaseUnavailableError
from bot.store.keyring import read_root_key
from tests.cleaning import Cleaning
from tests.processes import environment
from tests.running import Clock, Scene, running


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
