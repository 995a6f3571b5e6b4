"""The words of a query, cleaned: look-alike letters, hashtags, hidden characters, joined capitals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.common_words import is_common
from bot.domain.given import given_readings
from bot.domain.spelling import MAX_WORD

MAX_QUERY = 400
"""Longer text is a story or an attack, not a name; the lookup reads no more than this."""
MAX_WORDS = 40
_GLUED = range(7, MAX_WORD + 1)
"""How long a name and a surname written as one word can be: a longer word would only cost time."""

_APOSTROPHES = "'’ʼ`´‘ʹ′＇ʻʽ\u02bc\u2019\u2032"
_FOLDED_AWAY = re.compile(f"[{_APOSTROPHES}ьъ]")
_LETTERS = re.compile(r"[^\W\d_]+")
_ALIKE = str.maketrans({"ё": "е", "і": "и", "ї": "и", "ў": "у", "ґ": "г", "є": "е"})
_POSSESSIVE = re.compile(f"(?<=[A-Za-z])[{_APOSTROPHES}]s\\b")
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
_CAMEL = re.compile(r"(?<=[a-zа-яёіўїєґłšžčć])(?=[A-ZА-ЯЁІЎЇЄҐŁŠŽČĆ][a-zа-яёіўїєґłšžčć])")
_WORD = re.compile(r"[^\W\d_]+(?:(?<=[^\W\d_])[03](?=[^\W\d_]))?[^\W\d_]*")
_TO_CYRILLIC = str.maketrans("aAeEoOpPcCyYxXkKMTBHiI03", "аАеЕоОрРсСуУхХкКМТВНіІоз")
_LIKE_CYRILLIC = str.maketrans("mthbrgzwldsuvn", "мтнвгдзшлдсивп")
_TO_LATIN = str.maketrans("аАеЕоОрРсСуУхХкКМТВНіІјЈѕЅ0", "aAeEoOpPcCyYxXkKMTBHiIjJsSo")
_LIKE_LATIN = str.maketrans("нвтм", "hbtm")
_SURE_LATIN = re.compile("[a-zA-Z\u00c0-\u024f]")
_CYRILLIC = re.compile("[Ѐ-ӿ]")

_BREAK = re.compile(r"[,;:|/•·—–\n]")
_AND = frozenset(("и", "і", "й", "та", "and", "i", "oraz", "а", "ды"))


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query: `text` is lower case, without apostrophes.

    `chain` is shared by words joined with a hyphen, `clause` by words no comma or "and" parts.
    """

    text: str
    capital: bool
    chain: int
    initial: bool = False
    dotted: bool = False
    clause: int = 0


def folded(text: str) -> frozenset[str]:
    """Return the words of a stored name without what two hands write differently.

    Case, accents, ё/е, і/и, ў/у, apostrophes, soft signs, hyphens and the order of words.
    """
    composed = unicodedata.normalize("NFKC", text[:MAX_QUERY]).casefold().translate(_ALIKE)
    plain = unicodedata.normalize("NFD", _FOLDED_AWAY.sub("", composed).replace("й", "\ue000"))
    letters = "".join(c for c in plain if not unicodedata.combining(c)).replace("\ue000", "й")
    return frozenset(_LETTERS.findall(letters))


def is_only_given(text: str) -> bool:
    """Return whether a text is a given name and nothing else: then the surname is worth asking for.

    Of two one may be a surname (Пётр Давид): whoever has it would be asked for one for ever.
    """
    words = words_of(text)
    return len(words) == 1 and bool(given_readings(words[0].text))


def words_of(text: str) -> tuple[Word, ...]:
    """Split a query into its words; never raises, reads at most MAX_QUERY characters and MAX_WORDS words."""
    found: list[Word] = []
    chain = 0
    clause = 0
    last_end = -2
    composed = _visible(text[:MAX_QUERY])
    for match in _WORD.finditer(composed):
        hyphen = match.start() == last_end + 1 and composed[last_end] in "-‐‑–" if last_end > 0 else False
        chain += not hyphen
        if last_end > 0 and _BREAK.search(composed[last_end : match.start()]):
            clause += 1
        last_end = match.end()
        for part in _script_parts(match.group()):
            clean = one_script(part)
            lower = clean.lower()
            if lower:
                dotted = composed[match.end() : match.end() + 1] == "."
                found.append(Word(lower, clean[0] != lower[0], chain, len(lower) == 1, dotted, clause))
                clause += lower in _AND
        if len(found) >= MAX_WORDS:
            break
    return tuple(found[:MAX_WORDS])


_RUNS = re.compile("[Ѐ-ӿ]+|[^Ѐ-ӿ]+")


def _script_parts(word: str) -> list[str]:
    """Divide a glued word where capitals or alphabets change, but not at look-alike letters."""
    parts: list[str] = []
    for piece in _CAMEL.split(word):
        runs = _RUNS.findall(piece)
        glued = len(runs) == 2 and min(map(len, runs)) > 3 and not any(_all_alike(run) for run in runs)
        parts += runs if glued else [piece]
    return parts


def _all_alike(run: str) -> bool:
    """Return whether every letter of a run has a twin in the other alphabet."""
    if _CYRILLIC.search(run):
        return not _CYRILLIC.search(run.translate(_TO_LATIN))
    return not _SURE_LATIN.search(run.translate(_TO_CYRILLIC))


def repaired(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    """Return other ways to divide the words: a glued name taken apart, a split one joined."""
    ways: list[tuple[Word, ...]] = []
    named = [bool(given_readings(word.text)) for word in words]
    for place, word in enumerate(words):
        if len(word.text) in _GLUED and not any(named):
            ways += [(*words[:place], *parts, *words[place + 1 :]) for parts in _apart(word)]
    for place in range(len(words) - 1):
        first, second = words[place], words[place + 1]
        if len(first.text) < 2 or len(second.text) < 2:
            continue
        if not (is_common(first.text) or is_common(second.text)):
            joined = replace(first, text=first.text + second.text)
            ways.append((*words[:place], joined, *words[place + 2 :]))
    return ways[:12]


def _apart(word: Word) -> list[list[Word]]:
    """Take a glued word apart where a given name begins or ends it."""
    text = word.text
    for size in range(4, min(len(text) - 6, 12)):
        if is_common(text[:size]):
            tail = replace(word, text=text[size:], capital=True)
            return [*_apart(tail), [tail]]
    found = []
    for size in range(len(text) - 3, 2, -1):
        for given, other in ((text[:size], text[size:]), (text[-size:], text[:-size])):
            if given_readings(given):
                found.append([replace(word, text=part, capital=True) for part in (given, other)])
    return found[:6]


def _visible(text: str) -> str:
    """Drop what cannot be seen, join letters with their marks, drop apostrophes and English 's."""
    whole = unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode("utf-8"))
    composed = whole[:MAX_QUERY]  # one character of what is typed can stand for eighteen
    shown = "".join(c for c in composed if unicodedata.category(c) not in {"Cf", "Cc", "Mn"} or c in "\n\t ")
    return _APOSTROPHE.sub("", _POSSESSIVE.sub("", shown.replace("\n", " ").replace("\t", " ")))


def one_script(word: str) -> str:
    """Put a word typed in two alphabets into the one it was meant in, letter by look-alike letter."""
    cyrillic = len(_CYRILLIC.findall(word))
    latin = len(_SURE_LATIN.findall(word))
    if not cyrillic:
        return word.replace("0", "o").replace("3", "z")
    if not latin:
        return word.replace("0", "о").replace("3", "з")
    as_cyrillic = word.translate(_TO_CYRILLIC)
    if not _SURE_LATIN.search(as_cyrillic):
        return as_cyrillic
    as_latin = word.translate(_TO_LATIN)
    if not _CYRILLIC.search(as_latin):
        return as_latin
    if cyrillic >= latin:
        return as_cyrillic.translate(_LIKE_CYRILLIC)
    return as_latin.translate(_LIKE_LATIN)
