"""The sending benchmark: that every peer really sends what it says, not how fast it does."""

import sys
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web

from bot.bench import lean_server
from bot.bench.send import PEERS, Round, measure, run, table

WARM_UP = 100


class Counted:
    """The lean server, counting what it is asked."""

    def __init__(self) -> None:
        self.sends: list[str] = []

    async def answer(self, request: web.BaseRequest) -> web.Response:
        if request.path.endswith("/sendMessage"):
            self.sends.append(await request.text())
        return await lean_server.answer(request)


@pytest.fixture
async def counted() -> AsyncIterator[tuple[Counted, str]]:
    counted = Counted()
    runner = web.ServerRunner(web.Server(counted.answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield counted, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize("peer", PEERS)
async def test_a_peer_sends_every_alert_whole(peer: str, counted: tuple[Counted, str]) -> None:
    if peer.startswith("aiogram"):
        pytest.importorskip("aiogram")
    server, url = counted
    result = await measure(peer, url, count=20, in_flight=4)
    assert len(server.sends) == WARM_UP + 20
    assert all("callback_data" in sent for sent in server.sends)
    assert min(result.per_second, result.cpu_us, result.p99_ms) > 0


async def test_the_lean_server_answers_as_telegram_does(counted: tuple[Counted, str]) -> None:
    _, url = counted
    async with ClientSession() as session, session.post(f"{url}/bot1:x/sendMessage", json={}) as response:
        body = await response.read()
        answer = await response.json()
    assert body.startswith(b'{"ok":true,"result":{')
    assert answer["result"]["text"] == lean_server.ALERT_TEXT.replace("<b>", "").replace("</b>", "")


def test_the_alert_has_the_size_of_a_real_one() -> None:
    assert len(lean_server.ALERT_TEXT) == 330


def test_the_table_shows_ratios_and_what_is_missing() -> None:
    results = {"PTB stock (httpx)": Round(300, 2900, 470), "other": Round(2400, 430, 23), "aiogram 3": None}
    assert table(results).splitlines() == [
        "                        sends/s  CPU us/send   p99 ms  x PTB stock",
        "PTB stock (httpx)           300         2900    470.0          1.0",
        "other                      2400          430     23.0          8.0",
        "aiogram 3             not installed",
    ]


def test_the_whole_benchmark_runs_and_says_when_a_peer_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aiogram", None)
    run(count=4, in_flight=2, rounds=1)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "4 alerts of 330 characters, 2 in flight, medians of 1 rounds"
    assert "aiogram 3             not installed" in printed
    assert len(printed) == 2 + len(PEERS)
