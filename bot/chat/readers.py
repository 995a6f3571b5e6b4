"""Readers: how to speak to one, from what is remembered of them, or from their phone where nothing is."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.caution import Place
from bot.domain.follower import Record
from bot.domain.people import View


@dataclass(frozen=True, slots=True)
class Reader:
    """How to speak to somebody. The place is the most careful one until they say otherwise."""

    view: View
    place: Place = Place.NOT_SAID


def reader_of(record: Record | None, otherwise: View) -> Reader:
    """Return how to speak to a reader; `otherwise` is the view where nothing is remembered."""
    return Reader(otherwise) if record is None else Reader(record.view, record.place)
