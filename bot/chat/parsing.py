"""Parsing: an update as Telegram sent it becomes the library's object, the plain ones by a shorter way.

The library looks for a hundred fields in each message, and in the one that was tapped. Nearly every update
is a text or a tap, which have six.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from telegram import Bot, CallbackQuery, Chat, InaccessibleMessage, Message, MessageEntity, Update, User

_TAP = frozenset({"id", "from", "message", "chat_instance", "data"})
_PLAIN = ("message_id", "date", "chat", "from", "text", "entities")


def parsed(raw: object, bot: Bot) -> Update:
    """Return an update. Raises whatever the library makes of nonsense."""
    if not isinstance(raw, dict) or type(raw.get("update_id")) is not int:
        raise TypeError("not an update")
    message, query = raw.get("message"), raw.get("callback_query")
    if len(raw) == 2 and isinstance(message, dict) and message.keys() <= set(_PLAIN):
        update = Update(raw["update_id"], message=_text(message, bot))
    elif len(raw) == 2 and isinstance(query, dict) and query.keys() <= _TAP:
        update = Update(raw["update_id"], callback_query=_tap(query, bot))
    else:
        return Update.de_json(raw, bot)
    update.set_bot(bot)
    return update


def _text(raw: dict[str, Any], bot: Bot) -> Message:
    message = Message(
        raw["message_id"],
        datetime.fromtimestamp(raw["date"], UTC),
        Chat.de_json(raw["chat"], bot),
        from_user=User.de_json(sender, bot) if (sender := raw.get("from")) else None,
        text=raw.get("text"),
        entities=MessageEntity.de_list(raw.get("entities") or [], bot),
    )
    message.set_bot(bot)
    return message


def _tap(raw: dict[str, Any], bot: Bot) -> CallbackQuery:
    message = _tapped(tapped, bot) if (tapped := raw.get("message")) else None
    sender = User.de_json(raw["from"], bot)
    query = CallbackQuery(raw["id"], sender, raw["chat_instance"], message, raw.get("data"))
    query.set_bot(bot)
    return query


def _tapped(raw: dict[str, Any], bot: Bot) -> Message | InaccessibleMessage:
    """Return which message was tapped, when it was sent and whether it can be copied out of the chat.

    What it says we know from the button.
    """
    chat = Chat.de_json(raw["chat"], bot)
    if raw["date"] == 0:
        return InaccessibleMessage(chat, raw["message_id"])
    sent, protected = datetime.fromtimestamp(raw["date"], UTC), raw.get("has_protected_content")
    return Message(raw["message_id"], sent, chat, has_protected_content=protected)


def bare(raw: object) -> object:
    """Return an update with only what every message and tap has, for when the rest cannot be parsed."""
    if not isinstance(raw, dict):
        return raw
    stripped: dict[str, Any] = {"update_id": raw.get("update_id")}
    for kind in ("message", "edited_message"):
        if isinstance(message := raw.get(kind), dict):
            stripped[kind] = {name: message[name] for name in _PLAIN if name in message}
    if isinstance(query := raw.get("callback_query"), dict):
        stripped["callback_query"] = {
            name: query[name] for name in ("id", "from", "chat_instance", "data") if name in query
        }
    return stripped
