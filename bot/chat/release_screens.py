"""Screens about releases: quarters in numbers, events newest first, and what is dated around one."""

from __future__ import annotations

from bot.chat.buttons import Ask, Button, Screen
from bot.chat.voice import Voice, bold, mentions, paged, resting_on, screen, sources_screen, unlinked
from bot.chat.words import Words
from bot.domain.answers import Quarters, ReleaseDetail, ReleaseList, ReleaseSources
from bot.domain.timeline import (
    DiplomacyEvent,
    Qualifier,
    Quarter,
    ReleaseEvent,
    ReleaseKind,
    Sanction,
    SanctionAction,
)

QUARTERS_PAGE = 5
EVENTS_PAGE = 4
AROUND_PAGE = 4


def quarters(answer: Quarters, voice: Voice) -> Screen:
    """Say how many were freed, named and still listed, quarter by quarter."""
    _ = voice.words.gettext
    page = paged(answer.quarters, answer.page, QUARTERS_PAGE)
    lines = [bold(_("Releases")), ""]
    for quarter in page.items:
        lines += [*_quarter(quarter, voice), ""]
    lines.append(_("Numbers are from published reports. Some releases were never reported."))
    lines.append(_("Whoever was freed alone is often not counted here: write the name to see."))
    rows = [voice.button(_("Each release"), Ask.RELEASES)]
    if page.has_more:
        rows.append(voice.button(_("Earlier"), Ask.QUARTERS, "", page.number + 1))
    back = voice.way_back(Ask.QUARTERS, "", page.number - 1) if page.number else voice.way_back()
    return screen(lines, [*rows, back])


def _quarter(quarter: Quarter, voice: Voice) -> list[str]:
    _, words = voice.words.gettext, voice.words
    title = _("%(year)s, quarter %(number)s") % {"year": quarter.year, "number": quarter.number}
    lines = [bold(title)]
    if quarter.freed:
        freed, named = words.number(quarter.freed), words.number(quarter.named)
        if quarter.approximate:
            freed = _at_least(freed, words)
        lines.append(_("Freed: %(freed)s. Named here: %(named)s.") % {"freed": freed, "named": named})
    else:
        # Not "none is known": a card may tell of somebody who was freed alone.
        lines.append(_("No release is entered here."))
    if quarter.restricted:
        moved = words.number(quarter.restricted)
        lines.append(_restricted(_at_least(moved, words) if quarter.approximate else moved, words))
    if quarter.still_listed:
        count = quarter.still_listed
        lines.append(
            _("Still listed: %(number)s (%(date)s).")
            % {
                "number": _qualified(count.number, count.qualifier, words),
                "date": words.full_date(count.when),
            }
        )
    return lines


def _restricted(number: str, words: Words) -> str:
    _ = words.gettext
    said = _("Not freed, but moved to house arrest or an open-type facility: %(number)s.")
    return said % {"number": number}


def _at_least(number: str, words: Words) -> str:
    _ = words.gettext
    return _("at least %(number)s") % {"number": number}


def _qualified(number: int, qualifier: Qualifier, words: Words) -> str:
    _ = words.gettext
    said = words.number(number)
    if qualifier is Qualifier.AT_LEAST:
        return _at_least(said, words)
    if qualifier is Qualifier.ABOUT:
        return _("about %(number)s") % {"number": said}
    if qualifier is Qualifier.OVER:
        return _("over %(number)s") % {"number": said}
    return said


def releases(answer: ReleaseList, voice: Voice) -> Screen:
    """List releases, newest first; the buttons carry the numbers of the lines."""
    _ = voice.words.gettext
    page = paged(answer.events, answer.page, EVENTS_PAGE)
    lines = [bold(_("Each release")), ""]
    rows: list[tuple[Button, ...]] = []
    for place, event in enumerate(page.items, start=page.first + 1):
        title = unlinked(event.title.in_language(voice.words.language))
        lines += [f"{place}. {voice.words.full_date(event.when)}", title, ""]
        rows.append(voice.button(f"{place}: {voice.words.short_date(event.when)}", Ask.RELEASE, event.key))
    if page.has_more:
        rows.append(voice.button(_("Earlier"), Ask.RELEASES, "", page.number + 1))
    back = voice.way_back(Ask.QUARTERS)
    if page.number:
        back = voice.way_back(Ask.RELEASES, "", page.number - 1)
    return screen(lines, [*rows, back])


def release(answer: ReleaseDetail, voice: Voice) -> Screen:
    """Say what is known of one release, where reports differ, and what is dated around it."""
    _, event = voice.words.gettext, answer.event
    lines = [
        bold(unlinked(event.title.in_language(voice.words.language))),
        f"{voice.words.full_date(event.when)}",
        "",
        *_numbers(event, voice.words),
    ]
    if event.disagreement:
        said = unlinked(event.disagreement.in_language(voice.words.language))
        lines.append(_("Where reports differ: %(text)s") % {"text": said})
    lines.append(resting_on(event.sources, voice, 2))
    acts: list[DiplomacyEvent | Sanction] = [*answer.around.diplomacy, *answer.around.sanctions]
    acts.sort(key=lambda act: act.when)
    page = paged(acts, answer.page, AROUND_PAGE)
    if acts:
        lines += ["", bold(_("Around this date")), _("Order in time is not cause.")]
        lines += [_act(act, voice) for act in page.items]
    rows: list[tuple[Button, ...]] = []
    if page.has_more:
        rows.append(voice.button(_("More"), Ask.RELEASE, event.key, page.number + 1))
    rows.append(voice.button(_("Sources"), Ask.RELEASE_SOURCES, event.key))
    back = voice.way_back(Ask.RELEASES)
    if page.number:
        back = voice.way_back(Ask.RELEASE, event.key, page.number - 1)
    return screen(lines, [*rows, back])


def _numbers(event: ReleaseEvent, words: Words) -> list[str]:
    _ = words.gettext
    number = _qualified(event.number, event.qualifier, words)
    is_free = event.kind is not ReleaseKind.RESTRICTED
    lines = [_("Freed: %(number)s.") % {"number": number} if is_free else _restricted(number, words)]
    if event.named is not None:
        lines.append(_("Named in reports: %(number)s.") % {"number": words.number(event.named)})
    if event.unnamed:
        lines.append(_("Names not published: %(number)s.") % {"number": words.number(event.unnamed)})
    if event.taken_to:
        lines.append(_("Where to: %(countries)s.") % {"countries": words.countries(event.taken_to)})
    return lines


def _act(act: DiplomacyEvent | Sanction, voice: Voice) -> str:
    said = _diplomacy(act, voice) if isinstance(act, DiplomacyEvent) else _sanction(act, voice)
    source = "; ".join(mentions(act.sources, voice, 1))
    return f"{voice.words.full_date(act.when)}: {said} ({source})"


def _diplomacy(act: DiplomacyEvent, voice: Voice) -> str:
    _, language = voice.words.gettext, voice.words.language
    said = unlinked(act.who.in_language(language))
    if act.where:
        said = f"{said}, {unlinked(act.where.in_language(language))}"
    if act.asked:
        said += ". " + _("Asked: %(text)s") % {"text": unlinked(act.asked.in_language(language))}
    if act.given:
        said += ". " + _("What is known: %(text)s") % {"text": unlinked(act.given.in_language(language))}
    return said


def _sanction(act: Sanction, voice: Voice) -> str:
    _ = voice.words.gettext
    action = {
        SanctionAction.IMPOSED: _("sanctions imposed"),
        SanctionAction.EXPANDED: _("sanctions expanded"),
        SanctionAction.PROLONGED: _("sanctions prolonged"),
        SanctionAction.EASED: _("sanctions eased"),
        SanctionAction.LICENCE: _("licence, the sanctions stay"),
        SanctionAction.ANNOUNCED: _("announced"),
        SanctionAction.DELISTED: _("taken off the list"),
    }[act.action]
    return f"{_side(act.side, voice.words)}, {action}. {unlinked(act.text.in_language(voice.words.language))}"


def _side(side: str, words: Words) -> str:
    _ = words.gettext
    if side == "EU":
        return _("European Union")
    return words.country({"UK": "GB"}.get(side, side)) if len(side) == 2 else _("other states")


def sources(answer: ReleaseSources, voice: Voice) -> Screen:
    """Say which pages a release rests on."""
    _, event = voice.words.gettext, answer.event
    lines = [bold(_("Sources")), unlinked(event.title.in_language(voice.words.language)), ""]
    rows = [voice.way_back(Ask.RELEASE, event.key)]
    names = voice.press(Ask.RELEASE_SOURCES_NAMED, event.key)
    return sources_screen(lines, rows, event.sources, voice, names, named=answer.named)
