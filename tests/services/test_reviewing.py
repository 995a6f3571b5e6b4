"""Reviewing: two editors publish, nobody else does; what is changed under way does not go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from bot.bench.newsroom import TWO_ORIGINS, a_page
from bot.domain.articles import Library
from bot.domain.audit import Entry
from bot.domain.people import TO_FOLLOWERS, ClaimState, Consent, Standing, status_of
from bot.domain.publishing import Action, PublicationKind, PublicationState
from bot.domain.refusals import Refusal
from bot.domain.subjects import Subject
from bot.services import signing
from bot.services.approving import NotDoneError, Signer, claim_subject
from bot.services.drafting import Draft
from bot.services.row_rules import RefusedError
from bot.services.verifying import Doubt
from bot.services.waiting import waiting
from bot.store import audit, publications
from bot.store.cases import StoredCase, find_case
from bot.store.people import find_people
from bot.store.tables import claim, editor, publication, publication_person, source
from tests.editors import NOTHING_SAID, Office, a_release_of, doubt, refused, verify

EMPTY = Draft(NOTHING_SAID)
NOBODY: frozenset[Subject] = frozenset()


async def stored(office: Office, key: str) -> StoredCase:
    async with office.database.reading() as connection:
        found = await find_case(connection, key)
    assert found is not None
    return found


async def test_what_was_taken_back_is_reported_anew_under_a_key_of_its_own(office: Office) -> None:
    key = await office.reported()
    assert await office.reviewing.retract(office.signer("boris"), key)
    draft = Draft(a_release_of(1), TWO_ORIGINS)

    reason = await refused(office.reviewing.report(office.signer("boris"), draft))
    assert reason == "it was taken back: give the new report a key of its own with --claim"
    assert await office.reviewing.report(office.signer("boris"), draft, f"{key}/2") == f"{key}/2"
    await office.reviewing.confirm(office.signer("boris"), f"{key}/2")
    await office.reviewing.publish(office.signer("anna"), f"{key}/2")
    assert (await stored(office, f"{key}/2")).case.state is ClaimState.PUBLISHED


async def test_a_release_of_the_night_in_minsk_is_of_today(office: Office) -> None:
    office.moment = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)
    pages = [page | {"published_on": "2026-11-29", "read_on": "2026-11-29"} for page in TWO_ORIGINS]

    assert await office.reported(date="2026-11-29", pages=pages) == "demo-1/released/2026-11-29"
    with pytest.raises(RefusedError, match="a date in the future: date"):
        await office.reported(2, date="2026-11-30")


async def test_a_page_given_twice_is_refused_however_its_address_is_written(office: Office) -> None:
    again = {**a_page(2), "url": f"http://www.{a_page(1)['url'].removeprefix('https://')}/#here"}
    with pytest.raises(RefusedError, match="the same page is there twice"):
        await office.reported(pages=(a_page(1), again))


@pytest.mark.parametrize("sign", ["\x1b[2A", "\r", "\n", "\u202e"])
@pytest.mark.parametrize("cell", ["url", "publisher", "origin"])
async def test_a_page_draws_nothing_else_on_the_screen_of_whoever_signs(
    office: Office, cell: str, sign: str
) -> None:
    page = {**a_page(2), cell: f"{a_page(2)[cell]}{sign}demo-2/detained/2026-11-20"}
    with pytest.raises(RefusedError):
        await office.reported(pages=(a_page(1), page))
    assert await office.reported() == "demo-1/released/2026-11-27"


async def test_an_address_has_no_spaces_after_which_another_could_seem_to_stand(office: Office) -> None:
    page = {**a_page(2), "url": f"{a_page(2)['url']}  Agency  origin agency"}
    with pytest.raises(RefusedError, match="a source needs a web address"):
        await office.reported(pages=(a_page(1), page))


async def test_origins_that_look_alike_are_one(office: Office) -> None:
    pages = [a_page(number, origin) for number, origin in enumerate(("БЕЛТА cома", "белта  Сома"), 1)]
    key = await office.reported(pages=pages)

    assert await refused(office.reviewing.confirm(office.signer("anna"), key)) is Refusal.ONE_ORIGIN


async def test_a_release_is_queued_once_two_editors_have_approved_it(office: Office) -> None:
    key = await office.reported()
    await office.reviewing.confirm(office.signer("anna"), key)
    assert await office.queued() == []

    await office.reviewing.publish(office.signer("boris"), key)

    [one] = await office.queued()
    assert (one.state, one.confirmations) == (PublicationState.QUEUED, 2)
    said = one.publication
    assert (said.number, said.key, said.kind) == (0, f"claim/{key}@1", PublicationKind.RELEASE)
    assert (said.people, said.revises) == (frozenset({1001}), 0)
    assert said.subjects == {Subject.ALL_RELEASES}
    assert said.published_at == office.moment
    await verify(office.database, one.id)
    async with office.database.reading() as connection:
        [freed] = await find_people(connection, [1001])
    assert status_of(freed.claims).standing is Standing.FREE


async def test_of_an_audit_of_years_only_what_is_signed_about_a_publication_is_verified(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        await office.published(number)
    *_, last = await office.queued()
    verified = 0

    def counted(*signed: Any) -> bool:
        nonlocal verified
        verified += 1
        return is_signed(*signed)

    is_signed = signing.is_signed
    monkeypatch.setattr(signing, "is_signed", counted)
    await verify(office.database, last.id)
    assert verified == 3, "reported, confirmed and published"


async def test_nothing_reported_or_confirmed_is_seen_by_a_reader(office: Office) -> None:
    key = await office.reported()
    await office.reviewing.confirm(office.signer("anna"), key)
    async with office.database.reading() as connection:
        [person] = await find_people(connection, [1001])

    assert status_of(person.claims).standing is Standing.NOT_CONFIRMED


async def test_one_editor_or_one_origin_publishes_nothing(office: Office) -> None:
    key = await office.reported()
    assert await refused(office.reviewing.publish(office.signer("boris"), key)) is Refusal.NOT_CONFIRMED
    await office.reviewing.confirm(office.signer("boris"), key)
    assert await refused(office.reviewing.publish(office.signer("boris"), key)) is Refusal.SAME_EDITOR
    reprints = (a_page(1, "Agency"), a_page(2, "Agency"), a_page(3, "agency"))
    key = await office.reported(2, pages=reprints)
    assert await refused(office.reviewing.confirm(office.signer("anna"), key)) is Refusal.ONE_ORIGIN
    assert await office.count() == 0


async def test_the_family_s_word_is_recorded_by_an_editor_s_handle(office: Office) -> None:
    draft = Draft(a_release_of(1), family_word=True)
    key = await office.reviewing.report(office.signer("anna"), draft)
    await office.reviewing.confirm(office.signer("boris"), key)
    await office.reviewing.publish(office.signer("anna"), key)

    assert (await stored(office, key)).case.content.family_word == "anna"
    [one] = await office.queued()
    await verify(office.database, one.id)


async def test_a_change_after_a_confirmation_takes_it_away(office: Office) -> None:
    key = await office.reported()
    await office.reviewing.confirm(office.signer("anna"), key)
    await office.reported(1, country="PL")
    assert await refused(office.reviewing.publish(office.signer("boris"), key)) is Refusal.NOT_CONFIRMED
    await office.reviewing.confirm(office.signer("anna"), key)
    async with office.database.writing() as connection:
        await connection.execute(claim.update().where(claim.c.key == key).values(country="LV"))
    assert await refused(office.reviewing.publish(office.signer("boris"), key)) is Refusal.NOT_CONFIRMED
    assert await office.count() == 0


async def test_a_report_takes_the_place_only_of_one_s_own_or_expressly_of_another_s(office: Office) -> None:
    key = await office.reported()
    await office.reviewing.confirm(office.signer("boris"), key)
    for handle in ("anna", "boris"):
        assert await refused(office.reported(1, handle)) is Refusal.REPORTED
    assert (await stored(office, key)).case.state is ClaimState.CONFIRMED, "the confirmation counts still"
    report = office.reviewing.report
    for cells in (a_release_of(2), a_release_of(1, kind="held", outcome="", country="")):
        other = report(office.signer("anna"), Draft(cells, TWO_ORIGINS), key, replaces=True)
        assert await refused(other) is Refusal.OTHER_REPORT
    poland = Draft(a_release_of(1, country="PL"), TWO_ORIGINS)
    assert await refused(report(office.signer("boris"), poland)) is Refusal.ANOTHERS_REPORT

    await report(office.signer("boris"), poland, replaces=True)
    assert await refused(office.reported()) is Refusal.ANOTHERS_REPORT, "it is his by now"
    case = (await stored(office, key)).case
    assert (case.content.country, case.state) == ("PL", ClaimState.REPORTED)


TAMPERED: dict[str, Callable[[], Any]] = {
    "country": lambda: claim.update().values(country="PL"),
    "date": lambda: claim.update().values(date="2026-11-26"),
    "outcome": lambda: claim.update().values(outcome="at_home", country=None),
    "passport": lambda: claim.update().values(passport="with"),
    "manner": lambda: claim.update().values(manner="pardon"),
    "family": lambda: claim.update().values(family_word="vera"),
    "revision": lambda: claim.update().values(revision=2),
    "consent": lambda: claim.update().values(consent="followers"),
    "silence": lambda: claim.update().values(consent="suppressed"),
    "sources": lambda: source.update().values(origin="Agency"),
    "a source less": lambda: source.delete().where(source.c.origin == "Daily 2"),
    "person": lambda: claim.update().values(person_id=text("(SELECT id FROM person WHERE key = 'demo-2')")),
    "named": lambda: publication_person.update().values(
        person_id=text("(SELECT id FROM person WHERE key = 'demo-2')")
    ),
    "nobody named": lambda: publication_person.delete(),
    "subjects": lambda: publication.update().values(subjects="1 2"),
    "kind": lambda: publication.update().values(kind="retraction"),
    "row's revision": lambda: publication.update().values(revision="7"),
    "row's subject": lambda: publication.update().values(subject="claim/other"),
    "row as an event": lambda: publication.update().values(subject="event/R1"),
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_whatever_is_changed_after_two_approvals_does_not_go(office: Office, what: str) -> None:
    await office.published()
    [one] = await office.queued()
    await verify(office.database, one.id)
    async with office.database.writing() as connection:
        await connection.execute(TAMPERED[what]())

    assert await doubt(office, one.id) in {Doubt.NOT_APPROVED, Doubt.SILENT, Doubt.OTHERWISE}


async def silenced(office: Office, key: str) -> None:
    await office.reviewing.suppress(office.signer("vera"), key, Consent.SUPPRESSED)


async def taken_back(office: Office, key: str) -> None:
    for handle in ("anna", "vera"):
        await office.reviewing.retract(office.signer(handle), key)


async def taken_back_by_one_who_seems_revoked(office: Office, key: str) -> None:
    await taken_back(office, key)
    async with office.database.writing() as connection:
        await connection.execute(
            editor.update().where(editor.c.handle == "vera").values(revoked_on=office.moment.date())
        )


async def corrected(office: Office, key: str) -> None:
    for handle, draft in (("anna", Draft({"country": "PL"})), ("vera", EMPTY)):
        await office.reviewing.correct(office.signer(handle), key, draft)


async def rejected(office: Office, key: str) -> None:
    [one] = await office.queued()
    await office.announcing.reject(office.signer("vera"), one.id)


@pytest.mark.parametrize(
    "stop", [silenced, taken_back, taken_back_by_one_who_seems_revoked, corrected, rejected]
)
async def test_what_an_editor_stopped_does_not_go_though_its_rows_are_put_back(
    office: Office, stop: Callable[[Office, str], Awaitable[None]]
) -> None:
    key = await office.published()
    [one] = await office.queued()
    async with office.database.reading() as connection:
        before = (await connection.execute(claim.select().where(claim.c.key == key))).mappings().one()
    await stop(office, key)
    async with office.database.writing() as connection:
        await connection.execute(claim.update().where(claim.c.key == key).values(**before))
        await connection.execute(
            publication.update().where(publication.c.id == one.id).values(state=PublicationState.QUEUED.value)
        )

    assert await doubt(office, one.id) in {Doubt.NOT_APPROVED, Doubt.NOT_WAITING}


async def test_what_waits_goes_while_no_two_agree_on_a_correction(office: Office) -> None:
    key = await office.published()
    [one] = await office.queued()
    poland, latvia = Draft({"country": "PL"}), Draft({"country": "LV"})
    for handle, draft in (("anna", poland), ("vera", latvia), ("boris", poland)):
        assert not await office.reviewing.correct(office.signer(handle), key, draft, replaces=True)
    await verify(office.database, one.id)
    await office.reviewing.retract(office.signer("vera"), key)
    await office.enrolling.revoke("vera")
    await office.reviewing.retract(office.signer("boris"), key)

    await verify(office.database, one.id)


async def test_what_is_approved_after_it_was_rejected_goes(office: Office) -> None:
    key = await office.reported()
    before = Entry(0, "", "vera", Action.REJECT.value, f"claim/{key}", "1", "", "", "")
    async with office.database.writing() as connection:
        await audit.append(connection, before)
    await office.reviewing.confirm(office.signer("anna"), key)
    await office.reviewing.publish(office.signer("boris"), key)

    [one] = await office.queued()
    await verify(office.database, one.id)


async def test_a_row_that_nobody_approved_does_not_go(office: Office) -> None:
    key = await office.reported()
    await office.reviewing.confirm(office.signer("anna"), key)
    found = await stored(office, key)
    async with office.database.writing() as connection:
        await connection.execute(claim.update().values(state=ClaimState.PUBLISHED.value))
        await publications.queue(
            connection,
            f"claim/{key}",
            "1",
            PublicationKind.RELEASE,
            subjects={Subject.ALL_RELEASES},
            claims=[(found.id, found.person_id, 1)],
            at=office.moment,
        )
    [one] = await office.queued()

    assert await doubt(office, one.id) is Doubt.NOT_APPROVED
    assert await doubt(office, one.id + 1) is Doubt.NOT_WAITING


async def test_a_revoked_editor_s_approval_counts_no_longer(office: Office) -> None:
    key = await office.reported(2)
    await office.reviewing.confirm(office.signer("anna"), key)
    await office.published(1)
    [one] = await office.queued()
    await office.enrolling.revoke("anna")

    assert await doubt(office, one.id) is Doubt.NOT_APPROVED
    assert await refused(office.reviewing.publish(office.signer("boris"), key)) is Refusal.NOT_CONFIRMED
    assert await refused(office.reviewing.confirm(office.signer("anna"), key)) is Refusal.NO_EDITOR
    await office.reviewing.confirm(office.signer("vera"), key)
    await office.reviewing.publish(office.signer("boris"), key)
    await verify(office.database, (await office.queued())[-1].id)


async def test_an_editor_needs_their_key_and_a_fresh_code(office: Office) -> None:
    key = await office.reported()
    mine = office.signer("anna")
    strange = replace(mine, key=Ed25519PrivateKey.generate())
    assert await refused(office.reviewing.confirm(strange, key)) is Refusal.WRONG_KEY
    assert await refused(office.reviewing.confirm(replace(mine, code="12345"), key)) is Refusal.WRONG_CODE
    assert await refused(office.reviewing.confirm(replace(mine, handle="nobody"), key)) is Refusal.NO_EDITOR
    await office.reviewing.confirm(mine, key)

    assert await refused(office.reviewing.retract(mine, key)) is Refusal.USED_CODE
    late = office.signer("anna")
    office.moment += timedelta(minutes=2)
    assert await refused(office.reviewing.retract(late, key)) is Refusal.WRONG_CODE
    assert "key" not in repr(mine)
    assert mine.code not in repr(mine)


async def test_a_code_that_was_refused_an_act_can_still_be_used(office: Office) -> None:
    key = await office.reported()
    signer = office.signer("anna")
    assert await refused(office.reviewing.confirm(signer, "no/such/claim")) is Refusal.NOT_THERE

    await office.reviewing.confirm(signer, key)


async def test_a_correction_takes_two_editors_and_revises_what_went(office: Office) -> None:
    key = await office.published()
    [one] = await office.queued()
    assert await office.let_go(one.id, 1_700_000_000)
    change = Draft({"country": "PL"})
    assert await office.reviewing.correct(office.signer("anna"), key, change) is False
    assert await refused(office.reviewing.correct(office.signer("anna"), key, EMPTY)) is Refusal.SAME_EDITOR
    assert (await stored(office, key)).case.content.country == "LT"

    assert await office.reviewing.correct(office.signer("vera"), key, EMPTY) is True

    [correction] = await office.queued()
    assert correction.publication.kind is PublicationKind.CORRECTION
    assert correction.publication.key == f"claim/{key}@2"
    assert correction.publication.revises == 1_700_000_000
    await verify(office.database, correction.id)
    case = (await stored(office, key)).case
    assert (case.content.country, case.state, case.draft) == ("PL", ClaimState.CORRECTED, None)
    assert len(case.content.sources) == 2
    assert [said.number for said in await office.going()] == [1_700_000_000]


async def test_what_corrects_something_else_than_it_says_does_not_go(office: Office) -> None:
    await office.published(2)
    key = await office.published(1)
    first, second = await office.queued()
    await office.let_go(first.id, 7)
    await office.let_go(second.id, 8)
    await corrected(office, key)
    [correction] = await office.queued()
    await verify(office.database, correction.id)
    async with office.database.writing() as connection:
        theirs = publication.update().where(publication.c.id == correction.id)
        await connection.execute(theirs.values(revises_id=first.id))

    assert await doubt(office, correction.id) is Doubt.OTHERWISE, "it would alarm whoever was told of another"


async def test_another_draft_takes_the_place_of_the_first_and_its_approval(office: Office) -> None:
    key = await office.published()
    await office.reviewing.correct(office.signer("anna"), key, Draft({"country": "PL"}))
    latvia = Draft({"country": "LV"})
    second = office.reviewing.correct(office.signer("boris"), key, latvia)
    assert await refused(second) is Refusal.ANOTHER_WAITS
    assert not await office.reviewing.correct(office.signer("boris"), key, latvia, replaces=True)

    assert await office.reviewing.correct(office.signer("vera"), key, EMPTY)
    assert (await stored(office, key)).case.content.country == "LV"


@pytest.mark.parametrize("revoked", [False, True])
async def test_a_withdrawn_correction_is_nobody_s_word_when_it_is_proposed_again(
    office: Office, revoked: bool
) -> None:
    key = await office.published()
    poland, latvia = Draft({"country": "PL"}), Draft({"country": "LV"})
    second = "vera" if revoked else "anna"
    for handle, draft in (("anna", poland), (second, latvia)):
        assert not await office.reviewing.correct(office.signer(handle), key, draft, replaces=True)
    if revoked:
        await office.enrolling.revoke("vera")

    assert not await office.reviewing.correct(office.signer("boris"), key, poland, replaces=True)
    async with office.database.reading() as connection:
        assert [one.editor for one in await waiting(connection, Library())] == ["boris"]
    alone = office.reviewing.correct(office.signer("boris"), key, EMPTY)
    assert await refused(alone) is Refusal.SAME_EDITOR
    assert await office.reviewing.correct(office.signer("anna"), key, EMPTY)


async def stop(office: Office, how: str) -> None:
    """Let what waits never go: reject it, or revoke whom it rests on."""
    if how == "revoked":
        await office.enrolling.revoke("boris")
    else:
        [one] = await office.queued()
        await office.announcing.reject(office.signer("vera"), one.id)


@pytest.mark.parametrize("how", ["rejected", "revoked"])
async def test_a_release_that_was_stopped_is_approved_anew_and_seen_meanwhile(
    office: Office, how: str
) -> None:
    key = await office.published()
    await stop(office, how)
    reviewing = office.reviewing
    if how == "rejected":
        alone = reviewing.publish(office.signer("boris"), key)
        assert await refused(alone) is Refusal.NOT_CONFIRMED, "anna's word was on the other one"
    await reviewing.confirm(office.signer("anna"), key)
    assert await refused(reviewing.confirm(office.signer("anna"), key)) is Refusal.CONFIRMED
    assert await refused(reviewing.publish(office.signer("anna"), key)) is Refusal.SAME_EDITOR
    assert await standing(office) == (Standing.FREE, False)
    async with office.database.reading() as connection:
        assert [(one.action, one.editor) for one in await waiting(connection, Library())] == [
            (Action.CONFIRM, "anna")
        ]
    await reviewing.publish(office.signer("vera"), key)

    [one] = await office.queued()
    assert one.publication.key == f"claim/{key}@2"
    await verify(office.database, one.id)
    assert await refused(reviewing.confirm(office.signer("anna"), key)) is Refusal.PUBLISHED


@pytest.mark.parametrize("how", ["rejected", "revoked"])
@pytest.mark.parametrize("kind", [PublicationKind.CORRECTION, PublicationKind.RETRACTION])
async def test_what_is_owed_to_who_was_told_wrongly_is_approved_anew_where_it_was_stopped(
    office: Office, kind: PublicationKind, how: str
) -> None:
    key = await office.published()
    await office.let_go(1, 5)

    async def say(handle: str, draft: Draft = EMPTY) -> bool:
        if kind is PublicationKind.RETRACTION:
            return await office.reviewing.retract(office.signer(handle), key)
        return await office.reviewing.correct(office.signer(handle), key, draft)

    await say("anna", Draft({"country": "PL"}))
    await say("boris")
    await stop(office, how)
    assert not await say("anna")
    assert await refused(say("anna")) is Refusal.SAME_EDITOR
    assert await say("vera")

    [one] = await office.queued()
    assert (one.publication.kind, one.publication.revises) == (kind, 5)
    await verify(office.database, one.id)


async def test_a_retraction_takes_two_editors_and_says_nothing_where_nobody_was_told(office: Office) -> None:
    gone, waiting = await office.published(1), await office.published(2)
    first, second = await office.queued()
    await office.let_go(first.id, 7)
    for key in (gone, waiting):
        assert await office.reviewing.retract(office.signer("anna"), key) is False
        assert await refused(office.reviewing.retract(office.signer("anna"), key)) is Refusal.SAME_EDITOR
        assert await office.reviewing.retract(office.signer("boris"), key) is True

    [retraction] = await office.queued()
    assert (retraction.publication.kind, retraction.publication.revises) == (PublicationKind.RETRACTION, 7)
    await verify(office.database, retraction.id)
    assert await doubt(office, second.id) is Doubt.NOT_WAITING
    assert await office.let_go(second.id, 8) is False


async def test_what_was_corrected_before_it_went_is_told_once_as_it_is(office: Office) -> None:
    key = await office.published()
    [old] = await office.queued()
    await office.hold(old.id)
    await office.reviewing.correct(office.signer("anna"), key, Draft({"country": "PL"}))
    await office.reviewing.correct(office.signer("boris"), key, EMPTY)

    [new] = await office.queued()
    assert (new.publication.kind, new.publication.revises) == (PublicationKind.RELEASE, 0)
    await verify(office.database, new.id)
    assert await office.let_go(old.id, 5) is False


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize(
    "change", [Draft(NOTHING_SAID, (*TWO_ORIGINS, a_page(3))), Draft({"event": "R1"})], ids=["page", "event"]
)
async def test_a_correction_of_nothing_that_readers_were_told_is_no_alarm(
    office: Office, change: Draft, gone: bool
) -> None:
    await office.enter_event("R1")
    key = await office.published()
    assert not gone or await office.let_go(1, 5)
    for handle, draft in (("anna", change), ("boris", EMPTY)):
        await office.reviewing.correct(office.signer(handle), key, draft)

    case = (await stored(office, key)).case
    assert (case.state, case.revision) == (ClaimState.CORRECTED, 2)
    queued = await office.queued()
    assert [one.publication.kind for one in queued] == ([] if gone else [PublicationKind.RELEASE])
    for one in queued:  # what has not gone was approved with other pages
        await verify(office.database, one.id)


async def test_a_correction_that_was_taken_from_its_way_is_owed_with_other_pages_too(office: Office) -> None:
    key = await office.published()
    await office.let_go(1, 5)
    for handle, draft in (("anna", Draft({"country": "PL"})), ("boris", EMPTY)):
        await office.reviewing.correct(office.signer(handle), key, draft)
    assert (await office.reviewing.suppress(office.signer("vera"), key, Consent.FOLLOWERS)).is_owed
    for handle, draft in (("anna", Draft(NOTHING_SAID, (*TWO_ORIGINS, a_page(3)))), ("boris", EMPTY)):
        await office.reviewing.correct(office.signer(handle), key, draft)

    [one] = await office.queued()
    assert (one.publication.kind, one.publication.revises) == (PublicationKind.CORRECTION, 5)


async def test_numbers_are_found_by_their_ends_and_in_their_order(office: Office) -> None:
    for number in (1, 2, 3):
        await office.published(number)
    for one, given in zip(await office.queued(), (30, 10, 20), strict=True):
        await office.let_go(one.id, given)

    async with office.database.reading() as connection:
        assert await publications.latest(connection) == 30
        told = await publications.by_numbers(connection, 10, 20)
        assert [(said.number, set(said.people)) for said in told] == [(10, {1002}), (20, {1003})]
        assert await publications.by_numbers(connection, 11, 19) == []
    assert [said.number for said in await office.going(10)] == [20, 30]


async def test_silence_stops_what_is_on_its_way_and_hides_what_went(office: Office) -> None:
    gone, waiting = await office.published(1), await office.published(2)
    first, second = await office.queued()
    await office.let_go(first.id, 5)
    for key in (gone, waiting):
        await office.reviewing.suppress(office.signer("vera"), key, Consent.SUPPRESSED)

    assert await office.queued() == []
    assert await office.going() == []
    assert await office.let_go(second.id, 6) is False
    async with office.database.reading() as connection:
        assert await publications.latest(connection) == 5  # the number is never given again
    correcting = office.reviewing.correct(office.signer("anna"), gone, Draft({"country": "PL"}))
    assert await refused(correcting) is Refusal.SUPPRESSED
    await office.reviewing.retract(office.signer("anna"), gone)
    await office.reviewing.retract(office.signer("boris"), gone)
    assert await office.queued() == []


async def standing(office: Office, number: int = 1) -> tuple[Standing, bool]:
    async with office.database.reading() as connection:
        [found] = await find_people(connection, [1000 + number])
    said = status_of(found.claims, TO_FOLLOWERS)
    return said.standing, said.detained_again


@pytest.mark.parametrize("consent", [Consent.PUBLIC, Consent.FOLLOWERS])
async def test_a_release_a_list_does_not_know_of_is_no_second_detention(
    office: Office, consent: Consent
) -> None:
    listed = await office.enter_listed("2026-11-28")
    await office.published(consent=consent)

    assert await standing(office) == (Standing.FREE, False)
    assert (await stored(office, listed)).case.state is ClaimState.RETRACTED
    assert await office.count() == 1, "nobody is told that a list was behind"


async def test_a_death_a_list_does_not_know_of_is_not_in_dispute(office: Office) -> None:
    await office.enter_listed("2026-11-28")
    await office.published(kind="died", outcome="", country="")

    assert await standing(office) == (Standing.DIED, False)


async def test_a_release_corrected_to_a_day_before_the_list_is_no_second_detention(office: Office) -> None:
    key = await office.published()
    listed = await office.enter_listed("2026-11-26")
    earlier = Draft({"date": "2026-11-25"})
    await office.reviewing.correct(office.signer("anna"), key, earlier)
    assert (await stored(office, listed)).case.state is ClaimState.PUBLISHED
    await office.reviewing.correct(office.signer("boris"), key, EMPTY)

    assert await standing(office) == (Standing.FREE, False)
    assert (await stored(office, listed)).case.state is ClaimState.RETRACTED


async def test_what_a_list_said_before_a_release_and_what_editors_say_after_it_stay(office: Office) -> None:
    before = await office.enter_listed("2026-11-26")
    edited = await office.enter_listed("2026-11-28", 2)
    async with office.database.writing() as connection:
        await connection.execute(claim.update().where(claim.c.key == edited).values(revision=2))
    for number in (1, 2):
        await office.published(number)

    assert await standing(office) == (Standing.FREE, False)
    assert await standing(office, 2) == (Standing.HELD, True)
    for key in (before, edited):
        assert (await stored(office, key)).case.state is ClaimState.PUBLISHED


async def detained_again(office: Office, **how: Any) -> str:
    """Publish a release of the 26th and a detention of the 27th; return the key of the detention."""
    await office.published(date="2026-11-26")
    return await office.published(kind="detained", outcome="", country="", date="2026-11-27", **how)


@pytest.mark.parametrize(
    ("consent", "listed"),
    [(Consent.FOLLOWERS, False), (Consent.SUPPRESSED, False), (Consent.SUPPRESSED, True)],
)
async def test_one_editor_frees_nobody_by_silence_about_a_second_detention(
    office: Office, consent: Consent, listed: bool
) -> None:
    key = await detained_again(office)
    if listed:
        await office.enter_listed("2026-11-28")
    before = await audit_entries(office)
    said = await refused(office.reviewing.suppress(office.signer("vera"), key, consent))
    assert said is Refusal.WOULD_FREE
    assert "`claim suppress` first what says so" in said
    assert await standing(office) == (Standing.HELD, True)
    assert await audit_entries(office) == before

    await office.reviewing.suppress(office.signer("vera"), "demo-1/released/2026-11-26", consent)
    await office.reviewing.suppress(office.signer("vera"), key, consent)
    async with office.database.reading() as connection:
        [found] = await find_people(connection, [1001])
    assert not status_of(found.claims).known_free


async def test_silence_about_what_does_not_free_takes_one_editor_and_no_waiting(office: Office) -> None:
    key = await detained_again(office)
    other = await office.published(kind="sentenced", outcome="", country="", date="2026-11-27")
    await office.reviewing.suppress(office.signer("vera"), other, Consent.SUPPRESSED)
    unpublished = await office.reported(2, kind="detained", outcome="", country="")
    await office.reviewing.suppress(office.signer("vera"), unpublished, Consent.SUPPRESSED)
    assert await standing(office) == (Standing.HELD, True)

    assert not await office.reviewing.retract(office.signer("anna"), key)
    assert await office.reviewing.retract(office.signer("boris"), key), "two may say that it was wrong"
    assert await standing(office) == (Standing.FREE, False)


async def audit_entries(office: Office) -> list[Any]:
    async with office.database.reading() as connection:
        return list(await audit.entries(connection))


@pytest.mark.parametrize("at_once", [False, True])
async def test_one_editor_does_not_forbid_a_release_for_a_year(office: Office, at_once: bool) -> None:
    if at_once:
        silent = office.reported(date="2026", pages=(), consent=Consent.SUPPRESSED)
        assert await refused(silent) is Refusal.WHOLE_YEAR
    else:
        key = await office.reported(date="2026", pages=())
        silenced = office.reviewing.suppress(office.signer("vera"), key, Consent.SUPPRESSED)
        assert await refused(silenced) is Refusal.WHOLE_YEAR
        assert await office.reviewing.retract(office.signer("vera"), key)

    await office.published()
    assert await office.count() == 1


@pytest.mark.parametrize("date", ["2026-11", "2026-11-27"])
async def test_silence_about_a_report_that_was_never_published_holds_in_its_month_or_on_its_day(
    office: Office, date: str
) -> None:
    key = await office.reported(date=date, pages=())
    await office.reviewing.suppress(office.signer("vera"), key, Consent.SUPPRESSED)
    assert await refused(office.reported(date="2026-11-27")) is (Refusal.SUPPRESSED), (
        "under any key, and by anybody"
    )


async def test_silence_about_what_two_published_holds_for_its_year(office: Office) -> None:
    key = await office.published(date="2026")
    await office.reviewing.suppress(office.signer("vera"), key, Consent.SUPPRESSED)
    assert await refused(office.reported(date="2026-11-27")) is Refusal.SUPPRESSED


async def test_a_silenced_release_is_not_reported_under_another_key(office: Office) -> None:
    key = await office.reported()
    other = Draft(a_release_of(1, date="2026-11"), TWO_ORIGINS)
    second = await office.reviewing.report(office.signer("anna"), other, "another/key")
    await office.reviewing.confirm(office.signer("anna"), second)
    await office.reviewing.suppress(office.signer("anna"), key, Consent.SUPPRESSED)

    assert (
        await refused(office.reviewing.report(office.signer("boris"), other, "third/key"))
        is Refusal.SUPPRESSED
    )
    assert await refused(office.reviewing.publish(office.signer("boris"), second)) is Refusal.SUPPRESSED
    assert await office.count() == 0


@pytest.mark.parametrize("at_once", [True, False])
async def test_silence_under_another_key_stops_what_waits(office: Office, at_once: bool) -> None:
    await office.published(1)
    await office.published(2)
    consent = Consent.SUPPRESSED if at_once else None
    draft = Draft(a_release_of(1, date="2026-11"), TWO_ORIGINS, consent)
    key = await office.reviewing.report(office.signer("vera"), draft, "another/key")
    if not at_once:
        await office.reviewing.suppress(office.signer("vera"), key, Consent.SUPPRESSED)

    [other] = await office.queued()
    assert other.publication.people == {1002}


async def test_what_waits_does_not_go_where_an_import_brings_silence_about_it(office: Office) -> None:
    await office.published(1)
    gone = await office.published(2)
    first, second = await office.queued()
    await office.let_go(second.id, 7)
    for number in (1, 2):
        draft = Draft(a_release_of(number, date="2026-11"), TWO_ORIGINS)
        await office.reviewing.report(office.signer("vera"), draft, f"brought/{number}")
    async with office.database.writing() as connection:
        brought = claim.update().where(claim.c.key.startswith("brought/"))
        await connection.execute(brought.values(consent=Consent.SUPPRESSED.value))

    assert await doubt(office, first.id) is Doubt.SILENT
    await office.reviewing.retract(office.signer("anna"), gone)
    await office.reviewing.retract(office.signer("boris"), gone)
    [_, retraction] = await office.queued()
    await verify(office.database, retraction.id)  # it reaches those alone who were told


async def test_a_claim_for_followers_only_is_told_to_no_subject(office: Office) -> None:
    await office.published(1, consent=Consent.FOLLOWERS)
    quietened = await office.published(2)
    one, two = await office.queued()
    assert (one.publication.people, one.publication.subjects) == (frozenset({1001}), NOBODY)
    await verify(office.database, one.id)
    await office.let_go(two.id, 5)
    await office.reviewing.suppress(office.signer("anna"), quietened, Consent.FOLLOWERS)

    [gone] = await office.going()
    assert (gone.people, gone.subjects) == (frozenset({1002}), NOBODY)


async def test_what_waits_is_approved_anew_for_followers_only(office: Office) -> None:
    key = await office.published(1)
    assert (await office.reviewing.suppress(office.signer("vera"), key, Consent.FOLLOWERS)).is_owed
    assert await office.queued() == []

    await office.reviewing.confirm(office.signer("anna"), key)
    await office.reviewing.publish(office.signer("boris"), key)

    [one] = await office.queued()
    assert (one.publication.people, one.publication.subjects) == (frozenset({1001}), NOBODY)
    await verify(office.database, one.id)


@pytest.mark.parametrize("is_held", [False, True])
async def test_a_correction_made_quieter_before_it_went_is_approved_anew_and_told(
    office: Office, is_held: bool
) -> None:
    key = await office.published(1)
    [release] = await office.queued()
    await office.let_go(release.id, 5)
    for handle, draft in (("anna", Draft({"country": "PL"})), ("boris", EMPTY)):
        await office.reviewing.correct(office.signer(handle), key, draft)
    [waits] = await office.queued()
    assert not is_held or await office.hold(waits.id)
    assert (await office.reviewing.suppress(office.signer("vera"), key, Consent.FOLLOWERS)).is_owed
    assert await office.queued() == []

    assert not await office.reviewing.correct(office.signer("anna"), key, EMPTY)
    async with office.database.reading() as connection:
        assert [(one.subject, one.editor) for one in await waiting(connection, Library())] == [
            (claim_subject(key), "anna")
        ]
    assert await refused(office.reviewing.correct(office.signer("anna"), key, EMPTY)) is Refusal.SAME_EDITOR
    assert await office.reviewing.correct(office.signer("boris"), key, EMPTY)

    [one] = await office.queued()
    assert (one.publication.kind, one.publication.revises) == (PublicationKind.CORRECTION, 5)
    assert (one.publication.people, one.publication.subjects) == (frozenset({1001}), NOBODY)
    await verify(office.database, one.id)


async def test_silence_says_whose_word_waits_no_longer(office: Office) -> None:
    quieten = office.reviewing.suppress
    key = await office.published()
    await office.let_go(1, 5)
    await office.reviewing.retract(office.signer("boris"), key)
    await office.reviewing.correct(office.signer("anna"), key, Draft({"country": "PL"}))
    quieted = await quieten(office.signer("vera"), key, Consent.FOLLOWERS)
    assert not quieted.is_owed
    assert [(word.action, word.editor) for word in quieted.dropped] == [
        (Action.CORRECT, "anna"),
        (Action.RETRACT, "boris"),
    ]
    assert (await stored(office, key)).case.draft is None
    assert (await quieten(office.signer("vera"), key, Consent.SUPPRESSED)).dropped == ()
    confirmed = await office.reported(2)
    await office.reviewing.confirm(office.signer("anna"), confirmed)
    [word] = (await quieten(office.signer("vera"), confirmed, Consent.FOLLOWERS)).dropped
    assert (word.action, word.editor) == (Action.CONFIRM, "anna")


async def test_nothing_is_signed_but_what_was_seen(office: Office) -> None:
    key = await office.reported(1, country="PL")
    seen = (await stored(office, key)).case.content.digest
    await office.reported(1, country="LT")
    await office.reviewing.confirm(office.signer("anna"), key)
    reviewing, saw = office.reviewing, frozenset({seen})
    for act in (reviewing.confirm, reviewing.publish, reviewing.retract):
        assert await refused(act(replace(office.signer("boris"), saw=saw), key)) is Refusal.CHANGED
    seen = (await stored(office, key)).case.content.digest
    await reviewing.publish(replace(office.signer("boris"), saw=frozenset({seen})), key)
    assert len(await office.queued()) == 1


async def test_a_correction_is_no_way_around_silence(office: Office) -> None:
    key = await office.published(1)
    other = Draft(a_release_of(1, date="2026-10-01"), TWO_ORIGINS)
    silent = await office.reviewing.report(office.signer("anna"), other, "another/key")
    await office.reviewing.suppress(office.signer("anna"), silent, Consent.SUPPRESSED)

    moved = office.reviewing.correct(office.signer("anna"), key, Draft({"date": "2026-10"}))
    assert await refused(moved) is Refusal.SUPPRESSED
    silenced = office.reviewing.correct(office.signer("anna"), key, Draft({}, consent=Consent.SUPPRESSED))
    assert await refused(silenced) is Refusal.ALONE


async def test_an_editor_who_was_revoked_stays_so_whatever_their_row_says(office: Office) -> None:
    await office.published(1)
    [one] = await office.queued()
    await office.enrolling.revoke("anna")
    async with office.database.writing() as connection:
        await connection.execute(editor.update().values(revoked_on=None))
    assert await doubt(office, one.id) is Doubt.NOT_APPROVED


async def test_what_alerts_of_nothing_is_published_by_two_and_queues_nothing(office: Office) -> None:
    key = await office.published(1, kind="held", outcome="", country="", pages=TWO_ORIGINS[:1])

    assert (await stored(office, key)).case.state is ClaimState.PUBLISHED
    assert await office.count() == 0


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"date": "2026-12-24"}, "a date in the future: date"),
        ({"person": "nobody"}, "unknown person"),
        ({"country": "Lithuania"}, "a country needs the outcome abroad and its two-letter code"),
        ({"kind": "held"}, "only a release has an outcome"),
        ({"event": "none"}, "unknown event"),
    ],
)
async def test_what_an_import_would_refuse_is_refused(
    office: Office, cells: dict[str, str], reason: str
) -> None:
    with pytest.raises(RefusedError, match=reason):
        await office.reviewing.report(office.signer("anna"), Draft(a_release_of(1, **cells), TWO_ORIGINS))
    broken = {**a_page(1), "url": "javascript:alert(1)"}
    with pytest.raises(RefusedError, match="a source needs a web address"):
        await office.reported(1, pages=(broken,))


async def test_a_new_publisher_is_dangerous_to_name_until_somebody_says_otherwise(office: Office) -> None:
    key = await office.reported()

    pages = (await stored(office, key)).case.content.sources
    assert {page.publisher.designation.value for page in pages} == {"not_verified"}


async def test_a_handle_is_given_once_and_codes_can_be_renewed(office: Office) -> None:
    assert await refused(office.enrolling.add("anna", Ed25519PrivateKey.generate())) is Refusal.HANDLE_TAKEN
    old = office.secrets["anna"]
    office.secrets["anna"] = await office.enrolling.renew_secret("anna")
    assert office.secrets["anna"] != old
    await office.reported(1, "anna")
    assert await refused(office.enrolling.revoke("nobody")) is Refusal.NO_EDITOR
    await office.enrolling.revoke("anna")
    assert await refused(office.enrolling.renew_secret("anna")) is Refusal.NO_EDITOR
    assert await refused(office.enrolling.add("anna", Ed25519PrivateKey.generate())) is Refusal.HANDLE_TAKEN


async def test_an_editor_is_one_however_their_handle_is_written(office: Office) -> None:
    def loud(handle: str) -> Signer:
        return replace(office.signer(handle), handle=handle.upper())

    with pytest.raises(NotDoneError, match="there is or was an editor of this name"):
        await office.enrolling.add("Anna", Ed25519PrivateKey.generate())
    key = await office.reported()
    await office.reviewing.confirm(office.signer("anna"), key)
    assert await refused(office.reviewing.publish(loud("anna"), key)) is Refusal.SAME_EDITOR
    await office.reviewing.publish(loud("boris"), key)
    [one] = await office.queued()
    await verify(office.database, one.id)
    await office.hold(one.id)
    assert await refused(office.announcing.confirm_held(loud("anna"), one.id)) is Refusal.THIRD_EDITOR
    assert not await office.reviewing.correct(office.signer("anna"), key, Draft({"country": "PL"}))
    assert await refused(office.reviewing.correct(loud("anna"), key, EMPTY)) is Refusal.SAME_EDITOR
    assert not await office.reviewing.retract(office.signer("anna"), key)
    assert await refused(office.reviewing.retract(loud("anna"), key)) is Refusal.SAME_EDITOR
    await office.enrolling.revoke("ANNA")
    assert await refused(office.reviewing.retract(loud("anna"), key)) is Refusal.NO_EDITOR
    async with office.database.reading() as connection:
        assert {entry.editor for entry in await audit.entries(connection)} == {"anna", "boris", "vera"}
