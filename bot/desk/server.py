"""The Bot API over HTTP: reads a call, lets trouble happen to it, checks it, carries it out and answers."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections import Counter
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot.desk.checks import checked_call
from bot.desk.faults import Fault, Faults
from bot.desk.limits import Throttle
from bot.desk.methods import METHODS
from bot.desk.records import Call
from bot.desk.refusals import Refusal, bad_request, unauthorized
from bot.desk.weather import Latency, Sky
from bot.desk.webhook import Webhook
from bot.desk.world import BLOCKED, World


class Server:
    """Answer the calls of one bot."""

    def __init__(self, world: World, throttle: Throttle) -> None:
        self._world = world
        self.throttle = throttle
        self.faults = Faults()
        self.sky = Sky()
        self.latency: Latency | None = None
        self.webhook = Webhook(world)
        self.expected_refusals: Counter[str] = Counter()

    def add_routes(self, app: web.Application) -> None:
        """Serve `/bot<token>/<method>`."""
        app.router.add_route("*", "/bot{token}/{method}", self.answer)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one call, half of the latency after it came, and let the answer take the other half."""
        if self.latency is None:
            return await self._answer(request)
        way = self.latency.draw() / 2
        await asyncio.sleep(way)
        answer = await self._answer(request)
        await asyncio.sleep(way)
        return answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != self._world.token:
            refusal = unauthorized(avoidable=False)
            return self._finish(method, {}, refusal)
        fault = None if self.faults.needs_chat(method) else self.faults.take(method)
        if fault is not None and fault.cut_before_reading:
            return self._cut(request, method, {}, fault)
        try:
            params = await _read(request)
        except Refusal as refusal:
            return self._finish(method, {}, refusal)
        chat_id = _chat_of(params)
        if fault is None and self.faults.needs_chat(method):
            fault = self.faults.take(method, chat_id)
        if fault is None:
            try:
                self.throttle.refuse_in_flood(chat_id)
            except Refusal as refusal:
                return self._finish(method, params, refusal)
            fault = self.sky.meets(method, chat_id)
        if fault is not None:
            return await self._with_fault(request, method, params, fault)
        return await self._carry_out(method, params)

    async def _with_fault(
        self, request: web.Request, method: str, params: dict[str, Any], fault: Fault
    ) -> web.StreamResponse:
        if fault.hang_seconds:
            await asyncio.sleep(fault.hang_seconds)
        if fault.cut_before_reading:
            return self._cut(request, method, params, fault)
        response: web.StreamResponse | None = None
        if fault.closes_chat:
            self._world.close(_chat_of(params) or 0, BLOCKED)
        if fault.executes:
            noted = len(self._world.ledger)
            response = await self._carry_out(method, params)
            if fault.loses_the_reply and method == "sendMessage":
                self._world.ledger.note_lost_replies(noted)
        if fault.cut_after_executing:
            return self._cut(request, method, params, fault)
        if fault.body is None:
            return response if response is not None else await self._carry_out(method, params)
        self._record_fault(method, params, fault)
        headers = {"Content-Type": fault.content_type}
        return web.Response(status=fault.status, body=fault.body, headers=headers)

    def _cut(
        self, request: web.Request, method: str, params: dict[str, Any], fault: Fault
    ) -> web.StreamResponse:
        self._record_fault(method, params, fault)
        if request.transport is not None:
            connection = request.transport.get_extra_info("socket")
            # A reset, not a farewell: without this the client would read a clean end of the connection.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.transport.abort()
        return web.Response()

    async def _carry_out(self, method: str, given: dict[str, Any]) -> web.Response:
        notes: list[str] = []
        params = given
        try:
            params = checked_call(method, given, notes)
            self.throttle.check(method, params)
            result = await self._result(method, params)
        except Refusal as refusal:
            self._world.wrongs.extend(notes)
            return self._finish(method, params, refusal)
        self._world.wrongs.extend(notes)
        self._record(method, params, "ok")
        body = json.dumps({"ok": True, "result": result}, separators=(",", ":")).encode()
        return web.Response(body=body, content_type="application/json")

    async def _result(self, method: str, params: dict[str, Any]) -> Any:
        match method:
            case "getUpdates":
                return await self._world.updates.poll(params)
            case "setWebhook":
                return self.webhook.set(params)
            case "deleteWebhook":
                return self.webhook.delete(params)
            case "getWebhookInfo":
                return self.webhook.info()
            case _:
                return METHODS[method](self._world, params)

    def _finish(self, method: str, params: dict[str, Any], refusal: Refusal) -> web.Response:
        if self.expected_refusals[method] > 0:
            self.expected_refusals[method] -= 1
        elif refusal.avoidable:
            named = f" ({refusal.bucket})" if refusal.bucket else ""
            self._world.wrongs.append(f"{method}: {refusal.description}{named}")
        if refusal.code == HTTPStatus.FORBIDDEN and method == "sendMessage":
            self._world.ledger.refused.add(params["chat_id"])
        self._record(method, params, f"{refusal.code} {refusal.description}", refusal.bucket)
        return web.Response(status=refusal.code, body=refusal.body(), content_type="application/json")

    def _record_fault(self, method: str, params: dict[str, Any], fault: Fault) -> None:
        if fault.status == HTTPStatus.FORBIDDEN and method == "sendMessage":
            self._world.ledger.refused.add(_chat_of(params) or 0)
        self._record(method, params, f"{fault.origin}: {fault.name}")

    def _record(self, method: str, params: dict[str, Any], outcome: str, bucket: str = "") -> None:
        # A bot polls for ever, and nobody asks how often, but how often it was told to wait.
        if method != "getUpdates" or bucket:
            self._world.records.add(Call(method, params, outcome, self._world.clock(), bucket))
        self._world.changes.tell()


def _chat_of(params: dict[str, Any]) -> int | None:
    try:
        return int(params.get("chat_id", ""))
    except (TypeError, ValueError):
        return None


async def _read(request: web.Request) -> dict[str, Any]:
    """Read the parameters from wherever the call carries them: the address, a form, JSON."""
    params: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        body = await request.read()
        if body:
            params |= _json_object(body)
    elif request.body_exists:
        params |= dict(await request.post())
    return params


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise bad_request("can't parse JSON object")
    return given
