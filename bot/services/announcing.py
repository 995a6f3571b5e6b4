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
    sitting,
    trusted_entries,
)
from bot.services.reviewing import confirm_claim, publish_claim
from bot.store import audit, cases, publications
from bot.store.cases import StoredCase
from bot.store.database import Connection, Database

_SECOND = frozenset({Action.PUBLISH.value, Action.CORRECT.value, Action.RETRACT.value})


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

        What waits of it as it was before a change, and would for ever, goes in this one.
        """
        async with sitting(self._database, signer, self._now()) as acts:
            news = await _event(acts.connection, key)
            await _follow(acts, news)
            stuck = await overtaken(acts.connection, news.subject, news.digest)
            taken, done = await _each(acts, key, _published)
            if not done and not stuck and taken.left_out:
                raise NotDoneError(taken.left_out[0][1])
            if not done and not stuck and await publications.on_subject(acts.connection, news.subject):
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
            await _follow(acts, news)
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
        """Stop a publication that has not gone, for good; on one editor's word, as with all silence."""
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
        return News(subject, digest[:16], digest, heard)
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
    """Return what waits of a release, given its digest of today, that two approved as it was before.

    It never goes. What two approved of each claim in it still holds; where that does not, it is left alone.
    """
    found = []
    for one in await publications.on_subject(connection, subject):
        if not one.waits or await _is_approved(connection, subject, one.revision, digest):
            continue
        held = await cases.cases_of(connection, [claim_id for claim_id, _, _ in one.claims])
        for claim_id, _person, revision in one.claims:
            theirs, said = claim_subject(held[claim_id].key), held[claim_id].case.content.digest
            if not await _is_approved(connection, theirs, str(revision), said):
                break
        else:
            found.append(one)
    return found


async def _is_approved(connection: Connection, subject: str, revision: str, digest: str) -> bool:
    """Return whether one editor confirmed exactly this and another published it, by words that count."""
    entries = [entry for entry in await trusted_entries(connection, subject) if entry.revision == revision]
    seconds = [e.editor for e in entries if (e.action, e.digest) == (Action.PUBLISH.value, digest)]
    approvals = [approval_of(entry) for entry in entries]
    return any(needs_another(approvals, Action.CONFIRM, editor, digest) is None for editor in seconds)


async def _next_revision(connection: Connection, subject: str) -> str:
    """Return the number of a subject's next publication: what was approved for an earlier one is spent."""
    return str(len(await publications.on_subject(connection, subject)) + 1)


async def _each(
    acts: Sitting, event: str, take: Callable[[Sitting, str], Awaitable[StoredCase]]
) -> tuple[Taken, list[StoredCase]]:
    done: list[StoredCase] = []
    left_out: list[tuple[str, Refusal]] = []
    for key in await cases.named_in(acts.connection, event):
        try:
            done.append(await take(acts, key))
        except NotDoneError as error:
            if error.reason is not Refusal.CONFIRMED:  # by this editor, as it stands: nothing is missing
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
    earlier = {one.revision: one for one in await publications.on_subject(connection, news.subject)}
    if news.revision in earlier:
        raise NotDoneError(Refusal.PUBLISHED)
    # Whoever signed it, and was revoked since: readers were told, or will be.
    for entry in await audit.entries(connection, news.subject):
        one = earlier.get(entry.revision)
        is_this = (entry.action, entry.digest) == (Action.PUBLISH.value, news.digest)
        if is_this and one is not None and one.state is not PublicationState.REJECTED:
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
