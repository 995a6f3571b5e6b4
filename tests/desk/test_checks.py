"""Every call is checked: each refusal in Telegram's words, each silent mistake a violation."""

import json
from typing import Any

import aiohttp
import pytest
from telegram import Bot, BotCommand, BotCommandScopeChat, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, InvalidToken

from bot.desk.desk import Desk
from bot.desk.people import Person
from tests.desk.conftest import Call

ONE = "x"
NINE = [{"text": "a", "callback_data": "b"}] * 9


def keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[button]]}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": ""}, "message text is empty"),
        ({}, "message text is empty"),
        ({"text": " \n"}, "text must be non-empty"),
        ({"text": "\u200b\u200d"}, "text must be non-empty"),
        ({"text": "ў" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "<b>x", "parse_mode": "HTML"},
         'can\'t parse entities: Can\'t find end tag corresponding to start tag "b"'),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
         "entity at offset 0 with length 2 lies outside of the text"),
        ({"text": "😀", "entities": [{"type": "bold", "offset": 1, "length": 1}]},
         "entity begins or ends in the middle of a UTF-16 surrogate pair"),
        ({"text": "x", "entities": [{"type": "bold", "offset": 0}]},
         'can\'t parse MessageEntity: Can\'t find field "length"'),
        ({"text": "x", "reply_markup": None}, "object expected as reply markup"),
        ({"text": "x", "reply_markup": "{broken"}, "object expected as reply markup"),
        ({"text": "x", "reply_markup": {"inline_keyboard": "no"}},
         'can\'t parse InlineKeyboardMarkup: Field "inline_keyboard" must be of type '
         "Array of Array of InlineKeyboardButton"),
        ({"text": "x", "reply_markup": keyboard(text="a", callback_data="ў" * 33)}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keyboard(text="a", callback_data="")},
         "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "reply_markup": keyboard(text="a")},
         "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "reply_markup": keyboard(callback_data="a")},
         "can't parse inline keyboard button: Can't find field \"text\""),
        ({"text": "x", "reply_markup": keyboard(text=5, callback_data="a")},
         "can't parse inline keyboard button: Field \"text\" must be of type String"),
        ({"text": "x", "reply_markup": keyboard(text=" ", callback_data="a")},
         "can't parse inline keyboard button: Inline keyboard button text must be non-empty"),
        ({"text": "x", "reply_markup": keyboard(text="a", url="javascript:alert(1)")},
         "inline keyboard button URL 'javascript:alert(1)' is invalid: Wrong HTTP URL"),
        ({"text": "x", "reply_markup": keyboard(text="a", url="ftp://example.org")},
         "inline keyboard button URL 'ftp://example.org' is invalid: Unsupported URL protocol"),
        ({"text": "x\ud800"}, "strings must be encoded in UTF-8"),
        ({"text": "x", "reply_markup": keyboard(text="a", callback_data="\ud800")},
         "strings must be encoded in UTF-8"),
        ({"text": "x", "business_connection_id": "b"}, "business connection not found"),
        ({"text": "x", "reply_markup": keyboard(text="a", url="https://")},
         "inline keyboard button URL 'https://' is invalid: URL host is empty"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [NINE]}},
         "REPLY_MARKUP_TOO_LONG"),
        ({"text": "x", "reply_markup": {"keyboard": [[]]}}, "keyboard must be non-empty"),
        ({"text": "x", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
        ({"text": "x", "disable_notification": "perhaps"},
         "can't parse disable_notification: expected Boolean"),
    ],
)  # fmt: skip
async def test_a_message_telegram_refuses(
    params: dict[str, Any], words: str, desk: Desk, sister: Person, call: Call
) -> None:
    answer = await call("sendMessage", chat_id=sister.id, **params)
    assert answer == {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"}
    assert desk.violations == [f"sendMessage: Bad Request: {words}"]
    assert [message.from_bot for message in sister.history] == [False]


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("sendMessage", {"text": ONE}, "chat_id is empty"),
        ("sendMessage", {"chat_id": "nobody", "text": ONE}, "chat not found"),
        ("sendMessage", {"chat_id": 5, "text": ONE}, "chat not found"),
        ("editMessageText", {"message_id": 1, "text": ONE}, "chat_id is empty"),
        ("editMessageText", {"chat_id": 1, "text": ONE}, "message identifier is not specified"),
        ("deleteMessages", {"chat_id": 1, "message_ids": []}, "message identifiers are not specified"),
        ("deleteMessages", {"chat_id": 1, "message_ids": list(range(101))}, "message_ids is too long"),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": ONE * 201}, "MESSAGE_TOO_LONG"),
        ("answerCallbackQuery", {"callback_query_id": "1"},
         "query is too old and response timeout expired or query ID is invalid"),
        ("sendChatAction", {"chat_id": 1, "action": "dancing"}, "wrong parameter action in request"),
        ("setMyName", {"name": ONE * 65}, "name length must not exceed 64"),
        ("setMyDescription", {"description": ONE * 513}, "description length must not exceed 512"),
        ("setMyShortDescription", {"short_description": ONE * 121},
         "short description length must not exceed 120"),
        ("setMyName", {"name": ONE, "language_code": "bel"}, "invalid language code specified"),
        ("setMyCommands", {"commands": [{"command": "Старт", "description": ONE}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "a" * 33, "description": ONE}]},
         "command length must not exceed 32"),
        ("setMyCommands", {"commands": [{"command": "a", "description": ""}]},
         "command description must be non-empty"),
        ("setMyCommands", {"commands": [{"command": "a", "description": ONE * 257}]},
         "command description length must not exceed 256"),
        ("setMyCommands", {"commands": [{"command": "a", "description": ONE}] * 101},
         "BOT_COMMANDS_TOO_MUCH"),
        ("setMyCommands", {"commands": [], "scope": {"type": "everybody"}},
         "can't parse BotCommandScope: unsupported type specified"),
        ("setWebhook", {"url": "http://example.org"},
         "bad webhook: An HTTPS URL must be provided for webhook"),
        ("setWebhook", {"url": "https://example.org", "secret_token": "a b"},
         "secret token contains unallowed characters"),
    ],
)  # fmt: skip
async def test_a_call_telegram_refuses(method: str, params: dict[str, Any], words: str, call: Call) -> None:
    answer = await call(method, **params)
    assert answer == {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"}


async def test_the_longest_message_and_the_longest_data_are_taken(
    desk: Desk, sister: Person, bot: Bot
) -> None:
    markup = InlineKeyboardMarkup.from_button(InlineKeyboardButton("а", callback_data="ў" * 32))
    await bot.send_message(sister.id, "<b>" + "😀" * 2048 + "</b>", parse_mode="HTML", reply_markup=markup)
    assert len(sister.screen.text) == 2048
    assert desk.violations == []


async def test_a_method_outside_the_table_is_a_violation(desk: Desk, call: Call) -> None:
    answer = await call("sendPoll", chat_id=1)
    assert answer == {"ok": False, "error_code": 404, "description": "Not Found"}
    assert desk.violations == ["sendPoll: Not Found"]


async def test_what_telegram_ignores_in_silence_is_a_violation(
    desk: Desk, sister: Person, call: Call
) -> None:
    markup = keyboard(text="a", callback_data="b", url="https://example.org", colour="red")
    answer = await call("sendMessage", chat_id=sister.id, text=ONE, txet=ONE, reply_markup=markup)
    assert answer["ok"]
    assert sorted(desk.violations) == [
        "InlineKeyboardButton has more than one action: url, callback_data",
        "InlineKeyboardButton has no field colour",
        "sendMessage has no parameter txet",
    ]


async def test_an_expected_refusal_is_no_violation(desk: Desk, sister: Person, call: Call) -> None:
    desk.expect_refusal("sendMessage")
    await call("sendMessage", chat_id=sister.id, text="")
    assert desk.violations == []
    await call("sendMessage", chat_id=sister.id, text="")
    assert len(desk.violations) == 1


async def test_a_form_a_json_body_and_an_address_say_the_same(
    desk: Desk, url: str, http: aiohttp.ClientSession, sister: Person
) -> None:
    markup = keyboard(text="a", callback_data="b")
    form = {
        "chat_id": str(sister.id),
        "text": "1",
        "disable_notification": "true",
        "reply_markup": json.dumps(markup),
    }
    whole = {"chat_id": sister.id, "text": "1", "disable_notification": True, "reply_markup": markup}
    address = f"{url}/bot{desk.token}/sendMessage"
    for asked in ({"data": form}, {"json": whole}, {"params": form}, {"json": form}):
        async with http.post(address, **asked) as answer:
            assert (await answer.json())["ok"]
    messages = [message for message in sister.history if message.from_bot]
    assert len(messages) == 4
    assert {(message.text, message.silent, message.button_texts[0]) for message in messages} == {
        ("1", True, "a")
    }
    assert sister.lock_screen == []


@pytest.mark.parametrize("body", [b"[]", b"{", b"[" * 100_000, b"\xff", b"null"])
async def test_a_body_that_is_no_object_is_refused(
    body: bytes, desk: Desk, url: str, http: aiohttp.ClientSession
) -> None:
    headers = {"Content-Type": "application/json"}
    async with http.post(f"{url}/bot{desk.token}/getMe", data=body, headers=headers) as answer:
        assert answer.status == 400
        assert (await answer.json())["description"] == "Bad Request: can't parse JSON object"


async def test_a_wrong_token_is_refused(url: str) -> None:
    bot = Bot("1:WRONG", base_url=f"{url}/bot")
    with pytest.raises(InvalidToken):
        await bot.initialize()
    await bot.shutdown()


async def test_commands_are_chosen_by_scope_and_language(desk: Desk, sister: Person, bot: Bot) -> None:
    brother = desk.person("Сяргей", language_code="ru")
    brother.start()
    await bot.set_my_commands([BotCommand("help", "help")])
    await bot.set_my_commands([BotCommand("dapamoga", "дапамога")], language_code="be")
    assert (sister.commands, brother.commands) == (["dapamoga"], ["help"])
    await bot.set_my_commands([BotCommand("only", "только")], scope=BotCommandScopeChat(brother.id))
    assert (sister.commands, brother.commands) == (["dapamoga"], ["only"])
    await bot.delete_my_commands(scope=BotCommandScopeChat(brother.id))
    assert brother.commands == ["help"]
    assert [command.command for command in await bot.get_my_commands(language_code="be")] == ["dapamoga"]


async def test_names_and_descriptions_are_kept_by_language(desk: Desk, sister: Person, bot: Bot) -> None:
    await bot.set_my_name("Воля", language_code="be")
    await bot.set_my_description("пра", language_code="be")
    await bot.set_my_short_description("коратка")
    assert (await bot.get_my_name()).name == "Volya"
    assert (await bot.get_my_name(language_code="be")).name == "Воля"
    assert (await bot.get_my_description(language_code="be")).description == "пра"
    assert (await bot.get_my_description(language_code="ru")).description == ""
    assert (await bot.get_my_short_description(language_code="ru")).short_description == "коратка"
    await bot.send_message(sister.id, "Першы радок\nДругі радок")
    assert sister.lock_screen == ["Воля: Першы радок"]


async def test_a_library_understands_the_refusal(sister: Person, bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.send_message(sister.id, "")
