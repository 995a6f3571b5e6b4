"""Pretending: the demo's made-up people, and two made-up editors who publish about one of them.

What is true and what is made up never mix: these people are in no registry but the demo's own file, the
import takes nobody else with them, and a bot that is no demo refuses a registry that holds them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.app import prepare_registry
from bot.domain.people import PLACEHOLDER, ClaimState, Language
from bot.services.approving import Signer
from bot.services.drafting import Draft
from bot.services.enrolling import Enrolling
from bot.services.importing import ImportReport, Row, import_registry
from bot.services.reviewing import Reviewing
from bot.services.signing import STEP_SECONDS, code_of
from bot.sources.seed_files import SEED
from bot.store import cases
from bot.store.database import Database

BATCH = "demo"
PERSON = f"{PLACEHOLDER}alena"
NAMES = {
    PERSON: {"be": "Алена Прыклад", "ru": "Елена Пример", "en": "Alena Example"},
    f"{PLACEHOLDER}mikola": {"be": "Мікола Прыклад", "ru": "Николай Пример", "en": "Mikola Example"},
}
HELD_SINCE = "2026-01-15"
_SAYING = (
    ("Example Daily", "daily", "Example Agency One"),
    ("Example Weekly", "weekly", "Example Agency Two"),
)


def made_up_files() -> dict[str, list[Row]]:
    """Return the files of an import that brings the made-up people in: names, and that they are held."""
    names = [(key, language.value, NAMES[key][language]) for key in NAMES for language in Language]
    held = [(key, f"{key}/held/{HELD_SINCE}") for key in NAMES]
    said = [f"name/{key}/{language}/{name}" for key, language, name in names]
    said += [f"claim/{claim}" for _, claim in held]
    empty = dict.fromkeys(("outcome", "country", "passport", "manner", "place", "event"), "")
    tables: dict[str, list[dict[str, str]]] = {
        "publishers": [
            {"name": name, "kind": "media", "designation": "not_listed"} for name, _, _ in _SAYING
        ],
        "persons": [{"key": key, "birth_year": ""} for key in NAMES],
        "names": [
            {"person": key, "language": language, "kind": "main", "text": name}
            for key, language, name in names
        ],
        "claims": [
            {"key": claim, "person": key, "kind": "held", "date": HELD_SINCE, **empty} for key, claim in held
        ],
        "evidence": [{"subject": subject, "quote": "made up", **_pages(HELD_SINCE)[0]} for subject in said],
    }
    return {
        name: [Row(name, line, cells) for line, cells in enumerate(rows, start=2)]
        for name, rows in tables.items()
    }


def _pages(day: str) -> list[dict[str, str]]:
    return [
        {
            "url": f"https://{host}.example/made-up",
            "publisher": publisher,
            "origin": origin,
            "published_on": day,
            "read_on": day,
        }
        for publisher, host, origin in _SAYING
    ]


async def prepare_demo(database: Database, day: date) -> ImportReport:
    """Fill the demo's registry: the seed, and beside it people who do not exist; report on these."""
    await prepare_registry(database, SEED, day)
    return await import_registry(database, made_up_files(), day, BATCH, made_up=True)


class Rehearsal:
    """Two made-up editors publish the release of a made-up person, correct it, and take it back.

    All of it is as in a real newsroom: each act is signed, two editors approve it, the sender verifies it.
    Only nobody waits for a new code: the clock of these editors goes on by itself.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """Hold the demo's registry; the editors' keys are made at the first act and stay in memory."""
        self._database, self._now, self._at = database, now, now()
        self._reviewing = Reviewing(database, lambda: self._at)
        self._keys: dict[str, Ed25519PrivateKey] = {}
        self._secrets: dict[str, str] = {}
        self._count, self._state = 1, ClaimState.REPORTED
        self._busy = False

    async def resume(self) -> None:
        """Find how far an earlier demo on the same registry came."""
        async with self._database.reading() as connection:
            while (stored := await cases.find_case(connection, self._claim)) is not None:
                self._state = stored.case.state
                if self._state is not ClaimState.RETRACTED:
                    return
                self._count, self._state = self._count + 1, ClaimState.REPORTED

    @property
    def can_release(self) -> bool:
        """Return whether nothing of a release is published now."""
        return not self._busy and self._state in {ClaimState.REPORTED, ClaimState.CONFIRMED}

    @property
    def can_correct(self) -> bool:
        """Return whether a release is published that was not corrected yet."""
        return not self._busy and self._state is ClaimState.PUBLISHED

    @property
    def can_retract(self) -> bool:
        """Return whether a release is published."""
        return not self._busy and self._state in {ClaimState.PUBLISHED, ClaimState.CORRECTED}

    async def release(self) -> None:
        """Let one editor report and confirm a release, and the other publish it."""
        day = self._now().date().isoformat()
        cells = {"person": PERSON, "kind": "released", "date": day, "outcome": "at_home"}
        with self._acting():
            first, second = await self._editors()
            await self._reviewing.report(self._as(first), Draft(cells, _pages(day)), self._claim)
            await self._reviewing.confirm(self._as(first), self._claim)
            await self._reviewing.publish(self._as(second), self._claim)
            self._state = ClaimState.PUBLISHED

    async def correct(self) -> None:
        """Let both correct it: it was house arrest."""
        with self._acting():
            first, second = await self._editors()
            draft = Draft({"outcome": "house_arrest"})
            # The first may be the second already: a demo ended between the two.
            if not await self._reviewing.correct(self._as(first), self._claim, draft):
                await self._reviewing.correct(self._as(second), self._claim, Draft({}))
            self._state = ClaimState.CORRECTED

    async def retract(self) -> None:
        """Let both take it back: it never was. Then it can all begin again."""
        with self._acting():
            first, second = await self._editors()
            if not await self._reviewing.retract(self._as(first), self._claim):
                await self._reviewing.retract(self._as(second), self._claim)
            self._count, self._state = self._count + 1, ClaimState.REPORTED

    @contextmanager
    def _acting(self) -> Iterator[None]:
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    @property
    def _claim(self) -> str:
        return f"{PERSON}/released/{self._count}"

    async def _editors(self) -> tuple[str, str]:
        if not self._keys:
            # A handle is never given twice, and the audit of an earlier demo is still there.
            for name in ("first", "second"):
                handle = f"{name}-{secrets.token_hex(4)}"
                self._keys[handle] = Ed25519PrivateKey.generate()
                enrolling = Enrolling(self._database, lambda: self._at)
                self._secrets[handle] = await enrolling.add(handle, self._keys[handle])
        first, second = self._keys
        return first, second

    def _as(self, handle: str) -> Signer:
        self._at = max(self._now(), self._at + timedelta(seconds=STEP_SECONDS + 1))
        return Signer(handle, self._keys[handle], code_of(self._secrets[handle], self._at))
