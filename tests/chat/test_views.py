"""Views: Belarusian in Latin letters on every screen, and the same answer in another view by one tap."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import get_args

import pytest

from bot.chat import messages
from bot.chat.again import press_for, with_other_views
from bot.chat.buttons import Ask, Press, Screen, parse
from bot.chat.latin import latin_html, latin_screen
from bot.chat.readers import Reader
from bot.chat.topic_screens import WARNED
from bot.chat.voice import Voice
from bot.chat.words import in_language
from bot.domain import answers as q
from bot.domain.caution import Place
from bot.domain.people import View
from tests.chat.every_screen import CONTROLLER, everything_advised, own_samples, samples
from tests.conftest import TODAY

CYRILLIC = re.compile("[а-яёіўґ]", re.IGNORECASE)
RUSSIAN = re.compile("[ищъ]", re.IGNORECASE)
TAGS = re.compile("<[^>]*>|&[a-z#0-9]+;")


def said(answer: q.Answer, view: View, place: Place = Place.ABROAD) -> Screen:
    voice = Voice(in_language(view.language), Reader(view, place), TODAY, CONTROLLER)
    return messages.say(answer, voice)


@pytest.mark.parametrize(
    ("html", "latin"),
    [
        ("<b>Воля</b>", "<b>Vola</b>"),
        ('<a href="https://прыклад.бел/ж">Ліст</a>', '<a href="https://прыклад.бел/ж">List</a>'),
        ("Так &amp; не &lt;b&gt;", "Tak &amp; nie &lt;b&gt;"),
        ("Глядзіце https://пошта.бел/шлях тут", "Hladzicie https://пошта.бел/шлях tut"),
        ("<code>12</code> /start Viasna", "<code>12</code> /start Viasna"),
    ],
)
def test_only_the_words_of_a_screen_are_rewritten(html: str, latin: str) -> None:
    assert latin_html(html) == latin


def test_every_screen_can_be_read_in_latin_letters() -> None:
    for answer in [*samples(), *own_samples(), *everything_advised()]:
        before = said(answer, View.LATIN)
        after = latin_screen(before)

        assert TAGS.findall(after.text) == TAGS.findall(before.text)
        left = [word for word in re.findall(r"\w+", TAGS.sub(" ", after.text)) if CYRILLIC.search(word)]
        assert [word for word in left if not RUSSIAN.search(word)] == []
        assert len(after.text) <= 4096
        assert after.protected == before.protected
        for old, new in zip(itertools.chain(*before.rows), itertools.chain(*after.rows), strict=True):
            assert (new.press, bool(new.text)) == (old.press, True)


def test_an_answer_can_be_read_in_another_view_with_one_tap() -> None:
    for answer in samples():
        press = press_for(answer, View.RU)
        screen = said(answer, View.RU)
        shown = with_other_views(screen, answer, View.RU)
        assert shown.protected == screen.protected

        if press is None:
            assert shown == screen
            continue
        row = shown.rows[-2]
        assert [button.press.view for button in row] == [View.BE, View.EN, View.LATIN]
        assert all(button.press.switch for button in row)
        assert {parse(button.press.data()) for button in row} == {button.press for button in row}
        assert shown.rows[-1] == screen.rows[-1]


def test_what_answers_a_question_can_always_be_repeated() -> None:
    answers = (q.PersonCard, q.TopicAnswer, q.TopicPart, q.TopicExpired, q.OrganisationCard, q.Helpers)
    asked = {type(answer) for answer in samples() if press_for(answer, View.BE) is not None}

    assert set(answers) <= asked


def test_only_menus_and_what_a_text_asked_cannot_be_repeated() -> None:
    once = {type(answer) for answer in samples() if press_for(answer, View.BE) is None}

    menus = (q.Welcome, q.ChangeLanguage, q.WhereAreYou, q.Home, q.AreaTopics)
    choices = (q.ChooseNeed, q.ChooseWhere, q.ChooseHelpLanguage)
    asked = (q.SeveralFound, q.SurnameNeeded, q.NobodyFound, *get_args(q.Understood))
    said_once = (q.NotText, q.PrivateOnly, q.NoLongerHere, q.TryAgainLater)
    assert once <= {*menus, *choices, *asked, *said_once, *map(type, own_samples())}


def test_a_warning_that_was_passed_stays_passed_on_the_way_back() -> None:
    for answer in samples():
        if isinstance(answer, q.TopicSources | q.TopicContacts | q.TopicRelated):
            for warned in (False, True):
                back = said(replace(answer, warned=warned), View.RU, Place.BELARUS).rows[-1][0]
                assert back.press.page == WARNED * warned


def test_the_language_chooser_writes_no_russian_in_latin_letters() -> None:
    assert latin_screen(said(q.ChangeLanguage(), View.LATIN)).text == "Vybierycie movu\nChoose a language"


def test_a_switch_survives_the_button_and_an_ordinary_tap_is_none() -> None:
    switch = Press(Ask.TOPIC, View.LATIN, "parcels", 100, switch=True)

    assert switch.data() == "1.lat+.t.parcels.100"
    assert parse("1.lat+.t.parcels.100") == switch
    assert parse("1.lat.t.parcels.100") == Press(Ask.TOPIC, View.LATIN, "parcels", 100)
