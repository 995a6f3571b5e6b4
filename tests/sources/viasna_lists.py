"""Made-up exports in the shape of Viasna's list: placeholder people, canaries in what is discarded."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

FIRST = 900001
CANARY = "Kanarejka"
READ = ["id", "url", "name", "status", "birthday", "died"]
DISCARDED = [
    *("gender", "photo", "description", "case", "arrested", "articles/0", "articles/1", "prison/title"),
    *("prison/address", "declaration", "decision", "penalty", "judge", "councel", "prosecutor"),
    *("penalty_start_date", "verdict_date", "appeal_date", "release_date", "clusters", "fake_terrorist_list"),
]
COLUMNS = [*READ[:4], *DISCARDED, *READ[4:]]
SURNAMES = {"be": "Прыклад", "ru": "Пример", "en": "Example"}
GIVEN = {"be": "Алесь", "ru": "Александр", "en": "Aliaksandr"}
STATUSES = ("active", *("former",) * 4, *("np",) * 5)

Cells = dict[str, str]


def a_name(number: int, language: str = "be") -> str:
    """Return a name nobody has; its number is in it as letters too, since a lookup reads letters only."""
    letters = "abcdefghkl" if language == "en" else "абвгдежзкл"
    code = "".join(letters[int(digit)] for digit in str(number))
    return f"{GIVEN[language]} {SURNAMES[language]}{code}{number}"


def a_row(number: int, language: str = "be", **cells: str) -> Cells:
    row = {column: f'{CANARY} {column}, "and"\nmore' for column in DISCARDED}
    row |= {
        "id": str(number),
        "url": f"https://prisoners.spring96.org/{language}/person/p-{number}",
        "name": a_name(number, language),
        "status": STATUSES[number % len(STATUSES)],
        "birthday": "2000-01-01",
        "died": "",
    }
    return row | cells


def a_list(count: int = 120, language: str = "be") -> list[Cells]:
    return [a_row(FIRST + index, language) for index in range(count)]


def as_csv(rows: Sequence[Cells], columns: Sequence[str] = COLUMNS, delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
