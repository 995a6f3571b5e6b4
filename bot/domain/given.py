"""Which given names a word may be: every language, short forms, case endings; men and women apart."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.domain.given_names_men import MEN
from bot.domain.given_names_women import WOMEN
from bot.domain.inflection import Cut, Kind, cuts, kind_of, nominative_stem, other_stems, roles
from bot.domain.spelling import irregular, is_cyrillic, plain, shapes, shapes_uncached

MAN, WOMAN = "mg", "fo"
"""The roles (see `inflection`) a name of a man and of a woman can have."""


UNSURE = "w"
"""The role of a man's name whose й was typed as и: Валерии may as well be a woman's dative."""


@dataclass(frozen=True, slots=True)
class Given:
    """One reading of a word as a given name: `group` is the name whatever the language."""

    group: int
    roles: str
    short: bool

    @property
    def nominative(self) -> bool:
        """Return whether the word may stand in the nominative."""
        return "m" in self.roles or "f" in self.roles


@dataclass(frozen=True, slots=True)
class _Form:
    group: int
    text: str
    coarse: str
    stem: str
    fine: str
    kind: Kind
    sex: str
    short: bool
    other: bool
    whole: str


class _Book:
    """All forms of all names, by the stem of their coarse shape."""

    def __init__(self) -> None:
        self.by_stem: dict[str, list[_Form]] = {}
        self.by_group: list[list[_Form]] = []
        self.initials: list[frozenset[str]] = []
        self.sex: list[str] = []
        self.texts: list[str] = []
        self.sounds: list[str] = []
        self.groups: list[int] = []
        for table, sex in ((MEN, MAN), (WOMEN, WOMAN)):
            for line in entries(table):
                self._add(line, sex)

    def _add(self, line: str, sex: str) -> None:
        full, short = (part.lower().split() for part in line.split(":"))
        group = len(self.by_group)
        self.by_group.append([])
        self.sex.append(sex)
        letters = set()
        for word in dict.fromkeys(full + short):
            for form in _forms(word, group, sex, word not in full):
                self.by_stem.setdefault(form.stem, []).append(form)
                self.by_group[group].append(form)
                self.texts.append(form.text)
                self.sounds.append(form.whole)
                self.groups.append(group)
                if word in full:
                    letters |= {plain(word[0]), *form.coarse[:1].lower()}
        self.initials.append(frozenset(letters | _latin_initials(letters)))


def entries(table: str) -> list[str]:
    """Return the entries of a table of names, continuation lines joined."""
    return table.strip().replace("\n ", " ").split("\n")


def _forms(word: str, group: int, sex: str, short: bool) -> list[_Form]:
    text = word.replace("'", "")
    found: list[_Form] = []
    for shape in shapes_uncached(text):
        kind = kind_of(text, shape)
        if kind in {Kind.ADJECTIVE, Kind.POSSESSIVE}:
            kind = {"A": Kind.VOWEL, "I": Kind.SOFT}.get(shape.coarse[-1], Kind.CONSONANT)
        own = nominative_stem(shape.coarse)
        stems = [(own, shape.fine[: len(own)], False)]
        for other in other_stems(text, shape.coarse):
            stems.append((other, shape.fine[: len(other) - 1] + shape.fine[-1], True))
        found += [
            _Form(
                group=group,
                text=plain(text),
                coarse=shape.coarse,
                stem=stem,
                fine=fine,
                kind=kind,
                sex=sex,
                short=short,
                other=is_other,
                whole=shape.fine,
            )
            for stem, fine, is_other in stems
        ]
    return found


_LATIN_OF = dict(
    zip(
        "абвгдежзиклмнопрстуфхэюя",
        "a b v gh d ey zj z i k l m n o p r s tc uvw f hkc e uyji yij".split(),
        strict=True,
    )
)


def _latin_initials(letters: set[str]) -> set[str]:
    return {latin for letter in letters for latin in _LATIN_OF.get(letter, "")}


@functools.cache
def _book() -> _Book:
    return _Book()


def sex_of(group: int) -> str:
    """Return the roles of the sex a name belongs to."""
    return _book().sex[group]


def initials_of(group: int) -> frozenset[str]:
    """Return the letters its full forms begin with, in any script."""
    return _book().initials[group]


@functools.lru_cache(maxsize=8192)
def given_readings(text: str) -> tuple[Given, ...]:
    """Return the given names a lower-case word may be a form of: only those spelled most alike."""
    cyrillic = is_cyrillic(text)
    best: dict[tuple[int, bool], tuple[int, str]] = {}
    for shape in shapes(text):
        for cut in cuts(shape, cyrillic):
            for form in _book().by_stem.get(cut.stem, ()):
                cost, found = _reading(form, cut, shape.fine, text, cyrillic)
                key = (form.group, form.short)
                if not found or cost >= _TOO_FAR:
                    continue
                if key not in best or cost < best[key][0]:
                    best[key] = (cost, found)
                elif cost == best[key][0]:
                    best[key] = (cost, best[key][1] + found)
    best = _likeliest(best, cyrillic)
    least = min((cost for cost, _ in best.values()), default=0)
    return tuple(
        Given(group, found, short) for (group, short), (cost, found) in best.items() if cost == least
    )


_TOO_FAR = 100


def _reading(form: _Form, cut: Cut, fine: str, text: str, cyrillic: bool) -> tuple[int, str]:
    """Return how far a word is from a form, and the roles it can have; no roles: it is no form of it."""
    cost = _cost(form, cut, plain(text))
    found = "".join(role for role in _roles(form, cut) if role in form.sex)
    if cyrillic and form.text[-1] == "й" and text[-1] in "иіы":
        found = found.replace("m", UNSURE)
    if not found:
        return cost, ""
    if cost < 0:
        return (-1 if cyrillic else 0), found + form.sex[0]
    if cyrillic and cut.ending == "A" and _other_vowel(form, fine):
        return cost, ""
    if cost == 0 and cyrillic:
        cost = 9 - min(_shared(form.text, plain(text)), 9)
    return cost, found


def _likeliest(
    best: dict[tuple[int, bool], tuple[int, str]], cyrillic: bool
) -> dict[tuple[int, bool], tuple[int, str]]:
    """Prefer a form written in full over near ones, which stay only as cases of another name."""
    if any(cost < 0 for cost, _ in best.values()):
        kept = {
            key: (0, found if cost < 0 else found.replace("m", "").replace("f", ""))
            for key, (cost, found) in best.items()
            if cost < 10
        }
        return {key: pair for key, pair in kept.items() if pair[1]}
    if not cyrillic and any("m" in found or "f" in found for _, found in best.values()):
        return {key: pair for key, pair in best.items() if "m" in pair[1] or "f" in pair[1]}
    return best


def _roles(form: _Form, cut: Cut) -> str:
    if form.other and not cut.ending:
        return ""
    if form.sex == WOMAN and cut.ending == "A" and not cut.oblique and form.kind is Kind.VOWEL:
        return "f"
    if form.kind is Kind.CONSONANT and form.sex == WOMAN:
        return {"": "f", "I": "o", "A": "o"}.get(cut.ending, "")
    return roles(form.kind, cut)


def _cost(form: _Form, cut: Cut, text: str) -> int:
    """Count how far a spelling is from a form: -1 is the form itself, soft marks 0, a wrong vowel 10."""
    if text == form.text:
        return -1
    differing = sum(mine != theirs for mine, theirs in zip(form.fine, cut.fine, strict=False))
    return irregular(form.fine, cut.fine, "") * 100 + differing * 10


def _other_vowel(form: _Form, fine: str) -> bool:
    """Tell Яўгена (of Яўген) from Яўгенія: a final а is not a final я."""
    return form.kind is Kind.VOWEL and is_cyrillic(form.text) and {form.whole[-1], fine[-1]} == {"a", "A"}


def _shared(first: str, second: str) -> int:
    """Return how many letters two words begin with alike."""
    count = 0
    for mine, theirs in zip(first, second, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def typing_distance(text: str, group: int) -> int:
    """Return how many typing errors part a word from the nearest form of a name (3: too many)."""
    own = plain(text)
    least = 3
    coarse = {shape.coarse for shape in shapes(text)}
    stems = {cut.stem for shape in shapes(text) for cut in cuts(shape, is_cyrillic(text))[1:]}
    for form in _book().by_group[group]:
        least = min(least, OSA.distance(own, form.text, score_cutoff=2))
        for whole in coarse:
            least = min(least, OSA.distance(whole, form.coarse, score_cutoff=2))
        if not form.short and len(form.stem) > 3:
            least = min([least, *(OSA.distance(stem, form.stem, score_cutoff=2) for stem in stems)])
    return least


@functools.lru_cache(maxsize=2048)
def near_groups(text: str) -> frozenset[int]:
    """Return the names one typing error away from a word that is no name itself."""
    own = plain(text)
    book = _book()
    near = process.extract(own, book.texts, scorer=OSA.distance, score_cutoff=1, limit=30)
    for shape in shapes(text):
        near += process.extract(shape.fine, book.sounds, scorer=OSA.distance, score_cutoff=1, limit=30)
    return frozenset(book.groups[place] for _, _, place in near)


_PATRONYMIC = ("AVIT", "IT", "AVN", "ITN", "INITN", "AVAVIT")


@functools.lru_cache(maxsize=2048)
def patronymic_of(text: str) -> frozenset[int]:
    """Return the names a word may be the patronymic of (Пятровіч, Петровна, Petrovich), in any case."""
    found: set[int] = set()
    for shape in shapes(text):
        for cut in cuts(shape, is_cyrillic(text)):
            for ending in _PATRONYMIC:
                if cut.stem.endswith(ending) and len(cut.stem) > len(ending) + 1:
                    found |= _fathers(cut.stem[: -len(ending)])
    return frozenset(found)


def _fathers(stem: str) -> set[int]:
    forms = [*_book().by_stem.get(stem, ()), *_book().by_stem.get(stem.removesuffix("I"), ())]
    return {form.group for form in forms if form.sex == MAN}
