"""Made-up subscribers of chosen people, in a throw-away vault made for them: something to send to."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.bench.vault import fill
from bot.domain.follower import Flag, Record, Wanted, pack
from bot.store.keyring import make_root_key, read_root_key
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault


def run(count: int, people: Iterable[int], first_chat: int, into: Path | None) -> None:
    """Make them, look that they are found, and print where they are.

    Never touches a folder that it did not make. Raises FileExistsError; DoesNotFitError for numbers that
    no row can hold.
    """
    followed = frozenset(people)
    pack(_subscriber(first_chat + count - 1, followed))
    pack(_subscriber(first_chat, followed))
    if into is None:
        home = Path(tempfile.mkdtemp(prefix="volya-subscribers-"))
    else:
        into.mkdir(mode=0o700)
        home = into
    try:
        filled, found, searched = asyncio.run(_make(home, subscribers(count, followed, first_chat), followed))
    except BaseException:
        shutil.rmtree(home)
        raise
    size = sum(file.stat().st_size for file in (home / "data" / "vault").iterdir())
    print(f"VOLYA_DATA_DIR={home / 'data'}")
    print(f"VOLYA_ROOT_KEY_FILE={home / 'root-key'}")
    print(f"{count} subscribers of {len(followed)}, chats {first_chat} to {first_chat + count - 1}")
    print(f"filled in {filled:.2f} s, {size / 1e6:.0f} MB; {found} found in {searched:.2f} s")


def subscribers(count: int, people: frozenset[int], first_chat: int) -> Iterator[Record]:
    """Return so many who agreed and follow all of these, their chats in a row."""
    return (_subscriber(first_chat + n, people) for n in range(count))


def _subscriber(chat: int, people: frozenset[int]) -> Record:
    return Record(chat, people=people, flags=Flag.DISCREET | Flag.CONSENTED)


async def _make(home: Path, records: Iterable[Record], people: frozenset[int]) -> tuple[float, int, float]:
    """Fill the vault and look everybody up; return the seconds and how many were found."""
    data = home / "data"
    data.mkdir(mode=0o700)
    make_root_key(home / "root-key")
    root = read_root_key(home / "root-key", data)
    started = time.perf_counter()
    await fill(SqliteShelf(data / "vault"), data / "keyring", root, records)
    filled = time.perf_counter()
    vault = await Vault.open(SqliteShelf(data / "vault"), data / "keyring", root)
    try:
        wanted = Wanted.of(people)
        opened = time.perf_counter()
        found = [record.chat async for record in vault.scan(lambda glance: glance.follows_any(wanted))]
        return filled - started, len(found), time.perf_counter() - opened
    finally:
        await vault.close()
