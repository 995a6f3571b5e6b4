"""Unasked: every message the bot sends unprompted. Loud or silent, it names nobody.

It may light up a screen beside a stranger: it and its buttons hold no name, no status and no word of
`locales/<language>/not_neutral.txt`. A test reads every screen of this module in every view.
"""

from __future__ import annotations

from typing import Any

from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter
from telegram.ext import ExtBot

from bot.chat.buttons import Ask, Button, Press, Screen
from bot.chat.calls import Calls, message_of, number_of
from bot.chat.lanes import Passage
from bot.chat.latin import latin_screen
from bot.chat.sealed_buttons import sealed_screen
from bot.chat.transport import MaybeSent, is_not_found
from bot.chat.words import in_language
from bot.domain.follower import Record
from bot.domain.people import View
from bot.domain.subjects import Wish
from bot.services.following import Following
from bot.services.sweeping import LostError, NotFoundError, OutOfReachError

WITHIN_SECONDS = 10.0
"""How long a question waits for its turn: in a flooded chat in vain, and everything else waits with it."""


def rest_left(view: View) -> Screen:
    """Say that something older is left in a chat, and how to remove it."""
    _ = in_language(view.language).gettext
    return Screen(_("Something older is left in this chat. To remove it, delete the chat in its menu."))


def stay(view: View) -> Screen:
    """Ask whether to keep things as they are."""
    _ = in_language(view.language).gettext
    text = _("Shall everything stay as you set it? Without an answer it is cleared at the end of the month.")
    return Screen(text, ((Button(_("Yes, let it stay"), Press(Ask.STAY, view)),),))


def look(view: View, name: int) -> Screen:
    """Say that there may be an answer to something asked earlier."""
    _ = in_language(view.language).gettext
    text = _("There may be an answer to what you left here. Look when you are alone.")
    return Screen(text, ((Button(_("Look"), Press(Ask.LOOK, view, Wish(name=name).code)),),))


def news(view: View, numbers: str) -> Screen:
    """Say that there is something new, and nothing of it."""
    _ = in_language(view.language).gettext
    text = _("There is something new for you here. Look when you are alone.")
    return Screen(text, (_look_at(view, numbers),))


def news_again(view: View, numbers: str) -> Screen:
    """Say so once more, where nobody knows whether the first message arrived."""
    _ = in_language(view.language).gettext
    text = _("Once more, in case it did not arrive: there is something new for you here.")
    return Screen(text, (_look_at(view, numbers),))


def changed(view: View, numbers: str) -> Screen:
    """Say that something told before was wrong, and nothing of it."""
    _ = in_language(view.language).gettext
    text = _("Something you were told has changed. Please look, when you are alone.")
    return Screen(text, (_look_at(view, numbers),))


def outdated(view: View) -> Screen:
    """Say in place of an alert that was wrong where the right one is."""
    _ = in_language(view.language).gettext
    return Screen(_("This is out of date. The newer message is below."))


def _look_at(view: View, numbers: str) -> tuple[Button, ...]:
    _ = in_language(view.language).gettext
    return (Button(_("Look"), Press(Ask.NEWS, view, numbers)),)


class TelegramMessenger:
    """Says the questions through the bot, without a sound and protected."""

    def __init__(self, bot: ExtBot[Any], following: Following) -> None:
        self._bot, self._following = bot, following

    async def ask_to_stay(self, record: Record) -> int | None:
        """Ask whether to remember a reader on. Raises OutOfReachError, LostError."""
        return await say_unasked(self._bot, record, stay(record.view))

    async def ask_to_look(self, record: Record, name: int) -> int | None:
        """Say that a name they left here may be known now. Raises OutOfReachError, LostError."""
        screen = sealed_screen(look(record.view, name), record.chat, self._following)
        return await say_unasked(self._bot, record, screen)


async def say_unasked(bot: ExtBot[Any], record: Record, screen: Screen) -> int | None:
    """Send a screen without a sound; return its number, None where it cannot be sent at all.

    Raises OutOfReachError; NotFoundError where there seems to be no such chat; LostError where it may have
    arrived.
    """
    screen = latin_screen(screen) if record.view is View.LATIN else screen
    try:
        sent = await Calls(bot).make(
            "sendMessage",
            {
                "chat_id": record.chat,
                **message_of(screen),
                "disable_notification": True,
                "protect_content": True,
            },
            Passage(patience=WITHIN_SECONDS),
        )
    except BadRequest as refusal:
        if is_not_found(refusal):
            raise NotFoundError from None
        return None
    except (Forbidden, ChatMigrated):
        return None
    except MaybeSent:
        raise LostError from None
    except (NetworkError, RetryAfter):
        raise OutOfReachError from None
    number = number_of(sent)
    if number is None:
        raise LostError  # it said yes, and not as Telegram does
    return number
