"""Batching: what is asked for while a batch runs is carried out together in the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Got = TypeVar("Got")


class Together(Generic[Asked, Got]):
    """Collects requests into batches.

    `carry` returns one outcome for each; an exception among them belongs to that request alone.

    What `carry` itself raises reaches everybody. Whoever is cancelled meanwhile disturbs nobody else.
    """

    def __init__(
        self, carry: Callable[[Sequence[Asked]], Awaitable[Sequence[Got | Exception]]], most: int = 1
    ) -> None:
        """Hold what carries out, and how many batches at once: while there are fewer, nobody waits."""
        self._carry, self._most = carry, most
        self._waiting: list[tuple[Asked, asyncio.Future[Got]]] = []
        self._running: set[asyncio.Task[None] | None] = set()

    async def ask(self, asked: Asked) -> Got:
        """Ask for one thing, and wait for what comes of it."""
        done: asyncio.Future[Got] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, done))
        if len(self._running) < self._most:
            # It belongs to nobody: whoever asked first may be cancelled while the others still wait for it.
            self._running.add(asyncio.ensure_future(self._run()))
        return await done

    async def over(self) -> None:
        """Wait until nothing is being carried out."""
        while running := [task for task in self._running if task is not None]:
            await asyncio.wait(running)

    async def _run(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                try:
                    came = await self._carry([asked for asked, _ in group])
                except Exception as error:
                    came = [error] * len(group)
                for (_, done), what in zip(group, came, strict=True):
                    _tell(done, what)
        except BaseException:
            for _, done in self._waiting:
                done.cancel()
            raise
        finally:
            # At once, and not when the loop comes to it: whoever asked in between would wait for ever.
            self._running.discard(asyncio.current_task())


def _tell(done: asyncio.Future[Got], what: Got | Exception) -> None:
    if done.done():
        return
    if isinstance(what, Exception):
        done.set_exception(what)
    else:
        done.set_result(what)
