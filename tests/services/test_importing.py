"""Importing: what enters, what is refused and why, and that a repeat changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.desk.desk import Desk
from bot.services.importing import ImportReport, Row, import_registry, import_seed, put_registry
from bot.services.row_rules import RefusedError, _countries, day_of
from bot.sources.seed_files import read_seed
from bot.store import audit, merging
from bot.store.database import Database
from bot.store.people import find_people
from bot.store.registry import imported_seed, remember_seed
from bot.store.tables import claim, metadata, person, publisher
from tests.builders import (
    an_import,
    claim_row,
    name_row,
    person_row,
    proof,
    publisher_row,
    release_row,
    rows,
)
from tests.conftest import READ_UNTIL, TODAY
from tests.running import plan_for

Files = Mapping[str, Sequence[Row]]
NOTHING_DONE = "added 0, changed 0, withdrawn 0, conflicts 0, refused 0"


def small() -> dict[str, list[Row]]:
    """Return an import of two people that is good in every line."""
    return an_import(
        ["ales", "vera"],
        [name_row("ales", "Алесь Узорны"), name_row("vera", "Вера Узорная")],
        [
            claim_row("ales", "detained", "2023-05"),
            claim_row("ales", "released", "2025-09-11", outcome="abroad", country="LT", event="R1"),
        ],
        [release_row("R1", "2025-09-11", number="52", named="51", unnamed="1", taken_to="LT")],
    )


async def contents(database: Database) -> dict[str, list[Any]]:
    """Return every row of every table."""
    async with database.reading() as connection:
        return {
            table.name: list(map(tuple, await connection.execute(select(table).order_by(*table.primary_key))))
            for table in metadata.sorted_tables
        }


async def imported(database: Database, files: Files) -> ImportReport:
    return await import_registry(database, files, TODAY)


async def test_good_rows_enter_and_are_counted_by_kind(database: Database) -> None:
    report = await imported(database, small())

    assert report.added == {"publisher": 2, "person": 2, "name": 2, "claim": 2, "event": 1}
    assert (+report.changed, +report.withdrawn, report.conflicts, report.refused) == ({}, {}, [], [])
    assert str(report) == "added 9, changed 0, withdrawn 0, conflicts 0, refused 0"


async def test_a_repeat_adds_and_changes_nothing(database: Database) -> None:
    await imported(database, small())
    before = await contents(database)

    report = await imported(database, small())

    assert str(report) == NOTHING_DONE
    assert await contents(database) == before


async def test_a_changed_row_is_changed_and_keeps_its_number(database: Database) -> None:
    await imported(database, small())
    files = small()
    files["persons"] = rows("persons", person_row("ales", birth_year="1980"), person_row("vera"))
    files["publishers"][0] = Row("publishers.csv", 2, publisher_row(designation="listed"))
    numbers = select(person.c.key, person.c.number)
    async with database.reading() as connection:
        before = dict(tuple(row) for row in await connection.execute(numbers))

    report = await imported(database, files)

    assert report.changed == {"person": 1, "publisher": 1}
    async with database.reading() as connection:
        assert dict(tuple(row) for row in await connection.execute(numbers)) == before


async def test_a_new_page_for_an_old_claim_is_a_change(database: Database) -> None:
    await imported(database, small())
    files = small()
    files["evidence"] += rows("evidence", proof("claim/ales/detained/2023-05", "Second Daily"))

    assert (await imported(database, files)).changed == {"claim": 1}


async def test_a_claim_an_editor_worked_on_is_a_conflict_and_kept(database: Database) -> None:
    await imported(database, small())
    async with database.writing() as connection:
        edited = claim.update().where(claim.c.kind == "released")
        await connection.execute(edited.values(revision=2, consent="suppressed"))

    report = await imported(database, small())

    assert report.conflicts == ["claims.csv:3: edited here since; ours is kept"]
    async with database.reading() as connection:
        kept = select(claim.c.revision, claim.c.consent).where(claim.c.kind == "released")
        assert tuple((await connection.execute(kept)).one()) == (2, "suppressed")


async def silence(database: Database, key: str) -> None:
    async with database.writing() as connection:
        silenced = claim.update().where(claim.c.key == key)
        await connection.execute(silenced.values(revision=2, consent="suppressed"))


@pytest.mark.parametrize("batch", ["seed", "other"])
async def test_what_a_family_asked_not_to_be_told_does_not_come_under_another_key(
    database: Database, batch: str
) -> None:
    await imported(database, small())
    await silence(database, "ales/released/2025-09-11")
    others = [
        claim_row("ales", "released", "2025-09", key="ales/released/1"),
        claim_row("ales", "released", "2026-09-11", key="ales/released/2"),
        claim_row("ales", "held", "2025-09-11", key="ales/held/1"),
        claim_row("vera", "released", "2025-09-11", key="vera/released/1"),
    ]

    names = [dict(row.cells) for row in small()["names"]]
    files = an_import(["ales", "vera"], names, others)

    report = await import_registry(database, files, TODAY, batch=batch)

    assert report.added["claim"] == 3
    assert report.conflicts == ["claims.csv:2: the family asked for silence about this: left to editors"]
    async with database.reading() as connection:
        keys = set((await connection.execute(select(claim.c.key))).scalars())
    assert "ales/released/1" not in keys
    assert {row["key"] for row in others[1:]} < keys


async def test_a_claim_is_not_moved_to_a_day_that_a_family_asked_not_to_be_told(database: Database) -> None:
    files = small()
    files["claims"] += rows("claims", claim_row("ales", "released", "2020-01-01", key="second"))
    files["evidence"] += rows("evidence", proof("claim/second"))
    await imported(database, files)
    await silence(database, "ales/released/2025-09-11")
    files["claims"][-1] = Row("claims.csv", 4, claim_row("ales", "released", "2025-09-11", key="second"))

    report = await imported(database, files)

    assert report.conflicts[-1] == "claims.csv:4: the family asked for silence about this: left to editors"
    async with database.reading() as connection:
        said = select(claim.c.date).where(claim.c.key == "second")
        assert (await connection.execute(said)).scalar_one() == "2020-01-01"


async def test_what_a_seed_says_under_a_key_that_was_merged_away_is_said_of_the_record_that_is_followed(
    database: Database,
) -> None:
    await import_registry(database, small(), TODAY, batch="other")
    numbers = select(person.c.key, person.c.number)
    async with database.writing() as connection:
        before = {key: number for key, number in await connection.execute(numbers)}
        await connection.execute(claim.update().values(state="retracted"))
        assert await merging.merge(connection, "ales", "vera")

    report = await imported(database, small())

    assert report.conflicts == [
        "persons.csv:2: made one with another record here, of which everything is said instead"
    ]
    assert (report.refused, report.changed["claim"]) == ([], 2)
    async with database.reading() as connection:
        assert {key: number for key, number in await connection.execute(numbers)} == {"vera": before["vera"]}
        [found] = await find_people(connection, list(before.values()))
    assert {one.key: one.state.value for one in found.claims} == {
        "ales/detained/2023-05": "published",
        "ales/released/2025-09-11": "published",
    }
    assert (await imported(database, small())).changed == {}


async def test_one_key_twice_does_not_make_a_repeat_change_anything(database: Database) -> None:
    files = small()
    files["claims"] += rows("claims", claim_row("ales", "detained", "2023-06", key="ales/detained/2023-05"))
    await imported(database, files)

    assert (await imported(database, files)).changed == {}


async def test_a_claim_that_left_the_file_is_retracted_and_told_no_more(database: Database) -> None:
    await imported(database, small())
    files = small()
    del files["claims"][1]
    files["evidence"] = [row for row in files["evidence"] if "released" not in row.cells["subject"]]

    first, second = await imported(database, files), await imported(database, files)

    assert +first.withdrawn == {"claim": 1}
    assert str(second) == NOTHING_DONE
    async with database.reading() as connection:
        states = select(claim.c.state).order_by(claim.c.kind)
        assert list((await connection.execute(states)).scalars()) == ["published", "retracted"]


async def test_a_name_that_left_the_file_goes_with_its_pages(database: Database) -> None:
    await imported(database, small())
    files = small()
    del files["names"][1]
    files["evidence"] = [row for row in files["evidence"] if "vera" not in row.cells["subject"]]

    assert +(await imported(database, files)).withdrawn == {"name": 1}
    assert len((await contents(database))["person_name"]) == 1
    assert len((await contents(database))["person"]) == 2


async def test_another_batch_withdraws_nothing(database: Database) -> None:
    await imported(database, small())

    report = await import_registry(database, an_import(["zoya"]), TODAY, batch="other")

    assert +report.withdrawn == {}
    assert len((await contents(database))["claim"]) == 2


async def test_what_an_editor_worked_on_is_not_withdrawn(database: Database) -> None:
    await imported(database, small())
    async with database.writing() as connection:
        await connection.execute(claim.update().values(revision=2))
    files = small()
    files["claims"], files["evidence"] = (
        [],
        [row for row in files["evidence"] if "claim" not in row.cells["subject"]],
    )

    assert +(await imported(database, files)).withdrawn == {}


@pytest.mark.parametrize("file", ["names", "claims", "evidence"])
async def test_a_file_that_is_missing_withdraws_nothing(seedless: Database, file: str) -> None:
    await imported(seedless, small())
    before = await contents(seedless)
    files = small()
    del files[file]

    assert +(await imported(seedless, files)).withdrawn == {}
    assert await contents(seedless) == before


@pytest.mark.parametrize(
    ("file", "cell", "value"),
    [
        ("names", "kind", "mian"),
        ("names", "person", "alse"),
        ("claims", "kind", "relaesed"),
        ("claims", "date", "2025-02-30"),
    ],
)
async def test_a_mistake_in_a_row_withdraws_nothing(
    seedless: Database, file: str, cell: str, value: str
) -> None:
    await imported(seedless, small())
    files = small()
    files[file][0] = Row(f"{file}.csv", 2, dict(files[file][0].cells) | {cell: value})

    report = await imported(seedless, files)

    assert report.refused != []
    assert +report.withdrawn == {}


BAD_CLAIMS = {
    "a person nobody has": (claim_row("nobody", "held", "2024"), "unknown person"),
    "no person": (claim_row("", "held", "2024"), "person is empty"),
    "no key": (claim_row("ales", "held", "2024", key=" "), "key is empty"),
    "a kind there is not": (claim_row("ales", "arrested", "2024"), "not a ClaimKind"),
    "an outcome there is not": (claim_row("ales", "released", "2024", outcome="freed"), "not a Outcome"),
    "a manner there is not": (claim_row("ales", "released", "2024", manner="grace"), "not a Manner"),
    "a passport there is not": (claim_row("ales", "released", "2024", passport="yes"), "not a Passport"),
    "a place nobody has": (claim_row("ales", "held", "2024", place="colony-0"), "unknown place"),
    "an event nobody has": (claim_row("ales", "released", "2024", event="R0"), "unknown event"),
    "no date": (claim_row("ales", "held", ""), "not a date: date"),
    "the 30th of February": (claim_row("ales", "held", "2025-02-30"), "not a date: date"),
    "a date in another order": (claim_row("ales", "held", "11.09.2025"), "not a date: date"),
    "tomorrow": (claim_row("ales", "held", "2026-11-25"), "a date in the future: date"),
    "next month": (claim_row("ales", "held", "2026-12"), "a date in the future: date"),
    "next year": (claim_row("ales", "held", "2027"), "a date in the future: date"),
    "an outcome of a detention": (
        claim_row("ales", "detained", "2024", outcome="abroad"),
        "only a release has an outcome",
    ),
    "a manner of a sentence": (
        claim_row("ales", "sentenced", "2024", manner="pardon"),
        "only a release has an outcome",
    ),
    "a country at home": (
        claim_row("ales", "released", "2024", outcome="at_home", country="BY"),
        "a country needs the outcome abroad and its two-letter code",
    ),
    "a country in words": (
        claim_row("ales", "released", "2024", outcome="abroad", country="Poland"),
        "a country needs the outcome abroad and its two-letter code",
    ),
    "a country in small letters": (
        claim_row("ales", "released", "2024", outcome="abroad", country="pl"),
        "a country needs the outcome abroad and its two-letter code",
    ),
    **{
        f"a country that is none: {code}": (
            claim_row("ales", "released", "2024", outcome="abroad", country=code),
            "a country needs the outcome abroad and its two-letter code",
        )
        for code in ("ЛТ", "ZZ", "XA", "A1", "QQ", "EU", "L")
    },
    "a death in one place": (claim_row("ales", "died", "2024"), "a death needs two publishers"),
}


@pytest.mark.parametrize(("row", "reason"), BAD_CLAIMS.values(), ids=BAD_CLAIMS)
async def test_a_bad_claim_is_refused_with_its_line_and_the_rest_enters(
    seedless: Database, row: dict[str, str], reason: str
) -> None:
    good = claim_row("ales", "held", "2024-02-02", key="good")
    files = an_import(["ales"], [name_row("ales", "Алесь Узорны")], [row, good])

    report = await imported(seedless, files)

    assert [line for line in report.refused if not line.startswith("evidence: ")] == [
        f"claims.csv:2: {reason}"
    ]
    assert report.added["claim"] == 1


@pytest.fixture
def seedless(sqlite_database: Database) -> Database:
    """An empty registry: what is refused never reaches a database, so one kind is enough."""
    return sqlite_database


async def refusals(database: Database, file: str, *cells: dict[str, str], **others: list[Row]) -> list[str]:
    """Return why lines of one file, added to a good import, are refused, without where they stand."""
    files = small()
    for name, more in others.items():
        files[name] = files.get(name, []) + more
    files[file] = files.get(file, []) + rows(file, *cells)
    report = await imported(database, files)
    lines = [line for line in report.refused if not line.startswith("evidence: ")]
    return [line.split(": ", 1)[1] for line in lines]


def test_the_day_begins_when_it_begins_in_minsk(tmp_path: Path) -> None:
    midnight = datetime(2026, 11, 28, 21, 0, tzinfo=UTC)
    plan = plan_for(Desk(), "", tmp_path, now=lambda: midnight)

    assert day_of(midnight - timedelta(seconds=1)) == date(2026, 11, 28)
    assert day_of(midnight) == plan.today() == date(2026, 11, 29)


@pytest.mark.parametrize(
    ("kind", "when"),
    [("released", "2025-02-28"), ("held", "2026-11-24"), ("held", "2026-11"), ("held", "2026")],
)
async def test_today_this_month_and_this_year_are_not_the_future(
    seedless: Database, kind: str, when: str
) -> None:
    row = claim_row("ales", kind, when)

    assert (
        await refusals(seedless, "claims", row, evidence=rows("evidence", proof(f"claim/{row['key']}"))) == []
    )


async def test_a_death_two_publishers_reported_enters(seedless: Database) -> None:
    row = claim_row("ales", "died", "2024-05-21")
    pages = [proof(f"claim/{row['key']}", name) for name in ("Plain Daily", "Second Daily")]

    assert await refusals(seedless, "claims", row, evidence=rows("evidence", *pages)) == []


async def test_a_death_one_publisher_reported_twice_is_refused(seedless: Database) -> None:
    row = claim_row("ales", "died", "2024-05-21")
    pages = [proof(f"claim/{row['key']}", url=f"https://plain.example/{page}") for page in (1, 2)]

    assert await refusals(seedless, "claims", row, evidence=rows("evidence", *pages)) == [
        "a death needs two publishers"
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (person_row("demo-1"), "a placeholder person does not belong among real people"),
        (person_row(""), "key is empty"),
        (person_row("x", birth_year="about 1980"), "not a number"),
        (person_row("x", birth_year="-5"), "not a number"),
        (person_row("x", birth_year="１９８０"), "not a number"),
    ],
)
async def test_a_bad_person_is_refused(seedless: Database, row: dict[str, str], reason: str) -> None:
    assert await refusals(seedless, "persons", row) == [reason]


async def test_placeholder_people_bring_nothing_of_theirs_in(seedless: Database) -> None:
    files = an_import(["demo-1"], [name_row("demo-1", "Дэма Узорны")], [claim_row("demo-1", "held", "2024")])

    report = await imported(seedless, files)

    assert report.added == {"publisher": 2}
    assert [line for line in report.refused if "unknown person" in line] != []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (name_row("nobody", "Хтосьці"), "unknown person"),
        (name_row("ales", ""), "text is empty"),
        (name_row("ales", "Ін\u202eшы"), "text is too long or unreadable"),
        (name_row("ales", "Іншы", language=""), "language is empty"),
        (name_row("ales", "Іншы", kind="nick"), "not a NameKind"),
        (name_row("ales", "Іншы"), "a second main name in one language"),
        (name_row("ales", "Без старонкі", "pl"), "no page proves this name"),
    ],
)
async def test_a_bad_name_is_refused(seedless: Database, row: dict[str, str], reason: str) -> None:
    pages = [] if "proves" in reason else [proof(f"name/{row['person']}/{row['language']}/{row['text']}")]

    assert await refusals(seedless, "names", row, evidence=rows("evidence", *pages)) == [reason]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (publisher_row("", "media"), "name is empty"),
        (publisher_row("X", "blog"), "not a PublisherKind"),
        (publisher_row("X\x1b[2J", "media"), "name is too long or unreadable"),
        (publisher_row("X", "media", "banned"), "not a Designation"),
        (publisher_row("X", "media", ""), "not a Designation"),
    ],
)
async def test_a_bad_publisher_is_refused(seedless: Database, row: dict[str, str], reason: str) -> None:
    assert await refusals(seedless, "publishers", row) == [reason]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"publisher": "Nobody"}, "unknown publisher"),
        ({"publisher": ""}, "publisher is empty"),
        ({"url": ""}, "a source needs a web address"),
        ({"url": "plain.example/page"}, "a source needs a web address"),
        ({"url": "javascript:alert(1)"}, "a source needs a web address"),
        ({"url": "https:///page"}, "a source needs a web address"),
        ({"url": "http://[broken"}, "a source needs a web address"),
        ({"quote": ""}, "a source needs a quotation of 1 to 20 words"),
        ({"quote": "word " * 21}, "a source needs a quotation of 1 to 20 words"),
        ({"origin": " "}, "origin is empty"),
        ({"published_on": "2026-11-25"}, "a date in the future: published_on"),
        ({"published_on": "2025-02-30"}, "not a date: published_on"),
        ({"read_on": ""}, "not a date: read_on"),
        ({"read_on": "2026-11"}, "not a date: read_on"),
        ({"read_on": "2026-11-25"}, "a date in the future: read_on"),
    ],
)
async def test_a_bad_page_is_refused_and_proves_nothing(
    seedless: Database, changes: dict[str, str], reason: str
) -> None:
    row = claim_row("ales", "held", "2024-02-02")

    assert await refusals(
        seedless, "claims", row, evidence=rows("evidence", proof(f"claim/{row['key']}", **changes))
    ) == [reason, "no page proves this claim"]


@pytest.mark.parametrize("published", ["", "2024", "2024-03", "2024-03-01"])
async def test_a_page_may_be_dated_as_finely_as_it_dates_itself(seedless: Database, published: str) -> None:
    row = claim_row("ales", "held", "2024-02-02")
    page = proof(f"claim/{row['key']}", published_on=published)

    assert await refusals(seedless, "claims", row, evidence=rows("evidence", page)) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"number": ""}, "number is empty"),
        ({"number": "many"}, "not a number"),
        ({"named": "some"}, "not a number"),
        ({"kind": "escape"}, "not a ReleaseKind"),
        ({"qualifier": "maybe"}, "not a Qualifier"),
        ({"title_be": ""}, "title is not there in every language"),
        ({"title_be": "", "title_ru": "", "title_en": ""}, "title is not there in every language"),
        ({"disagreement_en": "differs"}, "disagreement is not there in every language"),
        ({"date": "2027-01-01"}, "a date in the future: date"),
        ({"key": ""}, "key is empty"),
    ],
)
async def test_a_bad_release_is_refused(seedless: Database, changes: dict[str, str], reason: str) -> None:
    row = release_row("R2", "2025-12-13") | changes

    assert await refusals(
        seedless, "release_events", row, evidence=rows("evidence", proof(f"event/{row['key']}"))
    ) == [reason]


@pytest.mark.parametrize("key", ["R 2025", "R/2025", "R.2025", "Вызваленне", "R" * 41])
async def test_a_release_whose_key_does_not_fit_a_button_is_refused(seedless: Database, key: str) -> None:
    evidence = rows("evidence", proof(f"event/{key}"))

    assert (
        len(await refusals(seedless, "release_events", release_row(key, "2025-12-13"), evidence=evidence))
        == 1
    )


def texts(name: str, words: str = "words") -> dict[str, str]:
    return {f"{name}_{language}": words for language in ("be", "ru", "en")}


VISIT = {"key": "D1", "date": "2025-01-01", "kind": "visit", "event": "R1"}
VISIT |= texts("who") | texts("place") | texts("asked", "") | texts("given", "")
SANCTION = {"key": "S1", "date": "2025-01-01", "side": "US", "action": "eased", "event": "R1"} | texts("text")
COUNT = {"key": "N1", "date": "2025-01-01", "qualifier": "", "number": "1200", "counted_by": "Somebody"}
PLACE = {"key": "colony-1", "kind": "colony"} | texts("name") | texts("town")
FILES = {
    "diplomacy": ("diplomacy", VISIT),
    "sanctions": ("sanction", SANCTION),
    "counts": ("count", COUNT),
    "places": ("place", PLACE),
}


@pytest.mark.parametrize(
    ("file", "changes", "reason"),
    [
        ("diplomacy", {}, None),
        ("diplomacy", {"kind": "party"}, "not a ActKind"),
        ("diplomacy", texts("who", ""), "who is not there in every language"),
        ("diplomacy", {"asked_ru": "words"}, "asked is not there in every language"),
        ("diplomacy", {"event": "R0"}, "unknown event"),
        ("diplomacy", {"date": "2026-12-01"}, "a date in the future: date"),
        ("sanctions", {}, None),
        ("sanctions", {"action": "lifted"}, "not a SanctionAction"),
        ("sanctions", {"side": ""}, "side is empty"),
        ("sanctions", {"text_be": ""}, "text is not there in every language"),
        ("sanctions", {"text_be": "x\ny"}, "text is too long or unreadable"),
        ("counts", {}, None),
        ("counts", {"number": "-1"}, "not a number"),
        ("counts", {"counted_by": ""}, "counted_by is empty"),
        ("places", {}, None),
        ("places", {"town_en": ""}, "town is not there in every language"),
        ("places", {"kind": ""}, "kind is empty"),
    ],
)
async def test_rows_of_the_timeline_enter_or_are_refused(
    seedless: Database, file: str, changes: dict[str, str], reason: str | None
) -> None:
    word, row = FILES[file]

    found = await refusals(
        seedless, file, row | changes, evidence=rows("evidence", proof(f"{word}/{row['key']}"))
    )

    assert found == ([reason] if reason else [])


@pytest.mark.parametrize("file", ["publishers", "persons", "names", "claims", "release_events", *FILES])
async def test_a_row_without_its_columns_is_refused_and_stops_nothing(seedless: Database, file: str) -> None:
    (reason,) = await refusals(seedless, file, {"unexpected": "x"})

    assert reason.startswith("no column ")


async def test_a_page_without_its_columns_is_refused_and_stops_nothing(seedless: Database) -> None:
    (reason,) = await refusals(seedless, "evidence", {"subject": "claim/x"})

    assert reason.startswith("no column ")


async def test_a_page_that_proves_nothing_imported_is_said(seedless: Database) -> None:
    files = small()
    files["evidence"] += rows("evidence", proof("claim/renamed"))

    report = await imported(seedless, files)

    assert report.refused == ["evidence: proves nothing that was imported: claim/renamed"]


async def test_a_row_no_database_can_hold_is_refused_and_stops_nothing(database: Database) -> None:
    bad = {
        "persons": [person_row("k" * 81), person_row("zero\x00"), person_row("x", birth_year="9" * 30)],
        "publishers": [publisher_row("n" * 121), publisher_row("zero\x00")],
        "names": [name_row("ales", "т" * 201, "pl"), name_row("ales", "Zero \x00", "pl")],
        "release_events": [release_row("R2", "2025-12-13", number="9" * 30)],
    }
    files = small()
    for file, cells in bad.items():
        files[file] = files[file] + rows(file, *cells)
    files["evidence"] += rows("evidence", *(proof(f"name/ales/pl/{row['text']}") for row in bad["names"]))
    files["evidence"] += rows("evidence", proof("event/R2"))

    report = await imported(database, files)

    assert len(report.refused) == sum(map(len, bad.values())), report.refused
    assert report.added == {"publisher": 2, "person": 2, "name": 2, "claim": 2, "event": 1}


class Torn(list[Row]):
    """A file that cannot be read to its end."""

    def __iter__(self) -> Iterator[Row]:
        yield from super().__iter__()
        raise OSError("torn")


async def test_an_import_that_fails_leaves_nothing_behind(database: Database) -> None:
    files: dict[str, Sequence[Row]] = dict(small())
    files["claims"] = Torn(files["claims"])

    with pytest.raises(Exception, match=r"."):
        await imported(database, files)

    assert not any((await contents(database)).values())


async def test_the_seed_is_imported_once_and_again_when_it_changed(database: Database) -> None:
    first = await import_seed(database, small, "digest-1", TODAY)
    second = await import_seed(database, small, "digest-1", TODAY)
    third = await import_seed(database, small, "digest-2", TODAY)

    assert first is not None
    assert first.added.total() == 9
    assert second is None
    assert third is not None
    assert third.added.total() == 0


async def test_of_two_processes_that_start_at_once_one_brings_the_seed(
    database: Database, address: str
) -> None:
    there, looked = Database(address), asyncio.Event()

    def read() -> Files:
        looked.set()
        return small()

    async with asyncio.TaskGroup() as group, database.writing() as connection:
        await audit.lock(connection)
        other = group.create_task(import_seed(there, read, "digest-1", TODAY))
        await looked.wait()
        for _ in range(100):  # meanwhile the other would have come to its end, if it did not wait
            await imported_seed(connection)
        await put_registry(connection, small(), TODAY)
        await remember_seed(connection, "digest-1")
    await there.close()

    assert other.result() is None
    assert len((await contents(database))["seed_import"]) == 1


async def test_a_seed_that_failed_is_imported_at_the_next_start(database: Database) -> None:
    def broken() -> Files:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await import_seed(database, broken, "digest-1", TODAY)

    assert await import_seed(database, small, "digest-1", TODAY) is not None


async def test_the_seed_that_ships_enters_whole_and_once(seeded: Database) -> None:
    report = await import_registry(seeded, read_seed(), READ_UNTIL)

    assert str(report) == NOTHING_DONE


async def test_a_claim_of_an_import_is_published_and_public(database: Database) -> None:
    await imported(database, small())

    async with database.reading() as connection:
        found = await connection.execute(select(claim.c.consent, claim.c.state, claim.c.revision).distinct())
        assert [tuple(row) for row in found] == [("public", "published", 1)]
        names = await connection.execute(select(publisher.c.name).order_by(publisher.c.name))
        assert list(names.scalars()) == ["Plain Daily", "Second Daily"]


@pytest.mark.parametrize("taken_to", ["LT|ЛТ", "ZZ", "LT,PL", "LT|", "|".join(["LT"] * 21)])
def test_a_release_is_to_countries_that_there_are(taken_to: str) -> None:
    with pytest.raises(RefusedError, match="countries are their two-letter codes"):
        _countries(taken_to)


def test_every_country_and_territory_can_be_one_a_release_is_to() -> None:
    assert [_countries(some) for some in ("", "LT", "LT|PL|DE", "XK|TW|PS|GF")] == [
        *("", "LT", "LT|PL|DE", "XK|TW|PS|GF"),
    ]
