"""The ring: which messages of a chat are to be deleted, when, and which gives way when there are too many."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.follower import LONGEST_WIPE_SPAN, MOST_WIPES, Record, Wipe


def with_wipe(record: Record, wipe: Wipe) -> tuple[tuple[Wipe, ...], tuple[Wipe, ...]]:
    """Return the ring with one more message, and what had to leave it and should be deleted now.

    A full ring gives up the message due soonest, an untapped alert only when there is nothing else.
    What has been due for more than 11 days leaves too: Telegram no longer deletes it.
    """
    ring = [*(kept for kept in record.wipes if kept.message != wipe.message), wipe]
    latest = max(kept.due for kept in ring)
    leaving = [kept for kept in ring if latest - kept.due > LONGEST_WIPE_SPAN]
    ring = [kept for kept in ring if latest - kept.due <= LONGEST_WIPE_SPAN]
    if len(ring) > MOST_WIPES:
        first = min((kept for kept in ring if kept is not wipe), key=lambda kept: (kept.untapped, kept.due))
        ring.remove(first)
        leaving.append(first)
    return tuple(ring), tuple(leaving)


def at_the_latest(record: Record, due: int) -> tuple[Wipe, ...]:
    """Return the ring with nothing due later than this, but for the alerts that wait for their tap."""
    return tuple(wipe if wipe.untapped else replace(wipe, due=min(wipe.due, due)) for wipe in record.wipes)
