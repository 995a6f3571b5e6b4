"""A plain conversation in a terminal: type to write, type a number to tap a button. Made for ssh."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable

from bot.desk.desk import Desk
from bot.desk.messages import Button, Message
from bot.desk.people import Person

_HOW = "Type a message, or the number of a button; an empty line or Ctrl-D ends the chat."


async def chat(
    desk: Desk,
    person: Person,
    read: Callable[[], str] | None = None,
    write: Callable[[str], object] = print,
) -> None:
    """Let somebody at a terminal be this person until they leave; `read` gives "" at the end."""
    write(_HOW)
    typed_lines = _lines(read or _standard_input())
    shown: dict[int, Message] = {}
    told: set[str] = set()
    person.start()
    while True:
        await _quiet(desk, person)
        for line in _news(desk, person, shown, told):
            write(line)
        typed = (await typed_lines.get()).strip()
        if not typed:
            return
        numbered = _choices(person)
        if typed.isdecimal() and 0 < int(typed) <= len(numbered):
            line = _tap(person, *numbered[int(typed) - 1])
            if line:
                write(line)
        else:
            person.says(typed)


def _standard_input() -> Callable[[], str]:
    # Not sys.stdin: its lock, held by a thread that waits for a line, aborts the interpreter when it ends.
    raw = open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)  # noqa: SIM115 - it is not ours to close
    return lambda: raw.readline().decode(errors="replace")


def _lines(read: Callable[[], str]) -> asyncio.Queue[str]:
    """Read lines in a thread that does not keep the program from ending: Ctrl-C must work while it waits."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read_on() -> None:
        line = "?"
        while line.strip():
            line = read()
            try:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            except RuntimeError:  # the chat is over, nobody listens
                return

    threading.Thread(target=read_on, daemon=True).start()
    return lines


async def _quiet(desk: Desk, person: Person) -> None:
    """Wait for the bot to answer; a bot that never does must not keep the terminal from its owner."""
    try:
        await person.hears(timeout=5)
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
