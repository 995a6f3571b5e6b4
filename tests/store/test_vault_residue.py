"""Residue: whoever was erased is in no copy that a key still opens, and nobody is in plain in any byte."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.domain.follower import Record, unpack
from bot.store.keyring import Keyring, KeyringError, RootKey
from bot.store.sealing import BLOB, TAG, RowDamagedError, Sealer
from tests.store.test_vault_stolen import forms_of
from tests.store.vaults import ROOT, Home, following, one_more

NAME = "Зязюля-канарэйка"
QUERY = "а што з Канарэйкаю Зязюляй"


@dataclass(frozen=True)
class Copy:
    """What somebody copied at one step: every byte of the data and the keyring as it was then."""

    step: str
    files: dict[str, bytes]
    keyring: bytes
    epoch: int
    remembered: bool
    """Whether a row of the chat was in a table just then."""


class Copying:
    """Takes copies of a home, step by step, as backups or snapshots of a disk would."""

    def __init__(self, home: Home, chat: int) -> None:
        self._home, self._chat = home, chat
        self.copies: list[Copy] = []

    async def copy(self, step: str, *, remembered: bool) -> None:
        [epoch] = Keyring.load(self._home.keyring, ROOT).epochs
        files = await data_of(self._home)
        self.copies.append(Copy(step, files, self._home.keyring.read_bytes(), epoch, remembered))


async def data_of(home: Home) -> dict[str, bytes]:
    """Return every byte on disk: the folder's, or those of the database's files and the server's journal."""
    if home.is_sqlite:
        return {path.name: path.read_bytes() for path in sorted(home.data.iterdir())}
    await home.ask("CHECKPOINT")
    [[folder, number, segment]] = await home.ask(
        "SELECT current_setting('data_directory'), (SELECT oid FROM pg_database "
        "WHERE datname = current_database()), pg_walfile_name(pg_current_wal_insert_lsn())"
    )
    return read(Path(folder), str(number), segment)


def read(folder: Path, database: str, segment: str) -> dict[str, bytes]:
    places = [*(folder / "base" / database).iterdir(), *journal(folder / "pg_wal", segment)]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(places) if path.is_file()}


def journal(folder: Path, segment: str) -> Iterator[Path]:
    """Return the journal's last two files: what was written in this test fills less than one."""
    named = sorted(path for path in folder.iterdir() if len(path.name) == len(segment))
    written = [path for path in named if path.name <= segment]
    yield from written[-2:]


def recovered(files: dict[str, bytes], keyring: Path, root: RootKey, chat: int) -> bool:
    """Return whether these bytes with this keyring and this root key give a chat's record back.

    Whoever tries knows the chat: its tag is looked for in every byte, whatever the database thinks is
    there, and what follows is tried as its blob under the number of every epoch that there may have been.
    """
    try:
        epochs = Keyring.load(keyring, root).epochs
    except KeyringError:
        return False
    sealers = [[Sealer(number, keys) for number in range(1, 8)] for keys in epochs.values()]
    return any(_opens(numbered, data, chat) for numbered in sealers for data in files.values())


def _opens(sealers: Sequence[Sealer], data: bytes, chat: int) -> bool:
    tag = sealers[0].tag(chat)
    place = data.find(tag)
    while place >= 0:
        # A database puts at most a few bytes of its own between two columns.
        blobs = [data[start : start + BLOB] for start in range(place + TAG, place + TAG + 9)]
        if any(_is_of(sealer, tag, blob, chat) for sealer in sealers for blob in blobs):
            return True
        place = data.find(tag, place + 1)
    return False


def _is_of(sealer: Sealer, tag: bytes, blob: bytes, chat: int) -> bool:
    try:
        return unpack(sealer.open(tag, blob)).chat == chat
    except RowDamagedError:
        return False


async def lived_through(home: Home, chat: int, others: Sequence[int]) -> list[Copy]:
    """Follow, change, pass a night, be erased, pass two nights; copy everything at each step."""
    vault = await home.open()
    taking = Copying(home, chat)
    for other in others:
        await vault.merge(other, following(other % 1000 + 1))
    await taking.copy("before", remembered=False)
    await vault.merge(chat, following(5, 6))
    await taking.copy("followed", remembered=True)
    await vault.merge(chat, one_more)
    await taking.copy("changed", remembered=True)
    await vault.rekey()
    await taking.copy("a night", remembered=True)
    await vault.merge(chat, one_more)
    assert await vault.erase(chat)
    await taking.copy("erased", remembered=False)
    await vault.merge(others[0], one_more)
    await vault.rekey()
    await taking.copy("the next night", remembered=False)
    await vault.rekey()
    await taking.copy("a night later", remembered=False)
    await home.close()
    await taking.copy("closed", remembered=False)
    return taking.copies


@pytest.mark.proof
async def test_who_was_erased_comes_back_from_no_copy_but_with_the_live_keys_of_its_epoch(
    home: Home, whole_proof: bool, proved: Callable[..., None], tmp_path: Path
) -> None:
    tried = opened = 0
    for chat in (1_234_567_890_123, -1_001_234_567_890, 5_000_000_019)[: 3 if whole_proof else 1]:
        place = Home(tmp_path / str(chat), home.address)
        place.folder.mkdir()
        if not home.is_sqlite:
            for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
                await home.ask(statement)
        copies = await lived_through(place, chat, range(chat + 1, chat + 30))
        keyring = tmp_path / "tried"
        for copy in copies:
            for other in copies:
                keyring.write_bytes(other.keyring)
                for root in (ROOT, RootKey(b"x" * 32)):
                    found = recovered(copy.files, keyring, root, chat)
                    live = root is ROOT and other.epoch in epochs_in(copy, copies)
                    assert live or not found, (copy.step, other.step)
                    if root is ROOT and copy.remembered and other.epoch == copy.epoch:
                        assert found, (copy.step, other.step)
                    if copies.index(other) >= STEPS.index("the next night"):
                        assert not found, (copy.step, other.step)
                    tried, opened = tried + 1, opened + found
        assert [copy.step for copy in copies] == STEPS

    assert opened > 0
    proved(combinations=tried, opened=opened)


STEPS = ["before", "followed", "changed", "a night", "erased", "the next night", "a night later", "closed"]


def epochs_in(copy: Copy, copies: list[Copy]) -> set[int]:
    """Return the epochs whose rows a copy may hold: its own, and those that a journal has not let go yet."""
    if any("pg_wal" in name for name in copy.files):
        return {earlier.epoch for earlier in copies[: copies.index(copy) + 1]}
    return {copy.epoch}


def spellings(chat: int) -> list[bytes]:
    """Return the ways in which a chat could be written: digits, bytes, base64, varints."""
    wide = [chat.to_bytes(8, "big", signed=True), chat.to_bytes(8, "little", signed=True)]
    texts = [str(chat).encode(), *forms_of(abs(chat)), *wide]
    return [*forms_of(abs(chat)), *wide, *(base64.b64encode(text) for text in texts), *varints(chat)]


def varints(chat: int) -> list[bytes]:
    """Return a number as protocol buffers write it, plain and zigzag, and as SQLite does."""
    plain, zigzag = chat % 2**64, (chat << 1) ^ (chat >> 63)
    little = [sevens(number)[::-1] for number in (plain, zigzag)]
    return [
        *(bytes([*(one | 0x80 for one in found[:-1]), found[-1]]) for found in little),
        sqlite_varint(plain),
    ]


def sevens(number: int) -> bytes:
    found: list[int] = []
    while number or not found:
        found.append(number & 0x7F)
        number >>= 7
    return bytes(reversed(found))


def sqlite_varint(number: int) -> bytes:
    if number >= 2**56:
        return bytes([*(one | 0x80 for one in sevens(number >> 8)), number & 0xFF])
    found = sevens(number)
    return bytes([*(one | 0x80 for one in found[:-1]), found[-1]])


@pytest.mark.proof
async def test_no_chat_no_name_and_no_question_is_in_any_byte_at_any_step(
    home: Home, whole_proof: bool, proved: Callable[..., None]
) -> None:
    chats = [1_234_567_890_123, -1_001_234_567_890, 7_100_200_300_400_500][: 3 if whole_proof else 2]
    vault = await home.open()
    words = [word.encode(code) for word in (NAME, QUERY, NAME.lower()) for code in ("utf-8", "utf-16-le")]
    wanted = [*words, *(form for chat in chats for form in spellings(chat))]
    looked_at = 0

    async def look(step: str) -> None:
        nonlocal looked_at
        files = {**await data_of(home), "keyring": home.keyring.read_bytes()}
        found = [(step, name, form) for name, data in files.items() for form in wanted if form in data]
        assert found == []
        looked_at += sum(map(len, files.values()))

    digests = frozenset([vault.name_digest(NAME), vault.name_digest(QUERY)])
    for chat in chats:
        await vault.merge(chat, lambda record: replace(record, unknown_names=digests, people=frozenset([9])))
    if not home.is_sqlite:
        await home.ask("ANALYZE")
    await look("followed")
    await vault.rekey()
    assert {record.chat async for record in vault.scan(lambda _: True)} == {*chats}
    await look("a night")
    for chat in chats:
        assert await vault.erase(chat)
    await look("erased")
    await vault.rekey()
    await home.close()
    await look("the next night")
    proved(bytes_looked_at=looked_at, forms=len(wanted))


async def test_a_chat_or_a_name_written_somewhere_would_be_seen(home: Home) -> None:
    # Others than above: the server's journal keeps them for the tests that follow.
    chat, name = 1_987_654_321_098, "Жораў-прыманка"
    await (await home.open()).merge(1, lambda _: Record(1, alert_seen=1))
    written = [str(chat), f"{chat:x}", base64.b64encode(str(chat).encode()).decode(), name]
    if home.is_sqlite:
        (home.data / "note").write_text(" ".join(written))
    else:
        await home.ask("CREATE TABLE note (word text)")
        for word in written:
            await home.ask("INSERT INTO note VALUES (:word)", word=word)
        await home.ask("ANALYZE note")

    files = await data_of(home)

    everything = b"".join(files.values())
    assert sum(form in everything for form in spellings(chat)) >= 3
    assert name.encode() in everything
    # On PostgreSQL in the table, in the journal, and in what ANALYZE keeps of it.
    assert sum(data.count(name.encode()) for data in files.values()) >= (1 if home.is_sqlite else 3)


def test_varints_are_those_of_their_formats() -> None:
    assert varints(300)[0] == b"\xac\x02"
    assert varints(-1)[1] == b"\x01"
    assert sqlite_varint(300) == b"\x82\x2c"
    assert sqlite_varint(2**64 - 1) == b"\xff" * 9
