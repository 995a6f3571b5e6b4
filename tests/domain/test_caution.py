"""What may be shown to whom: the whole table, written out, so that a change to any cell is seen."""

from __future__ import annotations

import itertools

import pytest

from bot.domain.caution import Kind, Mention, Place, is_careful, mention, name_behind_tap
from bot.domain.people import Designation

_LINK, _NAME, _DESCRIBED = Mention.LINK, Mention.NAME, Mention.DESCRIBED

TABLE = """
place     designation   kind    shown
belarus   listed        source  described
belarus   listed        help    described
belarus   not_verified  source  described
belarus   not_verified  help    described
belarus   not_listed    source  name
belarus   not_listed    help    link
not_said  listed        source  described
not_said  listed        help    described
not_said  not_verified  source  described
not_said  not_verified  help    described
not_said  not_listed    source  name
not_said  not_listed    help    link
abroad    listed        source  link
abroad    listed        help    link
abroad    not_verified  source  link
abroad    not_verified  help    link
abroad    not_listed    source  link
abroad    not_listed    help    link
"""

LINES = [line.split() for line in TABLE.strip().splitlines()[1:]]
Case = tuple[Place, Designation, Kind]
EXPECTED: dict[Case, Mention] = {
    (Place(place), Designation(designation), Kind(kind)): Mention(shown)
    for place, designation, kind, shown in LINES
}


def test_the_table_holds_every_case_once() -> None:
    every = itertools.product(Place, Designation, Kind)

    assert set(EXPECTED) == set(every)
    assert len(LINES) == len(EXPECTED)


@pytest.mark.parametrize(("case", "shown"), EXPECTED.items())
def test_what_is_shown(case: Case, shown: Mention) -> None:
    assert mention(*case) is shown


@pytest.mark.parametrize(("before", "after"), [(_LINK, _LINK), (_NAME, _NAME), (_DESCRIBED, _NAME)])
def test_a_tap_shows_a_hidden_name_and_never_a_link(before: Mention, after: Mention) -> None:
    assert name_behind_tap(before) is after


def test_only_somebody_abroad_is_answered_less_carefully() -> None:
    assert [place for place in Place if not is_careful(place)] == [Place.ABROAD]
