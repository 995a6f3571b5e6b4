"""Articles: what to do and where to ask, with the day of the check and the pages behind it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from bot.domain.caution import Place
from bot.domain.people import Language, Source


class Area(enum.StrEnum):
    """Where an article is found, in the order of the tiles."""

    STATUS = "status"
    REINTEGRATION = "reintegration"
    LEGAL = "legal"
    ADVOCACY = "advocacy"
    ABOUT = "about"


class Part(enum.StrEnum):
    """What a section is for, in the order in which sections stand.

    The five after STEPS and before MORE are places and situations: the same step is help abroad and
    evidence at home, so each has a section of its own. SAFE is caution that needs no check: it is all
    that remains of an article past its review date.
    """

    STEPS = "steps"
    BELARUS = "belarus"
    HOME = "home"
    RELEASED = "released"
    PASSPORT = "passport"
    ABROAD = "abroad"
    LITHUANIA = "lithuania"
    POLAND = "poland"
    UKRAINE = "ukraine"
    MORE = "more"
    SAFE = "safe"


PLACES = (Part.BELARUS, Part.ABROAD, Part.LITHUANIA, Part.POLAND, Part.UKRAINE)
_INSIDE = (Part.BELARUS, Part.HOME)


class Review(enum.StrEnum):
    """Who, beyond its writer, has read an article for what the law says."""

    NONE = "none"
    EDITOR = "editor"
    LAWYER = "lawyer"


@dataclass(frozen=True, slots=True)
class Run:
    """Words in one weight, and the numbers of the sources that carry the sentence they end."""

    text: str
    bold: bool = False
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph or one item of a list; `marker` is empty, a dash, or the item's number and a dot."""

    runs: tuple[Run, ...]
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of an article, which fits one screen."""

    part: Part
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """One topic in one language. `answer` is the first screen; `sections` end with SAFE.

    `general`: some of it is general experience that no page was read for. `warning`: it cannot do
    without names that are dangerous on a phone in Belarus.
    """

    key: str
    area: Area
    language: Language
    title: str
    checked_on: date
    review_by: date
    legal_review: Review
    general: bool
    warning: bool
    places: tuple[Part, ...]
    contacts: tuple[str, ...]
    related: tuple[str, ...]
    sources: tuple[Source, ...]
    answer: tuple[Block, ...]
    sections: tuple[Section, ...]

    def is_expired(self, today: date) -> bool:
        """Return whether nobody has checked this in time: then no step of it may be shown."""
        return today > self.review_by

    @property
    def independent(self) -> int:
        """Return how many publishers said so on their own: reprints of one report count once."""
        return len({source.origin for source in self.sources})

    @property
    def safe(self) -> Section:
        """Return the part that stays true without a check."""
        return self.sections[-1]

    def order_for(self, place: Place) -> list[int]:
        """Return the places of the sections in the order that serves a reader there; none is left out.

        Abroad, what is for Belarus comes after what is for other places.
        """
        everything = list(range(len(self.sections)))
        if place is not Place.ABROAD:
            return everything
        return sorted(everything, key=lambda index: _distance(self.sections[index].part))


def _distance(part: Part) -> int:
    """Return how far down a part belongs for somebody abroad."""
    return 2 if part in {Part.MORE, Part.SAFE} else int(part in _INSIDE)


Topic: TypeAlias = Mapping[Language, Article]
"""One topic in every language."""


class Library:
    """Every article there is, by topic, in the order of the topics."""

    def __init__(self, articles: Iterable[Article] = ()) -> None:
        self._topics: dict[str, dict[Language, Article]] = {}
        for article in articles:
            self._topics.setdefault(article.key, {})[article.language] = article

    def topic(self, key: str) -> Topic | None:
        """Return one topic, or None if there is no such."""
        return self._topics.get(key)

    def topics(self) -> list[Topic]:
        """Return every topic."""
        return list(self._topics.values())

    def in_area(self, area: Area) -> list[Topic]:
        """Return an area's topics."""
        return [topic for topic in self._topics.values() if area_of(topic) is area]

    def related_to(self, topic: Topic) -> list[Topic]:
        """Return the topics that an article names as related; one that is gone is passed over."""
        found = (self.topic(key) for key in any_of(topic).related)
        return [other for other in found if other is not None]


def any_of(topic: Topic) -> Article:
    """Return a topic in any language, for what is the same in all: key, dates, sources, contacts."""
    return next(iter(topic.values()))


def area_of(topic: Topic) -> Area:
    """Return the area a topic is in."""
    return any_of(topic).area
