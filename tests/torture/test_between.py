"""Between the mark and the answer: stop, a scan, a 429, a death there, each in a place of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.desk import faults
from bot.domain.alerts import MOST_DEATHS
from bot.store.database import Database
from tests.torture.edges import Place, edges
from tests.torture.lives import Nursery, nursery
from tests.torture.town import ANSWERED_WITHIN, Town, town


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with nursery(tmp_path_factory.mktemp("lives") / "log", with_edges=True) as begun:
        yield begun


@pytest.fixture
def lives(begun: Nursery) -> Iterator[Nursery]:
    yield begun
    begun.end()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    address = f"sqlite+aiosqlite:///{tmp_path / 'registry.db'}"
    async with town(address, tmp_path, chats=4, people=3, speakers=4) as built:
        yield built


def at(words: str, side: str) -> Place:
    """Return the place beside an await of delivering, found by its words."""
    edge = next(edge for edge in edges("bot.services.delivering") if edge.words == words)
    return Place(edge.module, edge.number, side)


async def on_its_way(place: Town) -> None:
    """Wait until the call that a fault waits for has been made."""
    await place.desk.until(lambda: not len(place.desk.faults))


@pytest.mark.parametrize("wish", ["/stop", "/forget"])
async def test_who_leaves_while_an_alert_is_on_its_way_is_answered_after_it_whatever_is_published_then(
    place: Town, lives: Nursery, wish: str
) -> None:
    mother = place.speakers[1]
    life = lives.begin(place.spec())
    await place.publish(0)
    await place.is_told()
    place.desk.faults.next("sendMessage", faults.hang(2.5), chat_id=mother.id)
    await place.publish(1)
    await on_its_way(place)
    place.says(mother, wish)
    await place.publish(2)
    await place.is_told()
    await place.desk.until(lambda: place.answered(place.wishes[0]), ANSWERED_WITHIN)

    assert [one.mark is not None for one in place.desk.ledger.everything(mother.id)][:2] == [True, True]
    assert (await place.judge()).alerts_after_stop == 0
    await life.killed()


async def test_who_said_stop_while_an_alert_was_on_its_way_hears_of_no_correction_of_it(
    place: Town, lives: Nursery
) -> None:
    mother = place.speakers[1]
    life = lives.begin(place.spec())
    await place.publish(0)
    await place.is_told()
    place.desk.faults.next("sendMessage", faults.hang(1.5), chat_id=mother.id)
    await place.correct(place.claims[0])
    await on_its_way(place)
    place.says(mother, "/stop")
    await place.desk.until(lambda: place.answered(place.wishes[0]), ANSWERED_WITHIN)
    await place.correct(place.claims[0])
    await place.is_told()
    await life.killed()

    found = await place.judge()
    assert [one.mark is not None for one in place.desk.ledger.everything(mother.id)] == [True, True, False]
    assert (found.alerts_after_stop, found.unfulfilled) == (0, 0)


async def test_stop_said_to_who_does_not_know_whether_an_alert_arrived_is_answered(
    place: Town, lives: Nursery
) -> None:
    mother = place.speakers[1]
    life = lives.begin(place.spec())
    broken = replace(faults.server_error(), hang_seconds=1.0)
    place.desk.faults.next("sendMessage", broken, chat_id=mother.id)
    await place.publish(0)
    await on_its_way(place)
    place.says(mother, "/stop")

    await place.desk.until(lambda: place.answered(place.wishes[0]), ANSWERED_WITHIN)
    await life.killed()


async def test_an_answer_that_was_not_out_at_a_death_is_given_after_it(place: Town, lives: Nursery) -> None:
    mother = place.speakers[1]
    life = lives.begin(place.spec())
    await life.is_ready()
    place.desk.faults.next("sendMessage", faults.server_error(), chat_id=mother.id)
    place.says(mother, "/stop")
    await place.desk.until(lambda: bool(place.desk.records.kinds["fault: 500"]))
    await asyncio.sleep(0.2)
    await life.killed()

    life = lives.begin(place.spec())
    await place.desk.until(lambda: place.answered(place.wishes[0]), ANSWERED_WITHIN)
    await life.killed()

    [wish] = place.wishes
    answers = [one for one in place.desk.ledger.everything(mother.id) if one.message_id > wish.message]
    assert [one.mark for one in answers] == [None]


async def test_who_dies_while_it_waits_for_the_end_of_a_429_is_loud_afterwards(
    place: Town, lives: Nursery
) -> None:
    life = lives.begin(place.spec())
    place.desk.faults.next("sendMessage", faults.too_many(30), chat_id=place.chats[1])
    await place.publish(0)
    await on_its_way(place)
    await asyncio.sleep(0.3)
    await life.killed()
    assert await place.count_marked() == 0

    life = lives.begin(place.spec())
    await place.is_told()
    assert (await place.judge()).only_silent == 0
    await life.killed()


@pytest.fixture
async def alone(tmp_path: Path) -> AsyncIterator[Town]:
    """A town of one reader, who follows the second person."""
    async with town(f"sqlite+aiosqlite:///{tmp_path / 'registry.db'}", tmp_path, chats=1, people=3) as built:
        yield built


async def dies(place: Town, lives: Nursery, where: Place) -> None:
    life = lives.begin(place.spec(ends=where))
    assert await life.is_over() == -9


MARKED = "self._commits.put(alert.record.chat, mark)"


async def test_who_is_killed_again_and_again_before_telling_has_not_died_of_it(
    alone: Town, lives: Nursery
) -> None:
    await alone.publish(1)
    await dies(alone, lives, at(MARKED, "after"))
    for _ in range(MOST_DEATHS + 1):
        await dies(alone, lives, at("self._tell(chat)", "before"))

    life = lives.begin(alone.spec())
    await alone.is_told()
    assert (await alone.judge()).only_silent == 1
    await life.killed()


async def test_what_kills_each_time_it_is_told_is_set_aside_and_the_next_is_told(
    alone: Town, lives: Nursery
) -> None:
    await alone.publish(1)
    for _ in range(MOST_DEATHS):
        await dies(alone, lives, at(MARKED, "after"))
    await alone.publish(2)
    life = lives.begin(alone.spec())
    await alone.is_told(but=1)
    await life.killed()

    assert [publication.number for _, publication in await alone.owed()] == [alone.known[0].number]
    assert len(alone.desk.ledger.loud(alone.chats[0])) == 1


async def test_a_process_that_stands_still_amid_a_transaction_lets_go_of_what_it_locked(
    empty_postgres: str,
) -> None:
    database = Database(empty_postgres)
    for opened in (database.reading, database.writing):
        async with opened() as connection:
            asked = await connection.execute(text("SHOW idle_in_transaction_session_timeout"))
            assert asked.scalar_one() == "5s"
    await database.close()
