"""The matcher names the right person in any spelling, and nobody when in doubt."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.bench import placeholders
from bot.domain.names import Decision, NameIndex
from bot.domain.people import Name, NameKind

FORMS = {
    1: ("Аляксандр Трубянкоў", "Александр Трубенков", "Aliaksandr Trubiankou"),
    2: ("Вольга Скавародка", "Ольга Сковородко", "Volha Skavarodka"),
    3: ("Сяргей Жмурынскі", "Сергей Жмуринский", "Siarhei Zhmurynski"),
    4: ("Марыя Пярэцкая-Вілюк", "Мария Перецкая-Вилюк", "Maryia Piaretskaya-Viliuk"),
    5: ("Павел Грынявец", "Павел Гриневец", "Pavel Hryniavets"),
    6: ("Пётр Грынявец", "Пётр Гриневец", "Piotr Hryniavets"),
    7: ("Яўген Хвашчоў", "Евгений Хващёв", "Yauhen Khvashchou"),
    8: ("Дар'я Цімчанка", "Дарья Тимченко", "Darya Tsimchanka"),
}
LANGUAGES = ("be", "ru", "en")


def names(forms: tuple[str, ...], spellings: int = 1) -> list[Name]:
    return [Name(lang, NameKind.MAIN, text) for lang, text in zip(LANGUAGES, forms[:spellings], strict=False)]


def registry(spellings: int = 1) -> NameIndex:
    return NameIndex((number, names(forms, spellings)) for number, forms in FORMS.items())


ONE_SPELLING = registry(1)
THREE_SPELLINGS = registry(3)


SURE = [
    (1, "Александр Трубенков"),
    (1, "трубенков саша"),
    (1, "Alexander Trubenkov"),
    (1, "Alaksandr Trubiankoŭ"),
    (1, "Aliaksandr Trubiankow"),
    (1, "Аляксандр Трубянкоу"),
    (1, "Трубенков Александр Петрович"),
    (1, "А. Трубенков"),
    (1, "fktrcfylh nhe,tyrjd"),
    (1, "Фдуч Екгиутлщм"),
    (1, "#АлександрТрубенков"),
    (1, "александртрубенков"),
    (1, "выпустили ли Александра Трубенкова?"),
    (1, "што чуваць пра Аляксандра Трубянкова"),
    (2, "Олю Сковородко"),
    (2, "Ольга Сковородко из Гомеля"),
    (2, "Olha Skovorodko"),
    (3, "ліст Сяргею Жмурынскаму"),
    (3, "с Сергеем Жмуринским"),
    (3, "Серёжа Жмуринский"),
    (3, "Siarhiej Žmurynski"),
    (3, "Siarhiej Zmurynski"),
    (3, "Siergiej Żmuryński"),
    (3, "Сергій Жмуринський"),
    (3, "Cepгeй Жмypинcкий"),
    (4, "Перецкая Мария"),
    (4, "Маша Перецкая-Вилюк"),
    (5, "Паша Гриневец"),
    (5, "Паўла Грыняўца"),
    (7, "Женя Хващев"),
    (7, "Jaŭhien Chvaščoŭ"),
    (8, "Дарья Тимченко"),
    (8, "Dasha Timchenko"),
]


@pytest.mark.parametrize(("number", "query"), SURE)
def test_one_person_is_found_however_written(number: int, query: str) -> None:
    match = ONE_SPELLING.find(query)
    assert (match.decision, match.numbers[:1]) == (Decision.ONE, (number,))


NOT_SURE = [
    "Светлана Трубенкова",  # a relative
    "Александра Трубенкова",  # a woman, or a man's genitive: nobody can tell
    "Иван Жмуринский",
    "Сергей Жмурин",
    "Сергей Жмурский",
    "Александр Трубников",
    "Александр Трубецков",
    "Гриневец",  # two of them
    "трубенкова",
    "Павел и Пётр Гриневцы",
    "Мария Перецкая-Зубок",
    "Марина Перецкая",
    "Наталья Скворода",
    "знак вопроса",
]


@pytest.mark.parametrize("query", NOT_SURE)
def test_nobody_is_named_as_sure_when_it_may_be_another(query: str) -> None:
    assert ONE_SPELLING.find(query).decision is not Decision.ONE
    assert THREE_SPELLINGS.find(query).decision is not Decision.ONE


@pytest.mark.parametrize(
    "query",
    [
        "здравствуйте",
        "как передать посылку в колонию",
        "hello",
        "123456",
        "",
        "   ",
        "?!",
        "/start",
        "Раман Бяскішкін",
    ],
)
def test_ordinary_words_and_strangers_are_nobody(query: str) -> None:
    assert ONE_SPELLING.find(query).numbers == ()


def test_a_headline_returns_everybody_it_names_first() -> None:
    match = ONE_SPELLING.find("На свободе: Александр Трубенков, Ольга Сковородко и Сергей Жмуринский")
    assert match.decision is Decision.SEVERAL
    assert set(match.numbers[:3]) == {1, 2, 3}


def test_surnames_alone_in_a_headline_are_all_found() -> None:
    match = ONE_SPELLING.find("Вышли Трубенков, Сковородко и Жмуринский")
    assert set(match.numbers[:3]) == {1, 2, 3}


@pytest.mark.parametrize("number", FORMS)
@pytest.mark.parametrize("spellings", [1, 3])
def test_a_stored_form_is_always_sure_in_any_order(number: int, spellings: int) -> None:
    index = registry(spellings)
    for form in FORMS[number][:spellings]:
        for words in itertools.permutations(form.split()):
            match = index.find(" ".join(words))
            assert (match.decision, match.numbers[0]) == (Decision.ONE, number), words


def test_homonyms_are_asked_about() -> None:
    index = NameIndex([(1, names(FORMS[1])), (2, names(FORMS[1]))])
    match = index.find("Аляксандр Трубянкоў")
    assert match.decision is Decision.SEVERAL
    assert set(match.numbers) == {1, 2}


def test_a_surname_alone_is_sure_only_as_listed_and_unique() -> None:
    assert ONE_SPELLING.find("Скавародка").decision is Decision.ONE
    assert ONE_SPELLING.find("Сковородко").decision is Decision.SEVERAL
    assert THREE_SPELLINGS.find("Сковородко").decision is Decision.ONE


def test_pen_and_maiden_names_find_their_bearer() -> None:
    texts = [("be", "Кацярына Бярозкіна (Ручайская)"), ("", "Рэкіна"), ("ru", "Катя Лесная")]
    index = NameIndex([(9, [Name(lang, NameKind.SPELLING, text) for lang, text in texts])])
    for query in ("Екатерина Ручайская", "Екатерина Берёзкина", "Кацярына Рэкіна", "Екатерина Лесная"):
        assert index.find(query).decision is Decision.ONE, query


def test_two_typing_errors_still_rank_first() -> None:
    for query in ("Сегрей Жмуринксий", "Ольга Сковорондко", "Evgeny Khvashhev"):
        assert ONE_SPELLING.find(query).candidates


def test_a_change_is_seen_at_once() -> None:
    index = registry()
    assert index.find("Ігар Накрыўкін").decision is Decision.NONE
    index.put(20, [Name("be", NameKind.MAIN, "Ігар Накрыўкін")])
    assert index.find("Игорь Накрывкин").numbers == (20,)
    assert index.find("Игорь Накривкн").candidates
    index.put(20, [Name("be", NameKind.MAIN, "Ігар Падмыўкін")])
    assert index.find("Игорь Накрывкин").decision is not Decision.ONE
    assert index.find("Ігар Падмыўкін").decision is Decision.ONE
    index.drop(20)
    index.drop(20)
    assert index.find("Ігар Падмыўкін").decision is Decision.NONE
    index.put(20, [Name("be", NameKind.MAIN, "Ігар Падмыўкін")])
    assert index.find("Ігар Падмыўкін").decision is Decision.ONE


def test_patching_gives_what_building_anew_gives() -> None:
    patched = NameIndex([(1, names(FORMS[1]))])
    for number, forms in FORMS.items():
        patched.put(number, names(forms))
    for _, query in SURE:
        assert patched.find(query) == ONE_SPELLING.find(query)


def test_an_index_patched_at_random_finds_what_a_new_one_finds() -> None:
    dice = random.Random(7)  # noqa: S311
    made = placeholders.people(120, seed=3)
    listed = {number: a_listing(one) for number, one in enumerate(made[:60])}
    patched = NameIndex(listed.items())
    for _ in range(12):
        for _ in range(4):
            number = dice.randrange(80)
            if number in listed and dice.random() < 0.4:
                del listed[number]
                patched.drop(number)
            else:
                listed[number] = a_listing(dice.choice(made))
                patched.put(number, listed[number])
        new = NameIndex(listed.items())
        for one in dice.sample(made, 15):
            query = dice.choice(one.names)
            place = dice.randrange(len(query))
            for text in (query, query[:place] + query[place + 1 :], query.split()[-1]):
                assert patched.find(text) == new.find(text), text


def a_listing(one: placeholders.Placeholder) -> list[Name]:
    """Return somebody's names in three languages, as a registry has them."""
    return [
        Name(language, NameKind.MAIN, text)
        for language, text in zip(("be", "ru", "en"), one.names, strict=True)
    ]


HOSTILE = "\u200b\u202e\x00\ud800\ufeffабвіўŭšc'-.,# АBСo0"


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(st.characters(), max_size=300), st.text(st.sampled_from(HOSTILE), max_size=120)))
def test_any_text_is_answered(text: str) -> None:
    match = ONE_SPELLING.find(text)
    assert all(0 <= found.score <= 1 for found in match.candidates)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(FORMS)), st.sampled_from("\u200b\u202e\x00\ud800\ufeff\u00ad"), st.integers(0, 30)
)
def test_hidden_characters_change_nothing(number: int, hidden: str, place: int) -> None:
    form = FORMS[number][0]
    assert ONE_SPELLING.find(form[:place] + hidden + form[place:]).numbers[:1] == (number,)


def test_a_very_long_text_costs_no_more_than_its_beginning() -> None:
    text = "Трубенкоў " * 5_000
    assert ONE_SPELLING.find(text) == ONE_SPELLING.find(text[:400])
