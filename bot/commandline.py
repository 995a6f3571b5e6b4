"""What every command shares: settings, the registry, a refusal in one sentence."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer
from pydantic import ValidationError

from bot import logs
from bot.settings import DOCKER_SECRETS, Settings, problems

if TYPE_CHECKING:
    from bot.store.database import Database
    from bot.store.keyring import RootKey

T = TypeVar("T")


def say(lines: Iterable[str], *, aside: bool = False) -> None:
    """Print lines so that each stays one line of what it says; `aside`, where no program reads.

    What others wrote is in them, and in older rows also signs that would redraw the screen.
    """
    for line in lines:
        drawn = "".join(sign if sign.isprintable() else "\ufffd" for sign in line)
        print(drawn, file=sys.stderr if aside else sys.stdout, flush=aside)


def refuse(*lines: str) -> NoReturn:
    """Say why nothing was done, and end."""
    print("\n".join(lines), file=sys.stderr)
    raise typer.Exit(2)


def readable(param: typer.CallbackParam, value: T) -> T:
    """Return what was written on the command line, or say that it is no text and end."""
    for text in value if isinstance(value, list) else [value]:
        try:
            str(text).encode()
        except UnicodeEncodeError:
            refuse(f"Nothing was done: {_name_of(param)} is not text in UTF-8.")
    return value


def filled(param: typer.CallbackParam, value: T) -> T:
    """Return what was written on the command line, or say that it is empty, or no text, and end.

    A variable of a shell that was never set looks so: whoever wrote it meant to say something.
    """
    if value == "":
        refuse(f"Nothing was done: {_name_of(param)} is empty.")
    return readable(param, value)


def _name_of(param: typer.CallbackParam) -> str:
    name = param.opts[0]
    return name if name.startswith("-") else name.upper()  # an argument, as the help writes it


def read_settings() -> Settings:
    """Return the settings, or say what is wrong with them and end."""
    try:
        return Settings()
    except ValidationError as error:
        refuse(*problems(error))
    except (OSError, UnicodeError):
        refuse("The settings cannot be read: .env or a secret is not yours to read, or not UTF-8.")


def make_folder(folder: Path, name: str) -> None:
    """Make a folder where there is none, or say that it cannot be and end; `name` is what it is set by."""
    try:
        # Nobody else on the machine needs to see which database this is.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        usable = False
    if not usable:
        refuse(f"{name}: the folder cannot be made or written to.")


def rows_folder(settings: Settings) -> Path:
    """Return where readers' sealed rows lie on SQLite."""
    return settings.data_dir / "vault"


_NO_ROOT_KEY = (
    "VOLYA_ROOT_KEY_FILE is not set. If you have a key, set it to where the key lies; if systemd brings it: "
    "systemd-run --wait --pipe --same-dir --uid=USER -p LoadCredential=volya_root_key:PLACE COMMAND, "
    "where USER is the bot's. "
    "Another key opens no reader's row; only for a new bot: python -m bot root-key FILE"
)


def root_key_of(settings: Settings) -> RootKey | str:
    """Return the key of keys, or what to do about it."""
    from bot.store.keyring import RootKeyError, find_root_key, read_root_key

    found = find_root_key(settings.root_key_file, settings.credentials, DOCKER_SECRETS)
    if found is None:
        return _NO_ROOT_KEY
    try:
        return read_root_key(found, settings.data_dir, private=found == settings.root_key_file)
    except RootKeyError as error:
        return f"VOLYA_ROOT_KEY_FILE: {error}."


def needed_root_key(settings: Settings) -> RootKey:
    """Return the key of keys, or say what to do about it and end."""
    key = root_key_of(settings)
    if isinstance(key, str):
        refuse(key)
    return key


def with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with the database as it stands, and close it; one of a newer version is refused.

    Raises DatabaseUnavailableError.
    """
    from bot.store.database import Database, DatabaseForbiddenError, DatabaseNewerError

    async def opened() -> T:
        database = Database(settings.database)
        try:
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(opened())
    except (DatabaseForbiddenError, DatabaseNewerError) as error:
        refuse(str(error))


async def refuse_unready(database: Database) -> None:
    """Say why there is nothing to look at yet, and end; to look makes and migrates nothing.

    Raises what `Database.schema_revision` raises.
    """
    from bot.store.tables import SCHEMA_REVISION

    there = database.file is None or database.file.exists()
    revision = await database.schema_revision() if there else None
    if revision is None:
        refuse("The registry is not ready: start the bot once.")
    if revision != SCHEMA_REVISION:
        refuse(f"The registry has an older schema ({revision}), which the next start of the bot migrates.")


def with_registry(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with a registry that is ready, or say in a sentence why not."""
    from bot.services.approving import NotDoneError
    from bot.services.row_rules import RefusedError
    from bot.store.database import DatabaseUnavailableError

    logs.set_up("ERROR")

    async def ready(database: Database) -> T:
        await refuse_unready(database)
        return await work(database)

    try:
        return with_database(read_settings(), ready)
    except (NotDoneError, RefusedError) as error:
        refuse(f"Nothing was done: {error}.")
    except DatabaseUnavailableError:
        refuse("Nothing was done: the database cannot be reached.")
