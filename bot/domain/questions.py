"""What is asked: a person, a topic, both, or something that wants another kind of answer.

Two things read a text: the names of the registry, which know people, and the classifier, which knows
topics. Here it is decided whom to believe. A topic is never answered with a person's card, and nobody
in distress with a menu.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.classifier import Classifier, likeliest, mean, ranked
from bot.domain.names import Decision, Match
from bot.domain.outcries import TORTURE, despairs, is_joy, is_of_oneself, says_thanks, speaks_of_rape
from bot.domain.relatives import RELATIVES, is_of_relatives
from bot.domain.strangers import FEW_WORDS, SURNAME_SHAPE, given_in, is_everyday, is_of_birth, whole_name
from bot.domain.wording import Token, gives_an_address, tokens

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
_SAME_BEGINNING = 4
_MOST_FOLLOWING = 9
_MOST_HARMLESS = 3
"""Fewer words than this cannot denounce anybody, unless there is a name or a number among them."""
_LONG_NUMBER = 9
"""Digits of a telephone or a card; a shorter number alone was meant for a list of choices."""
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
_INITIAL = re.compile(r"\b[^\W\d_](?=\.)")


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


_ALARMING = {Kind.DISTRESS: 0.15, Kind.UNSAFE: 0.2}
"""From these probabilities on a cry is heard as one: a menu in answer to it is worse than calm words."""
_ALARMING_BESIDE_A_NAME = {Kind.DISTRESS: 0.65, Kind.UNSAFE: 0.15}
"""Somebody asked about may be mourned, and that is a question; but somebody denounced has a name, too."""
_ALARMING_BESIDE_A_STRANGER = {Kind.DISTRESS: _ALARMING_BESIDE_A_NAME[Kind.DISTRESS]}
"""Before a stranger's name is taken out, what is unsafe was heard. One word, "dead", may ask."""
_PERHAPS_A_CRY = 0.03
"""From this probability on what is not surely a question is answered as if somebody might be in despair."""
_CRY_THAT_ASKS_NOTHING = 0.07
"""From this probability on what would get a menu is heard as a cry, if no word or mark in it asks."""
_CRY_LIKE_NOTHING_ELSE = 0.1
"""So probable, it is heard even where "nothing we write about" is likelier: few cries are alike."""
_CHATTER = 0.3
"""From this probability on what is hardly about a topic is chatter: a menu in answer to "ok" is none."""
_ASKING_SHARES = {Kind.DISTRESS: 1.5, Kind.UNSAFE: 0.3}
"""What is less probable than all topics together, times this, is a question: many ask it in tears."""
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
    names_nobody: bool = False
    """Whether somebody is asked about in everyday words alone: no name was written."""

    @property
    def score(self) -> float:
        """Return how probable the first topic is."""
        return self.topics[0][1] if self.topics else 0.0

    @property
    def bearer(self) -> tuple[int, ...]:
        """Return the number of whom a text names at least by a surname as it is listed, if anybody."""
        return tuple(one.number for one in self.match.candidates[:1] if one.score >= _SURNAME)

    @property
    def may_be_about_it(self) -> bool:
        """Return whether the first topic is more than a guess."""
        return self.score >= _LEAST

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
    read = _read(text, find, names, classifier, before)
    kind = _before_topics(read, classifier)
    if kind is None:
        return _with_topics(read, classifier)
    unnamed = kind is Kind.NOBODY and not (read.given or read.stranger) and _asks_about_relatives(read)
    return Asked(kind, read.topics, read.match, names_nobody=unnamed)


def _before_topics(read: _Reading, classifier: Classifier) -> Kind | None:
    """Return what a text is that asks about no topic: nothing, a name, a relative, a cry or a danger."""
    nobody = Kind.NOBODY if read.match.decision is Decision.NONE else Kind.SEVERAL
    number = read.text.strip(" .)№#")
    if not read.words or (number.isdecimal() and len(number) < _LONG_NUMBER):
        return Kind.SMALLTALK
    if (outcry := _outcry(read)) is not None:
        return outcry
    if not read.is_certain and (_is_whole_name(read) or _is_only_a_name(read, classifier)):
        return nobody
    if nobody is Kind.NOBODY and _asks_about_relatives(read):
        return nobody
    if nobody is Kind.SEVERAL and is_of_relatives(read.rest):
        return None  # "I am the wife of …" is no cry where it is known of whom
    alarm = _alarm(read)
    return nobody if alarm is Kind.DISTRESS and _asks_how_a_stranger_is(read, classifier) else alarm


def _outcry(read: _Reading) -> Kind | None:
    """Return what closed words say, where what was learned hears too little of it."""
    if read.is_certain:
        return None
    if is_joy(read.text, read.words):
        return Kind.SMALLTALK
    raped = speaks_of_rape(read.words) and read.others[Kind.OUT_OF_SCOPE] < _FOREIGN
    told = raped and (is_of_oneself(read.words) or not _asks(read))
    return Kind.DISTRESS if told or despairs(read.words) else None


def _with_topics(read: _Reading, classifier: Classifier) -> Asked:
    """Say whom and which topic a text asks about that is no cry."""
    words, rest, match, others, topics = read.words, read.rest, read.match, read.others, read.topics
    named = match.decision is not Decision.NONE
    sure = bool(rest) and clearness(topics[0][1], others[Kind.OUT_OF_SCOPE]) >= classifier.sure
    if read.is_certain:
        too = bool(rest) and _asks_too(topics, others)
        return Asked(_about_somebody(match, sure=sure, asks_too=too), topics, match)
    if sure and named and _is_surname(match, [word for word in words if word not in rest], classifier):
        return Asked(Kind.PERSON_AND_ARTICLE, topics, match, is_certain=False)
    if read.stranger and not (sure and len(rest) > FEW_WORDS):
        return Asked(Kind.SMALLTALK if _thanks(read) else Kind.NOBODY, topics, match)
    if sure:
        return Asked(Kind.ARTICLE, topics, match)
    if not named and _is_about_a_stranger(read, classifier):
        return Asked(Kind.NOBODY, topics, match)
    kind = _unsure(read)
    everyday = not read.given and all(is_everyday(word, classifier) for word in words)
    return Asked(
        *(kind, topics, match),
        may_be_a_cry=others[Kind.DISTRESS] >= _PERHAPS_A_CRY,
        names_nobody=kind is Kind.NOBODY and everyday,
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Reading:
    """A text as both have read it: whom it names, what is left without them, and what that is about.

    `given`: the words that are given names; `stranger`: those of a whole name that we lack; `others`: the
    labels that are no topic.
    """

    text: str
    words: Sequence[Token]
    rest: Sequence[Token]
    given: Collection[str]
    match: Match
    is_certain: bool
    stranger: Collection[Token]
    topics: tuple[tuple[str, float], ...]
    others: Mapping[str, float]


def _read(
    text: str,
    find: Finder,
    names: Callable[[int], Collection[str]],
    classifier: Classifier,
    before: str,
) -> _Reading:
    """Look for a name, and ask what is left without it."""
    words = tokens(text)
    probabilities = classifier.probabilities(text)
    label, score = likeliest(classifier.labels, probabilities)
    foreign = float(probabilities[classifier.labels.index(Kind.OUT_OF_SCOPE)])
    about_topic = label not in LABELS and clearness(score, foreign) >= classifier.sure
    match = find(text, as_typed=about_topic or _is_plain_talk(words, classifier))
    named = match.decision is not Decision.NONE
    certain = match.decision is Decision.ONE or (named and match.candidates[0].score >= _CERTAIN_NAME)
    given = given_in(text)
    stranger = [] if named or about_topic else whole_name(text, words, classifier)
    unsafe = float(probabilities[classifier.labels.index(Kind.UNSAFE)]) >= _ALARMING[Kind.UNSAFE]
    if unsafe and not is_of_relatives([word for word in words if word not in stranger]):
        stranger = []
    rest = without(words, _names_of_all(match, names)) if named else [w for w in words if w not in stranger]
    if all(word.spelled in given or len(word.folded) == 1 for word in rest):
        rest = []
    asked = text
    if len(rest) < len(words):
        asked = " ".join(word.latin or word.folded for word in rest)
        probabilities = classifier.probabilities(asked)
    if before and not certain and leans(words, dict(ranked(classifier.labels, probabilities)), classifier):
        probabilities = mean(probabilities, classifier.probabilities(f"{before} {asked}"))
    labelled = ranked(classifier.labels, probabilities)
    clear = labelled[0][1] >= _CLEAR and labelled[0][0] not in LABELS
    first = TORTURE if speaks_of_rape(words, beside_a_question=clear) else ""
    topics = tuple(
        (label, max(score, _CLEAR) if label == first else score)
        for label, score in sorted(labelled, key=lambda pair: pair[0] != first)
        if label not in LABELS
    )
    others = {label: score for label, score in labelled if label in LABELS}
    return _Reading(text, words, rest, given, match, certain, stranger, topics, others)


def _names_of_all(match: Match, names: Callable[[int], Collection[str]]) -> list[str]:
    """Return the names of everybody who may be meant by a surname of the text: several may be asked about."""
    first, *others = match.candidates
    meant = [first, *(other for other in others if other.score >= _SURNAME)]
    return [name for candidate in meant for name in names(candidate.number)]


def clearness(topic: float, foreign: float) -> float:
    """Return how clearly a text asks about its first topic rather than about nothing we have.

    On batches left out it tells more questions from those out of scope than the topic's probability alone.
    """
    return topic - foreign / 2 if topic >= _LEAST else -1.0


def _alarm(read: _Reading) -> Kind | None:
    """Return whether a text is a cry or a danger rather than a question: then nothing else matters."""
    if gives_an_address(read.text):
        return Kind.UNSAFE
    alarming = _ALARMING_BESIDE_A_NAME if read.is_certain else _ALARMING
    if read.stranger:
        alarming = {Kind.DISTRESS: _CLEAR} if len(read.rest) >= FEW_WORDS else _ALARMING_BESIDE_A_STRANGER
    topics = [score for _, score in read.topics]
    heard = max(read.others[Kind.PERSON], read.others[Kind.SMALLTALK])
    for kind, least in alarming.items():
        asking = max(topics[0], heard, _ASKING_SHARES[kind] * sum(topics))
        if read.others[kind] >= least and read.others[kind] > asking:
            return None if kind is Kind.UNSAFE and _is_harmless(read) else kind
    return None


def _is_harmless(read: _Reading) -> bool:
    """Return whether a text is too short to denounce anybody: no name, no number, hardly a word."""
    names = read.given or read.match.decision is not Decision.NONE
    return len(read.words) <= _MOST_HARMLESS and not (names or any(map(str.isdigit, read.text)))


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
    return len(words) > FEW_WORDS and all(classifier.knows(word) for word in words)


def _is_surname(match: Match, named: Sequence[Token], classifier: Classifier) -> bool:
    """Return whether words that nobody asks with are the surname of one listed person and of no other."""
    first, *others = match.candidates
    alone = first.score >= _SURNAME and all(other.score < _SURNAME for other in others)
    return alone and bool(named) and not any(classifier.knows(word) for word in named)


def _unsure(read: _Reading) -> Kind:
    """Say what is left for a text that is surely nothing."""
    others, named = read.others, read.match.decision is not Decision.NONE
    little_else = len(read.rest) <= FEW_WORDS and (named or bool(read.given))
    best = max(others, key=lambda label: others[label])
    greets = named and best == Kind.SMALLTALK and read.match.candidates[0].score >= _SURNAME
    if named and (little_else or greets or best == Kind.PERSON):
        return Kind.SEVERAL
    if others[best] >= (_FOREIGN if best in (Kind.OUT_OF_SCOPE, Kind.PERSON) else _CLEAR):
        return Kind.NOBODY if best == Kind.PERSON else _NO_TOPIC[best]
    if little_else:
        return Kind.NOBODY
    cry = others[Kind.DISTRESS]
    is_likeliest = cry > max(others[Kind.SMALLTALK], others[Kind.PERSON])
    least = _CRY_THAT_ASKS_NOTHING if best == Kind.DISTRESS else _CRY_LIKE_NOTHING_ELSE
    if not _asks(read) and is_likeliest and cry >= least:
        return Kind.DISTRESS
    chats = others[Kind.SMALLTALK] >= max(_CHATTER, cry) and read.topics[0][1] < _LEAST
    return Kind.SMALLTALK if chats else Kind.CHOICES


def _asks(read: _Reading) -> bool:
    """Return whether a text has the form of a question or of a wish: a cry tells, and asks for nothing."""
    return "?" in read.text or any(word.folded in _ASKING for word in read.words)


def _thanks(read: _Reading) -> bool:
    """Return whether what stands beside a name only thanks its bearer."""
    return says_thanks(read.rest) and not _asks(read) and read.others[Kind.SMALLTALK] >= _PLAIN


def _is_written_as_a_name(text: str) -> bool:
    """Return whether each word is capitalised like a name: with a given name among them, it is no cry."""
    return all(word.istitle() for word in text.split())


def _asks_about_relatives(read: _Reading) -> bool:
    """Return whether it is asked about a relative and nothing else, whatever was read before."""
    words = [word for word in read.rest if word.spelled not in read.given]
    if _asks(read):
        return is_of_relatives(words, asked=True)
    return read.others[Kind.DISTRESS] < _CLEAR and is_of_relatives(words)


def _is_whole_name(read: _Reading) -> bool:
    """Return whether a text is a whole name that we lack and nothing else."""
    return bool(read.stranger) and not read.rest


def _is_only_a_name(read: _Reading, classifier: Classifier) -> bool:
    """Return whether a text is a few words that nobody asks with, given names aside: a name that we lack."""
    words = [word for word in read.words if not (is_of_birth(word) or word.folded in _LEANING)]
    said = max(read.topics[0][1], *(read.others[kind] for kind in (Kind.SMALLTALK, *_ALARMING)))
    plainly_said = said >= _PLAIN and not _is_written_as_a_name(read.text)
    if plainly_said or not 0 < len(words) <= _NAME_WORDS:
        return False
    if read.given and len(words) <= FEW_WORDS:
        return True
    initials = {letter.lower() for letter in _INITIAL.findall(read.text)}
    plain = [word for word in words if word.spelled not in read.given and word.spelled not in initials]
    if not plain or any(is_everyday(word, classifier) for word in plain):
        return False
    return bool(read.given) or len(plain) <= FEW_WORDS


def _asks_how_a_stranger_is(read: _Reading, classifier: Classifier) -> bool:
    """Return whether a text is a whole name that we lack and one word: "alive?" is a question, not a cry."""
    others = [word for word in read.words if word.spelled not in read.given]
    surnames = [w for w in others if SURNAME_SHAPE.search(w.spelled) and not is_everyday(w, classifier)]
    is_whole = bool(read.given) and bool(surnames) and not read.is_certain
    return is_whole and len(others) - len(surnames) == 1 and read.others[Kind.DISTRESS] < _CLEAR


def _is_about_a_stranger(read: _Reading, classifier: Classifier) -> bool:
    """Return whether a text asks how somebody is whom we lack: what is left without the name says so."""
    others = [word for word in read.words if word.spelled not in read.given]
    known = [word.spelled for word in others if is_everyday(word, classifier)]
    person = classifier.labels.index(Kind.PERSON)
    lacks = 0 < len(known) < len(others)
    return lacks and float(classifier.probabilities(" ".join(known))[person]) >= _CLEAR


def leans(words: Sequence[Token], alone: Mapping[str, float], classifier: Classifier) -> bool:
    """Return whether a text is a short second question that leans on the one before.

    `alone`: what it is about when it is read alone. A cry or thanks after an article is what it is; a word
    that is about something by itself does not mean the article; and who asks about somebody, named or not,
    must not be told of a release because that was read last.
    """
    if not 0 < len(words) <= _MOST_FOLLOWING:
        return False
    if any(alone[kind] >= _CLEAR for kind in (Kind.SMALLTALK, Kind.DISTRESS, Kind.UNSAFE, Kind.PERSON)):
        return False
    following = [word for word in words if word.folded not in _LEANING]
    if any(SURNAME_SHAPE.search(word.spelled) and not is_everyday(word, classifier) for word in following):
        return False
    if words[0].folded in _LEANING:
        return True
    said = {word.folded for word in words}
    asks = not said.isdisjoint(_ASKING) and said.isdisjoint(RELATIVES)
    everyday = all(classifier.knows(word) for word in words)
    about_something = max(alone[label] for label in alone if label not in LABELS) >= _LEAST
    return len(words) <= CHOICES and asks and everyday and not about_something


def without(words: Sequence[Token], names: Collection[str]) -> list[Token]:
    """Return words without those that begin as a word of a name does: what is asked about its bearer."""
    beginnings = {word.folded[:_SAME_BEGINNING] for name in names for word in tokens(name)}
    return [word for word in words if word.folded[:_SAME_BEGINNING] not in beginnings]
