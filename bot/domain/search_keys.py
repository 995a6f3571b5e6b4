"""Search keys: what stays the same of a name in any spelling, so that a name we lack can be met again."""

from __future__ import annotations

from bot.domain.common_words import is_common
from bot.domain.given import given_readings, patronymic_of
from bot.domain.inflection import cuts, nominative_stem, other_stems
from bot.domain.spelling import is_cyrillic, shapes
from bot.domain.words import words_of

MOST_KEYS = 24
_SURELY_A_CASE = ("AHA", "AMV")
"""-ого, -ага, -ему: no surname is listed so."""


def search_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a full name, the likeliest first; none for a text that is not one.

    A key joins a given name, as the group of its forms in all languages, with the stem of a surname as it
    sounds. Two spellings of one name share a key; two people may share one too, so a match is a question.
    """
    words = [word.text for word in words_of(text)][:4]
    groups = [_groups(word) for word in words]
    keys = [
        f"{group}/{stem}"
        for place, found in enumerate(groups)
        for group in found
        for other, word in enumerate(words)
        if other != place and _may_be_surname(word, groups[other])
        for stem in _stems(word)
    ]
    if not keys and len(words) == 2:
        keys = ["/".join(sorted(nominative_stem(shapes(word)[0].coarse) for word in words if shapes(word)))]
    return tuple(dict.fromkeys(keys))[:MOST_KEYS]


def asked_key(text: str) -> str | None:
    """Return the key of whoever a text asks about; None where it holds no given name with a surname.

    It is what a reader is promised a question for: of a word beside the name it would be kept in vain.
    """
    words = [word.text for word in words_of(text) if not is_common(word.text)]
    groups = [_groups(word) for word in words]
    given = [place for place, found in enumerate(groups) if found]
    surnames = [place for place, word in enumerate(words) if _may_be_surname(word, groups[place])]
    if len(words) == 2 and 2 in {len(surnames), len(given)}:
        return next(iter(search_keys(" ".join(words))), None)
    pairs = [(one, other) for one in given for other in surnames]
    if not pairs:
        return None
    # The surname next to the given name; of two, the one after it.
    one, other = min(pairs, key=lambda pair: (abs(pair[1] - pair[0]), pair[1] < pair[0]))
    return f"{groups[one][0]}/{_stem_beside(words[one], words[other])}"


def _stem_beside(given: str, surname: str) -> str:
    """Return a surname's stem in the case in which the given name stands, or which its own ending tells."""
    shape = shapes(surname)[0]
    _whole, *cut = cuts(shape, is_cyrillic(surname))
    may_be_listed_so = any(reading.nominative for reading in given_readings(given))
    if not cut or (may_be_listed_so and cut[0].ending not in _SURELY_A_CASE):
        return nominative_stem(shape.coarse)
    return cut[0].stem


def _groups(word: str) -> tuple[int, ...]:
    readings = sorted(given_readings(word), key=lambda reading: (not reading.nominative, reading.group))
    return tuple(dict.fromkeys(reading.group for reading in readings))


def _may_be_surname(word: str, groups: tuple[int, ...]) -> bool:
    return not groups and not patronymic_of(word) and len(word) > 1


def _stems(word: str) -> tuple[str, ...]:
    found = [nominative_stem(shape.coarse) for shape in shapes(word)]
    found += [stem for shape in shapes(word) for stem in other_stems(word, shape.coarse)]
    return tuple(dict.fromkeys(found))
