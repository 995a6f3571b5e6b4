"""Understanding: free text as an Answer, by the names of the registry and the topics of the articles."""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.domain.answers import (
    Answer,
    DidYouMean,
    Distress,
    NameNeeded,
    NobodyFound,
    NumberTyped,
    OutOfScope,
    PersonCard,
    SmallTalk,
    SurnameNeeded,
    Talk,
    TopicAnswer,
    UnsafeSent,
)
from bot.domain.articles import Topic, any_of
from bot.domain.classifier import Classifier
from bot.domain.kinds import Kind
from bot.domain.outcries import is_joy, mourns, says_thanks
from bot.domain.questions import Asked, understand
from bot.domain.strangers import lacks_surname, name_in
from bot.domain.wording import tokens
from bot.services.advising import Advising
from bot.services.answering import Answering

REMEMBERED_SECONDS = 600.0
MOST_REMEMBERED = 10_000
CLEAR_TOPIC = 0.4
"""Below this an article is right seven times in ten: what else may be meant stands beside it."""
RIVAL = 3
"""A second topic at least a third as probable as the first stands beside it, too."""
IN_DISTRESS = "psychological-help"
AFTER_RELEASE = "first-72-hours"


class Understanding:
    """Answers whatever is written. The last topic of a chat is known for ten minutes, in memory only.

    It is kept under a digest of the chat's number with a key of this process: nothing of it is on any
    disk, and whoever reads the memory of the process sooner finds the key beside it.
    """

    def __init__(
        self,
        answering: Answering,
        advising: Advising,
        classifier: Classifier,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Hold what answers; `clock` gives seconds."""
        self._answering, self._advising, self._classifier = answering, advising, classifier
        self._clock = clock
        self._key = os.urandom(32)
        self._last: dict[bytes, tuple[float, str]] = {}

    async def answer(self, chat: int, text: str) -> Answer:
        """Answer a text. Raises DatabaseUnavailableError."""
        names, before = self._answering.names_of, self._before(chat)
        asked = understand(text, self._answering.match, names, self._classifier, before)
        answer = await self._answer(asked, text)
        if isinstance(answer, TopicAnswer):
            self.read(chat, any_of(answer.topic).key)
        return answer

    def name_in(self, text: str) -> str:
        """Return the words of a text that may be the name of somebody we lack."""
        return name_in(text, self._classifier)

    def read(self, chat: int, topic: str) -> None:
        """Remember which topic a chat has just read."""
        self.forget_old()
        digest = self._digest(chat)
        if digest in self._last or len(self._last) < MOST_REMEMBERED:
            self._last[digest] = self._clock() + REMEMBERED_SECONDS, topic

    def forget_old(self) -> None:
        """Forget the topics whose ten minutes are over."""
        now = self._clock()
        for digest in [digest for digest, (until, _) in self._last.items() if until <= now]:
            del self._last[digest]

    def forget(self, chat: int) -> None:
        """Forget which topic a chat has read."""
        self._last.pop(self._digest(chat), None)

    async def _answer(self, asked: Asked, text: str) -> Answer:
        if asked.kind is Kind.PERSON or (asked.kind is Kind.PERSON_AND_ARTICLE and asked.is_certain):
            card = await self._answering.card(asked.match.numbers[0])
            also = self._topic(asked.choices[0]) if asked.kind is Kind.PERSON_AND_ARTICLE else None
            return replace(card, also=also) if isinstance(card, PersonCard) else card
        if asked.kind is Kind.SEVERAL:
            return await self._answering.found(text, asked.match)
        if asked.kind in {Kind.ARTICLE, Kind.PERSON_AND_ARTICLE}:
            return await self._about_topic(asked)
        if asked.kind is Kind.CHOICES:
            return DidYouMean(self._topics(asked.choices), self._help(asked))
        if asked.kind is Kind.OUT_OF_SCOPE:
            return OutOfScope(self._help(asked))
        if asked.kind is Kind.DISTRESS:
            return await self._calm(asked, mourns=mourns(tokens(text)))
        return self._without_topic(asked, text)

    async def _calm(self, asked: Asked, *, mourns: bool) -> Answer:
        """Answer a cry; what it may ask about besides is one tap away."""
        people = await self._answering.people(asked.bearer)
        about = self._topic(asked.choices[0]) if asked.may_be_about_it else None
        help_ = self._topic(IN_DISTRESS)
        return Distress(help_, None if about == help_ else about, next(iter(people), None), mourns)

    async def _about_topic(self, asked: Asked) -> Answer:
        """Answer with the article; beside it whom the text may name, or else what it may mean instead."""
        answer = self._advising.topic(asked.choices[0])
        if not isinstance(answer, TopicAnswer):
            return answer
        if asked.kind is Kind.PERSON_AND_ARTICLE:
            people = await self._answering.people(asked.match.numbers[:1])
            return replace(answer, named=next(iter(people), None))
        help_ = self._help(asked)
        answer = replace(answer, lacks=asked.lacks, help=None if help_ == answer.topic else help_)
        unclear = asked.score < CLEAR_TOPIC or asked.topics[1][1] * RIVAL >= asked.score
        return replace(answer, instead=self._topics(asked.choices[1:])) if unclear else answer

    def _topics(self, keys: Iterable[str]) -> tuple[Topic, ...]:
        found = [self._topic(key) for key in keys]
        return tuple(topic for topic in found if topic is not None)

    def _without_topic(self, asked: Asked, text: str) -> Answer:
        if asked.kind is Kind.NOBODY:
            if asked.names_nobody:
                return NameNeeded(self._help(asked))
            return SurnameNeeded() if lacks_surname(text, self._classifier) else NobodyFound()
        if asked.kind is Kind.UNSAFE:
            return UnsafeSent()
        if text.strip(" .)№#").isdecimal():
            return NumberTyped()
        words = tokens(text)
        if is_joy(text, words):
            return SmallTalk(self._help(asked), Talk.JOY, self._topic(AFTER_RELEASE))
        return SmallTalk(self._help(asked), Talk.THANKS if says_thanks(words) else Talk.PLAIN)

    def _help(self, asked: Asked) -> Topic | None:
        return self._topic(IN_DISTRESS) if asked.may_be_a_cry else None

    def _topic(self, key: str) -> Topic | None:
        answer = self._advising.topic(key)
        return answer.topic if isinstance(answer, TopicAnswer) else None

    def _before(self, chat: int) -> str:
        until, key = self._last.get(self._digest(chat), (0.0, ""))
        topic = self._topic(key) if until > self._clock() else None
        return any_of(topic).title if topic else ""

    def _digest(self, chat: int) -> bytes:
        return hmac.digest(self._key, chat.to_bytes(8, signed=True), "sha256")
