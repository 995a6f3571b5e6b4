"""Texts about everybody on the list that ships: nobody is denied, and nobody's fate is told as another's."""

from __future__ import annotations

import pytest

from bot.domain.given import given_readings, initials_of
from bot.domain.kinds import Kind
from bot.domain.names import Decision, NameIndex
from bot.domain.people import Name, NameKind
from bot.domain.questions import Asked, understand
from bot.sources.question_files import read_classifier
from bot.sources.seed_files import read_seed

FOUND = {Kind.PERSON, Kind.PERSON_AND_ARTICLE, Kind.SEVERAL}


@pytest.fixture(scope="module")
def listed() -> dict[int, list[Name]]:
    by_key: dict[str, list[Name]] = {}
    for row in read_seed()["names"]:
        name = Name(row.cells["language"], NameKind(row.cells["kind"]), row.cells["text"])
        by_key.setdefault(row.cells["person"], []).append(name)
    return dict(enumerate(by_key.values(), 1))


@pytest.fixture(scope="module")
def index(listed: dict[int, list[Name]]) -> NameIndex:
    return NameIndex(listed.items())


def test_a_patronymics_initial_is_nobodys_given_name(listed: dict[int, list[Name]], index: NameIndex) -> None:
    """Who looks for a Прыклад А.М. must not be told how Прыклад М. died."""
    tried = 0
    for number, names in listed.items():
        for name in names:
            given, *_, surname = name.text.split()
            own = {letter for form in names for letter in _initials(form.text.split()[0])}
            letters = "RWQH" if given[0] < "Ѐ" else "ФЖЭУ"
            wrong = next(letter for letter in letters if letter.lower() not in own)
            for text in (
                f"{surname} {wrong}.{given[0]}.",
                f"{surname} {wrong}. {given[0]}.",
                f"{wrong}.{given[0]}. {surname}",
                f"{surname} {wrong} {given[0]}",
                f"што вядома пра {surname} {wrong}.{given[0]}.",
            ):
                match = index.find(text)
                assert match.decision is not Decision.ONE or match.numbers[0] != number, text
                tried += 1
    assert tried > 1_000


SENTENCES = (
    *("{}", "А {}?", "І {}?", "И {}?", "Я {}", "У {}", "К {}", "О {}", "Добры дзень. А {}?"),
    *("А где {}?", "А {} где?", "А дзе {}?", "С {} что?", "З {} што?", "В {} что"),
    *("Я ищу {}", "Я шукаю {}", "Я жена {}", "А {} жив?", "А {} вышел?", "О {} есть новости?", "А что с {}?"),
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_capital_that_a_phone_wrote_hides_nobody(
    sentence: str, listed: dict[int, list[Name]], index: NameIndex
) -> None:
    """A word of one letter that begins a sentence is no initial that contradicts."""
    for number, surname in _surnames(listed, index):
        found = _asked(sentence.format(surname), listed, index)
        assert found.kind in FOUND, sentence.format(surname)
        assert number in found.match.numbers, sentence.format(surname)


def test_what_may_be_an_initial_is_asked_about(listed: dict[int, list[Name]], index: NameIndex) -> None:
    for number, surname in _surnames(listed, index):
        own = {letter for name in listed[number] for letter in _initials(name.text.split()[0])}
        if "у" not in own:
            assert index.find(f"У {surname}").decision is Decision.SEVERAL, surname


def _surnames(listed: dict[int, list[Name]], index: NameIndex) -> list[tuple[int, str]]:
    """Return the Cyrillic surnames that name one person by themselves."""
    written = {name.text.split()[-1] for names in listed.values() for name in names if name.text[0] > "Ѐ"}
    matches = {surname: index.find(surname) for surname in sorted(written)}
    return [(m.numbers[0], surname) for surname, m in matches.items() if m.decision is Decision.ONE]


def _asked(text: str, listed: dict[int, list[Name]], index: NameIndex) -> Asked:
    def names(number: int) -> list[str]:
        return [name.text for name in listed[number]]

    return understand(text, index.find, names, read_classifier())


def _initials(given: str) -> set[str]:
    groups = {reading.group for reading in given_readings(given.lower())}
    return {given[0].lower()}.union(*(initials_of(group) for group in groups))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        *(("Слава Богу, Бяляцкі дома!", FOUND), ("Дзякуй Богу, Бяляцкі жывы", FOUND)),
        *(
            ("Bialacki na voli?", FOUND),
            ("Віншую Бяляцкага з воляй!", FOUND),
            ("Рада за Колесникову!", FOUND),
        ),
        *(("Статкевич в ШИЗО?", {Kind.PERSON_AND_ARTICLE}), ("Статкевіч у ШЫЗА?", {Kind.PERSON_AND_ARTICLE})),
    ],
)
def test_words_of_joy_and_of_freedom_are_nobodys_name_beside_a_surname(
    listed: dict[int, list[Name]], index: NameIndex, text: str, kinds: set[Kind]
) -> None:
    asked = _asked(text, listed, index)
    assert asked.kind in kinds
    surnames = {name.text.split()[-1][:4] for name in listed[asked.match.candidates[0].number]}
    assert any(surname in text for surname in surnames)
