"""The application: builds everything once, starts it in order, runs it until asked to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from telegram import LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import InvalidToken
from telegram.ext import Application, Defaults, ExtBot

from bot import logs
from bot.chat.handlers import App, Handlers
from bot.chat.intake import ALLOWED_UPDATES, Intake
from bot.chat.lanes import Lanes
from bot.chat.polling import Polling
from bot.chat.profile import introduce
from bot.chat.readers import Readers
from bot.chat.replies import Replies
from bot.chat.sending import Sender
from bot.chat.transport import Transport
from bot.chat.webhook import PATH, Webhook
from bot.services.advising import Advising
from bot.services.answering import Answering
from bot.services.counting import Counting
from bot.services.importing import import_seed
from bot.sources.article_files import read_library
from bot.sources.directory_files import read_directory
from bot.sources.seed_files import SEED, read_seed, seed_digest
from bot.store.database import Database, DatabaseUnavailableError

DRAIN_SECONDS = 10.0
REFRESH_SECONDS = 5.0
REFUSED = "Telegram does not accept VOLYA_BOT_TOKEN: check it with @BotFather."


class TokenRefusedError(Exception):
    """Telegram does not know this token."""


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """Where updates are brought to: the public address, the local port behind it, the shared secret."""

    url: str
    port: int
    secret: str = field(repr=False)


def today() -> date:
    """Return today in UTC; the one clock the answers use."""
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. No webhook means long polling."""

    token: str = field(repr=False)
    api: str
    database_url: str = field(repr=False)
    controller: str
    messages_per_second: int = 30
    webhook: WebhookAddress | None = None
    seed: Path = SEED
    today: Callable[[], date] = today


async def prepare_registry(database: Database, seed: Path, day: date) -> None:
    """Migrate and fill the registry where needed. Raises DatabaseUnavailableError."""
    if await database.migrate():
        logs.event(logs.Event.SCHEMA_MIGRATED)
    report = await import_seed(database, lambda: read_seed(seed), seed_digest(seed), day)
    if report is not None:
        logs.event(
            logs.Event.SEED_IMPORTED,
            added=report.added.total(),
            changed=report.changed.total(),
            withdrawn=report.withdrawn.total(),
            conflicts=len(report.conflicts),
            refused=len(report.refused),
        )


async def run(
    plan: Plan,
    stop: asyncio.Event,
    *,
    connected: Callable[[str], None] = lambda _username: None,
    committed: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Run the bot until `stop`. `connected` learns the bot's user name once Telegram answered.

    Raises TokenRefusedError, DatabaseUnavailableError, or telegram's NetworkError when Telegram
    cannot be reached at the start; none of their texts holds the token.
    """
    database = Database(plan.database_url)
    transport = Transport()
    bot = _bot(plan, transport)
    application: App = Application.builder().bot(bot).updater(None).job_queue(None).build()
    try:
        await prepare_registry(database, plan.seed, plan.today())
        answering = Answering(database)
        await answering.load_names()
        await _sign_in(application)
        connected(bot.username)
        readers = Readers()
        counting = Counting(database, plan.today)
        advising = Advising(read_library(), read_directory(), plan.today)
        handlers = Handlers(answering, advising, counting, readers).all()
        intake = Intake(
            application, handlers, Replies(readers, plan.controller, plan.today), committed=committed
        )
        logs.event(logs.Event.STARTED)
        await _serve(plan, bot, intake, transport, _keep_up(answering, counting), stop)
        await _flush(counting)
    finally:
        logs.event(logs.Event.STOPPED)
        await application.shutdown()
        await transport.shutdown()
        await database.close()


def _bot(plan: Plan, transport: Transport) -> ExtBot[None]:
    return ExtBot(
        plan.token,
        base_url=f"{plan.api}/bot",
        request=transport,
        get_updates_request=transport,
        # A preview would fetch a page of a banned publisher into the reader's chat.
        defaults=Defaults(
            parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
        ),
        rate_limiter=Lanes(rate=plan.messages_per_second),
    )


async def _sign_in(application: App) -> None:
    refused = False
    try:
        await application.initialize()
    except InvalidToken:
        refused = True  # its text holds the token: it ends here, and is not the cause of ours
    if refused:
        raise TokenRefusedError(REFUSED)


async def _keep_up(answering: Answering, counting: Counting) -> None:
    """Look every few seconds whether an import, here or elsewhere, changed the names; write counts down."""
    while True:
        await asyncio.sleep(REFRESH_SECONDS)
        try:
            if await answering.refresh_names():
                logs.event(logs.Event.NAMES_REFRESHED)
        except DatabaseUnavailableError:
            logs.event(logs.Event.DATABASE_UNAVAILABLE)
        await _flush(counting)


async def _flush(counting: Counting) -> None:
    """Write counts down, or keep them for the next time; nobody waits for them."""
    try:
        await counting.flush()
    except DatabaseUnavailableError:
        logs.event(logs.Event.DATABASE_UNAVAILABLE)


async def _serve(
    plan: Plan,
    bot: ExtBot[None],
    intake: Intake,
    transport: Transport,
    upkeep: Coroutine[None, None, None],
    stop: asyncio.Event,
) -> None:
    refused = False
    try:
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(upkeep)
            await _serve_until(plan, bot, intake, transport, stop)
            keeping.cancel()
    except* InvalidToken:
        refused = True  # the token was revoked while we ran
    if refused:
        raise TokenRefusedError(REFUSED)


async def _serve_until(
    plan: Plan, bot: ExtBot[None], intake: Intake, transport: Transport, stop: asyncio.Event
) -> None:
    sender = Sender(bot)
    async with asyncio.TaskGroup() as tasks:
        introducing = tasks.create_task(introduce(bot))
        if plan.webhook is None:
            await bot.delete_webhook()
            serving = tasks.create_task(Polling(intake, sender, transport, bot.base_url).run(stop))
        else:
            webhook = Webhook(intake, sender, plan.webhook.secret)
            serving = tasks.create_task(webhook.run(stop, "0.0.0.0", plan.webhook.port))  # noqa: S104
            await _point_webhook(bot, plan.webhook)
        stopping = tasks.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        logs.event(logs.Event.STOPPING)
        stop.set()
        introducing.cancel()
        await asyncio.wait({serving}, timeout=DRAIN_SECONDS)
        serving.cancel()


async def _point_webhook(bot: ExtBot[None], address: WebhookAddress) -> None:
    await bot.set_webhook(
        f"{address.url.rstrip('/')}{PATH}", secret_token=address.secret, allowed_updates=ALLOWED_UPDATES
    )
