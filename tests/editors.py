"""An office of editors for tests: their keys, their codes, a clock that moves, and placeholder people."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.bench.newsroom import TWO_ORIGINS, Editors
from bot.domain.articles import Library
from bot.domain.people import Consent, Language
from bot.domain.refusals import Refusal
from bot.services.approving import NotDoneError
from bot.services.drafting import Draft
from bot.services.verifying import Doubt, NotApprovedError, doubts
from bot.sources.viasna_import import Outcome, run_import
from bot.store import publications
from bot.store.database import Database
from bot.store.publications import QueuedPublication
from bot.store.tables import claim, person, publication, sanction
from tests.builders import a_topic
from tests.conftest import TODAY
from tests.sources.viasna_lists import a_list, as_csv

BEGINNING = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
NOTHING_SAID: dict[str, str] = {}


def a_release_of(number: int, **other: str) -> dict[str, str]:
    """Return the cells of a release of a placeholder person."""
    cells = {"person": f"demo-{number}", "kind": "released", "date": "2026-11-27", "outcome": "abroad"}
    return cells | {"country": "LT"} | other


async def verify(database: Database, publication_id: int) -> None:
    """See that a publication may go. Raises NotApprovedError."""
    for doubt in (await doubts(database, [publication_id])).values():
        raise NotApprovedError(doubt)


class Office(Editors):
    """Editors at work on one registry; each act happens a minute after the one before."""

    PACE = timedelta(minutes=1)

    def __init__(self, database: Database) -> None:
        super().__init__(database, BEGINNING, Library(a_topic().values()))

    async def enter_people(self, count: int) -> None:
        async with self.database.writing() as connection:
            for number in range(1, count + 1):
                name = f"Алесь Прыклад {number}"
                await self.enter_person(connection, f"demo-{number}", 1000 + number, name, "elsewhere")

    async def enter_sanction(self, text: str = "Something") -> None:
        texts = {f"text_{language}": text for language in ("be", "ru", "en")}
        row = {
            "key": "S1",
            "batch": "elsewhere",
            "date": "2026-11-27",
            "side": "US",
            "action": "eased",
            **texts,
        }
        await self.enter_sourced(sanction, row, "sanction_id")

    async def enter_listed(self, when: str, number: int = 1) -> str:
        """Let a list say that somebody was held on a day, as an import writes it; return the claim's key."""
        key = f"demo-{number}/held/viasna"
        async with self.database.writing() as connection:
            theirs = select(person.c.id).where(person.c.key == f"demo-{number}").scalar_subquery()
            said: dict[str, Any] = {"key": key, "batch": "viasna", "kind": "held", "date": when}
            said |= {"outcome": "not_stated", "consent": "public", "state": "published", "revision": 1}
            await connection.execute(claim.insert().values(person_id=theirs, **said))
        return key

    async def reported(
        self,
        number: int = 1,
        editor: str = "anna",
        *,
        pages: Sequence[Mapping[str, str]] = TWO_ORIGINS,
        consent: Consent | None = None,
        **cells: str,
    ) -> str:
        draft = Draft(a_release_of(number, **cells), pages, consent)
        return await self.reviewing.report(self.signer(editor), draft)

    async def published(self, number: int = 1, **how: Any) -> str:
        """Report and confirm as anna, publish as boris."""
        key = await self.reported(number, **how)
        await self.reviewing.confirm(self.signer("anna"), key)
        await self.reviewing.publish(self.signer("boris"), key)
        return key

    async def merge(self, number: int, into: int) -> None:
        """Say as two editors that two placeholder people are one."""
        for handle in ("anna", "boris"):
            await self.merging.merge(self.signer(handle), f"demo-{number}", f"demo-{into}")

    async def reads_list(self, export: Path, people: int) -> Outcome:
        """Import a made-up list of so many, in the shape of Viasna's."""
        await asyncio.to_thread(export.write_text, as_csv(a_list(people)), encoding="utf-8")
        return await run_import(
            self.database,
            export,
            language=Language.BE,
            exported_on=TODAY,
            today=BEGINNING.date(),
            minimum_rows=people // 2,
        )

    async def queued(self) -> list[QueuedPublication]:
        async with self.database.reading() as connection:
            return await publications.queued(connection)

    async def count(self) -> int:
        """Return how many publications there are in any state."""
        async with self.database.reading() as connection:
            return len(list(await connection.execute(select(publication.c.id))))

    async def let_go(self, publication_id: int, number: int) -> bool:
        async with self.database.writing() as connection:
            return await publications.let_go(connection, publication_id, number)

    async def hold(self, publication_id: int, band: str = "< 10000") -> bool:
        async with self.database.writing() as connection:
            return await publications.hold(connection, publication_id, band)

    async def going(self, since: int = 0) -> list[Any]:
        async with self.database.reading() as connection:
            return await publications.going(connection, since)


async def refused(act: Awaitable[Any]) -> Refusal:
    """Return why an act is refused; that it is not, is a failure."""
    with pytest.raises(NotDoneError) as caught:
        await act
    return caught.value.reason


async def doubt(office: Office, publication_id: int) -> Doubt:
    """Return why a publication does not count as approved; that it does, is a failure."""
    with pytest.raises(NotApprovedError) as caught:
        await verify(office.database, publication_id)
    return caught.value.doubt
