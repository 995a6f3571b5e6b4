"""The ledger as a judge: what was loud, silent, lost, doubled, out of order, and in how few bytes."""

import random
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.desk import Desk
from bot.desk.ledger import Ledger, Span, by_button
from bot.desk.messages import Message
from bot.desk.people import Person
from tests.desk.conftest import Call, Clock

SOMEBODY, ELSE = 7_000_000_001, 7_000_000_002
NUMBERS = iter(range(1, 10**9))


def publications(data: str) -> Span | None:
    """Read the numbers out of a button like `1.be.al.5-7.0`."""
    found = data.split(".")
    if len(found) != 5 or found[2] != "al":
        return None
    first, _, last = found[3].partition("-")
    return int(first), int(last or first)


def alert(chat: int, numbers: str, *, silent: bool = False, id: int | None = None) -> Message:
    button = {"text": "?", "callback_data": f"1.be.al.{numbers}.0"}
    other = {"text": "?", "url": "https://example.org"}
    return Message(
        id=next(NUMBERS) if id is None else id,
        chat_id=chat,
        from_bot=True,
        sender="1",
        sent_at=1.0,
        text=numbers,
        markup={"inline_keyboard": [[other], [button]]},
        silent=silent,
    )


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(by_button(publications))


def noted(ledger: Ledger, *alerts: Message) -> None:
    for one in alerts:
        ledger.note(one)


def test_each_chat_has_its_loud_and_its_silent_messages_in_order(ledger: Ledger) -> None:
    noted(
        ledger,
        alert(SOMEBODY, "5"),
        alert(ELSE, "5", silent=True),
        alert(SOMEBODY, "6-8", silent=True),
        alert(SOMEBODY, "9"),
    )
    assert [entry.mark for entry in ledger.loud(SOMEBODY)] == [(5, 5), (9, 9)]
    assert [entry.mark for entry in ledger.silent(SOMEBODY)] == [(6, 8)]
    assert [entry.order for entry in ledger.everything(SOMEBODY)] == [0, 2, 3]
    assert ledger.loud(ELSE) == ledger.everything(1) == []
    assert [entry.chat for entry in ledger] == [SOMEBODY, ELSE, SOMEBODY, SOMEBODY]
    assert [entry.says("9") for entry in ledger.everything(SOMEBODY)] == [False, False, True]


def test_a_number_told_loudly_twice_is_found_also_inside_ranges(ledger: Ledger) -> None:
    noted(
        ledger,
        alert(SOMEBODY, "5"),
        alert(ELSE, "5"),
        alert(SOMEBODY, "5", silent=True),
        alert(SOMEBODY, "6-9"),
        alert(SOMEBODY, "10"),
    )
    assert ledger.doubled_loud() == []
    noted(ledger, alert(SOMEBODY, "8"), alert(ELSE, "4-6"))
    pairs = [(one.chat, one.mark, two.mark) for one, two in ledger.doubled_loud()]
    assert sorted(pairs) == [(SOMEBODY, (6, 9), (8, 8)), (ELSE, (5, 5), (4, 6))]


def test_what_never_reached_a_chat_and_what_reached_it_only_silently(ledger: Ledger) -> None:
    noted(ledger, alert(SOMEBODY, "5-7"), alert(SOMEBODY, "8", silent=True), alert(ELSE, "5", silent=True))
    noted(ledger, alert(ELSE, "5"))
    expected = [(SOMEBODY, 6), (SOMEBODY, 8), (SOMEBODY, 9), (ELSE, 5), (ELSE, 6), (3, 5)]
    assert ledger.never_reached(expected) == [(SOMEBODY, 9), (ELSE, 6), (3, 5)]
    assert ledger.only_silent(expected) == [(SOMEBODY, 8)]


def test_a_loud_number_below_an_earlier_one_is_out_of_order(ledger: Ledger) -> None:
    noted(ledger, alert(SOMEBODY, "5"), alert(ELSE, "4"), alert(SOMEBODY, "7"), alert(SOMEBODY, "7"))
    noted(ledger, alert(SOMEBODY, "1", silent=True))
    assert ledger.out_of_order() == []
    noted(ledger, alert(SOMEBODY, "6"), alert(SOMEBODY, "8"))
    assert [(one.mark, two.mark) for one, two in ledger.out_of_order()] == [((7, 7), (6, 6))]


def test_a_message_without_a_mark_is_nobodys_alert(ledger: Ledger) -> None:
    plain = Message(id=next(NUMBERS), chat_id=SOMEBODY, from_bot=True, sender="1", sent_at=1.0, text="5")
    noted(ledger, plain, alert(SOMEBODY, "0"))
    assert [entry.mark for entry in ledger] == [None, (0, 0)]
    assert ledger.never_reached([(SOMEBODY, 0), (SOMEBODY, 5)]) == [(SOMEBODY, 5)]
    assert ledger.doubled_loud() == ledger.out_of_order() == []


told = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(0, 3), st.booleans()), max_size=12
)


@given(told)
def test_the_judge_agrees_with_a_plain_reading(messages: list[tuple[int, int, int, bool]]) -> None:
    ledger = Ledger(by_button(publications))
    loud: dict[int, list[range]] = {1: [], 2: [], 3: []}
    doubled, disordered, reached = set(), set(), set()
    for order, (chat, first, more, silent) in enumerate(messages):
        ledger.note(alert(chat, f"{first}-{first + more}", silent=silent))
        numbers = range(first, first + more + 1)
        reached |= {(chat, number) for number in numbers}
        if silent:
            continue
        if any(set(numbers) & set(before) for before in loud[chat]):
            doubled.add(chat)
        if any(first < before[-1] for before in loud[chat]):
            disordered.add(order)
        loud[chat].append(numbers)
    assert {one.chat for one, _ in ledger.doubled_loud()} == doubled
    assert {late.order for _, late in ledger.out_of_order()} == disordered
    everything = [(chat, number) for chat in loud for number in range(1, 14)]
    assert set(ledger.never_reached(everything)) == set(everything) - reached
    heard = {(chat, number) for chat, spans in loud.items() for span in spans for number in span}
    assert set(ledger.only_silent(everything)) == reached - heard


async def test_the_desk_notes_sounds_protection_edits_and_deletions(
    desk: Desk, clock: Clock, sister: Person, call: Call
) -> None:
    desk.ledger.marker = by_button(publications)
    markup = {"inline_keyboard": [[{"text": "?", "callback_data": "1.be.al.1790000000-1790000004.0"}]]}
    flags = {"disable_notification": True, "protect_content": True, "reply_markup": markup}
    for number, more in enumerate(({}, flags, {})):
        clock.now += 1
        assert (await call("sendMessage", chat_id=sister.id, text=f"{number}", **more))["ok"]
    first, second, third = desk.ledger.everything(sister.id)
    assert [entry.silent for entry in (first, second, third)] == [False, True, False]
    assert (second.protected, second.mark, second.sent_at) == (True, (1790000000, 1790000004), clock.now - 1)
    await call("editMessageText", chat_id=sister.id, message_id=first.message_id, text="9")
    await call("deleteMessage", chat_id=sister.id, message_id=third.message_id)
    edited, _, deleted = desk.ledger
    assert (edited.edited, edited.deleted, edited.says("0")) == (True, False, True)
    assert (deleted.edited, deleted.deleted) == (False, True)
    assert desk.ledger.find(sister.id, second.message_id) == second
    assert desk.ledger.find(sister.id + 1, second.message_id) is None


@pytest.mark.proof
def test_a_million_messages_fit_into_little(whole_proof: bool, proved: Callable[..., None]) -> None:
    count = 1_000_000 if whole_proof else 20_000
    chance = random.Random(7)  # noqa: S311 - it has to repeat
    ledger = Ledger(by_button(publications))

    def messages() -> Iterator[Message]:
        for number in range(count):
            yield alert(SOMEBODY + chance.randrange(count // 2), f"{number // 100}", id=number + 1)

    tracemalloc.start()
    for message in messages():
        ledger.note(message)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    proved(messages=count, bytes_each=round(taken / count))
    assert len(ledger) == count
    assert ledger.out_of_order() == []
    assert taken / count < 200
