"""Overtaking: an update that comes after one its person sent later, and must not undo it.

By webhook Telegram brings the messages, the taps and the blocks of one person in three rows. What was not
taken pauses its own row only, for up to two minutes (Client.cpp, WebhookActor.cpp of its Bot API server).
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from dataclasses import dataclass

from telegram import Update

from bot.chat.buttons import Ask, parse
from bot.domain.answers import Answer
from bot.domain.own_answers import Forgotten, Stopped

REMEMBERED = 10_000
LATE_TAP_SECONDS = 300.0
"""Telegram brings a tap for 150 seconds, and its last try may take a while."""
LATE_BLOCK_SECONDS = 24 * 3600.0
"""Everything else is brought for a day. Only after a week without updates are they numbered from elsewhere:
within these spans the lower number is the older update."""
_WISHES = frozenset({Ask.FOLLOW, Ask.AGREE, Ask.MEANT})
"""Taps after which somebody is told of news."""


@dataclass(slots=True, repr=False)
class _Last:
    """The number of an update, and when it was carried out by the clock of the loop."""

    number: int = 0
    at: float = -math.inf

    def note(self, number: int, span: float) -> None:
        now = asyncio.get_running_loop().time()
        if number > self.number or now - self.at > span:
            self.number, self.at = number, now

    def is_after(self, number: int, span: float) -> bool:
        return number < self.number and asyncio.get_running_loop().time() - self.at <= span


class Overtaking:
    """Remembers, in memory, the last that each of the last chats did here, and its last `/stop` or block.

    What another process carried out, or this one before a restart, is not known.
    """

    def __init__(self) -> None:
        self._chats: OrderedDict[int, tuple[_Last, _Last]] = OrderedDict()

    def is_late(self, update: Update) -> bool:
        """Return whether this is a wish from before a `/stop` or block, or a block of who came back since."""
        last, stop = self._chats.get(private_chat_of(update), (_Last(), _Last()))
        if _is_wish(update):
            return stop.is_after(update.update_id, LATE_TAP_SECONDS)
        return _is_block(update) and last.is_after(update.update_id, LATE_BLOCK_SECONDS)

    def note(self, update: Update, answer: Answer | None) -> None:
        """Note what was carried out."""
        chat = private_chat_of(update)
        if not chat:
            return
        last, stop = self._chats.setdefault(chat, (_Last(), _Last()))
        self._chats.move_to_end(chat)
        if update.my_chat_member is None:
            last.note(update.update_id, LATE_BLOCK_SECONDS)
        if _is_block(update) or isinstance(answer, Stopped | Forgotten):
            stop.note(update.update_id, LATE_TAP_SECONDS)
        if len(self._chats) > REMEMBERED:
            self._chats.popitem(last=False)


def private_chat_of(update: Update) -> int:
    """Return the private chat of an update, or 0: of a group nothing is remembered."""
    chat = update.effective_chat
    return chat.id if chat and chat.type == "private" else 0


def _is_wish(update: Update) -> bool:
    query = update.callback_query
    press = parse(query.data or "") if query else None
    return press is not None and press.ask in _WISHES


def _is_block(update: Update) -> bool:
    change = update.my_chat_member
    return change is not None and change.new_chat_member.status == "kicked"
