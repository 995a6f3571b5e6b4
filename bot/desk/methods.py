"""What each method of the Bot API does to the world, and when Telegram refuses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from bot.desk.messages import Message
from bot.desk.refusals import Refusal, bad_request, forbidden
from bot.desk.texts import text_and_entities
from bot.desk.world import CALLBACK_LIVES_SECONDS, CALLBACK_PATIENCE_SECONDS, Chat, World

Params = dict[str, Any]

_DELETABLE_SECONDS: Final = 48 * 3600
_NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"


def find_chat(world: World, params: Params) -> Chat:
    """Find the chat a call is about; raise Refusal when the bot cannot reach it."""
    number = params["chat_id"]
    chat = world.chat_at(number) if isinstance(number, int) else None
    if chat is None or not chat.known:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        words = "Bad Request: group chat was upgraded to a supergroup chat"
        raise Refusal(400, words, avoidable=False, migrate_to_chat_id=chat.migrated_to)
    return chat


def _open_chat(world: World, params: Params) -> Chat:
    chat = find_chat(world, params)
    if chat.closed is not None:
        raise forbidden(chat.closed)
    return chat


def _get_me(world: World, _params: Params) -> Any:
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def _send_message(world: World, params: Params) -> Any:
    chat = _open_chat(world, params)
    text, entities = text_and_entities(params)
    message = Message(
        id=world.next_message_id(),
        chat_id=chat.id,
        from_bot=True,
        sender=world.bot_name(chat.language),
        sent_at=world.clock(),
        text=text,
        entities=tuple(_with_users(world, entities)),
        markup=_markup(params),
        silent=params.get("disable_notification", False),
        protected=params.get("protect_content", False),
        link_preview=not params.get("link_preview_options", {}).get("is_disabled", False),
        reply_to=_replied_to(world, chat, params),
        raw={"from": world.bot, "chat": chat.described},
    )
    world.ledger.note(message)
    if chat.keeps_history:
        _show(chat, message, params)
    return message.as_json()


def _show(chat: Chat, message: Message, params: Params) -> None:
    chat.messages[message.id] = message
    chat.acts.append(message)
    chat.action = None
    _change_keyboard(chat, params.get("reply_markup"))
    if not message.silent:
        chat.lock_screen.append(message.lock_screen_line(chat.described.get("title") or message.sender))


def _with_users(world: World, entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn a mention by number into a mention of somebody the bot knows; of anybody else it is plain text."""
    written = []
    for entity in entities:
        if "user_id" in entity:
            chat = world.chat_at(entity["user_id"])
            if chat is None or not chat.known:
                continue
            user = {"id": chat.id, "is_bot": False, "first_name": chat.described.get("first_name", "")}
            entity = {key: value for key, value in entity.items() if key != "user_id"} | {"user": user}
        written.append(entity)
    return written


def _markup(params: Params) -> dict[str, Any] | None:
    markup: dict[str, Any] | None = params.get("reply_markup")
    return None if markup is None or markup.get("inline_keyboard") == [] else markup


def _change_keyboard(chat: Chat, markup: dict[str, Any] | None) -> None:
    if markup and "keyboard" in markup:
        chat.keyboard = markup
    elif markup and markup.get("remove_keyboard"):
        chat.keyboard = None


def _replied_to(world: World, chat: Chat, params: Params) -> int | None:
    reply = params.get("reply_parameters")
    if reply is None or reply.get("message_id") is None:
        return None
    number: int = reply["message_id"]
    if _find_message(world, chat, number) is not None:
        return number
    if reply.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def _find_message(world: World, chat: Chat, number: int) -> Message | None:
    """Find a message; where no history is kept, as far as the ledger knows it: without its text."""
    noted = None if chat.keeps_history else world.ledger.find(chat.id, number)
    if noted is None or noted.deleted:
        return chat.messages.get(number)
    return Message(
        id=number,
        chat_id=chat.id,
        from_bot=True,
        sender=world.bot_name(chat.language),
        sent_at=noted.sent_at,
        silent=noted.silent,
        protected=noted.protected,
        raw={"from": world.bot, "chat": chat.described},
    )


def _message_to_edit(world: World, params: Params) -> tuple[Chat, Message]:
    if "inline_message_id" in params:
        raise bad_request("MESSAGE_ID_INVALID")
    chat = _open_chat(world, params)
    message = _find_message(world, chat, params["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot or (message.markup is not None and "inline_keyboard" not in message.markup):
        raise bad_request("message can't be edited")
    return chat, message


def _replace(world: World, chat: Chat, old: Message, **changed: Any) -> Any:
    new = replace(old, **changed)
    if (new.text, new.entities, new.markup) == (old.text, old.entities, old.markup):
        raise bad_request(_NOT_MODIFIED)
    new = replace(new, edited_at=world.clock())
    world.ledger.note_edited(chat.id, new.id)
    if chat.keeps_history:
        chat.messages[new.id] = new
        chat.acts.append(new)
    return new.as_json()


def _edit_message_text(world: World, params: Params) -> Any:
    chat, message = _message_to_edit(world, params)
    text, entities = text_and_entities(params)
    preview = not params.get("link_preview_options", {}).get("is_disabled", False)
    written = tuple(_with_users(world, entities))
    changed = {"text": text, "entities": written, "markup": _markup(params), "link_preview": preview}
    return _replace(world, chat, message, **changed)


def _edit_message_reply_markup(world: World, params: Params) -> Any:
    chat, message = _message_to_edit(world, params)
    return _replace(world, chat, message, markup=_markup(params))


def _refuse_undeletable(world: World, chat: Chat, message: Message) -> None:
    if world.clock() - message.sent_at >= _DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    if not chat.is_private and not message.from_bot:
        raise bad_request("message can't be deleted")


def _delete_message(world: World, params: Params) -> Any:
    chat = find_chat(world, params)
    message = _find_message(world, chat, params["message_id"])
    if message is None:
        raise Refusal(400, "Bad Request: message to delete not found", avoidable=False)
    _refuse_undeletable(world, chat, message)
    _delete(world, chat, message)
    return True


def _delete(world: World, chat: Chat, message: Message) -> None:
    chat.messages.pop(message.id, None)
    world.ledger.note_deleted(chat.id, message.id)


def _delete_messages(world: World, params: Params) -> Any:
    chat = find_chat(world, params)
    asked = [_find_message(world, chat, number) for number in set(params["message_ids"])]
    there = [message for message in asked if message is not None]
    for message in there:
        _refuse_undeletable(world, chat, message)
    for message in there:
        _delete(world, chat, message)
    return True


def _answer_callback_query(world: World, params: Params) -> Any:
    tap = world.taps.get(params["callback_query_id"])
    now = world.clock()
    if tap is None or tap.answered or now - tap.tapped_at > CALLBACK_LIVES_SECONDS:
        raise bad_request(_TOO_OLD)
    tap.answered_at = now
    tap.text = params.get("text", "")
    tap.alert = params.get("show_alert", False)
    tap.url = params.get("url")
    waited = now - tap.tapped_at
    if waited > CALLBACK_PATIENCE_SECONDS:
        world.wrongs.append(f"callback query {tap.id} was answered only after {waited:.0f} s")
    return True


def _send_chat_action(world: World, params: Params) -> Any:
    _open_chat(world, params).action = params["action"]
    return True


def _scope(params: Params) -> tuple[str, str]:
    scope = params.get("scope", {"type": "default"})
    words = [str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope]
    return ":".join(words), params.get("language_code", "")


def _set_my_commands(world: World, params: Params) -> Any:
    world.profile.commands[_scope(params)] = params["commands"]
    return True


def _get_my_commands(world: World, params: Params) -> Any:
    return world.profile.commands.get(_scope(params), [])


def _delete_my_commands(world: World, params: Params) -> Any:
    world.profile.commands.pop(_scope(params), None)
    return True


def _setter(section: str, key: str) -> Callable[[World, Params], Any]:
    def change(world: World, params: Params) -> Any:
        kept: dict[str, str] = getattr(world.profile, section)
        kept[params.get("language_code", "")] = params.get(key, "")
        return True

    return change


def _getter(section: str, key: str) -> Callable[[World, Params], Any]:
    def read(world: World, params: Params) -> Any:
        kept: dict[str, str] = getattr(world.profile, section)
        own = str(world.bot["first_name"]) if section == "names" else ""
        return {key: kept.get(params.get("language_code", "")) or kept.get("") or own}

    return read


def _set_chat_menu_button(world: World, params: Params) -> Any:
    world.profile.menu_buttons[params.get("chat_id", 0)] = params.get("menu_button", {"type": "default"})
    return True


def _get_chat(world: World, params: Params) -> Any:
    chat = find_chat(world, params)
    gifts = (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    )
    return {
        **chat.described,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


def _leave_chat(world: World, params: Params) -> Any:
    chat = _open_chat(world, params)
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    chat.closed = "bot is not a member of the group chat"
    return True


def _pin(world: World, params: Params) -> Any:
    chat = _open_chat(world, params)
    if params["message_id"] not in chat.messages:
        raise bad_request("message to pin not found")
    chat.pinned.append(params["message_id"])
    return True


def _unpin(world: World, params: Params) -> Any:
    chat = _open_chat(world, params)
    number = params.get("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(number)
    return True


METHODS: Final[dict[str, Callable[[World, Params], Any]]] = {
    "getMe": _get_me,
    "logOut": lambda _world, _params: True,
    "close": lambda _world, _params: True,
    "sendMessage": _send_message,
    "editMessageText": _edit_message_text,
    "editMessageReplyMarkup": _edit_message_reply_markup,
    "deleteMessage": _delete_message,
    "deleteMessages": _delete_messages,
    "answerCallbackQuery": _answer_callback_query,
    "sendChatAction": _send_chat_action,
    "setMyCommands": _set_my_commands,
    "getMyCommands": _get_my_commands,
    "deleteMyCommands": _delete_my_commands,
    "setMyName": _setter("names", "name"),
    "getMyName": _getter("names", "name"),
    "setMyDescription": _setter("descriptions", "description"),
    "getMyDescription": _getter("descriptions", "description"),
    "setMyShortDescription": _setter("short_descriptions", "short_description"),
    "getMyShortDescription": _getter("short_descriptions", "short_description"),
    "setChatMenuButton": _set_chat_menu_button,
    "getChat": _get_chat,
    "leaveChat": _leave_chat,
    "pinChatMessage": _pin,
    "unpinChatMessage": _unpin,
}
