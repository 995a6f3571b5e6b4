"""Changing: changes asked for many chats, made in turn, become the rows that are written together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.follower import Record, pack
from bot.store.opening import opened
from bot.store.sealing import RowDamagedError, Sealer
from bot.store.shelf import Edit

Change = Callable[[Record], Record]
Came = Record | None | Exception
"""What came of a change: the record after it, None where nobody is remembered, or why it was not made."""


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """One change for one chat; `create`: from nothing if need be."""

    chat: int
    change: Change
    create: bool


@dataclass(slots=True, repr=False)
class Plan:
    """What to write for a group, by the tag of each row, and what to say once it is written."""

    edits: dict[bytes, Edit] = field(default_factory=dict)
    newcomers: dict[bytes, bytes] = field(default_factory=dict)
    """The first blob of each row that is not there yet."""
    came: dict[bytes, list[Came]] = field(default_factory=dict)
    """What came of each row's changes, in their order."""


def plan(sealer: Sealer, blobs: Mapping[bytes, bytes], asked: Mapping[bytes, Sequence[Asked]]) -> Plan:
    """Make the changes of each row in turn, on what it holds now."""
    planned = Plan()
    for tag, changes in asked.items():
        blob = blobs.get(tag)
        before = opened_alone(sealer, tag, blob)
        if isinstance(before, Exception):
            planned.came[tag] = [before] * len(changes)
            continue
        planned.came[tag], packed = _in_turn(before, changes)
        if packed is None:
            continue
        sealed = sealer.seal(tag, packed)
        if blob is None:
            planned.newcomers[tag] = sealed
        else:
            planned.edits[tag] = Edit(tag, blob, sealed)
    return planned


def opened_alone(sealer: Sealer, tag: bytes, blob: bytes | None) -> Came:
    """Return the record of a row, or why it does not open: that is no other row's trouble."""
    try:
        return opened(sealer, tag, blob)
    except (RowDamagedError, ValueError) as error:
        return error


def _in_turn(record: Record | None, changes: Sequence[Asked]) -> tuple[list[Came], bytes | None]:
    """Return what came of each change, and the last record packed; None where nothing changed.

    A change that cannot be made fails alone: the next is made on what was there before it.
    """
    came: list[Came] = []
    packed: bytes | None = None
    for asked in changes:
        if record is None and not asked.create:
            came.append(None)
            continue
        try:
            changed = asked.change(record or Record(asked.chat))
            if changed != record:
                if changed.chat != asked.chat:
                    raise ValueError("a change may not make a record somebody else's")
                packed = pack(changed)
        except Exception as error:
            came.append(error)
            continue
        record = changed
        came.append(record)
    return came, packed
