"""Reading: a text as the names of the registry and the classifier have read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from bot.domain.asking import LEANING, asks, asks_plainly, has_a_word_that_asks, is_elliptic
from bot.domain.classifier import Classifier, Floats, likeliest, mean, ranked
from bot.domain.kinds import LABELS, Kind
from bot.domain.names import Decision, Match
from bot.domain.outcries import SEARCH, TORTURE, is_at_the_door, speaks_of_rape
from bot.domain.relatives import RELATIVES, is_of_relatives
from bot.domain.strangers import FEW_WORDS, SURNAME_SHAPE, given_in, is_everyday, whole_name
from bot.domain.wording import Token, tokens

CERTAIN_NAME = 0.9
"""A name that fits worse, inside a sentence about something else, is a chance likeness."""
SURNAME = 0.75
"""A surname alone, in any case ending, as it is listed: it fits no better; a mere likeness fits worse."""
CLEAR = 0.5
"""From this probability on a text is no topic, whatever else it could be."""
LEAST = 0.15
"""Below this probability the first topic is right in less than half of the cases."""
HEARD_UNSAFE = 0.2
"""From this probability on what is unsafe is heard."""
_DANGER_BESIDE_A_NAME = 0.3
"""Somebody denounced has a name, too; but most names are asked about, and a family must not be rebuked."""
_ASKED_ABOUT = 5
"""What is less probable than a question about somebody, times this, is one."""
_PERSON_BESIDE_A_TOPIC = 0.7
"""Beside a name that we lack. On voices left out, more than a quarter of such persons who got an article is
asked about so, and of 600 topics 4.
"""
_SAME_BEGINNING = 4
_MOST_FOLLOWING = 9
_MOST_ASKING = 3
_OF_A_THING = frozenset("добры дрэнны кепскі благі добрый хороший плохой дурной a good bad".split())
"""What is said of a thing right before its name, and hardly of somebody asked about."""


_SIGH = re.compile(r"\b(?:(?:слава|дзякуй|дзякаваць) богу|рад[аы]? за)\b", re.IGNORECASE)
"""Слава and Рада are given names, too, and nobody who is listed would bear them."""


class Finder(Protocol):
    """Finds who is meant in a text; see NameIndex.find."""

    def __call__(self, text: str, *, as_typed: bool) -> Match:
        """Return the outcome of a lookup."""


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """A text as both have read it: whom it names, what is left without them, and what that is about.

    `given`: the words that are given names; `stranger`: those of a whole name that we lack and that is asked
    about; `lacks`: whether one is written at all; `others`: the labels that are no topic; `asks_plainly`:
    whether it is marked as a question, pleads, or begins as one.
    """

    classifier: Classifier
    text: str
    words: Sequence[Token]
    rest: Sequence[Token]
    given: Collection[str]
    match: Match
    is_certain: bool
    stranger: Collection[Token]
    lacks: bool
    topics: tuple[tuple[str, float], ...]
    others: Mapping[str, float]
    asks_plainly: bool

    @property
    def named(self) -> bool:
        """Return whether somebody who is listed may be named."""
        return self.match.decision is not Decision.NONE

    @property
    def asks(self) -> bool:
        """Return whether the text has the form of a question or of a wish."""
        return asks(self.text, self.words)

    @property
    def topic(self) -> float:
        """Return how probable the first topic is."""
        return self.topics[0][1]

    @property
    def asking(self) -> float:
        """Return how probable all topics are together."""
        return sum(score for _, score in self.topics)

    @property
    def is_sure(self) -> bool:
        """Return whether the text is clear enough about its first topic to be answered with it."""
        clear = clearness(self.topic, self.others[Kind.OUT_OF_SCOPE]) >= self.classifier.sure
        return bool(self.rest) and clear


def read_by_both(
    text: str,
    find: Finder,
    names: Callable[[int], Collection[str]],
    classifier: Classifier,
    before: str,
) -> Reading:
    """Look for a name, and ask what is left without it."""
    words = tokens(text)
    probabilities = classifier.probabilities(text)
    label, score = likeliest(classifier.labels, probabilities)
    foreign = float(probabilities[classifier.labels.index(Kind.OUT_OF_SCOPE)])
    about_topic = label not in LABELS and clearness(score, foreign) >= classifier.sure
    spoken = _SIGH.sub(" ", text)
    match = find(spoken, as_typed=about_topic or _is_plain_talk(words, classifier))
    if _is_a_plain_word(match, text, words, names, classifier):
        match = Match(Decision.NONE)
    named = match.decision is not Decision.NONE
    certain = match.decision is Decision.ONE or (named and match.candidates[0].score >= CERTAIN_NAME)
    given = given_in(spoken)
    lacked = [] if named else whole_name(spoken, tokens(spoken), classifier)
    stranger = lacked
    if about_topic and stranger and not _is_of_its_bearer(words, stranger, classifier):
        stranger = []
    rest = without(words, _names_of_all(match, names)) if named else [w for w in words if w not in stranger]
    if all(word.spelled in given or len(word.folded) == 1 for word in rest):
        rest = []
    asked = text
    if len(rest) < len(words):
        asked = _written(rest)
        probabilities = classifier.probabilities(asked)
    alone = _by_label(classifier, probabilities)
    if reports(alone[Kind.UNSAFE], alone[Kind.PERSON]) and not is_of_relatives(rest):
        stranger = []  # whose name stands in it is not looked at
    if before and not certain and leans(words, alone, classifier):
        probabilities = mean(probabilities, classifier.probabilities(f"{before} {asked}"))
    labelled = ranked(classifier.labels, probabilities)
    if is_elliptic(text, words):
        labelled = [(label, 0.0 if label == Kind.DISTRESS else score) for label, score in labelled]
    others = {label: score for label, score in labelled if label in LABELS}
    # Of Vilnia and the Hague, which stand as names do, nobody expects that they are listed.
    lacks = any(word.spelled not in given and not is_everyday(word, classifier) for word in lacked)
    heard = (lacks, _topics(words, labelled), others, asks_plainly(text, words))
    return Reading(classifier, text, words, rest, given, match, certain, stranger, *heard)


def _by_label(classifier: Classifier, probabilities: Floats) -> dict[str, float]:
    return dict(zip(classifier.labels, map(float, probabilities), strict=True))


def _is_of_its_bearer(words: Sequence[Token], name: Collection[Token], classifier: Classifier) -> bool:
    """Return whether what is surely about a topic rather asks, without a name in it, how its bearer is."""
    rest = _written([word for word in words if word not in name])
    alone = _by_label(classifier, classifier.probabilities(rest))
    return is_of_a_person(alone[Kind.PERSON], max(alone[label] for label in alone if label not in LABELS))


def is_of_a_person(person: float, topic: float) -> bool:
    """Return whether it is asked how somebody is whom we lack: no article is news of them."""
    return person >= _PERSON_BESIDE_A_TOPIC * topic


def _topics(words: Sequence[Token], labelled: Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Return the topics, the likeliest first, but before them what closed words are about."""
    clear = labelled[0][1] >= CLEAR and labelled[0][0] not in LABELS
    first = ""
    if speaks_of_rape(words, beside_a_question=clear):
        first = TORTURE
    elif not clear and is_at_the_door(words):
        first = SEARCH
    return tuple(
        (label, max(score, CLEAR) if label == first else score)
        for label, score in sorted(labelled, key=lambda pair: pair[0] != first)
        if label not in LABELS
    )


def _names_of_all(match: Match, names: Callable[[int], Collection[str]]) -> list[str]:
    """Return the names of everybody who may be meant by a surname of the text: several may be asked about."""
    first, *others = match.candidates
    meant = [first, *(other for other in others if other.score >= SURNAME)]
    return [name for candidate in meant for name in names(candidate.number)]


def _is_a_plain_word(
    match: Match,
    text: str,
    words: Sequence[Token],
    names: Callable[[int], Collection[str]],
    classifier: Classifier,
) -> bool:
    """Return whether a surname alone is a word here: "a good sign" is no Znak, and "left leg" no Levaja.

    It is written small, people ask with it, and it is good or bad, or nothing around it asks how somebody is.
    """
    if match.decision is Decision.NONE:
        return False
    rest = without(words, _names_of_all(match, names))
    named = [word for word in words if word not in rest]
    if len(named) != 1 or len(rest) < FEW_WORDS or named[0].spelled not in text:
        return False
    if not classifier.knows(named[0], as_typed=True):  # by its stem many a surname would be one
        return False
    if any(other is named[0] and word.spelled in _OF_A_THING for word, other in pairwise(words)):
        return True
    person = classifier.labels.index(Kind.PERSON)
    return float(classifier.probabilities(_written(rest))[person]) < CLEAR


def reports(unsafe: float, person: float) -> bool:
    """Return whether what stands beside a name, so probable each, gives its bearer away rather than asks."""
    return unsafe >= max(_DANGER_BESIDE_A_NAME, _ASKED_ABOUT * person)


def _written(words: Sequence[Token]) -> str:
    return " ".join(word.latin or word.folded for word in words)


def _is_plain_talk(words: Sequence[Token], classifier: Classifier) -> bool:
    """Return whether a text of some length is made of everyday words only: no name is misspelled in it."""
    return len(words) > FEW_WORDS and all(classifier.knows(word) for word in words)


def clearness(topic: float, foreign: float) -> float:
    """Return how clearly a text asks about its first topic rather than about nothing we have.

    On batches left out it tells more questions from those out of scope than the topic's probability alone.
    """
    return topic - foreign / 2 if topic >= LEAST else -1.0


def leans(words: Sequence[Token], alone: Mapping[str, float], classifier: Classifier) -> bool:
    """Return whether a text is a short second question that leans on the one before.

    `alone`: what it is about when it is read alone. A cry or thanks after an article is what it is; a word
    that is about something by itself does not mean the article; and who asks about somebody, named or not,
    must not be told of a release because that was read last.
    """
    if not 0 < len(words) <= _MOST_FOLLOWING:
        return False
    if any(alone[kind] >= CLEAR for kind in (Kind.SMALLTALK, Kind.DISTRESS, Kind.UNSAFE, Kind.PERSON)):
        return False
    following = [word for word in words if word.folded not in LEANING]
    if any(SURNAME_SHAPE.search(word.spelled) and not is_everyday(word, classifier) for word in following):
        return False
    if words[0].folded in LEANING:
        return True
    said = {word.folded for word in words}
    asks_on = has_a_word_that_asks(words) and said.isdisjoint(RELATIVES)
    everyday = all(classifier.knows(word) for word in words)
    about_something = max(alone[label] for label in alone if label not in LABELS) >= LEAST
    return len(words) <= _MOST_ASKING and asks_on and everyday and not about_something


def without(words: Sequence[Token], names: Collection[str]) -> list[Token]:
    """Return words without those that begin as a word of a name does: what is asked about its bearer."""
    beginnings = {word.folded[:_SAME_BEGINNING] for name in names for word in tokens(name)}
    return [word for word in words if word.folded[:_SAME_BEGINNING] not in beginnings]
