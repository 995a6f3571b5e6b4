"""Bots and commands that tests start as processes of their own."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from bot.store.keyring import make_root_key

ROOT = Path(__file__).parents[1]


def environment(api: str, token: str, data: Path, **more: str) -> dict[str, str]:
    """Return a clean environment with only what the bot is told; the root key lies beside the data."""
    key = data.with_name(f"{data.name}-root-key")
    with suppress(FileExistsError):
        make_root_key(key)
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "HOME": str(data),
        "VOLYA_BOT_TOKEN": token,
        "VOLYA_TELEGRAM_API": api,
        "VOLYA_DATA_DIR": str(data),
        "VOLYA_ROOT_KEY_FILE": str(key),
        "VOLYA_CONTROLLER": "the editors",
        **more,
    }


async def run_bot(*arguments: str, env: dict[str, str]) -> tuple[int | None, str, str]:
    """Run a command to its end; return its code and what it wrote to its two outputs."""
    process = await start_bot(*arguments, env=env)
    out, err = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, out.decode(), err.decode()


async def start_bot(*arguments: str, env: dict[str, str]) -> asyncio.subprocess.Process:
    """Start a command."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        env=env,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
