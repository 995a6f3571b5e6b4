"""Advising: what to do and who helps, as an Answer. Articles and the directory, both read once at start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.domain.answers import (
    Answer,
    AreaTopics,
    ChooseHelpLanguage,
    ChooseNeed,
    ChooseWhere,
    Helpers,
    NoLongerHere,
    OrganisationCard,
    OrganisationSources,
    TopicAnswer,
    TopicContacts,
    TopicExpired,
    TopicPart,
    TopicRelated,
    TopicSources,
)
from bot.domain.articles import Area, Library, Topic, any_of
from bot.domain.directory import ANY_LANGUAGE, Directory, Need, Where


class Advising:
    """Answers from the articles and the directory. Nothing here waits for anything."""

    def __init__(self, library: Library, directory: Directory, today: Callable[[], date]) -> None:
        """Hold what is known; `today` decides which articles are past their review."""
        self._library = library
        self._directory = directory
        self._today = today

    def area(self, area: Area, page: int) -> Answer:
        """Answer with the topics of an area."""
        return AreaTopics(area, tuple(self._library.in_area(area)), page)

    def find(self, key: str) -> Topic | None:
        """Return a topic, whether or not it is past its review."""
        return self._library.topic(key)

    def topic(self, key: str, *, warned: bool = False, counted: bool = False) -> Answer:
        """Answer with the first screen of a topic."""
        topic = self._library.topic(key)
        if topic is None:
            return NoLongerHere()
        if any_of(topic).is_expired(self._today()):
            return TopicExpired(topic)
        return TopicAnswer(topic, warned, counted)

    def part(self, key: str, index: int, *, warned: bool) -> Answer:
        """Answer with one part of a topic; a part that is gone is answered with the first screen."""
        found = self.topic(key, warned=warned)
        if not isinstance(found, TopicAnswer) or index >= len(any_of(found.topic).sections):
            return found
        return TopicPart(found.topic, index, warned)

    def sources(self, key: str, *, named: bool, warned: bool = False) -> Answer:
        """Answer with the pages a topic rests on; of an expired one too: they say who may know more."""
        topic = self._library.topic(key)
        return TopicSources(topic, named, warned) if topic else NoLongerHere()

    def contacts(self, key: str, *, warned: bool = False) -> Answer:
        """Answer with the organisations that help with exactly this."""
        topic = self._library.topic(key)
        if topic is None:
            return NoLongerHere()
        found = [self._directory.organisation(contact) for contact in any_of(topic).contacts]
        return TopicContacts(topic, tuple(body for body in found if body is not None), warned)

    def related(self, key: str, *, warned: bool = False) -> Answer:
        """Answer with what to read next."""
        topic = self._library.topic(key)
        if topic is None:
            return NoLongerHere()
        return TopicRelated(topic, tuple(self._library.related_to(topic)), warned)

    def needs(self) -> Answer:
        """Ask what help is needed."""
        return ChooseNeed(tuple(self._directory.needs()))

    def where(self, need: Need) -> Answer:
        """Ask where it is needed. Belarus can always be chosen: that nothing is known there is an answer."""
        places = {Where.BELARUS, *self._directory.places(need)}
        return ChooseWhere(need, tuple(place for place in Where if place in places))

    def help_language(self, need: Need, where: Where) -> Answer:
        """Ask in which language, unless nobody helps there in any."""
        if not self._directory.who_helps(need, where):
            return self.helpers(need, where, ANY_LANGUAGE, 0)
        return ChooseHelpLanguage(need, where, tuple(self._directory.languages(need, where)))

    def helpers(self, need: Need, where: Where, language: str, page: int) -> Answer:
        """Answer with who helps."""
        found = self._directory.who_helps(need, where, language)
        return Helpers(need, where, language, tuple(found), page)

    def organisation(self, key: str, *, named: bool) -> Answer:
        """Answer with one organisation."""
        organisation = self._directory.organisation(key)
        return OrganisationCard(organisation, named) if organisation else NoLongerHere()

    def organisation_sources(self, key: str, *, named: bool, warned: bool = False) -> Answer:
        """Answer with the pages that one organisation's card rests on."""
        organisation = self._directory.organisation(key)
        return OrganisationSources(organisation, named, warned) if organisation else NoLongerHere()
