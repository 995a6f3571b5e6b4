"""How fast updates are taken by webhook: our whole bot beside python-telegram-bot's and aiogram's own ways.

Each is one process. Ours finds the answer, has written to disk what it must not forget, says 200, answers,
and writes down what it sent. The peers say 200 first, look nothing up, store nothing and say one sentence.
How long an update took counts from the moment it was due.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from aiohttp import web

from bot.app import prepare_registry
from bot.bench import placeholders, postgres
from bot.bench.readers import SECRET, Town, until_it_listens
from bot.chat.webhook import PATH, SECRET_HEADER
from bot.domain.people import ClaimKind, NameKind
from bot.sources.seed_files import SEED
from bot.store.database import Database
from bot.store.keyring import make_root_key
from bot.store.tables import claim, person, person_name, publisher, source

SQLITE: Final = "this bot, SQLite"
POSTGRES: Final = "this bot, PostgreSQL"
PTB: Final = "PTB's own way"
AIOGRAM: Final = "aiogram 3"
_TOKEN: Final = "4242:bench-token-of-nobody"  # noqa: S105  (the server takes any)
_REPOSITORY: Final = Path(__file__).resolve().parents[2]
_ANSWER: Final = "Help"
_START_SECONDS: Final = 60
_WARM_UP_RATE: Final = 150
_READ_ON: Final = date(2026, 11, 28)


@dataclass(frozen=True, slots=True)
class Result:
    """How a peer did: milliseconds until 200 and until the answer, and processor time for both."""

    per_second: float
    half_ms: float
    p99_ms: float
    answered_p99_ms: float
    cpu_us: float
    missing: int


def peers() -> dict[str, bool]:
    """Return what is compared, and whether it is installed."""
    return {
        SQLITE: True,
        POSTGRES: postgres.is_installed(),
        PTB: True,
        AIOGRAM: importlib.util.find_spec("aiogram") is not None,
    }


async def measure(peer: str, rate: int, count: int, readers: int, people: int) -> Result:
    """Start a peer in a home made for it, let its followers follow, and bring it updates."""
    made = placeholders.people(people, seed=1)
    town = Town(readers, [name for one in made for name in one.names])
    runner = web.ServerRunner(web.Server(town.api, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        with _home(peer) as (home, database):
            if peer in {SQLITE, POSTGRES}:
                await _fill(database, made)
            async with _serving(peer, home, database, api) as (url, process):
                if peer in {SQLITE, POSTGRES}:
                    await town.begin(url, _WARM_UP_RATE)
                before = _cpu_seconds(process)
                took = await town.write(url, count, rate)
                cpu_us = (_cpu_seconds(process) - before) / count * 1e6
    finally:
        await runner.cleanup()
    missing = 2 * count - len(took.taken) - len(took.answered)
    half, p99, answered = _at(took.taken, 50), _at(took.taken, 99), _at(took.answered, 99)
    return Result(took.per_second, half, p99, answered, cpu_us, missing)


def _at(seconds: list[float], percent: int) -> float:
    return seconds[(len(seconds) - 1) * percent // 100] * 1000 if seconds else float("inf")


@contextmanager
def _home(peer: str) -> Iterator[tuple[Path, str]]:
    """Make a folder with a root key, and a database in it; both are thrown away."""
    folder = Path(tempfile.mkdtemp(prefix="volya-intake-"))
    make_root_key(folder / "root-key")
    (folder / "data").mkdir(mode=0o700)
    try:
        if peer != POSTGRES:
            yield folder, f"sqlite+aiosqlite:///{folder / 'data' / 'registry.db'}"
            return
        with postgres.server(folder / "postgres") as address:
            yield folder, address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _fill(address: str, made: list[placeholders.Placeholder]) -> None:
    """Fill a registry with the seed that ships and people who do not exist, each with a sentence."""
    database = Database(address)
    try:
        await prepare_registry(database, SEED, datetime.now(UTC).date())
        async with database.writing() as connection:
            daily = {"name": "Bench Daily", "kind": "media", "designation": "not_verified"}
            inserted = await connection.execute(publisher.insert().values(daily).returning(publisher.c.id))
            publisher_id = inserted.scalar_one()
            for number, one in enumerate(made, 1):
                row = person.insert().values(key=f"bench-{number}", number=2**30 + number)
                row_id = (await connection.execute(row.returning(person.c.id))).scalar_one()
                names = [
                    {"language": language, "kind": NameKind.MAIN.value, "text": text}
                    for language, text in zip(("be", "ru", "en"), one.names, strict=True)
                ]
                shared = {"batch": "bench", "person_id": row_id}
                await connection.execute(person_name.insert(), [shared | name for name in names])
                told = {"key": f"bench-{number}", "kind": ClaimKind.SENTENCED.value, "date": "2024-05-06"}
                told |= {"outcome": "not_stated", "consent": "public", "state": "published"}
                added = claim.insert().values(**shared, **told, revision=1)
                claim_id = (await connection.execute(added.returning(claim.c.id))).scalar_one()
                page = {
                    "url": f"https://daily.example/{number}",
                    "origin": "Bench Daily",
                    "read_on": _READ_ON,
                }
                page |= {"publisher_id": publisher_id, "claim_id": claim_id, "published_on": "2024-05-06"}
                await connection.execute(source.insert().values(page))
    finally:
        await database.close()


@asynccontextmanager
async def _serving(
    peer: str, home: Path, database: str, api: str
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Start a peer as a process of its own; give the address of its webhook."""
    port = _free_port()
    ours = peer in {SQLITE, POSTGRES}
    command = ["-m", "bot", "run"] if ours else ["-m", "bot.bench.intake", peer, api, str(port)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command),
        cwd=_REPOSITORY,
        env=_environment(home, database, api, port),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await until_it_listens(f"http://127.0.0.1:{port}/", _START_SECONDS)
        yield f"http://127.0.0.1:{port}{PATH}", process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _environment(home: Path, database: str, api: str, port: int) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(home),
        "OPENBLAS_NUM_THREADS": "1",
        "VOLYA_BOT_TOKEN": _TOKEN,
        "VOLYA_TELEGRAM_API": api,
        "VOLYA_DATA_DIR": str(home / "data"),
        "VOLYA_DATABASE_URL": database,
        "VOLYA_ROOT_KEY_FILE": str(home / "root-key"),
        "VOLYA_CONTROLLER": "a benchmark",
        "VOLYA_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "VOLYA_WEBHOOK_PORT": str(port),
        "VOLYA_WEBHOOK_SECRET": SECRET,
        "VOLYA_MESSAGES_PER_SECOND": "1000",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _cpu_seconds(process: asyncio.subprocess.Process) -> float:
    """Return what a process has used of the processors, all its threads together."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def table(results: dict[str, list[Result]], rate: int, count: int) -> str:
    """Lay the medians out as text; a peer that is not installed says so."""
    head = f"{'':<22}{'taken/s':>9}{'half ms':>9}{'p99 ms':>9}{'answer p99':>12}{'CPU us':>8}{'missing':>9}"
    lines = [f"{count} updates at {rate} a second", head]
    for peer, rounds in results.items():
        if not rounds:
            lines.append(f"{peer:<22}not installed")
            continue

        def middle(what: str, rounds: list[Result] = rounds) -> float:
            return median(float(getattr(each, what)) for each in rounds)

        lines.append(
            f"{peer:<22}{middle('per_second'):>9.0f}{middle('half_ms'):>9.1f}{middle('p99_ms'):>9.1f}"
            f"{middle('answered_p99_ms'):>12.1f}{middle('cpu_us'):>8.0f}{middle('missing'):>9.0f}"
        )
    return "\n".join(lines)


def run(rate: int, seconds: int, rounds: int, readers: int, people: int) -> None:
    """Measure every peer in alternating rounds and print the medians."""
    measured: dict[str, list[Result]] = {peer: [] for peer in peers()}
    for _ in range(rounds):
        for peer, is_installed in peers().items():
            if is_installed:
                measured[peer].append(asyncio.run(measure(peer, rate, rate * seconds, readers, people)))
    print(table(measured, rate, rate * seconds))


def _serve_ptb(api: str, port: int) -> None:
    """Serve as its documentation shows for a web server of one's own: queue the update, say 200."""
    from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
    from telegram.ext import Application, CallbackQueryHandler, MessageHandler, filters

    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(_ANSWER, callback_data="1.be.hp..0")]])

    async def say(update: Update, _context: Any) -> None:
        if update.effective_message is not None:
            await update.effective_message.reply_text(_ANSWER, reply_markup=keyboard)

    async def tapped(update: Update, _context: Any) -> None:
        if update.callback_query is not None:
            await update.callback_query.answer()
            await update.callback_query.edit_message_text(_ANSWER, reply_markup=keyboard)

    async def serve() -> None:
        builder = Application.builder().token(_TOKEN).base_url(f"{api}/bot").updater(None)
        built = builder.concurrent_updates(True).connection_pool_size(512).pool_timeout(60).build()
        built.add_handlers([MessageHandler(filters.ALL, say), CallbackQueryHandler(tapped)])

        async def receive(request: web.Request) -> web.Response:
            if request.headers.get(SECRET_HEADER) != SECRET:
                return web.Response(status=403)
            await built.update_queue.put(Update.de_json(await request.json(), built.bot))
            return web.Response()

        application = web.Application()
        application.router.add_post(PATH, receive)
        runner = web.AppRunner(application, access_log=None)
        async with built:
            await built.start()
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            await asyncio.Event().wait()

    asyncio.run(serve())


def _serve_aiogram(api: str, port: int) -> None:
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
    from aiogram.webhook.aiohttp_server import SimpleRequestHandler

    bot = Bot(_TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(api), limit=512))
    dispatcher = Dispatcher()
    keyboard = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=_ANSWER, callback_data="1.be.hp..0")]]
    )

    async def say(message: Any) -> None:
        await message.answer(_ANSWER, reply_markup=keyboard)

    async def tapped(query: Any) -> None:
        await query.answer()
        await query.message.edit_text(_ANSWER, reply_markup=keyboard)

    dispatcher.message.register(say)
    dispatcher.callback_query.register(tapped)
    application = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token=SECRET).register(application, path=PATH)
    web.run_app(application, host="127.0.0.1", port=port, print=None, access_log=None)


_SERVE: Final[dict[str, Callable[[str, int], None]]] = {PTB: _serve_ptb, AIOGRAM: _serve_aiogram}


if __name__ == "__main__":
    _SERVE[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
