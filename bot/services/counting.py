"""Counting: which articles help, by week, linked to nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.store import counts
from bot.store.database import Database

FEWEST_SHOWN = 10
"""Below this a count could point at somebody: it is not shown."""


class Counting:
    """Counts taps on "useful" and "not useful". A tap that Telegram repeats is counted again."""

    def __init__(self, database: Database, today: Callable[[], date]) -> None:
        """Hold the database and the day."""
        self._database = database
        self._today = today

    async def count(self, topic: str, *, useful: bool) -> None:
        """Count one tap. Raises DatabaseUnavailableError."""
        async with self._database.writing() as connection:
            await counts.add(connection, week_of(self._today()), topic, useful=useful)

    async def lines(self) -> list[str]:
        """Return a line for each week and topic that enough people answered for."""
        async with self._database.reading() as connection:
            found = await counts.weekly(connection)
        return [
            f"{week}  {topic}  useful {useful} of {useful + not_useful}"
            for (week, topic), (useful, not_useful) in found.items()
            if useful + not_useful >= FEWEST_SHOWN
        ]


def week_of(day: date) -> str:
    """Return the ISO week of a day: `2026-W48`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
