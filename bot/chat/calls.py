"""Bot API calls made as plain JSON, past the library's slower methods.

The library checks every parameter and builds objects of every button and of the whole reply; we need only
the message's number.
"""

from __future__ import annotations

from typing import Any

from telegram.ext import ExtBot

from bot.chat.buttons import Button, Screen
from bot.chat.lanes import Passage, Result
from bot.chat.transport import data_of


class Calls:
    """Makes calls of the Bot API with plain JSON, each when the lanes let it."""

    def __init__(self, bot: ExtBot[Passage]) -> None:
        """Call through a bot's own lanes and transport."""
        assert bot.rate_limiter is not None  # noqa: S101  (nothing is sent but in its turn)
        self._bot, self._lanes = bot, bot.rate_limiter

    async def make(self, method: str, parameters: dict[str, Any], passage: Passage | None = None) -> Result:
        """Make one call and return what Telegram says. Raises TelegramError."""
        return await self._lanes.process_request(
            self._post, (method, parameters), {}, method, parameters, passage
        )

    async def _post(self, method: str, parameters: dict[str, Any]) -> Result:
        return await self._bot.request.post(f"{self._bot.base_url}/{method}", data_of(parameters))


def message_of(screen: Screen) -> dict[str, Any]:
    """Return what a message or an edit says."""
    said: dict[str, Any] = {
        "text": screen.text,
        "parse_mode": "HTML",
        # A preview would fetch a page of a banned publisher into the reader's chat.
        "link_preview_options": {"is_disabled": True},
    }
    if screen.rows:
        rows = [[_button(button) for button in row] for row in screen.rows]
        said["reply_markup"] = {"inline_keyboard": rows}
    return said


def number_of(sent: Result) -> int | None:
    """Return the number of the message that was sent; None where the answer is none of Telegram's."""
    number = sent.get("message_id") if isinstance(sent, dict) else None
    return number if isinstance(number, int) else None


def _button(button: Button) -> dict[str, str]:
    return {"text": button.text, "callback_data": button.press.data()}
