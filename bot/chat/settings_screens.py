"""Screens of what a reader chooses: language, place, how long messages stay, hours without a sound."""

from __future__ import annotations

from bot.chat.buttons import Ask, Button, Screen
from bot.chat.plain_screens import VIEW_NAMES
from bot.chat.voice import Voice, bold, in_rows, screen
from bot.chat.words import Words
from bot.domain.alerts import DIGEST_HOUR
from bot.domain.answers import WhereAreYou
from bot.domain.caution import Place
from bot.domain.follower import USUAL_WIPE, ZONES, Flag, Quiet
from bot.domain.own_answers import SettingsScreen

WIPES = (10, 60, 4 * 60, 12 * 60, 24 * 60, 47 * 60)
"""The times offered, in minutes: Telegram lets a bot delete for 48 hours."""
QUIETS = (None, Quiet(22 * 60, 7 * 60), Quiet(23 * 60, 8 * 60), Quiet(0, 9 * 60), Quiet(21 * 60, 9 * 60))


def settings(answer: SettingsScreen, voice: Voice) -> Screen:
    """Say what is chosen, and let it be changed."""
    _ = voice.words.gettext
    record = answer.record
    place = {
        Place.BELARUS: _("in Belarus"),
        Place.ABROAD: _("abroad"),
        Place.NOT_SAID: _("not said, we answer as carefully as for Belarus"),
    }[voice.reader.place]
    digest, discreet = Flag.DIGEST in record.flags, Flag.DISCREET in record.flags
    lines = [
        bold(_("Settings")),
        "",
        _("Language: %(language)s") % {"language": VIEW_NAMES[voice.reader.view]},
        _("Where you are: %(place)s") % {"place": place},
        _("Messages here are deleted after: %(time)s") % {"time": lasting(record.wipe_minutes, voice.words)},
        _("Hours without a sound: %(hours)s") % {"hours": hours(record.quiet, voice.words)},
        _("By the clock of: %(city)s") % {"city": city(record.zone, voice.words)},
        "",
        _when(voice.words, digest=digest),
        _("Such a message names nobody: the name comes when you tap it.")
        if discreet
        else _("Such a message names people at once: a locked phone shows it."),
    ]
    rows = [
        (*voice.button(_("Language"), Ask.CHOOSE_LANGUAGE), *voice.button(_("Where I am"), Ask.CHOOSE_PLACE)),
        voice.button(_("How long messages stay"), Ask.WIPE),
        (*voice.button(_("Quiet hours"), Ask.QUIET), *voice.button(_("Clock"), Ask.ZONE)),
        voice.button(_("At once") if digest else _("Once a day"), Ask.DIGEST, "off" if digest else "on"),
        voice.button(
            _("Name people at once") if discreet else _("Name nobody before a tap"),
            Ask.DISCREET,
            "off" if discreet else "on",
        ),
        (*voice.button(_("My data"), Ask.MY_DATA), *voice.button(_("Forget me"), Ask.FORGET)),
        voice.way_back(),
    ]
    return screen(lines, rows)


def where_are_you(answer: WhereAreYou, voice: Voice) -> Screen:
    """Ask where the reader is, and why; skipping is the careful answer."""
    _ = voice.words.gettext
    lines = [
        bold(_("Where are you?")),
        "",
        _("In Belarus some links and names are dangerous on a phone. We leave them out if you are there."),
        _("You do not have to say. Then we answer as carefully as for Belarus."),
        "",
        *_what_stays(answer, voice.words),
    ]
    rows = [
        voice.button(_("In Belarus"), Ask.PLACE, Place.BELARUS),
        voice.button(_("Abroad"), Ask.PLACE, Place.ABROAD),
        voice.button(_("Rather not say"), Ask.PLACE, Place.NOT_SAID),
    ]
    return screen(lines, rows)


def _what_stays(answer: WhereAreYou, words: Words) -> list[str]:
    """Say how long messages stay, and whether what is known of the reader goes with them."""
    _ = words.gettext
    if not answer.stays and answer.wipe_minutes == USUAL_WIPE:
        return [_("Messages here, yours too, are deleted after 12 hours, and with them what we know of you.")]
    return [
        _("Messages here are deleted after: %(time)s") % {"time": lasting(answer.wipe_minutes, words)},
        _("What we know of you stays, since you follow or were sent news. /mydata shows it.")
        if answer.stays
        else _("With them goes what we know of you."),
    ]


def _when(words: Words, *, digest: bool) -> str:
    """Say when news comes."""
    _, hour = words.gettext, f"{DIGEST_HOUR}:00"
    if digest:
        said = _("All news comes once a day, at %(hour)s.") % {"hour": hour}
        return f"{said} {only_a_correction(words)}"
    said = _("A release is told at once, other news at %(hour)s and without a sound.")
    return said % {"hour": hour}


def only_a_correction(words: Words) -> str:
    """Say what comes whatever a reader put off: who was told wrongly must not go on believing it."""
    _ = words.gettext
    return _("Only a correction of what you were told comes at once, and with it what waits.")


def wipe(voice: Voice) -> Screen:
    """Ask after how long messages are deleted."""
    _ = voice.words.gettext
    lines = [
        bold(_("How long messages stay")),
        "",
        _("After this time we delete every message here, ours and yours, from both sides."),
        _("What you opened is deleted counting from your tap."),
    ]
    buttons = [
        Button(lasting(minutes, voice.words), voice.press(Ask.WIPE, str(minutes))) for minutes in WIPES
    ]
    return screen(lines, [*in_rows(buttons), voice.way_back(Ask.SETTINGS)])


def quiet(voice: Voice) -> Screen:
    """Ask for the hours without a sound."""
    _ = voice.words.gettext
    said = _("In these hours no news is sent: it comes after them.")
    lines = [bold(_("Quiet hours")), "", f"{said} {only_a_correction(voice.words)}"]
    rows = [
        voice.button(hours(span, voice.words), Ask.QUIET, f"{span.start}-{span.end}" if span else "none")
        for span in QUIETS
    ]
    return screen(lines, [*rows, voice.way_back(Ask.SETTINGS)])


def zone(voice: Voice) -> Screen:
    """Ask by whose clock."""
    _ = voice.words.gettext
    lines = [bold(_("Clock")), "", _("By the clock of which city?")]
    buttons = [
        Button(city(name, voice.words), voice.press(Ask.ZONE, str(number)))
        for number, name in enumerate(ZONES)
    ]
    return screen(lines, [*in_rows(buttons), voice.way_back(Ask.SETTINGS)])


def lasting(minutes: int, words: Words) -> str:
    """Return a span of time in words."""
    if minutes < 60:
        return words.ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    whole = minutes // 60
    return words.ngettext("%(count)s hour", "%(count)s hours", whole) % {"count": whole}


def hours(span: Quiet | None, words: Words) -> str:
    """Return hours without a sound: `22:00–7:00`, or none."""
    _ = words.gettext
    if span is None:
        return _("none")
    return f"{span.start // 60}:{span.start % 60:02}–{span.end // 60}:{span.end % 60:02}"


def city(zone: str, words: Words) -> str:
    """Return the city a zone is named after."""
    _ = words.gettext
    return {
        "UTC": _("UTC"),
        "Europe/Minsk": _("Minsk"),
        "Europe/Warsaw": _("Warsaw"),
        "Europe/Vilnius": _("Vilnius"),
        "Europe/Riga": _("Riga"),
        "Europe/Tallinn": _("Tallinn"),
        "Europe/Kyiv": _("Kyiv"),
        "Europe/Berlin": _("Berlin"),
        "Europe/Prague": _("Prague"),
        "Europe/London": _("London"),
        "Europe/Paris": _("Paris"),
        "Europe/Moscow": _("Moscow"),
        "Europe/Istanbul": _("Istanbul"),
        "Asia/Tbilisi": _("Tbilisi"),
        "Asia/Jerusalem": _("Jerusalem"),
        "America/New_York": _("New York"),
        "America/Los_Angeles": _("Los Angeles"),
    }[zone]
