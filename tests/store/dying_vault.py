"""A vault whose process dies: `python -m tests.store.dying_vault FOLDER ADDRESS MOMENT COUNT`.

It writes, erases and re-keys, and dies as a power cut would when MOMENT comes the COUNT-th time. Each
line it prints is one write: `?` before it is asked for, `=` when it was answered.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

from bot.store.vault import Vault
from tests.store.vaults import Home, following

MOMENTS = (
    *("keyring written", "keyring renamed", "begun", "chunk", "copied", "built"),
    *("replaying", "swapped", "destroyed", "dropped"),
)
CHATS = 40
REKEYS = 3


class Death:
    """Kills this process at one moment, nothing of it left to tidy up."""

    def __init__(self, moment: str, count: int) -> None:
        self._moment, self._left = moment, count

    def __call__(self, step: str) -> None:
        if step == self._moment:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def say(line: str) -> None:
    # Past Python's buffers: what was said before a kill -9 must have been said.
    os.write(1, f"{line}\n".encode())


async def write(vault: Vault, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  (the same turns each time)
    turn = seed * 100_000
    while True:
        turn += 1
        chat = seed * CHATS + chance.randrange(CHATS)
        value = 0 if chance.random() < 0.25 else turn
        say(f"? {chat} {value}")
        if value:
            await vault.merge(chat, following(value))
        else:
            await vault.erase(chat)
        say(f"= {chat} {value}")


async def live(home: Home, death: Death) -> None:
    vault = await home.open(step=death)
    writers = [asyncio.ensure_future(write(vault, seed)) for seed in (1, 2)]
    for _ in range(REKEYS):
        await asyncio.sleep(0.05)
        await vault.rekey()
    for writer in writers:
        writer.cancel()
    await asyncio.gather(*writers, return_exceptions=True)
    await home.close()


if __name__ == "__main__":
    folder, address, moment, count = sys.argv[1:]
    asyncio.run(live(Home(Path(folder), address or None), Death(moment, int(count))))
