"""A Bot API server that does next to nothing, so that a benchmark measures the client and not the server.

`python -m bot.bench.lean_server PORT` prints the port it listens on (0: any free one) and serves for ever.
"""

import asyncio
import json
import sys

from aiohttp import web

# What an alert looks like: 330 characters, HTML, one button. The name is nobody's.
ALERT_TEXT = (
    "<b>Вызвалены: Прозвішча Імя Імябацькавіч</b>\n"
    + "Паводле дзвюх крыніц, чалавек выйшаў на волю і знаходзіцца ў бяспечным месцы. " * 3
    + "Крыніцы і дата праверкі ніжэй. Мы напішам яшчэ раз."
)
ALERT_BUTTON = "Крыніцы і што рабіць далей"
ALERT_BUTTON_DATA = "p:1234:sources"

_ME = {"id": 4242, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
MESSAGE = {
    "message_id": 1,
    "from": _ME,
    "chat": {"id": 1001, "first_name": "Reader", "type": "private"},
    "date": 1_790_000_000,
    "text": ALERT_TEXT.replace("<b>", "").replace("</b>", ""),
    "entities": [{"offset": 0, "length": 37, "type": "bold"}],
    "reply_markup": {"inline_keyboard": [[{"text": ALERT_BUTTON, "callback_data": ALERT_BUTTON_DATA}]]},
}


def result(value: object) -> bytes:
    """Return the body of an answer that says yes."""
    return json.dumps({"ok": True, "result": value}, separators=(",", ":")).encode()


_NOBODY_YET = {"name": "", "description": "", "short_description": ""}
_ANSWERS = {"getMe": result(_ME), "getMyCommands": result([])}
_ANSWERS |= dict.fromkeys(("getMyName", "getMyDescription", "getMyShortDescription"), result(_NOBODY_YET))
_ANSWER_MESSAGE = result(MESSAGE)
_ANSWER_DONE = result(True)
_DOES = ("set", "delete", "answer")


async def answer(request: web.BaseRequest) -> web.Response:
    """Take any call whole and answer it as Telegram answers one that was carried out."""
    await request.read()
    method = request.path.rpartition("/")[2]
    usual = _ANSWER_DONE if method.startswith(_DOES) else _ANSWER_MESSAGE
    return web.Response(body=_ANSWERS.get(method, usual), content_type="application/json")


async def serve(port: int) -> None:
    """Serve on this machine alone until the process ends."""
    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
