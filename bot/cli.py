"""The command line: run, demo, chat, check, bench. A command imports what it needs, when it needs it."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from bot import logs
from bot.settings import Settings, problems

if TYPE_CHECKING:
    from bot.app import Plan

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    # A traceback with local variables would print what people wrote.
    pretty_exceptions_enable=False,
    help="Volya: a Telegram bot for families of Belarusian political prisoners and their advocates.",
)
bench = typer.Typer(no_args_is_help=True, help="Measure, beside a peer, in the same run.")
cli.add_typer(bench, name="bench")

DEMO_DATA = Path("var/demo")


def main() -> None:
    """Run the command line."""
    cli()


@cli.command()
def run() -> None:
    """Run the bot against Telegram, or any Bot API server, until told to stop."""
    settings = _settings()
    logs.set_up(settings.log_level)
    found = _missing(settings)
    if found:
        _refuse(*found)
    # Nobody else on the machine needs to see which database this is.
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _until_stopped(_run(settings))


async def _run(settings: Settings) -> None:
    from telegram.error import NetworkError

    from bot import app
    from bot.store.database import DatabaseUnavailableError

    stop = _stop_on_signals()
    receiving = "webhook" if settings.webhook_url else "long polling"

    def connected(username: str) -> None:
        print(f"Connected to {settings.api} as @{username}, by {receiving}.", flush=True)

    try:
        await app.run(_plan(settings), stop, connected=connected)
    except app.TokenRefusedError as error:
        _refuse(str(error))
    except DatabaseUnavailableError:
        _refuse("The database cannot be reached: check VOLYA_DATABASE_URL or VOLYA_DATA_DIR.")
    except NetworkError:
        _refuse(f"No answer from {settings.api}: check the network or VOLYA_TELEGRAM_API.")


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Port of the chat page; 0 takes a free one.")] = 0,
    data: Annotated[Path, typer.Option(help="Where the demo keeps its registry.")] = DEMO_DATA,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page.")] = True,
) -> None:
    """Run the bot with no token: a Telegram on your desk, with a page to chat on."""
    _refuse_demo_with_token()
    logs.set_up("WARNING")
    data.mkdir(parents=True, exist_ok=True)
    from bot.demo import run_demo

    _until_stopped(run_demo(data, port, _stop_on_signals, open_page=open_page))


@cli.command()
def chat(
    data: Annotated[Path, typer.Option(help="Where the demo keeps its registry.")] = DEMO_DATA,
) -> None:
    """Chat with the demo bot in this terminal: for a machine reached over ssh."""
    _refuse_demo_with_token()
    logs.set_up("WARNING")
    data.mkdir(parents=True, exist_ok=True)
    from bot.demo import run_terminal

    _until_stopped(run_terminal(data))


@cli.command()
def check() -> None:
    """Check settings, database, catalogues and seed, a line each; exit 1 if anything is wrong."""
    logs.set_up("ERROR")
    from bot.checking import check_everything

    settings = _settings()
    lines = asyncio.run(check_everything(settings.database, _missing(settings)))
    for good, line in lines:
        print(f"{'ok  ' if good else 'BAD '} {line}")
    if not all(good for good, _ in lines):
        raise typer.Exit(1)


@bench.command()
def send(
    count: Annotated[int, typer.Option(help="Messages per round.")] = 2000,
    in_flight: Annotated[int, typer.Option(help="Requests at once.")] = 32,
    rounds: Annotated[int, typer.Option(help="Rounds; the median is printed.")] = 5,
) -> None:
    """Send through our transport, python-telegram-bot's, aiogram's and bare aiohttp."""
    from bot.bench import send as bench_send

    bench_send.run(count=count, in_flight=in_flight, rounds=rounds)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        _refuse(*problems(error))


def _missing(settings: Settings) -> list[str]:
    """Return what a real bot needs and is not set."""
    found = []
    if settings.bot_token is None:
        found.append("VOLYA_BOT_TOKEN is not set. To try the bot without one: python -m bot demo")
    if not settings.controller:
        found.append(
            "VOLYA_CONTROLLER is not set: say who is responsible for the data, and how to reach them."
        )
    return found


def _plan(settings: Settings) -> Plan:
    from bot.app import Plan, WebhookAddress

    webhook = None
    if settings.webhook_url is not None and settings.webhook_secret is not None:
        secret = settings.webhook_secret.get_secret_value()
        webhook = WebhookAddress(str(settings.webhook_url), settings.webhook_port, secret)
    assert settings.bot_token is not None  # noqa: S101  (_missing saw to it)
    return Plan(
        token=settings.bot_token.get_secret_value(),
        api=settings.api,
        database_url=settings.database,
        controller=settings.controller or "",
        messages_per_second=settings.messages_per_second,
        webhook=webhook,
    )


def _refuse_demo_with_token() -> None:
    if _settings().bot_token is not None:
        _refuse("VOLYA_BOT_TOKEN is set. The demo pretends to be Telegram and must not be near a real bot.")


def _refuse(*lines: str) -> NoReturn:
    for line in lines:
        print(line, file=sys.stderr)
    raise typer.Exit(2)


def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(work)
    except KeyboardInterrupt:
        return


def _stop_on_signals() -> asyncio.Event:
    """Return an event that Ctrl-C and SIGTERM set: what is under way is finished first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    return stop
