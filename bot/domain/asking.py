"""Asking: with which words people ask, and with which a second question begins."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.wording import Token, tokens

LEANING = frozenset(
    token.folded
    for token in tokens("а и і але но ды дык так тады тогда яшчэ еще ещё ну то and but what then also so")
)
"""Words with which a second question begins."""
_ASKING = frozenset(
    token.folded
    for token in tokens(
        "як хто што чаму калі дзе куды колькі ці які якая якое якія якой якую навошта каму чый трэба можна"
        " хачу ёсць как кто что почему когда где куда сколько ли какой какая какое какие какую зачем кому чей"
        " нужно надо можно хочу есть jak chto što čamu kali dzie ci kak kto gde kogda mozhno nuzhno"
        " how who what why when where which can could should is are do does did will would need want"
    )
)
"""Words that ask, or ask for something: without any, and without a question mark, a text only tells."""


def asks(text: str, words: Sequence[Token]) -> bool:
    """Return whether a text has the form of a question or of a wish: a cry tells, and asks for nothing."""
    return "?" in text or has_a_word_that_asks(words)


def has_a_word_that_asks(words: Sequence[Token]) -> bool:
    """Return whether a word of a text asks, or asks for something."""
    return any(word.folded in _ASKING for word in words)
