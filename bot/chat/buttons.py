"""Buttons: what a tap asks for, packed into at most 64 bytes that hold no name and survive a restart."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from bot.domain.people import View

VERSION = "1"
MOST_BYTES = 64
SWITCH = "+"


class Ask(enum.StrEnum):
    """What a button asks for; the value is what stands in its data."""

    LANGUAGE = "l"
    PLACE = "p"
    HOME = "h"
    CARD = "c"
    HISTORY = "y"
    SOURCES = "s"
    SOURCES_NAMED = "sn"
    REPORT = "r"
    CITATION = "q"
    QUARTERS = "rq"
    RELEASES = "rl"
    RELEASE = "re"
    RELEASE_SOURCES = "rs"
    RELEASE_SOURCES_NAMED = "rsn"
    HELP = "hp"
    SETTINGS = "st"
    PRIVACY = "pv"
    ABOUT = "ab"
    CHOOSE_LANGUAGE = "cl"
    CHOOSE_PLACE = "cp"
    AREA = "ta"
    TOPIC = "t"
    TOPIC_CHOSEN = "tq"
    TOPIC_PART = "tp"
    TOPIC_SOURCES = "ts"
    TOPIC_SOURCES_NAMED = "tsn"
    TOPIC_CONTACTS = "tc"
    TOPIC_RELATED = "tr"
    USEFUL = "u"
    NEEDS = "dn"
    NEED = "dw"
    NEED_WHERE = "dl"
    HELPERS = "dh"
    ORGANISATION = "do"
    ORGANISATION_NAMED = "don"
    ORGANISATION_SOURCES = "os"
    ORGANISATION_SOURCES_NAMED = "osn"
    FOLLOW = "f"
    AGREE = "fa"
    UNFOLLOW = "fu"
    FOLLOWING = "fl"
    SUBJECTS = "fs"
    PAUSE = "fp"
    STOP = "fx"
    STAY = "fr"
    LOOK = "fk"
    MEANT = "fm"
    CLEAR = "w"
    FORGET = "x"
    FORGET_NOW = "xx"
    MY_DATA = "md"
    WIPE = "wt"
    QUIET = "qt"
    ZONE = "qz"
    DIGEST = "dg"
    DISCREET = "ds"
    KEEP = "k"
    NEWS = "n"


@dataclass(frozen=True, slots=True)
class Press:
    """A tap: what is asked, in which view, about which record (a number or a key), which page.

    The view travels in the button, so an old button answers in it after a restart; the place
    never does: after a restart it is the most careful one. `switch`: the reader wants this view
    from now on.
    """

    ask: Ask
    view: View
    subject: str = ""
    page: int = 0
    switch: bool = False

    def data(self) -> str:
        """Return the callback data. Raises ValueError for what would not survive the way back."""
        data = f"{VERSION}.{self.view}{SWITCH * self.switch}.{self.ask}.{self.subject}.{self.page}"
        if len(data.encode()) > MOST_BYTES or parse(data) != self:
            raise ValueError("does not fit a button")
        return data


_DATA = re.compile(
    rf"{VERSION}\.(?P<view>be|ru|en|lat)(?P<switch>\+?)\.(?P<ask>[a-z]{{1,3}})\.(?P<subject>[A-Za-z0-9_-]{{0,40}})\.(?P<page>0|[1-9]\d{{0,2}})",
    re.ASCII,
)
_ASKS = {ask.value: ask for ask in Ask}


def parse(data: str) -> Press | None:
    """Read callback data; None for anything we would not have written, which anybody can send."""
    found = _DATA.fullmatch(data)
    ask = _ASKS.get(found["ask"]) if found else None
    if not found or ask is None:
        return None
    return Press(ask, View(found["view"]), found["subject"], int(found["page"]), bool(found["switch"]))


@dataclass(frozen=True, slots=True)
class Button:
    """A button on a screen: words and what a tap on them asks for."""

    text: str
    press: Press


@dataclass(frozen=True, slots=True)
class Screen:
    """One message: HTML of Telegram's kind, and rows of buttons, the last one Back and Home."""

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()
    protected: bool = False
    """May not be forwarded or saved: it says whom its reader follows."""
