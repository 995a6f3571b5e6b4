"""Importing Viasna's export: whom it names, who is said to be held, what editors decide, what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.domain.people import (
    PUBLIC_ONLY,
    TO_FOLLOWERS,
    ClaimState,
    Consent,
    Language,
    NameKind,
    Person,
    Standing,
    status_of,
)
from bot.services.importing import import_registry, put_registry
from bot.sources.seed_files import read_seed
from bot.sources.viasna_export import ExportRefusedError
from bot.sources.viasna_import import PUBLISHER, Outcome, run_import
from bot.store import audit
from bot.store.database import Database
from bot.store.people import find_people
from bot.store.registry import imported_seed
from bot.store.tables import claim, metadata, person, person_name
from tests.builders import an_import, claim_row, name_row
from tests.conftest import READ_UNTIL, TODAY
from tests.sources.viasna_lists import CANARY, FIRST, Cells, a_list, a_name, a_row, as_csv

DAY = date(2026, 8, 30)
LATER = date(2026, 9, 30)
HELD = FIRST + 9
"""A number whose row is `active`; its neighbours are not."""


class Registry:
    """A registry and a file to import into it."""

    def __init__(self, database: Database, path: Path) -> None:
        self.database, self.path = database, path

    async def take(self, listed: Sequence[Cells] | str, language: str = "be", **how: Any) -> Outcome:
        text = listed if isinstance(listed, str) else as_csv(listed)
        self.path.write_text(text, encoding="utf-8")
        options: dict[str, Any] = {"exported_on": DAY, "today": TODAY, "minimum_rows": 100} | how
        return await run_import(self.database, self.path, language=Language(language), **options)

    async def person(self, key: int | str) -> Person:
        wanted = f"viasna-{key}" if isinstance(key, int) else key
        async with self.database.reading() as connection:
            number = (
                await connection.execute(select(person.c.number).where(person.c.key == wanted))
            ).scalar_one()
            return (await find_people(connection, [number]))[0]

    async def forms(self, key: int | str) -> list[tuple[str, str, str]]:
        found = await self.person(key)
        return sorted((name.language, name.kind.value, name.text) for name in found.names)

    async def standing(self, key: int | str) -> Standing:
        return status_of((await self.person(key)).claims).standing

    async def editors_publish(self, key: int, *claims: dict[str, str], **columns: Any) -> None:
        """Write what two editors published of a person of the list, in the columns given."""
        files = an_import([f"viasna-{key}"], [], claims)
        await import_registry(self.database, files, TODAY, batch="editors")
        async with self.database.writing() as connection:
            theirs = claim.update().where(claim.c.key.in_([row["key"] for row in claims]))
            await connection.execute(theirs.values({"state": "published"} | columns))

    async def contents(self) -> dict[str, list[Any]]:
        async with self.database.reading() as connection:
            tables = metadata.sorted_tables
            return {
                t.name: list(await connection.execute(select(t).order_by(*t.primary_key))) for t in tables
            }


@pytest.fixture
def registry(database: Database, tmp_path: Path) -> Registry:
    """An empty registry of each kind."""
    return Registry(database, tmp_path / "export.csv")


@pytest.fixture
def filled(seeded: Database, tmp_path: Path) -> Registry:
    """A registry with the seed that ships."""
    return Registry(seeded, tmp_path / "export.csv")


def a_release(when: str, **other: str) -> dict[str, str]:
    return claim_row(f"viasna-{HELD}", "released", when, **{"outcome": "at_home", **other})


def replaced(listed: Sequence[Cells], number: int, **cells: str) -> list[Cells]:
    return [row | cells if row["id"] == str(number) else row for row in listed]


@pytest.mark.proof
async def test_thousands_of_rows_enter_and_a_repeat_changes_nothing(
    registry: Registry, whole_proof: bool
) -> None:
    tens = 900 if whole_proof else 200
    listed, minimum = as_csv(a_list(10 * tens)), 6 * tens
    first = await registry.take(listed, minimum_rows=minimum)
    before = await registry.contents()

    again = await registry.take(listed, minimum_rows=minimum)

    assert first.report.added == {"publisher": 1, "person": 10 * tens, "name": 10 * tens, "claim": tens}
    assert len(before["source"]) == 11 * tens
    assert first.lines()[0] == f"Imported: {tens} active, {4 * tens} former, {5 * tens} np."
    assert str(again.report) == "added 0, changed 0, withdrawn 0, conflicts 0, refused 0"
    assert await registry.contents() == before


async def test_only_active_makes_a_claim_and_it_is_that_they_are_held_on_the_day_of_the_export(
    registry: Registry,
) -> None:
    await registry.take(a_list())

    (said,) = (await registry.person(HELD)).claims
    assert (said.kind.value, str(said.when), said.consent.value) == ("held", "2026-08-30", "public")
    (page,) = said.sources
    assert (page.publisher.name, page.origin, page.read_on) == ("Viasna", "Viasna", DAY)
    assert page.url == f"https://prisoners.spring96.org/be/person/p-{HELD}"
    async with registry.database.reading() as connection:
        kinds = await connection.execute(select(claim.c.kind, func.count()).group_by(claim.c.kind))
        assert [tuple(row) for row in kinds] == [("held", 12)]
    for number in (HELD + 1, HELD + 5):  # former, np
        assert (await registry.person(number)).claims == ()


async def test_three_lists_give_one_person_three_names(registry: Registry) -> None:
    for language in Language:
        await registry.take(a_list(language=language), language)
    outcome = await registry.take(a_list(), "be")

    assert +outcome.report.withdrawn == {}
    assert await registry.forms(FIRST) == [(x, "main", a_name(FIRST, x)) for x in ("be", "en", "ru")]


async def test_several_spellings_are_one_name_to_show_and_the_others_to_find(registry: Registry) -> None:
    await registry.take(replaced(a_list(), FIRST, name="Алесь &quot;Зорка&quot; Прыклад / Алесь Прыкладаў "))

    assert await registry.forms(FIRST) == [
        ("be", "main", 'Алесь "Зорка" Прыклад'),
        ("be", "spelling", "Алесь Прыкладаў"),
    ]


async def test_homonyms_stay_two_people_told_apart_by_the_year_of_birth(registry: Registry) -> None:
    same = {"name": "Алесь Прыклад", "url": "https://prisoners.spring96.org/be/person/ales-pryklad"}
    listed = replaced(a_list(), FIRST, **same, birthday="1984-05-06")
    listed = replaced(listed, HELD, **same, birthday="2000-01-01")

    await registry.take(replaced(listed, FIRST + 1, birthday="1990-01-02"))

    first, second = await registry.person(FIRST), await registry.person(HELD)
    assert first.number != second.number
    assert (first.birth_year, second.birth_year) == (1984, None)
    assert (first.claims, len(second.claims)) == ((), 1)
    assert (await registry.person(FIRST + 1)).birth_year is None, "nobody shares that name"


async def test_a_year_of_birth_stays_when_the_other_of_that_name_has_gone(registry: Registry) -> None:
    same = replaced(a_list(), FIRST, name="Алесь Прыклад", birthday="1984-05-06")
    await registry.take(replaced(same, HELD, name="Алесь Прыклад"))

    outcome = await registry.take(same)

    assert outcome.report.conflicts == []
    assert (await registry.person(FIRST)).birth_year == 1984


async def test_a_death_in_one_list_is_no_claim_and_neither_is_being_held(registry: Registry) -> None:
    outcome = await registry.take(replaced(a_list(), HELD, died="2026-08-01"))

    assert outcome.deaths == 1
    assert "Deaths left to editors: 1." in outcome.lines()
    assert (await registry.person(HELD)).claims == ()


async def test_who_is_no_longer_active_is_no_longer_said_to_be_held(registry: Registry) -> None:
    await registry.take(a_list())

    outcome = await registry.take(replaced(a_list(), HELD, status="former"), exported_on=LATER)

    assert +outcome.report.withdrawn == {"claim": 1}
    assert await registry.standing(HELD) is Standing.NOT_CONFIRMED
    async with registry.database.reading() as connection:
        states = select(claim.c.state).where(claim.c.key == f"viasna-{HELD}/held/viasna")
        assert (await connection.execute(states)).scalar_one() == ClaimState.RETRACTED.value
    assert await registry.standing(HELD + 10) is Standing.HELD


async def test_a_later_list_moves_the_day_and_adds_no_second_claim(registry: Registry) -> None:
    await registry.take(a_list())
    await registry.take(a_list(), exported_on=LATER)

    (said,) = (await registry.person(HELD)).claims
    assert str(said.when) == "2026-09-30"


async def test_who_left_the_list_is_withdrawn_and_keeps_the_number(registry: Registry) -> None:
    await registry.take(a_list())
    number = (await registry.person(HELD)).number

    gone = await registry.take([row for row in a_list() if row["id"] != str(HELD)])
    back = await registry.take(a_list())

    assert +gone.report.withdrawn == {"claim": 1, "name": 1}
    assert "No longer in the list: 1." in gone.lines()
    assert (back.report.added, back.report.changed) == ({"name": 1}, {"claim": 1})
    assert (await registry.person(HELD)).number == number


async def test_the_last_name_of_whom_editors_speak_of_stays_and_the_operator_is_told(
    registry: Registry,
) -> None:
    await registry.take(a_list())
    await registry.editors_publish(HELD, a_release("2026-08-28"))
    number = (await registry.person(HELD)).number
    shorter = [row for row in a_list() if row["id"] != str(HELD)]

    gone = await registry.take(shorter, exported_on=LATER)
    again = await registry.take(shorter, exported_on=LATER)

    assert [+outcome.report.withdrawn for outcome in (gone, again)] == [{"claim": 1}, {}]
    said = f"conflict: viasna-{HELD}: no longer here, but others speak of this person: the last name stays"
    for outcome in (gone, again):
        assert outcome.lines()[-1] == said
    assert (await registry.person(HELD)).number == number
    assert await registry.standing(HELD) is Standing.FREE


async def test_a_last_name_goes_when_what_editors_said_was_taken_back_or_another_name_is_there(
    registry: Registry,
) -> None:
    await registry.take(a_list())
    await registry.editors_publish(HELD, a_release("2026-08-28"), state="retracted")
    await registry.editors_publish(FIRST, claim_row(f"viasna-{FIRST}", "held", "2026-08"))
    renamed = replaced(a_list(), FIRST, name=f"Аляксандр {a_name(FIRST).split()[1]}")

    outcome = await registry.take([row for row in renamed if row["id"] != str(HELD)])

    assert outcome.report.withdrawn["name"] == 2
    assert outcome.report.conflicts == []


@pytest.mark.parametrize("cells", [{"status": "?"}, {"name": "/start"}, {"id": "?"}])
async def test_a_row_that_cannot_be_believed_withdraws_nothing_of_its_person(
    registry: Registry, cells: dict[str, str]
) -> None:
    await registry.take(a_list())

    outcome = await registry.take(replaced(a_list(), HELD, **cells))

    assert len(outcome.quarantined) == 1
    assert +outcome.report.withdrawn == {}
    assert await registry.standing(HELD) is Standing.HELD


async def test_an_id_that_belonged_to_another_name_is_left_out(registry: Registry) -> None:
    await registry.take(a_list())

    outcome = await registry.take(replaced(a_list(), HELD, name="Хтосьці Іншы"))

    assert [row.reason for row in outcome.quarantined] == ["the registry knows this id under another name"]
    assert await registry.forms(HELD) == [("be", "main", a_name(HELD))]


@pytest.mark.parametrize("new", ["Siarhej Ekzampl", "Sergey Exampleau", "Siarhei Inakshy"])
async def test_another_spelling_or_a_new_surname_is_the_same_person(registry: Registry, new: str) -> None:
    old = replaced(a_list(language="en"), HELD, name="Siarhei Exampleu")
    await registry.take(old, "en")

    outcome = await registry.take(replaced(old, HELD, name=new), "en")

    assert outcome.quarantined == []
    assert await registry.forms(HELD) == [("en", "main", new)]


def seeded_person(language: str, *standings: str) -> tuple[str, str]:
    """Return key and name of a person of the seed with a main name in a language and a claim of a kind."""
    seed = read_seed()
    having = {row.cells["person"] for row in seed["claims"] if row.cells["kind"] in standings}
    for row in seed["names"]:
        cells = row.cells
        shown = cells["kind"] == "main" and cells["language"] == language
        if shown and cells["person"] in having and cells["person"].startswith("viasna-"):
            return cells["person"], cells["text"]
    raise AssertionError("nobody in the seed")


async def test_rows_meet_the_people_of_the_seed_whose_names_stay_the_seeds(filled: Registry) -> None:
    key, text = seeded_person("en", "released")
    number = int(key.removeprefix("viasna-"))
    before, forms = await filled.person(key), await filled.forms(key)

    await filled.take([*a_list(language="en"), a_row(number, "en", name=text, status="former")], "en")
    assert (await filled.person(key)).number == before.number
    assert await filled.forms(key) == forms
    given = text.split()[0]
    await filled.take([*a_list(language="en"), a_row(number, "en", name=f"{given} Exampleson")], "en")

    added = ("en", NameKind.SPELLING.value, f"{given} Exampleson")
    assert await filled.forms(key) == sorted([*forms, added])
    async with filled.database.reading() as connection:
        mine = select(func.count()).where(person_name.c.batch == "viasna", person_name.c.text == text)
        assert (await connection.execute(mine)).scalar_one() == 0
    again = await import_registry(filled.database, read_seed(), READ_UNTIL)
    assert str(again) == "added 0, changed 0, withdrawn 0, conflicts 0, refused 0"


async def test_held_in_the_list_and_freed_in_the_registry_is_left_to_editors(filled: Registry) -> None:
    key, text = seeded_person("en", "released")
    freed = a_row(int(key.removeprefix("viasna-")), "en", name=text, status="active")
    before = await filled.person(key)

    outcome = await filled.take([*a_list(language="en"), freed], "en")

    assert len(outcome.contradicted) == 1
    assert outcome.lines()[-1].endswith("not held in the registry: left to editors")
    assert status_of((await filled.person(key)).claims) == status_of(before.claims)


@pytest.mark.parametrize(("released", "withdrawn"), [("2026-09-02", 0), ("2026-08-02", 1)])
async def test_a_release_published_since_is_not_undone_by_a_list_that_lags(
    registry: Registry, released: str, withdrawn: int
) -> None:
    await registry.take(a_list())
    release = claim_row(f"viasna-{HELD}", "released", released, outcome="at_home")
    names = [name_row(f"viasna-{HELD}", a_name(HELD))]
    await import_registry(
        registry.database, an_import([f"viasna-{HELD}"], names, [release]), TODAY, batch="editors"
    )

    outcome = await registry.take(a_list(), exported_on=LATER)

    assert len(outcome.contradicted) == 1
    assert outcome.report.withdrawn.total() == withdrawn
    assert await registry.standing(HELD) is Standing.FREE


@pytest.mark.parametrize(("released", "said"), [("2026-08-28", 1), ("2026-09-02", 2)])
async def test_whom_a_newer_seed_brings_as_released_no_earlier_list_puts_behind_bars_again(
    registry: Registry, released: str, said: int
) -> None:
    await registry.take(a_list())
    names = [name_row(f"viasna-{HELD}", a_name(HELD))]
    await import_registry(
        registry.database, an_import([f"viasna-{HELD}"], names, [a_release(released)]), TODAY
    )

    claims = (await registry.person(HELD)).claims
    assert (status_of(claims).standing, status_of(claims).detained_again) == (Standing.FREE, False)
    assert len([one for one in claims if one.state is ClaimState.PUBLISHED]) == said


@pytest.mark.parametrize("consent", [Consent.PUBLIC, Consent.FOLLOWERS])
@pytest.mark.parametrize("state", [ClaimState.PUBLISHED, ClaimState.CORRECTED])
async def test_no_list_puts_behind_bars_whom_editors_published_as_released(
    registry: Registry, state: ClaimState, consent: Consent
) -> None:
    await registry.take(replaced(a_list(), HELD, status="former"))
    await registry.editors_publish(HELD, a_release("2026-08-28"), state=state.value, consent=consent.value)

    outcome = await registry.take(a_list())

    assert outcome.lines()[-1].endswith("listed as held, but not held in the registry: left to editors")
    assert +outcome.report.added == {}
    for consents in (PUBLIC_ONLY, TO_FOLLOWERS):
        assert not status_of((await registry.person(HELD)).claims, consents).detained_again


async def test_a_list_is_weighed_against_what_editors_publish_meanwhile(
    registry: Registry, address: str
) -> None:
    await registry.take(replaced(a_list(), HELD, status="former"))
    there = Registry(Database(address), registry.path)
    async with asyncio.TaskGroup() as group, registry.database.writing() as connection:
        await audit.lock(connection)
        taking = group.create_task(there.take(a_list()))
        for _ in range(300):  # meanwhile it would have weighed the list, if it did not wait
            await imported_seed(connection)
            await asyncio.sleep(0)
        files = an_import([f"viasna-{HELD}"], [], [a_release("2026-08-28")])
        await put_registry(connection, files, TODAY, "editors")
    await there.database.close()

    assert len(taking.result().contradicted) == 1
    assert await registry.standing(HELD) is Standing.FREE


@pytest.mark.parametrize(("listed", "withdrawn"), [(DAY, 1), (date(2026, 8, 20), 0)])
async def test_no_list_settles_where_two_pages_differ_on_a_release(
    registry: Registry, listed: date, withdrawn: int
) -> None:
    await registry.take(a_list(), exported_on=listed)
    two = [a_release("2026-08-28"), a_release("2026-08-28", outcome="house_arrest", key="second")]
    await registry.editors_publish(HELD, *two)

    outcome = await registry.take(a_list(), exported_on=LATER)

    assert len(outcome.contradicted) == 1
    assert outcome.report.withdrawn.total() == withdrawn
    said = status_of((await registry.person(HELD)).claims)
    assert (said.standing, said.disputed) == (Standing.NOT_CONFIRMED, True)


async def test_the_seed_takes_over_a_name_the_list_brought_first(registry: Registry) -> None:
    await registry.take(a_list())
    key = f"viasna-{FIRST}"

    await import_registry(registry.database, an_import([key], [name_row(key, a_name(FIRST))]), TODAY)
    await registry.take(a_list())

    async with registry.database.reading() as connection:
        owner = select(person_name.c.batch, func.count()).where(person_name.c.text == a_name(FIRST))
        assert [tuple(row) for row in await connection.execute(owner.group_by(person_name.c.batch))] == [
            ("seed", 1)
        ]


async def test_a_list_never_overwrites_what_the_seed_says_of_its_publisher() -> None:
    assert [row.cells for row in read_seed()["publishers"] if row.cells["name"] == "Viasna"] == [PUBLISHER]


async def test_a_rehearsal_reports_the_same_and_writes_nothing(registry: Registry) -> None:
    before = await registry.contents()

    rehearsed = await registry.take(a_list(), dry_run=True)

    assert await registry.contents() == before
    imported = await registry.take(a_list())
    assert rehearsed.report == imported.report
    assert [rehearsed.lines()[0], imported.lines()[0]] == [
        "Would import: 12 active, 48 former, 60 np.",
        "Imported: 12 active, 48 former, 60 np.",
    ]


async def test_nothing_discarded_reaches_the_database_or_the_report(filled: Registry) -> None:
    outcome = await filled.take([*a_list(), a_row(7, status=CANARY), a_row(8, birthday=CANARY)])
    await filled.database.close()

    stored = b"".join(path.read_bytes() for path in filled.path.parent.glob("registry.db*"))
    assert a_name(FIRST).encode() in stored
    assert CANARY.encode() not in stored
    assert CANARY not in "\n".join(outcome.lines())
    assert a_name(FIRST) not in repr(outcome)


def without(count: int) -> list[Cells]:
    return a_list(200)[count:]


def no_longer_held(count: int) -> list[Cells]:
    held = [row["id"] for row in a_list(200) if row["status"] == "active"][:count]
    return [row | {"status": "former"} if row["id"] in held else row for row in a_list(200)]


CHANGES = {
    "a day in the future": (
        a_list(200),
        {"exported_on": date(2026, 11, 25)},
        "cannot be from a day in the future",
    ),
    "an older list": (
        a_list(200),
        {"exported_on": date(2026, 8, 29)},
        "A later export, of 2026-08-30, was imported",
    ),
    "people gone": (without(5), {}, "5 of 200 people imported before are missing, more than 2%."),
    "held no longer": (no_longer_held(6), {}, "6 people would no longer be listed as held, more than 5."),
    "other people's ids": (
        [row | {"name": "Хтосьці"} for row in a_list(200)],
        {},
        "200 of 200 rows are bad, more than 2%; most often (200): the registry knows this id",
    ),
    "half a list": (as_csv(a_list(200))[:20000], {}, "cut off"),
    "too short a list": (a_list(99), {}, "The file holds 99 rows"),
    "an empty list": ("", {}, "The file is empty."),
    "a page that says no": ("<html>403 Forbidden</html>", {}, "The file is a web page"),
}


@pytest.mark.parametrize(("listed", "how", "reason"), CHANGES.values(), ids=CHANGES)
async def test_what_is_refused_leaves_every_byte_of_the_registry_as_it_was(
    filled: Registry, listed: Sequence[Cells] | str, how: dict[str, Any], reason: str
) -> None:
    await filled.take(a_list(200))
    await filled.database.close()
    assert filled.database.file is not None
    before = filled.database.file.read_bytes()

    with pytest.raises(ExportRefusedError) as refused:
        await filled.take(listed, **how)
    await filled.database.close()

    assert reason in str(refused.value)
    assert filled.database.file.read_bytes() == before


@pytest.mark.parametrize("listed", [without(5), no_longer_held(6)], ids=["people gone", "held no longer"])
async def test_a_drop_that_was_accepted_is_imported(filled: Registry, listed: list[Cells]) -> None:
    await filled.take(a_list(200))

    outcome = await filled.take(listed, accept_drop=True)

    assert outcome.report.withdrawn.total() > 0


@pytest.mark.parametrize("listed", [without(4), no_longer_held(5)], ids=["people gone", "held no longer"])
async def test_a_small_drop_needs_no_second_word(filled: Registry, listed: list[Cells]) -> None:
    await filled.take(a_list(200))

    assert (await filled.take(listed)).report.withdrawn.total() > 0


async def test_rows_that_cannot_be_believed_are_no_drop(filled: Registry) -> None:
    await filled.take(a_list(400))
    held = [row for row in a_list(400) if row["status"] == "active"][:6]
    bad = [row | {"status": "?"} if row in held else row for row in a_list(400)]

    outcome = await filled.take(bad)

    assert len(outcome.quarantined) == 6
    assert +outcome.report.withdrawn == {}


async def test_without_a_registry_nothing_is_imported_and_none_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'none.db'}")

    with pytest.raises(ExportRefusedError, match=r"start the bot once"):
        await Registry(database, tmp_path / "export.csv").take(a_list())

    assert database.file is not None
    assert not database.file.exists()


async def test_an_empty_database_is_no_registry(empty_database: Database, tmp_path: Path) -> None:
    with pytest.raises(ExportRefusedError, match=r"start the bot once"):
        await Registry(empty_database, tmp_path / "export.csv").take(a_list())
