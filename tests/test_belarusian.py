"""Belarusian is Belarusian: a dictionary knows the words, and no Russian word passes for one.

The dictionary is Debian's hunspell-be (official orthography). What it does not know and is right stands
in `locales/be/words.txt`, so that every new exception is somebody's decision.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from bot.domain.articles import Article
from bot.domain.people import Language
from bot.sources.article_files import LOCALES, read_library
from bot.sources.directory_files import read_directory
from tests.test_locales import said

WORD = re.compile("[А-Яа-яЁёІіЎўҐґ]+(?:['’ʼ-][А-Яа-яЁёІіЎўҐґ]+)*")
NAMES_IN_RUSSIAN = {"Письмо"}
MOST_EXCEPTIONS = 0.05
"""The dictionary is small: it lacks палітвязень, чат, СІЗА and their like."""


def words_of(article: Article) -> list[str]:
    blocks = [*article.answer, *(block for section in article.sections for block in section.blocks)]
    text = " ".join("".join(run.text for run in block.runs) for block in blocks)
    headings = " ".join(section.heading for section in article.sections)
    return WORD.findall(f"{article.title} {headings} {text}")


def unknown(words: set[str]) -> set[str]:
    plain = {word: word.replace("’", "'").replace("ʼ", "'") for word in words}
    asked = "\n".join(sorted(set(plain.values())))
    answer = subprocess.run(
        ["hunspell", "-d", "be_BY", "-i", "utf-8", "-l"],  # noqa: S607  (found where the system keeps it)
        input=asked,
        capture_output=True,
        text=True,
        check=True,
    )
    missing = set(answer.stdout.split())
    return {word for word, written in plain.items() if written in missing}


@pytest.fixture(scope="module")
def belarusian() -> list[str]:
    """Every Belarusian word that a reader may see: articles and phrases."""
    found = [word for topic in read_library().topics() for word in words_of(topic[Language.BE])]
    return found + [word for _, text in said("be") for word in WORD.findall(text)]


@pytest.mark.needs("hunspell-be")
def test_a_dictionary_knows_nearly_every_word_and_the_others_are_listed(belarusian: list[str]) -> None:
    listed = set(Path(LOCALES, "be", "words.txt").read_text(encoding="utf-8").split())
    forms = {word.lower() for word in belarusian}

    missing = {word.lower() for word in unknown(set(belarusian))}
    neither = sorted(missing - listed)

    assert neither == []
    assert len(missing) <= MOST_EXCEPTIONS * len(forms), sorted(missing)
    assert sorted(listed - forms) == [], "listed, and no longer used"


def test_no_word_has_letters_that_belarusian_does_not_have(belarusian: list[str]) -> None:
    wrong = {word for word in belarusian if re.search("[ищъИЩЪ]", word)}

    assert sorted(wrong - NAMES_IN_RUSSIAN) == []


def test_a_short_u_stands_after_a_vowel_and_only_there(belarusian: list[str]) -> None:
    wrong = re.compile("[бвгджзклмнпрстфхцчш]ў|[аеёіоуыэюя]у(?![нсм])", re.IGNORECASE)

    assert sorted({word for word in belarusian if wrong.search(word) and "-" not in word}) == []


def test_an_apostrophe_is_not_a_straight_one(belarusian: list[str]) -> None:
    bodies = [body.names[Language.BE] for body in read_directory().all()]

    assert [written for written in (*belarusian, *bodies) if re.search(r"\w'\w", written)] == []
