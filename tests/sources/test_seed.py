"""What ships as the seed: it imports whole, every statement has its page, and it says nothing it must not."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from urllib.parse import unquote, urlsplit

import pytest
from babel import Locale

from bot.domain.people import PLACEHOLDER, ClaimKind, Language, NameKind, Outcome, Person, Standing, status_of
from bot.domain.words import folded
from bot.services.importing import ImportReport, Row, import_registry
from bot.services.row_rules import LONGEST_QUOTE
from bot.sources.seed_files import SEED, read_seed
from bot.store.database import Database
from bot.store.people import find_people, names_by_number
from bot.store.timeline import release_events
from tests.conftest import READ_UNTIL


def _in_all(*columns: str) -> list[str]:
    return [f"{column}_{language}" for column in columns for language in Language]


COLUMNS = {
    "publishers": ["name", "kind", "designation"],
    "persons": ["key", "birth_year"],
    "names": ["person", "language", "kind", "text"],
    "claims": ["key", "person", "kind", "date", "outcome", "country", "passport", "manner", "place", "event"],
    "release_events": [
        *("key", "date", "kind", "number", "qualifier", "named", "unnamed", "taken_to"),
        *_in_all("title", "disagreement"),
    ],
    "diplomacy": ["key", "date", "kind", *_in_all("who", "place", "asked", "given"), "event"],
    "sanctions": ["key", "date", "side", "action", *_in_all("text"), "event"],
    "counts": ["key", "date", "qualifier", "number", "counted_by"],
    "places": ["key", "kind", *_in_all("name", "town")],
    "evidence": ["subject", "publisher", "url", "published_on", "origin", "read_on", "quote"],
}
"""Every column of the seed. Health, family, charges and addresses have none and get none."""

MIRRORS = re.compile(
    r"cloudfront|zerkal[o0]-|-zerkalo|mstagmanager|aianalyticsweb|khdbz39sm|awsedrftg|page-analytics"
    r"|pages\.dev|telegra\.ph|wikipedia|translate\.goog|azurewebsites|amazonaws|^t\.me$|belsat\.cloud$"
)

HEALTH = re.compile(
    r"insult|infarkt|stroke|ill|illness|sick|ailing|cancer|rak|raka|rakom|onko\w*|coma|koma|krebs\w*|krank\w*"
    r"|hosp\w+|szpital\w*|b[oa]lni(?:c|ts)\w*|[ao]pera(?:c|ts)[iy]\w*|surger\w*|reanim\w*|diagno\w*|invalid\w*"
    r"|chory|chora|chorego|chorej|chorych|инсульт\w*|рак|раком|больн\w+|операци\w*|апераци\w*|хвор\w*"
)
"""Words that tell of somebody's health: whole ones, so that "will", "Illia" and "insulting" are none."""

ONLY_SUCH_A_PAGE = {"claim/viasna-1703/released/4"}
"""What is said on a page of such an address and was found on no other."""

KNOWN = {
    "Ales Bialiatski": (Standing.FREE, Outcome.ABROAD, "LT"),
    "Maryia Kalesnikava": (Standing.FREE, Outcome.ABROAD, "UA"),
    "Viktar Babaryka": (Standing.FREE, Outcome.ABROAD, "UA"),
    "Siarhei Tsikhanouski": (Standing.FREE, Outcome.ABROAD, "LT"),
    "Mikalai Statkevich": (Standing.FREE, Outcome.AT_HOME, None),
    "Valiantsin Stefanovic": (Standing.FREE, Outcome.ABROAD, "LT"),
    "Ihar Losik": (Standing.FREE, Outcome.ABROAD, "LT"),
    "Sofia Sapega": (Standing.FREE, Outcome.ABROAD, "RU"),
    "Maksim Znak": (Standing.FREE, Outcome.NOT_STATED, None),
    "Ihar Bantser": (Standing.FREE, Outcome.NOT_STATED, None),
    "Palina Sharenda-Panasiuk": (Standing.FREE, Outcome.ABROAD, "LT"),
    "Mikalai Autukhovich": (Standing.HELD, Outcome.NOT_STATED, None),
    "Ales Pushkin": (Standing.DIED, Outcome.NOT_STATED, None),
    "Andrzej Poczobut": (Standing.NOT_CONFIRMED, Outcome.NOT_STATED, None),
}

Files = dict[str, list[Row]]


@pytest.fixture(scope="module")
def files() -> Files:
    return read_seed()


async def _imported(database: Database, files: Files) -> ImportReport:
    return await import_registry(database, files, READ_UNTIL)


async def _people(database: Database) -> list[Person]:
    async with database.reading() as connection:
        numbers = [number for number, _ in await names_by_number(connection)]
        return await find_people(connection, numbers)


def _pages(files: Files) -> dict[str, list[Row]]:
    pages: dict[str, list[Row]] = defaultdict(list)
    for row in files["evidence"]:
        pages[row.cells["subject"]].append(row)
    return pages


async def test_every_row_enters_and_a_repeat_changes_nothing(sqlite_database: Database, files: Files) -> None:
    first = await _imported(sqlite_database, files)
    assert first.refused == []
    assert first.added.total() == sum(len(rows) for file, rows in files.items() if file != "evidence")
    again = await _imported(sqlite_database, files)
    assert (again.added.total(), again.changed.total(), again.conflicts, again.refused) == (0, 0, [], [])


async def test_well_known_people_have_the_status_the_pages_prove(
    sqlite_database: Database, files: Files
) -> None:
    await _imported(sqlite_database, files)
    people = {person.shown_name(Language.EN): person for person in await _people(sqlite_database)}
    statuses = {name: status_of(people[name].claims) for name in KNOWN}
    assert {
        name: (status.standing, status.outcome, status.country) for name, status in statuses.items()
    } == KNOWN
    assert str(statuses["Valiantsin Stefanovic"].since) == "2026-03-19"
    assert str(statuses["Mikalai Statkevich"].since) == "2026-02-19"
    # Where somebody lived later, and the day somebody was greeted abroad, are no days of a release.
    assert str(statuses["Ihar Bantser"].since) == "2021-12-17"
    assert str(statuses["Palina Sharenda-Panasiuk"].since) == "2025-02"


async def test_nobody_is_let_out_twice_without_being_taken_in_between(
    sqlite_database: Database, files: Files
) -> None:
    await _imported(sqlite_database, files)
    twice = {person.key for person in await _people(sqlite_database) if _let_out_twice(person)}

    # Released from the court to wait for the appeal, then at the end of the term.
    assert twice == {"viasna-383"}
    [bantser] = [p for p in await _people(sqlite_database) if p.key == "viasna-383"]
    assert len({claim.when for claim in bantser.claims if claim.kind is ClaimKind.RELEASED}) == 2


def _let_out_twice(person: Person) -> bool:
    """Return whether two releases to freedom follow each other; house arrest before one is none of them."""
    free = [
        claim
        for claim in person.claims
        if claim.kind is ClaimKind.RELEASED
        and claim.outcome in {Outcome.NOT_STATED, Outcome.AT_HOME, Outcome.ABROAD}
    ]
    held = [
        claim
        for claim in person.claims
        if claim.kind in {ClaimKind.DETAINED, ClaimKind.HELD}
        or claim.outcome in {Outcome.HOUSE_ARREST, Outcome.OPEN_FACILITY}
    ]
    return any(
        one.when.end < two.when.start
        and not any(one.when.start <= taken.when.end and taken.when.start <= two.when.end for taken in held)
        for one in free
        for two in free
    )


async def test_no_status_is_disputed_and_nobody_is_there_twice(
    sqlite_database: Database, files: Files
) -> None:
    await _imported(sqlite_database, files)
    people = await _people(sqlite_database)
    assert [person.key for person in people if status_of(person.claims).disputed] == []
    owners: dict[frozenset[str], set[str]] = defaultdict(set)
    for person in people:
        for name in person.names:
            owners[folded(name.text)].add(person.key)
    assert [keys for keys in owners.values() if len(keys) > 1] == []


async def test_every_person_has_a_main_name_in_belarusian_or_english(
    sqlite_database: Database, files: Files
) -> None:
    await _imported(sqlite_database, files)
    without = [
        person.key
        for person in await _people(sqlite_database)
        if not {n.language for n in person.names if n.kind is NameKind.MAIN} & {"be", "en"}
    ]
    assert without == []


async def test_a_release_of_unnamed_people_is_known_after_the_last_confirmation(
    sqlite_database: Database, files: Files
) -> None:
    await _imported(sqlite_database, files)
    async with sqlite_database.reading() as connection:
        events = {event.key: event for event in await release_events(connection)}
    assert (events["R20260319"].number, events["R20260319"].named, events["R20260319"].unnamed) == (
        250,
        15,
        235,
    )
    assert all((event.named or 0) + (event.unnamed or 0) <= event.number for event in events.values())


def test_the_headers_hold_only_known_columns(files: Files) -> None:
    headers = {path.stem: path.read_text(encoding="utf-8").split("\n", 1)[0] for path in SEED.glob("*.csv")}
    assert headers == {file: ",".join(columns) for file, columns in COLUMNS.items()}
    assert set(files) == set(COLUMNS)


def test_every_claim_and_name_has_a_page_with_a_short_quotation(files: Files) -> None:
    pages = _pages(files)
    claims = {f"claim/{row.cells['key']}" for row in files["claims"]}
    names = {f"name/{c['person']}/{c['language']}/{c['text']}" for c in (row.cells for row in files["names"])}
    assert [subject for subject in claims | names if not pages[subject]] == []
    lengths = {len(row.cells["quote"].split()) for row in files["evidence"]}
    assert min(lengths) >= 1
    assert max(lengths) <= LONGEST_QUOTE


def test_a_death_has_two_publishers(files: Files) -> None:
    pages = _pages(files)
    deaths = [row.cells["key"] for row in files["claims"] if row.cells["kind"] == "died"]
    assert deaths
    for key in deaths:
        assert len({row.cells["publisher"] for row in pages[f"claim/{key}"]}) >= 2, key


def test_no_generated_person_and_no_mirror(files: Files) -> None:
    cells = [cell for rows in files.values() for row in rows for cell in row.cells.values()]
    assert [cell for cell in cells if cell.startswith(PLACEHOLDER)] == []
    hosts = {urlsplit(row.cells["url"]).hostname or "" for row in files["evidence"]}
    assert sorted(host for host in hosts if MIRRORS.search(host)) == []


def test_no_address_of_a_page_tells_of_somebodys_health(files: Files) -> None:
    """An address is shown, and who sees it reads it without opening the page."""
    telling = {
        row.cells["subject"]
        for row in files["evidence"]
        for word in re.findall(r"[^\W\d_]+", unquote(row.cells["url"]).lower())
        if HEALTH.fullmatch(word)
    }
    assert telling == ONLY_SUCH_A_PAGE


def test_a_page_dated_in_one_row_is_dated_in_each(files: Files) -> None:
    dates: dict[str, set[str]] = defaultdict(set)
    for row in files["evidence"]:
        dates[row.cells["url"]].add(row.cells["published_on"])
    assert [url for url, days in dates.items() if "" in days and len(days) > 1] == []


def test_every_country_is_known_to_the_catalogue_of_countries(files: Files) -> None:
    codes = {row.cells["country"] for row in files["claims"]}
    for row in files["release_events"]:
        codes.update(row.cells["taken_to"].split("|"))
    assert codes - {""} <= set(Locale("en").territories)


def test_titles_and_disagreements_fit_a_screen_in_every_language(files: Files) -> None:
    for row in files["release_events"]:
        for language in Language:
            assert 1 <= len(row.cells[f"title_{language}"]) <= 90, row.cells["key"]
            assert len(row.cells[f"disagreement_{language}"]) <= 200, row.cells["key"]


def test_belarusian_and_russian_are_not_mixed_up(files: Files) -> None:
    texts: Counter[str] = Counter()
    for file in ("release_events", "diplomacy", "sanctions", "places"):
        for row in files[file]:
            for column, text in row.cells.items():
                if column.endswith("_be"):
                    assert not re.search("[ищъИЩЪ]", text), (row.cells["key"], column)
                elif column.endswith("_ru"):
                    assert not re.search("[іўІЎ]", text), (row.cells["key"], column)
                elif column.endswith("_en"):
                    assert not re.search("[а-яА-ЯіўІЎ]", text), (row.cells["key"], column)
                else:
                    continue
                texts[column[-2:]] += bool(text)
    assert texts["be"] == texts["ru"] == texts["en"] > 0


def test_a_publisher_is_listed_only_with_a_row_of_proof(files: Files) -> None:
    proof = (SEED / "SOURCES.md").read_text(encoding="utf-8").split("## Designations")[1]
    listed = [c["name"] for c in (r.cells for r in files["publishers"]) if c["designation"] == "listed"]
    assert [name for name in listed if f"| {name} |" not in proof] == []


DANGEROUS_WORDS = (
    *("Вясна", "Весна", "Белсат", "Зеркало", "Люстэрка"),
    *("Наша Ніва", "Наша Нива", "Хартыя", "Хартия"),
)


def test_no_text_shown_to_everybody_names_a_designated_publisher() -> None:
    """Sentences of the timeline are shown in Belarus too, where such names stay behind a tap."""
    files = read_seed()
    publishers = [row.cells for row in files["publishers"]]
    names = [p["name"] for p in publishers if p["designation"] != "not_listed" and len(p["name"]) > 3]
    shown = ("title", "disagreement", "who", "place", "asked", "given", "text")
    found = [
        (file, row.cells["key"], name)
        for file in ("release_events", "diplomacy", "sanctions")
        for row in files[file]
        for column, text in row.cells.items()
        if column.rsplit("_", 1)[0] in shown
        for name in (*names, *DANGEROUS_WORDS)
        if re.search(rf"\b{re.escape(name)}\b", text)
    ]
    assert found == []
