"""Viasna's CSV export as a file: whole, in the right shape and believable, or refused in one sentence.

Nothing here touches the registry. A sentence says what is wrong and where, never what a cell says.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.domain.people import Language
from bot.services.row_rules import RefusedError
from bot.sources.viasna_rows import ListedPerson, person_key, read_number, read_row

MINIMUM_ROWS = 5000
"""The list holds almost nine thousand: far fewer means a filter was on, or the file was cut off."""

MOST_COLUMNS = 200
LARGEST_FILE = 100 * 2**20
WORST_SHARE = 0.02
"""Of bad rows: more of them means that the file is wrong, not its rows."""

_KNOWN_SHARE = 0.75
_FOREIGN_SHARE = 0.25
_REQUIRED = ("id", "name", "status")
_READ = frozenset({*_REQUIRED, "url", "birthday", "died"})
_HARMED_BY_A_CUT = frozenset({"id", "name", "url"})  # half of one of these still looks like one
_DISCARDED = frozenset(
    {
        *("gender", "photo", "description", "case", "arrested", "articles", "prison", "declaration"),
        *("decision", "penalty", "judge", "councel", "counsel", "prosecutor", "penalty_start_date"),
        *("verdict_date", "appeal_date", "release_date", "clusters", "fake_terrorist_list"),
    }
)
_FOREIGN = {Language.BE: re.compile("[ищъИЩЪ]"), Language.RU: re.compile("[іўІЎ]")}
"""Letters that one of two languages of one alphabet does not have."""

_BEGINNINGS = {
    b"PK": "The file is a spreadsheet or an archive, not CSV: choose CSV when exporting.",
    b"\x1f\x8b": "The file is compressed: unpack it first.",
    b"%PDF": "The file is a PDF, not CSV.",
    b"\xff\xfe": "The file is in UTF-16, not UTF-8: save it as CSV in UTF-8.",
    b"\xfe\xff": "The file is in UTF-16, not UTF-8: save it as CSV in UTF-8.",
}


class ExportRefusedError(Exception):
    """The whole file, or what it would do to the registry, is not to be trusted. Its text says why."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that was left out: where, why, and whose it is, where that can be read."""

    line: int
    reason: str
    number: int | None
    known_as: str = ""

    @property
    def key(self) -> str | None:
        """Return the key of its person in the registry, where the number can be read."""
        if self.number is None:
            return None
        return self.known_as or person_key(self.number)


@dataclass(frozen=True, slots=True)
class Export:
    """What a file holds: rows that can be believed, and the line and reason of each that cannot."""

    language: Language
    people: tuple[ListedPerson, ...]
    quarantined: tuple[Quarantined, ...]


def read_export(path: Path, *, language: Language, minimum_rows: int = MINIMUM_ROWS) -> Export:
    """Read and check a file. Raises ExportRefusedError."""
    text = _text(_bytes(path))
    people: list[ListedPerson] = []
    quarantined: list[Quarantined] = []
    for line, cells in _rows(text):
        number = None
        try:
            number = read_number(cells)
            people.append(read_row(number, cells, line, language))
        except RefusedError as refusal:
            quarantined.append(Quarantined(line, str(refusal), number))
        except KeyError:
            quarantined.append(Quarantined(line, "the row has more or fewer cells than the header", number))
    people, doubled = _without_doubles(people, quarantined)
    quarantined = sorted([*quarantined, *doubled], key=lambda row: row.line)
    count = len(people) + len(quarantined)
    if count < minimum_rows:
        raise ExportRefusedError(
            f"The file holds {count} rows; the whole list has at least {minimum_rows}: export it unfiltered."
        )
    refuse_many_bad(quarantined, count)
    _refuse_another_language(people, language)
    return Export(language, tuple(people), tuple(quarantined))


def refuse_many_bad(bad: list[Quarantined], count: int) -> None:
    """Refuse a file too many of whose rows are bad. Raises ExportRefusedError."""
    if len(bad) <= count * WORST_SHARE:
        return
    reason, times = Counter(row.reason for row in bad).most_common(1)[0]
    raise ExportRefusedError(
        f"{len(bad)} of {count} rows are bad, more than {WORST_SHARE:.0%}; most often ({times}): {reason}."
    )


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ExportRefusedError("The file is far larger than the list has ever been.")
        data = path.read_bytes()
    except OSError:
        raise ExportRefusedError("The file cannot be read.") from None
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ExportRefusedError("The file is empty.")
    for beginning, reason in _BEGINNINGS.items():
        if data.startswith(beginning):
            raise ExportRefusedError(reason)
    if b"\0" in data:
        raise ExportRefusedError("The file holds zero bytes: it is damaged, or in UTF-16 and not UTF-8.")
    return data


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise ExportRefusedError("The file ends in the middle of a letter: it was cut off.") from None
        line = data.count(b"\n", 0, error.start) + 1
        raise ExportRefusedError(
            f"The file is not in UTF-8 (line {line}), perhaps in windows-1251: save it as CSV in UTF-8."
        ) from None
    start = text.lstrip()[:1]
    if start == "<":
        raise ExportRefusedError("The file is a web page, not CSV: the site may have refused the download.")
    if start in {"{", "["}:
        raise ExportRefusedError("The file is JSON, not CSV.")
    return text


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the line and the cells of each row; no cells where it has more or fewer than the header."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    last: list[str] = []
    try:
        header = _header(next(reader))
        start = reader.line_num + 1
        for cells in reader:
            if cells:
                last = cells
                yield start, dict(zip(header, cells, strict=True)) if len(cells) == len(header) else {}
            start = reader.line_num + 1
    except csv.Error as error:
        raise ExportRefusedError(_damage(error, reader.line_num)) from None
    may_be_short = len(last) < len(header) or header[-1] in _HARMED_BY_A_CUT
    if may_be_short and not text.endswith(("\n", "\r")):
        raise ExportRefusedError("The last line is not whole: the file was cut off.")


def _damage(error: csv.Error, line: int) -> str:
    if "unexpected end of data" in str(error):
        return "A quotation mark is never closed: the file was cut off or is damaged."
    if "field larger" in str(error):
        return f"A cell at line {line} is longer than any cell can be: a quotation mark may be missing."
    return f"The quotation marks near line {line} do not fit together: the file is damaged."


def _header(cells: list[str]) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    if len(header) > MOST_COLUMNS:
        raise ExportRefusedError("The header has more columns than any export.")
    if len(header) == 1 and re.search("[;\t|]", header[0]):
        raise ExportRefusedError("The columns are not separated by commas: export the file again, unchanged.")
    missing = [column for column in _REQUIRED if column not in header]
    if missing:
        raise ExportRefusedError(f"The header has no column {', '.join(missing)}.")
    doubled = sorted(column for column in _READ if header.count(column) > 1)
    if doubled:
        raise ExportRefusedError(f"The header has the column {', '.join(doubled)} twice.")
    known = sum(re.split(r"[/.\[]", column)[0] in _READ | _DISCARDED for column in header)
    if known < len(header) * _KNOWN_SHARE:
        raise ExportRefusedError("The header has too many columns that the list does not have.")
    return header


def _without_doubles(
    people: list[ListedPerson], quarantined: list[Quarantined]
) -> tuple[list[ListedPerson], list[Quarantined]]:
    """Take out every row whose number stands twice: there is no telling which of them is right."""
    numbers = Counter(person.number for person in people)
    numbers.update(row.number for row in quarantined if row.number is not None)
    return (
        [person for person in people if numbers[person.number] == 1],
        [
            Quarantined(person.line, "another row has the same id", person.number)
            for person in people
            if numbers[person.number] > 1
        ],
    )


def _refuse_another_language(people: list[ListedPerson], language: Language) -> None:
    foreign = _FOREIGN.get(language)
    if foreign is None:
        return
    found = sum(foreign.search(person.names[0]) is not None for person in people)
    if found > len(people) * _FOREIGN_SHARE:
        raise ExportRefusedError(f"The names are not in the language {language}: check --language.")
