"""The audit as stored: entries are added, each tied to the one before, and never changed."""

from __future__ import annotations

import dataclasses

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.audit import FIRST, Entry, linked
from bot.store.tables import audit

_FIELDS = tuple(field.name for field in dataclasses.fields(Entry))


async def lock(connection: AsyncConnection) -> None:
    """Let editors act one after another, from here to the end of the transaction; readers do not wait."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))
    # On SQLite a writing transaction is alone already.


async def append(connection: AsyncConnection, entry: Entry) -> Entry:
    """Add an act to the end of the chain and return it as it stands there. Call `lock` first."""
    query = select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    last = (await connection.execute(query)).one_or_none()
    number, previous = (last.number, last.hash) if last else (0, FIRST)
    added = linked(dataclasses.replace(entry, number=number + 1, previous=previous))
    await connection.execute(audit.insert().values(**dataclasses.asdict(added)))
    return added


async def entries(connection: AsyncConnection, subject: str | None = None) -> list[Entry]:
    """Return every act, or those on one subject, in their order."""
    query = select(*(audit.c[name] for name in _FIELDS)).order_by(audit.c.number)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    return [Entry(*row) for row in await connection.execute(query)]
