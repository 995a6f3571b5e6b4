"""Bots and commands that tests start as processes of their own."""

from __future__ import annotations

import asyncio
import atexit
import gc
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock, Timer
from typing import IO

from bot.store.keyring import make_root_key

ROOT = Path(__file__).parents[1]
ENDS_WITHIN = 30


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


async def start_bot(*arguments: str, env: dict[str, str]) -> asyncio.subprocess.Process:
    """Start a command as an operator does, from the start of Python on."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        env=env,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run_bot(*arguments: str, env: dict[str, str], said: str = "") -> tuple[int, str, str]:
    """Run a command to its end; return its code and what it wrote to its two outputs."""
    return await asyncio.to_thread(_forks().run, arguments, env, said)


@cache
def _forks() -> Forks:
    forks = Forks()
    atexit.register(forks.close)
    return forks


class Forks:
    """A process that has imported the bot and forks for each command: a start of Python takes a second."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.processes"],
            cwd=ROOT,
            env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, arguments: Sequence[str], env: dict[str, str], said: str) -> tuple[int, str, str]:
        """Run a command; return its code and what it wrote to its two outputs."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        with self._lock, tempfile.TemporaryDirectory(prefix="volya-command-") as folder:
            place = Path(folder)
            (place / "0").write_text(said, encoding="utf-8", errors="surrogateescape")
            asked = {"arguments": arguments, "env": env, "folder": folder}
            self._server.stdin.write(json.dumps(asked).encode() + b"\n")
            self._server.stdin.flush()
            pid = int(self._server.stdout.readline())
            late = Timer(ENDS_WITHIN, os.kill, (pid, 9))
            late.start()
            code = int(self._server.stdout.readline())
            late.cancel()
            return code, (place / "1").read_text("utf-8"), (place / "2").read_text("utf-8")

    def close(self) -> None:
        """Run no more commands."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(ENDS_WITHIN)
        self._server.stdout.close()


# What follows runs in the process that forks.


def _serve(questions: IO[bytes]) -> list[str] | None:
    """Fork for each command. Returns in the new process, ready to be the command; None at the end."""
    answers = os.dup(1)
    while line := questions.readline():
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os.close(answers)
            _become(asked["env"], Path(asked["folder"]))
            return ["bot", *asked["arguments"]]
        os.write(answers, f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        os.write(answers, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    return None


def _become(env: dict[str, str], folder: Path) -> None:
    os.environ.clear()  # noqa: TID251  (a process of its own, before any setting is read)
    os.environ.update(env)  # noqa: TID251
    for number, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY | os.O_CREAT), (2, os.O_WRONLY | os.O_CREAT)):
        opened = os.open(folder / str(number), flags)
        os.dup2(opened, number)
        os.close(opened)


def _run_command() -> None:
    from bot.cli import main

    code: int | str | None = 1
    try:
        main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    sys.stdout.flush()
    sys.stderr.flush()
    # Python's own end would visit every object that was imported: half a second of work.
    os._exit(code if isinstance(code, int) else 1 if code else 0)


def _import_all() -> None:
    import bot

    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.startswith("bot.bench.") and module.name != "bot.__main__":
            importlib.import_module(module.name)
    gc.freeze()  # what is never looked at is never copied


if __name__ == "__main__":
    _import_all()
    # Not sys.stdin: a command reads that, and must find nothing of ours in its buffer.
    with open(os.dup(0), "rb", buffering=0) as questions:
        command = _serve(questions)
    if command is not None:
        sys.argv = command
        _run_command()
