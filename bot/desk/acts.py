"""Acts: what whoever made the desk lets its page do besides what people do; each is a button of the tour."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """One button: its words by language, what it does, and whether that can be done now."""

    words: Mapping[str, str]
    do: Callable[[], Awaitable[None]]
    possible: Callable[[], bool]
