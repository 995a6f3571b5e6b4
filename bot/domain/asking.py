"""Asking: with which words people ask, and with which a second question begins."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from bot.domain.wording import Token, ends, tokens

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
_PLEAS = frozenset(
    token.folded
    for token in tokens(
        "падкажыце подскажите скажыце скажите дайце дайте скіньце скиньте дашліце прышліце пришлите"
    )
)
_WISHES = frozenset(token.folded for token in tokens("трэба хачу ёсць нужно надо хочу есть")) | frozenset(
    "treba trzeba chaču hachu josć nuzhno nujno nado hochu want need".split()
)
"""Who wishes something tells it as well: "I want to die" asks nothing."""
_WANTED = frozenset("адрас адрес нумар номер тэлефон телефон address number phone".split())
_MOST_WANTED = 5
_KNOWN = frozenset("знаю знаем ведаю ведаем know".split())
"""A few words that begin with what is wanted, hold no number and know nothing ask for it."""
_ELLIPTIC = frozenset(
    "што что потым потом далей дальше як как гэта это все всё усё ўсё точно дакладна калі если не няма нет да"
    " пасля после таго того гэтага этого праўда правда ли ці цяпер сейчас теперь іншага другого that this it"
    " after if not is are sure really all yes no else why how".split()
)
_MOST_ELLIPTIC = 4
_SUBJECTS = frozenset("i you he she we they".split())
"""Not "it": "he did it" asks nothing."""
_SENTENCE = re.compile(r"[.!…\n]+")


def asks(text: str, words: Sequence[Token]) -> bool:
    """Return whether a text has the form of a question or of a wish: a cry tells, and asks for nothing."""
    return "?" in text or has_a_word_that_asks(words)


def is_elliptic(text: str, words: Sequence[Token]) -> bool:
    """Return whether a text asks on in words that mean nothing alone: "and after that?", "і што потым".

    What was learned hears despair in some of them; in "и всё" without a mark there is.
    """
    said = [word for word in words if word.folded not in LEANING]
    leans = bool(words) and words[0].folded in LEANING and has_a_word_that_asks(words)
    asks_on = leans or text.rstrip().endswith("?")
    return asks_on and len(words) <= _MOST_ELLIPTIC and all(word.spelled in _ELLIPTIC for word in said)


def asks_plainly(text: str, words: Sequence[Token]) -> bool:
    """Return whether a text is marked as a question, pleads for an answer, or a sentence begins as one.

    Elsewhere "what", "how" and "when" join what is told: "I do not know what I may do to myself".
    """
    if "?" in text or any(word.folded in _PLEAS for word in words):
        return True
    return _names_what_is_wanted(words) or any(map(_begins_as_a_question, _SENTENCE.split(ends(text))))


def _names_what_is_wanted(words: Sequence[Token]) -> bool:
    said = [word.spelled for word in words]
    wanted = 0 < len(said) <= _MOST_WANTED and said[0] in _WANTED and _KNOWN.isdisjoint(said)
    return wanted and not any(any(map(str.isdigit, word)) for word in said)


def _begins_as_a_question(sentence: str) -> bool:
    words = itertools.dropwhile(lambda word: word.folded in LEANING, tokens(sentence))
    first = next(words, None)
    wishes = first is not None and (first.folded in _WISHES or first.spelled in _WISHES)
    return first is not None and not wishes and has_a_word_that_asks([first])


def has_a_word_that_asks(words: Sequence[Token]) -> bool:
    """Return whether a word of a text asks, or asks for something."""
    if any(word.spelled in _AS_SPELLED or (not word.latin and word.folded in _ASKING) for word in words):
        return True
    said = [word.spelled for word in words]
    inverted = any(one in _ASKING_FIRST and other in _SUBJECTS for one, other in itertools.pairwise(said))
    return inverted or (bool(said) and said[0] in _ASKING_FIRST)
