"""Parsing: the shorter way gives what the library would, and leaves to it whatever is not plain."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Bot, InaccessibleMessage, Message, Update

from bot.chat.parsing import bare, parsed

BOT = Bot("4242:token-of-a-test")
CHAT = {"id": 7, "type": "private", "first_name": "Марыя"}
USER = {"id": 7, "is_bot": False, "first_name": "Марыя", "language_code": "be"}
COMMAND = [{"type": "bot_command", "offset": 0, "length": 6}]
MESSAGE = {"message_id": 5, "date": 1_790_000_000, "chat": CHAT, "from": USER, "text": "/start"}
QUERY = {"id": "9", "from": USER, "chat_instance": "1", "data": "1.be.h..0"}


@pytest.mark.parametrize("more", [{}, {"entities": COMMAND}, {"entities": None}])
def test_a_text_is_what_the_library_makes_of_it(more: dict[str, Any]) -> None:
    raw = {"update_id": 1, "message": MESSAGE | more}
    update, theirs = parsed(raw, BOT), Update.de_json(raw, BOT)
    assert update.to_dict() == theirs.to_dict()
    assert update.message is not None
    assert update.message.get_bot() is BOT


def test_a_tap_keeps_which_message_and_when_it_was_sent() -> None:
    shown = {
        "message_id": 5,
        "date": 1_790_000_000,
        "chat": CHAT,
        "text": "a screen",
        "reply_markup": {"inline_keyboard": []},
        "has_protected_content": True,
    }
    update = parsed({"update_id": 1, "callback_query": QUERY | {"message": shown}}, BOT)
    theirs = Update.de_json({"update_id": 1, "callback_query": QUERY | {"message": shown}}, BOT)
    query, message = update.callback_query, update.effective_message
    assert query is not None
    assert theirs.callback_query is not None
    assert isinstance(message, Message)
    assert (query.id, query.data, query.from_user) == ("9", "1.be.h..0", theirs.callback_query.from_user)
    assert (message, message.date) == (theirs.effective_message, message.date)
    assert message.has_protected_content
    assert update.effective_chat == theirs.effective_chat
    assert update.effective_user == theirs.effective_user


def test_a_message_too_old_to_be_seen_is_so_here() -> None:
    old = {"message_id": 5, "date": 0, "chat": CHAT}
    update = parsed({"update_id": 1, "callback_query": QUERY | {"message": old}}, BOT)
    assert update.callback_query is not None
    assert isinstance(update.callback_query.message, InaccessibleMessage)
    assert parsed({"update_id": 1, "callback_query": QUERY}, BOT).effective_message is None


@pytest.mark.parametrize("kind", ["edited_message", "message"])
def test_what_is_not_plain_is_left_to_the_library(kind: str) -> None:
    raw = {"update_id": 1, kind: MESSAGE | {"caption": "seen by the library", "edit_date": 1_790_000_001}}
    message = parsed(raw, BOT).effective_message
    assert message is not None
    assert message.caption == "seen by the library"


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {"update_id": "1"},
        {"update_id": 1, "message": {"message_id": 5}},
        {"update_id": 1, "message": MESSAGE | {"chat": 7}},
        {"update_id": 1, "message": MESSAGE | {"date": 10**20}},
        {"update_id": 1, "callback_query": {"id": "9"}},
        {"update_id": 1, "callback_query": QUERY | {"message": {"message_id": 5}}},
    ],
)
def test_nonsense_is_refused(raw: object) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011  (whatever it is, it reaches nobody else)
        parsed(raw, BOT)


def test_bare_keeps_what_every_message_and_tap_has() -> None:
    raw = {"update_id": 1, "message": MESSAGE | {"poll": 1}, "callback_query": QUERY | {"game": 1}}
    assert bare(raw) == {"update_id": 1, "message": MESSAGE, "callback_query": QUERY}
    assert bare("nonsense") == "nonsense"
