"""The command line: every command, which imports what it needs, when it needs it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import logs
from bot.appointing import editor
from bot.bench.commands import bench
from bot.commandline import (
    make_folder,
    needed_root_key,
    read_settings,
    refuse,
    refuse_unready,
    root_key_of,
    rows_folder,
    with_database,
)
from bot.domain.people import Language
from bot.editing import claim, proposal, publications
from bot.keeping import backup_registry, new_registry
from bot.lookups import ask, find, train
from bot.operating import sender, webhook

if TYPE_CHECKING:
    from bot.app import Plan, VaultPlace
    from bot.settings import Settings
    from bot.store.database import Database

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    # A traceback with local variables would print what people wrote.
    pretty_exceptions_enable=False,
    help="Volya: a Telegram bot for families of Belarusian political prisoners and their advocates.",
)
for name, commands in {
    "bench": bench,
    "editor": editor,
    "claim": claim,
    "proposal": proposal,
    "webhook": webhook,
    "sender": sender,
}.items():
    cli.add_typer(commands, name=name)
for command in (find, ask, train, publications, backup_registry, new_registry):
    cli.command()(command)

DEMO_DATA = Path("var/demo")


def main() -> None:
    """Run the command line; no error's text is printed, not even before a command begins."""
    logs.set_up("ERROR")
    # Calling `cli` itself would put typer's own way to print errors in place of ours.
    typer.main.get_command(cli)()


@cli.command()
def run() -> None:
    """Run the bot against Telegram, or any Bot API server, until told to stop.

    With VOLYA_MESSAGES_PER_SECOND above 30 every alert offers to pay 0.1 Telegram Stars for itself.
    """
    settings = read_settings()
    logs.set_up(settings.log_level)
    found = _missing(settings)
    if found:
        refuse(*found)
    make_folder(settings.data_dir, "VOLYA_DATA_DIR")
    make_folder(settings.keyring.parent, "VOLYA_KEYRING_FILE")
    _until_stopped(_run(settings))


async def _run(settings: Settings) -> None:
    from telegram.error import NetworkError

    from bot import app
    from bot.store.database import DatabaseUnavailableError
    from bot.store.files import InUseError
    from bot.store.keyring import AnotherBotError, KeyringError
    from bot.store.opening import VaultMissingError
    from bot.store.shelf import ShelfRefusedError

    stop = _stop_on_signals()
    receiving = "webhook" if settings.webhook_url else "long polling"

    def connected(username: str) -> None:
        print(f"Connected to {settings.api} as @{username}, by {receiving}.", flush=True)

    try:
        await app.run(_plan(settings), stop, connected=connected)
    except (app.TokenRefusedError, app.NotReceivingError) as error:
        refuse(str(error))
    except app.RegistryMissingError as error:
        refuse(f"Nothing was started: {error}.")
    except app.MadeUpPeopleError:
        refuse("This is a demo's registry, with people who do not exist: no real bot may speak of them.")
    except InUseError:
        refuse("Another bot runs on this data folder: two would undo each other's work.")
    except AnotherBotError as error:
        refuse(f"{error}, and nothing was changed. If they move to it: python -m bot sender adopt")
    except (KeyringError, VaultMissingError, ShelfRefusedError) as error:
        refuse("Readers' rows cannot be opened, and nothing was changed:", f"{error}.")
    except DatabaseUnavailableError:
        refuse(
            "The database cannot be reached, is damaged, or its disk is full: "
            "check VOLYA_DATABASE_URL or VOLYA_DATA_DIR."
        )
    except NetworkError:
        refuse(f"No answer from {settings.api}: check the network or VOLYA_TELEGRAM_API.")


@cli.command()
def demo(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the chat page; 0 picks a free one.")
    ] = 0,
    data: Annotated[Path, typer.Option(help="Where the demo keeps its registry.")] = DEMO_DATA,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page.")] = True,
) -> None:
    """Run the bot with no token: a Telegram on your desk, with a page to chat on."""
    _refuse_demo_with_token()
    logs.set_up("WARNING")
    make_folder(data, "--data")
    from bot.demo import run_demo

    _until_stopped(run_demo(data, port, _stop_on_signals, open_page=open_page))


@cli.command()
def chat(
    data: Annotated[Path, typer.Option(help="Where the demo keeps its registry.")] = DEMO_DATA,
) -> None:
    """Chat with the demo bot in this terminal: for a machine reached over ssh."""
    _refuse_demo_with_token()
    logs.set_up("WARNING")
    make_folder(data, "--data")
    from bot.demo import run_terminal

    _until_stopped(run_terminal(data))


@cli.command()
def check(
    articles: Annotated[
        bool, typer.Option("--articles", help="Check only the articles; say what to mend, by file and line.")
    ] = False,
) -> None:
    """Check settings, database, audit, vault, catalogues, seed and articles; exit 1 if anything is wrong."""
    logs.set_up("ERROR")
    from bot.checking import check_articles, check_everything

    settings = read_settings()
    if articles:
        lines = check_articles()
    else:
        place = None if isinstance(root_key_of(settings), str) else _vault_place(settings)
        lines = asyncio.run(check_everything(settings.database, _missing(settings), place))
    for good, line in lines:
        print(f"{'ok  ' if good else 'BAD '} {line}")
    if not all(good for good, _ in lines):
        raise typer.Exit(1)


@cli.command()
def root_key(
    file: Annotated[Path, typer.Argument(help="A new file, outside the data folder and every backup of it.")],
) -> None:
    """Write a new root key: whoever has it and the keyring can read whom readers follow."""
    from bot.store.keyring import make_root_key

    data = read_settings().data_dir
    if file.resolve().is_relative_to(data.resolve()):
        refuse("A root key must not lie in the data folder: whoever has both can read whom readers follow.")
    try:
        make_root_key(file)
    except FileExistsError:
        refuse(
            "There is a file of this name already. A lost root key loses every follower: nothing was done."
        )
    except OSError:
        refuse("The file cannot be written: is there such a folder?")
    print(f"VOLYA_ROOT_KEY_FILE={file.absolute()}")
    print(
        "Write this line into .env, and keep a copy of the file elsewhere: a lost key loses every follower."
    )


@cli.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new file. Keep the keyring and the root key away from it.")],
) -> None:
    """Back up readers' sealed rows in an order that reveals nothing, without any key.

    The bot may be running.
    """
    logs.set_up("ERROR")
    from bot.app import shelf_for
    from bot.store.backup import BackupRefusedError, back_up
    from bot.store.database import DatabaseUnavailableError

    settings = read_settings()
    rows = rows_folder(settings)
    try:
        count = with_database(settings, lambda database: back_up(shelf_for(database, rows), file))
    except FileExistsError:
        refuse("There is a file of this name already: nothing was done.")
    except BackupRefusedError as error:
        refuse(f"Nothing was written: {error}.")
    except DatabaseUnavailableError:
        refuse("Nothing was written: the database cannot be reached, or the bot was never started on it.")
    except OSError:
        refuse("The file cannot be written: is there such a folder, and room in it?")
    print(f"{count} rows, dummies included. Only the current keyring opens them.")
    print("The next new keys, soon after 00:00 UTC and after alerts, make it worthless: make one each hour.")


@cli.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `backup` wrote.")],
) -> None:
    """Restore a backup into an empty vault, while the keyring it was made under still exists."""
    logs.set_up("ERROR")
    from bot.app import shelf_for
    from bot.store import backup as backups
    from bot.store.database import DatabaseUnavailableError
    from bot.store.files import InUseError
    from bot.store.keyring import KeyringError
    from bot.store.shelf import ShelfRefusedError

    settings = read_settings()
    key = needed_root_key(settings)
    try:
        file.open("rb").close()
    except OSError:
        refuse("The backup cannot be read.")

    async def put_back(database: Database) -> int:
        shelf = shelf_for(database, rows_folder(settings))
        return await backups.restore(shelf, settings.keyring, key, file)

    try:
        count = with_database(settings, put_back)
    except (InUseError, KeyringError, ShelfRefusedError, backups.BackupRefusedError) as error:
        refuse(f"Nothing was put back: {error}.")
    except DatabaseUnavailableError:
        refuse("Nothing was put back: the database cannot be reached.")
    except OSError:
        refuse("Nothing was put back: VOLYA_DATA_DIR or the keyring's folder cannot be written, or is full.")
    print(f"{count} rows are back. What happened since the backup is not in them.")


@cli.command()
def counts() -> None:
    """Print how useful articles were found, by week; of fewer than ten answers nothing is shown."""
    logs.set_up("ERROR")
    from bot.app import today
    from bot.services.counting import Counting
    from bot.store.database import DatabaseUnavailableError

    async def lines(database: Database) -> list[str]:
        await refuse_unready(database)
        return await Counting(database, today).lines()

    try:
        found = with_database(read_settings(), lines)
    except DatabaseUnavailableError:
        refuse("The database cannot be reached.")
    print("\n".join(found) or "No article has ten answers in a week yet.")


@cli.command()
def import_viasna(
    file: Annotated[Path, typer.Argument(help="The export of Viasna's list, as CSV.")],
    language: Annotated[Language, typer.Option(help="Language of the names in it.")],
    exported_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day it was exported.")],
    accept_drop: Annotated[
        bool, typer.Option("--accept-drop", help="Accept a list from which many people are gone.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Import the list of political prisoners that Viasna exports: names, and who is still held."""
    logs.set_up("ERROR")
    from bot.app import today
    from bot.sources.viasna_export import ExportRefusedError
    from bot.sources.viasna_import import run_import
    from bot.store.database import DatabaseUnavailableError

    async def take(database: Database) -> list[str]:
        outcome = await run_import(
            database,
            file,
            language=language,
            exported_on=exported_on.date(),
            today=today(),
            accept_drop=accept_drop,
            dry_run=dry_run,
        )
        return outcome.lines()

    try:
        lines = with_database(read_settings(), take)
    except ExportRefusedError as error:
        refuse("Nothing was imported.", str(error))
    except DatabaseUnavailableError:
        refuse("Nothing was imported.", "The database cannot be reached: is it in use?")
    print("\n".join(lines))


def _missing(settings: Settings) -> list[str]:
    """Return what a real bot needs and is not set."""
    found = []
    if settings.bot_token is None:
        found.append("VOLYA_BOT_TOKEN is not set. To try the bot without one: python -m bot demo")
    if not settings.controller:
        found.append(
            "VOLYA_CONTROLLER is not set: say who is responsible for the data, and how to reach them."
        )
    key = root_key_of(settings)
    return [*found, key] if isinstance(key, str) else found


def _plan(settings: Settings) -> Plan:
    from bot.app import Plan, WebhookAddress
    from bot.domain.breaker import Limits

    address = None
    if settings.webhook_url is not None and settings.webhook_secret is not None:
        secret = settings.webhook_secret.get_secret_value()
        url, connections = str(settings.webhook_url), settings.webhook_connections
        address = WebhookAddress(url, settings.webhook_port, secret, connections)
    assert settings.bot_token is not None  # noqa: S101  (_missing saw to it)
    return Plan(
        token=settings.bot_token.get_secret_value(),
        api=settings.api,
        database_url=settings.database,
        controller=settings.controller or "",
        vault=_vault_place(settings),
        messages_per_second=settings.messages_per_second,
        breaker=Limits(settings.hourly_reach, settings.hourly_share / 100),
        webhook=address,
    )


def _vault_place(settings: Settings) -> VaultPlace:
    """Return where readers are kept."""
    from bot.app import VaultPlace
    from bot.store.keyring import RootKey

    root = root_key_of(settings)
    assert isinstance(root, RootKey)  # noqa: S101  (_missing saw to it)
    copy = settings.keyring_copy_url
    return VaultPlace(
        rows_folder(settings),
        settings.keyring,
        root,
        copy.get_secret_value() if copy else None,
        settings.bot,
    )


def _refuse_demo_with_token() -> None:
    if read_settings().bot_token is not None:
        refuse("VOLYA_BOT_TOKEN is set. The demo pretends to be Telegram and must not be near a real bot.")


def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    from bot.store.database import DatabaseForbiddenError, DatabaseNewerError
    from bot.store.files import InUseError
    from bot.store.keyring import KeyringError
    from bot.store.opening import VaultMissingError

    try:
        asyncio.run(work)
    except (DatabaseForbiddenError, DatabaseNewerError) as error:
        refuse(str(error))
    except InUseError:
        refuse("A demo runs on this folder already: close it, or give another with --data.")
    except (KeyringError, VaultMissingError) as error:
        refuse(f"What the demo stored cannot be opened: {error}.", "`make demo-reset` begins anew.")
    except KeyboardInterrupt:
        return


def _stop_on_signals() -> asyncio.Event:
    """Return an event that Ctrl-C and SIGTERM set: what is under way is finished first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    return stop
