"""Slips of the finger: which differences come from the keyboard, not from another name."""

from __future__ import annotations

import functools
from typing import Protocol

from bot.domain.inflection import Cut
from bot.domain.spelling import irregular

_ROWS = {
    True: ("йцукенгшўзх", "йцукенгшщзхъ", "фывапролджэ", "ячсмітьбю", "ячсмитьбю"),
    False: ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
}
_LEVEL = {True: (0, 0, 1, 2, 2), False: (0, 1, 2)}


def _keys(table: str) -> dict[str, str]:
    return {pair[0]: pair[2:] for pair in table.split()}


_LETTERS = {
    True: _keys(
        "a:ао o:ао e:еэ A:яе O:ёе i:іий y:ы u:ую v:вўу t:тц c:цт C:ч s:с S:ш z:з Z:ж g:г x:х 1:цч 2:сш 3:зж "
        "h:гх d:д k:к p:п b:б f:ф l:л m:м n:н r:р"
    ),
    False: _keys(
        "a:ao o:ao e:e A:ae O:oe i:iyj y:y u:u v:vuw t:tc c:ct C:c s:s S:s z:z Z:z g:gh x:khx 1:c 2:s 3:z "
        "h:h d:d k:k p:p b:b f:f l:l m:m n:n r:r"
    ),
}
"""For each letter of a shape, in Cyrillic or not, the letters that may have been typed for it."""


@functools.cache
def _places(cyrillic: bool) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for level, row in zip(_LEVEL[cyrillic], _ROWS[cyrillic], strict=True):
        for column, letter in enumerate(row):
            found.setdefault(letter, []).append((level, column))
    return found


def _side_by_side(first: str, second: str, cyrillic: bool) -> bool:
    places = _places(cyrillic)
    for level, column in places.get(first, ()):
        for other_level, other_column in places.get(second, ()):
            step = other_column - column
            if level == other_level and abs(step) == 1:
                return True
            if other_level - level == 1 and step in {-1, 0}:
                return True
            if level - other_level == 1 and step in {0, 1}:
                return True
    return False


def _neighbours(first: str, second: str, cyrillic: bool) -> bool:
    letters = _LETTERS[cyrillic]
    return any(_side_by_side(a, b, cyrillic) for a in letters[first] for b in letters[second])


class Meant(Protocol):
    """What a slip is measured against: a stored surname."""

    stem: str
    fine: str


def is_swap(meant: Meant, cut: Cut) -> bool:
    """Return whether two neighbouring letters changed places and all else is as it should be."""
    own, typed = meant.stem, cut.stem
    if len(own) != len(typed):
        return False
    wrong = [place for place, (a, b) in enumerate(zip(own, typed, strict=True)) if a != b]
    if len(wrong) != 2 or wrong[1] != wrong[0] + 1:
        return False
    first = wrong[0]
    back = cut.fine[:first] + cut.fine[first + 1] + cut.fine[first] + cut.fine[first + 2 :]
    straight = typed[:first] + typed[first + 1] + typed[first] + typed[first + 2 :]
    return straight == own and not irregular(meant.fine, back, "strict")


def is_finger_slip(meant: Meant, cut: Cut, cyrillic: bool) -> bool:
    """Return whether a typed stem differs by one letter: one dropped, or one by the key beside it."""
    own, typed = meant.stem, cut.stem
    for place in range(max(len(own), len(typed))):
        own_less, typed_less = own, typed
        mine, theirs = meant.fine, cut.fine
        if len(own) >= len(typed):
            own_less, mine = _without(own, place), _without(mine, place)
        if len(typed) >= len(own):
            typed_less, theirs = _without(typed, place), _without(theirs, place)
        if own_less == typed_less and not irregular(mine, theirs, "strict"):
            return _is_near_key(meant.fine, cut.fine, place, cyrillic)
    return False


def _without(text: str, place: int) -> str:
    return text[:place] + text[place + 1 :]


def _is_near_key(meant: str, typed: str, place: int, cyrillic: bool) -> bool:
    if len(typed) < len(meant):
        return True
    if len(typed) == len(meant):
        return _neighbours(meant[place], typed[place], cyrillic)
    beside = [typed[near] for near in (place - 1, place + 1) if 0 <= near < len(typed)]
    return any(_neighbours(typed[place], near, cyrillic) for near in beside)
