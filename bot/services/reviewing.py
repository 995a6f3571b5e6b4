"""Reviewing: editors report, confirm, publish, correct and take back claims, each act signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain import publishing
from bot.domain.people import PUBLIC_ONLY, TO_FOLLOWERS, ClaimState, Consent, status_of
from bot.domain.publishing import (
    Action,
    Approval,
    Case,
    Content,
    PublicationKind,
    PublicationState,
    Step,
)
from bot.domain.refusals import Refusal
from bot.services.approving import (
    NotDoneError,
    Signer,
    Sitting,
    claim_subject,
    get_case,
    sitting,
)
from bot.services.drafting import Draft, content_of
from bot.services.outweighing import outweigh_list
from bot.store import audit, cases, publications
from bot.store.cases import StoredCase
from bot.store.database import Connection, Database
from bot.store.people import claims_about


@dataclass(frozen=True, slots=True)
class Quieted:
    """What silence took from its way.

    `is_owed`: two editors have to approve anew what its followers, or who was told wrongly, are owed.
    `dropped`: the words that waited for a second editor, of the claim as it stood.
    """

    is_owed: bool
    dropped: tuple[Approval, ...]


class Reviewing:
    """What editors do with claims. Each act raises NotDoneError, and then nothing has happened."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    async def report(self, signer: Signer, draft: Draft, key: str = "", *, replaces: bool = False) -> str:
        """Report a claim, or what is not published yet otherwise; return its key.

        What another editor reported gives way only to one that expressly `replaces` it.

        Raises RefusedError, too, for what is malformed.
        """
        async with sitting(self._database, signer, self._now()) as acts:
            key = key or "/".join(draft.cells.get(name, "") for name in ("person", "kind", "date"))
            content = await content_of(acts, draft, key)
            await _refuse_silenced(acts.connection, content)
            stored = await cases.find_case(acts.connection, key)
            subject = claim_subject(key)
            is_of_another = not replaces and await _is_of_another(acts, subject)
            case = stored.case if stored else None
            step = _allowed(publishing.report(case, content, is_of_another=is_of_another))
            await acts.sign(Action.REPORT, subject, step.case.revision, content.digest)
            if stored is None:
                await cases.add_case(acts.connection, key, step.case)
            else:
                await cases.save_case(acts.connection, stored, step.case)
            if content.consent is Consent.SUPPRESSED:
                await _stop_others(acts.connection, content)
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

    async def correct(self, signer: Signer, key: str, draft: Draft, *, replaces: bool = False) -> bool:
        """Propose a correction, or with an empty draft approve the one that waits; say whether it is made.

        Raises RefusedError, too, for what is malformed.
        """
        async with sitting(self._database, signer, self._now()) as acts:
            stored = await get_case(acts.connection, key)
            proposed = await content_of(acts, draft, key, stored.case.content) if draft else None
            step = _allowed(publishing.correct(stored.case, acts.signer.handle, proposed, replaces=replaces))
            made = step.case.revision != stored.case.revision
            said = step.case.content if made else step.case.draft
            assert said is not None  # noqa: S101  (a correction that waits is a draft)
            await _refuse_silenced(acts.connection, said)
            await acts.sign(Action.CORRECT, claim_subject(key), stored.case.revision + 1, said.digest)
            await _settle(acts.connection, stored, step.case)
            if step.publishes is not None:
                await _tell_change(acts, stored, step.case, step.publishes)
        return made

    async def retract(self, signer: Signer, key: str) -> bool:
        """Take a claim back, or be the first of two to say so; say whether it is taken back."""
        async with sitting(self._database, signer, self._now()) as acts:
            stored = await get_case(acts.connection, key)
            step = _allowed(publishing.retract(stored.case, acts.signer.handle))
            made = step.case.revision != stored.case.revision
            digest = stored.case.content.digest
            await acts.sign(Action.RETRACT, claim_subject(key), stored.case.revision + 1, digest)
            await _settle(acts.connection, stored, step.case)
            if step.publishes is not None:
                await _tell_change(acts, stored, step.case, step.publishes)
        return made

    async def suppress(self, signer: Signer, key: str, consent: Consent) -> Quieted:
        """Make a claim quieter at once; what is on its way about it goes no further.

        Refused where a card would say anew that somebody is free, or dead: silence must not tell that.
        """
        async with sitting(self._database, signer, self._now()) as acts:
            stored = await get_case(acts.connection, key)
            [person] = stored.case.content.persons
            free_before = await _known_free(acts.connection, person)
            quieter = _allowed(publishing.suppress(stored.case, consent)).case
            await acts.sign(Action.SUPPRESS, claim_subject(key), quieter.revision, quieter.content.digest)
            case = await _hush(acts.connection, stored, quieter)
            await _settle(acts.connection, stored, case)
            if consent is Consent.SUPPRESSED:
                await _stop_others(acts.connection, case.content)
            if await _known_free(acts.connection, person) - free_before:
                raise NotDoneError(Refusal.WOULD_FREE)
        return Quieted(case != quieter, _waiting_for_a_second(stored.case))


def _waiting_for_a_second(case: Case) -> tuple[Approval, ...]:
    is_confirmed = case.state is ClaimState.CONFIRMED
    words = (word for word in case.approvals if is_confirmed or word.action is not Action.CONFIRM)
    return tuple(sorted(words, key=lambda word: (word.action, word.editor)))


async def _is_of_another(acts: Sitting, subject: str) -> bool:
    """Return whether another editor was the last to report a claim."""
    entries = await audit.entries(acts.connection, subject)
    reporters = [entry.editor for entry in entries if entry.action == Action.REPORT.value]
    return bool(reporters) and reporters[-1] != acts.signer.handle


async def confirm_claim(acts: Sitting, key: str) -> StoredCase:
    """Confirm a claim within an editor's acts. Raises NotDoneError."""
    stored = await get_case(acts.connection, key)
    await _refuse_silenced(acts.connection, stored.case.content)
    step = _allowed(publishing.confirm(stored.case, acts.signer.handle))
    digest = stored.case.content.digest
    await acts.sign(Action.CONFIRM, claim_subject(key), step.case.confirmed_as, digest)
    await cases.save_case(acts.connection, stored, step.case)
    return stored


async def publish_claim(acts: Sitting, key: str) -> tuple[StoredCase, PublicationKind | None]:
    """Publish a claim within an editor's acts and say what that publishes. Raises NotDoneError."""
    stored = await get_case(acts.connection, key)
    await _refuse_silenced(acts.connection, stored.case.content)
    step = _allowed(publishing.publish(stored.case, acts.signer.handle))
    digest = stored.case.content.digest
    await acts.sign(Action.PUBLISH, claim_subject(key), step.case.revision, digest)
    await _settle(acts.connection, stored, step.case)
    for one in await publications.on_claim(acts.connection, stored.id, to_change=True):
        if one.waits:  # it would go no more, whatever becomes of the words on it
            await _leave_out(acts.connection, one, stored)
    return replace(stored, case=step.case), step.publishes


def _allowed(step: Step | Refusal) -> Step:
    if isinstance(step, Refusal):
        raise NotDoneError(step)
    return step


async def _settle(connection: Connection, stored: StoredCase, case: Case) -> None:
    """Write what became of a claim that readers know of, and let no list speak against it."""
    await cases.save_case(connection, stored, case)
    [person] = case.content.persons
    await outweigh_list(connection, person)


async def _known_free(connection: Connection, person: str) -> set[frozenset[Consent]]:
    """Return to whom a card says that nobody waits for this person's release any more."""
    claims = await claims_about(connection, person)
    return {consents for consents in (PUBLIC_ONLY, TO_FOLLOWERS) if status_of(claims, consents).known_free}


async def _refuse_silenced(connection: Connection, content: Content) -> None:
    """Refuse, under whatever key, what a family asked not to be told."""
    if await cases.is_silenced(connection, content):
        raise NotDoneError(Refusal.SUPPRESSED)


async def _stop_others(connection: Connection, silent: Content) -> None:
    """Let nothing that waits tell under another key what a family asked not to be told.

    What is taken back goes all the same: it reaches those alone who were told wrongly.
    """
    [person] = silent.persons
    for stored in await cases.cases_about(connection, person, silent.kind):
        if not stored.case.content.when.overlaps(silent.when):
            continue
        for one in await publications.on_claim(connection, stored.id, to_change=True):
            if one.waits and one.kind is not PublicationKind.RETRACTION:
                await _leave_out(connection, one, stored)


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

    What has not gone yet goes no further. Where a release was told to nobody, a correction is the first news,
    and a retraction is none. A claim that came with an import was told to nobody, but seen by whoever asked.
    """
    earlier = await publications.on_claim(acts.connection, stored.id, to_change=True)
    for one in earlier:
        if one.waits:
            await _leave_out(acts.connection, one, stored)
    gone = [one.id for one in earlier if one.state is PublicationState.GOING]
    if gone or not any(one.kind is PublicationKind.RELEASE for one in earlier):
        await _queue(acts, stored, case, kind, gone[-1] if gone else None)
    elif kind is PublicationKind.CORRECTION:
        await _queue(acts, stored, case, PublicationKind.RELEASE)


async def _hush(connection: Connection, stored: StoredCase, quieter: Case) -> Case:
    """Let what tells of a claim say less; return the case, as two approve anew what was not told yet."""
    is_silent = quieter.content.consent is Consent.SUPPRESSED
    earlier = await publications.on_claim(connection, stored.id, to_change=True)
    for one in earlier:
        of_one = one.subject == claim_subject(stored.key)
        if one.waits or (is_silent and of_one):
            await _leave_out(connection, one, stored)
        elif of_one:
            await publications.quieten(connection, one.id)
        # A release of many that goes already names whom the family silenced to nobody, and whose claim is for
        # followers alone to these. It stays known that it did: whoever follows them was told of no other.
    if is_silent or not any(one.waits for one in earlier):
        return quieter
    if any(one.state is PublicationState.GOING for one in earlier):
        return replace(quieter, draft=quieter.content)  # a correction waited: who was told wrongly is owed it
    return replace(quieter, state=ClaimState.REPORTED)


async def _leave_out(
    connection: Connection, publication: publications.StoredPublication, stored: StoredCase
) -> None:
    if publication.subject == claim_subject(stored.key):
        await publications.supersede(connection, publication.id)
    else:
        await publications.drop_claim(connection, publication.id, stored.id)
