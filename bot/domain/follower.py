"""Follower: everything remembered of one chat, and the one size of bytes that it always becomes."""

from __future__ import annotations

import enum
import struct
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.caution import Place
from bot.domain.people import View

SIZE = 932
"""Bytes of a packed record: sealed it is 960, and four fill a page of SQLite, eight one of PostgreSQL."""

MOST_FOLLOWS, MOST_UNKNOWN_NAMES, MOST_TOLD, MOST_WIPES, MOST_WORDS = 150, 5, 8, 48, 3
LONGEST_WIPE_SPAN = 2**14 - 1
"""Minutes between the first and the last message due in a ring: 11 days, where Telegram deletes for two."""
LONGEST_WIPE = 47 * 60
SHORTEST_WIPE = 10
USUAL_WIPE = 12 * 60

ZONES = (
    *("UTC", "Europe/Minsk", "Europe/Warsaw", "Europe/Vilnius", "Europe/Riga", "Europe/Tallinn"),
    *("Europe/Kyiv", "Europe/Berlin", "Europe/Prague", "Europe/London", "Europe/Paris", "Europe/Moscow"),
    *("Europe/Istanbul", "Asia/Tbilisi", "Asia/Jerusalem", "America/New_York", "America/Los_Angeles"),
)
"""The zones a reader can choose. A row keeps the place in this list: add at its end only."""


class DoesNotFitError(ValueError):
    """A record holds more, or something larger, than its row has room for. The text names the field only."""


class DamagedRecordError(ValueError):
    """Bytes that are no record."""


class NewerRecordError(ValueError):
    """A record that a newer program wrote: reading it with this one could lose what it holds."""


class Flag(enum.IntFlag):
    """What a reader switched on."""

    DISCREET = 1
    DIGEST = 2
    PAUSED = 4
    CONSENTED = 8
    """Read what following means, and agreed."""
    ANSWERING = 16
    """A message to them may be on its way whose number is not in the ring yet."""
    RENEWAL_ASKED = 32
    """Was asked whether to be remembered on; stays until they renew that, or say stop."""
    MISSED = 64
    """Something came by itself and was deleted before its tap: the home screen says so."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours without a sound, in minutes after midnight where the reader is; may pass midnight."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class InFlight:
    """A message that may be on its way: of which publication, and how often we died while it alone was."""

    publication: int
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that arrived, kept so that a correction finds it. `hour` counts from 1970."""

    message: int
    publication: int
    hour: int


@dataclass(frozen=True, slots=True)
class Wipe:
    """A message to delete. `due` is in minutes from 1970; `untapped`: an alert nobody opened yet.

    `ours`: the bot sent it; where it can no longer be deleted, it can still be made to say nothing.
    """

    message: int
    due: int
    untapped: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """All that is stored about anyone. It prints as nothing: a traceback must not say who follows whom."""

    chat: int
    view: View = View.BE
    place: Place = Place.NOT_SAID
    flags: Flag = Flag.DISCREET
    quiet: Quiet | None = None
    zone: str = ZONES[1]
    wipe_minutes: int = USUAL_WIPE
    expires: int = 0
    """Its last month, as `month_number` counts: it is forgotten after that. 0: it goes with its messages."""
    people: frozenset[int] = frozenset()
    topics: frozenset[int] = frozenset()
    unknown_names: frozenset[int] = frozenset()
    """Keyed digests, of 30 bits, of names we do not have."""
    names_asked: frozenset[int] = frozenset()
    """Those of them that were asked about, because somebody listed bears such a name by now."""
    alert_seen: int = 0
    digest_seen: int = 0
    in_flight: InFlight | None = None
    told: tuple[Told, ...] = ()
    wipes: tuple[Wipe, ...] = ()
    latest: int = 0
    """The highest number noted here, or known from any chat at the last answer: a sweep begins after it."""
    words: tuple[int, ...] = ()
    """Numbers of the words by which a reader knows that it is us; from 1."""

    @property
    def follows(self) -> int:
        """Return how many places for follows are taken."""
        return len(self.people) + len(self.topics) + len(self.unknown_names)


def minute_of(moment: datetime) -> int:
    """Return a moment as the minutes from 1970 that a ring counts in."""
    return int(moment.timestamp()) // 60


def month_number(year: int, month: int) -> int:
    """Return a month as the number a record keeps."""
    return year * 12 + month - 1


def has_expired(record: Record | Glance, month: int) -> bool:
    """Return whether a record's last month is over."""
    return 0 < record.expires < month


# How a record lies in its bytes. Version 0 is a dummy: zeros, sealed like everybody else.
_VERSION = 1
_NEWER = "a newer version of the program wrote this record"
_HEAD = struct.Struct("<Bq BB H HH B H H II IB BBB I 3H")
_TOLD = struct.Struct("<IIHB")
_WIPE = struct.Struct("<IH")
_TOLD_AT = _HEAD.size
_WIPES_AT = _TOLD_AT + MOST_TOLD * _TOLD.size
_LOWS_AT = _WIPES_AT + MOST_WIPES * _WIPE.size
_MIDS_AT = _LOWS_AT + 2 * MOST_FOLLOWS
_HIGHS_AT = _MIDS_AT + MOST_FOLLOWS
_HIGHS = (MOST_FOLLOWS + 256 + 7) // 8
_LATEST_AT = _HIGHS_AT + _HIGHS
_LATEST = struct.Struct("<I")
_END = _LATEST_AT + _LATEST.size
RESERVED = SIZE - _END
"""Bytes kept for what comes later; zeros."""
_COUNT_AT = struct.calcsize("<Bq BB H HH B H H II IB")
_RING = struct.Struct("<BI")
_FLAGS_AT = struct.calcsize("<Bq BB")
_FLAGS = struct.Struct("<H")
_SEEN_AT = struct.calcsize("<Bq BB H HH B H H")
_FLIGHT_AT = struct.calcsize("<Bq BB H HH B H H II")
_SEEN = struct.Struct("<I")
_EXPIRES_AT = struct.calcsize("<Bq BB H HH B H")
_MONTH = struct.Struct("<H")
_CHAT = struct.Struct("<q")
_DUES = [struct.Struct("<" + "4xH" * count) for count in range(MOST_WIPES + 1)]
_LOWS = [struct.Struct(f"<{count}H") for count in range(MOST_FOLLOWS + 1)]
_NO_HOUR = 0xFFFF
_MIDNIGHT, _NOTHING = Quiet(0, 0), InFlight(1)
_VIEWS = (View.BE, View.RU, View.EN, View.LATIN)
_PLACES = (Place.NOT_SAID, Place.BELARUS, Place.ABROAD)
_UNTAPPED, _OURS = 0x8000, 0x4000

# The flags' upper byte: which of the unknown names, by size of digest, were asked about.
_FLAG_BITS = 8

# A follow is 32 bits: a person's number; a topic; or 30 bits of an unknown name's digest.
_TOPIC, _NAME = 1 << 31, 3 << 30
TOPICS, NAME_DIGESTS = 2**16, 2**30

DUMMY = bytes(SIZE)
"""What a row that is nobody's holds."""


def is_dummy(packed: bytes) -> bool:
    """Return whether a packed record is nobody's."""
    return packed[0] == 0


def chat_of(packed: bytes) -> int:
    """Return the chat of a packed record."""
    chat: int = _CHAT.unpack_from(packed, 1)[0]
    return chat


def pack(record: Record) -> bytes:
    """Return a record as exactly SIZE bytes. Raises DoesNotFitError, which names a field and no value."""
    _check(record)
    quiet, flight = record.quiet, record.in_flight
    base = max((wipe.due for wipe in record.wipes), default=0)
    packed = bytearray(SIZE)
    _HEAD.pack_into(
        packed,
        0,
        *(_VERSION, record.chat, _VIEWS.index(record.view), _PLACES.index(record.place)),
        record.flags | _asked_bits(record) << _FLAG_BITS,
        *((quiet.start, quiet.end) if quiet else (_NO_HOUR, _NO_HOUR)),
        *(ZONES.index(record.zone), record.wipe_minutes, record.expires),
        *(record.alert_seen, record.digest_seen),
        *((flight.publication, flight.attempts) if flight else (0, 0)),
        *(record.follows, len(record.told), len(record.wipes), base),
        *(record.words + (0,) * (MOST_WORDS - len(record.words))),
    )
    for place, told in enumerate(record.told):
        hour = (told.hour & 0xFFFF, told.hour >> 16)
        _TOLD.pack_into(packed, _TOLD_AT + place * _TOLD.size, told.message, told.publication, *hour)
    for place, wipe in enumerate(record.wipes):
        early = base - wipe.due | _UNTAPPED * wipe.untapped | _OURS * wipe.ours
        _WIPE.pack_into(packed, _WIPES_AT + place * _WIPE.size, wipe.message, early)
    _pack_follows(packed, _codes(record))
    _LATEST.pack_into(packed, _LATEST_AT, record.latest)
    return bytes(packed)


def unpack(packed: bytes) -> Record:
    """Return the record in these bytes. Raises NewerRecordError or DamagedRecordError."""
    if len(packed) != SIZE or is_dummy(packed):
        raise DamagedRecordError("these bytes are no record")
    if packed[0] > _VERSION:
        raise NewerRecordError(_NEWER)
    head = _HEAD.unpack_from(packed)
    _, chat, view, place, flags, start, end, zone, wipe_minutes, expires, *rest = head
    alert_seen, digest_seen, publication, attempts, follows, told, wipes, base, *words = rest
    try:
        codes = _unpack_follows(packed, follows)
        names = [code - _NAME for code in codes if code >= _NAME]
        asked = flags >> _FLAG_BITS
        return Record(
            chat=chat,
            view=_VIEWS[view],
            place=_PLACES[place],
            flags=Flag(flags & 2**_FLAG_BITS - 1),
            quiet=None if start == _NO_HOUR else Quiet(start, end),
            zone=ZONES[zone],
            wipe_minutes=wipe_minutes,
            expires=expires,
            people=frozenset([code for code in codes if code < _TOPIC]),
            topics=frozenset([code - _TOPIC for code in codes if _TOPIC <= code < _NAME]),
            unknown_names=frozenset(names),
            names_asked=frozenset(name for place, name in enumerate(names) if asked >> place & 1),
            alert_seen=alert_seen,
            digest_seen=digest_seen,
            in_flight=InFlight(publication, attempts) if publication else None,
            told=tuple([_told(packed, n) for n in range(told)]),
            wipes=tuple([_wipe(packed, n, base) for n in range(wipes)]),
            latest=_LATEST.unpack_from(packed, _LATEST_AT)[0],
            words=tuple(word for word in words if word),
        )
    except (IndexError, ValueError, struct.error):
        raise DamagedRecordError("these bytes are no record") from None


def _told(packed: bytes, place: int) -> Told:
    message, publication, low, high = _TOLD.unpack_from(packed, _TOLD_AT + place * _TOLD.size)
    return Told(message, publication, high << 16 | low)


def _wipe(packed: bytes, place: int, base: int) -> Wipe:
    message, early = _WIPE.unpack_from(packed, _WIPES_AT + place * _WIPE.size)
    return Wipe(message, base - (early & LONGEST_WIPE_SPAN), bool(early & _UNTAPPED), bool(early & _OURS))


def _asked_bits(record: Record) -> int:
    return sum(1 << place for place, n in enumerate(sorted(record.unknown_names)) if n in record.names_asked)


def _codes(record: Record) -> list[int]:
    topics = (topic + _TOPIC for topic in record.topics)
    names = (digest + _NAME for digest in record.unknown_names)
    return sorted([*record.people, *topics, *names])


def _pack_follows(packed: bytearray, codes: list[int]) -> None:
    """Write follows as sorted 32-bit numbers in three arrays: 150 of them take 501 bytes instead of 600.

    The low 16 bits lie together, where a scan looks first; then the 8 above; of the highest 8 only
    how far they rise from one to the next (Elias and Fano's way).
    """
    _LOWS[len(codes)].pack_into(packed, _LOWS_AT, *(code & 0xFFFF for code in codes))
    packed[_MIDS_AT : _MIDS_AT + len(codes)] = bytes([code >> 16 & 0xFF for code in codes])
    highs = 0
    for place, code in enumerate(codes):
        highs |= 1 << ((code >> 24) + place)
    packed[_HIGHS_AT:_LATEST_AT] = highs.to_bytes(_HIGHS, "little")


def _unpack_follows(packed: bytes, count: int) -> list[int]:
    lows = _LOWS[count].unpack_from(packed, _LOWS_AT)
    mids = packed[_MIDS_AT : _MIDS_AT + count]
    bits, place, codes = f"{int.from_bytes(packed[_HIGHS_AT:_LATEST_AT], 'little'):b}"[::-1], -1, []
    for n, (low, mid) in enumerate(zip(lows, mids, strict=True)):
        place = bits.index("1", place + 1)
        codes.append(place - n << 24 | mid << 16 | low)
    if bits.find("1", place + 1) >= 0:
        raise ValueError("more follows than are counted")
    return codes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a scan looks for among follows."""

    codes: frozenset[int]
    lows: frozenset[int]

    @classmethod
    def of(cls, people: Iterable[int] = (), topics: Iterable[int] = (), names: Iterable[int] = ()) -> Wanted:
        """Look for anybody who follows one of these people, topics or digests of names."""
        topic_codes, name_codes = (topic + _TOPIC for topic in topics), (name + _NAME for name in names)
        codes = frozenset([*people, *topic_codes, *name_codes])
        return cls(codes, frozenset(code & 0xFFFF for code in codes))


class Glance:
    """A packed record read field by field: a scan opens 100,000 and unpacks the few it wants."""

    __slots__ = ("_packed",)

    def __init__(self, packed: bytes) -> None:
        """Look at a packed record that is somebody's. Raises NewerRecordError."""
        if packed[0] > _VERSION:
            raise NewerRecordError(_NEWER)
        self._packed = packed

    def follows_any(self, wanted: Wanted) -> bool:
        """Return whether anything wanted is followed."""
        packed = self._packed
        count = packed[_COUNT_AT]
        if wanted.lows.isdisjoint(_LOWS[count].unpack_from(packed, _LOWS_AT)):
            return False
        return not wanted.codes.isdisjoint(_unpack_follows(packed, count))

    def due_by(self, minute: int) -> bool:
        """Return whether a message in the ring is due to be deleted by then."""
        count, base = _RING.unpack_from(self._packed, _COUNT_AT + 2)
        if not count:
            return False
        earliest = max(
            early & LONGEST_WIPE_SPAN for early in _DUES[count].unpack_from(self._packed, _WIPES_AT)
        )
        return bool(base - earliest <= minute)

    @property
    def chat(self) -> int:
        """Return whose it is."""
        return chat_of(self._packed)

    @property
    def follows_somebody(self) -> bool:
        """Return whether anybody or anything is followed."""
        return self._packed[_COUNT_AT] > 0

    @property
    def alert_seen(self) -> int:
        """Return the highest publication its reader was told of."""
        seen: int = _SEEN.unpack_from(self._packed, _SEEN_AT)[0]
        return seen

    @property
    def is_in_flight(self) -> bool:
        """Return whether a message to them may be on its way."""
        return any(self._packed[_FLIGHT_AT : _FLIGHT_AT + _SEEN.size])

    def told_of(self) -> set[int]:
        """Return the publications of which alerts arrived that are remembered."""
        packed, count = self._packed, self._packed[_COUNT_AT + 1]
        return {_TOLD.unpack_from(packed, _TOLD_AT + place * _TOLD.size)[1] for place in range(count)}

    @property
    def flags(self) -> Flag:
        """Return what is switched on."""
        return Flag(_FLAGS.unpack_from(self._packed, _FLAGS_AT)[0] & 2**_FLAG_BITS - 1)

    @property
    def expires(self) -> int:
        """Return its last month; see Record."""
        month: int = _MONTH.unpack_from(self._packed, _EXPIRES_AT)[0]
        return month

    def record(self) -> Record:
        """Return all of it."""
        return unpack(self._packed)


def _check(record: Record) -> None:
    dues = [wipe.due for wipe in record.wipes]
    quiet = record.quiet or _MIDNIGHT
    flight = record.in_flight or _NOTHING
    numbers = (
        ("chat", -(2**63), 2**63, record.chat),
        ("flags", 0, 2**_FLAG_BITS, record.flags.value),
        ("quiet", 0, 24 * 60, quiet.start),
        ("quiet", 0, 24 * 60, quiet.end),
        ("wipe_minutes", SHORTEST_WIPE, LONGEST_WIPE + 1, record.wipe_minutes),
        ("expires", 0, 2**16, record.expires),
        ("alert_seen", 0, 2**32, record.alert_seen),
        ("digest_seen", 0, 2**32, record.digest_seen),
        ("in_flight", 1, 2**32, flight.publication),
        ("attempts", 0, 2**8, flight.attempts),
        ("wipes' span", 0, LONGEST_WIPE_SPAN + 1, max(dues) - min(dues) if dues else 0),
        ("latest", 0, 2**32, record.latest),
    )
    for name, least, beyond, number in numbers:
        if not least <= number < beyond:
            raise DoesNotFitError(f"{name} is out of its range")
    several: tuple[tuple[str, int, int, Collection[int]], ...] = (
        ("people", 1, 2**31, record.people),
        ("topics", 0, TOPICS, record.topics),
        ("unknown_names", 0, NAME_DIGESTS, record.unknown_names),
        ("told", 0, 2**32, [number for told in record.told for number in (told.message, told.publication)]),
        ("told hour", 0, 2**24, [told.hour for told in record.told]),
        ("wipes", 0, 2**32, [*(wipe.message for wipe in record.wipes), *dues]),
        ("words", 1, 2**16, record.words),
    )
    for name, least, beyond, found in several:
        if found and not (least <= min(found) and max(found) < beyond):
            raise DoesNotFitError(f"{name} is out of its range")
    counts = {
        "follows": (record.follows, MOST_FOLLOWS),
        "unknown names": (len(record.unknown_names), MOST_UNKNOWN_NAMES),
        "told": (len(record.told), MOST_TOLD),
        "wipes": (len(record.wipes), MOST_WIPES),
        "words": (len(record.words), MOST_WORDS),
    }
    for name, (count, most) in counts.items():
        if count > most:
            raise DoesNotFitError(f"more {name} than the {most} there is room for")
    if not record.names_asked <= record.unknown_names:
        raise DoesNotFitError("names asked about are not among those left here")
    if record.zone not in ZONES:
        raise DoesNotFitError("zone is not one of ours")
