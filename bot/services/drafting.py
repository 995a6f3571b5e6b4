"""Drafting: what an editor says as text becomes the content of a claim, or is refused with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.independence import given_twice
from bot.domain.people import ClaimKind, Consent, Manner, Outcome, Passport, Source, When
from bot.domain.publishing import Content
from bot.services import row_rules
from bot.services.approving import Sitting
from bot.services.row_rules import Cells, Context, RefusedError
from bot.store import cases
from bot.store.database import Connection
from bot.store.registry import SourceRow

PAGE = ("url", "publisher", "origin", "published_on")
"""What an editor says of a page, in this order."""

SAID = ("person", "kind", "date", "outcome", "country", "passport", "manner", "place", "event")
"""What an editor says of a claim, besides its key."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an editor says, as text. What is left out of cells, or no pages at all: it stays as it was."""

    cells: Mapping[str, str]
    pages: Sequence[Cells] = ()
    consent: Consent | None = None
    family_word: bool = False

    def __bool__(self) -> bool:
        return bool(self.cells or self.pages or self.consent or self.family_word)


async def content_of(acts: Sitting, draft: Draft, key: str, before: Content | None = None) -> Content:
    """Read what an editor says, over what was said before. Raises RefusedError, as an import would."""
    cells = dict.fromkeys(SAID, "") | (_cells_of(before) if before else {}) | dict(draft.cells)
    context = await _context(acts, cells, draft.pages)
    values = row_rules.claim({**cells, "key": key}, context)
    pages = before.sources if before else ()
    if given_twice(page["url"] for page in draft.pages):
        raise RefusedError("the same page is there twice")
    if draft.pages:
        pages = await _pages(acts.connection, [row_rules.page(cells, context) for cells in draft.pages])
    recorded = acts.signer.handle if draft.family_word else before.family_word if before else ""
    return Content(
        kind=ClaimKind(values["kind"]),
        when=When.parse(values["date"]),
        persons=(cells["person"],),
        sources=pages,
        outcome=Outcome(values["outcome"]),
        country=values["country"],
        passport=Passport(values["passport"]) if values["passport"] else None,
        manner=Manner(values["manner"]) if values["manner"] else None,
        place_key=cells["place"] or None,
        event_key=cells["event"] or None,
        consent=draft.consent or (before.consent if before else Consent.PUBLIC),
        family_word=recorded,
    )


def _cells_of(content: Content) -> dict[str, str]:
    [person] = content.persons
    return {
        "person": person,
        "kind": content.kind.value,
        "date": str(content.when),
        "outcome": content.outcome.value,
        "country": content.country or "",
        "passport": content.passport or "",
        "manner": content.manner or "",
        "place": content.place_key or "",
        "event": content.event_key or "",
    }


async def _context(acts: Sitting, cells: Cells, pages: Sequence[Cells]) -> Context:
    """Return what the rules may ask; every publisher counts as known, since a new one is entered."""
    known: dict[tuple[str, str], int] = {("publisher", page["publisher"]): 0 for page in pages}
    for word in ("person", "place", "event"):
        known |= await cases.ids(acts.connection, word, [cells[word]])
    return Context(lambda word, key: known.get((word, key)), row_rules.day_of(acts.at))


async def _pages(connection: Connection, rows: Sequence[SourceRow]) -> tuple[Source, ...]:
    known = await cases.publishers(connection, [row.publisher for row in rows])
    return tuple(
        Source(
            known[row.publisher],
            row.url,
            When.parse(row.published_on) if row.published_on else None,
            row.origin,
            row.read_on,
        )
        for row in rows
    )
