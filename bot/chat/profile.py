"""Profile: the commands, name and descriptions Telegram shows for the bot, in each language."""

from __future__ import annotations

from typing import Any

from telegram import BotCommand
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot import logs
from bot.chat.words import Words, in_language
from bot.domain.people import Language

NAME = "Volya"
"""Says nothing on a list of chats. The same in every language: a name is what a fake copies."""


def commands(words: Words) -> list[BotCommand]:
    """Return the command menu, whose words give nothing away on a screen somebody else sees."""
    _ = words.gettext
    return [
        BotCommand("start", _("Begin")),
        BotCommand("quarters", _("By quarter")),
        BotCommand("contacts", _("Contacts")),
        BotCommand("list", _("My list")),
        BotCommand("clear", _("Clear")),
        BotCommand("settings", _("Settings")),
        BotCommand("language", _("Language")),
        BotCommand("help", _("Help")),
        BotCommand("privacy", _("Privacy")),
        BotCommand("about", _("About this bot")),
    ]


async def introduce(bot: ExtBot[Any]) -> None:
    """Set what differs from what Telegram shows. A refusal is logged and changes nothing else.

    Telegram limits how often names may be set: asking first keeps a restart from using it up.
    """
    for language in (None, Language.RU, Language.BE):
        code = language.value if language else None
        words = in_language(language or Language.EN)
        try:
            await _introduce(bot, words, code)
        except TelegramError as error:
            logs.event(logs.Event.PROFILE_NOT_SET, error)


async def _introduce(bot: ExtBot[Any], words: Words, code: str | None) -> None:
    _ = words.gettext
    menu = commands(words)
    if list(await bot.get_my_commands(language_code=code)) != menu:
        await bot.set_my_commands(menu, language_code=code)
    if (await bot.get_my_name(language_code=code)).name != NAME:
        await bot.set_my_name(NAME, language_code=code)
    description = _("Answers from published sources. Write to me in private.")
    if (await bot.get_my_description(language_code=code)).description != description:
        await bot.set_my_description(description, language_code=code)
    short = _("Answers from published sources.")
    if (await bot.get_my_short_description(language_code=code)).short_description != short:
        await bot.set_my_short_description(short, language_code=code)
