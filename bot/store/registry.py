"""Writing the registry: rows with natural keys and their sources, put so that a repeat changes nothing."""

from __future__ import annotations

import enum
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.people import ClaimState
from bot.store.tables import NUMBERS, SOURCED, claim, person, publisher, seed_import, source


class Change(enum.Enum):
    """What putting a row did. CONFLICT: the row was edited here since; ours is kept."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A page as imported; the publisher by name."""

    publisher: str
    url: str
    published_on: str | None
    origin: str
    read_on: date


@dataclass(slots=True)
class RegistryWriter:
    """Puts rows into the registry inside the caller's transaction. Call `load` first."""

    connection: AsyncConnection
    _rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    _sources: dict[str, dict[int, set[tuple[Any, ...]]]] = field(default_factory=dict)

    async def load(self) -> None:
        """Read what is there, so that an import costs one look per table and not one per row."""
        for word, table in {**SOURCED, "person": person, "publisher": publisher}.items():
            rows = (await self.connection.execute(select(table))).mappings()
            self._rows[word] = {self.key_of(word, dict(row)): dict(row) for row in rows}
            self._sources[word] = {}
        for row in (await self.connection.execute(select(source))).mappings():
            word = next(word for word in SOURCED if row[f"{word}_id"] is not None)
            held = self._sources[word].setdefault(row[f"{word}_id"], set())
            held.add(tuple(row[column] for column in _SOURCE_COLUMNS))

    def key_of(self, word: str, row: Mapping[str, Any]) -> str:
        """Return the natural key of a row."""
        if word == "publisher":
            return str(row["name"])
        if word == "name":
            return name_key(row["person_id"], row["language"], row["text"])
        return str(row["key"])

    def id_of(self, word: str, key: str | None) -> int | None:
        """Return the id of a row put or loaded before, or None."""
        row = self._rows[word].get(key) if key else None
        return int(row["id"]) if row else None

    async def withdraw(self, batch: str, word: str, kept: Collection[str]) -> int:
        """Take back what an earlier import of this batch brought and this one no longer holds.

        A claim is retracted and may return with a later import; other rows go with their sources.
        Rows that editors changed since stay theirs. Returns how many were taken back.
        """
        table = SOURCED[word]
        gone = [
            row
            for key, row in self._rows[word].items()
            if row["batch"] == batch and key not in kept and not _is_settled(row)
        ]
        for row in gone:
            if table is claim:
                retracted = {"state": ClaimState.RETRACTED.value}
                await self.connection.execute(
                    claim.update().where(claim.c.id == row["id"]).values(**retracted)
                )
            else:
                await self.connection.execute(source.delete().where(source.c[f"{word}_id"] == row["id"]))
                await self.connection.execute(table.delete().where(table.c.id == row["id"]))
        return len(gone)

    async def put(self, word: str, values: Mapping[str, Any], sources: Sequence[SourceRow] = ()) -> Change:
        """Insert or update one row and its sources, found by its natural key."""
        table = {**SOURCED, "person": person, "publisher": publisher}[word]
        key = self.key_of(word, values)
        held = self._rows[word].get(key)
        if held is None:
            await self._insert(word, table, key, dict(values))
            await self._replace_sources(word, key, sources)
            return Change.ADDED
        changed = {name: value for name, value in values.items() if held[name] != value}
        if _was_edited_here(table, held, values) and changed:
            return Change.CONFLICT
        if changed:
            await self.connection.execute(table.update().where(table.c.id == held["id"]).values(**changed))
            held.update(changed)
        resourced = word in SOURCED and await self._replace_sources(word, key, sources)
        return Change.CHANGED if changed or resourced else Change.SAME

    async def _insert(self, word: str, table: Table, key: str, values: dict[str, Any]) -> None:
        if table is person:
            values["number"] = self._fresh_number()
        result = await self.connection.execute(table.insert().values(**values))
        assert result.inserted_primary_key is not None  # noqa: S101  (every table here has one)
        self._rows[word][key] = {**values, "id": result.inserted_primary_key[0]}

    def _fresh_number(self) -> int:
        taken = {row["number"] for row in self._rows["person"].values()}
        while (number := secrets.randbelow(NUMBERS) + 1) in taken:
            pass
        return number

    async def _replace_sources(self, word: str, key: str, sources: Sequence[SourceRow]) -> bool:
        row_id = self._rows[word][key]["id"]
        wanted = {
            (self.id_of("publisher", s.publisher), s.url, s.published_on, s.origin, s.read_on)
            for s in sources
        }
        if wanted == self._sources[word].get(row_id, set()):
            return False
        subject = source.c[f"{word}_id"]
        await self.connection.execute(source.delete().where(subject == row_id))
        rows = [
            {**dict(zip(_SOURCE_COLUMNS, s, strict=True)), subject.name: row_id}
            for s in sorted(wanted, key=str)
        ]
        if rows:
            await self.connection.execute(source.insert(), rows)
        self._sources[word][row_id] = wanted
        return True


_SOURCE_COLUMNS = ("publisher_id", "url", "published_on", "origin", "read_on")


def name_key(person_id: int, language: str, text: str) -> str:
    """Return the natural key of a name: whose, in what language, how written."""
    return f"{person_id}/{language}/{text}"


def _is_settled(row: Mapping[str, Any]) -> bool:
    """Say whether an editor decided on a claim, or it is retracted already."""
    return row.get("revision", 1) > 1 or row.get("state") == ClaimState.RETRACTED.value


def _was_edited_here(table: Table, held: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Say whether an editor's later work, or another identity, stands in an import's way."""
    if table is claim:
        return bool(held["revision"] > values["revision"] or held["person_id"] != values["person_id"])
    return table is person and held["birth_year"] is not None


async def imported_seed(connection: AsyncConnection) -> str | None:
    """Return the digest of the seed last imported, or None."""
    return (await connection.execute(select(seed_import.c.digest))).scalar_one_or_none()


async def remember_seed(connection: AsyncConnection, digest: str) -> None:
    """Remember which seed was imported."""
    await connection.execute(seed_import.delete())
    await connection.execute(seed_import.insert().values(digest=digest))
