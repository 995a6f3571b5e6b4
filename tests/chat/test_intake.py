"""Intake: nothing acknowledged that was not run, nothing malformed or poisoned that stops anybody else."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from telegram import LinkPreviewOptions, Update
from telegram.ext import Application, Defaults, ExtBot, MessageHandler, filters

from bot.app import now
from bot.chat import intake as intake_module
from bot.chat import polling, sending
from bot.chat.buttons import Screen
from bot.chat.erasing import TelegramEraser
from bot.chat.intake import MOST_KEPT, MOST_WAITING, Intake
from bot.chat.lanes import Lanes, Passage
from bot.chat.pointing import CONNECTIONS, point
from bot.chat.polling import Polling
from bot.chat.replies import Destination, Replies, Reply
from bot.chat.sending import Sender
from bot.chat.transport import MaybeSent, NotReached, Transport
from bot.chat.webhook import Webhook
from bot.desk import faults
from bot.desk.desk import Desk
from bot.domain import answers as q
from bot.domain.follower import MOST_WIPES, NewerRecordError, Wipe, minute_of
from bot.services.following import Following
from bot.services.wiping import Wiping
from bot.store.database import Database, DatabaseUnavailableError
from bot.store.sealing import RowDamagedError
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault
from tests.conftest import free_port
from tests.running import ROOT, plan_for, running, told

SECRET = "a-secret-of-the-test"


@dataclass
class Behaviour:
    """What the one handler of these tests does with a text."""

    runs: list[str] = field(default_factory=list)
    database_is_away: bool = False
    is_too_slow: bool = False
    database_is_silent: bool = False
    stuck: asyncio.Event = field(default_factory=asyncio.Event)
    ran: asyncio.Event = field(default_factory=asyncio.Event)

    async def comes_to(self, runs: int) -> None:
        """Wait until it was asked so often."""
        async with asyncio.timeout(30):
            while len(self.runs) < runs:
                self.ran.clear()
                await self.ran.wait()

    async def handle(self, update: Update, _context: Any) -> q.Answer | None:
        text = (update.effective_message.text if update.effective_message else None) or ""
        self.runs.append(text)
        self.ran.set()
        if self.database_is_away:
            raise DatabaseUnavailableError("away")
        if self.is_too_slow:
            raise TimeoutError
        if self.database_is_silent:
            await asyncio.sleep(3600)
        if text == "poison":
            raise RuntimeError("a bug")
        if text in ("stuck", "/mute"):
            await self.stuck.wait()
        if text == "/mute":
            return None
        if text == "slow":
            await asyncio.sleep(0.5)
        return q.Distress(None) if text == "cry" else q.Home()


@dataclass(frozen=True)
class Edge:
    """What brings updates: polling, or where there is a port, a webhook on it."""

    port: int = 0

    def run(self, parts: Parts, stop: asyncio.Event, ready: asyncio.Event) -> Coroutine[Any, Any, None]:
        if self.port:
            return Webhook(parts.intake, parts.sender, SECRET).run(stop, "127.0.0.1", self.port, ready)
        ready.set()
        return Polling(parts.intake, parts.sender, parts.transport, parts.bot.base_url).run(stop)

    async def point(self, bot: ExtBot[Passage]) -> None:
        if self.port:
            await point(bot, f"http://127.0.0.1:{self.port}", SECRET, CONNECTIONS)


@pytest.fixture(params=["polling", "webhook"])
def edge(request: pytest.FixtureRequest, worker_id: str) -> Edge:
    """Each way by which updates come in."""
    return Edge(free_port(worker_id) if request.param == "webhook" else 0)


@dataclass(frozen=True)
class Parts:
    """What one way in needs of a bot."""

    bot: ExtBot[Passage]
    intake: Intake
    sender: Sender
    wiping: Wiping
    following: Following
    transport: Transport


@asynccontextmanager
async def taken(desk: Desk, url: str, behaviour: Behaviour, edge: Edge) -> AsyncIterator[Parts]:
    """Take the desk's updates with one handler."""
    transport = Transport()
    bot: ExtBot[Passage] = ExtBot(
        desk.token,
        base_url=f"{url}/bot",
        request=transport,
        get_updates_request=transport,
        defaults=Defaults(parse_mode="HTML", link_preview_options=LinkPreviewOptions(is_disabled=True)),
        rate_limiter=Lanes(),
    )
    application = Application.builder().bot(bot).updater(None).job_queue(None).build()
    await application.initialize()
    folder = tempfile.TemporaryDirectory()
    vault = await Vault.open(SqliteShelf(Path(folder.name, "vault")), Path(folder.name, "keyring"), ROOT)
    following, wiping = Following(vault, now), Wiping(vault, TelegramEraser(bot), now)
    handler = MessageHandler(filters.ALL, behaviour.handle)
    sender = Sender(bot, wiping, following)
    intake = Intake(application, [handler], Replies(following, "nobody", now), wiping, sender.waiting)
    parts = Parts(bot, intake, sender, wiping, following, transport)
    stop, ready = asyncio.Event(), asyncio.Event()
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(edge.run(parts, stop, ready))
            await ready.wait()
            await edge.point(bot)
            try:
                yield parts
            finally:
                behaviour.stuck.set()
                stop.set()
    finally:
        await application.shutdown()
        await transport.shutdown()
        await vault.close()
        folder.cleanup()


@asynccontextmanager
async def polled(desk: Desk, url: str, behaviour: Behaviour) -> AsyncIterator[None]:
    """Poll the desk with one handler."""
    async with taken(desk, url, behaviour, Edge()):
        yield


async def test_an_update_the_database_could_not_take_stays_with_telegram_until_it_can(edge: Edge) -> None:
    desk, behaviour = Desk(), Behaviour(database_is_away=True)
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        async with taken(desk, url, behaviour, edge):
            sister.says("hello")
            await sister.hears_nothing(0.6)
            assert desk.pending_updates == 1
            behaviour.database_is_away = False
            await sister.hears()
            await desk.settled()
    assert len(behaviour.runs) >= 2
    assert desk.violations == []


async def test_stopping_while_the_database_is_away_loses_nothing(edge: Edge) -> None:
    desk = Desk()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        async with taken(desk, url, Behaviour(database_is_away=True), edge):
            sister.says("hello")
            await sister.hears_nothing(0.3)
        assert desk.pending_updates == 1
        async with taken(desk, url, Behaviour(), edge):
            await sister.hears()
            await desk.settled()
    assert desk.violations == []


async def test_a_tap_that_nobody_took_for_three_minutes_is_gone_and_a_text_is_not(edge: Edge) -> None:
    at = [1_790_000_000.0]
    desk, behaviour = Desk(clock=lambda: at[0]), Behaviour()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        async with taken(desk, url, behaviour, edge):
            sister.says("hello")
            [home] = await sister.hears()
            await desk.settled()
        for seconds, is_answered in ((151, False), (60, True)):
            tap = sister.presses(home, "1.ru.h..0")
            sister.says("again")
            at[0] += seconds
            async with taken(desk, url, behaviour, edge):
                await sister.hears()
                await desk.settled()
            assert tap.answered == is_answered
    assert behaviour.runs == ["hello", "again", "again"]


async def test_a_poisoned_update_gets_one_calm_sentence_after_three_tries_and_stops_nobody(
    edge: Edge,
) -> None:
    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url:
        sister, brother = desk.person("Марыя", "ru"), desk.person("Іван", "be")
        async with taken(desk, url, behaviour, edge):
            sister.says("poison")
            brother.says("hello")
            [home] = await brother.hears()
            [sorry] = await sister.hears()
            await desk.settled()
    assert "Напішыце імя" in home.text
    assert sorry.text.startswith("У нас что-то сломалось")
    assert behaviour.runs.count("poison") == 3
    assert desk.violations == []


async def test_whoever_writes_faster_than_can_be_answered_gets_each_command_done_and_holds_up_nobody(
    seeded: Database, tmp_path: Path
) -> None:
    del seeded
    desk = Desk()
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        fast, mother = (desk.person(name, language_code="be") for name in ("Хуткі", "Марыя"))
        for _ in range(3):
            for _ in range(50):
                fast.says("добры дзень")
            fast.says("/mydata")
        fast.says("стоп")
        mother.says("/clear")
        await told(desk, mother, "Вітаем")
        assert len([m for m in fast.history if m.from_bot]) < MOST_KEPT + 2
        assert mother.history[0].text.startswith("Вітаем")
        await desk.settled(timeout=60, quiet_seconds=1.5)

        said = [m.text for m in fast.history if m.from_bot]
        assert len([text for text in said if text.startswith("Мае даныя")]) == 3
        assert said[-1].startswith("Адкрывайце свой спіс")
        assert len(said) <= MOST_WAITING + 4
        fast.says("/clear")
        await told(desk, fast, "Вітаем")
        assert len(fast.history) == 1
    assert desk.violations == []


async def test_a_cry_behind_more_texts_than_are_answered_is_answered_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(intake_module, "MOST_WAITING", 3)
    desk, behaviour = Desk(), Behaviour()
    texts = ["stuck", "one", "two", "three", "cry", "four", "cry", "cry"]
    async with desk.serving() as url:
        mother = desk.person("Марыя", language_code="ru")
        for text in texts:
            mother.says(text)
        async with polled(desk, url, behaviour):
            await behaviour.comes_to(1)
            await asyncio.sleep(0.3)
            behaviour.stuck.set()
            said = await mother.hears(4, timeout=15)
            await desk.settled()
            assert desk.pending_updates == 0
    assert behaviour.runs == texts[:6], "what is seventh and eighth is too much to be read"
    assert len([m for m in mother.history if m.from_bot]) == 4
    assert said[-1].text != said[0].text == said[1].text == said[2].text
    assert desk.violations == []


@pytest.mark.parametrize("error", [RowDamagedError("damaged"), NewerRecordError("of a newer version")])
async def test_who_has_a_row_that_does_not_open_is_told_so_much(
    error: Exception, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def does_not_open(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(Vault, "read", does_not_open)
    monkeypatch.setattr(Vault, "merge", does_not_open)
    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url:
        sister = desk.person("Марыя", "ru")
        async with taken(desk, url, behaviour, edge) as parts:
            sister.says("hello")
            [sorry] = await sister.hears()
            await desk.settled()
        assert not parts.wiping._sweeping.is_open(sister.id)
    assert sorry.text.startswith("У нас что-то сломалось")
    assert desk.violations == []


@pytest.mark.parametrize("error", [DatabaseUnavailableError("away"), TimeoutError()])
async def test_what_a_silent_database_let_run_out_of_time_is_answered_when_it_is_back(
    error: Exception, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_silent(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(intake_module, "TRIES", 1)
    desk, behaviour = Desk(), Behaviour(is_too_slow=True)
    async with desk.serving() as url:
        sister = desk.person("Марыя", "ru")
        with monkeypatch.context() as patched:
            patched.setattr(Vault, "read", is_silent)
            async with taken(desk, url, behaviour, edge) as parts:
                sister.says("hello")
                await behaviour.comes_to(2)
                assert desk.pending_updates == 1
                behaviour.is_too_slow = False
                patched.undo()
                [home] = await sister.hears(timeout=20)
                await desk.settled()
            assert not parts.wiping._sweeping.is_open(sister.id)
    assert home.text.startswith("Напишите имя")
    assert desk.violations == []


async def test_who_runs_out_of_time_while_a_full_ring_makes_room_is_not_answered_for_ever(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their row would say for good that an answer may be on its way: nobody would ever be forgotten."""
    delete, calls = TelegramEraser.delete, itertools.count()

    async def halted(self: TelegramEraser, chat: int, *given: Any) -> frozenset[int]:
        if next(calls) == 0:
            await asyncio.sleep(3600)
        return await delete(self, chat, *given)

    monkeypatch.setattr(intake_module, "HANDLER_SECONDS", 0.5)
    monkeypatch.setattr(TelegramEraser, "delete", halted)
    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url:
        sister = desk.person("Марыя", "ru")
        async with taken(desk, url, behaviour, edge) as parts:
            ring = tuple(Wipe(100_000 + n, minute_of(now()) + 700) for n in range(MOST_WIPES))
            await parts.wiping._vault.merge(sister.id, lambda record: replace(record, wipes=ring))
            sister.says("hello")
            await sister.hears()
            await desk.settled()
        assert not parts.wiping._sweeping.is_open(sister.id)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"message": None},
        {"message": 7},
        {"message": {"message_id": "x"}},
        {"callback_query": {"id": []}},
        {"message": {"message_id": 1, "date": 10**30, "chat": {"id": 1, "type": "private"}}},
        {"something_new": {"a": 1}},
        {"message": {"message_id": 1, "date": 1, "chat": {"id": "x", "type": 5}, "text": ["t"]}},
        {},
    ],
)
async def test_a_malformed_update_is_passed_over_and_hides_no_good_one(
    nonsense: dict[str, Any], edge: Edge
) -> None:
    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        sister.says("before")
        desk.inject(nonsense)
        sister.says("after")
        async with taken(desk, url, behaviour, edge):
            await sister.hears(2)
            await desk.settled()
    assert [text for text in behaviour.runs if text in ("before", "after")] == ["before", "after"]
    assert desk.pending_updates == 0


async def test_a_message_of_a_kind_the_library_cannot_parse_is_still_answered(edge: Edge) -> None:
    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        said = sister.says("first")
        async with taken(desk, url, behaviour, edge):
            await sister.hears()
            desk.inject(
                {
                    "message": {
                        "message_id": said.id + 50,
                        "date": int(said.sent_at),
                        "chat": {"id": sister.id, "type": "private", "first_name": "Марыя"},
                        "from": {"id": sister.id, "is_bot": False, "first_name": "Марыя"},
                        "poll": {"question": "a future kind of poll"},
                    }
                },
                sister.id,
            )
            await sister.hears()
            await desk.settled()
    assert behaviour.runs == ["first", ""]


async def test_eighty_stuck_chats_stop_nobody(edge: Edge) -> None:
    desk, behaviour = Desk(limits=None), Behaviour()
    async with desk.serving() as url:
        stuck = [desk.person(f"P{number}", "ru") for number in range(80)]
        sister = desk.person("Марыя", language_code="ru")
        async with taken(desk, url, behaviour, edge):
            for person in stuck:
                person.says("stuck")
            await asyncio.sleep(0.3)
            sister.says("hello")
            [home] = await sister.hears()
            assert home.text.startswith("Напишите имя")
            behaviour.stuck.set()
            await desk.settled(timeout=20)
    assert behaviour.runs.count("stuck") == 80
    assert desk.violations == []


@pytest.mark.parametrize(("stuck", "chats"), [(1, 1), (101, 1), (3, 3)])
async def test_what_waits_behind_a_stuck_chat_is_taken_however_much_it_is(
    stuck: int, chats: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram repeats what was finished behind the oldest unfinished update, a hundred at most in all."""
    monkeypatch.setattr(polling, "HOLDS_OTHERS_SECONDS", 0.2)
    desk, behaviour = Desk(limits=None), Behaviour()
    async with desk.serving() as url:
        brothers = [desk.person("Іван", "be") for _ in range(chats)]
        for number in range(stuck):
            brothers[number % chats].says("/mute")
        for number in range(150):
            desk.person(f"P{number}", "ru").says("hello")
        async with polled(desk, url, behaviour):
            await behaviour.comes_to(150 + chats)
            assert behaviour.runs.count("/mute") == chats
            behaviour.stuck.set()
            await desk.settled(timeout=20)
    assert (behaviour.runs.count("hello"), behaviour.runs.count("/mute")) == (150, stuck)
    assert desk.violations == []


async def test_what_waits_for_the_database_is_not_confirmed_however_much_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(polling, "HOLDS_OTHERS_SECONDS", 0.2)
    desk, behaviour = Desk(limits=None), Behaviour(database_is_away=True)
    async with desk.serving() as url:
        for number in range(110):
            desk.person(f"P{number}", "ru").says("hello")
        async with polled(desk, url, behaviour):
            await behaviour.comes_to(210)  # some were tried again, and a batch was full for long
        assert desk.pending_updates == 110
    # Nothing was sent, so nobody's answer can have been hidden by a crash: nothing is looked for.
    assert [call for call in desk.calls if call.method == "deleteMessages"] == []


async def test_what_waits_for_a_silent_database_is_there_after_a_restart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each try ends only with a handler's time, and until then nobody knows what it waits for."""
    monkeypatch.setattr(polling, "HOLDS_OTHERS_SECONDS", 0.3)
    monkeypatch.setattr(intake_module, "HANDLER_SECONDS", 1.5)
    desk, behaviour = Desk(limits=None), Behaviour(database_is_silent=True)
    async with desk.serving() as url:
        for number in range(110):
            desk.person(f"P{number}", "ru").says("/stop")
        async with polled(desk, url, behaviour):
            await behaviour.comes_to(100)  # as many as there is room for; later some are tried again
            await asyncio.sleep(1)
        assert desk.pending_updates == 110


async def test_a_wish_that_is_tried_again_is_not_overtaken_by_the_next_of_its_chat() -> None:
    """A `/stop` that overtakes a wish to follow would be answered, and then followed by alerts."""
    desk, behaviour = Desk(), Behaviour(database_is_away=True)
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        async with polled(desk, url, behaviour):
            sister.says("first")
            await behaviour.comes_to(2)
            behaviour.database_is_away = False
            sister.says("second")
            await sister.hears(2, timeout=10)
            await desk.settled()
    assert behaviour.runs[-2:] == ["first", "second"]


async def test_when_telegram_numbers_updates_from_elsewhere_each_is_answered_once() -> None:
    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        async with polled(desk, url, behaviour):
            sister.says("one")
            await sister.hears()
            await desk.settled()
            desk.renumber(70)
            for text in ("two", "three"):
                sister.says(text)
                await sister.hears()
            await desk.settled()
            assert desk.pending_updates == 0
    assert behaviour.runs == ["one", "two", "three"]
    assert desk.violations == []


async def test_what_was_taken_is_confirmed_once_it_is_answered_and_not_brought_again() -> None:
    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        async with polled(desk, url, behaviour):
            sister.says("slow")
            await behaviour.comes_to(1)
        assert desk.pending_updates == 0
    assert behaviour.runs == ["slow"]


async def test_one_chat_is_answered_in_order(edge: Edge) -> None:
    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        for number in range(5):
            sister.says(str(number))
        async with taken(desk, url, behaviour, edge):
            await sister.hears(5, timeout=15)
            await desk.settled()
    assert behaviour.runs == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    "trouble",
    [
        faults.server_error(),
        faults.bad_gateway(),
        faults.cut_before_reading(),
        faults.cut_after_executing(),
        faults.answer(b"<html>", 200),
        faults.too_many(1),
    ],
)
async def test_polling_survives_a_fault_of_each_kind(trouble: faults.Fault) -> None:
    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        desk.faults.next("getUpdates", trouble)
        async with polled(desk, url, behaviour):
            sister.says("hello")
            await sister.hears()
            await desk.settled()
    assert behaviour.runs == ["hello"]


async def test_a_reply_is_repeated_until_telegram_has_it() -> None:
    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url:
        sister = desk.person("Марыя", language_code="ru")
        desk.faults.next("sendMessage", faults.cut_before_reading())
        desk.faults.next("sendMessage", faults.server_error())
        async with polled(desk, url, behaviour):
            sister.says("hello")
            await sister.hears(timeout=10)
            await desk.settled()
    assert len([message for message in sister.history if message.from_bot]) == 1


@pytest.mark.parametrize(("error", "calls"), [(NotReached("x"), 7), (MaybeSent("x"), sending.TRIES)])
async def test_what_never_got_to_telegram_is_tried_for_longer_than_what_may_have_arrived(
    error: Exception, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update is taken by then: an answer given up is one that never comes."""
    monkeypatch.setattr(sending, "PAUSE_SECONDS", 0.001)
    made: list[int] = []

    async def call() -> None:
        made.append(1)
        if len(made) < 7:
            raise error

    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url, taken(desk, url, behaviour, Edge()) as parts:
        assert await parts.sender._persist(call) == (calls == 7)
    assert len(made) == calls


async def test_a_screen_that_another_process_took_away_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind one address the tap "Back" may come to the process that showed the card, and no longer does."""
    monkeypatch.setattr(sending, "DOUBLE_TAP_SECONDS", 0.2)
    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url, taken(desk, url, behaviour, Edge()) as parts:
        sister = desk.person("Марыя", language_code="ru")
        sister.says("hello")
        [home] = await sister.hears()
        here, another = parts.sender, Sender(parts.bot, parts.wiping, parts.following)
        seen = []
        for sender, text in ((here, "card"), (another, "history"), (here, "card"), (here, "card")):
            await sender.show(Reply(Destination(sister.id, message_id=home.id), Screen(text)))
            seen.append(sister.history[-1].text)
            if sender is another:
                await asyncio.sleep(0.3)
    assert seen == ["card", "history", "card", "card"]
    assert len([call for call in desk.calls if call.method == "editMessageText"]) == 3


async def test_somebody_who_blocked_the_bot_stops_nothing() -> None:
    desk, behaviour = Desk(), Behaviour()
    async with desk.serving() as url:
        sister, brother = desk.person("Марыя", "ru"), desk.person("Іван", "be")
        desk.faults.next("sendMessage", faults.forbidden(), chat_id=sister.id)
        async with polled(desk, url, behaviour):
            sister.says("hello")
            brother.says("hello")
            await brother.hears()
            await desk.settled()
    assert behaviour.runs == ["hello", "hello"]
