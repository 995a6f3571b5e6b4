"""Screens that are about the bot itself: the first one, home, help, privacy, about."""

from __future__ import annotations

from bot import __version__
from bot.chat.buttons import Ask, Button, Press, Screen
from bot.chat.topic_screens import area_name
from bot.chat.voice import Voice, bold, escaped, may_be_named, screen, unlinked
from bot.domain.answers import About, Home
from bot.domain.articles import Area
from bot.domain.people import View

VIEW_NAMES = {View.BE: "Беларуская", View.RU: "Русский", View.EN: "English", View.LATIN: "Łacinka"}
"""Each language names itself: somebody who cannot read this screen finds their own."""

THEN_PLACE, THEN_SETTINGS = 0, 1
"""What follows the choice of a language, carried as the button's page."""


def welcome(voice: Voice, then: int = THEN_PLACE) -> Screen:
    """Ask which language, in all three."""
    lines = ["Выберыце мову", "Выберите язык", "Choose a language"]
    if voice.reader.view is View.LATIN:
        lines.pop(1)  # Russian in Belarusian Latin letters is no language
    rows: list[tuple[Button, ...]] = [
        (Button(name, Press(Ask.LANGUAGE, view, "", then)),) for view, name in VIEW_NAMES.items()
    ]
    return screen(lines, [*rows, voice.way_back(Ask.SETTINGS)] if then == THEN_SETTINGS else rows)


def home(answer: Home, voice: Voice) -> Screen:
    """Say what can be done here, and whether something went unread."""
    _ = voice.words.gettext
    missed = [_("Something came for you here and was deleted unread. It is in your list."), ""]
    lines = [
        *(missed if answer.missed else []),
        _("Write a name or a question in your own words."),
        _("We answer with what is published: status, date, source, and what is not known."),
        _("Or choose what to read about."),
    ]
    rows = [
        *(voice.button(area_name(area, voice.words), Ask.AREA, area) for area in Area),
        voice.button(_("Who helps"), Ask.NEEDS),
        voice.button(_("Who was freed"), Ask.QUARTERS),
        (*voice.button(_("My list"), Ask.FOLLOWING, "door"), *voice.button(_("Clear"), Ask.CLEAR)),
        (
            *voice.button(_("Settings"), Ask.SETTINGS),
            *voice.button(_("Privacy"), Ask.PRIVACY),
            *voice.button(_("Help"), Ask.HELP),
        ),
    ]
    return screen(lines, rows)


def help_(voice: Voice) -> Screen:
    """Say what can be typed."""
    _ = voice.words.gettext
    lines = [
        bold(_("Help")),
        "",
        _("Write a given name and a surname, or a question in your own words."),
        _("Belarusian, Russian and Latin letters all work."),
        _("/releases – who was freed, by quarter"),
        _("/contacts – who helps"),
        _("/following – your list"),
        _("/stop – stop everything"),
        _("/language – language"),
        _("/settings – language, place, how long messages stay"),
        _("/clear – delete the messages here now"),
        _("/forget – delete everything about you"),
        _("/privacy – what we know about you"),
        _("/about – who we are and where the facts come from"),
        "",
        _("Do not send names of people who are not public, addresses or documents."),
    ]
    return screen(lines, [voice.way_back()])


def privacy(voice: Voice) -> Screen:
    """Say what is kept, what others see, and who answers for it. True to the code of the day."""
    _ = voice.words.gettext
    lines = [
        bold(_("Privacy")),
        "",
        _("We keep one sealed record for this chat, and nothing else about you:"),
        _("the chat's number, your language and place, what you chose in the settings;"),
        _("whom and what you follow; names that we do not have only as codes;"),
        _("whether we asked about them and about being remembered on;"),
        _("numbers of messages to delete, of news you were sent, and the month in which you are forgotten."),
        _("If you follow nobody, it goes when the messages here are deleted, in 47 hours at most;"),
        _("after news you were sent, in 15 days, so that a correction can still reach you."),
        _("No name, no phone number and no text of yours is kept. /mydata shows it, /forget deletes it."),
        _("All records look alike, and no table says who follows whom: there is no list to hand over."),
        _("“Useful”, or a topic chosen from among several, adds one to that topic's count of the week."),
        _("Who tapped is not known."),
        _("The topic you read last stays in memory for ten minutes, on no disk."),
        "",
        _("Telegram is not us. It keeps this chat on its servers and can read it."),
        _("Whoever opens your phone can read it too, until it is deleted."),
        "",
        _("Responsible for the data: %(controller)s.") % {"controller": escaped(voice.controller)},
    ]
    return screen(lines, [voice.way_back()])


def about(answer: About, voice: Voice) -> Screen:
    """Say what this is, where its facts come from and what it cannot do."""
    _ = voice.words.gettext
    named = [publisher for publisher in answer.publishers if may_be_named(publisher, voice)]
    cited = _("Pages cited: %(pages)s.") % {"pages": voice.words.number(answer.pages)}
    if named:
        names = ", ".join(unlinked(publisher.name) for publisher in named)
        cited += " " + _("Among the publishers: %(names)s.") % {"names": names}
    lines = [
        bold(_("About this bot")),
        "",
        _("Volya answers what is published about Belarusian political prisoners."),
        _("Each status names the pages that carry it and the day of the report."),
        _("The facts come from public reports of rights groups, media and official bodies."),
        cited,
        _("We hold names, status, dates and sources. No charges, no health, no families, no addresses."),
        "",
        _("It cannot know what nobody has published, and it is not a lawyer."),
        _("Free software, licence AGPL-3.0. Version %(version)s.") % {"version": __version__},
    ]
    return screen(lines, [voice.way_back()])


def not_text(voice: Voice) -> Screen:
    """Say calmly that only text is read."""
    _ = voice.words.gettext
    return _one_sentence(_("I can read only text. Write a name, please."), voice)


def no_longer_here(voice: Voice) -> Screen:
    """Answer an old button whose record is gone."""
    _ = voice.words.gettext
    return _one_sentence(_("This button is old and its record is gone. Write the name again, please."), voice)


def try_again_later(voice: Voice) -> Screen:
    """Say that something broke on our side."""
    _ = voice.words.gettext
    return _one_sentence(_("Something broke on our side. Please try again in a few minutes."), voice)


def private_only(voice: Voice) -> Screen:
    """Say in a group where to talk; a group sees who asks."""
    _ = voice.words.gettext
    return Screen(_("I answer only in a private chat. Please write to me there."))


def _one_sentence(sentence: str, voice: Voice) -> Screen:
    _ = voice.words.gettext
    rows = [voice.button(_("Help"), Ask.HELP), voice.way_back()]
    return screen([sentence], rows)
