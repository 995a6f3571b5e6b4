"""Admitting: what two editors approved gets a number, or is held when it would be news to too many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import logs
from bot.domain.alerts import AHEAD, Board
from bot.domain.breaker import Limits, band, breaks
from bot.domain.follower import Glance
from bot.domain.publishing import Publication, PublicationState
from bot.services.verifying import doubts
from bot.store import publications
from bot.store.database import Connection, Database
from bot.store.publications import QueuedPublication
from bot.store.vault import Vault

REFUSED_AGAIN = timedelta(minutes=1)
BREAKER_SPAN = timedelta(hours=1)


class Admitting:
    """Lets publications go, or not. It remembers only what it refused, so as not to say it twice a second."""

    def __init__(self, database: Database, vault: Vault, now: Callable[[], datetime], limits: Limits) -> None:
        """Hold what is read and written; `limits` are the circuit breaker's."""
        self._database, self._vault, self._now, self._limits = database, vault, now, limits
        self._refused: dict[int, datetime] = {}

    async def admit(self, waiting: Sequence[QueuedPublication], last: int) -> bool:
        """Number what may go, above `last`, and hold what a third must confirm; return whether any went."""
        approved = await self._approved([queued for queued in waiting if _is_ready(queued)])
        held = await self._held([queued for queued in approved if not _is_confirmed(queued)], last)
        going = [queued for queued in approved if queued.id not in held]
        if not going:
            return False
        # One write of the keyring for all of them: the numbers below the one it returns are theirs, too.
        above = max(last, self._vault.handed_out)
        top = await self._vault.hand_out(int(self._now().timestamp()), above + len(going) - 1)
        went = False
        async with self._database.writing() as connection:
            for number, queued in enumerate(going, start=top - len(going) + 1):
                went |= await publications.let_go(connection, queued.id, number)
        return went

    async def _approved(self, ready: Sequence[QueuedPublication]) -> list[QueuedPublication]:
        """Return what two approved exactly so; what is refused is looked at again only after a while."""
        again = self._now() - REFUSED_AGAIN
        asked = [queued for queued in ready if not (at := self._refused.get(queued.id)) or at <= again]
        if not asked:
            return []
        refused = await doubts(self._database, [queued.id for queued in asked])
        for publication_id in refused:
            logs.event(logs.Event.PUBLICATION_REFUSED)
            self._refused[publication_id] = self._now()
        return [queued for queued in asked if queued.id not in refused]

    async def _held(self, unasked: Sequence[QueuedPublication], last: int) -> set[int]:
        """Hold each that would reach too many together with what went within an hour; return their ids.

        What went is counted as if it went now: so a restart forgets nothing of the hour. What is news to
        nobody, as a retraction, waits for nobody.
        """
        if not unasked:
            return set()
        now = self._now()
        since, ahead = (int(at.timestamp()) for at in (now - BREAKER_SPAN, now + AHEAD))
        async with self._database.reading() as connection:
            gone = await publications.gone_unasked(connection, since, ahead)
            asked = [*gone, *(queued.publication for queued in unasked)]
            number = max(last, self._vault.handed_out) + 1
            boards = [await _as_new(connection, publication, number) for publication in asked]
        reaches, everybody = await self._reaches(boards)
        told = sum(reaches[: len(gone)])
        held = set()
        for queued, reach in zip(unasked, reaches[len(gone) :], strict=True):
            if not reach or not breaks(told + reach, everybody, self._limits):
                told += reach
                continue
            async with self._database.writing() as connection:
                await publications.hold(connection, queued.id, band(reach))
            logs.event(logs.Event.PUBLICATION_HELD)
            held.add(queued.id)
        return held

    async def _reaches(self, boards: Sequence[Board]) -> tuple[list[int], int]:
        """Return to how many chats the latest on each board is news, and how many follow anything.

        Whoever was told what it says was wrong is not counted: they must not be left with that.
        """
        now, everybody, reaches, counted = self._now(), 0, [0] * len(boards), set[int]()

        def count(glance: Glance) -> bool:
            """Count where rows are opened, in a thread: a release of many would stop the loop for seconds."""
            nonlocal everybody
            if glance.chat in counted:
                return False  # the scan began anew
            counted.add(glance.chat)
            everybody += glance.follows_somebody
            if any(board.may_concern(glance) for board in boards):
                record = glance.record()
                for place, board in enumerate(boards):
                    alert = board.alert(record, now)
                    is_news = alert is not None and alert.last == board.latest and not alert.corrects
                    reaches[place] += is_news
            return False

        async for _ in self._vault.scan(count):
            pass
        return reaches, everybody


async def _as_new(connection: Connection, publication: Publication, number: int) -> Board:
    """Return a board on which a publication is new, under this number, above all that it revises in turn."""
    board = [replace(publication, number=number, taken_back=frozenset())]
    while 0 < (earlier := board[-1].revises) < board[-1].number:
        found = await publications.by_numbers(connection, earlier, earlier)
        if not found:
            break
        board += found
    return Board(board)


def _is_confirmed(queued: QueuedPublication) -> bool:
    """Return whether a third let it go after all; only of what was held `doubts` asks for their signature."""
    return queued.state is PublicationState.HELD and queued.confirmations > publications.APPROVERS


def _is_ready(queued: QueuedPublication) -> bool:
    return queued.state is not PublicationState.HELD or _is_confirmed(queued)
