"""Checking: whether this installation could run, said a line at a time without any value."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from babel.messages.pofile import read_po

from bot.app import (
    RegistryMissingError,
    VaultPlace,
    refuse_another_registry,
    refuse_missing_registry,
    shelf_for,
    today,
)
from bot.chat.words import CATALOGUES
from bot.domain.articles import any_of
from bot.domain.audit import first_break
from bot.domain.people import Language
from bot.sources.article_files import Mistake, read_library
from bot.sources.article_lint import mistakes
from bot.sources.directory_files import DirectoryError, read_directory
from bot.sources.seed_files import read_seed
from bot.store import audit
from bot.store.database import (
    Database,
    DatabaseForbiddenError,
    DatabaseNewerError,
    DatabaseUnavailableError,
)
from bot.store.keyring import Keyring, KeyringError, KeyringMissingError
from bot.store.opening import VaultMissingError, epoch_to_open
from bot.store.tables import SCHEMA_REVISION

Line = tuple[bool, str]
_SWAP_SECONDS = 1.0


async def check_everything(
    database_url: str, settings_problems: list[str], place: VaultPlace | None
) -> list[Line]:
    """Return a line for the settings, the database, audit, vault, each catalogue, the seed and the articles.

    `place` is None where there is no root key to look at the vault with. Nothing is changed or held.
    """
    settings = [(False, problem) for problem in settings_problems] or [(True, "settings")]
    database = [await _database(database_url, place), *await _audit(database_url)]
    kept = [*database, await _vault(database_url, place)]
    return [*settings, *kept, *map(_catalogue, Language), _seed(), _articles()]


def check_articles() -> list[Line]:
    """Return a line for each thing an editor should mend in the articles, or one that all is well."""
    try:
        found = mistakes(read_directory(), today())
    except DirectoryError as error:
        return [(False, f"directory: {error}")]
    return [(False, str(mistake)) for mistake in found] or [_articles()]


def _articles() -> Line:
    try:
        library, directory = read_library(), read_directory()
    except (Mistake, DirectoryError) as error:
        return (False, f"articles: {error}")
    day = today()
    expired = sum(any_of(topic).is_expired(day) for topic in library.topics())
    said = f"articles: {len(library.topics())} topics, {len(directory.all())} organisations"
    return (True, f"{said}, {expired} past their review" if expired else said)


async def _database(url: str, place: VaultPlace | None) -> Line:
    database = Database(url)
    try:
        if place is not None:
            await refuse_missing_registry(database, place.folder, place.keyring)
        if database.file is not None and not database.file.exists():
            return (True, "database: none yet, made at the first start")
        revision = await database.schema_revision()
        await database.refuse_forbidden()
        if current := revision == SCHEMA_REVISION:
            await refuse_another_registry(database, await _noted_registry(place))
    except DatabaseUnavailableError:
        return (False, "database: cannot be reached, is damaged, or its disk is full")
    except (DatabaseForbiddenError, DatabaseNewerError, RegistryMissingError) as error:
        return (False, f"database: {error}")
    finally:
        await database.close()
    if revision is None:
        return (True, "database: empty, filled at the first start")
    return (True, f"database: schema {revision}" + ("" if current else ", migrated at the next start"))


async def _noted_registry(place: VaultPlace | None) -> int:
    """Return what the keyring says of its registry; what is wrong with a keyring is said of the vault."""
    try:
        return (await asyncio.to_thread(Keyring.load, place.keyring, place.root)).registry if place else 0
    except KeyringError:
        return 0


async def _audit(url: str) -> list[Line]:
    """Say whether the editors' audit is whole, and what to compare with a note kept elsewhere.

    Nothing is said of a schema that a start has to migrate first.
    """
    database = Database(url)
    try:
        there = database.file is None or database.file.exists()
        if not there or await database.schema_revision() != SCHEMA_REVISION:
            return []  # an older schema may lack the table, or some of its columns
        async with database.reading() as connection:
            entries = await audit.entries(connection)
    except (DatabaseForbiddenError, DatabaseNewerError, DatabaseUnavailableError):
        return []  # it was said of the database
    finally:
        await database.close()
    if (number := first_break(entries)) is not None:
        return [(False, f"audit: entry {number} is not what was written")]
    last = f", the last is {entries[-1].hash}" if entries else ""
    return [(True, f"audit: whole, {len(entries)} in all{last}")]


async def _vault(database_url: str, place: VaultPlace | None) -> Line:
    if place is None:
        return (False, "vault: not looked at without the root key")
    if not (_is_writable(place.folder) and _is_writable(place.keyring.parent)):
        return (False, "vault: the data folder cannot be made or written to")
    database = Database(database_url)
    try:
        return await _opens(database, place)
    except (KeyringError, VaultMissingError):
        # Keys and rows change one after the other: whoever looks in between looks once more.
        await asyncio.sleep(_SWAP_SECONDS)
    try:
        return await _opens(database, place)
    except (KeyringError, VaultMissingError) as error:
        return (False, f"vault: {error}")
    finally:
        await database.close()


async def _opens(database: Database, place: VaultPlace) -> Line:
    """See that keys and rows belong together. Raises KeyringError, VaultMissingError, as a start would."""
    there = database.file is None or place.folder.is_dir()
    try:
        current = await shelf_for(database, place.folder).peek() if there else None
    except DatabaseForbiddenError as error:
        return (False, f"vault: {error}")
    except DatabaseUnavailableError:
        return (False, "vault: cannot be reached, is damaged, or its disk is full")
    try:
        keyring = await asyncio.to_thread(Keyring.load, place.keyring, place.root)
    except KeyringMissingError:
        if current is not None:
            raise
        return (True, "vault: none yet, made at the first start")
    keyring.refuse_another(place.bot)
    epoch_to_open(current, keyring)
    return (True, "vault: its rows and the keyring belong together")


def _is_writable(folder: Path) -> bool:
    """Return whether one can write into a folder, or make it."""
    there = next((one for one in (folder, *folder.absolute().parents) if one.exists()), folder)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _catalogue(language: Language) -> Line:
    path = CATALOGUES / language.value / "LC_MESSAGES" / "messages.po"
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language.value)
    except (OSError, ValueError):
        return (False, f"catalogue {language}: cannot be read")
    missing = [message for message in catalogue if message.id and not all(_strings(message.string))]
    if missing:
        return (False, f"catalogue {language}: {len(missing)} phrases are not translated")
    return (True, f"catalogue {language}: {len(catalogue)} phrases")


def _strings(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [string or ""] if string is None or isinstance(string, str) else list(string)


def _seed() -> Line:
    files = read_seed()
    people, claims = len(files.get("persons", ())), len(files.get("claims", ()))
    if not people:
        return (False, "seed: not there")
    return (True, f"seed: {people} people, {claims} claims")
