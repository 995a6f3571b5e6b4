"""Words: phrases, plurals, dates and country names in a reader's language."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

from bot.domain.people import Language, Precision, View, When

CATALOGUES = Path(__file__).parents[2] / "locales"

_PATTERNS = {Precision.DAY: "d MMMM y", Precision.MONTH: "LLLL y", Precision.YEAR: "y"}
"""Without the "г." that CLDR appends in Belarusian and Russian: it collides with full stops."""


class Words:
    """One language's voice. `gettext` and `ngettext` take the English phrases of the code."""

    def __init__(self, language: Language, translations: Translations) -> None:
        self.language = language
        self._locale = Locale(language.value)
        self.gettext = translations.gettext
        self.ngettext = translations.ngettext

    def full_date(self, when: When) -> str:
        """Return a date in words, no finer than it is known."""
        return _dated(when, self._locale)

    def short_date(self, when: When) -> str:
        """Return a date in figures, for a button: `13.12.2025`, `12.2025`, `2025`."""
        pattern = {Precision.DAY: "dd.MM.y", Precision.MONTH: "MM.y", Precision.YEAR: "y"}
        return str(format_date(when.start, pattern[when.precision], locale=self._locale))

    def days_ago(self, day: date, today: date) -> str:
        """Return how long ago a day was. CLDR's unit names hold Russian forms in Belarusian: ours do not."""
        days = max((today - day).days, 0)
        if days == 0:
            return self.gettext("today")
        return self.ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": self.number(days)}

    def number(self, number: int) -> str:
        """Return a number as the language groups its digits."""
        return str(format_decimal(number, locale=self._locale))

    def country(self, code: str) -> str:
        """Return a country's name, or its code where the language has none."""
        return str(self._locale.territories.get(code, code))

    def language_name(self, code: str) -> str:
        """Return a language's name, or its code where this language has no word for it."""
        name = str(self._locale.languages.get(code, code))
        return name[:1].upper() + name[1:]

    def countries(self, codes: Iterable[str]) -> str:
        """Return countries' names as a list."""
        return ", ".join(self.country(code) for code in codes)


@lru_cache(maxsize=4096)
def _dated(when: When, locale: Locale) -> str:
    """Return a date in words; a screen of news says the same few dates again and again."""
    return str(format_date(when.start, _PATTERNS[when.precision], locale=locale))


@cache
def in_language(language: Language) -> Words:
    """Return the words of a language, read once. Raises OSError when its catalogue is missing."""
    path = CATALOGUES / language.value / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language.value)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Words(language, Translations(compiled))


def view_for(code: str | None) -> View:
    """Return the view to greet a phone of this language in.

    Many phones in Belarus are set to Russian or Ukrainian; Russian is then the likelier to be read.
    """
    base = (code or "").split("-")[0].lower()
    if base in {"be", "ru", "en"}:
        return View(base)
    return View.RU if base in {"uk", "kk", "hy"} else View.EN
