"""Advising: topics by area, parts, what is past its review; who helps with what, where, in which language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

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
from bot.domain.articles import Area, Library, Part, any_of
from bot.domain.caution import Place
from bot.domain.directory import ANY_LANGUAGE, Directory, Need, State, Where
from bot.domain.people import Language
from bot.services.advising import Advising
from tests.builders import a_source, an_article, an_offer, an_organisation
from tests.conftest import TODAY

NEAR = an_organisation("near", an_offer(Need.LEGAL, Where.POLAND, "be", "pl"))
FAR = an_organisation("far", an_offer(Need.LEGAL, Where.ANYWHERE), an_offer(Need.MONEY, Where.ANYWHERE, "ru"))
GONE = an_organisation("gone", an_offer(Need.LEGAL, Where.POLAND, "be"), state=State.CLOSED)
HOME = an_organisation("home", an_offer(Need.LEGAL, Where.BELARUS, "ru"))
LIBRARY = Library(
    an_article(language, key, area=area, contacts=("near", "unknown"), related=("second", "nothing"))
    for key, area in (("first", Area.LEGAL), ("second", Area.LEGAL), ("third", Area.ABOUT))
    for language in Language
)


def advising(today: date = TODAY) -> Advising:
    return Advising(LIBRARY, Directory([FAR, NEAR, GONE, HOME]), lambda: today)


def keys(answer: Answer) -> list[str]:
    assert isinstance(answer, Helpers | TopicContacts)
    return [body.key for body in answer.organisations]


def test_an_area_lists_its_topics_in_their_order() -> None:
    answer = advising().area(Area.LEGAL, 0)

    assert isinstance(answer, AreaTopics)
    assert [any_of(topic).key for topic in answer.topics] == ["first", "second"]
    assert set(answer.topics[0]) == set(Language)


def test_a_topic_is_answered_until_the_day_of_its_review_and_not_after() -> None:
    last = an_article().review_by

    assert isinstance(advising(last).topic("first"), TopicAnswer)
    assert isinstance(advising(date.fromordinal(last.toordinal() + 1)).topic("first"), TopicExpired)


def test_past_its_review_no_part_is_left_either() -> None:
    late = advising(date(2028, 1, 1))

    for index in range(6):
        assert isinstance(late.part("first", index, warned=True), TopicExpired)


def test_a_part_is_found_by_its_place_and_one_that_is_gone_leads_to_the_answer() -> None:
    part = advising().part("first", 1, warned=False)

    assert isinstance(part, TopicPart)
    assert any_of(part.topic).sections[part.index].part is Part.BELARUS
    assert isinstance(advising().part("first", 9, warned=False), TopicAnswer)


def test_what_is_not_there_is_said_to_be_gone() -> None:
    advice = advising()

    for answer in (
        advice.topic("x"),
        advice.part("x", 0, warned=False),
        advice.sources("x", named=False),
        advice.contacts("x"),
        advice.related("x"),
        advice.organisation("x", named=False),
        advice.organisation_sources("x", named=False),
    ):
        assert isinstance(answer, NoLongerHere)


def test_sources_contacts_and_related_lead_on_and_pass_over_what_is_gone() -> None:
    related = advising().related("first")

    assert isinstance(advising().sources("first", named=True), TopicSources)
    assert keys(advising().contacts("first")) == ["near"]
    assert isinstance(related, TopicRelated)
    assert [any_of(topic).key for topic in related.topics] == ["second"]


def test_help_is_asked_for_in_three_steps_and_a_closed_body_is_never_offered() -> None:
    advice = advising()

    assert advice.needs() == ChooseNeed((Need.LEGAL, Need.MONEY))
    assert advice.where(Need.LEGAL) == ChooseWhere(Need.LEGAL, (Where.BELARUS, Where.POLAND, Where.ANYWHERE))
    assert advice.help_language(Need.LEGAL, Where.POLAND) == ChooseHelpLanguage(
        Need.LEGAL, Where.POLAND, ("be", "pl")
    )


@pytest.mark.parametrize(
    ("where", "language", "found"),
    [
        (Where.POLAND, ANY_LANGUAGE, ["near", "far"]),
        (Where.POLAND, "pl", ["near", "far"]),
        (Where.POLAND, "lt", ["far"]),
        (Where.BELARUS, ANY_LANGUAGE, ["home"]),
        (Where.ANYWHERE, ANY_LANGUAGE, ["far"]),
        (Where.GERMANY, "xx", ["far"]),
    ],
)
def test_who_helps_there_comes_before_who_helps_anywhere(
    where: Where, language: str, found: list[str]
) -> None:
    assert keys(advising().helpers(Need.LEGAL, where, language, 0)) == found


def test_an_organisation_can_be_asked_for_by_its_key() -> None:
    assert advising().organisation("near", named=True) == OrganisationCard(NEAR, named=True)


def test_belarus_can_be_chosen_for_every_need_and_an_empty_list_is_said_at_once() -> None:
    advice = advising()

    assert advice.where(Need.MONEY) == ChooseWhere(Need.MONEY, (Where.BELARUS, Where.ANYWHERE))
    assert advice.help_language(Need.MONEY, Where.BELARUS) == Helpers(
        Need.MONEY, Where.BELARUS, ANY_LANGUAGE, (), 0
    )


def test_the_pages_of_an_organisation_are_those_of_its_offers_too_each_once() -> None:
    offer = replace(an_offer(), sources=(a_source(url="https://offer.example"), a_source()))
    body = replace(an_organisation("paged", offer), sources=(a_source(), a_source()))
    answer = Advising(LIBRARY, Directory([body]), lambda: TODAY).organisation_sources("paged", named=False)

    assert answer == OrganisationSources(body, named=False)
    assert [page.url for page in body.pages()] == ["https://plain.example/page", "https://offer.example"]


def test_abroad_what_is_for_belarus_comes_after_what_is_not() -> None:
    article = an_article(parts=(Part.STEPS, Part.BELARUS, Part.HOME, Part.POLAND, Part.MORE, Part.SAFE))

    abroad = [article.sections[index].part for index in article.order_for(Place.ABROAD)]

    assert abroad == [Part.STEPS, Part.POLAND, Part.BELARUS, Part.HOME, Part.MORE, Part.SAFE]
    for place in (Place.BELARUS, Place.NOT_SAID):
        assert article.order_for(place) == [0, 1, 2, 3, 4, 5]
