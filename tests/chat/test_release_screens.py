"""Screens of releases say no more than is known: who is not freed is not called so, a gap is no "nobody"."""

from __future__ import annotations

from bot.chat import messages
from bot.chat.readers import Reader
from bot.chat.voice import Voice
from bot.chat.words import in_language
from bot.domain import answers as q
from bot.domain.caution import Place
from bot.domain.people import Language, View
from bot.domain.timeline import Around, ReleaseKind, by_quarter
from bot.services.answering import Answering
from bot.store.database import Database
from tests.builders import a_count, a_release
from tests.conftest import TODAY

TO = Voice(in_language(Language.EN), Reader(View.EN, Place.NOT_SAID), TODAY, "Example team")
MOVED = a_release("2020-10-11", 2, kind=ReleaseKind.RESTRICTED, named=2)
NOT_FREED = "Not freed, but moved to house arrest or an open-type facility: 2."
FREED_ALONE = "Whoever was freed alone is often not counted here: write the name to see."


def lines(answer: q.Answer) -> list[str]:
    return messages.say(answer, TO).text.splitlines()


def test_a_quarter_without_a_release_says_what_is_not_in_the_list_and_not_that_nobody_was_freed() -> None:
    said = lines(q.Quarters(tuple(by_quarter([], [a_count("2023-02-27", 1452)], {})), 0))

    assert said[2:5] == [
        "<b>2023, quarter 1</b>",
        "No release is entered here.",
        "Still listed: 1,452 (27 February 2023).",
    ]
    assert said[-1] == FREED_ALONE


def test_who_was_moved_to_house_arrest_is_not_called_freed() -> None:
    quarter = lines(q.Quarters(tuple(by_quarter([MOVED], [], {})), 0))
    release = lines(q.ReleaseDetail(MOVED, Around((), ()), 0))

    for said in (quarter, release):
        assert NOT_FREED in said
        assert not any(line.startswith("Freed:") for line in said)


async def test_the_seed_calls_nobody_freed_whom_it_knows_under_house_arrest(seeded: Database) -> None:
    answer = await Answering(seeded).quarters(0)

    assert isinstance(answer, q.Quarters)
    known = {(quarter.year, quarter.number): quarter for quarter in answer.quarters}
    assert (known[2020, 4].freed, known[2020, 4].restricted) == (0, 2)
    assert (2023, 3) in known
