"""What editors are told: a good article passes, and each way to spoil one is named with file and line."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.domain.articles import Part, any_of
from bot.domain.directory import Contact, ContactKind, Directory
from bot.domain.people import Designation, Language
from bot.sources.article_files import (
    LOCALES,
    Mistake,
    known_publishers,
    path_of,
    read_article,
    read_library,
    topics,
)
from bot.sources.article_lint import mistakes, sentences
from bot.sources.directory_files import read_directory
from tests.builders import PLAIN, an_organisation
from tests.conftest import TODAY

UN = an_organisation("un", contacts=(Contact(ContactKind.EMAIL, "desk@un.example"),))
BANNED = an_organisation("banned", designation=Designation.LISTED)
DIRECTORY = Directory([UN, BANNED])

ARTICLE = """+++
id = "parcels"
area = "legal"
title = "Parcels"
checked_on = 2026-11-24
review_by = 2027-02-24
legal_review = "none"
general = true
warning = false
contacts = ["un"]
related = ["letters", "visits"]
places = ["belarus"]

[[sources]]
publisher = "15min.lt"
url = "https://www.15min.lt/page"
read_on = 2026-11-24
published_on = "2025-03"

[[sources]]
publisher = "ABC News"
url = "https://abcnews.go.com/page"
read_on = 2026-11-23
+++
A parcel may weigh 30 kilograms. [1] Ask first.

## What to do {steps}

1. Ask the prison by **letter**. [1][2]
2. Write to desk@un.example and wait.

## In Belarus {belarus}

- Bring it yourself. [2]

## Always {safe}

Keep the receipt.
"""
AMBULANCE = {
    Language.BE: "выклікайце хуткую",
    Language.RU: "вызывайте скорую",
    Language.EN: "call an ambulance",
}
SUICIDE = {Language.BE: "самагубства", Language.RU: "самоубийстве", Language.EN: "killing themselves"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One good article in three languages, with what stands beside articles."""
    (tmp_path / "topics.csv").write_text("topic,area\nparcels,legal\nletters,legal\nvisits,legal\n")
    passages = "topic,source,url,passage\n"
    for topic in ("parcels", "letters", "visits"):
        passages += (
            f"{topic},1,https://www.15min.lt/page,thirty\n{topic},2,https://abcnews.go.com/page,in person\n"
        )
        for language in Language:
            text = ARTICLE.replace('"parcels"', f'"{topic}"', 1)
            rest = [other for other in ("parcels", "letters", "visits") if other != topic]
            text = text.replace('["letters", "visits"]', f'["{rest[0]}", "{rest[1]}"]')
            path = article(tmp_path, language, topic)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    (tmp_path / "passages.csv").write_text(passages)
    for language in Language:
        (tmp_path / language / "not_so.txt").write_text("# a comment\nkindly\nutilis*\n")
    return tmp_path


def article(folder: Path, language: Language, topic: str = "parcels") -> Path:
    return folder / language / "articles" / "legal" / f"{topic}.md"


def complaints(folder: Path) -> list[str]:
    return [str(mistake).replace(f"{folder}/", "") for mistake in mistakes(DIRECTORY, TODAY, folder)]


def test_a_good_article_is_left_in_peace(folder: Path) -> None:
    assert complaints(folder) == []


LONG = "W" + "ord w" * 25 + "ord"
SPOILED = [
    ('title = "Parcels"', f'title = "{"P" * 61}"', 4, "the title has 61"),
    ('title = "Parcels"', 'title = "Parcels by The Banned"', 4, "a title is a button"),
    ('title = "Parcels"', 'title = "Parcels!"', 4, "no exclamation marks"),
    ('title = "Parcels"', 'title = "Kindly asked"', 4, "not so: Kindly"),
    ('title = "Parcels"', 'title = "See https://plain.example"', 4, "belongs into the directory"),
    ('title = "Parcels"', 'title = "**Parcels**"', 4, "plain words"),
    ("checked_on = 2026-11-24", "checked_on = 2026-12-24", 5, "has not come"),
    ("review_by = 2027-02-24", "review_by = 2028-02-24", 6, "within a year"),
    ("review_by = 2027-02-24", "review_by = 2026-11-24", 6, "within a year"),
    ('legal_review = "none"', 'legal_review = "lawyer"', 7, "a lawyer's review"),
    ('contacts = ["un"]', 'contacts = ["un", "nobody"]', 10, "the directory has no nobody"),
    ('related = ["letters", "visits"]', 'related = ["letters"]', 11, "two to four"),
    ('related = ["letters", "visits"]', 'related = ["letters", "parcels"]', 11, "no other topic"),
    ('places = ["belarus"]', "places = []", 12, "places must name"),
    ("https://www.15min.lt/page", "ftp://15min.lt/page", 16, "not a web address"),
    ("https://www.15min.lt/page", "https://[15min.lt/page", 16, "not a web address"),
    ("https://www.15min.lt/page", "https://d1.cloudfront.net/page", 16, "a mirror"),
    ("https://www.15min.lt/page", "https://www.15min.lt/other", 16, "no passage"),
    ("read_on = 2026-11-24", "read_on = 2026-11-25", 16, "after the day of the check"),
    ("[1] Ask first.", "[1] Ask 3 times.", 25, "a number without a source"),
    ("[1] Ask first.", f"[1] {LONG}.", 25, "a sentence of 26 words"),
    ("[1] Ask first.", f"[1] {'Ask them. ' * 70}", 25, "the answer has"),
    ("[1] Ask first.", "[1] Ask first!", 25, "no exclamation marks"),
    ("[1] Ask first.", "[1] Kindly ask.", 25, "not so: Kindly"),
    ("[1] Ask first.", "[1] Utilising help.", 25, "not so: Utilising"),
    ("[1] Ask first.", "[1] Ask The Banned.", 25, "named without a warning"),
    ("[1] Ask first.", "[1] See https://plain.example now.", 25, "belongs into the directory"),
    ("[1] Ask first.", "[1] Write to @somebody now.", 25, "belongs into the directory"),
    ("by **letter**. [1][2]", "by **letter**. [1]", 20, "differ"),
    ("30 kilograms. [1]", "30 kilograms. [3]", 25, "marks"),
    ("desk@un.example", "other@un.example", 30, "belongs into the directory"),
    ("## Always {safe}\n\nKeep the receipt.", "", 25, "one part called safe"),
    ("Keep the receipt.", "Keep 2 receipts.", 36, "no figures"),
    ("Keep the receipt.", "Keep it. " * 200, 36, "a part has"),
    ("## In Belarus {belarus}", "## In Belarus {more}", 12, "places must name"),
    ("## What to do {steps}", "## What to do {more}", 32, "stands before"),
    ("## What to do {steps}", "## What to do! {steps}", 27, "no exclamation marks"),
    ("## What to do {steps}", "## Kindly do {steps}", 27, "not so: Kindly"),
    ("## What to do {steps}", "## **Kind**ly do {steps}", 27, "plain words"),
    ("## What to do {steps}", "## What to do [1] {steps}", 27, "plain words"),
    ("## What to do {steps}", "## Ask The Banned {steps}", 27, "named without a warning"),
    ("## What to do {steps}", "## See www.plain.example {steps}", 27, "belongs into the directory"),
    ("## What to do {steps}", f"## {LONG} {{steps}}", 27, "a sentence of 26 words"),
    ("## In Belarus {belarus}", "## What to do! {belarus}", 32, "no exclamation marks"),
    ("## Always {safe}", "## Always 24 hours {safe}", 36, "no figures"),
]


@pytest.mark.parametrize(("old", "new", "line", "said"), SPOILED)
def test_each_way_to_spoil_it_is_named(folder: Path, old: str, new: str, line: int, said: str) -> None:
    for language in Language:
        path = article(folder, language)
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))

    found = complaints(folder)

    about = [complaint for complaint in found if said in complaint]
    if said != "differ":
        assert len(about) >= len(Language), found
        assert about[0].startswith("be/articles/legal/parcels.md:"), found
        assert f":{line}: " in about[0], found


UNREADABLE = [
    ("+++\nid", "id", "between two lines of +++"),
    ('id = "parcels"', 'id = "packets"', "id and area"),
    ('area = "legal"', 'area = "about"', "id and area"),
    ("general = true\n", "", "lacks or adds: general"),
    ("general = true", "general =", "not TOML"),
    ("general = true", f"general = {'9' * 5000}", "not TOML"),
    ("checked_on = 2026-11-24", 'checked_on = "2026-11-24"', "without quotation marks"),
    ('publisher = "15min.lt"', 'publisher = "Nobody Daily"', "Nobody Daily"),
    ('publisher = "15min.lt"', 'publisher = "15min.lt"\nauthor = "x"', "a source has no author"),
    ('published_on = "2025-03"', 'published_on = "March"', "not a date"),
    ("## What to do {steps}", "# What to do {steps}", "begins with ##"),
    ("## What to do {steps}", "## What to do", "ends with its part"),
    ("## What to do {steps}", "## What to do {things}", "ends with its part"),
]


@pytest.mark.parametrize(("old", "new", "said"), UNREADABLE)
def test_what_cannot_be_read_is_named_too(folder: Path, old: str, new: str, said: str) -> None:
    path = article(folder, Language.RU)
    path.write_text(path.read_text().replace(old, new, 1))

    found = complaints(folder)

    assert [complaint for complaint in found if said in complaint], found


LAST_CHECK = date(2026, 11, 28)
"""The day on which articles were checked last."""
TEXT, DAY, FLAG = "a text is written in quotation marks", "a date is written 2026-11-24", "true or false"
LIST = "a list is written in square brackets"
MISTYPED = [
    ('id = "parcels"', "id = 5", 2, f"id: {TEXT}"),
    ('area = "legal"', 'area = ["legal"]', 3, f"area: {TEXT}"),
    ('title = "Parcels"', "title = 5", 4, f"title: {TEXT}"),
    ('title = "Parcels"', 'title = ["Parcels"]', 4, f"title: {TEXT}"),
    ('title = "Parcels"', "title = 2026-11-24", 4, f"title: {TEXT}"),
    ("checked_on = 2026-11-24", 'checked_on = "2026-11-24"', 5, f"checked_on: {DAY}"),
    ("checked_on = 2026-11-24", "checked_on = 2026-11-24T10:00:00", 5, f"checked_on: {DAY}"),
    ("review_by = 2027-02-24", "review_by = 2027", 6, f"review_by: {DAY}"),
    ('legal_review = "none"', "legal_review = false", 7, f"legal_review: {TEXT}"),
    ("general = true", 'general = "false"', 8, f"general: {FLAG}"),
    ("general = true", "general = 1", 8, f"general: {FLAG}"),
    ("warning = false", 'warning = ""', 9, f"warning: {FLAG}"),
    ("warning = false", "warning = []", 9, f"warning: {FLAG}"),
    ('contacts = ["un"]', 'contacts = "un"', 10, f"contacts: {LIST}"),
    ('contacts = ["un"]', 'contacts = [["un"]]', 10, f"contacts: {TEXT}"),
    ('related = ["letters", "visits"]', 'related = ["letters", 5]', 11, f"related: {TEXT}"),
    ('related = ["letters", "visits"]', 'related = {letters = "visits"}', 11, f"related: {LIST}"),
    ('places = ["belarus"]', 'places = "belarus"', 12, f"places: {LIST}"),
    ('places = ["belarus"]', "places = [\n  true,\n]", 12, f"places: {TEXT}"),
    ('publisher = "15min.lt"', 'publisher = ["15min.lt"]', 15, f"publisher: {TEXT}"),
    ('url = "https://abcnews.go.com/page"', "url = 5", 22, f"url: {TEXT}"),
    ("read_on = 2026-11-23", 'read_on = "2026-11-23"', 23, f"read_on: {DAY}"),
    ('published_on = "2025-03"', "published_on = false", 18, f"published_on: {DAY}"),
    ('published_on = "2025-03"', "published_on = 2025", 18, f"published_on: {DAY}"),
    ('published_on = "2025-03"', "origin = 0", 18, f"origin: {TEXT}"),
    ('published_on = "2025-03"', 'author = "x"', 18, "a source has no author"),
    ('url = "https://abcnews.go.com/page"\n', "", 20, "a source lacks its url"),
]


@pytest.mark.parametrize(("old", "new", "line", "said"), MISTYPED)
def test_a_field_of_another_type_is_named_and_never_read_as_something_else(
    folder: Path, old: str, new: str, line: int, said: str
) -> None:
    path = article(folder, Language.RU)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))

    found = complaints(folder)

    assert len(found) == 1, found
    assert found[0].startswith(f"ru/articles/legal/parcels.md:{line}: {said}")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('sources = "x"', f"2: sources: {LIST}"),
        ("sources = [5]", "2: sources: each source begins with [[sources]]"),
        ("[sources]\nurl = 5", f"13: sources: {LIST}"),
    ],
)
def test_sources_that_are_no_sources_are_named(folder: Path, written: str, said: str) -> None:
    path = article(folder, Language.RU)
    header, body = path.read_text().removeprefix("+++\n").split("+++\n")
    fields = header.split("\n\n")[0]
    moved = f"{fields}\n{written}" if written.startswith("[") else f"{written}\n{fields}"
    path.write_text(f"+++\n{moved}\n+++\n{body}")

    assert [line for line in complaints(folder) if line.startswith(f"ru/articles/legal/parcels.md:{said}")]


def test_an_empty_header_is_named(folder: Path) -> None:
    path = article(folder, Language.RU)
    path.write_text("+++\n+++\nAsk first.\n")

    assert complaints(folder) == [
        "ru/articles/legal/parcels.md:1: the header must stand between two lines of +++"
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("review_by = 2027-02-24", "review_by = 2027-03-24", "header"),
        ("[1] Ask first.", "Ask first.", "marks"),
        ("1. Ask the prison", "Ask the prison", "lists"),
        ("## In Belarus {belarus}\n\n- Bring it yourself. [2]\n\n", "", "parts"),
    ],
)
def test_the_languages_must_agree(folder: Path, old: str, new: str, said: str) -> None:
    path = article(folder, Language.EN)
    path.write_text(path.read_text().replace(old, new, 1))

    assert f"en/articles/legal/parcels.md:1: the {said} differ from those in be" in complaints(folder)


def test_a_missing_file_and_a_stray_one_are_named(folder: Path) -> None:
    article(folder, Language.RU).unlink()
    shutil.copy(article(folder, Language.BE), folder / "be/articles/legal/stray.md")

    found = complaints(folder)

    assert "ru/articles/legal/parcels.md:1: there is no such file, or it is not UTF-8" in found
    assert "be/articles/legal/stray.md:1: topics.csv does not have this topic in this area" in found


def test_a_name_that_is_dangerous_may_stand_behind_a_warning(folder: Path) -> None:
    for language in Language:
        path = article(folder, language)
        text = path.read_text().replace("warning = false", "warning = true")
        text = text.replace("## What to do", "## Ask The Banned")
        path.write_text(text.replace("Ask first.", "Ask The Banned."))

    assert complaints(folder) == []


def test_sentences_end_where_a_reader_would_say_so() -> None:
    text = "Гл. арт. 411 КК. Потым: «Так». Hjalmar v. 2 stays? Yes; So it is."

    assert sentences(text) == [
        "Гл. арт. 411 КК.",
        "Потым: «Так».",
        "Hjalmar v. 2 stays?",
        "Yes; So it is.",
    ]


def test_marks_are_kept_beside_the_words_and_bold_is_bold(folder: Path) -> None:
    read = read_article(article(folder, Language.BE), Language.BE, {"15min.lt": PLAIN, "ABC News": PLAIN})

    step = read.sections[0].blocks[0]
    assert (step.marker, [(run.text, run.bold, run.marks) for run in step.runs]) == (
        "1.",
        [("Ask the prison by ", False, ()), ("letter", True, ()), (".", False, (1, 2))],
    )
    assert [section.part for section in read.sections] == [Part.STEPS, Part.BELARUS, Part.SAFE]
    assert read.sources[0].published_on is not None


def test_a_library_with_a_hole_is_not_opened(folder: Path) -> None:
    article(folder, Language.EN).unlink()

    with pytest.raises(Mistake, match="no such file"):
        read_library(folder)


def test_every_article_that_ships_passes() -> None:
    assert [str(mistake) for mistake in mistakes(read_directory(), LAST_CHECK)] == []


def test_what_ships_is_every_topic_in_every_language_and_most_rest_on_two_sources() -> None:
    library = read_library()
    two = [topic for topic in library.topics() if any_of(topic).independent >= 2]

    assert len(library.topics()) == len(topics()) >= 84
    assert len(two) >= 60
    assert (LOCALES / "topics.csv").exists()


def test_four_hundred_days_on_every_article_is_past_its_review() -> None:
    late = date.fromordinal(TODAY.toordinal() + 400)

    assert all(any_of(topic).is_expired(late) for topic in read_library().topics())


@pytest.mark.parametrize("topic", ["supporting-at-home", "psychological-help"])
@pytest.mark.parametrize("language", Language)
def test_what_to_do_when_somebody_speaks_of_suicide_is_said_before_any_tap(
    topic: str, language: Language
) -> None:
    """The one who reads "do not ask, do not hurry" first may wait until it is too late."""
    article = read_article(path_of(language, topics()[topic], topic), language, known_publishers())
    first = sentences("".join(run.text for run in article.answer[0].runs))[0]

    assert SUICIDE[language] in first
    assert AMBULANCE[language] in first
