"""Not found: Telegram says so of chats that are there, and what is due in them goes all the same."""

from __future__ import annotations

import pytest

from bot.chat.erasing import ORDINARY
from bot.chat.lanes import Lanes
from bot.desk import faults
from bot.desk.people import Person
from bot.domain.follower import Flag
from bot.services.sweeping import MOST_AWAY
from tests.cleaning import Cleaning

ALWAYS = 100


async def _write(alone: Cleaning, *readers: Person, messages: int = 1) -> None:
    for reader in readers * messages:
        await alone.writes(reader=reader)
        await alone.wiping.settled(reader.id, None)


def _others(alone: Cleaning, many: int) -> list[Person]:
    return [alone.desk.person("Вера", language_code="be") for _ in range(many)]


@pytest.mark.parametrize("messages", [1, 5])
async def test_what_is_due_where_telegram_finds_no_chat_goes_a_minute_later(
    alone: Cleaning, messages: int
) -> None:
    await _write(alone, alone.mother, messages=messages)
    alone.clock.passes(hours=12)
    alone.desk.faults.next("*", faults.not_found())
    assert await alone.wiping.wipe_due() == 0
    assert len(alone.left) == messages
    alone.clock.passes(minutes=1)
    assert await alone.wiping.wipe_due() == 1
    assert alone.left == []
    assert await alone.is_forgotten()


async def test_chats_that_are_never_found_go_after_two_days_and_hold_up_no_others(alone: Cleaning) -> None:
    """As of readers who did not come to the bot that took over."""
    await alone.start(Lanes(rate=10_000))
    gone = _others(alone, 2 * MOST_AWAY)
    await _write(alone, *gone, messages=3)
    for reader in gone:
        alone.desk.faults.next("*", faults.not_found(), times=ALWAYS, chat_id=reader.id)
    alone.clock.passes(minutes=1)
    await _write(alone, alone.mother)
    alone.clock.passes(hours=12)
    assert await alone.wiping.wipe_due() == 1
    assert alone.left == []
    for _ in range(2 * 47):
        alone.clock.passes(minutes=30)
        assert await alone.wiping.wipe_due() == 0
    assert None not in [await alone.vault.read(reader.id) for reader in gone]
    tries = [call for call in alone.desk.calls if call.method.startswith("delete")]
    assert len(tries) < 60 * len(gone)
    alone.clock.passes(hours=2)
    assert await alone.wiping.wipe_due() == 0
    assert {await alone.vault.read(reader.id) for reader in gone} == {None}


async def test_a_clock_put_back_leaves_no_chat_alone_for_longer(alone: Cleaning) -> None:
    await _write(alone, alone.mother)
    alone.clock.is_set(hours=40)
    alone.desk.faults.next("*", faults.not_found())
    await alone.wiping.wipe_due()
    assert len(alone.left) == 1
    alone.clock.is_set(hours=-28)
    await alone.wiping.wipe_due()
    assert alone.left == []


@pytest.mark.parametrize("method", ["editMessageText", "sendMessage"])
async def test_what_is_too_old_is_blanked_and_told_of_though_the_chat_was_not_found_once(
    alone: Cleaning, method: str
) -> None:
    await alone.writes()
    await alone.settles(await alone.say())
    alone.clock.passes(hours=49)
    alone.desk.expect_refusal("deleteMessage", 4)
    alone.desk.expect_refusal("editMessageText")  # it says something ordinary already, when done again
    alone.desk.faults.next(method, faults.not_found())
    for _ in range(2):
        await alone.wiping.wipe_due()
        alone.clock.passes(hours=1)
    said = [message.text for message in alone.mother.history if message.from_bot]
    assert said[0] == ORDINARY
    assert [text.startswith("У гэтым чаце") for text in said] == [False, True]


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_hidden_answer_where_telegram_finds_no_chat_is_looked_for_for_two_days(
    alone: Cleaning, is_there: bool
) -> None:
    readers = _others(alone, MOST_AWAY + 1)
    for reader in readers:
        await alone.writes(reader=reader)
        await alone.say(reader)
        times = 1 if is_there else ALWAYS
        alone.desk.faults.next("*", faults.not_found(), times=times, chat_id=reader.id)
    await alone.start(Lanes(rate=10_000))
    assert await alone.wiping.sweep() == 0
    if is_there:
        assert len(alone.desk.faults) == 0, "all were tried: they are no sign that Telegram is away"
    else:
        alone.clock.passes(hours=48)
    assert await alone.wiping.sweep() == len(readers)
    assert {len(reader.history) for reader in readers} == {1 if is_there else 2}
    rows = [await alone.vault.read(reader.id) for reader in readers]
    assert not any(Flag.ANSWERING in row.flags for row in rows if row)
