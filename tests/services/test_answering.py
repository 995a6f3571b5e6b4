"""Answering over a small registry of placeholder people: what is told, and what nobody may notice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.chat import messages
from bot.chat.readers import Reader
from bot.chat.voice import Voice
from bot.chat.words import in_language
from bot.domain import answers as q
from bot.domain.caution import Place
from bot.domain.names import NameIndex
from bot.domain.people import Language, NameKind, Outcome, Standing, View
from bot.services import answering as module
from bot.services.answering import MOST_CANDIDATES, Answering
from bot.services.importing import import_registry
from bot.store.database import Database
from bot.store.tables import claim, person, person_name, release_event, source
from tests.builders import an_import, claim_row, name_row, proof, release_row
from tests.conftest import TODAY, copied

SUPPRESSED = {"consent": "suppressed", "revision": 2}
FOLLOWERS = {"consent": "followers", "revision": 2}
RETRACTED = {"consent": "public", "state": "retracted", "revision": 2}
HIDDEN = (SUPPRESSED, FOLLOWERS, RETRACTED)

FREED, HELD, SILENT, UNKNOWN = "freed", "held", "silent", "unknown"

PEOPLE = {
    FREED: "Зоя Вольная",
    HELD: "Антон Чаканы",
    SILENT: "Майя Ціхая",
    UNKNOWN: "Павел Нязнаны",
    **{f"alike-{number}": f"Імя{'абвгде'[number]} Супольны" for number in range(6)},
}
CLAIMS = [
    claim_row(FREED, "detained", "2021-05"),
    claim_row(FREED, "released", "2025-09-11", outcome="abroad", country="LT", event="R1"),
    claim_row(HELD, "detained", "2021-05"),
    claim_row(HELD, "held", "2025-09-20"),
    claim_row(SILENT, "detained", "2021-05"),
    claim_row(SILENT, "held", "2025-09-20"),
    claim_row(SILENT, "released", "2025-12-13", outcome="at_home", event="R2"),
]
EVENTS = [
    release_row("R1", "2025-09-11", number="52", named="51", unnamed="1"),
    release_row("R2", "2025-12-13", number="123", named="103", unnamed="20", qualifier="about"),
    release_row("R3", "2026-03-19", number="5"),
]


async def fill(database: Database) -> None:
    names = [name_row(key, name) for key, name in PEOPLE.items()]
    report = await import_registry(database, an_import(list(PEOPLE), names, CLAIMS, EVENTS), TODAY)
    assert report.refused == []


@pytest.fixture(scope="module")
def filled(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a filled registry, to be copied: twenty times faster than filling one for each test."""
    folder = tmp_path_factory.mktemp("filled")

    async def make() -> None:
        async with copied(migrated_file, folder) as database:
            await fill(database)

    asyncio.run(make())
    return folder / "registry.db"


@pytest.fixture
async def registry(filled: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A registry of our placeholder people on SQLite; what differs between databases asks for `database`."""
    async with copied(filled, tmp_path) as database:
        yield database


async def answering_from(database: Database) -> Answering:
    answering = Answering(database)
    await answering.refresh_names()
    return answering


@pytest.fixture
async def answering(registry: Database) -> Answering:
    return await answering_from(registry)


async def number_of(database: Database, key: str) -> int:
    async with database.reading() as connection:
        found = await connection.execute(select(person.c.number).where(person.c.key == key))
        return int(found.scalar_one())


async def edit(database: Database, key: str, values: dict[str, Any]) -> None:
    """Change a claim as an editor would."""
    async with database.writing() as connection:
        edited = await connection.execute(claim.update().where(claim.c.key == key).values(**values))
        assert edited.rowcount == 1


async def card(answering: Answering, text: str) -> q.PersonCard:
    answer = await answering.find(text)
    assert isinstance(answer, q.PersonCard)
    return answer


async def test_a_name_is_answered_with_the_card_of_one_person(answering: Answering) -> None:
    answer = await card(answering, "дзе Зоя Вольная")

    assert [name.text for name in answer.person.names] == [PEOPLE[FREED]]
    assert (answer.status.standing, answer.status.outcome) == (Standing.FREE, Outcome.ABROAD)
    assert (answer.status.country, answer.unnamed) == ("LT", ())
    assert [source.publisher.name for source in answer.status.sources] == ["Plain Daily"]


async def test_a_card_brings_the_unnamed_releases_since_it_was_confirmed(answering: Answering) -> None:
    answer = await card(answering, PEOPLE[HELD])

    assert str(answer.status.confirmed) == "2025-09-20"
    assert [(event.key, event.unnamed) for event in answer.unnamed] == [("R2", 20)]


async def test_a_release_in_the_month_of_the_confirmation_may_be_after_it(
    registry: Database, answering: Answering
) -> None:
    await edit(registry, f"{HELD}/held/2025-09-20", {"date": "2025-09"})

    assert [event.key for event in (await card(answering, PEOPLE[HELD])).unnamed] == ["R1", "R2"]


async def test_a_person_of_whom_nothing_is_proved_has_no_confirmed_status(answering: Answering) -> None:
    answer = await card(answering, PEOPLE[UNKNOWN])

    assert (answer.status.standing, answer.status.confirmed) == (Standing.NOT_CONFIRMED, None)
    assert answer.person.claims == ()


async def test_a_release_nobody_may_hear_of_leaves_everything_as_if_it_had_not_been(
    database: Database,
) -> None:
    await fill(database)
    answering = await answering_from(database)

    for hidden in HIDDEN:
        await edit(database, f"{SILENT}/released/2025-12-13", hidden)
        silent, held = await card(answering, PEOPLE[SILENT]), await card(answering, PEOPLE[HELD])

        assert (silent.status.standing, silent.status.confirmed) == (Standing.HELD, held.status.confirmed)
        assert silent.unnamed == held.unnamed
        assert shape(silent) == shape(held)
        history = await answering.history(silent.person.number, 0)
        assert isinstance(history, q.PersonHistory)
        assert [told.kind for told in history.claims] == ["detained", "held"]


def shape(answer: q.PersonCard) -> list[tuple[str, list[list[str]]]]:
    """Return a card as every kind of reader sees it, with the name and the number taken out."""
    seen = []
    for language in Language:
        for place in Place:
            voice = Voice(in_language(language), Reader(View(language), place), TODAY, "Example team")
            screen = messages.say(answer, voice)
            text = screen.text.replace(answer.person.shown_name(language), "NAME")
            rows = [[f"{b.text} {b.press.ask}" for b in row] for row in screen.rows]
            seen.append((text, rows))
    return seen


async def test_a_suppressed_release_is_not_even_loaded(registry: Database, answering: Answering) -> None:
    await edit(registry, f"{SILENT}/released/2025-12-13", SUPPRESSED)

    assert [told.kind for told in (await card(answering, PEOPLE[SILENT])).person.claims] == [
        "detained",
        "held",
    ]


async def test_a_release_nobody_may_hear_of_is_in_no_count_of_names(database: Database) -> None:
    await fill(database)
    async with database.writing() as connection:
        await connection.execute(release_event.update().values(named=None))
    answering = await answering_from(database)

    assert await named_by_quarter(answering) == [0, 1, 1]
    for hidden in HIDDEN:
        await edit(database, f"{SILENT}/released/2025-12-13", hidden)
        assert await named_by_quarter(answering) == [0, 0, 1]


async def named_by_quarter(answering: Answering) -> list[int]:
    answer = await answering.quarters(0)
    assert isinstance(answer, q.Quarters)
    return [quarter.named for quarter in answer.quarters]


async def test_several_people_are_a_question_back_and_not_too_long(answering: Answering) -> None:
    answer = await answering.find("Супольны")

    assert isinstance(answer, q.SeveralFound)
    assert len(answer.people) == MOST_CANDIDATES
    assert answer.more
    assert all(status.standing is Standing.NOT_CONFIRMED for _, status in answer.people)


async def test_a_given_name_alone_asks_for_the_surname(answering: Answering) -> None:
    assert await answering.find("Зоя") == q.SurnameNeeded()


@pytest.mark.parametrize("text", ["", "Ніхто Ніякі", "\x00", "\ud800", "😀", "1" * 5000])
async def test_an_unknown_name_is_nobody(answering: Answering, text: str) -> None:
    assert await answering.find(text) == q.NobodyFound()


async def test_names_that_an_import_adds_are_found_after_a_refresh(
    registry: Database, answering: Answering
) -> None:
    assert not await answering.refresh_names()
    await import_registry(
        registry,
        an_import(people=["placeholder-9"], names=[name_row("placeholder-9", "Зоська Прыкладзюк")]),
        TODAY,
        batch="placeholders",
    )
    assert await answering.find("Зоська Прыкладзюк") == q.NobodyFound()
    assert await answering.refresh_names()
    assert isinstance(await answering.find("Зоська Прыкладзюк"), q.PersonCard)


async def test_a_few_other_names_are_patched_in_and_many_make_it_new(
    registry: Database, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To build it takes seconds of a processor with 9,000 people, while everybody waits."""
    built: list[int] = []

    class Counted(NameIndex):
        def __init__(self, listed: Any) -> None:
            built.append(1)
            super().__init__(listed)

    monkeypatch.setattr(module, "NameIndex", Counted)
    async with registry.writing() as connection:
        ours = (
            select(person.c.id).where(person.c.number == await number_of(registry, FREED)).scalar_subquery()
        )
        this = person_name.c.person_id == ours
        await connection.execute(person_name.update().where(this).values(text="Зоська Прыкладзюк"))
    assert await answering.refresh_names()
    assert built == []
    assert isinstance(await answering.find("Зоська Прыкладзюк"), q.PersonCard)
    assert not isinstance(await answering.find(PEOPLE[FREED]), q.PersonCard)
    async with registry.writing() as connection:
        await connection.execute(source.delete().where(source.c.name_id.is_not(None)))
        await connection.execute(person_name.delete().where(this))
    assert await answering.refresh_names()
    assert built == []
    assert await answering.find("Зоська Прыкладзюк") == q.NobodyFound()
    monkeypatch.setattr(module, "MOST_PATCHED", 0)
    await import_registry(
        registry,
        an_import(people=["placeholder-9"], names=[name_row("placeholder-9", "Зоська Прыкладзюк")]),
        TODAY,
        batch="placeholders",
    )
    assert await answering.refresh_names()
    assert built == [1]
    assert isinstance(await answering.find("Зоська Прыкладзюк"), q.PersonCard)


async def test_names_are_not_known_before_they_are_loaded(registry: Database) -> None:
    assert await Answering(registry).find(PEOPLE[FREED]) == q.NobodyFound()


async def test_a_history_holds_everything_told_oldest_first(registry: Database, answering: Answering) -> None:
    answer = await answering.history(await number_of(registry, FREED), 0)

    assert isinstance(answer, q.PersonHistory)
    assert [str(told.when) for told in answer.claims] == ["2021-05", "2025-09-11"]
    assert all(told.sources for told in answer.claims)


async def test_sources_are_those_of_the_status_named_or_not(registry: Database, answering: Answering) -> None:
    number = await number_of(registry, FREED)

    for named in (False, True):
        answer = await answering.sources(number, named=named)
        assert isinstance(answer, q.PersonSources)
        assert (answer.named, len(answer.status.sources)) == (named, 1)


async def test_a_citation_and_a_report_speak_of_the_person(registry: Database, answering: Answering) -> None:
    number = await number_of(registry, FREED)
    citation, report = await answering.citation(number), await answering.how_to_report(number)

    assert isinstance(citation, q.Citation)
    assert (citation.person.number, citation.status.standing) == (number, Standing.FREE)
    assert isinstance(report, q.HowToReportError)
    assert report.person.number == number


async def test_releases_come_newest_first(answering: Answering) -> None:
    answer = await answering.releases(1)

    assert isinstance(answer, q.ReleaseList)
    assert ([event.key for event in answer.events], answer.page) == (["R3", "R2", "R1"], 1)


async def test_quarters_add_releases_up(answering: Answering) -> None:
    answer = await answering.quarters(0)

    assert isinstance(answer, q.Quarters)
    assert [(quarter.freed, quarter.named) for quarter in answer.quarters] == [(5, 0), (123, 103), (52, 51)]


async def test_a_release_is_told_with_its_page_and_its_sources(answering: Answering) -> None:
    detail, sources = await answering.release("R2", 1), await answering.release_sources("R2", named=True)

    assert isinstance(detail, q.ReleaseDetail)
    assert (detail.event.key, detail.page) == ("R2", 1)
    assert isinstance(sources, q.ReleaseSources)
    assert (sources.event.key, sources.named, len(sources.event.sources)) == ("R2", True, 1)


async def test_a_person_nobody_has_is_no_longer_here(database: Database) -> None:
    answering = Answering(database)

    for number in (0, -1, 5, 2**31, 2**63, 10**39):
        answers = [
            await answering.card(number),
            await answering.history(number, 0),
            await answering.sources(number, named=False),
            await answering.how_to_report(number),
            await answering.citation(number),
        ]
        assert answers == [q.NoLongerHere()] * 5, number


@pytest.mark.parametrize("key", ["", "R0", "R1' OR '1'='1", "r1"])
async def test_a_release_nobody_has_is_no_longer_here(answering: Answering, key: str) -> None:
    assert await answering.release(key, 0) == q.NoLongerHere()
    assert await answering.release_sources(key, named=True) == q.NoLongerHere()


async def test_a_person_who_was_taken_out_is_no_longer_here(registry: Database, answering: Answering) -> None:
    answer = await card(answering, PEOPLE[UNKNOWN])
    async with registry.writing() as connection:
        for table in ("source", "person_name"):
            await connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608  (two names of ours)
        await connection.execute(person.delete().where(person.c.key == UNKNOWN))

    assert await answering.find(PEOPLE[UNKNOWN]) == q.NoLongerHere()
    assert await answering.card(answer.person.number) == q.NoLongerHere()


async def test_a_person_without_any_name_left_is_no_longer_here(
    registry: Database, answering: Answering
) -> None:
    number = (await card(answering, PEOPLE[UNKNOWN])).person.number
    async with registry.writing() as connection:
        for table in ("source", "person_name"):
            await connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608  (two names of ours)

    assert await answering.card(number) == q.NoLongerHere()


async def test_a_person_found_by_a_spelling_is_shown_by_the_main_name(database: Database) -> None:
    names = [
        name_row("p", "Зоя Вольная"),
        name_row("p", "Zoja Volnaja", "en", NameKind.SPELLING.value),
    ]
    await import_registry(database, an_import(["p"], names), TODAY)
    answering = Answering(database)
    await answering.refresh_names()

    answer = await card(answering, "zoja volnaja")

    assert answer.person.shown_name(Language.EN) == "Зоя Вольная"


async def test_the_newest_page_of_a_status_stands_first(database: Database) -> None:
    row = claim_row("p", "held", "2025-01-01")
    name = name_row("p", "Зоя Вольная")
    pages = [
        proof(f"claim/{row['key']}", url=f"https://plain.example/{day}", published_on=f"2025-01-0{day}")
        for day in (2, 4, 3)
    ]
    await import_registry(
        database,
        an_import(["p"], [name], [row], evidence=[*pages, proof("name/p/be/Зоя Вольная")]),
        TODAY,
    )
    answering = Answering(database)
    await answering.refresh_names()

    answer = await card(answering, "Зоя Вольная")

    assert [source.url[-1] for source in answer.status.sources] == ["4", "3", "2"]


async def test_who_asks_at_once_is_answered_from_one_look(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(database)
    answering, looks, looking = await answering_from(database), [0], database.looking

    def counted() -> Any:
        looks[0] += 1
        return looking()

    monkeypatch.setattr(database, "looking", counted)
    numbers = {key: await number_of(database, key) for key in PEOPLE}
    asked = [answering.card(number) for number in numbers.values() for _ in range(3)]
    cards = await asyncio.gather(*asked, answering.card(1), answering.releases(0))
    assert looks == [1]
    shown = [card.person.number for card in cards if isinstance(card, q.PersonCard)]
    assert shown == [number for number in numbers.values() for _ in range(3)]
    assert isinstance(cards[-2], q.NoLongerHere)
    assert isinstance(cards[-1], q.ReleaseList)


async def test_a_correction_is_on_the_next_card(database: Database) -> None:
    await fill(database)
    answering, number = await answering_from(database), await number_of(database, FREED)
    before = await answering.card(number)
    await edit(database, f"{FREED}/released/2025-09-11", RETRACTED)
    after = await answering.card(number)
    assert isinstance(before, q.PersonCard)
    assert isinstance(after, q.PersonCard)
    assert (before.status.known_free, after.status.known_free) == (True, False)


async def test_the_timeline_is_read_anew_when_an_import_changed_it(database: Database) -> None:
    await fill(database)
    answering = await answering_from(database)
    first, again = await answering.releases(0), await answering.releases(0)
    more = [*EVENTS, release_row("R4", "2026-04-01", number="7")]
    await import_registry(database, an_import([], [], [], more), TODAY)
    later = await answering.releases(0)
    assert isinstance(first, q.ReleaseList)
    assert isinstance(again, q.ReleaseList)
    assert isinstance(later, q.ReleaseList)
    assert first.events[0] is again.events[0], "nothing changed: it was not read again"
    assert [event.key for event in later.events[:1]] == ["R4"]
