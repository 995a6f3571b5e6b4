"""What a list of prisoners says of somebody beside what is published: to stand on it is no sighting."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.people import TO_FOLLOWERS, Claim, ClaimKind, status_of

_OUT = frozenset({ClaimKind.RELEASED, ClaimKind.DIED})


def is_out(claims: Sequence[Claim]) -> bool:
    """Return whether claims add up to a release or a death, sure or in dispute: no list decides that.

    What only followers may know counts: who wants no publicity is whom a list goes on naming.
    """
    return any(claim.kind in _OUT for claim in status_of(claims, TO_FOLLOWERS).claims)


def is_history(listed: Sequence[Claim], others: Sequence[Claim]) -> bool:
    """Return whether a list's claims leave a status as it is: they are older than the release."""
    return status_of((*others, *listed), TO_FOLLOWERS) == status_of(others, TO_FOLLOWERS)
