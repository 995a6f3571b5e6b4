"""Known: the rows of the alerts under way as they were read or written last, so that none is read twice.

An alert reads its row, marks it, and writes down that it was told; then the row is known no more. Where
nothing was sent it may stay known: until the next change for an alert, until others push it out, or until new
keys come. Whoever changed it in between is met by the write, which puts a blob in place of exactly the one it
knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain.follower import Record, pack
from bot.store.sealing import Sealer
from bot.store.shelf import Edit

MOST_KNOWN = 256
"""More than there are alerts under way."""

Edits = dict[bytes, tuple[Edit, Record]]


@dataclass(frozen=True, slots=True, repr=False)
class _Row:
    sealer: Sealer
    tag: bytes
    blob: bytes
    record: Record


class Known:
    """A few rows, by chat; the oldest go first."""

    def __init__(self) -> None:
        self._rows: dict[int, _Row] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {len(self._rows)} rows>"

    def keep(self, sealer: Sealer, tag: bytes, blob: bytes, record: Record) -> None:
        """Remember how a row is."""
        self._rows[record.chat] = _Row(sealer, tag, blob, record)
        if len(self._rows) > MOST_KNOWN:
            del self._rows[next(iter(self._rows))]

    def drop(self, chat: int) -> None:
        """Know a chat's row no more."""
        self._rows.pop(chat, None)

    def forget(self) -> None:
        """Know no row any more."""
        self._rows.clear()

    def edits(self, sealer: Sealer, changes: Mapping[int, Callable[[Record], Record]]) -> Edits:
        """Return the changes of rows that are known, by tag; they are known no more.

        A row that a change leaves alone has to be read: no write would compare it.
        """
        edits: Edits = {}
        for chat, change in changes.items():
            row = self._rows.pop(chat, None)
            if row is not None and row.sealer is sealer and (changed := change(row.record)) is not row.record:
                edits[row.tag] = Edit(row.tag, row.blob, sealer.seal(row.tag, pack(changed))), changed
        return edits
