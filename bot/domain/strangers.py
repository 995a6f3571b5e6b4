"""Strangers: which words of a text are the name of somebody who is on no list."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from bot.domain.classifier import Classifier
from bot.domain.common_words import is_common
from bot.domain.given import given_readings, patronymic_of
from bot.domain.wording import Token, tokens
from bot.domain.words import words_of

FEW_WORDS = 2
SURNAME_SHAPE = re.compile(
    r"(?:[оеёа][вў]|[иы]н|[іи]ч|[сц]к[іи]й?|ко|ка|чук|юк|[оеёа]ва|[иы]на|[сц]кая|ich|ski|sky|[oeai]?[vu]|in|[eao]va|enka|enko)$"
)
"""How surnames end. People ask with Иван, so the stem of Иванов alone does not say that it is no name."""
_BIRTH = frozenset(
    token.folded
    for token in tokens(
        "год года гадоў лет г р н гр гн рождения нараджэння родился родилась нарадзіўся нарадзілася born"
    )
)
_INITIAL = re.compile(r"\b[А-ЯЁІЎA-Z]\.")
_TWO_INITIALS = re.compile(r"\b([А-ЯЁІЎA-Z])\. ?([А-ЯЁІЎA-Z])\b")
_SHORTEST_SURNAME = 3
_NAME_WORDS = 3


def given_in(text: str) -> set[str]:
    """Return the words of a text that are given names and nothing more common."""
    return {word.text for word in words_of(text) if not is_common(word.text) and given_readings(word.text)}


def is_everyday(word: Token, classifier: Classifier) -> bool:
    """Return whether people asked with a word; a surname may share its stem with one by chance."""
    return classifier.knows(word, as_typed=SURNAME_SHAPE.search(word.spelled) is not None)


def is_of_birth(word: Token) -> bool:
    """Return whether a word is a number, or says that a year is the one of birth."""
    return word.spelled.isdecimal() or word.folded in _BIRTH


def lacks_surname(text: str, classifier: Classifier) -> bool:
    """Return whether a text names somebody by a given name alone: then the surname is worth asking for."""
    if _INITIAL.search(text):
        return False  # beside an initial a given name is a surname
    words, given = tokens(text), given_in(text)
    others = [word for word in words if word.spelled not in given]
    return len(given) == 1 and all(
        is_common(word.spelled) or (is_everyday(word, classifier) and word.spelled.title() not in text)
        for word in others
    )


def whole_name(text: str, words: Sequence[Token], classifier: Classifier) -> list[Token]:
    """Return the words of a given name with a surname beside it, of the patronymic and of the birth.

    Initials stand for a given name. None without a surname: of a given name alone nobody could be told.
    """
    name = _Name(text, words, classifier)
    found = name.pairs([word for word in words if word not in name.fathers]) or name.pairs(words)
    if not found:
        return []
    return [word for word in words if word in found or name.is_of(word) or is_of_birth(word)]


class _Name:
    """The words of a text that are given names, patronymics or initials, and what may be a surname there."""

    def __init__(self, text: str, words: Sequence[Token], classifier: Classifier) -> None:
        self._text, self._classifier = text, classifier
        self._given = given_in(text)
        self._initials = {letter.lower() for pair in _TWO_INITIALS.findall(text) for letter in pair}
        self.fathers = [w for w in words if patronymic_of(w.spelled) and w.spelled not in self._given]
        self._is_whole = bool(self.fathers or self._initials)
        said = [word for word in words if not is_of_birth(word)]
        self._is_all = self._is_whole and len(said) <= _NAME_WORDS
        self._begins = words[0] if len(said) > FEW_WORDS else None

    def is_of(self, word: Token) -> bool:
        """Return whether a word is a patronymic or an initial."""
        return word in self.fathers or word.spelled in self._initials

    def pairs(self, words: Sequence[Token]) -> list[Token]:
        """Return the words that stand side by side as a given name and a surname do."""
        found: list[Token] = []
        for pair in itertools.pairwise(words):
            for one, other in (pair, pair[::-1]):
                is_given = one.spelled in self._given or one.spelled in self._initials
                if is_given and self._may_be_surname(other):
                    found += pair
        return found

    def _may_be_surname(self, word: Token) -> bool:
        """Return whether a word beside a given name is its surname, also where people ask with that word."""
        spelled = word.spelled
        if len(spelled) < _SHORTEST_SURNAME or is_common(spelled) or is_of_birth(word):
            return False
        capital = spelled.title() in self._text
        if spelled in self._given:
            return capital and (self._is_whole or SURNAME_SHAPE.search(spelled) is not None)
        if self._is_all or (capital and self._is_whole):
            return True
        if is_everyday(word, self._classifier):
            return capital and word is not self._begins
        return capital or SURNAME_SHAPE.search(spelled) is not None


def name_in(text: str, classifier: Classifier) -> str:
    """Return the words of a text that may be somebody's name: given names, and what nobody asks with."""
    words, given = tokens(text), given_in(text)
    if len(words) <= FEW_WORDS:
        return text
    if whole := [word for word in whole_name(text, words, classifier) if not is_of_birth(word)]:
        return " ".join(word.spelled for word in whole)
    return " ".join(w.spelled for w in words if w.spelled in given or not is_everyday(w, classifier))
