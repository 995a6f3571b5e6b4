"""A loop in which waiting costs nothing: its clock jumps to the next timer, also over HTTP on 127.0.0.1."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
BEGAN = 1000.0
_EPOCH = 1_790_000_000.0


class VirtualLoop(asyncio.SelectorEventLoop):
    """Jump to the next timer as soon as no socket has anything to read or take.

    What is sent on 127.0.0.1 is there when the call that sends it returns, except now and then on a busy
    machine: `patience` is how many real seconds to look before each jump. Work in threads, a database for
    instance, is not seen: a scene that has some needs a loop of real time.
    """

    def __init__(self, patience: float) -> None:
        self.now = BEGAN
        loop = self

        class Jumping(selectors.SelectSelector):
            def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
                waits = patience if timeout is None else min(patience, max(0.0, timeout))
                ready = super().select(waits)
                if not ready:
                    assert timeout is not None, "every task waits and no timer is set: a call was forgotten"
                    loop.now += max(0.0, timeout)
                return ready

        super().__init__(Jumping())

    def time(self) -> float:
        return self.now


def on_virtual_time(scene: Coroutine[Any, Any, T], *, patience: float = 0.0) -> T:
    """Run a scene on such a loop; one with sockets wants a patience of about a millisecond."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(patience)) as runner:
        return runner.run(scene)


def now() -> float:
    """Tell how many virtual seconds the scene has taken."""
    return asyncio.get_running_loop().time() - BEGAN


def wall_clock() -> float:
    """Tell the time of day of the scene, for a desk: `Desk(clock=wall_clock)`."""
    return _EPOCH + now()
