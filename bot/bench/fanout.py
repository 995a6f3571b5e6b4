"""How fast a release reaches 100,000 followers: the first message, the use of the rate, the paid rate.

Everything is made up and thrown away: a vault, a registry, three editors, 130 people. The desk that takes
the messages runs here; the bot, the editor who gives the last approval and the two senders that are
compared are processes of their own: `python -m bot.bench.fanout approve|deliver|bare …`.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from aiohttp import ClientSession, TCPConnector
from telegram.ext import ExtBot

from bot.bench import virtual_time
from bot.bench.newsroom import Newsroom
from bot.bench.vault import fill
from bot.chat import unasked
from bot.chat.alert_screens import Teller
from bot.chat.calls import message_of
from bot.chat.courier import TelegramCourier
from bot.chat.erasing import TelegramEraser
from bot.chat.lanes import Lanes
from bot.chat.transport import Transport
from bot.desk.desk import TOKEN, Desk
from bot.desk.ledger import by_button
from bot.desk.limits import Limits
from bot.desk.weather import Latency
from bot.domain.alerts import Alert, Outcome
from bot.domain.breaker import Limits as BreakerLimits
from bot.domain.follower import Flag, Record
from bot.domain.people import View
from bot.domain.publishing import PublicationState
from bot.services.answering import Answering
from bot.services.carrying import Mark, Receipt
from bot.services.delivering import MOST_AT_ONCE, Delivering
from bot.services.telling import Telling
from bot.services.wiping import Wiping
from bot.store import publications
from bot.store.database import Database
from bot.store.keyring import RootKey, make_root_key, read_root_key
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault

FIRST_CHAT: Final = 7_000_000_000
_REPOSITORY: Final = Path(__file__).resolve().parents[2]
_SPAN: Final = re.compile(r"1\.[^.]+\.n\.(\d+)-(\d+)\.0")
_PATIENCE: Final = 0.001
_UNLIMITED: Final = 10**6
_CROWD: Final = 4
"""How many times as many requests in flight show what the desk takes: 50 of 50 ms are 1,000 at most."""


@dataclass(frozen=True)
class Paid:
    """How one sender did at the paid rate; how much memory it took from when all was open to its peak."""

    per_second: float
    cpu_us: float
    grew_mb: float


@dataclass(frozen=True)
class Used:
    """How a fan-out on the virtual clock used the rate; `reached`: chats; `refused`: answers of 429."""

    share: float
    refused: int
    reached: int


def span(data: str) -> tuple[int, int] | None:
    """Read from a button's data which publications its message tells."""
    found = _SPAN.fullmatch(data)
    return (int(found[1]), int(found[2])) if found else None


@contextmanager
def home(count: int, people: int, *, singly: bool = False) -> Iterator[Path]:
    """Make subscribers who follow so many people, whose release two editors have approved."""
    folder = Path(tempfile.mkdtemp(prefix="volya-fanout-"))
    try:
        asyncio.run(_furnish(folder, count, people, singly=singly))
        yield folder
    finally:
        shutil.rmtree(folder)


async def _furnish(folder: Path, count: int, people: int, *, singly: bool) -> None:
    data = folder / "data"
    data.mkdir(mode=0o700)
    make_root_key(folder / "root-key")
    await fill(SqliteShelf(data / "vault"), data / "keyring", _root(folder), _followers(count, people))
    database = Database(_registry(folder))
    try:
        await database.migrate()
        newsroom = Newsroom(database)
        await newsroom.open()
        await newsroom.people(people)
        await newsroom.release(people, singly=singly)
        newsroom.save(folder / "editors")
    finally:
        await database.close()


def _followers(count: int, people: int) -> Iterator[Record]:
    """Return so many who follow one to three of these, as most do."""
    for n in range(count):
        followed = frozenset((n + k) % people + 1 for k in range(n % 3 + 1))
        yield Record(FIRST_CHAT + n, people=followed, flags=Flag.DISCREET | Flag.CONSENTED)


def _root(folder: Path) -> RootKey:
    return read_root_key(folder / "root-key", folder / "data")


def _registry(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'data' / 'registry.db'}"


def _desk(count: int, limits: Limits, clock: Callable[[], float] = time.time) -> Desk:
    desk = Desk(clock=clock, limits=limits, history=False, marker=by_button(span))
    desk.populate(count, first=FIRST_CHAT)
    return desk


async def first_message(folder: Path, count: int) -> float:
    """Run a whole bot; return the seconds from the commit of the last approval to the first message."""
    desk = _desk(count, Limits.strict(30))
    async with desk.serving() as url:
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=_REPOSITORY,
            env=_environment(folder, url),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await _until_held(folder)
            committed = float(await _run("approve", str(folder)))
            await desk.until(lambda: any(entry.mark for entry in desk.ledger), timeout=300)
        finally:
            with suppress(ProcessLookupError):
                bot.terminate()
            await bot.wait()
    return min(entry.sent_at for entry in desk.ledger if entry.mark) - committed


def _environment(folder: Path, url: str) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "VOLYA_BOT_TOKEN": TOKEN,
        "VOLYA_TELEGRAM_API": url,
        "VOLYA_DATA_DIR": str(folder / "data"),
        "VOLYA_ROOT_KEY_FILE": str(folder / "root-key"),
        "VOLYA_CONTROLLER": "a benchmark",
    }


async def _until_held(folder: Path) -> None:
    """Wait until the circuit breaker has looked at everything that was published."""
    database = Database(_registry(folder))
    try:
        async with asyncio.timeout(600):
            while True:
                await asyncio.sleep(0.5)
                async with database.reading() as connection:
                    states = {one.state for one in await publications.every(connection)}
                if states == {PublicationState.HELD}:
                    return
    finally:
        await database.close()


async def approve(folder: Path) -> None:
    """Give the third confirmation and print when the first of them was committed."""
    database = Database(_registry(folder))
    try:
        newsroom = Newsroom(database)
        newsroom.read(folder / "editors")
        print(await newsroom.let_go())
    finally:
        await database.close()


class _Counting:
    """A courier that knows when it began, and when everybody was told."""

    def __init__(self, courier: TelegramCourier, wanted: int) -> None:
        self._courier, self._left = courier, wanted
        self.began = self.ended = self.open_mb = 0.0
        self.done = asyncio.Event()

    async def carry(self, alert: Alert, mark: Mark, *, plain: bool = False) -> Receipt:
        self.began = self.began or time.perf_counter()
        receipt = await self._courier.carry(alert, mark, plain=plain)
        if receipt.outcome is Outcome.DONE:
            self._left -= 1
            if not self._left:
                self.ended = time.perf_counter()
                self.done.set()
        return receipt

    async def amend(self, record: Record, message: int, mark: Mark) -> None:
        await self._courier.amend(record, message, mark)


async def _deliver(
    folder: Path, url: str, count: int, *, rate: int, in_flight: int, now: Callable[[], datetime]
) -> _Counting:
    """Tell everybody, with the sender alone: no updates come in."""
    database, transport = Database(_registry(folder)), Transport(in_flight)
    lanes = Lanes(rate, deadline=_UNLIMITED)
    bot: ExtBot[Any] = ExtBot(
        *(TOKEN, f"{url}/bot"), request=transport, get_updates_request=transport, rate_limiter=lanes
    )
    data = folder / "data"
    vault = await Vault.open(SqliteShelf(data / "vault"), data / "keyring", _root(folder))
    telling = Telling(database, vault, Answering(database), lambda _: None)
    courier = _Counting(TelegramCourier(bot, Teller(telling)), count)
    wiping = Wiping(vault, TelegramEraser(bot), now)
    breaker = BreakerLimits(_UNLIMITED, 1.0)
    delivering = Delivering(database, vault, wiping, courier, now, limits=breaker, at_once=2 * in_flight)
    try:
        gc.freeze()  # as the bot does when it has begun
        async with bot, asyncio.TaskGroup() as tasks:
            courier.open_mb = _resident_mb()
            running = tasks.create_task(delivering.run())
            await courier.done.wait()
            await asyncio.sleep(1)  # what arrived last is written down
            running.cancel()
    finally:
        gc.unfreeze()
        await vault.close()
        await database.close()
    return courier


async def deliver(folder: Path, url: str, count: int, in_flight: int) -> Paid:
    """Tell everybody as fast as so many in flight can, in this process."""
    cpu = time.process_time()
    courier = await _deliver(
        folder, url, count, rate=_UNLIMITED, in_flight=in_flight, now=lambda: datetime.now(UTC)
    )
    cpu_us = (time.process_time() - cpu) / count * 1e6
    return Paid(count / (courier.ended - courier.began), cpu_us, _peak_mb() - courier.open_mb)


async def bare(url: str, count: int, in_flight: int) -> Paid:
    """Send as many messages of the same kind with aiohttp alone, in this process."""
    began, cpu, started = _resident_mb(), time.process_time(), time.perf_counter()
    body = message_of(unasked.news(View.BE, "1-1")) | {"protect_content": True}
    chats = iter(range(FIRST_CHAT, FIRST_CHAT + count))
    async with ClientSession(connector=TCPConnector(limit=0)) as session:

        async def send() -> None:
            for chat in chats:
                async with session.post(
                    f"{url}/bot{TOKEN}/sendMessage", json={"chat_id": chat, **body}
                ) as response:
                    if not (await response.json())["ok"]:
                        raise RuntimeError("the desk refused a message")

        await asyncio.gather(*(send() for _ in range(in_flight)))
    took, cpu_us = time.perf_counter() - started, (time.process_time() - cpu) / count * 1e6
    return Paid(count / took, cpu_us, _peak_mb() - began)


async def paid(folder: Path | None, count: int, in_flight: int) -> Paid:
    """Let one sender, ours where there is a home, tell everybody over a desk that takes 50 ms."""
    unlimited = Limits(_UNLIMITED, _UNLIMITED, _UNLIMITED, _UNLIMITED)
    desk = _desk(count, unlimited)
    desk.latency = Latency(0.05, 0)
    async with desk.serving() as url:
        which = ["deliver", str(folder)] if folder else ["bare"]
        result = Paid(**json.loads(await _run(*which, url, str(count), str(in_flight))))
    if len({entry.chat for entry in desk.ledger}) != count or len(desk.ledger) != count:
        raise RuntimeError("not everybody was told, or somebody twice")
    return result


async def _run(*arguments: str) -> str:
    command = [sys.executable, "-m", "bot.bench.fanout", *arguments]
    process = await asyncio.create_subprocess_exec(*command, cwd=_REPOSITORY, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{arguments[0]} ended with an error")
    return out.decode()


def used(folder: Path, count: int, seed: int) -> Used:
    """Tell everybody at 30 a second over a desk that takes 0 to 50 ms, on a virtual clock."""
    epoch = time.time()

    def clock() -> float:
        return epoch + virtual_time.now()

    async def scene() -> Used:
        desk = _desk(count, Limits.strict(30), clock)
        desk.latency = Latency(0, 0.05, seed)
        async with desk.serving() as url:
            await _deliver(
                folder,
                url,
                count,
                rate=30,
                in_flight=MOST_AT_ONCE,
                now=lambda: datetime.fromtimestamp(clock(), UTC),
            )
        refused = sum(times for kind, times in desk.records.kinds.items() if kind.startswith("429"))
        chats = {entry.chat for entry in desk.ledger}
        return Used(desk.throttle.used.share(), refused, len(chats))

    return virtual_time.on_virtual_time(scene(), patience=_PATIENCE)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _peak_mb() -> float:
    # What getrusage says begins with the peak of the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def run(
    count: int, people: int, paced: int, quick: int, in_flight: int, rounds: int, *, singly: bool
) -> None:
    """Measure and print each table; medians of so many rounds."""
    waits = []
    for _ in range(rounds):
        with home(count, people, singly=singly) as folder:
            waits.append(asyncio.run(first_message(folder, count)))
    kind = f"{people} publications" if singly else f"one release of {people}"
    print(f"{count} subscribers, {kind}, medians of {rounds}")
    print(f"from the commit of the last approval to the first message: {median(waits):.2f} s")
    rates = []
    for seed in range(1, rounds + 1):
        with home(paced, people) as folder:
            rates.append(used(folder, paced, seed))
    print(
        f"30/s on a virtual clock, 0-50 ms: {median(rate.share for rate in rates):.1%} used, "
        f"{sum(rate.refused for rate in rates)} times 429, "
        f"{min(rate.reached for rate in rates)} of {paced} reached"
    )
    print(table(*_paid_rounds(quick, people, in_flight, rounds), quick, in_flight))


def _paid_rounds(
    count: int, people: int, in_flight: int, rounds: int
) -> tuple[list[Paid], list[Paid], list[Paid]]:
    """Measure in turn: our sender, aiohttp alone, and what the desk takes where more are in flight."""
    ours, alone, crowd = [], [], []
    for _ in range(rounds):
        with home(count, people) as folder:
            ours.append(asyncio.run(paid(folder, count, in_flight)))
        alone.append(asyncio.run(paid(None, count, in_flight)))
        crowd.append(asyncio.run(paid(None, count, _CROWD * in_flight)))
    return ours, alone, crowd


def table(ours: list[Paid], alone: list[Paid], crowd: list[Paid], count: int, in_flight: int) -> str:
    """Lay the medians at the paid rate out as text."""
    lines = [
        f"{count} chats, {in_flight} in flight, a desk that takes 50 ms",
        f"{'':<16}{'sends/s':>9}{'CPU us/send':>13}{'RSS +MB':>9}{'of aiohttp':>12}",
    ]
    most = median(each.per_second for each in alone)
    crowded = f"aiohttp, {_CROWD * in_flight}"
    for name, rounds in (("the sender", ours), ("aiohttp alone", alone), (crowded, crowd)):
        rate, cpu = median(each.per_second for each in rounds), median(each.cpu_us for each in rounds)
        grew = median(each.grew_mb for each in rounds)
        lines.append(f"{name:<16}{rate:>9.0f}{cpu:>13.0f}{grew:>9.0f}{rate / most:>12.1%}")
    return "\n".join(lines)


def _for_parent() -> None:
    what, *given = sys.argv[1:]
    if what == "approve":
        asyncio.run(approve(Path(given[0])))
        return
    if what == "deliver":
        work: Awaitable[Paid] = deliver(Path(given[0]), given[1], int(given[2]), int(given[3]))
    else:
        work = bare(given[0], int(given[1]), int(given[2]))

    async def worked() -> Paid:
        return await work

    print(json.dumps(asdict(asyncio.run(worked()))))


if __name__ == "__main__":
    _for_parent()
