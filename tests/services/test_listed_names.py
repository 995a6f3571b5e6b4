"""Texts about everybody on the list that ships: nobody is denied, and nobody's fate is told as another's."""

from __future__ import annotations

import pytest

from bot.domain.given import given_readings, initials_of
from bot.domain.names import Decision, NameIndex
from bot.domain.people import Name, NameKind
from bot.sources.seed_files import read_seed


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


def _initials(given: str) -> set[str]:
    groups = {reading.group for reading in given_readings(given.lower())}
    return {given[0].lower()}.union(*(initials_of(group) for group in groups))
