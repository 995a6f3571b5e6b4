"""The application: builds everything once, starts it in order, runs it until asked to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from telegram import LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import InvalidToken
from telegram.ext import Application, Defaults, ExtBot

from bot import logs
from bot.chat.alert_screens import Teller
from bot.chat.courier import TelegramCourier
from bot.chat.erasing import TelegramEraser
from bot.chat.handlers import App, Handlers
from bot.chat.intake import Intake
from bot.chat.lanes import Lanes, Passage
from bot.chat.own import Own
from bot.chat.pointing import CONNECTIONS, NotPointedError, at_start, point, unpoint, watch
from bot.chat.polling import Polling
from bot.chat.profile import introduce
from bot.chat.replies import Replies
from bot.chat.sending import Sender
from bot.chat.transport import Transport
from bot.chat.unasked import TelegramMessenger
from bot.chat.webhook import PortTakenError, Webhook
from bot.domain.breaker import Limits
from bot.services.advising import Advising
from bot.services.answering import Answering
from bot.services.asking import Asking
from bot.services.counting import Counting
from bot.services.delivering import MOST_AT_ONCE, Delivering, TokenDeadError
from bot.services.following import Following
from bot.services.importing import import_seed
from bot.services.one_sender import Deliver, deliver_alone
from bot.services.row_rules import day_of
from bot.services.telling import Telling, recent
from bot.services.understanding import Understanding
from bot.services.wiping import Wiping
from bot.sources.article_files import read_library
from bot.sources.directory_files import read_directory
from bot.sources.question_files import read_classifier
from bot.sources.seed_files import SEED, read_seed, seed_digest
from bot.store import orders, people
from bot.store.database import Database
from bot.store.files import InUseError
from bot.store.key_copy import KeyCopy
from bot.store.keyring import RootKey
from bot.store.postgres_shelf import PostgresShelf
from bot.store.shelf import Shelf
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault
from bot.upkeep import TICK_SECONDS, Upkeep

DRAIN_SECONDS = 10.0
SWITCH_SECONDS = 0.001
"""How long a thread that opens rows may hold the interpreter; a fifth of Python's default, since every byte
sent or received may wait that long."""
CALL_SECONDS = 0.1
"""How long a call to Telegram takes, generously: alerts of so many seconds are on their way at once."""
FREE_PER_SECOND = 30
"""What Telegram carries of a bot's alerts for nothing."""
REFUSED = "Telegram does not accept VOLYA_BOT_TOKEN: check it with @BotFather."


class TokenRefusedError(Exception):
    """Telegram does not know this token."""


class NotReceivingError(Exception):
    """Updates cannot come in: its text says why, as a sentence."""


class RegistryMissingError(Exception):
    """Readers are here, and the registry is not by whose numbers they follow people. Nothing was changed."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "readers are here, and the registry that says whom they follow is not: put its newest copy back, "
            "or, if none is left, see python -m bot new-registry --help"
        )


class MadeUpPeopleError(Exception):
    """The registry is a demo's: it holds people who do not exist, and whoever runs is no demo."""


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """Where updates are brought to: the public address, the local port behind it, the shared secret.

    `connections`: how many Telegram brings at once.
    """

    url: str
    port: int
    secret: str = field(repr=False)
    connections: int = CONNECTIONS


def now() -> datetime:
    """Return the time in UTC; the one clock of the program."""
    return datetime.now(UTC)


def today() -> date:
    """Return which day it is in Minsk."""
    return day_of(now())


@dataclass(frozen=True, slots=True)
class VaultPlace:
    """Where readers are kept: sealed rows in a folder (SQLite only), their keys, the key of keys.

    `keyring_copy`: the address of the one remote copy of the keys. `bot`: the number of the bot that will
    speak to them, where it is known before Telegram has said it.
    """

    folder: Path
    keyring: Path
    root: RootKey
    keyring_copy: str | None = field(default=None, repr=False)
    bot: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. No webhook means long polling.

    Only a demo `pretends`: its registry may hold made-up people.
    """

    token: str = field(repr=False)
    api: str
    database_url: str = field(repr=False)
    controller: str
    vault: VaultPlace
    messages_per_second: int = 30
    webhook: WebhookAddress | None = None
    seed: Path = SEED
    tick_seconds: float = TICK_SECONDS
    breaker: Limits = Limits()  # noqa: RUF009  (frozen)
    pretends: bool = False
    now: Callable[[], datetime] = now
    elapsed: Callable[[], float] = time.monotonic

    def today(self) -> date:
        """Return which day it is in Minsk by this plan's clock."""
        return day_of(self.now())


async def refuse_missing_registry(database: Database, rows: Path, keyring: Path) -> None:
    """Make no registry beside readers: its people would have other numbers, and no follower would hear.

    Raises RegistryMissingError, and what `Database.schema_revision` raises.
    """
    # Readers first: another process that begins makes the registry before it makes their keyring.
    if not _are_there(rows, keyring) and (
        database.dialect == "sqlite" or await shelf_for(database, rows).peek() is None
    ):
        return
    if not await database.is_made():
        raise RegistryMissingError


def _are_there(rows: Path, keyring: Path) -> bool:
    return os.path.isfile(keyring) or any(rows.glob("vault-*.db"))


async def refuse_another_registry(database: Database, number: int) -> None:
    """Serve readers with their own registry only, which has this number of somebody if any is noted.

    By the numbers of another one nobody hears of anybody. Raises RegistryMissingError.
    """
    async with database.reading() as connection:
        if number and not await people.has_number(connection, number):
            raise RegistryMissingError


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

    Raises TokenRefusedError, NotReceivingError, RegistryMissingError, MadeUpPeopleError,
    DatabaseForbiddenError, DatabaseNewerError, DatabaseUnavailableError, what `open_vault` raises, or
    telegram's NetworkError when Telegram cannot be reached at the start; none of their texts holds the
    token.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    database = Database(plan.database_url)
    transport = Transport()
    bot = _bot(plan, transport)
    application: App = Application.builder().bot(bot).updater(None).job_queue(None).build()
    vault: Vault | None = None
    try:
        await refuse_missing_registry(database, plan.vault.folder, plan.vault.keyring)
        await prepare_registry(database, plan.seed, plan.today())
        if not plan.pretends:
            await _refuse_made_up(database)
        async with database.reading() as connection:
            said_before = await orders.to_resume(connection)
        vault = await open_vault(plan.vault, database, plan.now)
        if not plan.pretends:
            await _note_registry(database, vault)
        if said_before is not None and vault.is_keeper:
            # It was not about what these rows are. A standby that takes over later obeys what it finds.
            async with database.writing() as connection:
                await orders.done(connection, said_before)
        answering = Answering(database)
        await answering.refresh_names()
        await _sign_in(application)
        await vault.note_bot(bot.id)
        connected(bot.username)
        parts = _built(plan, database, vault, application, bot, answering, committed)
        # All of this stays to the end: a collector that walked it each time would stop the loop meanwhile.
        gc.freeze()
        logs.event(logs.Event.STARTED)
        await _serve(plan, bot, parts, transport, stop)
        await parts.upkeep.flush()
    finally:
        logs.event(logs.Event.STOPPED)
        gc.unfreeze()
        await application.shutdown()
        await transport.shutdown()
        if vault is not None:
            await vault.close()
        await database.close()


async def _note_registry(database: Database, vault: Vault) -> None:
    await refuse_another_registry(database, vault.registry)
    async with database.reading() as connection:
        first = await people.first_number(connection)
    if first and not vault.registry and vault.is_keeper:
        await vault.note_registry(first)


async def _refuse_made_up(database: Database) -> None:
    async with database.reading() as connection:
        if await people.any_made_up(connection):
            raise MadeUpPeopleError


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs: updates in, answers out, what the clock does, and the delivery of alerts."""

    intake: Intake
    sender: Sender
    upkeep: Upkeep
    deliver: Deliver
    database: Database


def _built(
    plan: Plan,
    database: Database,
    vault: Vault,
    application: App,
    bot: ExtBot[Passage],
    answering: Answering,
    committed: Callable[[], Awaitable[None]] | None,
) -> Parts:
    """Build everything that needs nothing but what is open already."""
    counting = Counting(database, plan.today)
    following = Following(vault, plan.now, partial(recent, database, plan.now))
    wiping = Wiping(vault, TelegramEraser(bot), plan.now, is_shared=database.dialect != "sqlite")
    advising = Advising(read_library(), read_directory(), plan.today)
    asking = Asking(vault, answering, following, wiping, TelegramMessenger(bot, following), plan.now)
    telling = Telling(database, vault, answering, advising.find)
    own = Own(answering, following, wiping, asking, telling)
    understanding = Understanding(answering, advising, read_classifier())
    handlers = Handlers(answering, advising, understanding, counting, own).all()
    replies = Replies(following, plan.controller, plan.now)
    sender = Sender(bot, wiping, following)
    intake = Intake(application, handlers, replies, wiping, sender.waiting, committed=committed)
    copy = KeyCopy(plan.vault.keyring_copy, vault) if plan.vault.keyring_copy else None
    upkeep = Upkeep(
        *(answering, understanding, counting, wiping, asking, vault, plan.now, plan.elapsed),
        key_copy=copy,
        tick_seconds=plan.tick_seconds,
    )
    courier = TelegramCourier(bot, Teller(telling), paid=plan.messages_per_second > FREE_PER_SECOND)

    async def deliver(fence: int) -> None:
        # A new one each time this process becomes the sender: nothing of an earlier time is true any more.
        at_once = max(MOST_AT_ONCE, round(plan.messages_per_second * CALL_SECONDS))
        delivering = Delivering(
            *(database, vault, wiping, courier, plan.now), limits=plan.breaker, at_once=at_once
        )
        await delivering.run(fence)

    return Parts(intake, sender, upkeep, deliver, database)


def shelf_for(database: Database, folder: Path) -> Shelf:
    """Return where the sealed rows beside a registry lie: in a folder, or in the same PostgreSQL."""
    return SqliteShelf(folder) if database.dialect == "sqlite" else PostgresShelf(database)


async def open_vault(place: VaultPlace, database: Database, now: Callable[[], datetime]) -> Vault:
    """Open the rows of readers beside a registry. Raises InUseError, KeyringError, VaultMissingError.

    On SQLite this process is the only one. On PostgreSQL the first one on a machine keeps the rows, and
    the others read and write them, until it ends and one of them keeps them.
    """
    place.keyring.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def opened(*, keeper: bool) -> Vault:
        shelf = shelf_for(database, place.folder)
        return await Vault.open(shelf, place.keyring, place.root, bot=place.bot, keeper=keeper, now=now)

    try:
        return await opened(keeper=True)
    except InUseError:
        if database.dialect == "sqlite":
            raise
        return await opened(keeper=False)


def _bot(plan: Plan, transport: Transport) -> ExtBot[Passage]:
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


async def _serve(
    plan: Plan, bot: ExtBot[Passage], parts: Parts, transport: Transport, stop: asyncio.Event
) -> None:
    refused, why = False, ""
    try:
        async with asyncio.TaskGroup() as tasks:
            beside = [
                tasks.create_task(parts.upkeep.run()),
                tasks.create_task(deliver_alone(parts.database, parts.deliver)),
            ]
            await _serve_until(plan, bot, parts.intake, parts.sender, transport, stop)
            for task in beside:
                task.cancel()
    except* (InvalidToken, TokenDeadError):
        refused = True  # the token was revoked while we ran
    except* NotPointedError as errors:
        why = f"Telegram was not told where updates go: {_first(errors)}."
    except* PortTakenError as errors:
        why = str(_first(errors))
    if refused:
        raise TokenRefusedError(REFUSED)
    if why:
        raise NotReceivingError(why)


def _first(errors: BaseException) -> BaseException:
    return _first(errors.exceptions[0]) if isinstance(errors, BaseExceptionGroup) else errors


async def _serve_until(
    plan: Plan,
    bot: ExtBot[Passage],
    intake: Intake,
    sender: Sender,
    transport: Transport,
    stop: asyncio.Event,
) -> None:
    async with asyncio.TaskGroup() as tasks:
        beside = [tasks.create_task(introduce(bot))]
        if plan.webhook is None:
            await at_start(lambda: unpoint(bot))
            serving = tasks.create_task(Polling(intake, sender, transport, bot.base_url).run(stop))
        else:
            at = plan.webhook
            webhook = Webhook(intake, sender, at.secret)
            serving = tasks.create_task(webhook.run(stop, "0.0.0.0", at.port))  # noqa: S104
            await at_start(lambda: point(bot, at.url, at.secret, at.connections))
            beside.append(tasks.create_task(watch(bot, at.url)))
        stopping = tasks.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        logs.event(logs.Event.STOPPING)
        stop.set()
        for task in beside:
            task.cancel()
        await asyncio.wait({serving}, timeout=DRAIN_SECONDS)
        serving.cancel()
