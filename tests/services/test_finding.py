"""A CSV registry and JSON lines in, JSON lines out."""

from __future__ import annotations

import json

import pytest

from bot.domain.people import Name, NameKind
from bot.services.finding import RegistryError, called, find_jsonl, find_lines, read_registry, who_are
from bot.store.database import Database
from bot.store.tables import person
from tests.editors import Office

REGISTRY = [
    "id,name_be,name_ru,name_en,aliases,birth_year\n",
    "a,Вольга Скавародка,,,Лёля Скаварода|Пяро,1990\n",
    "b,,Сергей Жмуринский,,,\n",
    "c,,,,,\n",
]


def ask(*queries: str) -> list[dict[str, object]]:
    lines = [json.dumps({"id": place, "query": query}) for place, query in enumerate(queries)]
    return [json.loads(line) for line in find_jsonl(read_registry(REGISTRY), lines)]


def test_answers_come_in_order_with_the_registrys_ids() -> None:
    found = ask("Ольга Сковородко", "Сяргей Жмурынскі", "нихто невядомы")
    assert [answer["decision"] for answer in found] == ["one", "one", "none"]
    assert [answer["id"] for answer in found] == [0, 1, 2]
    assert found[0]["candidates"][0]["person_id"] == "a"  # type: ignore[index]


def test_aliases_are_names_too() -> None:
    assert ask("Вольга Пяро")[0]["decision"] == "one"


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', '{"id": 1, "query": 5}', "null", "[" * 5000])
def test_a_broken_line_is_answered_and_the_next_one_too(line: str) -> None:
    answers = list(find_jsonl(read_registry(REGISTRY), [line, '{"id": 2, "query": "Ольга Сковородко"}']))
    assert json.loads(answers[0])["error"]
    assert json.loads(answers[1])["decision"] == "one"


@pytest.mark.parametrize("header", ["name_be\n", "id\n", "", "id;name_be\n"])
def test_a_registry_without_its_columns_is_refused(header: str) -> None:
    with pytest.raises(RegistryError):
        read_registry([header, "x,y\n"])


def test_a_doubled_id_is_refused() -> None:
    with pytest.raises(RegistryError):
        read_registry(["id,name_be\n", "x,Вольга Скавародка\n", "x,Сяргей Жмурынскі\n"])


def test_a_name_is_answered_with_the_ids_and_names_of_who_may_be_meant() -> None:
    assert find_lines(read_registry(REGISTRY), "Ольга Сковородко") == ["a  Вольга Скавародка"]
    assert find_lines(read_registry(REGISTRY), "нихто невядомы") == []


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"be": "Марыя Калеснікава", "ru": "Мария Колесникова", "en": "Maria Kalesnikava"},
         "Марыя Калеснікава / Maria Kalesnikava"),
        ({"ru": "Мария Колесникова"}, "Мария Колесникова"),
        ({"en": "Maria Kalesnikava"}, "Maria Kalesnikava"),
        ({}, "Марыся"),
    ],
)  # fmt: skip
def test_somebody_is_called_by_their_main_names(names: dict[str, str], said: str) -> None:
    spelling = Name("be", NameKind.SPELLING, "Марыся")
    assert called([spelling, *(Name(one, NameKind.MAIN, text) for one, text in names.items())]) == said


async def test_editors_see_who_is_behind_a_key_and_the_year_that_tells_two_apart(database: Database) -> None:
    office = Office(database)
    await office.enter_people(2)
    async with database.writing() as connection:
        await connection.execute(person.update().where(person.c.key == "demo-2").values(birth_year=1982))
    async with database.reading() as connection:
        found = await who_are(connection, ["demo-1", "demo-2", "none"])
    assert found == {"demo-1": "Алесь Прыклад 1", "demo-2": "Алесь Прыклад 2, born 1982"}
