"""The commands that look something up: a name, a question; and the one by which questions are learned."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import logs
from bot.commandline import read_settings, refuse, refuse_unready, rows_folder, say, with_database
from bot.domain.caution import Place
from bot.domain.people import Language

if TYPE_CHECKING:
    from bot.services.finding import Listed
    from bot.store.database import Database


def find(
    query: Annotated[str, typer.Argument(help="A name; left out with --jsonl.")] = "",
    registry: Annotated[
        Path | None, typer.Option(help="CSV with id, name_be, name_ru, name_en, aliases, birth_year.")
    ] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read JSON lines {id, query, lang, place} from standard input.")
    ] = False,
) -> None:
    """Find who is meant by a name, in any spelling: the key of each, and what they are called."""
    logs.set_up("ERROR")
    from bot.services import finding

    try:
        listed = _configured() if registry is None else _read(registry)
    except (OSError, UnicodeError):
        refuse("The registry cannot be read: it is not there, or not UTF-8.")
    except finding.RegistryError as error:
        refuse(f"The registry cannot be used: {error}.")
    if jsonl:
        for answer in finding.find_jsonl(listed, sys.stdin):
            print(answer)
    else:
        say(finding.find_lines(listed, query) or ["Nobody of this name is known here."])


def train() -> None:
    """Learn what questions mean from the bank of questions, and write the file the bot reads."""
    logs.set_up("ERROR")
    if importlib.util.find_spec("sklearn") is None:
        refuse("scikit-learn is not installed: make train")
    from bot import training

    training.train(say=print)


def ask(
    question: Annotated[str, typer.Argument(help="A question; left out with --jsonl.")] = "",
    language: Annotated[Language, typer.Option("--lang", help="The language of the answer.")] = Language.BE,
    place: Annotated[Place, typer.Option(help="Where the asker is.")] = Place.NOT_SAID,
    registry: Annotated[
        Path | None, typer.Option(help="CSV with id, name_be, name_ru, name_en, aliases, birth_year.")
    ] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read JSON lines {id, query, lang, place} from standard input.")
    ] = False,
) -> None:
    """Answer a question as the chat would; with --jsonl, say line by line what was understood."""
    logs.set_up("ERROR")
    from bot import asking_aloud
    from bot.services import finding

    if not jsonl:
        if registry is not None:
            refuse("--registry goes with --jsonl: the chat's answer is made from the registry that ships.")
        say(asyncio.run(asking_aloud.as_in_the_chat(question, language, place)).split("\n"))
        return
    try:
        listed = asyncio.run(asking_aloud.listed()) if registry is None else _read(registry)
    except (OSError, UnicodeError):
        refuse("The registry cannot be read: it is not there, or not UTF-8.")
    except finding.RegistryError as error:
        refuse(f"The registry cannot be used: {error}.")
    for answer in asking_aloud.ask_jsonl(listed, sys.stdin):
        print(answer)


def _read(registry: Path) -> Listed:
    from bot.services.finding import read_registry

    with registry.open(encoding="utf-8-sig", newline="") as file:
        return read_registry(file)


def _configured() -> Listed:
    """Return the people of the configured registry by their keys, or say in a sentence why not."""
    from bot.app import RegistryMissingError, refuse_missing_registry
    from bot.services.finding import listed_people
    from bot.store.database import DatabaseUnavailableError

    async def found(database: Database) -> Listed:
        await refuse_missing_registry(database, rows_folder(settings), settings.keyring)
        await refuse_unready(database)
        return await listed_people(database)

    settings = read_settings()
    try:
        return with_database(settings, found)
    except RegistryMissingError as error:
        refuse(f"Nothing was looked up: {error}.")
    except DatabaseUnavailableError:
        refuse("Nothing was looked up: the database cannot be reached.")
