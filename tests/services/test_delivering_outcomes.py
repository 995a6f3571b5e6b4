"""Delivering, whatever becomes of a message: refused, lost, answered late, its chat gone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.alerts import Outcome
from bot.domain.follower import Flag, Quiet
from bot.services import commits
from bot.services.delivering import TokenDeadError
from bot.services.following import Following
from bot.store.database import DatabaseUnavailableError
from bot.store.shelf import Edit
from tests.senders import FRIEND, MOTHER, NOBODY, SISTER, Scene, until


async def test_a_definite_no_is_tried_again_as_loud_as_before(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    scene.courier.order(MOTHER, Outcome.NOT_SENT)
    await scene.office.published(1)
    async with scene.delivering() as sender:
        await scene.settled(sender)
        assert (await scene.row(MOTHER)).in_flight is None
        assert len(scene.courier.sent) == 1, "at once it would meet the same"
        scene.passes(seconds=6)
        await until(lambda: len(scene.courier.sent) == 2)
        await scene.settled(sender)

    assert [(sent.loud, sent.repeat) for sent in scene.courier.sent] == [(True, False)] * 2
    assert (await scene.row(MOTHER)).alert_seen


async def test_a_flooded_chat_rests_as_long_as_telegram_says_even_if_all_is_scanned_anew(
    scene: Scene,
) -> None:
    await scene.remember(MOTHER, 1001)
    scene.courier.order(MOTHER, Outcome.NOT_SENT, wait=300.0)
    await scene.office.published(1)
    async with scene.delivering() as sender:
        await scene.settled(sender)
        scene.passes(seconds=60)
        await scene.office.published(2)  # takes the editors three minutes
        await scene.settled(sender)
        assert len(scene.courier.sent) == 1
        scene.passes(seconds=200)
        await until(lambda: len(scene.courier.sent) == 2)

    assert scene.courier.sent[-1].loud


async def test_what_may_have_arrived_is_repeated_without_a_sound_until_there_is_an_answer(
    scene: Scene,
) -> None:
    await scene.remember(MOTHER, 1001)
    scene.courier.order(MOTHER, Outcome.UNSURE, Outcome.UNSURE, Outcome.NOT_SENT)
    await scene.office.published(1)
    async with scene.delivering() as sender:
        await until(lambda: len(scene.courier.sent) == 2)
        scene.passes(seconds=6)
        await until(lambda: len(scene.courier.sent) == 3)
        await scene.settled(sender)
        assert (await scene.row(MOTHER)).in_flight is not None, "the first of them may have arrived"
        scene.passes(seconds=6)
        await until(lambda: len(scene.courier.sent) == 4)
        await scene.settled(sender)

    assert [(sent.loud, sent.repeat) for sent in scene.courier.sent] == [(True, False)] + [(False, True)] * 3
    row = await scene.row(MOTHER)
    assert (row.in_flight, len(row.told)) == (None, 1)


async def test_what_telegram_never_takes_is_tried_once_without_marks_and_then_set_aside(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.remember(SISTER, 1001)
    scene.courier.order(MOTHER, Outcome.POISON, Outcome.POISON)
    scene.courier.order(SISTER, Outcome.POISON)
    await scene.office.published(1)

    await scene.told()
    await scene.told()

    assert [sent.plain for sent in scene.courier.to(MOTHER)] == [False, True]
    assert [sent.plain for sent in scene.courier.to(SISTER)] == [False, True]
    mother, sister = await scene.row(MOTHER), await scene.row(SISTER)
    assert (mother.in_flight, mother.told, mother.alert_seen > 0) == (None, (), True)
    assert len(sister.told) == 1


async def test_who_blocked_us_is_forgotten(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    scene.courier.order(MOTHER, Outcome.GONE)
    await scene.office.published(1)

    await scene.told()

    assert len(scene.courier.sent) == 1
    assert await scene.vault.read(MOTHER) is None


async def test_who_is_not_found_once_is_told_an_hour_later_and_remembered(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    scene.courier.order(MOTHER, Outcome.NOT_FOUND)
    await scene.office.published(1)
    async with scene.delivering() as sender:
        await scene.settled(sender)
        assert (await scene.row(MOTHER)).in_flight is None, "a /stop would wait for it all this time"
        scene.passes(minutes=50)
        await scene.settled(sender)
        assert len(scene.courier.sent) == 1
        scene.passes(minutes=10)
        await until(lambda: len(scene.courier.sent) == 2)
        await scene.settled(sender)

    assert [(sent.loud, sent.repeat) for sent in scene.courier.sent] == [(True, False)] * 2
    assert (await scene.row(MOTHER)).people == {1001}


async def test_who_is_in_doubt_and_not_found_is_asked_again_in_a_minute(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    scene.courier.order(MOTHER, Outcome.UNSURE, Outcome.NOT_FOUND)
    await scene.office.published(1)
    async with scene.delivering() as sender:
        await until(lambda: len(scene.courier.sent) == 2)
        await scene.settled(sender)
        scene.passes(seconds=61)
        await until(lambda: len(scene.courier.sent) == 3)
        await scene.settled(sender)

    row = await scene.row(MOTHER)
    assert (row.in_flight, len(row.told)) == (None, 1), "a /stop would wait for the mark"


async def test_who_was_not_found_for_news_that_was_taken_back_is_not_forgotten_at_the_next_word(
    scene: Scene,
) -> None:
    await scene.remember(MOTHER, 1001, 1002)
    await scene.remember(SISTER, 1001)
    for chat in (MOTHER, SISTER):
        scene.courier.order(chat, *[Outcome.NOT_FOUND] * 3)
    key = await scene.office.published(1)
    async with scene.delivering() as sender:
        await scene.settled(sender)
        scene.passes(hours=1)
        await until(lambda: len(scene.courier.to(MOTHER)) == len(scene.courier.to(SISTER)) == 2)
        await scene.settled(sender)
        await scene.vault.erase(SISTER)
        await scene.retract(key)
        await scene.settled(sender)
        scene.passes(days=30)
        await scene.settled(sender)
        assert (sender._retrying._not_found, sender._retrying._rests) == ({}, {})
        await scene.office.published(2)
        await until(lambda: len(scene.courier.to(MOTHER)) == 3)
        await scene.settled(sender)

    assert (await scene.row(MOTHER)).people == {1001, 1002}


async def test_who_is_not_found_for_hours_is_forgotten(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    scene.courier.order(MOTHER, *[Outcome.NOT_FOUND] * 3)
    await scene.office.published(1)
    async with scene.delivering() as sender:
        for calls, hours in ((1, 1), (2, 6)):
            await until(lambda calls=calls: len(scene.courier.sent) == calls)  # type: ignore[misc]
            await scene.settled(sender)
            assert (await scene.row(MOTHER)).people
            scene.passes(hours=hours)
        await until(lambda: len(scene.courier.sent) == 3)
        await scene.settled(sender)

    assert await scene.vault.read(MOTHER) is None


async def test_only_not_found_in_a_row_counts_and_no_flood_or_lost_line_between_does(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001, 1002)
    not_found = Outcome.NOT_FOUND
    scene.courier.order(MOTHER, not_found, Outcome.NOT_SENT, not_found, Outcome.DONE, not_found, message=7)
    await scene.office.published(1)
    async with scene.delivering() as sender:
        for calls in range(1, 5):
            await until(lambda calls=calls: len(scene.courier.sent) == calls)  # type: ignore[misc]
            await scene.settled(sender)
            scene.passes(hours=6)
        await scene.office.published(2)
        await until(lambda: len(scene.courier.sent) == 5)
        await scene.settled(sender)

    assert (await scene.row(MOTHER)).told


async def test_who_is_not_found_keeps_no_new_keys_waiting(scene: Scene) -> None:
    for chat in (MOTHER, SISTER):
        await scene.remember(chat, 1001)
    scene.courier.order(MOTHER, Outcome.NOT_FOUND)
    await scene.office.published(1)
    before = scene.vault.rekeyed
    async with scene.delivering():
        await until(lambda: scene.vault.rekeyed > before)

    assert (await scene.row(MOTHER)).people


async def test_a_chat_that_moved_is_told_under_its_new_number(scene: Scene) -> None:
    moved = -1000000000011
    await scene.remember(MOTHER, 1001)
    scene.courier.order(MOTHER, Outcome.MOVED, chat=moved)
    await scene.office.published(1)

    await scene.told()

    assert [(sent.chat, sent.loud) for sent in scene.courier.sent] == [(MOTHER, True), (moved, True)]
    assert await scene.vault.read(MOTHER) is None
    assert (await scene.row(moved)).people == {1001}


async def test_a_chat_that_moves_while_its_reader_says_stop_is_told_nothing(scene: Scene) -> None:
    moved = -1000000000011
    await scene.remember(MOTHER, 1001)
    scene.courier.order(MOTHER, Outcome.MOVED, chat=moved)

    async def stop() -> None:
        """Write what /stop writes before it waits for what is on its way."""
        await scene.vault.merge(MOTHER, lambda record: replace(record, people=NOBODY))

    scene.courier.on_its_way = stop
    await scene.office.published(1)
    await scene.told()

    assert [sent.chat for sent in scene.courier.sent] == [MOTHER]
    assert await scene.vault.read(MOTHER) is None


async def test_a_dead_token_stops_everything_and_loses_nothing(scene: Scene) -> None:
    for chat in (MOTHER, SISTER, FRIEND):
        await scene.remember(chat, 1001)
    scene.courier.order(MOTHER, Outcome.DEAD)
    await scene.office.published(1)

    with pytest.raises(ExceptionGroup) as caught:
        await scene.told(at_once=1)
    assert caught.group_contains(TokenDeadError)
    before = len(scene.courier.sent)
    await scene.told()

    assert len({sent.chat for sent in scene.courier.sent}) == 3
    assert len(scene.courier.sent) - before <= 3
    for chat in (MOTHER, SISTER, FRIEND):
        assert (await scene.row(chat)).told


async def test_a_refused_token_takes_nobodys_sound(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    scene.courier.order(MOTHER, Outcome.DEAD)
    await scene.office.published(1)
    with pytest.raises(ExceptionGroup):
        await scene.told()
    await scene.told()

    assert [sent.loud for sent in scene.courier.to(MOTHER)] == [True, True]


async def test_a_mark_whose_commit_had_no_answer_takes_nobodys_sound(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row says that an alert may be on its way, and no call was made."""
    await scene.remember(MOTHER, 1001)
    await scene.office.published(1)
    replace_many, lost = scene.vault._shelf.replace_many, asyncio.Event()

    async def loses_the_first_answer(epoch: int, edits: Sequence[Edit], fence: int = 0) -> frozenset[bytes]:
        done = await replace_many(epoch, edits, fence)
        if edits and not lost.is_set():
            lost.set()
            raise DatabaseUnavailableError("the database is unavailable")
        return done

    monkeypatch.setattr(scene.vault._shelf, "replace_many", loses_the_first_answer)
    async with scene.delivering() as sender:
        await lost.wait()
        assert (await scene.row(MOTHER)).in_flight is not None
        scene.passes(seconds=6)
        await until(lambda: len(scene.courier.sent) == 1)
        await scene.settled(sender)

    assert [(sent.loud, sent.repeat) for sent in scene.courier.sent] == [(True, False)]


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.NOT_SENT])
async def test_what_became_of_a_message_is_written_down_however_long_the_database_is_away(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    """Forgotten, what arrived would come once more, in no ring; and a definite no would take its sound."""
    await scene.remember(MOTHER, 1001)
    scene.courier.order(MOTHER, outcome, message=5)
    await scene.office.published(1)
    replace_many, refused = scene.vault._shelf.replace_many, 0

    async def locked_for_a_time(epoch: int, edits: Sequence[Edit], fence: int = 0) -> frozenset[bytes]:
        nonlocal refused
        if scene.courier.sent and refused < 3:
            refused += 1
            raise DatabaseUnavailableError("the database is locked")
        return await replace_many(epoch, edits, fence)

    monkeypatch.setattr(commits, "AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(scene.vault._shelf, "replace_many", locked_for_a_time)
    async with scene.delivering() as sender:
        await until(lambda: refused == 3)
        await scene.settled(sender)
        scene.passes(seconds=6)
        await scene.settled(sender)
        if outcome is Outcome.NOT_SENT:
            await until(lambda: len(scene.courier.sent) == 2)

    assert all(sent.loud for sent in scene.courier.sent)
    assert len(scene.courier.sent) == (1 if outcome is Outcome.DONE else 2)


async def test_a_clock_put_back_an_hour_delays_nothing_by_an_hour(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.remember(SISTER, 1002, flags=Flag.DISCREET | Flag.PAUSED)
    scene.courier.order(MOTHER, Outcome.NOT_SENT)
    await scene.office.published(1)
    await scene.office.published(2)
    async with scene.delivering() as sender:
        await scene.settled(sender)
        scene.passes(hours=-1)
        await scene.settled(sender)
        scene.passes(seconds=6)
        await until(lambda: len(scene.courier.to(MOTHER)) == 2)
        await Following(scene.vault, scene.office.now).switch(SISTER, Flag.PAUSED, on=False)
        scene.passes(minutes=1)
        await until(lambda: len(scene.courier.to(SISTER)) == 1)


async def test_a_mistake_about_one_reader_keeps_the_news_from_nobody_else(scene: Scene) -> None:
    for chat in (MOTHER, SISTER, FRIEND):
        await scene.remember(chat, 1001)
    carry = scene.courier.carry

    async def mistaken(alert: Any, mark: Any, *, plain: bool = False) -> Any:
        if alert.record.chat == MOTHER and len(scene.courier.sent) < 3:
            raise RuntimeError("a mistake of ours")
        return await carry(alert, mark, plain=plain)

    scene.courier.carry = mistaken  # type: ignore[method-assign]
    await scene.office.published(1)
    async with scene.delivering() as sender:
        await until(lambda: len(scene.courier.sent) == 2)
        await scene.settled(sender)  # so that the minute does not pass amid the first look at the rows
        scene.courier.carry = carry  # type: ignore[method-assign]
        scene.passes(minutes=1)
        await until(lambda: len(scene.courier.to(MOTHER)) == 1)
        await scene.settled(sender)

    assert scene.courier.to(MOTHER)[0].loud


async def test_while_telegram_answers_nobody_few_come_to_be_in_doubt(scene: Scene) -> None:
    """Each of them would have only a silent copy afterwards."""
    chats = range(100, 160)
    for chat in chats:
        await scene.remember(chat, 1001)
        scene.courier.order(chat, *[Outcome.UNSURE] * 100)
    await scene.office.published(1)
    async with scene.delivering(at_once=5) as sender:
        await until(lambda: len(scene.courier.sent) >= 10)
        for _ in range(20):  # two minutes
            scene.passes(seconds=6)
            await scene.settled(sender)
        in_doubt = {sent.chat for sent in scene.courier.sent}
        for chat in chats:
            scene.courier.orders.pop(chat, None)
        while len({told.chat for told in scene.courier.sent}) < len(chats):
            scene.passes(seconds=6)
            await scene.settled(sender)

    assert len(in_doubt) <= 2 * 5 + 3, "one more a minute is tried, in case that nobody else is broken"
    assert len([sent for sent in scene.courier.sent if sent.chat not in in_doubt and not sent.loud]) == 0


async def test_who_gets_each_copy_and_whose_answers_are_all_lost_gets_few_of_them(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    scene.courier.order(MOTHER, *[Outcome.UNSURE] * 100)
    await scene.office.published(1)
    async with scene.delivering() as sender:
        await scene.settled(sender)
        assert len(scene.courier.sent) == 2, "the first repeat waits for nothing"
        for _ in range(100):  # ten minutes
            scene.passes(seconds=6)
            await scene.settled(sender)

    assert len(scene.courier.sent) <= 8


async def test_what_is_broken_for_some_keeps_a_release_from_nobody_else(scene: Scene) -> None:
    """A data centre of Telegram's answers nothing about its chats; the others are told all the same."""
    broken, well = range(100, 112), range(200, 220)
    for chat in (*broken, *well):
        await scene.remember(chat, 1001)
    await scene.remember(SISTER, 1002)
    for chat in broken:
        scene.courier.order(chat, *[Outcome.UNSURE] * 1000)
    await scene.office.published(1)
    async with scene.delivering(at_once=5) as sender:
        for _ in range(100):  # ten minutes
            scene.passes(seconds=6)
            await scene.settled(sender)
        assert {sent.chat for sent in scene.courier.sent} >= set(well)
        await scene.office.published(2)  # takes the editors three minutes
        for _ in range(30):
            scene.passes(seconds=6)
            await scene.settled(sender)

    assert all(sent.loud for chat in well for sent in scene.courier.to(chat))
    assert [sent.loud for sent in scene.courier.to(SISTER)] == [True]


async def test_who_is_in_doubt_and_asleep_holds_up_nobody(scene: Scene) -> None:
    """Quiet hours begin while nobody is answered; by the next look Telegram is well again."""
    scene.office.moment = scene.office.moment.replace(hour=21, minute=50)
    await scene.remember(MOTHER, 1001, quiet=Quiet(22 * 60, 7 * 60), zone="UTC")
    await scene.remember(SISTER, 1002)
    scene.courier.order(MOTHER, *[Outcome.UNSURE] * 100)
    await scene.office.published(1)
    async with scene.delivering(at_once=2) as sender:
        await until(lambda: len(scene.courier.sent) == 2)
        scene.office.moment = scene.office.moment.replace(hour=22, minute=1)
        await scene.settled(sender)
        scene.courier.orders.clear()
        await scene.office.published(2)
        await scene.settled(sender)
        assert len(scene.courier.to(SISTER)) == 1
        assert len(scene.courier.to(MOTHER)) == 2


async def test_nothing_is_sent_where_what_nobody_noted_is_being_deleted(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.office.published(1)
    async with scene.delivering() as sender:
        sender._wiping._sweeping._under_way[MOTHER] = asyncio.Event()
        await scene.settled(sender)
        assert scene.courier.sent == []
        assert (await scene.row(MOTHER)).in_flight is None
        sender._wiping._sweeping._under_way.clear()
        scene.passes(seconds=6)
        await scene.settled(sender)

    assert [sent.loud for sent in scene.courier.sent] == [True]
