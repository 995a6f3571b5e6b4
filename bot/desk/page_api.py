"""The chat page and its own small API under /desk/: what every phone shows, and what a person does on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from bot.desk import evidence
from bot.desk.controls import CALM, state_on_the_page
from bot.desk.messages import Button, Message
from bot.desk.people import Person

if TYPE_CHECKING:
    from bot.desk.desk import Desk

_PAGE: Final = Path(__file__).with_name("page")
_KINDS: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FILES: Final = {path.name: path for path in _PAGE.iterdir() if path.suffix in _KINDS}
_HERE: Final = {"127.0.0.1", "localhost"}
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_MESSAGES_SHOWN: Final = 100
_LINES_SHOWN: Final = 20
_TOGETHER_SECONDS: Final = 0.03
_BREATH_SECONDS: Final = 15

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a foreign page could send through the reader's browser, by name or from its origin."""
    if request.host.rpartition(":")[0] not in _HERE and request.host not in _HERE:
        raise web.HTTPForbidden(text="this server answers to 127.0.0.1 and localhost only")
    is_page = request.path == "/" or request.path.startswith("/desk")
    # Following a link to the page is fine from anywhere; the page cannot be framed.
    is_visit = request.method == "GET" and request.headers.get("Sec-Fetch-Dest") == "document"
    sent_from = request.headers.get("Sec-Fetch-Site", "same-origin")
    if is_page and not is_visit and sent_from not in {"same-origin", "none"}:
        raise web.HTTPForbidden(text="this page is asked only by itself")
    if is_page and request.method != "GET" and request.headers.get("Origin") != f"http://{request.host}":
        raise web.HTTPForbidden(text="this page is asked only by itself")
    return await handler(request)


class PageApi:
    """Serve the page of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world

    def add_routes(self, app: web.Application) -> None:
        """Serve the page, its files, its live updates and its acts."""
        app.router.add_get("/", self._to_the_page)
        app.router.add_get("/desk", self._to_the_page)
        app.router.add_get("/desk/", self._file)
        app.router.add_get("/desk/page/{name}", self._file)
        app.router.add_get("/desk/seized-disk", self._seized_disk)
        app.router.add_get("/desk/stolen-token", self._stolen_token)
        app.router.add_get("/desk/events", self._events)
        app.router.add_post("/desk/people", self._new_person)
        app.router.add_post("/desk/people/{person}/{act}", self._act)
        app.router.add_post("/desk/acts/{number}", self._perform)

    async def _to_the_page(self, _request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/desk/")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = _FILES.get(request.match_info.get("name", "index.html"))
        if path is None:
            raise web.HTTPNotFound
        return web.Response(
            body=path.read_bytes(),
            content_type=_KINDS[path.suffix],
            charset="utf-8",
            headers=_HEADERS,
        )

    async def _seized_disk(self, request: web.Request) -> web.StreamResponse:
        return _html(evidence.seized_disk(self._world, self._desk.data, _language(request)))

    async def _stolen_token(self, request: web.Request) -> web.StreamResponse:
        return _html(evidence.stolen_token(self._world, _language(request)))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Send every phone that looks different from what was sent last, for as long as the page listens."""
        stream = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
        await stream.prepare(request)
        sent = {"trouble": _json(CALM)}
        changes = self._world.changes
        try:
            while not self._world.ended:
                seen = changes.count
                for name, content in self._shown().items():
                    if sent.get(name) != content:
                        sent[name] = content
                        await stream.write(f"event: {name.partition(' ')[0]}\ndata: {content}\n\n".encode())
                if not await changes.later_than(seen, _BREATH_SECONDS):
                    await stream.write(b": still here\n\n")
                await asyncio.sleep(_TOGETHER_SECONDS)
        except ConnectionError:
            pass  # the page was closed
        return stream

    def _shown(self) -> dict[str, str]:
        desk = self._desk
        common = {"people": [person.id for person in desk.people], "tour": list(desk.tour)}
        acts = [{"words": dict(act.words), "possible": act.possible()} for act in desk.acts]
        shown = {"desk": _json({**common, "acts": acts})}
        for person in desk.people:
            shown[f"phone {person.id}"] = _json(self._phone(person))
        shown["trouble"] = _json(state_on_the_page(desk))
        return shown

    def _phone(self, person: Person) -> dict[str, Any]:
        world, chat = self._world, person.chat
        described = world.profile.descriptions
        language = person.language_code or ""
        return {
            "id": person.id,
            "name": person.name,
            "language": language,
            "note": person.note,
            "blocked": chat.closed is not None,
            "bot": world.bot_name(person.language_code),
            "about": described.get(language) or described.get("", ""),
            "typing": chat.action == "typing",
            "messages": [_message(message) for message in chat.history[-_MESSAGES_SHOWN:]],
            "keyboard": [[button.text for button in row] for row in chat.keyboard_buttons],
            "commands": world.commands_for(chat, person.language_code),
            "lockScreen": chat.lock_screen[-_LINES_SHOWN:],
            "taps": [
                {
                    "id": tap.id,
                    "message": tap.message_id,
                    "data": tap.data,
                    "answered": tap.answered,
                    "text": tap.text,
                    "alert": tap.alert,
                }
                for tap in self._desk.taps_of(person)[-_LINES_SHOWN:]
            ],
        }

    async def _new_person(self, request: web.Request) -> web.StreamResponse:
        asked = await _body(request)
        name = str(asked.get("name", "")).strip()[:64]
        if not name:
            raise web.HTTPBadRequest(text="a person needs a name")
        person = self._desk.person(name, str(asked.get("language", "")) or None)
        return web.json_response({"id": person.id})

    async def _act(self, request: web.Request) -> web.StreamResponse:
        number = request.match_info["person"]
        person = next((person for person in self._desk.people if str(person.id) == number), None)
        act = _ACTS.get(request.match_info["act"])
        if person is None or act is None:
            raise web.HTTPNotFound
        asked = await _body(request)
        try:
            act(self._desk, person, asked)
        except (LookupError, RuntimeError, TypeError, ValueError):
            raise web.HTTPConflict(text="that cannot be done now") from None
        return web.json_response({})

    async def _perform(self, request: web.Request) -> web.StreamResponse:
        number = request.match_info["number"]
        act = next((act for place, act in enumerate(self._desk.acts) if str(place) == number), None)
        if act is None:
            raise web.HTTPNotFound
        if not act.possible():
            raise web.HTTPConflict(text="that cannot be done now")
        await act.do()
        self._world.changes.tell()
        return web.json_response({})


def _language(request: web.Request) -> str:
    wanted = request.query.get("language", "")
    return wanted if wanted in evidence.WORDS else "be"


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers=_HEADERS)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        asked = await request.json()
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise web.HTTPBadRequest(text="not an object")
    return asked


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "mine": not message.from_bot,
        "kind": message.kind,
        "text": message.text,
        "entities": list(message.entities),
        "buttons": [[_button(button) for button in row] for row in message.buttons if row and row[0].inline],
        "edited": message.edited,
        "at": message.edited_at or message.sent_at,
        "silent": message.silent,
        "protected": message.protected,
    }


def _button(button: Button) -> dict[str, Any]:
    shown = {"text": button.text, "data": button.data, "url": button.url, "copies": button.copies}
    return {key: value for key, value in {**shown, "style": button.style}.items() if value is not None}


def _start(_desk: Desk, person: Person, _asked: dict[str, Any]) -> None:
    person.start()


def _say(_desk: Desk, person: Person, asked: dict[str, Any]) -> None:
    text = str(asked["text"]).strip()
    if text:
        person.says(text)


def _send(_desk: Desk, person: Person, asked: dict[str, Any]) -> None:
    person.sends(str(asked["kind"]))


def _tap(_desk: Desk, person: Person, asked: dict[str, Any]) -> None:
    person.presses(person.chat.messages[int(asked["message"])], str(asked["data"]))


_ACTS: Final[dict[str, Callable[[Desk, Person, dict[str, Any]], None]]] = {
    "start": _start,
    "say": _say,
    "send": _send,
    "tap": _tap,
    "block": lambda _desk, person, _asked: person.blocks(),
    "unblock": lambda _desk, person, _asked: person.unblocks(),
    "clear": lambda _desk, person, _asked: person.clears_the_chat(),
    "remove": lambda desk, person, _asked: desk.remove(person),
}
