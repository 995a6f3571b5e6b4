"""What published claims add up to: tables of cases, and properties that no set of claims may break."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.people import (
    Claim,
    ClaimKind,
    ClaimState,
    Consent,
    Language,
    Manner,
    Name,
    NameKind,
    Outcome,
    Passport,
    Person,
    Precision,
    Standing,
    Status,
    When,
    status_of,
    told_claims,
)
from tests.builders import a_claim, a_person, a_source

DETAINED, SENTENCED, HELD = ClaimKind.DETAINED, ClaimKind.SENTENCED, ClaimKind.HELD
RELEASED, DIED = ClaimKind.RELEASED, ClaimKind.DIED


def when(text: str) -> When:
    return When.parse(text)


STANDINGS = {
    "nothing published": ([], Standing.NOT_CONFIRMED),
    "only a sentence, which may be in absentia": ([a_claim(SENTENCED, "2023-03-01")], Standing.NOT_CONFIRMED),
    "detained": ([a_claim(DETAINED, "2023-03-01")], Standing.HELD),
    "seen behind bars": ([a_claim(HELD, "2023-03-01")], Standing.HELD),
    "freed, nobody says where": ([a_claim(RELEASED, "2023-03-01")], Standing.FREE),
    "freed at home": ([a_claim(RELEASED, "2023-03-01", Outcome.AT_HOME)], Standing.FREE),
    "taken abroad": ([a_claim(RELEASED, "2023-03-01", Outcome.ABROAD, country="LT")], Standing.FREE),
    "house arrest is not freedom": (
        [a_claim(RELEASED, "2023-03-01", Outcome.HOUSE_ARREST)],
        Standing.RESTRICTED,
    ),
    "open facility is not freedom": (
        [a_claim(RELEASED, "2023-03-01", Outcome.OPEN_FACILITY)],
        Standing.RESTRICTED,
    ),
    "let out and not seen since": (
        [a_claim(RELEASED, "2023-03-01", Outcome.WHEREABOUTS_UNKNOWN)],
        Standing.WHEREABOUTS_UNKNOWN,
    ),
    "died behind bars": ([a_claim(HELD, "2023-01"), a_claim(DIED, "2023-03-01")], Standing.DIED),
    "died after the release": ([a_claim(RELEASED, "2022"), a_claim(DIED, "2023-03-01")], Standing.DIED),
    "freed after detention": ([a_claim(DETAINED, "2021-05"), a_claim(RELEASED, "2023-03-01")], Standing.FREE),
    "detained again after a release": (
        [a_claim(RELEASED, "2023-03-01"), a_claim(DETAINED, "2023-03-02")],
        Standing.HELD,
    ),
    "seen behind bars after a release": (
        [a_claim(RELEASED, "2023-03-01"), a_claim(HELD, "2024")],
        Standing.HELD,
    ),
    "freed, detained again, freed again": (
        [a_claim(RELEASED, "2021-03-01"), a_claim(DETAINED, "2022-03-02"), a_claim(RELEASED, "2023-03-01")],
        Standing.FREE,
    ),
    "first to an open facility, then free": (
        [
            a_claim(RELEASED, "2022-03-01", Outcome.OPEN_FACILITY),
            a_claim(RELEASED, "2023-03-01", Outcome.AT_HOME),
        ],
        Standing.FREE,
    ),
    "seen behind bars on the morning of the release": (
        [a_claim(HELD, "2023-03-01"), a_claim(RELEASED, "2023-03-01")],
        Standing.FREE,
    ),
}


@pytest.mark.parametrize(("claims", "expected"), STANDINGS.values(), ids=STANDINGS)
def test_the_standing_that_follows_from_claims(claims: list[Claim], expected: Standing) -> None:
    status = status_of(claims)

    assert status.standing is expected
    assert not status.disputed
    assert status.known_free is (expected in {Standing.FREE, Standing.DIED})


CONTRADICTIONS = {
    "detained on the day of the release": [a_claim(RELEASED, "2023-03-01"), a_claim(DETAINED, "2023-03-01")],
    "seen behind bars in the month of the release": [
        a_claim(RELEASED, "2023-03-10"),
        a_claim(HELD, "2023-03"),
    ],
    "seen behind bars in the year of the release": [a_claim(RELEASED, "2023-03-10"), a_claim(HELD, "2023")],
    "a release of which only the year is known": [a_claim(RELEASED, "2023"), a_claim(DETAINED, "2023-03-10")],
    "a release of which only the month is known": [a_claim(RELEASED, "2023-03"), a_claim(HELD, "2023-03-10")],
    "detained on the day of a release that another page dates a day later": [
        a_claim(RELEASED, "2023-03-01", event="R1"),
        a_claim(DETAINED, "2023-03-01"),
        a_claim(RELEASED, "2023-03-02", event="R1"),
    ],
    "seen behind bars after one of two days of a release": [
        a_claim(RELEASED, "2023-03-01", event="R1"),
        a_claim(HELD, "2023-03-02"),
        a_claim(RELEASED, "2023-03-02", event="R1"),
    ],
    "detained again in the year of another release": [
        a_claim(RELEASED, "2023-03-01"),
        a_claim(DETAINED, "2023-05-10"),
        a_claim(RELEASED, "2023", Outcome.ABROAD, country="PL"),
    ],
    "alive after the reported death": [a_claim(DIED, "2023-03-01"), a_claim(HELD, "2023-05-01")],
    "freed after the reported death": [a_claim(DIED, "2023-03-01"), a_claim(RELEASED, "2023-05-01")],
    "free at home, or in an open facility": [
        a_claim(RELEASED, "2023-03-01", Outcome.AT_HOME),
        a_claim(RELEASED, "2023-03-01", Outcome.OPEN_FACILITY),
    ],
    "taken abroad, or under house arrest": [
        a_claim(RELEASED, "2023-03-01", Outcome.ABROAD, country="PL"),
        a_claim(RELEASED, "2023-03-01", Outcome.HOUSE_ARREST),
    ],
}


@pytest.mark.parametrize("claims", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_contradiction_about_freedom_is_said_and_never_decided(claims: list[Claim]) -> None:
    status = status_of(claims)

    assert (status.standing, status.disputed) == (Standing.NOT_CONFIRMED, True)
    assert set(status.claims) == set(claims)
    assert not status.known_free


AGREEING = {
    "seen behind bars on the first of two days of a release": (
        [
            a_claim(HELD, "2023-03-01"),
            a_claim(RELEASED, "2023-03-01", event="R1"),
            a_claim(RELEASED, "2023-03-02", event="R1"),
        ],
        Standing.FREE,
    ),
    "seen behind bars in the month that a day of the release makes finer": (
        [a_claim(HELD, "2023-03-05"), a_claim(RELEASED, "2023-03"), a_claim(RELEASED, "2023-03-10")],
        Standing.FREE,
    ),
    "detained again in the year of the same release": (
        [
            a_claim(RELEASED, "2023-03-01", event="R1"),
            a_claim(RELEASED, "2023", event="R1"),
            a_claim(DETAINED, "2023-05-10"),
        ],
        Standing.HELD,
    ),
    "detained again in the year of another release, and in the next": (
        [
            a_claim(RELEASED, "2023-03-01"),
            a_claim(RELEASED, "2023"),
            a_claim(DETAINED, "2023-05-10"),
            a_claim(HELD, "2024-01-01"),
        ],
        Standing.HELD,
    ),
}


@pytest.mark.parametrize(("claims", "standing"), AGREEING.values(), ids=AGREEING)
def test_what_can_be_put_in_order_is_no_contradiction(claims: list[Claim], standing: Standing) -> None:
    status = status_of(claims)

    assert (status.standing, status.disputed) == (standing, False)


def test_a_dispute_about_the_place_leaves_the_freedom_certain() -> None:
    status = status_of(
        [
            a_claim(RELEASED, "2023-03-01", Outcome.AT_HOME),
            a_claim(RELEASED, "2023-03-01", Outcome.ABROAD, country="PL"),
        ]
    )

    assert (status.standing, status.outcome, status.country) == (Standing.FREE, Outcome.NOT_STATED, None)
    assert status.disputed


def test_a_dispute_about_the_country_keeps_that_it_is_abroad() -> None:
    status = status_of(
        [
            a_claim(RELEASED, "2023-03-01", Outcome.ABROAD, country="LT"),
            a_claim(RELEASED, "2023-03-01", Outcome.ABROAD, country="PL"),
        ]
    )

    assert (status.outcome, status.country, status.disputed) == (Outcome.ABROAD, None, True)


def test_a_release_keeps_what_its_sources_agree_on() -> None:
    status = status_of(
        [
            a_claim(RELEASED, "2025-09", event="R1"),
            a_claim(
                RELEASED,
                "2025-09-11",
                Outcome.ABROAD,
                country="LT",
                passport=Passport.WITHOUT,
                manner=Manner.PARDON,
                event="R1",
            ),
        ]
    )

    assert (status.outcome, status.country) == (Outcome.ABROAD, "LT")
    assert (status.passport, status.manner) == (Passport.WITHOUT, Manner.PARDON)
    assert status.since == when("2025-09-11")
    assert len(status.claims) == 2
    assert not status.disputed


def test_sources_that_disagree_about_a_passport_say_nothing_about_it() -> None:
    status = status_of(
        [
            a_claim(RELEASED, "2025-09-11", Outcome.ABROAD, passport=Passport.WITHOUT),
            a_claim(RELEASED, "2025-09-11", Outcome.ABROAD, passport=Passport.WITH),
        ]
    )

    assert (status.standing, status.passport) == (Standing.FREE, None)


def test_an_earlier_release_says_nothing_about_the_last_one() -> None:
    earlier = a_claim(RELEASED, "2022-09-11", Outcome.HOUSE_ARREST)
    last = a_claim(RELEASED, "2025-09-11", Outcome.AT_HOME)

    status = status_of([earlier, a_claim(DETAINED, "2023-01"), last])

    assert (status.standing, status.outcome) == (Standing.FREE, Outcome.AT_HOME)
    assert status.claims == (last,)


def test_detention_is_dated_by_the_arrest_and_confirmed_by_the_last_sign() -> None:
    arrest, last = a_claim(DETAINED, "2021-05-18"), a_claim(HELD, "2025-02-01")

    status = status_of([arrest, a_claim(SENTENCED, "2022-01-20"), a_claim(HELD, "2024-07"), last])

    assert (status.since, status.confirmed) == (when("2021-05-18"), when("2025-02-01"))
    assert set(status.claims) == {arrest, last}
    assert not status.detained_again


def test_a_sentence_confirms_a_detention() -> None:
    status = status_of([a_claim(DETAINED, "2021-05-18"), a_claim(SENTENCED, "2022-01-20")])

    assert (status.standing, status.confirmed) == (Standing.HELD, when("2022-01-20"))


def test_a_sentence_alone_is_the_last_known_fact_and_no_status() -> None:
    last = a_claim(SENTENCED, "2024-01-20")

    status = status_of([last, a_claim(SENTENCED, "2022-01-20")])

    assert (status.standing, status.disputed, status.confirmed) == (Standing.NOT_CONFIRMED, False, None)
    assert status.claims == (last,)


def test_someone_only_seen_behind_bars_has_no_day_of_arrest() -> None:
    assert status_of([a_claim(HELD, "2024-07")]).since is None


def test_an_arrest_known_to_the_day_is_dated_to_the_day() -> None:
    finer = a_claim(DETAINED, "2021-05-01")

    assert status_of([finer, a_claim(DETAINED, "2021-05")]).since == finer.when


def test_a_re_arrest_speaks_of_itself_and_not_of_the_first_arrest() -> None:
    again = a_claim(DETAINED, "2024-02-02")

    status = status_of([a_claim(DETAINED, "2021-05-18"), a_claim(RELEASED, "2023-03-01"), again])

    assert status.detained_again
    assert (status.since, status.claims) == (again.when, (again,))


def test_a_release_is_dated_as_finely_as_any_source_dates_it() -> None:
    status = status_of([a_claim(RELEASED, "2025"), a_claim(RELEASED, "2025-01-01")])

    assert (status.since, status.confirmed) == (when("2025-01-01"), when("2025-01-01"))


def test_a_death_is_dated_as_finely_as_any_source_dates_it() -> None:
    status = status_of([a_claim(DIED, "2024"), a_claim(DIED, "2024-05-21"), a_claim(HELD, "2024-02")])

    assert (status.standing, status.since) == (Standing.DIED, when("2024-05-21"))


def test_a_status_rests_on_the_sources_of_its_claims_each_once() -> None:
    page, other = a_source(), a_source(url="https://plain.example/other")
    status = status_of(
        [
            a_claim(RELEASED, "2025-09-11", sources=(page,)),
            a_claim(RELEASED, "2025-09", sources=(page, other)),
        ]
    )

    assert sorted(source.url for source in status.sources) == [page.url, other.url][::-1]


CONSENTS = {
    "to a stranger": (frozenset({Consent.PUBLIC}), Standing.HELD),
    "to somebody who was told": (frozenset({Consent.PUBLIC, Consent.FOLLOWERS}), Standing.FREE),
}


@pytest.mark.parametrize(("consents", "expected"), CONSENTS.values(), ids=CONSENTS)
def test_a_release_for_followers_is_seen_by_those_who_were_told(
    consents: frozenset[Consent], expected: Standing
) -> None:
    claims = [a_claim(HELD, "2024-01-01"), a_claim(RELEASED, "2025-01-01", consent=Consent.FOLLOWERS)]

    assert status_of(claims, consents).standing is expected


def test_nobody_can_ask_for_a_suppressed_claim() -> None:
    silenced = a_claim(RELEASED, "2025-01-01", consent=Consent.SUPPRESSED)

    assert told_claims([silenced], frozenset(Consent)) == []


def test_a_corrected_claim_speaks() -> None:
    assert status_of([a_claim(HELD, "2024-01-01", state=ClaimState.CORRECTED)]).standing is Standing.HELD


def days() -> st.SearchStrategy[When]:
    near = st.dates(date(2020, 12, 1), date(2023, 2, 28))
    return st.builds(_floor, near, st.sampled_from(Precision))


def _floor(day: date, precision: Precision) -> When:
    if precision is Precision.YEAR:
        return When(day.replace(month=1, day=1), precision)
    return When(day.replace(day=1) if precision is Precision.MONTH else day, precision)


def claims_of(
    consents: Sequence[Consent] = (Consent.PUBLIC,),
    states: Sequence[ClaimState] = (ClaimState.PUBLISHED, ClaimState.CORRECTED),
    kinds: Sequence[ClaimKind] = tuple(ClaimKind),
) -> st.SearchStrategy[list[Claim]]:
    one = st.builds(
        Claim,
        key=st.uuids().map(str),
        kind=st.sampled_from(kinds),
        when=days(),
        sources=st.just((a_source(),)),
        outcome=st.sampled_from(Outcome),
        country=st.sampled_from([None, "PL", "LT"]),
        event_key=st.sampled_from([None, "R1"]),
        consent=st.sampled_from(consents),
        state=st.sampled_from(states),
    )
    return st.lists(one, max_size=6, unique_by=lambda claim: claim.key)


def seen(claims: list[Claim]) -> tuple[Status, list[Claim]]:
    """Return all of somebody's claims that a reader can see: status and history."""
    return status_of(claims), told_claims(claims)


@given(claims_of(), claims_of(consents=[Consent.SUPPRESSED, Consent.FOLLOWERS]))
def test_a_claim_that_is_not_public_changes_nothing_a_reader_can_see(
    public: list[Claim], kept: list[Claim]
) -> None:
    assert seen(public + kept) == seen(public)


@given(
    claims_of(),
    claims_of(states=[ClaimState.REPORTED, ClaimState.CONFIRMED, ClaimState.RETRACTED]),
)
def test_a_claim_that_is_not_published_changes_nothing_a_reader_can_see(
    published: list[Claim], other: list[Claim]
) -> None:
    assert seen(published + other) == seen(published)


@given(
    claims_of(consents=list(Consent), states=list(ClaimState)).flatmap(
        lambda claims: st.tuples(st.just(claims), st.permutations(claims))
    )
)
def test_the_order_of_claims_is_irrelevant(both: tuple[list[Claim], list[Claim]]) -> None:
    assert seen(both[0]) == seen(both[1])


@given(
    claims_of(kinds=[DETAINED, SENTENCED, HELD, RELEASED]),
    st.sampled_from([DETAINED, HELD]),
    st.integers(min_value=1, max_value=500),
)
def test_nobody_seen_behind_bars_after_every_release_is_called_free(
    claims: list[Claim], kind: ClaimKind, later: int
) -> None:
    last = max((claim.when.end for claim in claims if claim.kind is RELEASED), default=date(2023, 1, 1))
    sign = a_claim(kind, str(When(last + timedelta(days=later))), key="the sign")

    assert status_of([*claims, sign]).standing is Standing.HELD


@given(claims_of())
def test_a_status_rests_only_on_what_was_told(claims: list[Claim]) -> None:
    status = status_of(claims)

    assert set(status.claims) <= set(told_claims(claims))
    assert bool(status.claims) is bool(told_claims(claims))


@given(days())
def test_a_date_survives_the_way_into_text_and_back(moment: When) -> None:
    assert When.parse(str(moment)) == moment
    assert moment.start <= moment.end


@pytest.mark.parametrize(
    "text",
    [
        "", "-", "2025-", "2025-1", "2025-13", "2025-02-30", "2025-2-3", "25", "20250101", "2025-01-01-01",
        "+202", "２０２５", "2025-01-01T00:00", " 2025", "0000", "2025-00",
    ],
)  # fmt: skip
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        When.parse(text)


@pytest.mark.parametrize(
    ("text", "end"),
    [("2024-02-10", date(2024, 2, 10)), ("2024-02", date(2024, 2, 29)), ("2024", date(2024, 12, 31))],
)
def test_a_date_ends_on_the_last_day_it_can_mean(text: str, end: date) -> None:
    assert when(text).end == end


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("2024", "2024-02", True),
        ("2024-02", "2024-02-29", True),
        ("2024-02", "2024-03-01", False),
        ("2024-02-01", "2024-02-02", False),
        ("2023", "2024-01-01", False),
    ],
)
def test_two_dates_overlap_when_both_may_mean_one_day(first: str, second: str, expected: bool) -> None:
    assert when(first).overlaps(when(second)) is expected
    assert when(second).overlaps(when(first)) is expected


@pytest.mark.parametrize(
    ("be", "ru", "en", "expected"),
    [
        ("Б", "Р", "E", ["Б", "Р", "E"]),
        ("", "Р", "E", ["Р", "Р", "E"]),
        ("Б", "", "E", ["Б", "Б", "E"]),
        ("Б", "Р", "", ["Б", "Р", "Б"]),
        ("", "", "E", ["E", "E", "E"]),
    ],
)
def test_a_name_is_shown_in_the_readers_language_else_in_the_nearest(
    be: str, ru: str, en: str, expected: list[str]
) -> None:
    person = a_person(be=be, ru=ru, en=en)

    assert [person.shown_name(language) for language in Language] == expected


def test_a_spelling_is_not_shown_while_there_is_a_main_name() -> None:
    names = (Name("be", NameKind.SPELLING, "іншае"), Name("en", NameKind.MAIN, "Main"))

    assert Person(1, "p", names).shown_name(Language.BE) == "Main"


def test_a_person_with_a_name_in_another_language_is_shown_by_it() -> None:
    assert Person(1, "p", (Name("pl", NameKind.MAIN, "Przykład"),)).shown_name(Language.RU) == "Przykład"
