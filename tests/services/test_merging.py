"""Merging: two records become one, whoever follows either follows it; and no import or merge publishes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import prepare_registry
from bot.bench.newsroom import a_page
from bot.domain.alerts import REMEMBERED_DAYS
from bot.domain.articles import Library
from bot.domain.people import ClaimState, Consent, NameKind, Standing, status_of
from bot.domain.refusals import Refusal
from bot.services.drafting import Draft
from bot.services.importing import import_registry
from bot.services.telling import recent
from bot.services.waiting import waiting
from bot.sources.seed_files import SEED, read_seed
from bot.store import merging
from bot.store.people import find_people, first_number, has_number, names_signature
from bot.store.tables import claim, person, person_alias, person_name
from tests.builders import an_import, claim_row, name_row, rows
from tests.conftest import READ_UNTIL
from tests.editors import BEGINNING, Office, refused
from tests.sources.viasna_lists import FIRST, a_name

HELD = FIRST + 9


async def aliases(connection: AsyncConnection) -> dict[int, int]:
    """Return whom each old number means now, by number."""
    query = select(person_alias.c.number, person.c.number).join(
        person, person_alias.c.person_id == person.c.id
    )
    return {old: now for old, now in await connection.execute(query)}


async def test_the_old_number_means_the_record_that_stayed(office: Office) -> None:
    async with office.database.reading() as connection:
        before = await names_signature(connection)
    await office.merge(1, 2)
    await office.merge(2, 3)

    async with office.database.reading() as connection:
        assert await aliases(connection) == {1001: 1003, 1002: 1003}
        assert await merging.keys_now(connection) == {"demo-1": "demo-3", "demo-2": "demo-3"}
        [found] = await find_people(connection, [1001])
        several = await find_people(connection, [1002, 1003, 1001])
        assert await names_signature(connection) != before
        assert [await has_number(connection, number) for number in (1001, 1003, 1004)] == [True, True, False]
        assert await first_number(connection) == 1003
    assert (found.number, found.key) == (1003, "demo-3")
    assert [one.number for one in several] == [1003]
    mains = [name.text for name in found.names if name.kind is NameKind.MAIN]
    assert (mains, len(found.names)) == (["Алесь Прыклад 3"], 3)
    assert await office.count() == 0


async def test_a_name_both_have_is_kept_once_with_its_own_page(office: Office) -> None:
    async with office.database.writing() as connection:
        await connection.execute(person_name.update().values(text="Алесь Прыклад"))
    await office.merge(1, 2)

    async with office.database.reading() as connection:
        [found] = await find_people(connection, [1002])
    assert [name.text for name in found.names] == ["Алесь Прыклад"]


@pytest.mark.parametrize("open_pair", [None, ("demo-2", "demo-1"), ("demo-3", "demo-1")])
async def test_one_editor_makes_no_record_anothers_that_no_import_proposed(
    office: Office, open_pair: tuple[str, str] | None
) -> None:
    if open_pair:
        async with office.database.writing() as connection:
            await merging.propose(connection, [open_pair])
    merge = office.merging.merge
    assert not await merge(office.signer("anna"), "demo-1", "demo-2")
    assert await refused(merge(office.signer("anna"), "demo-1", "demo-2")) is Refusal.SAME_EDITOR
    assert not await merge(office.signer("boris"), "demo-1", "demo-3"), "of another pair"
    async with office.database.reading() as connection:
        assert await aliases(connection) == {}
        [first, second] = await waiting(connection, Library())
    assert (first.subject, first.editor) == ("person/demo-1 into demo-2", "anna")
    assert (second.subject, second.persons) == ("person/demo-1 into demo-3", ("demo-1", "demo-3"))

    assert await merge(office.signer("boris"), "demo-1", "demo-2")
    async with office.database.reading() as connection:
        assert await aliases(connection) == {1001: 1002}
        assert await waiting(connection, Library()) == []


async def test_one_editor_makes_two_records_one_where_an_import_proposed_it(office: Office) -> None:
    async with office.database.writing() as connection:
        await merging.propose(connection, [("demo-1", "demo-2")])
    assert await office.merging.merge(office.signer("anna"), "demo-1", "demo-2")
    async with office.database.reading() as connection:
        assert await aliases(connection) == {1001: 1002}


async def test_a_pair_that_was_declined_takes_two(office: Office) -> None:
    async with office.database.writing() as connection:
        await merging.propose(connection, [("demo-1", "demo-2")])
    await office.merging.decline(office.signer("boris"), "demo-1", "demo-2")
    assert not await office.merging.merge(office.signer("anna"), "demo-1", "demo-2")
    async with office.database.reading() as connection:
        assert await aliases(connection) == {}


@pytest.mark.parametrize("proposed", [[], [("demo-1", "demo-2")], [("demo-2", "demo-1")]])
@pytest.mark.parametrize("declined", [("demo-1", "demo-2"), ("demo-2", "demo-1")])
async def test_who_says_that_they_are_two_takes_back_what_was_said_before(
    office: Office, proposed: list[tuple[str, str]], declined: tuple[str, str]
) -> None:
    merge = office.merging.merge
    assert not await merge(office.signer("anna"), "demo-1", "demo-2")
    assert not await merge(office.signer("anna"), "demo-1", "demo-3"), "of another pair: it goes on waiting"
    async with office.database.writing() as connection:
        await merging.propose(connection, proposed)
    await office.merging.decline(office.signer("anna"), *declined)
    async with office.database.writing() as connection:
        assert await merging.propose(connection, [("demo-1", "demo-2"), ("demo-2", "demo-1")]) == 0
        assert [one.subject for one in await waiting(connection, Library())] == ["person/demo-1 into demo-3"]

    assert not await merge(office.signer("boris"), "demo-1", "demo-2")
    assert await merge(office.signer("anna"), "demo-1", "demo-2"), "said anew by two"


async def test_the_word_of_who_was_revoked_makes_no_records_one(office: Office) -> None:
    assert not await office.merging.merge(office.signer("anna"), "demo-1", "demo-2")
    await office.enrolling.revoke("anna")
    assert not await office.merging.merge(office.signer("boris"), "demo-1", "demo-2")


async def test_what_cannot_be_merged_says_why(office: Office) -> None:
    merge = office.merging.merge
    assert await refused(merge(office.signer("anna"), "demo-1", "demo-1")) is Refusal.SAME_PERSON
    assert await refused(merge(office.signer("anna"), "demo-1", "demo-9")) is Refusal.NOT_THERE
    await office.published(1)
    assert await refused(merge(office.signer("anna"), "demo-1", "demo-2")) is Refusal.UNDER_WAY
    assert await refused(merge(office.signer("anna"), "demo-2", "demo-1")) is Refusal.UNDER_WAY
    async with office.database.writing() as connection:
        await connection.execute(person_name.update().values(batch="seed"))
    assert await refused(merge(office.signer("anna"), "demo-3", "demo-2")) is Refusal.SHIPPED


async def test_a_merge_keeps_what_editors_published_and_publishes_nothing(office: Office) -> None:
    key = await office.published(1)
    [one] = await office.queued()
    await office.let_go(one.id, int(office.moment.timestamp()))
    merged = office.merging.merge(office.signer("anna"), "demo-1", "demo-2")
    assert await refused(merged) is Refusal.UNDER_WAY, "the other's followers would hear on one editor's word"
    office.moment += timedelta(days=REMEMBERED_DAYS)
    await office.merge(1, 2)

    assert await recent(office.database, office.now) == [], "nobody is told of it any more"
    assert await office.count() == 1
    async with office.database.reading() as connection:
        [found] = await find_people(connection, [1002])
    assert [one.key for one in found.claims] == [key]
    assert status_of(found.claims).standing is Standing.FREE


async def test_who_was_released_is_not_behind_bars_again_for_a_list_of_the_other_record(
    office: Office,
) -> None:
    await office.published(1)
    [one] = await office.queued()
    await office.let_go(one.id, int(office.moment.timestamp()))
    office.moment += timedelta(days=REMEMBERED_DAYS)
    await office.enter_listed("2026-12-01", 2)

    await office.merge(1, 2)

    async with office.database.reading() as connection:
        [found] = await find_people(connection, [1002])
    assert status_of(found.claims).standing is Standing.FREE


@pytest.mark.parametrize("silenced", [1, 2])
async def test_what_a_family_silenced_is_not_told_of_the_other_record_by_a_merge(
    office: Office, silenced: int
) -> None:
    keys = {number: await office.published(number) for number in (1, 2)}
    for one in await office.queued():
        await office.let_go(one.id, int(office.moment.timestamp()) + one.id)
    office.moment += timedelta(days=REMEMBERED_DAYS + 1)
    suppress, merge = office.reviewing.suppress, office.merging.merge
    await suppress(office.signer("anna"), keys.pop(silenced), Consent.SUPPRESSED)

    assert await refused(merge(office.signer("anna"), "demo-1", "demo-2")) is Refusal.TOLD_THERE
    assert await refused(merge(office.signer("anna"), "demo-2", "demo-1")) is Refusal.TOLD_THERE
    async with office.database.reading() as connection:
        assert [one.number for one in await find_people(connection, [1001, 1002])] == [1001, 1002]

    [told] = keys.values()
    await suppress(office.signer("anna"), told, Consent.SUPPRESSED)
    await office.merge(1, 2)
    async with office.database.reading() as connection:
        [found] = await find_people(connection, [1001, 1002])
    assert found.claims == ()


@pytest.mark.parametrize("by_a_list", [False, True])
async def test_what_a_list_said_of_the_record_that_goes_is_in_no_silences_way(
    office: Office, by_a_list: bool
) -> None:
    await office.enter_listed("2026-11-20", 1)
    if by_a_list:
        silenced = await office.enter_listed("2026-10-01", 2)
    else:
        silenced = await office.reported(2, kind="held", date="2026-11-20", outcome="", country="")
    await office.reviewing.suppress(office.signer("anna"), silenced, Consent.SUPPRESSED)

    merge = office.merging.merge
    assert await refused(merge(office.signer("anna"), "demo-2", "demo-1")) is Refusal.TOLD_THERE
    await office.merge(1, 2)


async def corrected_of_a_list(office: Office) -> str:
    """Let two editors correct when the first person was held, as a list says; return the claim's key."""
    key = await office.enter_listed("2026-11-20")
    for handle, draft in (("anna", Draft({"date": "2026-11-21"}, (a_page(1),))), ("boris", Draft({}))):
        await office.reviewing.correct(office.signer(handle), key, draft)
    return key


async def test_one_editor_frees_nobody_by_a_merge_that_undoes_what_two_corrected(office: Office) -> None:
    key = await corrected_of_a_list(office)
    await office.published(2, date="2026-10-01")
    await office.let_go(1, int(office.moment.timestamp()))
    office.moment += timedelta(days=REMEMBERED_DAYS + 1)
    async with office.database.writing() as connection:
        await merging.propose(connection, [("demo-1", "demo-2")])
    assert await office.merging.merge(office.signer("vera"), "demo-1", "demo-2")

    async with office.database.reading() as connection:
        [found] = await find_people(connection, [1002])
    assert key in [one.key for one in found.claims]
    assert status_of(found.claims).detained_again


async def test_what_two_corrected_of_a_list_is_told_of_nobody_whose_family_silenced_it(
    office: Office,
) -> None:
    await corrected_of_a_list(office)
    silenced = await office.reported(2, kind="held", date="2026-11-21", outcome="", country="")
    await office.reviewing.suppress(office.signer("anna"), silenced, Consent.SUPPRESSED)
    merged = office.merging.merge(office.signer("anna"), "demo-1", "demo-2")
    assert await refused(merged) is Refusal.TOLD_THERE


async def test_what_is_declined_is_not_proposed_again(office: Office) -> None:
    pairs = {("demo-1", "demo-2"), ("demo-1", "unknown")}
    async with office.database.writing() as connection:
        assert await merging.propose(connection, pairs) == 1
    assert [(p.person, p.into) for p in await office.merging.proposals()] == [("demo-1", "demo-2")]
    await office.merging.decline(office.signer("anna"), "demo-1", "demo-2")
    async with office.database.writing() as connection:
        assert await merging.propose(connection, pairs) == 0
    assert await office.merging.proposals() == []
    decline = office.merging.decline
    assert await refused(decline(office.signer("anna"), "demo-2", "demo-9")) is Refusal.NOT_THERE
    assert await refused(decline(office.signer("anna"), "demo-2", "demo-2")) is Refusal.SAME_PERSON


async def test_a_list_proposes_whom_it_may_know_and_then_speaks_of_the_one_record(
    office: Office, tmp_path: Path
) -> None:
    export, known = tmp_path / "list.csv", f"viasna-{HELD}"
    async with office.database.writing() as connection:
        # Under a key of its own: an import refuses those of placeholder people.
        known_before = person.update().where(person.c.key == "demo-1").values(key="known-1")
        row_id = (await connection.execute(known_before.returning(person.c.id))).scalar_one()
        theirs = person_name.c.person_id == row_id
        await connection.execute(person_name.update().where(theirs).values(text=a_name(HELD)))

    assert "Perhaps known already, for editors to say: 1." in (await office.reads_list(export, 120)).lines()
    assert [(p.person, p.into) for p in await office.merging.proposals()] == [(known, "known-1")]
    assert await office.merging.merge(office.signer("anna"), known, "known-1")

    lines = (await office.reads_list(export, 120)).lines()

    assert "No longer in the list: 0." in lines
    assert not [line for line in lines if "quarantined:" in line or "refused:" in line]
    async with office.database.reading() as connection:
        keys = set((await connection.execute(select(person.c.key))).scalars())
        states = await connection.execute(
            select(claim.c.key, claim.c.state).where(claim.c.key.like("%/held/%"))
        )
        held = {key: ClaimState(state) for key, state in states}
        [found] = await find_people(connection, [1001])
    assert known not in keys
    assert len({(name.language, name.text) for name in found.names}) == len(found.names)
    assert held[f"{known}/held/viasna"] is ClaimState.RETRACTED
    assert held["known-1/held/viasna"] is ClaimState.PUBLISHED
    assert await office.count() == 0


async def test_silence_about_what_a_list_says_holds_for_the_record_that_stayed(
    office: Office, tmp_path: Path
) -> None:
    export, gone, kept = tmp_path / "list.csv", f"viasna-{HELD}", "known-1"
    async with office.database.writing() as connection:
        await connection.execute(person.update().where(person.c.key == "demo-1").values(key=kept))
    await office.reads_list(export, 120)
    await office.reviewing.suppress(office.signer("anna"), f"{gone}/held/viasna", Consent.SUPPRESSED)
    async with office.database.writing() as connection:
        # The list of that day is not the one of today.
        earlier = claim.update().where(claim.c.consent == Consent.SUPPRESSED.value)
        await connection.execute(earlier.values(date="2026-01-01"))
    for handle in ("anna", "boris"):
        await office.merging.merge(office.signer(handle), gone, kept)

    lines = (await office.reads_list(export, 120)).lines()

    [said] = [line for line in lines if line.startswith("conflict:")]
    assert said.endswith("the family asked for silence about this: left to editors")
    async with office.database.reading() as connection:
        assert f"{kept}/held/viasna" not in (await connection.execute(select(claim.c.key))).scalars()
    assert await office.count() == 0


async def test_a_newer_seed_publishes_nothing(office: Office) -> None:
    await prepare_registry(office.database, SEED, READ_UNTIL)
    assert await office.count() == 0
    newer = {name: list(found) for name, found in read_seed(SEED).items()}
    newer["persons"] += rows("persons", {"key": "new-person", "birth_year": ""})
    released = claim_row("new-person", "released", "2026-11-20")
    more = an_import([], [name_row("new-person", "Новы Прыклад")], [released])
    for file in ("publishers", "names", "claims", "evidence"):
        newer[file] += more[file]

    report = await import_registry(office.database, newer, READ_UNTIL)

    assert (report.added["claim"], report.refused) == (1, [])
    assert await office.count() == 0


@pytest.mark.proof
async def test_a_list_of_people_publishes_nothing_and_a_seed_leaves_editors_claims_alone(
    office: Office, tmp_path: Path, whole_proof: bool
) -> None:
    people = 9000 if whole_proof else 600
    outcome = await office.reads_list(tmp_path / "list.csv", people)
    assert outcome.report.added["person"] == people
    assert await office.count() == 0
    key = await office.reported(1)
    like_it = an_import([], [], [claim_row("demo-1", "released", "2026-11-27", key=key, outcome="at_home")])

    await import_registry(office.database, like_it, BEGINNING.date())

    async with office.database.reading() as connection:
        row = (await connection.execute(select(claim).where(claim.c.key == key))).one()
    assert (row.state, row.outcome, row.batch) == ("reported", "abroad", "editors")
    assert await office.count() == 0
