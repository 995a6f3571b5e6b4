"""Following as people do it: consent first, one tap, a list behind a door, and being forgotten."""

from __future__ import annotations

import pytest

from bot.desk import faults
from bot.desk.desk import Desk
from bot.desk.messages import Message
from bot.desk.people import Person
from bot.domain.subjects import wish_of
from bot.services import wiping


async def tap(reader: Person, button: str) -> Message:
    """Tap a button and return what is on the screen then."""
    reader.taps(button)
    return (await reader.hears())[-1]


async def follow(reader: Person, name: str) -> Message:
    """Follow somebody from their card, for the first time."""
    reader.says(name)
    await reader.hears()
    consent = await tap(reader, "Сачыць")
    assert consent.text.startswith("Перш чым выбраць")
    return await tap(reader, "Я разумею, далей")


async def test_the_first_follow_asks_for_consent_and_the_next_does_not(desk: Desk) -> None:
    mother = desk.person("Марыя", language_code="be")
    card = await follow(mother, "Алесь Бяляцкі")
    assert "Не сачыць" in [button.text for row in card.buttons for button in row]

    mother.says("Статкевіч")
    await mother.hears()
    card = await tap(mother, "Сачыць")
    assert "Не сачыць" in [button.text for row in card.buttons for button in row]


async def test_the_list_is_behind_a_door_and_may_not_be_forwarded(desk: Desk) -> None:
    mother = desk.person("Марыя", language_code="be")
    await follow(mother, "Алесь Бяляцкі")
    mother.says("/following")
    [door] = await mother.hears()
    assert "Бяляцкі" not in door.text
    opened = await tap(mother, "Адкрыць")
    assert "1. Алесь Бяляцкі" in opened.text
    assert opened.protected
    card = await tap(mother, "Прыбраць 1")
    assert "Сачыць" in [button.text for row in card.buttons for button in row]


async def test_stop_empties_the_list_and_a_repeat_changes_nothing(desk: Desk) -> None:
    mother = desk.person("Марыя", language_code="be")
    await follow(mother, "Алесь Бяляцкі")
    for _ in range(2):
        mother.says("/stop")
        [answer] = await mother.hears()
        assert answer.text.startswith("Гатова. Ваш спіс пусты")
    mother.says("/mydata")
    [mine] = await mother.hears()
    assert "людзі: –" in mine.text
    assert str(mother.id) in mine.text


async def test_subjects_are_chosen_and_left_with_one_tap_each(desk: Desk) -> None:
    advocate = desk.person("Ann", language_code="be")
    await follow(advocate, "Статкевіч")
    advocate.says("/following")
    await advocate.hears()
    await tap(advocate, "Адкрыць")
    await tap(advocate, "Тэмы")
    chosen = await tap(advocate, "Усе вызваленні")
    assert "Выбрана: Усе вызваленні" in [button.text for row in chosen.buttons for button in row]
    left = await tap(advocate, "Выбрана: Усе вызваленні")
    assert "Усе вызваленні" in [button.text for row in left.buttons for button in row]


async def test_forget_leaves_neither_a_row_nor_a_message(desk: Desk) -> None:
    mother = desk.person("Марыя", language_code="be")
    await follow(mother, "Алесь Бяляцкі")
    mother.says("/forget")
    await mother.hears()
    mother.taps("Забыць мяне зараз")
    done = await mother.answered()
    assert done.text == "Гатова. У нас нічога пра вас не засталося."
    await desk.until(lambda: mother.history == [])

    mother.says("/mydata")
    [mine] = await mother.hears()
    assert "людзі: –" in mine.text
    assert "згода на захаванне: не" in mine.text


async def test_being_forgotten_waits_for_no_flood(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiping, "FORGOTTEN_WITHIN_SECONDS", 1.0)
    mother = desk.person("Марыя", language_code="be")
    await follow(mother, "Алесь Бяляцкі")
    mother.says("/forget")
    await mother.hears()
    for method in "deleteMessage", "deleteMessages":
        desk.faults.next(method, faults.too_many(100), times=10, chat_id=mother.id)
    mother.taps("Забыць мяне зараз")
    done = await mother.answered()
    assert done.text == "Гатова. У нас нічога пра вас не засталося."


async def test_clear_leaves_one_ordinary_sentence(desk: Desk) -> None:
    mother = desk.person("Марыя", language_code="be")
    await follow(mother, "Алесь Бяляцкі")
    mother.says("/clear")
    hello = "Вітаем. Пішыце сюды, калі нешта спатрэбіцца."
    await desk.until(lambda: [message.text for message in mother.history] == [hello], timeout=15)


async def test_who_blocks_the_bot_is_forgotten(desk: Desk) -> None:
    mother = desk.person("Марыя", language_code="be")
    await follow(mother, "Алесь Бяляцкі")
    mother.blocks()
    await desk.settled()
    mother.unblocks()
    mother.says("/mydata")
    [mine] = await mother.hears()
    assert "людзі: –" in mine.text


async def test_a_forged_wish_is_an_old_button(desk: Desk) -> None:
    mother = desk.person("Марыя", language_code="be")
    await follow(mother, "Алесь Бяляцкі")
    for data in ("1.be.f.p99999999.0", "1.be.f.x.0", "1.be.fa.t9.0", "1.be.fu.n99999999999.0", "1.be.wt.5.0"):
        mother.presses(mother.screen, data)
        [answer] = await mother.hears()
        assert answer.text.startswith("Кнопка старая"), data
        mother.says("Алесь Бяляцкі")
        await mother.hears()


def test_only_what_can_be_followed_is_a_wish() -> None:
    for code in ("p0", "p2147483648", "t0", "t6", "n1073741824", "p1 ", "", "p", "x1", "p01"):
        assert wish_of(code) is None, code
    for code in ("p1", "t5", "n0", "n1073741823"):
        wish = wish_of(code)
        assert wish is not None
        assert wish.code == code
