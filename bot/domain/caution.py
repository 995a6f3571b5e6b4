"""What may be shown to whom: where the reader is, who published, and who agreed to be named."""

from __future__ import annotations

import enum

from bot.domain.people import Consent, Designation


class Place(enum.StrEnum):
    """Where the reader says they are. NOT_SAID is answered as BELARUS: the careful answer is the default."""

    BELARUS = "belarus"
    ABROAD = "abroad"
    NOT_SAID = "not_said"


class Mention(enum.StrEnum):
    """How a source may appear on a screen.

    LINK: name and address. NAME: name, no address. DESCRIBED: only what kind of publisher it is, the
    name behind a tap. NOTHING: not at all.
    """

    LINK = "link"
    NAME = "name"
    DESCRIBED = "described"
    NOTHING = "nothing"


class Kind(enum.StrEnum):
    """What is mentioned. SOURCE: the page behind a statement. HELP: somebody to turn to."""

    SOURCE = "source"
    HELP = "help"


def mention(
    place: Place,
    designation: Designation,
    consent: Consent,
    kind: Kind = Kind.SOURCE,
    *,
    told: bool = False,
) -> Mention:
    """Decide how a page or an organisation may appear.

    In Belarus a link to a designated organisation on a phone is evidence against its owner
    (Criminal Code 361-1 and 361-4, Administrative Code 19.11); an organisation whose designation
    nobody verified is treated as designated. A source that is not listed is named there without an
    address, which nobody needs; a body to turn to that is not listed is of use only with its address.
    `told` says that this reader already had the alert: only then does a claim for followers show
    anything.
    """
    if consent is Consent.SUPPRESSED or (consent is Consent.FOLLOWERS and not told):
        return Mention.NOTHING
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
