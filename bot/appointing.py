"""The operator's command editor: who may publish, with which key, and codes of which device."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from bot.commandline import filled, refuse, with_registry

if TYPE_CHECKING:
    from bot.services.enrolling import Enrolling
    from bot.store.database import Database

editor = typer.Typer(no_args_is_help=True, help="Who may publish: editors, their keys and codes.")

Handle: TypeAlias = Annotated[str, typer.Argument(help="As `editor list` prints it.", callback=filled)]


@editor.command("add")
def add_editor(
    handle: Annotated[str, typer.Argument(help="A name for the audit; never reused.")],
    key: Annotated[Path, typer.Option("--key", help="A new file for the editor's key, theirs to keep.")],
) -> None:
    """Add an editor: write their key to a new file and print their TOTP secret, once."""
    from bot.services import signing

    if not handle.isascii() or not handle.replace("-", "").isalnum() or len(handle) > 40:
        refuse("A handle is up to 40 Latin letters, digits and -.")
    try:
        made = signing.write_key(key)
    except FileExistsError:
        refuse("There is a file of this name already: nothing was done.")
    except OSError:
        refuse("The file cannot be written: is there such a folder?")
    try:
        secret = with_registry(lambda database: _enrolling(database).add(handle, made))
    except typer.Exit:
        with suppress(OSError):
            key.unlink()
        raise
    _print_secret(handle, secret)


@editor.command("list")
def list_editors() -> None:
    """List everybody who is or was an editor."""
    from bot.store import editors

    async def found(database: Database) -> list[editors.Editor]:
        async with database.reading() as connection:
            return await editors.every(connection)

    everybody = with_registry(found)
    if not everybody:
        print("There is no editor yet: editor add.", file=sys.stderr)
    for one in everybody:
        gone = f"  revoked {one.revoked_on}" if one.revoked_on else ""
        print(f"{one.handle}  key {one.public_key[:16]}  since {one.added_on}{gone}")


@editor.command("revoke")
def revoke_editor(handle: Handle) -> None:
    """Revoke an editor: their approvals no longer count for anything not yet sent."""
    with_registry(lambda database: _enrolling(database).revoke(handle))
    print(f"{handle} is an editor no longer. What only they and one other approved takes two anew to go.")


@editor.command("totp")
def renew_codes(handle: Handle) -> None:
    """Issue a new TOTP secret for a new device, printed once; codes of the old one stop working."""
    _print_secret(handle, with_registry(lambda database: _enrolling(database).renew_secret(handle)))


def _print_secret(handle: str, secret: str) -> None:
    from bot.services.signing import otpauth_address

    print(f"Secret of the codes, shown only now: {secret}")
    print(otpauth_address(handle, secret))


def _enrolling(database: Database) -> Enrolling:
    from bot.app import now
    from bot.services.enrolling import Enrolling

    return Enrolling(database, now)
