"""The courier: one alert as a message of Telegram, and what Telegram's answer to it means."""

from __future__ import annotations

import html
import re
from functools import lru_cache
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
from bot.chat.lanes import Lane, Passage, Result, seconds_of
from bot.chat.latin import latin_screen
from bot.chat.sending import keyboard
from bot.chat.transport import MaybeSent, NotSent, data_of
from bot.domain.alerts import Alert, Outcome, Urgency
from bot.domain.follower import Flag, Record
from bot.domain.people import View
from bot.services.delivering import Mark, Receipt

_LANES = {Urgency.CORRECTION: Lane.CORRECTION, Urgency.RELEASE: Lane.RELEASE, Urgency.NEWS: Lane.NEWS}
_TAG = re.compile(r"<[^>]+>")
_NOBODY_THERE = ("chat not found", "user not found", "user is deactivated", "bot can't initiate")


class TelegramCourier:
    """Carries alerts through the bot, whose lanes decide when."""

    def __init__(self, bot: ExtBot[Passage], teller: Teller, *, paid: bool = False) -> None:
        """Speak as one bot; `teller` knows what those may read who did not ask for discretion.

        `paid`: beyond Telegram's free rate, at which it refuses whoever does not offer to pay.
        """
        assert bot.rate_limiter is not None  # noqa: S101  (nothing is sent but in its turn)
        self._bot, self._teller, self._paid, self._lanes = bot, teller, paid, bot.rate_limiter

    async def carry(self, alert: Alert, mark: Mark, *, plain: bool = False) -> Receipt:
        """Send an alert; `mark` is awaited right before the call. Raises what `mark` raises.

        The library's own `send_message` is passed by: it takes more time over the parameters and the answer,
        of which one number is wanted, than everything else around an alert.
        """
        chat = alert.record.chat
        call = {"chat_id": chat, **await self._said(alert, plain=plain)}
        if not alert.is_loud:
            call["disable_notification"] = True
        if self._paid:
            call["allow_paid_broadcast"] = True
        try:
            sent = await self._lanes.process_request(
                self._send,
                (call,),
                {},
                "sendMessage",
                {"chat_id": chat},
                Passage(_LANES[alert.urgency], mark, again=False),
            )
        except TelegramError as error:
            return _receipt(error)
        return _arrived(sent)

    async def _send(self, call: dict[str, Any]) -> Result:
        return await self._bot.request.post(f"{self._bot.base_url}/sendMessage", data_of(call))

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

    async def _said(self, alert: Alert, *, plain: bool) -> dict[str, Any]:
        """Return what an alert says: to almost everybody one of a few messages, made once for all."""
        numbers = f"{alert.first}-{alert.last}"
        kind = (alert.record.view, numbers, alert.urgency is Urgency.CORRECTION, alert.is_repeat)
        if Flag.DISCREET in alert.record.flags:
            return _neutral_message(*kind, plain)
        return _message(await self._teller.in_full(alert, _neutral(*kind)), alert.record.view, plain=plain)


@lru_cache(maxsize=256)
def _neutral_message(
    view: View, numbers: str, is_correction: bool, is_repeat: bool, plain: bool
) -> dict[str, Any]:
    return _message(_neutral(view, numbers, is_correction, is_repeat), view, plain=plain)


def _neutral(view: View, numbers: str, is_correction: bool, is_repeat: bool) -> Screen:
    if is_correction:
        return unasked.changed(view, numbers)
    return (unasked.news_again if is_repeat else unasked.news)(view, numbers)


def _message(screen: Screen, view: View, *, plain: bool) -> dict[str, Any]:
    """Return the part of a call that does not depend on the chat; nobody may change it."""
    screen = _written(screen, view)
    markup = keyboard(screen)
    return {
        "text": html.unescape(_TAG.sub("", screen.text)) if plain else screen.text,
        # A preview would fetch a page of a banned publisher into the reader's chat.
        "link_preview_options": {"is_disabled": True},
        "protect_content": True,
        **({} if plain else {"parse_mode": "HTML"}),
        **({"reply_markup": markup.to_dict()} if markup else {}),
    }


def _written(screen: Screen, view: View) -> Screen:
    return latin_screen(screen) if view is View.LATIN else screen


def _arrived(sent: Result) -> Receipt:
    number = sent.get("message_id") if isinstance(sent, dict) else None
    # It said yes, and not as Telegram does: perhaps somebody between us and it.
    return Receipt(Outcome.DONE, number) if isinstance(number, int) else Receipt(Outcome.UNSURE)


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
