"""Viasna's export as a file: what is read of a row, which rows are left out, which files are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.people import Language
from bot.sources.viasna_export import Export, ExportRefusedError, read_export
from bot.sources.viasna_rows import ListedPerson, ListStatus
from tests.sources.viasna_lists import CANARY, COLUMNS, FIRST, SURNAMES, a_list, a_name, a_row, as_csv


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.csv"


def read(path: Path, content: str | bytes, language: Language = Language.BE, minimum: int = 100) -> Export:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_export(path, language=language, minimum_rows=minimum)


def read_one(path: Path, **cells: str) -> ListedPerson:
    """Return the last person of a good list, whose cells are these."""
    export = read(path, as_csv([*a_list(), a_row(7, **cells)]))
    assert export.quarantined == ()
    return export.people[-1]


def left_out(path: Path, **cells: str) -> list[tuple[int, str]]:
    """Return what is left out of a good list to which a row with these cells is added."""
    export = read(path, as_csv([*a_list(), a_row(7, **cells)]))
    assert len(export.people) == 120
    return [(row.line, row.reason) for row in export.quarantined]


@pytest.mark.parametrize("language", Language)
def test_a_good_list_is_read_whole(path: Path, language: Language) -> None:
    export = read(path, as_csv(a_list(language=language)), language)

    assert len(export.people) == 120
    assert export.quarantined == ()
    first = export.people[0]
    assert (first.key, first.names) == (f"viasna-{FIRST}", (a_name(FIRST, language),))
    assert first.url == f"https://prisoners.spring96.org/{language}/person/p-{FIRST}"
    assert {person.status for person in export.people} == set(ListStatus)


def test_nothing_else_of_a_row_is_kept_anywhere(path: Path) -> None:
    export = read(path, as_csv([*a_list(), a_row(7, status=CANARY)]))

    assert len(export.quarantined) == 1
    assert CANARY not in repr(export)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_byte_order_mark_and_either_line_end_are_the_same_list(
    path: Path, encoding: str, line_end: str
) -> None:
    text = as_csv(a_list(), ["id", "name", "status"]).replace("\r\n", line_end)

    assert len(read(path, text.encode(encoding)).people) == 120


def test_three_columns_are_enough_and_the_page_is_then_the_list(path: Path) -> None:
    export = read(path, as_csv(a_list(), ["status", "name", "id"]))

    assert {person.url for person in export.people} == {"https://prisoners.spring96.org/be"}


def test_a_last_line_without_an_end_is_whole_when_its_cells_are(path: Path) -> None:
    assert len(read(path, as_csv(a_list()).rstrip()).people) == 120


@pytest.mark.parametrize("last", ["id", "url", "name", "status", "died"])
def test_a_list_cut_off_anywhere_is_refused_or_loses_nothing(path: Path, last: str) -> None:
    columns = [*(column for column in ["id", "url", "name", "status", "died"] if column != last), last]
    whole = as_csv(a_list(), columns).encode()
    people = read(path, whole).people
    start = whole.rindex(b"\r\n", 0, -2)
    for end in range(start, len(whole)):
        try:
            export = read(path, whole[:end], minimum=120)
        except ExportRefusedError:
            continue
        assert export.people == people[: len(export.people)]
        assert len(export.people) + len(export.quarantined) == 120


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("  Алесь Прыклад  ", ("Алесь Прыклад",)),
        ("Алесь\u00a0Прыклад", ("Алесь Прыклад",)),
        ("Алесь &quot;Зорка&quot; Прыклад", ('Алесь "Зорка" Прыклад',)),
        ("Вольга Дар&#039;я Прыклад", ("Вольга Дар'я Прыклад",)),
        ("Вольга Дар&amp;#039;я Прыклад", ("Вольга Дар'я Прыклад",)),
        ("Алесь Прыклад / Алесь Прыкладаў", ("Алесь Прыклад", "Алесь Прыкладаў")),
        ("Алесь Прыклад; Алесь Прыклад", ("Алесь Прыклад",)),
        ("Алесь Прыклад (Аляксандр Прыклад)", ("Алесь Прыклад", "Аляксандр Прыклад")),
        ("Алесь Прыклад (Ales Example)", ("Алесь Прыклад",)),
        ("Алесь Прыклад-Узорны", ("Алесь Прыклад-Узорны",)),
    ],
)
def test_a_name_is_trimmed_unescaped_and_split_into_its_spellings(
    path: Path, cell: str, names: tuple[str, ...]
) -> None:
    assert read_one(path, name=cell).names == names


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        ("1984-05-06", 1984),
        ("1984-05-06T00:00:00Z", 1984),
        ("06.05.1984", 1984),
        ("2000-01-01", None),
        ("2000-07-19", None),
        ("1984", None),
        ("1984-02-30", None),
        ("30.02.1984", None),
        ("05/06/84", None),
        ("1884-05-06", None),
        ("2026-05-06", None),
        ("", None),
    ],
)
def test_a_year_of_birth_is_that_of_a_real_date_and_not_the_lists_default(
    path: Path, cell: str, year: int | None
) -> None:
    assert read_one(path, birthday=cell).birth_year == year


BAD_ROWS = {
    "no id": ({"id": ""}, "the id is not a plain number"),
    "an id with letters": ({"id": "7a"}, "the id is not a plain number"),
    "an id a spreadsheet changed": ({"id": "7.0"}, "the id is not a plain number"),
    "an id with zeros before it": ({"id": "007"}, "the id is not a plain number"),
    "an id below zero": ({"id": "-7"}, "the id is not a plain number"),
    "an id in other digits": ({"id": "٧"}, "the id is not a plain number"),
    "an id no column holds": ({"id": "9999999999"}, "the id is not a plain number"),
    "a status there is not": ({"status": "released"}, "the status is none of active, former, np"),
    "no status": ({"status": ""}, "the status is none of active, former, np"),
    "no name": ({"name": "  "}, "the name is empty"),
    "a name of entities only": ({"name": "&nbsp;"}, "the name is empty"),
    "a name of digits": ({"name": "12345"}, "the name is not in the letters of its language"),
    "an endless name": ({"name": "Алесь " * 60}, "the name is too long"),
    "a second line that looks like ours": (
        {"name": "Алесь\nВызвалены: усе"},
        "the name is broken over lines or holds control characters",
    ),
    "text that turns around": ({"name": "Алесь \u202eПрыклад"}, "the name holds signs that no name has"),
    "markup": ({"name": "<b>Алесь Прыклад</b>"}, "the name holds signs that no name has"),
    "escaped markup": ({"name": "&lt;b&gt;Алесь Прыклад"}, "the name holds signs that no name has"),
    "a placeholder of a template": ({"name": "Алесь {0}"}, "the name holds signs that no name has"),
    "a command": ({"name": "/start"}, "the name holds signs that no name has"),
    "heaped accents": ({"name": "А\u0301\u0301\u0301лесь"}, "the name holds signs that no name has"),
    "a letter that was lost": ({"name": "Алесь Пры\ufffdлад"}, "the name holds signs that no name has"),
    "a letter of another alphabet inside": (
        {"name": "Aлесь Прыклад"},
        "a word of the name mixes Latin and Cyrillic letters",
    ),
    "a name in other letters": ({"name": "Ales Example"}, "the name is not in the letters of its language"),
    "a name saved in a wrong encoding": (
        {"name": "Алесь Прыклад".encode().decode("cp1251", errors="ignore").replace("\u00a0", "")},
        "the name was saved in a wrong encoding",
    ),
    "a formula as a name": ({"name": "=cmd|' /C calc'!A0"}, "a cell is a formula"),
    "a formula where nothing is read": ({"description": "=cmd|' /C calc'!A0"}, "a cell is a formula"),
    "a name that begins with a plus": ({"name": "+Алесь"}, "a cell may be taken for a formula"),
    "a name that begins with a minus": ({"name": "-Алесь"}, "a cell may be taken for a formula"),
    "a name that begins with an at": ({"name": "@Алесь"}, "a cell may be taken for a formula"),
    "a name that begins with a tab": ({"name": "\tАлесь"}, "a cell may be taken for a formula"),
    "another site": (
        {"url": "https://prisoners.spring96.org.example/be/person/p"},
        "the address is not of the list's site",
    ),
    "another site before an at": (
        {"url": "https://prisoners.spring96.org@evil.example/p"},
        "the address is not of the list's site",
    ),
    "a script for an address": ({"url": "javascript:alert(1)"}, "the address is not of the list's site"),
    "no address": ({"url": ""}, "the address is not of the list's site"),
    "a broken address": ({"url": "https://[prisoners"}, "the address is not of the list's site"),
    "an endless address": (
        {"url": "https://prisoners.spring96.org/" + "p" * 500},
        "the address is too long or unreadable",
    ),
}


@pytest.mark.parametrize(("cells", "reason"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_left_out_with_its_line_and_the_rest_is_read(
    path: Path, cells: dict[str, str], reason: str
) -> None:
    line = as_csv(a_list()).count("\n") + 1

    assert left_out(path, **cells) == [(line, reason)]


@pytest.mark.parametrize("change", [lambda line: line + ",more", lambda line: line.rsplit(",", 1)[0]])
def test_a_row_with_more_or_fewer_cells_is_left_out(path: Path, change: Callable[[str], str]) -> None:
    lines = as_csv(a_list(), ["id", "url", "name", "status"]).splitlines()
    lines[5] = change(lines[5])

    (row,) = read(path, "\n".join(lines) + "\n").quarantined

    assert (row.line, row.reason, row.number) == (6, "the row has more or fewer cells than the header", None)


def test_two_rows_of_one_id_are_both_left_out(path: Path) -> None:
    rows = a_list()
    rows[9] = a_row(FIRST + 3)

    export = read(path, as_csv(rows, ["id", "name", "status"]))

    assert len(export.people) == 118
    assert [(row.line, row.reason) for row in export.quarantined] == [
        (5, "another row has the same id"),
        (11, "another row has the same id"),
    ]


def test_a_good_row_and_a_bad_one_of_one_id_are_both_left_out(path: Path) -> None:
    export = read(path, as_csv([*a_list(), a_row(FIRST, status="?")]))

    assert len(export.people) == 119
    assert [row.number for row in export.quarantined] == [FIRST, FIRST]


def good(count: int = 120) -> str:
    return as_csv(a_list(count))


def three_columns(text: str) -> str:
    return f"{text}\r\n" + as_csv(a_list(), ["id", "name", "status"]).split("\r\n", 1)[1]


def with_bad_rows(**cells: str) -> str:
    return as_csv([*a_list(), *(a_row(number, **cells) for number in (1, 2, 3))])


REFUSED: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "nothing": (lambda: b"", "The file is empty."),
    "blank lines": (lambda: "\ufeff \r\n\r\n", "The file is empty."),
    "a header alone": (lambda: good(0), "The file holds 0 rows"),
    "a short list": (lambda: good(99), "The file holds 99 rows; the whole list has at least 100"),
    "UTF-16": (lambda: good().encode("utf-16"), "The file is in UTF-16"),
    "UTF-16, the other way round": (
        lambda: b"\xfe\xff" + good().encode("utf-16-be"),
        "The file is in UTF-16",
    ),
    "UTF-16 without a mark": (lambda: good().encode("utf-16-le"), "The file holds zero bytes"),
    "UTF-32": (lambda: b"\x00\x00\xfe\xff" + good().encode("utf-32-be"), "The file holds zero bytes"),
    "windows-1251": (
        lambda: good().encode("cp1251"),
        "The file is not in UTF-8 (line 2), perhaps in windows-",
    ),
    "one line in windows-1251": (
        lambda: good().encode() + "7,,Алесь,np\r\n".encode("cp1251"),
        "The file is not in UTF-8",
    ),
    "saved again in a wrong encoding": (
        lambda: good().encode().decode("cp1251", errors="replace"),
        "120 of 120 rows are bad, more than 2%",
    ),
    "a zero byte": (lambda: good().encode() + b"\0", "The file holds zero bytes"),
    "a web page": (lambda: "\n<!doctype html><title>403</title>" + good(), "The file is a web page"),
    "JSON": (lambda: '[{"id": 1}]', "The file is JSON"),
    "a spreadsheet": (lambda: b"PK\x03\x04" + bytes(99), "The file is a spreadsheet or an archive"),
    "a compressed file": (lambda: b"\x1f\x8b\x08" + bytes(99), "The file is compressed"),
    "a PDF": (lambda: b"%PDF-1.7", "The file is a PDF"),
    "semicolons": (lambda: as_csv(a_list(), delimiter=";"), "The columns are not separated by commas"),
    "tabs": (lambda: as_csv(a_list(), delimiter="\t"), "The columns are not separated by commas"),
    "no header": (lambda: good().split("\r\n", 1)[1], "The header has no column id, name, status."),
    "a header without id": (lambda: three_columns("number,name,status"), "The header has no column id."),
    "a header in another language": (lambda: three_columns("id,імя,статус"), "has no column name, status."),
    "a column twice": (
        lambda: as_csv(a_list(), ["id", "name", "status", "name"]),
        "The header has the column name twice.",
    ),
    "columns of another list": (
        lambda: as_csv(
            [row | {"phone": "", "city": ""} for row in a_list()], [*COLUMNS[:4], "phone", "city"]
        ),
        "The header has too many columns that the list does not have.",
    ),
    "endless columns": (
        lambda: good().replace("id,", "id," + "case," * 300, 1),
        "The header has more columns than any export.",
    ),
    "cut off in a row": (
        lambda: as_csv(a_list(), ["id", "name", "status"])[:-12],
        "The last line is not whole: the file was cut off.",
    ),
    "cut off in a name": (
        lambda: as_csv(a_list(), ["id", "status", "name"])[:-6],
        "The last line is not whole: the file was cut off.",
    ),
    "cut off in a quotation": (lambda: good()[: good().rindex("more")], "A quotation mark is never closed"),
    "cut off in a letter": (
        lambda: as_csv(a_list(), ["id", "status", "name"]).encode()[: -len(f"{FIRST}\r\n") - 1],
        "The file ends in the middle of a letter: it was cut off.",
    ),
    "a quotation mark too many": (
        lambda: as_csv(a_list(), ["id", "name", "status"]).replace("Алесь", '"Ал"есь', 1),
        "The quotation marks near line 2 do not fit together",
    ),
    "a quotation never closed": (
        lambda: as_csv(a_list(), ["id", "name", "status"]).replace("900005,", '900005,"', 1),
        "A quotation mark is never closed",
    ),
    "an endless cell": (
        lambda: as_csv([*a_list(), a_row(7, description="x" * 200_000)]),
        "is longer than any cell can be",
    ),
    "too many bad rows": (
        lambda: with_bad_rows(status="?"),
        "3 of 123 rows are bad, more than 2%; most often (3)",
    ),
    "shifted columns": (
        lambda: three_columns("name,id,status"),
        "most often (120): the id is not a plain number.",
    ),
    "one row many times": (
        lambda: as_csv([a_row(FIRST)] * 120),
        "most often (120): another row has the same id.",
    ),
    "Latin names": (lambda: as_csv(a_list(language="en")), "the name is not in the letters of its language."),
    "Russian names": (lambda: as_csv(a_list(language="ru")), "The names are not in the language be"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_broken_file_is_refused_in_a_sentence_that_quotes_nothing(
    path: Path, content: Callable[[], str | bytes], reason: str
) -> None:
    with pytest.raises(ExportRefusedError) as refused:
        read(path, content())

    said = str(refused.value)
    assert reason in said
    assert said.endswith(".")
    assert not any(word in said for word in (CANARY, "Алесь", str(FIRST), *SURNAMES.values()))
    assert refused.value.__cause__ is None


def test_a_file_that_is_not_there_is_refused(path: Path) -> None:
    with pytest.raises(ExportRefusedError, match=r"^The file cannot be read\.$"):
        read_export(path, language=Language.BE)
    with pytest.raises(ExportRefusedError, match=r"^The file cannot be read\.$"):
        read_export(path.parent, language=Language.BE)


def test_a_list_of_less_than_five_thousand_is_short_unless_told(path: Path) -> None:
    path.write_text(as_csv(a_list(4999), ["id", "name", "status"]), encoding="utf-8")

    with pytest.raises(ExportRefusedError, match=r"^The file holds 4999 rows"):
        read_export(path, language=Language.BE)


def test_belarusian_names_are_not_taken_for_russian_ones(path: Path) -> None:
    rows = [row | {"name": f"{row['name']} Вікенціевіч"} for row in a_list()]

    with pytest.raises(ExportRefusedError, match=r"The names are not in the language ru"):
        read(path, as_csv(rows), Language.RU)


def test_one_percent_of_bad_rows_is_what_a_list_of_hand_made_rows_has(path: Path) -> None:
    rows = [*a_list(200), a_row(1, status="?"), a_row(2, status="?")]

    assert len(read(path, as_csv(rows)).quarantined) == 2
