"""Words: plurals, dates and numbers as a reader of each language would say them."""

from __future__ import annotations

import ast
from collections import defaultdict
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

import bot
from bot.chat.words import in_language, view_for
from bot.domain.people import Language, When

BE, RU, EN = Language.BE, Language.RU, Language.EN
CODE = Path(bot.__file__).parent
TODAY = date(2026, 11, 24)

AGO = """
0    сёння             сегодня           today
1    1 дзень таму      1 день назад      1 day ago
2    2 дні таму        2 дня назад       2 days ago
5    5 дзён таму       5 дней назад      5 days ago
11   11 дзён таму      11 дней назад     11 days ago
21   21 дзень таму     21 день назад     21 days ago
22   22 дні таму       22 дня назад      22 days ago
25   25 дзён таму      25 дней назад     25 days ago
111  111 дзён таму     111 дней назад    111 days ago
"""


def cells(table: str) -> list[list[str]]:
    """Read a table whose columns stand two or more spaces apart."""
    return [
        [cell.strip() for cell in line.split("  ") if cell.strip()] for line in table.strip().splitlines()
    ]


@pytest.mark.parametrize(("count", "be", "ru", "en"), cells(AGO))
def test_days_ago_in_three_languages(count: str, be: str, ru: str, en: str) -> None:
    day = TODAY - timedelta(days=int(count))

    assert [in_language(language).days_ago(day, TODAY) for language in (BE, RU, EN)] == [be, ru, en]


def test_a_day_that_has_not_come_is_not_counted_backwards() -> None:
    assert in_language(EN).days_ago(TODAY + timedelta(days=1), TODAY) == "today"


def test_thousands_of_days_are_grouped() -> None:
    assert in_language(EN).days_ago(TODAY - timedelta(days=2331), TODAY) == "2,331 days ago"


DATES = """
2025-12-13  13 снежня 2025     13 декабря 2025     December 13, 2025|13 December 2025
2025-06-21  21 чэрвеня 2025    21 июня 2025        June 21, 2025|21 June 2025
2025-05-01  1 мая 2025         1 мая 2025          May 1, 2025|1 May 2025
2025-09     верасень 2025      сентябрь 2025       September 2025
2025-05     май 2025           май 2025            May 2025
2025        2025               2025                2025
"""


@pytest.mark.parametrize(("text", "be", "ru", "en"), cells(DATES))
def test_a_date_in_words_is_no_finer_than_it_is_known(text: str, be: str, ru: str, en: str) -> None:
    when = When.parse(text)

    assert in_language(BE).full_date(when) == be
    assert in_language(RU).full_date(when) == ru
    assert in_language(EN).full_date(when) in en.split("|")


@pytest.mark.parametrize(
    ("text", "expected"), [("2025-12-03", "03.12.2025"), ("2025-12", "12.2025"), ("2025", "2025")]
)
@pytest.mark.parametrize("language", Language)
def test_a_date_in_figures_fits_a_button(language: Language, text: str, expected: str) -> None:
    assert in_language(language).short_date(When.parse(text)) == expected


@pytest.mark.parametrize("month", range(1, 13))
def test_no_belarusian_date_holds_a_russian_form(month: int) -> None:
    words = in_language(BE)
    said = " ".join(words.full_date(When.parse(f"2025-{month:02}{day}")) for day in ("", "-01", "-22"))

    assert not set("ищъ") & set(said.lower())
    assert "г." not in said
    assert "месяца" not in said


def test_numbers_and_countries_are_said_in_the_language() -> None:
    assert [in_language(language).country("LT") for language in (BE, RU, EN)] == [
        "Літва",
        "Литва",
        "Lithuania",
    ]
    assert in_language(EN).countries(["PL", "LT"]) == "Poland, Lithuania"
    assert in_language(EN).country("XX") == "XX"
    assert [in_language(language).number(1234) for language in (BE, RU, EN)] == [
        "1\u00a0234",
        "1\u00a0234",
        "1,234",
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("be", BE), ("be-BY", BE), ("be-tarask", BE), ("BE", BE), ("ru", RU), ("ru-RU", RU), ("en", EN),
        ("en-GB", EN), ("uk", RU), ("kk", RU), ("hy", RU), ("pl", EN), ("lt", EN), ("", EN), (None, EN),
        ("zz-zz", EN), ("русский", EN), ("-", EN),
    ],
)  # fmt: skip
def test_a_phone_is_greeted_in_a_language_its_owner_may_read(code: str | None, expected: Language) -> None:
    assert view_for(code).language is expected


@cache
def every_call() -> dict[str, list[ast.Call]]:
    """Return all calls in the program by the name of what is called."""
    found: dict[str, list[ast.Call]] = defaultdict(list)
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found[getattr(node.func, "id", "") or getattr(node.func, "attr", "")].append(node)
    return found


def calls(name: str) -> list[ast.Call]:
    """Return every call of a function of this name in the program, however it was imported."""
    return every_call().get(name, [])


def test_units_of_the_library_are_not_used_for_their_russian_forms() -> None:
    assert calls("format_unit") == []
    assert calls("format_compound_unit") == []
    assert [
        call for call in calls("format_timedelta") if "add_direction" not in {k.arg for k in call.keywords}
    ] == []
