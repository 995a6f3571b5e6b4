"""Subjects: what can be followed besides people, and a wish to follow as it stands in a button."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from bot.domain.follower import NAME_DIGESTS


class Subject(enum.IntEnum):
    """A subject of publications. The number stands in sealed rows: it never gets another meaning."""

    ALL_RELEASES = 1
    GROUP_RELEASES = 2
    SANCTIONS_AND_TALKS = 3
    LEGAL_NEWS = 4
    AFTER_RELEASE_NEWS = 5


@dataclass(frozen=True, slots=True, repr=False)
class Wish:
    """One thing to follow or not: a person's number, a subject, or the digest of a name we do not have."""

    person: int | None = None
    subject: Subject | None = None
    name: int | None = None

    @property
    def code(self) -> str:
        """Return the wish as letters and figures for a button."""
        if self.person is not None:
            return f"p{self.person}"
        return f"t{self.subject:d}" if self.subject is not None else f"n{self.name}"


_CODE = re.compile(r"([ptn])(0|[1-9][0-9]{0,9})", re.ASCII)


def wish_of(code: str) -> Wish | None:
    """Read a wish from a button, which anybody can forge; None for what is none."""
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    number = int(found[2])
    if found[1] == "p":
        return Wish(person=number) if 0 < number < 2**31 else None
    if found[1] == "n":
        return Wish(name=number) if number < NAME_DIGESTS else None
    return Wish(subject=Subject(number)) if number in set(Subject) else None
