"""Orders: what the operator tells the sender through the registry, for it alone has the keys."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import sender_order

_RESUME = "resume"


async def resume(connection: AsyncConnection) -> None:
    """Tell a sender that is held to go on."""
    await connection.execute(sender_order.insert().values(word=_RESUME))


async def to_resume(connection: AsyncConnection) -> int | None:
    """Return the newest order to go on, or None."""
    query = select(sender_order.c.id).where(sender_order.c.word == _RESUME).order_by(sender_order.c.id.desc())
    return (await connection.execute(query.limit(1))).scalar_one_or_none()


async def done(connection: AsyncConnection, order: int) -> None:
    """Take back an order that was read, and older ones."""
    await connection.execute(sender_order.delete().where(sender_order.c.id <= order))
