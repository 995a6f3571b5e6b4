"""Asking: with which words people ask, and with which a second question begins."""

from __future__ import annotations

import itertools
import re
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
        "як хто што чаму калі дзе куды колькі які якая якое якія якой якую навошта каму чый трэба можна"
        " хачу ёсць как кто что почему когда где куда сколько ли какой какая какое какие какую зачем кому чей"
        " нужно надо можно хочу есть падкажыце подскажите"
    )
)
"""Words that ask, or ask for something: without any, and without a question mark, a text only tells."""
_AS_SPELLED = frozenset(
    "ці jak jaki jakaja jakoje jakija chto što sto čamu chamu kali dzie dze kudy kolki skolki ci navošta"
    " navoshta kamu treba trzeba možna mozna chaču hachu josć kak kakoj kakaya kakie kto gde kogda kuda"
    " skolko pochemu zachem komu mozhno mojno nuzhno nujno nado hochu how who what why when where which"
    " want need".split()
)
"""Such words that are others when folded: "do" would be the Belarusian "да", and "ты" would be "ці"."""
_ASKING_FIRST = frozenset("can could should is are do does did will would".split())
"""These ask as the first word, or before whoever does it; elsewhere they tell."""
_PLEAS = frozenset(token.folded for token in tokens("падкажыце подскажите скажыце скажите"))
_WANTED = frozenset(
    token.folded for token in tokens("адрас адрес нумар номер тэлефон телефон address number phone")
)
"""Where nothing but what is wanted is named, and no number given, it is asked for."""
_ELLIPTIC = frozenset(
    token.folded
    for token in tokens(
        "што что потым потом далей дальше так як как гэта это все усё ўсё точно дакладна калі если не няма"
        " нет да пасля после таго того гэтага этого праўда правда ли ці цяпер сейчас теперь іншага другого"
    )
) | frozenset("that this it then after what if not is are sure really all yes no else why how so".split())
_MOST_ELLIPTIC = 4
_SUBJECTS = frozenset("i you he she we they".split())
"""Not "it": "he did it" asks nothing."""
_SENTENCE = re.compile(r"[.!…\n]+")
_FIRST_WORDS = 2
"""A question begins with what asks, or with one word before it: "скажите как"."""


def asks(text: str, words: Sequence[Token]) -> bool:
    """Return whether a text has the form of a question or of a wish: a cry tells, and asks for nothing."""
    return "?" in text or has_a_word_that_asks(words)


def is_elliptic(text: str, words: Sequence[Token]) -> bool:
    """Return whether a text asks on in words that mean nothing alone: "and after that?", "і ўсё?".

    What was learned hears despair in some of them.
    """
    said = [word for word in words if word.folded not in LEANING]
    asks_on = text.rstrip().endswith("?") or bool(words and words[0].folded in LEANING)
    return asks_on and len(words) <= _MOST_ELLIPTIC and all(_means_nothing(word) for word in said)


def _means_nothing(word: Token) -> bool:
    return (word.latin or word.folded) in _ELLIPTIC or word.folded in _ELLIPTIC


def asks_plainly(text: str) -> bool:
    """Return whether a text is marked as a question, pleads for an answer, or a sentence begins as one.

    Elsewhere "what", "how" and "when" join what is told: "I do not know what I may do to myself".
    """
    words = tokens(text)
    if "?" in text or any(word.folded in _PLEAS for word in words):
        return True
    if words and words[0].folded in _WANTED and not any(map(str.isdigit, text)):
        return True
    return any(map(_begins_as_a_question, _SENTENCE.split(text)))


def _begins_as_a_question(sentence: str) -> bool:
    words = [*itertools.dropwhile(lambda word: word.folded in LEANING, tokens(sentence))]
    return has_a_word_that_asks(words[:_FIRST_WORDS])


def has_a_word_that_asks(words: Sequence[Token]) -> bool:
    """Return whether a word of a text asks, or asks for something."""
    if any(word.spelled in _AS_SPELLED or (not word.latin and word.folded in _ASKING) for word in words):
        return True
    said = [word.spelled for word in words]
    inverted = any(one in _ASKING_FIRST and other in _SUBJECTS for one, other in itertools.pairwise(said))
    return inverted or (bool(said) and said[0] in _ASKING_FIRST)
