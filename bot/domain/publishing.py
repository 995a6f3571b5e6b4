"""Publishing: reported, confirmed, published, corrected or retracted; who may take which step, and why not.

No alert leaves on one person's word: what a reader is told of by itself was approved, exactly as it
stands, by two different editors.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from bot.domain.articles import Area
from bot.domain.digests import digest_of, pages
from bot.domain.independence import are_apart, has_two_origins
from bot.domain.people import (
    Claim,
    ClaimKind,
    ClaimState,
    Consent,
    Manner,
    Outcome,
    Passport,
    Precision,
    Source,
    When,
)
from bot.domain.refusals import Refusal
from bot.domain.subjects import Subject
from bot.domain.timeline import ReleaseEvent

UNPUBLISHED = frozenset({ClaimState.REPORTED, ClaimState.CONFIRMED})
"""Where a claim stands that no reader sees yet."""


class Action(enum.StrEnum):
    """What an editor can do; each stands in the audit and in what is signed.

    SUPPRESS makes a claim quieter. CONFIRM_HELD is the third confirmation of what the circuit breaker
    stopped, REJECT stops a publication for good, MERGE makes two records of one person one, DECLINE says
    that they are two. The last three are the operator's: who is an editor, and with which codes.
    """

    REPORT = "report"
    CONFIRM = "confirm"
    PUBLISH = "publish"
    CORRECT = "correct"
    RETRACT = "retract"
    SUPPRESS = "suppress"
    CONFIRM_HELD = "confirm_held"
    REJECT = "reject"
    MERGE = "merge"
    DECLINE = "decline"
    ADD_EDITOR = "add_editor"
    REVOKE_EDITOR = "revoke_editor"
    RENEW_CODES = "renew_codes"


class PublicationKind(enum.StrEnum):
    """What a publication brings."""

    RELEASE = "release"
    CORRECTION = "correction"
    RETRACTION = "retraction"
    NEWS = "news"


class PublicationState(enum.StrEnum):
    """How far a publication has come. HELD: stopped by the circuit breaker.

    SUPERSEDED and REJECTED ones stay in their table and never go.
    """

    QUEUED = "queued"
    HELD = "held"
    GOING = "going"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Publication:
    """What two editors approved to be told.

    `number` is 0 until the sender has given one; it grows and is never used again. `people` are the
    numbers of the persons it speaks of by name, `subjects` who hears of it besides their followers;
    `revises` is the number of the publication it corrects or retracts, 0 for none. `for_followers`: of a
    release of many, whom it names by now to their own followers alone; `silenced`: whom to nobody any more.
    `taken_back`: of whom what it says was retracted since, whatever became of that retraction.
    """

    number: int
    key: str
    kind: PublicationKind
    people: frozenset[int]
    subjects: frozenset[Subject]
    revises: int
    published_at: datetime
    for_followers: frozenset[int] = frozenset()
    silenced: frozenset[int] = frozenset()
    taken_back: frozenset[int] = frozenset()

    @property
    def all_people(self) -> frozenset[int]:
        """Return whom it names to anybody: whoever follows one of them is told."""
        return self.people | self.for_followers if self.for_followers else self.people

    @property
    def is_of_many(self) -> bool:
        """Return whether it tells of a release as a whole: each reader of their own in it."""
        return self.key.startswith("event/")


ALERTING = frozenset({ClaimKind.RELEASED})
"""What a published claim alerts of. Other claims change a card and reach nobody by themselves."""


@dataclass(frozen=True, slots=True)
class Content:
    """Exactly what a claim says; `persons` are keys of the registry.

    `family_word` names the editor who recorded the family's word, never who said it.
    """

    kind: ClaimKind
    when: When
    persons: tuple[str, ...]
    sources: tuple[Source, ...]
    outcome: Outcome = Outcome.NOT_STATED
    country: str | None = None
    passport: Passport | None = None
    manner: Manner | None = None
    place_key: str | None = None
    event_key: str | None = None
    consent: Consent = Consent.PUBLIC
    family_word: str = ""

    @classmethod
    def of(cls, claim: Claim, person: str, family_word: str = "") -> Content:
        """Take what a claim about a person says."""
        said = {name: getattr(claim, name) for name in _SAID}
        return cls(**said, persons=(person,), family_word=family_word)

    @property
    def digest(self) -> str:
        """Return a digest that changes with anything that could be told."""
        return _digest(self)

    @property
    def told(self) -> Content:
        """Return what readers are told: neither its pages nor the release it is counted in reach anybody."""
        return replace(self, sources=(), event_key=None, family_word="")


@lru_cache(maxsize=256)
def _digest(content: Content) -> str:
    return digest_of([replace(content, sources=()), pages(content.sources)])


_SAID = (
    *("kind", "when", "sources", "outcome", "country", "passport", "manner"),
    *("place_key", "event_key", "consent"),
)


@dataclass(frozen=True, slots=True)
class Approval:
    """One editor's word on exactly one content."""

    action: Action
    editor: str
    digest: str


@dataclass(frozen=True, slots=True)
class Case:
    """A claim under review: what it says, what a waiting correction would say, and who approved what.

    `approvals` are those of the revision at hand: a change begins a new revision, and no approval of
    an earlier one counts. `untold`: the last publication about it has not gone; a correction takes its place.
    `stopped`: what that one was, where it will never go, as it was rejected or the word of an editor on it
    counts no longer. Two editors approve it anew, by the acts that approved it before.
    """

    content: Content
    state: ClaimState = ClaimState.REPORTED
    revision: int = 1
    draft: Content | None = None
    approvals: frozenset[Approval] = frozenset()
    untold: bool = False
    stopped: PublicationKind | None = None

    @property
    def confirmed_as(self) -> int:
        """Return the revision that a confirmation is of: a release that was stopped begins a new one."""
        return self.revision + 1 if self.stopped is PublicationKind.RELEASE else self.revision


@dataclass(frozen=True, slots=True)
class Step:
    """What an action comes to: how the case stands then, and what is published by it."""

    case: Case
    publishes: PublicationKind | None = None


def report(case: Case | None, content: Content, *, is_of_another: bool = False) -> Step | Refusal:
    """Report a claim, or replace its report while nothing of it is published.

    `is_of_another`: another editor reported it, and whoever does now does not expressly replace it.
    """
    refusal = _kept(case, content, is_of_another=is_of_another) if case else None
    if refusal:
        return refusal
    if _silences_a_year(content):
        return Refusal.WHOLE_YEAR
    return Step(Case(content, revision=case.revision + 1 if case else 1))


def _kept(case: Case, content: Content, *, is_of_another: bool) -> Refusal | None:
    """Say why what is reported is not replaced by a new report."""
    refusal = _open(case)
    if refusal:
        return Refusal.SPENT if refusal is Refusal.RETRACTED else refusal
    if content.digest == case.content.digest:
        return Refusal.REPORTED
    if _is_other_claim(case, content):
        return Refusal.OTHER_REPORT
    return Refusal.ANOTHERS_REPORT if is_of_another else None


def _is_other_claim(case: Case, content: Content) -> bool:
    return (content.kind, content.persons) != (case.content.kind, case.content.persons)


def confirm(case: Case, editor: str) -> Step | Refusal:
    """Confirm a reported claim, or a published one whose release was stopped: readers go on seeing it."""
    refusal = not_open(case) or evidence_lacks(case.content)
    if refusal:
        return refusal
    approval = Approval(Action.CONFIRM, editor, case.content.digest)
    state = ClaimState.CONFIRMED if case.state in UNPUBLISHED else case.state
    if approval in case.approvals and case.state is state:
        return Refusal.CONFIRMED
    return Step(replace(case, state=state, approvals=case.approvals | {approval}))


def publish(case: Case, editor: str) -> Step | Refusal:
    """Publish what another editor has confirmed as it stands now."""
    refusal = not_open(case) or evidence_lacks(case.content)
    if refusal:
        return refusal
    if case.state is ClaimState.REPORTED:
        return Refusal.NOT_CONFIRMED
    refusal = needs_another(case.approvals, Action.CONFIRM, editor, case.content.digest)
    if refusal:
        return refusal
    alerts = case.content.kind in ALERTING
    state = ClaimState.PUBLISHED if case.state in UNPUBLISHED else case.state
    published = Case(case.content, state, case.confirmed_as, case.draft)
    return Step(published, PublicationKind.RELEASE if alerts else None)


def correct(
    case: Case, editor: str, draft: Content | None = None, *, replaces: bool = False
) -> Step | Refusal:
    """Propose a correction of what is published, or approve the one that waits; it takes two editors.

    Another's that waits gives way only to one that expressly `replaces` it. One that was made quieter before
    it went waits anew, though the claim says the same by then: whoever was told wrongly is still owed it.
    One by which readers were told nothing wrong is told to nobody: it would be an alarm in the night.
    """
    refusal = _spoken(case)
    if refusal:
        return refusal
    if draft is not None and not replaces and _waits_of_another(case, editor, draft):
        return Refusal.ANOTHER_WAITS
    draft = draft or case.draft or (case.content if case.stopped is PublicationKind.CORRECTION else None)
    waits = draft is not None and case.draft is not None and case.draft.digest == draft.digest
    is_owed = waits or case.stopped is PublicationKind.CORRECTION
    if draft is None or (draft.digest == case.content.digest and not is_owed):
        return Refusal.NO_CHANGE
    if _is_other_claim(case, draft):
        return Refusal.ANOTHER_CLAIM
    if draft.consent is Consent.SUPPRESSED:
        return Refusal.ALONE
    refusal = evidence_lacks(draft)
    if refusal:
        return refusal
    if not waits:
        # Who approved it before something else took its place has withdrawn it, or was overruled.
        kept = frozenset(a for a in case.approvals if a.action is not Action.CORRECT)
        case = replace(case, draft=draft, approvals=kept)
    waiting = _second(case, Action.CORRECT, editor, draft.digest)
    if waiting is not None:
        return waiting
    corrected = Case(draft, ClaimState.CORRECTED, case.revision + 1)
    is_same = draft.digest == case.content.digest  # and whoever was told wrongly is owed it
    is_told = is_same or case.untold or draft.told != case.content.told
    return Step(corrected, PublicationKind.CORRECTION if is_told and draft.kind in ALERTING else None)


def retract(case: Case, editor: str) -> Step | Refusal:
    """Take a claim back: what is published by two editors, what is only reported by one."""
    if case.state is ClaimState.RETRACTED and case.stopped is not PublicationKind.RETRACTION:
        return Refusal.RETRACTED
    retracted = Case(case.content, ClaimState.RETRACTED, case.revision + 1)
    if case.state in UNPUBLISHED:
        return Step(retracted)
    waiting = _second(case, Action.RETRACT, editor, case.content.digest)
    if waiting is not None:
        return waiting
    # Who asked for silence is not named once more to be taken back.
    told = case.content.kind in ALERTING and case.content.consent is not Consent.SUPPRESSED
    return Step(retracted, PublicationKind.RETRACTION if told else None)


def suppress(case: Case, consent: Consent) -> Step | Refusal:
    """Make a claim quieter at once, on one editor's word: silence needs no second one."""
    if case.state is ClaimState.RETRACTED:
        return Refusal.RETRACTED
    if _LOUDNESS.index(consent) >= _LOUDNESS.index(case.content.consent):
        return Refusal.NOT_QUIETER
    quieter = replace(case.content, consent=consent)
    if case.state not in UNPUBLISHED:
        return Step(Case(quieter, case.state, case.revision + 1))
    if _silences_a_year(quieter):
        return Refusal.WHOLE_YEAR
    return Step(Case(quieter, revision=case.revision + 1))


def _silences_a_year(content: Content) -> bool:
    """Return whether nobody could report what happens in a year: what one editor made up would forbid it."""
    return content.consent is Consent.SUPPRESSED and content.when.precision is Precision.YEAR


_LOUDNESS = (Consent.SUPPRESSED, Consent.FOLLOWERS, Consent.PUBLIC)


def not_open(case: Case) -> Refusal | None:
    """Say why a case can neither be confirmed nor published, if it cannot."""
    refusal = _open(case)
    return None if refusal is Refusal.PUBLISHED and case.stopped is PublicationKind.RELEASE else refusal


def _open(case: Case) -> Refusal | None:
    """Say why a case is no longer, or not at all, on its way to being published."""
    if case.content.consent is Consent.SUPPRESSED:
        return Refusal.SUPPRESSED
    if case.state is ClaimState.RETRACTED:
        return Refusal.RETRACTED
    return None if case.state in UNPUBLISHED else Refusal.PUBLISHED


def _spoken(case: Case) -> Refusal | None:
    if case.content.consent is Consent.SUPPRESSED:
        return Refusal.SUPPRESSED
    if case.state is ClaimState.RETRACTED:
        return Refusal.RETRACTED
    return Refusal.NOT_PUBLISHED if case.state in UNPUBLISHED else None


def _waits_of_another(case: Case, editor: str, draft: Content) -> bool:
    """Return whether another editor's correction waits that says something else."""
    waiting = case.draft.digest if case.draft else draft.digest
    return waiting != draft.digest and bool(approvers_of(case.approvals, waiting) - {editor})


def _second(case: Case, action: Action, editor: str, digest: str) -> Step | Refusal | None:
    """Return None when another editor approved the same; else the first approval, or a refusal."""
    approval = Approval(action, editor, digest)
    if any(other != approval and _same_word(other, approval) for other in case.approvals):
        return None
    if approval in case.approvals:
        return Refusal.SAME_EDITOR
    return Step(replace(case, approvals=case.approvals | {approval}))


def _same_word(first: Approval, second: Approval) -> bool:
    return (first.action, first.digest) == (second.action, second.digest)


def needs_another(approvals: Iterable[Approval], action: Action, editor: str, digest: str) -> Refusal | None:
    """Say what is missing before an editor may follow another one who approved exactly this, if anything."""
    editors = {a.editor for a in approvals if (a.action, a.digest) == (action, digest)}
    if editors - {editor}:
        return None
    return Refusal.SAME_EDITOR if editors else Refusal.NOT_CONFIRMED


def are_two(approvals: Iterable[Approval], first: Action, second: Action, digest: str) -> bool:
    """Return whether an editor gave the second word on exactly this, and another one the first."""
    approvals = list(approvals)
    seconds = [a.editor for a in approvals if (a.action, a.digest) == (second, digest)]
    return any(needs_another(approvals, first, editor, digest) is None for editor in seconds)


_APPROVING = frozenset({Action.CONFIRM, Action.PUBLISH, Action.CORRECT, Action.RETRACT})


def approvers_of(approvals: Iterable[Approval], digest: str) -> frozenset[str]:
    """Return who approved exactly this, first or second: the third confirmation is no word of theirs."""
    return frozenset(a.editor for a in approvals if a.action in _APPROVING and a.digest == digest)


def needs_a_third(approvals: Iterable[Approval], editor: str, digest: str) -> Refusal | None:
    """Say why an editor's word is not the third one on what was approved so, if it is not."""
    return Refusal.THIRD_EDITOR if editor in approvers_of(approvals, digest) else None


def evidence_lacks(content: Content) -> Refusal | None:
    """Say what a claim still needs to be believed; reprints of one report count once."""
    independent = has_two_origins(content.sources)
    if content.kind is ClaimKind.DIED:
        apart = are_apart(source.publisher.name for source in content.sources)
        return None if independent and apart else Refusal.ONE_PUBLISHER
    if content.kind in ALERTING:
        return None if independent or content.family_word else Refusal.ONE_ORIGIN
    return None if content.sources or content.family_word else Refusal.NO_SOURCE


def subjects_of(content: Content) -> frozenset[Subject]:
    """Return who hears of a claim besides the followers of its person."""
    return frozenset({Subject.ALL_RELEASES}) if content.consent is Consent.PUBLIC else frozenset()


def subjects_of_event(event: ReleaseEvent) -> frozenset[Subject]:
    """Return who hears of a release as a whole."""
    group = event.number > 1 or bool(event.unnamed)
    return frozenset({Subject.ALL_RELEASES, *([Subject.GROUP_RELEASES] if group else [])})


_TALKS = frozenset({Subject.SANCTIONS_AND_TALKS})
ARTICLE_SUBJECTS = {
    Area.LEGAL: frozenset({Subject.LEGAL_NEWS}),
    Area.REINTEGRATION: frozenset({Subject.AFTER_RELEASE_NEWS}),
}
"""Who hears of a changed article, by its area; of another area's nobody does."""
NEWS_SUBJECTS = {"sanction": {_TALKS}, "diplomacy": {_TALKS}, "article": set(ARTICLE_SUBJECTS.values())}
"""Who may hear of news, by the word its key begins with."""
