"""Importing the registry: rows of files become people, claims and events, or are refused with a reason.

An import publishes nothing and alerts nobody: it only fills the registry.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.domain.people import ClaimKind, NameKind
from bot.services import row_rules
from bot.services.outweighing import outweigh_list
from bot.services.row_rules import Cells, Context, RefusedError, Values
from bot.store import audit
from bot.store.database import Connection, Database
from bot.store.merging import keys_now
from bot.store.registry import (
    EVERYTHING,
    SEED_BATCH,
    Change,
    Put,
    RegistryWriter,
    Scope,
    SourceRow,
    imported_seed,
    remember_seed,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file, as text, with where it stands."""

    file: str
    line: int
    cells: Cells


@dataclass(slots=True)
class ImportReport:
    """What an import did; `refused` and `conflicts` give file, line and reason, for the operator."""

    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    withdrawn: Counter[str] = field(default_factory=Counter)
    conflicts: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"added {self.added.total()}, changed {self.changed.total()}, "
            f"withdrawn {self.withdrawn.total()}, "
            f"conflicts {len(self.conflicts)}, refused {len(self.refused)}"
        )


Rule = Callable[[Cells, Context], Values]

_ORDER: tuple[tuple[str, str, Rule], ...] = (
    ("place", "places", row_rules.detention_place),
    ("event", "release_events", row_rules.release_event),
    ("person", "persons", row_rules.person),
    ("name", "names", row_rules.name),
    ("claim", "claims", row_rules.claim),
    ("diplomacy", "diplomacy", row_rules.diplomacy_event),
    ("sanction", "sanctions", row_rules.sanction),
    ("count", "counts", row_rules.listed_count),
)
"""What each file holds, in the order rows refer to one another."""

UNSOURCED = frozenset({"publisher", "person"})
"""Words for rows that state nothing by themselves and need no page."""

_WITHDRAWN = ("claim", "name", "diplomacy", "sanction", "count")
"""What disappears from the registry with its row in a file; people, places and releases stay."""

_SILENCED = "the family asked for silence about this: left to editors"
_MERGED = "made one with another record here, of which everything is said instead"
_LAST_NAME = "no longer here, but others speak of this person: the last name stays"


async def import_registry(
    database: Database,
    files: Mapping[str, Sequence[Row]],
    today: date,
    batch: str = SEED_BATCH,
    *,
    made_up: bool = False,
) -> ImportReport:
    """Put every good row into the registry, as `put_registry` does, in one transaction of its own.

    Raises DatabaseUnavailableError: then nothing has happened, or all of it where a commit's answer was lost.
    """
    async with database.writing() as connection:
        await audit.lock(connection)
        return await put_registry(connection, files, today, batch, made_up=made_up)


async def put_registry(
    connection: Connection,
    files: Mapping[str, Sequence[Row]],
    today: date,
    batch: str = SEED_BATCH,
    *,
    scope: Scope = EVERYTHING,
    made_up: bool = False,
) -> ImportReport:
    """Put every good row into the registry; a repeat adds and changes nothing. Call `audit.lock` first.

    What an earlier import of the same batch brought and these files no longer hold is withdrawn, as
    far as `scope` goes: a fact found wrong must not live on where it was once installed. What a list says
    against a release that the seed brings is taken back.
    A made-up import takes placeholder people and nothing else, any other import none of them: only the
    demo asks for one.
    """
    report = ImportReport()
    writer = RegistryWriter(connection)
    await writer.load()
    importer = _Importer(writer, Context(writer.id_of, today), report, batch, made_up)
    await importer.take("publisher", files.get("publishers", ()), row_rules.publisher)
    importer.group_sources(files.get("evidence", ()))
    for word, file, rule in _ORDER:
        await importer.take(word, files.get(file, ()), rule)
    importer.report_unused_sources()
    for word, file, _rule in _ORDER:
        # A missing file or a mistake in one is the file's fault: it withdraws nothing.
        if word in _WITHDRAWN and file in files and word not in importer.faulty:
            withdrawal = await writer.withdraw(batch, word, importer.taken[word], scope)
            report.withdrawn[word] = withdrawal.count
            report.conflicts += [f"{key}: {_LAST_NAME}" for key in withdrawal.named_still]
    if batch == SEED_BATCH:
        # A list weighs itself against what is there: what comes after it has to be weighed here.
        now = await keys_now(connection)
        for person in sorted({row.cells.get("person", "") for row in files.get("claims", ())}):
            await outweigh_list(connection, now.get(person, person))
    return report


async def import_seed(
    database: Database, read: Callable[[], Mapping[str, Sequence[Row]]], digest: str, today: date
) -> ImportReport | None:
    """Import the seed that ships, unless this very seed was imported already; then return None."""
    async with database.reading() as connection:
        if await imported_seed(connection) == digest:
            return None
    files = read()
    async with database.writing() as connection:
        await audit.lock(connection)
        # Of several processes that start at once, one brings it and the others wait.
        if await imported_seed(connection) == digest:
            return None
        report = await put_registry(connection, files, today)
        await remember_seed(connection, digest)
    return report


@dataclass(slots=True)
class _Importer:
    writer: RegistryWriter
    context: Context
    report: ImportReport
    batch: str
    made_up: bool
    taken: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    faulty: set[str] = field(default_factory=set)
    sources: dict[str, list[SourceRow]] = field(default_factory=lambda: defaultdict(list))
    used: set[str] = field(default_factory=set)
    mains: set[tuple[str, str]] = field(default_factory=set)

    async def take(self, word: str, rows: Iterable[Row], rule: Rule) -> None:
        """Put the rows of one file, and note why each bad one was refused."""
        good: list[Row] = []
        puts: list[Put] = []
        for row in rows:
            put = self._read(word, row, rule)
            if put is not None:
                good.append(row)
                puts.append(put)
        for row, change in zip(good, await self.writer.put_all(word, puts), strict=True):
            self._count(word, row, change)

    def _read(self, word: str, row: Row, rule: Rule) -> Put | None:
        self.used.add(_subject(word, row.cells))
        try:
            values = rule(row.cells, self.context)
            row_rules.kept_apart(word, row.cells, made_up=self.made_up)
            if word not in UNSOURCED:
                values["batch"] = self.batch
            proof = self._proof(word, row.cells)
            self._only_once(word, self.writer.key_of(word, values))
        except RefusedError as refusal:
            self._refuse(word, row, str(refusal))
        except KeyError as missing:
            self._refuse(word, row, f"no column {missing}")
        else:
            return values, proof
        return None

    def _only_once(self, word: str, key: str) -> None:
        if key in self.taken[word]:
            raise RefusedError("the same row a second time")
        self.taken[word].add(key)

    def _count(self, word: str, row: Row, change: Change) -> None:
        if change is Change.CONFLICT:
            self.report.conflicts.append(f"{row.file}:{row.line}: edited here since; ours is kept")
        elif change is Change.SILENCED:
            self.report.conflicts.append(f"{row.file}:{row.line}: {_SILENCED}")
        elif change is Change.MERGED:
            self.report.conflicts.append(f"{row.file}:{row.line}: {_MERGED}")
        elif change is Change.ADDED:
            self.report.added[word] += 1
        elif change is Change.CHANGED:
            self.report.changed[word] += 1

    def _refuse(self, word: str, row: Row, reason: str) -> None:
        self.faulty.add(word)
        self.report.refused.append(f"{row.file}:{row.line}: {reason}")

    def _proof(self, word: str, cells: Cells) -> list[SourceRow]:
        """Return the pages that prove a row; what nothing proves does not enter."""
        if word in UNSOURCED:
            return []
        pages = self.sources.get(_subject(word, cells), [])
        if not pages:
            raise RefusedError(f"no page proves this {word}")
        if word == "claim" and cells["kind"] == ClaimKind.DIED and len({p.publisher for p in pages}) < 2:
            raise RefusedError("a death needs two publishers")
        if word == "name" and cells["kind"] == NameKind.MAIN:
            self._only_main(cells)
        return pages

    def _only_main(self, cells: Cells) -> None:
        main = (cells["person"], cells["language"])
        if main in self.mains:
            raise RefusedError("a second main name in one language")
        self.mains.add(main)

    def group_sources(self, rows: Sequence[Row]) -> None:
        """Group pages by the statement they prove."""
        for row in rows:
            try:
                page = row_rules.source(row.cells, self.context)
                self.sources[row.cells["subject"]].append(page)
            except RefusedError as refusal:
                self._refuse("source", row, str(refusal))
            except KeyError as missing:
                self._refuse("source", row, f"no column {missing}")

    def report_unused_sources(self) -> None:
        """Report pages that prove nothing imported: somebody renamed one of the two."""
        for subject in sorted(set(self.sources) - self.used):
            self.report.refused.append(f"evidence: proves nothing that was imported: {subject}")


def _subject(word: str, cells: Cells) -> str:
    """Return what a page's subject must say to prove this row."""
    if word == "name":
        return f"name/{cells.get('person')}/{cells.get('language')}/{cells.get('text')}"
    return f"{word}/{cells.get('key')}"
