"""The demo's made-up people: never among real ones, never to be taken for news, published as others are."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import app
from bot.app import now
from bot.chat.messages import say
from bot.chat.readers import Reader
from bot.chat.voice import Voice
from bot.chat.words import in_language
from bot.demo import acts_of
from bot.desk import people as phones
from bot.desk.desk import Desk
from bot.desk.messages import Message
from bot.domain import answers as q
from bot.domain import own_answers as mine
from bot.domain.follower import Record
from bot.domain.people import PLACEHOLDER, ClaimKind, Language, Outcome, Person, View, status_of
from bot.domain.publishing import PublicationKind
from bot.domain.subjects import Wish
from bot.pretending import NAMES, Rehearsal, prepare_demo
from bot.services.importing import import_registry
from bot.store import tables
from bot.store.database import Database
from tests.builders import (
    a_claim,
    a_person,
    an_import,
    claim_row,
    name_row,
    person_row,
    proof,
    publisher_row,
    release_row,
    rows,
)
from tests.chat.test_alerts import CHANGED, NEWS
from tests.chat.test_following import follow, tap
from tests.conftest import READ_UNTIL, TODAY
from tests.running import plan_for, running, told

BANNER = {
    Language.BE: "Гэта толькі паказ",
    Language.RU: "Это только показ",
    Language.EN: "This is only a demo",
}
NAME = "Алена Прыклад"


async def everything(database: Database, *, made_up: bool) -> list[tuple[str, ...]]:
    """Return the names and claims that the registry has of made-up people, or of all others."""
    person, name, claim = tables.person, tables.person_name, tables.claim
    theirs = person.c.key.startswith(PLACEHOLDER, autoescape=True)
    chosen = theirs if made_up else ~theirs
    names = select(person.c.key, name.c.text, name.c.batch).join_from(name, person).where(chosen)
    claims = select(person.c.key, claim.c.key, claim.c.state).join_from(claim, person).where(chosen)
    async with database.reading() as connection:
        found = [*(await connection.execute(names)), *(await connection.execute(claims))]
    return sorted(tuple(row) for row in found)


async def test_the_demo_adds_made_up_people_and_leaves_every_real_one_as_they_are(
    seeded: Database, tmp_path: Path
) -> None:
    demo = Database(f"sqlite+aiosqlite:///{tmp_path / 'demo.db'}")
    report = await prepare_demo(demo, READ_UNTIL)

    assert report.refused == []
    assert report.added["person"] == len(NAMES)
    assert await everything(demo, made_up=False) == await everything(seeded, made_up=False)
    assert await everything(seeded, made_up=True) == []
    assert {key for key, *_ in await everything(demo, made_up=True)} == set(NAMES)
    again = await prepare_demo(demo, READ_UNTIL)
    assert (again.added.total(), again.changed.total(), again.refused) == (0, 0, [])
    await demo.close()


async def test_a_made_up_import_can_say_nothing_of_a_real_person(database: Database) -> None:
    await import_registry(database, an_import(["real"], [name_row("real", "Марыя Прыклад")]), TODAY)
    before = await everything(database, made_up=False)
    made_up = {
        "publishers": rows("publishers", publisher_row()),
        "persons": rows("persons", person_row("other")),
        "names": rows("names", name_row("real", "Мария Пример", "ru")),
        "claims": rows("claims", claim_row("real", "released", "2024", outcome="at_home")),
        "evidence": rows("evidence", proof("name/real/ru/Мария Пример"), proof("claim/real/released/2024")),
    }

    report = await import_registry(database, made_up, TODAY, "demo", made_up=True)

    refused = [line for line in report.refused if "a real person does not belong" in line]
    assert [line.partition(":")[0] for line in refused] == ["persons.csv", "names.csv", "claims.csv"]
    assert await everything(database, made_up=False) == before


async def test_a_made_up_import_takes_neither_events_nor_a_name_that_could_be_real(
    database: Database,
) -> None:
    files = an_import(["demo-1"], [name_row("demo-1", "Ян Скавародка")], [], [release_row("R1", "2024")])

    report = await import_registry(database, files, TODAY, "demo", made_up=True)

    assert {line.partition(": ")[2] for line in report.refused} == {
        "only people are made up",
        "a placeholder person has the surname of one",
    }
    assert (report.added["event"], report.added["name"]) == (0, 0)


async def test_a_bot_that_is_no_demo_refuses_the_registry_of_one(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'registry.db'}")
    await prepare_demo(database, READ_UNTIL)
    await database.close()
    desk = Desk()
    async with desk.serving() as url:
        with pytest.raises(app.MadeUpPeopleError):
            await app.run(plan_for(desk, url, tmp_path), asyncio.Event())
        async with running(plan_for(desk, url, tmp_path, pretends=True)):
            sister = desk.person("Вера", language_code="be")
            sister.says(NAME)
            [card] = await sister.hears()
    assert card.text.startswith(BANNER[Language.BE])
    assert "чые імёны не апублікавалі" not in card.text  # what is true stands on no made-up card


def test_only_the_demo_asks_for_made_up_people() -> None:
    files = Path(app.__file__).parent.rglob("*.py")
    asking = {f.name for f in files if re.search("made_up=True|pretends=True", f.read_text(encoding="utf-8"))}
    assert asking == {"pretending.py", "demo.py"}


def made_up_person() -> Person:
    freed = a_claim(ClaimKind.RELEASED, "2026-11-20", Outcome.AT_HOME)
    real = a_person(freed)
    return Person(real.number, f"{PLACEHOLDER}alena", real.names, real.claims)


def screens_that_name(person: Person) -> list[q.Answer]:
    status, record = status_of(person.claims), Record(1, people=frozenset({person.number}))
    news = mine.News((mine.NewsOf(person, status, PublicationKind.CORRECTION),), (), False, (1, 2), 0)
    return [
        q.PersonCard(person, status, ()),
        q.PersonHistory(person, person.claims, 0),
        q.PersonSources(person, status, named=False),
        q.Citation(person, status),
        news,
        q.SeveralFound(((person, status),), more=False),
        mine.Follows(record, (person,), 0),
        mine.MyData(record, (person,)),
        mine.NameMet(Wish(name=7), (person,)),
    ]


@pytest.mark.parametrize("language", Language)
def test_every_screen_that_names_a_made_up_person_says_so(language: Language) -> None:
    person, words = made_up_person(), in_language(language)
    voice = Voice(words, Reader(View(language)), TODAY, "the editors")
    name = person.shown_name(language)
    marked = words.gettext("%(name)s (made-up person)") % {"name": name}
    screens = [say(answer, voice).text for answer in screens_that_name(person)]

    assert [text for text in screens if name not in text] == []
    assert [text for text in screens if text.replace(marked, "").count(name)] == []
    assert all(text.removeprefix("<b>").startswith(BANNER[language]) for text in screens[:5])


def test_nobody_real_is_called_made_up() -> None:
    voice = Voice(in_language(Language.EN), Reader(View.EN), TODAY, "the editors")
    real = a_person(a_claim(ClaimKind.RELEASED, "2026-11-20", Outcome.AT_HOME))
    assert [text for answer in screens_that_name(real) if "made" in (text := say(answer, voice).text)] == []


async def opened(desk: Desk, reader: phones.Person, alert: Message) -> Message:
    """Tap an alert and return what says what it is about, and that it is made up."""

    def now_says() -> list[Message]:
        return [m for m in reader.history if m.id >= alert.id and m.text.startswith(BANNER[Language.BE])]

    reader.taps("Паглядзець", on=alert)
    await desk.until(lambda: bool(now_says()))
    return now_says()[0]


async def test_two_editors_publish_correct_and_take_back_at_the_press_of_a_button(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'registry.db'}")
    await prepare_demo(database, now().date())
    rehearsal = Rehearsal(database, now)
    await rehearsal.resume()
    desk = Desk(acts=acts_of(rehearsal))
    release, correct, retract = desk.acts
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path, pretends=True)):
        mother = desk.person("Марыя", language_code="be")
        await follow(mother, NAME)
        assert [act.possible() for act in desk.acts] == [True, False, False]

        await release.do()
        alert = await told(desk, mother, NEWS)
        assert not alert.silent
        assert "Прыклад" not in mother.lock_screen[-1]
        card = await opened(desk, mother, alert)
        assert "На волі, у Беларусі" in card.text
        await tap(mother, "Не сачыць")
        assert [act.possible() for act in desk.acts] == [False, True, True]

        await correct.do()
        changed = await told(desk, mother, CHANGED)
        news = await opened(desk, mother, changed)
        assert "Не на волі: хатні арышт" in news.text

        await retract.do()
        await told(desk, mother, CHANGED)
        assert [act.possible() for act in desk.acts] == [True, False, False]
        later = Rehearsal(database, now)
        await later.resume()
        await later.release()
        assert later.can_retract
    await database.close()
    assert desk.violations == []


async def test_a_demo_that_was_ended_goes_on_where_it_was(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'registry.db'}")
    await prepare_demo(database, now().date())
    first = Rehearsal(database, now)
    await first.release()
    second = Rehearsal(database, now)
    await second.resume()
    assert (second.can_release, second.can_correct, second.can_retract) == (False, True, True)
    await second.correct()
    await second.retract()
    assert second.can_release
    await database.close()
