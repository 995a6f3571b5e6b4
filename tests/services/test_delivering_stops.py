"""Delivering beside readers who say stop, and across deaths: nothing is sent after, nothing is loud twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.alerts import MOST_DEATHS, Outcome
from bot.domain.caution import Place
from bot.domain.follower import Flag, InFlight, Quiet, Record, Told
from bot.domain.people import Consent, View
from bot.services import following as following_module
from bot.services.following import Following
from bot.store.changing import Change
from bot.store.vault import Vault
from tests.senders import FRIEND, MOTHER, SISTER, Looking, Scene, Together, until


async def test_who_says_stop_before_the_mark_is_sent_nothing(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    following = Following(scene.vault, scene.office.now)

    async def stop() -> None:
        await following.stop(MOTHER)

    scene.courier.granted = stop
    await scene.office.published(1)
    await scene.told()

    assert scene.courier.sent == []
    assert (await scene.row(MOTHER)).in_flight is None


async def waits_until_looked(scene: Scene, sender: Looking) -> None:
    """Wait, between the right to send and the mark, until the sender knows what was done meanwhile."""
    looks = sender.looks
    await until(lambda: sender.looks >= looks + 3)


@pytest.mark.parametrize("act", ["retracted", "corrected", "silenced"])
async def test_what_is_taken_back_while_an_alert_waits_for_its_right_to_go_is_not_sent_as_it_was(
    scene: Scene, act: str
) -> None:
    await scene.remember(MOTHER, 1001)
    key = await scene.office.published(1)
    granted = 0
    async with scene.delivering() as sender:

        async def taken_back() -> None:
            nonlocal granted
            granted += 1
            if granted > 1:
                return
            if act == "retracted":
                await scene.retract(key)
            elif act == "corrected":
                await scene.correct(key, country="PL")
            else:
                await scene.office.reviewing.suppress(scene.office.signer("vera"), key, Consent.SUPPRESSED)
            await waits_until_looked(scene, sender)

        scene.courier.granted = taken_back
        await until(lambda: granted > 0)
        await scene.settled(sender)
        numbers = [publication.number for publication in sender._board.publications]

    if act == "corrected":
        [sent] = scene.courier.sent
        assert (sent.numbers, sent.loud) == ((numbers[-1],), True)
    else:
        assert scene.courier.sent == []
    assert (await scene.row(MOTHER)).in_flight is None


@pytest.mark.parametrize(
    "wish",
    [
        lambda record: replace(record, flags=record.flags | Flag.DISCREET),
        lambda record: replace(record, place=Place.BELARUS),
        lambda record: replace(record, view=View.RU),
    ],
)
async def test_who_wishes_to_be_told_otherwise_while_an_alert_waits_is_told_so(
    scene: Scene, wish: Change
) -> None:
    await scene.remember(MOTHER, 1001, flags=Flag.CONSENTED)
    granted = 0

    async def wished() -> None:
        nonlocal granted
        granted += 1
        if granted == 1:
            await scene.vault.merge(MOTHER, wish)

    scene.courier.granted = wished
    await scene.office.published(1)
    await scene.told()

    [alert] = scene.courier.alerts
    assert wish(alert.record) == alert.record
    assert alert.is_loud


async def test_who_falls_asleep_while_an_alert_waits_is_told_in_the_morning(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001, zone="UTC")
    granted = 0

    async def falls_asleep() -> None:
        nonlocal granted
        granted += 1
        if granted == 1:
            quiet = Quiet(0, 23 * 60 + 59)
            await scene.vault.merge(MOTHER, lambda record: replace(record, quiet=quiet))

    scene.courier.granted = falls_asleep
    await scene.office.published(1)
    async with scene.delivering() as sender:
        await until(lambda: granted > 0)
        await scene.settled(sender)
        assert scene.courier.sent == []
        scene.passes(days=1)
        scene.office.moment = scene.office.moment.replace(hour=23, minute=59)
        await until(lambda: len(scene.courier.sent) == 1)

    assert scene.courier.sent[0].loud


async def test_a_correction_of_what_may_have_arrived_is_owed_through_a_definite_no(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    key = await scene.office.published(1)
    scene.courier.on_its_way = asyncio.Event().wait  # type: ignore[assignment]
    async with scene.delivering():
        await until(lambda: len(scene.courier.sent) == 1)  # and here the process dies
    scene.courier.on_its_way = scene.courier.granted
    await scene.retract(key)
    scene.courier.order(MOTHER, Outcome.NOT_SENT)
    async with scene.delivering() as sender:
        await until(lambda: len(scene.courier.sent) == 2)
        await scene.settled(sender)
        scene.passes(seconds=6)
        await until(lambda: len(scene.courier.sent) == 3)
        await scene.settled(sender)

    first, refused, correction = scene.courier.sent
    assert (refused.numbers, refused.loud) == (correction.numbers, correction.loud)
    assert correction.loud
    assert correction.numbers > first.numbers
    assert (await scene.row(MOTHER)).in_flight is None


async def test_who_is_in_doubt_is_asked_about_before_anybody_else_is_told(scene: Scene) -> None:
    """A reader who said /stop is answered only then: behind four thousand others it took a minute."""
    chats = range(100, 120)
    for chat in chats:
        await scene.remember(chat, 1001)
        scene.courier.order(chat, Outcome.UNSURE)
    await scene.office.published(1)
    async with scene.delivering(at_once=1) as sender:
        await until(lambda: len(scene.courier.sent) == 2 * len(chats))
        await scene.settled(sender)

    first, second = scene.courier.sent[::2], scene.courier.sent[1::2]
    assert [sent.chat for sent in first] == [sent.chat for sent in second]


async def test_a_mark_that_a_death_left_on_who_said_stop_goes_before_anybody_is_told(scene: Scene) -> None:
    chats = range(100, 120)
    for chat in chats:
        await scene.remember(chat, 1001)
    await scene.vault.merge(MOTHER, lambda record: replace(record, in_flight=InFlight(1)))
    marked = []

    async def look() -> None:
        marked.append((await scene.row(MOTHER)).in_flight is not None)

    scene.courier.granted = look
    await scene.office.published(1)
    async with scene.delivering(at_once=1) as sender:
        await until(lambda: len(scene.courier.sent) == len(chats))
        await scene.settled(sender)

    assert sum(marked) <= 1, "whoever was found first may have been begun with"


async def test_who_says_stop_between_a_try_and_its_repeat_is_left_without_a_mark(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    grants = 0

    async def stop_before_the_repeat() -> None:
        nonlocal grants
        grants += 1
        if grants == 2:
            await scene.vault.merge(MOTHER, lambda record: replace(record, people=frozenset()))

    scene.courier.granted = stop_before_the_repeat
    scene.courier.order(MOTHER, Outcome.UNSURE)
    await scene.office.published(1)
    await scene.told()

    assert (grants, len(scene.courier.sent)) == (2, 1)
    assert (await scene.row(MOTHER)).in_flight is None


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.UNSURE, Outcome.NOT_SENT])
async def test_stop_is_answered_after_what_is_on_its_way_and_nothing_follows(
    scene: Scene, outcome: Outcome
) -> None:
    await scene.remember(MOTHER, 1001)
    following = Following(scene.vault, scene.office.now)
    left, arrives = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        left.set()
        await arrives.wait()

    scene.courier.on_its_way = slowly
    scene.courier.order(MOTHER, outcome)
    await scene.office.published(1)
    async with scene.delivering() as sender, asyncio.TaskGroup() as tasks:
        await left.wait()
        stopping = tasks.create_task(following.stop(MOTHER))
        # Meanwhile everything is scanned anew, and finds a mark of what is owed no more.
        await scene.office.published(2)
        looks = sender.looks
        await until(lambda: sender.looks >= looks + 3)
        assert not stopping.done()
        arrives.set()
        await stopping
        sent = len(scene.courier.sent)
        scene.passes(minutes=2)
        await scene.settled(sender)

    assert len(scene.courier.sent) == sent == 1
    assert (await scene.row(MOTHER)).in_flight is None


async def test_stop_is_answered_in_time_also_where_each_look_at_the_row_takes_long(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.remember(MOTHER, 1001, in_flight=InFlight(5, 0), told=(Told(7, 4, 0),))
    read = Vault.read

    async def slowly(vault: Vault, chat: int) -> Record | None:
        await asyncio.sleep(0.25)
        return await read(vault, chat)

    monkeypatch.setattr(Vault, "read", slowly)
    monkeypatch.setattr(following_module, "ON_ITS_WAY_SECONDS", 0.5)
    async with asyncio.timeout(2):
        await Following(scene.vault, scene.office.now).stop(MOTHER)
    assert (await scene.row(MOTHER)).told == ()


async def test_what_was_on_its_way_at_a_death_is_repeated_one_at_a_time_without_a_sound(scene: Scene) -> None:
    for chat in (MOTHER, SISTER, FRIEND):
        await scene.remember(chat, 1001)
    never = asyncio.Event()
    scene.courier.on_its_way = never.wait  # type: ignore[assignment]
    await scene.office.published(1)
    async with scene.delivering():
        await until(lambda: len(scene.courier.sent) == 3)

    together = Together(0.02)
    scene.courier.on_its_way = together.passes
    await scene.told()

    assert [(sent.loud, sent.repeat) for sent in scene.courier.sent[3:]] == [(False, True)] * 3
    assert together.most == 1
    assert all(not row.in_flight for row in [await scene.row(chat) for chat in (MOTHER, SISTER, FRIEND)])


async def test_a_death_counts_only_against_who_was_alone_and_the_fifth_sets_aside(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.remember(SISTER, 1001)
    never = asyncio.Event()
    scene.courier.on_its_way = never.wait  # type: ignore[assignment]
    await scene.office.published(1)

    async def dies(chats: int) -> None:
        before = len(scene.courier.sent)
        async with scene.delivering():
            await until(lambda: len(scene.courier.sent) == before + chats)

    await dies(2)
    async with scene.delivering():
        await until(lambda: len(scene.courier.sent) == 3)
    flights = [(await scene.row(chat)).in_flight for chat in (MOTHER, SISTER)]
    assert [flight.attempts for flight in flights if flight] == [0, 0], "nobody knows whose fault it was"

    await scene.vault.erase(SISTER)
    for death in range(1, MOST_DEATHS):
        await dies(1)
        flight = (await scene.row(MOTHER)).in_flight
        assert flight is not None
        assert flight.attempts == death
    sent = len(scene.courier.sent)
    await scene.told()

    assert len(scene.courier.sent) == sent
    row = await scene.row(MOTHER)
    assert (row.in_flight, row.alert_seen > 0) == (None, True)


async def test_two_processes_one_after_the_other_tell_each_reader_once(scene: Scene) -> None:
    chats = range(100, 140)
    for chat in chats:
        await scene.remember(chat, 1001)
    await scene.office.published(1)
    async with scene.delivering(at_once=3):
        await until(lambda: len(scene.courier.sent) >= 15)
    await scene.told()

    assert {sent.chat for sent in scene.courier.sent} == set(chats)
    loud = [sent.chat for sent in scene.courier.sent if sent.loud]
    assert len(loud) == len(set(loud))
    assert len([sent for sent in scene.courier.sent if sent.repeat]) <= 3


async def test_one_who_is_not_answered_after_a_death_is_tried_alone_and_the_rest_together(
    scene: Scene,
) -> None:
    chats = range(100, 106)
    for chat in chats:
        await scene.remember(chat, 1001)
        scene.courier.order(chat, *[Outcome.UNSURE] * 1000)
    never = asyncio.Event()
    scene.courier.on_its_way = never.wait  # type: ignore[assignment]
    await scene.office.published(1)
    async with scene.delivering():
        await until(lambda: len(scene.courier.sent) == len(chats))
    together = Together(0.1)
    scene.courier.on_its_way = together.passes
    async with scene.delivering():
        await until(lambda: len(scene.courier.sent) >= len(chats) + 1)
        assert together.most == 1, "what ends the process would be found"
        await until(lambda: together.most == len(chats) - 1)


async def test_what_is_on_its_way_when_everything_stops_arrives_and_nothing_is_begun(scene: Scene) -> None:
    """Cut off, it would be told once more at the next start, without a sound."""
    answers, on_their_way = asyncio.Event(), 0

    async def on_its_way() -> None:
        nonlocal on_their_way
        on_their_way += 1
        await answers.wait()

    scene.courier.on_its_way = on_its_way
    for chat in range(100, 105):
        await scene.remember(chat, 1001)
    await scene.office.published(1)
    sender = scene.sender(at_once=2, finish_seconds=20)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(sender.run())
        await until(lambda: on_their_way == 2)
        running.cancel()
        await until(lambda: sender._ends)  # it may be amid a look, which the database has to let go of first
        answers.set()

    assert len(scene.courier.sent) == 2
    for row in [await scene.row(sent.chat) for sent in scene.courier.sent]:
        assert row.alert_seen
        assert row.in_flight is None
    await scene.told()
    assert {(sent.loud, sent.repeat) for sent in scene.courier.sent} == {(True, False)}
    assert len(scene.courier.sent) == 5
