"""A record and its bytes: everything comes back, always in one size, and what does not fit is refused."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.caution import Place
from bot.domain.follower import (
    DUMMY,
    LONGEST_WIPE_SPAN,
    MOST_FOLLOWS,
    MOST_WIPES,
    NAME_DIGESTS,
    RESERVED,
    SIZE,
    TOPICS,
    ZONES,
    DamagedRecordError,
    DoesNotFitError,
    Flag,
    Glance,
    InFlight,
    NewerRecordError,
    Quiet,
    Record,
    Told,
    Wanted,
    Wipe,
    chat_of,
    has_expired,
    is_dummy,
    month_number,
    pack,
    unpack,
)
from bot.domain.people import View
from bot.domain.ring import with_wipe

numbers = st.integers(0, 2**32 - 1)
minutes = st.integers(0, 24 * 60 - 1)


@st.composite
def rings(draw: st.DrawFn) -> tuple[Wipe, ...]:
    latest = draw(st.integers(LONGEST_WIPE_SPAN, 2**32 - 1))
    early = st.integers(0, LONGEST_WIPE_SPAN)
    wipe = st.builds(
        lambda message, ago, *flags: Wipe(message, latest - ago, *flags),
        numbers,
        early,
        st.booleans(),
        st.booleans(),
    )
    return tuple(draw(st.lists(wipe, max_size=MOST_WIPES)))


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Any record there can be, full ones among them."""
    names = draw(st.frozensets(st.integers(0, NAME_DIGESTS - 1), max_size=5))
    topics = draw(st.frozensets(st.integers(0, TOPICS - 1), max_size=20))
    room = MOST_FOLLOWS - len(names) - len(topics)
    return Record(
        chat=draw(st.integers(-(2**63), 2**63 - 1)),
        view=draw(st.sampled_from(View)),
        place=draw(st.sampled_from(Place)),
        flags=Flag(draw(st.integers(0, 2**8 - 1))),
        quiet=draw(st.none() | st.builds(Quiet, minutes, minutes)),
        zone=draw(st.sampled_from(ZONES)),
        wipe_minutes=draw(st.integers(10, 47 * 60)),
        expires=draw(st.integers(0, 2**16 - 1)),
        people=draw(st.frozensets(st.integers(1, 2**31 - 1), max_size=room)),
        topics=topics,
        unknown_names=names,
        names_asked=frozenset(name for name in names if draw(st.booleans())),
        alert_seen=draw(numbers),
        digest_seen=draw(numbers),
        in_flight=draw(st.none() | st.builds(InFlight, st.integers(1, 2**32 - 1), st.integers(0, 255))),
        told=tuple(draw(st.lists(st.builds(Told, numbers, numbers, st.integers(0, 2**24 - 1)), max_size=8))),
        wipes=draw(rings()),
        latest=draw(numbers),
        words=tuple(draw(st.lists(st.integers(1, 2**16 - 1), max_size=3))),
    )


def a_full_record(chat: int = 1) -> Record:
    """A record in which everything there is room for is as large as it can be, and spread out."""
    return Record(
        chat=chat,
        people=frozenset(2**31 - 1 - n * 14_913_080 for n in range(MOST_FOLLOWS - 10)),
        topics=frozenset(range(TOPICS - 5, TOPICS)),
        unknown_names=frozenset(range(NAME_DIGESTS - 5, NAME_DIGESTS)),
        names_asked=frozenset(range(NAME_DIGESTS - 4, NAME_DIGESTS)),
        quiet=Quiet(22 * 60, 24 * 60 - 1),
        alert_seen=2**32 - 1,
        digest_seen=2**32 - 1,
        latest=2**32 - 1,
        in_flight=InFlight(2**32 - 1, 255),
        told=(Told(2**32 - 1, 2**32 - 1, 2**24 - 1),) * 8,
        wipes=tuple(Wipe(2**32 - 1, 2**32 - 1 - n * 348, untapped=True) for n in range(MOST_WIPES)),
        words=(2**16 - 1,) * 3,
    )


@given(records())
def test_a_record_comes_back_whole_from_bytes_of_one_size(record: Record) -> None:
    packed = pack(record)

    assert len(packed) == SIZE
    assert unpack(packed) == record
    assert chat_of(packed) == record.chat
    assert not is_dummy(packed)


def test_a_record_in_which_everything_is_full_fits() -> None:
    record = a_full_record()

    assert unpack(pack(record)) == record


def test_every_field_of_a_record_is_in_its_bytes() -> None:
    full, empty = a_full_record(), Record(chat=1)
    other: dict[str, Any] = {
        "chat": 2,
        "view": View.LATIN,
        "place": Place.ABROAD,
        "flags": Flag.DIGEST | Flag.PAUSED,
        "zone": ZONES[-1],
        "wipe_minutes": 10,
        "expires": month_number(2027, 5),
    }

    for field in fields(Record):
        # The names asked about are some of those left here: they go together.
        base = replace(empty, unknown_names=full.unknown_names) if field.name == "names_asked" else empty
        changed = replace(base, **{field.name: other.get(field.name, getattr(full, field.name))})
        assert pack(changed) != pack(base), field.name


def test_the_bytes_kept_for_later_are_zeros() -> None:
    assert RESERVED == 3
    assert pack(a_full_record())[-RESERVED:] == bytes(RESERVED)


@given(
    records(),
    st.sets(st.integers(1, 2**31 - 1), max_size=130),
    st.sets(st.integers(0, TOPICS - 1), max_size=3),
)
def test_a_glance_sees_exactly_the_follows_there_are(
    record: Record, people: set[int], topics: set[int]
) -> None:
    glance = Glance(pack(record))

    assert glance.follows_any(Wanted.of(people, topics)) == bool(
        record.people & people or record.topics & topics
    )
    for person in record.people:
        assert glance.follows_any(Wanted.of([person]))
    assert glance.record() == record


def test_a_person_with_the_same_low_bits_is_not_the_same_person() -> None:
    glance = Glance(pack(Record(chat=1, people=frozenset([5]))))

    assert not glance.follows_any(Wanted.of([5 + 2**16, 5 + 2**24]))
    assert not glance.follows_any(Wanted.of(topics=[5]))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("chat", 2**63, "chat is out of its range"),
        ("people", frozenset(range(1, 152)), "more follows than the 150 there is room for"),
        ("people", frozenset([0]), "people is out of its range"),
        ("people", frozenset([2**31]), "people is out of its range"),
        ("topics", frozenset([TOPICS]), "topics is out of its range"),
        ("unknown_names", frozenset(range(6)), "more unknown names than the 5 there is room for"),
        ("unknown_names", frozenset([NAME_DIGESTS]), "unknown_names is out of its range"),
        ("told", (Told(1, 1, 1),) * 9, "more told than the 8 there is room for"),
        ("told", (Told(1, 1, 2**24),), "told hour is out of its range"),
        ("wipes", (Wipe(1, 1),) * 49, "more wipes than the 48 there is room for"),
        ("wipes", (Wipe(1, 0), Wipe(2, 2**14)), "wipes' span is out of its range"),
        ("words", (1, 2, 3, 4), "more words than the 3 there is room for"),
        ("words", (0,), "words is out of its range"),
        ("zone", "Mars/Olympus", "zone is not one of ours"),
        ("wipe_minutes", 9, "wipe_minutes is out of its range"),
        ("wipe_minutes", 48 * 60, "wipe_minutes is out of its range"),
        ("quiet", Quiet(0, 24 * 60), "quiet is out of its range"),
        ("in_flight", InFlight(0), "in_flight is out of its range"),
        ("in_flight", InFlight(1, 256), "attempts is out of its range"),
        ("alert_seen", -1, "alert_seen is out of its range"),
        ("flags", Flag(2**8), "flags is out of its range"),
        ("names_asked", frozenset([7]), "names asked about are not among those left here"),
    ],
)
def test_what_does_not_fit_is_refused_by_the_name_of_the_field(field: str, value: object, said: str) -> None:
    fields: dict[str, Any] = {"chat": 1, field: value}

    with pytest.raises(DoesNotFitError) as refused:
        pack(Record(**fields))

    assert str(refused.value) == said


def test_a_record_of_a_newer_program_is_refused() -> None:
    newer = bytes([2]) + pack(Record(chat=1))[1:]

    with pytest.raises(NewerRecordError):
        unpack(newer)


@pytest.mark.parametrize("broken", [DUMMY, b"", pack(Record(chat=1))[:-1], pack(Record(chat=1)) + b"\0"])
def test_what_is_no_record_is_not_read_as_one(broken: bytes) -> None:
    with pytest.raises(DamagedRecordError):
        unpack(broken)


@given(st.binary(min_size=SIZE, max_size=SIZE))
def test_any_bytes_are_a_record_or_refused(packed: bytes) -> None:
    try:
        record = unpack(b"\1" + packed[1:])
    except DamagedRecordError:
        return
    assert isinstance(record, Record)


def test_a_record_prints_as_nothing() -> None:
    record = a_full_record(chat=123456789)

    for thing in (record, Glance(pack(record))):
        assert repr(thing) == str(thing) == object.__repr__(thing)


def test_a_record_is_forgotten_after_its_month_and_not_in_it() -> None:
    november = month_number(2026, 11)

    assert not has_expired(Record(chat=1, expires=november), november)
    assert has_expired(Record(chat=1, expires=november), month_number(2026, 12))
    assert not has_expired(Record(chat=1), november)


def test_every_zone_is_one_there_is() -> None:
    assert [ZoneInfo(zone).key for zone in ZONES] == list(ZONES)


def test_a_full_ring_gives_up_what_is_due_soonest_but_no_untapped_alert() -> None:
    alert = Wipe(1, 10, untapped=True)
    ring = (alert, *(Wipe(n, 10 + n) for n in range(2, MOST_WIPES + 1)))

    kept, leaving = with_wipe(Record(chat=1, wipes=ring), Wipe(99, 500))

    assert leaving == (Wipe(2, 12),)
    assert alert in kept
    assert kept[-1] == Wipe(99, 500)
    assert len(kept) == MOST_WIPES


def test_a_message_is_in_a_ring_once() -> None:
    kept, leaving = with_wipe(Record(chat=1, wipes=(Wipe(7, 10, untapped=True),)), Wipe(7, 20))

    assert kept == (Wipe(7, 20),)
    assert leaving == ()


@given(rings(), st.builds(Wipe, numbers, numbers, st.booleans()))
def test_a_ring_with_one_more_always_fits_and_loses_nothing(ring: tuple[Wipe, ...], wipe: Wipe) -> None:
    record = Record(chat=1, wipes=ring)

    kept, leaving = with_wipe(record, wipe)

    pack(replace(record, wipes=kept))
    assert {*kept, *leaving} == {*(old for old in ring if old.message != wipe.message), wipe}
