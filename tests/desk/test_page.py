"""The chat page: it answers only to itself, shows what the phones show, and does what their owners do."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup

import bot.desk
from bot.desk.acts import Act
from bot.desk.desk import Desk
from bot.desk.messages import OTHER_KINDS
from bot.desk.people import Person

PAGE = Path(bot.desk.__file__).with_name("page")
FILES = sorted(PAGE.iterdir())


async def post(http: aiohttp.ClientSession, url: str, path: str, body: Any, **headers: str) -> int:
    async with http.post(f"{url}{path}", json=body, headers={"Origin": url, **headers}) as answer:
        return answer.status


async def first_events(http: aiohttp.ClientSession, url: str, count: int) -> list[tuple[str, Any]]:
    """Read the first events of the stream."""
    events: list[tuple[str, Any]] = []
    async with asyncio.timeout(5), http.get(f"{url}/desk/events") as stream:
        assert stream.content_type == "text/event-stream"
        while len(events) < count:
            name = (await stream.content.readline()).decode().removeprefix("event: ").strip()
            data = (await stream.content.readline()).decode().removeprefix("data: ")
            await stream.content.readline()
            events.append((name, json.loads(data)))
    return events


async def phone(http: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    """Look at the only phone of the desk."""
    shown: dict[str, Any] = (await first_events(http, url, 2))[1][1]
    return shown


async def test_the_page_and_its_files_may_load_nothing_from_elsewhere(
    url: str, http: aiohttp.ClientSession
) -> None:
    for path in ["/", "/desk/", *(f"/desk/page/{file.name}" for file in FILES)]:
        async with http.get(f"{url}{path}") as answer:
            assert answer.status == 200, path
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    async with http.get(f"{url}/desk/page/nothing.js") as answer:
        assert answer.status == 404


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_file_of_the_page_names_an_address_or_writes_html(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://[\w.]", text)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|style=|\son\w+=\"", text
    )


def test_every_word_of_the_page_is_in_three_languages() -> None:
    text = (PAGE / "words.js").read_text(encoding="utf-8")
    sections = re.split(r"^  (?:be|ru|en): \{$", text, flags=re.MULTILINE)[1:]
    be, ru, en = [re.findall(r"(\w+): '[^']+'", section) for section in sections]
    assert be == ru == en[: len(be)]
    used = {
        word
        for file in FILES
        for word in re.findall(
            r"word\('(\w+)'\)|data-word(?:-label)?=\"(\w+)\"", file.read_text(encoding="utf-8")
        )
        for word in word
        if word
    }
    assert used <= set(be)
    assert {"sticker", "photo", "voice", "location"} <= set(OTHER_KINDS) & set(be)
    assert set(OTHER_KINDS) <= set(be)


@pytest.mark.parametrize("path", ["/desk/", "/desk/events", "/bot1234567:DESK/getMe"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", ""])
async def test_another_name_of_this_machine_is_refused(
    path: str, host: str, url: str, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{url}{path}", headers={"Host": host}) as answer:
        assert answer.status in {400, 403}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_another_origin_cannot_act(
    headers: dict[str, str], desk: Desk, url: str, http: aiohttp.ClientSession
) -> None:
    assert await post(http, url, "/desk/people", {"name": "Х"}, **headers) == 403
    assert desk.people == []
    async with http.post(f"{url}/desk/people", json={"name": "Х"}) as answer:
        assert answer.status == 403


async def test_a_link_to_the_page_may_be_followed(url: str, http: aiohttp.ClientSession) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
    async with http.get(f"{url}/desk/", headers=headers) as answer:
        assert answer.status == 200


async def test_another_page_cannot_look(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/desk/events", headers={"Sec-Fetch-Site": "cross-site"}) as answer:
        assert answer.status == 403


async def test_the_page_shows_what_the_phone_shows(
    desk: Desk, url: str, http: aiohttp.ClientSession, bot: Bot, sister: Person
) -> None:
    button = InlineKeyboardButton("Далей", callback_data="next")
    await bot.set_my_commands([BotCommand("start", "пачаць")], language_code="be")
    await bot.send_message(sister.id, "1", reply_markup=ReplyKeyboardMarkup([["Дапамога"]]))
    await bot.send_message(
        sister.id, "<b>2</b>", parse_mode="HTML", reply_markup=InlineKeyboardMarkup.from_button(button)
    )
    sister.taps("Далей")
    shown = await phone(http, url)
    assert shown["keyboard"] == [["Дапамога"]]
    assert shown["commands"] == [{"command": "start", "description": "пачаць"}]
    assert shown["lockScreen"] == ["Volya: 1", "Volya: 2"]
    assert [message["text"] for message in shown["messages"]] == ["/start", "1", "2"]
    assert shown["messages"][2]["buttons"] == [[{"text": "Далей", "data": "next"}]]
    assert shown["messages"][2]["entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    assert [tap["answered"] for tap in shown["taps"]] == [False]


async def test_a_change_is_told_at_once(url: str, http: aiohttp.ClientSession, sister: Person) -> None:
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(first_events(http, url, 3))
        await asyncio.sleep(0.05)
        sister.says("навіна")
    assert reading.result()[2][1]["messages"][-1]["text"] == "навіна"


async def test_the_owner_of_a_phone_does_everything_from_the_page(
    desk: Desk, url: str, http: aiohttp.ClientSession, bot: Bot
) -> None:
    assert await post(http, url, "/desk/people", {"name": " Марыя ", "language": "be"}) == 200
    [person] = desk.people
    assert (person.name, person.language_code) == ("Марыя", "be")

    async def act(name: str, **body: Any) -> int:
        return await post(http, url, f"/desk/people/{person.id}/{name}", body)

    assert await act("start") == 200
    assert await act("say", text="прывітанне") == 200
    assert await act("say", text="  ") == 200
    assert await act("send", kind="sticker") == 200
    assert [message.kind for message in person.history] == ["text", "text", "sticker"]
    button = InlineKeyboardButton("Далей", callback_data="next")
    sent = await bot.send_message(person.id, "1", reply_markup=InlineKeyboardMarkup.from_button(button))
    assert await act("tap", message=sent.message_id, data="next") == 200
    assert [tap.data for tap in desk.taps_of(person)] == ["next"]
    assert await act("block") == 200
    assert await act("say", text="не") == 409
    assert await act("unblock") == 200
    assert await act("clear") == 200
    assert person.history == []
    assert await act("remove") == 200
    assert desk.people == []
    assert await act("say", text="1") == 404


@pytest.mark.parametrize("body", [[], {"name": ""}, {"name": "  "}, None])
async def test_a_person_needs_a_name(body: Any, desk: Desk, url: str, http: aiohttp.ClientSession) -> None:
    assert await post(http, url, "/desk/people", body) == 400
    assert desk.people == []


@pytest.mark.parametrize(
    ("act", "body"),
    [("tap", {"message": 99, "data": "1"}), ("send", {"kind": "?"}), ("say", {}), ("tap", {"message": []})],
)
async def test_an_impossible_act_is_refused(
    act: str, body: Any, url: str, http: aiohttp.ClientSession, sister: Person
) -> None:
    assert await post(http, url, f"/desk/people/{sister.id}/{act}", body) == 409


async def test_an_act_is_done_by_its_button_where_that_is_possible(http: aiohttp.ClientSession) -> None:
    done: list[str] = []

    async def do() -> None:
        done.append("once")

    desk = Desk(acts=[Act({"be": "1", "ru": "2", "en": "3"}, do, lambda: not done)])
    async with desk.serving() as url:
        [(_, shown)] = await first_events(http, url, 1)
        assert shown["acts"] == [{"words": {"be": "1", "ru": "2", "en": "3"}, "possible": True}]
        assert await post(http, url, "/desk/acts/0", {}, Origin="https://evil.example") == 403
        assert await post(http, url, "/desk/acts/1", {}) == 404
        assert done == []
        assert await post(http, url, "/desk/acts/0", {}) == 200
        assert await post(http, url, "/desk/acts/0", {}) == 409
        [(_, shown)] = await first_events(http, url, 1)
        assert shown["acts"][0]["possible"] is False
    assert done == ["once"]


async def test_three_people_and_the_tour_are_on_the_page(http: aiohttp.ClientSession) -> None:
    step = {"be": "1", "ru": "2", "en": "3"}
    desk = Desk(tour=[step])
    desk.invite_three()
    async with desk.serving() as url:
        events = await first_events(http, url, 4)
    seated = [person.id for person in desk.people]
    assert events[0] == ("desk", {"people": seated, "tour": [step], "acts": []})
    assert [event["language"] for _, event in events[1:]] == ["ru", "be", "en"]
    assert {frozenset(event["note"]) for _, event in events[1:]} == {frozenset({"be", "ru", "en"})}
