"""Alerts: who hears of which publication, when, in which lane, and what a send's outcome comes to.

Nobody's list of alerts is kept anywhere. A row holds the highest publication its reader was told of, and
what is above it and concerns them is pending: after a crash the next look at the rows finds every gap.
"""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.follower import MOST_TOLD, Flag, Glance, InFlight, Quiet, Record, Told, Wanted
from bot.domain.publishing import Publication, PublicationKind

REMEMBERED_DAYS = 14
"""How long a publication can still be told, and a told one still be corrected."""
LOUD_HOURS = 72
"""An alert older than this, after an outage, is told without a sound."""
MOST_DEATHS = 5
"""After so many deaths of the process while one alone was being told, they are set aside."""
DIGEST_HOUR = 18
"""The local hour at which those who chose once a day are told, and everybody of news about no person."""


class Urgency(enum.IntEnum):
    """How urgent an alert is, the most urgent first."""

    CORRECTION = 1
    RELEASE = 2
    NEWS = 3


@dataclass(frozen=True, slots=True, repr=False)
class Alert:
    """One message that one chat is owed: everything pending for it, the latest state of each person only.

    `is_repeat`: it may have arrived already.
    """

    record: Record
    publications: tuple[Publication, ...]
    urgency: Urgency
    is_loud: bool
    is_repeat: bool = False

    def __repr__(self) -> str:
        return "Alert()"

    @property
    def first(self) -> int:
        """Return the lowest publication number told."""
        return self.publications[0].number

    @property
    def last(self) -> int:
        """Return the highest publication number told."""
        return self.publications[-1].number


class Board:
    """The publications that can still be told, and what a scan looks for because of them."""

    def __init__(self, publications: Iterable[Publication], quiet_to: int = 0) -> None:
        """Hold publications; those up to `quiet_to` are told without a sound: a restore may repeat them."""
        self.publications = tuple(sorted(publications, key=lambda publication: publication.number))
        self.quiet_to = quiet_to
        self.latest = self.publications[-1].number if self.publications else 0
        self._numbers = [publication.number for publication in self.publications]
        self._revised = frozenset(p.revises for p in self.publications if p.revises)
        self._wanted: dict[int, Wanted] = {}

    def may_concern(self, glance: Glance) -> bool:
        """Say whether a row may be owed something; quick, and never a wrong no. Safe in a thread."""
        if glance.is_in_flight:
            return True
        place = bisect_right(self._numbers, glance.alert_seen)
        if place == len(self._numbers):
            return False
        if glance.follows_any(self._wanted_from(place)):
            return True
        return bool(self._revised) and not self._revised.isdisjoint(glance.told_of())

    def _wanted_from(self, place: int) -> Wanted:
        wanted = self._wanted.get(place)
        if wanted is None:
            later = self.publications[place:]
            people = {number for p in later for number in p.people}
            topics = {subject.value for p in later for subject in p.subjects}
            wanted = self._wanted[place] = Wanted.of(people, topics)
        return wanted

    def pending(self, record: Record) -> tuple[Publication, ...]:
        """Return what a reader is owed, oldest first, without what a later one of them replaces."""
        above = [p for p in self.publications if p.number > record.alert_seen and concerns(record, p)]
        reached = {told.publication for told in record.told} | {p.number for p in _on_its_way(record, above)}
        if Flag.PAUSED in record.flags:
            above = [p for p in above if p.revises in reached]
        replaced = {p.revises for p in above}
        return tuple(
            p
            for p in above
            if p.number not in replaced
            # What nobody was told need not be taken back.
            and (p.kind is not PublicationKind.RETRACTION or p.revises in reached)
        )

    def alert(self, record: Record, now: datetime) -> Alert | None:
        """Return the next message a chat is owed, whenever it is due; None when there is none.

        What may have arrived already is repeated by itself, so that nothing new loses its sound to it.
        """
        pending = self.pending(record)
        repeated = tuple(_on_its_way(record, pending))
        publications = repeated or pending
        if not publications:
            return None
        told = {told.publication for told in record.told}
        if any(p.revises in told for p in publications):
            urgency = Urgency.CORRECTION
        elif any(p.kind is not PublicationKind.NEWS for p in publications):
            urgency = Urgency.RELEASE
        else:
            urgency = Urgency.NEWS
        last = publications[-1]
        fresh = last.number > self.quiet_to and now - last.published_at <= timedelta(hours=LOUD_HOURS)
        is_loud = fresh and not repeated and urgency is not Urgency.NEWS
        return Alert(record, publications, urgency, is_loud, is_repeat=bool(repeated))


def _on_its_way(record: Record, publications: Iterable[Publication]) -> list[Publication]:
    """Return what may have arrived in a message whose end nobody knows."""
    flight = record.in_flight
    return [p for p in publications if flight is not None and p.number <= flight.publication]


def concerns(record: Record, publication: Publication) -> bool:
    """Say whether a reader hears of a publication: they follow it, or were told what it corrects.

    Who unfollowed since they were told is told of the correction too; who said stop is not in `told`.
    """
    if publication.people & record.people:
        return True
    if any(subject.value in record.topics for subject in publication.subjects):
        return True
    return publication.revises != 0 and any(told.publication == publication.revises for told in record.told)


def due_at(alert: Alert, now: datetime) -> datetime:
    """Return when an alert may go: now, or after the quiet hours, or at the hour of the daily digest.

    A correction to somebody who was told wrongly waits for nothing.
    """
    record = alert.record
    if alert.urgency is Urgency.CORRECTION:
        return now
    due = now
    if Flag.DIGEST in record.flags or alert.urgency is Urgency.NEWS:
        asked = alert.publications[0].published_at
        due = max(now, _next(time(DIGEST_HOUR), asked, record.zone))
    return _after_quiet(record.quiet, due, record.zone)


def _next(hour: time, after: datetime, zone: str) -> datetime:
    """Return the first such local hour after a moment; across a change of clocks it is still that hour."""
    local = after.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() < hour else local.date() + timedelta(days=1)
    return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC)


def _after_quiet(quiet: Quiet | None, moment: datetime, zone: str) -> datetime:
    if quiet is None or quiet.start == quiet.end:
        return moment
    local = moment.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    inside = (
        quiet.start <= minute < quiet.end
        if quiet.start < quiet.end
        else minute >= quiet.start or minute < quiet.end
    )
    return _next(time(quiet.end // 60, quiet.end % 60), moment, zone) if inside else moment


# What a row says before, and after, a message that may or may not have arrived.


def marked(record: Record, alert: Alert) -> Record:
    """Return the row that says: this may be on its way. Raises NotOwedError when it is no longer owed."""
    if record.alert_seen >= alert.last or not any(concerns(record, p) for p in alert.publications):
        raise NotOwedError("this alert is not owed any more")
    deaths = record.in_flight.attempts if record.in_flight else 0
    return replace(record, in_flight=InFlight(alert.last, deaths))


def unmarked(record: Record) -> Record:
    """Return the row after a definite no: nothing is on its way, and the next try is as loud as this was."""
    return replace(record, in_flight=None)


def told(record: Record, alert: Alert, message: int, now: datetime) -> Record:
    """Return the row after an alert arrived as this message: seen, remembered for a correction, unmarked."""
    hour = int(now.timestamp()) // 3600
    oldest = hour - REMEMBERED_DAYS * 24
    new = [Told(message, p.number, hour) for p in alert.publications]
    gone = {p.revises for p in alert.publications}
    kept = [old for old in record.told if old.hour >= oldest and old.publication not in gone]
    return replace(
        record,
        alert_seen=max(record.alert_seen, alert.last),
        in_flight=None,
        told=tuple((*kept, *new)[-MOST_TOLD:]),
    )


def passed_over(record: Record, number: int) -> Record:
    """Return the row of somebody who is owed nothing up to a publication: they need not be asked again."""
    return replace(record, alert_seen=max(record.alert_seen, number), in_flight=None)


class NotOwedError(Exception):
    """What was to be sent is not owed any more: its reader said stop, or has it already."""


class Outcome(enum.Enum):
    """What became of one send."""

    DONE = "done"
    NOT_SENT = "not sent"
    """A definite no that time mends: 429, no connection. It is tried again, as loud as before."""
    UNSURE = "unsure"
    """It may have arrived: tried again once, without a sound, marked as a repeat."""
    GONE = "gone"
    """Blocked, deactivated, not found: the reader is forgotten."""
    MOVED = "moved"
    """The chat has another number now."""
    POISON = "poison"
    """Telegram will never take this text: once more without marks, then set aside."""
    DEAD = "dead"
    """The token is refused: everything stops, and nothing is lost."""
    INTRUDER = "intruder"
    """Somebody else speaks with our token."""
