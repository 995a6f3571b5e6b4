"""What the articles about this bot say is so today: each sentence here is quoted from one and checked."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.chat import unasked
from bot.chat.buttons import Ask
from bot.chat.handlers import Handlers
from bot.domain.alerts import DIGEST_HOUR, LOUD_HOURS, REMEMBERED_DAYS, Board, due_at
from bot.domain.articles import Article
from bot.domain.caution import Kind, Place, mention
from bot.domain.follower import (
    DUMMY,
    LONGEST_WIPE,
    MOST_TOLD,
    SHORTEST_WIPE,
    Flag,
    Quiet,
    Record,
    Told,
    pack,
)
from bot.domain.independence import has_two_origins
from bot.domain.people import Designation, Language
from bot.domain.publishing import (
    Action,
    Approval,
    Publication,
    PublicationKind,
    needs_another,
)
from bot.domain.refusals import Refusal
from bot.services.wiping import UNTAPPED_MINUTES
from bot.sources.article_files import LOCALES, read_library
from bot.store.tables import metadata, usefulness
from tests.builders import a_source
from tests.chat.test_words import calls
from tests.test_locales import catalogue, translations

LIBRARY = read_library()
ABOUT = (
    *("is-it-safe-here", "what-we-store", "report-error", "fake-bots", "how-alerts-work"),
    *("how-we-verify", "cite-our-data"),
)
QUOTED = {Language.BE: "«([^»]+)»", Language.RU: "«([^»]+)»", Language.EN: "“([^”]+)”"}
NOT_OURS = {
    *("хімія", "Хімія", "химия", "khimiya"),
    *("спіс родных", "список родных", "list of relatives"),
    *("вядома пра", "известно о", "known to be"),
}
"""Words in quotation marks that are not on a button or a screen of ours."""

TABLES = {
    *("person", "person_name", "claim", "publisher", "source", "release_event", "diplomacy_event"),
    *("sanction", "listed_count", "detention_place", "seed_import", "usefulness"),
    *("editor", "audit", "correction", "publication", "publication_person", "person_alias", "proposal"),
    *("sender_lease", "sender_order"),
}


def text_of(article: Article) -> str:
    blocks = [*article.answer, *(block for section in article.sections for block in section.blocks)]
    return " ".join("".join(run.text for run in block.runs) for block in blocks)


def as_careful_unsaid_as_in_belarus() -> bool:
    return all(
        mention(Place.NOT_SAID, designation, kind) is mention(Place.BELARUS, designation, kind)
        for designation in Designation
        for kind in Kind
    )


def no_link_to_a_source_in_belarus() -> bool:
    shown = {mention(Place.BELARUS, designation) for designation in Designation}
    return "link" not in shown


OTHER_PAGE = "https://two.example/page"
FIRST = Approval(Action.CONFIRM, "a", "said")


def corrections_wait_for_nothing() -> bool:
    """Return whether somebody told wrongly is told of it at once and with a sound, at night too."""
    night = datetime(2026, 11, 28, 0, tzinfo=UTC)
    quiet = Record(1, quiet=Quiet(0, 24 * 60 - 1), told=(Told(7, 1, 0),), alert_seen=1)
    correction = Publication(2, "claim/x", PublicationKind.CORRECTION, frozenset({1}), frozenset(), 1, night)
    alert = Board([correction]).alert(quiet, night)
    return alert is not None and alert.is_loud and due_at(alert, night) == night


def only_a_correction_ends_a_pause_and_brings_what_waits() -> bool:
    resting = Record(1, flags=Flag.PAUSED, people=frozenset({2}), told=(Told(7, 1, 0),), alert_seen=1)
    now = datetime(2026, 11, 28, tzinfo=UTC)
    news = Publication(2, "claim/y", PublicationKind.RELEASE, frozenset({2}), frozenset(), 0, now)
    wrong = Publication(3, "claim/x", PublicationKind.CORRECTION, frozenset({1}), frozenset(), 1, now)
    return (Board([news]).pending(resting), Board([news, wrong]).pending(resting)) == ((), (news, wrong))


def makes(method: str) -> bool:
    """Return whether the program calls a method of the Bot API by its own name, past the library."""
    said = [call.args[0] for call in calls("make") if call.args]
    return method in {name.value for name in said if isinstance(name, ast.Constant)}


SENTENCES: list[tuple[str, str, Callable[[], object]]] = [
    ("what-we-store", "one sealed record", lambda: set(metadata.tables) == TABLES),
    ("is-it-safe-here", "Whom you follow stands only in the sealed record",
     lambda: set(metadata.tables) == TABLES),
    ("what-we-store", "from ten minutes to almost two days",
     lambda: (SHORTEST_WIPE, LONGEST_WIPE) == (10, 47 * 60)),
    ("what-we-store", "All are of one size", lambda: len(pack(Record(1))) == len(DUMMY)),
    ("what-we-store", "shown by /mydata, some of it only as a count. All of it is deleted by /forget",
     lambda: {"my_data", "forget"} <= set(dir(Handlers))),
    ("what-we-store", "Who tapped is not written there",
     lambda: set(usefulness.c.keys()) == {"id", "week", "topic", "useful", "not_useful", "chosen"}),
    ("what-we-store", "deletes its messages and yours for both sides", lambda: calls("delete_messages")),
    ("what-we-store", "What you chose to keep stays, without buttons",
     lambda: makes("editMessageReplyMarkup")),
    ("is-it-safe-here", "as careful as if you were in Belarus", as_careful_unsaid_as_in_belarus),
    ("is-it-safe-here", "sources are shown without links", no_link_to_a_source_in_belarus),
    ("cite-our-data", "the citation has no links", no_link_to_a_source_in_belarus),
    ("how-alerts-work", "Two editors must agree first",
     lambda: needs_another([FIRST], Action.CONFIRM, "a", "said") is Refusal.SAME_EDITOR),
    ("how-alerts-work", "on two sources that do not repeat each other",
     lambda: not has_two_origins([a_source(origin="One"), a_source(url=OTHER_PAGE, origin="one")])),
    ("how-alerts-work", "The message names nobody", lambda: Flag.DISCREET in Record(1).flags),
    ("how-alerts-work", "it is deleted after almost two days", lambda: UNTAPPED_MINUTES == 46 * 60),
    ("how-alerts-work", "six in the evening by your clock", lambda: DIGEST_HOUR == 18),
    ("how-alerts-work", "more than three days late", lambda: LOUD_HOURS == 3 * 24),
    ("how-alerts-work", "older than two weeks does not come", lambda: REMEMBERED_DAYS == 14),
    ("how-alerts-work", "the last eight pieces of news you were sent", lambda: MOST_TOLD == 8),
    ("how-alerts-work", "gets a message with a sound, in quiet hours too", corrections_wait_for_nothing),
    ("how-alerts-work", "only corrections of what you were told still come, and with them what waits",
     only_a_correction_ends_a_pause_and_brings_what_waits),
    ("what-we-store", "After news it stays a little over two weeks", lambda: REMEMBERED_DAYS == 14),
    ("how-alerts-work", "whether to leave all as it is, and whether to look at what you left here",
     lambda: {"stay", "look", "rest_left"} <= set(dir(unasked))),
    ("how-alerts-work", "press “Follow” on the card", lambda: Ask.FOLLOW),
    ("cite-our-data", "The bot has no export",
     lambda: not calls("send_document") and not makes("sendDocument")),
]  # fmt: skip


@pytest.mark.parametrize(("key", "sentence", "holds"), SENTENCES)
def test_what_an_article_says_of_the_program_is_so(
    key: str, sentence: str, holds: Callable[[], object]
) -> None:
    topic = LIBRARY.topic(key)

    assert topic is not None
    assert sentence in text_of(topic[Language.EN])
    assert holds()


@pytest.mark.parametrize("language", Language)
def test_a_button_that_an_article_names_is_called_so(language: Language) -> None:
    known = {text for entry in catalogue(language) for text in translations(entry)}
    unknown = []
    for key in ABOUT:
        topic = LIBRARY.topic(key)
        assert topic is not None
        named = set(re.findall(QUOTED[language], text_of(topic[language]))) - NOT_OURS
        unknown += [(key, name) for name in sorted(named) if not any(is_said(name, text) for text in known)]

    assert unknown == []


def is_said(name: str, text: str) -> bool:
    """Return whether a phrase of ours is this, or begins or ends a sentence with it."""
    return name.lower().rstrip(".") in re.sub("%[^ ]+", "", text.lower())


def test_the_articles_about_the_program_are_all_here() -> None:
    assert {path.stem for path in (LOCALES / "en" / "articles" / "about").glob("*.md")} <= set(ABOUT)
