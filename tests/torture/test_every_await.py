"""Ended right before and right after every await there is: nothing is lost, and nothing loud is doubled."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.store.database import Database
from tests.torture.acts import ACTS, NEWS_OF_A_TOWN, Act
from tests.torture.edges import Place, every_edge
from tests.torture.house import House
from tests.torture.lives import Nursery, nursery
from tests.torture.out_of_reach import out_of_reach, seldom_reached
from tests.torture.town import town

CHATS, SPEAKERS = 60, 40


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with nursery(tmp_path_factory.mktemp("lives") / "log", with_edges=True) as begun:
        yield begun


class Towns:
    """Towns one after another, judged when they have seen enough."""

    def __init__(self, address: str, folder: Path, lives: Nursery) -> None:
        self._address, self._folder, self._lives = address, folder, lives
        self._built = 0
        self.deaths = 0
        self.figures: Counter[str] = Counter()

    @asynccontextmanager
    async def town(self) -> AsyncIterator[House]:
        """Build a town, and judge it in the end."""
        self._built += 1
        folder = self._folder / str(self._built)
        folder.mkdir()
        address = await self._fresh(folder)
        many = 2 * NEWS_OF_A_TOWN  # of each there is news once
        async with town(address, folder, chats=CHATS, people=many, speakers=SPEAKERS, alike=True) as place:
            house = House(place, self._lives)
            house.begin()
            await place.publish(0)
            await house.is_told()
            await house.goes_on(0.1)
            await house.end()
            yield house
            found = await place.judge(AT_ONCE_AGAIN if house.has_died else ())
            self.deaths += house.deaths
            self.figures.update({**asdict(found), "marked": place.marked, "unsure": place.unsure()})
            assert found.faults() == {}, place.wrongs
            assert found.only_silent <= place.marked + place.unsure()

    async def _fresh(self, folder: Path) -> str:
        if not self._address.startswith("postgresql"):
            return f"sqlite+aiosqlite:///{folder / 'registry.db'}"
        database = Database(self._address)
        async with database.writing() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("DROP SCHEMA IF EXISTS kept CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
        await database.close()
        return self._address


SEED = 20261128
AT_ONCE_AGAIN = ("retry after 1 (private chat)",)
"""How Telegram refuses a second message of a second: who is begun anew does not know of the first."""
SAMPLED = 2
"""Places of a slice, on each store."""
CHATS_REST = 5.0
"""Seconds until a chat may be spoken to as often as at first: who begins anew does not know what was said."""
TRIES = 10
"""How often an act may come to a place and not meet it again: some hang on a race."""


@pytest.mark.proof
async def test_ended_beside_an_await_nothing_is_lost_and_nothing_loud_is_doubled(
    empty_address: str,
    tmp_path: Path,
    lives: Nursery,
    whole_proof: bool,
    proved: Callable[..., None],
) -> None:
    towns = Towns(empty_address, tmp_path, lives)
    is_postgres = empty_address.startswith("postgresql")
    acts = [act for act in ACTS if not act.on_postgres_only or is_postgres]
    every = {place for edge in every_edge() for place in edge.places()}
    never = out_of_reach(is_postgres=is_postgres)
    seldom = seldom_reached(is_postgres=is_postgres) if whole_proof else {}
    where = await (reached(towns, acts) if whole_proof else always_reached(towns))
    chosen = sorted(where) if whole_proof else random.Random(SEED).sample(sorted(where), SAMPLED)  # noqa: S311
    missed = set(await ended_at(towns, {place: where[place] for place in chosen}))
    proved(
        seed=SEED,
        places=len(every),
        reached=len(where),
        out_of_reach=len(never),
        seldom_reached=len(seldom.keys() - where.keys()),
        ended=len(chosen) - len(missed),
        deaths=towns.deaths,
        **towns.figures,
    )
    if whole_proof:
        print(
            *(f"out of reach: {place}: {why}" for place, why in sorted({**seldom, **never}.items())), sep="\n"
        )
    assert missed <= seldom.keys()
    assert never.keys().isdisjoint(where)
    if whole_proof:
        assert every - where.keys() - never.keys() - seldom.keys() == set()


async def reached(towns: Towns, acts: Sequence[Act]) -> dict[Place, list[Act]]:
    """Return which acts come to which place."""
    found: dict[Place, list[Act]] = {}
    for act in acts:
        places: set[Place] = set()
        for _ in range(act.times):
            async with towns.town() as house:
                places |= await act.through(house, None)
        for place in places:
            found.setdefault(place, []).append(act)
    return found


async def always_reached(towns: Towns) -> dict[Place, list[Act]]:
    """Return what is come to each time when news are told: what hangs on a race may not be met for long."""
    async with towns.town() as house:
        once, again = await ACTS[0].through(house, None), await ACTS[0].through(house, None)
    return {place: [ACTS[0]] for place in once & again}


async def ended_at(towns: Towns, where: Mapping[Place, Sequence[Act]]) -> list[Place]:
    """Let it end once at each place; return those where it did not, although each act was tried often."""
    left = {place: list(acts) for place, acts in where.items()}
    tries: Counter[Place] = Counter()
    missed: list[Place] = []
    while left:
        act = min((acts[0] for acts in left.values()), key=ACTS.index)
        waiting = sorted(place for place, acts in left.items() if acts[0] is act)
        async with towns.town() as house:
            while waiting:
                place = waiting[0]
                has_ended = await ends(house, act, place)
                if has_ended:
                    print(f"ended: {place}", flush=True)
                    del left[place], waiting[0]
                elif tries[place] % TRIES == TRIES - 1:
                    del left[place][0], waiting[0]
                    if not left[place]:
                        del left[place]
                        missed.append(place)
                tries[place] += 1
                if not has_ended:
                    await asyncio.sleep(CHATS_REST)
                if not act.has_room(house):
                    break
    return missed


async def ends(house: House, act: Act, place: Place) -> bool:
    """Try to end at a place; say whether it came to it."""
    deaths = house.deaths
    await act.through(house, place)
    return house.deaths > deaths
