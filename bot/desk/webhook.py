"""Telegram's half of a webhook: every update is posted until it is taken or too old, in order in its lane."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp

from bot.desk.refusals import bad_request
from bot.desk.updates import Update
from bot.desk.world import World

_PARALLEL: Final = 40
_SECOND: Final = 0.02
"""What a second of Telegram's pauses takes here: nobody waits for a minute at a desk."""
_LONGEST_PAUSE: Final = 60
"""In seconds of Telegram, where it is 60 to 120."""
_LONGEST_ASKED_PAUSE: Final = 3600
_ANSWER_SECONDS: Final = 60
_HERE: Final = ("http://127.0.0.1", "http://localhost")


class Webhook:
    """Where updates go when they are not polled."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.url = ""
        self._secret = ""
        self._parallel = _PARALLEL
        self._last_error: tuple[int, str] | None = None
        self._busy: dict[int, int] = {}  # lane -> number of the update on its way

    def set(self, params: dict[str, Any]) -> bool:
        """Start posting; plain HTTP is allowed to this machine only."""
        url = params["url"]
        if not url:
            return self.delete(params)
        if not url.startswith(("https://", *_HERE)):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        updates = self._world.updates
        if params.get("drop_pending_updates"):
            updates.forget_all()
        if "allowed_updates" in params:
            updates.allowed = params["allowed_updates"]
        self.url = url
        self._secret = params.get("secret_token", "")
        self._parallel = params.get("max_connections", _PARALLEL)
        updates.webhook_is_set = True
        updates.wake()
        return True

    def delete(self, params: dict[str, Any]) -> bool:
        """Stop posting."""
        self.url = ""
        self._last_error = None
        self._world.updates.webhook_is_set = False
        if params.get("drop_pending_updates"):
            self._world.updates.forget_all()
        self._world.updates.wake()
        return True

    def info(self) -> dict[str, Any]:
        """Answer getWebhookInfo."""
        updates = self._world.updates
        info: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(updates),
        }
        if self.url:
            info |= {"max_connections": self._parallel, "ip_address": "127.0.0.1"}
        if updates.allowed:
            info["allowed_updates"] = updates.allowed
        if self._last_error is not None:
            info["last_error_date"], info["last_error_message"] = self._last_error
        return info

    @asynccontextmanager
    async def delivering(self) -> AsyncGenerator[None]:
        """Deliver meanwhile; what goes wrong inside comes out as it is, not as a group of errors."""
        failure: BaseException | None = None
        async with asyncio.TaskGroup() as background:
            delivery = background.create_task(self._deliver_for_ever())
            try:
                yield
            except BaseException as reason:
                failure = reason  # raised again below, outside of the group
            delivery.cancel()
        if failure is not None:
            raise failure

    async def _deliver_for_ever(self) -> None:
        """Post what is pending, several chats at a time, until cancelled."""
        updates = self._world.updates
        timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as deliveries:
            while True:
                for update in self._ready():
                    self._busy[update.lane] = update.id
                    deliveries.create_task(self._deliver(session, update))
                await updates.arrival()

    def _ready(self) -> list[Update]:
        """Choose the oldest update of every lane that has none on its way, while connections are left."""
        if not self.url:
            return []
        chosen: dict[int, Update] = {}
        for update in self._world.updates.pending:
            if len(self._busy) + len(chosen) >= self._parallel:
                break
            if update.lane not in self._busy:
                chosen.setdefault(update.lane, update)
        return list(chosen.values())

    async def _deliver(self, session: aiohttp.ClientSession, update: Update) -> None:
        """Post an update until it is taken, or could not be brought again while it lives.

        The first pause is none and the next ever longer, unless the bot says how long (WebhookActor.cpp).
        """
        delay, is_first = 1, True
        try:
            while self.url and (asked := await self._asked_to_wait(session, update)) is not None:
                pause = asked
                if not asked and not is_first:
                    pause = delay = min(delay * 2, _LONGEST_PAUSE)
                is_first = False
                if self._world.clock() + pause > update.ends_at:
                    break
                await _pause(pause)
            if self.url:
                self._world.updates.confirm_one(update)
        finally:
            del self._busy[update.lane]
            self._world.updates.wake()
            self._world.changes.tell()

    async def _asked_to_wait(self, session: aiohttp.ClientSession, update: Update) -> int | None:
        """Post an update once; return None if it was taken, else for how long the bot asks to wait, or 0."""
        asked, headers = 0, {"Content-Type": "application/json"}
        if self._secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._secret
        try:
            body = json.dumps(update.payload, separators=(",", ":"))
            async with session.post(self.url, data=body, headers=headers, allow_redirects=False) as answer:
                await answer.read()
                if 200 <= answer.status < 300:
                    return None
                after = answer.headers.get("Retry-After", "")
                asked = min(int(after), _LONGEST_ASKED_PAUSE) if after.isdecimal() else 0
                problem = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except aiohttp.ClientConnectorError:
            problem = "Connection refused"
        except (aiohttp.ClientError, TimeoutError):
            problem = "Read timeout expired"
        self._last_error = (int(self._world.clock()), problem)
        return asked


async def _pause(seconds: int) -> None:
    await asyncio.sleep(seconds * _SECOND)
