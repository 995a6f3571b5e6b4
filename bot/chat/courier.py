"""The courier: one alert as a message of Telegram, and what Telegram's answer to it means."""

from __future__ import annotations

import html
import re
from typing import Any

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from bot import logs
from bot.chat import unasked
from bot.chat.alert_screens import Teller
from bot.chat.buttons import Screen
from bot.chat.lanes import Lane, Passage, seconds_of
from bot.chat.latin import latin_screen
from bot.chat.sending import keyboard
from bot.chat.transport import MaybeSent, NotSent
from bot.domain.alerts import Alert, Outcome, Urgency
from bot.domain.follower import Flag, Record
from bot.domain.people import View
from bot.services.delivering import Mark, Receipt

_LANES = {Urgency.CORRECTION: Lane.CORRECTION, Urgency.RELEASE: Lane.RELEASE, Urgency.NEWS: Lane.NEWS}
_TAG = re.compile(r"<[^>]+>")
_NOBODY_THERE = ("chat not found", "user not found", "user is deactivated", "bot can't initiate")


class TelegramCourier:
    """Carries alerts through the bot, whose lanes decide when."""

    def __init__(self, bot: ExtBot[Any], teller: Teller, *, paid: bool = False) -> None:
        """Speak as one bot; `teller` knows what those may read who did not ask for discretion.

        `paid`: beyond Telegram's free rate, at which it refuses whoever does not offer to pay.
        """
        self._bot, self._teller, self._paid = bot, teller, paid

    async def carry(self, alert: Alert, mark: Mark, *, plain: bool = False) -> Receipt:
        """Send an alert; `mark` is awaited right before the call. Raises what `mark` raises."""
        screen = await self._screen(alert)
        text, mode = (html.unescape(_TAG.sub("", screen.text)), None) if plain else (screen.text, "HTML")
        try:
            sent = await self._bot.send_message(
                alert.record.chat,
                text,
                parse_mode=mode,
                reply_markup=keyboard(screen),
                disable_notification=not alert.is_loud,
                protect_content=True,
                allow_paid_broadcast=self._paid or None,
                rate_limit_args=Passage(_LANES[alert.urgency], mark, again=False),
            )
        except TelegramError as error:
            return _receipt(error)
        return Receipt(Outcome.DONE, sent.message_id)

    async def amend(self, record: Record, message: int) -> None:
        """Make an alert that was wrong say that a newer one is below; what is gone stays gone."""
        screen = _written(unasked.outdated(record.view), record.view)
        try:
            await self._bot.edit_message_text(
                screen.text,
                chat_id=record.chat,
                message_id=message,
                rate_limit_args=Passage(Lane.CORRECTION, again=False),
            )
        except TelegramError:
            return  # the correction itself has arrived: this was only to spare a second look

    async def _screen(self, alert: Alert) -> Screen:
        record, view = alert.record, alert.record.view
        numbers = f"{alert.first}-{alert.last}"
        if alert.urgency is Urgency.CORRECTION:
            screen = unasked.changed(view, numbers)
        else:
            screen = (unasked.news_again if alert.is_repeat else unasked.news)(view, numbers)
        if Flag.DISCREET not in record.flags:
            screen = await self._teller.in_full(alert, screen)
        return _written(screen, view)


def _written(screen: Screen, view: View) -> Screen:
    return latin_screen(screen) if view is View.LATIN else screen


def _receipt(error: TelegramError) -> Receipt:
    """Say what a refusal or a failure means: a table, for each line of which there is a test."""
    if isinstance(error, ChatMigrated):
        return Receipt(Outcome.MOVED, chat=error.new_chat_id)
    if isinstance(error, Forbidden):
        return Receipt(Outcome.GONE)
    if isinstance(error, InvalidToken):
        return Receipt(Outcome.DEAD)
    if isinstance(error, Conflict):
        logs.event(logs.Event.ANOTHER_POLLER)
        return Receipt(Outcome.NOT_SENT)
    if isinstance(error, RetryAfter):
        return Receipt(Outcome.NOT_SENT, wait=seconds_of(error))
    if isinstance(error, NotSent):
        return Receipt(Outcome.NOT_SENT)
    if isinstance(error, MaybeSent):
        return Receipt(Outcome.UNSURE)
    if isinstance(error, BadRequest):
        gone = any(words in error.message.lower() for words in _NOBODY_THERE)
        return Receipt(Outcome.GONE if gone else Outcome.POISON)
    return Receipt(Outcome.UNSURE if isinstance(error, NetworkError) else Outcome.POISON)
