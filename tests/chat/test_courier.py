"""The courier: what each answer of Telegram means, how an alert sounds, and what it says to whom."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from telegram.constants import ParseMode
from telegram.ext import Defaults, ExtBot

from bot.chat.alert_screens import Teller
from bot.chat.courier import TelegramCourier
from bot.chat.lanes import Lanes
from bot.chat.latin import latin_html
from bot.chat.transport import Transport
from bot.desk import faults
from bot.desk.desk import Desk
from bot.desk.faults import Fault
from bot.desk.messages import Message
from bot.desk.people import Person
from bot.domain.alerts import Alert, Board, NotOwedError, Outcome, Urgency
from bot.domain.answers import NoLongerHere, PersonCard
from bot.domain.follower import Flag, Record, Told
from bot.domain.people import Consent, View
from bot.domain.publishing import Publication, PublicationKind
from bot.domain.subjects import Subject
from bot.services.answering import Answering
from bot.services.carrying import Receipt
from bot.services.telling import Telling
from bot.store import publications
from bot.store.database import Database
from bot.store.sqlite_shelf import SqliteShelf
from bot.store.vault import Vault
from tests.newsroom import Newsroom
from tests.running import ROOT

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
NAME = "Прыклад Алена"


def a_publication(number: int = 10, kind: PublicationKind = PublicationKind.RELEASE) -> Publication:
    return Publication(number, f"claim/{number}@1", kind, frozenset({1}), frozenset(), 0, NOW)


def an_alert(chat: int, **other: Any) -> Alert:
    record = Record(chat, people=frozenset({1}))
    return replace(Alert(record, (a_publication(),), Urgency.RELEASE, is_loud=True), **other)


async def marked() -> None:
    return None


@dataclass
class Post:
    """A courier that speaks to a desk over HTTP, and the reader it writes to."""

    desk: Desk
    courier: TelegramCourier
    reader: Person

    async def carry(self, alert: Alert | None = None, *, plain: bool = False) -> Receipt:
        return await self.courier.carry(alert or an_alert(self.reader.id), marked, plain=plain)

    def got(self) -> list[Message]:
        return [message for message in self.reader.history if message.from_bot]


@asynccontextmanager
async def speaking(
    desk: Desk, url: str, telling: Telling, *, paid: bool = False
) -> AsyncIterator[TelegramCourier]:
    transport = Transport(read_timeout=0.3)
    bot: ExtBot[Any] = ExtBot(
        desk.token,
        base_url=f"{url}/bot",
        request=transport,
        get_updates_request=transport,
        defaults=Defaults(parse_mode=ParseMode.HTML),
        rate_limiter=Lanes(),
    )
    await transport.initialize()
    try:
        yield TelegramCourier(bot, Teller(telling), paid=paid)
    finally:
        await transport.shutdown()


@pytest.fixture
async def telling(seeded: Database, tmp_path: Any) -> AsyncIterator[Telling]:
    vault = await Vault.open(SqliteShelf(tmp_path / "vault"), tmp_path / "keyring", ROOT)
    answering = Answering(seeded)
    yield Telling(seeded, vault, answering, lambda _key: None)
    await vault.close()


@pytest.fixture
async def post(telling: Telling) -> AsyncIterator[Post]:
    desk = Desk()
    async with desk.serving() as url, speaking(desk, url, telling) as courier:
        reader = desk.person("Марыя", language_code="be")
        reader.says("/start")
        yield Post(desk, courier, reader)


def refused(code: int, words: str, **parameters: int) -> Fault:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": words}
    if parameters:
        body["parameters"] = parameters
    return faults.answer(json.dumps(body).encode(), code)


MEANS: dict[str, tuple[Callable[[], Fault], Receipt, int]] = {
    "429": (lambda: faults.too_many(7), Receipt(Outcome.NOT_SENT, wait=7), 0),
    "500": (faults.server_error, Receipt(Outcome.UNSURE), 0),
    "502, not carried out": (faults.bad_gateway, Receipt(Outcome.UNSURE), 0),
    "502, carried out": (lambda: faults.bad_gateway(executes=True), Receipt(Outcome.UNSURE), 1),
    "cut before it was read": (faults.cut_before_reading, Receipt(Outcome.UNSURE), 0),
    "carried out, and the answer lost": (faults.cut_after_executing, Receipt(Outcome.UNSURE), 1),
    "no answer in time": (lambda: faults.hang(0.6), Receipt(Outcome.UNSURE), 1),
    "no JSON": (lambda: faults.answer(b"{"), Receipt(Outcome.UNSURE), 0),
    "401": (faults.token_revoked, Receipt(Outcome.DEAD), 0),
    "403 blocked": (faults.forbidden, Receipt(Outcome.GONE), 0),
    "403 deactivated": (lambda: faults.forbidden("user is deactivated"), Receipt(Outcome.GONE), 0),
    "400 not found": (lambda: refused(400, "Bad Request: chat not found"), Receipt(Outcome.NOT_FOUND), 0),
    "400 no such user": (lambda: refused(400, "Bad Request: user not found"), Receipt(Outcome.NOT_FOUND), 0),
    "400 no such peer": (lambda: refused(400, "Bad Request: PEER_ID_INVALID"), Receipt(Outcome.NOT_FOUND), 0),
    "403 to whom never wrote": (
        lambda: faults.forbidden("bot can't initiate conversation with a user"),
        Receipt(Outcome.GONE),
        0,
    ),
    "400 deactivated": (lambda: refused(400, "Bad Request: user is deactivated"), Receipt(Outcome.GONE), 0),
    "400 deactivated, as the layer below says it": (
        lambda: refused(400, "Bad Request: INPUT_USER_DEACTIVATED"),
        Receipt(Outcome.GONE),
        0,
    ),
    "400 entities": (
        lambda: refused(400, "Bad Request: can't parse entities: Unsupported start tag"),
        Receipt(Outcome.POISON),
        0,
    ),
    "400 too long": (lambda: refused(400, "Bad Request: message is too long"), Receipt(Outcome.POISON), 0),
    "400 moved": (
        lambda: refused(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=-1000000000011,
        ),
        Receipt(Outcome.MOVED, chat=-1000000000011),
        0,
    ),
    "409": (
        lambda: refused(409, "Conflict: terminated by other getUpdates request"),
        Receipt(Outcome.NOT_SENT),
        0,
    ),
}


@pytest.mark.parametrize("case", list(MEANS))
async def test_each_answer_of_telegram_has_one_meaning(post: Post, case: str) -> None:
    fault, receipt, arrived = MEANS[case]
    post.desk.faults.next("sendMessage", fault())

    assert await post.carry() == receipt
    await asyncio.sleep(0.4 if case == "no answer in time" else 0)
    assert len(post.got()) == arrived


async def test_what_arrived_has_its_number(post: Post) -> None:
    receipt = await post.carry()
    [message] = post.got()
    assert receipt == Receipt(Outcome.DONE, message.id)


async def test_where_nobody_can_be_reached_nothing_was_sent(
    post: Post, telling: Telling, unused_port: int
) -> None:
    async with speaking(post.desk, f"http://127.0.0.1:{unused_port}", telling) as courier:
        assert await courier.carry(an_alert(post.reader.id), marked) == Receipt(Outcome.NOT_SENT)


async def test_a_429_is_handed_back_at_once_and_not_waited_for(post: Post) -> None:
    post.desk.faults.next("sendMessage", faults.too_many(300))
    marks = 0

    async def mark() -> None:
        nonlocal marks
        marks += 1

    async with asyncio.timeout(5):
        receipt = await post.courier.carry(an_alert(post.reader.id), mark)
    assert (receipt.wait, marks) == (300, 1)


async def test_what_is_owed_no_more_is_not_sent(post: Post) -> None:
    async def gone() -> None:
        raise NotOwedError("its reader said stop")

    with pytest.raises(NotOwedError):
        await post.courier.carry(an_alert(post.reader.id), gone)
    assert post.got() == []
    assert (await post.carry()).outcome is Outcome.DONE


@pytest.mark.parametrize("loud", [True, False])
async def test_an_alert_is_protected_and_sounds_only_when_it_should(post: Post, loud: bool) -> None:
    await post.carry(an_alert(post.reader.id, is_loud=loud))
    [message] = post.got()
    assert (message.silent, message.protected) == (not loud, True)


@pytest.mark.parametrize(
    ("other", "begins"),
    [
        ({}, "Ёсць нешта новае"),
        ({"is_repeat": True}, "Яшчэ раз"),
        ({"urgency": Urgency.CORRECTION, "is_repeat": True}, "Нешта з таго"),
    ],
)
async def test_a_message_says_what_kind_it_is_and_which_publications_it_opens(
    post: Post, other: dict[str, Any], begins: str
) -> None:
    both = (a_publication(10), a_publication(12))
    await post.carry(an_alert(post.reader.id, publications=both, **other))
    [message] = post.got()
    assert message.text.startswith(begins)
    [[button]] = message.buttons
    assert button.data is not None
    assert "10-12" in button.data


async def test_a_plain_copy_has_no_marks_and_the_same_button(post: Post) -> None:
    await post.carry()
    await post.carry(plain=True)
    marked_up, plain = post.got()
    assert plain.entities == ()
    assert (plain.text, plain.buttons) == (marked_up.text, marked_up.buttons)


async def test_whose_offer_to_pay_is_refused_is_told_for_nothing(telling: Telling) -> None:
    desk = Desk()
    async with desk.serving() as url, speaking(desk, url, telling, paid=True) as courier:
        reader = desk.person("Марыя", language_code="be")
        reader.says("/start")
        desk.faults.next("sendMessage", refused(400, "Bad Request: paid broadcasts aren't allowed"))
        alert = an_alert(reader.id)
        first = await courier.carry(alert, marked)
        second = await courier.carry(alert, marked, plain=True)

    assert (first.outcome, second.outcome) == (Outcome.POISON, Outcome.DONE)
    calls = [call for call in desk.calls if call.method == "sendMessage"]
    assert [call.params.get("allow_paid_broadcast") for call in calls][-1] is None


async def test_beyond_the_free_rate_an_alert_offers_to_pay(telling: Telling) -> None:
    desk = Desk()
    async with desk.serving() as url:
        reader = desk.person("Марыя", language_code="be")
        reader.says("/start")
        for paid in (True, False):
            async with speaking(desk, url, telling, paid=paid) as courier:
                await courier.carry(an_alert(reader.id), marked)

    calls = [call for call in desk.calls if call.method == "sendMessage"]
    assert [call.params.get("allow_paid_broadcast") for call in calls] == [True, None]


async def test_an_alert_that_was_wrong_says_so_and_what_cannot_be_edited_stops_nothing(post: Post) -> None:
    receipt = await post.carry()
    record = Record(post.reader.id)
    await post.courier.amend(record, receipt.message, marked)
    [message] = post.got()
    assert message.text.startswith("Гэта ўжо састарэла")
    assert message.buttons == ()

    post.desk.expect_refusal("editMessageText")
    await post.courier.amend(record, 9999, marked)
    post.desk.faults.next("editMessageText", faults.too_many(300))
    async with asyncio.timeout(5):
        await post.courier.amend(record, receipt.message, marked)


async def test_an_alert_that_its_reader_keeps_before_its_turn_comes_is_not_edited(post: Post) -> None:
    receipt = await post.carry()

    async def kept() -> None:
        raise NotOwedError

    with pytest.raises(NotOwedError):
        await post.courier.amend(Record(post.reader.id), receipt.message, kept)

    assert [call.method for call in post.desk.calls].count("editMessageText") == 0


# Who did not ask for discretion.


async def going(seeded: Database) -> tuple[Newsroom, str, list[Publication]]:
    """Publish a placeholder person's release, and number it as the sender would."""
    newsroom = Newsroom(seeded)
    await newsroom.open()
    await newsroom.person("1", NAME)
    claim = await newsroom.release("1")
    async with seeded.writing() as connection:
        [queued] = await publications.queued(connection)
        assert await publications.let_go(connection, queued.id, 10)
        return newsroom, claim, await publications.going(connection, 0)


def in_full(reader: Person, found: list[Publication], view: View, **other: Any) -> Alert:
    [number] = found[0].people
    record = Record(reader.id, view=view, flags=Flag(0), people=frozenset({number}), **other)
    alert = Board(found).alert(record, found[-1].published_at)
    assert alert is not None
    return alert


@pytest.mark.parametrize("view", list(View))
async def test_who_reads_names_at_once_is_told_whom_and_what_in_their_view(
    post: Post, seeded: Database, view: View
) -> None:
    _, _, found = await going(seeded)
    alert = in_full(post.reader, found, view)
    await post.carry(replace(alert, record=replace(alert.record, flags=Flag.DISCREET)))
    await post.carry(alert)

    said = latin_html(NAME) if view is View.LATIN else NAME
    free = {
        View.BE: "На волі, у Беларусі, станам на 24 лістапада 2026",
        View.RU: "На свободе, в Беларуси, по состоянию на 24 ноября 2026",
        View.EN: "Free, in Belarus, as of 24 November 2026",
        View.LATIN: "Na voli, u Biełarusi, stanam na 24 listapada 2026",
    }[view]
    discreet, full = post.got()
    assert said not in discreet.text
    assert full.text.splitlines() == [discreet.text, said, free]
    assert full.buttons == discreet.buttons


async def test_a_correction_and_a_retraction_say_so_beside_the_name(post: Post, seeded: Database) -> None:
    newsroom, claim, found = await going(seeded)
    await newsroom.retract(claim)
    async with seeded.writing() as connection:
        [queued] = await publications.queued(connection)
        await publications.let_go(connection, queued.id, 11)
        found = await publications.going(connection, 0)
    alert = in_full(post.reader, found, View.EN, alert_seen=10, told=(Told(5, 10, 490_000),))
    assert alert.urgency is Urgency.CORRECTION
    await post.carry(alert)

    [message] = post.got()
    assert NAME in message.text
    assert "Taken back: what we told before was wrong." in message.text


async def test_who_asked_for_silence_while_an_alert_waited_is_not_named(post: Post, seeded: Database) -> None:
    newsroom, claim, found = await going(seeded)
    alert = in_full(post.reader, found, View.BE)
    await newsroom.silence(claim, Consent.SUPPRESSED)
    await post.carry(alert)

    [message] = post.got()
    assert NAME not in message.text
    assert "\n" not in message.text


async def test_who_asked_for_silence_is_not_named_by_an_alert_that_is_opened_later(
    seeded: Database, telling: Telling
) -> None:
    newsroom, claim, found = await going(seeded)
    [number] = found[0].people
    await telling._vault.merge(
        7, lambda record: replace(record, people=frozenset({number}), told=(Told(5, 10, 490_000),))
    )
    everything = frozenset(subject.value for subject in Subject)
    await telling._vault.merge(8, lambda record: replace(record, topics=everything))
    for chat in (7, 8):
        assert isinstance(await telling.opened(chat, 10, 10, 0), PersonCard)
    await newsroom.silence(claim, Consent.SUPPRESSED)
    for chat in (7, 8):
        assert await telling.opened(chat, 10, 10, 0) == NoLongerHere()
