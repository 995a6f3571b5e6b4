"""Approving: which editor is acting, whose signatures count, and what exactly they are over."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.domain.audit import Entry, signed_bytes
from bot.domain.publishing import (
    UNPUBLISHED,
    Action,
    Approval,
    Case,
    PublicationState,
    are_two,
)
from bot.domain.refusals import Refusal
from bot.domain.timeline import DiplomacyEvent, ReleaseEvent, Sanction
from bot.services import signing
from bot.store import audit, cases, editors, publications, timeline
from bot.store.database import Connection, Database


class NotDoneError(Exception):
    """An act that is refused; nothing of it has happened. Its reason is for the editor who asked."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Signer:
    """An editor who is acting: their key, and a code their second device shows now.

    `saw`: digests of what their screen showed before they gave the code; nothing else is signed. None for
    what they wrote themselves.
    """

    handle: str
    key: Ed25519PrivateKey = field(repr=False)
    code: str = field(repr=False)
    saw: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Sitting:
    """One editor's acts in one transaction, in turn with everybody else's."""

    connection: Connection
    signer: Signer
    at: datetime

    async def sign(self, action: Action, subject: str, revision: int | str, digest: str) -> None:
        """Write an act down, signed by the editor. Raises NotDoneError when they saw something else."""
        if self.signer.saw is not None and digest not in self.signer.saw:
            raise NotDoneError(Refusal.CHANGED)
        said = signed_bytes(action, subject, str(revision), digest)
        signature = signing.sign(self.signer.key, said)
        entry = new_entry(self.at, self.signer.handle, action, subject, str(revision), digest, signature)
        await audit.append(self.connection, entry)


@asynccontextmanager
async def sitting(database: Database, signer: Signer, now: datetime) -> AsyncIterator[Sitting]:
    """Open a transaction for an editor's acts.

    Raises NotDoneError for whoever is not an editor, or comes with a wrong key or a used code, and
    DatabaseUnavailableError. A code is used up by what is done with it, not by what is refused.
    """
    async with database.writing() as connection:
        await audit.lock(connection)
        editor = await editors.find(connection, signer.handle)
        if editor is None or editor.revoked_on is not None:
            raise NotDoneError(Refusal.NO_EDITOR)
        if signing.public_key_of(signer.key) != editor.public_key:
            raise NotDoneError(Refusal.WRONG_KEY)
        step = signing.step_of(editor.totp_secret, signer.code, now)
        if step is None:
            raise NotDoneError(Refusal.WRONG_CODE)
        if not await editors.use_step(connection, editor.handle, step):
            raise NotDoneError(Refusal.USED_CODE)
        yield Sitting(connection, replace(signer, handle=editor.handle), now)


def new_entry(
    at: datetime, editor: str, action: Action, subject: str, revision: str, digest: str, signature: str
) -> Entry:
    """Return an act that has no place in the chain yet."""
    when = at.isoformat(timespec="seconds")
    return Entry(0, when, editor, action.value, subject, revision, digest, signature, "")


def key_digest(public_key: str) -> str:
    """Return what the audit holds of an editor's key from the day they were added."""
    return hashlib.sha256(public_key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signatures count: editors who were not revoked, with the very key they came with."""

    keys: Mapping[str, str]

    @classmethod
    def of(cls, people: Iterable[editors.Editor], entries: Iterable[Entry]) -> Trust:
        """Trust the keys that the audit saw coming and not going."""
        entries = list(entries)
        came = {(entry.editor, entry.digest) for entry in entries if entry.action == Action.ADD_EDITOR.value}
        went = {entry.editor for entry in entries if entry.action == Action.REVOKE_EDITOR.value}
        return cls(
            {
                editor.handle: editor.public_key
                for editor in people
                if editor.revoked_on is None
                and editor.handle not in went
                and (editor.handle, key_digest(editor.public_key)) in came
            }
        )

    def counts(self, entry: Entry) -> bool:
        """Return whether an entry is the word of an editor who may give it."""
        said = signed_bytes(entry.action, entry.subject, entry.revision, entry.digest)
        key = self.keys.get(entry.editor)
        return key is not None and signing.is_signed(key, entry.signature, said)


async def trusted_entries(connection: Connection, *subjects: str) -> list[Entry]:
    """Return the acts that count, all or on some subjects, in their order."""
    entries = await audit.entries(connection)
    trust = Trust.of(await editors.every(connection), entries)
    wanted = (entry for entry in entries if not subjects or entry.subject in subjects)
    return [entry for entry in wanted if trust.counts(entry)]


def approval_of(entry: Entry) -> Approval:
    """Return what an entry approves."""
    return Approval(Action(entry.action), entry.editor, entry.digest)


def claim_subject(key: str) -> str:
    """Return how the audit calls a claim."""
    return f"claim/{key}"


def person_subject(key: str) -> str:
    """Return how the audit calls a record that becomes another, or does not."""
    return f"person/{key}"


async def get_case(connection: Connection, key: str) -> cases.StoredCase:
    """Return a claim with the approvals that count. Raises NotDoneError when there is none."""
    stored = await cases.find_case(connection, key)
    if stored is None:
        is_person = await cases.ids(connection, "person", [key])
        raise NotDoneError(Refusal.A_PERSON if is_person else Refusal.NOT_THERE)
    return await with_approvals(connection, stored)


async def with_approvals(connection: Connection, stored: cases.StoredCase) -> cases.StoredCase:
    """Return a claim with the approvals of its revision and of a change to it, and what became of it."""
    entries = await trusted_entries(connection, claim_subject(stored.key))
    earlier = await publications.on_claim(connection, stored.id)
    case = _since_published(stored.case, earlier[-1], entries) if earlier else stored.case
    wanted = {(Action.CONFIRM.value, str(case.confirmed_as))}
    wanted |= {(action.value, str(case.revision + 1)) for action in (Action.CORRECT, Action.RETRACT)}
    counting = await not_withdrawn(connection, stored, entries)
    approvals = frozenset(approval_of(e) for e in counting if (e.action, e.revision) in wanted)
    return replace(stored, case=replace(case, approvals=approvals))


def _since_published(case: Case, last: publications.StoredPublication, entries: Iterable[Entry]) -> Case:
    """Return a case with what became of the last publication about it: if it was told, or ever will be."""
    goes = last.waits and is_approved(entries, str(case.revision), case.content.digest)
    is_stopped = case.state not in UNPUBLISHED and last.state is not PublicationState.GOING and not goes
    untold = last.waits or last.state is PublicationState.SUPERSEDED
    return replace(case, untold=untold, stopped=last.kind if is_stopped else None)


_PAIRS = (
    (Action.CONFIRM, Action.PUBLISH),
    (Action.CORRECT, Action.CORRECT),
    (Action.RETRACT, Action.RETRACT),
)


def is_approved(entries: Iterable[Entry], revision: str, digest: str) -> bool:
    """Return whether two editors, by words that count, let exactly this go."""
    approvals = [approval_of(entry) for entry in entries if entry.revision == revision]
    return any(are_two(approvals, first, second, digest) for first, second in _PAIRS)


async def not_withdrawn(
    connection: Connection, stored: cases.StoredCase, entries: Iterable[Entry]
) -> list[Entry]:
    """Return entries on a claim without words for a correction that another one took the place of since.

    It did so whoever proposed it, and though they were revoked meanwhile.
    """
    draft = stored.case.draft
    change = (Action.CORRECT.value, str(stored.case.revision + 1))
    others = [
        entry.number
        for entry in await audit.entries(connection, claim_subject(stored.key))
        if (entry.action, entry.revision) == change and (draft is None or entry.digest != draft.digest)
    ]
    since = max(others, default=0)
    return [entry for entry in entries if (entry.action, entry.revision) != change or entry.number > since]


_SAYING_SO = (Action.CONFIRM, Action.PUBLISH, Action.CORRECT, Action.RETRACT, Action.SUPPRESS)


async def approved_as_it_stands(connection: Connection, stored: cases.StoredCase) -> list[Approval]:
    """Return whose word a claim rests on as it stands, and a change of it that waits, by the signatures."""
    case = stored.case
    now = {(action.value, str(case.revision), case.content.digest) for action in _SAYING_SO}
    # What waits is signed under the revision it would begin.
    digests = {case.content.digest, case.draft.digest if case.draft else case.content.digest}
    changes = (Action.CONFIRM.value, Action.CORRECT.value, Action.RETRACT.value)
    now |= {(action, str(case.revision + 1), digest) for action in changes for digest in digests}
    entries = await trusted_entries(connection, claim_subject(stored.key))
    entries = await not_withdrawn(connection, stored, entries)
    return [approval_of(e) for e in entries if (e.action, e.revision, e.digest) in now]


Act: TypeAlias = ReleaseEvent | DiplomacyEvent | Sanction


async def find_act(connection: Connection, word: str, key: str) -> Act | None:
    """Return an event of the timeline: an `event`, a `sanction` or a `diplomacy`; None when there is none."""
    acts: Sequence[Act] = ()
    if word == "event":
        acts = await timeline.release_events(connection)
    elif word == "sanction":
        acts = await timeline.sanctions(connection)
    elif word == "diplomacy":
        acts = await timeline.diplomacy_events(connection)
    return next((act for act in acts if act.key == key), None)
