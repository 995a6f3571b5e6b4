"""Trouble over HTTP: for the page, and for a test whose desk runs in another process."""

from typing import Any

import aiohttp
import pytest

from bot.desk import faults
from bot.desk.desk import Desk
from bot.desk.limits import Limits
from bot.desk.people import Person
from bot.desk.weather import Weather
from tests.desk.conftest import Call
from tests.desk.test_page import first_events


class Trouble:
    """What another process does to a desk."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url, self._http = url, http

    async def make(self, what: str, body: Any) -> int:
        path = f"{self._url}/desk/trouble/{what}"
        async with self._http.post(path, json=body, headers={"Origin": self._url}) as answer:
            return answer.status

    async def look(self) -> dict[str, Any]:
        async with self._http.get(f"{self._url}/desk/trouble") as answer:
            told: dict[str, Any] = await answer.json()
            return told


@pytest.fixture
def trouble(url: str, http: aiohttp.ClientSession) -> Trouble:
    return Trouble(url, http)


async def test_everything_can_be_set_and_stopped(desk: Desk, trouble: Trouble) -> None:
    assert await trouble.make("limits", {"per_second": 5, "chat_burst": 2}) == 200
    assert desk.limits == Limits(per_second=5, chat_burst=2)
    assert await trouble.make("limits", {"strict": True, "per_second": 1000}) == 200
    assert desk.limits == Limits.strict(1000)
    assert await trouble.make("weather", {"too_many": 0.1, "lost": 0.2, "seed": 3}) == 200
    assert desk.weather == Weather(too_many=0.1, lost=0.2, seed=3)
    assert await trouble.make("weather", {"rough": True, "seed": 4}) == 200
    assert desk.weather == Weather.rough(4)
    assert await trouble.make("latency", {"seconds": 0, "jitter": 0.001}) == 200
    assert desk.latency is not None
    assert await trouble.make("flood", {"seconds": 7, "chats": [5, 6]}) == 200
    assert await trouble.make("flood", {"seconds": 9}) == 200
    assert desk.throttle.flood_left() == (9, 2)
    desk.faults.next("getMe", faults.server_error())
    told = await trouble.look()
    assert (told["floodedChats"], told["limits"]["burst"], told["weather"]["blocked"]) == (2, 100, 0.01)
    assert await trouble.make("calm", {}) == 200
    undisturbed = await trouble.look()
    assert [undisturbed[name] for name in ("limits", "latency", "floodedUntil")] == [None] * 3
    assert len(desk.faults) == undisturbed["floodedChats"] == 0
    assert not any(undisturbed["weather"][name] for name in ("too_many", "broken", "lost", "blocked"))


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("hail", {}, 404),
        ("weather", {"lost": 2}, 400),
        ("weather", {"lost": "0.5"}, 400),
        ("weather", {"sun": 1}, 400),
        ("weather", [1], 400),
        ("limits", {"per_second": 0}, 400),
        ("limits", {"per_second": None}, 400),
        ("latency", {"seconds": -1}, 400),
        ("flood", {}, 400),
        ("flood", {"seconds": -1}, 400),
        ("flood", {"seconds": 1, "chats": ["1"]}, 400),
        ("flood", {"seconds": 1, "chats": 1}, 400),
    ],
)
async def test_impossible_trouble_is_refused(
    what: str, body: Any, status: int, desk: Desk, trouble: Trouble
) -> None:
    assert await trouble.make(what, body) == status
    assert (desk.limits, desk.latency, desk.weather) == (None, None, Weather())
    assert desk.throttle.flood_left() == (0, 0)


async def test_a_body_that_is_no_json_is_refused(url: str, http: aiohttp.ClientSession) -> None:
    path = f"{url}/desk/trouble/weather"
    async with http.post(path, data=b"{", headers={"Origin": url}) as answer:
        assert answer.status == 400


async def test_another_origin_makes_no_trouble(desk: Desk, url: str, http: aiohttp.ClientSession) -> None:
    path = f"{url}/desk/trouble/flood"
    async with http.post(path, json={"seconds": 9}, headers={"Origin": "https://evil.example"}) as answer:
        assert answer.status == 403
    assert desk.throttle.flood_left() == (0, 0)


async def test_what_came_of_the_calls_is_told_with_the_empty_bucket_and_without_a_chat(
    desk: Desk, sister: Person, call: Call, trouble: Trouble
) -> None:
    desk.limits = Limits(chat_burst=1)
    for _ in range(3):
        await call("sendMessage", chat_id=sister.id, text="1")
    told = await trouble.look()
    assert told["kinds"] == {"ok": 1, "429 private chat": 2}
    assert [(one["method"], one["kind"]) for one in told["latest"]] == [
        ("sendMessage", "429 private chat")
    ] * 2
    assert told["used"] == {"bySecond": [1], "share": 0}
    assert str(sister.id) not in str(told)


async def test_the_page_is_told_of_trouble_and_that_it_ended(
    desk: Desk, url: str, http: aiohttp.ClientSession, trouble: Trouble
) -> None:
    assert [name for name, _ in await first_events(http, url, 1)] == ["desk"]
    await trouble.make("weather", {"rough": True})
    [_, (name, told)] = await first_events(http, url, 2)
    assert (name, told["weather"]["lost"]) == ("trouble", 0.01)
    assert "ok" not in told["kinds"]
