"""Who may be meant by what somebody typed, told by behaviour: one, several or nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.names import Decision, NameIndex
from bot.domain.people import Name, NameKind
from bot.domain.words import MAX_QUERY, is_only_given, repaired, words_of
from bot.services.answering import TRULY_NEAR

SOLE, FIRST_OF_TWO, SECOND_OF_TWO, SAME_SURNAME, APOSTROPHE, ACCENTED = 1, 2, 3, 4, 5, 6

PEOPLE: dict[int, list[tuple[str, str]]] = {
    SOLE: [
        ("be", "Алёна Дубоўская"),
        ("ru", "Алёна Дубовская"),
        ("en", "Alena Duboŭskaja"),
        ("pl", "Alena Dubouska"),
    ],
    FIRST_OF_TWO: [("be", "Андрэй Лясны"), ("ru", "Андрей Лесной"), ("en", "Andrei Liasny")],
    SECOND_OF_TWO: [("be", "Андрэй Лясны"), ("ru", "Андрей Лесной"), ("en", "Andrei Liasny")],
    SAME_SURNAME: [("be", "Вольга Лясны"), ("ru", "Ольга Лесной"), ("en", "Volha Liasny")],
    APOSTROPHE: [("be", "Дар’я Сям’ёнава"), ("ru", "Дарья Семёнова"), ("en", "Daria Siamionava")],
    ACCENTED: [("be", "Ігар Ільіч"), ("ru", "Игорь Ильич"), ("uk", "Ігор Ілліч"), ("lt", "Igoris Iljič")],
}


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return NameIndex(
        (number, [Name(language, NameKind.MAIN, text) for language, text in names])
        for number, names in PEOPLE.items()
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *((text, number) for number in (SOLE, APOSTROPHE, ACCENTED) for _, text in PEOPLE[number]),
        ("алёна дубоўская", SOLE),
        ("АЛЁНА ДУБОЎСКАЯ", SOLE),
        ("Дубоўская Алёна", SOLE),
        ("  Алёна \n Дубоўская ", SOLE),
        ("Алена Дубоуская", SOLE),
        ("Дубовская Алена", SOLE),
        ("Alena Duboŭskaja", SOLE),
        ("Alena Dubouskaja", SOLE),
        ("«Алёна Дубоўская»", SOLE),
        ("Дар'я Сям'ёнава", APOSTROPHE),
        ("Дарʼя Сямʼёнава", APOSTROPHE),
        ("Дар`я Сям`ёнава", APOSTROPHE),
        ("Даря Сямёнава", APOSTROPHE),
        ("Дарья Семенова", APOSTROPHE),
        ("Игар Ильич", ACCENTED),
        ("Iгар Ільіч".replace("I", "І"), ACCENTED),
        ("Igoris Iljic", ACCENTED),
        ("Дубоўская", SOLE),
        ("дубовская", SOLE),
        ("Где сейчас Алёна Дубовская и свободна ли она?", SOLE),
        ("Is Alena Dubouska free?", SOLE),
        ("Алёна Дубоўская, што з ёй?", SOLE),
    ],
)
def test_one_person_is_meant(index: NameIndex, text: str, number: int) -> None:
    match = index.find(text)

    assert (match.decision, match.numbers) == (Decision.ONE, (number,))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Андрэй Лясны", {FIRST_OF_TWO, SECOND_OF_TWO}),
        ("Лясны", {FIRST_OF_TWO, SECOND_OF_TWO, SAME_SURNAME}),
    ],
    ids=["two of one name", "a shared surname"],
)
def test_who_is_meant_is_asked_and_never_guessed(index: NameIndex, text: str, numbers: set[int]) -> None:
    match = index.find(text)

    assert match.decision is Decision.SEVERAL
    near = [found.number for found in match.candidates if found.score >= TRULY_NEAR]
    assert set(near) == numbers
    assert len(near) == len(numbers)


@pytest.mark.parametrize("text", ["Андрэй", "Алёна", "Ольга", "Саша", "вольга"])
def test_a_given_name_alone_is_nobody_yet_and_known_for_what_it_is(index: NameIndex, text: str) -> None:
    assert index.find(text).decision is Decision.NONE
    assert is_only_given(text)


@pytest.mark.parametrize("text", ["Дубоўская", "Алёна Дубоўская", "", "добры дзень", "7"])
def test_what_is_more_than_a_given_name_is_not_taken_for_one(text: str) -> None:
    assert not is_only_given(text)


def test_a_given_name_tells_two_of_one_surname_apart(index: NameIndex) -> None:
    match = index.find("Вольга Лясны")

    assert (match.decision, match.numbers[0]) == (Decision.ONE, SAME_SURNAME)


@pytest.mark.parametrize(
    "text",
    ["", " ", "?", "123", "😀", "Невядомы Чалавек", "добры дзень", "https://example.org", "\x00", "\u200b"],
)
def test_nobody_is_meant(index: NameIndex, text: str) -> None:
    match = index.find(text)

    assert (match.decision, match.numbers) == (Decision.NONE, ())


def test_a_name_of_one_word_is_found_as_it_stands() -> None:
    index = NameIndex([(7, [Name("be", NameKind.MAIN, "Янка Пяро"), Name("be", NameKind.PEN, "Зорка")])])

    assert index.find("Зорка").numbers == (7,)


def test_an_empty_registry_means_nobody() -> None:
    assert NameIndex([]).find("Алёна Дубоўская").decision is Decision.NONE


def test_a_person_without_names_disturbs_nobody() -> None:
    index = NameIndex([(1, []), (2, [Name("en", NameKind.MAIN, "Alena Test")])])

    assert index.find("Alena Test").numbers == (2,)


@pytest.mark.parametrize("stored", ["-", "…", "", " ", "\u200b"])
def test_a_stored_form_without_letters_disturbs_nobody(stored: str) -> None:
    index = NameIndex(
        [(1, [Name("en", NameKind.SPELLING, stored)]), (2, [Name("en", NameKind.MAIN, "Al Test")])]
    )

    assert index.find(stored).decision is Decision.NONE
    assert index.find("Al Test").numbers == (2,)


@pytest.mark.parametrize(
    "text",
    [
        "Алёна\x00 Дубоўская",
        "\ud800\udfff\udc00",
        "Алёна\u200b\u200d\ufeff Дубоўская\u202e",
        "a\u0301" * 10_000,
        "Алёна " * 50_000,
        " ".join(str(n) for n in range(50_000)),
        "ﷺ" * 5_000,
        "İıſß" * 100,
    ],
    ids=[
        "NUL",
        "surrogates",
        "zero width",
        "accents",
        "a name 50,000 times",
        "50,000 words",
        "ligatures",
        "case",
    ],
)
def test_hostile_text_is_answered(index: NameIndex, text: str) -> None:
    assert index.find(text).decision in set(Decision)


@given(st.text(st.characters(exclude_categories=()), max_size=400))
def test_any_text_is_answered_with_people_of_the_registry(index: NameIndex, text: str) -> None:
    match = index.find(text)

    assert set(match.numbers) <= set(PEOPLE)
    assert (match.decision is Decision.NONE) is (not match.numbers)
    assert match.decision is not Decision.ONE or len(match.numbers) == 1


@pytest.mark.parametrize("retype", [str.upper, str.lower, str.title, str.swapcase, str.capitalize])
@pytest.mark.parametrize("name", sorted({text for names in PEOPLE.values() for _, text in names}))
def test_letters_in_any_case_mean_the_same(index: NameIndex, name: str, retype: Callable[[str], str]) -> None:
    as_typed, as_written = index.find(retype(name)), index.find(name)
    assert as_typed.decision is as_written.decision
    assert set(as_typed.numbers[:2]) == set(as_written.numbers[:2])


@pytest.mark.parametrize(
    "text",
    [
        "ці дома Дубоўская",
        "не магу спаць, дзе Дубоўская",
        "где сейчас Дубовская, не могу больше ждать",
        "Дубовскую надо найти, только это",
        "is Dubouskaja home",
        "came Dubouskaja home, someone said so",
        "Шукаю Дубоўскую, 1979 г.р., забралі ў Мазыры",
        "Ищу Дубовскую 1979 г.р.",
        "look up Dubouskaja, please, I can't sleep",
        "Пра Дубоўскую нічога не пішуць. У якой яна турме?",
        "Гэта яе хрышчоная, Дубоўская павінна была выйсці",
    ],
)
def test_a_surname_is_found_among_words_that_only_look_like_a_given_name_or_an_initial(
    index: NameIndex, text: str
) -> None:
    match = index.find(text)
    assert match.decision is not Decision.NONE
    assert match.candidates[0].number == SOLE


def test_a_letter_that_begins_a_sentence_makes_no_likeness_to_anybody() -> None:
    """ "And Kavaliou?" must not be answered with an A. whose surname only sounds alike."""
    index = NameIndex([(1, [Name("ru", NameKind.MAIN, "Антонина Коновалова")])])
    assert index.find("А Ковалёв?").decision is Decision.NONE
    assert index.find("А. Коновалова").candidates[0].number == 1


def test_initials_beside_a_surname_still_tell_people_apart(index: NameIndex) -> None:
    assert index.find("А. Лясны").candidates[0].number in {FIRST_OF_TWO, SECOND_OF_TWO}
    assert index.find("Лясны В").candidates[0].number == SAME_SURNAME
    assert index.find("что известно про Лесной В.").candidates[0].number == SAME_SURNAME


@pytest.mark.parametrize("text", ["{0}.{1}. Дубовская", "Дубовская {0}. {1}.", "Дубовская {0} {1}"])
def test_the_first_of_two_initials_is_the_given_names(index: NameIndex, text: str) -> None:
    assert index.find(text.format("А", "В")).decision is Decision.ONE
    assert index.find(text.format("В", "А")).decision is not Decision.ONE


def test_the_initials_of_two_people_are_both_given_names(index: NameIndex) -> None:
    match = index.find("В. Лясны і А. Дубоўская")
    assert {SAME_SURNAME, SOLE} <= {found.number for found in match.candidates if found.score > TRULY_NEAR}


def test_characters_that_stand_for_many_letters_make_no_query_longer() -> None:
    assert 0 < sum(len(word.text) for word in words_of("\ufb03" * MAX_QUERY)) <= MAX_QUERY


def test_a_glued_name_is_taken_apart_and_a_run_of_letters_costs_no_time() -> None:
    """Each cut of a word that is no name's length would be looked up: four hundred letters hold the loop."""
    ways = [[word.text for word in way] for way in repaired(words_of("Андрэйлясны"))]
    assert ["андрэй", "лясны"] in ways
    assert repaired(words_of("андрэй" + "лясны" * 8)) == []
