"""Alerts: who hears of which publication, when, how urgently, and what a send's outcome comes to.

Nobody's list of alerts is kept anywhere. A row holds up to which publication its reader was told, and
what is above it and concerns them is pending: after a crash the next look at the rows finds every gap.
"""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile

from bot.domain.caution import Place
from bot.domain.follower import MOST_TOLD, Flag, Glance, InFlight, Record, Told, Wanted
from bot.domain.hours import after_quiet, next_at
from bot.domain.people import View
from bot.domain.publishing import Publication, PublicationKind
from bot.domain.subjects import Subject

REMEMBERED_DAYS = 14
"""How long a publication can still be told, and a told one still be corrected."""
LOUD_HOURS = 72
"""What was let go longer ago than this is told without a sound: as after an outage."""
AHEAD = timedelta(hours=1)
"""A number further ahead of now says nothing of the time: it, or one before, was given by a wrong clock. What
is let go together may be ahead by seconds."""
MOST_DEATHS = 5
"""After so many deaths of the process while one alone was being told, they are set aside."""
NO_MESSAGE = 0
"""In place of the number of a message that may have arrived, where nobody will ever know."""
DIGEST_HOUR = 18
"""The local hour at which those who chose once a day are told, and everybody of news about no person."""
_NOBODY: frozenset[int] = frozenset()


class Urgency(enum.IntEnum):
    """How urgent an alert is, the most urgent first.

    `IN_DOUBT`: an earlier one may be on its way to the same chat; a /stop is answered only after its end.
    """

    IN_DOUBT = 1
    CORRECTION = 2
    RELEASE = 3
    NEWS = 4


@dataclass(frozen=True, slots=True, repr=False)
class Alert:
    """One message that one chat is owed: everything pending for it, the latest state of each person only.

    `corrects`: numbers of what its reader was told in which something is wrong by now; `replaces`: in
    which everything is. `seen`: up to which number nothing is owed after it. `is_repeat`: it may have
    arrived already. `made_by`: what said so.
    """

    record: Record
    publications: tuple[Publication, ...]
    urgency: Urgency
    is_loud: bool
    corrects: frozenset[int] = frozenset()
    replaces: frozenset[int] = frozenset()
    seen: int = 0
    is_repeat: bool = False
    made_by: Board | None = field(default=None, compare=False)

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
        """Hold publications; those up to `quiet_to` are told without a sound: a restore may repeat them.

        So are those that were approved before that number, a time, was handed out: they may have had
        another number, in the registry that is gone.
        """
        self.publications = tuple(sorted(publications, key=lambda publication: publication.number))
        self.quiet_to = quiet_to
        self.latest = self.publications[-1].number if self.publications else 0
        self._numbers = [publication.number for publication in self.publications]
        self._by_number = {publication.number: publication for publication in self.publications}
        self._wrong = _wrong_through(self.publications)
        self._revised: dict[int, frozenset[int]] = {}
        for p in self.publications:
            for number in self._wrong[p.number]:
                self._revised[number] = self._revised.get(number, _NOBODY) | p.people
        self._quiet = frozenset(
            p.number for p in self.publications if min(p.number, int(p.published_at.timestamp())) <= quiet_to
        )
        self._wanted: dict[int, Wanted] = {}

    def may_concern(self, glance: Glance) -> bool:
        """Return whether a row may be owed something; quick, and never a wrong no. Safe in a thread."""
        if glance.is_in_flight:
            return True
        place = bisect_right(self._numbers, glance.alert_seen)
        if place == len(self._numbers):
            return False
        if glance.follows_any(self._wanted_from(place)):
            return True
        return bool(self._revised) and not self._revised.keys().isdisjoint(glance.told_of())

    def _wanted_from(self, place: int) -> Wanted:
        wanted = self._wanted.get(place)
        if wanted is None:
            later = self.publications[place:]
            people = {number for p in later for number in p.all_people}
            topics = {subject.value for p in later for subject in p.subjects}
            wanted = self._wanted[place] = Wanted.of(people, topics)
        return wanted

    def pending(self, record: Record) -> tuple[Publication, ...]:
        """Return what a reader is owed, oldest first, without what is taken back, or later ones replace."""
        return self._pending(record, self._reached(record))

    def _pending(self, record: Record, reached: frozenset[int]) -> tuple[Publication, ...]:
        told = _told_of(record)
        above = [
            p
            for p in self.publications[bisect_right(self._numbers, record.alert_seen) :]
            if follows(record, p) or any(self._told_so(record, p, n) for n in told & self._wrong[p.number])
        ]
        if Flag.PAUSED in record.flags and reached.isdisjoint(self._wrong_by(above)):
            return ()
        return tuple(
            p
            for p in above
            if not self._is_over(record, p)
            # What nobody was told need not be taken back.
            and (p.kind is not PublicationKind.RETRACTION or not reached.isdisjoint(self._wrong[p.number]))
        )

    def _told_so(self, record: Record, publication: Publication, number: int) -> bool:
        """Return whether what this says was wrong was said to a reader who was told of that number.

        Of a release of many each family was told of their own: the others' mistake is no alarm of theirs.
        """
        first = self._by_number.get(number)
        if first is None or number in _told_more_of(record):
            return True
        if record.people.isdisjoint(first.all_people | first.silenced):
            return True  # whom of it they followed then, nobody knows: it may have been this one
        return not record.people.isdisjoint(publication.people) or _hears_of_all(record, first)

    def _wrong_by(self, publications: Iterable[Publication]) -> frozenset[int]:
        return frozenset(number for p in publications for number in self._wrong[p.number])

    def _is_over(self, record: Record, publication: Publication) -> bool:
        """Return whether nothing is left of what a publication would say to a reader: in a release of many
        one name may be wrong, the rest right, and each hears of their own.

        What may have arrived is owed until what takes it back is here to be told instead.
        """
        gone = self._revised.get(publication.number, _NOBODY)
        if not _on_its_way(record, [publication]):
            gone |= publication.taken_back
        if not gone or _hears_of_group(record, publication):
            return False
        people = publication.all_people
        theirs = people if _hears_of_all(record, publication) else people & record.people or people
        return theirs <= gone

    def _is_wrong(self, record: Record, number: int) -> bool:
        """Return whether all is wrong of what a reader was told, whomever of it they followed then."""
        first = self._by_number.get(number)
        if first is None or _hears_of_group(record, first):
            return False
        return first.all_people <= self._revised[number]

    def _reached(self, record: Record) -> frozenset[int]:
        """Return what a reader was told, or may have been, of what is wrong by now.

        A row remembers the last few alerts. What it has seen before them its reader was told, or has read
        on the card they began to follow from, if it was for them.
        """
        if not self._revised:
            return frozenset()  # nothing is wrong
        seen = max(record.alert_seen, record.in_flight.publication if record.in_flight else 0)
        return _told_of(record) | {
            number
            for number in self._revised
            if number <= seen and ((p := self._by_number.get(number)) is None or follows(record, p))
        }

    def alert(self, record: Record, now: datetime) -> Alert | None:
        """Return the next message a chat is owed, whenever it is due; None when there is none.

        What may have arrived already, or before a restore, is told by itself, so that nothing new loses
        its sound to it, and it does not get one.
        """
        if record.alert_seen >= self.latest:
            return None  # so it is right after each message: worth not looking further
        reached = self._reached(record)
        pending = self._pending(record, reached)
        repeated = tuple(_on_its_way(record, pending))
        publications = repeated or tuple(takewhile(self._is_quiet, pending)) or pending
        if not publications:
            return None
        corrects = reached & self._wrong_by(publications)
        replaces = frozenset(number for number in corrects if self._is_wrong(record, number))
        if corrects:
            urgency = Urgency.CORRECTION
        elif any(p.kind is not PublicationKind.NEWS for p in publications):
            urgency = Urgency.RELEASE
        else:
            urgency = Urgency.NEWS
        last = publications[-1]
        # In a message of all that is owed what was revised by now is right already: no alarm follows it.
        seen = self.latest if publications is pending else last.number
        # Its number is the time at which it was let go: a third editor may have taken a weekend.
        numbered_at = datetime.fromtimestamp(last.number, UTC)
        gone_at = last.published_at if numbered_at > now + AHEAD else max(last.published_at, numbered_at)
        fresh = not self._is_quiet(last) and now - gone_at <= timedelta(hours=LOUD_HOURS)
        is_loud = fresh and not repeated and urgency is not Urgency.NEWS
        return Alert(record, publications, urgency, is_loud, corrects, replaces, seen, bool(repeated), self)

    def check(self, alert: Alert, record: Record, now: datetime) -> None:
        """See that an alert may go as it was made: some time has passed, and its reader's row may be another.

        Raises NotOwedError when nothing is owed any more, ChangedError when it is something else, or to be
        said otherwise, or not now.
        """
        # Almost always neither has changed.
        fresh = alert if alert.made_by is self and alert.record is record else self.alert(record, now)
        if fresh is None:
            raise NotOwedError("this alert is not owed any more")
        is_same = fresh.publications == alert.publications and _manner(record) == _manner(alert.record)
        if not is_same or due_at(fresh, now) > now:
            raise ChangedError("another alert is owed, or at another time")

    def _is_quiet(self, publication: Publication) -> bool:
        """Return whether a publication may have been told before a restore, under this number or another."""
        return publication.number in self._quiet


def _wrong_through(publications: Iterable[Publication]) -> dict[int, frozenset[int]]:
    """Return for each publication, in the order of numbers, what it makes wrong: all it revises in turn."""
    wrong: dict[int, frozenset[int]] = {}
    for p in publications:
        wrong[p.number] = wrong.get(p.revises, frozenset()) | {p.revises} if p.revises else frozenset()
    return wrong


def _told_of(record: Record) -> frozenset[int]:
    return frozenset(told.publication for told in record.told)


def _told_more_of(record: Record) -> frozenset[int]:
    """Return the releases of many of which somebody may have been told more than they follow now."""
    return frozenset(told.publication for told in record.told if told.message == NO_MESSAGE)


def _on_its_way(record: Record, publications: Iterable[Publication]) -> list[Publication]:
    """Return what may have arrived in a message whose end nobody knows."""
    flight = record.in_flight
    return [p for p in publications if flight is not None and p.number <= flight.publication]


def _manner(record: Record) -> tuple[View, Place, bool]:
    """Return what of a row decides how an alert is said, and what it gives away on a lock screen."""
    return record.view, record.place, Flag.DISCREET in record.flags


def follows(record: Record, publication: Publication) -> bool:
    """Return whether a reader chose to hear of a publication: of somebody in it, or of its subject."""
    return not publication.all_people.isdisjoint(record.people) or _hears_of_all(record, publication)


def _hears_of_all(record: Record, publication: Publication) -> bool:
    """Return whether a reader chose a subject of a publication: it names everybody in it to them."""
    return bool(record.topics) and any(subject.value in record.topics for subject in publication.subjects)


def _hears_of_group(record: Record, publication: Publication) -> bool:
    """Return whether a reader hears that so many were released, whatever becomes of the names."""
    return Subject.GROUP_RELEASES in publication.subjects and _hears_of_all(record, publication)


def named_to(record: Record, publication: Publication) -> frozenset[int]:
    """Return whom a publication names to a reader because they chose so: all, or whom they follow."""
    followed = publication.all_people & record.people
    return publication.people | followed if _hears_of_all(record, publication) else followed


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
        due = max(now, next_at(time(DIGEST_HOUR), asked, record.zone))
    return after_quiet(record.quiet, due, record.zone)


# What a row says before, and after, a message that may or may not have arrived.


def as_it_is(record: Record) -> Record:
    """Return the row unchanged: what there is to read is read with the changes of others."""
    return record


def marked(record: Record, alert: Alert, deaths: int = 0) -> Record:
    """Return the row that says: this may be on its way; whether it is still owed, `Board.check` says.

    `deaths`: how often the process died while this alone was being told; never less than the row says.
    """
    counted = record.in_flight.attempts if record.in_flight else 0
    return replace(record, in_flight=InFlight(alert.last, max(deaths, counted)))


def unfollowed(before: Record, after: Record, publications: Iterable[Publication], now: datetime) -> Record:
    """Return a row that follows less, so that a correction finds what may be on its way to them now.

    Of a release of many a row does not say whom it named: that it named more than is followed now, does.
    """
    hour = int(now.timestamp()) // 3600
    hours = {old.publication: old.hour for old in before.told}
    arriving = {p.number for p in _on_its_way(before, publications) if p.number > before.alert_seen}
    lost = [
        p.number
        for p in publications
        if (p.number in arriving or (p.is_of_many and p.number in hours))
        and p.number not in _told_more_of(before)
        and _hears_less(before, after, p)
    ]
    perhaps = [Told(NO_MESSAGE, number, hours.get(number, hour)) for number in lost]
    return replace(after, told=(*after.told, *perhaps)[-MOST_TOLD:])


def _hears_less(before: Record, after: Record, publication: Publication) -> bool:
    if publication.is_of_many and named_to(before, publication) != named_to(after, publication):
        return True
    return follows(before, publication) and not follows(after, publication)


def unmarked(record: Record, earlier: InFlight | None = None) -> Record:
    """Return the row after a definite no: the next try is as loud as this was.

    `earlier`: what an earlier alert left in doubt; a correction of it is still owed.
    """
    return replace(record, in_flight=earlier)


def still_told(record: Record, now: datetime) -> tuple[Told, ...]:
    """Return the alerts that arrived and of which a correction can still come."""
    oldest = int(now.timestamp()) // 3600 - REMEMBERED_DAYS * 24
    return tuple(old for old in record.told if old.hour >= oldest)


def told(record: Record, alert: Alert, message: int, now: datetime) -> Record:
    """Return the row after an alert arrived as this message: seen, remembered for a correction, unmarked."""
    hour = int(now.timestamp()) // 3600
    new = [Told(message, p.number, hour) for p in alert.publications]
    gone = alert.replaces | {p.number for p in alert.publications}
    of_many = {p.number for p in alert.publications if p.is_of_many}
    kept = [
        old
        for old in still_told(record, now)
        if old.publication not in gone or (old.message == NO_MESSAGE and old.publication in of_many)
    ]
    return replace(
        record,
        alert_seen=max(record.alert_seen, alert.seen),
        in_flight=None,
        told=tuple((*kept, *new)[-MOST_TOLD:]),
    )


def outdated(record: Record, alert: Alert) -> list[int]:
    """Return the messages in which something is wrong by now; opened, they go on saying it.

    Where a row may have forgotten some of what a message told, it is left alone: that can be opened from it.
    """
    told: dict[int, set[int]] = {}
    for old in record.told:
        told.setdefault(old.message, set()).add(old.publication)
    told.pop(NO_MESSAGE, None)
    room = MOST_TOLD - len(alert.publications)
    whole = {message for message, publications in told.items() if publications <= alert.replaces}
    return [
        message
        for message, publications in told.items()
        if not publications.isdisjoint(alert.corrects)
        and (len(publications) < MOST_TOLD if message in whole else len(record.told) <= room)
    ]


def still_right(record: Record, message: int) -> tuple[int, int] | None:
    """Return the first and the last publication of a message that are not wrong; None where all is."""
    left = [old.publication for old in record.told if old.message == message]
    return (min(left), max(left)) if left else None


def passed_over(record: Record, number: int) -> Record:
    """Return the row of somebody who is owed nothing up to a publication: they need not be asked again."""
    return replace(record, alert_seen=max(record.alert_seen, number), in_flight=None)


def moved(record: Record, there: Record) -> Record:
    """Return the row of a chat under its new number, where it may have been told something already."""
    seen = max(record.alert_seen, there.alert_seen)
    return replace(record, chat=there.chat, alert_seen=seen, in_flight=None, told=there.told or record.told)


class NotOwedError(Exception):
    """What was to be sent is not owed any more: its reader said stop, or has it already."""


class ChangedError(Exception):
    """Something else is owed by now than was about to be said, or it is to be said otherwise, or later."""


class Outcome(enum.Enum):
    """What became of one send."""

    DONE = "done"
    NOT_SENT = "not sent"
    """A definite no that time mends: 429, no connection. It is tried again, as loud as before."""
    UNSURE = "unsure"
    """It may have arrived: tried again without a sound, ever more seldom, marked as a repeat."""
    GONE = "gone"
    """Blocked or deactivated: the reader is forgotten."""
    NOT_FOUND = "not found"
    """Telegram says so of chats that are there, too: only what it goes on saying for hours is believed."""
    MOVED = "moved"
    """The chat has another number now."""
    POISON = "poison"
    """Telegram will never take this text: once more without marks, then set aside."""
    DEAD = "dead"
    """The token is refused: everything stops, and nothing is lost."""
