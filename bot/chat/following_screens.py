"""Screens of following: consent, the list, subjects, what is kept of a reader, and being forgotten."""

from __future__ import annotations

from dataclasses import replace

from bot.chat.buttons import Ask, Button, Screen
from bot.chat.settings_screens import city, hours, lasting, only_a_correction
from bot.chat.voice import Voice, bold, in_rows, paged, screen, shown, unlinked
from bot.chat.words import Words
from bot.domain.caution import Place
from bot.domain.follower import Flag, Record
from bot.domain.own_answers import Consent, FollowingDoor, Follows, MyData, NameMet, Subjects
from bot.domain.people import Person, When
from bot.domain.subjects import Subject, Wish

PAGE, NAMES_IN_A_ROW = 5, 3


def consent(answer: Consent, voice: Voice) -> Screen:
    """Say what following means, before anybody is remembered for it."""
    _ = voice.words.gettext
    lines = [
        bold(_("Before you choose")),
        "",
        _("To write to you we must remember this chat. Its record is sealed, and all records look alike."),
        _("Without the keys nobody can list who follows whom; the keys lie apart from the records."),
        "",
        _("We cannot hide this chat from Telegram, or from whoever opens your phone."),
        _("Can your phone be checked? Then let somebody you trust abroad follow for you."),
        "",
        _("You can be forgotten at any time: /forget. Six months without a tap, and we forget you."),
        _("When there is news, we write to you here, without the name: it comes when you tap."),
    ]
    rows = [voice.button(_("I understand, go on"), Ask.AGREE, answer.wish.code), voice.way_back()]
    return screen(lines, rows)


def no_room(voice: Voice) -> Screen:
    """Say that there is no room for one more."""
    _ = voice.words.gettext
    lines = [_("There is no room for more. Take something off the list first, or follow all releases.")]
    rows = [voice.button(_("My list"), Ask.FOLLOWING), voice.button(_("Subjects"), Ask.SUBJECTS)]
    return screen(lines, [*rows, voice.way_back()])


def door(answer: FollowingDoor, voice: Voice) -> Screen:
    """Stand before the list: it opens with one tap more."""
    _ = voice.words.gettext
    noted = [_("Noted, without the name itself. If it appears here, we will ask you."), ""]
    lines = [
        *(noted if answer.noted else []),
        _("Open your list only where nobody looks over your shoulder."),
        _("To stop everything at once, write /stop."),
    ]
    return screen(lines, [voice.button(_("Open"), Ask.FOLLOWING), voice.way_back()])


def follows(answer: Follows, voice: Voice) -> Screen:
    """List whom and what a reader follows."""
    _ = voice.words.gettext
    record, words = answer.record, voice.words
    paused = Flag.PAUSED in record.flags
    page = paged(answer.people, answer.page, PAGE)
    lines = [bold(_("My list")), ""]
    rows: list[tuple[Button, ...]] = []
    for place, person in enumerate(page.items, start=page.first + 1):
        lines.append(f"{place}. {unlinked(shown(person, words))}")
        number = {"number": place}
        rows.append(
            (
                *voice.button(_("Open %(number)s") % number, Ask.CARD, str(person.number)),
                *voice.button(_("Unfollow %(number)s") % number, Ask.UNFOLLOW, Wish(person.number).code),
            )
        )
    lines += [subject_name(subject, words) for subject in Subject if subject in record.topics]
    if record.unknown_names and not page.number:
        lines.append(_names_without_record(record, words))
        rows += _take_off_names(record, voice)
    if not record.follows:
        lines.append(_("Nothing is here yet."))
    elif paused:
        lines += ["", _("It rests: news waits until you go on."), only_a_correction(words)]
        # Silence would lose the list: who rests is asked like anybody else.
        lines.append(_("Before we forget you, we ask."))
    if page.has_more:
        rows.append(voice.button(_("More"), Ask.FOLLOWING, "", page.number + 1))
    rows.append(voice.button(_("Subjects"), Ask.SUBJECTS))
    if record.follows:
        pause = voice.button(_("Go on") if paused else _("Pause"), Ask.PAUSE, "off" if paused else "on")
        rows.append((*pause, *voice.button(_("Stop everything"), Ask.STOP)))
    back = voice.way_back(Ask.FOLLOWING, "", page.number - 1) if page.number else voice.way_back()
    return replace(screen(lines, [*rows, back]), protected=True)


def _take_off_names(record: Record, voice: Voice) -> list[tuple[Button, ...]]:
    _ = voice.words.gettext
    buttons = [
        Button(
            _("Drop name %(number)s") % {"number": place},
            voice.press(Ask.UNFOLLOW, Wish(name=digest).code),
        )
        for place, digest in enumerate(sorted(record.unknown_names), start=1)
    ]
    return in_rows(buttons, NAMES_IN_A_ROW)


def _names_without_record(record: Record, words: Words) -> str:
    count = len(record.unknown_names)
    return words.ngettext(
        "%(count)s name that we do not have yet", "%(count)s names that we do not have yet", count
    ) % {"count": count}


def subject_name(subject: Subject, words: Words) -> str:
    """Return what a subject is called."""
    _ = words.gettext
    return {
        Subject.ALL_RELEASES: _("All releases"),
        Subject.GROUP_RELEASES: _("Releases of groups"),
        Subject.SANCTIONS_AND_TALKS: _("Sanctions and talks"),
        Subject.LEGAL_NEWS: _("News of law"),
        Subject.AFTER_RELEASE_NEWS: _("News for after a release"),
    }[subject]


def subjects(answer: Subjects, voice: Voice) -> Screen:
    """Offer what can be followed besides people."""
    _ = voice.words.gettext
    lines = [bold(_("Subjects")), "", _("What else would you like to hear of? A tap changes it.")]
    rows = []
    for subject in Subject:
        name, code = subject_name(subject, voice.words), Wish(subject=subject).code
        if subject in answer.record.topics:
            rows.append(voice.button(_("Chosen: %(subject)s") % {"subject": name}, Ask.UNFOLLOW, code))
        else:
            rows.append(voice.button(name, Ask.FOLLOW, code))
    return replace(screen(lines, [*rows, voice.way_back(Ask.FOLLOWING)]), protected=True)


def my_data(answer: MyData, voice: Voice) -> Screen:
    """Say all that is kept of a reader: each field of the record has its line here."""
    _ = voice.words.gettext
    lines = [bold(_("My data")), "", _("This is all that we keep about you:"), ""]
    lines += [f"– {line}" for line in _kept(answer, voice)]
    rows = [voice.button(_("Forget me"), Ask.FORGET), voice.way_back(Ask.SETTINGS)]
    return replace(screen(lines, rows), protected=True)


def _kept(answer: MyData, voice: Voice) -> list[str]:
    _ = voice.words.gettext
    record, words = answer.record, voice.words
    on, off = _("on"), _("off")
    place = {Place.BELARUS: _("in Belarus"), Place.ABROAD: _("abroad"), Place.NOT_SAID: _("not said")}
    switched = {flag: on if flag in record.flags else off for flag in Flag}
    return [
        _("the number of this chat: %(number)s") % {"number": record.chat},
        _("language: %(language)s") % {"language": record.view.value},
        _("where you are: %(place)s") % {"place": place[record.place]},
        _("agreed to be remembered: %(switch)s") % {"switch": switched[Flag.CONSENTED]},
        _("name nobody before a tap: %(switch)s; once a day: %(digest)s; paused: %(paused)s")
        % {
            "switch": switched[Flag.DISCREET],
            "digest": switched[Flag.DIGEST],
            "paused": switched[Flag.PAUSED],
        },
        _("hours without a sound: %(hours)s, %(city)s")
        % {"hours": hours(record.quiet, words), "city": city(record.zone, words)},
        _("messages are deleted after: %(time)s") % {"time": lasting(record.wipe_minutes, words)},
        _("forgotten after: %(month)s") % {"month": _month(record, words)},
        _("people: %(names)s") % {"names": _names(record, answer.people, words)},
        _("subjects: %(names)s")
        % {"names": ", ".join(subject_name(s, words) for s in Subject if s in record.topics) or "–"},
        _("names that we do not have, as codes: %(number)s") % {"number": len(record.unknown_names)},
        _("of them asked about: %(number)s") % {"number": len(record.names_asked)},
        _("numbers of messages to delete: %(number)s; the last number known: %(last)s")
        % {"number": len(record.wipes), "last": record.latest},
        _("news you were sent, kept for 14 days so that a correction finds you: %(number)s")
        % {"number": len({told.publication for told in record.told})},
        _("numbers of the newest of them: %(last)s, %(digest)s")
        % {"last": record.alert_seen, "digest": record.digest_seen},
        _("a message on its way: %(switch)s; cut off before: %(times)s")
        % {
            "switch": on if record.in_flight or Flag.ANSWERING in record.flags else off,
            "times": record.in_flight.attempts if record.in_flight else 0,
        },
        _("asked whether to be remembered on: %(switch)s") % {"switch": switched[Flag.RENEWAL_ASKED]},
        _("something came and went unread: %(switch)s") % {"switch": switched[Flag.MISSED]},
        _("words by which you know us: %(number)s") % {"number": len(record.words)},
    ]


def _month(record: Record, words: Words) -> str:
    if not record.expires:
        return words.gettext("when the messages here are deleted")
    year, month = divmod(record.expires, 12)
    return words.full_date(When.parse(f"{year:04}-{month + 1:02}"))


def _names(record: Record, people: tuple[Person, ...], words: Words) -> str:
    """Return the names as far as a message has room for them."""
    names = [unlinked(shown(person, words)) for person in people[:40]]
    if len(record.people) > len(names):
        names.append(words.gettext("and others: %(number)s") % {"number": len(record.people) - len(names)})
    return ", ".join(names) or "–"


def name_met(answer: NameMet, voice: Voice) -> Screen:
    """Ask whether one of these people was meant; only a tap makes it so."""
    _ = voice.words.gettext
    if not answer.people:
        return screen([_("There is no such record any more.")], [voice.way_back()])
    lines = [bold(_("Is this who you meant?")), ""]
    rows = []
    for place, person in enumerate(answer.people, start=1):
        lines.append(f"{place}. {unlinked(shown(person, voice.words))}")
        number = {"number": place}
        meant = f"{Wish(person.number).code}-{answer.name.code}"
        rows.append(voice.button(_("Yes, follow %(number)s") % number, Ask.MEANT, meant))
    lines += ["", _("It may be another person of the same name. This is not news of a release.")]
    rows.append(voice.button(_("No, drop this name"), Ask.UNFOLLOW, answer.name.code))
    return replace(screen(lines, [*rows, voice.way_back()]), protected=True)


def staying(voice: Voice) -> Screen:
    """Say that everything stays."""
    _ = voice.words.gettext
    return screen([_("Good. Everything stays as you set it.")], [voice.way_back()])


def stopped(voice: Voice) -> Screen:
    """Say that nothing is followed any longer."""
    _ = voice.words.gettext
    lines = [_("Done. Your list is empty, and nothing will be sent.")]
    return screen(lines, [voice.button(_("Forget me"), Ask.FORGET), voice.way_back()])


def forget_me(voice: Voice) -> Screen:
    """Ask once more before everything is forgotten."""
    _ = voice.words.gettext
    lines = [
        bold(_("Forget me")),
        "",
        _("We delete what we keep about you, and the messages here that are younger than 48 hours."),
        _("Then delete the chat itself: open its menu and choose “Delete chat”."),
    ]
    return screen(lines, [voice.button(_("Forget me now"), Ask.FORGET_NOW), voice.way_back()])


def forgotten(voice: Voice) -> Screen:
    """Say that it is done, in one word over the screen."""
    _ = voice.words.gettext
    return Screen(_("Done. Nothing about you is left with us."))


def cleared(voice: Voice) -> Screen:
    """Say something ordinary where a conversation was."""
    _ = voice.words.gettext
    return screen([_("Hello. Write here when you need something.")], [voice.way_back()])


def kept(voice: Voice) -> Screen:
    """Say that a message stays."""
    _ = voice.words.gettext
    said = _("The message stays here until you delete it yourself. To go on, write here.")
    return screen([said], [voice.way_back()])


def personal_sent(voice: Voice) -> Screen:
    """Say kindly that what was sent is deleted, unread."""
    _ = voice.words.gettext
    lines = [
        _("Thank you for the trust. We did not read what you sent, and we delete it here."),
        _("Please send no phone numbers, places or documents: that protects you and others."),
    ]
    return screen(lines, [voice.way_back()])
