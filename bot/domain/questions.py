"""What is asked: a person, a topic, both, or something that wants another kind of answer.

Two things read a text: the names of the registry, which know people, and the classifier, which knows
topics. Here it is decided whom to believe; `_IN_THIS_ORDER` says what is heard before what. A topic is
never answered with a person's card, and nobody in distress with a menu.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bot.domain.alarms import FOREIGN, cry, danger, gives_away, left_over, only_asks, outcry, report
from bot.domain.asking import LEANING
from bot.domain.classifier import Classifier
from bot.domain.introducing import after_introduction
from bot.domain.kinds import NO_TOPIC, Kind
from bot.domain.names import Decision, Match
from bot.domain.outcries import says_thanks, weeps
from bot.domain.reading import (
    CERTAIN_NAME,
    CLEAR,
    LEAST,
    SURNAME,
    Finder,
    Reading,
    is_of_a_person,
    read_by_both,
)
from bot.domain.relatives import THEY, is_of_relatives
from bot.domain.strangers import FEW_WORDS, SURNAME_SHAPE, is_everyday, is_of_birth
from bot.domain.wording import Token

CHOICES = 3
_WHOLE_NAME = 0.97
_BESIDE_A_NAME = _BESIDE_A_CRY = 0.1
_PERSON_SHARE = 0.3
"""Beside a certain name an unsure topic still helps, as a button below the card: if it is asked at all."""
_PLAIN = 0.8
"""From this probability on two words with a given name in them are greetings or a cry, not a name."""
_NAME_WORDS = 4
_LONG_NUMBER = 9
"""Digits of a telephone or a card; a shorter number alone was meant for a list of choices."""
_PERHAPS_A_CRY = 0.03
"""From this probability on what is not surely a question is answered as if somebody might be in despair."""
_PERHAPS_A_CRY_IN_TALK = 0.2
"""The same where somebody only talks: of a thousand greetings and goodbyes twenty get a kind word, too."""
_PERHAPS_A_CRY_FOR_SOMEBODY = 0.1
_PERHAPS_A_CRY_TOO = 0.15
_PERHAPS_A_CRY_THAT_ASKS = 0.3
"""The same beside an article: of a hundred questions one or two get a kind word with it."""
_CHATTER = 0.3
"""From this probability on what is hardly about a topic is chatter: a menu in answer to "ok" is none."""
_INITIAL = re.compile(r"\b[^\W\d_](?=\.)")


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
    lacks: bool = False
    """Whether a whole name that we do not have stands in a question about a topic."""

    @property
    def score(self) -> float:
        """Return how probable the first topic is."""
        return self.topics[0][1] if self.topics else 0.0

    @property
    def bearer(self) -> tuple[int, ...]:
        """Return the number of whom a text names at least by a surname as it is listed, if anybody."""
        return tuple(one.number for one in self.match.candidates[:1] if one.score >= SURNAME)

    @property
    def may_be_about_it(self) -> bool:
        """Return whether the first topic is worth a button below calm words."""
        return self.score >= _BESIDE_A_CRY

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
    read = read_by_both(after_introduction(text, classifier), find, names, classifier, before)
    for hear in _IN_THIS_ORDER:
        if (kind := hear(read)) is not None:
            return _asked(kind, read, sure=True)
    return _asked(_unsure(read), read, sure=False)


def _asked(kind: Kind, read: Reading, *, sure: bool) -> Asked:
    """Return what is asked, and how surely that was understood."""
    unnamed = not (read.given or read.stranger) and (
        _asks_about_relatives(read)
        or not (sure or any(not is_everyday(word, read.classifier) for word in read.words))
    )
    perhaps = _PERHAPS_A_CRY_IN_TALK if kind is Kind.SMALLTALK else _PERHAPS_A_CRY
    if kind is Kind.NOBODY:
        perhaps = _PERHAPS_A_CRY_FOR_SOMEBODY
    elif kind is Kind.ARTICLE:
        perhaps = _PERHAPS_A_CRY_THAT_ASKS if read.asks_plainly else _PERHAPS_A_CRY_TOO
    return Asked(
        *(kind, read.topics, read.match),
        is_certain=read.is_certain or kind is not Kind.PERSON_AND_ARTICLE,
        may_be_a_cry=(kind is Kind.ARTICLE or not sure) and read.others[Kind.DISTRESS] >= perhaps,
        names_nobody=kind is Kind.NOBODY and unnamed,
        lacks=kind is Kind.ARTICLE and read.lacks,
    )


def _nothing(read: Reading) -> Kind | None:
    """Hear a text without a word, tears among them, or a number that was meant for a list of choices."""
    if not read.words and weeps(read.text):
        return Kind.DISTRESS
    number = read.text.strip(" .)№#")
    is_choice = number.isdecimal() and len(number) < _LONG_NUMBER
    return Kind.SMALLTALK if is_choice or not read.words else None


def _nothing_but_a_name(read: Reading) -> Kind | None:
    """Hear a name that we lack, or that fits several, with nothing beside it."""
    if read.is_certain or not (_is_whole_name(read) or _is_only_a_name(read)):
        return None
    return Kind.SEVERAL if read.named else Kind.NOBODY


def _nothing_but_a_relative(read: Reading) -> Kind | None:
    """Hear who asks about a relative whom they do not name."""
    return Kind.NOBODY if not read.named and _asks_about_relatives(read) else None


def _somebody_listed(read: Reading) -> Kind | None:
    """Hear a name that is certain, and a topic beside it."""
    if not read.is_certain:
        return None
    if read.match.decision is Decision.ONE:
        return Kind.PERSON_AND_ARTICLE if read.is_sure or _asks_too(read) else Kind.PERSON
    return Kind.PERSON_AND_ARTICLE if read.is_sure and _is_one_whole_name(read.match) else Kind.SEVERAL


def _topic_beside_a_surname(read: Reading) -> Kind | None:
    """Hear a topic beside a surname alone: who bears it is asked about, not taken for granted."""
    return Kind.PERSON_AND_ARTICLE if read.is_sure and read.named and _is_surname(read) else None


def _somebody_we_lack(read: Reading) -> Kind | None:
    """Hear a whole name that we lack, unless a topic is surely asked about beside it."""
    of_a_person = is_of_a_person(read.others[Kind.PERSON], read.topic)
    if not read.stranger or (read.is_sure and len(read.rest) > FEW_WORDS and not of_a_person):
        return None
    return Kind.SMALLTALK if _thanks(read) else Kind.NOBODY


def _topic(read: Reading) -> Kind | None:
    """Hear what is surely about a topic."""
    return Kind.ARTICLE if read.is_sure else None


def _somebody_unheard_of(read: Reading) -> Kind | None:
    """Hear who asks how somebody is, with a word that nobody asks with: it is the name."""
    return Kind.NOBODY if not read.named and _is_about_a_stranger(read) else None


_IN_THIS_ORDER: tuple[Callable[[Reading], Kind | None], ...] = (
    *(_nothing, outcry, gives_away, _nothing_but_a_name, _nothing_but_a_relative),
    *(report, cry, danger),
    *(_somebody_listed, _topic_beside_a_surname, _somebody_we_lack, _topic, _somebody_unheard_of),
)
"""What is heard before what: the first that hears something is believed. What none hears is unsure."""


def _unsure(read: Reading) -> Kind:
    """Say what is left for a text that is surely nothing."""
    others = read.others
    little_else = len(read.rest) <= FEW_WORDS and (read.named or bool(read.given))
    # "Password" alone gives nothing away.
    harmless = len(read.words) == 1 or only_asks(read)
    heard = [label for label in others if label != Kind.UNSAFE or not harmless]
    best = max(heard, key=lambda label: others[label])
    greets = read.named and best == Kind.SMALLTALK and read.match.candidates[0].score >= SURNAME
    if read.named and (little_else or greets or best == Kind.PERSON):
        return Kind.SEVERAL
    may_be_a_topic = best == Kind.OUT_OF_SCOPE or (best == Kind.PERSON and not _asks_how_they_are(read))
    if others[best] >= (FOREIGN if may_be_a_topic else CLEAR):
        return Kind.NOBODY if best == Kind.PERSON else NO_TOPIC[best]
    if little_else:
        return Kind.NOBODY
    if (heard_left := left_over(read)) is not None:
        return heard_left
    chats = others[Kind.SMALLTALK] >= max(_CHATTER, others[Kind.DISTRESS]) and read.topic < LEAST
    return Kind.SMALLTALK if chats else Kind.CHOICES


def _asks_too(read: Reading) -> bool:
    """Return whether what is left beside a name asks about a topic rather than how its bearer is."""
    foreign, person = read.others[Kind.OUT_OF_SCOPE], read.others[Kind.PERSON]
    about_nothing = foreign >= read.asking or person >= _PERSON_SHARE * read.asking
    return bool(read.rest) and read.topic >= _BESIDE_A_NAME and not about_nothing


def _is_one_whole_name(match: Match) -> bool:
    """Return whether one fits so well that in a sentence surely about a topic no other is meant."""
    first, *others = match.candidates
    return first.score >= _WHOLE_NAME and all(other.score < CERTAIN_NAME for other in others)


def _is_surname(read: Reading) -> bool:
    """Return whether words that nobody asks with are the surname of one listed person and of no other."""
    first, *others = read.match.candidates
    named = [word for word in read.words if word not in read.rest]
    alone = first.score >= SURNAME and all(other.score < SURNAME for other in others)
    return alone and bool(named) and all(_is_no_word(word, read.classifier) for word in named)


def _is_no_word(word: Token, classifier: Classifier) -> bool:
    """Return whether a word is a surname rather than a word: people ask also with those of the best known."""
    return SURNAME_SHAPE.search(word.spelled) is not None or not classifier.knows(word)


def _thanks(read: Reading) -> bool:
    """Return whether what stands beside a name only thanks its bearer."""
    return says_thanks(read.rest) and not read.asks and read.others[Kind.SMALLTALK] >= _PLAIN


def _is_written_as_a_name(text: str) -> bool:
    """Return whether each word is capitalised like a name: with a given name among them, it is no cry."""
    return all(word.istitle() for word in text.split())


def _asks_about_relatives(read: Reading) -> bool:
    """Return whether it is asked about a relative and nothing else, whatever was read before."""
    words = [word for word in read.rest if word.spelled not in read.given]
    if read.asks:
        return is_of_relatives(words, asked=True)
    return read.others[Kind.DISTRESS] < CLEAR and is_of_relatives(words)


def _asks_how_they_are(read: Reading) -> bool:
    """Return whether it is asked how somebody is who is only called "he", or whose relative they are."""
    return not read.named and any(word.spelled in THEY for word in read.words)


def _is_whole_name(read: Reading) -> bool:
    """Return whether a text is a whole name that we lack and nothing else."""
    return bool(read.stranger) and not read.rest


def _is_only_a_name(read: Reading) -> bool:
    """Return whether a text is a few words that nobody asks with, given names aside: a name that we lack."""
    words = [word for word in read.words if not (is_of_birth(word) or word.folded in LEANING)]
    said = max(read.topic, *(read.others[kind] for kind in (Kind.SMALLTALK, Kind.DISTRESS, Kind.UNSAFE)))
    plainly_said = said >= _PLAIN and not _is_written_as_a_name(read.text)
    if plainly_said or not 0 < len(words) <= _NAME_WORDS:
        return False
    if read.given and len(words) <= FEW_WORDS:
        return True
    initials = {letter.lower() for letter in _INITIAL.findall(read.text)}
    plain = [word for word in words if word.spelled not in read.given and word.spelled not in initials]
    if not plain or any(is_everyday(word, read.classifier) for word in plain):
        return False
    return bool(read.given) or len(plain) <= FEW_WORDS


def _is_about_a_stranger(read: Reading) -> bool:
    """Return whether a text asks how somebody is whom we lack: what is left without the name says so."""
    others = [word for word in read.words if word.spelled not in read.given]
    known = [word.spelled for word in others if is_everyday(word, read.classifier)]
    person = read.classifier.labels.index(Kind.PERSON)
    lacks = 0 < len(known) < len(others)
    return lacks and float(read.classifier.probabilities(" ".join(known))[person]) >= CLEAR
