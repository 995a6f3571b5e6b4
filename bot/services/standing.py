"""Standing: what the registry knows of alerts, for an operator who has no keys and needs none."""

from __future__ import annotations

from bot.domain.publishing import PublicationState
from bot.store import orders, publications
from bot.store.database import Database

_WAITS = PublicationState.QUEUED
_HELD = PublicationState.HELD
_GOING = PublicationState.GOING


async def standing(database: Database) -> list[str]:
    """Say in lines what waits, what is held, what went. Raises DatabaseUnavailableError."""
    async with database.reading() as connection:
        every = await publications.every(connection)
        latest = await publications.latest(connection)
        order = await orders.to_resume(connection)
    by_state = {state: [one for one in every if one.state is state] for state in (_WAITS, _HELD, _GOING)}
    lines = [f"Waiting for the sender: {len(by_state[_WAITS])}."]
    lines += [
        f"Held, needs a third editor: {one.id}  {one.subject}  chats {one.band}" for one in by_state[_HELD]
    ]
    lines.append(f"Let go: {len(by_state[_GOING])}; the latest number is {latest or 'not given yet'}.")
    if order is not None:
        lines.append("The word to go on after a restore was given, and no held sender has taken it yet.")
    return lines
