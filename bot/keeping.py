"""The operator's commands of the registry: a copy of it, and a new one for who has lost every copy."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import logs
from bot.commandline import make_folder, needed_root_key, read_settings, refuse, with_database

if TYPE_CHECKING:
    from bot.store.database import Database
    from bot.store.keyring import RootKey


def backup_registry(
    file: Annotated[Path, typer.Argument(help="A new file. It holds no reader, but secrets of editors.")],
) -> None:
    """Back up the registry of SQLite; readers follow people by its numbers. The bot may be running."""
    logs.set_up("ERROR")
    from bot.store.database import DatabaseUnavailableError

    async def copy(database: Database) -> None:
        if database.file is None:
            refuse("PostgreSQL has its own command: pg_dump --exclude-table='vault_*', of this database.")
        if not await database.is_made():
            refuse("Nothing was written: there is no registry yet.")
        await database.copy_to(file)

    try:
        with_database(read_settings(), copy)
    except FileExistsError:
        refuse("There is a file of this name already: nothing was done.")
    except DatabaseUnavailableError:
        refuse("Nothing was written: the database cannot be read, or there is no room.")
    except OSError:
        refuse("The file cannot be written: is there such a folder?")
    print("The registry is copied. Make a copy after each import and each publication.")


def new_registry(
    lost: Annotated[
        bool, typer.Option("--follows-are-lost", help="Accept that nobody follows anybody any more.")
    ] = False,
) -> None:
    """Let readers whose registry is lost for good have the one that is there, or a new one.

    The bot must be stopped. They follow people by numbers of the lost one, which no other gives: they hear
    of none of them, are not told so, and have to follow anew. What follows subjects stays. Their rows are
    not changed.
    """
    logs.set_up("ERROR")
    from bot.app import today
    from bot.store.database import DatabaseUnavailableError
    from bot.store.files import InUseError
    from bot.store.keyring import KeyringError

    settings = read_settings()
    key = needed_root_key(settings)
    if not lost:
        refuse("Readers would follow nobody any more, and are not told so. If so: --follows-are-lost")
    make_folder(settings.data_dir, "VOLYA_DATA_DIR")
    make_folder(settings.keyring.parent, "VOLYA_KEYRING_FILE")
    try:
        is_new = with_database(
            settings, lambda database: _take_registry(database, settings.keyring, key, today())
        )
    except InUseError:
        refuse("Nothing was done: the bot is running.")
    except KeyringError as error:
        refuse(f"Nothing was done: {error}.")
    except DatabaseUnavailableError:
        refuse("Nothing was done: the database cannot be reached.")
    if not is_new:
        refuse("The registry that is there is that of these readers: nothing was done.")
    print("The registry is theirs now. Whoever followed somebody has to follow them anew.")


async def _take_registry(database: Database, keyring_path: Path, root: RootKey, day: date) -> bool:
    """Let readers have the registry that is there, made of the seed if need be; False if it was theirs."""
    from bot.app import prepare_registry
    from bot.sources.seed_files import SEED
    from bot.store import people
    from bot.store.keyring import Keyring, KeyringMissingError
    from bot.store.opening import lock_of

    lock = lock_of(keyring_path)
    try:
        try:
            keyring = await asyncio.to_thread(Keyring.load, keyring_path, root)
        except KeyringMissingError:
            keyring = None
        was_made = await database.is_made()
        await prepare_registry(database, SEED, day)
        async with database.reading() as connection:
            first = await people.first_number(connection)
            is_theirs = (
                keyring is None
                or not keyring.registry
                or await people.has_number(connection, keyring.registry)
            )
        if was_made and is_theirs:
            return False
        if keyring is not None:
            await asyncio.to_thread(keyring.note_registry, first)
        return True
    finally:
        lock.release()
