"""Digests: what editors sign is one spelling of everything that a thing says, and the pages it says it by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from bot.domain.articles import Topic
from bot.domain.people import Source, When
from bot.domain.timeline import DiplomacyEvent, ReleaseEvent, Sanction


def digest_of_act(act: ReleaseEvent | DiplomacyEvent | Sanction) -> str:
    """Return a digest of everything an event of the timeline says, and of its pages."""
    silent: tuple[Source, ...] = ()
    return digest_of([type(act).__name__, replace(act, sources=silent), pages(act.sources)])


def digest_of_topic(topic: Topic) -> str:
    """Return a digest of what an article says, in every language; not of when it was checked."""
    return digest_of(
        [[language, a.title, a.answer, a.sections] for language, a in sorted(topic.items())],
    )


def pages(sources: Iterable[Source]) -> list[list[str]]:
    """Return pages as they count in a digest: whether a publisher is designated can change meanwhile."""
    return sorted(
        [page.publisher.name, page.url, str(page.published_on or ""), page.origin, page.read_on.isoformat()]
        for page in sources
    )


def digest_of(thing: object) -> str:
    """Return the SHA-256 of a thing made of dataclasses, dates, words and lists, in one spelling."""
    text = json.dumps(thing, default=_plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(thing: Any) -> object:
    if isinstance(thing, When):
        return str(thing)
    if isinstance(thing, date):
        return thing.isoformat()
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}
