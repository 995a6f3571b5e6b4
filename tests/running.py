"""Running the bot inside a test by a clock of its own, and stopping it as a clean Ctrl-C would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot import app
from bot.desk.desk import Desk
from bot.desk.messages import Message
from bot.desk.people import Person
from bot.domain.follower import Record
from bot.store.keyring import RootKey
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault

ROOT = RootKey(b"r" * 32)
CONTROLLER = "the editors, desk@volya.example"


def plan_for(desk: Desk, url: str, folder: Path, **other: Any) -> app.Plan:
    """Return how to run the bot against a desk."""
    return app.Plan(
        token=desk.token,
        api=url,
        database_url=f"sqlite+aiosqlite:///{folder / 'registry.db'}",
        controller=CONTROLLER,
        vault=app.VaultPlace(folder / "vault", folder / "keyring", ROOT),
        **other,
    )


@dataclass
class Clock:
    """The time of the desk and of the bot, moved by hand; `ran`: seconds that nobody can set."""

    at: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)
    ran: float = 0.0

    def now(self) -> datetime:
        return self.at

    def passes(self, **time: float) -> None:
        self.at += timedelta(**time)
        self.ran += timedelta(**time).total_seconds()

    def is_set(self, **time: float) -> None:
        """Set the clock by so much, without any time passing."""
        self.at += timedelta(**time)

    def desk(self) -> Desk:
        return Desk(clock=lambda: self.at.timestamp())

    def plan(self, desk: Desk, url: str, folder: Path) -> app.Plan:
        return plan_for(desk, url, folder, now=self.now, elapsed=lambda: self.ran, tick_seconds=0.05)


@asynccontextmanager
async def running(
    plan: app.Plan, *, committed: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[asyncio.Event]:
    """Run the bot; the body starts when Telegram has answered it. Yields the event that stops it."""
    stop, ready = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        bot = tasks.create_task(app.run(plan, stop, connected=lambda _name: ready.set(), committed=committed))
        started = tasks.create_task(ready.wait())
        await asyncio.wait({bot, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        try:
            if not bot.done():
                yield stop
        finally:
            stop.set()


@asynccontextmanager
async def vault_in(folder: Path, **options: Any) -> AsyncIterator[Vault]:
    """Open the rows of a bot that does not run, or not yet."""
    vault = await Vault.open(SqliteShelf(folder / "vault"), folder / "keyring", ROOT, **options)
    try:
        yield vault
    finally:
        await vault.close()


async def told(desk: Desk, reader: Person, begins: str, count: int = 1) -> Message:
    """Wait until a reader has got so many messages that begin so, and return the last."""

    def found() -> list[Message]:
        return [message for message in reader.history if message.from_bot and message.text.startswith(begins)]

    await desk.until(lambda: len(found()) >= count)
    return found()[-1]


@dataclass
class Scene:
    """A mother at her phone, the desk, and where the bot keeps what it keeps."""

    desk: Desk
    url: str
    folder: Path
    clock: Clock
    mother: Person

    def running(self) -> AbstractAsyncContextManager[asyncio.Event]:
        """Run the bot, by the scene's clock."""
        return running(self.clock.plan(self.desk, self.url, self.folder))

    async def row_of(self, chat: int) -> Record | None:
        """Return what is kept of a reader while the bot does not run."""
        async with vault_in(self.folder) as vault:
            return await vault.read(chat)
