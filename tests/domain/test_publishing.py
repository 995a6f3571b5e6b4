"""Publishing: every road that up to three editors can take, and what no road leads to."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.breaker import Limits, band, breaks
from bot.domain.digests import digest_of_act, digest_of_topic
from bot.domain.people import ClaimKind, ClaimState, Consent, Manner, Outcome, Passport, Source, When
from bot.domain.publishing import (
    Action,
    Approval,
    Case,
    Content,
    PublicationKind,
    Step,
    confirm,
    correct,
    evidence_lacks,
    needs_a_third,
    publish,
    report,
    retract,
    subjects_of,
    subjects_of_event,
    suppress,
)
from bot.domain.refusals import Refusal
from bot.domain.subjects import Subject
from tests.builders import LISTED, PLAIN, a_publisher, a_release, a_sanction, a_source, a_topic

OTHER = "https://listed.example/page"
TWO = (a_source(PLAIN, origin="One"), a_source(LISTED, OTHER, origin="Two"))
REPRINTS = (
    a_source(PLAIN, origin="One"),
    a_source(LISTED, OTHER, origin="one "),
    a_source(url="https://x.example/", origin="ONE"),
)


def a_content(
    kind: ClaimKind = ClaimKind.RELEASED,
    outcome: Outcome = Outcome.NOT_STATED,
    *,
    sources: tuple[Source, ...] = TWO,
    consent: Consent = Consent.PUBLIC,
    family_word: str = "",
) -> Content:
    return Content(
        kind,
        When.parse("2026-11-27"),
        ("demo-1",),
        sources,
        outcome=outcome,
        consent=consent,
        family_word=family_word,
    )


FIRST, SECOND = a_content(), a_content(outcome=Outcome.AT_HOME)

Deed = tuple[Action, str, Content | Consent | None]
Said = frozenset[tuple[Action, str, str]]


def deeds(editors: str, contents: tuple[Content, ...]) -> list[Deed]:
    """Return everything that these editors can do with these contents."""
    return [
        deed
        for editor in editors
        for deed in (
            *((Action.REPORT, editor, content) for content in contents),
            *((Action.CORRECT, editor, content) for content in (None, *contents)),
            *((Action.SUPPRESS, editor, consent) for consent in Consent),
            *((action, editor, None) for action in (Action.CONFIRM, Action.PUBLISH, Action.RETRACT)),
        )
    ]


def taken(case: Case | None, deed: Deed) -> Step | Refusal:
    action, editor, what = deed
    if action is Action.REPORT:
        assert isinstance(what, Content)
        return report(case, what)
    if case is None:
        return Refusal.NOT_THERE
    if isinstance(what, Consent):
        return suppress(case, what)
    if action is Action.CORRECT:
        return correct(case, editor, what, replaces=True)  # more roads than without
    plain: dict[Action, Callable[[], Step | Refusal]] = {
        Action.CONFIRM: lambda: confirm(case, editor),
        Action.PUBLISH: lambda: publish(case, editor),
        Action.RETRACT: lambda: retract(case, editor),
    }
    return plain[action]()


Road = tuple[Case | None, Said, Deed, Step | Refusal]


def stopped(after: tuple[Case, Said], published: PublicationKind | None) -> list[tuple[Case, Said]]:
    """Return what comes of it when what was published is rejected: nobody's word on it counts any more.

    A correction that came before its release had gone is a release.
    """
    kinds = {published} if published else set()
    if published is PublicationKind.CORRECTION:
        kinds |= {PublicationKind.RELEASE}
    return [(replace(after[0], stopped=kind), frozenset()) for kind in sorted(kinds)]


@functools.cache
def every_road(editors: str, contents: tuple[Content, ...]) -> tuple[Road, ...]:
    """Walk every sequence of deeds until nothing new comes: a case, what was said of it, a deed, its end.

    What editors said is kept here by itself, since what a case last became what it says.
    """
    start: tuple[Case | None, Said] = (None, frozenset())
    seen, waiting, roads = {start}, [start], []
    while waiting:
        case, said = waiting.pop()
        for deed in deeds(editors, contents):
            ended = taken(case, deed)
            roads.append((case, said, deed, ended))
            if isinstance(ended, Refusal):
                continue
            changed = case is None or ended.case.revision != case.revision
            about = ended.case.draft if deed[0] is Action.CORRECT else ended.case.content
            word = (deed[0], deed[1], (about or ended.case.content).digest)
            # What a correction took the place of, nobody approves any more.
            is_other = deed[0] is Action.CORRECT and case is not None and case.draft != about
            kept = frozenset(one for one in said if not is_other or one[0] is not Action.CORRECT)
            # Revisions grow for ever; what can happen in one does not depend on its number.
            after = (replace(ended.case, revision=1), frozenset() if changed else kept | {word})
            for one in (after, *stopped(after, ended.publishes)):
                if one not in seen:
                    seen.add(one)
                    waiting.append(one)
    return tuple(roads)


def published(editors: str, contents: tuple[Content, ...]) -> Counter[PublicationKind]:
    """Count the ways by which these editors publish something."""
    steps = (ended for *_, ended in every_road(editors, contents) if isinstance(ended, Step))
    return Counter(step.publishes for step in steps if step.publishes is not None)


def test_three_editors_reach_every_kind_of_publication_and_every_state() -> None:
    states = set()
    for *_, ended in every_road("abc", (FIRST, SECOND)):
        states |= {ended.case.state} if isinstance(ended, Step) else set()

    assert states == set(ClaimState)
    assert set(published("abc", (FIRST, SECOND))) == {
        PublicationKind.RELEASE,
        PublicationKind.CORRECTION,
        PublicationKind.RETRACTION,
    }


def test_whatever_is_published_another_editor_said_exactly_so_before() -> None:
    first_word = {
        PublicationKind.RELEASE: Action.CONFIRM,
        PublicationKind.CORRECTION: Action.CORRECT,
        PublicationKind.RETRACTION: Action.RETRACT,
    }
    count = 0
    for _, said, (_, editor, _), ended in every_road("abc", (FIRST, SECOND)):
        if isinstance(ended, Step) and ended.publishes is not None:
            count += 1
            exactly = ended.case.content.digest
            others = {
                who
                for action, who, digest in said
                if (action, digest) == (first_word[ended.publishes], exactly)
            }
            assert others - {editor}

    assert count > 20


def test_by_no_road_is_one_of_the_two_the_third_and_anybody_else_always_is() -> None:
    asked: Counter[PublicationKind] = Counter()
    for _, said, (action, editor, _), ended in every_road("abc", (FIRST, SECOND)):
        if isinstance(ended, Refusal) or ended.publishes is None:
            continue
        asked[ended.publishes] += 1
        exactly = ended.case.content.digest
        words = said | {(action, editor, exactly)}
        approvals = [Approval(*word) for word in words]
        thirds = {who for who in "abcd" if needs_a_third(approvals, who, exactly) is None}
        no_word = {Action.REPORT, Action.SUPPRESS}  # who reports or silences something approves nothing
        approved = {who for act, who, digest in words if digest == exactly and act not in no_word}
        assert len(approved) > 1
        assert thirds == set("abcd") - approved
        assert needs_a_third(approvals, editor, exactly) is Refusal.THIRD_EDITOR

    assert min(asked[kind] for kind in (PublicationKind.RELEASE, *asked)) > 5
    assert len(asked) == 3


def test_one_editor_alone_publishes_nothing_by_any_road() -> None:
    assert published("a", (FIRST, SECOND)) == {}
    assert sum(published("ab", (FIRST, SECOND)).values()) > 0


def test_reprints_of_one_report_publish_nothing_by_any_road() -> None:
    reprints = (a_content(sources=REPRINTS), a_content(outcome=Outcome.AT_HOME, sources=REPRINTS))

    assert published("abc", reprints) == {}


def test_one_page_under_two_names_publishes_nothing_by_any_road() -> None:
    twice = (a_source(PLAIN, "https://one.example/a", origin="One"),
             a_source(LISTED, "http://www.one.example/a/#top", origin="Two"))  # fmt: skip

    assert (
        published("abc", (a_content(sources=twice), a_content(outcome=Outcome.AT_HOME, sources=twice))) == {}
    )


def test_what_a_family_wants_silent_is_published_by_no_road() -> None:
    asked = 0
    for case, _, _, ended in every_road("abc", (FIRST, SECOND)):
        if case is not None and case.content.consent is Consent.SUPPRESSED:
            asked += 1
            assert isinstance(ended, Refusal) or ended.publishes is None
            assert isinstance(ended, Refusal) or ended.case.content.consent is Consent.SUPPRESSED

    assert asked > 20
    assert published("abc", (a_content(consent=Consent.SUPPRESSED),)) == {}


def test_no_road_leads_back_from_taken_back() -> None:
    ends = {
        ended
        for case, _, _, ended in every_road("ab", (FIRST, SECOND))
        if case is not None and case.state is ClaimState.RETRACTED
    }

    again = [ended for ended in ends if isinstance(ended, Step)]
    assert all(ended.case.state is ClaimState.RETRACTED for ended in again)
    assert {ended.publishes for ended in again} == {None, PublicationKind.RETRACTION}


def test_claims_that_alert_of_nothing_need_two_editors_and_publish_nothing() -> None:
    held = (a_content(ClaimKind.HELD, sources=TWO[:1]),)

    assert published("abc", held) == {}
    states = {e.case.state for *_, e in every_road("a", held) if isinstance(e, Step)}
    assert ClaimState.PUBLISHED not in states
    states = {e.case.state for *_, e in every_road("ab", held) if isinstance(e, Step)}
    assert ClaimState.PUBLISHED in states


def confirmed_by(*editors: str, content: Content = FIRST) -> Case:
    approvals = frozenset(Approval(Action.CONFIRM, editor, content.digest) for editor in editors)
    return Case(content, ClaimState.CONFIRMED, approvals=approvals)


PUBLIC = Case(FIRST, ClaimState.PUBLISHED)
REFUSED: list[tuple[str, Callable[[], Step | Refusal], Refusal]] = [
    ("publish unconfirmed", lambda: publish(Case(FIRST), "b"), Refusal.NOT_CONFIRMED),
    ("publish own", lambda: publish(confirmed_by("a"), "a"), Refusal.SAME_EDITOR),
    (
        "publish changed",
        lambda: publish(replace(confirmed_by("a"), content=SECOND), "b"),
        Refusal.NOT_CONFIRMED,
    ),
    ("publish twice", lambda: publish(PUBLIC, "b"), Refusal.PUBLISHED),
    ("report published", lambda: report(PUBLIC, SECOND), Refusal.PUBLISHED),
    ("confirm twice", lambda: confirm(confirmed_by("a"), "a"), Refusal.CONFIRMED),
    ("confirm reprints", lambda: confirm(Case(a_content(sources=REPRINTS)), "a"), Refusal.ONE_ORIGIN),
    (
        "confirm a silent one",
        lambda: confirm(Case(a_content(consent=Consent.SUPPRESSED)), "a"),
        Refusal.SUPPRESSED,
    ),
    (
        "report a silent one anew",
        lambda: report(Case(a_content(consent=Consent.SUPPRESSED)), FIRST),
        Refusal.SUPPRESSED,
    ),
    ("correct unpublished", lambda: correct(Case(FIRST), "a", SECOND), Refusal.NOT_PUBLISHED),
    ("correct nothing", lambda: correct(PUBLIC, "a"), Refusal.NO_CHANGE),
    ("correct into the same", lambda: correct(PUBLIC, "a", FIRST), Refusal.NO_CHANGE),
    (
        "correct the person",
        lambda: correct(PUBLIC, "a", replace(FIRST, persons=("demo-2",))),
        Refusal.ANOTHER_CLAIM,
    ),
    ("correct with reprints", lambda: correct(PUBLIC, "a", a_content(sources=REPRINTS)), Refusal.ONE_ORIGIN),
    ("retract twice", lambda: retract(Case(FIRST, ClaimState.RETRACTED), "a"), Refusal.RETRACTED),
    ("make louder", lambda: suppress(Case(FIRST), Consent.PUBLIC), Refusal.NOT_QUIETER),
]


@pytest.mark.parametrize(("what", "take", "reason"), REFUSED, ids=[what for what, *_ in REFUSED])
def test_what_is_refused_says_why(what: str, take: Callable[[], Step | Refusal], reason: Refusal) -> None:
    assert take() is reason, what


def test_one_editor_cannot_be_both_editors_of_a_correction_or_a_retraction() -> None:
    for first in (correct(PUBLIC, "a", SECOND), retract(PUBLIC, "a")):
        assert isinstance(first, Step)
        assert first.case.state is ClaimState.PUBLISHED
        again = correct(first.case, "a") if first.case.draft else retract(first.case, "a")
        assert again is Refusal.SAME_EDITOR


def test_a_first_correction_waits_and_another_draft_begins_anew() -> None:
    first = correct(PUBLIC, "a", SECOND)
    assert isinstance(first, Step)
    assert (first.case.content, first.case.draft, first.publishes) == (FIRST, SECOND, None)
    third = a_content(outcome=Outcome.HOUSE_ARREST)
    assert correct(first.case, "b", third) is Refusal.ANOTHER_WAITS
    mine = correct(first.case, "a", third)
    assert isinstance(mine, Step)
    assert mine.case.draft == third
    other = correct(first.case, "b", third, replaces=True)
    assert isinstance(other, Step)
    assert (other.case.draft, other.publishes) == (third, None)
    made = correct(other.case, "c")
    assert isinstance(made, Step)
    assert (made.case.content, made.case.state, made.case.revision) == (third, ClaimState.CORRECTED, 2)


def test_a_correction_that_another_one_took_the_place_of_takes_two_editors_anew() -> None:
    case = PUBLIC
    third = a_content(outcome=Outcome.HOUSE_ARREST)
    for editor, draft in (("a", SECOND), ("a", third), ("b", SECOND)):
        waits = correct(case, editor, draft, replaces=True)
        assert isinstance(waits, Step)
        assert (waits.case.content, waits.case.draft) == (FIRST, draft)
        case = waits.case
    assert correct(case, "b") is Refusal.SAME_EDITOR


def test_a_correction_made_quieter_before_it_went_takes_two_editors_once_more() -> None:
    quiet = a_content(consent=Consent.FOLLOWERS)
    owed = Case(quiet, ClaimState.CORRECTED, 3, draft=quiet)
    first = correct(owed, "a")
    assert isinstance(first, Step)
    assert (first.case.revision, first.publishes) == (3, None)
    assert correct(first.case, "a") is Refusal.SAME_EDITOR
    made = correct(first.case, "b")
    assert made == Step(Case(quiet, ClaimState.CORRECTED, 4), PublicationKind.CORRECTION)
    assert correct(made.case, "a", quiet) is Refusal.NO_CHANGE
    assert correct(replace(PUBLIC, draft=SECOND), "a", FIRST, replaces=True) is Refusal.NO_CHANGE


@pytest.mark.parametrize(
    ("change", "is_told"),
    [
        ({"sources": TWO[::-1] + REPRINTS[2:]}, False),
        ({"event_key": "R1"}, False),
        ({"family_word": "anna"}, False),
        *(
            (change, True)
            for change in (
                {"when": When.parse("2026-11")},
                {"outcome": Outcome.AT_HOME},
                {"country": "PL"},
                {"passport": Passport.WITHOUT},
                {"manner": Manner.PARDON},
                {"place_key": "c"},
                {"consent": Consent.FOLLOWERS},
                {"event_key": "R1", "country": "PL"},
            )
        ),
    ],
)
def test_a_correction_is_told_where_it_changes_what_readers_were_told(
    change: dict[str, Any], is_told: bool
) -> None:
    for untold in (False, True):
        case, draft = replace(PUBLIC, untold=untold), replace(FIRST, **change)
        first = correct(case, "a", draft)
        assert isinstance(first, Step)
        made = correct(first.case, "b")
        # What has not gone is told as it is now, or nobody would ever be.
        kind = PublicationKind.CORRECTION if is_told or untold else None
        assert made == Step(Case(draft, ClaimState.CORRECTED, 2), kind)


def test_the_family_s_word_stands_for_a_second_origin_but_not_for_a_death() -> None:
    assert evidence_lacks(a_content(sources=(), family_word="anna")) is None
    assert evidence_lacks(a_content(sources=TWO[:1])) is Refusal.ONE_ORIGIN
    assert (
        evidence_lacks(a_content(ClaimKind.DIED, family_word="anna", sources=TWO[:1]))
        is Refusal.ONE_PUBLISHER
    )
    assert evidence_lacks(a_content(ClaimKind.DIED)) is None
    one_publisher = (a_source(PLAIN, origin="One"), a_source(PLAIN, OTHER, origin="Two"))
    assert evidence_lacks(a_content(ClaimKind.DIED, sources=one_publisher)) is Refusal.ONE_PUBLISHER
    look_alikes = (
        a_source(a_publisher("Вecнa"), origin="One"),
        a_source(a_publisher("Весна"), OTHER, origin="Two"),
    )
    assert evidence_lacks(a_content(ClaimKind.DIED, sources=look_alikes)) is Refusal.ONE_PUBLISHER
    assert evidence_lacks(a_content(ClaimKind.HELD, sources=())) is Refusal.NO_SOURCE


def test_a_digest_changes_with_anything_that_could_be_told_and_with_nothing_else() -> None:
    others = [
        *(replace(FIRST, kind=ClaimKind.HELD), replace(FIRST, when=When.parse("2026-11")), SECOND),
        *(replace(FIRST, country="LT"), replace(FIRST, place_key="c"), replace(FIRST, event_key="R1")),
        *(replace(FIRST, consent=Consent.FOLLOWERS), replace(FIRST, persons=("demo-2",))),
        *(replace(FIRST, family_word="anna"), replace(FIRST, sources=TWO[:1])),
    ]
    assert len({content.digest for content in (FIRST, *others)}) == len(others) + 1

    designated = replace(
        TWO[0], publisher=a_publisher(TWO[0].publisher.name, LISTED.kind, LISTED.designation)
    )
    assert replace(FIRST, sources=(TWO[1], designated)).digest == FIRST.digest


def test_events_and_articles_have_digests_of_what_they_say() -> None:
    release = a_release("2026-11-27", number=3)
    assert digest_of_act(release) != digest_of_act(replace(release, number=4))
    assert digest_of_act(release) != digest_of_act(replace(release, sources=TWO))
    assert digest_of_act(a_sanction("2026-11-27")) != digest_of_act(a_sanction("2026-11-26"))
    topic = a_topic()
    checked = {language: replace(one, checked_on=TWO[0].read_on) for language, one in topic.items()}
    assert digest_of_topic(checked) == digest_of_topic(topic)
    assert digest_of_topic(a_topic(title="Other first steps")) != digest_of_topic(topic)


def test_who_hears_of_a_claim_and_of_a_release() -> None:
    assert subjects_of(FIRST) == {Subject.ALL_RELEASES}
    assert subjects_of(a_content(consent=Consent.FOLLOWERS)) == set()
    both = {Subject.ALL_RELEASES, Subject.GROUP_RELEASES}
    assert subjects_of_event(a_release("2026-11-27", number=52)) == both
    assert subjects_of_event(a_release("2026-11-27", number=1, unnamed=1)) == both
    assert subjects_of_event(a_release("2026-11-27", number=1)) == {Subject.ALL_RELEASES}


@pytest.mark.parametrize(
    ("reach", "registry_size", "stops"),
    [(0, 0, False), (100, 100, False), (101, 150, True), (101, 10_000, False), (1000, 2000, False),
     (1001, 10**6, True)],
)  # fmt: skip
def test_the_circuit_breaker_stops_at_a_number_or_a_share(
    reach: int, registry_size: int, *, stops: bool
) -> None:
    assert breaks(reach, registry_size, Limits(most=1000, share=0.5, fewest=100)) is stops


def test_reach_is_told_as_a_band() -> None:
    assert [band(reach) for reach in (0, 9, 10, 99, 100, 999, 8000)] == [
        *("< 10", "< 10", "< 100", "< 100", "< 1000", "< 1000", "< 10000"),
    ]
