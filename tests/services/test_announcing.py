"""Announcing: one publication for many, news twice approved, and a third editor for what is held."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from sqlalchemy import Update

from bot.bench.newsroom import TWO_ORIGINS, a_page
from bot.domain.articles import Area, Library
from bot.domain.people import Consent, Language
from bot.domain.publishing import Action, PublicationKind, PublicationState
from bot.domain.refusals import Refusal
from bot.domain.subjects import Subject
from bot.services.approving import NotDoneError, Sitting
from bot.services.drafting import Draft
from bot.services.verifying import Doubt
from bot.showing import Shown, shown_event, shown_publication
from bot.sources.article_files import read_library
from bot.store import audit
from bot.store.database import Database
from bot.store.tables import publication, release_event, sanction
from tests.builders import a_topic
from tests.editors import Office, a_release_of, doubt, refused, verify

GROUP = frozenset({Subject.ALL_RELEASES, Subject.GROUP_RELEASES})
NOBODY: frozenset[int] = frozenset()
PAGE = TWO_ORIGINS[0]["url"]


@pytest.fixture
async def office(database: Database) -> Office:
    """Three editors, five placeholder people, one release of many."""
    office = Office(database)
    await office.hire("anna", "boris", "vera")
    await office.enter_people(5)
    await office.enter_event()
    return office


async def test_a_release_of_many_is_one_publication_of_all_that_is_confirmed_and_public(
    office: Office,
) -> None:
    keys = [await office.reported(number, event="R1") for number in (1, 2)]
    quiet = await office.reported(3, event="R1", consent=Consent.FOLLOWERS)
    silent = await office.reported(4, event="R1")
    await office.reviewing.suppress(office.signer("vera"), silent, Consent.SUPPRESSED)
    weak = await office.reported(5, event="R1", pages=(a_page(1),))

    taken = await office.announcing.confirm_event(office.signer("anna"), "R1")
    assert (taken.claims, taken.left_out) == (tuple(keys), ((weak, Refusal.ONE_ORIGIN),))
    assert await refused(office.announcing.publish_event(office.signer("anna"), "R1")) is Refusal.SAME_EDITOR
    taken = await office.announcing.publish_event(office.signer("boris"), "R1")
    assert taken.claims == tuple(keys)

    [one] = await office.queued()
    assert (one.publication.key, one.publication.kind) == ("event/R1@1", PublicationKind.RELEASE)
    assert one.publication.people == {1001, 1002}
    assert one.publication.subjects == GROUP
    await verify(office.database, one.id)
    assert quiet not in taken.claims


async def test_a_name_that_comes_later_is_a_second_publication_of_that_name_only(office: Office) -> None:
    await office.reported(1, event="R1")
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    again = office.announcing.publish_event(office.signer("boris"), "R1")
    assert await refused(again) is Refusal.NOTHING_NEW

    await office.reported(2, event="R1")
    await office.announcing.confirm_event(office.signer("vera"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")

    _, second = await office.queued()
    assert (second.publication.key, second.publication.people) == ("event/R1@2", frozenset({1002}))
    await verify(office.database, second.id)


async def test_a_release_without_names_names_nobody(office: Office) -> None:
    await office.enter_event("R2", number=2, unnamed=2)
    unconfirmed = office.announcing.publish_event(office.signer("boris"), "R2")
    assert await refused(unconfirmed) is Refusal.NOT_CONFIRMED
    await office.announcing.confirm_event(office.signer("anna"), "R2")
    await office.announcing.publish_event(office.signer("boris"), "R2")

    [one] = await office.queued()
    assert (one.publication.people, one.publication.subjects) == (NOBODY, GROUP)
    await verify(office.database, one.id)


async def test_a_release_that_changed_after_it_was_approved_does_not_go(office: Office) -> None:
    await office.reported(1, event="R1")
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")
    [one] = await office.queued()
    async with office.database.writing() as connection:
        await connection.execute(release_event.update().values(number=4))

    assert await doubt(office, one.id) is Doubt.NOT_APPROVED


@pytest.mark.parametrize("is_held", [False, True])
async def test_a_release_that_changed_before_it_went_is_approved_anew_with_its_claims(
    office: Office, is_held: bool
) -> None:
    keys = [await office.reported(number, event="R1") for number in (1, 2)]
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")
    [old] = await office.queued()
    assert not is_held or await office.hold(old.id)
    async with office.database.writing() as connection:
        await connection.execute(release_event.update().values(number=4))
    keys.append(await office.reported(3, event="R1"))
    again = office.announcing.publish_event(office.signer("boris"), "R1")
    assert await refused(again) is Refusal.NOT_CONFIRMED
    await office.announcing.confirm_event(office.signer("vera"), "R1")
    shown = await shown_event(office.database, "R1")
    assert all(any(key in line for line in shown.lines) for key in keys)
    taken = await office.announcing.publish_event(office.signer("boris"), "R1")
    assert sorted(taken.claims) == sorted(keys)

    [new] = await office.queued()
    assert (new.publication.key, new.publication.people) == ("event/R1@2", frozenset({1001, 1002, 1003}))
    assert new.state is PublicationState.QUEUED, "the circuit breaker looks at it again"
    await verify(office.database, new.id)
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    again = office.announcing.publish_event(office.signer("boris"), "R1")
    assert await refused(again) is Refusal.NOTHING_NEW
    async with office.database.writing() as connection:
        await connection.execute(release_event.update().values(number=3))
        was = publication.update().where(publication.c.id == old.id)
        await connection.execute(was.values(state=PublicationState.QUEUED.value))
    assert await doubt(office, old.id) is Doubt.NOT_APPROVED, "its rows were put back: it went in the new one"


async def test_a_changed_release_without_names_or_new_ones_is_approved_anew(office: Office) -> None:
    await office.enter_event("R2", number=2, unnamed=2)
    for _ in range(2):
        await office.announcing.confirm_event(office.signer("anna"), "R2")
        await office.announcing.publish_event(office.signer("boris"), "R2")
        [one] = await office.queued()
        await verify(office.database, one.id)
        async with office.database.writing() as connection:
            await connection.execute(release_event.update().values(number=3))


async def test_of_a_changed_release_what_is_approved_no_longer_takes_two_anew(office: Office) -> None:
    key = await office.reported(1, event="R1")
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")
    [old] = await office.queued()
    async with office.database.writing() as connection:
        await connection.execute(release_event.update().values(number=4))
    await office.enrolling.revoke("anna")
    await office.reported(2, "vera", event="R1")
    assert await doubt(office, old.id) is Doubt.NOT_APPROVED
    shown = await shown_event(office.database, "R1")
    assert any(key in line for line in shown.lines)
    await office.announcing.confirm_event(office.signer("vera"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")

    [new] = await office.queued()
    assert new.publication.people == {1001, 1002}
    await verify(office.database, new.id)


async def stop(office: Office, how: str) -> None:
    """Let what waits never go: reject it, or revoke whom it rests on."""
    if how == "revoked":
        await office.enrolling.revoke("boris")
    else:
        [one] = await office.queued()
        await office.announcing.reject(office.signer("anna"), one.id)


@pytest.mark.parametrize("how", ["rejected", "revoked"])
async def test_a_release_that_was_stopped_is_approved_anew_without_who_was_taken_back(
    office: Office, how: str
) -> None:
    await office.hire("zina")
    keys = [await office.reported(number, event="R1") for number in (1, 2, 3)]
    await whole_release_anew(office)
    await stop(office, how)
    for handle in ("anna", "vera"):
        await office.reviewing.retract(office.signer(handle), keys[0])
    await office.reviewing.suppress(office.signer("vera"), keys[1], Consent.SUPPRESSED)
    publish_event = office.announcing.publish_event
    assert await refused(publish_event(office.signer("vera"), "R1")) is Refusal.NOT_CONFIRMED
    taken = await office.announcing.confirm_event(office.signer("anna"), "R1")
    assert (taken.claims, taken.left_out) == ((keys[2],), ())
    assert await refused(publish_event(office.signer("anna"), "R1")) is Refusal.SAME_EDITOR
    await publish_event(office.signer("vera"), "R1")

    [one] = await office.queued()
    assert (one.publication.key, one.publication.people) == ("event/R1@2", frozenset({1003}))
    await verify(office.database, one.id)
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    assert await refused(publish_event(office.signer("vera"), "R1")) is Refusal.NOTHING_NEW


@pytest.mark.parametrize("how", ["rejected", "revoked"])
@pytest.mark.parametrize("word", ["event", "sanction", "article"])
async def test_news_that_was_stopped_takes_two_editors_anew(office: Office, word: str, how: str) -> None:
    announcing, key = office.announcing, {"event": "R2", "sanction": "S1"}.get(word, "first-steps")
    await office.enter_event("R2", number=2, unnamed=2)
    await office.enter_sanction()

    async def confirm(handle: str) -> None:
        if word == "event":
            await announcing.confirm_event(office.signer(handle), key)
        else:
            await announcing.confirm_news(office.signer(handle), word, key)

    async def publish(handle: str) -> None:
        if word == "event":
            await announcing.publish_event(office.signer(handle), key)
        else:
            await announcing.publish_news(office.signer(handle), word, key)

    await confirm("anna")
    await publish("boris")
    await stop(office, how)
    if how == "rejected":
        assert await refused(publish("boris")) is Refusal.NOT_CONFIRMED, "anna's word was on the other one"
    await confirm("anna")
    assert await refused(publish("anna")) is Refusal.SAME_EDITOR
    await publish("vera")

    [one] = await office.queued()
    await verify(office.database, one.id)
    told = Refusal.NOTHING_NEW if word == "event" else Refusal.PUBLISHED
    if word == "event":
        await confirm("anna")
    assert await refused(publish("vera")) is told


async def test_somebody_silenced_or_corrected_is_left_out_and_the_others_go(office: Office) -> None:
    keys = [await office.reported(number, event="R1") for number in (1, 2, 3)]
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")
    await office.reviewing.suppress(office.signer("vera"), keys[0], Consent.SUPPRESSED)
    for editor, draft in (("anna", Draft({"country": "PL"})), ("vera", Draft({}))):
        await office.reviewing.correct(office.signer(editor), keys[1], draft)

    whole, corrected = await office.queued()
    assert whole.publication.people == {1003}
    assert (corrected.publication.people, corrected.publication.kind) == (
        frozenset({1002}),
        PublicationKind.RELEASE,
    )
    for one in (whole, corrected):
        await verify(office.database, one.id)


async def test_somebody_silenced_under_another_key_is_left_out_and_the_others_go(office: Office) -> None:
    for number in (1, 2):
        await office.reported(number, event="R1")
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")
    silence = Draft(a_release_of(1), (), Consent.SUPPRESSED)
    await office.reviewing.report(office.signer("vera"), silence, "another/key")

    [whole] = await office.queued()
    assert whole.publication.people == {1002}
    await verify(office.database, whole.id)


async def test_somebody_silenced_after_it_went_is_named_no_more(office: Office) -> None:
    keys = [await office.reported(number, event="R1") for number in (1, 2)]
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")
    [one] = await office.queued()
    await office.let_go(one.id, 9)
    await office.reviewing.suppress(office.signer("vera"), keys[0], Consent.SUPPRESSED)

    [gone] = await office.going()
    assert gone.people == {1002}


async def test_an_act_of_the_timeline_is_news_once_two_approve_it(office: Office) -> None:
    await office.enter_sanction()
    for_anna = office.announcing.confirm_news
    await for_anna(office.signer("anna"), "sanction", "S1")
    assert await refused(for_anna(office.signer("anna"), "sanction", "S1")) is Refusal.CONFIRMED
    alone = office.announcing.publish_news(office.signer("anna"), "sanction", "S1")
    assert await refused(alone) is Refusal.SAME_EDITOR
    await office.announcing.publish_news(office.signer("boris"), "sanction", "S1")

    [one] = await office.queued()
    assert (one.publication.key, one.publication.kind) == ("sanction/S1@1", PublicationKind.NEWS)
    assert (one.publication.people, one.publication.subjects) == (
        frozenset(),
        frozenset({Subject.SANCTIONS_AND_TALKS}),
    )
    await verify(office.database, one.id)
    again = office.announcing.confirm_news
    assert await refused(again(office.signer("anna"), "sanction", "S1")) is Refusal.PUBLISHED
    async with office.database.writing() as connection:
        await connection.execute(sanction.update().values(text_en="Something else"))
    assert await doubt(office, one.id) is Doubt.NOT_APPROVED


async def test_what_was_told_is_no_news_though_who_published_it_was_revoked(office: Office) -> None:
    await office.enter_sanction()
    await office.announcing.confirm_news(office.signer("anna"), "sanction", "S1")
    await office.announcing.publish_news(office.signer("boris"), "sanction", "S1")
    [one] = await office.queued()
    await office.let_go(one.id, 5)
    await office.enrolling.revoke("boris")

    again = office.announcing.confirm_news(office.signer("anna"), "sanction", "S1")
    assert await refused(again) is Refusal.PUBLISHED
    assert (
        await refused(office.announcing.confirm_news(office.signer("anna"), "sanction", "S9"))
        is Refusal.NOT_THERE
    )


@pytest.mark.parametrize(
    ("area", "subject"),
    [(Area.LEGAL, Subject.LEGAL_NEWS), (Area.REINTEGRATION, Subject.AFTER_RELEASE_NEWS), (Area.ABOUT, None)],
)
async def test_a_changed_article_is_news_to_those_who_follow_its_area(
    office: Office, area: Area, subject: Subject | None
) -> None:
    office.announcing._library = Library(a_topic(area=area).values())
    act = office.announcing.confirm_news(office.signer("anna"), "article", "first-steps")
    if subject is None:
        assert await refused(act) is Refusal.NOT_NEWS
        return
    await act
    await office.announcing.publish_news(office.signer("boris"), "article", "first-steps")
    [one] = await office.queued()
    assert one.publication.subjects == {subject}
    assert one.publication.key.startswith("article/first-steps@")
    await verify(office.database, one.id)

    topic = {
        language: replace(article, title="Other steps") for language, article in a_topic(area=area).items()
    }
    assert set(topic) == set(Language)
    office.announcing._library = Library(topic.values())
    again = office.announcing.publish_news(office.signer("boris"), "article", "first-steps")
    assert await refused(again) is Refusal.NOT_CONFIRMED  # it was confirmed as it stood before
    await office.announcing.confirm_news(office.signer("anna"), "article", "first-steps")
    await office.announcing.publish_news(office.signer("boris"), "article", "first-steps")
    assert len({waiting.publication.key for waiting in await office.queued()}) == 2


async def test_what_is_held_goes_on_the_word_of_a_third_and_of_neither_of_the_two(office: Office) -> None:
    await office.published(1)
    [one] = await office.queued()
    early = office.announcing.confirm_held(office.signer("vera"), one.id)
    assert await refused(early) is Refusal.NOT_HELD
    assert await office.hold(one.id)
    assert await doubt(office, one.id) is Doubt.NO_THIRD
    assert await office.let_go(one.id, 5) is False
    for two in ("anna", "boris"):
        own = office.announcing.confirm_held(office.signer(two), one.id)
        assert await refused(own) is Refusal.THIRD_EDITOR

    await office.announcing.confirm_held(office.signer("vera"), one.id)

    [held] = await office.queued()
    assert (held.state, held.confirmations) == (PublicationState.HELD, 3)
    await verify(office.database, one.id)
    assert await office.let_go(one.id, 5) is True
    assert await office.queued() == []
    assert [gone.number for gone in await office.going()] == [5]
    assert await office.going(5) == []


async def corrected(office: Office) -> int:
    key = await office.published(1)
    await office.let_go((await office.queued())[0].id, 5)
    for editor, draft in (("anna", Draft({"country": "PL"})), ("boris", Draft({}))):
        await office.reviewing.correct(office.signer(editor), key, draft)
    return (await office.queued())[0].id


async def taken_back(office: Office) -> int:
    key = await office.published(1)
    await office.let_go((await office.queued())[0].id, 5)
    for editor in ("anna", "boris"):
        await office.reviewing.retract(office.signer(editor), key)
    return (await office.queued())[0].id


async def whole_release(office: Office) -> int:
    await office.reported(1, event="R1")
    return await whole_release_anew(office)


async def whole_release_anew(office: Office) -> int:
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")
    return (await office.queued())[-1].id


async def news(office: Office) -> int:
    await office.enter_sanction()
    return await news_anew(office)


async def news_anew(office: Office) -> int:
    await office.announcing.confirm_news(office.signer("anna"), "sanction", "S1")
    await office.announcing.publish_news(office.signer("boris"), "sanction", "S1")
    return (await office.queued())[-1].id


@pytest.mark.parametrize("approve", [corrected, taken_back, whole_release, news])
async def test_neither_of_the_two_is_the_third_whatever_is_held(
    office: Office, approve: Callable[[Office], Awaitable[int]]
) -> None:
    number = await approve(office)
    await office.hold(number)
    for two in ("anna", "boris"):
        own = office.announcing.confirm_held(office.signer(two), number)
        assert await refused(own) is Refusal.THIRD_EDITOR
    await office.announcing.confirm_held(office.signer("vera"), number)
    await verify(office.database, number)


async def article(office: Office) -> int:
    announcing, key = office.announcing, "first-72-hours"
    announcing._library = read_library()
    await announcing.confirm_news(office.signer("anna"), "article", key)
    await announcing.publish_news(office.signer("boris"), "article", key)
    return (await office.queued())[0].id


@pytest.mark.parametrize(
    ("approve", "told"),
    [
        (corrected, ["Алесь Прыклад 1", PAGE]),
        (taken_back, ["Алесь Прыклад 1", PAGE]),
        (whole_release, ["event/R1", " 3, named", PAGE, "Алесь Прыклад 1"]),
        (news, ["sanction/S1", "Something", PAGE]),
        (article, ["article/first-72-hours", "https://"]),
    ],
)
async def test_the_third_is_shown_all_that_would_be_told_and_signs_that(
    office: Office, approve: Callable[[Office], Awaitable[int]], told: list[str]
) -> None:
    number = await approve(office)
    before = await shown_publication(office.database, number)
    assert before == Shown(["Chats it would reach within the hour: not held."], frozenset())
    await office.hold(number)
    shown = await shown_publication(office.database, number)
    assert [one for one in told if one not in "\n".join(shown.lines)] == []

    saw = replace(office.signer("vera"), saw=shown.digests)
    await office.announcing.confirm_held(saw, number)
    await verify(office.database, number)


@pytest.mark.parametrize(
    ("approve", "change", "anew"),
    [
        (whole_release, release_event.update().values(number=4), whole_release_anew),
        (news, sanction.update().values(text_en="Something else"), news_anew),
    ],
)
async def test_what_has_changed_since_two_approved_it_no_third_signs_until_two_approve_it_anew(
    office: Office,
    approve: Callable[[Office], Awaitable[int]],
    change: Update,
    anew: Callable[[Office], Awaitable[int]],
) -> None:
    number = await approve(office)
    await office.hold(number)
    async with office.database.writing() as connection:
        await connection.execute(change)
    shown = await shown_publication(office.database, number)
    signed = office.announcing.confirm_held(replace(office.signer("vera"), saw=shown.digests), number)
    assert await refused(signed) is Refusal.OVERTAKEN

    number = await anew(office)
    await office.hold(number)
    shown = await shown_publication(office.database, number)
    await office.announcing.confirm_held(replace(office.signer("vera"), saw=shown.digests), number)
    await verify(office.database, number)


@pytest.mark.parametrize("one_of_two", ["anna", "boris"])
async def test_the_sender_takes_no_third_word_from_one_of_the_two(office: Office, one_of_two: str) -> None:
    await office.published(1)
    [one] = await office.queued()
    await office.hold(one.id)
    async with office.database.writing() as connection:
        signer = office.signer(one_of_two)
        entries = await audit.entries(connection)
        sitting = Sitting(connection, signer, office.now())
        await sitting.sign(Action.CONFIRM_HELD, entries[-1].subject, "1", entries[-1].digest)

    assert [held.confirmations for held in await office.queued()] == [3]
    assert await doubt(office, one.id) is Doubt.NO_THIRD
    await office.announcing.confirm_held(office.signer("vera"), one.id)
    await verify(office.database, one.id)


async def test_whoever_confirmed_beside_the_two_is_no_third_but_a_change_frees_them(office: Office) -> None:
    key = await office.reported(1, country="PL")
    await office.reviewing.confirm(office.signer("vera"), key)
    await office.reported(1)
    await office.reviewing.confirm(office.signer("anna"), key)
    await office.reviewing.publish(office.signer("boris"), key)
    [one] = await office.queued()
    await office.hold(one.id)

    await office.announcing.confirm_held(office.signer("vera"), one.id)
    await verify(office.database, one.id)


async def test_the_third_one_s_word_ends_with_their_key(office: Office) -> None:
    await office.published(1)
    [one] = await office.queued()
    await office.hold(one.id)
    await office.announcing.confirm_held(office.signer("vera"), one.id)
    await office.enrolling.revoke("vera")

    assert await doubt(office, one.id) is Doubt.NO_THIRD


async def test_one_editor_stops_what_has_not_gone(office: Office) -> None:
    await office.published(1)
    [one] = await office.queued()
    await office.announcing.reject(office.signer("vera"), one.id)

    assert await office.queued() == []
    assert await office.let_go(one.id, 5) is False
    assert await office.hold(one.id) is False
    assert await refused(office.announcing.reject(office.signer("vera"), one.id)) is Refusal.GONE
    assert await refused(office.announcing.reject(office.signer("vera"), 99)) is Refusal.NO_NUMBER


async def test_of_two_who_publish_at_once_one_does(office: Office) -> None:
    key = await office.reported(1)
    await office.reviewing.confirm(office.signer("anna"), key)
    boris, vera = office.signer("boris"), office.signer("vera")
    ends = await asyncio.gather(
        office.reviewing.publish(boris, key), office.reviewing.publish(vera, key), return_exceptions=True
    )

    assert [type(end) for end in ends if end is not None] == [NotDoneError]
    assert await office.count() == 1
    [one] = await office.queued()
    await verify(office.database, one.id)
