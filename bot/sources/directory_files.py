"""Reading the directory of help: CSV files beside this one, each row with the page that carries it."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeAlias

from bot.domain.directory import (
    Audience,
    Body,
    Contact,
    ContactKind,
    Cost,
    Directory,
    Need,
    Offer,
    Organisation,
    State,
    Where,
)
from bot.domain.people import Designation, Language, Publisher, Source, When
from bot.sources.article_files import known_publishers

FOLDER = Path(__file__).parent / "directory"
STATE_BODY = "state_body"
"""State bodies and international ones: not designated, and nobody is punished for turning to them."""

Cells: TypeAlias = dict[str, str]
Sources: TypeAlias = Mapping[str, tuple[Source, ...]]


class DirectoryError(Exception):
    """A row cannot be believed. Its text says which and why."""


@cache
def read_directory(folder: Path = FOLDER) -> Directory:
    """Read every organisation, once. Raises DirectoryError at a row that is malformed or has no page."""
    sources = _sources(folder)
    offers = _by_organisation(folder / "offers.csv")
    contacts = _by_organisation(folder / "contacts.csv")
    rows = list(_rows(folder / "organisations.csv"))
    keys = {cells["key"] for cells in rows}
    strangers = (set(offers) | set(contacts)) - keys
    if strangers:
        raise DirectoryError(f"no organisation is called {', '.join(sorted(strangers))}")
    return Directory(
        _organisation(cells, offers[cells["key"]], contacts[cells["key"]], sources) for cells in rows
    )


def _organisation(
    cells: Cells, offers: Sequence[Cells], contacts: Sequence[Cells], sources: Sources
) -> Organisation:
    key = cells["key"]
    try:
        listed = cells["designation"]
        designation = Designation.NOT_LISTED if listed == STATE_BODY else Designation(listed)
        state = State(cells["state"])
        proofs = _proof(sources, f"organisation/{key}/name")
        if designation is Designation.LISTED:
            proofs += _proof(sources, f"organisation/{key}/designation")
        if state is not State.UNKNOWN:
            proofs += _proof(sources, f"organisation/{key}/state")
        for contact in contacts:
            proofs += _proof(sources, f"contact/{key}/{contact['kind']}")
        return Organisation(
            key=key,
            names={language: _said(cells[f"name_{language}"]) for language in Language},
            body=Body(cells["kind"]),
            designation=designation,
            listed_on=When.parse(cells["listed_on"]) if cells["listed_on"] else None,
            list_checked_on=_day(cells["list_checked_on"]) if cells["list_checked_on"] else None,
            state=state,
            checked_on=_day(cells["checked_on"]),
            offers=tuple(_offer(key, offer, sources) for offer in offers),
            contacts=tuple(Contact(ContactKind(c["kind"]), _said(c["value"])) for c in contacts),
            sources=proofs,
        )
    except (KeyError, ValueError) as error:
        raise DirectoryError(f"{key}: {error}") from None


def _offer(key: str, cells: Cells, sources: Sources) -> Offer:
    return Offer(
        need=Need(cells["need"]),
        where=Where(cells["country"]),
        audience=tuple(Audience(word) for word in cells["for_whom"].split("|") if word),
        languages=tuple(code for code in cells["languages"].split("|") if code),
        cost=Cost(cells["cost"]),
        waiting_days=int(cells["waiting_days"]) if cells["waiting_days"] else None,
        sources=_proof(sources, f"offer/{key}/{cells['need']}/{cells['country']}"),
    )


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("an empty name or address")
    return text.strip()


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _proof(sources: Sources, subject: str) -> tuple[Source, ...]:
    found = sources.get(subject, ())
    if not found:
        raise ValueError(f"no page for {subject}")
    return found


def _sources(folder: Path) -> dict[str, tuple[Source, ...]]:
    publishers = known_publishers()
    found: dict[str, list[Source]] = defaultdict(list)
    for cells in _rows(folder / "evidence.csv"):
        found[cells["subject"]].append(_source(cells, publishers))
    return {subject: tuple(pages) for subject, pages in found.items()}


def _source(cells: Cells, publishers: Mapping[str, Publisher]) -> Source:
    if cells["publisher"] not in publishers:
        raise DirectoryError(f"{cells['subject']}: publishers.csv has no {cells['publisher']}")
    return Source(
        publisher=publishers[cells["publisher"]],
        url=cells["url"],
        published_on=When.parse(cells["published_on"]) if cells["published_on"] else None,
        origin=cells["publisher"],
        read_on=_day(cells["read_on"]),
    )


def _by_organisation(path: Path) -> dict[str, list[Cells]]:
    found: dict[str, list[Cells]] = defaultdict(list)
    for cells in _rows(path):
        found[cells["organisation"]].append(cells)
    return found


def _rows(path: Path) -> Iterator[Cells]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, strict=True)
