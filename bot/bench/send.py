"""How fast alerts leave: our transport beside python-telegram-bot's own, aiogram and bare aiohttp.

Every peer sends the same alert to the same lean server, each in a process of its own, in alternating
rounds. Processor time per send is the steadiest figure on a shared machine; ratios come next.
"""

import asyncio
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final, TypeAlias

from bot.bench.lean_server import ALERT_BUTTON, ALERT_BUTTON_DATA, ALERT_TEXT

Send: TypeAlias = Callable[[], Awaitable[Any]]
_TOKEN: Final = "4242:bench-token-of-nobody"  # noqa: S105  (the lean server takes any)
_WARM_UP: Final = 100
_REPOSITORY: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Round:
    """What one peer did in one round."""

    per_second: float
    cpu_us: float
    p99_ms: float


@asynccontextmanager
async def _ptb(url: str, in_flight: int, *, ours: bool) -> AsyncIterator[Send]:
    from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
    from telegram.request import BaseRequest, HTTPXRequest

    from bot.chat.transport import Transport

    def request() -> BaseRequest:
        size = 2 * in_flight  # room to spare: what is measured is not a wait for a free connection
        return Transport(size) if ours else HTTPXRequest(size, pool_timeout=30)

    async with Bot(_TOKEN, base_url=f"{url}/bot", request=request(), get_updates_request=request()) as bot:

        def send() -> Awaitable[Any]:
            button = InlineKeyboardButton(ALERT_BUTTON, callback_data=ALERT_BUTTON_DATA)
            markup = InlineKeyboardMarkup([[button]])
            return bot.send_message(1001, ALERT_TEXT, parse_mode="HTML", reply_markup=markup)

        yield send


def _ptb_stock(url: str, in_flight: int) -> AbstractAsyncContextManager[Send]:
    return _ptb(url, in_flight, ours=False)


def _ptb_ours(url: str, in_flight: int) -> AbstractAsyncContextManager[Send]:
    return _ptb(url, in_flight, ours=True)


@asynccontextmanager
async def _aiogram(url: str, in_flight: int) -> AsyncIterator[Send]:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

    session = AiohttpSession(api=TelegramAPIServer.from_base(url), limit=2 * in_flight)
    async with Bot(_TOKEN, session=session) as bot:

        def send() -> Awaitable[Any]:
            button = InlineKeyboardButton(text=ALERT_BUTTON, callback_data=ALERT_BUTTON_DATA)
            markup = InlineKeyboardMarkup(inline_keyboard=[[button]])
            sent: Awaitable[Any] = bot.send_message(1001, ALERT_TEXT, parse_mode="HTML", reply_markup=markup)
            return sent

        yield send


@asynccontextmanager
async def _aiohttp(url: str, in_flight: int) -> AsyncIterator[Send]:
    from aiohttp import ClientSession, TCPConnector

    target = f"{url}/bot{_TOKEN}/sendMessage"
    async with ClientSession(connector=TCPConnector(limit=2 * in_flight)) as session:

        async def send() -> Any:
            keyboard = {"inline_keyboard": [[{"text": ALERT_BUTTON, "callback_data": ALERT_BUTTON_DATA}]]}
            alert = {"chat_id": 1001, "text": ALERT_TEXT, "parse_mode": "HTML", "reply_markup": keyboard}
            async with session.post(target, json=alert) as response:
                return await response.json()

        yield send


_OURS: Final = "PTB + our transport"
_STOCK: Final = "PTB stock (httpx)"
_AIOGRAM: Final = "aiogram 3"
PEERS: Final[dict[str, Callable[[str, int], AbstractAsyncContextManager[Send]]]] = {
    _STOCK: _ptb_stock,
    _OURS: _ptb_ours,
    _AIOGRAM: _aiogram,
    "aiohttp alone": _aiohttp,
}


async def _keep_in_flight(send: Send, count: int, in_flight: int) -> list[float]:
    """Send `count` alerts, `in_flight` at a time; return how long each took, in milliseconds."""
    left = iter(range(count))
    took: list[float] = []

    async def sender() -> None:
        for _ in left:
            began = time.perf_counter()
            await send()
            took.append((time.perf_counter() - began) * 1000)

    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(sender())
    return took


async def measure(peer: str, url: str, count: int, in_flight: int) -> Round:
    """Let one peer send `count` alerts in this process."""
    async with PEERS[peer](url, in_flight) as send:
        await _keep_in_flight(send, _WARM_UP, in_flight)
        began, cpu_before = time.perf_counter(), time.process_time()
        took = await _keep_in_flight(send, count, in_flight)
        cpu, wall = time.process_time() - cpu_before, time.perf_counter() - began
    took.sort()
    return Round(count / wall, cpu / count * 1e6, took[min(count - 1, count * 99 // 100)])


@contextmanager
def _lean_server() -> Iterator[str]:
    command = [sys.executable, "-m", "bot.bench.lean_server", "0"]
    with subprocess.Popen(command, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True) as server:
        try:
            port = server.stdout.readline() if server.stdout else ""
            yield f"http://127.0.0.1:{int(port)}"
        finally:
            server.terminate()


def _in_its_own_process(peer: str, url: str, count: int, in_flight: int) -> Round:
    command = [sys.executable, "-m", "bot.bench.send", peer, url, str(count), str(in_flight)]
    done = subprocess.run(command, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True, check=True)
    return Round(**json.loads(done.stdout))


def _middle(rounds: list[Round]) -> Round:
    return Round(
        median(each.per_second for each in rounds),
        median(each.cpu_us for each in rounds),
        median(each.p99_ms for each in rounds),
    )


def table(results: dict[str, Round | None]) -> str:
    """Lay the medians out as text; a peer that is not installed says so."""
    stock = results.get(_STOCK)
    lines = [f"{'':<22}{'sends/s':>9}{'CPU us/send':>13}{'p99 ms':>9}{'x PTB stock':>13}"]
    for peer, result in results.items():
        if result is None:
            lines.append(f"{peer:<22}not installed")
            continue
        ratio = f"{result.per_second / stock.per_second:.1f}" if stock else "-"
        figures = f"{result.per_second:>9.0f}{result.cpu_us:>13.0f}{result.p99_ms:>9.1f}{ratio:>13}"
        lines.append(f"{peer:<22}{figures}")
    return "\n".join(lines)


def run(count: int = 2000, in_flight: int = 32, rounds: int = 5) -> None:
    """Measure every peer in alternating rounds and print the medians."""
    installed = [peer for peer in PEERS if peer != _AIOGRAM or importlib.util.find_spec("aiogram")]
    measured: dict[str, list[Round]] = {peer: [] for peer in PEERS}
    with _lean_server() as url:
        for _ in range(rounds):
            for peer in installed:
                measured[peer].append(_in_its_own_process(peer, url, count, in_flight))
    print(
        f"{count} alerts of {len(ALERT_TEXT)} characters, {in_flight} in flight, medians of {rounds} rounds"
    )
    print(table({peer: _middle(done) if done else None for peer, done in measured.items()}))


def _measure_for_parent() -> None:
    peer, url, count, in_flight = sys.argv[1:]
    print(json.dumps(asdict(asyncio.run(measure(peer, url, int(count), int(in_flight))))))


if __name__ == "__main__":
    _measure_for_parent()
