"""What is remembered of a reader: language and place, in memory only, until the program stops."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace

from bot.domain.caution import Place
from bot.domain.people import View

MOST_READERS = 20_000


@dataclass(frozen=True, slots=True)
class Reader:
    """How to speak to somebody. The place is the most careful one until they say otherwise."""

    view: View
    place: Place = Place.NOT_SAID


class Readers:
    """Choices of readers by a digest of their chat, under a key that dies with the process.

    Nothing here is ever written anywhere; the least recently seen are forgotten first.
    """

    def __init__(self) -> None:
        """Start knowing nobody."""
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, Reader] = OrderedDict()

    def __repr__(self) -> str:
        return "Readers()"

    def of(self, chat_id: int, otherwise: View) -> Reader:
        """Return how to speak to a chat; `otherwise` is the view when nothing was chosen."""
        return self._known.get(self._digest(chat_id)) or Reader(otherwise)

    def choose_view(self, chat_id: int, view: View) -> None:
        """Remember the language and letters a reader chose."""
        self._remember(chat_id, replace(self.of(chat_id, view), view=view))

    def choose_place(self, chat_id: int, place: Place, otherwise: View) -> None:
        """Remember where a reader says they are."""
        self._remember(chat_id, replace(self.of(chat_id, otherwise), place=place))

    def _remember(self, chat_id: int, reader: Reader) -> None:
        digest = self._digest(chat_id)
        self._known[digest] = reader
        self._known.move_to_end(digest)
        if len(self._known) > MOST_READERS:
            self._known.popitem(last=False)

    def _digest(self, chat_id: int) -> bytes:
        return hmac.digest(self._key, str(chat_id).encode(), hashlib.sha256)[:16]
