"""Outweighing: what a list says against what editors published is taken back, in the same transaction."""

from __future__ import annotations

from bot.domain.lists import is_history, is_out
from bot.store import batches
from bot.store.database import Connection
from bot.store.people import claims_about


async def outweigh_list(connection: Connection, person: str) -> None:
    """Take back what a list says of somebody where it would undo a published release or death.

    The next import would; until then whoever opens the alert would read "behind bars again".
    """
    keys = await batches.listed_claims(connection, person)
    if not keys:
        return
    claims = await claims_about(connection, person)
    listed = [claim for claim in claims if claim.key in keys]
    others = [claim for claim in claims if claim.key not in keys]
    if is_out(others) and not is_history(listed, others):
        await batches.take_back(connection, keys)
