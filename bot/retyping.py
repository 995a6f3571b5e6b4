"""Retyping: a question as a phone without our letters would give it, so that it is understood so too.

People abroad, and those whose keyboard lacks ў or ы, write Belarusian and Russian in Latin letters, each in
their own way and without diacritics. Nobody's bank holds enough of such questions; so some of it is learned
twice, once retyped. The same text is always retyped the same way.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from zlib import crc32

from bot.domain.people import Language
from bot.sources.question_files import Question

SHARE = 0.2
"""Of the questions in Cyrillic; more of them makes the classifier no better at those in Latin letters."""

_LETTERS = {
    **dict(zip("абвгґдезіклмнопрстуўфцчшыэжий", "abvhgdeziklmnoprstuufccsyezij", strict=True)),
    **{"ё": "io", "ю": "iu", "я": "ia", "х": "ch", "щ": "s"},
    **dict.fromkeys("ьъ'’", ""),
}
"""As the Belarusian Latin alphabet writes, when its diacritics are left out."""
_LIKE_THAT = {"е": ("e", "ie", "je"), "ю": ("ju", "iu"), "я": ("ja", "ia", "ya"), "ё": ("jo", "io")}
_LIKE_THAT |= {"х": ("h", "ch"), "в": ("v", "v", "w")}
_AS_IN_CHATS = {
    **{"ж": ("zh",), "х": ("h", "kh", "x"), "ц": ("c", "ts"), "ч": ("ch",), "ш": ("sh",), "щ": ("sch",)},
    **{"ю": ("yu",), "я": ("ya",), "ё": ("yo", "e"), "й": ("y", "j", "i"), "ў": ("u", "w"), "г": ("g", "h")},
}


def retyped(questions: Iterable[Question]) -> Iterator[Question]:
    """Yield a share of the questions that are in Cyrillic, in Latin letters."""
    for question in questions:
        chance = random.Random(crc32(question.text.encode()))  # noqa: S311  (no secret: it must be repeatable)
        if question.language is not Language.EN and chance.random() < SHARE:
            yield replace(question, text=in_latin_letters(question.text, question.language, chance))


def in_latin_letters(text: str, language: Language, chance: random.Random) -> str:
    """Return a text as somebody would type it who has no Cyrillic at hand: one way throughout."""
    as_in_chats = language is Language.RU or chance.random() < 0.5
    ways = _AS_IN_CHATS if as_in_chats else _LIKE_THAT
    letters = _LETTERS | {letter: chance.choice(forms) for letter, forms in ways.items()}
    if language is Language.RU:
        letters["г"] = "g"
    return "".join(letters.get(letter, letter) for letter in text.lower())
