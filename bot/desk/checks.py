"""What Telegram checks in a call before it acts: names, types, what must be there, how long it may be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

from bot.desk.html_entities import is_web_address, utf16_length
from bot.desk.refusals import Refusal, bad_request
from bot.desk.table import BOT_API, Field, Fields

Notes = list[str]

_TRUE: Final = {"true", "yes", "1"}
_FALSE: Final = {"false", "no", "0", ""}
_ACTIONS: Final = {
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
    *("upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"),
}
_MOST_COMMANDS: Final = 100
_MOST_BUTTONS: Final = 100
_MOST_IN_A_ROW: Final = 8
_BUTTON_ACTIONS: Final = (
    *(
        "url",
        "callback_data",
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
    ),
    *("switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay", "disabled"),
)
_STYLES: Final = {"danger", "success", "primary"}
# Telegram's own words where it has them for a value that is too long, by method and parameter.
_TOO_LONG: Final = {
    ("answerCallbackQuery", "text"): "MESSAGE_TOO_LONG",
    ("setMyName", "name"): "name length must not exceed 64",
    ("setMyDescription", "description"): "description length must not exceed 512",
    ("setMyShortDescription", "short_description"): "short description length must not exceed 120",
    ("BotCommand", "command"): "command length must not exceed 32",
    ("BotCommand", "description"): "command description length must not exceed 256",
    ("InlineKeyboardButton", "callback_data"): "BUTTON_DATA_INVALID",
    ("setWebhook", "secret_token"): "secret token is too long",
    ("CopyTextButton", "text"): "BUTTON_COPY_TEXT_INVALID",
}
_EMPTY: Final = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "callback_query_id": "query ID is empty",
    "action": "wrong parameter action in request",
    "commands": 'parameter "commands" is required',
}


def checked_call(method: str, given: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """Turn the parameters of a call into values of their types.

    Raise Refusal where Telegram would refuse; where it would ignore a mistake in silence, add to `notes`.
    """
    fields = BOT_API.methods.get(method)
    if fields is None:
        raise Refusal(404, "Not Found")
    checked = {}
    for name, value in given.items():
        field = fields.get(name)
        if field is None:
            notes.append(f"{method} has no parameter {name}")
        else:
            checked[name] = _value(field, value, (method, name), notes)
    for name, field in fields.items():
        if field.required and checked.get(name) in (None, ""):
            raise bad_request(_EMPTY.get(name, f'parameter "{name}" is required'))
    _check_meaning(method, checked)
    return checked


def _value(field: Field, value: Any, where: tuple[str, str], notes: Notes) -> Any:
    refusal: Refusal | None = None
    for name in _fitting(field, value):
        try:
            converted = _of_type(name, value, where, notes)
        except Refusal as reason:
            refusal = refusal or reason
            continue
        _check_length(field, converted, where)
        return converted
    if refusal is None:
        raise _wrong_type(where, field.types)
    raise refusal


def _wrong_type(where: tuple[str, str], types: tuple[str, ...]) -> Refusal:
    owner, name = where
    if name == "reply_markup":
        return bad_request("object expected as reply markup")
    if owner in BOT_API.methods:
        return bad_request(f"can't parse {name}: expected {' or '.join(types)}")
    return bad_request(f'can\'t parse {_spoken(owner)}: Field "{name}" must be of type {types[0]}')


def _spoken(type_name: str) -> str:
    """Name a type as Telegram's refusals name it."""
    buttons = {"InlineKeyboardButton": "inline keyboard button", "KeyboardButton": "keyboard button"}
    return buttons.get(type_name, type_name)


def _fitting(field: Field, value: Any) -> tuple[str, ...]:
    """Choose the types worth trying: among kinds of reply markup, the one whose own field is there."""
    if len(field.types) == 1 or "Integer" in field.types:
        return field.types
    value = _decoded(value)
    if not isinstance(value, dict):
        return ()
    for name in field.types:
        needed = [key for key, inner in BOT_API.types[name].items() if inner.required]
        if all(key in value for key in needed):
            return (name,)
    return field.types[:1]


def _decoded(value: Any) -> Any:
    """Read a value that may be JSON inside a form's field."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _of_type(name: str, value: Any, where: tuple[str, str], notes: Notes) -> Any:
    simple = _SIMPLE.get(name)
    if simple is not None:
        return simple(value, where)
    value = _decoded(value)
    if name.startswith("Array of "):
        if not isinstance(value, list):
            raise _wrong_type(where, (name,))
        inner = name.removeprefix("Array of ")
        return [_of_type(inner, item, where, notes) for item in value]
    if not isinstance(value, dict):
        raise _wrong_type(where, (name,))
    forms = BOT_API.choices.get(name)
    if forms is not None:
        form = forms.get(str(value.get("type")))
        if form is None:
            raise bad_request(f"can't parse {name}: unsupported type specified")
        name = form
    return _object(name, BOT_API.types[name], value, notes)


def _object(name: str, fields: Fields, value: dict[str, Any], notes: Notes) -> dict[str, Any]:
    checked = {}
    for key, inner in value.items():
        field = fields.get(key)
        if field is None:
            notes.append(f"{name} has no field {key}")
        elif inner is not None:
            checked[key] = _value(field, inner, (name, key), notes)
    for key, field in fields.items():
        if field.required and key not in checked:
            raise bad_request(f"can't parse {_spoken(name)}: Can't find field \"{key}\"")
    extra = _OBJECT_CHECKS.get(name)
    if extra is not None:
        extra(checked, notes)
    return checked


def _string(value: Any, where: tuple[str, str]) -> str:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise bad_request("strings must be encoded in UTF-8") from None
        return value
    if where[0] in BOT_API.methods and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise _wrong_type(where, ("String",))


def _integer(value: Any, where: tuple[str, str]) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,20}\s*", value):
        number = int(value)
    else:
        raise _wrong_type(where, ("Integer",))
    if not -(2**63) <= number < 2**63:
        raise _wrong_type(where, ("Integer",))
    return number


def _boolean(value: Any, where: tuple[str, str]) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if where[0] in BOT_API.methods and word in _TRUE | _FALSE:
        return word in _TRUE
    raise _wrong_type(where, ("Boolean",))


_SIMPLE: Final[dict[str, Callable[[Any, tuple[str, str]], Any]]] = {
    "String": _string,
    "Integer": _integer,
    "Boolean": _boolean,
}


def _check_length(field: Field, value: Any, where: tuple[str, str]) -> None:
    if (
        field.high is None
        or field.low is None
        or where in {("sendMessage", "text"), ("editMessageText", "text")}
    ):
        return  # a message is measured after its tags are taken out
    if isinstance(value, str):
        size = len(value.encode()) if field.unit == "bytes" else utf16_length(value)
    elif isinstance(value, list):
        size = len(value)
    else:
        size = value
    if size > field.high:
        raise bad_request(_TOO_LONG.get(where, f"{where[1]} is too long"))
    if size < field.low:
        raise bad_request(_too_short(where))


def _too_short(where: tuple[str, str]) -> str:
    match where:
        case ("InlineKeyboardButton", "callback_data"):
            return "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        case ("BotCommand", name):
            return (
                "command must be non-empty" if name == "command" else "command description must be non-empty"
            )
        case (_, name):
            return _EMPTY.get(name, f"{name} is empty")


def _check_button(button: dict[str, Any], notes: Notes) -> None:
    if not button["text"].strip():
        raise bad_request("can't parse inline keyboard button: Inline keyboard button text must be non-empty")
    actions = [name for name in _BUTTON_ACTIONS if name in button]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        notes.append(f"InlineKeyboardButton has more than one action: {', '.join(actions)}")
    if "url" in button:
        _check_button_url(button["url"])
    if button.get("style", "primary") not in _STYLES:
        raise bad_request("can't parse inline keyboard button: invalid button style specified")


def _check_button_url(url: str) -> None:
    scheme, separator, rest = url.partition("://")
    if separator and scheme.lower() not in {"http", "https", "tg", "ton", "tonsite"}:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    if not (rest if separator else url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: URL host is empty")
    if not is_web_address(url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _check_keyboard(markup: dict[str, Any], _notes: Notes) -> None:
    rows = markup["inline_keyboard"]
    if any(not isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    if sum(map(len, rows)) > _MOST_BUTTONS or any(len(row) > _MOST_IN_A_ROW for row in rows):
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    markup["inline_keyboard"] = [row for row in rows if row]


def _check_reply_keyboard(markup: dict[str, Any], _notes: Notes) -> None:
    rows = [row for row in markup["keyboard"] if row]
    if not rows:
        raise bad_request("keyboard must be non-empty")
    if any(not button["text"].strip() for row in rows for button in row):
        raise bad_request("keyboard button text must be non-empty")


def _check_command(command: dict[str, Any], _notes: Notes) -> None:
    command["command"] = command["command"].removeprefix("/")
    if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
        raise bad_request("BOT_COMMAND_INVALID")
    if not command["description"].strip():
        raise bad_request("command description must be non-empty")


_OBJECT_CHECKS: Final[dict[str, Callable[[dict[str, Any], Notes], None]]] = {
    "InlineKeyboardButton": _check_button,
    "InlineKeyboardMarkup": _check_keyboard,
    "ReplyKeyboardMarkup": _check_reply_keyboard,
    "BotCommand": _check_command,
}


def _check_meaning(method: str, params: dict[str, Any]) -> None:
    if "business_connection_id" in params:
        raise bad_request("business connection not found")
    if method == "sendChatAction" and params["action"] not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    if len(params.get("commands", [])) > _MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    if not re.fullmatch(r"(?:[a-z]{2})?", params.get("language_code", "")):
        raise bad_request("invalid language code specified")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", params.get("secret_token", "")):
        raise bad_request("secret token contains unallowed characters")
    if method in {"editMessageText", "editMessageReplyMarkup"} and "inline_message_id" not in params:
        if "chat_id" not in params:
            raise bad_request("chat_id is empty")
        if "message_id" not in params:
            raise bad_request("message identifier is not specified")
