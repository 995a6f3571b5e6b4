"""Putting rows into the registry: found again by their keys, numbered once, never over an editor's work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from bot.store.database import Database
from bot.store.registry import (
    Change,
    RegistryWriter,
    Scope,
    SourceRow,
    Withdrawal,
    imported_seed,
    remember_seed,
)
from bot.store.tables import NUMBERS, claim, person, person_name, seed_import, source

PUBLISHER = {"name": "Plain Daily", "kind": "media", "designation": "not_listed"}


async def put(
    writer: RegistryWriter, word: str, values: Mapping[str, Any], sources: Sequence[SourceRow] = ()
) -> Change:
    """Put one row; return what became of it."""
    return (await writer.put_all(word, [(values, sources)]))[0]


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[RegistryWriter]:
    async with database.writing() as connection:
        writer = RegistryWriter(connection)
        await writer.load()
        assert await put(writer, "publisher", PUBLISHER) is Change.ADDED
        yield writer


async def loaded_again(writer: RegistryWriter) -> RegistryWriter:
    """Return a writer that knows only what the database holds."""
    again = RegistryWriter(writer.connection)
    await again.load()
    return again


def a_page(url: str = "https://plain.example/page", origin: str = "Plain Daily") -> SourceRow:
    return SourceRow("Plain Daily", url, "2024-01-01", origin, date(2026, 11, 20))


def a_claim(person_id: int | None, **other: Any) -> dict[str, Any]:
    return {
        "key": "p/held/1",
        "person_id": person_id,
        "kind": "held",
        "date": "2024-01-01",
        "outcome": "not_stated",
        "country": None,
        "passport": None,
        "manner": None,
        "place_id": None,
        "release_event_id": None,
        "consent": "public",
        "state": "published",
        "revision": 1,
        "batch": "seed",
    } | other


async def add_person(writer: RegistryWriter, key: str = "p") -> int:
    await put(writer, "person", {"key": key, "birth_year": None})
    found = writer.id_of("person", key)
    assert found is not None
    return found


async def rows_of(writer: RegistryWriter, table: Table) -> int:
    return (await writer.connection.execute(select(func.count()).select_from(table))).scalar_one()


async def test_a_row_is_added_then_the_same_then_changed(writer: RegistryWriter) -> None:
    for again in (writer, await loaded_again(writer)):
        assert await put(again, "publisher", PUBLISHER) is Change.SAME
    assert await put(writer, "publisher", PUBLISHER | {"designation": "listed"}) is Change.CHANGED
    assert await put(writer, "publisher", PUBLISHER | {"designation": "listed"}) is Change.SAME


async def test_a_name_is_found_by_whose_it_is_in_what_language_and_how_written(
    writer: RegistryWriter,
) -> None:
    person_id = await add_person(writer)
    row = {"person_id": person_id, "language": "be", "kind": "main", "text": "Прыклад", "batch": "seed"}

    assert await put(writer, "name", row, [a_page()]) is Change.ADDED
    assert await put(await loaded_again(writer), "name", row, [a_page()]) is Change.SAME
    assert await put(writer, "name", row | {"kind": "spelling"}, [a_page()]) is Change.CHANGED
    assert await put(writer, "name", row | {"language": "ru"}, [a_page()]) is Change.ADDED


async def test_rows_put_together_are_each_told_what_became_of_them(writer: RegistryWriter) -> None:
    for number in range(4):
        await add_person(writer, f"p{number}")
    ids = [writer.id_of("person", f"p{number}") for number in range(4)]
    first = [(a_claim(ids[n], key=f"c{n}"), [a_page(f"https://plain.example/{n}")]) for n in range(3)]
    assert await writer.put_all("claim", first) == [Change.ADDED] * 3
    pages = [a_page("https://plain.example/0"), a_page("https://plain.example/new")]
    then = [
        (a_claim(ids[0], key="c0"), pages[:1]),
        (a_claim(ids[1], key="c1", date="2024-02-02"), pages[1:]),
        (a_claim(ids[2], key="c2", kind="detained"), [a_page("https://plain.example/2")]),
        (a_claim(ids[3], key="c3"), pages),
        (a_claim(ids[3], key="c1"), pages),
    ]

    changes = await writer.put_all("claim", then[:4])

    assert changes == [Change.SAME, Change.CHANGED, Change.CHANGED, Change.ADDED]
    found = await writer.connection.execute(
        select(claim.c.key, claim.c.person_id, claim.c.date, claim.c.kind, source.c.url)
        .join(source, source.c.claim_id == claim.c.id)
        .order_by(claim.c.key, source.c.url)
    )
    assert [tuple(row) for row in found] == [
        ("c0", ids[0], "2024-01-01", "held", "https://plain.example/0"),
        ("c1", ids[1], "2024-02-02", "held", "https://plain.example/new"),
        ("c2", ids[2], "2024-01-01", "detained", "https://plain.example/2"),
        ("c3", ids[3], "2024-01-01", "held", "https://plain.example/0"),
        ("c3", ids[3], "2024-01-01", "held", "https://plain.example/new"),
    ]
    assert await (await loaded_again(writer)).put_all("claim", then[:4]) == [Change.SAME] * 4
    assert await writer.put_all("claim", then[4:]) == [Change.CONFLICT]
    assert await writer.put_all("claim", []) == []


async def test_what_one_import_brought_stays_its_own_but_the_seed_takes_over(writer: RegistryWriter) -> None:
    row = a_claim(await add_person(writer))
    await put(writer, "claim", row | {"batch": "list"}, [a_page("https://plain.example/1")])

    other = row | {"batch": "other", "date": "2025-05-05"}
    assert await put(writer, "claim", other, [a_page("https://plain.example/2")]) is Change.SAME
    assert await put(writer, "claim", row, [a_page("https://plain.example/3")]) is Change.CHANGED
    assert await put(writer, "claim", row | {"batch": "list"}, [a_page()]) is Change.SAME

    kept = (await writer.connection.execute(select(claim.c.batch, claim.c.date))).one()
    assert tuple(kept) == ("seed", "2024-01-01")
    assert (await writer.connection.execute(select(source.c.url))).scalar_one() == "https://plain.example/3"


async def test_a_withdrawal_spares_people_and_languages_it_is_told_nothing_of(writer: RegistryWriter) -> None:
    for key in ("p", "q"):
        row = {"person_id": await add_person(writer, key), "kind": "main", "text": "Прыклад", "batch": "list"}
        for language in ("be", "ru"):
            await put(writer, "name", row | {"language": language}, [a_page()])
    scope = Scope(frozenset({"be"}), frozenset({"q", "nobody"}))

    assert await (await loaded_again(writer)).withdraw("list", "name", (), scope) == Withdrawal(1)

    left = await writer.connection.execute(
        select(person.c.key, person_name.c.language)
        .join(person)
        .order_by(person.c.key, person_name.c.language)
    )
    assert [tuple(row) for row in left] == [("p", "ru"), ("q", "be"), ("q", "ru")]
    assert await (await loaded_again(writer)).withdraw("list", "name", ()) == Withdrawal(3)
    assert await rows_of(writer, source) == 0


async def test_sources_are_replaced_by_what_is_put_now(writer: RegistryWriter) -> None:
    row = a_claim(await add_person(writer))
    first, second = a_page("https://plain.example/1"), a_page("https://plain.example/2")

    assert await put(writer, "claim", row, [first]) is Change.ADDED
    assert await put(writer, "claim", row, [first, first]) is Change.SAME
    assert await put(writer, "claim", row, [second, first]) is Change.CHANGED
    assert await rows_of(writer, source) == 2
    assert await put(await loaded_again(writer), "claim", row, [first, second]) is Change.SAME
    assert await put(writer, "claim", row, [second]) is Change.CHANGED
    assert await rows_of(writer, source) == 1


async def test_a_claim_an_editor_worked_on_is_kept_with_its_sources(writer: RegistryWriter) -> None:
    row = a_claim(await add_person(writer))
    await put(writer, "claim", row, [a_page()])
    await writer.connection.execute(claim.update().values(revision=2, consent="suppressed"))
    again = await loaded_again(writer)

    assert await put(again, "claim", row, [a_page("https://plain.example/other")]) is Change.CONFLICT

    kept = (await writer.connection.execute(select(claim.c.revision, claim.c.consent))).one()
    assert tuple(kept) == (2, "suppressed")
    assert (await writer.connection.execute(select(source.c.url))).scalar_one() == a_page().url


async def test_a_claim_never_moves_to_another_person(writer: RegistryWriter) -> None:
    first, second = await add_person(writer, "p1"), await add_person(writer, "p2")
    await put(writer, "claim", a_claim(first), [a_page()])

    assert await put(writer, "claim", a_claim(second), [a_page()]) is Change.CONFLICT
    assert (await writer.connection.execute(select(claim.c.person_id))).scalar_one() == first


async def test_a_year_of_birth_may_be_added_and_never_changed(writer: RegistryWriter) -> None:
    await add_person(writer)

    assert await put(writer, "person", {"key": "p", "birth_year": 1980}) is Change.CHANGED
    assert await put(writer, "person", {"key": "p", "birth_year": 1981}) is Change.CONFLICT
    assert await put(writer, "person", {"key": "p", "birth_year": None}) is Change.SAME
    assert (await writer.connection.execute(select(person.c.birth_year))).scalar_one() == 1980


async def test_numbers_are_random_short_and_never_the_same(writer: RegistryWriter) -> None:
    for number in range(50):
        await add_person(writer, f"p{number}")

    numbers = list((await writer.connection.execute(select(person.c.number).order_by(person.c.id))).scalars())
    assert len(set(numbers)) == 50
    assert all(0 < number <= NUMBERS < 2**31 for number in numbers)
    assert max(numbers) > 50, "counted, not drawn"
    assert numbers != sorted(numbers)


async def test_a_number_stays_with_its_person(writer: RegistryWriter) -> None:
    await add_person(writer)
    drawn = (await writer.connection.execute(select(person.c.number))).scalar_one()

    await put(await loaded_again(writer), "person", {"key": "p", "birth_year": 1980})

    assert (await writer.connection.execute(select(person.c.number))).scalar_one() == drawn


async def test_nothing_has_an_id_before_it_is_put(writer: RegistryWriter) -> None:
    assert writer.id_of("person", "p") is None
    assert writer.id_of("person", None) is None

    assert await add_person(writer) == writer.id_of("person", "p")


async def test_the_last_imported_seed_is_remembered(database: Database) -> None:
    async with database.writing() as connection:
        before = await imported_seed(connection)
        await remember_seed(connection, "a" * 64)
        await remember_seed(connection, "b" * 64)

    async with database.reading() as connection:
        assert (before, await imported_seed(connection)) == (None, "b" * 64)


async def test_two_rows_that_starts_at_once_may_have_left_stop_no_start(database: Database) -> None:
    async with database.writing() as connection:
        for digest in ("b" * 64, "a" * 64):
            await connection.execute(seed_import.insert().values(digest=digest))
        assert await imported_seed(connection) == "a" * 64
        await remember_seed(connection, "c" * 64)

        assert list((await connection.execute(select(seed_import.c.digest))).scalars()) == ["c" * 64]
