"""The circuit breaker: how many chats may be told within an hour before a third editor is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How many chats may be told within an hour before a third editor is asked.

    `most`: in numbers. `share`: of all who follow anything, once it is more than `fewest` chats: of
    three followers every alert reaches a third.
    """

    most: int = 1000
    share: float = 0.5
    fewest: int = 100


def breaks(reach: int, followers: int, limits: Limits) -> bool:
    """Return whether telling so many within an hour must wait for a third editor.

    `reach`: chats told in this hour, those about to be told among them; `followers`: who follow anything.
    """
    return reach > limits.most or reach > max(limits.fewest, followers * limits.share)


def band(reach: int) -> str:
    """Return a number of chats as a power of ten it stays below: an exact one would say who follows."""
    bound = 10
    while reach >= bound:
        bound *= 10
    return f"< {bound}"
