"""Editors as stored: whose signature counts, and which code of theirs was used last."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import editor


@dataclass(frozen=True, slots=True)
class Editor:
    """Who may act. The public key is hexadecimal, the secret of their codes base32."""

    handle: str
    public_key: str
    totp_secret: str = field(repr=False)
    last_step: int
    added_on: date
    revoked_on: date | None


async def find(connection: AsyncConnection, handle: str) -> Editor | None:
    """Return an editor, also one who was revoked, or None: Anna is anna, and not somebody else beside her."""
    alike = select(editor).where(func.lower(editor.c.handle) == handle.lower()).order_by(editor.c.id)
    found = [_editor(row) for row in (await connection.execute(alike)).mappings()]
    # Two whose handles differ in this alone could come before; each keeps their own.
    return next((one for one in found if one.handle == handle), found[0] if found else None)


async def every(connection: AsyncConnection) -> list[Editor]:
    """Return every editor there ever was, in the order of coming."""
    rows = (await connection.execute(select(editor).order_by(editor.c.id))).mappings()
    return [_editor(row) for row in rows]


def _editor(row: RowMapping) -> Editor:
    return Editor(**{name: row[name] for name in Editor.__slots__})


async def add(connection: AsyncConnection, handle: str, public_key: str, secret: str, on: date) -> None:
    """Write down a new editor; their handle must be free."""
    values = {"handle": handle, "public_key": public_key, "totp_secret": secret, "added_on": on}
    await connection.execute(editor.insert().values(**values, last_step=0))


async def revoke(connection: AsyncConnection, handle: str, on: date) -> bool:
    """Let an editor's signature count no longer; return whether there was one to revoke."""
    theirs = (editor.c.handle == handle) & editor.c.revoked_on.is_(None)
    return (await connection.execute(editor.update().where(theirs).values(revoked_on=on))).rowcount == 1


async def renew_secret(connection: AsyncConnection, handle: str, secret: str) -> bool:
    """Give an editor another secret for codes; return whether there was one to give it to."""
    theirs = (editor.c.handle == handle) & editor.c.revoked_on.is_(None)
    renewed = editor.update().where(theirs).values(totp_secret=secret, last_step=0)
    return (await connection.execute(renewed)).rowcount == 1


async def use_step(connection: AsyncConnection, handle: str, step: int) -> bool:
    """Take a code's half minute; False when this one or a later one was taken before."""
    unused = (editor.c.handle == handle) & (editor.c.last_step < step)
    return (await connection.execute(editor.update().where(unused).values(last_step=step))).rowcount == 1
