"""The people on the other side: what they can do to the bot, what they see, and what they wait for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk.messages import OTHER_KINDS, Button, Message
from bot.desk.texts import with_found_entities
from bot.desk.world import BLOCKED, Chat, Tap, World

# Telegram keeps what somebody taps, and that they block a bot, apart from what they write (Client.cpp).
_TAPS, _BLOCKS = 3 << 33, 5 << 33

Tappable = str | tuple[Message, str]


class Member:
    """Somebody with a Telegram account."""

    def __init__(self, world: World, user: dict[str, Any]) -> None:
        self._world = world
        self.user = user

    @property
    def id(self) -> int:
        """The number Telegram gave the account."""
        return int(self.user["id"])

    @property
    def name(self) -> str:
        """The first name."""
        return str(self.user["first_name"])

    @property
    def language_code(self) -> str | None:
        """The language of the person's Telegram, if their Telegram tells it."""
        code = self.user.get("language_code")
        return None if code is None else str(code)

    def _post(self, chat: Chat, kind: str, text: str, content: dict[str, Any]) -> Message:
        world = self._world
        message = Message(
            id=world.next_message_id(),
            chat_id=chat.id,
            from_bot=False,
            sender=self.name,
            sent_at=world.clock(),
            text=text,
            entities=tuple(with_found_entities(text, [])) if kind == "text" else (),
            kind=kind,
            raw={"from": self.user, "chat": chat.described, **content},
        )
        chat.messages[message.id] = message
        chat.written.append(text)
        chat.known = True
        return message


class Person(Member):
    """A person in a private chat with the bot.

    An act is told to the bot at once; `hears`, `answered` and `hears_nothing` wait for what comes back.
    """

    def __init__(self, world: World, user: dict[str, Any]) -> None:
        super().__init__(world, user)
        described = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
        described |= {key: user[key] for key in ("last_name", "username") if key in user}
        self.chat = self._waits_in = Chat(self.id, described, user.get("language_code"))
        world.chats[self.id] = self.chat
        self._heard_before = 0
        self._tap: Tap | None = None
        self.note: Mapping[str, str] = {}  # who this is, by language, for the chat page
        self.opened: list[str] = []  # addresses opened and texts copied by tapping

    # What a person does.

    def start(self, payload: str = "") -> Message:
        """Press Start; a person who had blocked the bot unblocks it by that."""
        if self.chat.closed:
            self.unblocks()
        return self.says(f"/start {payload}".rstrip())

    def says(self, text: str, *, to: Group | None = None, reply_to: Message | None = None) -> Message:
        """Write to the bot, or into a group."""
        content = {} if reply_to is None else {"reply_to_message": reply_to.as_json()}
        return self._tell("text", text, content, to)

    def sends(self, kind: str, *, caption: str = "", to: Group | None = None) -> Message:
        """Send something that is not a text: a sticker, photo, voice, location, contact, document, poll…"""
        return self._tell(kind, caption, {kind: OTHER_KINDS[kind]}, to)

    def _tell(self, kind: str, text: str, content: dict[str, Any], group: Group | None) -> Message:
        chat = self._act(group)
        message = self._post(chat, kind, text, content)
        if group is None or group.shows_the_bot(message):
            self._world.updates.add("message", message.as_json(), chat.id)
        self._world.changes.tell()
        return message

    def edits(self, message: Message, text: str) -> Message:
        """Change one of the person's own messages."""
        chat = self._act(None)
        old = chat.messages[message.id]
        entities = tuple(with_found_entities(text, []))
        changed = _edited(old, text, entities, self._world.clock())
        chat.messages[message.id] = changed
        self._world.updates.add("edited_message", changed.as_json(), chat.id)
        self._world.changes.tell()
        return changed

    def taps(self, button: Tappable, *, on: Message | None = None) -> Tap | None:
        """Tap a button by its words, on the newest message that has it, or send any data as a hostile phone.

        Return the tap the bot owes an answer; None when the button only opens, copies or says something.
        """
        if isinstance(button, tuple):
            return self.presses(*button)
        message, found = self._find_button(button, on)
        if message is None:
            self.says(found.text)
            if self.chat.keyboard is not None and self.chat.keyboard.get("one_time_keyboard"):
                self.chat.keyboard = None
            return None
        if found.data is None:
            self.opened.append(found.url or found.copies or "")
            return None
        return self.presses(message, found.data)

    def presses(self, message: Message, data: str) -> Tap:
        """Send data as if a button of this message had held it."""
        world = self._world
        chat = self._act(world.chats[message.chat_id])
        tap = Tap(world.next_tap_id(), self.id, chat.id, message.id, data, world.clock())
        world.taps[tap.id] = self._tap = tap
        seen = chat.messages.get(message.id)
        shown: dict[str, Any] = (
            {"chat": chat.described, "message_id": message.id, "date": 0} if seen is None else seen.as_json()
        )
        content = {
            "id": tap.id,
            "from": self.user,
            "message": shown,
            "chat_instance": str(chat.id),
            "data": data,
        }
        world.updates.add("callback_query", content, self.id + _TAPS)
        world.changes.tell()
        return tap

    def _find_button(self, words: str, on: Message | None) -> tuple[Message | None, Button]:
        messages = [on] if on is not None else [m for m in reversed(self.chat.history) if m.from_bot]
        for message in messages:
            current = self.chat.messages.get(message.id, message)
            for button in (button for row in current.buttons for button in row):
                if button.inline and button.text == words:
                    return current, button
        for button in (button for row in self.chat.keyboard_buttons for button in row):
            if button.text == words:
                return None, button
        raise LookupError("there is no such button on the screen")

    def blocks(self) -> None:
        """Block the bot."""
        self._membership("member", "kicked")
        self.chat.closed = BLOCKED

    def unblocks(self) -> None:
        """Let the bot write again."""
        self.chat.closed = None
        self._membership("kicked", "member")

    def vanishes(self) -> None:
        """Delete the account."""
        self.chat.closed = "user is deactivated"

    def clears_the_chat(self) -> None:
        """Delete every message on both sides; the bot is not told."""
        self.chat.messages.clear()
        self.chat.lock_screen.clear()
        self._world.changes.tell()

    def _membership(self, before: str, after: str) -> None:
        world = self._world

        def described(status: str) -> dict[str, Any]:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": world.bot, "status": status, **until}

        content = {
            "chat": self.chat.described,
            "from": self.user,
            "date": int(world.clock()),
            "old_chat_member": described(before),
            "new_chat_member": described(after),
        }
        world.updates.add("my_chat_member", content, self.id + _BLOCKS)
        world.changes.tell()

    def _act(self, place: Group | Chat | None) -> Chat:
        chat = place.chat if isinstance(place, Group) else place or self.chat
        if chat is self.chat and chat.closed:
            raise RuntimeError("the bot is blocked: the person unblocks it or presses Start first")
        self._heard_before = len(chat.acts)
        self._waits_in = chat
        return chat

    # What a person sees.

    @property
    def screen(self) -> Message:
        """The last message of the bot that is still there, as it stands now."""
        message = self.chat.screen
        if message is None:
            raise LookupError("the bot has nothing on the screen")
        return message

    @property
    def history(self) -> list[Message]:
        """Both sides of the private chat, oldest first, without what was deleted."""
        return self.chat.history

    @property
    def transcript(self) -> str:
        """The private chat as plain text, to compare with a snapshot: who spoke, the words, the buttons."""
        return "\n".join(line for message in self.history for line in message.as_lines())

    @property
    def lock_screen(self) -> list[str]:
        """The lines of every notification so far."""
        return list(self.chat.lock_screen)

    @property
    def commands(self) -> list[str]:
        """The command menu, in the person's language."""
        return [command["command"] for command in self._world.commands_for(self.chat, self.language_code)]

    # What a person waits for.

    def listens(self) -> None:
        """Count from now on: the next `hears` waits for what comes after this, an alert for instance."""
        self._waits_in = self.chat
        self._heard_before = len(self.chat.acts)

    async def hears(self, count: int = 1, timeout: float = 10) -> list[Message]:
        """Wait until the bot has sent or edited `count` messages since the last act; return those.

        Each is the message as it was at that moment.
        """
        chat, before = self._waits_in, self._heard_before
        if not await self._world.changes.until(lambda: len(chat.acts) - before >= count, timeout):
            heard = len(chat.acts) - before
            raise TimeoutError(f"heard {heard} of {count} messages; {self._what_went_wrong()}")
        return chat.acts[before : before + count]

    async def hears_nothing(self, seconds: float = 0.2) -> None:
        """Fail if the bot sends or edits anything in this time."""
        chat, before = self._waits_in, self._heard_before
        if await self._world.changes.until(lambda: len(chat.acts) > before, seconds):
            raise AssertionError("the bot spoke where it should have been silent")

    async def answered(self, timeout: float = 10) -> Tap:
        """Wait until the bot has answered the person's last tap."""
        tap = self._tap
        if tap is None:
            raise LookupError("nothing was tapped")
        if not await self._world.changes.until(lambda: tap.answered, timeout):
            raise TimeoutError(f"the tap was not answered; {self._what_went_wrong()}")
        return tap

    def _what_went_wrong(self) -> str:
        calls = [f"{call.method}: {call.outcome}" for call in self._world.records.calls[-5:]]
        waiting = len(self._world.updates)
        return f"updates the bot has not confirmed: {waiting}; last calls: {calls or 'none'}"


def _edited(old: Message, text: str, entities: tuple[dict[str, Any], ...], now: float) -> Message:
    return Message(
        id=old.id,
        chat_id=old.chat_id,
        from_bot=old.from_bot,
        sender=old.sender,
        sent_at=old.sent_at,
        text=text,
        entities=entities,
        kind=old.kind,
        edited_at=now,
        raw=old.raw,
    )


class Group:
    """A group the bot was added to; in privacy mode it sees only commands and replies to itself."""

    def __init__(
        self, world: World, number: int, title: str, members: list[Person], *, privacy: bool
    ) -> None:
        self._world = world
        self.members = members
        self.privacy = privacy
        self.chat = Chat(number, {"id": number, "type": "group", "title": title})
        self.chat.known = True
        world.chats[number] = self.chat
        if members:
            self._adds_the_bot(members[0])

    def _adds_the_bot(self, member: Person) -> None:
        world = self._world
        content = {
            "chat": self.chat.described,
            "from": member.user,
            "date": int(world.clock()),
            "old_chat_member": {"user": world.bot, "status": "left"},
            "new_chat_member": {"user": world.bot, "status": "member"},
        }
        world.updates.add("my_chat_member", content, self.chat.id + _BLOCKS)

    def shows_the_bot(self, message: Message) -> bool:
        """Return whether the bot gets to see a message of this group."""
        replied_to = message.raw.get("reply_to_message", {}).get("from", {}).get("id")
        if not self.privacy or replied_to == self._world.bot["id"]:
            return True
        command, _, addressee = message.text.partition(" ")[0].partition("@")
        return command.startswith("/") and addressee in {"", self._world.bot["username"]}

    def kicks_the_bot(self) -> None:
        """Throw the bot out."""
        self.chat.closed = "bot was kicked from the group chat"
        self._world.changes.tell()

    def becomes_a_supergroup(self) -> int:
        """Give the group its new number; calls with the old one are refused with the new one."""
        number = -1_000_000_000_000 + self.chat.id
        title = self.chat.described["title"]
        new = Chat(number, {"id": number, "type": "supergroup", "title": title})
        new.known = True
        self._world.chats[number] = new
        self.chat.migrated_to = number
        self.chat = new
        return number

    @property
    def screen(self) -> Message | None:
        """The last message of the bot in the group."""
        return self.chat.screen

    @property
    def history(self) -> list[Message]:
        """Everything said in the group."""
        return self.chat.history
