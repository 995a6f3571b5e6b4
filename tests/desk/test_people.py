"""What a person does reaches the bot, and what the bot does is seen, in python-telegram-bot's own types."""

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.desk.desk import Desk
from bot.desk.messages import OTHER_KINDS
from bot.desk.people import Person
from tests.desk.conftest import Clock

HOURS = 3600
NEXT = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Далей", callback_data="next"))
TOO_OLD = "Query is too old"


async def taken(bot: Bot) -> list[Update]:
    """Fetch and confirm everything that waits."""
    updates = await bot.get_updates(timeout=0)
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1, timeout=0)
    return list(updates)


async def test_start_brings_its_payload_as_a_command(desk: Desk, bot: Bot) -> None:
    desk.person("Марыя", language_code="be").start("from_site")
    [update] = await taken(bot)
    assert update.message is not None
    assert update.message.from_user is not None
    assert update.message.text == "/start from_site"
    assert [(entity.type, entity.length) for entity in update.message.entities] == [("bot_command", 6)]
    assert update.message.from_user.language_code == "be"
    assert update.message.chat.type == "private"


async def test_a_phone_may_keep_its_language_to_itself(desk: Desk, bot: Bot) -> None:
    desk.person("Марыя").start()
    [update] = await taken(bot)
    assert update.effective_user is not None
    assert update.effective_user.language_code is None


async def test_a_bot_cannot_write_to_who_never_wrote_to_it(desk: Desk, bot: Bot) -> None:
    stranger = desk.person("Марыя")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(stranger.id, "1")


async def test_a_message_is_heard_as_it_was_and_seen_as_it_is(sister: Person, bot: Bot) -> None:
    sent = await bot.send_message(sister.id, "<b>Адзін</b> 😀 <i>і</i>", parse_mode="HTML", reply_markup=NEXT)
    await bot.edit_message_text("Два", sister.id, sent.message_id)
    first, second = await sister.hears(2)
    assert (first.text, first.button_texts, first.edited) == ("Адзін 😀 і", ["Далей"], False)
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in first.entities] == [
        ("bold", 0, 5),
        ("italic", 9, 1),
    ]
    assert (second.text, second.button_texts, second.edited) == ("Два", [], True)
    assert sister.screen == second
    assert sister.screen.id == sent.message_id
    assert [message.from_bot for message in sister.history] == [False, True]


async def test_waiting_for_what_never_comes_says_what_was_there(sister: Person, bot: Bot) -> None:
    await bot.send_message(sister.id, "адзін")
    with pytest.raises(TimeoutError, match=r"heard 1 of 2 messages; .*sendMessage: ok"):
        await sister.hears(2, timeout=0.05)


async def test_silence_can_be_waited_for(sister: Person, bot: Bot) -> None:
    await sister.hears_nothing(0.02)
    await bot.send_message(sister.id, "адзін")
    with pytest.raises(AssertionError, match="silent"):
        await sister.hears_nothing(0.02)


async def test_an_edit_that_changes_nothing_is_refused(desk: Desk, sister: Person, bot: Bot) -> None:
    sent = await bot.send_message(sister.id, "Адзін", reply_markup=NEXT)
    with pytest.raises(BadRequest, match="Message is not modified: specified new message content"):
        await bot.edit_message_text("Адзін", sister.id, sent.message_id, reply_markup=NEXT)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(sister.id, sent.message_id, reply_markup=NEXT)
    await bot.edit_message_reply_markup(sister.id, sent.message_id)
    assert sister.screen.buttons == ()
    assert len(desk.violations) == 2


async def test_what_cannot_be_edited(sister: Person, bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("1", sister.id, 999)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("1", sister.id, sister.history[0].id)
    tiles = ReplyKeyboardMarkup([["Дапамога"]])
    sent = await bot.send_message(sister.id, "1", reply_markup=tiles)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("2", sister.id, sent.message_id)


async def test_a_bot_deletes_both_sides_within_two_days(clock: Clock, sister: Person, bot: Bot) -> None:
    sent = await bot.send_message(sister.id, "1")
    clock.now += 48 * HOURS - 1
    assert await bot.delete_messages(sister.id, [sister.history[0].id, sent.message_id, 999])
    assert sister.history == []


async def test_a_bot_cannot_delete_after_two_days(clock: Clock, sister: Person, bot: Bot) -> None:
    sent = await bot.send_message(sister.id, "1")
    clock.now += 48 * HOURS
    with pytest.raises(BadRequest, match="Message can't be deleted for everyone"):
        await bot.delete_message(sister.id, sent.message_id)
    with pytest.raises(BadRequest, match="Message can't be deleted for everyone"):
        await bot.delete_messages(sister.id, [sent.message_id])
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(sister.id, 999)
    assert len(sister.history) == 2


async def test_a_tap_is_told_and_its_answer_is_seen(desk: Desk, sister: Person, bot: Bot) -> None:
    await bot.send_message(sister.id, "1", reply_markup=NEXT)
    sister.taps("Далей")
    query = (await taken(bot))[-1].callback_query
    assert query is not None
    assert (query.data, query.from_user.id) == ("next", sister.id)
    assert await bot.answer_callback_query(query.id, "Добра", show_alert=True)
    tap = await sister.answered()
    assert (tap.text, tap.alert) == ("Добра", True)
    with pytest.raises(BadRequest, match=TOO_OLD):
        await bot.answer_callback_query(query.id)
    assert len(desk.violations) == 1


async def test_a_hostile_phone_sends_any_data_from_any_message(sister: Person, bot: Bot) -> None:
    sent = await bot.send_message(sister.id, "1", reply_markup=NEXT)
    screen = sister.screen
    await bot.delete_message(sister.id, sent.message_id)
    sister.taps((screen, "forged"))
    query = (await taken(bot))[-1].callback_query
    assert query is not None
    assert query.data == "forged"
    assert query.message is not None
    assert not query.message.is_accessible


async def test_a_tap_without_an_answer_is_a_violation(
    desk: Desk, clock: Clock, sister: Person, bot: Bot
) -> None:
    await bot.send_message(sister.id, "1", reply_markup=NEXT)
    tap = sister.taps("Далей")
    assert tap is not None
    assert desk.violations == []
    clock.now += 16
    assert desk.violations == [f"callback query {tap.id} was never answered"]
    await bot.answer_callback_query(tap.id)
    assert desk.violations == [f"callback query {tap.id} was answered only after 16 s"]


async def test_a_tap_cannot_be_answered_for_ever(clock: Clock, sister: Person, bot: Bot) -> None:
    await bot.send_message(sister.id, "1", reply_markup=NEXT)
    tap = sister.taps("Далей")
    assert tap is not None
    clock.now += 901
    with pytest.raises(BadRequest, match=TOO_OLD):
        await bot.answer_callback_query(tap.id)


async def test_at_the_end_every_tap_must_be_answered(desk: Desk) -> None:
    async with desk.serving() as url, Bot(desk.token, base_url=f"{url}/bot") as bot:
        sister = desk.person("Марыя")
        sister.start()
        await bot.send_message(sister.id, "1", reply_markup=NEXT)
        sister.taps("Далей")
        assert desk.violations == []
    assert len(desk.violations) == 1


async def test_some_buttons_ask_the_bot_nothing(sister: Person, bot: Bot) -> None:
    link = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Крыніца", url="https://example.org"))
    await bot.send_message(sister.id, "1", reply_markup=link)
    assert sister.taps("Крыніца") is None
    assert sister.opened == ["https://example.org"]
    await bot.send_message(sister.id, "2", reply_markup=ReplyKeyboardMarkup([["Дапамога"]]))
    assert sister.taps("Дапамога") is None
    assert sister.history[-1].text == "Дапамога"
    with pytest.raises(LookupError):
        sister.taps("Няма такой")


async def test_who_blocks_is_told_and_cannot_be_reached(desk: Desk, sister: Person, bot: Bot) -> None:
    sister.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(sister.id, "1")
    member = (await taken(bot))[-1].my_chat_member
    assert member is not None
    assert (member.old_chat_member.status, member.new_chat_member.status) == ("member", "kicked")
    with pytest.raises(RuntimeError):
        sister.says("1")
    sister.start()
    kinds = [update.my_chat_member is not None for update in await taken(bot)]
    assert kinds == [True, False]
    await bot.send_message(sister.id, "1")
    assert desk.violations == []


async def test_an_account_may_vanish(sister: Person, bot: Bot) -> None:
    sister.vanishes()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(sister.id, "1")


async def test_the_lock_screen_shows_one_short_line(sister: Person, bot: Bot) -> None:
    await bot.send_message(sister.id, "Першы радок\nДругі радок")
    await bot.send_message(sister.id, "Ціха", disable_notification=True)
    sent = await bot.send_message(
        sister.id, "<tg-spoiler>Імя</tg-spoiler> 😀 " + "ў" * 100, parse_mode="HTML"
    )
    await bot.edit_message_text("Зменена", sister.id, sent.message_id)
    first, second = sister.lock_screen
    assert first == "Volya: Першы радок"
    assert second.startswith("Volya: ▒▒▒ 😀 ўўў")
    assert len(second) == 80


async def test_flags_of_a_message_are_kept(sister: Person, bot: Bot) -> None:
    options = LinkPreviewOptions(is_disabled=True)
    sent = await bot.send_message(sister.id, "1", protect_content=True, link_preview_options=options)
    assert (sister.screen.protected, sister.screen.link_preview) == (True, False)
    assert sent.has_protected_content


@pytest.mark.parametrize("kind", OTHER_KINDS)
async def test_everything_a_person_can_send_is_understood(kind: str, sister: Person, bot: Bot) -> None:
    sister.sends(kind)
    message = (await taken(bot))[-1].message
    assert message is not None
    assert getattr(message, kind)
    assert message.text is None


async def test_an_edited_message_is_told_as_one(sister: Person, bot: Bot) -> None:
    sister.edits(sister.says("адзін"), "два")
    message = (await taken(bot))[-1].edited_message
    assert message is not None
    assert message.text == "два"
    assert message.edit_date is not None


async def test_a_group_shows_the_bot_only_what_is_for_it(desk: Desk, sister: Person, bot: Bot) -> None:
    brother = desk.person("Сяргей")
    group = desk.group("Сям'я", members=[sister, brother])
    sister.says("прывітанне", to=group)
    brother.says("/help", to=group)
    brother.says("/help@other_bot", to=group)
    updates = await taken(bot)
    assert updates[1].my_chat_member is not None
    assert [update.message.text for update in updates[2:] if update.message] == ["/help"]
    await bot.send_message(group.chat.id, "адказ", reply_markup=NEXT)
    [heard] = await brother.hears()
    assert heard.text == "адказ"
    assert group.screen == heard
    sister.says("дзякуй", to=group, reply_to=heard)
    tap = sister.taps("Далей", on=heard)
    assert tap is not None
    assert tap.chat_id == group.chat.id
    assert len(await taken(bot)) == 2


async def test_a_bot_may_be_thrown_out_leave_or_be_moved(desk: Desk, sister: Person, bot: Bot) -> None:
    first, second, third = (desk.group(str(number), members=[sister]) for number in range(3))
    first.kicks_the_bot()
    with pytest.raises(Forbidden, match="bot was kicked from the group chat"):
        await bot.send_message(first.chat.id, "1")
    await bot.leave_chat(second.chat.id)
    with pytest.raises(Forbidden, match="bot is not a member"):
        await bot.send_message(second.chat.id, "1")
    old = third.chat.id
    number = third.becomes_a_supergroup()
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(old, "1")
    assert moved.value.new_chat_id == number
    await bot.send_message(number, "1")
    assert desk.violations == []


async def test_a_message_can_be_pinned(desk: Desk, sister: Person, bot: Bot) -> None:
    sent = await bot.send_message(sister.id, "1")
    assert await bot.pin_chat_message(sister.id, sent.message_id)
    assert desk.chat(sister.id).pinned == [sent.message_id]
    assert await bot.unpin_chat_message(sister.id)
    assert desk.chat(sister.id).pinned == []
    assert (await bot.get_chat(sister.id)).first_name == "Марыя"


async def test_a_chat_cleared_by_its_person_is_gone(sister: Person, bot: Bot) -> None:
    sent = await bot.send_message(sister.id, "1")
    sister.clears_the_chat()
    assert sister.history == []
    with pytest.raises(LookupError):
        _ = sister.screen
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("2", sister.id, sent.message_id)


async def test_what_comes_unasked_can_be_waited_for(sister: Person, bot: Bot) -> None:
    await bot.send_message(sister.id, "адказ")
    sister.listens()
    await bot.send_message(sister.id, "навіна")
    [alert] = await sister.hears()
    assert alert.text == "навіна"


async def test_anything_can_be_waited_for(desk: Desk, sister: Person, bot: Bot) -> None:
    await bot.delete_message(sister.id, sister.history[0].id)
    await desk.until(lambda: sister.history == [])
    with pytest.raises(TimeoutError):
        await desk.until(lambda: len(sister.history) == 1, timeout=0.02)


async def test_a_chat_can_be_written_down(sister: Person, bot: Bot) -> None:
    sister.sends("sticker")
    await bot.send_message(sister.id, "Адзін\nДва", reply_markup=NEXT, protect_content=True)
    assert sister.transcript.splitlines() == [
        "me:",
        "  /start",
        "me: sticker",
        "bot: (protected)",
        "  Адзін",
        "  Два",
        "  [Далей]",
    ]


async def test_a_keyboard_for_one_use_goes_away(sister: Person, bot: Bot) -> None:
    await bot.send_message(
        sister.id, "1", reply_markup=ReplyKeyboardMarkup([["Так"]], one_time_keyboard=True)
    )
    sister.taps("Так")
    with pytest.raises(LookupError):
        sister.taps("Так")
