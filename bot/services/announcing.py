"""Announcing: releases of many, news of the timeline and of articles, and what the circuit breaker held."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.articles import Library, area_of
from bot.domain.digests import digest_of_act, digest_of_topic
from bot.domain.independence import has_two_origins
from bot.domain.publishing import (
    ARTICLE_SUBJECTS,
    NEWS_SUBJECTS,
    Action,
    PublicationKind,
    PublicationState,
    needs_a_third,
    needs_another,
    subjects_of_event,
)
from bot.domain.refusals import Refusal
from bot.domain.subjects import Subject
from bot.domain.timeline import ReleaseEvent
from bot.services.approving import (
    NotDoneError,
    Signer,
    Sitting,
    approval_of,
    claim_subject,
    find_act,
    is_approved,
    sitting,
    trusted_entries,
)
from bot.services.reviewing import confirm_claim, publish_claim
from bot.store import audit, cases, publications
from bot.store.cases import StoredCase
from bot.store.database import Connection, Database

_SECOND = frozenset({Action.PUBLISH.value, Action.CORRECT.value, Action.RETRACT.value})

_NOTHING_MISSING = frozenset({Refusal.CONFIRMED, Refusal.PUBLISHED})
"""Why a claim of a release is not taken once more: this editor confirmed it as it stands, or it goes."""
_LONGEST_VERSION = 16


@dataclass(frozen=True, slots=True)
class Taken:
    """What an editor did with a release: the claims that went with it, and those left out, with why."""

    claims: tuple[str, ...]
    left_out: tuple[tuple[str, Refusal], ...]


@dataclass(frozen=True, slots=True)
class News:
    """Something to announce as it stands now: what an approval of it is over."""

    subject: str
    revision: str
    digest: str
    subjects: frozenset[Subject]


class Announcing:
    """What editors do beyond one claim. Each act raises NotDoneError, and then nothing has happened."""

    def __init__(
        self, database: Database, now: Callable[[], datetime], library: Library | None = None
    ) -> None:
        """Hold the database, the clock and the articles."""
        self._database, self._now, self._library = database, now, library or Library()

    async def confirm_event(self, signer: Signer, key: str) -> Taken:
        """Confirm a release and every public claim reported of it that can be confirmed."""
        async with sitting(self._database, signer, self._now()) as acts:
            news = await _event(acts.connection, key)
            taken, _ = await _each(acts, key, confirm_claim)
            try:
                await _confirm(acts, news)
            except NotDoneError as error:
                # A name that came later is confirmed beside what this editor confirmed before.
                if error.reason is not Refusal.CONFIRMED or not taken.claims:
                    raise
        return taken

    async def publish_event(self, signer: Signer, key: str) -> Taken:
        """Publish a release as one publication, with every claim of it that another editor confirmed.

        What waits of it as it was before a change, and would for ever, goes in this one; so does what was
        stopped, once another editor has confirmed it anew.
        """
        async with sitting(self._database, signer, self._now()) as acts:
            news = await _event(acts.connection, key)
            await _follow(acts, news)
            stuck = await overtaken(acts.connection, news.subject, news.digest)
            taken, done = await _each(acts, key, _published)
            if not done and not stuck and taken.left_out:
                raise NotDoneError(taken.left_out[0][1])
            if not done and not stuck and await _goes_already(acts.connection, news):
                raise NotDoneError(Refusal.NOTHING_NEW)
            before = [one for publication in stuck for one in publication.claims]
            for publication in stuck:
                await publications.supersede(acts.connection, publication.id)
            claims = [(one.id, one.person_id, one.case.revision) for one in done]
            await _queue(acts, news, PublicationKind.RELEASE, before + claims)
            keys = await cases.cases_of(acts.connection, [claim_id for claim_id, _, _ in before])
        return replace(taken, claims=(*(one.key for one in keys.values()), *taken.claims))

    async def confirm_news(self, signer: Signer, word: str, key: str) -> None:
        """Confirm a `sanction`, a `diplomacy` event or a changed `article` as it stands."""
        async with sitting(self._database, signer, self._now()) as acts:
            await _confirm(acts, await news_of(acts.connection, self._library, word, key))

    async def publish_news(self, signer: Signer, word: str, key: str) -> None:
        """Publish such news that another editor confirmed."""
        async with sitting(self._database, signer, self._now()) as acts:
            news = await news_of(acts.connection, self._library, word, key)
            earlier = await _earlier(acts.connection, news.subject, news.digest)
            await _follow(acts, news)
            for one in earlier:
                if one.waits:
                    await publications.supersede(acts.connection, one.id)
            await _queue(acts, news, PublicationKind.NEWS)

    async def confirm_held(self, signer: Signer, publication_id: int) -> None:
        """Let a held publication go after all: the word of a third, neither of the two who approved it."""
        async with sitting(self._database, signer, self._now()) as acts:
            found = await publications.find(acts.connection, publication_id)
            if found is None or found.state is not PublicationState.HELD:
                raise NotDoneError(Refusal.NOT_HELD)
            entries = await trusted_entries(acts.connection, found.subject)
            about = [entry for entry in entries if entry.revision == found.revision]
            seconds = [entry for entry in about if entry.action in _SECOND]
            if not seconds:
                raise NotDoneError(Refusal.NOT_CONFIRMED)
            digest = seconds[-1].digest
            refusal = needs_a_third(map(approval_of, about), acts.signer.handle, digest)
            if refusal is not None:
                raise NotDoneError(refusal)
            if acts.signer.saw and digest not in acts.signer.saw:
                # They saw how it stands today; however often they look, it is not what two approved.
                raise NotDoneError(Refusal.OVERTAKEN)
            await acts.sign(Action.CONFIRM_HELD, found.subject, found.revision, digest)

    async def reject(self, signer: Signer, publication_id: int) -> None:
        """Stop a publication that has not gone, for good; on one editor's word, as with all silence.

        What it tells goes in another one, if two editors approve it anew.
        """
        async with sitting(self._database, signer, self._now()) as acts:
            found = await publications.find(acts.connection, publication_id)
            if found is None:
                raise NotDoneError(Refusal.NO_NUMBER)
            if not await publications.reject(acts.connection, publication_id):
                raise NotDoneError(Refusal.GONE)
            await acts.sign(Action.REJECT, found.subject, found.revision, "")


async def news_of(connection: Connection, library: Library, word: str, key: str) -> News:
    """Return a `sanction`, a `diplomacy` event, an `article` or an `event` as it stands.

    Raises NotDoneError where there is none, or nobody would hear of it.
    """
    subject = f"{word}/{key}"
    topic = library.topic(key) if word == "article" else None
    if topic is not None:
        digest = digest_of_topic(topic)
        heard = ARTICLE_SUBJECTS.get(area_of(topic))
        if heard is None:
            raise NotDoneError(Refusal.NOT_NEWS)
        return News(subject, await _next_version(connection, subject, digest), digest, heard)
    if word == "event":
        return await _event(connection, key)
    act = await find_act(connection, word, key) if word in {"sanction", "diplomacy"} else None
    if act is None:
        raise NotDoneError(Refusal.NOT_THERE)
    [subjects] = NEWS_SUBJECTS[word]
    return News(subject, await _next_revision(connection, subject), digest_of_act(act), subjects)


async def _event(connection: Connection, key: str) -> News:
    event = await find_act(connection, "event", key)
    if not isinstance(event, ReleaseEvent):
        raise NotDoneError(Refusal.NOT_THERE)
    if not has_two_origins(event.sources):
        raise NotDoneError(Refusal.ONE_ORIGIN)
    subject = f"event/{key}"
    revision = await _next_revision(connection, subject)
    return News(subject, revision, digest_of_act(event), subjects_of_event(event))


async def overtaken(
    connection: Connection, subject: str, digest: str
) -> list[publications.StoredPublication]:
    """Return what waits of a release, given its digest of today, though two do not approve it as it stands.

    It never goes. Of its claims it has those that two still approve: the others have to be confirmed anew.
    """
    found = []
    for one in await publications.on_subject(connection, subject):
        if one.waits and not await _is_approved(connection, subject, one.revision, digest):
            held = await cases.cases_of(connection, [claim_id for claim_id, _, _ in one.claims])
            claims = []
            for claim_id, person_id, revision in one.claims:
                theirs, said = claim_subject(held[claim_id].key), held[claim_id].case.content.digest
                if await _is_approved(connection, theirs, str(revision), said):
                    claims.append((claim_id, person_id, revision))
            found.append(replace(one, claims=tuple(claims)))
    return found


async def _is_approved(connection: Connection, subject: str, revision: str, digest: str) -> bool:
    return is_approved(await trusted_entries(connection, subject), revision, digest)


async def _next_revision(connection: Connection, subject: str) -> str:
    """Return the number of a subject's next publication: what was approved for an earlier one is spent."""
    return str(len(await publications.on_subject(connection, subject)) + 1)


async def _next_version(connection: Connection, subject: str, digest: str) -> str:
    """Return how an article's next publication names its text: by its digest, a sign less of it each time.

    So no word on one that was rejected counts for the next.
    """
    return digest[: _LONGEST_VERSION - len(await _earlier(connection, subject, digest))]


async def _earlier(connection: Connection, subject: str, digest: str) -> list[publications.StoredPublication]:
    """Return the publications of exactly this news, also where who signed them was revoked since."""
    said = (Action.PUBLISH.value, digest)
    entries = await audit.entries(connection, subject)
    revisions = {entry.revision for entry in entries if (entry.action, entry.digest) == said}
    return [one for one in await publications.on_subject(connection, subject) if one.revision in revisions]


async def _goes(connection: Connection, one: publications.StoredPublication, digest: str) -> bool:
    """Return whether readers were told, or will be."""
    approved = one.waits and await _is_approved(connection, one.subject, one.revision, digest)
    return approved or one.state is PublicationState.GOING


async def _goes_already(connection: Connection, news: News) -> bool:
    every = await publications.on_subject(connection, news.subject)
    return any([await _goes(connection, one, news.digest) for one in every])


async def _each(
    acts: Sitting, event: str, take: Callable[[Sitting, str], Awaitable[StoredCase]]
) -> tuple[Taken, list[StoredCase]]:
    done: list[StoredCase] = []
    left_out: list[tuple[str, Refusal]] = []
    for key in await cases.named_in(acts.connection, event):
        try:
            done.append(await take(acts, key))
        except NotDoneError as error:
            if error.reason not in _NOTHING_MISSING:
                left_out.append((key, error.reason))
    return Taken(tuple(one.key for one in done), tuple(left_out)), done


async def _published(acts: Sitting, key: str) -> StoredCase:
    stored, _kind = await publish_claim(acts, key)
    return stored


async def _confirm(acts: Sitting, news: News) -> None:
    await _refuse_published(acts.connection, news)
    for entry in await trusted_entries(acts.connection, news.subject):
        mine = (acts.signer.handle, Action.CONFIRM.value, news.revision, news.digest)
        if (entry.editor, entry.action, entry.revision, entry.digest) == mine:
            raise NotDoneError(Refusal.CONFIRMED)
    await acts.sign(Action.CONFIRM, news.subject, news.revision, news.digest)


async def _follow(acts: Sitting, news: News) -> None:
    """Publish what another editor confirmed exactly so."""
    await _refuse_published(acts.connection, news)
    entries = await trusted_entries(acts.connection, news.subject)
    approvals = [approval_of(entry) for entry in entries if entry.revision == news.revision]
    refusal = needs_another(approvals, Action.CONFIRM, acts.signer.handle, news.digest)
    if refusal is not None:
        raise NotDoneError(refusal)
    await acts.sign(Action.PUBLISH, news.subject, news.revision, news.digest)


async def _refuse_published(connection: Connection, news: News) -> None:
    """Refuse the same news a second time. A release may be published again, with names that came later."""
    if news.subject.startswith("event/"):
        return
    for one in await _earlier(connection, news.subject, news.digest):
        if await _goes(connection, one, news.digest):
            raise NotDoneError(Refusal.PUBLISHED)


async def _queue(
    acts: Sitting, news: News, kind: PublicationKind, claims: Sequence[tuple[int, int, int]] = ()
) -> None:
    await publications.queue(
        acts.connection,
        news.subject,
        news.revision,
        kind,
        subjects=news.subjects,
        claims=claims,
        at=acts.at,
    )
