"""Independence: one page under several addresses, one reporter under several spellings."""

from __future__ import annotations

import pytest

from bot.domain.independence import address, given_twice, has_two_origins, looks
from tests.builders import PLAIN, a_source

PAGE = "https://spring96.example/be/news/1"


@pytest.mark.parametrize(
    "same",
    [
        f"{PAGE}/",
        f"{PAGE}#comments",
        "http://spring96.example/be/news/1",
        "https://www.spring96.example/be/news/1",
        "HTTPS://WWW.Spring96.example:443/be/news/1/#a",
        "http://spring96.example.:80/be/news/%31",
        f" {PAGE}",
    ],
)
def test_a_page_is_one_however_its_address_is_written(same: str) -> None:
    assert address(same) == address(PAGE)
    assert given_twice([PAGE, same])
    assert not has_two_origins([a_source(PLAIN, PAGE, origin="One"), a_source(PLAIN, same, origin="Two")])


@pytest.mark.parametrize(
    "other",
    [
        "https://spring96.example/be/news/2",
        f"{PAGE}?page=2",
        "https://m.spring96.example/be/news/1",
        "https://spring96.example:8443/be/news/1",
        "https://spring96.example/be/News/1",
        "https://[spring96.example/be/news/1",
    ],
)
def test_other_pages_are_others(other: str) -> None:
    assert not given_twice([PAGE, other])
    assert has_two_origins([a_source(PLAIN, PAGE, origin="One"), a_source(PLAIN, other, origin="Two")])


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("Viasna", "VIASNA "),
        ("Viasna", "V\u0456\u0430\u0455na"),  # Cyrillic letters
        ("Вясна", "Вяcнa"),  # Latin letters
        ("Nasha Niva", "Nasha  Niva"),
        ("Nasha Niva", "Nasha\u00a0Niva\u200b"),
        ("Nasha Niva", "Nasha-Niva."),
        ("BelaPAN", "BeIaPAN"),  # a capital i
        ("Reform", "\uff32\uff45form"),
        ("Ο\u03a4\u0391", "ota"),  # Greek letters
        ("Przegląd", "Przegla\u0328d"),
        ("Agency 0", "Agency O"),
    ],
)
def test_what_looks_the_same_is_the_same(one: str, same: str) -> None:
    assert looks(one) == looks(same)
    pages = [a_source(PLAIN, f"{PAGE}{number}", origin=origin) for number, origin in enumerate((one, same))]
    assert not has_two_origins(pages)


@pytest.mark.parametrize(
    ("one", "same"),
    [
        *(("Viasna", "Вясна"), ("Вясна", "Весна"), ("Viasna", "Весна"), ("Зеркало", "Zerkalo")),
        *(("-", "One"), ("…", "One")),
    ],
)
def test_one_reporter_is_one_in_three_languages_and_no_name_is_none(one: str, same: str) -> None:
    assert looks(one) != looks(same)
    pages = [a_source(PLAIN, f"{PAGE}{number}", origin=origin) for number, origin in enumerate((one, same))]
    assert not has_two_origins(pages)


@pytest.mark.parametrize(
    ("one", "other"), [("Viasna", "Наша Ніва"), ("Agency One", "Agency Two"), ("ТАСС", "TAZ")]
)
def test_other_names_are_others(one: str, other: str) -> None:
    pages = [a_source(PLAIN, f"{PAGE}{number}", origin=origin) for number, origin in enumerate((one, other))]
    assert has_two_origins(pages)
