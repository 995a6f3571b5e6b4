"""People and claims about them: what is published, and the status that follows from it."""

from __future__ import annotations

import calendar
import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

_T = TypeVar("_T")


class Language(enum.StrEnum):
    """The languages we answer in. Names are kept in more (a Polish passport, a Ukrainian headline)."""

    BE = "be"
    RU = "ru"
    EN = "en"


class View(enum.StrEnum):
    """The ways a screen can be written: three languages, and Belarusian in Latin letters."""

    BE = "be"
    RU = "ru"
    EN = "en"
    LATIN = "lat"

    @property
    def language(self) -> Language:
        """Return the language of the phrases behind this view."""
        return Language.BE if self is View.LATIN else Language(self.value)


class Precision(enum.StrEnum):
    """How much of a date the source states."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True, order=True)
class When:
    """A date as a source states it: `start` is the first day of the day, month or year meant."""

    start: date
    precision: Precision = Precision.DAY

    @property
    def end(self) -> date:
        """Return the last day it can mean."""
        if self.precision is Precision.DAY:
            return self.start
        if self.precision is Precision.MONTH:
            return self.start.replace(day=calendar.monthrange(self.start.year, self.start.month)[1])
        return self.start.replace(month=12, day=31)

    @property
    def days(self) -> int:
        """Return how many days it may be: 1, a month's or a year's."""
        return (self.end - self.start).days + 1

    def overlaps(self, other: When) -> bool:
        """Return whether both may mean the same day."""
        return self.start <= other.end and other.start <= self.end

    @classmethod
    def parse(cls, text: str) -> When:
        """Read `YYYY-MM-DD`, `YYYY-MM` or `YYYY`; raises ValueError on anything else."""
        parts = text.split("-")
        if len(parts) > 3 or not all(part.isascii() and part.isdigit() for part in parts):
            raise ValueError("not a date")
        if [len(part) for part in parts] != [4, 2, 2][: len(parts)]:
            raise ValueError("not a date")
        numbers = [int(part) for part in parts]
        precision = (Precision.YEAR, Precision.MONTH, Precision.DAY)[len(parts) - 1]
        year, month, day = (*numbers, 1, 1)[:3]
        return cls(date(year, month, day), precision)

    def __str__(self) -> str:
        length = {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}[self.precision]
        return self.start.isoformat()[:length]


class Designation(enum.StrEnum):
    """Whether contact with an organisation is prosecuted in Belarus."""

    LISTED = "listed"
    NOT_VERIFIED = "not_verified"
    NOT_LISTED = "not_listed"


class PublisherKind(enum.StrEnum):
    """What to call a publisher when its name stays behind a tap."""

    RIGHTS = "rights"
    MEDIA = "media"
    OFFICIAL = "official"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who published a page."""

    name: str
    kind: PublisherKind
    designation: Designation


@dataclass(frozen=True, slots=True)
class Source:
    """One page that carries one claim. `origin` is who reported it first: reprints share it."""

    publisher: Publisher
    url: str
    published_on: When | None
    origin: str
    read_on: date


class ClaimKind(enum.StrEnum):
    """What a claim says happened. HELD: seen behind bars on that date."""

    DETAINED = "detained"
    SENTENCED = "sentenced"
    HELD = "held"
    RELEASED = "released"
    DIED = "died"


class Outcome(enum.StrEnum):
    """Where a release led. A release is never just yes or no."""

    NOT_STATED = "not_stated"
    AT_HOME = "at_home"
    ABROAD = "abroad"
    HOUSE_ARREST = "house_arrest"
    OPEN_FACILITY = "open_facility"
    WHEREABOUTS_UNKNOWN = "whereabouts_unknown"


class Passport(enum.StrEnum):
    """Whether a person was taken abroad with their passport, where a source says so."""

    WITH = "with"
    WITHOUT = "without"


class Manner(enum.StrEnum):
    """In what legal form a release came, where a source says so."""

    PARDON = "pardon"
    TERM_SERVED = "term_served"
    AMNESTY = "amnesty"
    EXCHANGE = "exchange"
    REDUCED = "reduced"


class Consent(enum.StrEnum):
    """Who may be told. FOLLOWERS: who follows the person, or begins to; SUPPRESSED: nobody, in any way."""

    PUBLIC = "public"
    FOLLOWERS = "followers"
    SUPPRESSED = "suppressed"


class ClaimState(enum.StrEnum):
    """How far a claim has come; only the published ones say anything to a reader."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement about one person, with the pages that carry exactly this statement."""

    key: str
    kind: ClaimKind
    when: When
    sources: tuple[Source, ...]
    outcome: Outcome = Outcome.NOT_STATED
    country: str | None = None
    passport: Passport | None = None
    manner: Manner | None = None
    place_key: str | None = None
    event_key: str | None = None
    consent: Consent = Consent.PUBLIC
    state: ClaimState = ClaimState.PUBLISHED
    revision: int = 1


PLACEHOLDER = "demo-"
"""Keys of made-up people begin so: the demo's registry holds some, and no real one may."""


class NameKind(enum.StrEnum):
    """What a stored form of a name is: the one we show, or another that people write."""

    MAIN = "main"
    SPELLING = "spelling"
    PEN = "pen"
    MAIDEN = "maiden"


@dataclass(frozen=True, slots=True)
class Name:
    """One form of a name as some page writes it, in one language (be, ru, en, pl, uk …)."""

    language: str
    kind: NameKind
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the registry. `number` is ours, random, never reused; `key` ties imports together."""

    number: int
    key: str
    names: tuple[Name, ...]
    claims: tuple[Claim, ...] = ()
    birth_year: int | None = None
    merged: frozenset[int] = frozenset()
    """Numbers of records that became this one: whoever follows one of them follows this person."""

    @property
    def numbers(self) -> frozenset[int]:
        """Return every number by which this person may be followed."""
        return self.merged | {self.number}

    @property
    def is_made_up(self) -> bool:
        """Return whether this person does not exist: every screen that names them says so."""
        return self.key.startswith(PLACEHOLDER)

    def shown_name(self, language: Language) -> str:
        """Return the form to show: in the reader's language, else in the nearest one a page proves."""
        ladder = {
            Language.BE: (Language.BE, Language.RU, Language.EN),
            Language.RU: (Language.RU, Language.BE, Language.EN),
            Language.EN: (Language.EN, Language.BE, Language.RU),
        }[language]
        mains = {name.language: name.text for name in self.names if name.kind is NameKind.MAIN}
        for candidate in ladder:
            if candidate in mains:
                return mains[candidate]
        return self.names[0].text


class Standing(enum.StrEnum):
    """The one word a family asks for. NOT_CONFIRMED is an honest answer, not a failure."""

    NOT_CONFIRMED = "not_confirmed"
    HELD = "held"
    FREE = "free"
    RESTRICTED = "restricted"
    WHEREABOUTS_UNKNOWN = "whereabouts_unknown"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Status:
    """What the published claims add up to.

    `since` dates the standing (release, death, the last detention); `confirmed` is the last day a
    source saw it so. `claims` are the ones it rests on: their sources are the status's sources.
    `disputed` means published claims contradict each other and the card must say so.
    `sentenced_later`: a sentence came after the release, and says nothing of where the person is.
    """

    standing: Standing
    since: When | None = None
    confirmed: When | None = None
    outcome: Outcome = Outcome.NOT_STATED
    country: str | None = None
    passport: Passport | None = None
    manner: Manner | None = None
    detained_again: bool = False
    disputed: bool = False
    sentenced_later: bool = False
    claims: tuple[Claim, ...] = ()

    @property
    def known_free(self) -> bool:
        """Return whether nobody waits for this person's release any more."""
        return self.standing in {Standing.FREE, Standing.DIED}

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the pages the status rests on, each once."""
        return tuple(dict.fromkeys(source for claim in self.claims for source in claim.sources))


PUBLIC_ONLY = frozenset({Consent.PUBLIC})
TO_FOLLOWERS = frozenset({Consent.PUBLIC, Consent.FOLLOWERS})
"""What those are told of who follow the person."""


def told_claims(claims: Iterable[Claim], consents: frozenset[Consent] = PUBLIC_ONLY) -> list[Claim]:
    """Return the claims a reader may be told of, oldest first.

    A suppressed claim is dropped whatever `consents` holds: its family asked for silence.
    """
    allowed = consents - {Consent.SUPPRESSED}
    spoken = {ClaimState.PUBLISHED, ClaimState.CORRECTED}
    told = [claim for claim in claims if claim.state in spoken and claim.consent in allowed]
    return sorted(told, key=_in_time)


def _in_time(claim: Claim) -> tuple[date, date, int, str]:
    order = list(ClaimKind).index(claim.kind)
    return claim.when.start, claim.when.end, order, claim.key


def status_of(claims: Iterable[Claim], consents: frozenset[Consent] = PUBLIC_ONLY) -> Status:
    """Derive the status from published claims: the latest sure fact wins, a contradiction is said.

    Where a release and a later-or-equal sign of detention cannot be put in order (dates of
    different precision, the same day, one page's day of the release after another's), the answer is
    NOT_CONFIRMED and disputed: telling a family a wrong release is the costliest error there is.
    """
    told = told_claims(claims, consents)
    deaths = [claim for claim in told if claim.kind is ClaimKind.DIED]
    if deaths:
        return _after_death(deaths, told)
    captive = [claim for claim in told if claim.kind in {ClaimKind.DETAINED, ClaimKind.HELD}]
    releases = [claim for claim in told if claim.kind is ClaimKind.RELEASED]
    if not captive and not releases:
        # A sentence alone does not say where somebody is: it is the last known fact, not a status.
        return Status(Standing.NOT_CONFIRMED, claims=tuple(told[-1:]))
    if not releases:
        return _behind_bars(captive, told, again=False)
    episode = _last_episode(releases)
    released = _release_date(episode)
    finest = [claim for claim in episode if claim.when.days == released.days]
    later = [claim for claim in captive if claim.when.start > released.end]
    if any(not _may_precede(claim, episode, finest) for claim in later):
        return _behind_bars(later, told, again=True)
    unclear = [c for c in captive if c in later or any(_may_follow(c, one.when) for one in finest)]
    if unclear:
        return Status(Standing.NOT_CONFIRMED, disputed=True, claims=tuple(episode + unclear))
    later_sentences = [c for c in told if c.kind is ClaimKind.SENTENCED and c.when.start > released.end]
    return replace(_released(episode, released), sentenced_later=bool(later_sentences))


def _after_death(deaths: Sequence[Claim], told: Sequence[Claim]) -> Status:
    first = min(deaths, key=_in_time)
    alive_later = [
        claim for claim in told if claim.kind in _SIGNS_OF_LIFE and claim.when.start > first.when.end
    ]
    if alive_later:
        return Status(Standing.NOT_CONFIRMED, disputed=True, claims=(*deaths, *alive_later))
    finest = min((claim.when for claim in deaths), key=lambda when: (when.days, when.start))
    return Status(Standing.DIED, since=finest, confirmed=finest, claims=tuple(deaths))


def _behind_bars(captive: Sequence[Claim], told: Sequence[Claim], *, again: bool) -> Status:
    """Describe detention from the claims of the current one; a sentence confirms it, it does not begin it."""
    detained = [claim for claim in captive if claim.kind is ClaimKind.DETAINED]
    begun = min(claim.when.start for claim in captive)
    signs = [c for c in told if c in captive or (c.kind is ClaimKind.SENTENCED and c.when.start >= begun)]
    last = max(signs, key=lambda claim: (claim.when.start, -claim.when.days, claim.key))
    since = _latest(claim.when for claim in detained) if detained else None
    support = [claim for claim in signs if claim is last or claim.when == last.when or claim in detained[-1:]]
    return Status(
        Standing.HELD, since=since, confirmed=last.when, detained_again=again, claims=tuple(support)
    )


def _latest(dates: Iterable[When]) -> When:
    """Return the latest date; of those that may be the same day the finest."""
    return max(dates, key=lambda when: (when.start, -when.days))


def _last_episode(releases: Sequence[Claim]) -> list[Claim]:
    """Return the claims that speak of the most recent release."""
    last = max(releases, key=lambda claim: (claim.when.start, claim.when.end))
    return [claim for claim in releases if claim.when.overlaps(last.when) or _same_event(claim, last)]


def _same_event(first: Claim, second: Claim) -> bool:
    return first.event_key is not None and first.event_key == second.event_key


def _release_date(episode: Sequence[Claim]) -> When:
    """Return the finest date of a release; of several equally fine ones the latest."""
    return max((claim.when for claim in episode), key=lambda when: (-when.days, when.start))


def _may_precede(captive: Claim, episode: Sequence[Claim], finest: Sequence[Claim]) -> bool:
    """Return whether a detention after the finest date may be before the release that a coarse one means."""
    coarse = (one for one in episode if not any(one is fine or _same_event(one, fine) for fine in finest))
    return any(one.when.overlaps(captive.when) for one in coarse)


def _may_follow(captive: Claim, released: When) -> bool:
    """Return whether a sign of detention may be of the day of a release, or is after it.

    A sign of detention on the very day of a release is the usual morning before it when it only
    says HELD; a detention on that day may be the re-arrest at the border.
    """
    if not captive.when.overlaps(released):
        return captive.when.start > released.end
    same_day = captive.when.precision is Precision.DAY and released.precision is Precision.DAY
    return not (same_day and captive.kind is ClaimKind.HELD) and captive.when.end >= released.start


def _released(episode: Sequence[Claim], released: When) -> Status:
    """Describe a release. Where its claims imply different standings, none of them is said."""
    implied = {
        _STANDING_AFTER.get(claim.outcome, Standing.FREE) for claim in episode if claim.outcome in _STATED
    }
    if len(implied) > 1:
        return Status(Standing.NOT_CONFIRMED, disputed=True, claims=tuple(episode))
    stated = [claim for claim in episode if claim.outcome is not Outcome.NOT_STATED]
    outcomes = {claim.outcome for claim in stated}
    countries = {claim.country for claim in stated if claim.country}
    outcome = _agreed(outcomes) or Outcome.NOT_STATED
    return Status(
        _STANDING_AFTER.get(outcome, Standing.FREE),
        since=released,
        confirmed=_latest(claim.when for claim in episode),
        outcome=outcome,
        country=_agreed(countries) if outcome is Outcome.ABROAD else None,
        passport=_agreed({claim.passport for claim in episode if claim.passport}),
        manner=_agreed({claim.manner for claim in episode if claim.manner}),
        disputed=len(outcomes) > 1 or len(countries) > 1,
        claims=tuple(episode),
    )


_SIGNS_OF_LIFE = {ClaimKind.DETAINED, ClaimKind.HELD, ClaimKind.RELEASED}
_STATED = frozenset(Outcome) - {Outcome.NOT_STATED}
_STANDING_AFTER = {
    Outcome.HOUSE_ARREST: Standing.RESTRICTED,
    Outcome.OPEN_FACILITY: Standing.RESTRICTED,
    Outcome.WHEREABOUTS_UNKNOWN: Standing.WHEREABOUTS_UNKNOWN,
}


def _agreed(values: set[_T]) -> _T | None:
    """Return the one value sources agree on, or nothing."""
    return next(iter(values)) if len(values) == 1 else None
