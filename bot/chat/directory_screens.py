"""Screens of the directory: what help, where, in which language, and who gives it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import date

from bot.chat.buttons import Ask, Button, Screen
from bot.chat.voice import Voice, bold, in_rows, paged, screen, sources_screen, unlinked
from bot.chat.words import Words
from bot.domain import caution
from bot.domain.answers import (
    ChooseHelpLanguage,
    ChooseNeed,
    ChooseWhere,
    Helpers,
    OrganisationCard,
    OrganisationSources,
)
from bot.domain.articles import Area
from bot.domain.caution import Kind, Mention
from bot.domain.directory import (
    ANY_LANGUAGE,
    Audience,
    Body,
    Contact,
    ContactKind,
    Cost,
    Need,
    Offer,
    Organisation,
    State,
    Where,
)
from bot.domain.people import Designation, Source, When

HELPERS_PAGE = 6
FEW = 3
"""In Belarus so many or fewer are too few to stop at: the screen offers where else to look."""

PAST_WARNING = 1
"""The page of a sources button on a card that was opened after the warning: its way back leads there."""


def needs(answer: ChooseNeed, voice: Voice) -> Screen:
    """Ask what help is needed."""
    _ = voice.words.gettext
    lines = [bold(_("Who helps")), "", _("What is needed?")]
    buttons = [Button(need_name(need, voice.words), voice.press(Ask.NEED, need)) for need in answer.needs]
    return screen(lines, [*in_rows(buttons), voice.way_back()])


def where(answer: ChooseWhere, voice: Voice) -> Screen:
    """Ask where the one who needs it is."""
    _ = voice.words.gettext
    lines = [bold(need_name(answer.need, voice.words)), "", _("Where is the one who needs it?")]
    buttons = [
        Button(where_name(place, voice.words), voice.press(Ask.NEED_WHERE, f"{answer.need}-{place}"))
        for place in answer.places
    ]
    return screen(lines, [*in_rows(buttons), voice.way_back(Ask.NEEDS)])


def language(answer: ChooseHelpLanguage, voice: Voice) -> Screen:
    """Ask in which language."""
    _ = voice.words.gettext
    subject = f"{answer.need}-{answer.where}"
    lines = [_of(answer.need, answer.where, voice.words), "", _("In which language?")]
    buttons = [Button(_("In any language"), voice.press(Ask.HELPERS, f"{subject}-{ANY_LANGUAGE}"))]
    buttons += [
        Button(voice.words.language_name(code), voice.press(Ask.HELPERS, f"{subject}-{code}"))
        for code in answer.languages
    ]
    return screen(lines, [*in_rows(buttons), voice.way_back(Ask.NEED, answer.need)])


def _of(need: Need, where: Where, words: Words) -> str:
    return bold(f"{need_name(need, words)} – {where_name(where, words)}")


def helpers(answer: Helpers, voice: Voice) -> Screen:
    """Say who helps, each with what is published about it."""
    _ = voice.words.gettext
    subject = f"{answer.need}-{answer.where}-{answer.language}"
    page = paged(answer.organisations, answer.page, HELPERS_PAGE)
    lines = [_of(answer.need, answer.where, voice.words)]
    if answer.language != ANY_LANGUAGE:
        lines.append(voice.words.language_name(answer.language))
    lines.append("")
    if not answer.organisations:
        lines.append(_("We know of no checked help with this there."))
    details = [
        _terms(body.offers_for(answer.need, answer.where, answer.language)[0], voice.words)
        for body in page.items
    ]
    lines, rows = organisation_lines(lines, page.items, voice, page.first, details)
    if page.has_more:
        rows.append(voice.button(_("More"), Ask.HELPERS, subject, page.number + 1))
    if _is_little(answer):
        rows += _ways_on(answer, voice)
    return screen(lines, [*rows, _back_from(answer, page.number, voice)])


def _is_little(answer: Helpers) -> bool:
    found = len(answer.organisations)
    return not found or (answer.where is Where.BELARUS and found <= FEW)


def _ways_on(answer: Helpers, voice: Voice) -> list[tuple[Button, ...]]:
    """Return where else to look: another place, another need, any language, what can be read."""
    _ = voice.words.gettext
    buttons = [
        Button(_("Another country"), voice.press(Ask.NEED, answer.need)),
        Button(_("Other help"), voice.press(Ask.NEEDS)),
        Button(_("Legal aid"), voice.press(Ask.AREA, Area.LEGAL)),
        Button(_("After release"), voice.press(Ask.AREA, Area.REINTEGRATION)),
    ]
    if answer.language != ANY_LANGUAGE:
        anybody = f"{answer.need}-{answer.where}-{ANY_LANGUAGE}"
        buttons.insert(0, Button(_("In any language"), voice.press(Ask.HELPERS, anybody)))
    return in_rows(buttons)


def _back_from(answer: Helpers, page: int, voice: Voice) -> tuple[Button, ...]:
    if page:
        return voice.way_back(Ask.HELPERS, f"{answer.need}-{answer.where}-{answer.language}", page - 1)
    # Where nobody helps, no language is asked for: back to that question would lead here again.
    if not answer.organisations:
        return voice.way_back(Ask.NEED, answer.need)
    return voice.way_back(Ask.NEED_WHERE, f"{answer.need}-{answer.where}")


def organisation_lines(
    lines: list[str],
    organisations: Sequence[Organisation],
    voice: Voice,
    first: int = 0,
    details: Sequence[Sequence[str]] = (),
) -> tuple[list[str], list[tuple[Button, ...]]]:
    """Return lines that name or describe organisations, the oldest day of a check, and numbered buttons."""
    _ = voice.words.gettext
    buttons = []
    lines = list(lines)
    for place, body in enumerate(organisations, start=first + 1):
        said = [shown_name(body, voice), *(details[place - first - 1] if details else ())]
        lines.append(f"{place}. {'; '.join(said)}")
        text = _("Number %(number)s") % {"number": place}
        buttons.append(Button(text, voice.press(Ask.ORGANISATION, body.key)))
    if organisations:
        lines += ["", _checked(min(body.checked_on for body in organisations), voice.words)]
    if any(_decided(body, voice) is Mention.DESCRIBED for body in organisations):
        lines += ["", _("Some names are not shown: in Belarus they can be dangerous on a phone.")]
    return lines, in_rows(buttons)


def _checked(day: date, words: Words) -> str:
    _ = words.gettext
    return _("Checked: %(date)s.") % {"date": words.full_date(When(day))}


def shown_name(body: Organisation, voice: Voice) -> str:
    """Return an organisation's name, or only what it is where the name can be dangerous."""
    if _decided(body, voice) is Mention.DESCRIBED:
        return body_name(body.body, voice.words)
    return unlinked(body.names[voice.words.language])


def _decided(body: Organisation, voice: Voice) -> Mention:
    return caution.mention(voice.reader.place, body.designation, Kind.HELP)


def organisation(answer: OrganisationCard, voice: Voice) -> Screen:
    """Say what an organisation offers and how to reach it; in Belarus a dangerous one only by name."""
    _ = voice.words.gettext
    body, decided = answer.organisation, _decided(answer.organisation, voice)
    if decided is Mention.DESCRIBED and not answer.named:
        return _warning(body, voice)
    # What it is comes first: a locked phone may show the first line, and the name is not for it.
    lines = [bold(body_name(body.body, voice.words)), bold(unlinked(body.names[voice.words.language])), ""]
    lines += [*_standing(body, voice), ""]
    shift = PAST_WARNING if decided is Mention.DESCRIBED else 0
    rows = [voice.button(_("Sources"), Ask.ORGANISATION_SOURCES, body.key, shift), voice.way_back(Ask.NEEDS)]
    if body.state is State.CLOSED:
        return screen([*lines, _checked(body.checked_on, voice.words)], rows)
    for offer in body.offers:
        lines.append(_offer(offer, voice.words))
    lines.append("")
    if decided is Mention.LINK:
        lines += [_contact(contact, voice.words) for contact in body.contacts]
        if not body.contacts:
            lines.append(_("No public contact was found."))
        if body.designation is not Designation.NOT_LISTED:
            lines += ["", _("If you have family in Belarus: do not send this on to them.")]
    else:
        lines += instead(voice.words)
    return screen([*lines, "", _checked(body.checked_on, voice.words)], rows)


def sources(answer: OrganisationSources, voice: Voice) -> Screen:
    """Say which pages a card rests on and when they were read; a dangerous body stays unnamed here."""
    _ = voice.words.gettext
    body, pages = answer.organisation, answer.organisation.pages()
    lines = [bold(_("Sources")), shown_name(body, voice), "", _read_on(pages, voice.words), ""]
    card = Ask.ORGANISATION_NAMED if answer.warned else Ask.ORGANISATION
    shift = PAST_WARNING if answer.warned else 0
    names = voice.press(Ask.ORGANISATION_SOURCES_NAMED, body.key, shift)
    return sources_screen(lines, [voice.way_back(card, body.key)], pages, voice, names, named=answer.named)


def _read_on(pages: Sequence[Source], words: Words) -> str:
    """Return when pages were read, from the first day to the last; no pages, no words."""
    _ = words.gettext
    days = sorted({page.read_on for page in pages})
    said = " – ".join(words.full_date(When(day)) for day in dict.fromkeys([*days[:1], *days[-1:]]))
    return _("Pages read: %(date)s.") % {"date": said} if days else ""


def _warning(body: Organisation, voice: Voice) -> Screen:
    _ = voice.words.gettext
    lines = [
        bold(body_name(body.body, voice.words)),
        "",
        _("In Belarus, contact with this organisation is or may be punished."),
        _("Its name on your phone can be held against you. We show it without an address."),
        "",
        *instead(voice.words),
    ]
    rows = [voice.button(_("Show the name"), Ask.ORGANISATION_NAMED, body.key)]
    return screen(lines, [*rows, voice.way_back(Ask.NEEDS)])


def instead(words: Words) -> list[str]:
    """Return what somebody in Belarus can do instead of writing to a banned organisation."""
    _ = words.gettext
    return [
        _("Do not write to it from Belarus, and do not subscribe to it."),
        _("Somebody you trust abroad can ask for you. A lawyer in Belarus can be asked directly."),
    ]


def _standing(body: Organisation, voice: Voice) -> list[str]:
    _ = voice.words.gettext
    lines = []
    if body.state is State.CLOSED:
        lines.append(_("It no longer works. Do not use it."))
    if body.designation is Designation.LISTED:
        said = _("Declared an extremist formation in Belarus.")
        if body.listed_on:
            day = voice.words.full_date(body.listed_on)
            said = _("Declared an extremist formation in Belarus: %(date)s.") % {"date": day}
        lines.append(said)
        if body.list_checked_on:
            day = voice.words.full_date(When(body.list_checked_on))
            lines.append(_("As reported on %(date)s.") % {"date": day})
    elif body.designation is Designation.NOT_VERIFIED:
        lines.append(_("We could not verify whether it is banned in Belarus, and treat it as if it were."))
    return lines


def _offer(offer: Offer, words: Words) -> str:
    about = f"– {need_name(offer.need, words)} ({where_name(offer.where, words)})"
    return "; ".join([about, *_terms(offer, words)])


def _terms(offer: Offer, words: Words) -> list[str]:
    _ = words.gettext
    said = []
    if offer.audience and Audience.EVERYONE not in offer.audience:
        said.append(", ".join(audience_name(who, words) for who in offer.audience))
    if offer.languages:
        said.append(", ".join(words.language_name(code) for code in offer.languages))
    if offer.cost is Cost.FREE:
        said.append(_("free of charge"))
    elif offer.cost is Cost.PAID:
        said.append(_("for a fee"))
    if offer.waiting_days is not None:
        waiting = words.ngettext("wait: %(count)s day", "wait: %(count)s days", offer.waiting_days)
        said.append(waiting % {"count": words.number(offer.waiting_days)})
    return said


def _contact(contact: Contact, words: Words) -> str:
    _ = words.gettext
    label = {
        ContactKind.SITE: _("Site: %(address)s"),
        ContactKind.FORM: _("Form: %(address)s"),
        ContactKind.EMAIL: _("Mail: %(address)s"),
        ContactKind.PHONE: _("Telephone: %(address)s"),
        ContactKind.TELEGRAM: _("Telegram: %(address)s"),
    }[contact.kind]
    shown = html.escape(contact.value, quote=False)
    if contact.kind in {ContactKind.SITE, ContactKind.FORM}:
        shown = f'<a href="{html.escape(contact.value)}">{unlinked(contact.value)}</a>'
    return label % {"address": shown}


def body_name(body: Body, words: Words) -> str:
    """Return what an organisation is."""
    _ = words.gettext
    return {
        Body.RIGHTS: _("a human rights organisation"),
        Body.FUND: _("an aid fund"),
        Body.MEDIA: _("a news outlet"),
        Body.STATE: _("a state body"),
        Body.INTERNATIONAL: _("an international organisation"),
        Body.CHURCH: _("a church charity"),
        Body.CLINIC: _("a clinic"),
        Body.SHELTER: _("a shelter"),
        Body.LEGAL: _("lawyers"),
        Body.OFFICE: _("a political office"),
    }[body]


def need_name(need: Need, words: Words) -> str:
    """Return what a need is called on its tile."""
    _ = words.gettext
    return {
        Need.LEGAL: _("Lawyer, advice"),
        Need.MONEY: _("Money"),
        Need.HEALTH: _("Doctor"),
        Need.PSYCHOLOGIST: _("Psychologist"),
        Need.HOUSING: _("Housing"),
        Need.DOCUMENTS: _("Documents, stay"),
        Need.CHILDREN: _("Children"),
        Need.WORK_STUDY: _("Work and study"),
        Need.PARCELS_LETTERS: _("Parcels and letters"),
        Need.RECOGNITION: _("Recognition"),
        Need.EVIDENCE: _("Record of torture"),
        Need.COMPLAINT: _("Complaints"),
        Need.PRESS: _("Press"),
        Need.EVACUATION: _("Leaving"),
    }[need]


def where_name(where: Where, words: Words) -> str:
    """Return what a place is called on its tile."""
    _ = words.gettext
    return {
        Where.BELARUS: words.country("BY"),
        Where.POLAND: words.country("PL"),
        Where.LITHUANIA: words.country("LT"),
        Where.UKRAINE: words.country("UA"),
        Where.GEORGIA: words.country("GE"),
        Where.GERMANY: words.country("DE"),
        Where.ANYWHERE: _("Anywhere, online"),
    }[where]


def audience_name(who: Audience, words: Words) -> str:
    """Return whom an offer is for."""
    _ = words.gettext
    return {
        Audience.EVERYONE: _("for everyone"),
        Audience.FAMILIES: _("for families"),
        Audience.RELEASED: _("for the released"),
        Audience.PRISONERS: _("for prisoners"),
        Audience.EXILES: _("for those who have left"),
        Audience.JOURNALISTS: _("for journalists"),
        Audience.SURVIVORS: _("for survivors of torture"),
        Audience.CHILDREN: _("for children"),
        Audience.DEFENDERS: _("for human rights defenders"),
        Audience.STUDENTS: _("for students"),
    }[who]
