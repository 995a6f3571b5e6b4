"""Questions retyped in Latin letters: readable, always the same, and understood as what they were."""

from __future__ import annotations

from random import Random

import pytest

from bot.domain.people import Language
from bot.domain.wording import tokens
from bot.retyping import SHARE, in_latin_letters, retyped
from bot.sources.question_files import Question, read_questions


@pytest.mark.parametrize("language", [Language.BE, Language.RU])
@pytest.mark.parametrize("seed", range(8))
def test_no_cyrillic_letter_is_left_and_names_keep_their_place(language: Language, seed: int) -> None:
    text = "Ці можна {} перадаць цёплыя рэчы, лекі й ежу? Съешь ещё этих мягких булок, да ґанак"
    typed = in_latin_letters(text, language, Random(seed))  # noqa: S311  (the same each time)
    assert not any("Ѐ" <= letter <= "ӿ" for letter in typed)
    assert "{}" in typed
    assert len(typed.split()) == len(text.split())


def test_a_share_is_retyped_and_each_time_alike() -> None:
    bank = read_questions()
    cyrillic = [question for question in bank if question.language is not Language.EN]
    once, twice = list(retyped(bank)), list(retyped(bank))
    assert once == twice
    assert abs(len(once) / len(cyrillic) - SHARE) < 0.02
    assert {question.label for question in once} == {question.label for question in bank}


def test_what_is_retyped_is_still_read_as_the_same_words() -> None:
    question = Question("колькі кілаграмаў можна", "parcels", Language.BE, "legal", "x")
    ways = [Random(seed) for seed in range(8)]  # noqa: S311  (the same each time)
    read = [tokens(in_latin_letters(question.text, Language.BE, way))[0].folded for way in ways]
    assert tokens(question.text)[0].folded in read
