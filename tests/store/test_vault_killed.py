"""Killed anywhere while rows are re-keyed: what was answered is there, and nothing older comes back."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.store.keyring import Keyring
from bot.store.rekeying import padded
from tests.store.dying_vault import MOMENTS
from tests.store.vaults import ROOT, Home

REPOSITORY = Path(__file__).parents[2]
TIMES = {"keyring written": 9, "keyring renamed": 9, "destroyed": 4, "dropped": 4}


class Writes:
    """What a process that died had written: what was answered, and what it was doing at the end."""

    def __init__(self) -> None:
        self.answered: dict[int, int] = {}
        self.doubtful: dict[int, int] = {}

    def hear(self, said: str) -> None:
        for line in said.splitlines():
            sign, chat, value = line.split()
            if sign == "?":
                self.doubtful[int(chat)] = int(value)
            else:
                self.answered[int(chat)] = self.doubtful.pop(int(chat))

    def allowed(self, chat: int) -> set[int]:
        """Return the values a chat may have: the last answered, or the one that was never answered."""
        return {self.answered.get(chat, 0), self.doubtful.get(chat, self.answered.get(chat, 0))}


async def live(home: Home, moment: str, count: int, kill_after: float | None = None) -> tuple[int, str]:
    """Run the process until it dies; return how it ended and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.store.dying_vault"),
        *(str(home.folder), home.address or "", moment, str(count)),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if kill_after is not None:
        assert process.stdout is not None
        await process.stdout.readexactly(2)
        await asyncio.sleep(kill_after)
        if process.returncode is None:
            process.kill()
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, ("? " if kill_after is not None else "") + out.decode()


async def check(home: Home, writes: Writes) -> None:
    """Open what is left and compare."""
    vault = await home.open()
    found = {record.chat: min(record.people) async for record in vault.scan(lambda _: True)}
    wrong = {
        chat: (found.get(chat, 0), writes.allowed(chat))
        for chat in {*found, *writes.answered, *writes.doubtful}
        if found.get(chat, 0) not in writes.allowed(chat)
    }
    assert wrong == {}
    assert not vault.held
    assert vault.damaged == 0
    assert len(await home.tables()) == len(Keyring.load(home.keyring, ROOT).epochs) == 1
    assert len(await home.rows()) in {padded(0), padded(1)}
    await vault.rekey()
    assert {record.chat: min(record.people) async for record in vault.scan(lambda _: True)} == found
    writes.answered, writes.doubtful = found, {}
    await home.close()


def deaths() -> list[tuple[str, int]]:
    return [(moment, count) for moment in MOMENTS for count in range(1, 1 + TIMES.get(moment, 2))]


@pytest.mark.proof
async def test_killed_at_any_step_of_a_rekey_nothing_is_lost_and_nothing_is_stale(
    home: Home, whole_proof: bool, proved: Callable[..., None]
) -> None:
    # One home lives through all the deaths, its first day among them.
    writes, killed = Writes(), 0
    chosen = deaths() if whole_proof else random.Random(11).sample(deaths(), 3)  # noqa: S311
    for moment, count in chosen:
        ended, said = await live(home, moment, count)
        assert ended in (-9, 0), (moment, count)
        killed += ended == -9
        writes.hear(said)
        await check(home, writes)

    assert killed >= len(chosen) * 0.9
    proved(killed=killed)


@pytest.mark.proof
async def test_killed_again_while_it_recovers_nothing_is_lost(
    home: Home, whole_proof: bool, proved: Callable[..., None]
) -> None:
    writes, killed = Writes(), 0
    firsts = ("begun", "built", "replaying", "swapped", "destroyed") if whole_proof else ("swapped",)
    agains = ("keyring written", "keyring renamed", "destroyed", "dropped")[:: 1 if whole_proof else 3]
    for first in firsts:
        for again in agains:
            for moment, count in ((first, 1), (again, 1)):
                ended, said = await live(home, moment, count)
                killed += ended == -9
                writes.hear(said)
            await check(home, writes)

    assert killed == len(firsts) * len(agains) * 2
    proved(killed=killed)


@pytest.mark.proof
async def test_killed_at_a_random_time_nothing_is_lost(
    home: Home, whole_proof: bool, proved: Callable[..., None]
) -> None:
    chance = random.Random(7)  # noqa: S311  (the same times each time)
    writes, killed = Writes(), 0
    for _ in range(50 if whole_proof else 2):
        ended, said = await live(home, "never", 1, kill_after=chance.uniform(0, 0.4))
        killed += ended == -9
        writes.hear(said)
        await check(home, writes)

    assert killed > 0
    proved(killed=killed)
