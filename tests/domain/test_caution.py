"""What may be shown to whom: the whole table, written out, so that a change to any cell is seen."""

from __future__ import annotations

import itertools

import pytest

from bot.domain.caution import Mention, Place, mention, name_behind_tap
from bot.domain.people import Consent, Designation

_LINK, _NAME, _DESCRIBED, _NOTHING = Mention.LINK, Mention.NAME, Mention.DESCRIBED, Mention.NOTHING

TABLE = """
place     designation   consent     told  shown
belarus   listed        public      no    described
belarus   listed        public      yes   described
belarus   listed        followers   no    nothing
belarus   listed        followers   yes   described
belarus   listed        suppressed  no    nothing
belarus   listed        suppressed  yes   nothing
belarus   not_verified  public      no    described
belarus   not_verified  public      yes   described
belarus   not_verified  followers   no    nothing
belarus   not_verified  followers   yes   described
belarus   not_verified  suppressed  no    nothing
belarus   not_verified  suppressed  yes   nothing
belarus   not_listed    public      no    name
belarus   not_listed    public      yes   name
belarus   not_listed    followers   no    nothing
belarus   not_listed    followers   yes   name
belarus   not_listed    suppressed  no    nothing
belarus   not_listed    suppressed  yes   nothing
not_said  listed        public      no    described
not_said  listed        public      yes   described
not_said  listed        followers   no    nothing
not_said  listed        followers   yes   described
not_said  listed        suppressed  no    nothing
not_said  listed        suppressed  yes   nothing
not_said  not_verified  public      no    described
not_said  not_verified  public      yes   described
not_said  not_verified  followers   no    nothing
not_said  not_verified  followers   yes   described
not_said  not_verified  suppressed  no    nothing
not_said  not_verified  suppressed  yes   nothing
not_said  not_listed    public      no    name
not_said  not_listed    public      yes   name
not_said  not_listed    followers   no    nothing
not_said  not_listed    followers   yes   name
not_said  not_listed    suppressed  no    nothing
not_said  not_listed    suppressed  yes   nothing
abroad    listed        public      no    link
abroad    listed        public      yes   link
abroad    listed        followers   no    nothing
abroad    listed        followers   yes   link
abroad    listed        suppressed  no    nothing
abroad    listed        suppressed  yes   nothing
abroad    not_verified  public      no    link
abroad    not_verified  public      yes   link
abroad    not_verified  followers   no    nothing
abroad    not_verified  followers   yes   link
abroad    not_verified  suppressed  no    nothing
abroad    not_verified  suppressed  yes   nothing
abroad    not_listed    public      no    link
abroad    not_listed    public      yes   link
abroad    not_listed    followers   no    nothing
abroad    not_listed    followers   yes   link
abroad    not_listed    suppressed  no    nothing
abroad    not_listed    suppressed  yes   nothing
"""

LINES = [line.split() for line in TABLE.strip().splitlines()[1:]]
Case = tuple[Place, Designation, Consent, bool]
EXPECTED: dict[Case, Mention] = {
    (Place(place), Designation(designation), Consent(consent), told == "yes"): Mention(shown)
    for place, designation, consent, told, shown in LINES
}


def test_the_table_holds_every_case_once() -> None:
    every = itertools.product(Place, Designation, Consent, (False, True))

    assert set(EXPECTED) == set(every)
    assert len(LINES) == len(EXPECTED)


@pytest.mark.parametrize(("case", "shown"), EXPECTED.items())
def test_what_is_shown_of_a_source(case: Case, shown: Mention) -> None:
    place, designation, consent, told = case

    assert mention(place, designation, consent, told=told) is shown


def test_without_a_word_about_it_nobody_was_told() -> None:
    assert mention(Place.ABROAD, Designation.NOT_LISTED, Consent.FOLLOWERS) is _NOTHING


@pytest.mark.parametrize(
    ("before", "after"), [(_LINK, _LINK), (_NAME, _NAME), (_DESCRIBED, _NAME), (_NOTHING, _NOTHING)]
)
def test_a_tap_shows_a_hidden_name_and_never_a_link(before: Mention, after: Mention) -> None:
    assert name_behind_tap(before) is after
