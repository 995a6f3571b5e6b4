"""Again: the tap that shows an answer once more, so that almost every answer can be read in another view."""

from __future__ import annotations

from dataclasses import replace

from bot.chat.buttons import Ask, Button, Press, Screen
from bot.chat.directory_screens import PAST_WARNING
from bot.chat.plain_screens import VIEW_NAMES
from bot.chat.topic_screens import WARNED
from bot.domain import answers as q
from bot.domain.articles import any_of
from bot.domain.people import View


def with_other_views(screen: Screen, answer: q.Answer, view: View) -> Screen:
    """Return the screen with a row of other views above its last, where the answer can be repeated."""
    press = press_for(answer, view)
    if press is None:
        return screen
    row = tuple(
        Button(name, replace(press, view=other, switch=True))
        for other, name in VIEW_NAMES.items()
        if other is not view
    )
    return replace(screen, rows=(*screen.rows[:-1], row, *screen.rows[-1:]))


def press_for(answer: q.Answer, view: View) -> Press | None:  # noqa: C901  (a line for each answer)
    """Return the tap that leads to an answer; None for menus and for what only a text can ask again."""
    match answer:
        case q.PersonCard():
            return Press(Ask.CARD, view, str(answer.person.number))
        case q.PersonHistory():
            return Press(Ask.HISTORY, view, str(answer.person.number), answer.page)
        case q.PersonSources():
            ask = Ask.SOURCES_NAMED if answer.named else Ask.SOURCES
            return Press(ask, view, str(answer.person.number))
        case q.HowToReportError():
            return Press(Ask.REPORT, view, str(answer.person.number))
        case q.Citation():
            return Press(Ask.CITATION, view, str(answer.person.number))
        case q.Quarters():
            return Press(Ask.QUARTERS, view, "", answer.page)
        case q.ReleaseList():
            return Press(Ask.RELEASES, view, "", answer.page)
        case q.ReleaseDetail():
            return Press(Ask.RELEASE, view, answer.event.key, answer.page)
        case q.ReleaseSources():
            ask = Ask.RELEASE_SOURCES_NAMED if answer.named else Ask.RELEASE_SOURCES
            return Press(ask, view, answer.event.key)
        case q.Help():
            return Press(Ask.HELP, view)
        case q.Privacy():
            return Press(Ask.PRIVACY, view)
        case q.About():
            return Press(Ask.ABOUT, view)
        case _:
            return _press_for_advice(answer, view)


def _press_for_advice(answer: q.Answer, view: View) -> Press | None:
    match answer:
        case q.TopicAnswer() | q.TopicExpired():
            warned = isinstance(answer, q.TopicAnswer) and answer.warned
            return Press(Ask.TOPIC, view, any_of(answer.topic).key, WARNED * warned)
        case q.TopicPart():
            page = answer.index + WARNED * answer.warned
            return Press(Ask.TOPIC_PART, view, any_of(answer.topic).key, page)
        case q.TopicSources():
            ask = Ask.TOPIC_SOURCES_NAMED if answer.named else Ask.TOPIC_SOURCES
            return Press(ask, view, any_of(answer.topic).key, WARNED * answer.warned)
        case q.TopicContacts():
            return Press(Ask.TOPIC_CONTACTS, view, any_of(answer.topic).key, WARNED * answer.warned)
        case q.TopicRelated():
            return Press(Ask.TOPIC_RELATED, view, any_of(answer.topic).key, WARNED * answer.warned)
        case q.Helpers():
            return Press(Ask.HELPERS, view, f"{answer.need}-{answer.where}-{answer.language}", answer.page)
        case q.OrganisationSources():
            ask = Ask.ORGANISATION_SOURCES_NAMED if answer.named else Ask.ORGANISATION_SOURCES
            return Press(ask, view, answer.organisation.key, PAST_WARNING * answer.warned)
        case q.OrganisationCard():
            ask = Ask.ORGANISATION_NAMED if answer.named else Ask.ORGANISATION
            return Press(ask, view, answer.organisation.key)
        case _:
            return None
