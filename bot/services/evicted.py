"""Evicted: what a full ring had no room for while Telegram was out of reach. In memory only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from bot.domain.follower import Wipe

MOST_CHATS = 1000
MOST_OF_A_CHAT = 100
"""A chat in a flood gives up one message for each that its reader writes."""


class Evicted:
    """Messages that no row holds any more and that are still to be deleted, by chat; the newest, if many."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._wipes: dict[int, tuple[Wipe, ...]] = {}

    @property
    def chats(self) -> Collection[int]:
        """Return in which chats there are any."""
        return self._wipes.keys()

    def of(self, chat: int) -> tuple[Wipe, ...]:
        """Return those of a chat."""
        return self._wipes.get(chat, ())

    def add(self, chat: int, wipes: Iterable[Wipe], minute: int) -> None:
        """Remember messages: they are due now, and nobody has missed anything by them."""
        more = (replace(wipe, due=minute, untapped=False) for wipe in wipes)
        self._wipes[chat] = (*self._wipes.pop(chat, ()), *more)[-MOST_OF_A_CHAT:]
        if len(self._wipes) > MOST_CHATS:
            del self._wipes[next(iter(self._wipes))]

    def forget(self, chat: int, messages: Collection[int]) -> None:
        """Forget messages that are gone, or that their reader wants to keep."""
        left = tuple(wipe for wipe in self._wipes.pop(chat, ()) if wipe.message not in messages)
        if left:
            self._wipes[chat] = left

    def forget_all(self, chat: int) -> None:
        """Forget a chat."""
        self._wipes.pop(chat, None)
