"""Latin: a finished Belarusian screen in Łacinka; tags, links and entities stay as they are."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.chat.buttons import Screen
from bot.domain.lacinka import in_latin

_KEPT = re.compile(r"(<[^>]*>|&[#\w]+;|https?://\S+)")
"""A capture, so that splitting keeps what stands between: every second piece is markup."""


def latin_screen(screen: Screen) -> Screen:
    """Return the same screen in Latin letters."""
    rows = tuple(tuple(replace(button, text=in_latin(button.text)) for button in row) for row in screen.rows)
    return replace(screen, text=latin_html(screen.text), rows=rows)


def latin_html(text: str) -> str:
    """Return Telegram's HTML with its words in Latin letters."""
    pieces = _KEPT.split(text)
    return "".join(piece if place % 2 else in_latin(piece) for place, piece in enumerate(pieces))
