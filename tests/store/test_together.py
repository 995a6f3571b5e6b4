"""Together: asked for meanwhile, carried out at once; one fails without the others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.store.together import Together


class Carrier:
    """Doubles numbers when it is let, a group at a time."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.may = asyncio.Event()

    async def carry(self, asked: Sequence[int]) -> list[int | Exception]:
        self.groups.append(list(asked))
        await self.may.wait()
        if 13 in asked:
            raise OSError("nothing was carried out")
        return [ValueError("odd") if number % 2 else number * 2 for number in asked]


async def test_what_is_asked_meanwhile_is_the_next_group() -> None:
    carrier = Carrier()
    together = Together(carrier.carry)
    first = asyncio.ensure_future(together.ask(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.ensure_future(together.ask(number)) for number in (4, 6, 8)]
    await asyncio.sleep(0)
    carrier.may.set()
    assert [await one for one in (first, *others)] == [4, 8, 12, 16]
    assert carrier.groups == [[2], [4, 6, 8]]


async def test_as_many_groups_as_may_are_under_way_and_no_more() -> None:
    carrier = Carrier()
    together = Together(carrier.carry, 2)
    asked = []
    for number in (2, 4, 6, 8):
        asked.append(asyncio.ensure_future(together.ask(number)))
        await asyncio.sleep(0.01)
    assert carrier.groups == [[2], [4]]
    carrier.may.set()
    assert [await one for one in asked] == [4, 8, 12, 16]
    assert carrier.groups == [[2], [4], [6, 8]]


async def test_one_fails_without_the_others_and_a_group_as_a_whole() -> None:
    carrier = Carrier()
    carrier.may.set()
    together = Together(carrier.carry)
    found = await asyncio.gather(*(together.ask(number) for number in (2, 3, 4)), return_exceptions=True)
    assert [found[0], type(found[1]), found[2]] == [4, ValueError, 8]
    failed = await asyncio.gather(*(together.ask(number) for number in (2, 13)), return_exceptions=True)
    assert [type(one) for one in failed] == [OSError, OSError]
    assert await together.ask(10) == 20, "what failed stops nothing that comes after"


async def test_whoever_is_cancelled_leaves_the_others_as_they_are() -> None:
    carrier = Carrier()
    together = Together(carrier.carry)
    gone, stays = asyncio.ensure_future(together.ask(2)), asyncio.ensure_future(together.ask(4))
    await asyncio.sleep(0.01)
    gone.cancel()
    carrier.may.set()
    assert await stays == 8
    with pytest.raises(asyncio.CancelledError):
        await gone
    await together.over()
    assert carrier.groups == [[2, 4]]


async def test_over_waits_for_what_nobody_waits_for_any_more() -> None:
    carrier = Carrier()
    together = Together(carrier.carry)
    gone = asyncio.ensure_future(together.ask(2))
    await asyncio.sleep(0.01)
    gone.cancel()
    over = asyncio.ensure_future(together.over())
    await asyncio.sleep(0.01)
    assert not over.done()
    carrier.may.set()
    await over
