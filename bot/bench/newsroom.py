"""Made-up editors and made-up people, in a registry made for them: a release of many to measure."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.domain.articles import Library
from bot.domain.people import NameKind
from bot.services.announcing import Announcing
from bot.services.approving import Signer
from bot.services.drafting import Draft
from bot.services.enrolling import Enrolling
from bot.services.merging import Merging
from bot.services.reviewing import Reviewing
from bot.services.signing import code_of
from bot.store import publications
from bot.store.cases import ids, publishers
from bot.store.database import Connection, Database
from bot.store.tables import person, person_name, release_event, source

EVENT = "bench"
READ_ON = date(2026, 11, 28)
_TEXTS = ("title", "disagreement")
_EDITORS = ("anna", "barys", "vera")


def a_page(number: int, origin: str = "") -> dict[str, str]:
    """Return a page as an editor gives it; its origin is its own unless told."""
    return {
        "url": f"https://daily{number}.example/page",
        "publisher": f"Daily {number}",
        "origin": origin or f"Daily {number}",
        "published_on": "2026-11-27",
        "read_on": READ_ON.isoformat(),
    }


TWO_ORIGINS = (a_page(1), a_page(2))


class Editors:
    """Editors at work on one registry, with keys and codes, and a clock that each act moves on.

    So no code is used twice.
    """

    PACE = timedelta(seconds=31)

    def __init__(self, database: Database, moment: datetime, library: Library | None = None) -> None:
        """Begin at a moment; nobody is hired yet."""
        self.database, self.moment = database, moment
        self.keys: dict[str, Ed25519PrivateKey] = {}
        self.secrets: dict[str, str] = {}
        self.reviewing = Reviewing(database, self.now)
        self.announcing = Announcing(database, self.now, library)
        self.merging = Merging(database, self.now)
        self.enrolling = Enrolling(database, self.now)

    def now(self) -> datetime:
        """Return what their clock shows."""
        return self.moment

    async def hire(self, *handles: str) -> None:
        """Let editors in."""
        for handle in handles:
            self.keys[handle] = Ed25519PrivateKey.generate()
            self.secrets[handle] = await self.enrolling.add(handle, self.keys[handle])

    def signer(self, handle: str) -> Signer:
        """Return an editor with a code that was not used yet."""
        self.moment += self.PACE
        return Signer(handle, self.keys[handle], code_of(self.secrets[handle], self.moment))

    async def enter_person(
        self, connection: Connection, key: str, number: int, name: str, batch: str
    ) -> None:
        """Write a placeholder person."""
        row = person.insert().values(key=key, number=number)
        row_id = (await connection.execute(row.returning(person.c.id))).scalar_one()
        named = {"language": "be", "kind": NameKind.MAIN.value, "text": name}
        await connection.execute(person_name.insert().values(person_id=row_id, batch=batch, **named))

    async def enter_event(
        self, key: str = "R1", number: int = 3, unnamed: int | None = None, batch: str = "elsewhere"
    ) -> None:
        """Write a release that two reported independently of each other."""
        texts = {f"{word}_{language}": "x" for word in _TEXTS for language in ("be", "ru", "en")}
        row: dict[str, Any] = {"kind": "group", "number": number, "qualifier": "", "taken_to": "LT"}
        row |= {"key": key, "batch": batch, "date": "2026-11-27", "unnamed": unnamed, **texts}
        await self.enter_sourced(release_event, row, "event_id")

    async def enter_sourced(self, table: Any, row: Mapping[str, Any], column: str) -> None:
        """Write a row that two pages prove."""
        async with self.database.writing() as connection:
            inserted = table.insert().values(**row).returning(table.c.id)
            row_id = (await connection.execute(inserted)).scalar_one()
            names = [page["publisher"] for page in TWO_ORIGINS]
            await publishers(connection, names)
            known = await ids(connection, "publisher", names)
            for page in TWO_ORIGINS:
                said: dict[str, Any] = {key: page[key] for key in ("url", "published_on", "origin")}
                said |= {"publisher_id": known["publisher", page["publisher"]], column: row_id}
                await connection.execute(source.insert().values(**said, read_on=READ_ON))


class Newsroom(Editors):
    """Three editors of a throw-away registry."""

    def __init__(self, database: Database) -> None:
        """Work on a registry that is there."""
        super().__init__(database, datetime.now(UTC) - timedelta(hours=10))

    async def open(self) -> None:
        """Let the editors in."""
        await self.hire(*_EDITORS)

    def save(self, path: Path) -> None:
        """Write the editors down for another process."""
        keys = {handle: key.private_bytes_raw().hex() for handle, key in self.keys.items()}
        path.write_text(json.dumps([self.moment.timestamp(), keys, self.secrets]))

    def read(self, path: Path) -> None:
        """Become the editors of another process."""
        at, keys, self.secrets = json.loads(path.read_text())
        self.moment = datetime.fromtimestamp(at, UTC)
        self.keys = {
            handle: Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key)) for handle, key in keys.items()
        }

    async def people(self, count: int) -> None:
        """Enter placeholder people with the numbers from 1 on, and a release of theirs."""
        async with self.database.writing() as connection:
            for number in range(1, count + 1):
                name = f"Прыклад Асоба {number}"
                await self.enter_person(connection, f"bench-{number}", number, name, "bench")
        await self.enter_event(EVENT, count, batch="bench")

    async def release(self, count: int, *, singly: bool) -> None:
        """Report, confirm and publish the release of everybody: as one event, or one by one."""
        for number in range(1, count + 1):
            cells = {"person": f"bench-{number}", "kind": "released", "date": "2026-11-27"}
            cells |= {"outcome": "abroad", "country": "LT"} | ({} if singly else {"event": EVENT})
            claim = await self.reviewing.report(self.signer("anna"), Draft(cells, TWO_ORIGINS))
            if singly:
                await self.reviewing.confirm(self.signer("anna"), claim)
                await self.reviewing.publish(self.signer("barys"), claim)
        if not singly:
            await self.announcing.confirm_event(self.signer("anna"), EVENT)
            await self.announcing.publish_event(self.signer("barys"), EVENT)

    async def let_go(self) -> float:
        """Give the third confirmation to whatever the circuit breaker holds; return when the first was."""
        async with self.database.reading() as connection:
            held = [one.id for one in await publications.every(connection) if one.state == "held"]
        given = []
        for number in held:
            await self.announcing.confirm_held(self.signer("vera"), number)
            given.append(time.time())
        return given[0]
