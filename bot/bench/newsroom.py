"""Made-up editors and made-up people, in a registry made for them: a release of many to measure."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.domain.people import NameKind
from bot.services.announcing import Announcing
from bot.services.approving import Signer
from bot.services.drafting import Draft
from bot.services.enrolling import Enrolling
from bot.services.reviewing import Reviewing
from bot.services.signing import code_of
from bot.store import publications
from bot.store.cases import ids, publishers
from bot.store.database import Database
from bot.store.tables import person, person_name, release_event, source

EVENT = "bench"
_READ_ON = date(2026, 11, 28)
_TEXTS = ("title", "disagreement")
_EDITORS = ("anna", "barys", "vera")


def _pages() -> list[dict[str, str]]:
    page = {"published_on": "2026-11-27", "read_on": _READ_ON.isoformat()}
    return [
        {"url": f"https://daily{n}.example/page", "publisher": f"Daily {n}", "origin": f"Daily {n}", **page}
        for n in (1, 2)
    ]


class Newsroom:
    """Three editors of a throw-away registry. Their clock goes on by itself: no code is used twice."""

    def __init__(self, database: Database) -> None:
        """Work on a registry that is there."""
        self._database = database
        self._at = datetime.now(UTC) - timedelta(hours=10)
        self._keys: dict[str, Ed25519PrivateKey] = {}
        self._secrets: dict[str, str] = {}
        self._reviewing = Reviewing(database, self._now)
        self._announcing = Announcing(database, self._now)

    def _now(self) -> datetime:
        return self._at

    def _as(self, handle: str) -> Signer:
        self._at += timedelta(seconds=31)
        return Signer(handle, self._keys[handle], code_of(self._secrets[handle], self._at))

    async def open(self) -> None:
        """Let the editors in."""
        for handle in _EDITORS:
            self._keys[handle] = Ed25519PrivateKey.generate()
            self._secrets[handle] = await Enrolling(self._database, self._now).add(handle, self._keys[handle])

    def save(self, path: Path) -> None:
        """Write the editors down for another process."""
        keys = {handle: key.private_bytes_raw().hex() for handle, key in self._keys.items()}
        path.write_text(json.dumps([self._at.timestamp(), keys, self._secrets]))

    def read(self, path: Path) -> None:
        """Become the editors of another process."""
        at, keys, self._secrets = json.loads(path.read_text())
        self._at = datetime.fromtimestamp(at, UTC)
        self._keys = {
            handle: Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key)) for handle, key in keys.items()
        }

    async def people(self, count: int) -> None:
        """Enter placeholder people with the numbers from 1 on, and a release of theirs."""
        async with self._database.writing() as connection:
            for number in range(1, count + 1):
                row = person.insert().values(key=f"bench-{number}", number=number)
                row_id = (await connection.execute(row.returning(person.c.id))).scalar_one()
                named = {"language": "be", "kind": NameKind.MAIN.value, "text": f"Прыклад Асоба {number}"}
                await connection.execute(
                    person_name.insert().values(person_id=row_id, batch="bench", **named)
                )
            texts = {f"{word}_{language}": "x" for word in _TEXTS for language in ("be", "ru", "en")}
            event: dict[str, Any] = {"kind": "group", "number": count, "qualifier": "", "taken_to": "LT"}
            event |= {"key": EVENT, "batch": "bench", "date": "2026-11-27", **texts}
            inserted = release_event.insert().values(**event).returning(release_event.c.id)
            event_id = (await connection.execute(inserted)).scalar_one()
            names = [page["publisher"] for page in _pages()]
            await publishers(connection, names)
            known = await ids(connection, "publisher", names)
            for page in _pages():
                proof = {key: page[key] for key in ("url", "published_on", "origin")}
                proved = {"publisher_id": known["publisher", page["publisher"]], "event_id": event_id}
                await connection.execute(source.insert().values(**proof, **proved, read_on=_READ_ON))

    async def release(self, count: int, *, singly: bool) -> None:
        """Report, confirm and publish the release of everybody: as one event, or one by one."""
        for number in range(1, count + 1):
            cells = {"person": f"bench-{number}", "kind": "released", "date": "2026-11-27"}
            cells |= {"outcome": "abroad", "country": "LT"} | ({} if singly else {"event": EVENT})
            claim = await self._reviewing.report(self._as("anna"), Draft(cells, _pages()))
            if singly:
                await self._reviewing.confirm(self._as("anna"), claim)
                await self._reviewing.publish(self._as("barys"), claim)
        if not singly:
            await self._announcing.confirm_event(self._as("anna"), EVENT)
            await self._announcing.publish_event(self._as("barys"), EVENT)

    async def let_go(self) -> float:
        """Give the third confirmation to whatever the circuit-breaker holds; return when the first was."""
        async with self._database.reading() as connection:
            held = [one.id for one in await publications.every(connection) if one.state == "held"]
        given = []
        for number in held:
            await self._announcing.confirm_held(self._as("vera"), number)
            given.append(time.time())
        return given[0]
