"""What is remembered of a reader: two choices, in memory, under a key nobody can ask for."""

from __future__ import annotations

import pickle

import pytest

from bot.chat import readers as module
from bot.chat.readers import Reader, Readers
from bot.domain.caution import Place
from bot.domain.people import View

SISTER, ADVOCATE = 7001234567, -100200300


def test_nobody_is_known_at_first_and_the_place_is_the_careful_one() -> None:
    assert Readers().of(SISTER, View.RU) == Reader(View.RU, Place.NOT_SAID)


def test_choices_are_remembered_each_by_itself() -> None:
    readers = Readers()
    readers.choose_view(SISTER, View.BE)
    readers.choose_place(SISTER, Place.ABROAD, View.EN)

    assert readers.of(SISTER, View.RU) == Reader(View.BE, Place.ABROAD)

    readers.choose_view(SISTER, View.RU)

    assert readers.of(SISTER, View.EN) == Reader(View.RU, Place.ABROAD)


def test_a_place_chosen_first_keeps_the_language_of_the_button() -> None:
    readers = Readers()
    readers.choose_place(SISTER, Place.BELARUS, View.BE)

    assert readers.of(SISTER, View.EN) == Reader(View.BE, Place.BELARUS)


def test_one_reader_knows_nothing_of_another() -> None:
    readers = Readers()
    readers.choose_place(SISTER, Place.ABROAD, View.BE)

    assert readers.of(ADVOCATE, View.EN) == Reader(View.EN)
    assert Readers().of(SISTER, View.EN) == Reader(View.EN)


def test_the_least_recently_seen_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_READERS", 3)
    readers = Readers()
    for chat_id in (1, 2, 3):
        readers.choose_place(chat_id, Place.ABROAD, View.BE)
    readers.choose_view(1, View.RU)
    readers.choose_place(4, Place.ABROAD, View.BE)

    places = {chat_id: readers.of(chat_id, View.EN).place for chat_id in (1, 2, 3, 4)}
    assert places == {1: Place.ABROAD, 2: Place.NOT_SAID, 3: Place.ABROAD, 4: Place.ABROAD}


def test_asking_remembers_nobody() -> None:
    readers = Readers()
    for chat_id in range(1000):
        readers.of(chat_id, View.BE)

    assert len(vars(readers)["_known"]) == 0


def test_a_chat_cannot_be_read_out_of_memory_by_its_number() -> None:
    readers = Readers()
    readers.choose_place(SISTER, Place.ABROAD, View.BE)

    held = pickle.dumps(vars(readers)["_known"])
    assert str(SISTER).encode() not in held
    assert SISTER.to_bytes(8, "little") not in held
    assert str(SISTER) not in repr(readers) + str(readers)


def test_two_runs_remember_one_chat_under_different_keys() -> None:
    known = []
    for _ in range(2):
        readers = Readers()
        readers.choose_place(SISTER, Place.ABROAD, View.BE)
        known += list(vars(readers)["_known"])

    assert known[0] != known[1]
