"""Screens of an alert that was opened, and of one whose reader did not ask for discretion."""

from __future__ import annotations

from dataclasses import replace

from bot.chat.buttons import Ask, Button, Screen
from bot.chat.person_screens import headline
from bot.chat.topic_screens import topic_button
from bot.chat.voice import Voice, banner, bold, paged, screen, shown, unlinked
from bot.chat.words import Words, in_language
from bot.domain.alerts import Alert
from bot.domain.own_answers import News, NewsOf
from bot.domain.publishing import PublicationKind
from bot.services.telling import Telling

NEWS_PAGE = 7
IN_FULL = 5
"""People whom an alert names at once; the rest are behind its button."""


class Teller:
    """Adds to a neutral alert what it is about, for readers who chose to see names at once."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling

    async def in_full(self, alert: Alert, neutral: Screen) -> Screen:
        """Return an alert that says whom it is about and what is known."""
        words = in_language(alert.record.view.language)
        news = await self._telling.in_full(alert)
        named = news.people[:IN_FULL]
        lines = [line for item in named for line in _of_person(item, words)]
        warned = banner([item.person for item in named], words)
        return replace(neutral, text="\n".join([*warned, neutral.text, *lines]))


def news(answer: News, voice: Voice) -> Screen:
    """Say what an alert was about: each person with the status of today, then topics."""
    _ = voice.words.gettext
    page = paged(answer.people, answer.page, NEWS_PAGE)
    lines = [*banner([item.person for item in answer.people], voice.words), bold(_("What is new"))]
    rows: list[tuple[Button, ...]] = []
    alone = len(answer.people) == 1
    for place, item in enumerate(page.items, start=page.first + 1):
        lines += ["", *_of_person(item, voice.words, None if alone else place)]
        number = _("About this person") if alone else _("Number %(number)s") % {"number": place}
        rows.append(voice.button(number, Ask.CARD, str(item.person.number)))
    if not page.number:
        lines += ["", _("An article you follow has changed.")] if answer.topics else []
        rows += [topic_button(topic, voice) for topic in answer.topics[:2]]
    if answer.has_talks:
        lines += ["", _("There is something new about releases, talks or sanctions.")]
        rows.append(voice.button(_("Each release"), Ask.RELEASES))
    numbers = f"{answer.numbers[0]}-{answer.numbers[1]}"
    if page.has_more:
        rows.append(voice.button(_("More"), Ask.NEWS, numbers, page.number + 1))
    back = voice.way_back(Ask.NEWS, numbers, page.number - 1) if page.number else voice.way_back()
    return replace(screen(lines, [*rows, back]), protected=True)


def _of_person(item: NewsOf, words: Words, place: int | None = None) -> list[str]:
    _ = words.gettext
    name = unlinked(shown(item.person, words))
    lines = [bold(f"{place}. {name}" if place else name)]
    if item.kind is PublicationKind.CORRECTION:
        lines.append(_("Corrected: what we told before was not right."))
    elif item.kind is PublicationKind.RETRACTION:
        lines.append(_("Taken back: what we told before was wrong. We are sorry."))
    return [*lines, headline(item.status, words)]
