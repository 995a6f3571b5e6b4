"""Finding: who a name means, in a CSV or in the database; what people are called, for editors' commands."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeAlias

from bot.domain.names import Match, NameIndex
from bot.domain.people import Name, NameKind
from bot.store import people as stored_people
from bot.store.database import Connection, Database

Listed: TypeAlias = tuple[list[str], list[tuple[int, list[Name]]]]
"""Ids, and names numbered by their place among the ids."""

_COLUMNS = {"name_be": "be", "name_ru": "ru", "name_en": "en"}


class RegistryError(ValueError):
    """The registry file cannot be used; the message says why."""


def read_registry(lines: Iterable[str]) -> Listed:
    """Read `id,name_be,name_ru,name_en,aliases,birth_year`: the ids, and names numbered in their order.

    Only `id` and one name are required; aliases are separated by `|` or `;`.
    """
    rows = csv.DictReader(lines)
    columns = set(rows.fieldnames or ())
    if "id" not in columns or not columns & set(_COLUMNS):
        raise RegistryError("the registry needs a column id and one of name_be, name_ru, name_en")
    ids: list[str] = []
    people: list[tuple[int, list[Name]]] = []
    for row in rows:
        key = (row["id"] or "").strip()
        names = _names(row)
        if key and names:
            people.append((len(ids), names))
            ids.append(key)
    if len(set(ids)) != len(ids):
        raise RegistryError("an id appears twice in the registry")
    return ids, people


def _names(row: dict[str, Any]) -> list[Name]:
    names = [
        Name(language, NameKind.MAIN, text)
        for column, language in _COLUMNS.items()
        if (text := (row.get(column) or "").strip())
    ]
    aliases = (row.get("aliases") or "").replace(";", "|").split("|")
    return names + [Name("", NameKind.SPELLING, alias.strip()) for alias in aliases if alias.strip()]


async def listed_people(database: Database) -> Listed:
    """Return everybody of a registry by key. Raises DatabaseUnavailableError."""
    async with database.reading() as connection:
        keys = await stored_people.keys_by_number(connection)
        names = await stored_people.names_by_number(connection)
    return [keys[number] for number, _ in names], [(place, forms) for place, (_, forms) in enumerate(names)]


async def who_are(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    """Return what people are called, and when they were born if that tells them apart, by their keys."""
    found = await stored_people.named(connection, keys)
    return {
        key: called(names) + (f", born {birth_year}" if birth_year else "")
        for key, (names, birth_year) in found.items()
    }


def called(names: Iterable[Name]) -> str:
    """Return somebody's main name in Belarusian and in English, or any other where there is neither."""
    every = list(names)
    main = {name.language: name.text for name in every if name.kind is NameKind.MAIN}
    shown = [main[language] for language in ("be", "en") if language in main]
    return " / ".join(shown or [*main.values(), *(name.text for name in every)][:1])


def find_lines(listed: Listed, query: str) -> list[str]:
    """Return a line for each person who may be meant: their id, and what they are called."""
    ids, people = listed
    names = dict(people)
    found = NameIndex(people).find(query).candidates
    return [f"{ids[one.number]}  {called(names[one.number])}" for one in found]


def read_line(line: str) -> tuple[object, str] | None:
    """Return the id and the query of a JSON line, or None where it has none."""
    try:
        asked = json.loads(line)
        key, query = asked["id"], asked["query"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return (key, query) if isinstance(query, str) else None


def find_jsonl(listed: Listed, lines: Iterable[str]) -> Iterator[str]:
    """Answer each JSON line `{"id", "query"}` with `{"id", "decision", "candidates"}`, in order."""
    ids, people = listed
    index = NameIndex(people)
    for line in lines:
        if line.strip():
            yield _answer(index, ids, line)


def _answer(index: NameIndex, ids: list[str], line: str) -> str:
    asked = read_line(line)
    if asked is None:
        return json.dumps({"id": None, "decision": "none", "candidates": [], "error": "not a query line"})
    key, query = asked
    return json.dumps({"id": key, **as_json(index.find(query), ids)}, ensure_ascii=True)


def as_json(match: Match, ids: list[str]) -> dict[str, Any]:
    """Return a match as the JSON answer has it, with the registry's own ids."""
    return {
        "decision": match.decision.value,
        "candidates": [{"person_id": ids[found.number], "score": found.score} for found in match.candidates],
    }
