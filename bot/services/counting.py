"""Counting: which articles help, by week, linked to nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

from bot.store import counts
from bot.store.database import Database

FEWEST_SHOWN = 10
"""Below this a count could point at somebody: it is not shown."""


class Counting:
    """Counts taps on "useful" and "not useful". A tap that Telegram repeats is counted again.

    Taps wait in memory for `flush`: a database that cannot be written costs a count, never an answer.
    """

    def __init__(self, database: Database, today: Callable[[], date]) -> None:
        """Hold the database and the day."""
        self._database = database
        self._today = today
        self._waiting: Counter[tuple[str, str, bool]] = Counter()

    def count(self, topic: str, *, useful: bool) -> None:
        """Count one tap, to be written with the next flush."""
        self._waiting[week_of(self._today()), topic, useful] += 1

    async def flush(self) -> None:
        """Write what waits, all or nothing. Raises DatabaseUnavailableError; then it waits on."""
        taken, self._waiting = self._waiting, Counter()
        if not taken:
            return
        try:
            async with self._database.writing() as connection:
                for (week, topic, useful), taps in taken.items():
                    await counts.add(connection, week, topic, taps, useful=useful)
        except BaseException:
            self._waiting.update(taken)
            raise

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
