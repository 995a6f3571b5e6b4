"""What a row of an import must be: text in, column values out, or a refusal in plain words."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel import Locale

from bot.domain.people import (
    PLACEHOLDER,
    ClaimKind,
    ClaimState,
    Consent,
    Designation,
    Language,
    Manner,
    NameKind,
    Outcome,
    Passport,
    PublisherKind,
    When,
)
from bot.domain.timeline import ActKind, Qualifier, ReleaseKind, SanctionAction
from bot.store.registry import SourceRow
from bot.store.tables import NUMBERS

LONGEST_KEY, LONGEST_BUTTON_KEY = 80, 40
LONGEST_QUOTE = 20
LONGEST_URL = 500
LONGEST_NAME = 200
LONGEST_TEXT = 600
LONGEST_WORD = 120
MOST_COUNTRIES = 20
_NOWHERE = frozenset(("ZZ", "XA", "XB", "EU", "EZ", "UN", "QO"))
"""Codes of nothing one can be taken to: unknown, made up for tests, unions."""
_MINSK = ZoneInfo("Europe/Minsk")
_KEY = re.compile(r"[A-Za-z0-9_/-]+", re.ASCII)
_BUTTON_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
MADE_UP_SURNAMES = ("Прыклад", "Пример", "Example")
"""What everybody who is made up is called: whoever overhears the name takes it for an example."""
_WHO = {"person": "key", "name": "person", "claim": "person"}
"""The cell of a row that holds the key of a person."""

Cells: TypeAlias = Mapping[str, str]
Values: TypeAlias = dict[str, Any]
_E = TypeVar("_E", bound=enum.StrEnum)


class RefusedError(Exception):
    """A row that must not enter the registry. Its text is the reason, for the operator."""


def day_of(moment: datetime) -> date:
    """Return which day it is in Minsk, where what we tell of happens.

    By UTC it is still yesterday there until three in the morning, and a release of the night would lie ahead.
    """
    return moment.astimezone(_MINSK).date()


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may ask: the id behind a key (word, key), and which day it is."""

    id_of: Callable[[str, str], int | None]
    today: date

    def reference(self, word: str, key: str) -> int | None:
        """Return the id a cell refers to; empty means none, an unknown key is refused."""
        if not key:
            return None
        found = self.id_of(word, key)
        if found is None:
            raise RefusedError(f"unknown {word}")
        return found

    def past(self, cells: Cells, name: str) -> str:
        """Return a cell that dates a fact as it stands; refuses what is no date or lies in the future."""
        text = cells[name]
        try:
            when = When.parse(text)
        except ValueError:
            raise RefusedError(f"not a date: {name}") from None
        if when.start > self.today:
            raise RefusedError(f"a date in the future: {name}")
        return text


def kept_apart(word: str, cells: Cells, *, made_up: bool) -> None:
    """Refuse made-up people among real ones, and in a made-up import whatever else could be true."""
    if word in _WHO:
        if cells[_WHO[word]].startswith(PLACEHOLDER) is not made_up:
            among = "a real person does not belong among placeholders"
            raise RefusedError(among if made_up else "a placeholder person does not belong among real people")
        if made_up and word == "name" and not cells["text"].endswith(MADE_UP_SURNAMES):
            raise RefusedError("a placeholder person has the surname of one")
    elif made_up and word != "publisher":
        raise RefusedError("only people are made up")


def publisher(cells: Cells, _context: Context) -> Values:
    """Read a publisher: name, what it is, and whether contact with it is prosecuted in Belarus."""
    return {
        "name": _required(cells, "name"),
        "kind": _one_of(PublisherKind, cells["kind"]).value,
        "designation": _one_of(Designation, cells["designation"]).value,
    }


def person(cells: Cells, _context: Context) -> Values:
    """Read a person: a key and, only where it tells homonyms apart, a year of birth."""
    return {"key": _key(cells), "birth_year": _number(cells["birth_year"])}


def name(cells: Cells, context: Context) -> Values:
    """Read one form of a person's name."""
    return {
        "person_id": context.reference("person", _required(cells, "person")),
        "language": _required(cells, "language", 8),
        "kind": _one_of(NameKind, cells["kind"]).value,
        "text": _name_text(cells),
    }


def _name_text(cells: Cells) -> str:
    text = _required(cells, "text", LONGEST_NAME)
    if not any(letter.isalpha() for letter in text):
        raise RefusedError("a name needs letters")
    return text


def claim(cells: Cells, context: Context) -> Values:
    """Read a claim; a seed's claim is published by its sources and public."""
    when = context.past(cells, "date")
    kind = _one_of(ClaimKind, cells["kind"])
    outcome = _one_of(Outcome, cells["outcome"] or Outcome.NOT_STATED.value)
    manner = _optional(Manner, cells["manner"])
    country = cells["country"] or None
    if kind is not ClaimKind.RELEASED and (outcome is not Outcome.NOT_STATED or manner):
        raise RefusedError("only a release has an outcome")
    if country and (outcome is not Outcome.ABROAD or country not in _territories()):
        raise RefusedError("a country needs the outcome abroad and its two-letter code")
    return {
        "key": _key(cells),
        "person_id": context.reference("person", _required(cells, "person")),
        "kind": kind.value,
        "date": when,
        "outcome": outcome.value,
        "country": country,
        "passport": _optional(Passport, cells["passport"]),
        "manner": manner,
        "place_id": context.reference("place", cells["place"]),
        "release_event_id": context.reference("event", cells["event"]),
        "consent": Consent.PUBLIC.value,
        "state": ClaimState.PUBLISHED.value,
        "revision": 1,
    }


def release_event(cells: Cells, context: Context) -> Values:
    """Read a release of one or many; buttons carry its key."""
    return {
        "key": _key(cells, _BUTTON_KEY, LONGEST_BUTTON_KEY),
        "date": context.past(cells, "date"),
        "kind": _one_of(ReleaseKind, cells["kind"]).value,
        "number": _number(_required(cells, "number")),
        "qualifier": _one_of(Qualifier, cells["qualifier"]).value,
        "named": _number(cells["named"]),
        "unnamed": _number(cells["unnamed"]),
        "taken_to": _countries(cells["taken_to"]),
        **_texts(cells, "title"),
        **_texts(cells, "disagreement", empty_allowed=True),
    }


def _countries(text: str) -> str:
    codes = text.split("|") if text else []
    if len(codes) > MOST_COUNTRIES or not _territories().issuperset(codes):
        raise RefusedError("countries are their two-letter codes with | between")
    return text


@cache
def _territories() -> frozenset[str]:
    """Return the codes that a screen can say in words: what is none of them would be shown as it is."""
    codes = map(str, Locale("en").territories)
    return frozenset(code for code in codes if re.fullmatch("[A-Z]{2}", code)) - _NOWHERE


def diplomacy_event(cells: Cells, context: Context) -> Values:
    """Read a visit, talks or a statement."""
    return {
        "key": _key(cells),
        "date": context.past(cells, "date"),
        "kind": _one_of(ActKind, cells["kind"]).value,
        **_texts(cells, "who"),
        **_texts(cells, "place", empty_allowed=True),
        **_texts(cells, "asked", empty_allowed=True),
        **_texts(cells, "given", empty_allowed=True),
        "release_event_id": context.reference("event", cells["event"]),
    }


def sanction(cells: Cells, context: Context) -> Values:
    """Read an act of sanctions."""
    return {
        "key": _key(cells),
        "date": context.past(cells, "date"),
        "side": _required(cells, "side", 8),
        "action": _one_of(SanctionAction, cells["action"]).value,
        **_texts(cells, "text"),
        "release_event_id": context.reference("event", cells["event"]),
    }


def listed_count(cells: Cells, context: Context) -> Values:
    """Read how many were listed on a day."""
    return {
        "key": _key(cells),
        "date": context.past(cells, "date"),
        "qualifier": _one_of(Qualifier, cells["qualifier"]).value,
        "number": _number(_required(cells, "number")),
        "counted_by": _required(cells, "counted_by"),
    }


def detention_place(cells: Cells, _context: Context) -> Values:
    """Read a colony, prison or remand centre."""
    return {
        "key": _key(cells),
        "kind": _required(cells, "kind", 16),
        **_texts(cells, "name"),
        **_texts(cells, "town"),
    }


def source(cells: Cells, context: Context) -> SourceRow:
    """Read a page that proves one statement, with the words of it that do."""
    found = page(cells, context)
    if not 1 <= len(cells["quote"].split()) <= LONGEST_QUOTE:
        raise RefusedError(f"a source needs a quotation of 1 to {LONGEST_QUOTE} words")
    return found


def page(cells: Cells, context: Context) -> SourceRow:
    """Read a page: its address, who published it and who said so first, when it came out and was read."""
    try:
        address = urlsplit(cells["url"])
    except ValueError:
        raise RefusedError("a source needs a web address") from None
    is_web = address.scheme in {"http", "https"} and address.hostname
    # What was read leaves out line ends and tabs, which stand in the address itself.
    if not is_web or len(cells["url"]) > LONGEST_URL or not _is_drawn(cells["url"]) or " " in cells["url"]:
        raise RefusedError("a source needs a web address")
    publisher = _required(cells, "publisher")
    context.reference("publisher", publisher)
    return SourceRow(
        publisher=publisher,
        url=cells["url"],
        published_on=context.past(cells, "published_on") if cells["published_on"] else None,
        origin=_required(cells, "origin"),
        read_on=_day(context.past(cells, "read_on"), "read_on"),
    )


def _required(cells: Cells, name: str, longest: int = LONGEST_WORD) -> str:
    value = cells[name].strip()
    if not value:
        raise RefusedError(f"{name} is empty")
    if len(value) > longest or not _is_drawn(value):
        raise RefusedError(f"{name} is too long or unreadable")
    return value


def _is_drawn(text: str) -> bool:
    """Return whether each sign is drawn as itself: others move a terminal's cursor, or turn a line round.

    So one editor's page could draw, where another looks at what they sign, something else.
    """
    return text.isprintable()


def _key(cells: Cells, allowed: re.Pattern[str] = _KEY, longest: int = LONGEST_KEY) -> str:
    """Return a natural key; one that buttons carry must fit into a button."""
    value = _required(cells, "key")
    if len(value) > longest:
        raise RefusedError(f"key is longer than {longest} signs")
    if not allowed.fullmatch(value):
        raise RefusedError("key holds more than letters, digits, _ and -")
    return value


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError(f"not a date: {name}") from None


def _one_of(kind: type[_E], value: str) -> _E:
    try:
        return kind(value)
    except ValueError:
        raise RefusedError(f"not a {kind.__name__}") from None


def _optional(kind: type[_E], value: str) -> str | None:
    return _one_of(kind, value).value if value else None


def _number(value: str) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 10 and int(value) <= NUMBERS):
        raise RefusedError("not a number")
    return int(value)


def _texts(cells: Cells, name: str, *, empty_allowed: bool = False) -> Values:
    """Read a sentence in all three languages: one missing is refused, as in a catalogue."""
    texts = {f"{name}_{language}": cells[f"{name}_{language}"].strip() for language in Language}
    if any(len(text) > LONGEST_TEXT or not _is_drawn(text) for text in texts.values()):
        raise RefusedError(f"{name} is too long or unreadable")
    if not all(texts.values()) and (any(texts.values()) or not empty_allowed):
        raise RefusedError(f"{name} is not there in every language")
    return texts
