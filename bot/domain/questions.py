"""What is asked: a person, a topic, both, or something that wants another kind of answer.

Two things read a text: the names of the registry, which know people, and the classifier, which knows
topics. Here it is decided whom to believe. A topic is never answered with a person's card, and nobody
in distress with a menu.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.classifier import Classifier, likeliest, mean, ranked
from bot.domain.common_words import is_common
from bot.domain.given import given_readings
from bot.domain.names import Decision, Match
from bot.domain.wording import Token, tokens
from bot.domain.words import words_of

CHOICES = 3
_CERTAIN_NAME = 0.9
"""A name that fits worse, inside a sentence about something else, is a chance likeness."""
_WHOLE_NAME = 0.97
_SURNAME = 0.75
"""A surname alone, in any case ending, as it is listed: it fits no better; a mere likeness fits worse."""
_CLEAR = 0.5
"""From this probability on a text is no topic, whatever else it could be."""
_LEAST = 0.15
"""Below this probability the first topic is right in less than half of the cases."""
_BESIDE_A_NAME = 0.1
_PERSON_SHARE = 0.3
"""Beside a certain name an unsure topic still helps, as a button below the card: if it is asked at all."""
_FOREIGN = 0.8
"""From this probability on it is said that we have nothing or nobody: topics to choose from cost less."""
_PLAIN = 0.8
"""From this probability on two words with a given name in them are greetings or a cry, not a name."""
_NAME_WORDS = 4
_FEW_WORDS = 2
_SAME_BEGINNING = 4
_MOST_FOLLOWING = 9
_LEANING = frozenset(
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


class Kind(enum.StrEnum):
    """What kind of answer a text wants."""

    PERSON = "person"
    ARTICLE = "article"
    PERSON_AND_ARTICLE = "person_and_article"
    CHOICES = "choices"
    SEVERAL = "several"
    NOBODY = "nobody"
    SMALLTALK = "smalltalk"
    DISTRESS = "distress"
    UNSAFE = "unsafe"
    OUT_OF_SCOPE = "out_of_scope"


_ALARMING = {Kind.DISTRESS: 0.12, Kind.UNSAFE: 0.2}
"""From these probabilities on a cry is heard as one: a menu in answer to it is worse than calm words."""
_ALARMING_BESIDE_A_NAME = {Kind.DISTRESS: 0.65, Kind.UNSAFE: 0.15}
"""Somebody asked about may be mourned, and that is a question; but somebody denounced has a name, too."""
_PERHAPS_A_CRY = 0.03
"""From this probability on what is not surely a question is answered as if somebody might be in despair."""
_CRY_THAT_ASKS_NOTHING = 0.07
"""From this probability on what would get a menu is heard as a cry, if no word or mark in it asks."""
_ASKING_SHARES = {Kind.DISTRESS: 0.8, Kind.UNSAFE: 0.3}
"""What is less probable than this share of all topics together is a question: many ask it in tears."""
_NO_TOPIC = {kind.value: kind for kind in (Kind.SMALLTALK, Kind.DISTRESS, Kind.UNSAFE, Kind.OUT_OF_SCOPE)}
LABELS = frozenset({*_NO_TOPIC, Kind.PERSON.value})
"""The labels of the classifier that are no topic."""


class Finder(Protocol):
    """Finds who is meant in a text; see NameIndex.find."""

    def __call__(self, text: str, *, as_typed: bool) -> Match:
        """Return the outcome of a lookup."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked. `topics` rank all topics; `match` says who was named."""

    kind: Kind
    topics: tuple[tuple[str, float], ...]
    match: Match
    is_certain: bool = True
    """Whether a person is meant beyond doubt; a surname alone in a question about a topic is not enough."""
    may_be_a_cry: bool = False
    """Whether somebody may be in despair who was not surely understood so."""

    @property
    def score(self) -> float:
        """Return how probable the first topic is."""
        return self.topics[0][1] if self.topics else 0.0

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the topics to choose from, the most probable first."""
        return tuple(topic for topic, _ in self.topics[:CHOICES])


def understand(
    text: str,
    find: Finder,
    names: Callable[[int], Collection[str]],
    classifier: Classifier,
    before: str = "",
) -> Asked:
    """Say what a text asks. `names` returns the stored names of a person's number.

    `before` is the title of the topic answered last: a text that leans on it is read along with it.
    """
    words = tokens(text)
    probabilities = classifier.probabilities(text)
    label, score = likeliest(classifier.labels, probabilities)
    foreign = float(probabilities[classifier.labels.index(Kind.OUT_OF_SCOPE)])
    about_topic = label not in LABELS and clearness(score, foreign) >= classifier.sure
    match = find(text, as_typed=about_topic or _is_plain_talk(words, classifier))
    named = match.decision is not Decision.NONE
    certain = match.decision is Decision.ONE or (named and match.candidates[0].score >= _CERTAIN_NAME)
    given = _given(text)
    rest = without(words, names(match.candidates[0].number)) if named else words
    if all(word.spelled in given or len(word.folded) == 1 for word in rest):
        rest = []
    asked = text
    if len(rest) < len(words):
        asked = " ".join(word.latin or word.folded for word in rest)
        probabilities = classifier.probabilities(asked)
    if before and leans(words, dict(ranked(classifier.labels, probabilities))):
        probabilities = mean(probabilities, classifier.probabilities(f"{before} {asked}"))
    labelled = ranked(classifier.labels, probabilities)
    topics = tuple((label, score) for label, score in labelled if label not in LABELS)
    others = {label: score for label, score in labelled if label in LABELS}
    said = max(topics[0][1], *(others[kind] for kind in (Kind.SMALLTALK, Kind.DISTRESS, Kind.UNSAFE)))
    may_be_named = said < _PLAIN or _is_written_as_a_name(text)
    if not certain and may_be_named and _is_only_a_name(text, words, classifier):
        return Asked(Kind.SEVERAL if named else Kind.NOBODY, topics, match)
    sure = bool(rest) and clearness(topics[0][1], others[Kind.OUT_OF_SCOPE]) >= classifier.sure
    alarm = _alarm(others, [score for _, score in topics], _ALARMING_BESIDE_A_NAME if certain else _ALARMING)
    if alarm is not None:
        return Asked(alarm, topics, match)
    if certain:
        too = bool(rest) and _asks_too(topics, others)
        return Asked(_about_somebody(match, sure=sure, asks_too=too), topics, match)
    if sure and named and _is_surname(match, [word for word in words if word not in rest], classifier):
        return Asked(Kind.PERSON_AND_ARTICLE, topics, match, is_certain=False)
    if sure:
        return Asked(Kind.ARTICLE, topics, match)
    if not named and _is_about_a_stranger(words, given, classifier):
        return Asked(Kind.NOBODY, topics, match)
    alone = len(rest) <= _FEW_WORDS and (named or bool(given))
    kind = _unsure(others, named=named, alone=alone, asks=_asks(text, words))
    return Asked(kind, topics, match, may_be_a_cry=others[Kind.DISTRESS] >= _PERHAPS_A_CRY)


def clearness(topic: float, foreign: float) -> float:
    """Return how clearly a text asks about its first topic rather than about nothing we have.

    On batches left out it tells more questions from those out of scope than the topic's probability alone.
    """
    return topic - foreign / 2 if topic >= _LEAST else -1.0


def _alarm(
    others: Mapping[str, float], topics: Sequence[float], alarming: Mapping[Kind, float]
) -> Kind | None:
    """Return what a text is if it is a cry or a danger rather than a question: then nothing else matters."""
    for kind, least in alarming.items():
        asking = max(topics[0], others[Kind.PERSON], _ASKING_SHARES[kind] * sum(topics))
        if others[kind] >= least and others[kind] > asking:
            return kind
    return None


def _asks_too(topics: Sequence[tuple[str, float]], others: Mapping[str, float]) -> bool:
    """Return whether what is left beside a name asks about a topic rather than how its bearer is."""
    asking = sum(score for _, score in topics)
    about_nothing = others[Kind.OUT_OF_SCOPE] >= asking or others[Kind.PERSON] >= _PERSON_SHARE * asking
    return topics[0][1] >= _BESIDE_A_NAME and not about_nothing


def _about_somebody(match: Match, *, sure: bool, asks_too: bool) -> Kind:
    """Return one person or several; in a sentence surely about a topic, a whole name alone is one person."""
    if match.decision is Decision.ONE:
        return Kind.PERSON_AND_ARTICLE if sure or asks_too else Kind.PERSON
    first, *others = match.candidates
    alone = first.score >= _WHOLE_NAME and all(other.score < _CERTAIN_NAME for other in others)
    return Kind.PERSON_AND_ARTICLE if sure and alone else Kind.SEVERAL


def _is_plain_talk(words: Sequence[Token], classifier: Classifier) -> bool:
    """Return whether a text of some length is made of everyday words only: no name is misspelled in it."""
    return len(words) > _FEW_WORDS and all(classifier.knows(word) for word in words)


def _is_surname(match: Match, named: Sequence[Token], classifier: Classifier) -> bool:
    """Return whether words that nobody asks with are the surname of one listed person and of no other."""
    first, *others = match.candidates
    alone = first.score >= _SURNAME and all(other.score < _SURNAME for other in others)
    return alone and bool(named) and not any(classifier.knows(word) for word in named)


def _unsure(others: Mapping[str, float], *, named: bool, alone: bool, asks: bool) -> Kind:
    """Say what is left for a text that is surely nothing; `alone`: beside a likely name there is little."""
    best = max(others, key=lambda label: others[label])
    if named and (alone or best == Kind.PERSON):
        return Kind.SEVERAL
    if others[best] >= (_FOREIGN if best in (Kind.OUT_OF_SCOPE, Kind.PERSON) else _CLEAR):
        return Kind.NOBODY if best == Kind.PERSON else _NO_TOPIC[best]
    if alone:
        return Kind.NOBODY
    cries = not asks and others[Kind.DISTRESS] >= _CRY_THAT_ASKS_NOTHING
    return Kind.DISTRESS if cries else Kind.CHOICES


def _asks(text: str, words: Sequence[Token]) -> bool:
    """Return whether a text has the form of a question or of a wish: a cry tells, and asks for nothing."""
    return "?" in text or any(word.folded in _ASKING for word in words)


def _is_written_as_a_name(text: str) -> bool:
    """Return whether each word is capitalised like a name: with a given name among them, it is no cry."""
    return all(word.istitle() for word in text.split())


def _is_only_a_name(text: str, words: Sequence[Token], classifier: Classifier) -> bool:
    """Return whether a text is a few words that nobody asks with, given names aside: a name that we lack."""
    if not 0 < len(words) <= _NAME_WORDS:
        return False
    given = _given(text)
    plain = [token for token in words if token.spelled not in given]
    if given and len(words) <= _FEW_WORDS:
        return True
    if any(classifier.knows(token) for token in plain):
        return False
    return bool(given) or len(words) <= _FEW_WORDS


def _is_about_a_stranger(words: Sequence[Token], given: Collection[str], classifier: Classifier) -> bool:
    """Return whether a text asks how somebody is whom we lack: what is left without the name says so."""
    known = [word.spelled for word in words if word.spelled not in given and classifier.knows(word)]
    person = classifier.labels.index(Kind.PERSON)
    lacks = 0 < len(known) < len(words) - len(given)
    return lacks and float(classifier.probabilities(" ".join(known))[person]) >= _CLEAR


def _given(text: str) -> set[str]:
    """Return the words of a text that are given names and nothing more common."""
    return {word.text for word in words_of(text) if not is_common(word.text) and given_readings(word.text)}


def leans(words: Sequence[Token], alone: Mapping[str, float]) -> bool:
    """Return whether a text is a short second question that leans on the one before.

    `alone`: what it is about when it is read alone. A cry or thanks after an article is what it is, and a
    word that is about something by itself does not mean the article.
    """
    if not 0 < len(words) <= _MOST_FOLLOWING:
        return False
    if any(alone[kind] >= _CLEAR for kind in (Kind.SMALLTALK, Kind.DISTRESS, Kind.UNSAFE)):
        return False
    if words[0].folded in _LEANING:
        return True
    return len(words) <= CHOICES and max(alone[label] for label in alone if label not in LABELS) < _LEAST


def without(words: Sequence[Token], names: Collection[str]) -> list[Token]:
    """Return words without those that begin as a word of a name does: what is asked about its bearer."""
    beginnings = {word.folded[:_SAME_BEGINNING] for name in names for word in tokens(name)}
    return [word for word in words if word.folded[:_SAME_BEGINNING] not in beginnings]
