"""A bot that dies between commit and acknowledgement: `python -m tests.crashing API TOKEN DATABASE`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from bot import app, logs


async def die() -> None:
    """Die as a power cut would, with nothing of this process left to tidy up."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    logs.set_up()
    plan = app.Plan(token=sys.argv[2], api=sys.argv[1], database_url=sys.argv[3], controller="nobody")
    asyncio.run(app.run(plan, asyncio.Event(), committed=die))
