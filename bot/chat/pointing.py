"""Pointing: Telegram is told where to bring updates, told to stop, and asked how it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from telegram import Bot, WebhookInfo
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot import logs
from bot.chat.intake import ALLOWED_UPDATES
from bot.chat.transport import Transport
from bot.chat.webhook import PATH

CONNECTIONS = 100
"""How many updates Telegram brings at once unless told otherwise: its most, since a stuck chat holds one."""
_LONGEST_REASON = 200
AGAIN_SECONDS = (0.2, 1.0, 3.0)
"""After how long it is tried again at a start."""

LOOK_SECONDS = 60.0
"""How often it is looked whether Telegram still brings updates here."""


class NotPointedError(Exception):
    """Why Telegram did not do it, as a sentence without token, secret or address."""


@asynccontextmanager
async def speaking(token: str, api: str) -> AsyncIterator[Bot]:
    """Speak as a bot about its webhook. Raises NotPointedError."""
    transport = Transport()
    await transport.initialize()
    try:
        yield Bot(token, f"{api}/bot", request=transport, get_updates_request=transport)
    except TelegramError as error:
        reason = _reason(error)
    else:
        return
    finally:
        await transport.shutdown()
    raise NotPointedError(reason)


async def at_start(act: Callable[[], Awaitable[None]]) -> None:
    """Do it before updates come, again where that may help. Raises NotPointedError and InvalidToken."""
    for seconds in (*AGAIN_SECONDS, None):
        try:
            await act()
        except InvalidToken:
            raise
        except TelegramError as error:
            # Of several replicas that start together Telegram ends each one's call with the next one's.
            passes = isinstance(error, NetworkError | RetryAfter | Conflict)
            passes = passes and not isinstance(error, BadRequest)
            reason = "" if passes and seconds is not None else _reason(error)
        else:
            return
        if reason or seconds is None:
            raise NotPointedError(reason)
        await asyncio.sleep(seconds)


async def point(bot: Bot, url: str, secret: str, connections: int, *, drop: bool = False) -> None:
    """Let updates be brought to an address, the secret with each; `drop`: forget what waits."""
    await bot.set_webhook(
        _whole(url),
        secret_token=secret,
        allowed_updates=ALLOWED_UPDATES,
        max_connections=connections,
        drop_pending_updates=drop,
    )


async def unpoint(bot: Bot, *, drop: bool = False) -> None:
    """Let updates wait to be asked for."""
    await bot.delete_webhook(drop_pending_updates=drop)


async def watch(bot: Bot, url: str, seconds: float = LOOK_SECONDS) -> None:
    """Raise an alarm, at each look, while updates are not brought to an address; until cancelled.

    Raises InvalidToken where there is no such bot any more.

    Whoever has the token can lead them elsewhere, and nothing else here would notice. It is not pointed
    anew: two who both do so would take updates from each other for ever.
    """
    while True:
        await asyncio.sleep(seconds)
        try:
            info = await bot.get_webhook_info()
        except InvalidToken:
            raise  # whoever revokes it ends the bot
        except TelegramError:
            continue  # sending says whether Telegram is away
        if info.url != _whole(url):
            logs.event(logs.Event.WEBHOOK_GONE)


async def described(bot: Bot, url: str | None) -> list[str]:
    """Say in lines how it stands; `url` is where updates ought to go. Of addresses only the host is said."""
    info = await bot.get_webhook_info()
    lines = [*_where(info, url), f"Updates that wait: {info.pending_update_count}."]
    if info.url and set(info.allowed_updates or ()) != set(ALLOWED_UPDATES):
        lines.append("It brings other kinds of updates than this version asks for: webhook set.")
    if info.last_error_date is not None:
        said = "".join(sign for sign in info.last_error_message or "no reason given" if sign.isprintable())
        lines.append(f"Last error, {info.last_error_date:%Y-%m-%d %H:%M} UTC: {said[:_LONGEST_REASON]}")
    return lines


def _where(info: WebhookInfo, url: str | None) -> list[str]:
    if not info.url:
        return ["No webhook: updates are asked for."]
    lines = [f"Updates go to {urlsplit(info.url).hostname}, at most {info.max_connections} at once."]
    if url is None:
        lines.append("VOLYA_WEBHOOK_URL is not set: the bot will ask for updates and end this at its start.")
    elif info.url != _whole(url):
        lines.append("That is not the address in VOLYA_WEBHOOK_URL: webhook set.")
    return lines


def _whole(url: str) -> str:
    # Whoever writes the path too, as it stands in the proxy's settings, means the same address.
    return f"{url.rstrip('/').removesuffix(PATH)}{PATH}"


def _reason(error: TelegramError) -> str:
    if isinstance(error, InvalidToken):
        return "Telegram does not accept VOLYA_BOT_TOKEN: check it with @BotFather"
    if isinstance(error, BadRequest):
        return f"Telegram refuses it: {error.message[:_LONGEST_REASON]}"
    if isinstance(error, RetryAfter):
        return "Telegram asks to wait a little"
    if isinstance(error, Conflict):
        return "somebody else with this token changes the webhook at the same time"
    return "no answer from VOLYA_TELEGRAM_API"
