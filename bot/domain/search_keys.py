"""Search keys: what stays the same of a name in any spelling, so that a name we lack can be met again."""

from __future__ import annotations

from bot.domain.given import given_readings, patronymic_of
from bot.domain.inflection import nominative_stem, other_stems
from bot.domain.spelling import shapes
from bot.domain.words import words_of

MOST_KEYS = 24


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


def _groups(word: str) -> tuple[int, ...]:
    readings = sorted(given_readings(word), key=lambda reading: (not reading.nominative, reading.group))
    return tuple(dict.fromkeys(reading.group for reading in readings))


def _may_be_surname(word: str, groups: tuple[int, ...]) -> bool:
    return not groups and not patronymic_of(word) and len(word) > 1


def _stems(word: str) -> tuple[str, ...]:
    found = [nominative_stem(shape.coarse) for shape in shapes(word)]
    found += [stem for shape in shapes(word) for stem in other_stems(word, shape.coarse)]
    return tuple(dict.fromkeys(found))
