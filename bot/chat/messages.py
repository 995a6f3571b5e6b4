"""Answer -> one screen of text and buttons in the reader's language."""

from __future__ import annotations

from typing import assert_never

from bot.chat import (
    alert_screens,
    directory_screens,
    following_screens,
    person_screens,
    plain_screens,
    question_screens,
    release_screens,
    settings_screens,
    topic_screens,
)
from bot.chat.buttons import Screen
from bot.chat.voice import Voice
from bot.domain import answers as q
from bot.domain import own_answers as mine


def say(answer: q.Answer, voice: Voice) -> Screen:  # noqa: C901  (one line for each answer there is)
    """Return the screen for an answer; mypy proves that none of the closed set is forgotten."""
    match answer:
        case q.PersonCard():
            return person_screens.card(answer, voice)
        case q.PersonHistory():
            return person_screens.history(answer, voice)
        case q.PersonSources():
            return person_screens.sources(answer, voice)
        case q.HowToReportError():
            return person_screens.report(answer, voice)
        case q.Citation():
            return person_screens.citation(answer, voice)
        case q.SeveralFound():
            return person_screens.several(answer, voice)
        case q.SurnameNeeded():
            return person_screens.surname_needed(voice)
        case q.NobodyFound():
            return person_screens.nobody(answer, voice)
        case q.Quarters():
            return release_screens.quarters(answer, voice)
        case q.ReleaseList():
            return release_screens.releases(answer, voice)
        case q.ReleaseDetail():
            return release_screens.release(answer, voice)
        case q.ReleaseSources():
            return release_screens.sources(answer, voice)
        case q.Welcome():
            return plain_screens.welcome(voice)
        case q.ChangeLanguage():
            return plain_screens.welcome(voice, plain_screens.THEN_SETTINGS)
        case q.WhereAreYou():
            return settings_screens.where_are_you(answer, voice)
        case q.Home():
            return plain_screens.home(answer, voice)
        case q.Help():
            return plain_screens.help_(voice)
        case q.Privacy():
            return plain_screens.privacy(voice)
        case q.About():
            return plain_screens.about(answer, voice)
        case q.NotText():
            return plain_screens.not_text(voice)
        case q.PrivateOnly():
            return plain_screens.private_only(voice)
        case q.NoLongerHere():
            return plain_screens.no_longer_here(voice)
        case q.TryAgainLater():
            return plain_screens.try_again_later(voice)
        case q.DidYouMean() | q.OutOfScope() | q.SmallTalk() | q.Distress() | q.UnsafeSent():
            return question_screens.understood(answer, voice)
        case q.NameNeeded() | q.NumberTyped():
            return question_screens.understood(answer, voice)
        case _:
            return _own(answer, voice)


def _own(answer: mine.Own | q.Advice, voice: Voice) -> Screen:  # noqa: C901  (as above)
    match answer:
        case mine.SettingsScreen():
            return settings_screens.settings(answer, voice)
        case mine.ChooseWipe():
            return settings_screens.wipe(voice)
        case mine.ChooseQuiet():
            return settings_screens.quiet(voice)
        case mine.ChooseZone():
            return settings_screens.zone(voice)
        case mine.Consent():
            return following_screens.consent(answer, voice)
        case mine.NoRoom():
            return following_screens.no_room(voice)
        case mine.FollowingDoor():
            return following_screens.door(answer, voice)
        case mine.Follows():
            return following_screens.follows(answer, voice)
        case mine.Subjects():
            return following_screens.subjects(answer, voice)
        case mine.MyData():
            return following_screens.my_data(answer, voice)
        case mine.Stopped():
            return following_screens.stopped(voice)
        case mine.News():
            return alert_screens.news(answer, voice)
        case mine.NameMet():
            return following_screens.name_met(answer, voice)
        case mine.Staying():
            return following_screens.staying(voice)
        case mine.ForgetMe():
            return following_screens.forget_me(voice)
        case mine.Forgotten():
            return following_screens.forgotten(voice)
        case mine.Cleared():
            return following_screens.cleared(voice)
        case mine.Kept():
            return following_screens.kept(voice)
        case mine.PersonalSent():
            return following_screens.personal_sent(voice)
        case _:
            return _advice(answer, voice)


def _advice(answer: q.Advice, voice: Voice) -> Screen:  # noqa: C901  (as above)
    match answer:
        case q.AreaTopics():
            return topic_screens.area(answer, voice)
        case q.TopicAnswer():
            return topic_screens.answer(answer, voice)
        case q.TopicExpired():
            return topic_screens.expired(answer, voice)
        case q.TopicPart():
            return topic_screens.part(answer, voice)
        case q.TopicSources():
            return topic_screens.sources(answer, voice)
        case q.TopicContacts():
            return topic_screens.contacts(answer, voice)
        case q.TopicRelated():
            return topic_screens.related(answer, voice)
        case q.ChooseNeed():
            return directory_screens.needs(answer, voice)
        case q.ChooseWhere():
            return directory_screens.where(answer, voice)
        case q.ChooseHelpLanguage():
            return directory_screens.language(answer, voice)
        case q.Helpers():
            return directory_screens.helpers(answer, voice)
        case q.OrganisationCard():
            return directory_screens.organisation(answer, voice)
        case q.OrganisationSources():
            return directory_screens.sources(answer, voice)
    assert_never(answer)
