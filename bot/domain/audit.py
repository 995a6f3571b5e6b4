"""Audit: who did what, as a chain in which no link can be changed unseen; and what editors sign."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

FIRST = "0" * 64
"""What stands where the first entry would name the one before it."""

_PURPOSE = "volya-approval-1"


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `at` is ISO time in UTC; `digest` is of the exact content; `signature` is hexadecimal.

    `editor` is a handle; an entry that the operator made, not an editor, has no signature.
    """

    number: int
    at: str
    editor: str
    action: str
    subject: str
    revision: str
    digest: str
    signature: str
    previous: str
    hash: str = ""


def linked(entry: Entry) -> Entry:
    """Return an entry with its hash, which covers everything else in it and the hash before it."""
    fields = {name: value for name, value in dataclasses.asdict(entry).items() if name != "hash"}
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return dataclasses.replace(entry, hash=hashlib.sha256(text.encode()).hexdigest())


def first_break(entries: Sequence[Entry]) -> int | None:
    """Return the number at which a chain is broken, or None for a whole one."""
    previous = FIRST
    for number, entry in enumerate(entries, start=1):
        if entry.number != number or entry.previous != previous or linked(entry) != entry:
            return number
        previous = entry.hash
    return None


def signed_bytes(action: str, subject: str, revision: str, digest: str) -> bytes:
    """Return what an editor signs: one spelling of the act, so that no part can be read as another."""
    parts = [_PURPOSE, action, subject, revision, digest]
    return json.dumps(parts, separators=(",", ":")).encode()
