"""How updates reach the bot: by polling under its rules, or posted to a webhook until taken."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.desk.desk import Desk
from bot.desk.people import Person
from tests.desk.conftest import Call, Clock


def texts(answer: dict[str, Any]) -> list[str]:
    return [update["message"]["text"] for update in answer["result"]]


async def test_updates_stay_until_they_are_confirmed(desk: Desk, sister: Person, call: Call) -> None:
    sister.says("адзін")
    sister.says("два")
    first = await call("getUpdates")
    assert texts(first) == ["/start", "адзін", "два"] == texts(await call("getUpdates"))
    assert texts(await call("getUpdates", limit=1)) == ["/start"]
    assert texts(await call("getUpdates", offset=first["result"][2]["update_id"])) == ["два"]
    assert desk.pending_updates == 1
    assert texts(await call("getUpdates", offset=first["result"][2]["update_id"] + 1)) == []
    assert desk.pending_updates == 0


async def test_a_negative_offset_keeps_the_last_ones(desk: Desk, sister: Person, call: Call) -> None:
    sister.says("адзін")
    assert texts(await call("getUpdates", offset=-1)) == ["адзін"]
    assert desk.pending_updates == 1


async def test_only_asked_kinds_are_kept(sister: Person, call: Call) -> None:
    await call("getUpdates", allowed_updates=["my_chat_member"])
    sister.says("адзін")
    sister.blocks()
    answer = await call("getUpdates")
    assert [next(iter(set(update) - {"update_id"})) for update in answer["result"]] == [
        "message",
        "my_chat_member",
    ]
    assert texts({"result": answer["result"][:1]}) == ["/start"]


async def test_updates_are_kept_for_a_day(clock: Clock, sister: Person, call: Call) -> None:
    clock.now += 23 * 3600
    sister.says("пазней")
    clock.now += 3601
    assert texts(await call("getUpdates")) == ["пазней"]


async def test_a_tap_is_kept_for_two_minutes_and_a_half(clock: Clock, sister: Person, call: Call) -> None:
    sister.says("раней")
    tap = sister.presses(sister.history[-1], "data")
    clock.now += 150
    kept = (await call("getUpdates"))["result"]
    assert kept[-1]["callback_query"]["id"] == tap.id
    clock.now += 1
    assert texts(await call("getUpdates")) == ["/start", "раней"]


async def test_a_long_poll_ends_with_the_first_update(desk: Desk, call: Call) -> None:
    person = desk.person("Марыя")
    async with asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(call("getUpdates", timeout=30))
        await asyncio.sleep(0.02)
        assert not poll.done()
        person.start()
    assert texts(poll.result()) == ["/start"]


async def test_a_second_poller_ends_the_first(desk: Desk, call: Call) -> None:
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(call("getUpdates", timeout=30))
        await asyncio.sleep(0.02)
        await call("getUpdates", timeout=0)
    assert first.result() == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    }
    assert desk.violations == []


@pytest.mark.parametrize(
    "update", [{"message": {"chat": 3}}, {"widget_query": {"id": "1"}}, {}, [], "?", None]
)
async def test_anything_at_all_may_be_injected(update: Any, desk: Desk, call: Call) -> None:
    number = desk.inject(update)
    [told] = (await call("getUpdates"))["result"]
    assert told == ({"update_id": number, **update} if isinstance(update, dict) else update)
    await call("getUpdates", offset=number + 1)
    assert desk.pending_updates == 0


async def test_half_a_character_reaches_the_bot(desk: Desk, sister: Person, call: Call) -> None:
    sister.says("а\ud800")
    assert texts(await call("getUpdates", offset=-1)) == ["а\ud800"]


async def test_what_goes_wrong_inside_comes_out_as_it_is(desk: Desk) -> None:
    with pytest.raises(KeyError):
        async with desk.serving():
            raise KeyError
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02), desk.serving():
            await asyncio.Event().wait()


async def test_an_injected_number_is_kept_and_counted_on(desk: Desk, sister: Person, call: Call) -> None:
    desk.inject({"update_id": 900_000_000, "poll": {}})
    sister.says("далей")
    numbers = [update["update_id"] for update in (await call("getUpdates"))["result"]]
    assert numbers[1:] == [900_000_000, 900_000_001]


class Receiver:
    """The bot's side of a webhook, which can be told to refuse."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.secrets: set[str] = set()
        self.refusals = 0
        self.refusal = 503
        self.only = ""
        self.after = ""
        self.at_once = 0
        self.most_at_once = 0
        self.slow = 0.0
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        update = json.loads(await request.read())
        await asyncio.sleep(self.slow)
        self.at_once -= 1
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""))
        if self.refusals and (not self.only or self.only in update):
            self.refusals -= 1
            headers = {"Location": "/elsewhere", "Retry-After": self.after}
            return web.Response(status=self.refusal, headers=headers)
        self.taken.append(update)
        return web.Response()

    def texts(self, chat: int) -> list[str]:
        messages = [update["message"] for update in self.taken]
        return [message["text"] for message in messages if message["chat"]["id"] == chat]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def test_a_webhook_gets_every_update_in_the_order_of_its_chat(
    desk: Desk, call: Call, receiver: Receiver
) -> None:
    people = [desk.person(str(number)) for number in range(5)]
    receiver.refusals = 3
    receiver.slow = 0.002
    assert (await call("setWebhook", url=receiver.url, secret_token="s3cret", max_connections=3))["ok"]
    said = [str(number) for number in range(6)]
    for text in said:
        for person in people:
            person.says(text)
    await desk.settled()
    assert [receiver.texts(person.id) for person in people] == [said] * 5
    assert receiver.secrets == {"s3cret"}
    assert receiver.most_at_once == 3


async def test_a_refusing_webhook_is_reported(
    desk: Desk, sister: Person, call: Call, receiver: Receiver
) -> None:
    receiver.refusals = 1
    await call("setWebhook", url=receiver.url)
    await desk.settled()
    info = (await call("getWebhookInfo"))["result"]
    assert (info["url"], info["pending_update_count"]) == (receiver.url, 0)
    assert info["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"
    assert receiver.texts(sister.id) == ["/start"]


async def test_what_is_not_taken_pauses_its_own_lane_only(
    desk: Desk, sister: Person, call: Call, receiver: Receiver
) -> None:
    """What somebody writes, what they tap, and that they block the bot: each is a lane of its own."""
    receiver.only = "callback_query"
    receiver.refusals = 100
    await call("setWebhook", url=receiver.url)
    sister.presses(sister.history[-1], "data")
    sister.says("/stop")
    sister.blocks()
    await desk.until(lambda: len(receiver.taken) == 3)
    assert [next(iter(update.keys() - {"update_id"})) for update in receiver.taken].count("message") == 2
    receiver.refusals = 0
    await desk.settled()
    assert "callback_query" in receiver.taken[-1]


@pytest.mark.parametrize(("asked", "times"), [("", 8), ("3", 51), ("151", 1)])
async def test_a_tap_is_brought_again_when_it_is_asked_for_while_it_lives(
    asked: str,
    times: int,
    clock: Clock,
    desk: Desk,
    sister: Person,
    call: Call,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a word Telegram waits ever longer: not at all, then 2, 4, 8 seconds and so on to a minute."""

    async def passes(seconds: int) -> None:
        clock.now += seconds

    monkeypatch.setattr("bot.desk.webhook._pause", passes)
    receiver.only, receiver.refusals, receiver.after = "callback_query", 1_000, asked
    await call("setWebhook", url=receiver.url)
    sister.presses(sister.history[-1], "data")
    await desk.settled(timeout=20)
    assert 1_000 - receiver.refusals == times
    assert [next(iter(update.keys() - {"update_id"})) for update in receiver.taken] == ["message"]


async def test_a_redirection_is_no_answer(desk: Desk, sister: Person, call: Call, receiver: Receiver) -> None:
    receiver.refusals, receiver.refusal = 1, 302
    await call("setWebhook", url=receiver.url)
    await desk.settled()
    assert receiver.texts(sister.id) == ["/start"]


async def test_a_webhook_and_polling_exclude_each_other(call: Call, receiver: Receiver) -> None:
    async with asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(call("getUpdates", timeout=30))
        await asyncio.sleep(0.02)
        await call("setWebhook", url=receiver.url)
    assert poll.result()["error_code"] == 409
    assert "webhook is active" in (await call("getUpdates"))["description"]
    await call("deleteWebhook")
    assert (await call("getUpdates"))["ok"]


async def test_pending_updates_can_be_dropped(desk: Desk, sister: Person, call: Call) -> None:
    sister.says("1")
    await call("deleteWebhook", drop_pending_updates=True)
    assert desk.pending_updates == 0


async def test_a_dead_webhook_keeps_what_it_owes(
    desk: Desk, sister: Person, call: Call, receiver: Receiver
) -> None:
    await call("setWebhook", url="http://127.0.0.1:9/hook")
    with pytest.raises(TimeoutError):
        await desk.settled(timeout=0.1)
    assert (await call("getWebhookInfo"))["result"]["last_error_message"] == "Connection refused"
    await call("setWebhook", url=receiver.url)
    await desk.settled()
    assert receiver.texts(sister.id) == ["/start"]


async def test_the_same_telegram_serves_a_bot_that_comes_back(
    desk: Desk, http: aiohttp.ClientSession
) -> None:
    person = desk.person("Марыя")
    for expected in (["/start"], ["/start", "/start"]):
        async with desk.serving() as url:
            person.start()
            async with http.get(f"{url}/bot{desk.token}/getUpdates") as answer:
                assert texts(await answer.json()) == expected
