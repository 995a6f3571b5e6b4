"""Commands in plain words: nobody has to know the slash."""

from __future__ import annotations

import pytest

from bot.chat.plain_words import plainly
from bot.domain.answers import ChangeLanguage
from bot.domain.own_answers import FollowingDoor


@pytest.mark.parametrize(
    "text", ["СТОП", "Стоп!", "отписаться", "адпісацца", "unsubscribe", "Отпишите меня от всего!"]
)
def test_who_wants_no_more_is_shown_how_to_stop(text: str) -> None:
    assert plainly(text) == FollowingDoor()


@pytest.mark.parametrize("text", ["мова", "русский", "па-руску", "English please", "сменить  язык"])
def test_who_cannot_read_us_is_asked_for_a_language(text: str) -> None:
    assert plainly(text) == ChangeLanguage()


@pytest.mark.parametrize(
    "text", ["стоп турма", "русский язык в колонии", "хватит", "досыць", "help", "", "?"]
)
def test_a_question_with_such_a_word_in_it_stays_a_question(text: str) -> None:
    assert plainly(text) is None
