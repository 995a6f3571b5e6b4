"""Łacinka: Belarusian of the official orthography in Latin letters.

The rules are those of the traditional Belarusian Latin alphabet: `ł` is hard and `l` soft, an iotated
vowel is `j` and a vowel at the start of a word and after a vowel, `i` and a vowel after a consonant.
"""

from __future__ import annotations

import re

_PLAIN = {
    **dict(zip("абвгґдзйкмнопрстуўфцчшыэ", "abvhgdzjkmnoprstuŭfcčšye", strict=True)),
    "ж": "ž",
    "і": "i",
    "х": "ch",
}
_IOTATED = {"е": "e", "ё": "o", "ю": "u", "я": "a"}
_SOFTENING = frozenset("еёюяіь")
_SOFT = {"з": "ź", "н": "ń", "с": "ś", "ц": "ć"}
_VOWELS = frozenset("аеёіоуыэюя")
_APOSTROPHES = frozenset("'’ʼ")
_FOREIGN = frozenset("ищъ")
_WORD = re.compile(r"[а-яёіўґ]+(?:['’ʼ][а-яёіўґ]+)*", re.IGNORECASE)


def in_latin(text: str) -> str:
    """Return Belarusian text in Łacinka. Words with letters that Belarusian does not have stay as they are.

    Everything that is not a Cyrillic word stays too: figures, signs, names in Latin letters.
    """
    return _WORD.sub(lambda word: _word(word[0]), text)


def _word(word: str) -> str:
    letters = word.lower()
    if _FOREIGN & set(letters):
        return word
    written = [_letter(letters, place) for place in range(len(letters))]
    return "".join(_cased(latin, word, place) for place, latin in enumerate(written))


def _letter(word: str, place: int) -> str:
    letter = word[place]
    before = word[place - 1] if place else ""
    after = word[place + 1] if place + 1 < len(word) else ""
    if letter in _IOTATED:
        if not before or before in _VOWELS or before in _APOSTROPHES or before in "йўь":
            return "j" + _IOTATED[letter]
        return _IOTATED[letter] if before == "л" else "i" + _IOTATED[letter]
    if letter == "і" and before in _APOSTROPHES:
        return "ji"
    if letter == "л":
        return "l" if after in _SOFTENING or _doubled_soft(word, place) else "ł"
    if letter in _SOFT and after == "ь":
        return _SOFT[letter]
    if letter in _APOSTROPHES or letter == "ь":
        return ""
    return _PLAIN[letter]


def _doubled_soft(word: str, place: int) -> bool:
    return word[place + 1 : place + 2] == "л" and word[place + 2 : place + 3] in (*_SOFTENING,)


def _cased(latin: str, word: str, place: int) -> str:
    if not word[place].isupper():
        return latin
    beside = word[max(place - 1, 0) : place] + word[place + 1 : place + 2]
    if len(latin) > 1 and beside and beside.isupper():
        return latin.upper()
    return latin[:1].upper() + latin[1:]
