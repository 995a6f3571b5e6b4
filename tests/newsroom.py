"""A newsroom for tests: editors with keys and codes, who publish, correct and take back as editors do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.domain.people import Consent
from bot.services.announcing import Announcing
from bot.services.approving import Signer
from bot.services.drafting import Draft
from bot.services.enrolling import Enrolling
from bot.services.importing import import_registry
from bot.services.merging import Merging
from bot.services.reviewing import Reviewing
from bot.services.signing import code_of
from bot.store.database import Database
from tests.builders import an_import, name_row
from tests.conftest import TODAY

ORIGINS = ("agency one", "agency two")


class Newsroom:
    """Three editors. Their clock goes on by itself: no code is used twice."""

    def __init__(self, database: Database, began: datetime | None = None) -> None:
        self._database = database
        self._at = began or datetime.now(UTC) - timedelta(hours=1)
        self._keys = {handle: Ed25519PrivateKey.generate() for handle in ("anna", "barys", "vera")}
        self._secrets: dict[str, str] = {}
        self._reviewing = Reviewing(database, self._now)
        self._announcing = Announcing(database, self._now)
        self._merging = Merging(database, self._now)

    def _now(self) -> datetime:
        return self._at

    def moves_to(self, moment: datetime) -> None:
        """Let the editors' clock show another time."""
        self._at = moment

    async def open(self) -> None:
        """Let the editors in."""
        for handle, key in self._keys.items():
            self._secrets[handle] = await Enrolling(self._database, self._now).add(handle, key)

    async def person(self, key: str, name: str = "") -> None:
        """Put a placeholder person into the registry."""
        files = an_import(
            [f"example-{key}"], [name_row(f"example-{key}", name or f"Прыклад Асоба{key}", "be")]
        )
        await import_registry(self._database, files, TODAY, batch=f"e-{key}")

    def _as(self, handle: str) -> Signer:
        self._at += timedelta(seconds=31)
        return Signer(handle, self._keys[handle], code_of(self._secrets[handle], self._at))

    async def release(self, key: str, outcome: str = "at_home") -> str:
        """Publish a placeholder person's release; two editors, two origins. Return the claim's key."""
        cells = {"person": f"example-{key}", "kind": "released", "date": "2026-11-24", "outcome": outcome}
        pages = [
            {
                "url": f"https://plain.example/{key}/{place}",
                "publisher": f"Plain {place}",
                "origin": origin,
                "published_on": "2026-11-24",
                "read_on": "2026-11-24",
            }
            for place, origin in enumerate(ORIGINS)
        ]
        claim = await self._reviewing.report(self._as("anna"), Draft(cells, pages))
        await self._reviewing.confirm(self._as("anna"), claim)
        await self._reviewing.publish(self._as("barys"), claim)
        return claim

    async def correct(self, claim: str, **cells: str) -> None:
        """Publish a correction."""
        await self._reviewing.correct(self._as("anna"), claim, Draft(cells))
        await self._reviewing.correct(self._as("barys"), claim, Draft({}))

    async def retract(self, claim: str) -> None:
        """Take a claim back."""
        await self._reviewing.retract(self._as("anna"), claim)
        await self._reviewing.retract(self._as("barys"), claim)

    async def silence(self, claim: str, consent: Consent) -> None:
        """Make a claim quieter, as its family asked."""
        await self._reviewing.suppress(self._as("vera"), claim, consent)

    async def news(self, word: str, key: str) -> None:
        """Publish an act of the timeline as news."""
        await self._announcing.confirm_news(self._as("anna"), word, key)
        await self._announcing.publish_news(self._as("barys"), word, key)

    async def merge(self, key: str, into: str) -> None:
        """Say that two placeholder people are one."""
        await self._merging.merge(self._as("anna"), f"example-{key}", f"example-{into}")

    async def confirm_held(self, publication: int, handle: str = "vera") -> None:
        """Give the third confirmation to what the circuit-breaker held."""
        await self._announcing.confirm_held(self._as(handle), publication)
