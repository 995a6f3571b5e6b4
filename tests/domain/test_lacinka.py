"""Łacinka: the rules, a word for each, and what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lacinka import in_latin

WORDS = """
Беларусь Biełaruś        вяселле viasielle      Алесь Aleś           Бяляцкі Bialacki
Марыя Maryja             здароўе zdaroŭje       раён rajon           краіна kraina
сям’я siamja  сям’і siamji  сям'я siamja           дзень dzień          ліст list
Людміла Ludmiła          Лявон Lavon            лес les              ноч noč
Хведар Chviedar          Ілля Illa              пальцы palcy         соль sol
кроў kroŭ                шчасце ščascie         жыццё žyccio         мяжа miaža
Вільня Vilnia            палітвязень palitviazień  воля vola          ў ŭ
яна jana                 моўе moŭje             аб’ект abjekt        дождж doždž
ціха cicha               Юля Jula               ганак hanak          ґузік guzik
ШІЗА ŠIZA                ЮНЕСКА JUNIESKA        ЕС JES               Я Ja
ХВ CHV                   Ход Chod               салдат sałdat        лютага lutaha
""".split()


@pytest.mark.parametrize(("cyrillic", "latin"), list(zip(WORDS[::2], WORDS[1::2], strict=True)))
def test_a_word_is_written_by_the_rules(cyrillic: str, latin: str) -> None:
    assert in_latin(cyrillic) == latin


@pytest.mark.parametrize(
    "text", ["общий", "Щука", "съезд", "и", "Viasna", "https://spring96.org/be", "13.12.2025", "361-1", "–"]
)
def test_what_is_not_belarusian_stays(text: str) -> None:
    assert in_latin(text) == text


def test_a_sentence_keeps_its_signs_and_its_foreign_names() -> None:
    assert in_latin("Пішыце ў ААН: hrc-wg-ad@un.org, «тэрмінова».") == (
        "Pišycie ŭ AAN: hrc-wg-ad@un.org, «terminova»."
    )


@given(st.text("абвгґдеёжзійклмнопрстуўфхцчшыьэюя’ .,", max_size=60))
def test_no_cyrillic_letter_is_left_of_belarusian(text: str) -> None:
    assert not any("а" <= sign <= "ё" or sign in "іўґ" for sign in in_latin(text))
    assert in_latin(in_latin(text)) == in_latin(text)
