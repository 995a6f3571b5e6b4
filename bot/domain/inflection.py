"""Case endings of Belarusian, Russian, Ukrainian and Polish names, taken off a word's coarse shape.

An ending is kept in coarse letters (`AHA` is -ого, -ага, -ego), so one short table serves all four.
A role is one letter: m, f nominative of a man's or woman's name; g, o the other cases of it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from bot.domain.spelling import Shape


class Kind(enum.StrEnum):
    """How a name is declined."""

    ADJECTIVE = "adjective"
    POSSESSIVE = "possessive"
    CONSONANT = "consonant"
    SOFT = "soft"
    VOWEL = "vowel"
    FIXED = "fixed"


_ROLES: dict[Kind, dict[str, str]] = {
    Kind.ADJECTIVE: {
        "I": "m",
        "AHA": "g",
        "AMV": "g",
        "IM": "g",
        "AM": "g",
        "A": "f",
        "AA": "f",
        "AI": "mo",
        "V": "o",
        "VV": "o",
    },
    Kind.POSSESSIVE: {"": "m", "A": "gf", "V": "go", "IM": "g", "AM": "g", "AI": "o", "AV": "o", "AVI": "g"},
    Kind.CONSONANT: {"": "mfo", "A": "g", "V": "g", "AM": "g", "AVI": "g"},
    Kind.SOFT: {"I": "mfo", "A": "g", "V": "g", "AM": "g", "AVI": "g"},
    Kind.VOWEL: {
        "A": "mfgo",
        "O": "mfgo",
        "V": "go",
        "I": "go",
        "AI": "go",
        "AM": "g",
        "AV": "go",
        "AVI": "g",
    },
    Kind.FIXED: {"": "mfgo"},
}
_ENDINGS = ("AMV", "AHA", "AVI", "AM", "IM", "AI", "AV", "AA", "VV", "A", "I", "V")
_NOMINATIVE_A = frozenset("aAoO")


@dataclass(frozen=True, slots=True)
class Cut:
    """A word cut in two: the stem every case shares, and its ending. `oblique`: surely not nominative."""

    stem: str
    fine: str
    ending: str
    oblique: bool = False


def cuts(shape: Shape, cyrillic: bool) -> list[Cut]:
    """Return every way to take a case ending off a word, the whole word first."""
    coarse, fine = shape.coarse, shape.fine
    found = [Cut(coarse, fine, "")]
    for ending in _ENDINGS:
        size = len(coarse) - len(ending)
        if size < 2 or not coarse.endswith(ending) or not _is_vowel_ending(fine[size:], ending):
            continue
        stem = coarse[:size]
        if stem[-1] == "I" and size > 2:
            stem = stem[:-1]
        oblique = ending == "A" and fine[-1] not in _NOMINATIVE_A
        shown = "O" if ending == "A" and fine[-1] in "oO" else ending
        found.append(Cut(stem, fine[: len(stem)], shown, oblique))
        if ending == "AM":
            found.append(Cut(stem + "A", fine[: len(stem)] + fine[size], ending))
        if cyrillic and ending in {"A", "I"}:
            found += _softened(stem, fine[: len(stem)], ending)
    return found


def _is_vowel_ending(fine: str, ending: str) -> bool:
    """Tell a vowel у at the end (-у, -ую, -ою) from a consonant в of the stem."""
    if ending in {"V", "AMV", "AV", "VV"}:
        return fine[-1] == "u"
    return True


def _softened(stem: str, fine: str, ending: str) -> list[Cut]:
    """Undo the Belarusian change before -е, -ы: Бабарыцы - Бабарыка, Сапезе - Сапега."""
    change = {"c": ("K", "k"), "z": ("H", "g"), "s": ("H", "x")}.get(fine[-1])
    if change is None or len(stem) < 3:
        return []
    return [Cut(stem[:-1] + change[0], fine[:-1] + change[1], ending, oblique=True)]


def nominative_stem(coarse: str) -> str:
    """Return the stem of a name as it stands in a list."""
    if len(coarse) > 3 and coarse.endswith("AA"):
        return coarse[:-2]
    if len(coarse) > 2 and coarse[-1] in "AI":
        stem = coarse[:-1]
        return stem[:-1] if stem[-1] == "I" and len(stem) > 2 else stem
    return coarse


_RUNAWAY = tuple("ок ёк ек эк ец эц ел ёл ень ok iok yok ek ets ec".split())
_ADJECTIVE_OI = ("ой", "oi", "oy", "oj")


def other_stems(text: str, coarse: str) -> list[str]:
    """Return the stems of a name's other cases where they differ: Дзядок - Дзядка, Толстой - Толстого."""
    if text.endswith(_ADJECTIVE_OI) and len(coarse) > 4:
        return [coarse[:-2]]
    if text.endswith(_RUNAWAY) and len(coarse) > 3 and coarse[-2] == "A":
        return [coarse[:-2] + coarse[-1]]
    return []


_FEMININE = ("ая", "яя", "aya", "aja", "aia", "ska", "cka", "dzka", "ська", "цька")
_SOFT_ENDS = (
    "ай",
    "ей",
    "ой",
    "эй",
    "яй",
    "уй",
    "юй",
    "ёй",
    "ai",
    "ei",
    "ey",
    "ay",
    "aj",
    "ej",
    "oi",
    "oy",
    "oj",
    "uj",
    "ui",
)


def kind_of(text: str, shape: Shape) -> Kind:
    """Say how a listed name is declined."""
    coarse, fine = shape.coarse, shape.fine
    stem = nominative_stem(coarse)
    last = coarse[-1:]
    if last == "A":
        if text.endswith(_FEMININE):
            return Kind.ADJECTIVE
        return Kind.POSSESSIVE if _possessive(stem) and fine[-1] in "aA" else Kind.VOWEL
    if last == "I":
        return Kind.SOFT if text.endswith(_SOFT_ENDS) else Kind.ADJECTIVE
    if last == "V" and fine[-1] == "u":
        return Kind.FIXED
    return Kind.POSSESSIVE if _possessive(stem) else Kind.CONSONANT


def _possessive(stem: str) -> bool:
    return stem.endswith(("AV", "IN")) and len(stem) > 3


def roles(kind: Kind, cut: Cut) -> str:
    """Return the roles a cut word can have if it is a form of a name of this kind."""
    found = _ROLES[kind].get(cut.ending, "")
    return found.replace("m", "").replace("f", "") if cut.oblique else found
