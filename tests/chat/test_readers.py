"""How to speak to a reader: as they chose, else as their phone is set, and as carefully as can be."""

from __future__ import annotations

from bot.chat.readers import Reader, reader_of
from bot.domain.caution import Place
from bot.domain.follower import Record
from bot.domain.people import View


def test_nobody_is_known_at_first_and_the_place_is_the_careful_one() -> None:
    assert reader_of(None, View.RU) == Reader(View.RU, Place.NOT_SAID)


def test_what_a_reader_chose_is_kept_to_whatever_the_phone_says() -> None:
    record = Record(7001234567, view=View.LATIN, place=Place.ABROAD)

    assert reader_of(record, View.RU) == Reader(View.LATIN, Place.ABROAD)
