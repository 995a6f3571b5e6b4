"""Virtual time: a loop in which waiting costs nothing, also over HTTP on 127.0.0.1."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
BEGAN = 1000.0
_LONGEST_WORK = 30.0
_EPOCH = 1_790_000_000.0


class VirtualLoop(asyncio.SelectorEventLoop):
    """Jump to the next timer as soon as no socket has anything to read or take.

    What is sent on 127.0.0.1 is there when the call that sends it returns, except now and then on a busy
    machine: `patience` is how many real seconds to look before each jump. While a thread of the loop works
    the clock stands still; threads that a library starts by itself, as aiosqlite does, are not seen.
    Each look takes a `tick` of virtual seconds: some code asks again until a moment has passed.
    """

    def __init__(self, patience: float, tick: float = 0.0) -> None:
        self.now = BEGAN
        self._at_work = 0
        loop = self

        class Jumping(selectors.PollSelector):
            def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
                loop.now += tick
                if timeout is None or (loop._at_work and timeout > 0):
                    ready = super().select(_LONGEST_WORK)  # a thread that ends wakes the loop
                    if not ready:
                        raise RuntimeError("every task waits and no timer is set: a call was forgotten")
                    return ready
                ready = super().select(min(patience, max(0.0, timeout)))
                if not ready:
                    loop.now += max(0.0, timeout)
                return ready

        super().__init__(Jumping())

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Run a function in a thread."""
        self._at_work += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._has_worked)
        return future

    def _has_worked(self, _future: asyncio.Future[Any]) -> None:
        self._at_work -= 1

    def time(self) -> float:
        """Return the virtual time."""
        return self.now


def on_virtual_time(scene: Coroutine[Any, Any, T], *, patience: float = 0.0, tick: float = 0.0) -> T:
    """Run a scene on such a loop; one with sockets wants a patience of about a millisecond."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(patience, tick)) as runner:
        return runner.run(scene)


def now() -> float:
    """Tell how many virtual seconds the scene has taken."""
    return asyncio.get_running_loop().time() - BEGAN


def wall_clock() -> float:
    """Tell the time of day of the scene, for a desk: `Desk(clock=wall_clock)`."""
    return _EPOCH + now()
