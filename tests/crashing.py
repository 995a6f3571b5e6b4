"""A bot that dies between commit and acknowledgement: `python -m tests.crashing API TOKEN FOLDER`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot import app, logs
from tests.running import ROOT


async def die() -> None:
    """Die as a power cut would, with nothing of this process left to tidy up."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    logs.set_up()
    folder = Path(sys.argv[3])
    plan = app.Plan(
        token=sys.argv[2],
        api=sys.argv[1],
        database_url=f"sqlite+aiosqlite:///{folder / 'registry.db'}",
        controller="nobody",
        vault=app.VaultPlace(folder / "vault", folder / "keyring", ROOT),
    )
    asyncio.run(app.run(plan, asyncio.Event(), committed=die))
