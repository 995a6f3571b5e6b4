"""The courier: one alert as a message of Telegram, and what Telegram's answer to it means."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache

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
from bot.chat.calls import message_of, number_of
from bot.chat.lanes import Passage, Result, seconds_of
from bot.chat.latin import latin_screen
from bot.chat.lines import Lane
from bot.chat.transport import Encoded, MaybeSent, NotSent, encoded, is_not_found
from bot.domain.alerts import Alert, Outcome, Urgency, still_right
from bot.domain.follower import Flag, Record
from bot.domain.people import View
from bot.services.carrying import Mark, Receipt

_LANES = {Urgency.CORRECTION: Lane.CORRECTION, Urgency.RELEASE: Lane.RELEASE, Urgency.NEWS: Lane.NEWS}
_TAG = re.compile(r"<[^>]+>")
_NOBODY_THERE = ("user is deactivated", "user_deactivated")


class TelegramCourier:
    """Carries alerts through the bot, whose lanes decide when."""

    def __init__(self, bot: ExtBot[Passage], teller: Teller, *, paid: bool = False) -> None:
        """Speak as one bot; `teller` knows what readers may see who did not ask for discretion.

        `paid`: beyond Telegram's free rate, at which it refuses whoever does not offer to pay: 0.1 Stars a
        message, from the bot's balance.
        """
        assert bot.rate_limiter is not None  # noqa: S101  (nothing is sent but in its turn)
        self._bot, self._teller, self._paid, self._lanes = bot, teller, paid, bot.rate_limiter

    async def carry(self, alert: Alert, mark: Mark, *, plain: bool = False) -> Receipt:
        """Send an alert; `mark` is awaited right before the call. Raises what `mark` raises.

        The library's own `send_message` is passed by: it takes more time over the parameters and the answer,
        of which one number is wanted, than everything else around an alert.
        """
        chat = alert.record.chat
        body = b'{"chat_id":%d,%b' % (chat, await self._said(alert, plain=plain))
        passage = Passage(_LANES[alert.urgency], mark, again=False)
        try:
            sent = await self._lanes.process_request(
                self._send, (body,), {}, "sendMessage", {"chat_id": chat}, passage
            )
        except TelegramError as error:
            return _receipt(error)
        return _arrived(sent)

    async def _send(self, body: bytes) -> Result:
        return await self._bot.request.post(f"{self._bot.base_url}/sendMessage", Encoded(body))

    async def _edit(self, body: bytes) -> Result:
        return await self._bot.request.post(f"{self._bot.base_url}/editMessageText", Encoded(body))

    async def amend(self, record: Record, message: int, mark: Mark) -> None:
        """Make an alert that was wrong say that a newer one is below; what is gone stays gone.

        One of which a part is right becomes what it was before its tap: it would go on saying the rest.
        `mark` is awaited right before the call. Raises what `mark` raises.
        """
        right = still_right(record, message)
        screen = unasked.news(record.view, "{}-{}".format(*right)) if right else unasked.outdated(record.view)
        said = {"chat_id": record.chat, "message_id": message} | message_of(_written(screen, record.view))
        passage = Passage(Lane.CORRECTION, mark, again=False)
        try:
            await self._lanes.process_request(
                self._edit, (encoded(said),), {}, "editMessageText", {"chat_id": record.chat}, passage
            )
        except TelegramError:
            return  # the correction itself has arrived: this was only to spare a second look

    async def _said(self, alert: Alert, *, plain: bool) -> bytes:
        """Return what follows the chat in a call: to almost everybody one of a few, made once for all."""
        numbers = f"{alert.first}-{alert.last}"
        kind = (alert.record.view, numbers, alert.urgency is Urgency.CORRECTION, alert.is_repeat)
        how = _How(alert.record.view, alert.is_loud, self._paid, plain)
        if Flag.DISCREET in alert.record.flags:
            return _neutral_message(*kind, how)
        return _message(await self._teller.in_full(alert, _neutral(*kind)), how)


@dataclass(frozen=True, slots=True)
class _How:
    view: View
    is_loud: bool
    is_paid: bool
    plain: bool


@lru_cache(maxsize=256)
def _neutral_message(view: View, numbers: str, is_correction: bool, is_repeat: bool, how: _How) -> bytes:
    return _message(_neutral(view, numbers, is_correction, is_repeat), how)


def _neutral(view: View, numbers: str, is_correction: bool, is_repeat: bool) -> Screen:
    if is_correction:
        return unasked.changed(view, numbers)
    return (unasked.news_again if is_repeat else unasked.news)(view, numbers)


def _message(screen: Screen, how: _How) -> bytes:
    """Return the parameters of a call that do not depend on the chat, without the brace they begin with."""
    said = message_of(_written(screen, how.view))
    if how.plain:
        del said["parse_mode"]
        said["text"] = html.unescape(_TAG.sub("", said["text"]))
    said |= {"protect_content": True, "disable_notification": not how.is_loud}
    if how.is_paid and not how.plain:  # where Telegram refuses the offer, the second try goes without it
        said["allow_paid_broadcast"] = True
    return encoded(said)[1:]


def _written(screen: Screen, view: View) -> Screen:
    return latin_screen(screen) if view is View.LATIN else screen


def _arrived(sent: Result) -> Receipt:
    number = number_of(sent)
    # It said yes, and not as Telegram does: perhaps somebody between us and it.
    return Receipt(Outcome.UNSURE) if number is None else Receipt(Outcome.DONE, number)


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
        return Receipt(_refused(error))
    return Receipt(Outcome.UNSURE if isinstance(error, NetworkError) else Outcome.POISON)


def _refused(error: BadRequest) -> Outcome:
    said = error.message.lower()
    if any(words in said for words in _NOBODY_THERE):
        return Outcome.GONE
    return Outcome.NOT_FOUND if is_not_found(error) else Outcome.POISON
