"""Reviewing: editors report, confirm, publish, correct and take back claims, each act signed."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain import publishing
from bot.domain.audit import Entry, first_break
from bot.domain.people import Consent
from bot.domain.publishing import (
    NEWS_SUBJECTS,
    Action,
    Case,
    Content,
    PublicationKind,
    PublicationState,
    Refusal,
    Step,
    digest_of_act,
    subjects_of_event,
)
from bot.domain.subjects import Subject
from bot.domain.timeline import ReleaseEvent
from bot.services.approving import (
    Act,
    NotDoneError,
    Signer,
    Sitting,
    Trust,
    claim_subject,
    find_act,
    get_case,
    sitting,
)
from bot.services.drafting import Draft, content_of
from bot.store import audit, cases, editors, publications
from bot.store.cases import StoredCase
from bot.store.database import Connection, Database


class Reviewing:
    """What editors do with claims. Each act raises NotDoneError, and then nothing has happened."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """Hold the database and the clock."""
        self._database, self._now = database, now

    async def report(self, signer: Signer, draft: Draft, key: str = "") -> str:
        """Report a claim, or what is not published yet otherwise; return its key.

        Raises RefusedError, too, for what is malformed.
        """
        async with sitting(self._database, signer, self._now()) as acts:
            key = key or "/".join(draft.cells.get(name, "") for name in ("person", "kind", "date"))
            content = await content_of(acts, draft, key)
            await _refuse_silenced(acts.connection, content)
            stored = await cases.find_case(acts.connection, key)
            step = _allowed(publishing.report(stored.case if stored else None, content))
            subject = claim_subject(key)
            await acts.sign(Action.REPORT, subject, step.case.revision, content.digest)
            if stored is None:
                await cases.add_case(acts.connection, key, step.case)
            else:
                await cases.save_case(acts.connection, stored, step.case)
        return key

    async def confirm(self, signer: Signer, key: str) -> None:
        """Confirm a reported claim as it stands."""
        async with sitting(self._database, signer, self._now()) as acts:
            await confirm_claim(acts, key)

    async def publish(self, signer: Signer, key: str) -> None:
        """Publish a claim that another editor confirmed; a release is queued for the sender."""
        async with sitting(self._database, signer, self._now()) as acts:
            stored, kind = await publish_claim(acts, key)
            if kind is not None:
                await _queue(acts, stored, stored.case, kind)

    async def correct(self, signer: Signer, key: str, draft: Draft) -> bool:
        """Propose a correction, or with an empty draft approve the one that waits; say whether it is made.

        Raises RefusedError, too, for what is malformed.
        """
        async with sitting(self._database, signer, self._now()) as acts:
            stored = await get_case(acts.connection, key)
            proposed = await content_of(acts, draft, key, stored.case.content) if draft else None
            step = _allowed(publishing.correct(stored.case, signer.handle, proposed))
            made = step.case.revision != stored.case.revision
            said = step.case.content if made else step.case.draft
            assert said is not None  # noqa: S101  (a correction that waits is a draft)
            await acts.sign(Action.CORRECT, claim_subject(key), stored.case.revision + 1, said.digest)
            await cases.save_case(acts.connection, stored, step.case)
            if step.publishes is not None:
                await _tell_change(acts, stored, step.case, step.publishes)
        return made

    async def retract(self, signer: Signer, key: str) -> bool:
        """Take a claim back, or be the first of two to say so; say whether it is taken back."""
        async with sitting(self._database, signer, self._now()) as acts:
            stored = await get_case(acts.connection, key)
            step = _allowed(publishing.retract(stored.case, signer.handle))
            made = step.case.revision != stored.case.revision
            digest = stored.case.content.digest
            await acts.sign(Action.RETRACT, claim_subject(key), stored.case.revision + 1, digest)
            await cases.save_case(acts.connection, stored, step.case)
            if step.publishes is not None:
                await _tell_change(acts, stored, step.case, step.publishes)
        return made

    async def suppress(self, signer: Signer, key: str, consent: Consent) -> None:
        """Make a claim quieter at once; what is on its way about it goes no further."""
        async with sitting(self._database, signer, self._now()) as acts:
            stored = await get_case(acts.connection, key)
            step = _allowed(publishing.suppress(stored.case, consent))
            revision, digest = step.case.revision, step.case.content.digest
            await acts.sign(Action.SUPPRESS, claim_subject(key), revision, digest)
            await cases.save_case(acts.connection, stored, step.case)
            await _hush(acts.connection, stored, consent)


async def confirm_claim(acts: Sitting, key: str) -> StoredCase:
    """Confirm a claim within an editor's acts. Raises NotDoneError."""
    stored = await get_case(acts.connection, key)
    await _refuse_silenced(acts.connection, stored.case.content)
    step = _allowed(publishing.confirm(stored.case, acts.signer.handle))
    digest = stored.case.content.digest
    await acts.sign(Action.CONFIRM, claim_subject(key), stored.case.revision, digest)
    await cases.save_case(acts.connection, stored, step.case)
    return stored


async def publish_claim(acts: Sitting, key: str) -> tuple[StoredCase, PublicationKind | None]:
    """Publish a claim within an editor's acts and say what that publishes. Raises NotDoneError."""
    stored = await get_case(acts.connection, key)
    await _refuse_silenced(acts.connection, stored.case.content)
    step = _allowed(publishing.publish(stored.case, acts.signer.handle))
    digest = stored.case.content.digest
    await acts.sign(Action.PUBLISH, claim_subject(key), stored.case.revision, digest)
    await cases.save_case(acts.connection, stored, step.case)
    return stored, step.publishes


def _allowed(step: Step | Refusal) -> Step:
    if isinstance(step, Refusal):
        raise NotDoneError(step)
    return step


async def _refuse_silenced(connection: Connection, content: Content) -> None:
    """Refuse, under whatever key, what a family asked not to be told."""
    [person] = content.persons
    for when in await cases.silenced(connection, person, content.kind):
        if when.overlaps(content.when):
            raise NotDoneError(Refusal.SUPPRESSED)


async def _queue(
    acts: Sitting, stored: StoredCase, case: Case, kind: PublicationKind, revises: int | None = None
) -> None:
    await publications.queue(
        acts.connection,
        claim_subject(stored.key),
        str(case.revision),
        kind,
        subjects=publishing.subjects_of(case.content),
        claims=[(stored.id, stored.person_id, case.revision)],
        revises=revises,
        at=acts.at,
    )


async def _tell_change(acts: Sitting, stored: StoredCase, case: Case, kind: PublicationKind) -> None:
    """Publish a correction or a retraction to those who may have been told.

    What has not gone yet goes no further. Where nobody was told, a correction is the first news, and a
    retraction is none. A claim that came with an import was told to nobody, but seen by whoever asked.
    """
    earlier = await publications.on_claim(acts.connection, stored.id)
    for one in earlier:
        if one.waits:
            await _leave_out(acts.connection, one, stored)
    gone = [one.id for one in earlier if one.state is PublicationState.GOING]
    if gone or not earlier:
        await _queue(acts, stored, case, kind, gone[-1] if gone else None)
    elif kind is PublicationKind.CORRECTION:
        await _queue(acts, stored, case, PublicationKind.RELEASE)


async def _hush(connection: Connection, stored: StoredCase, consent: Consent) -> None:
    for one in await publications.on_claim(connection, stored.id):
        if one.waits or consent is Consent.SUPPRESSED or one.subject != claim_subject(stored.key):
            await _leave_out(connection, one, stored)
        else:
            await publications.quieten(connection, one.id)


async def _leave_out(
    connection: Connection, publication: publications.StoredPublication, stored: StoredCase
) -> None:
    if publication.subject == claim_subject(stored.key):
        await publications.supersede(connection, publication.id)
    else:
        await publications.drop_claim(connection, publication.id, stored.id)


class Doubt(enum.StrEnum):
    """Why a publication must not go."""

    NOT_WAITING = "there is no such publication that still waits to go"
    CHAIN = "the audit is broken"
    NOT_APPROVED = "two editors did not approve exactly what would be told"
    SILENT = "it would name somebody who is not to be named"
    OTHERWISE = "the row says something else than what was approved"
    NO_THIRD = "it was held, and no third confirmation is there"


class NotApprovedError(Exception):
    """A publication that must not go."""

    def __init__(self, doubt: Doubt) -> None:
        """Hold the reason."""
        super().__init__(doubt.value)
        self.doubt = doubt


async def verify(database: Database, publication_id: int) -> None:
    """See that a publication may go: the audit is whole, and two editors approved exactly what it says.

    A signature of an editor revoked since does not count. For a held publication the third
    confirmation is asked for, too. Raises NotApprovedError, DatabaseUnavailableError.
    """
    for doubt in (await doubts(database, [publication_id])).values():
        raise NotApprovedError(doubt)


async def doubts(database: Database, publication_ids: Collection[int]) -> dict[int, Doubt]:
    """Return which of these publications must not go, and why; the audit is read once for all of them."""
    async with database.reading() as connection:
        entries = await audit.entries(connection)
        if first_break(entries) is not None:
            return dict.fromkeys(publication_ids, Doubt.CHAIN)
        trust = Trust.of(await editors.every(connection), entries)
        trusted = [entry for entry in entries if trust.counts(entry)]
        found = {}
        for publication_id in publication_ids:
            try:
                await _prove(connection, publication_id, trusted)
            except NotApprovedError as error:
                found[publication_id] = error.doubt
        return found


async def _prove(connection: Connection, publication_id: int, trusted: list[Entry]) -> None:
    stored = await publications.find(connection, publication_id)
    if stored is None or not stored.waits:
        raise NotApprovedError(Doubt.NOT_WAITING)
    proof = _Proof(stored, trusted)
    if proof.is_single and not stored.claims:
        raise NotApprovedError(Doubt.OTHERWISE)
    found = await cases.cases_of(connection, [claim_id for claim_id, _, _ in stored.claims])
    for claim_id, person_id, revision in stored.claims:
        proof.of_claim(found[claim_id], person_id, revision)
    if not proof.is_single:
        proof.of_whole(await find_act(connection, *stored.subject.split("/", 1)))
    proof.of_third()


@dataclass(slots=True)
class _Proof:
    """What is looked for in the audit before a publication may go."""

    publication: publications.StoredPublication
    entries: list[Entry]
    publisher: str = ""
    digest: str = ""

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
        if isinstance(act, ReleaseEvent):
            self._says(subjects_of_event(act), agrees=stored.kind is PublicationKind.RELEASE)
        else:
            news = stored.kind is PublicationKind.NEWS and not stored.claims
            self._says(stored.subjects, agrees=news and stored.subjects in NEWS_SUBJECTS[word])

    def _article(self, word: str) -> str:
        """Return the digest that an article's publication names by its beginning; "" for none."""
        stored = self.publication
        about = [e for e in self.entries if (e.subject, e.revision) == (stored.subject, stored.revision)]
        return next((e.digest for e in about if word == "article" and e.digest.startswith(e.revision)), "")

    def of_third(self) -> None:
        """See that somebody else than who published it confirmed what the circuit breaker held."""
        stored = self.publication
        thirds = {
            entry.editor
            for entry in self._about(stored.subject, stored.revision, self.digest)
            if entry.action == Action.CONFIRM_HELD.value
        }
        if stored.state is PublicationState.HELD and not thirds - {self.publisher}:
            raise NotApprovedError(Doubt.NO_THIRD)

    def _says(self, subjects: frozenset[Subject], *, agrees: bool) -> None:
        if not agrees or self.publication.subjects != subjects:
            raise NotApprovedError(Doubt.OTHERWISE)

    def _approve(
        self, subject: str, revision: str, digest: str, pairs: Sequence[tuple[Action, Action]]
    ) -> None:
        """Find the two who approved exactly this, and remember who was the second."""
        about = self._about(subject, revision, digest)
        for first, second in pairs:
            for later in reversed([entry for entry in about if entry.action == second.value]):
                if any(e.action == first.value and e.editor != later.editor for e in about):
                    self.publisher, self.digest = later.editor, digest
                    return
        raise NotApprovedError(Doubt.NOT_APPROVED)

    def _about(self, subject: str, revision: str, digest: str) -> list[Entry]:
        exactly = (subject, revision, digest)
        return [entry for entry in self.entries if (entry.subject, entry.revision, entry.digest) == exactly]


_PUBLISHED = (Action.CONFIRM, Action.PUBLISH)
_CORRECTED = (Action.CORRECT, Action.CORRECT)
_PAIRS = {
    # A correction of what nobody was told of yet is the first news.
    PublicationKind.RELEASE: (_PUBLISHED, _CORRECTED),
    PublicationKind.CORRECTION: (_CORRECTED,),
    PublicationKind.RETRACTION: ((Action.RETRACT, Action.RETRACT),),
    PublicationKind.NEWS: (),
}
