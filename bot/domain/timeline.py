"""What happened around the people: group releases, counts, sanctions and talks, in order of time only."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.people import Language, Source, When

AROUND = timedelta(days=30)
"""How near in time an act counts as "around" a release. Order in time is not cause: screens say so."""


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in our three languages; empty in all of them when there is nothing to say."""

    be: str
    ru: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the sentence in one language."""
        return {Language.BE: self.be, Language.RU: self.ru, Language.EN: self.en}[language]

    def __bool__(self) -> bool:
        return bool(self.en)


class Qualifier(enum.StrEnum):
    """How sure a number is, as its source puts it."""

    EXACT = ""
    AT_LEAST = "at_least"
    ABOUT = "about"
    OVER = "over"


class ReleaseKind(enum.StrEnum):
    """In what form people were let go."""

    PARDON = "pardon"
    GROUP = "group"
    EXCHANGE = "exchange"
    INDIVIDUAL = "individual"
    UNNAMED = "unnamed"
    RESTRICTED = "restricted"
    """Out of prison, but moved to house arrest or an open-type facility: nobody of these is freed."""


@dataclass(frozen=True, slots=True)
class ReleaseEvent:
    """One release of one or many people; `named` and `unnamed` are counts some page states, or None."""

    key: str
    when: When
    kind: ReleaseKind
    number: int
    qualifier: Qualifier
    named: int | None
    unnamed: int | None
    taken_to: tuple[str, ...]
    title: Text
    disagreement: Text
    sources: tuple[Source, ...]


class ActKind(enum.StrEnum):
    """What kind of act stands beside a release on the timeline."""

    VISIT = "visit"
    TALKS = "talks"
    STATEMENT = "statement"
    EXCHANGE = "exchange"
    JOINT_ACTION = "joint_action"
    MEDIATION = "mediation"
    MECHANISM = "mechanism"


@dataclass(frozen=True, slots=True)
class DiplomacyEvent:
    """A visit, talks, a statement: who, where, what was asked and what was given."""

    key: str
    when: When
    kind: ActKind
    who: Text
    where: Text
    asked: Text
    given: Text
    event_key: str | None
    sources: tuple[Source, ...]


class SanctionAction(enum.StrEnum):
    """What was done. LICENCE is not lifting: the target stays listed."""

    IMPOSED = "imposed"
    EXPANDED = "expanded"
    PROLONGED = "prolonged"
    EASED = "eased"
    LICENCE = "licence"
    ANNOUNCED = "announced"
    DELISTED = "delisted"


@dataclass(frozen=True, slots=True)
class Sanction:
    """One act of one side (EU, US, UK, CA, CH …), exact about what was lifted."""

    key: str
    when: When
    side: str
    action: SanctionAction
    text: Text
    event_key: str | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ListedCount:
    """How many political prisoners somebody counted on a day."""

    key: str
    when: When
    qualifier: Qualifier
    number: int
    counted_by: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year in numbers: freed, how many of them named, still listed at its end.

    `restricted`: moved to house arrest or an open-type facility, and not among the freed.
    """

    year: int
    number: int
    freed: int
    named: int
    approximate: bool
    still_listed: ListedCount | None
    restricted: int = 0


def by_quarter(
    events: Iterable[ReleaseEvent], counts: Iterable[ListedCount], named: Mapping[str, int]
) -> list[Quarter]:
    """Add up releases by quarter, newest first; `still_listed` is the last count of that quarter.

    Between the first and the last no quarter is left out: a gap would not be seen, and read as a mistake.
    `named` says how many people of the registry each release names, by the release's key.
    """
    grouped: dict[tuple[int, int], list[ReleaseEvent]] = {}
    for event in events:
        grouped.setdefault(_quarter(event.when.start), []).append(event)
    listed: dict[tuple[int, int], ListedCount] = {}
    for count in sorted(counts, key=lambda count: count.when):
        listed[_quarter(count.when.start)] = count
    return [
        _quarter_of(key, grouped.get(key, []), listed.get(key), named)
        for key in _every_quarter(grouped.keys() | listed.keys())
    ]


def _every_quarter(known: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return all quarters from the last of these down to the first."""
    if not known:
        return []
    first, last = ((year * 4 + number - 1) for year, number in (min(known), max(known)))
    return [(n // 4, n % 4 + 1) for n in range(last, first - 1, -1)]


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month + 2) // 3


def _quarter_of(
    key: tuple[int, int],
    events: Sequence[ReleaseEvent],
    count: ListedCount | None,
    named: Mapping[str, int],
) -> Quarter:
    freed = [event for event in events if event.kind is not ReleaseKind.RESTRICTED]
    return Quarter(
        *key,
        freed=sum(event.number for event in freed),
        named=sum(max(event.named or 0, named.get(event.key, 0)) for event in freed),
        approximate=any(event.qualifier is not Qualifier.EXACT for event in events),
        still_listed=count,
        restricted=sum(event.number for event in events if event.kind is ReleaseKind.RESTRICTED),
    )


@dataclass(frozen=True, slots=True)
class Around:
    """What else is dated near a release, oldest first."""

    diplomacy: tuple[DiplomacyEvent, ...]
    sanctions: tuple[Sanction, ...]


def around(event: ReleaseEvent, diplomacy: Iterable[DiplomacyEvent], sanctions: Iterable[Sanction]) -> Around:
    """Collect what is tied to a release or dated within AROUND of it."""

    def near(key: str | None, when: When) -> bool:
        return key == event.key or (
            when.start <= event.when.end + AROUND and when.end >= event.when.start - AROUND
        )

    return Around(
        tuple(sorted((d for d in diplomacy if near(d.event_key, d.when)), key=lambda d: d.when)),
        tuple(sorted((s for s in sanctions if near(s.event_key, s.when)), key=lambda s: s.when)),
    )


def unnamed_since(events: Iterable[ReleaseEvent], since: date | None) -> list[ReleaseEvent]:
    """Return the releases after `since` in which people stayed unnamed, oldest first.

    A family that reads "still held" must learn that somebody unnamed was freed meanwhile.
    """
    return sorted(
        (
            event
            for event in events
            if event.unnamed
            and event.kind is not ReleaseKind.RESTRICTED
            and (since is None or event.when.end > since)
        ),
        key=lambda event: event.when,
    )
