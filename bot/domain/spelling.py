"""One sound shape for a word in any alphabet: be, ru, uk, pl and every Latin spelling in use.

A word becomes one or more `Shape`s. `coarse` merges everything that spellings of one name differ in
(о/а/е/я, т/ц/ч, г/х/h, в/ў/у, и/ы/й ...); `fine` keeps, at the same positions, what was really
written, so that two words with equal `coarse` can still be told apart by `irregular`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

MAX_WORD = 40
"""No surname is longer; a longer run of letters is cut, which bounds the work."""

# fine symbols: a o e, A=я, O=ё, i, u (vowel), v, t, c=ц, C=ч, s, S=ш, z, Z=ж, g, x=х;
# not sure which: 1=c of a word without marks, 2=s of it, 3=z of it, h=Latin h
_COARSE = dict(zip("aoeAOiyuvtcCszSZgxh123dkpbflmnr", "AAAAAIIVVTTTSZSZHHHTSZDKPBFLMNR", strict=True))

_CYRILLIC = {
    **dict(zip("абвгґдеєжзиіїйклмнопрстуўфхцчшыэюяё", "abvggdeeZziiiiklmnoprstuvfxcCSyeuAO", strict=True)),
    "щ": "SC",
    "ь": "",
    "ъ": "",
}
_LATIN = {
    "shch": "SC",
    "szcz": "SC",
    "tsch": "C",
    "dzh": "d",
    "tch": "C",
    "sch": "SC",
    "dz": "d",
    "dž": "d",
    "dź": "d",
    "dż": "d",
    "cz": "C",
    "sz": "S",
    "sh": "S",
    "zh": "Z",
    "kh": "x",
    "gh": "g",
    "ts": "c",
    "tz": "c",
    "ch": "C",
    "rz": "rz",
    "ph": "f",
    "th": "t",
    "č": "C",
    "ć": "c",
    "š": "S",
    "ś": "s",
    "ž": "Z",
    "ź": "z",
    "ż": "Z",
    "ł": "l",
    "ŭ": "v",
    "x": "ks",
    "q": "k",
    "w": "v",
    "ą": "on",
    "ę": "en",
    **dict(zip("abcdefghiklmnoprstuvyz", "abcdefghiklmnoprstuviz", strict=True)),
}
_LATIN_PARTS = re.compile("|".join(sorted(map(re.escape, _LATIN), key=len, reverse=True)) + "|.")
_GLIDE = re.compile("[ijy](?=[aeou])")
_SHORT_U = re.compile("(?<=[bcdfghklmnprstvwxz])([iy])u(?=[bcdfghklmnprstvwxz]|$)")
"""Latin yu or iu between consonants: ю, or ы and ў (Tryuski)."""
_ENGLISH = re.compile("sh|zh|kh|hch")
"""English digraphs: beside them ch is ч, never the Polish or Łacinka х."""
_MARKED = re.compile("[čćšśžźżłŭńąęó]")
_DIGRAPH = re.compile("sh|zh|kh|ts|sz|cz|y[aeou]")
_AMBIGUOUS = ({"ch": "C", "rz": "rz"}, {"ch": "x", "rz": "Z"})
_SOFTENED = {"a": "A", "o": "O"}


@dataclass(frozen=True, slots=True)
class Shape:
    """One reading of one word: `coarse` and `fine` have the same length, letter by letter."""

    coarse: str
    fine: str


def is_cyrillic(word: str) -> bool:
    """Return whether most letters of a word are Cyrillic."""
    count = sum("Ѐ" <= c <= "ӿ" for c in word)
    return count * 2 > len(word)


def plain(word: str) -> str:
    """Return a word without what hands leave out: ё/е, і/и, ў/у, marks, apostrophes and soft signs."""
    return "".join(_plain_letter(c) for c in word)


@functools.cache
def _plain_letter(letter: str) -> str:
    if letter in _PLAIN:
        return _PLAIN[letter]
    return unicodedata.normalize("NFD", letter)[0]


_PLAIN = {"ё": "е", "і": "и", "ї": "и", "ў": "у", "ґ": "г", "є": "е", "й": "й", "ь": "", "ъ": "", "ł": "l"}


@functools.lru_cache(maxsize=4096)
def shapes(word: str) -> tuple[Shape, ...]:
    """Return every reading of one lower-case word (usually one; Latin `ch` and `rz` give two)."""
    return shapes_uncached(word)


def shapes_uncached(word: str) -> tuple[Shape, ...]:
    """Do what `shapes` does without remembering the word: for building an index."""
    word = word[:MAX_WORD]
    if is_cyrillic(word):
        return (_squeezed(_cyrillic_sounds(word)),)
    open_to_doubt = ("ch" in word or "rz" in word) and not _ENGLISH.search(word)
    choices = _AMBIGUOUS if open_to_doubt else _AMBIGUOUS[:1]
    words = [word, _SHORT_U.sub(r"\1ŭ", word)] if _SHORT_U.search(word) else [word]
    return tuple(dict.fromkeys(_squeezed(_latin_sounds(w, choice)) for w in words for choice in choices))


def _cyrillic_sounds(word: str) -> str:
    joined = word.replace("дз", "д").replace("дж", "д").replace("тс", "ц")
    return "".join(_CYRILLIC.get(c, "") for c in joined)


def _latin_sounds(word: str, choice: dict[str, str]) -> str:
    """Spell a Latin word in fine symbols; a glide before a vowel softens it and is not written."""
    if word.endswith(("off", "eff")):
        word = word[:-2] + "v"
    marked = bool(_MARKED.search(word))
    unsure = {} if marked else {"c": "1"}
    if not marked and not _DIGRAPH.search(word):
        unsure |= {"s": "2", "z": "3"}
    unsure |= choice
    sounds: list[str] = []
    soft = False
    for part in _latin_parts(word):
        if part == "j" or (len(part) == 1 and part in "iy" and soft):
            sounds.append("i")
            continue
        if part == "~":
            soft = True
            continue
        sound = unsure.get(part) or _LATIN.get(part) or _LATIN.get(_plain_letter(part), "")
        if soft:
            sound = _SOFTENED.get(sound, sound)
        if sound == "u" and not soft and sounds and sounds[-1][-1:] in {"a", "o", "e", "A", "O"}:
            sound = "v"
        soft = False
        sounds.append(sound)
    return "".join(sounds)


def _latin_parts(word: str) -> list[str]:
    return _LATIN_PARTS.findall(_GLIDE.sub("~", word))


def _squeezed(sounds: str) -> Shape:
    """Join doubled sounds and drop the glide before a vowel, so that every spelling has one length."""
    coarse: list[str] = []
    fine: list[str] = []
    last = len(sounds) - 1
    for place, symbol in enumerate(sounds):
        kind = _COARSE[symbol]
        if coarse and coarse[-1] == "I" and (kind == "A" or symbol == "u"):
            coarse.pop()
            symbol = _SOFTENED.get(symbol, symbol)
            fine.pop()
        if (
            coarse
            and coarse[-1] == kind
            and not (place == last and symbol in "uaAeoO" and fine[-1] != symbol)
        ):
            if kind == "T":
                fine[-1] = symbol
            continue
        if kind == "S" and coarse and coarse[-1] == "T" and fine[-1] == "t" and symbol in "s2":
            fine[-1] = "c"
            continue
        coarse.append(kind)
        fine.append(symbol)
    return Shape("".join(coarse), "".join(fine))


def language_of(word: str) -> str:
    """Return the language a word can only be in: be, ru, or nothing where the letters do not tell."""
    if is_cyrillic(word):
        if re.search("[іў]", word):
            return "" if re.search("[иї]", word) else "be"
        return "ru" if re.search("[ищъ]", word) else ""
    return "be" if re.search("[čšžŭśćłń]", word) else ""


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    return frozenset((pair[0], second) for pair in text.split() for second in pair[1:])


_ALWAYS = _pairs("1cCt c1 C1 t1 2sS s2 S2 3zZ z3 Z3 hgx gh xh uv vu eO Oe AaO aA iy yi")
"""Differences that say nothing: an unmarked letter, a Latin h, a softness not written."""
_REGULAR = {
    "be": _ALWAYS | _pairs("ao Ae eA ct Oo Oa"),
    "ru": _ALWAYS | _pairs("oa eA Ae tc Oo Oa"),
    "same": _ALWAYS,
    "strict": _ALWAYS | _pairs("ao oa Ae eA Oo oO Oa aO"),
    "": _ALWAYS | _pairs("ao oa Ae eA ct tc Oo oO Oa aO"),
}
_SOFTNESS = _pairs("Aa aA")
_AFTER_R = _pairs("ae ea oO Oo oe")
_AFTER_HARD = _pairs("ae ea oe eo aO Oa oO Oo")


def irregular(stored: str, asked: str, language: str, *, cyrillic: bool = False) -> int:
    """Count the places where two fine spellings of equal coarse shape are not two ways to write one name.

    `language` is the language of the stored word: a Belarusian о is stressed and stays о in Russian,
    a Russian а never comes from a Belarusian о. `cyrillic`: both are, and write softness without fail.
    """
    if stored == asked:
        return 0
    if language == "en":
        stored = stored.translate(_ENGLISH_SOUNDS)
    allowed = _REGULAR.get(language, _REGULAR[""])
    count = 0
    before = ""
    for place, (mine, theirs) in enumerate(zip(stored, asked, strict=False)):
        if mine != theirs:
            if cyrillic and (
                (mine, theirs) in _SOFTNESS or _between_consonants(stored, place, mine + theirs)
            ):
                count += 1
            elif (mine, theirs) not in allowed:
                count += not _after_hard(before, mine, theirs)
            elif mine == "c" and theirs == "t" and stored[place + 1 : place + 2] in _HARD_VOWELS:
                count += 1
        before = mine
    return count


def _between_consonants(stored: str, place: int, pair: str) -> bool:
    """Return whether an у and a в are put for each other where only a vowel can stand."""
    beside = stored[place - 1 : place] + stored[place + 1 : place + 2]
    return pair in {"uv", "vu"} and place > 0 and not any(letter in "aoeAOiyuv" for letter in beside)


def _after_hard(before: str, mine: str, theirs: str) -> bool:
    """Return whether two vowels are one after a hard consonant: Чабатар - Чеботарь, Бярозкіна - Берёзкина."""
    if before == "r":
        return (mine, theirs) in _AFTER_R
    return before != "" and before in "csCSZ123" and (mine, theirs) in _AFTER_HARD


_ENGLISH_SOUNDS = str.maketrans("23h", "szg")
"""A listed English form is spelled by the passport rules: no mark is missing, h is г."""

_HARD_VOWELS = frozenset("yao")
"""A Belarusian ц before these is hard: Russian has ц there too, never т."""
