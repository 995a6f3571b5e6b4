"""Telling: whom an alert names to the reader who opens it, when something about it has changed since."""

from __future__ import annotations

from functools import partial

from bot.domain.answers import NoLongerHere, PersonCard
from bot.domain.follower import Quiet
from bot.domain.own_answers import News
from bot.domain.people import Consent
from bot.domain.subjects import Subject, Wish
from bot.services.answering import Answering
from bot.services.following import Following
from bot.services.telling import Telling, recent
from bot.store import publications
from tests.editors import Office
from tests.senders import Scene

MOTHER, SISTER, FRIEND, NEIGHBOUR, AUNT = 101, 102, 103, 104, 105
ALL = frozenset({Subject.ALL_RELEASES.value})
NOBODY: frozenset[int] = frozenset()


async def released_together(office: Office, *people: int) -> list[str]:
    """Publish a release of many; return the keys of its claims."""
    await office.enter_event()
    keys = [await office.reported(number, event="R1") for number in people]
    await office.announcing.confirm_event(office.signer("anna"), "R1")
    await office.announcing.publish_event(office.signer("boris"), "R1")
    return keys


def telling(scene: Scene) -> Telling:
    database = scene.office.database
    return Telling(database, scene.vault, Answering(database), lambda _key: None)


async def opens(scene: Scene, chat: int) -> str | None:
    """Return the key of the person on the card that the last alert opens to; None where nobody is named."""
    sent = scene.courier.to(chat)[-1]
    answer = await telling(scene).opened(chat, sent.numbers[0], sent.numbers[-1], 0)
    if isinstance(answer, NoLongerHere):
        return None
    assert isinstance(answer, PersonCard)
    return answer.person.key


async def test_who_was_told_of_somebody_silenced_since_is_shown_no_stranger(scene: Scene) -> None:
    await scene.remember(MOTHER, 1002)
    await scene.remember(SISTER, 1001)
    keys = await released_together(scene.office, 1, 2)
    await scene.told()
    [of_mother] = [alert for alert in scene.courier.alerts if alert.record.chat == MOTHER]
    await scene.office.reviewing.suppress(scene.office.signer("vera"), keys[1], Consent.SUPPRESSED)

    assert await opens(scene, MOTHER) is None
    assert (await telling(scene).in_full(of_mother)).people == (), "nor does the alert's own text name one"
    assert await opens(scene, SISTER) == "demo-1"


async def test_who_unfollowed_is_shown_whom_they_were_told_of_and_no_stranger(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.remember(SISTER, 1003)
    await released_together(scene.office, 1, 2)
    await scene.office.published(3)
    await scene.told()
    for chat in (MOTHER, SISTER):
        await scene.remember(chat)

    assert await opens(scene, MOTHER) is None
    assert await opens(scene, SISTER) == "demo-3"


async def test_what_is_for_followers_alone_by_now_is_opened_by_no_other(scene: Scene) -> None:
    await scene.remember(MOTHER, 1001)
    await scene.remember(FRIEND, topics=ALL)
    key = await scene.office.published(1)
    await scene.told()
    await scene.office.reviewing.suppress(scene.office.signer("vera"), key, Consent.FOLLOWERS)

    assert await opens(scene, MOTHER) == "demo-1"
    assert await opens(scene, FRIEND) is None


async def test_one_wrong_name_of_a_release_alarms_only_those_it_was_told(scene: Scene) -> None:
    for chat, person in ((MOTHER, 1002), (SISTER, 1001), (FRIEND, 1001)):
        await scene.remember(chat, person)
    await scene.remember(NEIGHBOUR, topics=ALL)
    await scene.remember(AUNT, 1001, 1002)
    keys = await released_together(scene.office, 1, 2)
    await scene.told()
    assert {len(scene.courier.to(chat)) for chat in (MOTHER, SISTER, FRIEND, NEIGHBOUR, AUNT)} == {1}
    following = Following(
        scene.vault, scene.office.now, partial(recent, scene.office.database, scene.office.now)
    )
    for chat in (FRIEND, AUNT):
        await following.unfollow(chat, Wish(person=1001))
    for editor in ("anna", "boris"):
        await scene.office.reviewing.retract(scene.office.signer(editor), keys[0])
    await scene.told()

    told = {chat: len(scene.courier.to(chat)) for chat in (MOTHER, SISTER, FRIEND, NEIGHBOUR, AUNT)}
    assert told == {MOTHER: 1, SISTER: 2, FRIEND: 2, NEIGHBOUR: 2, AUNT: 2}
    for alert in scene.courier.alerts[-4:]:
        assert [item.person.key for item in (await telling(scene).in_full(alert)).people] == ["demo-1"]


async def test_who_waits_for_their_hour_is_not_told_of_who_was_taken_back_of_a_release_meanwhile(
    scene: Scene,
) -> None:
    night = {"quiet": Quiet(0, 23 * 60 + 59), "zone": "UTC"}
    await scene.remember(MOTHER, 1001, **night)
    await scene.remember(AUNT, 1001, 1002, **night)
    await scene.remember(FRIEND, topics=frozenset({Subject.GROUP_RELEASES.value}), **night)
    keys = await released_together(scene.office, 1, 2)
    async with scene.delivering() as sender:
        await scene.settled(sender)
        await scene.retract(keys[0])
        await scene.settled(sender)
        assert scene.courier.sent == []
        scene.office.moment = scene.office.moment.replace(hour=23, minute=59)
        await scene.settled(sender)

    assert {sent.chat for sent in scene.courier.sent} == {AUNT, FRIEND}
    assert len(scene.courier.sent) == 2, "nobody was told what would have to be taken back"
    for alert in scene.courier.alerts:
        assert [item.person.key for item in (await telling(scene).in_full(alert)).people] == ["demo-2"]
    assert await opens(scene, AUNT) == "demo-2"


async def test_who_waits_for_their_hour_hears_of_a_release_that_is_for_followers_only_meanwhile(
    scene: Scene,
) -> None:
    night = {"quiet": Quiet(0, 23 * 60 + 59), "zone": "UTC"}
    await scene.remember(MOTHER, 1002, **night)
    await scene.remember(SISTER, 1001, **night)
    await scene.remember(FRIEND, topics=ALL, **night)
    await scene.remember(AUNT, 1002)
    keys = await released_together(scene.office, 1, 2)
    async with scene.delivering() as sender:
        await scene.settled(sender)
        assert {sent.chat for sent in scene.courier.sent} == {AUNT}
        await scene.office.reviewing.suppress(scene.office.signer("vera"), keys[1], Consent.FOLLOWERS)
        await scene.settled(sender)
        scene.passes(days=1)
        scene.office.moment = scene.office.moment.replace(hour=23, minute=59)
        await scene.settled(sender)

    opened = {chat: await opens(scene, chat) for chat in (MOTHER, SISTER, FRIEND, AUNT)}
    assert opened == {MOTHER: "demo-2", SISTER: "demo-1", FRIEND: "demo-1", AUNT: "demo-2"}


async def test_a_release_of_many_that_is_for_followers_only_names_each_to_their_own(scene: Scene) -> None:
    await scene.remember(MOTHER, 1002)
    await scene.remember(FRIEND, topics=ALL)
    keys = await released_together(scene.office, 1, 2)
    await scene.told()
    for key in keys:
        await scene.office.reviewing.suppress(scene.office.signer("vera"), key, Consent.FOLLOWERS)

    assert await opens(scene, MOTHER) == "demo-2"
    [sent] = scene.courier.to(FRIEND)
    nameless = await telling(scene).opened(FRIEND, sent.numbers[0], sent.numbers[-1], 0)
    assert isinstance(nameless, News)
    assert (nameless.people, nameless.has_talks) == ((), True)
    async with scene.office.database.reading() as connection:
        before = await publications.signature(connection, 0)
    await scene.office.reviewing.suppress(scene.office.signer("vera"), keys[1], Consent.SUPPRESSED)
    async with scene.office.database.reading() as connection:
        assert await publications.signature(connection, 0) != before, "the sender looks again"
    [going] = await scene.office.going()
    assert (going.people, going.for_followers, going.silenced) == (NOBODY, {1001}, {1002})


async def test_one_wrong_name_of_a_release_alarms_nobody_who_followed_somebody_silenced_since(
    scene: Scene,
) -> None:
    await scene.remember(MOTHER, 1002)
    await scene.remember(SISTER, 1001)
    keys = await released_together(scene.office, 1, 2)
    await scene.told()
    await scene.office.reviewing.suppress(scene.office.signer("vera"), keys[1], Consent.SUPPRESSED)
    for editor in ("anna", "boris"):
        await scene.office.reviewing.retract(scene.office.signer(editor), keys[0])
    await scene.told()

    assert {chat: len(scene.courier.to(chat)) for chat in (MOTHER, SISTER)} == {MOTHER: 1, SISTER: 2}
