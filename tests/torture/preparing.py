"""Preparing: what has happened to a town before an act begins, while no bot runs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from aiohttp import web

from bot.desk.people import Person
from bot.domain.alerts import MOST_DEATHS, passed_over
from bot.domain.follower import Flag, InFlight, Record
from tests.torture.edges import place_of
from tests.torture.house import House

NEWCOMERS = range(1_000, 9_000)
"""Chats of people who were never on the desk: nobody sends them anything."""


async def were_left_in_doubt(house: House) -> None:
    """Two rows say that a message may be on its way, as after a death; so does one that follows nobody."""
    await _leave_in_doubt(house, [house.somebody() for _ in range(3)], attempts=0)
    stopped = house.chosen.pop()
    house.place.excused.add(stopped.id)
    async with house.place.rows.vault() as vault:
        await vault.merge_known(stopped.id, lambda row: replace(row, people=frozenset(), told=()))


async def died_of_one(house: House) -> None:
    """Of one message alone the bot has died almost as often as it may."""
    await _leave_in_doubt(house, [house.somebody()], attempts=MOST_DEATHS - 1)


async def _leave_in_doubt(house: House, readers: list[Person], *, attempts: int) -> None:
    place, house.chosen = house.place, readers
    await place.owed()
    numbers = [0, *(one.number for one in place.known)]
    before, latest = numbers[-2:]
    chats = {reader.id for reader in readers}

    def doubtful(row: Record) -> Record:
        flight = InFlight(latest, attempts)
        told = tuple(one for one in row.told if one.publication != latest)
        return replace(row, alert_seen=before, in_flight=flight, told=told)

    async with place.rows.vault() as vault:
        async for record in vault.scan(lambda glance: glance.is_in_flight or attempts == 0):
            if record.chat not in chats and record.in_flight is not None:
                # The last death left it so; it has been told.
                number = record.in_flight.publication
                await vault.merge_known(record.chat, partial(passed_over, number=number))
        for chat in chats:
            await vault.merge_known(chat, doubtful)
            place.was_in_doubt(chat, latest)


async def some_will_fade(house: House) -> None:
    """Some have not tapped anything for long, and were asked whether they are to be remembered."""
    async with house.place.rows.vault() as vault:
        for chat in NEWCOMERS[-3:]:
            await vault.merge(chat, partial(replace, expires=1, flags=Flag.RENEWAL_ASKED))


async def lost_the_newest(house: House) -> None:
    """The registry is an older copy than the keyring."""
    await house.place.owed()
    house.place.lose_the_newest()


async def rows_of_before(house: House) -> None:
    """The rows are an older copy than the keyring: what was told since is not in them."""
    rows = house.place.rows
    await rows.have_rested()
    await rows.keep_a_copy()
    # Right before everything is sealed anew: then everybody was told, and the copy's keys still live.
    sealed_anew = place_of("delivering", "_seal_anew", "self._attempt(self._vault.rekey)", "before")
    await house.correct()
    while not await house.has_told():
        await house.dies_at(sealed_anew)
    await rows.put_it_back()


async def nothing_is_there(house: House) -> None:
    """The bot begins for the first time beside a registry that is not new."""
    place = house.place
    await place.rows.lose_everything()
    place.excused |= set(place.chats)
    place.speakers.clear()


async def is_almost_full(house: House) -> None:
    """So many have come that there is room for one more."""
    rows = house.place.rows
    room = await rows.room()
    async with rows.vault() as vault:
        # People who say nothing, and are never told anything.
        chats = (number for number in NEWCOMERS if number not in house.came)
        more = [chat for chat, _ in zip(chats, range(room - 1), strict=False)]
        await asyncio.gather(*(vault.merge(chat, partial(replace, latest=1)) for chat in more))
    house.came |= set(more)


async def keyring_is_away(house: House) -> None:
    """The keyring is not where it was."""
    house.place.rows.hide_the_keyring()


async def keys_have_a_copy(house: House) -> None:
    """A place elsewhere takes the newest keys."""

    async def taken(request: web.Request) -> web.Response:
        await request.read()
        return web.Response()

    elsewhere = web.Application()
    elsewhere.router.add_put("/keys", taken)
    runner = web.AppRunner(elsewhere)
    await runner.setup()
    house.beside.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    [address] = runner.addresses
    house.more = {"keys_to": f"http://127.0.0.1:{address[1]}/keys"}


async def another_keeps_the_rows(house: House) -> None:
    """Another process keeps the rows, and seals them anew all the time."""
    vault = await house.beside.enter_async_context(house.place.rows.vault())
    await house.meanwhile(0.15, vault.rekey)
