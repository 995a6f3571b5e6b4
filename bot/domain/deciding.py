"""Deciding what a lookup may say: this person and nobody else, several, or only a chance likeness.

To show a stranger's fate as a relative's is the costliest error there is: in doubt it is a question.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.given import MAN, UNSURE, near_groups
from bot.domain.inflection import cuts
from bot.domain.matching import Candidate, GivenFit, Query, Surname, fit_given
from bot.domain.name_store import NameStore
from bot.domain.slips import is_finger_slip, is_swap
from bot.domain.spelling import irregular, is_cyrillic, language_of, shapes
from bot.domain.words import Word


def unexplained(query: Query, top: Candidate) -> bool:
    """Return whether some word is neither this person's name nor mere company."""
    return any(
        place not in {top.place, top.given_place} and not query.common[place] and not query.fathers[place]
        for place in range(len(query.words))
    )


def is_chance(query: Query, top: Candidate) -> bool:
    """Return whether a word of some other talk merely resembles a surname."""
    others = [p for p in range(len(query.words)) if p != top.place and not query.common[p]]
    return top.given is GivenFit.ABSENT and top.level < Surname.REGULAR and bool(others)


def headline(query: Query, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return the people a text names each by their own surname, in the order of the text."""
    best: dict[int, Candidate] = {}
    for candidate in ranked:
        if candidate.level >= Surname.REGULAR and candidate.given >= GivenFit.SHORT:
            if query.is_patronymic(candidate.place, candidate.given_place):
                continue
            best.setdefault(candidate.place, candidate)
    clauses = {query.words[place].clause for place in best}
    taken = {place for c in best.values() for place in (c.place, c.given_place)}
    for candidate in ranked:
        word = query.words[candidate.place]
        bare = candidate.level >= Surname.REGULAR and candidate.given < GivenFit.TYPO and word.capital
        free = candidate.place not in taken and word.clause not in clauses
        if bare and free and not _given_in_clause(query, word.clause, taken):
            best.setdefault(candidate.place, candidate)
    named = {c.person.number: c for _, c in sorted(best.items())}
    return list(named.values()) if len(named) > 1 else []


def _given_in_clause(query: Query, clause: int, taken: set[int]) -> bool:
    return any(
        readings and place not in taken and query.words[place].clause == clause
        for place, readings in enumerate(query.givens)
    )


def is_sure(store: NameStore, query: Query, ranked: Sequence[Candidate]) -> bool:
    """Return whether the first of the candidates is meant beyond doubt."""
    top = ranked[0]
    if top.given is GivenFit.ABSENT:
        return _sure_by_surname(query, ranked)
    if (
        _is_part(store, query, top)
        or _left_over(query, top)
        or query.is_patronymic(top.place, top.given_place)
    ):
        return False
    if top.level is Surname.TYPO and top.given >= GivenFit.SHORT:
        return _surname_slip(store, query, ranked)
    if top.level >= Surname.REGULAR and top.given is GivenFit.TYPO:
        return _given_slip(query, ranked)
    if top.level < Surname.REGULAR or top.given < GivenFit.INITIAL or _spelled_otherwise(query, top):
        return False
    if _rivals(query, ranked):
        return False
    if top.given is GivenFit.INITIAL and top.level < Surname.LITERAL and _near_namesake(store, query, top):
        return False
    return _cases_agree(query, top)


def _spelled_otherwise(query: Query, top: Candidate) -> bool:
    """Return whether the list has this surname in the very language of the query, and spells it otherwise."""
    text = query.words[top.place].text
    language = language_of(text)
    if top.level is Surname.LITERAL or top.cut is None or not (language or is_cyrillic(text)):
        return False
    alike = [word for word in top.person.words if word.stem == top.cut.stem]
    known = {word.language for word in alike} & {"be", "ru"}
    if language:
        same = [word for word in alike if word.language == language]
    elif len(known) == 2:
        same = [word for word in alike if word.language in known]
    else:
        same = [word for word in alike if is_cyrillic(word.text)]
        fine = top.cut.fine
        return bool(same) and all(irregular(w.fine, fine, w.language, cyrillic=True) for w in same)
    return bool(same) and all(
        irregular(word.fine, top.cut.fine, "same", cyrillic=is_cyrillic(text)) for word in same
    )


def _near_namesake(store: NameStore, query: Query, top: Candidate) -> bool:
    """Return whether the same initial with a surname one typing error away is listed too."""
    stems = store.near(top.cut.stem) if top.cut else []
    near = (person for stem in stems for word in store.by_stem.get(stem, ()) for person in word.people)
    return any(
        person is not top.person and fit_given(query, person, top.place)[0] >= GivenFit.INITIAL
        for person in near
    )


def _is_part(store: NameStore, query: Query, top: Candidate) -> bool:
    """Return whether the surname may be only half of what was meant: a split word, or rather a given name."""
    unknown = {
        place
        for place, word in enumerate(query.words)
        if place not in {top.place, top.given_place} and len(word.text) > 2
        if not (query.common[place] or query.givens[place] or query.fathers[place])
    }
    if unknown and query.givens[top.place]:
        return True
    for first in (top.place - 1, top.place):
        if {first, first + 1} - {top.place} <= unknown:
            joined = query.words[first].text + query.words[first + 1].text
            cyrillic = is_cyrillic(joined)
            if any(cut.stem in store.by_stem for shape in shapes(joined) for cut in cuts(shape, cyrillic)):
                return True
    return False


def _surname_slip(store: NameStore, query: Query, ranked: Sequence[Candidate]) -> bool:
    """Accept a mistyped surname only where no surname sounds like what was typed."""
    top = ranked[0]
    if top.cut is None or len(top.cut.stem) < 5 or len(top.word.stem) < 5 or not top.roles:
        return False
    if any(c.score > top.score - 0.12 and c.given >= GivenFit.FAR for c in ranked[1:]):
        return False
    if any(c.place == top.place and c.level >= Surname.LOOSE for c in ranked):
        return False
    if is_swap(top.word, top.cut):
        return True
    cyrillic = is_cyrillic(query.words[top.place].text)
    slip = is_finger_slip(top.word, top.cut, cyrillic)
    return slip and store.sounds.strange(top.cut.stem) > 0


def _given_slip(query: Query, ranked: Sequence[Candidate]) -> bool:
    """Accept a mistyped given name beside a right surname, if it is near no other name."""
    top = ranked[0]
    text = query.words[top.given_place].text
    near = near_groups(text)
    if len(text) < 5 or not near or not near <= set(top.person.groups):
        return False
    alike = [c for c in ranked[1:] if c.level >= Surname.LOOSE and c.given >= GivenFit.FAR]
    return not alike


def _sure_by_surname(query: Query, ranked: Sequence[Candidate]) -> bool:
    """A surname alone must be written as it is listed, be the only one like it, and stand alone."""
    top = ranked[0]
    others = [p for p in range(len(query.words)) if p != top.place and not query.common[p]]
    alike = [c for c in ranked[1:] if c.level >= Surname.LOOSE]
    return top.level is Surname.LITERAL and not others and not alike


def _rivals(query: Query, ranked: Sequence[Candidate]) -> bool:
    """Return whether somebody else fits about as well."""
    top = ranked[0]
    for other in ranked[1:]:
        if query.is_patronymic(other.place, other.given_place):
            continue
        as_well = (other.level, other.given) >= (top.level, top.given) and other.given >= GivenFit.FAR
        nearly = other.level >= top.level and other.given >= min(top.given, GivenFit.SHORT)
        least = Surname.REGULAR if top.level is Surname.LITERAL else Surname.LOOSE
        alike = other.level >= least and other.given >= GivenFit.SHORT
        if as_well or nearly or alike:
            return True
    return False


def _left_over(query: Query, top: Candidate) -> bool:
    """Return whether the text holds a given name, or half of a double surname, that is not theirs."""
    words = query.words
    own = set(top.person.groups)
    for place, readings in enumerate(query.givens):
        if place in {top.place, top.given_place} or not readings or _is_own(words[place], top):
            continue
        if not own & {reading.group for reading in readings}:
            return True
    chain = words[top.place].chain
    halves = [w for p, w in enumerate(words) if w.chain == chain and p not in {top.place, top.given_place}]
    return any(not _is_own(word, top) for word in halves)


def _is_own(word: Word, top: Candidate) -> bool:
    """Return whether a word is another surname of the same person."""
    stems = {cut.stem for shape in shapes(word.text) for cut in cuts(shape, is_cyrillic(word.text))}
    return any(stored.stem in stems for stored in top.person.words)


_GOVERNORS = frozenset(
    """
    про за о об от для у без с со к по на над перед пра аб ад дзеля з са да пры od do dla від выпустили
    отпустили освободили задержали арестовали осудили помиловали перевели вывезли ищу ищем найти судьба
    выпусцілі выпусцяць адпусцілі вызвалілі затрымалі асудзілі памілавалі перавялі вывезлі шукаю шукаем
    знайсці лёс звільнили uwolniono zwolniono
    """.split()
)


def _cases_agree(query: Query, top: Candidate) -> bool:
    """Return whether surname and given name stand in one case, and not rather in that of the other sex."""
    sex = top.person.sex
    if not sex:
        return True
    nominative, oblique = sex[0], sex[1]
    unsure = UNSURE in top.given_roles and nominative not in top.given_roles and sex == MAN
    both_nominative = nominative in top.roles and (nominative in top.given_roles or unsure)
    both_oblique = oblique in top.roles and oblique in top.given_roles
    other_nominative, other_oblique = "fo" if nominative == "m" else "mg"
    readings = query.givens[top.given_place] if top.given_place >= 0 else ()
    heard = {role for reading in readings for role in reading.roles} & set(top.any_roles)
    if unsure and "o" in heard:
        return len(query.words) == 2
    if not (both_nominative or both_oblique):
        return False
    if not both_nominative and nominative in top.roles and not is_cyrillic(query.words[top.given_place].text):
        return False  # in Latin letters only Polish declines, and then both names
    if both_nominative or not {other_nominative, other_oblique} & heard:
        return True
    word = _word_before(query, min(top.place, top.given_place))
    if other_oblique in heard and query.words[top.place].text[-1] in "ую":
        return (word in _DATIVE) if nominative == "m" else (word in _GOVERNORS and word not in _DATIVE)
    return other_nominative not in heard or word in _GOVERNORS


def _word_before(query: Query, place: int) -> str:
    before = place - 1
    while before >= 0 and query.words[before].text in {"ли", "уже", "ужо", "ці"}:
        before -= 1
    return query.words[before].text if before >= 0 else ""


_DATIVE = frozenset(
    "письмо письма написать ліст лісты напісаць передать перадаць помочь дапамагчы к лист".split()
)
"""Words a man's name in -у follows (Валентину Петрову); after others it is a woman's accusative."""
