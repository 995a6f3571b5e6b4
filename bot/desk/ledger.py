"""The desk's own ledger: every message that reached a chat, in some fifty bytes, and what a judge may ask."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import Final, NamedTuple

from bot.desk.messages import Message

Span = tuple[int, int]
Marker = Callable[[Message], int | Span | None]
"""Reads what a message is about: a number, the first and last of a range, or None for no alert."""

_SILENT: Final = 1
_PROTECTED: Final = 2
_MARKED: Final = 4
_REPLY_LOST: Final = 8
_EDITED: Final = 16
_DELETED: Final = 32
_NONE: Final = -1


class Entry(NamedTuple):
    """One message that reached a chat; `order` counts all messages of all chats."""

    order: int
    chat: int
    message_id: int
    sent_at: float
    silent: bool
    protected: bool
    reply_lost: bool
    edited: bool
    deleted: bool
    digest: int
    mark: Span | None

    def says(self, text: str) -> bool:
        """Return whether this was the text when the message was sent."""
        return self.digest == _digest(text)


class Ledger:
    """Every message the bot sent, whether or not the world keeps its text.

    `marker` must be set before the messages come. A mark is a range of numbers, both ends included: two
    marks that overlap tell something twice.
    """

    def __init__(self, marker: Marker | None = None) -> None:
        self.marker = marker
        self.refused: set[int] = set()  # chats in which a message was answered with 403
        self._chats = array("q")
        self._numbers = array("q")  # of messages, which only grow
        self._times = array("d")
        self._flags = array("B")
        self._digests = array("Q")
        self._firsts = array("q")
        self._lasts = array("q")
        self._before = array("q")  # where the chat's message before this one stands
        self._newest: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._chats)

    def __iter__(self) -> Iterator[Entry]:
        return map(self._entry, range(len(self)))

    # What the world notes.

    def note(self, message: Message) -> None:
        """Note a message that has just reached its chat."""
        mark = None if self.marker is None else self.marker(message)
        first, last = (0, 0) if mark is None else (mark, mark) if isinstance(mark, int) else mark
        flags = message.silent * _SILENT | message.protected * _PROTECTED | (mark is not None) * _MARKED
        self._before.append(self._newest.get(message.chat_id, _NONE))
        self._newest[message.chat_id] = len(self._chats)
        self._chats.append(message.chat_id)
        self._numbers.append(message.id)
        self._times.append(message.sent_at)
        self._flags.append(flags)
        self._digests.append(_digest(message.text))
        self._firsts.append(first)
        self._lasts.append(last)

    def note_lost_replies(self, since: int) -> None:
        """Note that the bot never learned of the messages after the first `since` ones."""
        for at in range(since, len(self)):
            self._flags[at] |= _REPLY_LOST

    def note_edited(self, chat: int, message_id: int) -> None:
        """Note that a message is not what it was."""
        self._raise_flag(chat, message_id, _EDITED)

    def note_deleted(self, chat: int, message_id: int) -> None:
        """Note that a message is gone from its chat."""
        self._raise_flag(chat, message_id, _DELETED)

    def _raise_flag(self, chat: int, message_id: int, flag: int) -> None:
        at = self._find(chat, message_id)
        if at is not None:
            self._flags[at] |= flag

    # What a judge asks.

    def find(self, chat: int, message_id: int) -> Entry | None:
        """Find a message of the bot by its number, if it is in this chat."""
        at = self._find(chat, message_id)
        return None if at is None else self._entry(at)

    def everything(self, chat: int) -> list[Entry]:
        """List what reached a chat, oldest first."""
        return [self._entry(at) for at in self._places(chat)]

    def loud(self, chat: int) -> list[Entry]:
        """List what reached a chat and made a sound, oldest first."""
        return [entry for entry in self.everything(chat) if not entry.silent]

    def silent(self, chat: int) -> list[Entry]:
        """List what reached a chat without a sound, oldest first."""
        return [entry for entry in self.everything(chat) if entry.silent]

    def lost_replies(self) -> list[Entry]:
        """List what reached a chat while the bot never learned of it."""
        return [self._entry(at) for at, flags in enumerate(self._flags) if flags & _REPLY_LOST]

    def doubled_loud(self) -> list[tuple[Entry, Entry]]:
        """Pair each loud message with a loud one of its chat that told some of the same numbers before."""
        found = []
        for places in self._loud_marked():
            reach = _NONE
            for at in sorted(places, key=self._firsts.__getitem__):
                if reach != _NONE and self._firsts[at] <= self._lasts[reach]:
                    found.append((self._entry(min(at, reach)), self._entry(max(at, reach))))
                if reach == _NONE or self._lasts[at] > self._lasts[reach]:
                    reach = at
        return found

    def out_of_order(self) -> list[tuple[Entry, Entry]]:
        """Pair each loud message with an earlier loud one of its chat that told a higher number."""
        found = []
        for places in self._loud_marked():
            highest = places[0]
            for at in places[1:]:
                if self._firsts[at] < self._lasts[highest]:
                    found.append((self._entry(highest), self._entry(at)))
                if self._lasts[at] > self._lasts[highest]:
                    highest = at
        return found

    def never_reached(self, expected: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """List the pairs of a chat and a number that no message told, neither loudly nor silently."""
        return [(chat, number) for chat, number in expected if not self._told(chat, number, 0)]

    def only_silent(self, expected: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """List the pairs of a chat and a number that were told, and never loudly."""
        return [
            (chat, number)
            for chat, number in expected
            if self._told(chat, number, 0) and not self._told(chat, number, _SILENT)
        ]

    def _told(self, chat: int, number: int, unless: int) -> bool:
        at = self._newest.get(chat, _NONE)
        while at != _NONE:
            flags = self._flags[at]
            if flags & _MARKED and not flags & unless and self._firsts[at] <= number <= self._lasts[at]:
                return True
            at = self._before[at]
        return False

    def _loud_marked(self) -> Iterator[list[int]]:
        """Give, for each chat with more than one message, where its loud marked ones stand, oldest first."""
        for chat, newest in self._newest.items():
            if self._before[newest] == _NONE:
                continue
            places = [at for at in self._places(chat) if self._flags[at] & (_MARKED | _SILENT) == _MARKED]
            if len(places) > 1:
                yield places

    def _places(self, chat: int) -> list[int]:
        places = []
        at = self._newest.get(chat, _NONE)
        while at != _NONE:
            places.append(at)
            at = self._before[at]
        places.reverse()
        return places

    def _find(self, chat: int, message_id: int) -> int | None:
        at = bisect_left(self._numbers, message_id)
        there = at < len(self) and self._numbers[at] == message_id and self._chats[at] == chat
        return at if there else None

    def _entry(self, at: int) -> Entry:
        flags = self._flags[at]
        return Entry(
            order=at,
            chat=self._chats[at],
            message_id=self._numbers[at],
            sent_at=self._times[at],
            silent=bool(flags & _SILENT),
            protected=bool(flags & _PROTECTED),
            reply_lost=bool(flags & _REPLY_LOST),
            edited=bool(flags & _EDITED),
            deleted=bool(flags & _DELETED),
            digest=self._digests[at],
            mark=(self._firsts[at], self._lasts[at]) if flags & _MARKED else None,
        )


def by_button(read: Callable[[str], int | Span | None]) -> Marker:
    """Make a marker of what reads the data of one button: the first button it can read decides."""

    def mark(message: Message) -> int | Span | None:
        for row in (message.markup or {}).get("inline_keyboard", ()):
            for button in row:
                found = read(button.get("callback_data", ""))
                if found is not None:
                    return found
        return None

    return mark


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
