"""Verifying: whether two editors signed exactly what would be told."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.domain import publishing
from bot.domain.audit import Entry, first_break
from bot.domain.digests import digest_of_act
from bot.domain.people import Consent
from bot.domain.publishing import (
    NEWS_SUBJECTS,
    Action,
    PublicationKind,
    PublicationState,
    approvers_of,
    subjects_of_event,
)
from bot.domain.subjects import Subject
from bot.domain.timeline import ReleaseEvent
from bot.services.approving import Act, Trust, approval_of, claim_subject, find_act
from bot.store import audit, cases, editors, publications
from bot.store.cases import StoredCase
from bot.store.database import Connection, Database


class Doubt(enum.StrEnum):
    """Why a publication must not go."""

    NOT_WAITING = "there is no such publication that still waits to go"
    CHAIN = "the audit is broken"
    NOT_APPROVED = "two editors did not approve exactly what would be told"
    SILENT = "it would name somebody who is not to be named"
    OTHERWISE = "the row says something else than what was approved"
    NO_THIRD = "it was held, and no third editor confirmed it"


class NotApprovedError(Exception):
    """A publication that must not go."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.value)
        self.doubt = doubt


async def doubts(database: Database, publication_ids: Collection[int]) -> dict[int, Doubt]:
    """Return which of these publications must not go, and why; the audit is read once for all of them.

    One may go if the audit is whole, two editors approved exactly what it says, and none stopped or changed
    it since. A signature of an editor revoked since does not count; to stop, any entry is enough. For a held
    publication the third confirmation is asked for, too.
    """
    async with database.reading() as connection:
        entries = await audit.entries(connection)
        # In a thread: an audit of years is read each time, and nobody waits for it.
        if await asyncio.to_thread(first_break, entries) is not None:
            return dict.fromkeys(publication_ids, Doubt.CHAIN)
        trust = Trust.of(await editors.every(connection), entries)
        found = {}
        for publication_id in publication_ids:
            try:
                await _prove(connection, publication_id, entries, trust)
            except NotApprovedError as error:
                found[publication_id] = error.doubt
        return found


async def _prove(connection: Connection, publication_id: int, entries: list[Entry], trust: Trust) -> None:
    stored = await publications.find(connection, publication_id)
    if stored is None or not stored.waits:
        raise NotApprovedError(Doubt.NOT_WAITING)
    found = await cases.cases_of(connection, [claim_id for claim_id, _, _ in stored.claims])
    # Only what is signed about these is verified: an audit of years has thousands of signatures.
    subjects = {stored.subject, *(claim_subject(one.key) for one in found.values())}
    said = [entry for entry in entries if entry.subject in subjects or entry.action == _REVOKED]
    proof = _Proof(stored, said, [e for e in said if e.subject in subjects and trust.counts(e)])
    if proof.is_single and not stored.claims:
        raise NotApprovedError(Doubt.OTHERWISE)
    for claim_id, person_id, revision in stored.claims:
        proof.of_claim(found[claim_id], person_id, revision)
        takes_back = stored.kind is PublicationKind.RETRACTION  # from those alone who were told
        if not takes_back and await cases.is_silenced(connection, found[claim_id].case.content):
            raise NotApprovedError(Doubt.SILENT)
    if not proof.is_single:
        proof.of_whole(await find_act(connection, *stored.subject.split("/", 1)))
    proof.of_revised(await publications.find(connection, stored.revises) if stored.revises else None)
    proof.of_stops()
    proof.of_third()


@dataclass(slots=True)
class _Proof:
    """What is looked for in the audit before a publication may go: in all that was `said`, or signed."""

    publication: publications.StoredPublication
    said: list[Entry]
    entries: list[Entry]
    digest: str = ""
    approved_at: int = 0

    @property
    def is_single(self) -> bool:
        """Return whether the publication is of one claim, and not of an event or an article."""
        return self.publication.subject.startswith("claim/")

    def of_claim(self, found: StoredCase, person_id: int, revision: int) -> None:
        """See that a claim says what two editors approved, and names whom they meant."""
        stored, content = self.publication, found.case.content
        if content.consent is Consent.SUPPRESSED:
            raise NotApprovedError(Doubt.SILENT)
        if (found.person_id, found.case.revision) != (person_id, revision):
            raise NotApprovedError(Doubt.NOT_APPROVED)
        pairs = _PAIRS[stored.kind] if self.is_single else (_PUBLISHED,)
        subject = claim_subject(found.key)
        self._approve(subject, str(revision), content.digest, pairs)
        if _is_changed(self.said, subject, revision):
            raise NotApprovedError(Doubt.NOT_APPROVED)
        if self.is_single:
            same = (subject, str(revision)) == (stored.subject, stored.revision) and len(stored.claims) == 1
            self._says(publishing.subjects_of(content), agrees=same)
        elif content.consent is not Consent.PUBLIC or stored.subject != f"event/{content.event_key}":
            raise NotApprovedError(Doubt.SILENT)

    def of_whole(self, act: Act | None) -> None:
        """See that an event says what two editors approved, or that they approved this very article."""
        stored = self.publication
        word = stored.subject.split("/", 1)[0]
        digest = digest_of_act(act) if act else self._article(word)
        self._approve(stored.subject, stored.revision, digest, (_PUBLISHED,))
        if act and any(self._overtakes(entry) for entry in self.said):
            raise NotApprovedError(Doubt.NOT_APPROVED)
        if isinstance(act, ReleaseEvent):
            self._says(subjects_of_event(act), agrees=stored.kind is PublicationKind.RELEASE)
        else:
            news = stored.kind is PublicationKind.NEWS and not stored.claims
            self._says(stored.subjects, agrees=news and stored.subjects in NEWS_SUBJECTS[word])

    def _overtakes(self, entry: Entry) -> bool:
        """Return whether this was published anew since, as it had changed: else its row was put back."""
        stored = self.publication
        is_again = (entry.action, entry.subject) == (Action.PUBLISH.value, stored.subject)
        return is_again and _number(entry.revision) > _number(stored.revision) and entry.digest != self.digest

    def _article(self, word: str) -> str:
        """Return the digest that an article's publication names by its beginning; "" for none."""
        stored = self.publication
        about = [e for e in self.entries if (e.subject, e.revision) == (stored.subject, stored.revision)]
        return next((e.digest for e in about if word == "article" and e.digest.startswith(e.revision)), "")

    def of_revised(self, revised: publications.StoredPublication | None) -> None:
        """See that what it corrects or takes back told of its claim: whoever was told of that is alarmed."""
        if revised is None:
            return
        stored = self.publication
        ours, theirs = ({claim_id for claim_id, _, _ in one.claims} for one in (stored, revised))
        told = revised.subject == stored.subject or revised.subject.startswith("event/")
        revises = stored.kind in {PublicationKind.CORRECTION, PublicationKind.RETRACTION}
        if not (revises and told and ours & theirs):
            raise NotApprovedError(Doubt.OTHERWISE)

    def of_stops(self) -> None:
        """See that no editor rejected it after it was approved: a row can be put back, the chain cannot."""
        this = (Action.REJECT.value, self.publication.subject, self.publication.revision)
        rejected = (e.number for e in self.said if (e.action, e.subject, e.revision) == this)
        if any(number > self.approved_at for number in rejected):
            raise NotApprovedError(Doubt.NOT_WAITING)

    def of_third(self) -> None:
        """See that a third, neither of the two who approved it, confirmed what the circuit breaker held."""
        stored = self.publication
        about = self._about(stored.subject, stored.revision, self.digest)
        thirds = {entry.editor for entry in about if entry.action == Action.CONFIRM_HELD.value}
        thirds -= approvers_of(map(approval_of, about), self.digest)
        if stored.state is PublicationState.HELD and not thirds:
            raise NotApprovedError(Doubt.NO_THIRD)

    def _says(self, subjects: frozenset[Subject], *, agrees: bool) -> None:
        if not agrees or self.publication.subjects != subjects:
            raise NotApprovedError(Doubt.OTHERWISE)

    def _approve(
        self, subject: str, revision: str, digest: str, pairs: Sequence[tuple[Action, Action]]
    ) -> None:
        """Find the two who approved exactly this, and remember what it was."""
        about = self._about(subject, revision, digest)
        for first, second in pairs:
            for later in reversed([entry for entry in about if entry.action == second.value]):
                if any(e.action == first.value and e.editor != later.editor for e in about):
                    self.digest, self.approved_at = digest, later.number
                    return
        raise NotApprovedError(Doubt.NOT_APPROVED)

    def _about(self, subject: str, revision: str, digest: str) -> list[Entry]:
        exactly = (subject, revision, digest)
        return [entry for entry in self.entries if (entry.subject, entry.revision, entry.digest) == exactly]


def _is_changed(entries: Sequence[Entry], subject: str, revision: int) -> bool:
    """Return whether a claim was changed since a revision: then its row was put back.

    Where that takes two, both said the same in turn, and neither was revoked in between.
    """
    words: dict[str, tuple[str, set[str]]] = {}
    for entry in entries:
        if entry.action == _REVOKED:
            for _, editors in words.values():
                editors.discard(entry.editor)
        elif entry.subject == subject and _number(entry.revision) > revision:
            said, editors = words.get(entry.action, ("", set()))
            editors = editors | {entry.editor} if said == entry.digest else {entry.editor}
            words[entry.action] = (entry.digest, editors)
            if entry.action not in _BY_TWO or len(editors) > 1:
                return True
    return False


def _number(revision: str) -> int:
    """Return a revision as a number; an article's is none."""
    return int(revision) if revision.isdecimal() else 0


_REVOKED = Action.REVOKE_EDITOR.value
_BY_TWO = frozenset({Action.CORRECT.value, Action.RETRACT.value})
_PUBLISHED = (Action.CONFIRM, Action.PUBLISH)
_CORRECTED = (Action.CORRECT, Action.CORRECT)
_PAIRS = {
    # A correction of what nobody was told of yet is the first news.
    PublicationKind.RELEASE: (_PUBLISHED, _CORRECTED),
    PublicationKind.CORRECTION: (_CORRECTED,),
    PublicationKind.RETRACTION: ((Action.RETRACT, Action.RETRACT),),
    PublicationKind.NEWS: (),
}
