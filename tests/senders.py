"""A sender for tests: the real service, registry and vault; a courier that does as it is told."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import VaultPlace, open_vault
from bot.domain.alerts import Alert, Outcome
from bot.domain.follower import Record
from bot.domain.people import Consent
from bot.domain.publishing import PublicationState
from bot.domain.subjects import Subject
from bot.services.carrying import Mark, Receipt
from bot.services.delivering import Delivering
from bot.services.drafting import Draft
from bot.services.wiping import Wiping
from bot.store import publications
from bot.store.vault import Vault
from tests.editors import Office
from tests.running import ROOT

MOTHER, SISTER, FRIEND = 11, 12, 13
ALL = frozenset({Subject.ALL_RELEASES.value})
NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Sent:
    """One message as it left: to whom, spanning which publications, how."""

    chat: int
    numbers: tuple[int, ...]
    loud: bool
    repeat: bool
    plain: bool


async def _nothing() -> None:
    return None


@dataclass
class Courier:
    """Carries what it is given. `orders`: what becomes of a chat's next messages; otherwise they arrive."""

    orders: defaultdict[int, deque[Receipt]] = field(default_factory=lambda: defaultdict(deque))
    sent: list[Sent] = field(default_factory=list)
    amended: list[tuple[int, int]] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    granted: Callable[[], Awaitable[None]] = _nothing
    amend_granted: Callable[[], Awaitable[None]] = _nothing
    on_its_way: Callable[[], Awaitable[None]] = _nothing

    def order(self, reader: int, *outcomes: Outcome, **receipt: Any) -> None:
        """Say what becomes of the next messages to a chat."""
        self.orders[reader].extend(Receipt(outcome, **receipt) for outcome in outcomes)

    def to(self, chat: int) -> list[Sent]:
        """Return what was sent to a chat."""
        return [sent for sent in self.sent if sent.chat == chat]

    async def carry(self, alert: Alert, mark: Mark, *, plain: bool = False) -> Receipt:
        await self.granted()
        await mark()
        numbers = tuple(publication.number for publication in alert.publications)
        self.alerts.append(alert)
        self.sent.append(Sent(alert.record.chat, numbers, alert.is_loud, alert.is_repeat, plain))
        number = len(self.sent)
        await self.on_its_way()
        orders = self.orders[alert.record.chat]
        return orders.popleft() if orders else Receipt(Outcome.DONE, number)

    async def amend(self, record: Record, message: int, mark: Mark) -> None:
        await self.amend_granted()
        await mark()
        self.amended.append((record.chat, message))


@dataclass
class Together:
    """Counts how many messages are on their way at once, each for so long."""

    seconds: float
    now: int = 0
    most: int = 0

    async def passes(self) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.seconds)
        self.now -= 1


class NoEraser:
    """Deletes nothing, and says it is gone."""

    cut_off: Collection[int] = ()

    def forget(self, chat: int) -> None:
        return None

    async def delete(
        self,
        chat: int,
        messages: Collection[int],
        patience: float = math.inf,
        *,
        are_there: bool = True,
    ) -> frozenset[int]:
        return frozenset()

    async def blank(self, chat: int, messages: Collection[int], patience: float = math.inf) -> None:
        return None

    async def tell_of_rest(self, record: Record) -> int | None:
        return None


class Looking(Delivering):
    """Counts its looks."""

    looks = 0

    async def look(self) -> None:
        await super().look()
        self.looks += 1


@dataclass
class Scene:
    """Editors, readers and the sender, all by the editors' clock."""

    office: Office
    vault: Vault
    courier: Courier = field(default_factory=Courier)

    def wiping(self) -> Wiping:
        return Wiping(self.vault, NoEraser(), self.office.now)

    def passes(self, **time: float) -> None:
        self.office.moment += timedelta(**time)

    async def remember(self, chat: int, *people: int, **other: Any) -> None:
        """Let a chat follow these people."""
        await self.vault.merge(chat, lambda record: replace(record, people=frozenset(people), **other))

    async def row(self, chat: int) -> Record:
        record = await self.vault.read(chat)
        assert record is not None
        return record

    async def correct(self, key: str, consent: Consent | None = None, **cells: str) -> None:
        """Let two editors correct a claim."""
        for editor, draft in (("anna", Draft(cells, (), consent)), ("boris", Draft({}))):
            await self.office.reviewing.correct(self.office.signer(editor), key, draft)

    async def retract(self, key: str) -> None:
        """Let two editors take a claim back."""
        for editor in ("anna", "boris"):
            await self.office.reviewing.retract(self.office.signer(editor), key)

    async def states(self) -> list[tuple[PublicationState, str | None]]:
        """Return the state and the band of each publication, in their order."""
        async with self.office.database.reading() as connection:
            return [(one.state, one.band) for one in await publications.every(connection)]

    def sender(self, **options: Any) -> Looking:
        """Return a sender that has just become one."""
        options = {"look_seconds": 0.02, "finish_seconds": 0.05} | options
        return Looking(
            self.office.database, self.vault, self.wiping(), self.courier, self.office.now, **options
        )

    @asynccontextmanager
    async def delivering(self, **options: Any) -> AsyncIterator[Looking]:
        """Deliver meanwhile; what the sender raises ends it."""
        sender = self.sender(**options)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(sender.run())
            try:
                yield sender
            finally:
                running.cancel()

    async def settled(self, sender: Looking) -> None:
        """Wait until the sender has looked at all there is and has told everybody whose time has come."""
        began = sender.looks
        await until(lambda: sender.looks >= began + 2 and sender._owed.is_empty)

    async def told(self, **options: Any) -> None:
        """Deliver until there is nothing to do."""
        async with self.delivering(**options) as sender:
            await self.settled(sender)


async def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  (it waits for work in threads, too)
            await asyncio.sleep(0.005)


@asynccontextmanager
async def a_scene(office: Office, folder: Path) -> AsyncIterator[Scene]:
    """A vault beside an office's registry."""
    place = VaultPlace(folder / "vault", folder / "keyring", ROOT)
    vault = await open_vault(place, office.database, office.now)
    try:
        yield Scene(office, vault)
    finally:
        await vault.close()
