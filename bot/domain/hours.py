"""Hours of a reader's own clock: when it is so late there next, and when their quiet hours are over."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.follower import Quiet


def next_at(hour: time, after: datetime, zone: str) -> datetime:
    """Return the first such local hour after a moment; across a change of clocks it is still that hour."""
    local = after.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() < hour else local.date() + timedelta(days=1)
    return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC)


def after_quiet(quiet: Quiet | None, moment: datetime, zone: str) -> datetime:
    """Return a moment, or the end of the quiet hours that it is in."""
    if quiet is None or quiet.start == quiet.end:
        return moment
    local = moment.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    inside = (
        quiet.start <= minute < quiet.end
        if quiet.start < quiet.end
        else minute >= quiet.start or minute < quiet.end
    )
    return next_at(time(quiet.end // 60, quiet.end % 60), moment, zone) if inside else moment
