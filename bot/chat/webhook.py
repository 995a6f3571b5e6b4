"""The webhook: updates that Telegram brings, behind a secret header, acknowledged after they were run."""

from __future__ import annotations

import asyncio
import errno
import hmac
import json

from aiohttp import web

from bot.chat.intake import Intake, Verdict
from bot.chat.sending import Sender

MOST_BYTES = 256 * 1024
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  (the header's name)
PATH = "/telegram"
AGAIN_SECONDS = 3
"""When to bring again what was not taken. Telegram would wait ever longer, and a tap lives 150 seconds."""


class PortTakenError(Exception):
    """The webhook cannot listen: another program does, or this one may not."""


class Webhook:
    """Serves one address. 503 means "bring it again": nothing of that update has happened."""

    def __init__(self, intake: Intake, sender: Sender, secret: str) -> None:
        """Hold the edge; without the secret in its header a request is not even read."""
        self._intake = intake
        self._sender = sender
        self._secret = secret.encode()

    async def run(
        self, stop: asyncio.Event, host: str, port: int, ready: asyncio.Event | None = None
    ) -> None:
        """Serve until `stop`, then let the answers that are on their way finish. Raises PortTakenError."""
        async with asyncio.TaskGroup() as tasks:
            application = web.Application(client_max_size=MOST_BYTES)

            async def receive(request: web.Request) -> web.Response:
                return await self._receive(request, tasks)

            application.router.add_post(PATH, receive)
            runner = web.AppRunner(application, access_log=None)
            await runner.setup()
            try:
                await _listen(runner, host, port)
                if ready is not None:
                    ready.set()
                await stop.wait()
            finally:
                await runner.cleanup()

    async def _receive(self, request: web.Request, tasks: asyncio.TaskGroup) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=403)
        try:
            raw = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=200)  # bringing it again would not make it readable
        taken = await self._intake.take(raw)
        if taken.verdict is Verdict.KEEP:
            return web.Response(status=503, headers={"Retry-After": str(AGAIN_SECONDS)})
        response = web.Response(status=200)
        try:
            await response.prepare(request)
            await response.write_eof()
        except BaseException:
            if taken.reply is not None:
                self._sender.gave_up(taken.reply)  # Telegram does not know, and brings it again
            raise
        # Only now is the update no longer Telegram's to repeat, and only now is it answered.
        if taken.reply is not None:
            tasks.create_task(self._sender.show(taken.reply))
        return response


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        why = "is in use" if error.errno == errno.EADDRINUSE else "cannot be listened on"
        raise PortTakenError(f"Port {port} (VOLYA_WEBHOOK_PORT) {why}.") from None
