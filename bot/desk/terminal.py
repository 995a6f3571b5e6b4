"""A plain conversation in a terminal: type to write, type a number to tap a button. Made for ssh."""

import asyncio
import sys
from collections.abc import Callable

from bot.desk.desk import Desk
from bot.desk.messages import Button, Message
from bot.desk.people import Person

_HOW = "Type a message, or the number of a button; an empty line or Ctrl-D ends the chat."


async def chat(
    desk: Desk,
    person: Person,
    read: Callable[[], str] = sys.stdin.readline,
    write: Callable[[str], object] = print,
) -> None:
    """Let somebody at a terminal be this person until they leave; `read` gives "" at the end."""
    write(_HOW)
    shown: dict[int, Message] = {}
    told: set[str] = set()
    person.start()
    while True:
        await _quiet(desk)
        for line in _news(desk, person, shown, told):
            write(line)
        typed = (await asyncio.to_thread(read)).strip()
        if not typed:
            return
        numbered = _choices(person)
        if typed.isdecimal() and 0 < int(typed) <= len(numbered):
            line = _tap(person, *numbered[int(typed) - 1])
            if line:
                write(line)
        else:
            person.says(typed)


async def _quiet(desk: Desk) -> None:
    """Wait for the bot to finish; a bot that never does must not keep the terminal from its owner."""
    try:
        await desk.settled(quiet_seconds=0.3, timeout=10)
    except TimeoutError:
        return


def _news(desk: Desk, person: Person, shown: dict[int, Message], told: set[str]) -> list[str]:
    """Say what the bot sent or changed since the last look, and what is there to tap."""
    lines = []
    for tap in desk.taps_of(person):
        if tap.answered and tap.text and tap.id not in told:
            lines.append(f"  [{tap.text}]")
        if tap.answered:
            told.add(tap.id)
    here = {message.id: message for message in person.history if message.from_bot}
    if any(number not in here for number in shown):
        lines.append("  (messages were deleted)")
    for number, message in here.items():
        if shown.get(number) != message:
            lines += ["", f"{message.sender}{' (edited)' if message.edited else ''}:", message.text]
    shown.clear()
    shown.update(here)
    if lines:
        lines += [f"  {number}. {button.text}" for number, (_, button) in enumerate(_choices(person), 1)]
    return lines


def _choices(person: Person) -> list[tuple[Message | None, Button]]:
    """Number what can be tapped: the buttons of the bot's last message, then those under the composer."""
    chat = person.chat
    last = chat.screen
    inline = [] if last is None else [button for row in last.buttons for button in row if button.inline]
    below = [button for row in chat.keyboard_buttons for button in row]
    return [*((last, button) for button in inline), *((None, button) for button in below)]


def _tap(person: Person, message: Message | None, button: Button) -> str:
    if message is None:
        person.says(button.text)
        return ""
    if button.data is not None:
        person.presses(message, button.data)
        return ""
    return f"  -> {button.url or button.copies or button.text}"
