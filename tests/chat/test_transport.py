"""The transport against real sockets: whole servers for what works, raw ones for every way to fail."""

import asyncio
import gzip
import json
import logging
import pickle
import socket
import struct
import threading
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.chat.transport import MaybeSent, NotReached, NotSent, Transport

SECRET = "CanaryTokenOfNobody"
TOKEN = f"4242:{SECRET}"
SENT = {"message_id": 7, "date": 1_790_000_000, "chat": {"id": 1, "type": "private", "first_name": "R"}}
ME = {"id": 4242, "is_bot": True, "first_name": "Volya", "username": "volya_bot"}
QUICK = {"read_timeout": 0.1, "write_timeout": 0.1, "connect_timeout": 0.5, "pool_timeout": 0.1}

Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def a_bot(url: str, transport: Transport) -> Bot:
    return Bot(TOKEN, base_url=f"{url}/bot", request=transport, get_updates_request=transport)


@asynccontextmanager
async def opened(url: str, **how: Any) -> AsyncIterator[Bot]:
    transport = Transport(**how)
    async with transport:
        yield a_bot(url, transport)


@asynccontextmanager
async def raw_server(talk: Raw) -> AsyncIterator[str]:
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class BotApi:
    """A whole HTTP server that remembers what it was asked and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.connections: set[Any] = set()
        self.answer: Callable[[str], Awaitable[web.StreamResponse]] = self.succeed

    async def succeed(self, method: str) -> web.StreamResponse:
        result = {"getMe": ME, "getUpdates": []}.get(method, SENT)
        return web.json_response({"ok": True, "result": result})

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.connections.add(request.transport)
        method = request.path.rsplit("/", 1)[1]
        self.asked.append((method, await request.json()))
        return await self.answer(method)

    def replying(self, status: int, text: str, **headers: str) -> None:
        async def reply(method: str) -> web.StreamResponse:
            return web.Response(status=status, text=text, headers=headers, content_type="application/json")

        self.answer = reply


@pytest.fixture
async def api() -> AsyncIterator[tuple[BotApi, str]]:
    api = BotApi()
    runner = web.ServerRunner(web.Server(api.handle, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield api, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture(autouse=True)
def everything_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    # `Bot` itself logs its URL, token and all, at DEBUG when it is built: a matter for bot/logs.py.
    caplog.set_level(logging.INFO, logger="telegram.Bot")


def assert_tells_nothing(failure: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    assert failure.__cause__ is None
    assert failure.__context__ is None
    told = "".join(traceback.format_exception(failure)) + str(failure) + repr(failure) + caplog.text
    assert SECRET not in told
    assert "127.0.0.1" not in str(failure)
    copy = pickle.loads(pickle.dumps(failure))  # noqa: S301  (our own)
    assert (type(copy), str(copy)) == (type(failure), str(failure))


async def failure_of(call: Awaitable[Any]) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        await call
    return caught.value


# --- what works ---------------------------------------------------------------------------------


async def test_one_instance_serves_both_slots_and_opens_and_closes_any_number_of_times(
    api: tuple[BotApi, str],
) -> None:
    server, url = api
    transport = Transport()
    bot = a_bot(url, transport)
    for _ in range(2):
        await bot.initialize()
        await transport.initialize()
        assert await bot.get_updates() == ()
        await bot.shutdown()
        await transport.shutdown()
    assert [method for method, _ in server.asked] == ["getMe", "getUpdates"] * 2


async def test_a_message_is_one_json_body_with_its_parts_as_json(api: tuple[BotApi, str]) -> None:
    server, url = api
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Крыніцы", callback_data="s:1")]])
    async with opened(url) as bot:
        message = await bot.send_message(1, "Вызвалены \ud83d", parse_mode="HTML", reply_markup=keyboard)
    assert message.message_id == 7
    assert server.asked == [
        (
            "sendMessage",
            {
                "chat_id": 1,
                "text": "Вызвалены ?",
                "parse_mode": "HTML",
                "reply_markup": {"inline_keyboard": [[{"text": "Крыніцы", "callback_data": "s:1"}]]},
            },
        )
    ]


async def test_connections_are_kept_and_never_more_than_the_pool_has(api: tuple[BotApi, str]) -> None:
    server, url = api
    async with opened(url, pool_size=3, pool_timeout=None) as bot:
        await bot.send_message(1, "one")
        await bot.send_message(1, "two")
        assert len(server.connections) == 1
        await asyncio.gather(*(bot.send_message(1, "many") for _ in range(30)))
    assert len(server.asked) == 32
    assert len(server.connections) == 3


async def test_a_long_poll_waits_as_long_as_it_asked_and_the_margin(api: tuple[BotApi, str]) -> None:
    server, url = api

    async def later(method: str) -> web.StreamResponse:
        await asyncio.sleep(0.3)
        return await server.succeed(method)

    server.answer = later
    async with opened(url, **QUICK) as bot:
        assert await bot.get_updates(timeout=1) == ()
        assert type(await failure_of(bot.get_updates(timeout=0))) is MaybeSent


async def test_a_server_that_drops_idle_connections_costs_nothing() -> None:
    connections = 0

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        writer.write(whole(200, json.dumps({"ok": True, "result": SENT})))
        await writer.drain()

    async with raw_server(answer_once) as address, opened(f"http://{address}") as bot:
        for _ in range(5):
            await bot.send_message(1, "hello")
            await asyncio.sleep(0.01)

    assert connections == 5


async def test_a_proxy_of_the_environment_is_ignored(
    api: tuple[BotApi, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = api
    first_lines: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first_lines.append(await reader.readline())
        await read_request(reader)
        writer.write(whole(200, json.dumps({"ok": True, "result": SENT})))

    async with raw_server(proxy) as address:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{address}")
        async with opened(url) as bot:
            await bot.send_message(1, "straight")
    assert first_lines == []


def test_its_repr_says_whether_it_is_open() -> None:
    assert repr(Transport(4)) == "<Transport closed, at most 4 connections>"


async def test_files_are_refused_in_words_and_never_tried_again(api: tuple[BotApi, str]) -> None:
    server, url = api
    async with opened(url) as bot:
        with pytest.raises(TelegramError, match="neither sends nor fetches files") as sending:
            await bot.send_document(1, InputFile(b"abc", filename="a.txt"))
        with pytest.raises(TelegramError, match="neither sends nor fetches files"):
            await bot.request.retrieve(f"{url}/file/bot{TOKEN}/a.txt")
    assert not isinstance(sending.value, NetworkError)
    assert server.asked == []


# --- what Telegram refuses ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "parameters", "expected"),
    [
        (400, {}, BadRequest),
        (400, {"migrate_to_chat_id": -100123}, ChatMigrated),
        (401, {}, InvalidToken),
        (403, {}, Forbidden),
        (404, {}, InvalidToken),
        (409, {}, Conflict),
        (429, {"retry_after": 9}, RetryAfter),
    ],
)
async def test_refusals_arise_as_python_telegram_bot_names_them(
    api: tuple[BotApi, str], status: int, parameters: dict[str, int], expected: type[TelegramError]
) -> None:
    server, url = api
    body = {"ok": False, "error_code": status, "description": "No", "parameters": parameters}
    server.replying(status, json.dumps(body))
    async with opened(url) as bot:
        with pytest.raises(expected) as caught:
            await bot.send_message(1, "hello")
    assert type(caught.value) is expected
    if isinstance(caught.value, RetryAfter):
        assert caught.value.retry_after == 9


@pytest.mark.parametrize(
    "text",
    [
        "<html>slow down</html>",
        '{"ok":false,"error_code":429,"description":"Too Many Requests"}',
        '{"ok":false,"parameters":{"retry_after":0}}',
        '{"ok":false,"parameters":{"retry_after":"soon"}}',
        '{"ok":false,"parameters":{"retry_after":1' + "0" * 40 + "}}",
        '{"ok":false,"parameters":[]}',
    ],
)
async def test_a_429_is_a_429_however_it_is_worded(api: tuple[BotApi, str], text: str) -> None:
    server, url = api
    server.replying(429, text)
    async with opened(url) as bot:
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(1, "hello")
    assert caught.value.retry_after == 1


# --- what certainly did not go out ----------------------------------------------------------------


def a_closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{closed}",
        "https://127.0.0.1:{closed}",
        "http://no..name",
        "http://[",
    ],
)
async def test_without_a_connection_nothing_is_sent(url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with opened(url.format(closed=a_closed_port()), **QUICK) as bot:
        failure = await failure_of(bot.send_message(1, "hello"))
    assert type(failure) is NotReached
    assert_tells_nothing(failure, caplog)


async def test_an_unknown_name_sends_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_such_name(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    async with opened("https://telegram.invalid") as bot:
        failure = await failure_of(bot.send_message(1, "hello"))
    assert type(failure) is NotReached
    assert_tells_nothing(failure, caplog)


async def no_tls_but_words(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"this is not TLS\r\n" * 10)
    await reader.read()


async def no_tls_but_silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def no_tls_but_an_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10)


@pytest.mark.parametrize("talk", [no_tls_but_words, no_tls_but_silence, no_tls_but_an_end])
async def test_without_a_tls_handshake_nothing_is_sent(talk: Raw, caplog: pytest.LogCaptureFixture) -> None:
    async with raw_server(talk) as address, opened(f"https://{address}", **QUICK) as bot:
        failure = await failure_of(bot.send_message(1, "hello"))
    assert type(failure) is NotReached
    assert_tells_nothing(failure, caplog)


async def test_without_a_free_connection_nothing_is_sent(
    api: tuple[BotApi, str], caplog: pytest.LogCaptureFixture
) -> None:
    server, url = api
    release = asyncio.Event()

    async def hold(method: str) -> web.StreamResponse:
        await release.wait()
        return await server.succeed(method)

    server.answer = hold
    async with opened(url, pool_size=1, pool_timeout=0.05) as bot:
        holding = asyncio.ensure_future(bot.send_message(1, "first"))
        await asyncio.sleep(0.01)
        failure = await failure_of(bot.send_message(1, "second"))
        release.set()
        await holding
        await bot.send_message(1, "third")
    assert type(failure) is NotSent
    assert_tells_nothing(failure, caplog)
    assert [body["text"] for _, body in server.asked] == ["first", "third"]


async def test_before_opening_and_after_closing_nothing_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    transport = Transport()
    bot = a_bot("http://127.0.0.1:1", transport)
    for change in (transport.shutdown, transport.initialize, transport.shutdown):
        await change()
        failure = await failure_of(bot.send_message(1, "hello"))
        assert isinstance(failure, NotSent)
        assert_tells_nothing(failure, caplog)


# --- what may have gone out -----------------------------------------------------------------------


async def read_request(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    await reader.readexactly(length)


def whole(status: int, body: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(body.encode())}", *headers, "", body]
    return "\r\n".join(lines).encode()


def saying(answer: bytes) -> Raw:
    """Read the request, say this, and end."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    return talk


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    await reader.read()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    peer: socket.socket = writer.get_extra_info("socket")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"1")
        await writer.drain()
        await asyncio.sleep(0.02)


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()


HTML = f"<html>https://api/bot{TOKEN}/sendMessage is unwell</html>"
FAILURES: dict[str, Raw] = {
    "silence": silence,
    "hang-up": hang_up,
    "reset": reset,
    "end": saying(b""),
    "half a head": saying(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "half a body": saying(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"ok":true,"resu'),
    "half a chunk": saying(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"ok":true'),
    "bad chunk": saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
    "not HTTP": saying(b"\x00\x01\x02 hello\r\n\r\n"),
    "endless head": saying(b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 100_000 + b"\r\n\r\n"),
    "trickle": trickle,
    "500 in JSON": saying(whole(500, '{"ok":false,"error_code":500,"description":"Internal"}')),
    "502 in HTML": saying(whole(502, HTML)),
    "503 empty": saying(whole(503, "")),
    "200 in HTML": saying(whole(200, HTML)),
    "404 in HTML": saying(whole(404, HTML)),
    "400 without shape": saying(whole(400, '{"ok":false,"description":["x"]}')),
    "400 with a wait beyond time": saying(whole(400, '{"ok":false,"parameters":{"retry_after":1e999}}')),
    "redirect": saying(whole(302, "", f"Location: http://127.0.0.1:1/bot{TOKEN}/sendMessage")),
    "invalid JSON": saying(whole(200, '{"ok":true,"result":')),
    "no result": saying(whole(200, '{"ok":true,"results":1}')),
    "ok false": saying(whole(200, '{"ok":false,"error_code":400,"description":"No"}')),
    "a list": saying(whole(200, "[]")),
    "deep JSON": saying(whole(200, '{"ok":true,"result":' + "[" * 100_000 + "]" * 100_000 + "}")),
    "gzip, not asked for": saying(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
        + gzip.compress(json.dumps({"ok": True, "result": SENT}).encode())
    ),
    "bad cookie": saying(whole(503, "", f"Set-Cookie: {TOKEN}=\x01; Path=/bot{TOKEN}")),
}


@pytest.mark.parametrize("kind", FAILURES)
async def test_after_the_first_byte_nobody_knows(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    async with raw_server(FAILURES[kind]) as address, opened(f"http://{address}", **QUICK) as bot:
        failure = await failure_of(bot.send_message(1, "hello"))
    assert type(failure) is MaybeSent
    assert_tells_nothing(failure, caplog)


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_a_server_that_takes_no_more_bytes_does_not_hold_a_message_for_ever(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def take_little(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        await asyncio.Event().wait()

    async with raw_server(take_little) as address, opened(f"http://{address}", **QUICK) as bot:
        failure = await failure_of(bot.send_message(1, "x" * 20_000_000))
    assert type(failure) is MaybeSent
    assert_tells_nothing(failure, caplog)


async def test_closing_while_an_answer_is_awaited_leaves_it_unknown(caplog: pytest.LogCaptureFixture) -> None:
    transport = Transport()
    await transport.initialize()
    async with raw_server(silence) as address:
        bot = a_bot(f"http://{address}", transport)
        waiting = asyncio.ensure_future(failure_of(bot.send_message(1, "hello")))
        await asyncio.sleep(0.05)
        await transport.shutdown()
        failure = await waiting
    assert type(failure) is MaybeSent
    assert_tells_nothing(failure, caplog)


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_a_task_of_the_library_that_is_cancelled_does_not_look_like_a_cancelled_caller(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def take_little(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await asyncio.Event().wait()

    async with raw_server(take_little) as address, opened(f"http://{address}") as bot:
        before = asyncio.all_tasks()
        waiting = asyncio.ensure_future(failure_of(bot.send_message(1, "x" * 20_000_000)))
        await asyncio.sleep(0.1)
        for task in asyncio.all_tasks() - before - {waiting}:
            if "write_bytes" in repr(task.get_coro()):
                task.cancel()
        failure = await waiting
    assert type(failure) is MaybeSent
    assert_tells_nothing(failure, caplog)


async def test_closing_during_a_name_look_up_sends_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answered = threading.Event()

    def slow_name(*_: object, **__: object) -> list[object]:
        answered.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow_name)
    transport = Transport()
    await transport.initialize()
    waiting = asyncio.ensure_future(failure_of(a_bot("http://t.invalid", transport).send_message(1, "hello")))
    await asyncio.sleep(0.05)
    await transport.shutdown()
    answered.set()
    failure = await waiting
    assert type(failure) is NotReached
    assert_tells_nothing(failure, caplog)


async def test_a_cancelled_caller_is_cancelled_and_frees_its_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with raw_server(silence) as address, opened(f"http://{address}", pool_size=1) as bot:
        for _ in range(3):
            waiting = asyncio.ensure_future(bot.send_message(1, "hello"))
            await asyncio.sleep(0.02)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await waiting
            assert SECRET not in "".join(traceback.format_exception(caught.value)) + caplog.text


async def test_many_failures_at_once_each_tell_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with (
        raw_server(reset) as address,
        opened(f"http://{address}", pool_size=8, pool_timeout=None) as bot,
    ):
        failures = await asyncio.gather(*(failure_of(bot.send_message(1, "hello")) for _ in range(40)))
    assert {type(failure) for failure in failures} == {MaybeSent}
    for failure in failures:
        assert_tells_nothing(failure, caplog)
