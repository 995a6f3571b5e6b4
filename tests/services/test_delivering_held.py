"""Delivering what may go at all: what the breaker holds, and what two editors did not approve."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.alerts import Alert, Board
from bot.domain.audit import Entry
from bot.domain.breaker import Limits
from bot.domain.follower import Record
from bot.domain.people import Consent, View
from bot.domain.publishing import Action, Publication, PublicationKind, PublicationState
from bot.domain.refusals import Refusal
from bot.domain.subjects import Subject
from bot.services import delivering
from bot.services.admitting import Admitting
from bot.services.approving import NotDoneError
from bot.store import audit, orders
from bot.store.shelf import Row
from bot.store.tables import publication
from tests.senders import ALL, MOTHER, SISTER, Scene, until


async def test_too_many_are_asked_about_first_and_told_on_the_word_of_a_third_editor(scene: Scene) -> None:
    office = scene.office
    for chat in range(100, 112):
        await scene.remember(chat, 1001)
    await office.published(1)
    async with scene.delivering(limits=Limits(most=10)) as sender:
        await scene.settled(sender)
        assert (await scene.states(), scene.courier.sent) == ([(PublicationState.HELD, "< 100")], [])
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
    assert [state for state, _ in await scene.states()] == [PublicationState.GOING]


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
    assert await scene.states() == [(PublicationState.HELD, "< 10")]

    await scene.office.published(2)
    await scene.told(limits=Limits(share=0.5, fewest=1))
    assert [state for state, _ in await scene.states()] == [PublicationState.HELD, PublicationState.GOING]
    assert {sent.chat for sent in scene.courier.sent} == {200, 201, 202}


async def test_what_is_told_within_an_hour_counts_together(scene: Scene) -> None:
    for chat in range(100, 106):
        await scene.remember(chat, 1001, 1002, 1003)
    async with scene.delivering(limits=Limits(most=10)) as sender:
        await scene.office.published(1)
        await scene.settled(sender)
        await scene.office.published(2)
        await scene.settled(sender)
        assert [state for state, _ in await scene.states()] == [PublicationState.GOING, PublicationState.HELD]
        scene.passes(minutes=61)
        await scene.office.published(3)
        await scene.settled(sender)

    assert [state for state, _ in await scene.states()] == [
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

    assert [state for state, _ in await scene.states()] == [PublicationState.GOING, PublicationState.HELD]


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
    assert [state for state, _ in await scene.states()] == [PublicationState.GOING, expected]


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

    assert [state for state, _ in await scene.states()] == [PublicationState.GOING] * 2


@pytest.mark.parametrize("country", ["", "PL"])
async def test_what_was_wrong_is_corrected_or_taken_back_without_a_third(scene: Scene, country: str) -> None:
    for chat in range(100, 104):
        await scene.remember(chat, 1001)
    key = await scene.office.published(1)
    await scene.told(limits=Limits(most=5))
    await (scene.correct(key, country=country) if country else scene.retract(key))
    await scene.told(limits=Limits(most=5))

    assert await scene.states() == [(PublicationState.GOING, None)] * 2
    assert len(scene.courier.sent) == 8
    await scene.office.published(2)
    await scene.remember(104, 1002)
    await scene.told(limits=Limits(most=5))
    assert len(scene.courier.sent) == 9, "nor does it count as news of this hour"


async def test_a_correction_that_is_news_to_too_many_waits_for_a_third(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    key = await scene.office.published(1, consent=Consent.FOLLOWERS)
    await scene.told(limits=Limits(most=5))
    await scene.office.published(2, consent=Consent.FOLLOWERS)
    await scene.told(limits=Limits(most=5))
    [*_, latest] = await scene.office.going()
    for chat in range(100, 106):
        await scene.remember(chat, topics=ALL, alert_seen=latest.number)
    await scene.correct(key, Consent.PUBLIC)
    await scene.told(limits=Limits(most=5))

    assert (await scene.states())[-1] == (PublicationState.HELD, "< 10")
    assert {sent.chat for sent in scene.courier.sent} == {MOTHER}


async def test_nobody_without_a_key_lets_go_what_would_tell_too_many(scene: Scene) -> None:
    for chat in range(100, 112):
        await scene.remember(chat, 1001)
    key = await scene.office.published(1)
    forged = Entry(0, "", "vera", Action.CONFIRM_HELD.value, f"claim/{key}", "1", "", "", "")
    async with scene.office.database.writing() as connection:
        await audit.append(connection, forged)
    await scene.told(limits=Limits(most=10))

    assert await scene.states() == [(PublicationState.HELD, "< 100")]
    await scene.told(limits=Limits(most=10))
    assert scene.courier.sent == []


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

    assert await scene.states() == [(PublicationState.HELD, "< 100")]
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
    told = Publication(1, "claim/1@1", kind, frozenset({1001}), nothing, 0, scene.office.now())
    admitting = Admitting(scene.office.database, scene.vault, scene.office.now, Limits())

    assert await admitting._reaches([Board([told])]) == ([12], 12)
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

    assert (scene.courier.sent, await scene.states()) == ([], [(PublicationState.QUEUED, None)])
    refused = [record for record in caplog.records if "not what two editors approved" in record.message]
    assert len(refused) == 1, "one line, not two a second"
