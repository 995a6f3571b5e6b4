"""The timeline: quarters added up, what stands near a release, and who was freed without a name."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.people import Language
from bot.domain.timeline import (
    Qualifier,
    Quarter,
    ReleaseKind,
    Text,
    around,
    by_quarter,
    unnamed_since,
)
from tests.builders import NOTHING, a_count, a_release, a_sanction, a_text, a_visit


def test_releases_of_a_quarter_are_added_up_newest_quarter_first() -> None:
    quarters = by_quarter(
        [
            a_release("2025-06-21", 14, named=14),
            a_release("2025-09-11", 52, named=51),
            a_release("2025-09-16", 25, named=5),
        ],
        [],
        {},
    )

    assert quarters == [
        Quarter(2025, 3, freed=77, named=56, approximate=False, still_listed=None),
        Quarter(2025, 2, freed=14, named=14, approximate=False, still_listed=None),
    ]


@pytest.mark.parametrize(
    ("day", "year", "number"),
    [
        ("2025-01-01", 2025, 1), ("2025-03-31", 2025, 1), ("2025-04-01", 2025, 2), ("2025-06-30", 2025, 2),
        ("2025-07-01", 2025, 3), ("2025-09-30", 2025, 3), ("2025-10", 2025, 4), ("2025-12-31", 2025, 4),
    ],
)  # fmt: skip
def test_the_quarter_of_a_day(day: str, year: int, number: int) -> None:
    (quarter,) = by_quarter([a_release(day)], [], {})

    assert (quarter.year, quarter.number) == (year, number)


@pytest.mark.parametrize("qualifier", [Qualifier.ABOUT, Qualifier.AT_LEAST, Qualifier.OVER])
def test_one_unsure_number_makes_the_quarter_unsure(qualifier: Qualifier) -> None:
    (quarter,) = by_quarter([a_release("2025-09-11"), a_release("2025-09-16", qualifier=qualifier)], [], {})

    assert quarter.approximate


@pytest.mark.parametrize(("stated", "ours", "expected"), [(None, 0, 0), (None, 3, 3), (5, 3, 5), (5, 7, 7)])
def test_the_larger_number_of_named_counts(stated: int | None, ours: int, expected: int) -> None:
    release = a_release("2025-09-11", 10, named=stated)

    (quarter,) = by_quarter([release], [], {release.key: ours, "R-other": 100})

    assert (quarter.freed, quarter.named) == (10, expected)


def test_the_last_count_of_a_quarter_is_the_one_still_listed() -> None:
    last = a_count("2025-09-30", 1190)

    (quarter,) = by_quarter([], [last, a_count("2025-07-01", 1250), a_count("2025-08-01", 1220)], {})

    assert quarter == Quarter(2025, 3, freed=0, named=0, approximate=False, still_listed=last)


def test_no_quarter_between_the_first_and_the_last_is_left_out() -> None:
    quarters = by_quarter([a_release("2023-12-31")], [a_count("2024-07-01"), a_count("2023-05-31")], {})

    assert [(quarter.year, quarter.number) for quarter in quarters] == [
        *((2024, 3), (2024, 2), (2024, 1)),
        *((2023, 4), (2023, 3), (2023, 2)),
    ]
    assert by_quarter([], [], {}) == []


def test_who_was_moved_to_house_arrest_was_not_freed() -> None:
    moved = a_release("2020-10-11", 2, kind=ReleaseKind.RESTRICTED, named=2, unnamed=1)

    (quarter,) = by_quarter([moved, a_release("2020-12-01", 3)], [], {moved.key: 2})

    assert (quarter.freed, quarter.named, quarter.restricted) == (3, 0, 2)
    assert unnamed_since([moved], None) == []


def test_acts_within_a_month_stand_around_a_release() -> None:
    release = a_release("2025-09-11")
    first, last = a_visit("2025-08-12"), a_visit("2025-10-11")

    found = around(release, [last, first, a_visit("2025-08-11"), a_visit("2025-10-12")], [])

    assert found.diplomacy == (first, last)
    assert found.sanctions == ()


def test_an_act_tied_to_a_release_stands_around_it_however_far() -> None:
    release = a_release("2025-09-11", key="R1")
    tied = a_sanction("2026-03-01", event="R1")

    found = around(release, [], [tied, a_sanction("2026-03-01", event="R2")])

    assert found.sanctions == (tied,)


def test_an_act_known_by_its_month_may_stand_around_a_release() -> None:
    release = a_release("2025-09-11")
    month = a_visit("2025-07")

    assert around(release, [month], []).diplomacy == ()
    assert around(a_release("2025-08-30"), [month], []).diplomacy == (month,)


def test_releases_with_unnamed_people_are_told_oldest_first() -> None:
    older, newer = a_release("2025-09-11", unnamed=1), a_release("2025-12-13", unnamed=20)

    assert unnamed_since([newer, older, a_release("2025-10-01", unnamed=0)], date(2025, 9, 10)) == [
        older,
        newer,
    ]


def test_a_release_in_which_unnamed_were_not_counted_is_not_told() -> None:
    assert unnamed_since([a_release("2025-09-11", unnamed=None)], date(2025, 1, 1)) == []


@pytest.mark.parametrize(
    ("since", "told"), [("2025-09-10", True), ("2025-09-11", False), ("2025-09-12", False)]
)
def test_only_releases_after_the_last_confirmation_are_told(since: str, told: bool) -> None:
    assert bool(unnamed_since([a_release("2025-09-11", unnamed=1)], date.fromisoformat(since))) is told


def test_a_release_known_by_its_month_may_be_after_the_confirmation() -> None:
    assert unnamed_since([a_release("2025-09", unnamed=1)], date(2025, 9, 11))


def test_a_text_is_there_in_each_language_or_in_none() -> None:
    assert [a_text("x").in_language(language) for language in Language] == [
        "x (па-беларуску)",
        "x (по-русски)",
        "x",
    ]
    assert a_text("x")
    assert not NOTHING
    assert isinstance(NOTHING, Text)
