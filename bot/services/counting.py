"""Counting: which articles help, and which are hard to reach by a question; by week, linked to nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

from bot.store import counts
from bot.store.counts import Count
from bot.store.database import Database

FEWEST_SHOWN = 10
"""Fewer answers in a week, or choices, could point at somebody: nothing is shown of them."""


class Counting:
    """Counts taps. A tap that Telegram repeats is counted again.

    Taps wait in memory for `flush`: a database that cannot be written costs a count, never an answer.
    """

    def __init__(self, database: Database, today: Callable[[], date]) -> None:
        self._database = database
        self._today = today
        self._waiting: Counter[tuple[str, str, Count]] = Counter()

    def count(self, topic: str, what: Count) -> None:
        """Count one tap, to be written with the next flush."""
        self._waiting[week_of(self._today()), topic, what] += 1

    async def flush(self) -> None:
        """Write what waits, all or nothing. Raises DatabaseUnavailableError; then it waits on."""
        taken, self._waiting = self._waiting, Counter()
        if not taken:
            return
        try:
            async with self._database.writing() as connection:
                for (week, topic, what), taps in taken.items():
                    await counts.add(connection, week, topic, what, taps)
        except BaseException:
            self._waiting.update(taken)
            raise

    async def lines(self) -> list[str]:
        """Return a line for each week and topic that enough people answered for."""
        async with self._database.reading() as connection:
            found = await counts.weekly(connection)
        lines = []
        for (week, topic), row in found.items():
            asked = row[Count.USEFUL] + row[Count.NOT_USEFUL]
            if asked >= FEWEST_SHOWN:
                lines.append(f"{week}  {topic}  useful {row[Count.USEFUL]} of {asked}")
            if row[Count.CHOSEN] >= FEWEST_SHOWN:
                lines.append(f"{week}  {topic}  chosen from among several: {row[Count.CHOSEN]}")
        return lines


def week_of(day: date) -> str:
    """Return the ISO week of a day: `2026-W48`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
