"""Sealed buttons: the code of a name that we do not have, as the buttons of one chat hold it."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.chat.buttons import Ask, Button, Press, Screen
from bot.services.following import Following

_ABOUT_A_NAME = frozenset({Ask.FOLLOW, Ask.AGREE, Ask.UNFOLLOW, Ask.LOOK, Ask.MEANT})
_NAME = re.compile(r"(p\d+-)?n([A-Za-z0-9_-]+)", re.ASCII)


def sealed_screen(screen: Screen, chat: int, following: Following) -> Screen:
    """Return a finished screen whose buttons give nothing away in another chat."""
    rows = tuple(tuple(_sealed(button, chat, following) for button in row) for row in screen.rows)
    return replace(screen, rows=rows)


def _sealed(button: Button, chat: int, following: Following) -> Button:
    found = _name_in(button.press)
    if found is None:
        return button
    subject = f"{found[1] or ''}n{following.sealed_name(chat, int(found[2]))}"
    return replace(button, press=replace(button.press, subject=subject))


def opened(press: Press, chat: int, following: Following) -> Press | None:
    """Return a tap with the code as it is; None where it is none of a button of this chat."""
    found = _name_in(press)
    if found is None:
        return press
    digest = following.opened_name(chat, found[2])
    return None if digest is None else replace(press, subject=f"{found[1] or ''}n{digest}")


def _name_in(press: Press) -> re.Match[str] | None:
    return _NAME.fullmatch(press.subject) if press.ask in _ABOUT_A_NAME else None
