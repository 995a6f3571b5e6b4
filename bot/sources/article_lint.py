"""What an editor is told about articles before a reader sees them: file, line, and what to mend."""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from bot.domain.articles import PLACES, Article, Block, Part, Review, Section
from bot.domain.directory import Directory
from bot.domain.people import Designation, Language, Publisher
from bot.sources.article_files import LOCALES, Mistake, known_publishers, path_of, read_article, topics

MOST_TITLE = 60
MOST_ANSWER = 600
MOST_SECTION = 1500
MOST_WORDS = 25
LONGEST_REVIEW = timedelta(days=366)
RELATED = range(2, 5)

_MIRRORS = re.compile(
    r"cloudfront\.net|amazonaws|azureedge|web\.archive|archive\.(?:ph|org|is)|translate\.goog|telegra\.ph"
    r"|wikipedia|mirror|page\.store|google\.com/amp"
)
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|(?<![\w.])@\w{4,}|\S+@[\w-]+\.[\w.-]+")
_FORBIDDEN_SIGNS = re.compile("[!\U0001f300-\U0001faff\u2600-\u27bf]")
_SENTENCE_END = re.compile(r"(?<=[.?!…])\s+(?=[«„\"“(]?[A-ZА-ЯЁІЎ])")
_PAUSE = re.compile(r"(?<=[:;])\s+")
_ABBREVIATED = re.compile(r"(?:^|[\s(«])(?:арт|ч|ст|п|г|гг|тыс|т\.\s?п|art|No|г\.\s?д)\.$", re.IGNORECASE)
_NOT_PLAIN = re.compile(r"\*|(?<!\w)_|_(?!\w)|\[\d")
_QUOTED = re.compile('[«“"]([^»”"]+)[»”"]')


def mistakes(directory: Directory, today: date, locales: Path = LOCALES) -> list[Mistake]:
    """Return everything wrong with the articles, in the order of topics; an empty list is a pass."""
    lint = _Lint(directory, today, locales)
    return sorted(lint.all(), key=lambda found: (str(found.path), found.line))


Complaint: TypeAlias = tuple[str, str]
"""Words near which to look, and what to mend there."""


class _Lint:
    """Reads each article once and holds what several rules need."""

    def __init__(self, directory: Directory, today: date, locales: Path) -> None:
        self.directory, self.today, self.locales = directory, today, locales
        self.publishers = known_publishers()
        self.topics = topics(locales)
        self.passages = _passages(locales)
        self.phrases = {language: _phrases(locales, language) for language in Language}
        self.apart = _dangerous_names(directory, self.publishers)

    def all(self) -> Iterator[Mistake]:
        for path in sorted(self.locales.glob("*/articles/*/*.md")):
            if self.topics.get(path.stem) != path.parent.name:
                yield Mistake(path, 1, "topics.csv does not have this topic in this area")
        for key, area in self.topics.items():
            found: dict[Language, Article] = {}
            for language in Language:
                path = path_of(language, area, key, self.locales)
                try:
                    found[language] = read_article(path, language, self.publishers)
                except Mistake as mistake:
                    yield mistake
            for article in found.values():
                path = path_of(article.language, area, key, self.locales)
                for words, text in self._complaints(article, found.get(Language.BE, article)):
                    yield Mistake(path, _line(path, words), text)

    def _complaints(self, article: Article, original: Article) -> Iterator[Complaint]:
        yield from self._header(article)
        yield from self._neighbours(article)
        yield from self._sources(article)
        yield from _parts(article)
        yield from _sections(article)
        yield from _parity(article, original)
        yield from self._headings(article)
        for block in _blocks(article):
            written = "".join(run.text for run in block.runs)
            where = block.runs[0].text[:30].strip() if block.runs else ""
            for complaint in (*_too_long(written), *_unsourced(block), *self._words(article, written)):
                yield where, complaint

    def _header(self, article: Article) -> Iterator[Complaint]:
        if not 0 < len(article.title) <= MOST_TITLE:
            yield "title", f"the title has {len(article.title)} letters of {MOST_TITLE}"
        for complaint in (*_not_plain(article.title), *self._phrasing(article, article.title)):
            yield "title", complaint
        for name in self.apart:
            if _names(name, article.title):
                yield "title", f"a title is a button, on every screen: it must not name {name}"
        if article.checked_on > self.today:
            yield "checked_on", "checked on a day that has not come"
        if not timedelta(0) < article.review_by - article.checked_on <= LONGEST_REVIEW:
            yield "review_by", "to be reviewed within a year of the check"
        if article.legal_review is Review.LAWYER:
            yield "legal_review", "a lawyer's review needs an organisation and a date, which none has yet"

    def _headings(self, article: Article) -> Iterator[Complaint]:
        """Read the headings of parts, which are buttons and the first line of a screen, as text is read."""
        for section in article.sections:
            written = section.heading
            for complaint in (*_not_plain(written), *_too_long(written), *self._words(article, written)):
                yield _heading_of(section), complaint

    def _neighbours(self, article: Article) -> Iterator[Complaint]:
        for key in article.contacts:
            if self.directory.organisation(key) is None:
                yield "contacts", f"the directory has no {key}"
        if len(article.related) not in RELATED:
            yield "related", "two to four related topics"
        for key in article.related:
            if key not in self.topics or key == article.key:
                yield "related", f"no other topic is called {key}"

    def _sources(self, article: Article) -> Iterator[Complaint]:
        if not article.sources:
            yield "sources", "no source, no article"
        for source in article.sources:
            if not _is_web_address(source.url):
                yield source.url, "the address of a source is not a web address"
            if _MIRRORS.search(source.url):
                yield source.url, "a mirror or a copy is no source: give the publisher's own page"
            if source.read_on > article.checked_on:
                yield source.url, "read after the day of the check"
            if (article.key, source.url) not in self.passages:
                yield source.url, "passages.csv has no passage of this page for this topic"

    def _words(self, article: Article, written: str) -> Iterator[str]:
        yield from self._phrasing(article, written)
        if not article.warning:
            for name in self.apart:
                if _names(name, written):
                    yield f"named without a warning: {name}"

    def _phrasing(self, article: Article, written: str) -> Iterator[str]:
        if _FORBIDDEN_SIGNS.search(written):
            yield "no exclamation marks, no pictures"
        for address in _ADDRESS.findall(written):
            if not self._may_be_written(address.rstrip(".,;)"), article):
                yield f"an address belongs into the directory: {address}"
        for phrase in self.phrases[article.language]:
            if found := phrase.search(written):
                yield f"not so: {found[0]}"

    def _may_be_written(self, address: str, article: Article) -> bool:
        """Return whether an address is one that the directory has, of a body nobody is punished for."""
        bodies = (self.directory.organisation(key) for key in article.contacts)
        return any(
            contact.value == address
            for body in bodies
            if body is not None and body.designation is Designation.NOT_LISTED
            for contact in body.contacts
        )


def _line(path: Path, words: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    sought = words.replace("**", "")
    return next((n for n, line in enumerate(lines, 1) if sought in line.replace("**", "")), 1)


def _heading_of(section: Section) -> str:
    return f"{section.heading} {{{section.part}}}"


def _is_web_address(url: str) -> bool:
    try:
        address = urlsplit(url)
    except ValueError:  # a bracket without its pair
        return False
    return address.scheme in {"http", "https"} and "." in address.netloc


def _parts(article: Article) -> Iterator[Complaint]:
    answer = _plain(article.answer)
    if not 0 < len(answer) <= MOST_ANSWER:
        yield answer[:20], f"the answer has {len(answer)} signs of {MOST_ANSWER}"
    parts = [section.part for section in article.sections]
    for first, second in pairwise(parts):
        if list(Part).index(first) > list(Part).index(second):
            yield f"{{{second}}}", f"{second} stands before {first}"
    if parts.count(Part.SAFE) != 1:
        yield answer[:20], "one part called safe, at the end"
    if article.places != tuple(part for part in parts if part in PLACES):
        yield "places", "places must name the parts that are places, in their order"
    used = {mark for block in _blocks(article) for run in block.runs for mark in run.marks}
    if used != set(range(1, len(article.sources) + 1)):
        yield answer[:20], f"marks {sorted(used)} for {len(article.sources)} sources"


def _sections(article: Article) -> Iterator[Complaint]:
    for section in article.sections:
        written = _plain(section.blocks)
        if not 0 < len(written) <= MOST_SECTION:
            yield _heading_of(section), f"a part has {len(written)} signs of {MOST_SECTION}"
        if section.part is Part.SAFE and re.search(r"\d", f"{section.heading} {written}"):
            yield _heading_of(section), "what stays true without a check has no figures"


def _not_plain(written: str) -> Iterator[str]:
    """Say that a title or heading has signs of Markdown: a button shows them as they are."""
    if found := _NOT_PLAIN.search(written):
        yield f"a title and a heading are plain words, without {found[0]}"


def _too_long(written: str) -> Iterator[str]:
    for sentence in (part for whole in sentences(written) for part in _PAUSE.split(whole)):
        words = len(re.findall(r"[\w’'-]+", sentence))
        if words > MOST_WORDS:
            yield f"a sentence of {words} words: {sentence[:60]}"


def _unsourced(block: Block) -> Iterator[str]:
    for unmarked in _unmarked(block):
        # "2024." alone is a label; the sentence after it says something.
        if re.search(r"\d", unmarked) and re.search(r"[^\W\d_]", unmarked):
            yield f"a number without a source: {unmarked[:60]}"


def _parity(article: Article, original: Article) -> Iterator[Complaint]:
    for word, one, other in (
        ("header", _header_of(original), _header_of(article)),
        ("parts", [s.part for s in original.sections], [s.part for s in article.sections]),
        ("marks", _marks_of(original), _marks_of(article)),
        ("lists", _lists_of(original), _lists_of(article)),
    ):
        if one != other:
            yield "+++", f"the {word} differ from those in {original.language}"


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    found: list[str] = []
    for piece in _SENTENCE_END.split(text):
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] += f" {piece}"
        else:
            found.append(piece)
    return [sentence.strip() for sentence in found if sentence.strip()]


def _unmarked(block: Block) -> Iterator[str]:
    """Yield the sentences after which no source is given."""
    waiting = ""
    for run in block.runs:
        waiting += run.text
        if run.marks:
            yield from sentences(waiting)[:-1]
            waiting = ""
    yield from sentences(waiting)


def _blocks(article: Article) -> Iterator[Block]:
    yield from article.answer
    for section in article.sections:
        yield from section.blocks


def _plain(blocks: tuple[Block, ...]) -> str:
    return "\n".join(f"{block.marker} {''.join(run.text for run in block.runs)}".strip() for block in blocks)


def _header_of(article: Article) -> tuple[object, ...]:
    return (
        *(article.checked_on, article.review_by, article.legal_review, article.general, article.warning),
        *(article.contacts, article.related, article.sources),
    )


def _marks_of(article: Article) -> list[tuple[int, ...]]:
    return [run.marks for block in _blocks(article) for run in block.runs if run.marks]


def _lists_of(article: Article) -> list[str]:
    return [block.marker for block in _blocks(article) if block.marker]


def _passages(locales: Path) -> set[tuple[str, str]]:
    with (locales / "passages.csv").open(encoding="utf-8", newline="") as file:
        return {(row["topic"], row["url"]) for row in csv.DictReader(file) if row["passage"].strip()}


def _phrases(locales: Path, language: Language) -> list[re.Pattern[str]]:
    """Return what must not be written in a language: one word or phrase a line, `*` for any ending."""
    lines = (locales / language.value / "not_so.txt").read_text(encoding="utf-8").splitlines()
    kept = (line.split("#")[0].strip() for line in lines)
    return [
        re.compile(rf"(?<!\w){re.escape(line).replace(chr(92) + '*', chr(92) + 'w*')}(?!\w)", re.IGNORECASE)
        for line in kept
        if line
    ]


def _dangerous_names(directory: Directory, publishers: Mapping[str, Publisher]) -> list[str]:
    """Return the names that must not stand in a text without a warning, longest first."""
    names = {
        name
        for body in directory.all()
        if body.designation is not Designation.NOT_LISTED
        for name in body.names.values()
    }
    names |= {
        publisher.name for publisher in publishers.values() if publisher.designation is Designation.LISTED
    }
    return sorted(names, key=lambda name: (-len(name), name))


def _names(name: str, text: str) -> bool:
    """Return whether a text names an organisation, in Cyrillic also in another case."""
    within = " ".join(_QUOTED.findall(text)) if _QUOTED.search(name) else text
    return _pattern(name).search(within) is not None


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return what finds a name; of a quoted one, what stands in its quotes.

    A name of one word may be a common word too: it counts in quotes, or with a capital inside a sentence.
    """
    if quoted := _QUOTED.search(name):
        return re.compile(rf"(?<!\w){_in_any_case(quoted[1])}", re.IGNORECASE)
    if re.search(r"[A-Za-z]", name):
        return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    inside = r"(?<=[\w,–(«] )" if len(name.split()) == 1 else r"(?<!\w)"
    return re.compile(inside + _in_any_case(name))


def _in_any_case(name: str) -> str:
    """Return a pattern for a Cyrillic name whose words may have other endings."""
    return r"\s+".join(rf"{re.escape(word[: max(len(word) - 2, 3)])}\w{{0,4}}(?!\w)" for word in name.split())
