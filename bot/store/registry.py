"""Writing the registry: rows with natural keys and their sources, put so that a repeat changes nothing."""

from __future__ import annotations

import enum
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import Table, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.people import ClaimState, Consent, When
from bot.store.tables import NUMBERS, SOURCED, claim, person, person_alias, publisher, seed_import, source


class Change(enum.Enum):
    """What putting a row did. CONFLICT: the row was edited here since; ours is kept.

    SILENCED: a family asked that what it says should not be told; it was left out. MERGED: an editor made
    this person one with another, of whom everything else is said from now on.
    """

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    CONFLICT = "conflict"
    SILENCED = "silenced"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A page as imported; the publisher by name."""

    publisher: str
    url: str
    published_on: str | None
    origin: str
    read_on: date


@dataclass(frozen=True, slots=True)
class Scope:
    """How far an import may withdraw what an earlier one brought.

    `languages`: a list in one language says nothing about names in another; None means every language.
    `spared`: keys of people whose rows could not be believed this time; what is there of them stays.
    """

    languages: frozenset[str] | None = None
    spared: frozenset[str] = frozenset()


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """How many rows an import took back, and the keys of people whose last name it left them."""

    count: int = 0
    named_still: tuple[str, ...] = ()


SEED_BATCH = "seed"
"""The batch of the seed that ships. Its rows stay its own when another import brings the same."""

EDITORS_BATCH = "editors"
"""The batch of what editors report. No import, the seed included, changes or withdraws it."""

LIST_BATCH = "viasna"
"""The batch of a list of prisoners: the date of its claims moves with its exports."""

Put: TypeAlias = tuple[Mapping[str, Any], Sequence[SourceRow]]
"""A row to put, and the pages that prove it."""


@dataclass(slots=True)
class _Plan:
    """What putting rows of one kind comes to: decided first, then written in a few statements."""

    added: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    sources: dict[str, set[tuple[Any, ...]]] = field(default_factory=dict)


@dataclass(slots=True)
class RegistryWriter:
    """Puts rows into the registry inside the caller's transaction. Call `load` first."""

    connection: AsyncConnection
    _rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    _sources: dict[str, dict[int, set[tuple[Any, ...]]]] = field(default_factory=dict)
    _numbers: set[int] = field(default_factory=set)
    _silent: dict[tuple[int, str], list[tuple[str, When]]] = field(default_factory=dict)
    """Claims a family asked not to be told, by person and kind: from which import, of which day."""

    async def load(self) -> None:
        """Read what is there, so that an import costs one look per table and not one per row."""
        for word, table in _TABLES.items():
            rows = (await self.connection.execute(select(table))).mappings()
            self._rows[word] = {self.key_of(word, row): dict(row) for row in rows}
            self._sources[word] = {}
        self._numbers = {row["number"] for row in self._rows["person"].values()}
        await self._load_aliases()
        for said in self._rows["claim"].values():
            if said["consent"] == Consent.SUPPRESSED.value:
                theirs = self._silent.setdefault((said["person_id"], said["kind"]), [])
                theirs.append((said["batch"], When.parse(said["date"])))
        for row in (await self.connection.execute(select(source))).mappings():
            word = next(word for word in SOURCED if row[f"{word}_id"] is not None)
            held = self._sources[word].setdefault(row[f"{word}_id"], set())
            held.add(tuple(row[column] for column in _SOURCE_COLUMNS))

    async def _load_aliases(self) -> None:
        people = {row["id"]: row for row in self._rows["person"].values()}
        for alias in await self.connection.execute(select(person_alias)):
            # A second record under the old key would leave the followers of the old number with nothing.
            self._rows["person"].setdefault(alias.key, people[alias.person_id])
            # A number that became an alias is in readers' rows still.
            self._numbers.add(alias.number)

    def key_of(self, word: str, row: Mapping[Any, Any]) -> str:
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

    async def withdraw(
        self, batch: str, word: str, kept: Collection[str], scope: Scope = EVERYTHING
    ) -> Withdrawal:
        """Take back what an earlier import of this batch brought and this one no longer holds.

        A claim is retracted and may return with a later import; other rows go with their sources.
        Rows that editors changed since stay theirs, and so does the last name of whom they speak of:
        nobody finds a person without a name, nor opens the alert of their release.
        """
        spared = {self.id_of("person", key) for key in scope.spared} - {None}
        gone = [
            row
            for key, row in self._rows[word].items()
            if row["batch"] == batch
            and key not in kept
            and not _is_settled(row)
            and row.get("person_id") not in spared
            and (word != "name" or scope.languages is None or row["language"] in scope.languages)
        ]
        named_still = self._last_named(batch, gone) if word == "name" else {}
        taken = [{"row_id": row["id"]} for row in gone if row.get("person_id") not in named_still]
        if taken:
            await self._take_back(word, taken)
        return Withdrawal(len(taken), tuple(sorted(named_still.values())))

    def _last_named(self, batch: str, gone: Sequence[Mapping[str, Any]]) -> dict[int, str]:
        """Return who would have no name left although others than this batch speak of them: id and key."""
        going = {row["id"] for row in gone}
        named = {row["person_id"] for row in self._rows["name"].values() if row["id"] not in going}
        spoken_of = {
            row["person_id"]
            for row in self._rows["claim"].values()
            if row["state"] != ClaimState.RETRACTED.value and (row["batch"] != batch or row["revision"] > 1)
        }
        last = ({row["person_id"] for row in gone} & spoken_of) - named
        return {row["id"]: row["key"] for row in self._rows["person"].values() if row["id"] in last}

    async def _take_back(self, word: str, gone: Sequence[Mapping[str, int]]) -> None:
        table = SOURCED[word]
        this_row = table.c.id == bindparam("row_id")
        if table is claim:
            retracted = claim.update().where(this_row).values(state=ClaimState.RETRACTED.value)
            await self.connection.execute(retracted, gone)
        else:
            proofs = source.c[f"{word}_id"] == bindparam("row_id")
            await self.connection.execute(source.delete().where(proofs), gone)
            await self.connection.execute(table.delete().where(this_row), gone)

    async def put_all(self, word: str, rows: Sequence[Put]) -> list[Change]:
        """Insert or update rows of one kind, no two with one natural key, and say what became of each.

        Thousands of rows cost a few statements: what each needs is decided before any is written.
        """
        plan = _Plan()
        changes = [self._decide(word, values, sources, plan) for values, sources in rows]
        await self._insert(word, plan.added)
        await self._update(word, plan.changed)
        if word in SOURCED:
            await self._replace_sources(word, plan)
        return changes

    def _decide(
        self, word: str, given: Mapping[str, Any], sources: Sequence[SourceRow], plan: _Plan
    ) -> Change:
        key, values = self.key_of(word, given), dict(given)
        held = self._rows[word].get(key)
        pages = self._pages(sources)
        if held is None:
            if self._is_silenced(word, values):
                return Change.SILENCED
            plan.added[key], plan.sources[key] = values, pages
            return Change.ADDED
        if word == "person" and held["key"] != key:
            return Change.MERGED
        if _belongs_to_another_import(held, values):
            return Change.SAME
        if word == "person" and values["birth_year"] is None:
            del values["birth_year"]  # an import that knows no year says nothing against a known one
        changed = {name: value for name, value in values.items() if held[name] != value}
        if changed and _was_edited_here(_TABLES[word], held, values):
            return Change.CONFLICT
        if changed and self._is_silenced(word, values):
            return Change.SILENCED
        if changed:
            plan.changed.append((held["id"], changed))
            held.update(changed)
        resourced = word in SOURCED and pages != self._sources[word].get(held["id"], set())
        if resourced:
            plan.sources[key] = pages
        return Change.CHANGED if changed or resourced else Change.SAME

    def _is_silenced(self, word: str, values: Mapping[str, Any]) -> bool:
        """Return whether a family asked, under whatever key, not to be told what a claim says."""
        if word != "claim":
            return False
        when = When.parse(values["date"])
        silent = self._silent.get((values["person_id"], values["kind"]), ())
        # What a list says moves with its exports: silence about it holds on any day.
        return any(
            values["batch"] == batch == LIST_BATCH or when.overlaps(quiet_on) for batch, quiet_on in silent
        )

    def _pages(self, sources: Sequence[SourceRow]) -> set[tuple[Any, ...]]:
        return {
            (self.id_of("publisher", s.publisher), s.url, s.published_on, s.origin, s.read_on)
            for s in sources
        }

    async def _insert(self, word: str, rows: Mapping[str, dict[str, Any]]) -> None:
        if not rows:
            return
        table = _TABLES[word]
        if table is person:
            for values in rows.values():
                values["number"] = self._fresh_number()
        # In any order: asked for in that of the rows, SQLite would insert them one by one.
        written = await self.connection.execute(table.insert().returning(table), list(rows.values()))
        self._rows[word].update((self.key_of(word, row), dict(row)) for row in written.mappings())

    async def _update(self, word: str, rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row_id, changed in rows:
            alike.setdefault(tuple(changed), []).append({**changed, "row_id": row_id})
        table = _TABLES[word]
        for group in alike.values():
            await self.connection.execute(table.update().where(table.c.id == bindparam("row_id")), group)

    def _fresh_number(self) -> int:
        while (number := secrets.randbelow(NUMBERS) + 1) in self._numbers:
            pass
        self._numbers.add(number)
        return number

    async def _replace_sources(self, word: str, plan: _Plan) -> None:
        subject = source.c[f"{word}_id"]
        wanted = {self._rows[word][key]["id"]: pages for key, pages in plan.sources.items()}
        outdated = [{"row_id": row_id} for row_id in wanted if self._sources[word].get(row_id)]
        if outdated:
            await self.connection.execute(source.delete().where(subject == bindparam("row_id")), outdated)
        rows = [
            {**dict(zip(_SOURCE_COLUMNS, page, strict=True)), subject.name: row_id}
            for row_id, pages in wanted.items()
            for page in sorted(pages, key=str)
        ]
        if rows:
            await self.connection.execute(source.insert(), rows)
        self._sources[word].update(wanted)


_TABLES: dict[str, Table] = {**SOURCED, "person": person, "publisher": publisher}
_SOURCE_COLUMNS = ("publisher_id", "url", "published_on", "origin", "read_on")


def name_key(person_id: int, language: str, text: str) -> str:
    """Return the natural key of a name: whose, in what language, how written."""
    return f"{person_id}/{language}/{text}"


def _is_settled(row: Mapping[str, Any]) -> bool:
    """Return whether an editor decided on a claim, or it is retracted already."""
    return row.get("revision", 1) > 1 or row.get("state") == ClaimState.RETRACTED.value


def _belongs_to_another_import(held: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Return whether another import, or an editor, brought this row first.

    The seed alone takes rows over, and keeps them; what editors reported is theirs.
    """
    owner, mine = held.get("batch"), values.get("batch")
    return owner != mine and (mine != SEED_BATCH or owner == EDITORS_BATCH)


def _was_edited_here(table: Table, held: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Return whether an editor's later work, or another identity, stands in an import's way."""
    if table is claim:
        return bool(held["revision"] > values["revision"] or held["person_id"] != values["person_id"])
    return table is person and held["birth_year"] is not None


async def imported_seed(connection: AsyncConnection) -> str | None:
    """Return the digest of the seed last imported, or None."""
    # Two processes that started at once may once have left a row each: no start may fail at that.
    last = select(seed_import.c.digest).order_by(seed_import.c.id.desc()).limit(1)
    return (await connection.execute(last)).scalar_one_or_none()


async def remember_seed(connection: AsyncConnection, digest: str) -> None:
    """Remember which seed was imported."""
    await connection.execute(seed_import.delete())
    await connection.execute(seed_import.insert().values(digest=digest))
