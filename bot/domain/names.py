"""One key for a name however it is typed, and who in the registry may be meant by it."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.people import Name

MAX_QUERY = 200
"""Longer text is a story or an attack, not a name; the lookup reads no more than this."""

_ALIKE = str.maketrans({"ё": "е", "і": "и", "ї": "и", "ў": "у", "ґ": "г", "є": "е"})
_APOSTROPHES = re.compile("['’ʼ`´‘\u02bc\u2019ьъ]")
_WORD = re.compile(r"[^\W\d_]+")


class Decision(enum.StrEnum):
    """How sure a lookup is."""

    ONE = "one"
    SEVERAL = "several"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Match:
    """The outcome of a lookup: person numbers, best first."""

    decision: Decision
    numbers: tuple[int, ...] = ()


def folded(text: str) -> frozenset[str]:
    """Return the words of a name with everything removed that two hands write differently.

    Case, accents, ё/е, і/и, ў/у, apostrophes, soft signs, hyphens and the order of words.
    """
    composed = unicodedata.normalize("NFKC", text[:MAX_QUERY]).casefold().translate(_ALIKE)
    plain = unicodedata.normalize("NFD", _APOSTROPHES.sub("", composed).replace("й", "\ue000"))
    letters = "".join(c for c in plain if not unicodedata.combining(c)).replace("\ue000", "й")
    return frozenset(_WORD.findall(letters))


@dataclass(frozen=True, slots=True)
class _Form:
    words: frozenset[str]
    surname: frozenset[str]
    number: int


class NameIndex:
    """Every stored form of every person, held in memory and asked by any of its words."""

    def __init__(self, people: Iterable[tuple[int, Iterable[Name]]]) -> None:
        self._by_word: dict[str, list[_Form]] = {}
        for number, names in people:
            for name in names:
                words = name.text.split()
                form = _Form(folded(name.text), folded(words[-1] if words else ""), number)
                for word in form.words:
                    self._by_word.setdefault(word, []).append(form)

    def find(self, text: str) -> Match:
        """Find who is meant: a whole name, also inside a sentence, else part of a name.

        ONE needs a whole name or the surname, and a single person it fits; a given name alone,
        however rare, is a question back.
        """
        words = folded(text)
        forms = [form for word in sorted(words) for form in self._by_word.get(word, ())]
        whole = _unique(
            f.number for f in forms if f.words <= words and (len(f.words) > 1 or f.words == words)
        )
        part = _unique(f.number for f in forms if words < f.words)
        surname = _unique(f.number for f in forms if words < f.words and f.surname <= words)
        numbers = whole or part
        if not numbers:
            return Match(Decision.NONE)
        sure = len(numbers) == 1 and numbers in (whole, surname)
        return Match(Decision.ONE if sure else Decision.SEVERAL, numbers)


def _unique(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(numbers))
