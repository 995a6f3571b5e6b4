"""One row of Viasna's export: the few columns that are read, and why a row is not believed.

Judge, prosecutor, counsel, description, photo, charges, address and the rest are never looked at:
what is not read cannot leak.
"""

from __future__ import annotations

import enum
import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from bot.domain.people import Language
from bot.services.row_rules import LONGEST_NAME, LONGEST_URL, RefusedError
from bot.store.tables import NUMBERS

SITE = "prisoners.spring96.org"
DEFAULT_YEAR = 2000
"""The year the list shows where nobody entered a date of birth."""

_YEARS = range(1900, 2016)
_SHORTEST_MISREAD = 3  # a real name as short as two letters may look misread by chance
_PLAIN_NUMBER = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_CYRILLIC = "\u0400-\u052f"
_LATIN = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"
_ALPHABETS = {Language.BE: _CYRILLIC, Language.RU: _CYRILLIC, Language.EN: _LATIN}
_MIXED = re.compile(f"[{_CYRILLIC}][\u0300-\u036f'’ʼ]?[{_LATIN}]|[{_LATIN}][\u0300-\u036f'’ʼ]?[{_CYRILLIC}]")
_NAME = re.compile(
    # Letters, digits, what stands inside names, and one accent at most on a letter.
    r"""["«“„(]?[^\W_](?:[^\W_]|[ \-–—'’ʼ‘`´.,;/()"«»“”„]|[\u0300-\u036f](?![\u0300-\u036f]))*"""
)
_SEVERAL = re.compile(r"\s*[;/]\s*")
_TRAILING = re.compile(r"([^()]+?) \(([^() ]+ [^()]+)\)")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?", re.ASCII)
_DOTTED_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)


class ListStatus(enum.StrEnum):
    """What the list says of a person. FORMER does not say how it ended; NP: persecuted, not recognised."""

    ACTIVE = "active"
    FORMER = "former"
    NP = "np"


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """What is taken from one row. The first name is the one to show.

    `known_as`: the key of the record that editors made this person's one part of.
    """

    line: int
    number: int
    names: tuple[str, ...]
    status: ListStatus
    url: str
    birth_year: int | None
    died: bool
    known_as: str = ""

    @property
    def key(self) -> str:
        """Return the key of this person in the registry: the list's number, never the name."""
        return self.known_as or person_key(self.number)


def person_key(number: int) -> str:
    """Return the registry's key for a number of the list."""
    return f"viasna-{number}"


def read_number(cells: Mapping[str, str]) -> int:
    """Return the number of a row's person. Raises RefusedError."""
    text = cells["id"].strip()
    if not _PLAIN_NUMBER.fullmatch(text) or int(text) > NUMBERS:
        raise RefusedError("the id is not a plain number")
    return int(text)


def read_row(number: int, cells: Mapping[str, str], line: int, language: Language) -> ListedPerson:
    """Read the row of one person. Raises RefusedError, whose text never holds what a cell says."""
    if any(cell.lstrip().startswith("=") for cell in cells.values()):
        raise RefusedError("a cell is a formula")
    if any(cells.get(column, "").startswith(("+", "-", "@", "\t")) for column in ("name", "status", "url")):
        raise RefusedError("a cell may be taken for a formula")
    return ListedPerson(
        line=line,
        number=number,
        names=_names(cells["name"], language),
        status=_status(cells["status"]),
        url=_url(cells, language),
        birth_year=_birth_year(cells.get("birthday", "")),
        died=bool(cells.get("died", "").strip()),
    )


def _status(text: str) -> ListStatus:
    try:
        return ListStatus(text.strip().casefold())
    except ValueError:
        raise RefusedError("the status is none of active, former, np") from None


def _names(cell: str, language: Language) -> tuple[str, ...]:
    """Return the forms of a name in a cell: `A / B`, `A; B` and `A (B C)` are two each."""
    if len(cell) > LONGEST_NAME:
        raise RefusedError("the name is too long")
    if any(unicodedata.category(sign) == "Cc" for sign in cell.strip()):
        raise RefusedError("the name is broken over lines or holds control characters")
    # Twice: an export that was saved by a web page has its entities escaped again.
    plain = unicodedata.normalize("NFC", html.unescape(html.unescape(cell)))
    text = " ".join(plain.split())
    if not text:
        raise RefusedError("the name is empty")
    if _was_misread(text):
        raise RefusedError("the name was saved in a wrong encoding")
    if not _NAME.fullmatch(text):
        raise RefusedError("the name holds signs that no name has")
    trailing = _TRAILING.fullmatch(text)
    forms = [form for form in (trailing.groups() if trailing else _SEVERAL.split(text)) if form]
    _in_alphabet(forms[0], language)
    return tuple(dict.fromkeys(form for form in forms if _is_written_in(form, language)))


def _in_alphabet(form: str, language: Language) -> None:
    if _MIXED.search(form):
        raise RefusedError("a word of the name mixes Latin and Cyrillic letters")
    if not _is_written_in(form, language):
        raise RefusedError("the name is not in the letters of its language")


def _is_written_in(form: str, language: Language) -> bool:
    letters = "".join(sign for sign in form if sign.isalpha() and sign not in "ʼ")
    return re.fullmatch(f"[{_ALPHABETS[language]}]+", letters) is not None


def _was_misread(text: str) -> bool:
    """Return whether UTF-8 was read as a one-byte encoding and saved so: then it can be read back."""
    if text.isascii():
        return False
    for codec in ("cp1251", "cp1252"):
        try:
            return len(text.encode(codec).decode("utf-8")) > _SHORTEST_MISREAD
        except UnicodeError:
            continue
    return False


def _url(cells: Mapping[str, str], language: Language) -> str:
    """Return the person's own page; where the export has no such column, the list's address."""
    if "url" not in cells:
        return f"https://{SITE}/{language}"
    text = cells["url"].strip()
    try:
        address = urlsplit(text)
    except ValueError:
        raise RefusedError("the address is not of the list's site") from None
    if (
        address.scheme not in {"http", "https"}
        or address.netloc.lower() != SITE
        or not address.path.strip("/")
    ):
        raise RefusedError("the address is not of the list's site")
    if len(text) > LONGEST_URL or not all(sign.isprintable() and not sign.isspace() for sign in text):
        raise RefusedError("the address is too long or unreadable")
    return text


def _birth_year(cell: str) -> int | None:
    """Return the year of a full, real date of birth, unless it is the list's default."""
    text = cell.strip()
    if found := _ISO_DAY.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _DOTTED_DAY.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        date(year, month, day)
    except ValueError:
        return None
    return year if year in _YEARS and year != DEFAULT_YEAR else None
