"""What a screen promises of what comes and of what stays is what the bot does, in all three languages."""

from __future__ import annotations

import pytest

from bot.chat import messages
from bot.chat.readers import Reader
from bot.chat.voice import Voice
from bot.chat.words import in_language
from bot.desk.desk import Desk
from bot.domain import own_answers as mine
from bot.domain.answers import Answer, Distress, HowToReportError, OutOfScope, TopicExpired, WhereAreYou
from bot.domain.caution import Place
from bot.domain.directory import Audience, Need, Where
from bot.domain.follower import Flag, Record
from bot.domain.people import Language, View
from bot.services.understanding import IN_DISTRESS
from bot.sources.article_files import read_library
from bot.sources.directory_files import read_directory
from tests.builders import a_person, a_topic
from tests.chat.test_following import follow, tap
from tests.conftest import TODAY
from tests.sources.test_article_lint import AMBULANCE

A_CORRECTION = "Only a correction of what you were told comes at once, and with it what waits."
LISTEN = {Language.BE: "выслухаюць", Language.RU: "выслушают", Language.EN: "listen"}


def said(answer: Answer, language: Language = Language.EN) -> str:
    voice = Voice(in_language(language), Reader(View(language), Place.NOT_SAID), TODAY, "Example team")
    return messages.say(answer, voice).text


def test_who_rests_is_told_what_comes_all_the_same() -> None:
    list_of = mine.Follows(Record(1, flags=Flag.PAUSED, people=frozenset({1001})), (), 0)

    assert said(list_of).splitlines()[-3:] == [
        "It rests: news waits until you go on.",
        A_CORRECTION,
        "Before we forget you, we ask.",
    ]


@pytest.mark.parametrize("language", Language)
def test_whatever_is_put_off_a_correction_is_not_and_each_screen_says_so(language: Language) -> None:
    digest, at_once = Record(1, flags=Flag.DIGEST), Record(1)
    a_correction = in_language(language).gettext(A_CORRECTION)

    for put_off in (mine.SettingsScreen(digest), mine.ChooseQuiet()):
        assert a_correction in said(put_off, language)
    assert a_correction not in said(mine.SettingsScreen(at_once), language)


@pytest.mark.parametrize(
    ("asked", "stays"),
    [
        (
            WhereAreYou(),
            "Messages here, yours too, are deleted after 12 hours, and with them what we know of you.",
        ),
        (WhereAreYou(60), "Messages here are deleted after: 1 hour\nWith them goes what we know of you."),
        (
            WhereAreYou(stays=True),
            "Messages here are deleted after: 12 hours\n"
            "What we know of you stays, since you follow or were sent news. /mydata shows it.",
        ),
    ],
)
def test_how_long_anything_stays_is_said_as_it_was_chosen(asked: WhereAreYou, stays: str) -> None:
    assert said(asked).endswith(stays)


async def test_who_follows_is_not_told_that_all_goes_in_twelve_hours(desk: Desk) -> None:
    mother = desk.person("Марыя", language_code="be")
    mother.says("/settings")
    await mother.hears()
    assert "праз 12 гадзін, а з імі і тое, што мы пра вас ведаем." in (await tap(mother, "Дзе я")).text

    await follow(mother, "Алесь Бяляцкі")
    mother.says("/start")
    await mother.hears()
    assert "Звесткі пра вас застаюцца" in (await tap(mother, "Беларуская")).text
    mother.says("/settings")
    await mother.hears()
    await tap(mother, "Колькі жывуць паведамленні")
    await tap(mother, "1 гадзіна")
    where = await tap(mother, "Дзе я")
    assert "паведамленняў: 1 гадзіна\nЗвесткі пра вас застаюцца" in where.text


@pytest.mark.parametrize("language", Language)
def test_the_calm_words_promise_nobody_who_listens_where_adults_in_belarus_have_no_line(
    language: Language,
) -> None:
    for_adults = [
        offer
        for body in read_directory().all()
        for offer in body.offers
        if (offer.need, offer.where) == (Need.PSYCHOLOGIST, Where.BELARUS)
        and set(offer.audience) != {Audience.CHILDREN}
    ]

    # Once there is such a line, the calm words may say so.
    assert for_adults == []
    for answer in (Distress(None), OutOfScope(a_topic())):
        assert LISTEN[language] not in said(answer, language)


@pytest.mark.parametrize("key", [IN_DISTRESS, "supporting-at-home"])
@pytest.mark.parametrize("language", Language)
def test_whom_to_call_when_somebody_speaks_of_death_is_said_also_when_nobody_has_checked_the_article(
    key: str, language: Language
) -> None:
    """The calm words lead there: past its review date the article must not be worse than nothing."""
    topic = read_library().topic(key)

    assert topic is not None
    assert AMBULANCE[language] in said(TopicExpired(topic), language)


def test_an_article_past_its_review_sends_nobody_in_belarus_to_rights_groups_or_funds() -> None:
    assert "From Belarus, write neither to rights groups nor to funds." in said(TopicExpired(a_topic()))


def test_who_is_in_belarus_is_told_not_to_write_of_an_error_themselves() -> None:
    lines = said(HowToReportError(a_person())).splitlines()
    whom = next(place for place, line in enumerate(lines) if "Example team" in line)

    assert lines[whom + 1].startswith("From Belarus and from Russia do not write yourself")
