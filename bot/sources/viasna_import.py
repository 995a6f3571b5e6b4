"""Importing Viasna's export: what it would change is weighed against the registry, then put, or refused.

The list is one publisher's word. It names people and says who is still held; a release, a death and
anything that contradicts the registry are left to editors.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

from bot.domain.lists import is_history, is_out
from bot.domain.people import (
    ClaimKind,
    Designation,
    Language,
    Name,
    NameKind,
    PublisherKind,
)
from bot.domain.words import folded
from bot.services.importing import ImportReport, Row, put_registry
from bot.sources.viasna_export import (
    MINIMUM_ROWS,
    WORST_SHARE,
    Export,
    ExportRefusedError,
    Quarantined,
    read_export,
    refuse_many_bad,
)
from bot.sources.viasna_rows import ListedPerson, ListStatus
from bot.store import audit
from bot.store.batches import Known, known_people
from bot.store.database import Connection, Database
from bot.store.merging import keys_now, propose
from bot.store.people import claims_of
from bot.store.registry import LIST_BATCH, Scope
from bot.store.tables import SCHEMA_REVISION

PUBLISHER = {"name": "Viasna", "kind": PublisherKind.RIGHTS.value, "designation": Designation.LISTED.value}
MOST_VANISHING = 5
"""How many people may stop being listed as held in one import: more is a mass change, not a correction."""

_NO_CLAIM = dict.fromkeys(("outcome", "country", "passport", "manner", "place", "event"), "")
_ALIKE = 0.5  # below it two spellings of one name are not found, and most pairs of other names are

Registry = Mapping[str, Known]


@dataclass(slots=True)
class Outcome:
    """What an import did, or would do, for the operator: lines and reasons, and nobody's name."""

    statuses: Counter[ListStatus]
    quarantined: list[Quarantined]
    contradicted: list[int] = field(default_factory=list)
    deaths: int = 0
    missing: int = 0
    rehearsed: bool = False
    proposed: int = 0
    report: ImportReport = field(default_factory=ImportReport)

    def lines(self) -> list[str]:
        """Return the report line by line."""
        listed = ", ".join(f"{self.statuses[status]} {status}" for status in ListStatus)
        lines = [
            f"{'Would import' if self.rehearsed else 'Imported'}: {listed}.",
            f"{self.report}, quarantined {len(self.quarantined)}.",
            f"Deaths left to editors: {self.deaths}.",
            f"No longer in the list: {self.missing}.",
        ]
        if self.proposed:
            lines.append(f"Perhaps known already, for editors to say: {self.proposed}.")
        if self.missing and any(row.number is None for row in self.quarantined):
            lines.append("Nothing of those is withdrawn: a row whose id cannot be read may be theirs.")
        lines += [f"line {row.line}: quarantined: {row.reason}" for row in self.quarantined]
        lines += [
            f"line {line}: listed as held, but not held in the registry: left to editors"
            for line in self.contradicted
        ]
        lines += [f"conflict: {conflict}" for conflict in self.report.conflicts]
        lines += [f"refused: {refusal}" for refusal in self.report.refused]
        return lines


async def run_import(
    database: Database,
    path: Path,
    *,
    language: Language,
    exported_on: date,
    today: date,
    accept_drop: bool = False,
    dry_run: bool = False,
    minimum_rows: int = MINIMUM_ROWS,
) -> Outcome:
    """Import an export, or with `dry_run` only say what that would do.

    Raises ExportRefusedError, and then nothing was written; raises DatabaseUnavailableError.
    """
    if exported_on > today:
        raise ExportRefusedError("The export cannot be from a day in the future: check --exported-on.")
    export = read_export(path, language=language, minimum_rows=minimum_rows)
    exists = database.file is None or database.file.exists()
    if not exists or await database.schema_revision() != SCHEMA_REVISION:
        raise ExportRefusedError("The registry is not ready: start the bot once, then import.")
    async with database.writing() as connection:
        # What editors published between weighing a list and writing it, it would undo.
        await audit.lock(connection)
        outcome = await _weigh_and_put(connection, export, exported_on, today, accept_drop=accept_drop)
        if dry_run:
            await connection.rollback()
    outcome.rehearsed = dry_run
    return outcome


async def _weigh_and_put(
    connection: Connection, export: Export, exported_on: date, today: date, *, accept_drop: bool
) -> Outcome:
    """Put what the registry may take of an export, and leave the rest to editors."""
    registry, free = await _registry(connection)
    export = await _under_their_keys(connection, export)
    people, quarantined = _without_strangers(export, registry)
    _refuse_older(registry, exported_on)
    missing = _missing(registry, people, quarantined)
    if not accept_drop:
        _refuse_drop(registry, people, quarantined, missing)
    held = [person for person in people if person.status is ListStatus.ACTIVE and not person.died]
    contradicted = [person for person in held if person.key in free]
    outcome = Outcome(
        statuses=Counter(person.status for person in people),
        quarantined=quarantined,
        contradicted=[person.line for person in contradicted],
        deaths=sum(person.died for person in people),
        missing=len(missing),
    )
    # A sign of detention older than the release is history and stays; a later one would undo the release.
    history = {person.key for person in contradicted if free[person.key]}
    spared = history | _unread(quarantined, missing)
    files = _files(people, registry, {p.key for p in held} - free.keys(), export.language, exported_on)
    scope = Scope(frozenset({export.language.value}), frozenset(spared))
    outcome.report = await put_registry(connection, files, today, LIST_BATCH, scope=scope)
    outcome.proposed = await propose(connection, _perhaps_known(people, registry))
    return outcome


async def _under_their_keys(connection: Connection, export: Export) -> Export:
    """Give rows of people whose records editors made one the key of that one, and join rows of one key."""
    now = await keys_now(connection)
    quarantined = tuple(replace(row, known_as=now.get(row.key or "", "")) for row in export.quarantined)
    people = {person.key: person for person in export.people if person.key not in now}
    for person in export.people:
        if person.key in now:
            key = now[person.key]
            held = people.get(key, replace(person, known_as=key))
            people[key] = replace(held, names=tuple(dict.fromkeys((*held.names, *person.names))))
    return replace(export, people=tuple(people.values()), quarantined=quarantined)


def _perhaps_known(people: Sequence[ListedPerson], registry: Registry) -> set[tuple[str, str]]:
    """Return who has the very name of somebody the registry knows from elsewhere: an editor decides."""
    listed = {person.key for person in people}
    bearers: dict[frozenset[str], set[str]] = defaultdict(set)
    for key, known in registry.items():
        for name in known.theirs if key not in listed else ():
            bearers[folded(name.text)].add(key)
    return {
        (person.key, key)
        for person in people
        for name in person.names
        for key in bearers.get(folded(name), ())
    }


async def _registry(connection: Connection) -> tuple[Registry, dict[str, bool]]:
    """Return who is in the registry, and whom everybody else's claims say to be released or dead.

    With each of those: whether the claim an earlier list made of them changes nothing of that.
    """
    free = {}
    known = await known_people(connection, LIST_BATCH)
    keys = {person.id: key for key, person in known.items() if person.claimed}
    for row_id, claims in (await claims_of(connection, keys)).items():
        ours = _held_key(keys[row_id])
        # One that editors corrected is their word.
        listed = [claim for claim in claims if claim.key == ours and claim.revision == 1]
        others = [claim for claim in claims if claim not in listed]
        if is_out(others):
            free[keys[row_id]] = is_history(listed, others)
    return known, free


def _without_strangers(export: Export, registry: Registry) -> tuple[list[ListedPerson], list[Quarantined]]:
    """Leave out rows whose number the registry knows as somebody with another name altogether."""
    strangers = [
        person
        for person in export.people
        if (known := registry.get(person.key)) and _is_stranger(person, known, export.language)
    ]
    reason = "the registry knows this id under another name"
    found = [Quarantined(person.line, reason, person.number, person.known_as) for person in strangers]
    quarantined = sorted([*export.quarantined, *found], key=lambda row: row.line)
    refuse_many_bad(quarantined, len(export.people) + len(export.quarantined))
    keys = {person.key for person in strangers}
    return [person for person in export.people if person.key not in keys], quarantined


def _is_stranger(person: ListedPerson, known: Known, language: Language) -> bool:
    forms = [folded(name.text) for name in (*known.theirs, *known.ours) if name.language == language]
    mine = [folded(name) for name in person.names]
    if not forms or any(form & name for form in forms for name in mine):
        return False
    return not any(_alike(form, name) for form in forms for name in mine)


def _alike(first: frozenset[str], second: frozenset[str]) -> bool:
    return SequenceMatcher(None, " ".join(sorted(first)), " ".join(sorted(second))).ratio() >= _ALIKE


def _refuse_older(registry: Registry, exported_on: date) -> None:
    latest = max((known.held_on for known in registry.values() if known.held_on), default="")
    if exported_on.isoformat() < latest:
        raise ExportRefusedError(f"A later export, of {latest}, was imported already.")


def _missing(
    registry: Registry, people: Sequence[ListedPerson], quarantined: Sequence[Quarantined]
) -> set[str]:
    """Return the keys of people imported before of whom the file has no row, good or bad."""
    present = {person.key for person in people}
    present |= {row.key for row in quarantined if row.key is not None}
    return {key for key, known in registry.items() if known.imported and key not in present}


def _unread(quarantined: Sequence[Quarantined], missing: set[str]) -> set[str]:
    """Return whose row is there and cannot be believed; a row without a number may be anybody's missing."""
    unread = {row.key for row in quarantined if row.key is not None}
    return unread | missing if any(row.number is None for row in quarantined) else unread


def _refuse_drop(
    registry: Registry,
    people: Sequence[ListedPerson],
    quarantined: Sequence[Quarantined],
    missing: set[str],
) -> None:
    imported = sum(known.imported for known in registry.values())
    if len(missing) > imported * WORST_SHARE:
        raise ExportRefusedError(
            f"{len(missing)} of {imported} people imported before are missing, more than {WORST_SHARE:.0%}. "
            "If the list really lost them, repeat with --accept-drop."
        )
    held = {key for key, known in registry.items() if known.held_on}
    kept = {person.key for person in people if person.status is ListStatus.ACTIVE and not person.died}
    vanishing = held - kept - _unread(quarantined, missing)
    if len(vanishing) > MOST_VANISHING:
        raise ExportRefusedError(
            f"{len(vanishing)} people would no longer be listed as held, more than {MOST_VANISHING}. "
            "If that is so, repeat with --accept-drop."
        )


def _files(
    people: Sequence[ListedPerson], registry: Registry, held: set[str], language: Language, exported_on: date
) -> dict[str, list[Row]]:
    """Turn the people of an export into the files of an import, each row with its line of the export."""
    files: dict[str, list[Row]] = {"names": [], "claims": [], "persons": [], "evidence": []}
    files["publishers"] = [Row("export", 1, PUBLISHER)]
    homonyms = _homonyms(people, registry)

    def add(file: str, line: int, **cells: str) -> None:
        files[file].append(Row("export", line, cells))

    for person in people:
        page = {"url": person.url, "published_on": "", "read_on": exported_on.isoformat()}
        page |= {"publisher": PUBLISHER["name"], "origin": PUBLISHER["name"]}
        year = str(person.birth_year or "") if person.key in homonyms else ""
        add("persons", person.line, key=person.key, birth_year=year)
        for name in _forms(person, registry.get(person.key), language):
            form = {
                "person": person.key,
                "language": name.language,
                "kind": name.kind.value,
                "text": name.text,
            }
            subject = f"name/{person.key}/{name.language}/{name.text}"
            add("names", person.line, **form)
            add("evidence", person.line, subject=subject, quote="name as listed", **page)
        if person.key in held:
            key = _held_key(person.key)
            said = {"person": person.key, "kind": ClaimKind.HELD.value, "date": exported_on.isoformat()}
            add("claims", person.line, key=key, **said, **_NO_CLAIM)
            add("evidence", person.line, subject=f"claim/{key}", quote="status: active", **page)
    return files


def _held_key(person: str) -> str:
    """Return the key of the one claim this import makes of a person: its date moves with the exports."""
    return f"{person}/held/{LIST_BATCH}"


def _forms(person: ListedPerson, known: Known | None, language: Language) -> list[Name]:
    """Return a person's names; where another import brought the one to show, these are other spellings."""
    shown = known and any(n.language == language and n.kind is NameKind.MAIN for n in known.theirs)
    first = NameKind.SPELLING if shown else NameKind.MAIN
    kinds = [first, *(NameKind.SPELLING for _ in person.names[1:])]
    return [Name(language, kind, text) for kind, text in zip(kinds, person.names, strict=True)]


def _homonyms(people: Sequence[ListedPerson], registry: Registry) -> set[str]:
    """Return the keys of people who share a name with somebody else, in the list or in the registry."""
    bearers: dict[frozenset[str], set[str]] = defaultdict(set)
    for person in people:
        for text in person.names:
            bearers[folded(text)].add(person.key)
    for key, known in registry.items():
        for name in (*known.theirs, *known.ours):
            bearers[folded(name.text)].add(key)
    return {key for keys in bearers.values() if len(keys) > 1 for key in keys}
