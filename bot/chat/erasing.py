"""Erasing: messages of both sides taken out of a chat, as far as Telegram still lets a bot do it."""

from __future__ import annotations

import math
from collections.abc import Collection

from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter
from telegram.ext import ExtBot

from bot.chat.lanes import Passage
from bot.chat.unasked import rest_left, say_unasked
from bot.domain.follower import Record
from bot.services.sweeping import OutOfReachError

AT_ONCE = 100
ORDINARY = "Ok"
"""What a screen says that cannot be deleted, or is about to be: the same in every language."""


class TelegramEraser:
    """Deletes and blanks messages through the bot, whose lanes decide when."""

    def __init__(self, bot: ExtBot[Passage]) -> None:
        self._bot = bot

    async def delete(
        self, chat: int, messages: Collection[int], patience: float = math.inf
    ) -> frozenset[int]:
        """Delete, and return what Telegram no longer deletes. Raises OutOfReachError.

        `patience`: the seconds that a call may wait for its turn.
        """
        numbers, left, passage = list(messages), set[int](), Passage(patience=patience)
        for first in range(0, len(numbers), AT_ONCE):
            batch = numbers[first : first + AT_ONCE]
            if not await self._deleted(chat, batch, passage):
                # One message that is too old holds up the whole batch.
                left |= {number for number in batch if not await self._deleted(chat, [number], passage)}
        return frozenset(left)

    async def _deleted(self, chat: int, batch: list[int], passage: Passage) -> bool:
        try:
            await self._bot.delete_messages(chat, batch, rate_limit_args=passage)
        except BadRequest:
            return False
        except (Forbidden, ChatMigrated):
            return True  # the bot was blocked, or the chat is another now: nothing more can be done there
        except (NetworkError, RetryAfter):
            raise OutOfReachError from None
        return True

    async def blank(self, chat: int, messages: Collection[int]) -> None:
        """Make messages of the bot say something ordinary. Raises OutOfReachError."""
        for number in messages:
            try:
                await self._bot.edit_message_text(ORDINARY, chat_id=chat, message_id=number)
            except (BadRequest, Forbidden, ChatMigrated):
                continue  # the reader's own, or gone
            except (NetworkError, RetryAfter):
                raise OutOfReachError from None

    async def tell_of_rest(self, record: Record) -> int | None:
        """Say that something older is left here, without a sound. Raises OutOfReachError, LostError."""
        return await say_unasked(self._bot, record, rest_left(record.view))
