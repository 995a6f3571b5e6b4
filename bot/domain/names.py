"""Who in the registry a text names: one person, several it may be, or nobody we know of."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.common_words import is_common
from bot.domain.deciding import headline, is_chance, is_sure, unexplained
from bot.domain.layout import other_layouts
from bot.domain.matching import Candidate, Query, candidates
from bot.domain.name_store import NameStore
from bot.domain.people import Name
from bot.domain.words import MAX_QUERY, Word, folded, repaired, words_of

MOST = 10
"""How many candidates a match carries; a chat shows five."""
MOST_WORDS_OF_A_NAME = 10
"""A longer text is a story or a question: in it a name is looked for as typed, without typing errors."""
_NEAR_ENOUGH = 0.70
"""A best score below this is nobody: naming somebody would only mislead."""
_STRONG = 0.93
_LONE_WORD = re.compile(r"(^|[.!?…\n]\s)\s*[АВЗИІКОСУЎЯAIKOSUVYZ]\s+(?=\w)")
"""A word of one letter that begins a sentence, and so has a capital without being an initial."""
_SENSIBLE = 3
"""Letters of a word that nobody types by chance in another layout."""


class Decision(enum.StrEnum):
    """How sure a lookup is."""

    ONE = "one"
    SEVERAL = "several"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Found:
    """One candidate: a person's number and how well the text fits, 0 to 1."""

    number: int
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """The outcome of a lookup, best first. With NONE the candidates are only ranked guesses: show nobody."""

    decision: Decision
    candidates: tuple[Found, ...] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the people to speak of: nobody unless the decision is ONE or SEVERAL."""
        return tuple(found.number for found in self.named)

    @property
    def named(self) -> tuple[Found, ...]:
        """Return the candidates who may be spoken of."""
        return () if self.decision is Decision.NONE else self.candidates


@dataclass(frozen=True, slots=True, repr=False)
class _Reading:
    """A query read in one keyboard layout."""

    query: Query
    ranked: list[Candidate]
    divided: bool = False

    @property
    def strength(self) -> float:
        return self.ranked[0].score if self.ranked else 0.0


class _Written:
    """Stored names as they are written, folded, and whose they are."""

    def __init__(self) -> None:
        self._holders: dict[frozenset[str], set[int]] = {}
        self._forms: dict[int, list[frozenset[str]]] = {}

    def put(self, number: int, names: Iterable[Name]) -> None:
        """Add a person or replace their names."""
        self.drop(number)
        forms = [form for name in names if (form := folded(name.text))]
        self._forms[number] = forms
        for form in forms:
            self._holders.setdefault(form, set()).add(number)

    def drop(self, number: int) -> None:
        """Forget a person."""
        for form in self._forms.pop(number, ()):
            if holders := self._holders.get(form):
                holders.discard(number)
                if not holders:
                    del self._holders[form]

    def holders(self, text: str) -> set[int]:
        """Return whose stored name a text is."""
        return self._holders.get(folded(text), set())


class NameIndex:
    """Every spelling of every listed name, held in memory; where few change, they are patched in."""

    def __init__(self, people: Iterable[tuple[int, Iterable[Name]]]) -> None:
        self._store = NameStore()
        self._written = _Written()
        listed = [(number, list(names)) for number, names in people]
        self._store.load(listed)
        for number, names in listed:
            self._written.put(number, names)

    def put(self, number: int, names: Iterable[Name]) -> None:
        """Add a person or replace their names."""
        listed = list(names)
        self._store.add(number, listed)
        self._written.put(number, listed)

    def drop(self, number: int) -> None:
        """Forget a person."""
        self._store.remove(number)
        self._written.drop(number)

    def find(self, text: str, *, as_typed: bool = False) -> Match:
        """Find who is meant in a name or a sentence, whatever the alphabet, case or keyboard layout.

        `as_typed`: without typing errors and other layouts, for a text that is surely about something else.
        """
        text = text[:MAX_QUERY]
        match = self._find(text, as_typed=as_typed)
        again = _LONE_WORD.sub(r"\1", text)
        return match if again == text else _either(match, self._find(again, as_typed=as_typed))

    def _find(self, text: str, *, as_typed: bool) -> Match:
        reading = self._best_reading(text, as_typed=as_typed)
        ranked = reading.ranked
        if not ranked:
            return Match(Decision.NONE)
        named = headline(reading.query, ranked)
        if len(named) > 1:
            return Match(Decision.SEVERAL, _found(named, ranked))
        if ranked[0].score < _NEAR_ENOUGH or is_chance(reading.query, ranked[0]):
            return Match(Decision.NONE, _found([], ranked))
        sure = is_sure(self._store, reading.query, ranked)
        if reading.divided:
            sure = sure and not unexplained(reading.query, ranked[0])
        sure = sure or self._is_written_so(text, ranked)
        decision = Decision.ONE if sure else Decision.SEVERAL
        return Match(decision, _found([], ranked))

    def _is_written_so(self, text: str, ranked: Sequence[Candidate]) -> bool:
        """Return whether the text is a whole stored name of the best candidate and nobody else comes near.

        A press spelling that our rules of transcription would not produce is still that person's.
        """
        holders = self._written.holders(text)
        alone = len(ranked) == 1 or ranked[1].score < min(_STRONG, ranked[0].score)
        return holders == {ranked[0].person.number} and alone

    def _best_reading(self, text: str, *, as_typed: bool) -> _Reading:
        """Read as typed; if nobody clearly fits, in the other layouts; then allow for typing errors."""
        texts = [words_of(text)]
        is_short = len(texts[0]) <= MOST_WORDS_OF_A_NAME and not as_typed
        if is_short and not _makes_sense(texts[0]):
            texts += [words_of(other) for other in other_layouts(text)]
        queries = [Query.read(words) for words in texts]
        best = _Reading(queries[0], [])
        for deep in (False, True) if is_short else (False,):
            for query in queries:
                reading = _Reading(query, candidates(self._store, query, deep), query is not queries[0])
                if reading.strength > best.strength + 0.01:
                    best = reading
                if best.strength >= _STRONG:
                    return best
                if deep and best.strength >= 0.84:
                    return best
            if not deep and not as_typed:
                best = self._repaired(texts, best)
                if best.strength >= _STRONG:
                    return best
        return best

    def _repaired(self, texts: Sequence[Sequence[Word]], best: _Reading) -> _Reading:
        """Try the words divided otherwise: hashtags, names glued or split by a voice recogniser."""
        for words in texts:
            if len(words) > 8:
                continue
            for way in repaired(words):
                query = Query.read(way)
                reading = _Reading(query, candidates(self._store, query, deep=False), divided=True)
                if reading.strength > max(best.strength + 0.01, 0.85):
                    best = reading
            if best.strength >= _STRONG:
                break
        return best


def _either(initialed: Match, plain: Match) -> Match:
    """Return who is meant by "А Прыклад?": "and Прыклад?", or else a Прыклад, А.; in doubt both, asked."""
    if not plain.numbers:
        return plain  # the letter alone made a chance likeness
    if initialed.decision is plain.decision and initialed.numbers[:1] == plain.numbers[:1]:
        return initialed
    best: dict[int, Found] = {}
    for found in sorted((*initialed.named, *plain.named), key=lambda found: -found.score):
        best.setdefault(found.number, found)
    return Match(Decision.SEVERAL, tuple(best.values()))


def _makes_sense(words: Sequence[Word]) -> bool:
    """Return whether a word of a text is one that people put around a name: then the keyboard was right."""
    return any(len(word.text) >= _SENSIBLE and is_common(word.text) for word in words)


def _found(first: Sequence[Candidate], ranked: Sequence[Candidate]) -> tuple[Found, ...]:
    order = {c.person.number: c for c in (*first, *ranked[: MOST + len(first)])}
    chosen = list(order.values())[: max(MOST, len(first))]
    return tuple(Found(c.person.number, round(min(max(c.score, 0.0), 1.0), 4)) for c in chosen)
