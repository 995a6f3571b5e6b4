"""Reading articles: `locales/<language>/articles/<area>/<key>.md`, TOML in front, a little Markdown behind.

What is allowed in the text is little on purpose: paragraphs, lists, bold words, headings of parts, and
`[1]` after a sentence for the first source. TRANSLATING.md says it for those who write.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.domain.articles import Area, Article, Block, Library, Part, Review, Run, Section
from bot.domain.people import Designation, Language, Publisher, PublisherKind, Source, When
from bot.sources.seed_files import read_seed

LOCALES = Path(__file__).parents[2] / "locales"
FENCE = "+++\n"

_MARKDOWN = MarkdownIt("zero").enable(["list", "heading", "emphasis"])
_HEADING = re.compile(r"(?P<heading>.*\S) \{(?P<part>[a-z]+)\}")
_MARK = re.compile(r"\[(\d{1,2})\]")
_MARKS = re.compile(r"\s*((?:\[\d{1,2}\])+)")
_SOURCES = re.compile(r"\s*\[\[\s*sources\s*\]\]")

Kinds: TypeAlias = tuple[type[object], ...]
"""The types a value may have: exactly these, since to Python true is a number and a moment is a day."""

_TEXT, _DAY, _FLAG, _LIST, _TABLE = (str,), (date,), (bool,), (list,), (dict,)
_FRONT: dict[str, Kinds] = {
    **dict.fromkeys(("id", "area", "title", "legal_review"), _TEXT),
    **dict.fromkeys(("checked_on", "review_by"), _DAY),
    **dict.fromkeys(("general", "warning"), _FLAG),
    **dict.fromkeys(("contacts", "related", "places", "sources"), _LIST),
}
_SOURCE: dict[str, Kinds] = {
    **dict.fromkeys(("publisher", "url", "origin"), _TEXT),
    "read_on": _DAY,
    "published_on": (*_DAY, *_TEXT),
}
_OPTIONAL = {"published_on", "origin"}
_WRITTEN: dict[Kinds, str] = {
    _TEXT: "a text is written in quotation marks",
    _DAY: "a date is written 2026-11-24, without quotation marks",
    _FLAG: "true or false, without quotation marks",
    _LIST: "a list is written in square brackets",
    _TABLE: "each source begins with [[sources]]",
    (*_DAY, *_TEXT): 'a date is written 2026-11-24, or "2026-11" or "2026" in quotation marks',
}


class Mistake(Exception):  # noqa: N818  (it is what a person wrote, shown to that person)
    """What is wrong in a file, and where."""

    def __init__(self, path: Path, line: int, text: str) -> None:
        root = LOCALES.parent
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        super().__init__(f"{shown}:{line}: {text}")
        self.path, self.line = path, line


def topics(locales: Path = LOCALES) -> dict[str, Area]:
    """Return every topic and its area, in the order in which topics are listed."""
    with (locales / "topics.csv").open(encoding="utf-8", newline="") as file:
        return {row["topic"]: Area(row["area"]) for row in csv.DictReader(file)}


@cache
def known_publishers() -> dict[str, Publisher]:
    """Return the publishers of the seed by name: what is dangerous to name is said there, once."""
    return {
        row.cells["name"]: Publisher(
            row.cells["name"], PublisherKind(row.cells["kind"]), Designation(row.cells["designation"])
        )
        for row in read_seed()["publishers"]
    }


def path_of(language: Language, area: Area, key: str, locales: Path = LOCALES) -> Path:
    """Return where an article is."""
    return locales / language.value / "articles" / area.value / f"{key}.md"


@cache
def read_library(locales: Path = LOCALES) -> Library:
    """Read every article of every language, once. Raises Mistake at the first that cannot be read."""
    publishers = known_publishers()
    return Library(
        read_article(path_of(language, area, key, locales), language, publishers)
        for language in Language
        for key, area in topics(locales).items()
    )


def read_article(path: Path, language: Language, publishers: Mapping[str, Publisher]) -> Article:
    """Read one file. Raises Mistake."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Mistake(path, 1, "there is no such file, or it is not UTF-8") from None
    if not text.startswith(FENCE) or text[len(FENCE) :].count(f"\n{FENCE}") != 1:
        raise Mistake(path, 1, "the header must stand between two lines of +++")
    header, body = text[len(FENCE) :].split(f"\n{FENCE}")
    front = _front(path, header)
    sections = list(_sections(path, body, header.count("\n") + 3))
    try:
        return Article(
            key=front["id"],
            area=Area(front["area"]),
            language=language,
            title=front["title"],
            checked_on=front["checked_on"],
            review_by=front["review_by"],
            legal_review=Review(front["legal_review"]),
            general=front["general"],
            warning=front["warning"],
            places=tuple(Part(place) for place in front["places"]),
            contacts=tuple(front["contacts"]),
            related=tuple(front["related"]),
            sources=tuple(_source(source, publishers) for source in front["sources"]),
            answer=sections[0].blocks,
            sections=tuple(sections[1:]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Mistake(path, 1, f"the header holds something unknown: {error}") from None


def _front(path: Path, header: str) -> dict[str, Any]:
    try:
        front = tomllib.loads(header)
    except (ValueError, RecursionError) as error:
        raise Mistake(path, 1, f"the header is not TOML: {error}") from None
    if set(front) != set(_FRONT):
        raise Mistake(path, 1, f"the header lacks or adds: {', '.join(sorted(set(front) ^ set(_FRONT)))}")
    for field, number, text in _misread(front):
        raise Mistake(path, _line(header, field, number), text)
    if front["id"] != path.stem or front["area"] != path.parent.name:
        raise Mistake(path, 1, "id and area must be those of the file's name and folder")
    return front


def _misread(front: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """Yield each field that is not of its type, the number of its source or 0, and how it is written."""
    for field, kinds in _FRONT.items():
        items = (_TABLE if field == "sources" else _TEXT) if kinds == _LIST else None
        if type(front[field]) not in kinds:
            yield field, 0, f"{field}: {_WRITTEN[kinds]}"
        elif items and not all(type(item) in items for item in front[field]):
            yield field, 0, f"{field}: {_WRITTEN[items]}"
    for number, cells in enumerate(front["sources"], 1):
        for field in sorted(set(cells) - set(_SOURCE)):
            yield field, number, f"a source has no {field}"
        for field in sorted(set(_SOURCE) - _OPTIONAL - set(cells)):
            yield "", number, f"a source lacks its {field}"
        for field in _SOURCE:
            if field in cells and type(cells[field]) not in _SOURCE[field]:
                yield field, number, f"{field}: {_WRITTEN[_SOURCE[field]]}"


def _line(header: str, field: str, number: int) -> int:
    """Return the line of the file with a field of the header, or else the line where its source begins."""
    written = re.compile(rf"\s*\[?\s*[\"']?{re.escape(field)}[\"']?\s*[=\]]") if field else None
    source, begins = 0, 1
    for line, text in enumerate(header.split("\n"), 2):
        if _SOURCES.match(text):
            source += 1
            begins = line if source == number else begins
        elif source == number and written and written.match(text):
            return line
    return begins


def _source(cells: Mapping[str, Any], publishers: Mapping[str, Publisher]) -> Source:
    publisher = publishers[cells["publisher"]]
    published_on = cells.get("published_on")
    return Source(
        publisher=publisher,
        url=cells["url"],
        published_on=When.parse(str(published_on)) if published_on is not None else None,
        origin=cells.get("origin") or publisher.name,
        read_on=cells["read_on"],
    )


def _sections(path: Path, body: str, first_line: int) -> Iterator[Section]:
    """Yield the answer, as a section without a heading, and then each part."""
    heading, part, blocks = "", Part.STEPS, list[Block]()
    marker = ""
    tokens = _MARKDOWN.parse(body)
    for place, token in enumerate(tokens):
        line = first_line + (token.map[0] if token.map else 0)
        if token.type == "heading_open":
            if token.tag != "h2":
                raise Mistake(path, line, "a heading begins with ##")
            yield Section(part, heading, tuple(blocks))
            found = _HEADING.fullmatch(tokens[place + 1].content)
            if not found or found["part"] not in set(Part):
                raise Mistake(path, line, "a heading ends with its part, as in: ## Steps {steps}")
            heading, part, blocks = found["heading"], Part(found["part"]), []
        elif token.type == "list_item_open":
            marker = f"{token.info}." if token.info else "–"
        elif token.type == "inline" and tokens[place - 1].type != "heading_open":
            blocks.append(Block(tuple(_runs(token)), marker))
            marker = ""
    yield Section(part, heading, tuple(blocks))


def _runs(inline: Token) -> Iterator[Run]:
    """Yield the words of a paragraph; marks are taken out of the text and kept beside it."""
    bold = False
    for token in inline.children or ():
        if token.type in {"strong_open", "strong_close"}:
            bold = token.type == "strong_open"
            continue
        text = " " if token.type in {"softbreak", "hardbreak"} else token.content
        rest = 0
        for found in _MARKS.finditer(text):
            marks = tuple(int(number) for number in _MARK.findall(found[1]))
            yield Run(text[rest : found.start()], bold, marks)
            rest = found.end()
        if text[rest:]:
            yield Run(text[rest:], bold)
