"""An office of editors for tests: their keys, their codes, a clock that moves, and placeholder people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from bot.domain.articles import Library
from bot.domain.people import Consent, NameKind
from bot.services.announcing import Announcing
from bot.services.approving import Signer
from bot.services.drafting import Draft
from bot.services.enrolling import Enrolling
from bot.services.merging import Merging
from bot.services.reviewing import Reviewing
from bot.services.signing import code_of
from bot.store import publications
from bot.store.cases import ids, publishers
from bot.store.database import Database
from bot.store.publications import QueuedPublication
from bot.store.tables import person, person_name, publication, release_event, sanction, source
from tests.builders import a_topic

BEGINNING = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
NOTHING_SAID: dict[str, str] = {}


def a_page(number: int, origin: str = "") -> dict[str, str]:
    """Return a page as an editor gives it; its origin is its own unless told."""
    return {
        "url": f"https://daily{number}.example/page",
        "publisher": f"Daily {number}",
        "origin": origin or f"Daily {number}",
        "published_on": "2026-11-27",
        "read_on": "2026-11-28",
    }


TWO_ORIGINS = (a_page(1), a_page(2))


def a_release_of(number: int, **other: str) -> dict[str, str]:
    """Return the cells of a release of a placeholder person."""
    cells = {"person": f"demo-{number}", "kind": "released", "date": "2026-11-27", "outcome": "abroad"}
    return cells | {"country": "LT"} | other


@dataclass
class Office:
    """Editors at work on one registry; each act happens a minute after the one before."""

    database: Database
    moment: datetime = BEGINNING
    keys: dict[str, Ed25519PrivateKey] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    library: Library = field(default_factory=lambda: Library(a_topic().values()))

    def __post_init__(self) -> None:
        self.reviewing = Reviewing(self.database, self.now)
        self.announcing = Announcing(self.database, self.now, self.library)
        self.merging = Merging(self.database, self.now)
        self.enrolling = Enrolling(self.database, self.now)

    def now(self) -> datetime:
        return self.moment

    async def hire(self, *handles: str) -> None:
        for handle in handles:
            self.keys[handle] = Ed25519PrivateKey.generate()
            self.secrets[handle] = await self.enrolling.add(handle, self.keys[handle])

    def signer(self, handle: str) -> Signer:
        """Return an editor with the code of the next minute."""
        self.moment += timedelta(minutes=1)
        return Signer(handle, self.keys[handle], code_of(self.secrets[handle], self.moment))

    async def enter_people(self, count: int, batch: str = "elsewhere") -> None:
        async with self.database.writing() as connection:
            for number in range(1, count + 1):
                row = person.insert().values(key=f"demo-{number}", number=1000 + number)
                row_id = (await connection.execute(row.returning(person.c.id))).scalar_one()
                named = {"language": "be", "kind": NameKind.MAIN.value, "text": f"Алесь Прыклад {number}"}
                await connection.execute(person_name.insert().values(person_id=row_id, batch=batch, **named))

    async def enter_event(self, key: str = "R1", number: int = 3, unnamed: int | None = None) -> None:
        """Write a release that two reported independently of each other."""
        texts = {
            f"{word}_{language}": "x" for word in ("title", "disagreement") for language in ("be", "ru", "en")
        }
        values: dict[str, Any] = {
            "kind": "group",
            "number": number,
            "qualifier": "",
            "unnamed": unnamed,
            "taken_to": "LT",
        }
        row = {"key": key, "batch": "elsewhere", "date": "2026-11-27", **values, **texts}
        await self._sourced(release_event, row, "event_id")

    async def enter_sanction(self, key: str = "S1", text: str = "Something") -> None:
        texts = {f"text_{language}": text for language in ("be", "ru", "en")}
        row = {
            "key": key,
            "batch": "elsewhere",
            "date": "2026-11-27",
            "side": "US",
            "action": "eased",
            **texts,
        }
        await self._sourced(sanction, row, "sanction_id")

    async def _sourced(self, table: Any, row: Mapping[str, Any], column: str) -> None:
        async with self.database.writing() as connection:
            row_id = (
                await connection.execute(table.insert().values(**row).returning(table.c.id))
            ).scalar_one()
            names = [page["publisher"] for page in TWO_ORIGINS]
            await publishers(connection, names)
            known = await ids(connection, "publisher", names)
            for page in TWO_ORIGINS:
                said: dict[str, Any] = {
                    "url": page["url"],
                    "published_on": page["published_on"],
                    "origin": page["origin"],
                }
                said |= {"publisher_id": known["publisher", page["publisher"]], column: row_id}
                await connection.execute(source.insert().values(**said, read_on=BEGINNING.date()))

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
