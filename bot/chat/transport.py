"""HTTP to Telegram over one aiohttp session, and the two ways a request can fail: NotSent and MaybeSent.

No exception of the HTTP library leaves this module: its text and its locals hold the URL, and the URL
holds the token. What leaves has a fixed text and no link to what caused it.

One thing here cannot be closed: `Bot.initialize` puts the token into the text of its own `InvalidToken`
when getMe is refused. Whoever starts the bot catches that error and never prints it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, InvalidURL, TCPConnector
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError
from telegram.request import BaseRequest, RequestData


class NotSent(NetworkError):  # noqa: N818  (python-telegram-bot names its errors so too)
    """Nothing of the request reached Telegram: sending it again cannot repeat a message."""


class NotReached(NotSent):
    """No connection to Telegram came about: nobody else's message would reach it now either."""


class MaybeSent(NetworkError):  # noqa: N818
    """Telegram may or may not have acted on the request: sending it again may repeat a message."""


def is_not_found(refusal: BadRequest) -> bool:
    """Return whether Telegram says that there is no such chat, or reader: it has been wrong for a moment."""
    said = refusal.message.lower()
    return any(words in said for words in _NOT_FOUND)


class Encoded(RequestData):  # type: ignore[misc]  # final for others: this transport reads no more of it
    """Parameters that are JSON already, for whoever makes the same call to many chats."""

    __slots__ = ("body",)

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.body = body


class _NoConnectionError(Exception):
    """No connection was made, so no byte of the request was written."""


READ_SECONDS: Final = 12.0
"""How long an answer may take. For a bot Telegram's server waits out a short flood by itself, up to 8 seconds
in all, and answers then (tdlib/td, `total_timeout_limit` in td/telegram/net/NetQueryCreator.cpp, read on
30 November 2026). To hang up cancels nothing there: what is said again arrives twice."""
CONNECT_SECONDS: Final = 5.0
WRITE_SECONDS: Final = 5.0
POOL_SECONDS: Final = 1.0
_NOT_FOUND: Final = ("chat not found", "user not found", "bot can't initiate", "peer_id_invalid")
_LONGEST_WAIT: Final = 10_000_000  # seconds; what goes far beyond cannot even be held as a duration
_TELEGRAM_SAYS_YES: Final = b'{"ok":true,'
_HEADERS: Final = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Transport(BaseRequest):
    """Carry python-telegram-bot's calls; one instance serves both of its request slots."""

    __slots__ = (
        "_connect",
        "_places",
        "_pool",
        "_read",
        "_session",
        "_size",
        "_timeouts",
        "_write",
    )

    def __init__(
        self,
        pool_size: int = 256,
        *,
        read_timeout: float | None = READ_SECONDS,
        write_timeout: float | None = WRITE_SECONDS,
        connect_timeout: float | None = CONNECT_SECONDS,
        pool_timeout: float | None = POOL_SECONDS,
    ) -> None:
        self._size = pool_size
        self._read = read_timeout
        self._write = write_timeout
        self._connect = connect_timeout
        self._pool = pool_timeout
        self._session: ClientSession | None = None
        self._places = asyncio.Semaphore(pool_size)
        self._timeouts: dict[tuple[float | None, float | None, float | None], ClientTimeout] = {}

    def __repr__(self) -> str:
        state = "closed" if self._session is None else "open"
        return f"<{type(self).__name__} {state}, at most {self._size} connections>"

    @property
    def read_timeout(self) -> float | None:
        """Tell how long an answer may take; python-telegram-bot adds a long poll's own wait to it."""
        return self._read

    async def initialize(self) -> None:
        """Open the session; harmless when it is open."""
        if self._session is None:
            self._session = ClientSession(
                connector=_Connector(limit=0, ttl_dns_cache=300),
                cookie_jar=DummyCookieJar(),
                headers=_HEADERS,
                skip_auto_headers=("User-Agent", "Accept"),
                auto_decompress=False,
            )

    async def shutdown(self) -> None:
        """Close every connection; harmless when they are closed."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request; return the status and the body, or raise NotSent or MaybeSent."""
        if method != "POST" or (request_data is not None and request_data.contains_files):
            raise TelegramError("This bot neither sends nor fetches files")  # not a NetworkError: no retry
        body = _body(request_data)
        limits = self._limits(
            _given(read_timeout, self._read),
            _given(write_timeout, self._write),
            _given(connect_timeout, self._connect),
        )
        if self._places.locked():
            await _wait_for_a_place(self._places, _given(pool_timeout, self._pool))
        else:
            await self._places.acquire()  # does not wait
        try:
            status, payload = await self._exchange(url, body, limits)
        finally:
            self._places.release()
        if status != 200 or not payload.startswith(_TELEGRAM_SAYS_YES):
            _check(status, payload)
        return status, payload

    async def _exchange(self, url: str, body: bytes | None, limits: ClientTimeout) -> tuple[int, bytes]:
        session = self._session
        if session is None:
            raise NotSent("Not sent: the connection to Telegram is not open")
        # The failure is raised after the handlers, not in them: inside, it would carry the library's
        # exception, and through it the URL, as its __context__.
        try:
            async with session.post(url, data=body, timeout=limits, allow_redirects=False) as response:
                return response.status, await response.read()
        except (_NoConnectionError, InvalidURL):
            failure: NetworkError = NotReached("Not sent: no connection to Telegram")
        except TimeoutError:
            failure = MaybeSent("Perhaps sent: no answer in time")
        except Exception:
            failure = MaybeSent("Perhaps sent: the connection broke")
        raise failure from None

    def _limits(self, read: float | None, write: float | None, connect: float | None) -> ClientTimeout:
        """Return aiohttp's form of the limits; there are only a few, and building one is not free."""
        key = (read, write, connect)
        limits = self._timeouts.get(key)
        if limits is None:
            # aiohttp limits making the connection and each silence after it. The total bounds what is left:
            # a server that takes no more bytes, or sends one now and then, must not hold a message for long.
            # A `/stop` waits for the call that is under way: twice the reading would be too long for it.
            total = None if read is None or write is None or connect is None else connect + write + read
            limits = ClientTimeout(total=total, connect=connect, sock_read=read)
            if len(self._timeouts) >= 64:
                self._timeouts.clear()
            self._timeouts[key] = limits
        return limits

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Parse an answer; unlike python-telegram-bot's own, never log the body."""
        answer = _parsed(payload)
        if answer is None or (answer.get("ok") is True and "result" not in answer):
            raise MaybeSent("Perhaps sent: the answer is not Telegram's")
        return answer


class _Connector(TCPConnector):
    """Mark every failure before a connection exists, which is before the first byte of a request.

    A pooled connection that closes between being taken and being written to counts as MaybeSent, though
    nothing went out: the cost is a message repeated silently, where the other error would be one lost.
    """

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:
        try:
            return await super().connect(req, traces, timeout)
        except asyncio.CancelledError:
            if _cancelled_by_caller():
                raise
        except Exception:  # noqa: S110  (raised below, without the original)
            pass
        raise _NoConnectionError


def _given(limit: Any, default: float | None) -> float | None:
    return default if limit is BaseRequest.DEFAULT_NONE else limit


def _body(request_data: RequestData | None) -> bytes | None:
    if request_data is None:
        return None
    if isinstance(request_data, Encoded):
        return request_data.body
    return encoded(request_data.parameters)


def data_of(parameters: Mapping[str, Any]) -> RequestData:
    """Return parameters that are plain JSON already as the library's request objects take them."""
    return Encoded(encoded(parameters))


def encoded(parameters: Mapping[str, Any]) -> bytes:
    """Return parameters as JSON."""
    # A lone surrogate, which JSON allows and UTF-8 does not, becomes "?": better than no message.
    return _encode(parameters).encode("utf-8", "replace")


async def _wait_for_a_place(places: asyncio.Semaphore, limit: float | None) -> None:
    try:
        async with asyncio.timeout(limit):
            await places.acquire()
        return
    except TimeoutError:
        failure = NotSent("Not sent: every connection was busy")
    raise failure from None


def _cancelled_by_caller() -> bool:
    """Tell a cancelled caller from a future of the library's own that was cancelled under it."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _parsed(payload: bytes) -> dict[str, Any] | None:
    """Return the answer as a dictionary, or None for anything that is not one."""
    try:
        answer = json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _check(status: int, payload: bytes) -> None:
    """Let through an answer that python-telegram-bot can name; every other leaves us unsure."""
    answer = _parsed(payload) if status < 300 or 400 <= status < 500 else None
    if status == 429:
        if answer is None or not _is_refusal(answer) or not answer.get("parameters", {}).get("retry_after"):
            raise RetryAfter(1)  # a definite refusal all the same, however it is worded
    elif answer is None or not (answer.get("ok") is True if status < 300 else _is_refusal(answer)):
        raise MaybeSent("Perhaps sent: the answer is not Telegram's")


def _is_refusal(answer: dict[str, Any]) -> bool:
    """Return whether a refusal has the shape that python-telegram-bot takes on trust."""
    parameters = answer.get("parameters", {})
    return (
        answer.get("ok") is False
        and isinstance(answer.get("description", ""), str)
        and isinstance(parameters, dict)
        and isinstance(parameters.get("migrate_to_chat_id", 0), int)
        and isinstance(wait := parameters.get("retry_after", 0), int)
        and 0 <= wait <= _LONGEST_WAIT
    )
