"""Enrolling: editors come, lose a device and go; the operator writes each into the audit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.domain.audit import signed_bytes
from bot.domain.publishing import Action
from bot.domain.refusals import Refusal
from bot.services import signing
from bot.services.approving import NotDoneError, key_digest, new_entry
from bot.store import audit, editors
from bot.store.database import Connection, Database


class Enrolling:
    """What the operator does with editors. Each act raises NotDoneError, and then nothing has happened."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    async def add(self, handle: str, key: Ed25519PrivateKey) -> str:
        """Let an editor in by their key; return the secret for their second device, shown only now.

        Only the public half of the key is kept. The entry is signed with the key that came.
        """
        secret, public = signing.make_secret(), signing.public_key_of(key)
        async with self._database.writing() as connection:
            await audit.lock(connection)
            # A handle stands in the audit for ever: it is given once.
            if await editors.find(connection, handle) is not None:
                raise NotDoneError(Refusal.HANDLE_TAKEN)
            await editors.add(connection, handle, public, secret, self._now().date())
            said = signed_bytes(Action.ADD_EDITOR, f"editor/{handle}", "1", key_digest(public))
            signature = signing.sign(key, said)
            await self._write(connection, Action.ADD_EDITOR, handle, key_digest(public), signature)
        return secret

    async def revoke(self, handle: str) -> None:
        """Let an editor's signatures no longer count for anything that has not gone yet."""
        async with self._database.writing() as connection:
            await audit.lock(connection)
            found = await editors.find(connection, handle)
            if found is None or not await editors.revoke(connection, found.handle, self._now().date()):
                raise NotDoneError(Refusal.NO_EDITOR)
            await self._write(connection, Action.REVOKE_EDITOR, found.handle)

    async def renew_secret(self, handle: str) -> str:
        """Give an editor another secret for a new device; codes of the old one stop working."""
        secret = signing.make_secret()
        async with self._database.writing() as connection:
            await audit.lock(connection)
            found = await editors.find(connection, handle)
            if found is None or not await editors.renew_secret(connection, found.handle, secret):
                raise NotDoneError(Refusal.NO_EDITOR)
            await self._write(connection, Action.RENEW_CODES, found.handle)
        return secret

    async def _write(
        self, connection: Connection, action: Action, handle: str, digest: str = "", signature: str = ""
    ) -> None:
        entry = new_entry(self._now(), handle, action, f"editor/{handle}", "1", digest, signature)
        await audit.append(connection, entry)
