"""Alarms: what in a text that was read is a cry or a danger; then nothing else in it matters.

Closed words and forms go first; how probable a cry must be besides depends on whom the text names, and on
whether it asks anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import giving_away
from bot.domain.asking import has_a_word_that_asks
from bot.domain.kinds import Kind
from bot.domain.laments import is_lament
from bot.domain.outcries import (
    despairs,
    is_beaten_at_home,
    is_joy,
    is_of_oneself,
    misses,
    parts_in_a_letter,
    speaks_of_rape,
    tells_of_suicide,
)
from bot.domain.reading import CLEAR, HEARD_UNSAFE, Reading, reports
from bot.domain.relatives import is_of_relatives
from bot.domain.strangers import FEW_WORDS, SURNAME_SHAPE, is_everyday
from bot.domain.wording import without_private_numbers

FOREIGN = 0.8
"""From this probability on it is said that we have nothing or nobody: topics to choose from cost less."""
_CRY = 0.15
"""From this probability on a cry is heard as one: a menu in answer to it is worse than calm words."""
_CRY_BESIDE_A_NAME = 0.65
"""Somebody asked about may be mourned, and that is a question. One word, "dead", may ask."""
_CRY_SHARE = 1.5
"""What is less probable than all topics together, times this, is a question: many ask it in tears."""
_CRY_ALONE = 0.4
"""So probable, and naming nobody, it is heard if it is likelier than all topics together."""
_DANGER_LEFT = 0.1
_DANGER_LEFT_SHARE = 2
"""In doubt, and where nothing is plainly asked, so many times as probable as the first topic is a danger."""
_FOREIGN_LEFT = 0.25
"""But not what is four times as likely nothing of ours."""
_DANGER_SHARE = 0.3
_DANGER_ASKED_SHARE = 1.75
"""Where something is asked, so many times as probable as the first topic is needed, if nobody is named."""
_DANGER_TOLD = 0.1
_DANGER_TOLD_SHARE = 0.15
"""Where nothing is asked, this share of the first topic is enough: "here is the verdict" wants no article."""
_DANGER_TOLD_FOREIGN = 0.5
"""But what is twice as likely nothing of ours, as "we changed the password", harms nobody."""
_DANGER_ONLY_ASKED = 0.7
"""Of what plainly asks, and holds neither a name nor a private number: a family must not be rebuked.

On voices left out 100 of 1,240 texts that harm are no longer heard for it, and 190 honest ones not rebuked.
"""
_MOST_HARMLESS = 3
"""Fewer words than this cannot denounce anybody, unless there is a name or a number among them."""

_TELL_OF_A_BLOW = (is_beaten_at_home, tells_of_suicide, parts_in_a_letter)
"""What somebody bears, told in closed words; who asks about it asks."""


@dataclass(frozen=True, slots=True)
class _Doubt:
    """How probable a cry must be where nothing is sure, and beside what else: shares of it.

    Measured on voices left out: 2 of 100 cries get a menu so, where 7 did. Of the questions that would get
    one, which are 13 in 100, a sixth gets calm words and the first topic below them.
    """

    least: float
    topic: float
    person: float
    foreign: float


_TOLD = _Doubt(0.05, topic=0.5, person=0.5, foreign=0.1)
_HALF_ASKED = _Doubt(0.05, topic=1, person=1, foreign=0.25)
"""A word that asks stands in it, but begins no sentence."""
_ASKED = _Doubt(0.1, topic=0.5, person=1, foreign=0.1)


def outcry(read: Reading) -> Kind | None:
    """Hear what closed words say, where what was learned hears too little of it."""
    if read.is_certain:
        return None
    if is_joy(read.text, read.words):
        return Kind.SMALLTALK
    raped = speaks_of_rape(read.words) and read.others[Kind.OUT_OF_SCOPE] < FOREIGN
    told = raped and (is_of_oneself(read.words) or not read.asks)
    bears = not read.asks_plainly and any(tells(read.words) for tells in _TELL_OF_A_BLOW)
    bears = bears or (bool(read.given) and misses(read.words) and not read.asks)
    return Kind.DISTRESS if told or bears or despairs(read.words) or is_lament(read.words) else None


def gives_away(read: Reading) -> Kind | None:
    """Hear closed forms that give somebody away."""
    if has_a_word_that_asks(read.words):
        return None
    # "In flat 12, I can't any more" is a cry, and the address of a prison belongs to what is asked of it.
    if (read.is_sure or read.others[Kind.DISTRESS] >= CLEAR) and not giving_away.opens_a_door(read.text):
        return None
    # A date stands beside a name, or beside a word that people ask with, more often than a house.
    streets = {word.spelled for word in read.rest if not read.classifier.knows(word)}
    given_away = giving_away.gives_away(read.text, streets) or giving_away.lists_people(
        read.text, streets | {word.spelled for word in read.stranger} - set(read.given)
    )
    return Kind.UNSAFE if given_away else None


def report(read: Reading) -> Kind | None:
    """Hear what harms people before a cry: it is likelier than one, or stands beside a name or a number.

    Who denounces sounds afraid, too.
    """
    heard = read.others[Kind.UNSAFE]
    if only_asks(read):
        return None
    named = _is_a_report(read) and (read.given or _has_digits(read))
    tells = not (read.is_certain or read.asks) and len(read.rest) > FEW_WORDS
    foreign = _DANGER_TOLD_FOREIGN * read.others[Kind.OUT_OF_SCOPE]
    least = max(_DANGER_TOLD, _DANGER_TOLD_SHARE * read.topic, foreign)
    talk = max(read.others[kind] for kind in (Kind.DISTRESS, Kind.PERSON, Kind.SMALLTALK))
    return Kind.UNSAFE if named or (tells and heard >= least and heard > talk) else None


def cry(read: Reading) -> Kind | None:
    """Hear a cry rather than a question; "alive?" beside a name that we lack is a question."""
    alone = not (read.is_certain or read.stranger) and _is_likelier(read, Kind.DISTRESS, 1, _CRY_ALONE)
    heard = alone or _is_likelier(read, Kind.DISTRESS, _CRY_SHARE, _least_cry(read))
    if not heard or _is_only_whose_relative(read):
        return None
    return Kind.NOBODY if _asks_how_a_stranger_is(read) else Kind.DISTRESS


def danger(read: Reading) -> Kind | None:
    """Hear a report of somebody, a document or a number. Of a bare stranger it was heard before."""
    if (read.stranger and len(read.rest) <= FEW_WORDS) or _is_only_whose_relative(read) or _is_harmless(read):
        return None
    if only_asks(read):  # a family must not be rebuked
        return None
    if read.stranger or read.is_certain:
        return Kind.UNSAFE if _is_a_report(read, _DANGER_SHARE) else None
    # "Where can I report who beat him" is near to what harms, and an honest question.
    least = max(HEARD_UNSAFE, _DANGER_ASKED_SHARE * read.topic if read.asks else 0)
    return Kind.UNSAFE if _is_likelier(read, Kind.UNSAFE, _DANGER_SHARE, least) else None


def only_asks(read: Reading) -> bool:
    """Return whether it is asked about what harms people, and nothing that would harm anybody is sent."""
    given = any(word.title() in read.text for word in read.given)  # "бил" is Bill, too
    sent = given or read.stranger or read.is_certain or without_private_numbers(read.text) != read.text
    return not sent and read.others[Kind.UNSAFE] < _DANGER_ONLY_ASKED and read.asks_plainly


def left_over(read: Reading) -> Kind | None:
    """Hear a danger or a cry in what would get a menu: in doubt calm words are the lesser harm."""
    others, plainly = read.others, read.asks_plainly
    unsafe, person, talk = others[Kind.UNSAFE], others[Kind.PERSON], others[Kind.SMALLTALK]
    cried, foreign = others[Kind.DISTRESS], others[Kind.OUT_OF_SCOPE]
    harm = max(_DANGER_LEFT, _DANGER_LEFT_SHARE * read.topic, cried, person, talk, _FOREIGN_LEFT * foreign)
    if unsafe >= harm and not (plainly or _is_harmless(read)):
        return Kind.UNSAFE
    doubt = _ASKED if plainly else _HALF_ASKED if read.asks else _TOLD
    least = max(doubt.least, doubt.topic * read.topic, doubt.person * person, doubt.foreign * foreign, talk)
    return Kind.DISTRESS if cried >= least else None


def _is_likelier(read: Reading, kind: Kind, share: float, least: float) -> bool:
    """Return whether a kind is probable enough, and more so than any topic, talk or question of somebody."""
    asking = max(read.topic, share * read.asking, read.others[Kind.PERSON], read.others[Kind.SMALLTALK])
    return read.others[kind] >= least and read.others[kind] > asking


def _is_a_report(read: Reading, share: float = 0) -> bool:
    """Return whether a name is given away rather than asked about."""
    likelier = _is_likelier(read, Kind.UNSAFE, share, 0)
    return likelier and reports(read.others[Kind.UNSAFE], read.others[Kind.PERSON])


def _least_cry(read: Reading) -> float:
    """Return how probable a cry must be, depending on whom a text names."""
    if read.stranger:
        return CLEAR if len(read.rest) >= FEW_WORDS else _CRY_BESIDE_A_NAME
    return _CRY_BESIDE_A_NAME if read.is_certain else _CRY


def _is_only_whose_relative(read: Reading) -> bool:
    """Return whether a text says whose relative somebody is: no cry where it is known of whom."""
    return read.named and is_of_relatives(read.rest)


def _asks_how_a_stranger_is(read: Reading) -> bool:
    """Return whether a text is a whole name that we lack and one word: "alive?" is a question, not a cry."""
    others = [word for word in read.words if word.spelled not in read.given]
    surnames = [w for w in others if SURNAME_SHAPE.search(w.spelled) and not is_everyday(w, read.classifier)]
    is_whole = bool(read.given) and bool(surnames) and not read.is_certain
    return is_whole and len(others) - len(surnames) == 1 and read.others[Kind.DISTRESS] < CLEAR


def _is_harmless(read: Reading) -> bool:
    """Return whether a text is too short to denounce anybody: no name, no number, hardly a word."""
    names = bool(read.given) or read.named
    return len(read.words) <= _MOST_HARMLESS and not (names or _has_digits(read))


def _has_digits(read: Reading) -> bool:
    return any(map(str.isdigit, read.text))
