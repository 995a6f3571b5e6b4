"""Alerts: who hears of which publication, when, how loudly, and what a row says before and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import alerts
from bot.domain.alerts import Alert, Board, NotOwedError, Urgency, due_at
from bot.domain.follower import MOST_TOLD, Flag, Glance, InFlight, Quiet, Record, Told, pack
from bot.domain.publishing import Publication, PublicationKind
from bot.domain.subjects import Subject

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
ALL = frozenset({Subject.ALL_RELEASES})
LAWS = frozenset({Subject.LEGAL_NEWS})
NOBODY: frozenset[int] = frozenset()


def a_publication(
    number: int,
    *people: int,
    kind: PublicationKind = PublicationKind.RELEASE,
    subjects: frozenset[Subject] = ALL,
    revises: int = 0,
    at: datetime = NOW,
) -> Publication:
    return Publication(number, f"claim/{number}@1", kind, frozenset(people), subjects, revises, at)


def a_release_of_many(number: int, *people: int) -> Publication:
    return replace(a_publication(number, *people), key=f"event/R1@{number}")


def a_correction(number: int, revises: int, *people: int, at: datetime = NOW) -> Publication:
    return a_publication(number, *people, kind=PublicationKind.CORRECTION, revises=revises, at=at)


def a_retraction(number: int, revises: int, *people: int) -> Publication:
    return a_publication(number, *people, kind=PublicationKind.RETRACTION, revises=revises)


def news(number: int, at: datetime = NOW) -> Publication:
    return a_publication(number, kind=PublicationKind.NEWS, subjects=LAWS, at=at)


def a_follower(*people: int, **other: object) -> Record:
    return replace(Record(7, people=frozenset(people)), **other)  # type: ignore[arg-type]


def told_of(record: Record, *publications: int, message: int = 50) -> Record:
    """Return the row of somebody to whom an alert of these has arrived."""
    hour = int(NOW.timestamp()) // 3600
    told = tuple(Told(message, number, hour) for number in publications)
    return replace(record, told=(*record.told, *told), alert_seen=max(publications))


def numbers(board: Board, record: Record) -> list[int]:
    return [publication.number for publication in board.pending(record)]


def the_alert(board: Board, record: Record, now: datetime = NOW) -> Alert:
    alert = board.alert(record, now)
    assert alert is not None
    return alert


def test_one_alert_carries_everything_above_what_was_seen_that_concerns_its_reader() -> None:
    board = Board([a_publication(12, 3), a_publication(10, 1), a_publication(11, 2), a_publication(13, 1)])

    assert numbers(board, a_follower(1)) == [10, 13]
    assert numbers(board, a_follower(1, alert_seen=10)) == [13]
    assert numbers(board, a_follower(1, alert_seen=13)) == []
    assert numbers(board, a_follower(4)) == []
    assert numbers(board, Record(7, topics=frozenset({Subject.ALL_RELEASES.value}))) == [10, 11, 12, 13]
    alert = the_alert(board, a_follower(1, 3))
    assert (alert.first, alert.last, alert.urgency, alert.is_loud) == (10, 13, Urgency.RELEASE, True)
    assert board.latest == 13


def test_what_is_said_to_followers_only_reaches_no_subject() -> None:
    board = Board([a_publication(10, 1, subjects=frozenset())])
    everything = Record(7, topics=frozenset(subject.value for subject in Subject))

    assert numbers(board, everything) == []
    assert numbers(board, a_follower(1)) == [10]


@pytest.mark.parametrize("subject", list(Subject))
def test_each_subject_reaches_who_chose_it(subject: Subject) -> None:
    board = Board([a_publication(10, subjects=frozenset({subject}))])

    reached = {s for s in Subject if numbers(board, Record(7, topics=frozenset({s.value})))}
    assert reached == {subject}


def test_only_the_latest_state_is_told() -> None:
    board = Board([a_publication(10, 1), a_correction(11, 10, 1)])

    alert = the_alert(board, a_follower(1))
    assert [p.number for p in alert.publications] == [11]
    assert alert.urgency is Urgency.RELEASE, "what was never told is no correction to its reader"
    assert alert.corrects == NOBODY


def test_what_was_told_is_corrected_and_so_is_a_correction_of_it() -> None:
    release, correction, again = a_publication(10, 1), a_correction(11, 10, 1), a_correction(12, 11, 1)
    reader = told_of(a_follower(1), 10)

    alert = the_alert(Board([release, correction]), reader)
    assert ([p.number for p in alert.publications], alert.urgency) == ([11], Urgency.CORRECTION)
    alert = the_alert(Board([release, correction, again]), reader)
    assert ([p.number for p in alert.publications], alert.urgency) == ([12], Urgency.CORRECTION)
    assert alert.replaces >= {10}
    assert alerts.outdated(reader, alert) == [50]


def test_who_was_told_and_unfollowed_hears_that_the_correction_was_taken_back_too() -> None:
    board = Board([a_publication(10, 1), a_correction(11, 10, 1), a_retraction(12, 11, 1)])
    reader = told_of(a_follower(), 10)

    alert = the_alert(board, reader)
    assert [p.number for p in alert.publications] == [12]
    assert alerts.marked(reader, alert).in_flight == InFlight(12)
    after = alerts.told(alerts.marked(reader, alert), alert, 60, NOW)
    assert [told.publication for told in after.told] == [12]
    assert board.alert(after, NOW) is None


def test_a_retraction_of_what_nobody_told_them_is_nothing() -> None:
    board = Board([a_publication(10, 1), a_retraction(11, 10, 1)])
    assert numbers(board, a_follower(1)) == []

    board = Board([a_publication(10, 1), a_correction(11, 10, 1), a_retraction(12, 11, 1)])
    assert numbers(board, a_follower(1)) == []
    assert numbers(board, told_of(a_follower(1), 10)) == [12]


def test_what_is_taken_back_is_told_to_nobody_new_whatever_became_of_the_retraction() -> None:
    release = replace(a_publication(10, 1), taken_back=frozenset({1}))
    board = Board([release, replace(a_correction(11, 10, 1), taken_back=frozenset({1}))])

    assert numbers(board, a_follower(1)) == []
    assert numbers(board, told_of(a_follower(1), 10)) == []
    reader = a_follower(1, in_flight=InFlight(10))
    assert numbers(Board([release]), reader) == [10], "or nobody would know whom to tell that it was wrong"
    assert numbers(Board([release, a_retraction(11, 10, 1)]), reader) == [11]
    together = replace(a_release_of_many(10, 1, 2), taken_back=frozenset({1}))
    everything = frozenset({Subject.ALL_RELEASES.value})
    assert numbers(Board([together]), a_follower(1)) == []
    assert numbers(Board([together]), a_follower(1, 2)) == [10]
    assert numbers(Board([together]), replace(a_follower(), topics=everything)) == [10]


def test_a_retraction_reaches_who_was_told_so_much_that_a_row_remembers_only_the_last() -> None:
    many = [a_publication(number, number) for number in range(10, 30)]
    everybody = Record(7, topics=frozenset({Subject.ALL_RELEASES.value}))
    alert = the_alert(Board(many), everybody)
    reader = alerts.told(everybody, alert, 50, NOW)
    assert len(reader.told) == MOST_TOLD
    assert 10 not in {told.publication for told in reader.told}

    alert = the_alert(Board([*many, a_retraction(30, 10, 10)]), reader)
    assert ([p.number for p in alert.publications], alert.urgency) == ([30], Urgency.CORRECTION)
    assert alert.is_loud
    assert alerts.outdated(reader, alert) == [], "the rest of that message is right, and can be opened"


def test_who_was_never_to_hear_of_it_is_not_told_that_it_was_wrong() -> None:
    quiet = a_publication(10, 1, subjects=frozenset())
    everything = Record(7, topics=frozenset({Subject.ALL_RELEASES.value}), alert_seen=10)

    assert numbers(Board([quiet, a_retraction(11, 10, 1)]), everything) == []
    assert the_alert(Board([quiet, a_correction(11, 10, 1)]), everything).urgency is Urgency.RELEASE
    assert numbers(Board([quiet, a_retraction(11, 10, 1)]), a_follower(1, alert_seen=10)) == [11]


def test_of_a_release_of_many_one_wrong_name_leaves_the_others_news() -> None:
    together, wrong = a_publication(10, 1, 2, 3), a_retraction(11, 10, 2)
    board = Board([together, wrong])

    assert numbers(board, a_follower(1)) == [10]
    assert numbers(board, Record(7, topics=frozenset({Subject.ALL_RELEASES.value}))) == [10]
    reader = told_of(a_follower(1, 2), 10)
    alert = the_alert(board, reader)
    assert ([p.number for p in alert.publications], alert.urgency) == ([11], Urgency.CORRECTION)
    assert alerts.outdated(reader, alert) == [50]
    after = alerts.told(reader, alert, 60, NOW)
    assert alerts.still_right(after, 50) == (10, 10)
    assert {told.publication for told in after.told} == {10, 11}, "another name of it may be wrong, too"


def test_of_a_release_of_many_one_wrong_name_is_never_news_to_who_follows_that_one() -> None:
    together, wrong = a_release_of_many(10, 1, 2, 3), a_retraction(11, 10, 2)
    board = Board([together, wrong])

    assert numbers(board, a_follower(2)) == []
    assert numbers(board, a_follower(2, in_flight=InFlight(10))) == [11], "it may have arrived"
    both = a_follower(1, 2)
    alert = the_alert(board, both)
    assert ([p.number for p in alert.publications], alert.urgency) == ([10], Urgency.RELEASE)
    after = alerts.told(alerts.marked(both, alert), alert, 50, NOW)
    assert board.alert(after, NOW) is None, "it was right when it was told"
    assert numbers(Board([together, wrong, a_retraction(12, 10, 3)]), a_follower(2, 3)) == []


def test_of_a_release_of_many_what_was_corrected_before_it_was_told_is_told_once() -> None:
    together, first, second = a_release_of_many(10, 1, 2, 3), a_correction(11, 10, 2), a_correction(12, 10, 3)

    assert numbers(Board([together, first]), a_follower(2)) == [11]
    assert numbers(Board([together, first]), a_follower(1, 2)) == [10, 11]
    assert numbers(Board([together, first, second]), a_follower(2, 3)) == [11, 12]


@pytest.mark.parametrize("named", [(1,), ()])
def test_who_chose_releases_hears_of_a_group_whatever_becomes_of_its_names(named: tuple[int, ...]) -> None:
    group = replace(a_release_of_many(10, *named), subjects=ALL | {Subject.GROUP_RELEASES})
    of_groups = Record(7, topics=frozenset({Subject.GROUP_RELEASES.value}))
    of_all = Record(7, topics=frozenset({Subject.ALL_RELEASES.value}))
    corrected, retracted = Board([group, a_correction(11, 10, 1)]), Board([group, a_retraction(11, 10, 1)])

    assert (numbers(corrected, of_groups), numbers(corrected, of_all)) == ([10], [10, 11])
    for board in (corrected, retracted):
        alert = the_alert(board, of_groups)
        assert board.alert(alerts.told(of_groups, alert, 50, NOW), NOW) is None
    assert numbers(retracted, of_all) == [10]
    alert = the_alert(retracted, told_of(of_all, 10))
    assert alert.corrects == {10}
    assert alert.replaces == NOBODY, "the rest of what it told is right"
    alone = replace(group, subjects=ALL)
    assert numbers(Board([alone, a_retraction(11, 10, 1)]), of_all) == [], (
        "nothing is left of a release of one"
    )


def test_of_a_release_of_many_one_wrong_name_alarms_only_whom_it_was_told() -> None:
    together, wrong = a_release_of_many(10, 1, 2, 3), a_retraction(11, 10, 2)
    board = Board([together, wrong])
    everything = Record(7, topics=frozenset({Subject.GROUP_RELEASES.value}))

    assert numbers(board, told_of(a_follower(1), 10)) == []
    assert numbers(board, told_of(a_follower(2), 10)) == [11]
    assert numbers(board, told_of(a_follower(), 10)) == [11], "they may have followed any of them"
    of_all = replace(together, subjects=frozenset({Subject.GROUP_RELEASES}))
    quiet = replace(wrong, subjects=frozenset())
    assert numbers(Board([of_all, quiet]), told_of(everything, 10)) == [11]


@pytest.mark.parametrize("chosen", [{"people": frozenset({1, 2})}, {"topics": {Subject.ALL_RELEASES.value}}])
def test_who_unfollows_just_the_wrong_one_of_a_release_hears_of_it(chosen: dict[str, frozenset[int]]) -> None:
    together, wrong = a_release_of_many(10, 1, 2, 3), a_retraction(11, 10, 2)
    board = Board([together, wrong])
    before = told_of(a_follower(**chosen), 10)
    after = alerts.unfollowed(before, a_follower_since(before, 1), [together], NOW + timedelta(days=1))

    alert = the_alert(board, after)
    assert ([p.number for p in alert.publications], alert.urgency) == ([11], Urgency.CORRECTION)
    assert {told.hour for told in after.told} == {before.told[0].hour}, "it is forgotten with the alert"
    assert alerts.unfollowed(after, a_follower_since(after, 1), [together], NOW) == after
    later = alerts.told(after, alert, 60, NOW)
    assert board.alert(later, NOW) is None


def test_who_unfollows_one_of_a_release_that_is_on_its_way_hears_when_that_one_was_wrong() -> None:
    together, wrong = a_release_of_many(10, 1, 2), a_retraction(11, 10, 2)
    before = a_follower(1, 2, in_flight=InFlight(10))
    after = alerts.unfollowed(before, a_follower_since(before, 1), [together], NOW)
    arrived = alerts.told(after, the_alert(Board([together]), before), 50, NOW)

    assert numbers(Board([together, wrong]), arrived) == [11]


def a_follower_since(before: Record, *people: int) -> Record:
    """Return the row once it follows these people, and no subject."""
    return replace(before, people=frozenset(people), topics=NOBODY)


def test_a_message_of_which_a_part_is_wrong_can_be_opened_to_the_rest() -> None:
    board = Board([a_publication(10, 1), a_publication(11, 2), a_correction(12, 10, 1)])
    both = told_of(a_follower(1, 2), 10, 11)
    alert = the_alert(board, both)
    assert alerts.outdated(both, alert) == [50]
    assert alerts.still_right(alerts.told(both, alert, 60, NOW), 50) == (11, 11)
    apart = told_of(told_of(a_follower(1, 2), 10, message=50), 11, message=51)
    alert = the_alert(board, apart)
    assert alerts.outdated(apart, alert) == [50]
    assert alerts.still_right(alerts.told(apart, alert, 60, NOW), 50) is None


def test_what_a_row_may_have_forgotten_is_not_taken_from_the_message_that_told_it() -> None:
    board = Board([*(a_publication(number, 1) for number in range(10, 18)), a_correction(18, 17, 1)])
    full = told_of(told_of(a_follower(1), *range(10, 14), message=50), *range(14, 18), message=51)
    assert len(full.told) == MOST_TOLD
    assert alerts.outdated(full, the_alert(board, full)) == []
    some = replace(full, told=full.told[1:])
    assert alerts.outdated(some, the_alert(board, some)) == [51]


def test_a_pause_lets_through_only_what_takes_back_and_loses_nothing_by_it() -> None:
    resting = told_of(a_follower(1, 2, flags=Flag.PAUSED), 10)
    release = a_publication(11, 2)
    assert numbers(Board([release]), resting) == []
    assert numbers(Board([release]), replace(resting, flags=Flag(0))) == [11]

    board = Board([a_publication(10, 1), release, a_correction(12, 10, 1)])
    assert numbers(board, resting) == [11, 12], "once the silence is broken, all that waits goes along"


def test_what_may_have_arrived_is_repeated_alone_and_without_a_sound() -> None:
    board = Board([a_publication(10, 1), a_publication(11, 2)])
    reader = a_follower(1, 2, in_flight=InFlight(10))

    alert = the_alert(board, reader)
    assert [p.number for p in alert.publications] == [10]
    assert (alert.is_repeat, alert.is_loud) == (True, False)
    after = alerts.told(reader, alert, 50, NOW)
    following = the_alert(board, after)
    assert [p.number for p in following.publications] == [11]
    assert (following.is_repeat, following.is_loud) == (False, True)


def test_what_may_have_arrived_and_was_wrong_is_corrected_loudly_instead() -> None:
    board = Board([a_publication(10, 1), a_retraction(11, 10, 1)])
    alert = the_alert(board, a_follower(1, in_flight=InFlight(10)))

    assert [p.number for p in alert.publications] == [11]
    assert (alert.urgency, alert.is_loud, alert.is_repeat) == (Urgency.CORRECTION, True, False)


def test_who_unfollows_while_an_alert_is_on_its_way_is_found_by_its_correction() -> None:
    release = a_publication(10, 1)
    before = a_follower(1, in_flight=InFlight(10))
    after = alerts.unfollowed(before, replace(before, people=NOBODY), [release], NOW)

    alert = the_alert(Board([release, a_retraction(11, 10, 1)]), after)
    assert alert.urgency is Urgency.CORRECTION
    assert alerts.outdated(after, alert) == [], "nobody knows the number of that message"
    arrived = alerts.told(after, the_alert(Board([release]), before), 50, NOW)
    assert arrived.told == (Told(50, 10, int(NOW.timestamp()) // 3600),)
    untouched = a_follower(1, alert_seen=10)
    assert alerts.unfollowed(untouched, a_follower(), [release], NOW) == a_follower()


def test_what_is_old_or_was_handed_out_before_a_restore_makes_no_sound() -> None:
    old = a_publication(10, 1, at=NOW - timedelta(hours=73))
    assert not the_alert(Board([old]), a_follower(1)).is_loud
    assert the_alert(Board([replace(old, published_at=NOW - timedelta(hours=72))]), a_follower(1)).is_loud
    held = replace(old, number=int((NOW - timedelta(hours=72)).timestamp()))
    assert the_alert(Board([held]), a_follower(1)).is_loud, "its number says when it was let go after all"
    assert not the_alert(Board([replace(held, number=held.number - 1)]), a_follower(1)).is_loud
    ahead = replace(old, number=int(NOW.timestamp()) + 90 * 24 * 3600)
    assert not the_alert(Board([ahead]), a_follower(1)).is_loud, "the clock was wrong when it was let go"
    assert the_alert(Board([replace(ahead, published_at=NOW)]), a_follower(1)).is_loud
    assert the_alert(Board([replace(old, number=int(NOW.timestamp()) + 9)]), a_follower(1)).is_loud
    assert not the_alert(Board([a_publication(10, 1)], quiet_to=10), a_follower(1)).is_loud
    assert the_alert(Board([a_publication(11, 1)], quiet_to=10), a_follower(1)).is_loud


def test_news_of_no_person_wait_for_six_in_the_evening_and_make_no_sound() -> None:
    reader = Record(7, topics=frozenset({Subject.LEGAL_NEWS.value}), zone="Europe/Minsk")
    alert = the_alert(Board([news(10)]), reader)

    assert (alert.urgency, alert.is_loud) == (Urgency.NEWS, False)
    assert due_at(alert, NOW) == datetime(2026, 11, 28, 15, 0, tzinfo=UTC)
    evening = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)
    assert due_at(alert, evening) == evening
    assert due_at(alert, evening + timedelta(hours=2)) == evening + timedelta(hours=2)
    along = replace(reader, people=frozenset({1}))
    alert = the_alert(Board([news(10), a_publication(11, 1)]), along)
    assert (alert.urgency, alert.is_loud, due_at(alert, NOW)) == (Urgency.RELEASE, True, NOW)


def test_once_a_day_is_at_six_where_the_reader_is() -> None:
    daily = a_follower(1, flags=Flag.DIGEST, zone="America/New_York")
    alert = the_alert(Board([a_publication(10, 1)]), daily)
    assert due_at(alert, NOW) == datetime(2026, 11, 28, 23, 0, tzinfo=UTC)
    assert alert.is_loud


def at(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("quiet", "now", "due"),
    [
        (Quiet(22 * 60, 7 * 60), (2026, 11, 28, 21, 59), (2026, 11, 28, 21, 59)),
        (Quiet(22 * 60, 7 * 60), (2026, 11, 28, 22, 0), (2026, 11, 29, 7, 0)),
        (Quiet(22 * 60, 7 * 60), (2026, 11, 29, 0, 0), (2026, 11, 29, 7, 0)),
        (Quiet(22 * 60, 7 * 60), (2026, 11, 29, 6, 59), (2026, 11, 29, 7, 0)),
        (Quiet(22 * 60, 7 * 60), (2026, 11, 29, 7, 0), (2026, 11, 29, 7, 0)),
        (Quiet(13 * 60, 15 * 60), (2026, 11, 28, 14, 30), (2026, 11, 28, 15, 0)),
        (Quiet(13 * 60, 15 * 60), (2026, 11, 28, 12, 59), (2026, 11, 28, 12, 59)),
        (Quiet(60, 60), (2026, 11, 28, 1, 0), (2026, 11, 28, 1, 0)),
    ],
)
def test_quiet_hours_may_pass_midnight(quiet: Quiet, now: tuple[int, ...], due: tuple[int, ...]) -> None:
    moment = at("Europe/Minsk", *now)
    reader = a_follower(1, quiet=quiet, zone="Europe/Minsk")
    alert = the_alert(Board([a_publication(10, 1, at=moment)]), reader, moment)
    assert due_at(alert, moment) == at("Europe/Minsk", *due)


@pytest.mark.parametrize("zone", ["Europe/Warsaw", "Europe/Vilnius", "Europe/Minsk"])
@pytest.mark.parametrize("night", [(2026, 10, 24), (2026, 10, 25), (2027, 3, 27), (2027, 3, 28)])
def test_seven_stays_seven_and_six_stays_six_when_clocks_change(
    zone: str, night: tuple[int, int, int]
) -> None:
    """Clocks of Warsaw and Vilnius change in those nights; those of Minsk never do."""
    evening = at(zone, *night, 23, 0)
    reader = a_follower(1, quiet=Quiet(22 * 60, 7 * 60), zone=zone)
    alert = the_alert(Board([a_publication(10, 1, at=evening)]), reader, evening)
    woken = due_at(alert, evening).astimezone(ZoneInfo(zone))
    assert (woken.hour, woken.minute) == (7, 0)
    assert timedelta(0) < woken - evening <= timedelta(hours=9)
    digest = the_alert(Board([news(10, at=evening)]), Record(7, topics=frozenset({4}), zone=zone), evening)
    told = due_at(digest, evening).astimezone(ZoneInfo(zone))
    assert (told.hour, told.minute) == (18, 0)


def test_the_change_of_clocks_makes_a_night_an_hour_longer_or_shorter_only_where_there_is_one() -> None:
    def hours_until_seven(zone: str, *night: int) -> float:
        evening = at(zone, *night, 22, 0)
        reader = a_follower(1, quiet=Quiet(22 * 60, 7 * 60), zone=zone)
        alert = the_alert(Board([a_publication(10, 1, at=evening)]), reader, evening)
        return (due_at(alert, evening) - evening).total_seconds() / 3600

    autumn, spring = (2026, 10, 24), (2027, 3, 27)
    assert [hours_until_seven(zone, *autumn) for zone in ("Europe/Warsaw", "Europe/Minsk")] == [10, 9]
    assert [hours_until_seven(zone, *spring) for zone in ("Europe/Vilnius", "Europe/Minsk")] == [8, 9]


def test_a_correction_waits_for_neither_quiet_hours_nor_a_digest() -> None:
    night = at("Europe/Minsk", 2026, 11, 28, 3, 0)
    reader = told_of(a_follower(1, quiet=Quiet(22 * 60, 7 * 60), flags=Flag.DIGEST, zone="Europe/Minsk"), 10)
    alert = the_alert(Board([a_publication(10, 1), a_correction(11, 10, 1, at=night)]), reader, night)

    assert due_at(alert, night) == night
    assert alert.is_loud
    first_news = replace(reader, told=(), alert_seen=0)
    alert = the_alert(Board([a_publication(10, 1), a_correction(11, 10, 1, at=night)]), first_news, night)
    assert due_at(alert, night) > night, "to who was never told wrongly it is news like any other"


# What a row says.


def test_a_mark_is_refused_once_the_alert_is_owed_no_more() -> None:
    reader, board = a_follower(1), Board([a_publication(10, 1)])
    alert = the_alert(board, reader)
    board.check(alert, reader, NOW)
    board.check(alert, replace(reader, latest=7), NOW)
    assert alerts.marked(reader, alert).in_flight == InFlight(10, 0)
    tried = replace(reader, in_flight=InFlight(10, 3))
    assert alerts.marked(tried, alert).in_flight == InFlight(10, 3), "a mark forgets no deaths"
    for gone in (
        replace(reader, people=NOBODY),
        replace(reader, alert_seen=10),
        replace(reader, flags=reader.flags | Flag.PAUSED),
    ):
        with pytest.raises(NotOwedError):
            board.check(alert, gone, NOW)


def test_a_correction_is_owed_until_its_reader_says_stop() -> None:
    reader = told_of(a_follower(), 10)
    board = Board([a_publication(10, 1), a_correction(11, 10, 1)])
    alert = the_alert(board, reader)
    assert alerts.marked(reader, alert).in_flight == InFlight(11)
    with pytest.raises(NotOwedError):
        board.check(alert, replace(reader, told=()), NOW)


def test_a_definite_no_leaves_the_row_as_it_was() -> None:
    reader = a_follower(1, alert_seen=4)
    alert = the_alert(Board([a_publication(10, 1)]), reader)
    assert alerts.unmarked(alerts.marked(reader, alert)) == reader
    assert the_alert(Board([a_publication(10, 1)]), reader).is_loud


def test_what_arrived_is_seen_and_kept_for_its_correction_for_two_weeks() -> None:
    hour = int(NOW.timestamp()) // 3600
    old, older = Told(40, 8, hour - 14 * 24), Told(41, 9, hour - 14 * 24 - 1)
    reader = a_follower(1, told=(older, old))
    alert = the_alert(Board([a_publication(10, 1)]), reader)

    after = alerts.told(alerts.marked(reader, alert), alert, 50, NOW)
    assert after == replace(reader, alert_seen=10, told=(old, Told(50, 10, hour)))
    later = replace(reader, alert_seen=12)
    assert alerts.told(later, alert, 50, NOW).alert_seen == 12


def test_who_is_passed_over_is_not_asked_again() -> None:
    reader = alerts.passed_over(a_follower(1, in_flight=InFlight(10, 4)), 10)
    assert (reader.alert_seen, reader.in_flight) == (10, None)
    assert Board([a_publication(10, 1)]).alert(reader, NOW) is None
    assert alerts.passed_over(a_follower(1, alert_seen=12), 10).alert_seen == 12


def test_a_chat_that_moved_keeps_what_it_was_told_under_both_numbers() -> None:
    here = told_of(a_follower(1, in_flight=InFlight(12)), 10)
    moved = alerts.moved(here, Record(-100))
    assert (moved.chat, moved.alert_seen, moved.in_flight) == (-100, 10, None)
    assert moved.people == {1}
    assert alerts.moved(here, told_of(Record(-100), 12)).alert_seen == 12


# Never a wrong no.

_NUMBERS = st.integers(1, 6)
_PEOPLE = st.frozensets(st.integers(1, 4), max_size=3)
_SUBJECTS = st.frozensets(st.sampled_from(list(Subject)), max_size=2)


@st.composite
def boards(draw: st.DrawFn) -> Board:
    publications: list[Publication] = []
    for number in sorted(draw(st.sets(_NUMBERS, min_size=1))):
        revises = draw(st.sampled_from([0, *(p.number for p in publications)]))
        kinds = [PublicationKind.CORRECTION, PublicationKind.RETRACTION]
        kind = draw(st.sampled_from(kinds if revises else [PublicationKind.RELEASE, PublicationKind.NEWS]))
        people, subjects, quiet = draw(_PEOPLE), draw(_SUBJECTS), draw(_PEOPLE)
        key = draw(st.sampled_from(["claim", "event"]))
        said = (f"{key}/{number}", kind, people, subjects, revises, NOW, quiet - people)
        gone = draw(st.sampled_from([people, NOBODY, NOBODY]))
        publications.append(Publication(number, *said, taken_back=gone))
    return Board(publications)


_FLIGHTS = st.one_of(st.none(), st.builds(InFlight, _NUMBERS, st.integers(0, 4)))
_TOLD = st.builds(Told, st.integers(0, 90), _NUMBERS, st.just(int(NOW.timestamp()) // 3600))
readers = st.builds(
    Record,
    chat=st.just(7),
    flags=st.sampled_from([Flag(0), Flag.PAUSED, Flag.DISCREET]),
    people=_PEOPLE,
    topics=st.frozensets(st.sampled_from([subject.value for subject in Subject]), max_size=2),
    alert_seen=st.integers(0, 6),
    in_flight=_FLIGHTS,
    told=st.lists(_TOLD, max_size=3).map(tuple),
)


@given(boards(), readers)
def test_a_look_at_a_packed_row_is_never_a_wrong_no(board: Board, reader: Record) -> None:
    if board.pending(reader):
        assert board.may_concern(Glance(pack(reader)))


@given(boards(), readers)
def test_telling_ends(board: Board, reader: Record) -> None:
    """Each alert that arrives brings its reader nearer to being owed nothing, and loud ones only rise."""
    loud = 0
    for _ in range(8):
        alert = board.alert(reader, NOW)
        if alert is None:
            return
        if alert.is_loud:
            assert alert.last > loud
            loud = alert.last
        reader = alerts.told(alerts.marked(reader, alert), alert, 50, NOW)
    raise AssertionError("somebody is told for ever")
