"""Replies: an update and its Answer become a destination and a screen for that reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from telegram import Message, Update

from bot.chat import messages
from bot.chat.again import with_other_views
from bot.chat.buttons import Screen
from bot.chat.handlers import view_of
from bot.chat.latin import latin_screen
from bot.chat.readers import Readers
from bot.chat.sending import Destination
from bot.chat.voice import Voice
from bot.chat.words import in_language
from bot.domain.people import View
from bot.domain.questions import Answer, PrivateOnly


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes where. No screen: only the tap's progress bar is ended."""

    to: Destination
    screen: Screen | None


class Replies:
    """Speaks answers to readers in their language and with the care their place asks for."""

    def __init__(self, readers: Readers, controller: str, today: Callable[[], date]) -> None:
        """Hold what every screen needs."""
        self._readers = readers
        self._controller = controller
        self._today = today

    def to(self, update: Update, answer: Answer | None) -> Reply | None:
        """Return the reply to an update, or None when nothing is owed (no chat, nothing asked)."""
        destination = _destination(update, answer)
        if destination is None or (answer is None and destination.callback_id is None):
            return None
        screen = None
        if answer is not None:
            reader = self._readers.of(destination.chat_id, view_of(update))
            voice = Voice(in_language(reader.view.language), reader, self._today(), self._controller)
            screen = messages.say(answer, voice)
            if reader.view is View.LATIN:
                screen = latin_screen(screen)
            screen = with_other_views(screen, answer, reader.view)
        return Reply(destination, screen)


def _destination(update: Update, answer: Answer | None) -> Destination | None:
    chat, query = update.effective_chat, update.callback_query
    if query is None:
        return Destination(chat.id) if chat else None
    chat_id = chat.id if chat else query.from_user.id
    # A message too old to be read can no longer be edited; a group's is left as it is.
    editable = isinstance(query.message, Message) and not isinstance(answer, PrivateOnly)
    message_id = query.message.message_id if editable and query.message else None
    return Destination(chat_id, query.id, message_id)
