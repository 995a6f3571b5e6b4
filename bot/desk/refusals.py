"""How Telegram says no: the code, the words and the numbers of a refused call."""

from __future__ import annotations

import json
from typing import Any


class Refusal(Exception):  # noqa: N818  (it is an answer, not a failure of the desk)
    """A call that Telegram answers with `ok: false`.

    `avoidable` is false where a bot could not have known: a person who blocked it, a second poller.
    `bucket` says which limit was reached; it is for the desk's own record, Telegram does not tell.
    """

    def __init__(
        self, code: int, description: str, *, avoidable: bool = True, bucket: str = "", **parameters: int
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.avoidable = avoidable
        self.bucket = bucket
        self.parameters = parameters

    def body(self) -> bytes:
        """Write the answer as Telegram writes it."""
        answer: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return json.dumps(answer, separators=(",", ":")).encode()


def bad_request(words: str) -> Refusal:
    """Refuse a call that is wrong in itself."""
    return Refusal(400, f"Bad Request: {words}")


def forbidden(words: str) -> Refusal:
    """Refuse a call to a chat that is closed to the bot."""
    return Refusal(403, f"Forbidden: {words}", avoidable=False)


def conflict(words: str) -> Refusal:
    """Refuse one of two ways to fetch updates."""
    return Refusal(409, f"Conflict: {words}", avoidable=False)


def too_many_requests(seconds: int, *, avoidable: bool = True, bucket: str = "") -> Refusal:
    """Refuse a call that came too soon."""
    words = f"Too Many Requests: retry after {seconds}"
    return Refusal(429, words, avoidable=avoidable, bucket=bucket, retry_after=seconds)


def unauthorized(*, avoidable: bool = True) -> Refusal:
    """Refuse a token."""
    return Refusal(401, "Unauthorized", avoidable=avoidable)


def cannot_parse(words: str) -> Refusal:
    """Refuse a text whose formatting is broken."""
    return bad_request(f"can't parse entities: {words}")
