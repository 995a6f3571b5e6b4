"""What may be shown to whom: the whole table, written out, so that a change to any cell is seen."""

from __future__ import annotations

import itertools

import pytest

from bot.domain.caution import Kind, Mention, Place, is_careful, mention, name_behind_tap
from bot.domain.people import Consent, Designation

_LINK, _NAME, _DESCRIBED, _NOTHING = Mention.LINK, Mention.NAME, Mention.DESCRIBED, Mention.NOTHING

TABLE = """
place     designation   consent     kind    told  shown
belarus   listed        public      source  no    described
belarus   listed        public      help    no    described
belarus   listed        public      source  yes   described
belarus   listed        public      help    yes   described
belarus   listed        followers   source  no    nothing
belarus   listed        followers   help    no    nothing
belarus   listed        followers   source  yes   described
belarus   listed        followers   help    yes   described
belarus   listed        suppressed  source  no    nothing
belarus   listed        suppressed  help    no    nothing
belarus   listed        suppressed  source  yes   nothing
belarus   listed        suppressed  help    yes   nothing
belarus   not_verified  public      source  no    described
belarus   not_verified  public      help    no    described
belarus   not_verified  public      source  yes   described
belarus   not_verified  public      help    yes   described
belarus   not_verified  followers   source  no    nothing
belarus   not_verified  followers   help    no    nothing
belarus   not_verified  followers   source  yes   described
belarus   not_verified  followers   help    yes   described
belarus   not_verified  suppressed  source  no    nothing
belarus   not_verified  suppressed  help    no    nothing
belarus   not_verified  suppressed  source  yes   nothing
belarus   not_verified  suppressed  help    yes   nothing
belarus   not_listed    public      source  no    name
belarus   not_listed    public      help    no    link
belarus   not_listed    public      source  yes   name
belarus   not_listed    public      help    yes   link
belarus   not_listed    followers   source  no    nothing
belarus   not_listed    followers   help    no    nothing
belarus   not_listed    followers   source  yes   name
belarus   not_listed    followers   help    yes   link
belarus   not_listed    suppressed  source  no    nothing
belarus   not_listed    suppressed  help    no    nothing
belarus   not_listed    suppressed  source  yes   nothing
belarus   not_listed    suppressed  help    yes   nothing
not_said  listed        public      source  no    described
not_said  listed        public      help    no    described
not_said  listed        public      source  yes   described
not_said  listed        public      help    yes   described
not_said  listed        followers   source  no    nothing
not_said  listed        followers   help    no    nothing
not_said  listed        followers   source  yes   described
not_said  listed        followers   help    yes   described
not_said  listed        suppressed  source  no    nothing
not_said  listed        suppressed  help    no    nothing
not_said  listed        suppressed  source  yes   nothing
not_said  listed        suppressed  help    yes   nothing
not_said  not_verified  public      source  no    described
not_said  not_verified  public      help    no    described
not_said  not_verified  public      source  yes   described
not_said  not_verified  public      help    yes   described
not_said  not_verified  followers   source  no    nothing
not_said  not_verified  followers   help    no    nothing
not_said  not_verified  followers   source  yes   described
not_said  not_verified  followers   help    yes   described
not_said  not_verified  suppressed  source  no    nothing
not_said  not_verified  suppressed  help    no    nothing
not_said  not_verified  suppressed  source  yes   nothing
not_said  not_verified  suppressed  help    yes   nothing
not_said  not_listed    public      source  no    name
not_said  not_listed    public      help    no    link
not_said  not_listed    public      source  yes   name
not_said  not_listed    public      help    yes   link
not_said  not_listed    followers   source  no    nothing
not_said  not_listed    followers   help    no    nothing
not_said  not_listed    followers   source  yes   name
not_said  not_listed    followers   help    yes   link
not_said  not_listed    suppressed  source  no    nothing
not_said  not_listed    suppressed  help    no    nothing
not_said  not_listed    suppressed  source  yes   nothing
not_said  not_listed    suppressed  help    yes   nothing
abroad    listed        public      source  no    link
abroad    listed        public      help    no    link
abroad    listed        public      source  yes   link
abroad    listed        public      help    yes   link
abroad    listed        followers   source  no    nothing
abroad    listed        followers   help    no    nothing
abroad    listed        followers   source  yes   link
abroad    listed        followers   help    yes   link
abroad    listed        suppressed  source  no    nothing
abroad    listed        suppressed  help    no    nothing
abroad    listed        suppressed  source  yes   nothing
abroad    listed        suppressed  help    yes   nothing
abroad    not_verified  public      source  no    link
abroad    not_verified  public      help    no    link
abroad    not_verified  public      source  yes   link
abroad    not_verified  public      help    yes   link
abroad    not_verified  followers   source  no    nothing
abroad    not_verified  followers   help    no    nothing
abroad    not_verified  followers   source  yes   link
abroad    not_verified  followers   help    yes   link
abroad    not_verified  suppressed  source  no    nothing
abroad    not_verified  suppressed  help    no    nothing
abroad    not_verified  suppressed  source  yes   nothing
abroad    not_verified  suppressed  help    yes   nothing
abroad    not_listed    public      source  no    link
abroad    not_listed    public      help    no    link
abroad    not_listed    public      source  yes   link
abroad    not_listed    public      help    yes   link
abroad    not_listed    followers   source  no    nothing
abroad    not_listed    followers   help    no    nothing
abroad    not_listed    followers   source  yes   link
abroad    not_listed    followers   help    yes   link
abroad    not_listed    suppressed  source  no    nothing
abroad    not_listed    suppressed  help    no    nothing
abroad    not_listed    suppressed  source  yes   nothing
abroad    not_listed    suppressed  help    yes   nothing
"""

LINES = [line.split() for line in TABLE.strip().splitlines()[1:]]
Case = tuple[Place, Designation, Consent, Kind, bool]
EXPECTED: dict[Case, Mention] = {
    (Place(place), Designation(designation), Consent(consent), Kind(kind), told == "yes"): Mention(shown)
    for place, designation, consent, kind, told, shown in LINES
}


def test_the_table_holds_every_case_once() -> None:
    every = itertools.product(Place, Designation, Consent, Kind, (False, True))

    assert set(EXPECTED) == set(every)
    assert len(LINES) == len(EXPECTED)


@pytest.mark.parametrize(("case", "shown"), EXPECTED.items())
def test_what_is_shown(case: Case, shown: Mention) -> None:
    place, designation, consent, kind, told = case

    assert mention(place, designation, consent, kind, told=told) is shown


def test_without_a_word_about_it_nobody_was_told() -> None:
    assert mention(Place.ABROAD, Designation.NOT_LISTED, Consent.FOLLOWERS) is _NOTHING


@pytest.mark.parametrize(
    ("before", "after"), [(_LINK, _LINK), (_NAME, _NAME), (_DESCRIBED, _NAME), (_NOTHING, _NOTHING)]
)
def test_a_tap_shows_a_hidden_name_and_never_a_link(before: Mention, after: Mention) -> None:
    assert name_behind_tap(before) is after


def test_only_somebody_abroad_is_answered_less_carefully() -> None:
    assert [place for place in Place if not is_careful(place)] == [Place.ABROAD]
