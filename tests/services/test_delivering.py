"""Delivering: each publication once to everybody who is owed it, whatever becomes of a message."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.app import prepare_registry
from bot.domain.alerts import MOST_DEATHS, Alert, Board, Outcome
from bot.domain.breaker import Limits
from bot.domain.caution import Place
from bot.domain.follower import Flag, InFlight, Quiet, Record, Told
from bot.domain.people import Consent, View
from bot.domain.publishing import Publication, PublicationKind, PublicationState, Refusal
from bot.domain.subjects import Subject, Wish
from bot.services import commits, delivering
from bot.services import following as following_module
from bot.services.admitting import Admitting
from bot.services.approving import NotDoneError
from bot.services.delivering import LOOK_SECONDS, TokenDeadError
from bot.services.drafting import Draft
from bot.services.following import Following
from bot.services.telling import recent
from bot.sources.seed_files import SEED
from bot.store import orders, publications
from bot.store.changing import Change
from bot.store.database import Database, DatabaseUnavailableError
from bot.store.opening import Match
from bot.store.shelf import Edit, Row
from bot.store.tables import publication
from bot.store.vault import Vault, VaultBusyError
from tests.conftest import READ_UNTIL
from tests.editors import Office
from tests.senders import Looking, Scene, a_scene, until

MOTHER, SISTER, FRIEND = 11, 12, 13
ALL = frozenset({Subject.ALL_RELEASES.value})
NOBODY: frozenset[int] = frozenset()


@dataclass
class Together:
    """Counts how many messages are on their way at once, each for so long."""

    seconds: float
    now: int = 0
    most: int = 0

    async def passes(self) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.seconds)
        self.now -= 1


async def states(scene: Scene) -> list[tuple[PublicationState, str | None]]:
    async with scene.office.database.reading() as connection:
        return [(one.state, one.band) for one in await publications.every(connection)]


async def correct(scene: Scene, key: str, **cells: str) -> None:
    for editor, draft in (("anna", Draft(cells)), ("boris", Draft({}))):
        await scene.office.reviewing.correct(scene.office.signer(editor), key, draft)


async def retract(scene: Scene, key: str) -> None:
    for editor in ("anna", "boris"):
        await scene.office.reviewing.retract(scene.office.signer(editor), key)


async def test_a_release_is_told_once_and_aloud_to_who_follows(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.remember(SISTER, 1002)
    await scene.remember(FRIEND, topics=ALL)
    await scene.office.published(1)

    await scene.told()
    await scene.told()

    assert sorted((sent.chat, sent.loud, sent.repeat) for sent in scene.courier.sent) == [
        (MOTHER, True, False),
        (FRIEND, True, False),
    ]
    mother = await scene.row(MOTHER)
    assert mother.in_flight is None
    assert [told.publication for told in mother.told] == [mother.alert_seen]
    [wipe] = mother.wipes
    assert wipe.untapped
    assert scene.vault.published == mother.alert_seen


async def test_everything_pending_is_one_message(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001, 1002)
    for number in (1, 2):
        await scene.office.published(number)

    await scene.told()

    [sent] = scene.courier.sent
    assert len(sent.numbers) == 2


async def test_a_release_of_many_is_one_publication_and_one_message(scene: Scene) -> None:
    office = scene.office
    await scene.remember(MOTHER, 1001, 1002)
    await scene.remember(FRIEND, topics=ALL | {Subject.GROUP_RELEASES.value})
    await office.enter_event()
    for number in (1, 2, 3):
        await office.reported(number, event="R1")
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")

    await scene.told()

    assert sorted(sent.chat for sent in scene.courier.sent) == [MOTHER, FRIEND]
    assert len({sent.numbers for sent in scene.courier.sent}) == 1


# What becomes of a message.


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


# Who says stop, and who dies.


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
                await retract(scene, key)
            elif act == "corrected":
                await correct(scene, key, country="PL")
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
    await retract(scene, key)
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


# What may go at all.


async def test_too_many_are_asked_about_first_and_told_on_the_word_of_a_third_editor(scene: Scene) -> None:
    office = scene.office
    for chat in range(100, 112):
        await scene.remember(chat, 1001)
    await office.published(1)
    async with scene.delivering(limits=Limits(most=10)) as sender:
        await scene.settled(sender)
        assert (await states(scene), scene.courier.sent) == ([(PublicationState.HELD, "< 100")], [])
        [held] = await office.queued()
        for own in ("anna", "boris"):
            with pytest.raises(NotDoneError) as caught:
                await office.announcing.confirm_held(office.signer(own), held.id)
            assert caught.value.reason is Refusal.THIRD_EDITOR
        await scene.settled(sender)
        assert scene.courier.sent == []
        await office.announcing.confirm_held(office.signer("vera"), held.id)
        await until(lambda: len(scene.courier.sent) == 12)
        await scene.settled(sender)

    assert all(sent.loud for sent in scene.courier.sent)
    assert [state for state, _ in await states(scene)] == [PublicationState.GOING]


async def test_more_than_a_share_of_those_who_follow_anything_is_too_many(scene: Scene) -> None:
    for chat in range(100, 104):
        await scene.remember(chat, 1001)
    for chat in range(200, 203):
        await scene.remember(chat, 1002)
    for chat in range(300, 340):
        # Passing readers follow nobody: they are no part of those who could be told.
        await scene.vault.merge(chat, lambda record: replace(record, view=View.EN))
    await scene.office.published(1)
    await scene.told(limits=Limits(share=0.5, fewest=1))
    assert await states(scene) == [(PublicationState.HELD, "< 10")]

    await scene.office.published(2)
    await scene.told(limits=Limits(share=0.5, fewest=1))
    assert [state for state, _ in await states(scene)] == [PublicationState.HELD, PublicationState.GOING]
    assert {sent.chat for sent in scene.courier.sent} == {200, 201, 202}


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


async def test_who_was_told_of_a_release_of_many_hears_that_it_was_wrong_though_it_was_quietened(
    scene: Scene,
) -> None:
    office = scene.office
    await scene.remember(MOTHER, 1001)
    await scene.remember(FRIEND, topics=ALL)
    await office.enter_event()
    keys = [await office.reported(number, event="R1") for number in (1, 2)]
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")
    await scene.told()
    await office.reviewing.suppress(office.signer("vera"), keys[0], Consent.FOLLOWERS)
    [going] = await office.going()
    assert going.people == {1002}, "whoever opens it now reads of the other alone"
    await retract(scene, keys[0])
    await scene.told()

    assert len(scene.courier.to(MOTHER)) == 2
    assert scene.courier.to(MOTHER)[-1].loud


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


async def test_what_is_told_within_an_hour_counts_together(scene: Scene) -> None:
    for chat in range(100, 106):
        await scene.remember(chat, 1001, 1002, 1003)
    async with scene.delivering(limits=Limits(most=10)) as sender:
        await scene.office.published(1)
        await scene.settled(sender)
        await scene.office.published(2)
        await scene.settled(sender)
        assert [state for state, _ in await states(scene)] == [PublicationState.GOING, PublicationState.HELD]
        scene.passes(minutes=61)
        await scene.office.published(3)
        await scene.settled(sender)

    assert [state for state, _ in await states(scene)] == [
        PublicationState.GOING,
        PublicationState.HELD,
        PublicationState.GOING,
    ]


async def test_a_restart_forgets_nothing_of_the_hour(scene: Scene) -> None:
    for chat in range(100, 106):
        await scene.remember(chat, 1001, 1002)
    await scene.office.published(1)
    await scene.told(limits=Limits(most=10))
    await scene.office.published(2)
    await scene.told(limits=Limits(most=10))

    assert [state for state, _ in await states(scene)] == [PublicationState.GOING, PublicationState.HELD]


@pytest.mark.parametrize("hours", [0, 2])
async def test_a_clock_wrong_for_a_moment_makes_nothing_told_since_of_this_hour(
    scene: Scene, hours: int
) -> None:
    for chat in range(100, 106):
        await scene.remember(chat, 1001, 1002)
    await scene.office.published(1)
    scene.passes(days=300)
    await scene.told(limits=Limits(most=10))
    scene.passes(days=-300, hours=hours)
    await scene.office.published(2)
    await scene.told(limits=Limits(most=10))

    expected = PublicationState.GOING if hours else PublicationState.HELD
    assert [state for state, _ in await states(scene)] == [PublicationState.GOING, expected]


async def test_what_a_third_confirmed_is_no_reason_to_ask_one_again(scene: Scene) -> None:
    office = scene.office
    for chat in range(100, 112):
        await scene.remember(chat, 1001)
    await scene.remember(MOTHER, 1002)
    await office.published(1)
    await scene.told(limits=Limits(most=10))
    [held] = await office.queued()
    await office.announcing.confirm_held(office.signer("vera"), held.id)
    await office.published(2)
    await scene.told(limits=Limits(most=10))

    assert [state for state, _ in await states(scene)] == [PublicationState.GOING] * 2


async def test_after_a_restore_the_breaker_counts_who_was_told_of_numbers_that_the_registry_lacks(
    scene: Scene,
) -> None:
    seen = await scene.vault.hand_out(int(scene.office.now().timestamp()) + 100)
    await scene.vault.note_published(seen)
    for chat in range(100, 120):
        await scene.remember(chat, 1001, alert_seen=seen)
    await scene.vault.hold()
    async with scene.office.database.writing() as connection:
        await orders.resume(connection)
    await scene.office.published(1)
    await scene.told(limits=Limits(most=5, share=0.1, fewest=2))

    assert await states(scene) == [(PublicationState.HELD, "< 100")]
    assert scene.courier.sent == []


async def test_whom_a_publication_would_reach_is_counted_off_the_loop_and_each_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred releases at once stopped everything for seconds; and new keys make the scan begin anew."""
    for chat in range(100, 112):
        await scene.remember(chat, 1001)
    threads, alert, chunk, again = set(), Board.alert, scene.vault._shelf.chunk, True

    def seen(board: Board, record: Record, now: datetime) -> Alert | None:
        threads.add(threading.current_thread())
        return alert(board, record, now)

    async def chunk_then_new_keys(epoch: int, after: bytes, most: int) -> list[Row]:
        nonlocal again
        if after and again:
            again = False
            await scene.vault.rekey()
        return await chunk(epoch, after, most)

    monkeypatch.setattr(scene.vault._shelf, "chunk", chunk_then_new_keys)
    monkeypatch.setattr(Board, "alert", seen)
    kind, nothing = PublicationKind.RELEASE, frozenset[Subject]()
    told = Publication(0, "claim/1@1", kind, frozenset({1001}), nothing, 0, scene.office.now())
    admitting = Admitting(scene.office.database, scene.vault, scene.office.now, Limits())

    assert await admitting._reaches([told], 1) == ([12], 12)
    assert not again
    assert threading.main_thread() not in threads


async def test_many_that_wait_are_read_numbered_and_outdate_copies_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "KEYS_REST", timedelta(days=10**6))  # new keys are a generation too
    await scene.remember(MOTHER, 1001, 1002, 1003)
    for number in (1, 2, 3):
        await scene.office.published(number)
    (generation, _), _ = await scene.vault.wrapped_keys()
    await scene.told()

    [sent] = scene.courier.sent
    assert list(sent.numbers) == list(range(sent.numbers[0], sent.numbers[0] + 3))
    (after, _), _ = await scene.vault.wrapped_keys()
    assert after - generation == 1, "one generation for all of them"


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
        await asyncio.sleep(0)
        answers.set()

    assert len(scene.courier.sent) == 2
    for row in [await scene.row(sent.chat) for sent in scene.courier.sent]:
        assert row.alert_seen
        assert row.in_flight is None
    await scene.told()
    assert {(sent.loud, sent.repeat) for sent in scene.courier.sent} == {(True, False)}
    assert len(scene.courier.sent) == 5


async def test_what_two_editors_did_not_approve_is_never_sent(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    await scene.remember(MOTHER, topics=ALL | {Subject.GROUP_RELEASES.value})
    await scene.remember(SISTER, 1001)
    await scene.office.published(1)
    async with scene.office.database.writing() as connection:
        await connection.execute(publication.update().values(subjects="1 2"))
    with caplog.at_level("INFO", "bot"):
        await scene.told()

    assert (scene.courier.sent, await states(scene)) == ([], [(PublicationState.QUEUED, None)])
    refused = [record for record in caplog.records if "not what two editors approved" in record.message]
    assert len(refused) == 1, "one line, not two a second"


async def test_what_another_process_publishes_is_found_by_the_next_look_half_a_second_later_at_most(
    scene: Scene,
) -> None:
    await scene.remember(MOTHER, 1001)
    sender = scene.sender()
    await sender.look()
    assert sender._owed.is_empty
    office = scene.office
    elsewhere = Office(Database(office.database._writer.url.render_as_string(hide_password=False)))
    elsewhere.keys, elsewhere.secrets, elsewhere.moment = office.keys, office.secrets, office.moment
    await elsewhere.published(1)
    await elsewhere.database.close()

    await sender.look()

    assert [state for state, _ in await states(scene)] == [PublicationState.GOING]
    assert len(sender._owed) == 1
    assert LOOK_SECONDS <= 0.5


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


# Corrections.


async def test_a_correction_reaches_who_was_told_and_unfollowed_and_none_who_said_stop(scene: Scene) -> None:
    following = Following(
        scene.vault, scene.office.now, lambda: recent(scene.office.database, scene.office.now)
    )
    for chat in (MOTHER, SISTER, FRIEND):
        await scene.remember(chat, 1001, quiet=Quiet(0, 23 * 60 + 59), zone="UTC")
    await scene.office.published(2)
    await scene.vault.merge(MOTHER, lambda record: replace(record, quiet=None))
    key = await scene.office.published(1)
    scene.passes(days=1)
    scene.office.moment = scene.office.moment.replace(hour=23, minute=59)
    await scene.told()
    assert {sent.chat for sent in scene.courier.sent} == {MOTHER, SISTER, FRIEND}
    await following.unfollow(MOTHER, Wish(person=1001))
    await following.stop(SISTER)
    scene.courier.sent.clear()

    await correct(scene, key, country="PL")
    scene.office.moment = scene.office.moment.replace(hour=3)
    await scene.told()

    assert {(sent.chat, sent.loud) for sent in scene.courier.sent} == {(MOTHER, True), (FRIEND, True)}
    assert {chat for chat, _ in scene.courier.amended} == {MOTHER, FRIEND}


async def test_a_correction_leaves_alone_what_an_alert_became_and_its_reader_kept(scene: Scene) -> None:
    for chat in (MOTHER, SISTER):
        await scene.remember(chat, 1001)
    key = await scene.office.published(1)
    await scene.told()
    [told] = (await scene.row(MOTHER)).told
    await scene.wiping().keep(MOTHER, told.message)

    await correct(scene, key, country="PL")
    await scene.told()

    assert [chat for chat, _ in scene.courier.amended] == [SISTER], "an article stands there, without buttons"
    assert sorted(sent.chat for sent in scene.courier.sent[2:]) == [MOTHER, SISTER]


async def test_a_retraction_on_the_heels_of_a_correction_reaches_who_was_told(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.remember(SISTER, 1001, quiet=Quiet(0, 23 * 60 + 59), zone="UTC")
    key = await scene.office.published(1)
    await scene.told()
    assert {sent.chat for sent in scene.courier.sent} == {MOTHER}
    await correct(scene, key, country="PL")
    await scene.office.hire("galina")
    # Both are numbered while nothing can be sent.
    scene.courier.order(MOTHER, Outcome.NOT_SENT)
    await scene.told()
    await retract(scene, key)
    scene.passes(days=1)
    scene.office.moment = scene.office.moment.replace(hour=23, minute=59)
    await scene.told()

    assert [sent.loud for sent in scene.courier.to(MOTHER)] == [True, True, True]
    assert scene.courier.to(SISTER) == [], "who was never told of it needs nothing taken back"


async def test_who_goes_on_after_a_pause_is_told_within_a_minute_or_so(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001, flags=Flag.DISCREET | Flag.PAUSED)
    await scene.office.published(1)
    async with scene.delivering() as sender:
        await scene.settled(sender)
        assert scene.courier.sent == []
        await Following(scene.vault, scene.office.now).switch(MOTHER, Flag.PAUSED, on=False)
        scene.passes(minutes=1)
        await until(lambda: len(scene.courier.sent) == 1)


async def test_who_follows_somebody_else_during_a_pause_is_told_afterwards_what_it_kept_back(
    scene: Scene,
) -> None:
    now = scene.office.now
    following = Following(scene.vault, now, partial(recent, scene.office.database, now))
    await scene.remember(MOTHER, 1001, flags=Flag.DISCREET | Flag.CONSENTED | Flag.PAUSED)
    await scene.office.published(1)
    await scene.told()
    await following.follow(MOTHER, Wish(person=1002))
    assert scene.courier.sent == []
    await following.switch(MOTHER, Flag.PAUSED, on=False)
    await scene.told()

    assert [sent.loud for sent in scene.courier.to(MOTHER)] == [True]


async def test_who_paused_said_stop_and_follows_again_is_told(scene: Scene) -> None:
    following = Following(scene.vault, scene.office.now)
    await scene.remember(MOTHER, 1001, flags=Flag.CONSENTED | Flag.PAUSED)
    await following.stop(MOTHER)
    await following.agree(MOTHER)
    await following.follow(MOTHER, Wish(person=1001))
    await scene.office.published(1)
    await scene.told()

    assert [sent.chat for sent in scene.courier.sent] == [MOTHER]


async def test_who_is_silenced_while_an_alert_waits_is_never_told_of(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001, quiet=Quiet(0, 23 * 60 + 59), zone="UTC")
    await scene.remember(SISTER, 1001)
    key = await scene.office.published(1)
    async with scene.delivering() as sender:
        await scene.settled(sender)
        assert {sent.chat for sent in scene.courier.sent} == {SISTER}
        await scene.office.reviewing.suppress(scene.office.signer("vera"), key, Consent.SUPPRESSED)
        await scene.settled(sender)
        scene.passes(days=1)
        scene.office.moment = scene.office.moment.replace(hour=23, minute=59)
        await scene.settled(sender)

    assert scene.courier.to(MOTHER) == []


async def test_who_followed_a_record_that_became_another_is_told(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.remember(SISTER, 1002)
    await scene.office.merge(1, 2)
    await scene.office.merge(2, 3)
    await scene.told()
    assert scene.courier.sent == []

    await scene.office.published(3)
    await scene.told()

    assert {sent.chat for sent in scene.courier.sent} == {MOTHER, SISTER}


# Rows.


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


# What alerts nobody.


@pytest.mark.proof
async def test_a_newer_seed_a_list_of_people_and_a_merge_alert_nobody(
    scene: Scene, tmp_path: Path, whole_proof: bool
) -> None:
    everything = frozenset(subject.value for subject in Subject)
    await scene.remember(MOTHER, 1001, 1002, topics=everything)
    people = 9000 if whole_proof else 600
    async with scene.delivering() as sender:
        await scene.settled(sender)
        await prepare_registry(scene.office.database, SEED, READ_UNTIL)
        outcome = await scene.office.reads_list(tmp_path / "list.csv", people)
        assert outcome.report.added["person"] == people
        await scene.office.merge(1, 2)
        scene.passes(days=1)
        await scene.settled(sender)

    assert scene.courier.sent == []
    assert await scene.office.count() == 0
