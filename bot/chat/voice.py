"""Voice: everything a screen needs to speak to one reader, and the parts screens share."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from bot.chat.buttons import Ask, Button, Press, Screen
from bot.chat.readers import Reader
from bot.chat.words import Words
from bot.domain import caution
from bot.domain.caution import Mention
from bot.domain.people import Person, Publisher, PublisherKind, Source

MOST_SOURCES = 12
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Voice:
    """The reader's language and place, today's date, and who answers for the data."""

    words: Words
    reader: Reader
    today: date
    controller: str

    def press(self, ask: Ask, subject: str = "", page: int = 0) -> Press:
        """Return a tap that asks for something in this reader's language."""
        return Press(ask, self.reader.view, subject, page)

    def button(self, text: str, ask: Ask, subject: str = "", page: int = 0) -> tuple[Button, ...]:
        """Return a row of one button."""
        return (Button(text, self.press(ask, subject, page)),)

    def way_back(self, ask: Ask | None = None, subject: str = "", page: int = 0) -> tuple[Button, ...]:
        """Return the last row: Back, where there is somewhere to go back to, and Home."""
        _ = self.words.gettext
        home = Button(_("Home"), self.press(Ask.HOME))
        return (home,) if ask is None else (Button(_("Back"), self.press(ask, subject, page)), home)


def screen(lines: Iterable[str], rows: Sequence[tuple[Button, ...]]) -> Screen:
    """Put lines and rows together; empty strings among the lines are one empty line."""
    return Screen(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), tuple(rows))


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list: its items, the place of the first, and whether more follow."""

    number: int
    first: int
    items: Sequence[Item]
    has_more: bool


def paged(items: Sequence[Item], wanted: int, size: int) -> Page[Item]:
    """Return a page, or the last one there is: an old button may ask for one that is gone."""
    number = min(wanted, max(len(items) - 1, 0) // size)
    first = number * size
    return Page(number, first, items[first : first + size], first + size < len(items))


def in_rows(buttons: Sequence[Button], size: int = 2) -> list[tuple[Button, ...]]:
    """Return buttons side by side, so many in a row."""
    return [tuple(buttons[at : at + size]) for at in range(0, len(buttons), size)]


def bold(text: str) -> str:
    """Return a line as a heading. Phrases are looked up outside f-strings: extraction does not see inside."""
    return f"<b>{text}</b>"


def escaped(text: str) -> str:
    """Return text made harmless inside HTML, on one line."""
    return html.escape(" ".join(text.split()), quote=False)


_LINKED_BY_ITSELF = re.compile(r"(?<=\w)\.(?=\w)|(?=@)|(?<=:)(?=//)")


def unlinked(text: str) -> str:
    """Return text from the registry, harmless, that Telegram will not turn into a link by itself.

    "Reform.news" in a message becomes a link to a designated site although we wrote none: an invisible
    word joiner before the dot keeps it a name.
    """
    return _LINKED_BY_ITSELF.sub(lambda found: "\u2060" + found[0], escaped(text))


def shown(person: Person, words: Words) -> str:
    """Return the name: with the year of birth where one is kept to tell homonyms apart; made up, or not."""
    name = person.shown_name(words.language)
    named = f"{name} ({person.birth_year})" if person.birth_year else name
    return words.gettext("%(name)s (made-up person)") % {"name": named} if person.is_made_up else named


def banner(people: Iterable[Person], words: Words) -> list[str]:
    """Return the first line of a screen about somebody who does not exist: nobody may take it for news."""
    if not any(person.is_made_up for person in people):
        return []
    said = words.gettext("This is only a demo, with people who do not exist. Nothing of it happened.")
    return [bold(said), ""]


def kind_of(publisher: Publisher, words: Words) -> str:
    """Return what a publisher is, for where its name stays behind a tap."""
    _ = words.gettext
    return {
        PublisherKind.RIGHTS: _("a human rights organisation"),
        PublisherKind.MEDIA: _("a news outlet"),
        PublisherKind.OFFICIAL: _("an official body"),
    }[publisher.kind]


def mention(source: Source, voice: Voice, *, named: bool = False) -> str:
    """Return how a source appears to this reader: with a link, by name, or described."""
    decided = _decided(source, voice)
    if named:
        decided = caution.name_behind_tap(decided)
    if decided is Mention.DESCRIBED:
        name = kind_of(source.publisher, voice.words)
    else:
        name = unlinked(source.publisher.name)
    if decided is Mention.LINK:
        name = f'<a href="{html.escape(source.url)}">{name}</a>'
    return f"{name}, {voice.words.full_date(source.published_on)}" if source.published_on else name


def mentions(sources: Sequence[Source], voice: Voice, most: int, *, named: bool = False) -> list[str]:
    """Return how sources appear, each once, at most `most` of them; a page without a date gives way."""
    found = list(dict.fromkeys(mention(source, voice, named=named) for source in sources))
    return [one for one in found if not any(other.startswith(f"{one}, ") for other in found)][:most]


def resting_on(sources: Sequence[Source], voice: Voice, most: int) -> str:
    """Return the line that names the sources of what stands above it."""
    found = mentions(sources, voice, most)
    line = voice.words.ngettext("Source: %(sources)s.", "Sources: %(sources)s.", len(found))
    return line % {"sources": "; ".join(found)}


def sources_screen(
    lines: list[str],
    rows: list[tuple[Button, ...]],
    pages: Sequence[Source],
    voice: Voice,
    names: Press,
    *,
    named: bool,
) -> Screen:
    """Finish a screen of sources; what designated publishers are called comes only after the tap `names`."""
    _ = voice.words.gettext
    shown = mentions(pages, voice, MOST_SOURCES, named=named)
    lines = [*lines, *(f"{place}. {text}" for place, text in enumerate(shown, start=1))]
    if not shown:
        lines.append(_("There is no page to name yet."))
    hidden = any(_decided(page, voice) is Mention.DESCRIBED for page in pages)
    if hidden and named:
        lines += ["", _("In Belarus, do not open or share pages of these publishers: it can be punished.")]
    elif hidden:
        lines += ["", _("Some names are not shown: in Belarus they can be dangerous on a phone.")]
        rows = [(Button(_("Show the names"), names),), *rows]
    return screen(lines, rows)


def may_be_named(publisher: Publisher, voice: Voice) -> bool:
    """Return whether this reader may see a publisher's name without asking for it."""
    return caution.mention(voice.reader.place, publisher.designation) is not Mention.DESCRIBED


def _decided(page: Source, voice: Voice) -> Mention:
    return caution.mention(voice.reader.place, page.publisher.designation)
