"""Trouble on order: the next calls meet a refusal, a broken server, a cut line or a long silence."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from bot.desk.refusals import Refusal, bad_request, conflict, too_many_requests, unauthorized

_BAD_GATEWAY: Final = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    b"<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    b"<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, in the order it would happen: silence, a cut line, another answer."""

    name: str
    hang_seconds: float = 0
    cut_before_reading: bool = False
    executes: bool = False
    cut_after_executing: bool = False
    status: int = 200
    body: bytes | None = None
    content_type: str = "application/json"
    closes_chat: bool = False
    origin: str = "fault"

    @property
    def loses_the_reply(self) -> bool:
        """Whether the call is carried out and the bot does not learn of it."""
        return self.executes and (self.cut_after_executing or self.body is not None)


def _refused(refusal: Refusal) -> Fault:
    return Fault(f"{refusal.code}", status=refusal.code, body=refusal.body())


def too_many(retry_after_seconds: int = 3) -> Fault:
    """Answer 429 and ask to wait."""
    return _refused(too_many_requests(retry_after_seconds))


def server_error() -> Fault:
    """Answer 500 in JSON: nobody knows whether the call was carried out (here it was not)."""
    return _refused(Refusal(500, "Internal Server Error"))


def bad_gateway(*, executes: bool = False) -> Fault:
    """Answer 502 with a page of HTML, as a proxy in front of Telegram does."""
    return Fault("502", executes=executes, status=502, body=_BAD_GATEWAY, content_type="text/html")


def token_revoked() -> Fault:
    """Answer 401."""
    return _refused(unauthorized())


def forbidden(words: str = "bot was blocked by the user") -> Fault:
    """Answer 403."""
    return _refused(Refusal(403, f"Forbidden: {words}"))


def not_found() -> Fault:
    """Answer 400, as if the reader had never written: Telegram has said so of some who were there."""
    return _refused(bad_request("chat not found"))


def another_set_webhook() -> Fault:
    """Answer 409, as to the first of two that tell Telegram at once where updates go."""
    return _refused(conflict("terminated by other setWebhook"))


def cut_before_reading() -> Fault:
    """Reset the connection before the call is read."""
    return Fault("cut before reading", cut_before_reading=True)


def cut_after_executing() -> Fault:
    """Carry the call out and reset the connection: delivered, and the bot never learns."""
    return Fault("cut after executing", executes=True, cut_after_executing=True)


def hang(seconds: float, *, executes: bool = True) -> Fault:
    """Say nothing for so many seconds, then answer (or cut the line if nothing is to be carried out)."""
    return Fault("hang", hang_seconds=seconds, executes=executes, cut_after_executing=not executes)


def answer(body: bytes, status: int = 200) -> Fault:
    """Answer with these very bytes, whatever the call."""
    return Fault("answer", status=status, body=body)


def done_nothing() -> Fault:
    """Say yes and do nothing, as Telegram does to deleteMessages where it cannot look the messages up."""
    return answer(b'{"ok":true,"result":true}')


@dataclass(slots=True)
class Faults:
    """The trouble still to come, by method (`*`: any method but getUpdates) and chat (None: any)."""

    _waiting: deque[tuple[str, int | None, Fault]] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self._waiting)

    def next(self, method: str, fault: Fault, *, times: int = 1, chat_id: int | None = None) -> None:
        """Let the next `times` calls of a method meet a fault."""
        self._waiting.extend([(method, chat_id, fault)] * times)

    def clear(self) -> None:
        """Let everything work again."""
        self._waiting.clear()

    def needs_chat(self, method: str) -> bool:
        """Return whether the call must be read before it is known which fault it meets."""
        return any(chat_id is not None and name in {method, "*"} for name, chat_id, _ in self._waiting)

    def take(self, method: str, chat_id: int | None = None) -> Fault | None:
        """Take the fault this call meets, if any."""
        for entry in self._waiting:
            name, chat, fault = entry
            fits = name == method or (name == "*" and method != "getUpdates")
            if fits and chat in (None, chat_id):
                self._waiting.remove(entry)
                return fault
        return None
