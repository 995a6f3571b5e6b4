"""Replies: an update and its Answer become a destination and a screen for that reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from telegram import Message, Update

from bot.chat import messages
from bot.chat.again import with_other_views
from bot.chat.buttons import Screen
from bot.chat.handlers import view_of
from bot.chat.latin import latin_screen
from bot.chat.readers import Reader, reader_of
from bot.chat.sealed_buttons import sealed_screen
from bot.chat.voice import Voice
from bot.chat.words import in_language
from bot.domain.answers import Answer, PrivateOnly
from bot.domain.own_answers import Cleared, Forgotten, Kept, PersonalSent
from bot.domain.people import View
from bot.services.following import Following

EDITABLE = timedelta(hours=46)
"""What is older gets a new message instead: an edited one could not be deleted any more in time."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an answer goes: a chat and, for a tap, the callback to answer and the message to edit.

    `is_protected`: that message cannot be forwarded or copied, whatever it is edited to say.
    """

    chat_id: int = field(repr=False)
    callback_id: str | None = field(default=None, repr=False)
    message_id: int | None = field(default=None, repr=False)
    is_protected: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes where. No screen: only the tap's progress bar is ended, with a word or without."""

    to: Destination
    screen: Screen | None
    notice: str | None = None
    delete: tuple[int, ...] = ()
    """Messages that go as soon as they are answered."""
    bare: bool = False
    """The tapped message stays as it is, for good: without buttons, a tap on which would change it."""


class Replies:
    """Speaks answers to readers in their language and with the care their place asks for."""

    def __init__(self, following: Following, controller: str, now: Callable[[], datetime]) -> None:
        self._following = following
        self._controller = controller
        self._now = now

    async def to(self, update: Update, answer: Answer | None) -> Reply | None:
        """Return the reply to an update, or None when nothing is owed (no chat, nothing asked)."""
        destination = _destination(update, answer, self._now())
        if destination is None or (answer is None and destination.callback_id is None):
            return None
        if answer is None:
            return Reply(destination, None)
        record = await self._following.of(destination.chat_id) if destination.chat_id > 0 else None
        return self._said(update, answer, destination, reader_of(record, view_of(update)))

    def to_whom_we_do_not_know(self, update: Update, answer: Answer) -> Reply | None:
        """Do the same for somebody whose row does not open: as their phone is set, with the most care."""
        destination = _destination(update, answer, self._now())
        if destination is None:
            return None
        return self._said(update, answer, destination, reader_of(None, view_of(update)))

    def _said(self, update: Update, answer: Answer, destination: Destination, reader: Reader) -> Reply:
        voice = Voice(in_language(reader.view.language), reader, self._now().date(), self._controller)
        screen = messages.say(answer, voice)
        if reader.view is View.LATIN:
            screen = latin_screen(screen)
        if isinstance(answer, Forgotten | Kept) and destination.callback_id is not None:
            # A word that passes over the screen: a message would have to be remembered to be deleted.
            return Reply(destination, None, screen.text, bare=isinstance(answer, Kept))
        message = update.effective_message
        told = isinstance(answer, PersonalSent) and message is not None
        delete = (message.message_id,) if told and message else ()
        screen = with_other_views(screen, answer, reader.view)
        return Reply(destination, sealed_screen(screen, destination.chat_id, self._following), delete=delete)


def _destination(update: Update, answer: Answer | None, now: datetime) -> Destination | None:
    chat, query = update.effective_chat, update.callback_query
    if query is None:
        return Destination(chat.id) if chat else None
    chat_id = chat.id if chat else query.from_user.id
    # A message too old to be read can no longer be edited; a group's is left as it is.
    message = query.message
    stays = isinstance(answer, PrivateOnly | Cleared)
    if stays or not isinstance(message, Message) or now - message.date > EDITABLE:
        return Destination(chat_id, query.id)
    return Destination(chat_id, query.id, message.message_id, bool(message.has_protected_content))
