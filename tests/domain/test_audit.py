"""The audit's chain: any change to any field of any entry is seen, and signed words cannot be regrouped."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.audit import FIRST, Entry, first_break, linked, signed_bytes


def a_chain() -> list[Entry]:
    chain: list[Entry] = []
    for number in range(1, 5):
        previous = chain[-1].hash if chain else FIRST
        at = f"2026-11-28T10:0{number}:00+00:00"
        entry = Entry(number, at, "anna", "confirm", f"claim/{number}", "1", "d" * 64, "s" * 128, previous)
        chain.append(linked(entry))
    return chain


def test_a_chain_is_whole_and_so_is_an_empty_one() -> None:
    assert first_break(a_chain()) is None
    assert first_break([]) is None


def test_each_field_of_each_entry_is_held_by_the_chain() -> None:
    chain = a_chain()
    for place, entry in enumerate(chain):
        for field in dataclasses.fields(Entry):
            value = getattr(entry, field.name)
            other: dict[str, Any] = {field.name: value + 1 if field.name == "number" else f"{value}x"}
            changed = dataclasses.replace(entry, **other)
            assert first_break([*chain[:place], changed, *chain[place + 1 :]]) == place + 1, field.name


def test_an_entry_left_out_or_moved_or_made_anew_is_seen() -> None:
    chain = a_chain()

    assert first_break([*chain[:1], *chain[2:]]) == 2
    assert first_break([chain[1], chain[0], *chain[2:]]) == 1
    forged = linked(dataclasses.replace(chain[1], editor="boris"))
    assert first_break([chain[0], forged, *chain[2:]]) == 3


Words = st.tuples(*[st.text(max_size=6)] * 4)


@given(Words, Words)
def test_no_two_acts_are_signed_as_the_same_bytes(
    one: tuple[str, str, str, str], other: tuple[str, str, str, str]
) -> None:
    assert (signed_bytes(*one) == signed_bytes(*other)) == (one == other)
