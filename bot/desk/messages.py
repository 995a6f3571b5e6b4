"""One message as it stands in a chat: what is seen, its buttons, and its form in the Bot API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.desk.html_entities import Entity

_LOCK_SCREEN_WIDTH: Final = 80


@dataclass(frozen=True, slots=True)
class Button:
    """One button: an inline one does something, one of the reply keyboard only says its text."""

    text: str
    data: str | None = None
    url: str | None = None
    copies: str | None = None
    style: str | None = None
    inline: bool = True


def buttons_of(markup: Mapping[str, Any] | None) -> tuple[tuple[Button, ...], ...]:
    """Read the rows of buttons out of a reply markup of either kind."""
    if not markup:
        return ()
    inline = "inline_keyboard" in markup
    rows = markup["inline_keyboard"] if inline else markup.get("keyboard", [])
    return tuple(
        tuple(
            Button(
                text=button["text"],
                data=button.get("callback_data"),
                url=button.get("url"),
                copies=button.get("copy_text", {}).get("text"),
                style=button.get("style"),
                inline=inline,
            )
            for button in row
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a chat; it never changes, an edit puts another one in its place."""

    id: int
    chat_id: int
    from_bot: bool
    sender: str
    sent_at: float
    text: str = ""
    entities: tuple[Entity, ...] = ()
    kind: str = "text"
    markup: Mapping[str, Any] | None = None
    edited_at: float | None = None
    silent: bool = False
    protected: bool = False
    link_preview: bool = True
    reply_to: int | None = None
    # The parts of the Bot API's object that the desk does not look into: sender, chat, a sticker, a photo.
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def buttons(self) -> tuple[tuple[Button, ...], ...]:
        """The rows of buttons under the message."""
        return buttons_of(self.markup)

    @property
    def button_texts(self) -> list[str]:
        """The words on every button, row by row."""
        return [button.text for row in self.buttons for button in row]

    @property
    def edited(self) -> bool:
        """Whether the message was changed after it was sent."""
        return self.edited_at is not None

    def as_json(self) -> dict[str, Any]:
        """Write the message as the Bot API does."""
        written: dict[str, Any] = {"message_id": self.id, "date": int(self.sent_at), **self.raw}
        if self.kind == "text":
            written["text"] = self.text
            if self.entities:
                written["entities"] = list(self.entities)
        elif self.text:
            written["caption"] = self.text
        if self.markup is not None and "inline_keyboard" in self.markup:
            written["reply_markup"] = self.markup
        if self.edited_at is not None:
            written["edit_date"] = int(self.edited_at)
        if self.protected:
            written["has_protected_content"] = True
        if not self.link_preview:
            written["link_preview_options"] = {"is_disabled": True}
        return written

    def as_lines(self) -> list[str]:
        """Write the message as plain lines: the speaker and marks, the text, the rows of buttons."""
        marks = [mark for mark in ("edited", "silent", "protected") if getattr(self, mark)]
        kind = [] if self.kind == "text" else [self.kind]
        head = " ".join(["bot:" if self.from_bot else "me:", *kind, *(f"({mark})" for mark in marks)])
        rows = ["".join(f"[{button.text}]" for button in row) for row in self.buttons]
        return [head, *(f"  {line}" for line in [*self.text.splitlines(), *rows])]

    def lock_screen_line(self, sender: str) -> str:
        """Show what a locked phone shows: who writes and the first line, spoilers covered."""
        first = self._covered().strip().partition("\n")[0]
        line = re.sub(r"\s+", " ", f"{sender}: {first}")
        return line if len(line) <= _LOCK_SCREEN_WIDTH else line[: _LOCK_SCREEN_WIDTH - 1].rstrip() + "…"

    def _covered(self) -> str:
        units = self.text.encode("utf-16-le")
        for entity in self.entities:
            if entity["type"] == "spoiler":
                begins, length = entity["offset"] * 2, entity["length"]
                units = units[:begins] + ("▒" * length).encode("utf-16-le") + units[begins + length * 2 :]
        return units.decode("utf-16-le", "replace")


# What else a person can send, as the Bot API writes it: nothing in it is anybody's.
_FILE: Final = {"file_id": "desk-file", "file_unique_id": "desk", "file_size": 1024}
OTHER_KINDS: Final[dict[str, Any]] = {
    "sticker": {
        **_FILE,
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
        "emoji": "🙂",
    },
    "photo": [{**_FILE, "width": 320, "height": 240}],
    "voice": {**_FILE, "duration": 4, "mime_type": "audio/ogg"},
    "audio": {**_FILE, "duration": 60},
    "video": {**_FILE, "width": 320, "height": 240, "duration": 5},
    "video_note": {**_FILE, "length": 240, "duration": 5},
    "animation": {**_FILE, "width": 320, "height": 240, "duration": 2},
    "document": {**_FILE, "file_name": "document.pdf", "mime_type": "application/pdf"},
    "location": {"latitude": 52.43, "longitude": 30.98},
    "contact": {"phone_number": "+375290000000", "first_name": "?"},
    "dice": {"emoji": "🎲", "value": 4},
    "poll": {
        "id": "1",
        "question": "?",
        "options": [{"text": "1", "voter_count": 0, "persistent_id": "1"}],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": False,
        "members_only": False,
    },
}
