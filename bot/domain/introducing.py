"""Introducing: who says who they are, and then asks, does not ask about themselves."""

from __future__ import annotations

import re

from bot.domain.classifier import Classifier
from bot.domain.relatives import RELATIVES
from bot.domain.strangers import FEW_WORDS, given_in
from bot.domain.wording import tokens

_GREETING = (
    r"(?:здравствуйте|добрый день|добрый вечер|привет|вітаю|добры дзень|прывітанне|hello|hi|good day)[,.!]? "
)
_INTRODUCES = re.compile(
    rf"^\W*(?:{_GREETING})?(?:меня зовут|мо[её] имя|мяне завуць|мяне клічуць|ма[её] імя|my name is|i am"
    r"|i[’']m|я|пишет(?: вам)?|піша(?: вам)?)[,:]? +",
    re.IGNORECASE,
)
_MOST_NAMES = 3
_WORD = re.compile(r"[^\W\d_][\w’'-]*\.?")
_WHOSE = ("'s", "’s")
_ENDS = (",", ";", ":", " -", " –", " —")


def after_introduction(text: str, classifier: Classifier) -> str:
    """Return what follows "my name is … ": the text itself where nobody says so, or where little follows.

    Somebody who is listed, or has a name like theirs, would be answered with their own card.
    """
    begins = _INTRODUCES.match(text)
    if begins is None:
        return text
    given, named = given_in(text), 0
    rest = text[begins.end() :]
    while named < _MOST_NAMES and (word := _WORD.match(rest)):
        is_known = any(map(classifier.knows, tokens(word[0])))
        is_given = word[0].rstrip(".").lower() in given
        if not (is_given or (not is_known and (named or word[0].istitle()))):
            break
        named += 1
        rest = rest[word.end() :]
        if rest.startswith(_ENDS):
            break
        rest = rest.lstrip()
        if word[0].lower().endswith(_WHOSE) or _is_of_relative(rest):
            return text  # it is the other's name, and they are asked about
    rest = rest.lstrip(" ,;:–—-")
    return rest if named and len(tokens(rest)) > FEW_WORDS else text


def _is_of_relative(rest: str) -> bool:
    return any(word.folded in RELATIVES for word in tokens(rest)[:1])
