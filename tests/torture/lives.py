"""The bot in a process of its own, one life after another: `python -m tests.torture.lives [edges]`.

Each line it reads is a life to begin. The process forks with everything imported, so that a thousand
lives do not pay a thousand starts of Python; what dies is a whole process all the same.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.breaker import Limits
from tests.torture import edges
from tests.torture.edges import Place

REPOSITORY = Path(__file__).parents[2]
EVERYBODY = 10**9
RATE = 300
"""Messages a second that the bot believes it is allowed: then 30 are on their way at once, no more."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A life: where it speaks and what it remembers; where it ends, if at a place of its own.

    `lease_seconds`: a shorter lease, where it is not the lease that is tried, 0 for the real one.
    `breaks_at`: how many a publication may reach without a third editor. `stale_seconds`: how long a mark may
    take, None for the real time. `stumbles`: what answers /contacts has a mistake. `is_locked_once`: the
    first alert that arrives cannot be noted at once. `keys_to`: where the newest keys are put.
    """

    api: str
    token: str
    database: str
    folder: str
    lease_seconds: float = 0
    breaks_at: int = EVERYBODY
    stale_seconds: float | None = None
    stumbles: bool = False
    is_locked_once: bool = False
    keys_to: str | None = None
    ends: Place | None = None
    by: int = signal.SIGKILL


class Life:
    """One life, seen from outside."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        self._server, self._said = server, b""
        self.pid = 0
        self.ready = False
        self.ended: int | None = None
        self.reached: set[Place] = set()
        self._look(60)  # the first one waits for everything to be imported
        assert self.pid

    def look(self) -> None:
        """Read what it said meanwhile."""
        self._look(0)

    def _look(self, patience: float) -> None:
        out = self._server.stdout
        assert out is not None
        while select.select([out], [], [], patience)[0]:
            said = os.read(out.fileno(), 65_536)
            assert said, "the process that begins lives has died"
            *lines, self._said = (self._said + said).split(b"\n")
            for line in lines:
                self._hear(json.loads(line))
            patience = 0

    def _hear(self, said: dict[str, Any]) -> None:
        self.pid = said.get("pid", self.pid)
        self.ready = self.ready or "ready" in said
        self.ended = said.get("ended", self.ended)
        if "reached" in said:
            self.reached.add(Place(*said["reached"]))

    async def is_ready(self, seconds: float = 20) -> None:
        """Wait until Telegram has answered it, or it is dead."""
        await self._until(lambda: self.ready or self.ended is not None, seconds)

    async def is_over(self, seconds: float = 20) -> int:
        """Wait until it has ended; return how."""
        await self._until(lambda: self.ended is not None, seconds)
        assert self.ended is not None
        return self.ended

    async def _until(self, holds: Any, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.005)
                self.look()

    async def killed(self) -> None:
        """End it as a power cut would."""
        self.look()
        if self.ended is None:
            os.kill(self.pid, signal.SIGKILL)
            await self.is_over()

    def stands_still(self) -> bool:
        """Return whether a signal has stopped it."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def end(self) -> None:
        """End it, and wait until it is over."""
        self.look()
        if self.ended is None:
            os.kill(self.pid, signal.SIGKILL)
            while self.ended is None:
                self._look(1)


class Nursery:
    """Begins lives; one at a time."""

    def __init__(self, log: Path, *, with_edges: bool = False) -> None:
        self._log = log.open("ab")
        self._server = subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, "-m", "tests.torture.lives", *(["edges"] if with_edges else [])],
            cwd=REPOSITORY,
            env={"PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self._life: Life | None = None

    def begin(self, spec: Spec) -> Life:
        """Let a life begin; the one before must be over."""
        assert self._life is None or self._life.ended is not None
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(asdict(spec)).encode() + b"\n")
        self._server.stdin.flush()
        self._life = Life(self._server)
        return self._life

    def end(self) -> None:
        """End what is still alive."""
        if self._life is not None:
            self._life.end()

    def close(self) -> None:
        """End what is still alive, and begin nothing more."""
        self.end()
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(20)
        self._server.stdout.close()
        self._log.close()


@contextmanager
def nursery(log: Path, *, with_edges: bool = False) -> Iterator[Nursery]:
    """Give a nursery, and end what it began."""
    begun = Nursery(log, with_edges=with_edges)
    try:
        yield begun
    finally:
        begun.close()


# What follows runs in the process of its own.


def _say(**said: Any) -> None:
    # Past Python's buffers, in one piece: what was said before a kill -9 must have been said.
    os.write(1, json.dumps(said).encode() + b"\n")


class _Clock:
    """The clock of a life; a signal turns it to the next day, the next one back: each is a new night."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        signal.signal(signal.SIGUSR1, self._turn)

    def _turn(self, *_: object) -> None:
        self._ahead = timedelta(days=1) - self._ahead

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead


def _stumbles(_advising: object) -> None:
    raise LookupError("a mistake of ours")


def _lock_once(commits: Any) -> None:
    """Let the database be away when the first alert that arrived is to be noted."""
    from bot.store.database import DatabaseUnavailableError

    put, left = commits.put, ["once"]

    async def locked_once(self: Any, chat: int, change: Any) -> Any:
        if left and getattr(change, "__name__", "") == "note":
            left.clear()
            raise DatabaseUnavailableError
        return await put(self, chat, change)

    commits.put = locked_once


async def _committed() -> None:
    """Do nothing: that it is awaited is enough."""


def _live(spec: Spec) -> None:
    from bot import app
    from bot.services import delivering
    from bot.services.advising import Advising
    from bot.services.commits import Commits
    from bot.store import lease
    from tests.running import CONTROLLER, ROOT

    if spec.lease_seconds:
        vars(lease).update(SECONDS=spec.lease_seconds, RENEW_SECONDS=spec.lease_seconds / 4)
    if spec.stale_seconds is not None:
        vars(delivering).update(STALE_SECONDS=spec.stale_seconds)
    if spec.stumbles:
        setattr(Advising, "needs", _stumbles)  # noqa: B010  (mypy would not have it)
    if spec.is_locked_once:
        _lock_once(Commits)
    edges.arm(spec.ends, spec.by, lambda place: _say(reached=tuple(place)))
    folder = Path(spec.folder)
    plan = app.Plan(
        token=spec.token,
        api=spec.api,
        database_url=spec.database,
        controller=CONTROLLER,
        vault=app.VaultPlace(folder / "vault", folder / "keyring", ROOT, spec.keys_to),
        messages_per_second=RATE,
        seed=folder / "no-seed",
        tick_seconds=0.1,
        breaker=Limits(most=spec.breaks_at, fewest=spec.breaks_at),
        now=_Clock(),
    )
    stop = asyncio.Event()
    signal.signal(signal.SIGUSR2, lambda *_: stop.set())
    asyncio.run(app.run(plan, stop, connected=lambda _name: _say(ready=time.time()), committed=_committed))


def _spec(line: str) -> Spec:
    read = json.loads(line)
    return Spec(**{**read, "ends": Place(*read["ends"]) if read["ends"] else None})


def _serve() -> None:
    from bot import app, logs  # noqa: F401  (imported once for all lives)
    from bot.sources.article_files import read_library
    from bot.sources.directory_files import read_directory
    from bot.sources.question_files import read_classifier

    read_library(), read_directory(), read_classifier()
    logs.set_up()
    gc.freeze()  # what is never looked at is never copied
    for line in sys.stdin:
        spec = _spec(line)
        pid = os.fork()
        if pid == 0:
            try:
                _live(spec)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        _say(pid=pid)
        _, status = os.waitpid(pid, 0)
        _say(ended=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    if "edges" in sys.argv:
        edges.install()
    _serve()
