"""What readers are told is kept is what is kept: each field of the record, on /mydata and in /privacy."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from bot.chat.following_screens import my_data
from bot.chat.plain_screens import privacy
from bot.chat.readers import Reader
from bot.chat.voice import Voice
from bot.chat.words import in_language
from bot.domain.caution import Place
from bot.domain.follower import Flag, InFlight, Quiet, Record, Told, Wipe, month_number
from bot.domain.own_answers import MyData
from bot.domain.people import Language, View
from tests.builders import a_person
from tests.conftest import TODAY

PLAIN = Record(7001234567)
OTHER: dict[str, Any] = {
    "chat": 7001234568,
    "view": View.RU,
    "place": Place.ABROAD,
    "flags": Flag.DIGEST,
    "quiet": Quiet(60, 120),
    "zone": "Europe/Warsaw",
    "wipe_minutes": 600,
    "expires": month_number(2027, 5),
    "people": frozenset({1001}),
    "topics": frozenset({1}),
    "unknown_names": frozenset({7}),
    "names_asked": frozenset({7}),
    "alert_seen": 11,
    "digest_seen": 12,
    "in_flight": InFlight(13),
    "told": (Told(1, 2, 3),),
    "wipes": (Wipe(1, 2),),
    "latest": 9,
    "words": (3,),
}
SAID = {
    "chat": "the chat's number",
    "view": "your language and place",
    "place": "your language and place",
    "flags": "what you chose in the settings",
    "quiet": "what you chose in the settings",
    "zone": "what you chose in the settings",
    "wipe_minutes": "what you chose in the settings",
    "expires": "the month in which you are forgotten",
    "people": "whom and what you follow",
    "topics": "whom and what you follow",
    "unknown_names": "names that we do not have only as codes",
    "names_asked": "whether we asked about them",
    "alert_seen": "of news you were sent",
    "digest_seen": "of news you were sent",
    "in_flight": "of news you were sent",
    "told": "of news you were sent",
    "wipes": "numbers of messages to delete",
    "latest": "numbers of messages to delete",
    "words": "what you chose in the settings",
}
"""By field of the record, the words of /privacy that speak of it."""


def voice(language: Language) -> Voice:
    return Voice(in_language(language), Reader(View(language)), TODAY, "the editors")


def shown(record: Record, language: Language) -> str:
    people = (a_person(),) if record.people else ()
    return my_data(MyData(record, people), voice(language)).text


@pytest.mark.parametrize("language", Language)
def test_my_data_shows_every_field_of_the_record(language: Language) -> None:
    assert set(OTHER) == {field.name for field in fields(Record)}
    unseen = [
        name
        for name, value in OTHER.items()
        if shown(PLAIN, language) == shown(replace(PLAIN, **{name: value}), language)
    ]
    assert unseen == []


@pytest.mark.parametrize("language", Language)
def test_my_data_shows_every_switch(language: Language) -> None:
    none = shown(replace(PLAIN, flags=Flag(0)), language)
    assert [flag for flag in Flag if shown(replace(PLAIN, flags=flag), language) == none] == []


def test_privacy_speaks_of_every_field_and_of_nothing_that_is_not_kept() -> None:
    text = privacy(voice(Language.EN)).text
    assert set(SAID) == {field.name for field in fields(Record)}
    assert {name: said for name, said in SAID.items() if said not in text} == {}
