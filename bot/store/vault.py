"""The vault: one sealed row for each chat, and nothing that says who follows whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.follower import Flag, Record, has_expired, pack, unpack
from bot.store.changing import Asked, Came, Change, opened_alone, plan
from bot.store.database import DatabaseUnavailableError, translated
from bot.store.destroying import Destroying
from bot.store.files import InUseError, Lock
from bot.store.keyring import Keyring, KeyringError, RootKey, Step
from bot.store.known import Known
from bot.store.notes import Notes
from bot.store.opening import (
    Match,
    VaultMissingError,
    epoch_to_open,
    keyring_of,
    lock_of,
    matching,
    may_go,
    rows_there,
)
from bot.store.places import FullError, Places
from bot.store.rekeying import CHUNK, Move, NoRoomError
from bot.store.sealing import Sealer
from bot.store.shelf import Edit, Exchange, Shelf, StaleEpochError, Touched
from bot.store.together import Together

_TRIES = 100
_GROUPS = 8
"""Groups of changes under way at once: with one, a change during a re-key waits twice as long."""


class VaultBusyError(Exception):
    """A row changed each time before it could be written.

    What was asked for has not happened; of what many asked for together some may have.
    """


class Vault(Notes):
    """All that is remembered of readers. Only whoever knows a chat id, or scans everything, finds a row.

    Where the rows are an older copy than the keyring has seen, what happened since is not in them: the
    vault is held, and somebody has to be asked before anything is sent.
    """

    def __init__(
        self, shelf: Shelf, path: Path, keyring: Keyring, now: Callable[[], datetime], step: Step
    ) -> None:
        """Use `open`."""
        super().__init__(keyring)
        self._shelf, self._path, self._now, self._step = shelf, path, now, step
        self._lock: Lock | None = None
        self._sealer: Sealer | None = None
        self._destroying = Destroying(shelf, keyring, step)
        self._places = Places(shelf)
        self._known = Known()
        self._rekeying = asyncio.Lock()
        self._reads = Together(self._read_together)
        self._merges = Together(self._merge_together, _GROUPS)
        self.damaged = 0
        """How many rows the last scan could not open."""

    @classmethod
    async def open(
        cls,
        shelf: Shelf,
        path: Path,
        root: RootKey,
        *,
        bot: int = 0,
        keeper: bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        step: Step = lambda _: None,
    ) -> Vault:
        """Open the vault with its keyring, or make both where there is neither.

        The keeper is the one process that tidies up after a crash and does what is due each night; any can
        re-key, one at a time. `bot`: the number of the bot that will speak to these readers, 0 if none
        will. `now`: the clock by which re-keys are noted. `step` is told what was done, for tests that end
        the process there. Raises InUseError, KeyringError, VaultMissingError, ShelfRefusedError; then
        nothing was changed.
        """
        lock = lock_of(path) if keeper else None
        try:
            keyring = await keyring_of(shelf, path, root, bot, keeper=keeper, step=step)
            vault = cls(shelf, path, keyring, now, step)
            vault._lock = lock
            async with shelf.alone() if keeper else nullcontext():
                await vault._begin(keeper=keeper)
        except BaseException:
            await shelf.close()
            if lock is not None:
                lock.release()
            raise
        return vault

    @property
    def is_keeper(self) -> bool:
        """Return whether this is the process that does what is due each night."""
        return self._lock is not None

    async def keep(self) -> bool:
        """Become the keeper where there is none any more; return whether this process has just become it.

        Raises VaultBusyError, DatabaseUnavailableError; then it can be tried again.
        """
        if self._lock is not None:
            return False
        try:
            with translated():  # the folder of several machines can be away for a moment
                lock = lock_of(self._path)
        except InUseError:
            return False
        try:
            await asyncio.to_thread(self._keyring.reload)
            async with self._rekeying, self._shelf.alone():
                await self._begin(keeper=True)
        except (KeyringError, VaultMissingError, StaleEpochError):
            lock.release()
            raise VaultBusyError("the rows and the keys do not belong together now") from None
        except BaseException:
            lock.release()
            raise
        self._lock = lock
        return True

    async def close(self) -> None:
        """Let go of rows and keys, once what was asked for is written."""
        await self._merges.over()
        await self._reads.over()
        await self._shelf.tidy()
        await self._shelf.close()
        self._sealer = None
        if self._lock is not None:
            self._lock.release()

    async def read(self, chat: int) -> Record | None:
        """Return what is remembered of a chat. Raises RowDamagedError."""
        return await self._reads.ask(chat)

    async def merge(self, chat: int, change: Change) -> Record:
        """Change what is remembered of a chat, from nothing if need be, and return it.

        What is asked for meanwhile is written together, with one commit; the changes for one chat are made
        in turn. `change` may be called again when somebody else was faster, and must be a plain function.
        Raises DoesNotFitError, RowDamagedError; then nothing was changed.
        """
        merged = await self._merge(chat, change, create=True)
        assert merged is not None  # noqa: S101  (it was created)
        return merged

    async def merge_known(self, chat: int, change: Change) -> Record | None:
        """Do the same, but leave alone a chat that is not remembered."""
        return await self._merge(chat, change, create=False)

    async def merge_many(self, changes: Mapping[int, Change], fence: int = 0) -> dict[int, Record]:
        """Do the same for many chats with one commit; return the records of those that are remembered.

        What somebody else changed meanwhile is tried again. `fence`: the token of the one sender, where
        the rows are shared; see Shelf.replace_many.
        """
        merged: dict[int, Record] = {}
        left = dict(changes)
        for _ in range(_TRIES):
            sealer = self._current()
            edits = self._known.edits(sealer, left)
            unread = left.keys() - {changed.chat for _, changed in edits.values()}
            try:
                tags = [sealer.tag(chat) for chat in unread]
                for tag, blob in (await self._shelf.get_many(sealer.epoch, tags) if tags else {}).items():
                    record = unpack(sealer.open(tag, blob))
                    changed = left[record.chat](record)
                    if changed is record or changed == record:
                        merged[record.chat] = record
                        self._known.keep(sealer, tag, blob, record)
                    else:
                        edits[tag] = Edit(tag, blob, sealer.seal(tag, pack(changed))), changed
                done = await self._shelf.replace_many(
                    sealer.epoch, [edit for edit, _ in edits.values()], fence
                )
            except StaleEpochError:
                await self._refresh()
                continue
            for tag in done:
                edit, changed = edits[tag]
                merged[changed.chat] = changed
                if changed.in_flight is not None:
                    self._known.keep(sealer, tag, edit.new, changed)
            left = {changed.chat: left[changed.chat] for t, (_, changed) in edits.items() if t not in done}
            if not left:
                return merged
        raise VaultBusyError("the vault is busy")

    async def erase(self, chat: int) -> bool:
        """Forget a chat, even one whose row is damaged; return whether it was remembered."""
        return await self._erase(chat, lambda _: True, damaged_too=True)

    async def erase_if(self, chat: int, still: Callable[[Record], bool]) -> bool:
        """Forget a chat if its record still is such; return whether it was."""
        return await self._erase(chat, still)

    async def expire(self, month: int) -> int:
        """Forget who was asked whether to be remembered and whose last month is over; return how many."""

        def has_faded(record: Record) -> bool:
            return has_expired(record, month) and Flag.RENEWAL_ASKED in record.flags

        expired = 0
        async for found in self.scan(lambda glance: has_expired(glance, month)):
            expired += has_faded(found) and await self._erase(found.chat, has_faded)
        return expired

    async def scan(self, match: Match) -> AsyncIterator[Record]:
        """Open every row and return those that match, each chat once, whoever re-keys meanwhile.

        `match` runs in a thread. A row that changes meanwhile may be given as it was. A damaged one is
        passed over and counted: it must not keep the news from all others.
        """
        given: set[int] = set()
        while True:
            sealer, after, damaged = self._current(), b"", 0
            try:
                while rows := await self._shelf.chunk(sealer.epoch, after, CHUNK):
                    after = rows[-1][0]
                    found, broken = await asyncio.to_thread(matching, sealer, rows, match)
                    damaged += broken
                    for record in found:
                        if record.chat not in given:
                            given.add(record.chat)
                            yield record
                self.damaged = damaged
                return
            except StaleEpochError:
                await self._refresh()

    async def rekey(self) -> None:
        """Seal everything anew under new keys and destroy the old ones.

        Killed anywhere, the old rows with the old keys or the new ones with the new are all there.
        Raises RowDamagedError when a row does not open; then nothing was changed.
        """
        async with self._rekeying, self._shelf.alone():
            for _ in range(_TRIES):
                try:
                    return await self._rekey(self._current())
                except NoRoomError:
                    continue
                except StaleEpochError:
                    # An earlier swap was cut off after it took effect.
                    await self._refresh()
            raise VaultBusyError("the vault is busy")

    async def outdate_copies(self) -> None:
        """Make every copy of the rows that exists by now an older one: it will not know what is told next."""
        async with self._rekeying:
            for _ in range(_TRIES):
                generation = await asyncio.to_thread(self._keyring.next_generation)
                try:
                    await self._shelf.set_generation(self._current().epoch, generation)
                except StaleEpochError:
                    await self._refresh()
                    continue
                return await asyncio.to_thread(self._keyring.agree, generation)
            raise VaultBusyError("the vault is busy")

    async def _begin(self, *, keeper: bool) -> None:
        current, is_older = await rows_there(self._shelf, self._keyring)
        epoch = epoch_to_open(current, self._keyring)
        if epoch is None:
            if not keeper:
                raise VaultMissingError("the vault has not been made yet")
            await self._make(0 if current is None else current[0])
            return
        self._use(epoch)
        with suppress(
            StaleEpochError
        ):  # sealed anew just now: the first to ask for a row turns to the new ones
            self._places.turn_to(await self._shelf.count(epoch))
        if is_older:
            await self.hold()
        if keeper:
            generation = await asyncio.to_thread(self._keyring.next_generation)
            await self._shelf.set_generation(epoch, generation)
            await self._destroying.what_is_left_beside(epoch)

    async def _make(self, after: int) -> None:
        epoch = await asyncio.to_thread(self._keyring.begin_epoch, after)
        await self._move(None, epoch)

    async def _rekey(self, old: Sealer) -> None:
        await self._destroying.what_is_left_beside(old.epoch)
        epoch = await asyncio.to_thread(self._keyring.begin_epoch)
        self._step("begun")
        await self._shelf.watch(old.epoch)
        try:
            await self._move(old, epoch)
        except Exception:
            # Else a second copy of all rows, and the key to it, stays for as long as no re-key ends.
            with suppress(StaleEpochError, DatabaseUnavailableError):
                await self._destroying.begun(epoch, old.epoch)
            raise

    async def _move(self, old: Sealer | None, epoch: int) -> None:
        began = int(self._now().timestamp())  # who is told from here on is told after it
        move = Move(old, Sealer(epoch, self._keyring.epochs[epoch]))
        first = await move.survey(self._shelf, self._step)
        async with self._shelf.building(epoch) as add:
            await move.copy(first, self._shelf, add, self._step)
            self._step("copied")
        self._step("built")

        def replay(touched: list[Touched]) -> list[Exchange]:
            edits = move.replay(touched)
            self._step("replaying")
            return edits

        generation = self._keyring.generation
        await self._shelf.swap(old.epoch if old else None, epoch, generation, move.moved, replay)
        self._use(epoch)
        self._places.turn_to(move.size)
        self._step("swapped")
        await self._destroying.older_than(epoch, began)
        await self._shelf.tidy()

    async def _read_together(self, chats: Sequence[int]) -> list[Came]:
        for _ in range(_TRIES):
            sealer = self._current()
            tags = [sealer.tag(chat) for chat in chats]
            try:
                blobs = await self._shelf.get_many(sealer.epoch, tags)
            except StaleEpochError:
                await self._refresh()
                continue
            return [opened_alone(sealer, tag, blobs.get(tag)) for tag in tags]
        raise VaultBusyError("the vault is busy")

    async def _merge(self, chat: int, change: Change, *, create: bool) -> Record | None:
        for _ in range(_TRIES):
            try:
                return await self._merges.ask(Asked(chat, change, create))
            except FullError as error:
                await self._grow(error.full)
        raise VaultBusyError("the vault is busy")

    async def _merge_together(self, asked: Sequence[Asked]) -> list[Came]:
        """Make changes; where somebody else was faster, make them again."""
        left: dict[int, list[Asked]] = {}
        for one in asked:
            left.setdefault(one.chat, []).append(one)
        came: dict[int, Iterator[Came]] = {}
        for _ in range(_TRIES):
            try:
                async for chat, outcomes in self._merge_once(left):
                    came[chat] = iter(outcomes)
            except StaleEpochError:
                await self._refresh()
            left = {chat: changes for chat, changes in left.items() if chat not in came}
            if not left:
                return [next(came[one.chat]) for one in asked]
        raise VaultBusyError("the vault is busy")

    async def _merge_once(
        self, asked: Mapping[int, Sequence[Asked]]
    ) -> AsyncIterator[tuple[int, Sequence[Came]]]:
        """Try once; yield each chat as soon as it is done with, and what came of its changes."""
        sealer = self._current()
        chats = {sealer.tag(chat): chat for chat in asked}
        blobs = await self._shelf.get_many(sealer.epoch, list(chats))
        planned = plan(sealer, blobs, {tag: asked[chat] for tag, chat in chats.items()})
        done = planned.came.keys() - planned.edits.keys() - planned.newcomers.keys()
        if planned.edits:
            done |= await self._shelf.replace_many(sealer.epoch, list(planned.edits.values()))
        for tag in done:
            yield chats[tag], planned.came[tag]
        if planned.newcomers:
            try:
                come = await self._places.let_in(sealer, planned.newcomers)
            except StaleEpochError:
                raise
            except Exception as error:  # the others' rows are written by now
                for tag in planned.newcomers:
                    yield chats[tag], [error] * len(planned.came[tag])
                return
            for tag in come:
                yield chats[tag], planned.came[tag]

    async def _erase(self, chat: int, still: Callable[[Record], bool], *, damaged_too: bool = False) -> bool:
        self._known.drop(chat)
        for _ in range(_TRIES):
            sealer = self._current()
            tag = sealer.tag(chat)
            try:
                blob = await self._shelf.get(sealer.epoch, tag)
                if blob is None or not may_go(sealer, tag, blob, still, damaged_too=damaged_too):
                    return False
                if await self._places.take_out(sealer, tag, blob):
                    return True
            except StaleEpochError:
                await self._refresh()
        raise VaultBusyError("the vault is busy")

    async def _grow(self, full: Sealer) -> None:
        async with self._rekeying, self._shelf.alone():
            try:
                if self._current() is full:
                    await self._rekey(full)
            except StaleEpochError:
                await self._refresh()  # another process was first

    def _current(self) -> Sealer:
        if self._sealer is None:
            raise RuntimeError("the vault is closed")
        return self._sealer

    def _use(self, epoch: int) -> None:
        self._sealer = Sealer(epoch, self._keyring.epochs[epoch])
        self._known.forget()  # with them, the last that holds the old keys

    async def _refresh(self) -> None:
        """Turn to the table that is current now: somebody has re-keyed."""
        current = await self._shelf.current()
        if current is None or current[0] == self._current().epoch:
            await asyncio.sleep(0.01)
            return
        await asyncio.to_thread(self._keyring.reload)
        if current[0] in self._keyring.epochs and current[0] != self._current().epoch:
            # Re-keyed once more meanwhile, whoever asked finds the table gone and comes here again.
            with suppress(StaleEpochError):
                size = await self._shelf.count(current[0])
                if current[0] in self._keyring.epochs:
                    self._use(current[0])
                    self._places.turn_to(size)
