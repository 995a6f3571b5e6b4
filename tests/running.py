"""Running the bot inside a test, and stopping it as a clean Ctrl-C would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot import app
from bot.desk.desk import Desk
from bot.desk.messages import Message
from bot.desk.people import Person
from bot.store.keyring import RootKey

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


async def told(desk: Desk, reader: Person, begins: str, count: int = 1) -> Message:
    """Wait until a reader has got so many messages that begin so, and return the last."""

    def found() -> list[Message]:
        return [message for message in reader.history if message.from_bot and message.text.startswith(begins)]

    await desk.until(lambda: len(found()) >= count)
    return found()[-1]
