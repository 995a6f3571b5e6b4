"""Screens about a person: the card with the status first, its history, its sources, a citation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.chat.buttons import Ask, Button, Screen
from bot.chat.topic_screens import topic_button
from bot.chat.voice import (
    Voice,
    banner,
    bold,
    escaped,
    mentions,
    paged,
    resting_on,
    screen,
    shown,
    sources_screen,
    unlinked,
)
from bot.chat.words import Words
from bot.domain.answers import (
    Citation,
    HowToReportError,
    NobodyFound,
    PersonCard,
    PersonHistory,
    PersonSources,
    SeveralFound,
)
from bot.domain.people import (
    Claim,
    ClaimKind,
    Manner,
    Outcome,
    Passport,
    Precision,
    Standing,
    Status,
)
from bot.domain.subjects import Wish

HISTORY_PAGE = 6
CARD_SOURCES = 2
UNNAMED_DATES = 3
DISPUTED_SHOWN = 3
LONG_AGO = timedelta(days=365)
"""A release this old says nothing of today: another arrest may have followed.

Not less than a year: of a fresh one the doubt would only frighten those who have just been told of it.
"""


def card(answer: PersonCard, voice: Voice) -> Screen:
    """Say a person's status: the largest fact first, then its date, its source, what is not known."""
    _ = voice.words.gettext
    person, status = answer.person, answer.status
    lines = [
        *banner([person], voice.words),
        bold(headline(status, voice.words)),
        bold(unlinked(shown(person, voice.words))),
        "",
    ]
    lines += _facts(status, voice)
    if status.sources and status.standing is not Standing.NOT_CONFIRMED:
        lines.append(resting_on(status.sources, voice, CARD_SOURCES))
    lines += _not_known(status, voice)
    if not answer.followed:
        # A mother whose son is in no list must not read of a namesake that he is free.
        lines.append(_("Somebody else may have the same name."))
    if not status.known_free:
        lines += ["", _not_every_release(answer, voice)]
    subject = str(person.number)
    wish = Wish(person.number).code
    following = (
        voice.button(_("Do not follow"), Ask.UNFOLLOW, wish)
        if answer.followed
        else voice.button(_("Follow"), Ask.FOLLOW, wish)
    )
    rows = [
        *([topic_button(answer.also, voice)] if answer.also else []),
        following,
        voice.button(_("History"), Ask.HISTORY, subject),
        voice.button(_("Sources"), Ask.SOURCES, subject),
        voice.button(_("Report an error"), Ask.REPORT, subject),
        voice.button(_("Copy a citation"), Ask.CITATION, subject),
        voice.way_back(),
    ]
    return screen(lines, rows)


def headline(status: Status, words: Words) -> str:
    """Return the one line a family looks for. Gender-neutral in all three languages.

    That somebody is behind bars, or free in Belarus, is said only with the last day a source saw it so,
    of a release of today too: whoever is there can be arrested again, and an old report must not read
    like today's.
    """
    _ = words.gettext
    if status.disputed and status.standing is Standing.NOT_CONFIRMED:
        return _("Sources disagree: we have no confirmed status")
    if status.standing is Standing.HELD:
        return _held(status, words)
    if status.standing is Standing.FREE:
        return _free(status, words)
    if status.standing is Standing.RESTRICTED:
        if status.outcome is Outcome.HOUSE_ARREST:
            return _("Not free: house arrest")
        return _("Not free: open-type facility")
    return {
        Standing.NOT_CONFIRMED: _("We have no confirmed status"),
        Standing.WHEREABOUTS_UNKNOWN: _("Whereabouts unknown"),
        Standing.DIED: _("Death confirmed"),
    }[status.standing]


def _says_its_day(status: Status) -> bool:
    """Return whether the headline itself says as of when."""
    at_home = status.standing is Standing.FREE and status.outcome is Outcome.AT_HOME
    return at_home or status.standing is Standing.HELD


def _confirmed(status: Status, words: Words) -> str:
    return words.full_date(status.confirmed) if status.confirmed else "–"


def _held(status: Status, words: Words) -> str:
    _ = words.gettext
    said = (
        _("Behind bars again, as of %(date)s") if status.detained_again else _("Behind bars, as of %(date)s")
    )
    return said % {"date": _confirmed(status, words)}


def _free(status: Status, words: Words) -> str:
    _ = words.gettext
    if status.outcome is Outcome.AT_HOME:
        return _("Free, in Belarus, as of %(date)s") % {"date": _confirmed(status, words)}
    if status.outcome is Outcome.ABROAD:
        if status.country:
            return _("Free, abroad: %(country)s") % {"country": words.country(status.country)}
        return _("Free, abroad")
    return _("Free")


def _facts(status: Status, voice: Voice) -> list[str]:
    _ = voice.words.gettext
    lines = []
    if status.standing is Standing.NOT_CONFIRMED:
        # Contradictions are shown side by side; otherwise the one last known fact.
        return [_claim_line(claim, voice) for claim in _both_sides(status.claims)]
    if status.standing is Standing.DIED:
        lines.append(_("We are very sorry."))
    if status.since:
        lines.append(_since(status, voice.words) % {"date": voice.words.full_date(status.since)})
    if status.manner:
        lines.append(_("Form of release: %(manner)s.") % {"manner": _manner(status.manner, voice.words)})
    if status.passport:
        lines.append(_passport(status.passport, voice.words))
    # Of a free person the day of release says it already; "last confirmed" beside it reads as a doubt.
    is_day_of_release = status.known_free and status.confirmed == status.since
    if status.confirmed and status.standing is not Standing.DIED and not is_day_of_release:
        date = voice.words.full_date(status.confirmed)
        if status.confirmed.precision is Precision.DAY:
            date = f"{date} ({voice.words.days_ago(status.confirmed.start, voice.today)})"
        lines.append(_("Last confirmed: %(date)s.") % {"date": date})
    return lines


def _since(status: Status, words: Words) -> str:
    """Return what the day of a status is called: a move to house arrest is no release."""
    _ = words.gettext
    if status.standing is Standing.RESTRICTED:
        if status.outcome is Outcome.HOUSE_ARREST:
            return _("Moved to house arrest: %(date)s.")
        return _("Moved to an open-type facility: %(date)s.")
    return {
        Standing.HELD: _("Detained: %(date)s."),
        Standing.DIED: _("Date of death: %(date)s."),
    }.get(status.standing, _("Released: %(date)s."))


def _both_sides(claims: Sequence[Claim]) -> list[Claim]:
    """Return the last claims of a contradiction, at least one of each kind and outcome that clash."""
    by_side = {(claim.kind, claim.outcome): claim for claim in claims}
    return sorted(list(by_side.values())[-DISPUTED_SHOWN:], key=lambda claim: (claim.when, claim.key))


def _manner(manner: Manner, words: Words) -> str:
    _ = words.gettext
    return {
        Manner.PARDON: _("pardon"),
        Manner.TERM_SERVED: _("full term served"),
        Manner.AMNESTY: _("amnesty"),
        Manner.EXCHANGE: _("exchange"),
        Manner.REDUCED: _("term reduced"),
    }[manner]


def _passport(passport: Passport, words: Words) -> str:
    _ = words.gettext
    if passport is Passport.WITHOUT:
        return _("Taken abroad without a passport.")
    return _("Taken abroad with a passport.")


def _not_known(status: Status, voice: Voice) -> list[str]:
    """Say what the sources leave open, so that silence is not read as an answer."""
    _ = voice.words.gettext
    lines = _where_not_known(status, voice.words)
    if status.sentenced_later:
        lines.append(_("A sentence came later: it is in the history."))
    if _may_have_changed(status, voice.today):
        lines.append(_("Not known to us: what has happened since."))
    return lines


def _where_not_known(status: Status, words: Words) -> list[str]:
    _ = words.gettext
    if status.disputed and status.standing is not Standing.NOT_CONFIRMED:
        return [_("Sources disagree about where.")]
    if status.standing is Standing.FREE and status.outcome is Outcome.NOT_STATED:
        return [_("Not known to us: in Belarus or abroad.")]
    if status.standing is Standing.FREE and status.outcome is Outcome.ABROAD and not status.passport:
        return [_("Not known to us: with a passport or without.")]
    return []


def _may_have_changed(status: Status, today: date) -> bool:
    if status.standing in {Standing.HELD, Standing.RESTRICTED} or status.sentenced_later:
        return True
    confirmed = status.confirmed if status.standing is Standing.FREE else None
    return confirmed is not None and confirmed.end < today - LONG_AGO


def _not_every_release(answer: PersonCard, voice: Voice) -> str:
    _ = voice.words.gettext
    # The same sentence on every card, whether or not we know more: a missing one would be a hint.
    sentence = _("Not every release is made public: some families ask for silence.")
    return f"{sentence} {_unnamed(answer, voice)}".rstrip()


def _unnamed(answer: PersonCard, voice: Voice) -> str:
    """Say how many were freed without a name since the last confirmation, and when."""
    ngettext, number = voice.words.ngettext, sum(event.unnamed or 0 for event in answer.unnamed)
    if not number:
        return ""
    if answer.status.confirmed:
        said = ngettext(
            "Since our last news %(count)s person was freed whose name was not published (%(dates)s).",
            "Since our last news %(count)s people were freed whose names were not published (%(dates)s).",
            number,
        )
    else:
        said = ngettext(
            "In all %(count)s person was freed whose name was not published (%(dates)s).",
            "In all %(count)s people were freed whose names were not published (%(dates)s).",
            number,
        )
    dates = ", ".join(voice.words.short_date(event.when) for event in answer.unnamed[-UNNAMED_DATES:])
    if len(answer.unnamed) > UNNAMED_DATES:
        dates = f"…, {dates}"
    return said % {"count": voice.words.number(number), "dates": dates}


def history(answer: PersonHistory, voice: Voice) -> Screen:
    """Say everything published about a person, oldest first."""
    _ = voice.words.gettext
    person, subject = answer.person, str(answer.person.number)
    page = paged(answer.claims, answer.page, HISTORY_PAGE)
    lines = [
        *banner([person], voice.words),
        bold(_("History")),
        unlinked(shown(person, voice.words)),
        "",
    ]
    lines += [_claim_line(claim, voice) for claim in page.items]
    if not page.items:
        lines.append(_("There are no dated reports with a source yet."))
    rows: list[tuple[Button, ...]] = []
    if page.has_more:
        rows.append(voice.button(_("More"), Ask.HISTORY, subject, page.number + 1))
    back = voice.way_back(Ask.CARD, subject)
    if page.number:
        back = voice.way_back(Ask.HISTORY, subject, page.number - 1)
    return screen(lines, [*rows, back])


def _claim_line(claim: Claim, voice: Voice) -> str:
    # The family's word alone has no page: then nothing stands in brackets.
    source = "".join(f" ({page})" for page in mentions(claim.sources, voice, 1))
    return f"{voice.words.full_date(claim.when)}: {_happened(claim, voice.words)}{source}"


def _happened(claim: Claim, words: Words) -> str:
    _ = words.gettext
    if claim.kind is not ClaimKind.RELEASED:
        return {
            ClaimKind.DETAINED: _("detention"),
            ClaimKind.SENTENCED: _("sentence"),
            ClaimKind.HELD: _("still behind bars"),
            ClaimKind.DIED: _("death"),
        }[claim.kind]
    where = {
        Outcome.NOT_STATED: _("release"),
        Outcome.AT_HOME: _("release, in Belarus"),
        # Some left of their own will: only a page that tells of the passport says that they were taken.
        Outcome.ABROAD: _("release, taken abroad") if claim.passport else _("release, abroad"),
        Outcome.HOUSE_ARREST: _("move to house arrest"),
        Outcome.OPEN_FACILITY: _("move to an open-type facility"),
        Outcome.WHEREABOUTS_UNKNOWN: _("release, whereabouts unknown"),
    }[claim.outcome]
    return f"{where}: {words.country(claim.country)}" if claim.country else where


def sources(answer: PersonSources, voice: Voice) -> Screen:
    """Say which pages the status rests on."""
    _ = voice.words.gettext
    subject = str(answer.person.number)
    name = unlinked(shown(answer.person, voice.words))
    lines = [*banner([answer.person], voice.words), bold(_("Sources")), name, ""]
    rows = [voice.way_back(Ask.CARD, subject)]
    pages = answer.status.sources
    names = voice.press(Ask.SOURCES_NAMED, subject)
    return sources_screen(lines, rows, pages, voice, names, named=answer.named)


def report(answer: HowToReportError, voice: Voice) -> Screen:
    """Say how to report an error. Nothing typed here is kept, and the screen says so."""
    _ = voice.words.gettext
    lines = [
        bold(_("Report an error")),
        "",
        _("Tell the people responsible for this bot: %(controller)s.")
        % {"controller": escaped(voice.controller)},
        _("From Belarus and from Russia do not write yourself: let somebody close to you abroad write."),
        _("Give the record number: <code>%(number)s</code>.") % {"number": answer.person.number},
        _("Say what is wrong and where it was published. You do not need to say who you are."),
        "",
        _("Nothing you write here in the chat is kept or passed on."),
    ]
    return screen(lines, [voice.way_back(Ask.CARD, str(answer.person.number))])


def citation(answer: Citation, voice: Voice) -> Screen:
    """Give a line to copy: what is known, on what day, from whom."""
    _ = voice.words.gettext
    status = answer.status
    pages = "; ".join(mentions(status.sources, voice, CARD_SOURCES)) or _("no source yet")
    said = (
        _("%(name)s: %(status)s. Sources: %(sources)s. Volya, record %(number)s.")
        if _says_its_day(status)
        else _("%(name)s: %(status)s. As of %(date)s. Sources: %(sources)s. Volya, record %(number)s.")
    )
    line = said % {
        "name": unlinked(shown(answer.person, voice.words)),
        "status": headline(status, voice.words),
        "date": _confirmed(status, voice.words),
        "sources": pages,
        "number": answer.person.number,
    }
    heading = bold(_("Copy a citation"))
    lines = [*banner([answer.person], voice.words), heading, "", f"<blockquote>{line}</blockquote>"]
    return screen(lines, [voice.way_back(Ask.CARD, str(answer.person.number))])


def several(answer: SeveralFound, voice: Voice) -> Screen:
    """Ask which person is meant; the buttons carry the numbers, never the names."""
    _ = voice.words.gettext
    alone = len(answer.people) == 1
    lines = [bold(_("Is this who you meant?") if alone else _("Who do you mean?")), ""]
    rows = []
    for place, (person, status) in enumerate(answer.people, start=1):
        detail = _detained_on(status, voice)
        lines.append(f"{place}. {unlinked(shown(person, voice.words))}{detail}")
        rows.append(voice.button(_("Number %(number)s") % {"number": place}, Ask.CARD, str(person.number)))
    if answer.more:
        lines += ["", _("There are more. Write the given name and the surname.")]
    elif alone:
        lines += ["", _("If you mean somebody else, write the given name and the surname.")]
    return screen(lines, [*rows, voice.way_back()])


def _detained_on(status: Status, voice: Voice) -> str:
    """Return the least fact that tells two people of one name apart."""
    _ = voice.words.gettext
    detained = [claim.when for claim in status.claims if claim.kind is ClaimKind.DETAINED]
    if not detained:
        return ""
    return " – " + _("detained %(date)s") % {"date": voice.words.short_date(detained[0])}


def surname_needed(voice: Voice) -> Screen:
    """Ask for the surname; "not in our list" would be untrue for a given name."""
    _ = voice.words.gettext
    lines = [bold(_("Write the surname too")), "", _("By the given name alone we cannot tell who is meant.")]
    return screen(lines, [voice.way_back()])


def nobody(answer: NobodyFound, voice: Voice) -> Screen:
    """Say that nobody in our list fits, and what that does not mean."""
    _ = voice.words.gettext
    lines = [
        bold(_("This name is not in our list")),
        "",
        _("This does not mean that the person is not imprisoned, and it does not mean that they are free."),
        _("Not everyone is listed: some families ask for silence."),
        "",
        _("Try the given name and the surname, in any of the three languages."),
    ]
    if answer.name is None:
        return screen(lines, [voice.way_back()])
    ask = voice.button(_("Ask me if it appears"), Ask.FOLLOW, Wish(name=answer.name).code)
    return screen(lines, [ask, voice.way_back()])
