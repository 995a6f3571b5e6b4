"""After a restore: nothing goes until the operator says so; then what is old makes no sound."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot import app
from bot.bench.fanout import span
from bot.desk.desk import Desk
from bot.desk.ledger import by_button
from bot.domain.breaker import Limits
from bot.domain.follower import Flag
from bot.logs import Event
from bot.services import delivering
from bot.sources.seed_files import SEED
from bot.store import publications
from bot.store.database import Database
from bot.store.keyring import Keyring, KeyringOlderError
from bot.store.opening import VaultMissingError
from bot.store.tables import person
from tests.conftest import READ_UNTIL
from tests.newsroom import Newsroom
from tests.processes import environment, run_bot
from tests.restores import KEYS, REGISTRY, ROWS, Copies, open_rows
from tests.running import ROOT, plan_for, running

READERS = 12
LOOK_SECONDS = 0.05
LOOKS = 10
"""So often the sender looks while it is said to do nothing."""


def lose(registry: Path) -> None:
    """Delete a registry and what SQLite keeps beside it."""
    for file in registry.parent.glob(f"{registry.name}*"):
        file.unlink()


class Looks:
    """How often the sender has looked for something to do."""

    count = 0


@dataclass
class Scene:
    """A desk full of readers who follow three people, a plan to run a bot there, and editors."""

    desk: Desk
    plan: app.Plan
    database: Database
    newsroom: Newsroom
    copies: Copies
    env: dict[str, str]
    chats: range
    looks: Looks

    async def numbers(self) -> list[int]:
        """Return the numbers that the registry holds."""
        async with self.database.reading() as connection:
            return [found.number for found in await publications.going(connection, 0)]

    async def reached(self, before: list[int]) -> int:
        """Wait until something that has no number yet gets one and has reached everybody; return it."""
        for _ in range(400):
            await asyncio.sleep(0.05)
            if fresh := [number for number in await self.numbers() if number not in before]:
                await self.tells(fresh[-1])
                return fresh[-1]
        raise AssertionError("nothing was let go")

    async def tells(self, number: int) -> None:
        """Wait until a publication has reached everybody."""
        wanted = [(chat, number) for chat in self.chats]
        await self.desk.until(lambda: not self.desk.ledger.never_reached(wanted), timeout=20)
        await self.desk.settled()

    async def told(self, key: str) -> int:
        """Publish a release and wait until everybody was told; return its number."""
        before = await self.numbers()
        await self.newsroom.release(key)
        return await self.reached(before)

    async def says_nothing(self) -> None:
        """Run on, answer whoever writes, and tell nobody anything."""
        before, looks = len(self.desk.ledger), self.looks.count
        reader = self.desk.somebody(self.chats[0] + 1000, "be")
        reader.says("/help")
        await reader.hears()
        async with asyncio.timeout(20):
            while self.looks.count < looks + LOOKS:  # noqa: ASYNC110  (the sender counts them)
                await asyncio.sleep(LOOK_SECONDS)
        await self.desk.settled()
        assert len(self.desk.ledger) == before + 1

    async def operator(self, *words: str) -> str:
        """Give a command, and return what it printed."""
        code, out, err = await run_bot(*words, env=self.env)
        assert (code, err) == (0, "")
        return out

    async def copy(self) -> None:
        """Copy everything while no bot and no editor is connected."""
        await self.database.close()
        await self.copies.take()

    async def restore(self, *what: str) -> None:
        """Put copies back; editors connect anew."""
        await self.database.close()
        await self.copies.put_back(set(what))

    def newest_key(self) -> int:
        """Return the epoch of the newest key that rows are sealed with."""
        return max(Keyring.load(self.plan.vault.keyring, ROOT).epochs)

    async def keys_newer_than(self, epoch: int) -> None:
        """Wait until everybody's row is sealed anew, as it is after a fan-out."""
        for _ in range(100):
            if min(Keyring.load(self.plan.vault.keyring, ROOT).epochs) > epoch:
                return
            await asyncio.sleep(0.1)
        raise AssertionError("no new keys came")

    def tellings(self, number: int) -> int:
        """Return how many messages told of a publication."""
        return sum(1 for entry in self.desk.ledger if entry.mark and entry.mark[0] <= number <= entry.mark[1])

    def sounds(self, number: int) -> set[int]:
        """Return how often a publication made a sound, over all readers."""
        loud = [[entry.mark for entry in self.desk.ledger.loud(chat)] for chat in self.chats]
        return {sum(1 for mark in marks if mark and mark[0] <= number <= mark[1]) for marks in loud}


@asynccontextmanager
async def scene(address: str, folder: Path, looks: Looks) -> AsyncIterator[Scene]:
    """Fill a registry and the rows of readers; nothing runs yet."""
    desk = Desk(marker=by_button(span))
    chats = desk.populate(READERS)
    desk.populate(1, first=chats[0] + 1000)
    database = Database(address)
    newsroom = Newsroom(database, datetime.now(UTC) + timedelta(minutes=5))
    async with desk.serving() as url:
        # Without a seed: what is restored here are publications and rows, and the less there is the faster.
        plan = replace(
            plan_for(desk, url, folder, breaker=Limits(10**6, 1.0), seed=folder / "no-seed"),
            database_url=address,
        )
        try:
            plan.seed.mkdir()
            await app.prepare_registry(database, plan.seed, READ_UNTIL)
            await newsroom.open()
            for key in "123":
                await newsroom.person(key)
            async with database.reading() as connection:
                found = select(person.c.number).where(person.c.key.like("%example-%"))
                people = frozenset((await connection.execute(found)).scalars())
            vault = await open_rows(plan, database)
            flags = Flag.CONSENTED | Flag.DISCREET
            for chat in chats:
                await vault.merge(chat, lambda row: replace(row, people=people, flags=flags))
            await vault.close()
            env = environment(url, desk.token, folder, VOLYA_DATABASE_URL=address)
            yield Scene(desk, plan, database, newsroom, Copies(plan, folder), env, chats, looks)
        finally:
            await database.close()
    assert desk.violations == []


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    """Let the sender look often, and count it: then nothing said says something on a slow machine, too."""
    looks, look = Looks(), delivering.Delivering.look

    async def counted(sender: delivering.Delivering) -> None:
        await look(sender)
        looks.count += 1

    monkeypatch.setattr(delivering.Delivering, "look", counted)
    defaults = delivering.Delivering.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "look_seconds", LOOK_SECONDS)
    return looks


@pytest.fixture
def no_new_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let copies of rows stay of use, as they do between two re-keys."""
    monkeypatch.setattr(delivering, "KEYS_REST", timedelta(days=10**6))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Restore each selection on one kind of database, and with --prove on both."""
    if (
        metafunc.function
        is test_whatever_is_restored_nothing_goes_until_the_word_and_nothing_old_makes_a_sound
    ):
        selections, kinds = [[REGISTRY], [ROWS], [REGISTRY, ROWS], [ROWS, KEYS]], ["sqlite", "postgres"]
        cases = [
            pytest.param(kind, what, id=f"{kind}-{'+'.join(what)}")
            for place, what in enumerate(selections)
            for kind in (kinds if metafunc.config.getoption("prove") else [kinds[place % 2]])
        ]
        metafunc.parametrize(("empty_one", "what"), cases, indirect=["empty_one"])


@pytest.mark.usefixtures("no_new_keys")
async def test_whatever_is_restored_nothing_goes_until_the_word_and_nothing_old_makes_a_sound(
    empty_one: str, tmp_path: Path, what: list[str], looks: Looks
) -> None:
    async with scene(empty_one, tmp_path, looks) as there:
        async with running(there.plan):
            first = await there.told("1")
        await there.copy()
        async with running(there.plan):
            second = await there.told("2")
        await there.restore(*what)
        async with running(there.plan):
            await there.says_nothing()
            before = await there.numbers()
            await there.newsroom.release("3")
            await there.says_nothing()
        async with running(there.plan):
            await there.says_nothing()
            await there.operator("sender", "resume")
            third = await there.reached(before)
            assert (there.sounds(first), there.sounds(second), there.sounds(third)) == ({1}, {1}, {1})
            assert there.desk.ledger.doubled_loud() == []
            assert there.desk.ledger.out_of_order() == []


async def test_what_was_queued_in_a_copy_is_told_under_another_number_without_a_sound(
    empty_address: str, tmp_path: Path, looks: Looks, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot")
    async with scene(empty_address, tmp_path, looks) as there:
        there.newsroom.moves_to(datetime.now(UTC) - timedelta(hours=1))
        await there.newsroom.release("1")
        await there.copy()
        async with running(there.plan):
            first = await there.reached([])
        await there.restore(REGISTRY)
        async with running(there.plan):
            await there.says_nothing()
            await there.operator("sender", "resume")
            again = await there.reached([])
            assert again > first
            assert (there.sounds(first), there.sounds(again)) == ({1}, {0})
    about = (Event.SENDER_HELD, Event.SENDER_RESUMED)
    assert [record.message for record in caplog.records if record.message in about] == list(about)


async def test_a_word_said_before_a_restore_was_found_does_not_count(
    empty_address: str, tmp_path: Path, looks: Looks
) -> None:
    async with scene(empty_address, tmp_path, looks) as there:
        await there.copy()
        async with running(there.plan):
            await there.told("1")
        await there.restore(REGISTRY)
        await there.operator("sender", "resume")
        async with running(there.plan):
            await there.says_nothing()
            assert "The word" not in await there.operator("sender", "show")
            await there.newsroom.release("2")
            await there.says_nothing()
            assert "Waiting for the sender: 1." in await there.operator("sender", "show")


@pytest.mark.usefixtures("no_new_keys")
async def test_a_word_said_while_the_bot_was_stopped_does_not_let_restored_rows_go(
    empty_address: str, tmp_path: Path, looks: Looks
) -> None:
    async with scene(empty_address, tmp_path, looks) as there:
        await there.copy()
        async with running(there.plan):
            first = await there.told("1")
        await there.restore(ROWS)
        await there.operator("sender", "resume")
        async with running(there.plan):
            await there.says_nothing()
            await there.operator("sender", "resume")
            await there.desk.until(lambda: there.tellings(first) == 2 * READERS)
        assert there.sounds(first) == {1}


@pytest.mark.parametrize("what", [[ROWS], [ROWS, KEYS]], ids="+".join)
async def test_rows_from_before_the_new_keys_of_a_fan_out_open_with_their_own_keys_only_and_are_held(
    empty_address: str, tmp_path: Path, what: list[str], looks: Looks
) -> None:
    async with scene(empty_address, tmp_path, looks) as there:
        await there.copy()
        async with running(there.plan):
            before = there.newest_key()
            first = await there.told("1")
            await there.keys_newer_than(before)
        await there.restore(*what)
        if KEYS not in what:
            with pytest.raises(VaultMissingError):
                await app.run(there.plan, asyncio.Event())
            return
        async with running(there.plan):
            await there.says_nothing()
            await there.operator("sender", "resume")
            await there.desk.until(lambda: there.tellings(first) == 2 * READERS)
        assert there.sounds(first) == {1}


async def test_keys_older_than_the_rows_start_nothing_and_change_nothing(
    empty_address: str, tmp_path: Path, looks: Looks
) -> None:
    async with scene(empty_address, tmp_path, looks) as there:
        async with running(there.plan):
            await there.told("1")
        await there.copy()
        async with running(there.plan):
            await there.told("2")
        await there.restore(KEYS)
        before = there.plan.vault.keyring.read_bytes()
        with pytest.raises(KeyringOlderError):
            await app.run(there.plan, asyncio.Event())
        assert there.plan.vault.keyring.read_bytes() == before


async def test_a_lost_registry_is_not_made_anew_beside_readers_and_its_copy_reaches_them(
    tmp_path: Path, looks: Looks
) -> None:
    registry, copy = tmp_path / "registry.db", tmp_path / "copy"
    async with scene(f"sqlite+aiosqlite:///{registry}", tmp_path, looks) as there:
        env = {**there.env, "VOLYA_LOG_LEVEL": "ERROR"}
        async with running(there.plan):
            await there.operator("backup-registry", str(copy))
            again = await run_bot("backup-registry", str(copy), env=env)
        await there.database.close()
        lose(registry)
        said = [(word, await run_bot(*word, env=env)) for word in (("run",), ("find", "x"), ("check",))]
        assert not registry.exists()
        shutil.copyfile(copy, registry)
        async with running(there.plan):
            await there.told("1")
    assert (again[0], again[2]) == (2, "There is a file of this name already: nothing was done.\n")
    assert copy.stat().st_mode & 0o777 == 0o600
    for (word, *_), (code, out, err) in said:
        assert (code, len(err.splitlines())) == ((1, 0) if word == "check" else (2, 1))
        assert f"{'BAD  database' if word == 'check' else 'Nothing was'}" in out + err
        assert "the registry that says whom they follow is not: put its newest copy back" in out + err


async def test_readers_are_not_served_with_a_registry_of_other_numbers(tmp_path: Path, looks: Looks) -> None:
    """It was made by a start before the keyring and the rows were put there."""
    registry, theirs = tmp_path / "registry.db", tmp_path / "theirs"
    async with scene(f"sqlite+aiosqlite:///{registry}", tmp_path, looks) as there:
        await asyncio.to_thread(Path(there.env["VOLYA_ROOT_KEY_FILE"]).write_bytes, b"r" * 32)
        async with running(there.plan):
            await there.operator("backup-registry", str(theirs))
        await there.database.close()
        lose(registry)
        await app.prepare_registry(there.database, SEED, READ_UNTIL)
        await there.database.close()
        with pytest.raises(app.RegistryMissingError):
            await app.run(there.plan, asyncio.Event())
        checked = await run_bot("check", env=there.env)
        await there.operator("new-registry", "--follows-are-lost")
        async with running(there.plan):
            await there.says_nothing()
        lose(registry)
        shutil.copyfile(theirs, registry)
        with pytest.raises(app.RegistryMissingError):
            await app.run(there.plan, asyncio.Event())
        await there.operator("new-registry", "--follows-are-lost")
        async with running(there.plan):
            await there.told("1")
    assert (checked[0], "BAD  database: readers are here" in checked[1]) == (1, True)


async def test_a_registry_copied_without_its_journal_is_not_filled_anew_beside_readers(
    empty_address: str, tmp_path: Path, looks: Looks
) -> None:
    async with scene(empty_address, tmp_path, looks) as there:
        async with there.database.writing() as connection:
            await connection.execute(text("ALTER TABLE alembic_version RENAME TO elsewhere"))
        await there.database.close()
        with pytest.raises(app.RegistryMissingError):
            await app.run(there.plan, asyncio.Event())
        there.plan.vault.keyring.rename(tmp_path / "kept")
        with pytest.raises(app.RegistryMissingError):
            await app.run(there.plan, asyncio.Event())


async def test_a_keyring_that_is_gone_for_a_moment_keeps_the_news_waiting_and_ends_nothing(
    empty_address: str, tmp_path: Path, looks: Looks, caplog: pytest.LogCaptureFixture
) -> None:
    async with scene(empty_address, tmp_path, looks) as there:
        keyring = there.plan.vault.keyring
        async with running(there.plan):
            before = await there.numbers()
            kept = keyring.rename(tmp_path / "kept")
            await there.newsroom.release("1")
            said = Event.DATABASE_UNAVAILABLE
            await there.desk.until(lambda: said in [record.message for record in caplog.records])
            kept.rename(keyring)
            await there.reached(before)
