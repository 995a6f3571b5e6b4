"""How many alerts a second our own Telegram takes when it keeps no history: what a fan-out is tried on.

The desk runs here; whoever sends is a process of its own, `python -m bot.bench.desk PORT COUNT IN_FLIGHT`,
which writes bare HTTP so that it is not what is measured.
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bot.bench.lean_server import ALERT_BUTTON, ALERT_BUTTON_DATA, ALERT_TEXT
from bot.desk.desk import TOKEN, Desk
from bot.desk.ledger import by_button
from bot.desk.limits import Limits
from bot.desk.weather import Latency

_FIRST_CHAT = 7_000_000_000


@dataclass(frozen=True)
class Result:
    """What the desk did: how many messages reached a chat, in which time of the wall and the processor."""

    messages: int
    seconds: float
    cpu_seconds: float
    megabytes: float


async def measure(count: int, in_flight: int, latency: Latency | None) -> Result:
    """Let `count` chats get one alert each, with limits counted and every message noted."""
    desk = Desk(history=False, marker=by_button(lambda data: 1 if data == ALERT_BUTTON_DATA else None))
    chats = desk.populate(count, first=_FIRST_CHAT)
    desk.limits = Limits(per_second=1e6, burst=1e6)
    desk.latency = latency
    async with desk.serving() as url:
        port = url.rpartition(":")[2]
        began, cpu = time.perf_counter(), time.process_time()
        sender = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __name__, port, str(count), str(in_flight))
        )
        if await sender.wait():
            raise RuntimeError("the sender ended with an error")
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    missed = desk.ledger.never_reached((chat, 1) for chat in chats)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Result(count - len(missed), seconds, cpu_seconds, used)


def run(count: int, in_flight: int, latency: Latency | None) -> None:
    """Measure and print one line."""
    result = asyncio.run(measure(count, in_flight, latency))
    per_second, per_cpu = result.messages / result.seconds, result.messages / result.cpu_seconds
    print(
        f"{result.messages} alerts of {len(ALERT_TEXT)} characters, a chat for each, {in_flight} in flight:"
    )
    print(f"{per_second:.0f}/s, {per_cpu:.0f} a second of the processor, {result.megabytes:.0f} MB at most")


async def send(port: int, count: int, in_flight: int) -> None:
    """Send one alert to each chat over so many connections."""
    chats = iter(range(_FIRST_CHAT, _FIRST_CHAT + count))
    async with asyncio.TaskGroup() as connections:
        for _ in range(in_flight):
            connections.create_task(_send_over_one(port, chats))


async def _send_over_one(port: int, chats: Iterator[int]) -> None:
    markup = {"inline_keyboard": [[{"text": ALERT_BUTTON, "callback_data": ALERT_BUTTON_DATA}]]}
    head = f"POST /bot{TOKEN}/sendMessage HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for chat in chats:
        body = json.dumps(
            {"chat_id": chat, "text": ALERT_TEXT, "parse_mode": "HTML", "reply_markup": markup}
        ).encode()
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        status, _, headers = (await reader.readuntil(b"\r\n\r\n")).lower().partition(b"\r\n")
        if b" 200 " not in status:
            raise RuntimeError("the desk refused an alert")
        await reader.readexactly(int(headers.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    writer.close()


if __name__ == "__main__":
    asyncio.run(send(*map(int, sys.argv[1:])))
