"""Restored: whether registry and keyring are of one time, or somebody put back an older copy of one."""

from __future__ import annotations

from bot.store import publications
from bot.store.database import Database
from bot.store.vault import Vault


async def is_older_copy(database: Database, vault: Vault, latest: int, *, is_shared: bool) -> bool:
    """Return whether an older copy was put back; `latest` is the highest number in the registry.

    `is_shared`: another process may write the keyring. Whoever stood still while another was the sender
    remembers an older keyring than there is, and must not hold everybody's alerts because of that.
    """
    # A registry behind the keyring is an older copy; one ahead of it says that the keyring is.
    if vault.published <= latest <= vault.handed_out:
        return False
    if not is_shared:
        return True
    # The sender hands a number out, gives it, then notes it: asked in the other order, it fits always,
    # however long this process stands still in between.
    await vault.reload_keys()
    published = vault.published
    async with database.reading() as connection:
        latest = await publications.latest(connection)
    await vault.reload_keys()
    return not published <= latest <= vault.handed_out
