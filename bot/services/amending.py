"""Amending: alerts that a newer one outdates say so, unless their reader has kept them meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from functools import partial

from bot.domain.alerts import NotOwedError, as_it_is
from bot.domain.follower import Record
from bot.services.carrying import Courier
from bot.services.commits import Commits


async def amend(courier: Courier, commits: Commits, record: Record, outdated: Collection[int]) -> None:
    """Make those of the outdated messages say so that are in a row's ring.

    What left the ring says something else by now: its reader kept it, or it is being deleted.
    """

    async def see_that_it_is_there(message: int) -> None:
        row = await commits.insist(record.chat, as_it_is)
        if row is None or message not in _ring(row):
            raise NotOwedError

    for message in _ring(record).intersection(outdated):
        with suppress(NotOwedError):
            await courier.amend(record, message, partial(see_that_it_is_there, message))


def _ring(record: Record) -> set[int]:
    return {wipe.message for wipe in record.wipes}
