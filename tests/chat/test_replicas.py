"""Two replicas on one PostgreSQL behind one address: both take updates, one sends, the other can."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.app import WebhookAddress
from bot.bench.fanout import span
from bot.desk.desk import Desk
from bot.desk.ledger import by_button
from bot.store.database import Database
from tests.chat.test_alerts import NEWS
from tests.chat.test_asking import enter_that_name, follow_a_name
from tests.chat.test_following import follow
from tests.chat.test_on_postgres import filled
from tests.conftest import free_port
from tests.newsroom import Newsroom
from tests.running import plan_for, running, told

SECRET = "a-secret-of-the-test"
PEOPLE = {"1": "Прыклад Алена", "2": "Прыклад Зміцер"}
NAMES = ("Марыя", "Вера", "Янка", "Алесь", "Ганна", "Пятро")


class RoundRobin:
    """One address; each request goes to the next of the ports behind it, as a plain proxy would send it."""

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self.took: Counter[int] = Counter()
        self._turn = itertools.count()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        async with aiohttp.ClientSession() as session:

            async def pass_on(request: web.BaseRequest) -> web.Response:
                port = self.ports[next(self._turn) % len(self.ports)]
                url = f"http://127.0.0.1:{port}{request.path}"
                body = await request.read()
                async with session.post(url, data=body, headers=request.headers) as answer:
                    self.took[port] += answer.status == 200
                    return web.Response(status=answer.status)

            runner = web.ServerRunner(web.Server(pass_on, access_log=None))
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            try:
                yield f"http://127.0.0.1:{runner.addresses[0][1]}"
            finally:
                await runner.cleanup()


@asynccontextmanager
async def replicas(
    desk: Desk, proxy: RoundRobin, database_url: str, folder: Path, **options: Any
) -> AsyncIterator[list[asyncio.Event]]:
    """Run a bot at each port behind one address, one after another; yields what stops each."""
    async with desk.serving() as url, proxy.serving() as address, AsyncExitStack() as begun:
        plan = dataclasses.replace(plan_for(desk, url, folder, **options), database_url=database_url)
        yield [
            await begun.enter_async_context(
                running(dataclasses.replace(plan, webhook=WebhookAddress(address, port, SECRET)))
            )
            for port in proxy.ports
        ]


@pytest.mark.parametrize("first_ends", [False, True])
async def test_of_two_replicas_one_asks_about_a_name(
    first_ends: bool, empty_postgres: str, tmp_path: Path, worker_id: str
) -> None:
    await filled(empty_postgres)
    database, desk = Database(empty_postgres), Desk()
    ports = [free_port(worker_id) for _ in range(2)]
    proxy = RoundRobin(ports)
    async with replicas(desk, proxy, empty_postgres, tmp_path, tick_seconds=0.02) as stops:
        readers = [desk.person(name, language_code="be") for name in NAMES]
        for reader in readers:
            await follow_a_name(desk, reader)
        if first_ends:
            proxy.ports = ports[1:]
            stops[0].set()
            await desk.settled(quiet_seconds=0.5)
        await enter_that_name(database)
        questions = [await told(desk, reader, "Магчыма, ёсць адказ") for reader in readers]
        await desk.settled(quiet_seconds=1)
    await database.close()
    for reader, question in zip(readers, questions, strict=True):
        assert [m.text for m in reader.history].count(question.text) == 1


async def test_two_replicas_behind_one_address_answer_everybody_and_tell_everybody_once(
    empty_postgres: str, tmp_path: Path, worker_id: str
) -> None:
    await filled(empty_postgres)
    database, desk = Database(empty_postgres), Desk(marker=by_button(span))
    newsroom = Newsroom(database)
    await newsroom.open()
    for key, name in PEOPLE.items():
        await newsroom.person(key, name)
    ports = [free_port(worker_id) for _ in range(2)]
    proxy = RoundRobin(ports)
    async with replicas(desk, proxy, empty_postgres, tmp_path) as stops:
        readers = [desk.person(name, language_code="be") for name in NAMES]
        for reader in readers:
            await follow(reader, PEOPLE["1"])
            reader.says(PEOPLE["2"])
            await reader.hears()
            reader.taps("Сачыць")
            await reader.hears()
        assert min(proxy.took[port] for port in ports) >= len(readers)

        await newsroom.release("1")
        for reader in readers:
            await told(desk, reader, NEWS)
        await desk.settled(quiet_seconds=1)
        # The first one that started is the sender: when it stops, the other delivers what comes then.
        proxy.ports = ports[1:]
        stops[0].set()
        await newsroom.release("2")
        for reader in readers:
            await told(desk, reader, NEWS, count=2)
        await desk.settled(quiet_seconds=1)
    await database.close()
    marks = [entry.mark for reader in readers for entry in desk.ledger.loud(reader.id) if entry.mark]
    assert sorted(Counter(marks).values()) == [len(NAMES)] * 2
    assert not any(entry.mark for reader in readers for entry in desk.ledger.silent(reader.id))
    assert desk.violations == []
