"""Delivering corrections and retractions: to whoever was told, aloud, and to nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot.domain.alerts import Outcome
from bot.domain.follower import Flag, Quiet
from bot.domain.people import Consent
from bot.domain.subjects import Wish
from bot.services.following import Following
from bot.services.telling import recent
from bot.store import publications
from tests.senders import ALL, FRIEND, MOTHER, SISTER, Scene, until


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

    await scene.correct(key, country="PL")
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

    await scene.correct(key, country="PL")
    await scene.told()

    assert [chat for chat, _ in scene.courier.amended] == [SISTER], "an article stands there, without buttons"
    assert sorted(sent.chat for sent in scene.courier.sent[2:]) == [MOTHER, SISTER]


async def test_a_correction_leaves_alone_what_its_reader_keeps_while_the_edit_waits_for_its_turn(
    scene: Scene,
) -> None:
    for chat in (MOTHER, SISTER):
        await scene.remember(chat, 1001)
    key = await scene.office.published(1)
    await scene.told()
    [told] = (await scene.row(MOTHER)).told

    async def keep() -> None:
        await scene.wiping().keep(MOTHER, told.message)

    scene.courier.amend_granted = keep
    await scene.correct(key, country="PL")
    await scene.told()

    assert [chat for chat, _ in scene.courier.amended] == [SISTER]
    assert (await scene.row(MOTHER)).in_flight is None


async def test_a_retraction_on_the_heels_of_a_correction_reaches_who_was_told(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.remember(SISTER, 1001, quiet=Quiet(0, 23 * 60 + 59), zone="UTC")
    key = await scene.office.published(1)
    await scene.told()
    assert {sent.chat for sent in scene.courier.sent} == {MOTHER}
    await scene.correct(key, country="PL")
    await scene.office.hire("galina")
    # Both are numbered while nothing can be sent.
    scene.courier.order(MOTHER, Outcome.NOT_SENT)
    await scene.told()
    await scene.retract(key)
    scene.passes(days=1)
    scene.office.moment = scene.office.moment.replace(hour=23, minute=59)
    await scene.told()

    assert [sent.loud for sent in scene.courier.to(MOTHER)] == [True, True, True]
    assert scene.courier.to(SISTER) == [], "who was never told of it needs nothing taken back"


async def test_what_is_taken_back_is_told_to_nobody_new_though_the_retraction_was_stopped(
    scene: Scene,
) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.remember(SISTER, 1001, quiet=Quiet(0, 23 * 60 + 59), zone="UTC")
    office = scene.office
    key = await office.published(1)
    await scene.told()
    await scene.retract(key)
    [retraction] = await office.queued()
    await office.announcing.reject(office.signer("vera"), retraction.id)
    scene.passes(days=1)
    office.moment = office.moment.replace(hour=23, minute=59)
    await scene.told()

    assert len(scene.courier.to(MOTHER)) == 1
    assert scene.courier.to(SISTER) == []


@pytest.mark.parametrize("of_many", [False, True])
async def test_nothing_is_let_go_while_editors_take_it_back(
    scene: Scene, of_many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, on_claim = scene.office, publications.on_claim
    await scene.remember(MOTHER, 1001)
    if of_many:
        await office.enter_event()
        key = await office.reported(1, event="R1")
        await office.announcing.confirm_event(office.signer("anna"), "R1")
        await office.announcing.publish_event(office.signer("boris"), "R1")
    else:
        key = await office.published(1)
    await office.reviewing.retract(office.signer("anna"), key)
    async with asyncio.TaskGroup() as meanwhile:

        async def slow(*asked: Any, **how: Any) -> list[publications.StoredPublication]:
            found = await on_claim(*asked, **how)
            if how:
                meanwhile.create_task(scene.told())
                await asyncio.sleep(0.3)
            return found

        monkeypatch.setattr(publications, "on_claim", slow)
        await office.reviewing.retract(office.signer("boris"), key)

    assert scene.courier.sent == []


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
    await scene.retract(keys[0])
    await scene.told()

    assert len(scene.courier.to(MOTHER)) == 2
    assert scene.courier.to(MOTHER)[-1].loud
