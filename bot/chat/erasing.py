"""Erasing: messages of both sides taken out of a chat, as far as Telegram still lets a bot do it."""

from __future__ import annotations

import enum
import math
from collections.abc import Collection

from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter
from telegram.ext import ExtBot

from bot.chat.lanes import Passage
from bot.chat.transport import is_not_found
from bot.chat.unasked import rest_left, say_unasked
from bot.domain.follower import Record
from bot.services.sweeping import NotFoundError, OutOfReachError

AT_ONCE = 100
ORDINARY = "Ok"
"""What a screen says that cannot be deleted, or is about to be: the same in every language."""


class _End(enum.Enum):
    """What became of one message."""

    DELETED = enum.auto()
    NOT_FOUND = enum.auto()
    LEFT = enum.auto()


class TelegramEraser:
    """Deletes and blanks messages through the bot, whose lanes decide when."""

    def __init__(self, bot: ExtBot[Passage]) -> None:
        self._bot = bot
        self._asked: dict[int, set[int]] = {}
        """By which messages of a chat a try asked that was cut off. They may be gone while others are not."""

    async def delete(
        self,
        chat: int,
        messages: Collection[int],
        patience: float = math.inf,
        *,
        are_there: bool = True,
    ) -> frozenset[int]:
        """Delete, and return what Telegram no longer deletes. Raises OutOfReachError, NotFoundError.

        `patience`: the seconds that a call may wait for its turn. `are_there`: not merely numbers that may
        have been given to something: then it is also seen to that they went.
        """
        numbers, left, passage = sorted(messages), set[int](), Passage(patience=patience)
        for first in range(0, len(numbers), AT_ONCE):
            batch = numbers[first : first + AT_ONCE]
            if are_there:
                left |= await self._surely(chat, batch, passage)
            elif not await self._all(chat, batch, passage):
                left |= await self._singly(chat, batch, passage)
        self._asked.pop(chat, None)
        return frozenset(left)

    async def _surely(self, chat: int, batch: list[int], passage: Passage) -> set[int]:
        """Delete a batch, and see by its last message whether that was done; return what is left.

        A try that was cut off may have deleted the last one, and it alone: then another one is asked by.

        Where Telegram's server cannot look messages up, as in a flood, it says yes to deleteMessages and
        deletes nothing (tdlib/telegram-bot-api, `TdOnCheckMessagesCallback` in Client.cpp, read on 30
        November 2026): taken at its word, they would stay for good. To deleteMessage it says what is wrong.
        """
        left, before = set[int](), frozenset(self._asked.get(chat, ()))
        batch.sort(key=lambda number: (number not in before, number))
        while len(batch) > 2 and batch[-1] not in before and await self._all(chat, batch, passage):
            last = batch.pop()
            self._asked.setdefault(chat, set()).add(last)
            end = await self._one(chat, last, passage)
            if end is _End.NOT_FOUND:
                return left
            if end is _End.LEFT:
                left.add(last)
        return left | await self._singly(chat, batch, passage)

    async def _singly(self, chat: int, batch: list[int], passage: Passage) -> set[int]:
        """Delete one after another: a message that is too old holds up a whole batch."""
        return {number for number in batch if await self._one(chat, number, passage) is _End.LEFT}

    async def _all(self, chat: int, batch: list[int], passage: Passage) -> bool:
        try:
            await self._bot.delete_messages(chat, batch, rate_limit_args=passage)
        except BadRequest as refusal:
            _see_that_it_is_there(refusal)
            return False
        except (Forbidden, ChatMigrated):
            return True  # the bot was blocked, or the chat is another now: nothing more can be done there
        except (NetworkError, RetryAfter):
            raise OutOfReachError from None
        return True

    async def _one(self, chat: int, number: int, passage: Passage) -> _End:
        try:
            await self._bot.delete_message(chat, number, rate_limit_args=passage)
        except BadRequest as refusal:
            _see_that_it_is_there(refusal)
            return _End.NOT_FOUND if "to delete not found" in refusal.message.lower() else _End.LEFT
        except (Forbidden, ChatMigrated):
            return _End.NOT_FOUND
        except (NetworkError, RetryAfter):
            raise OutOfReachError from None
        return _End.DELETED

    @property
    def cut_off(self) -> Collection[int]:
        """Return the chats in which a deletion was cut off, and is still to be done again."""
        return self._asked.keys()

    def forget(self, chat: int) -> None:
        """Forget what a deletion that was cut off asked by."""
        self._asked.pop(chat, None)

    async def blank(self, chat: int, messages: Collection[int], patience: float = math.inf) -> None:
        """Make messages of the bot say something ordinary. Raises OutOfReachError, NotFoundError."""
        passage = Passage(patience=patience)
        for number in messages:
            try:
                await self._bot.edit_message_text(
                    ORDINARY, chat_id=chat, message_id=number, rate_limit_args=passage
                )
            except BadRequest as refusal:
                _see_that_it_is_there(refusal)  # else it is the reader's own, or gone
            except (Forbidden, ChatMigrated):
                continue
            except (NetworkError, RetryAfter):
                raise OutOfReachError from None

    async def tell_of_rest(self, record: Record) -> int | None:
        """Say that something older is left here, without a sound. Raises OutOfReachError, LostError."""
        return await say_unasked(self._bot, record, rest_left(record.view))


def _see_that_it_is_there(refusal: BadRequest) -> None:
    """Raise NotFoundError where Telegram finds no such chat: taken at its word, what is there would stay."""
    if is_not_found(refusal):
        raise NotFoundError from None
