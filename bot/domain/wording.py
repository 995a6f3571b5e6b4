"""Wording: what of a question's wording carries its meaning, in three languages and however it is typed.

A question becomes a bag of features, each a number: folded words, stems, pairs of stems, parts of words,
and concepts: words of the three languages that mean one thing, so that one language teaches the others.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

MAX_QUESTION = 600
"""Characters of a text that are read: what a long story asks stands in its first or its last lines."""
SHORTEST_PART, LONGEST_PART = 3, 5
LONGEST_PHRASE = 4
"""Words of a phrase that are read."""
_CONCEPT_WEIGHT = 2

_WORD = re.compile(r"[^\W_]+")
_YEAR, _ARTICLE = r"(?:19|20)\d\d", r"[1-4]\d\d(?:-\d{1,2})?"
_PUBLIC = "|".join(
    (
        rf"{_YEAR}(?:-{_YEAR})*(?![\d-])",
        rf"(?!375){_ARTICLE} (?:{_ARTICLE}|{_YEAR})(?![\d-])",
        rf"\d\d-\d\d-{_YEAR}(?![\d-])",
        r"2[0-4]\d{4}\b",
        r"\d{6,7} ?(?:руб|дол|евро|эўра|злот|rub|roub|dol|eur|usd|byn|[$€])",
    )
)
"""What no private number begins as: years, two articles of the code, a date, a Belarusian postcode, a sum."""
_PRIVATE = re.compile(
    rf"(?:(?<=\+)|(?<!\d)(?<!\d-)(?!{_PUBLIC}))(?:(?:\d[ ()-]{{0,2}}){{9,}}|\d{{6,}}(?<!000))"
    r"|\b(?!19|20)\d{4} (?!19|20)\d{4}\b",
    re.IGNORECASE,
)
"""A telephone, a document, a card. Sums are round, and two years may stand beside each other."""
_DIGIT = re.compile(r"\d")
_LATIN = re.compile("[a-z]")
_APOSTROPHE = re.compile("(?<=\\w)['’ʼ`´‘](?=\\w)")
_TWICE = re.compile(r"(.)\1")
_ENGLISH_ENDING = re.compile(r"(ing|ed|es|s|ly|er|ion|ment)$")

# Be and ru write one sound in many ways, and people mix them: what differs only so is one letter here.
_DIGRAPHS = (("дз", "д"), ("дж", "ж"), ("шч", "ш"))
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("ёэяо", "е"),
        **dict.fromkeys("іїый", "и"),
        **dict.fromkeys("ўую", "в"),
        **dict.fromkeys("ґх", "г"),
        **dict.fromkeys("щч", "ш"),
        **dict.fromkeys("ъь", ""),
        "о": "а",
        "ц": "т",
    }
)
_LATIN_PAIRS = (
    *(("shch", "щ"), ("sch", "щ"), ("dz", "дз"), ("zh", "ж"), ("ch", "ч"), ("sh", "ш"), ("kh", "х")),
    *(("ts", "ц"), ("cz", "ч"), ("sz", "ш"), ("yu", "ю"), ("ya", "я"), ("yo", "ё"), ("ye", "е")),
    *(("ja", "я"), ("ju", "ю"), ("jo", "ё"), ("je", "е"), ("ia", "я"), ("iu", "ю"), ("io", "ё"), ("ie", "е")),
)
_LATIN_LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyzčšžćśźłŭń", "абцдефгхийклмнопкрстуввхызчшжцсзлун")


@dataclass(frozen=True, slots=True)
class Token:
    """One word: as typed but lower case, as folded Cyrillic, and as typed where that was in Latin letters."""

    spelled: str
    folded: str
    latin: str = ""

    @property
    def stem(self) -> str:
        """Return the word without what endings change, roughly: no dictionary stems Belarusian."""
        word = self.latin or self.folded
        if len(word) <= 4:
            return word
        if self.latin:
            return _ENGLISH_ENDING.sub("", word)
        return word[: max(4, len(word) - 2)] if len(word) < 8 else word[: max(5, len(word) - 3)]


def tokens(text: str) -> list[Token]:
    """Split a text into its words; at most MAX_QUESTION characters of it, from both ends."""
    # Again afterwards: one character of what is typed can stand for eighteen.
    plain = _APOSTROPHE.sub("", ends(unicodedata.normalize("NFKC", ends(text)).lower()))
    return [
        Token(word, fold(_in_cyrillic(word)), word) if _LATIN.search(word) else Token(word, fold(word))
        for word in _WORD.findall(plain)
    ]


def ends(text: str) -> str:
    """Return what is read of a text: at most MAX_QUESTION characters, from both ends."""
    if len(text) <= MAX_QUESTION:
        return text
    return f"{text[: MAX_QUESTION // 2]} {text[-MAX_QUESTION // 2 :]}"


def without_private_numbers(text: str) -> str:
    """Return a text with zeros for the digits of a telephone, a document or a card, as the bank has them."""
    return _PRIVATE.sub(lambda number: _DIGIT.sub("0", number[0]), text)


def fold(word: str) -> str:
    """Return a Cyrillic word without what Belarusian and Russian spelling differ in; may be empty."""
    for pair, one in _DIGRAPHS:
        word = word.replace(pair, one)
    return _TWICE.sub(r"\1", word.translate(_ALIKE))


def _in_cyrillic(word: str) -> str:
    for pair, one in _LATIN_PAIRS:
        word = word.replace(pair, one)
    return word.translate(_LATIN_LETTERS)


@dataclass(frozen=True, slots=True)
class Concept:
    """Beginnings of words, or of phrases, that mean one thing: folded Cyrillic ones, and English ones."""

    key: str
    cyrillic: tuple[str, ...]
    english: tuple[str, ...]

    @classmethod
    def of(cls, key: str, cyrillic: Iterable[str], english: Iterable[str]) -> Concept:
        """Take beginnings as people write them."""
        folded = {" ".join(token.folded for token in tokens(word)) for word in cyrillic}
        return cls(key, tuple(sorted(folded - {""})), tuple(sorted(english)))


class _Beginnings:
    """Beginnings of words by themselves, and of phrases by their first word."""

    def __init__(self) -> None:
        self._words: dict[str, list[str]] = {}
        self._phrases: dict[str, list[tuple[str, str]]] = {}

    def add(self, beginning: str, key: str) -> None:
        first, space, _ = beginning.partition(" ")
        if space:
            self._phrases.setdefault(first, []).append((beginning, key))
        else:
            self._words.setdefault(beginning, []).append(key)

    def of(self, words: list[str]) -> Iterator[str]:
        """Yield the keys whose beginnings begin a word, or whose phrase begins at one; short ones whole."""
        for place, word in enumerate(words):
            yield from self._words.get(word, ())
            for size in range(3, len(word)):
                yield from self._words.get(word[:size], ())
            if phrases := self._phrases.get(word):
                said = " ".join(words[place : place + LONGEST_PHRASE])
                yield from (key for beginning, key in phrases if said.startswith(beginning))


class Wording:
    """Turns texts into features with one set of concepts."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        """Index concepts by the beginnings of their words."""
        self._cyrillic, self._english = _Beginnings(), _Beginnings()
        for concept in concepts:
            for index, beginnings in ((self._cyrillic, concept.cyrillic), (self._english, concept.english)):
                for beginning in beginnings:
                    index.add(beginning, concept.key)

    def features(self, text: str) -> Counter[int]:
        """Return how often each feature occurs; equal for equal texts, on every machine."""
        words = tokens(text)
        return Counter(map(crc32, map(str.encode, self._named(words))))

    def concepts(self, words: list[Token]) -> list[str]:
        """Return the concepts that words speak of, in order."""
        found = set(self._cyrillic.of([word.folded for word in words]))
        if any(word.latin for word in words):
            found.update(self._english.of([word.latin for word in words]))
        return sorted(found)

    def _named(self, words: list[Token]) -> Iterator[str]:
        stems = [word.stem for word in words]
        for word, stem in zip(words, stems, strict=True):
            yield from _whole(word, stem)
            yield from _parts("C", word.folded)
            if word.latin:
                yield from _parts("L", word.latin)
        for first, second in itertools.chain(itertools.pairwise(stems), zip(stems, stems[2:], strict=False)):
            yield f"b{first}_{second}"
        yield from self._conceived(words)

    def _conceived(self, words: list[Token]) -> Iterator[str]:
        concepts = self.concepts(words)
        for place, concept in enumerate(concepts):
            for _ in range(_CONCEPT_WEIGHT):
                yield f"k{concept}"
            for other in concepts[place + 1 :]:
                yield f"kk{concept}_{other}"


def whole_features(word: Token) -> tuple[int, int]:
    """Return the features of a word as a whole: itself and its stem."""
    itself, stem = _whole(word, word.stem)
    return crc32(itself.encode()), crc32(stem.encode())


def _whole(word: Token, stem: str) -> tuple[str, str]:
    return f"w{word.latin or word.folded}", f"s{stem}"


def _parts(kind: str, word: str) -> list[str]:
    edged = f"<{word}>"
    sizes = range(SHORTEST_PART, LONGEST_PART + 1)
    return [kind + edged[start : start + size] for size in sizes for start in range(len(edged) - size + 1)]
