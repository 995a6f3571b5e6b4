"""The operator's commands webhook and sender: where updates go, whether alerts go, and by which bot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

import typer

from bot import logs
from bot.commandline import needed_root_key, read_settings, refuse, with_registry

if TYPE_CHECKING:
    from telegram import Bot

    from bot.settings import Settings
    from bot.store.database import Database

webhook = typer.Typer(no_args_is_help=True, help="Whether Telegram brings updates, and where to.")
sender = typer.Typer(no_args_is_help=True, help="Alerts: what waits, going on after a restore, another bot.")

T = TypeVar("T")
Drop: TypeAlias = Annotated[
    bool, typer.Option("--drop", help="Forget what waits: nobody who wrote meanwhile is answered.")
]


@webhook.command("set")
def set_webhook(drop: Drop = False) -> None:
    """Let Telegram bring updates to VOLYA_WEBHOOK_URL; a bot that runs by webhook does so at its start."""
    from bot.chat.pointing import point

    settings = read_settings()
    url, secret = settings.webhook_url, settings.webhook_secret
    if url is None or secret is None:
        refuse("Nothing was done: VOLYA_WEBHOOK_URL and VOLYA_WEBHOOK_SECRET are not set.")
    _told(
        settings,
        lambda bot: point(bot, str(url), secret.get_secret_value(), settings.webhook_connections, drop=drop),
    )
    print(f"Telegram brings updates to {url.host}.")


@webhook.command("clear")
def clear_webhook(drop: Drop = False) -> None:
    """Let updates wait at Telegram until the bot asks for them."""
    from bot.chat.pointing import unpoint

    _told(read_settings(), lambda bot: unpoint(bot, drop=drop))
    print("No webhook any more: updates wait until they are asked for.")


@webhook.command("show")
def show_webhook() -> None:
    """Say where updates go, how many wait, and the last thing that went wrong."""
    from bot.chat.pointing import described

    settings = read_settings()
    url = str(settings.webhook_url) if settings.webhook_url else None
    print("\n".join(_told(settings, lambda bot: described(bot, url))))


def _told(settings: Settings, talk: Callable[[Bot], Awaitable[T]]) -> T:
    """Talk with Telegram, or say in a sentence why not."""
    from bot.chat.pointing import NotPointedError, speaking

    logs.set_up("ERROR")
    token = settings.bot_token
    if token is None:
        refuse("Nothing was done: VOLYA_BOT_TOKEN is not set.")

    async def talked() -> T:
        async with speaking(token.get_secret_value(), settings.api) as bot:
            return await talk(bot)

    try:
        return asyncio.run(talked())
    except NotPointedError as error:
        refuse(f"Nothing was done: {error}.")


@sender.command("show")
def show_sender() -> None:
    """Say what the registry knows of alerts; whether the sender is on hold is in the bot's log."""
    print("\n".join(with_registry(_alerts)))


async def _alerts(database: Database) -> list[str]:
    """Say in lines what waits, what is held, what went."""
    from bot.domain.publishing import PublicationState
    from bot.store import orders, publications

    async with database.reading() as connection:
        every = await publications.every(connection)
        latest = await publications.latest(connection)
        order = await orders.to_resume(connection)
    waits = [one for one in every if one.state is PublicationState.QUEUED]
    held = [one for one in every if one.state is PublicationState.HELD]
    gone = [one for one in every if one.state is PublicationState.GOING]
    lines = [f"Waiting for the sender: {len(waits)}."]
    lines += [f"Held, needs a third editor: {one.id}  {one.subject}  chats {one.band}" for one in held]
    lines.append(f"Let go: {len(gone)}; the latest number is {latest or 'not given yet'}.")
    if order is not None:
        lines.append("The word to go on after a restore was given, and no held sender has taken it yet.")
    return lines


@sender.command("resume")
def resume_sender() -> None:
    """Resume a sender that a restore, or `adopt`, put on hold; alerts numbered before it are sent silently.

    The bot must be running: an order given before it started, or noticed the restore, does not count.
    """
    from bot.store import orders

    async def resume(database: Database) -> None:
        async with database.writing() as connection:
            await orders.resume(connection)

    with_registry(resume)
    print("A sender that runs and is held goes on at its next look; otherwise nothing changes.")


@sender.command("adopt")
def adopt_readers() -> None:
    """Let the bot of VOLYA_BOT_TOKEN speak to the readers of another one; alerts wait for `resume`.

    The bot must be stopped. Telegram lets the new one write only to those who have written to it: whoever
    has not by the time of an alert is forgotten with it, or some seven hours later.
    """
    from bot.store.database import DatabaseUnavailableError
    from bot.store.files import InUseError
    from bot.store.keyring import KeyringError
    from bot.store.opening import adopt

    settings = read_settings()
    root = needed_root_key(settings)
    bot = _told(settings, lambda bot: bot.get_me())
    try:
        adopted = adopt(settings.keyring, root, bot.id)
    except InUseError:
        refuse("Nothing was done: the bot is running.")
    except KeyringError as error:
        refuse(f"Nothing was done: {error}.")
    except (DatabaseUnavailableError, OSError):
        refuse("Nothing was done: the keyring cannot be written.")
    if not adopted:
        refuse(f"Nothing was done: they are the readers of @{bot.username} already.")
    print(f"@{bot.username} speaks to these readers from its next start. Alerts wait: sender resume.")
