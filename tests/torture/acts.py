"""Acts: what readers, editors, Telegram and disks do to a bot, so that it comes to every await there is."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import text

from bot.desk import faults
from bot.store import publications
from tests.torture.edges import Place
from tests.torture.house import House
from tests.torture.preparing import (
    another_keeps_the_rows,
    died_of_one,
    is_almost_full,
    keyring_is_away,
    keys_have_a_copy,
    lost_the_newest,
    nothing_is_there,
    rows_of_before,
    some_will_fade,
    were_left_in_doubt,
)

NEWS_OF_A_TOWN = 20
"""After as many another town begins: a chat that is full of untapped alerts gives the oldest up."""
ALWAYS = 10
"""More sends to one chat than any act makes."""


async def news(house: House) -> None:
    """A correction reaches everybody; the wrong message says so."""
    await house.correct()
    await house.is_told()
    # The old ones are edited after the new ones have come.
    await asyncio.sleep(0.3)


async def words(house: House) -> None:
    """A follower writes, mends what they wrote, and chooses; a stranger writes for the first time."""
    reader = house.place.speakers[0]
    await house.asks(reader, "/help")
    reader.edits(reader.history[-2], "/about")
    await house.is_heard()
    await house.asks(house.place.desk.person("Вера", "be"), "/start")
    said = house.place.says(house.somebody(), "language")
    await house.until(lambda: house.place.answered(said))


async def mishaps(house: House) -> None:
    """One blocks the bot and takes that back; what answers another has a mistake each time."""
    gone = house.somebody()
    house.place.excused.add(gone.id)
    gone.blocks()
    await house.is_heard()
    gone.unblocks()
    await house.is_heard()
    await house.asks(house.place.speakers[0], "/contacts")


async def leaving(house: House) -> None:
    """While something is told, one says stop and one wants to be forgotten."""
    await house.correct()
    for wish in ("/stop", "/forget"):
        said = house.place.says(house.somebody(), wish)
        await house.until(partial(house.place.answered, said))
    await house.is_told()


async def hurried(house: House) -> None:
    """Some say stop while an alert waits in their chat for its turn, behind an answer that was refused."""
    place = house.place
    readers = [house.somebody() for _ in range(3)]
    place.excused |= {reader.id for reader in readers}
    for reader in readers:
        place.desk.faults.next("sendMessage", faults.too_many(3), chat_id=reader.id)
        reader.says("/help")
    await house.meets_the_faults()
    await house.correct()
    await house.is_told()
    stops = [place.says(reader, "/stop") for reader in readers]

    def are_answered() -> bool:
        # Both: the answer that was refused comes after the stop, too.
        return all(place.answers(said) > 1 for said in stops)

    await house.until(are_answered)


async def overtaken(house: House) -> None:
    """What waits in a chat for its turn, behind a refused answer, is out of date by then."""
    place, reader = house.place, house.somebody()
    place.desk.faults.next("sendMessage", faults.too_many(3), chat_id=reader.id)
    reader.says("/help")
    await house.meets_the_faults()
    await house.correct()

    async def all_others_are_told() -> bool:
        return len(await place.owed()) <= 1 and len(place.known) == place.written

    await house.until(all_others_are_told)
    await news(house)


async def unauthorised(house: House) -> None:
    """Telegram refuses the token in the middle of news: all ends, and nothing is lost."""
    place, reader = house.place, house.somebody()
    place.desk.faults.next("sendMessage", faults.token_revoked(), chat_id=reader.id)
    await house.correct()
    await house.life.is_over()
    assert house.life.ended in (1, -signal.SIGKILL)
    # Nobody sets another token within the second for which Telegram takes no more for a chat.
    await asyncio.sleep(1)
    await house.begins_again()
    await house.is_told()


async def trouble(house: House) -> None:
    """One message is in doubt, one refused for now, one for long; one reader has blocked the bot."""
    place = house.place
    unsure, later, late, gone = (house.somebody() for _ in range(4))
    place.desk.faults.next("sendMessage", faults.server_error(), chat_id=unsure.id)
    place.desk.faults.next("sendMessage", faults.too_many(1), chat_id=later.id)
    place.desk.faults.next("sendMessage", faults.too_many(400), chat_id=late.id)
    place.desk.block([gone.id])
    place.excused.add(late.id)
    await house.correct()
    await house.meets_the_faults()
    await house.is_told()
    place.excused.discard(late.id)
    await asyncio.sleep(0.3)


async def strange(house: House) -> None:
    """One chat has got another number; of one Telegram refuses every text."""
    place = house.place
    moved, poisoned = house.somebody(), house.somebody()
    there = house.place.desk.person("Марыя", "be")
    there.says("/nothing")
    there.chat.known = True
    answer = {"ok": False, "error_code": 400, "description": "Bad Request: group chat was upgraded"}
    body = json.dumps({**answer, "parameters": {"migrate_to_chat_id": there.id}}).encode()
    parse = json.dumps({**answer, "description": "Bad Request: can't parse entities"}).encode()
    # Who was moved stays so: a process that died before it wrote that down is told once more.
    place.desk.faults.next("sendMessage", faults.answer(body, 400), chat_id=moved.id, times=ALWAYS)
    place.desk.faults.next("sendMessage", faults.answer(parse, 400), chat_id=poisoned.id, times=2)
    place.excused |= {moved.id, poisoned.id}
    place.follows[there.id] = place.follows[moved.id]
    await house.correct()
    await house.until(lambda: len(place.desk.faults) < ALWAYS)
    await house.is_told()
    await asyncio.sleep(0.3)
    place.desk.faults.clear()


async def in_doubt(house: House) -> None:
    """Who was left in doubt is told once more; then there are news."""
    place = house.place
    latest = place.known[-1].number
    chats = [reader.id for reader in house.chosen]
    await house.until(lambda: place.told_all(chats, latest, silently=True))
    await house.goes_on(0.5)
    await news(house)


async def deadly(house: House) -> None:
    """What the bot died of is set aside; news reach everybody."""
    await house.until(lambda: house.life.ready)
    await house.goes_on(0.5)
    await news(house)


async def night(house: House) -> None:
    """The next day begins: everything is sealed anew, and what is due goes, with a stranger's only row."""
    stranger = house.place.desk.person("Госць", "be")
    await house.asks(stranger, "/help")
    await house.goes_on(0.8)
    before = await house.place.rows.epoch()
    turned_at = 0.0

    async def sealed_anew() -> bool:
        nonlocal turned_at
        # Turned before it has looked at the day it is no new one: then it is turned again.
        if house.life.ready and time.monotonic() - turned_at > 1:
            turned_at = time.monotonic()
            house.tell(signal.SIGUSR1)
        return not stranger.history and await house.place.rows.epoch() > before

    await house.until(sealed_anew)
    await asyncio.sleep(0.3)
    await news(house)


async def third(house: House) -> None:
    """What is news to too many waits for a third editor."""
    await house.releases()
    await let_go(house)
    await house.is_told()


async def let_go(house: House) -> None:
    """Let a third editor confirm what is held."""
    found: list[int] = []

    async def is_held() -> bool:
        async with house.place.database.reading() as connection:
            every = await publications.queued(connection)
        found[:] = [one.id for one in every if one.state.value == "held"]
        return bool(found)

    await house.until(is_held)
    [held] = found
    await house.place.newsroom.confirm_held(held)


async def resumed(house: House) -> None:
    """The operator reads that all is held and says that it may go on.

    A word counts for the process that it was said to: after a death the log says anew that all is held.
    """

    async def goes_on() -> bool:
        if house.place.is_held() and not await house.place.is_told_to_resume():
            await house.place.resume()
        return not house.place.is_held()

    # A word that came before there was anything to resume would be no word about this.
    await house.until(house.place.is_held)
    await house.until(goes_on)


async def restored(house: House) -> None:
    """An older copy was put back: nothing goes until the operator says so."""
    await resumed(house)
    # What was approved before the word may have been told already, and makes no sound.
    house.place.newsroom.moves_to(datetime.now(UTC) + timedelta(minutes=1))
    await house.correct()
    await house.is_told()


async def first_start(house: House) -> None:
    """What was published before is for nobody; a newcomer comes."""
    await resumed(house)
    await house.asks(house.place.desk.person("Вера", "be"), "/start")
    await news(house)


async def asked_to_stop(house: House) -> None:
    """It is asked to stop while a message is on its way, and begun again."""
    await news(house)
    await house.until(lambda: house.life.ready)
    reader = house.place.speakers[-1]
    house.place.desk.faults.next("sendMessage", faults.hang(1.0), chat_id=reader.id)
    await house.correct()
    await house.meets_the_faults()
    house.tell(signal.SIGUSR2)
    await house.life.is_over()
    # What hangs comes all the same, and after newer news it would be out of order: nobody can prevent that.
    await house.goes_on(1.0)
    await news(house)


async def fenced(house: House) -> None:
    """Another process has become the sender for a moment."""
    await house.is_told()
    async with house.place.database.writing() as connection:
        await connection.execute(text("UPDATE sender_lease SET token = token + 1"))
    await news(house)


async def growing(house: House) -> None:
    """More come than there is room for."""
    for _ in range(3):
        await house.asks(house.place.desk.person("Вера", "be"), "/start")
    await news(house)


async def damaged(house: House) -> None:
    """The disk spoils one of two rows whose chats were refused for now; its night passes without new keys."""
    place = house.place
    hurt, other = house.somebody(), house.somebody()
    for one in (hurt, other):
        place.desk.faults.next("sendMessage", faults.too_many(1), chat_id=one.id)
    place.excused |= {hurt.id, other.id}
    await house.correct()
    await house.meets_the_faults()
    await house.is_told()
    place.excused -= {hurt.id, other.id}
    latest = place.known[-1].number
    # Everything is sealed anew after this; then both are tried again together, as the next day begins.
    await house.goes_on(1.0)
    await place.rows.spoil(hurt.id)
    house.tell(signal.SIGUSR1)
    await house.until(lambda: place.told_all([other.id], latest))
    await house.goes_on(1.5)
    await place.rows.heal(hurt.id)
    await news(house)


async def refused(house: House) -> None:
    """A start without its keys is refused; with them again all is as it was."""
    await house.life.is_over()
    assert house.life.ended in (1, -signal.SIGKILL)
    house.place.rows.show_the_keyring()
    await house.begins_again()
    await news(house)


async def copied(house: House) -> None:
    """The keys are put elsewhere."""
    await house.until(lambda: house.life.ready)
    await house.goes_on(1.0)
    await news(house)


async def elsewhere(house: House) -> None:
    """Whatever it wants to read or write, the rows are sealed otherwise by then."""
    place, desk = house.place, house.place.desk
    slow, gone, stops, asks = (house.somebody() for _ in range(4))
    # Nothing is read between the call and its answer: then the rows are others. A message that hung longer
    # than a start takes could come after the answer to a stop.
    desk.faults.next("sendMessage", faults.hang(0.6), chat_id=slow.id)
    desk.faults.next("sendMessage", replace(faults.forbidden(), hang_seconds=0.5), chat_id=gone.id)
    desk.faults.next("sendMessage", faults.hang(0.5), chat_id=stops.id)
    place.excused.add(gone.id)
    await house.releases()
    await let_go(house)
    await house.meets_the_faults()
    said = place.says(stops, "/stop")
    await house.is_told()
    await house.until(lambda: place.answered(said))
    for reader in (asks, *place.speakers[:5]):
        reader.says("/help")
    await house.is_heard()
    said = place.says(asks, "/forget")
    await house.until(lambda: place.answered(said))
    for _ in range(2):
        await house.goes_on(0.3)
        await house.releases()
        await let_go(house)
        await house.is_told()


@dataclass(frozen=True, slots=True)
class Act:
    """What happens while a process is armed: `prepares` is done before, while nothing runs.

    `readers`: how many it uses up. `is_alone`: it changes its town for good. `times`: how often it is
    looked where it comes to, because of races. `given`: what its lives are given.
    """

    happens: Callable[[House], Awaitable[None]]
    prepares: Callable[[House], Awaitable[None]] | None = None
    readers: int = 0
    is_alone: bool = False
    on_postgres_only: bool = False
    times: int = 1
    given: Mapping[str, Any] = field(default_factory=dict)

    async def through(self, house: House, ends: Place | None) -> set[Place]:
        """Let it happen to a bot that ends at a place; return the places it came to."""
        if self.prepares is not None:
            await self.prepares(house)
        house.begin(ends, **self.given)
        await self.happens(house)
        return await house.end()

    def has_room(self, house: House) -> bool:
        """Return whether it can happen once more in a town where it has happened."""
        return not self.is_alone and house.has(self.readers + 1) and house.place.written <= NEWS_OF_A_TOWN


async def inheriting(house: House) -> None:
    """The process that kept the rows ends: this one keeps them."""
    await house.goes_on(0.5)
    await house.beside.aclose()
    await house.goes_on(1.5)
    await news(house)


ACTS = (
    *(Act(news), Act(words, readers=1), Act(leaving, readers=2), Act(trouble, readers=4)),
    *(Act(strange, is_alone=True), Act(night, some_will_fade, is_alone=True)),
    *(Act(third, given={"breaks_at": 1}), Act(restored, lost_the_newest, is_alone=True)),
    *(Act(overtaken, readers=1), Act(unauthorised, readers=1), Act(news, given={"is_locked_once": True})),
    *(Act(asked_to_stop), Act(mishaps, readers=1, given={"stumbles": True}), Act(hurried, readers=3)),
    *(Act(in_doubt, were_left_in_doubt, readers=3), Act(deadly, died_of_one, is_alone=True)),
    *(Act(refused, keyring_is_away), Act(copied, keys_have_a_copy), Act(damaged, is_alone=True)),
    *(Act(growing, is_almost_full, is_alone=True), Act(restored, rows_of_before, is_alone=True)),
    *(Act(first_start, nothing_is_there, is_alone=True), Act(fenced, on_postgres_only=True)),
    Act(news, on_postgres_only=True, given={"stale_seconds": -1}),
    Act(elsewhere, another_keeps_the_rows, readers=4, on_postgres_only=True, times=3, given={"breaks_at": 1}),
    Act(inheriting, another_keeps_the_rows, on_postgres_only=True),
)
