"""Everything Telegram remembers about one bot: its profile, chats, unanswered taps, and what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.desk.ledger import Ledger
from bot.desk.messages import Button, Message, buttons_of
from bot.desk.records import Records
from bot.desk.updates import Updates

CALLBACK_LIVES_SECONDS: Final = 15 * 60
CALLBACK_PATIENCE_SECONDS: Final = 15.0
BLOCKED: Final = "bot was blocked by the user"


@dataclass(slots=True)
class Tap:
    """A tap on an inline button, and what the bot answered to it."""

    id: str
    person_id: int
    chat_id: int
    message_id: int
    data: str
    tapped_at: float
    answered_at: float | None = None
    text: str = ""
    alert: bool = False
    url: str | None = None

    @property
    def answered(self) -> bool:
        """Whether the bot has answered."""
        return self.answered_at is not None


class Chat:
    """One chat as both sides see it; one that keeps no history has its messages in the ledger only."""

    keeps_history = True

    def __init__(self, chat_id: int, described: dict[str, Any], language: str | None = None) -> None:
        self.id = chat_id
        self.described = described
        self.language = language
        self.messages: dict[int, Message] = {}
        self.acts: list[Message] = []  # every message the bot sent or edited here, as it was at that moment
        self.written: list[str] = []  # every text people sent here, also of messages deleted since
        self.lock_screen: list[str] = []
        self.keyboard: Mapping[str, Any] | None = None
        self.pinned: list[int] = []
        self.closed: str | None = None  # the words of the 403, once the chat is closed to the bot
        self.migrated_to: int | None = None
        self.known = False  # a bot cannot write to somebody who never wrote to it
        self.action: str | None = None

    @property
    def is_private(self) -> bool:
        """Whether this is a chat with one person."""
        return self.id > 0

    @property
    def history(self) -> list[Message]:
        """Both sides, oldest first, without what was deleted."""
        return [self.messages[number] for number in sorted(self.messages)]

    @property
    def screen(self) -> Message | None:
        """The last message of the bot that is still there."""
        return next((message for message in reversed(self.history) if message.from_bot), None)

    @property
    def keyboard_buttons(self) -> tuple[tuple[Button, ...], ...]:
        """The rows of the reply keyboard under the composer."""
        return buttons_of(self.keyboard)


@dataclass(slots=True)
class Profile:
    """What BotFather and the set… methods keep about the bot, by language ("" for everybody else)."""

    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    menu_buttons: dict[int, dict[str, Any]] = field(default_factory=dict)


class Changes:
    """Wake everybody who waits for something to become true."""

    def __init__(self) -> None:
        self.count = 0
        self._event = asyncio.Event()

    def tell(self) -> None:
        """Say that something changed."""
        self.count += 1
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self) -> None:
        """Wait for the next change."""
        await self._event.wait()

    async def later_than(self, count: int, timeout: float) -> bool:
        """Wait until there were more changes than counted; return whether it came in time."""
        return await self.until(lambda: self.count != count, timeout)

    async def until(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Wait until something holds; return whether it came to hold in time."""
        try:
            async with asyncio.timeout(timeout):
                while not holds():
                    await self.wait()
        except TimeoutError:
            return holds()
        return True


class World:
    """The state behind the server; the people act on one side of it, the methods on the other.

    Without history no call is kept and no message of the population: a fan-out to a million fits.
    """

    def __init__(
        self, token: str, clock: Callable[[], float], name: str, username: str, *, history: bool = True
    ) -> None:
        self.token = token
        self.clock = clock
        self.bot = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": name,
            "username": username,
        }
        self.profile = Profile()
        self.chats: dict[int, Chat] = {}
        self.updates = Updates(clock)
        self.taps: dict[str, Tap] = {}
        self.records = Records(keeps_calls=history)
        self.ledger = Ledger()
        self.wrongs: list[str] = []
        self.changes = Changes()
        self.ended = False
        self._keeps_history = history
        self._population: list[range] = []
        self._last_message = 0
        self._last_tap = 4_000_000_000_000_000_000

    @property
    def messages_so_far(self) -> int:
        """How many messages there have been, those deleted since among them."""
        return self._last_message

    def populate(self, numbers: range) -> None:
        """Let private chats with these numbers exist, as of people who once wrote to the bot."""
        self._population.append(numbers)

    def chat_at(self, number: int) -> Chat | None:
        """Find a chat; one of the population is made when it is first asked for."""
        chat = self.chats.get(number)
        if chat is not None or not any(number in numbers for numbers in self._population):
            return chat
        chat = Chat(number, {"id": number, "type": "private", "first_name": str(number)})
        chat.known = True
        chat.keeps_history = self._keeps_history
        if chat.keeps_history:
            self.chats[number] = chat
        return chat

    def close(self, number: int, words: str) -> None:
        """Close a chat to the bot."""
        chat = self.chat_at(number)
        if chat is not None:
            self.chats[number] = chat
            chat.closed = words

    def next_message_id(self) -> int:
        """Number a message; Telegram counts all private chats and groups of a bot together."""
        self._last_message += 1
        return self._last_message

    def next_tap_id(self) -> str:
        """Number a tap."""
        self._last_tap += 1
        return str(self._last_tap)

    def bot_name(self, language: str | None) -> str:
        """Name the bot as somebody with this language of Telegram sees it."""
        names = self.profile.names
        return names.get(language or "") or names.get("") or str(self.bot["first_name"])

    def commands_for(self, chat: Chat, language: str | None) -> list[dict[str, Any]]:
        """Choose the command menu: the narrowest scope first, the person's language before everybody's."""
        wide = "all_private_chats" if chat.is_private else "all_group_chats"
        for scope in (f"chat:{chat.id}", wide, "default"):
            for spoken in (language or "", ""):
                commands = self.profile.commands.get((scope, spoken))
                if commands:
                    return commands
        return []

    def unanswered(self) -> list[str]:
        """Describe the taps that waited too long: people saw a spinning button."""
        now = self.clock()
        return [
            f"callback query {tap.id} was never answered"
            for tap in self.taps.values()
            if not tap.answered and (self.ended or now - tap.tapped_at > CALLBACK_PATIENCE_SECONDS)
        ]
