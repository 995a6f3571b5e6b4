"""Every stored form of every name, by stem and by the stems one typing error away, patched in place."""

from __future__ import annotations

import bisect
import sys
from array import array
from collections.abc import Iterable, Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.domain import given
from bot.domain.inflection import Kind, kind_of, nominative_stem, other_stems
from bot.domain.people import Name
from bot.domain.spelling import is_cyrillic, language_of, plain, shapes_uncached
from bot.domain.surname_sounds import Sounds
from bot.domain.words import words_of


class StoredWord:
    """One surname as some form writes it, with the people who bear it."""

    __slots__ = ("fine", "kind", "language", "other", "people", "stem", "text")

    def __init__(self, text: str, language: str, stem: str, fine: str, kind: Kind, other: bool) -> None:
        self.text = text
        self.language = language
        self.stem = stem
        self.fine = fine
        self.kind = kind
        self.other = other
        self.people: list[StoredPerson] = []


class StoredPerson:
    """What matching needs of a person: given names as groups, their sex, the surnames."""

    __slots__ = ("given_stems", "groups", "letters", "number", "sex", "words")

    def __init__(self, number: int) -> None:
        self.number = number
        self.groups: tuple[int, ...] = ()
        self.given_stems: tuple[str, ...] = ()
        self.letters = ""
        self.sex = ""
        self.words: list[StoredWord] = []


OWNER_BITS = 24
OWNER_MASK = (1 << OWNER_BITS) - 1
KEY_MASK = (1 << 40) - 1
"""A key and its owner share 64 bits: 40 of a hash, where a chance equal only adds a candidate to weigh."""


class NameStore:
    """People and the words of their names; adding or removing one person touches only their words."""

    def __init__(self) -> None:
        self.people: dict[int, StoredPerson] = {}
        self.by_stem: dict[str, list[StoredWord]] = {}
        self._by_text: dict[tuple[str, str], tuple[StoredWord, ...]] = {}
        self._by_group: dict[int, dict[StoredWord, int]] = {}
        self._group_lists: dict[int, tuple[list[str], list[StoredWord], list[str]]] = {}
        self.sounds = Sounds()
        self._stems: list[str] = []
        self._sorted: list[str] = []
        self._shorter = array("Q")
        self._fresh: dict[int, list[int]] = {}
        self._known: set[str] = set()

    def load(self, people: Iterable[tuple[int, Iterable[Name]]]) -> None:
        """Take in many people at once."""
        for number, names in people:
            self._put(number, names)
        self._settle()

    def add(self, number: int, names: Iterable[Name]) -> None:
        """Add a person, or replace one of the same number."""
        self.remove(number)
        self._put(number, names)
        fresh = [stem for word in self.people[number].words if (stem := word.stem) not in self._known]
        for stem in dict.fromkeys(fresh):
            self._known.add(stem)
            self.sounds.learn(stem)
            bisect.insort(self._sorted, stem)
            self._stems.append(stem)
            for key in _with_one_less(stem):
                self._fresh.setdefault(key, []).append(len(self._stems) - 1)
        if len(self._fresh) > 20_000:
            self._merge()

    def remove(self, number: int) -> None:
        """Forget a person; unknown numbers are no error."""
        person = self.people.pop(number, None)
        if person is None:
            return
        for word in person.words:
            word.people.remove(person)
            if not word.people:
                same = self.by_stem[word.stem]
                same.remove(word)
                if not same:
                    del self.by_stem[word.stem]
                self._by_text.pop((word.text, word.language), None)
            self._count(person, word, -1)

    def _put(self, number: int, names: Iterable[Name]) -> None:
        person = StoredPerson(number)
        parsed = [(name.language, *_parts(name.text)) for name in names]
        self._name(person, [text for _, givens, _ in parsed for text in givens])
        words: dict[StoredWord, None] = {}
        for language, _, surnames in parsed:
            for text in surnames:
                words |= dict.fromkeys(self._words(text, language))
        person.words = list(words)
        if not person.sex:
            person.sex = _sex_by_surname(person.words)
        self.people[number] = person
        for word in person.words:
            word.people.append(person)
            self._count(person, word, 1)

    @staticmethod
    def _name(person: StoredPerson, texts: list[str]) -> None:
        readings = [[r for r in given.given_readings(text) if r.nominative] for text in texts]
        known = [{r.group for r in found} for found in readings if found]
        if known:
            shared = set.intersection(*known)
            person.groups = tuple(sorted(shared or set().union(*known)))
            sexes = {given.sex_of(group) for group in person.groups}
            person.sex = sexes.pop() if len(sexes) == 1 else ""
        stems = {
            sys.intern(nominative_stem(shape.coarse)) for text in texts for shape in shapes_uncached(text)
        }
        person.given_stems = tuple(sorted(stems))
        person.letters = "".join(sorted({sys.intern(plain(text[0])) for text in texts}))

    def _words(self, text: str, language: str) -> tuple[StoredWord, ...]:
        if not language and is_cyrillic(text):
            language = language_of(text) or "ru"
        key = (plain(text), language)
        if key not in self._by_text:
            found = []
            shapes = shapes_uncached(text)
            for shape in shapes[:1] if language == "en" else shapes:
                kind = kind_of(text, shape)
                stem = nominative_stem(shape.coarse)
                found.append(
                    StoredWord(key[0], language, sys.intern(stem), shape.fine[: len(stem)], kind, False)
                )
                for other in other_stems(text, shape.coarse):
                    fine = shape.fine[: len(other) - 1] + shape.fine[-1]
                    found.append(StoredWord(key[0], language, sys.intern(other), fine, kind, True))
            self._by_text[key] = tuple(found)
            for word in found:
                self.by_stem.setdefault(word.stem, []).append(word)
        elif not self._by_text[key][0].people:
            for word in self._by_text[key]:
                if word not in self.by_stem.setdefault(word.stem, []):
                    self.by_stem[word.stem].append(word)
        return self._by_text[key]

    def _count(self, person: StoredPerson, word: StoredWord, step: int) -> None:
        for group in person.groups:
            words = self._by_group.setdefault(group, {})
            words[word] = words.get(word, 0) + step
            if words[word] <= 0:
                del words[word]
            self._group_lists.pop(group, None)

    def _settle(self) -> None:
        """Rebuild the array of stems one letter short: 8 bytes each, sorted, instead of a dictionary."""
        self._stems = list(self.by_stem)
        self._sorted = sorted(self._stems)
        self._known = set(self._stems)
        for stem in self._stems:
            self.sounds.learn(stem)
        self._fresh = {}
        packed = [
            key << OWNER_BITS | owner
            for owner, stem in enumerate(self._stems)
            for key in _with_one_less(stem)
        ]
        packed.sort()
        self._shorter = array("Q", packed)

    def _merge(self) -> None:
        """Move the keys of surnames added since the start into the sorted array: milliseconds, no pause."""
        fresh = [key << OWNER_BITS | owner for key, found in self._fresh.items() for owner in found]
        self._shorter = array("Q", sorted([*self._shorter, *fresh]))
        self._fresh = {}

    def near(self, stem: str) -> list[str]:
        """Return the stored stems one typing error from a stem (also two that share a letter less)."""
        keys = _with_one_less(stem)
        owners: list[int] = []
        for key in keys:
            place = bisect.bisect_left(self._shorter, key << OWNER_BITS)
            while place < len(self._shorter) and self._shorter[place] >> OWNER_BITS == key:
                owners.append(self._shorter[place] & OWNER_MASK)
                place += 1
        if self._fresh:
            owners += [owner for key in keys for owner in self._fresh.get(key, ())]
        return [self._stems[owner] for owner in dict.fromkeys(owners)]

    def near_of_group(self, stem: str, group: int) -> list[tuple[str, int]]:
        """Return the stems of people of one given name at most two typing errors away, and how many."""
        stems, _, _ = self._lists_of(group)
        found = process.extract(stem, stems, scorer=OSA.distance, score_cutoff=2, limit=8)
        return [(near, int(distance)) for near, distance, _ in found]

    def texts_of_group(self, text: str, group: int) -> list[tuple[StoredWord, int]]:
        """Return the surnames, as written, of people of one given name at most two typing errors away."""
        _, words, texts = self._lists_of(group)
        found = process.extract(text, texts, scorer=OSA.distance, score_cutoff=2, limit=8)
        return [(words[place], int(distance)) for _, distance, place in found]

    def _lists_of(self, group: int) -> tuple[list[str], list[StoredWord], list[str]]:
        if group not in self._group_lists:
            words = list(self._by_group.get(group, ()))
            stems = list(dict.fromkeys(word.stem for word in words))
            self._group_lists[group] = (stems, words, [word.text for word in words])
        return self._group_lists[group]

    def beginning(self, coarse: str) -> Iterator[str]:
        """Yield the stored stems that begin with these letters."""
        start = bisect.bisect_left(self._sorted, coarse)
        for stem in self._sorted[start : start + 3000]:
            if not stem.startswith(coarse):
                return
            yield stem


def _with_one_less(stem: str) -> list[int]:
    """Return hashes of a stem and of it without each letter, doubled letters joined as in any shape."""
    less = {stem}
    for place in range(len(stem)):
        if 0 < place < len(stem) - 1 and stem[place - 1] == stem[place + 1]:
            less.add(stem[:place] + stem[place + 2 :])
        less.add(stem[:place] + stem[place + 1 :])
    return [hash(text) & KEY_MASK for text in less]


def _parts(text: str) -> tuple[list[str], list[str]]:
    """Tell the given names and surnames of a listed name; the given name usually leads."""
    words = [word.text for word in words_of(text)]
    if len(words) < 2:
        return [], words
    readings = [{r.group for r in given.given_readings(word) if r.nominative} for word in words]
    first = 0
    if not readings[0]:
        first = next((place for place, found in enumerate(readings) if found), 0)
    givens = [words[first]]
    surnames = list[str]()
    for place, word in enumerate(words):
        if place == first:
            continue
        if readings[place] & readings[first] and place < len(words) - 1:
            givens.append(word)
        elif (
            len(words) > 2
            and place == first + 1
            and given.patronymic_of(word)
            and surnames + words[place + 1 :]
        ):
            continue  # a patronymic
        else:
            surnames.append(word)
    return givens, surnames


def _sex_by_surname(words: list[StoredWord]) -> str:
    for word in words:
        if word.kind is Kind.ADJECTIVE:
            return given.WOMAN if word.text.endswith(("а", "я", "a")) else given.MAN
        if word.kind is Kind.POSSESSIVE:
            return given.WOMAN if word.text.endswith(("а", "a")) else given.MAN
    return ""
