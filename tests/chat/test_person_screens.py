"""The card of somebody who was let out says how far, and what an old release leaves open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.chat import messages
from bot.chat.person_screens import headline
from bot.chat.readers import Reader
from bot.chat.voice import Voice
from bot.chat.words import in_language
from bot.domain.answers import Citation, PersonCard, PersonHistory
from bot.domain.caution import Place
from bot.domain.people import Claim, ClaimKind, Consent, Language, Outcome, Passport, View, When, status_of
from tests.builders import a_claim, a_person
from tests.conftest import TODAY

SINCE = "Not known to us: what has happened since."
LATER = "A sentence came later: it is in the history."
TAKEN = {Language.BE: "з вывазам", Language.RU: "с вывозом", Language.EN: "taken"}


def card(*claims: Claim) -> list[str]:
    to = Voice(in_language(Language.EN), Reader(View.EN, Place.NOT_SAID), TODAY, "Example team")
    return messages.say(
        PersonCard(a_person(*claims), status_of(claims), (), followed=True), to
    ).text.splitlines()


def released(when: str, outcome: Outcome = Outcome.AT_HOME) -> Claim:
    return a_claim(ClaimKind.RELEASED, when, outcome, country="LT" if outcome is Outcome.ABROAD else None)


@pytest.mark.parametrize(
    ("outcome", "moved"),
    [
        (Outcome.HOUSE_ARREST, "Moved to house arrest: 25 March 2022."),
        (Outcome.OPEN_FACILITY, "Moved to an open-type facility: 25 March 2022."),
    ],
)
def test_who_is_not_free_was_not_released(outcome: Outcome, moved: str) -> None:
    said = card(released("2022-03-25", outcome))

    assert said[0].startswith("<b>Not free: ")
    assert moved in said
    assert not any(line.startswith("Released:") for line in said)
    assert SINCE in said


@pytest.mark.parametrize("outcome", [Outcome.AT_HOME, Outcome.ABROAD, Outcome.NOT_STATED])
def test_a_release_of_more_than_a_year_ago_says_that_later_is_not_known(outcome: Outcome) -> None:
    a_year_ago = TODAY - timedelta(days=365)

    assert SINCE in card(released("2012-04-15", outcome))
    assert SINCE in card(released(str(a_year_ago - timedelta(days=1)), outcome))
    assert SINCE not in card(released(str(a_year_ago), outcome))
    assert SINCE not in card(released(f"{TODAY.year}", outcome))


def test_a_sentence_after_a_release_is_pointed_at_and_leaves_open_what_came_of_it() -> None:
    free = released("2026-09-01")

    assert card(free, a_claim(ClaimKind.SENTENCED, "2026-10-01"))[-2:] == [LATER, SINCE]
    for before in ("2026-09-01", "2026-09", "2026", "2025-01-01"):
        said = card(free, a_claim(ClaimKind.SENTENCED, before))
        assert SINCE not in said
        assert LATER not in said


@pytest.mark.parametrize("consent", [Consent.FOLLOWERS, Consent.SUPPRESSED])
def test_a_sentence_that_nobody_may_hear_of_leaves_the_card_as_it_was(consent: Consent) -> None:
    free = released("2026-09-01")

    assert card(free, a_claim(ClaimKind.SENTENCED, "2026-10-01", consent=consent)) == card(free)


@pytest.mark.parametrize("language", Language)
def test_only_a_claim_that_tells_of_the_passport_says_that_somebody_was_taken(language: Language) -> None:
    """Some left of their own will, and advocates quote the history."""
    taken, left = (
        history(language, replace(released("2025-09-11", Outcome.ABROAD), passport=passport))
        for passport in (Passport.WITHOUT, None)
    )

    assert TAKEN[language] in taken
    assert TAKEN[language] not in left
    for outcome in Outcome:
        assert TAKEN[language] not in history(language, released("2025-09-11", outcome))


def history(language: Language, claim: Claim) -> str:
    to = Voice(in_language(language), Reader(View(language), Place.NOT_SAID), TODAY, "Example team")
    return messages.say(PersonHistory(a_person(claim), (claim,), 0), to).text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("day", ["2012-04-14", str(TODAY)])
def test_nobody_is_free_in_belarus_without_the_day(language: Language, day: str) -> None:
    """Who stayed can be arrested again: a report of 2012 must not read like one of today."""
    free = (released(day),)
    words = in_language(language)

    assert words.full_date(When.parse(day)) in headline(status_of(free), words)


@pytest.mark.parametrize("claim", [released("2012-04-14"), a_claim(ClaimKind.HELD, "2012-04-14")])
def test_a_citation_says_its_day_once(claim: Claim) -> None:
    to = Voice(in_language(Language.EN), Reader(View.EN, Place.NOT_SAID), TODAY, "Example team")
    said = messages.say(Citation(a_person(claim), status_of((claim,))), to).text

    assert said.count("s of 14 April 2012. ") == 1
