"""Acting: which editor gives a command, with which key and code, and what they saw before."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from bot.commandline import filled, refuse, say, with_registry
from bot.showing import Shown

if TYPE_CHECKING:
    from bot.services.approving import Signer
    from bot.store.database import Database

As: TypeAlias = Annotated[str, typer.Option("--as", help="Your handle.", callback=filled)]
KeyFile: TypeAlias = Annotated[Path, typer.Option("--key", help="The file with your key.")]
Code: TypeAlias = Annotated[
    str | None,
    typer.Option(help="The code of your second device; asked for if left out.", callback=filled),
]
Show: TypeAlias = "Callable[[Database], Awaitable[Shown]]"


def signer(handle: str, key_file: Path, code: str | None, shows: Show | None = None) -> Signer:
    """Read the key, show what is signed, and nothing else is, and ask for the code."""
    from bot.services.approving import Signer
    from bot.services.signing import KeyFileError, read_key

    try:
        key = read_key(key_file)
    except KeyFileError as error:
        refuse(f"Nothing was done: {error}.")
    saw = show(shows).digests if shows else None
    return Signer(handle, key, code or _asked_code(), saw)


def show(shows: Show) -> Shown:
    """Print what is asked about, where no program reads; return it."""
    shown = with_registry(shows)
    say(shown.lines, aside=True)
    return shown


def _asked_code() -> str:
    # Not on standard output: what a command prints there is for programs, too.
    print("Code: ", end="", file=sys.stderr, flush=True)
    # There is no standard input where it was closed.
    line = sys.stdin.buffer.readline() if sys.stdin else b""
    if not line:
        refuse("", "Nothing was done: there is nobody to ask for the code: --code.")
    try:
        return line.decode().strip()
    except UnicodeDecodeError:
        refuse("Nothing was done: the code is not text in UTF-8.")
