"""A hundred thousand chats without a person in front of each, on a desk that keeps no history."""

import pytest
from telegram import Bot
from telegram.error import BadRequest, Forbidden

from bot.bench.desk import measure
from bot.desk.desk import Desk
from bot.desk.weather import Latency
from tests.desk.conftest import Call, Clock


async def test_chats_exist_without_being_made(desk: Desk, call: Call) -> None:
    chats = desk.populate(100_000)
    assert desk.world.chats == {}
    assert (await call("sendMessage", chat_id=chats[99_999], text="1"))["ok"]
    assert desk.chat(chats[99_999]).history[0].text == "1"
    assert list(desk.world.chats) == [chats[99_999]]
    assert (await call("sendMessage", chat_id=chats[-1] + 1, text="1"))["description"].endswith("not found")
    with pytest.raises(LookupError):
        desk.chat(chats[-1] + 1)


async def test_some_of_them_have_blocked_the_bot(desk: Desk, call: Call) -> None:
    chats = desk.populate(3)
    desk.block(chats[1:2])
    answers = [await call("sendMessage", chat_id=chat, text="1") for chat in chats]
    assert [answer.get("error_code") for answer in answers] == [None, 403, None]
    assert desk.pending_updates == 0
    assert desk.violations == []


async def test_one_of_them_can_become_a_person(desk: Desk, bot: Bot) -> None:
    chats = desk.populate(2)
    desk.block(chats[:1])
    blocked, somebody = desk.somebody(chats[0], "be"), desk.somebody(chats[1])
    with pytest.raises(Forbidden):
        await bot.send_message(blocked.id, "1")
    blocked.start()
    await bot.send_message(blocked.id, "2")
    await bot.send_message(somebody.id, "3")
    assert [person.screen.text for person in (blocked, somebody)] == ["2", "3"]
    with pytest.raises(LookupError):
        desk.somebody(chats[-1] + 1)


@pytest.fixture
def desk_without_history(clock: Clock) -> Desk:
    return Desk(clock=clock, history=False)


async def test_without_history_the_ledger_alone_knows_what_was_said(
    desk_without_history: Desk, clock: Clock
) -> None:
    desk = desk_without_history
    chat, other = desk.populate(2)
    async with desk.serving() as url, Bot(desk.token, base_url=f"{url}/bot") as bot:
        sent = await bot.send_message(chat, "1")
        gone = await bot.send_message(chat, "2", protect_content=True)
        edited = await bot.edit_message_text("3", chat, sent.message_id)
        assert getattr(edited, "text", None) == "3"
        await bot.send_message(chat, "4", reply_to_message_id=sent.message_id)
        await bot.delete_message(chat, gone.message_id)
        desk.expect_refusal("deleteMessage", times=3)
        for strange in (chat, other):
            with pytest.raises(BadRequest, match="to delete not found"):
                await bot.delete_message(strange, gone.message_id)
        clock.now += 48 * 3600
        with pytest.raises(BadRequest, match="for everyone"):
            await bot.delete_message(chat, sent.message_id)
    assert desk.world.chats == {}
    assert desk.calls == []
    assert desk.records.kinds == {"ok": 6, "400": 3}
    assert [(entry.edited, entry.deleted) for entry in desk.ledger] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert desk.violations == []


async def test_without_history_a_person_still_sees_everything(desk_without_history: Desk) -> None:
    desk = desk_without_history
    sister = desk.person("Марыя")
    sister.start()
    async with desk.serving() as url, Bot(desk.token, base_url=f"{url}/bot") as bot:
        await bot.send_message(sister.id, "1")
    assert [message.text for message in sister.history] == ["/start", "1"]


@pytest.mark.parametrize("latency", [None, Latency(0.01, 0.01)])
async def test_the_measurement_counts_what_reached_a_chat(latency: Latency | None) -> None:
    result = await measure(60, in_flight=8, latency=latency)
    assert result.messages == 60
    assert min(result.seconds, result.cpu_seconds, result.megabytes) > 0
