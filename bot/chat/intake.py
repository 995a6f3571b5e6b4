"""Intake: every update is run and committed before it is acknowledged or answered.

python-telegram-bot acknowledges first and swallows a handler's error; then a crash or a database
that is away loses what somebody asked. Here an update that could not be run stays with Telegram: a tap for
two and a half minutes, anything else for a day.
"""

from __future__ import annotations

import asyncio
import enum
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler

from bot import logs
from bot.chat.handlers import App, view_of
from bot.chat.overtaking import Overtaking, private_chat_of
from bot.chat.parsing import bare, parsed
from bot.chat.plain_words import plainly
from bot.chat.replies import Replies, Reply
from bot.chat.turns import Turns
from bot.domain.answers import Answer, Distress, NoLongerHere, TryAgainLater, UnsafeSent
from bot.services.wiping import Wiping
from bot.store.database import DatabaseUnavailableError

TRIES = 3
HANDLER_SECONDS = 30.0
"""Longer than a `/stop` waits for an alert that is on its way."""
REMEMBERED_FAILURES = 1_000

MOST_WAITING = 10
"""Texts of one chat that may wait, with their answers: of more at once only a cry is answered, or what can
harm people here; of twice as many nothing is read."""
MOST_KEPT = 3
"""Answers of one chat up to which a text stays with Telegram until its own is out."""

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")


class Verdict(enum.Enum):
    """What to tell Telegram of an update."""

    ACKNOWLEDGE = "acknowledge"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Taken:
    """The outcome of one update; `reply` goes out only after it was committed.

    `until_out`: Telegram is to keep it until then. Not where one person writes so fast that it would keep
    others from being heard.
    """

    verdict: Verdict
    reply: Reply | None = None
    until_out: bool = True


@dataclass(slots=True, repr=False)
class _Case:
    """An update on its way. `is_open`: its chat's row says that an answer may come, and none has gone out.

    `before`: how many texts and answers of its chat waited when it came.
    """

    update: Update
    before: int
    is_open: bool = False


class Intake:
    """Runs updates through the application's handlers, each chat in order, all chats at once."""

    def __init__(
        self,
        application: App,
        handlers: Sequence[BaseHandler[Any, Any, Any]],
        replies: Replies,
        wiping: Wiping,
        answers: Callable[[int], int],
        *,
        committed: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Hold the handlers. `wiping` learns of each message. `committed` is awaited before acknowledging.

        `answers`: how many are on their way to a chat.
        """
        self._application = application
        self._handlers = handlers
        self._replies = replies
        self._wiping = wiping
        self._answers = answers
        self._committed = committed
        self._turns = Turns()
        self._overtaking = Overtaking()
        self._failures: OrderedDict[int, int] = OrderedDict()

    async def take(self, raw: object, again: Callable[[], Awaitable[bool]] | None = None) -> Taken:
        """Run one update as Telegram sent it. Never raises, except when cancelled.

        Where it would be kept, `again` is awaited, and on its word the update is tried once more. The chat's
        turn is held meanwhile: a wish from before a `/stop` must not be granted after it. By webhook Telegram
        may bring the `/stop` first; then the tap is an old one, as far as this process did both.
        """
        update = self._parsed(raw)
        if update is None:
            return Taken(Verdict.ACKNOWLEDGE)
        chat = _chat_of(update)
        case = _Case(update, self._turns.waiting(chat) + self._answers(chat))
        async with self._turns.of(chat):
            taken = await self._try(case)
            while taken.verdict is Verdict.KEEP and again is not None and await again():
                taken = await self._try(case)
            if case.is_open and taken.reply is None:
                self._wiping.gave_up(private_chat_of(update))
        return taken

    async def _try(self, case: _Case) -> Taken:
        update = case.update
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                await self._note(case)
                answer = await self._answered_in_turn(case)
                reply = await self._replies.to(update, answer)
                if reply is None:
                    await self._settle(case)
        except DatabaseUnavailableError:
            logs.event(logs.Event.DATABASE_UNAVAILABLE)
            return Taken(Verdict.KEEP)
        except Exception as error:
            return await self._failed(case, error)
        self._failures.pop(update.update_id, None)
        if self._committed is not None:
            await self._committed()
        until_out = self._answers(_chat_of(update)) < MOST_KEPT or not _is_only_text(update)
        return Taken(Verdict.ACKNOWLEDGE, reply, until_out)

    def _parsed(self, raw: object) -> Update | None:
        """Parse an update, whole or bare: a new kind of poll must not leave its sender unanswered."""
        failure: Exception | None = None
        for form in (raw, bare(raw)):
            try:
                return parsed(form, self._application.bot)
            except Exception as error:  # whatever the library makes of nonsense: it stops nobody else
                failure = error
        logs.event(logs.Event.MALFORMED_UPDATE, failure)
        return None

    async def _note(self, case: _Case) -> None:
        """Note the message that came or was tapped, so that it goes in time; once, however often it is tried.

        Noted a second time, it would look like one whose answer a crash has hidden.
        """
        update = case.update
        chat, message = private_chat_of(update), update.effective_message
        if chat and isinstance(message, Message) and not case.is_open:
            ours = update.callback_query is not None
            await self._wiping.arrived(chat, message.message_id, message.date, view_of(update), ours=ours)
            case.is_open = True

    async def _settle(self, case: _Case) -> None:
        if case.is_open:
            case.is_open = False
            await self._wiping.settled(private_chat_of(case.update), None)

    async def _answered_in_turn(self, case: _Case) -> Answer | None:
        """Answer, or not, since others of its chat still wait for theirs: a cry must not go unheard."""
        is_too_much = case.before >= MOST_WAITING and _is_only_text(case.update)
        if is_too_much and case.before >= 2 * MOST_WAITING:
            return None
        answer = await self._answered(case.update)
        return answer if not is_too_much or isinstance(answer, Distress | UnsafeSent) else None

    async def _answered(self, update: Update) -> Answer | None:
        if self._overtaking.is_late(update):
            return NoLongerHere() if update.callback_query else None
        answer = await self._run(update)
        self._overtaking.note(update, answer)
        return answer

    async def _run(self, update: Update) -> Answer | None:
        for handler in self._handlers:
            check = handler.check_update(update)
            if check is None or check is False:
                continue
            context = self._application.context_types.context.from_update(update, self._application)
            answer: Answer | None = await handler.handle_update(update, self._application, check, context)
            return answer
        return None

    async def _failed(self, case: _Case, error: Exception) -> Taken:
        """Count a failure; after three the reader gets one calm sentence and the rest go on."""
        number = case.update.update_id
        tries = self._failures.get(number, 0) + 1
        self._failures[number] = tries
        if len(self._failures) > REMEMBERED_FAILURES:
            self._failures.popitem(last=False)
        if tries < TRIES:
            logs.event(logs.Event.UPDATE_FAILED, error, tries=tries)
            return Taken(Verdict.KEEP)
        try:
            apology = await self._apology(case.update)
        except (DatabaseUnavailableError, TimeoutError):
            # Not the update may be what is broken: it is brought again, and its failures are remembered.
            logs.event(logs.Event.DATABASE_UNAVAILABLE)
            return Taken(Verdict.KEEP)
        logs.event(logs.Event.UPDATE_GIVEN_UP, error, tries=tries)
        self._failures.pop(number, None)
        return Taken(Verdict.ACKNOWLEDGE, apology)

    async def _apology(self, update: Update) -> Reply | None:
        """Return one calm sentence, also to somebody whose row is what broke the answer.

        Raises DatabaseUnavailableError and TimeoutError.
        """
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                return await self._replies.to(update, TryAgainLater())
        except (DatabaseUnavailableError, TimeoutError):
            raise
        except Exception as error:
            logs.event(logs.Event.SEND_FAILED, error)
        try:
            return self._replies.to_whom_we_do_not_know(update, TryAgainLater())
        except Exception as error:  # what broke the answer may break the apology too
            logs.event(logs.Event.SEND_FAILED, error)
            return None


def _chat_of(update: Update) -> int:
    chat = update.effective_chat
    return chat.id if chat else 0


def _is_only_text(update: Update) -> bool:
    """Return whether an update is words and no command in any form: nothing is done for it but to answer."""
    message = update.effective_message
    text = message.text if isinstance(message, Message) and update.callback_query is None else None
    return bool(text) and not str(text).startswith("/") and plainly(str(text)) is None
