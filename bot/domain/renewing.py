"""Renewing: whoever touches anything is remembered for six months more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.follower import Flag, Record, month_number

MONTHS_REMEMBERED = 6
"""Whoever taps and writes nothing for so long is asked once, and then forgotten."""


def renewed(record: Record, now: datetime) -> Record:
    """Return a row of somebody who was here just now; who follows nothing is kept for their messages only."""
    if not record.follows:
        return record
    last = month_number(now.year, now.month) + MONTHS_REMEMBERED
    return replace(record, expires=last, flags=record.flags & ~Flag.RENEWAL_ASKED)
