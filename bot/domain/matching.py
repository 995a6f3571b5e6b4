"""How well a listed person fits the words of a query: surname, given name, case, and what is left over."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA, Indel

from bot.domain import given
from bot.domain.common_words import is_common
from bot.domain.given import Given
from bot.domain.inflection import Cut, Kind, cuts, roles
from bot.domain.name_store import NameStore, StoredPerson, StoredWord
from bot.domain.spelling import irregular, is_cyrillic, plain, shapes
from bot.domain.words import Word


class Surname(enum.IntEnum):
    """How a word fits a stored surname, best last."""

    NONE = 0
    BEGINNING = 1
    FAR = 2
    TYPO = 3
    CUT = 4
    LOOSE = 5
    REGULAR = 6
    LITERAL = 7


class GivenFit(enum.IntEnum):
    """How the other words fit the person's given name, best last."""

    OTHER = 0
    ABSENT = 1
    FAR = 2
    TYPO = 3
    INITIAL = 4
    SHORT = 5
    FULL = 6


_SURNAME_SCORE = {
    Surname.BEGINNING: 0.62,
    Surname.FAR: 0.60,
    Surname.TYPO: 0.78,
    Surname.CUT: 0.84,
    Surname.LOOSE: 0.90,
    Surname.REGULAR: 0.97,
    Surname.LITERAL: 1.0,
}
_GIVEN_SCORE = {
    GivenFit.OTHER: 0.0,
    GivenFit.ABSENT: 0.45,
    GivenFit.FAR: 0.6,
    GivenFit.TYPO: 0.75,
    GivenFit.INITIAL: 0.8,
    GivenFit.SHORT: 0.95,
    GivenFit.FULL: 1.0,
}


@dataclass(slots=True)
class Hit:
    """One stored surname found in one word: how well, cut how, and how near letter by letter."""

    level: Surname
    cuts: list[Cut]
    near: float
    place: int


@dataclass(slots=True)
class Candidate:
    """One person and how the query fits them."""

    person: StoredPerson
    level: Surname
    given: GivenFit
    place: int
    given_place: int
    score: float
    word: StoredWord
    roles: str = "mfgo"
    given_roles: str = "mfgo"
    cut: Cut | None = None
    any_roles: str = "mfgo"


@dataclass(slots=True)
class Query:
    """The words of a query with everything that does not depend on a person worked out once."""

    words: Sequence[Word]
    givens: list[tuple[Given, ...]] = field(default_factory=list)
    common: list[bool] = field(default_factory=list)
    fathers: list[bool] = field(default_factory=list)
    initials: list[tuple[int, str]] = field(default_factory=list)
    places_of_group: dict[int, list[tuple[int, Given]]] = field(default_factory=dict)
    stems: dict[str, int] = field(default_factory=dict)
    typing: dict[tuple[int, int], int] = field(default_factory=dict)

    @classmethod
    def read(cls, words: Sequence[Word]) -> Query:
        """Work out which words are given names, initials, patronymics and mere company."""
        query = cls(words)
        for place, word in enumerate(words):
            alone = word.initial
            readings = () if alone else given.given_readings(word.text)
            common = not _initial(words, place) if alone else is_common(word.text)
            named = (
                word.capital
                and _is_beside_a_capital(words, place, of_clause=True)
                and any(r.nominative for r in readings)
            )
            common = common and not named
            readings = () if common else readings
            query.common.append(common)
            query.givens.append(readings)
            query.fathers.append(not common and not readings and bool(given.patronymic_of(word.text)))
            if alone and not common and not query.is_second_initial(place):
                query.initials += [(place, letter) for letter in _letters(words, place)]
            for reading in readings:
                query.places_of_group.setdefault(reading.group, []).append((place, reading))
            if not readings and not common and not alone:
                for shape in shapes(word.text):
                    for cut in cuts(shape, is_cyrillic(word.text)):
                        query.stems.setdefault(cut.stem, place)
        return query

    def groups_beside(self, place: int) -> set[int]:
        """Return the given names, also mistyped ones, of the words other than one."""
        groups = {group for group, found in self.places_of_group.items() if any(p != place for p, _ in found)}
        if groups or len(self.words) > 6:
            return groups
        for other, word in enumerate(self.words):
            if other != place and not self.common[other] and len(word.text) > 2:
                groups |= given.near_groups(word.text)
        return groups

    def is_second_initial(self, place: int) -> bool:
        """Return whether an initial follows another one: it is the patronymic's, no given name's."""
        return place > 0 and self.words[place - 1].initial and not self.common[place - 1]

    def is_patronymic(self, place: int, given_place: int) -> bool:
        """Return whether this word is a patronymic: after the given name, with a surname beside them."""
        if not self.fathers[place] or place != given_place + 1:
            return False
        return any(
            0 <= other < len(self.words)
            and not (self.common[other] or self.givens[other] or self.fathers[other])
            and (self.words[other].capital or not self.words[place].capital)
            for other in (given_place - 1, place + 1)
        )

    @property
    def named(self) -> bool:
        """Return whether some word is a given name or an initial."""
        return bool(self.places_of_group or self.initials)


_LOOK_ALIKE = dict(zip("аеорсухквмнті", "aeopcyxkbmhti", strict=True))
_LOOK_ALIKE |= {latin: cyrillic for cyrillic, latin in _LOOK_ALIKE.items()}


def _letters(words: Sequence[Word], place: int) -> list[str]:
    """Return what an initial may be; one of another alphabet than the other words may be a look-alike."""
    letter = words[place].text
    same = [is_cyrillic(word.text) == is_cyrillic(letter) for word in words if len(word.text) > 1]
    twin = _LOOK_ALIKE.get(letter)
    return [letter, twin] if twin and not all(same) else [letter]


def _is_beside_a_capital(words: Sequence[Word], place: int, *, of_clause: bool = False) -> bool:
    """Return whether a neighbour, with `of_clause` one of the same clause, has a capital, as a name has."""
    beside = [words[other] for other in (place - 1, place + 1) if 0 <= other < len(words)]
    return any(w.capital and not (of_clause and w.clause != words[place].clause) for w in beside)


def _initial(words: Sequence[Word], place: int) -> bool:
    """Tell an initial from a one-letter word, such as a preposition, or "I" where a clause begins with it."""
    word = words[place]
    if not word.initial or _of_birth(words, place):
        return False
    if word.dotted:
        return True
    if not word.capital or len(words) <= _ONLY_A_NAME:
        return word.capital
    shouted = all(other.capital for other in words)
    begins = place == 0 or words[place - 1].clause != word.clause
    return _is_beside_a_capital(words, place) and not (begins or shouted)


def _of_birth(words: Sequence[Word], place: int) -> bool:
    """Tell the letters after a year, as people write that it is the year of birth: "1979 г.р.", "г.н."."""
    pairs = ((words[at].text, words[at + 1].text) for at in (place - 1, place) if 0 <= at < len(words) - 1)
    return not words[place].capital and any(pair in _OF_BIRTH for pair in pairs)


_ONLY_A_NAME = 3
_OF_BIRTH = frozenset({("г", "р"), ("г", "н")})


def surname_hits(store: NameStore, query: Query, place: int, deep: bool) -> dict[StoredWord, Hit]:
    """Find the stored surnames one word of the query may be; `deep` also with typing errors and cut short."""
    text = query.words[place].text
    hits: dict[StoredWord, Hit] = {}
    own = plain(text)
    cyrillic = is_cyrillic(text)
    parts = [cut for shape in shapes(text) for cut in cuts(shape, is_cyrillic(text))]
    for cut in parts:
        for word in store.by_stem.get(cut.stem, ()):
            if word.other and not cut.ending:
                continue
            wrong = irregular(
                word.fine, cut.fine, word.language, cyrillic=cyrillic and is_cyrillic(word.text)
            )
            level = Surname.LOOSE if wrong else Surname.LITERAL if own == word.text else Surname.REGULAR
            near = 1.0 - 0.06 * wrong
            known = hits.get(word)
            if known is None or level > known.level:
                hits[word] = Hit(level, [cut], near, place)
            elif level == known.level:
                known.cuts.append(cut)
    if deep and len(own) >= 3:
        _deep_hits(store, query, place, parts, hits)
    return hits


def _deep_hits(
    store: NameStore, query: Query, place: int, parts: list[Cut], hits: dict[StoredWord, Hit]
) -> None:
    """Add surnames one or two typing errors away, the second only among people of a given name nearby."""
    groups = query.groups_beside(place)
    own = query.words[place].text
    for slip in _slipped_digraphs(own):
        parts = parts + [cut for shape in shapes(slip) for cut in cuts(shape, cyrillic=False)[:2]]
    _keep_near(store, groups, parts, own, hits, place)
    for group in groups:
        for word, distance in store.texts_of_group(plain(own), group):
            _keep([word], parts[0], Surname.TYPO if distance < 2 else Surname.FAR, own, hits, place)
    if query.named:
        for stem in store.beginning(parts[0].stem):
            _keep(store.by_stem.get(stem, ()), parts[0], Surname.BEGINNING, own, hits, place)


def _keep_near(
    store: NameStore, groups: set[int], parts: list[Cut], own: str, hits: dict[StoredWord, Hit], place: int
) -> None:
    for cut in parts:
        if len(cut.stem) >= 4:
            for stem in store.near(cut.stem):
                level = Surname.TYPO if _one_slip(stem, cut.stem) else Surname.FAR
                _keep(store.by_stem.get(stem, ()), cut, level, own, hits, place)
        if len(cut.stem) >= 4 or (len(cut.stem) >= 3 and not cut.ending):
            for group in groups:
                for stem, distance in store.near_of_group(cut.stem, group):
                    level = Surname.TYPO if distance < 2 else Surname.FAR
                    _keep(store.by_stem.get(stem, ()), cut, level, own, hits, place)


_SLIPPED = re.compile("[xdvfbjqw]h")


def _slipped_digraphs(text: str) -> list[str]:
    """Guess what a Latin sh, ch or kh was whose first letter was mistyped by the key beside it."""
    if not _SLIPPED.search(text):
        return []
    return [_SLIPPED.sub(digraph, text, count=1) for digraph in ("ch", "sh", "kh")]


def _one_slip(first: str, second: str) -> bool:
    """Return whether one typing error parts two shapes, counting the doubled letters it may have joined."""
    if OSA.distance(first, second, score_cutoff=1) < 2:
        return True
    longer, shorter = (first, second) if len(first) > len(second) else (second, first)
    return len(longer) - len(shorter) == 2 and any(
        longer[place - 1] == longer[place + 1] and longer[:place] + longer[place + 2 :] == shorter
        for place in range(1, len(longer) - 1)
    )


def _keep(
    words: Iterable[StoredWord], cut: Cut, level: Surname, own: str, hits: dict[StoredWord, Hit], place: int
) -> None:
    if level is Surname.FAR and len(cut.stem) <= 3:
        return
    for word in words:
        known = hits.get(word)
        fits = level
        if level is Surname.BEGINNING and word.text.startswith(plain(own)) and len(own) > 3:
            fits = Surname.CUT
        if known is not None and known.level > fits:
            continue
        near = max(
            Indel.normalized_similarity(word.fine, cut.fine),
            Indel.normalized_similarity(word.text, plain(own)),
        )
        if known is None or fits > known.level or near > known.near:
            hits[word] = Hit(fits, [cut], near, place)


def _by_group(query: Query, person: StoredPerson, place: int) -> tuple[GivenFit, int, str]:
    best = (GivenFit.OTHER if query.named else GivenFit.ABSENT, -1, "mfgo")
    for group in person.groups:
        for where, reading in query.places_of_group.get(group, ()):
            if where == place:
                continue
            fit = GivenFit.SHORT if reading.short else GivenFit.FULL
            if where == best[1]:
                best = (max(best[0], fit), where, best[2] + reading.roles)
            elif best[1] < 0 or _nearer(query, place, where, fit, best):
                best = (fit, where, reading.roles)
    return best


def fit_given(query: Query, person: StoredPerson, place: int) -> tuple[GivenFit, int, str]:
    """Say how the words beside the surname fit a person's given name, and which word and case it is."""
    best = _by_group(query, person, place)
    if best[0] >= GivenFit.SHORT:
        return best
    for stem in person.given_stems if not person.groups else ():
        where = query.stems.get(stem, place)
        if where != place:
            return GivenFit.FULL, where, "mfgo"
    for where, letter in query.initials:
        if plain(letter) in person.letters or any(
            plain(letter) in given.initials_of(g) for g in person.groups
        ):
            return GivenFit.INITIAL, where, "mfgo"
    if best[0] is GivenFit.OTHER and not any(p != place for p in _given_places(query)):
        return GivenFit.ABSENT, -1, "mfgo"
    return best


def _nearer(query: Query, place: int, where: int, fit: GivenFit, best: tuple[GivenFit, int, str]) -> bool:
    """Prefer the given name of the same clause, then the fuller, then the nearer one."""
    words = query.words
    new = (words[where].clause == words[place].clause, fit, -abs(where - place))
    return new > (words[best[1]].clause == words[place].clause, best[0], -abs(best[1] - place))


def _given_places(query: Query) -> set[int]:
    places = {place for place, readings in enumerate(query.givens) if readings}
    return places | {place for place, _ in query.initials}


def fit_given_typo(query: Query, person: StoredPerson, place: int) -> tuple[GivenFit, int, str]:
    """Look for the person's given name typed wrongly among the words that are nothing else."""
    for where, word in enumerate(query.words):
        if where == place or query.common[where] or query.givens[where] or len(word.text) < 3:
            continue
        for group in person.groups:
            if (where, group) not in query.typing:
                query.typing[where, group] = given.typing_distance(word.text, group)
            if query.typing[where, group] <= (1 if len(word.text) < 6 else 2):
                return (GivenFit.TYPO if query.typing[where, group] < 2 else GivenFit.FAR), where, "mfgo"
        if not person.groups and any(
            OSA.distance(word.text, s, score_cutoff=1) < 2 for s in person.given_stems
        ):
            return GivenFit.TYPO, where, "mfgo"
    return GivenFit.ABSENT, -1, "mfgo"


def word_roles(word: StoredWord, parts: list[Cut], person: StoredPerson) -> str:
    """Return the cases a word can be in if it is this person's surname; empty: it cannot be theirs."""
    found = "".join(roles(_kind_for(word, person), cut) for cut in parts)
    return "".join(role for role in found if role in person.sex) if person.sex else found


def _kind_for(word: StoredWord, person: StoredPerson) -> Kind:
    """Decline a man's surname that ends as a woman's does (Каліна) by its vowel."""
    if word.kind is Kind.POSSESSIVE and person.sex == given.MAN and word.text[-1] in "аяaо":
        return Kind.VOWEL
    return word.kind


def candidates(store: NameStore, query: Query, deep: bool) -> list[Candidate]:
    """Return everybody some word of the query may name by surname, best first."""
    found: dict[int, Candidate] = {}
    places = [place for place in range(len(query.words)) if _may_be_surname(query, place)]
    for place in places:
        for word, hit in surname_hits(store, query, place, deep).items():
            for person in word.people:
                candidate = _weigh(query, person, word, hit, deep)
                known = found.get(person.number)
                if candidate is not None and (known is None or candidate.score > known.score):
                    found[person.number] = candidate
    return sorted(found.values(), key=lambda c: (-c.score, c.person.number))


def _may_be_surname(query: Query, place: int) -> bool:
    word = query.words[place]
    return len(word.text) > 1 and not (query.common[place] and not (word.capital and place))


def _weigh(query: Query, person: StoredPerson, word: StoredWord, hit: Hit, deep: bool) -> Candidate | None:
    level = hit.level
    fit, where, given_roles = fit_given(query, person, hit.place)
    if deep and fit <= GivenFit.ABSENT:
        typed = fit_given_typo(query, person, hit.place)
        if typed[0] > GivenFit.ABSENT:
            fit, where, given_roles = typed
    if level <= Surname.FAR and fit <= GivenFit.ABSENT:
        return None
    own_roles = word_roles(word, hit.cuts, person)
    if level >= Surname.REGULAR and not own_roles:
        level = Surname.LOOSE
    any_roles = "".join(roles(_kind_for(word, person), cut) for cut in hit.cuts)
    score = _SURNAME_SCORE[level] * 0.6 + _GIVEN_SCORE[fit] * 0.4
    if query.is_patronymic(hit.place, where):
        score -= 0.06
    if level < Surname.REGULAR:
        score -= 0.1 * (1 - hit.near)
    if where >= 0:
        words = query.words
        score -= 0.01 * (abs(where - hit.place) > 1) + 0.03 * (words[where].clause != words[hit.place].clause)
    return Candidate(
        person, level, fit, hit.place, where, score, word, own_roles, given_roles, hit.cuts[0], any_roles
    )
