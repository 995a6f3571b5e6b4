"""A newsroom for tests: editors with keys and codes, who publish, correct and take back as editors do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.bench.newsroom import Editors
from bot.domain.people import Consent
from bot.services.drafting import Draft
from bot.services.importing import import_registry
from bot.store.database import Database
from tests.builders import an_import, name_row
from tests.conftest import TODAY

ORIGINS = ("agency one", "agency two")


class Newsroom(Editors):
    """Three editors whose clock begins near ours."""

    def __init__(self, database: Database, began: datetime | None = None) -> None:
        super().__init__(database, began or datetime.now(UTC) - timedelta(hours=1))

    def moves_to(self, moment: datetime) -> None:
        """Let the editors' clock show another time."""
        self.moment = moment

    async def open(self) -> None:
        """Let the editors in."""
        await self.hire("anna", "barys", "vera")

    async def person(self, key: str, name: str = "") -> None:
        """Put a placeholder person into the registry."""
        files = an_import(
            [f"example-{key}"], [name_row(f"example-{key}", name or f"Прыклад Асоба{key}", "be")]
        )
        await import_registry(self.database, files, TODAY, batch=f"e-{key}")

    async def release(self, key: str, outcome: str = "at_home", consent: Consent | None = None) -> str:
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
        claim = await self.reviewing.report(self.signer("anna"), Draft(cells, pages, consent))
        await self.reviewing.confirm(self.signer("anna"), claim)
        await self.reviewing.publish(self.signer("barys"), claim)
        return claim

    async def correct(self, claim: str, **cells: str) -> None:
        """Publish a correction."""
        await self.reviewing.correct(self.signer("anna"), claim, Draft(cells))
        await self.reviewing.correct(self.signer("barys"), claim, Draft({}))

    async def retract(self, claim: str) -> None:
        """Take a claim back."""
        await self.reviewing.retract(self.signer("anna"), claim)
        await self.reviewing.retract(self.signer("barys"), claim)

    async def silence(self, claim: str, consent: Consent) -> None:
        """Make a claim quieter, as its family asked."""
        await self.reviewing.suppress(self.signer("vera"), claim, consent)

    async def news(self, word: str, key: str) -> None:
        """Publish an act of the timeline as news."""
        await self.announcing.confirm_news(self.signer("anna"), word, key)
        await self.announcing.publish_news(self.signer("barys"), word, key)

    async def merge(self, key: str, into: str) -> None:
        """Say that two placeholder people are one."""
        for handle in ("anna", "barys"):
            await self.merging.merge(self.signer(handle), f"example-{key}", f"example-{into}")

    async def confirm_held(self, publication: int, handle: str = "vera") -> None:
        """Give the third confirmation to what the circuit breaker held."""
        await self.announcing.confirm_held(self.signer(handle), publication)
