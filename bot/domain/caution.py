"""What may be shown to whom: where the reader is, and who published or helps."""

from __future__ import annotations

import enum

from bot.domain.people import Designation


class Place(enum.StrEnum):
    """Where the reader says they are. NOT_SAID is answered as BELARUS: the careful answer is the default."""

    BELARUS = "belarus"
    ABROAD = "abroad"
    NOT_SAID = "not_said"


class Mention(enum.StrEnum):
    """How a source may appear on a screen.

    LINK: name and address. NAME: name, no address. DESCRIBED: only what kind of publisher it is, the
    name behind a tap.
    """

    LINK = "link"
    NAME = "name"
    DESCRIBED = "described"


class Kind(enum.StrEnum):
    """What is mentioned. SOURCE: the page behind a statement. HELP: somebody to turn to."""

    SOURCE = "source"
    HELP = "help"


def mention(place: Place, designation: Designation, kind: Kind = Kind.SOURCE) -> Mention:
    """Decide how a page or an organisation may appear.

    In Belarus a link to a designated organisation on a phone is evidence against its owner
    (Criminal Code 361-1 and 361-4, Administrative Code 19.11); an organisation whose designation
    nobody verified is treated as designated. A source that is not listed is named there without an
    address, which nobody needs; a body to turn to that is not listed is of use only with its address.
    Which claims a reader may see at all, `people.told_claims` says.
    """
    if place is Place.ABROAD:
        return Mention.LINK
    if designation is not Designation.NOT_LISTED:
        return Mention.DESCRIBED
    return Mention.LINK if kind is Kind.HELP else Mention.NAME


def is_careful(place: Place) -> bool:
    """Return whether a reader there is answered as carefully as possible."""
    return place is not Place.ABROAD


def name_behind_tap(mentioned: Mention) -> Mention:
    """Return what a deliberate tap on a described source shows: its name, still without a link."""
    return Mention.NAME if mentioned is Mention.DESCRIBED else mentioned
