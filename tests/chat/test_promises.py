"""What a screen promises of what comes and of what stays is what the bot does, in all three languages."""

from __future__ import annotations

import pytest

from bot.chat import messages
from bot.chat.readers import Reader
from bot.chat.voice import Voice
from bot.chat.words import in_language
from bot.domain import own_answers as mine
from bot.domain.answers import Answer
from bot.domain.caution import Place
from bot.domain.follower import Flag, Record
from bot.domain.people import Language, View
from tests.conftest import TODAY

A_CORRECTION = "Only a correction of what you were told comes at once, and with it what waits."


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
