"""Neutral: what may light up a phone beside a stranger names nobody and says nothing."""

from __future__ import annotations

import inspect
import itertools
import re
from pathlib import Path

import pytest

from bot.chat import unasked
from bot.chat.buttons import Screen
from bot.chat.erasing import ORDINARY
from bot.chat.latin import latin_screen
from bot.chat.profile import NAME, commands
from bot.chat.words import CATALOGUES, in_language
from bot.domain.lacinka import in_latin
from bot.domain.people import Language, View

SCREENS = {
    name: function
    for name, function in inspect.getmembers(unasked, inspect.isfunction)
    if function.__module__ == unasked.__name__ and inspect.signature(function).return_annotation == "Screen"
}
LONGEST_UNASKED = 120
GIVEN = {"name": 7, "numbers": "1764000000-1764000130"}


def not_neutral(language: Language) -> list[str]:
    """The beginnings of words that no stranger should read."""
    return Path(CATALOGUES, language.value, "not_neutral.txt").read_text(encoding="utf-8").split()


def said_in(screen: Screen) -> list[str]:
    return [screen.text, *(button.text for button in itertools.chain(*screen.rows))]


def telling(text: str, language: Language) -> list[str]:
    """Return the words of a text that tell something."""
    beginnings = not_neutral(language)
    latin = [in_latin(word).replace("ł", "l") for word in beginnings] if language is Language.BE else []
    words = re.findall(r"\w+", text.lower().replace("ł", "l"))
    return [word for word in words if word.startswith((*beginnings, *latin))]


def every_unasked_screen() -> list[tuple[str, View, Screen]]:
    found = []
    for (name, function), view in itertools.product(SCREENS.items(), View):
        wanted = {key: GIVEN[key] for key in inspect.signature(function).parameters if key != "view"}
        screen = function(view, **wanted)
        found.append((name, view, latin_screen(screen) if view is View.LATIN else screen))
    return found


def test_every_screen_that_nobody_asked_for_is_read_here() -> None:
    assert set(SCREENS) == {
        *("rest_left", "stay", "look"),
        *("news", "news_again", "changed", "outdated"),
    }


def test_what_nobody_asked_for_says_nothing_to_a_stranger() -> None:
    for name, view, screen in every_unasked_screen():
        for text in said_in(screen):
            assert telling(text, view.language) == [], (name, view)
            assert len(text) <= LONGEST_UNASKED
        for button in itertools.chain(*screen.rows):
            assert re.fullmatch(r"1\.\w+\.\w+\.[ptn]?[\d-]*\.\d+", button.press.data())


@pytest.mark.parametrize("language", Language)
def test_the_name_the_menu_and_the_descriptions_say_nothing_either(language: Language) -> None:
    words = in_language(language)
    _ = words.gettext
    menu = commands(words)
    descriptions = [
        _("Answers from published sources."),
        _("Answers from published sources. Write to me in private."),
        *(command.description for command in menu),
    ]
    assert {
        text: found for text in (NAME, ORDINARY, *descriptions) if (found := telling(text, language))
    } == {}
    assert telling(" ".join(command.command for command in menu), Language.EN) == []


def test_a_word_that_tells_is_found() -> None:
    assert telling("Вас вызвалілі", Language.BE) == ["вызвалілі"]
    assert telling("Vas vyzvalili", Language.BE) == ["vyzvalili"]
    assert telling("Он освобождён", Language.RU) == ["освобождён"]
    assert telling("He was released", Language.EN) == ["released"]
