"""Screens for free text that is no name and not surely a topic: a question back, an honest no, calm."""

from __future__ import annotations

from bot.chat.buttons import Ask, Screen
from bot.chat.topic_screens import area_name, kind_word, topic_button
from bot.chat.voice import Voice, bold, screen
from bot.domain.answers import (
    DidYouMean,
    Distress,
    NameNeeded,
    NumberTyped,
    OutOfScope,
    SmallTalk,
    Talk,
    Understood,
)
from bot.domain.articles import Area
from bot.domain.directory import Need


def understood(answer: Understood, voice: Voice) -> Screen:
    """Say what is said of a question that is not surely about something."""
    if isinstance(answer, DidYouMean):
        return _did_you_mean(answer, voice)
    if isinstance(answer, Distress):
        return _distress(answer, voice)
    if isinstance(answer, NameNeeded | NumberTyped):
        return _name_needed(answer, voice) if isinstance(answer, NameNeeded) else _number_typed(voice)
    if isinstance(answer, SmallTalk):
        return _small_talk(answer, voice)
    return _out_of_scope(answer, voice) if isinstance(answer, OutOfScope) else _unsafe(voice)


def _did_you_mean(answer: DidYouMean, voice: Voice) -> Screen:
    _ = voice.words.gettext
    kind, help_ = kind_word(answer.help, voice)
    lines = [*kind, bold(_("Did you mean one of these?")), "", _("If none fits, write it in other words.")]
    rows = [topic_button(topic, voice, Ask.TOPIC_CHOSEN) for topic in answer.topics if topic != answer.help]
    return screen(lines, [*help_, *rows, voice.button(_("Who helps"), Ask.NEEDS), voice.way_back()])


def _out_of_scope(answer: OutOfScope, voice: Voice) -> Screen:
    _ = voice.words.gettext
    kind, help_ = kind_word(answer.help, voice)
    lines = [
        *kind,
        _("We have nothing about this."),
        _("Here is what we do write about. Or write it in other words."),
    ]
    rows = [voice.button(area_name(area, voice.words), Ask.AREA, area) for area in Area]
    return screen(lines, [*help_, *rows, voice.button(_("Who helps"), Ask.NEEDS), voice.way_back()])


def _small_talk(answer: SmallTalk, voice: Voice) -> Screen:
    _ = voice.words.gettext
    kind, help_ = kind_word(answer.help, voice)
    said = {
        Talk.PLAIN: [_("We are here."), _("Write a name or a question in your own words.")],
        Talk.THANKS: [_("You are welcome."), _("We are here.")],
        Talk.JOY: [_("We are glad together with you.")],
    }
    next_ = [topic_button(answer.next, voice)] if answer.next is not None else []
    rows = [*help_, *next_, voice.button(_("Help"), Ask.HELP), voice.way_back()]
    return screen([*kind, *said[answer.talk]], rows)


def _distress(answer: Distress, voice: Voice) -> Screen:
    """Calm first, in sentences; a choice of many buttons is no help to a shaking hand."""
    _ = voice.words.gettext
    first = [
        bold(_("It is good that you wrote.")),
        "",
        _("Breathe out slowly. Sit down. Drink some water."),
    ]
    lines = [
        *([bold(_("We are very sorry.")), ""] if answer.mourns else first),
        _("If you think of harming yourself, do not stay alone: wake somebody, call somebody near."),
        _("If life is in danger, call an ambulance."),
        "",
        # No line for adults in Belarus was found: only who is near is promised.
        _("This bot is a program: nobody reads this now. Tell one person near you how hard it is."),
    ]
    rows = [topic_button(answer.help, voice)] if answer.help is not None else []
    rows.append(voice.button(_("Who helps"), Ask.NEED, Need.PSYCHOLOGIST))
    if answer.named is not None:
        rows.append(voice.button(_("About this person"), Ask.CARD, str(answer.named.number)))
    elif answer.about is not None:
        rows.append(topic_button(answer.about, voice))
    return screen(lines, [*rows, voice.way_back()])


def _name_needed(answer: NameNeeded, voice: Voice) -> Screen:
    """Ask who is meant."""
    _ = voice.words.gettext
    kind, help_ = kind_word(answer.help, voice)
    lines = [*kind, _("We do not know yet whom you ask about."), _("Write the given name and the surname.")]
    return screen(lines, [*help_, voice.button(_("Who was freed"), Ask.QUARTERS), voice.way_back()])


def _number_typed(voice: Voice) -> Screen:
    """Say how to choose from a list."""
    _ = voice.words.gettext
    lines = [_("Tap a button below the list, or write the given name and the surname.")]
    return screen(lines, [voice.way_back()])


def _unsafe(voice: Voice) -> Screen:
    _ = voice.words.gettext
    lines = [
        bold(_("Please do not send such things here.")),
        "",
        _("Names, addresses, documents and reports about people can be read by whoever opens this chat."),
        _("We did not keep it and nobody was told. Delete it here now, also on your side."),
    ]
    return screen(lines, [voice.button(_("Clear"), Ask.CLEAR), voice.way_back()])
