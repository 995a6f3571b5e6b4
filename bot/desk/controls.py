"""Trouble made and seen over HTTP, under /desk/trouble: for the chat page, and for another process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from bot.desk.limits import Limits
from bot.desk.weather import Latency, Weather

if TYPE_CHECKING:
    from bot.desk.desk import Desk

CALM: Final[dict[str, Any]] = {}
_SHOWN: Final = 30
_SECONDS_SHOWN: Final = 60


class Controls:
    """Serve the trouble of one desk: GET tells how it stands, POST to a name below it changes it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_routes(self, app: web.Application) -> None:
        """Serve what there is to see and to set."""
        app.router.add_get("/desk/trouble", self._tell)
        app.router.add_post("/desk/trouble/{what}", self._change)

    async def _tell(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(state_of(self._desk))

    async def _change(self, request: web.Request) -> web.StreamResponse:
        change = _CHANGES.get(request.match_info["what"])
        if change is None:
            raise web.HTTPNotFound
        try:
            change(self._desk, **_numbers(json.loads(await request.read() or b"{}")))
        except (AttributeError, TypeError, ValueError):
            raise web.HTTPBadRequest(text="that is no such trouble") from None
        self._desk.world.changes.tell()
        return web.json_response(state_of(self._desk))


def _numbers(asked: Any) -> dict[str, Any]:
    """Let numbers, yes and no, and lists of whole numbers through; raise TypeError for anything else."""
    for value in asked.values():
        several = isinstance(value, list) and all(type(number) is int for number in value)
        if not several and not isinstance(value, int | float):
            raise TypeError("not a number")
    return dict(asked)


def state_of(desk: Desk) -> dict[str, Any]:
    """Tell what trouble there is on a desk, and what came of it so far."""
    throttle, records, latency = desk.throttle, desk.records, desk.latency
    flooded, chats = throttle.flood_left()
    return {
        "limits": None if desk.limits is None else asdict(desk.limits),
        "weather": asdict(desk.weather),
        "latency": None if latency is None else {"seconds": latency.seconds, "jitter": latency.jitter},
        "floodedUntil": desk.world.clock() + flooded if flooded else None,
        "floodedChats": chats,
        "used": {"bySecond": throttle.used.by_second()[-_SECONDS_SHOWN:], "share": throttle.used.share()},
        "usedPaid": {"share": throttle.used_paid.share(), "paidFor": throttle.paid_for},
        "kinds": dict(records.kinds),
        "latest": [
            {"at": call.at, "method": call.method, "kind": call.kind}
            for call in list(records.troubles)[-_SHOWN:]
        ],
    }


def state_on_the_page(desk: Desk) -> dict[str, Any]:
    """Tell the same without the calls that went well; nothing at all while there was no trouble yet."""
    state = state_of(desk)
    state["kinds"].pop("ok", None)
    undisturbed = (state["kinds"], desk.limits, desk.latency, state["floodedUntil"], state["floodedChats"])
    return CALM if desk.weather == Weather() and not any(undisturbed) else state


def _set_limits(desk: Desk, *, strict: bool = False, **rates: float) -> None:
    desk.limits = Limits.strict(**rates) if strict else Limits(**rates)


def _set_weather(desk: Desk, *, rough: bool = False, seed: int = 0, **chances: float) -> None:
    desk.weather = Weather.rough(seed) if rough else Weather(seed=seed, **chances)  # type: ignore[arg-type]


def _set_latency(desk: Desk, *, seconds: float = 0.05, jitter: float = 0.05, seed: int = 0) -> None:
    desk.latency = Latency(seconds, jitter, seed)


def _flood(desk: Desk, *, seconds: float, chats: list[int] | None = None) -> None:
    desk.throttle.flood(float(seconds), chats)


def _calm(desk: Desk) -> None:
    desk.weather = Weather()
    desk.limits = desk.latency = None
    desk.faults.clear()
    desk.throttle.end_floods()


_CHANGES: Final[dict[str, Callable[..., None]]] = {
    "limits": _set_limits,
    "weather": _set_weather,
    "latency": _set_latency,
    "flood": _flood,
    "calm": _calm,
}
