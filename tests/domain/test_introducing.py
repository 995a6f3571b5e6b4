"""Who says their own name first is answered what they ask; a surname that is a word may be only that."""

from __future__ import annotations

import pytest

from bot.domain.classifier import Classifier
from bot.domain.introducing import after_introduction
from bot.domain.kinds import Kind
from bot.domain.names import NameIndex
from bot.domain.people import Name, NameKind
from bot.domain.questions import Asked, understand
from bot.sources.question_files import read_classifier

NAMES = ["Дмитрий Пример", "Зміцер Прыклад", "Dmitry Example"]
INDEX = NameIndex([(1, [Name("", NameKind.SPELLING, text) for text in NAMES])])


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return read_classifier()


def asked(text: str, classifier: Classifier) -> Asked:
    return understand(text, INDEX.find, lambda _: NAMES, classifier)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Меня зовут Дмитрий Пример, мне нужен адвокат", "find-lawyer"),
        ("Здравствуйте, меня зовут дмитрий пример, как передать посылку брату в сизо", "parcels"),
        ("Я Зміцер Прыклад, як мне аформіць ВНЖ у Літве", "legal-stay-lithuania"),
        ("my name is Dmitry Example and how many kilos may a parcel weigh", "parcels"),
        ("Пишет Дмитрий Пример: что можно передать в сизо", "parcels"),
    ],
)
def test_who_says_who_they_are_gets_what_they_ask_and_not_their_own_card(
    text: str, topic: str, classifier: Classifier
) -> None:
    found = asked(text, classifier)
    assert (found.kind, found.choices[0]) == (Kind.ARTICLE, topic)


@pytest.mark.parametrize(
    "text",
    [
        *("Дмитрий Пример", "Дмитрий Пример на свободе?", "мой муж Дмитрий Пример, где он"),
        *("I am Dmitry Example's wife, is he free?", "i'm dmitry example’s mother where is he"),
        *("I am Dmitry Example mother, where is he now", "я жена Дмитрия Примера, где он"),
        *("меня зовут Дмитрий Пример", "я Дмитрий Пример", "пример", "Пример вышел?"),
    ],
)
def test_who_only_names_somebody_is_answered_about_them(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind is Kind.PERSON


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Я не могу уснуть после всего этого", "Я не могу уснуть после всего этого"),
        ("я ищу адвоката для мужа", "я ищу адвоката для мужа"),
        ("I am looking for a lawyer", "I am looking for a lawyer"),
        ("Меня зовут Анна Примерова, мой муж в колонии", "мой муж в колонии"),
        ("My name is Jane Q. Prykladova. Where do I write to?", "Where do I write to?"),
    ],
)
def test_an_introduction_ends_with_the_name(text: str, left: str, classifier: Classifier) -> None:
    assert after_introduction(text, classifier) == left


@pytest.mark.parametrize(
    "text",
    [
        "это плохой пример, что его не выпустили?",
        "гэта добры прыклад, што яго перавялі?",
        "плохой пример, где он сейчас?",
        "хороший пример, спасибо вам всем",
        "вот вам пример письма",
    ],
)
def test_a_surname_that_is_a_word_names_nobody_among_other_words(text: str, classifier: Classifier) -> None:
    assert asked(text, classifier).kind not in {Kind.PERSON, Kind.PERSON_AND_ARTICLE, Kind.SEVERAL}
