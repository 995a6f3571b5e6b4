"""The plain chat in a terminal: what is typed reaches the bot, numbers are buttons."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.desk.desk import Desk
from bot.desk.terminal import chat

BUTTONS = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("Далей", callback_data="next")],
        [InlineKeyboardButton("Крыніца", url="https://example.org")],
    ]
)


async def answer(bot: Bot, update: Any) -> None:
    message: Message | None = update.message
    query: CallbackQuery | None = update.callback_query
    if query is not None:
        await bot.answer_callback_query(query.id, "Добра")
        await bot.edit_message_text("Другі экран", query.from_user.id, 2)
    elif message is not None and message.text == "/start":
        await bot.send_message(message.chat.id, "Першы экран", reply_markup=BUTTONS)
    elif message is not None:
        await bot.delete_message(message.chat.id, 2)


async def serve(bot: Bot, act: Callable[[Bot, Any], Awaitable[None]]) -> None:
    """Poll and act, as a bot does."""
    offset = 0
    while True:
        for update in await bot.get_updates(offset=offset, timeout=5):
            await act(bot, update)
            offset = update.update_id + 1


async def test_a_conversation_in_a_terminal(desk: Desk, bot: Bot) -> None:
    typed = iter(["2\n", "1\n", "дзякуй\n", ""])
    written: list[str] = []
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(serve(bot, answer))
        await chat(desk, desk.person("You"), lambda: next(typed), written.append)
        serving.cancel()
    assert written[1:] == [
        "",
        "Volya:",
        "Першы экран",
        "  1. Далей",
        "  2. Крыніца",
        "  -> https://example.org",
        "  [Добра]",
        "",
        "Volya (edited):",
        "Другі экран",
        "  (messages were deleted)",
    ]
    assert desk.violations == []
