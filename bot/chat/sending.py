"""Sending: the one door through which the bot answers; what it says unasked, and deletes, goes past it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot import logs
from bot.chat.buttons import Screen
from bot.chat.calls import Calls, message_of, number_of
from bot.chat.lanes import Passage, seconds_of
from bot.chat.replies import Destination, Reply
from bot.chat.transport import MaybeSent, NotSent
from bot.chat.turns import Turns
from bot.services.following import Following
from bot.services.wiping import Wiping
from bot.store.database import DatabaseUnavailableError
from bot.store.vault import VaultBusyError

TRIES = 4
PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
UNREACHED_SECONDS = 30.0
"""How long Telegram is tried while it cannot be reached: nobody else would ever give this answer."""
DOUBLE_TAP_SECONDS = 2.0
"""Later another process may have edited the message, and what was shown here says nothing of it."""
REMEMBERED = 10_000


@dataclass(slots=True)
class Sent:
    """A new message's number, if there is one; `lost`: a copy may have arrived, its number unknown.

    `gone`: nobody is there any more.
    """

    number: int | None = field(default=None, repr=False)
    lost: bool = False
    gone: bool = False


class Sender:
    """Shows screens: a tap edits its message in place, anything else gets a new one.

    What was shown is noted for deletion; a reader who blocked the bot is forgotten.
    """

    def __init__(self, bot: ExtBot[Passage], wiping: Wiping, following: Following) -> None:
        """Send through one bot; its rate limiter decides when."""
        self._calls = Calls(bot)
        self._wiping, self._following = wiping, following
        self._turns = Turns()
        self._shown: OrderedDict[tuple[int, int], tuple[int, float]] = OrderedDict()
        """What each message shows and since when, by the clock of the loop."""

    async def show(self, reply: Reply) -> None:
        """Show a screen. Never raises: what could not be sent is counted in the log, without content.

        A request that may have arrived is repeated: two equal answers are better than none.
        """
        to, sent = reply.to, Sent()
        async with self._turns.of(to.chat_id):
            try:
                await self._shown_as(to, reply, sent)
            except Exception as error:
                logs.event(logs.Event.SEND_FAILED, error)
            try:
                await self._note(reply, sent)
            except (DatabaseUnavailableError, VaultBusyError) as error:
                # `wiping` writes it down later; after a crash the row says that an answer is on its way.
                logs.event(logs.Event.DATABASE_UNAVAILABLE, error)
            except Exception as error:  # one damaged row: whoever waits for an answer does not fall with it
                logs.event(logs.Event.SEND_FAILED, error)

    def waiting(self, chat: int) -> int:
        """Return how many answers are on their way to a chat."""
        return self._turns.waiting(chat)

    def gave_up(self, reply: Reply) -> None:
        """Note that a screen is not shown: what it answers will come again."""
        self._wiping.gave_up(reply.to.chat_id)

    async def _note(self, reply: Reply, sent: Sent) -> None:
        """Write down what became of a screen: when it goes, or that nobody is there."""
        chat = reply.to.chat_id
        if chat > 0:
            await self._wiping.settled(chat, sent.number, lost=sent.lost)
            if reply.delete:
                await self._wiping.delete(chat, reply.delete)
        if sent.gone:
            await self._following.erase(chat)

    async def _shown_as(self, to: Destination, reply: Reply, sent: Sent) -> None:
        """Show a screen, and say in `sent` what became of it."""
        if to.callback_id is not None:
            notice = {"text": reply.notice} if reply.notice is not None else {}
            query = {"callback_query_id": to.callback_id, **notice}
            await self._persist(lambda: self._calls.make("answerCallbackQuery", query))
        if reply.bare and to.message_id is not None:
            bare = {"chat_id": to.chat_id, "message_id": to.message_id}
            await self._persist(lambda: self._calls.make("editMessageReplyMarkup", bare))
        screen = reply.screen
        if screen is None:
            return
        # Protection cannot be added to a message that stands there already. An alert has it: what it opens to
        # takes its place, or a copy that no correction finds would go on saying what was taken back.
        kept = to.is_protected or not screen.protected
        if kept and to.message_id is not None and await self._edited(to.chat_id, to.message_id, screen):
            return
        await self._persist(lambda: self._send(to.chat_id, screen, sent))

    async def _edited(self, chat_id: int, message_id: int, screen: Screen) -> bool:
        """Edit in place; False when the message can no longer be edited."""
        mark = hash(screen)
        # A double tap asks for the same screen twice: Telegram refuses an edit that changes nothing.
        shown, since = self._shown.get((chat_id, message_id), (None, 0.0))
        if shown == mark and asyncio.get_running_loop().time() - since < DOUBLE_TAP_SECONDS:
            return True
        self._shown.pop((chat_id, message_id), None)
        edit = {"chat_id": chat_id, "message_id": message_id, **message_of(screen)}
        done = await self._persist(lambda: self._calls.make("editMessageText", edit))
        if done:
            self._remember(chat_id, message_id, mark)
        return done

    async def _send(self, chat_id: int, screen: Screen, sent: Sent) -> None:
        protected = {"protect_content": True} if screen.protected else {}
        try:
            message = await self._calls.make(
                "sendMessage", {"chat_id": chat_id, **message_of(screen), **protected}
            )
        except Forbidden:
            sent.gone = True
            raise
        except MaybeSent:
            sent.lost = True
            raise
        number = number_of(message)
        if number is None:
            sent.lost = True  # it said yes, and not as Telegram does
            return
        sent.number = number
        self._remember(chat_id, number, hash(screen))

    def _remember(self, chat_id: int, message_id: int, mark: int) -> None:
        self._shown[chat_id, message_id] = mark, asyncio.get_running_loop().time()
        self._shown.move_to_end((chat_id, message_id))
        if len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)

    async def _persist(self, act: Callable[[], Awaitable[Any]]) -> bool:
        """Do one call to the end; False when Telegram refuses it or cannot be reached for too long."""
        time = asyncio.get_running_loop().time
        began, tries, pause = time(), 0, PAUSE_SECONDS
        while tries < TRIES:
            try:
                await act()
            except Forbidden:
                return True  # they blocked the bot: there is nobody to answer, and nothing to keep
            except RetryAfter as flood:
                tries += 1
                await asyncio.sleep(seconds_of(flood))
            except BadRequest as refusal:
                return _nothing_to_change(refusal)
            except NetworkError as error:
                # What never got there repeats nothing: it is tried for longer than what may have arrived.
                if not isinstance(error, NotSent):
                    tries += 1
                elif time() - began > UNREACHED_SECONDS:
                    break
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            except TelegramError as error:
                logs.event(logs.Event.SEND_FAILED, error)
                return False
            else:
                return True
        logs.event(logs.Event.SEND_FAILED, tries=tries)
        return False


def _nothing_to_change(refusal: BadRequest) -> bool:
    """Return whether a refusal means that everything is as it should be already."""
    said = refusal.message.lower()
    if "not modified" in said or "query is too old" in said:
        return True
    logs.event(logs.Event.SEND_FAILED, refusal)
    return False
