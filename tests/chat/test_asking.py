"""The two questions the bot puts by itself: about a name that appeared, and about being remembered on."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest

from bot.chat.buttons import Ask, Press, parse
from bot.desk import faults
from bot.desk.desk import Desk
from bot.desk.people import Person
from bot.domain.follower import NAME_DIGESTS, Flag, Told, month_number
from bot.domain.people import View
from bot.domain.search_keys import asked_key, search_keys
from bot.domain.strangers import name_in
from bot.services.importing import import_registry
from bot.sources.question_files import read_classifier
from bot.store.database import Database
from bot.store.name_codes import NameCodes
from bot.store.sealing import RowDamagedError
from bot.store.vault import Vault
from tests.builders import an_import, name_row
from tests.chat.test_following import follow, tap
from tests.conftest import TODAY
from tests.running import Scene, told, vault_in


async def follow_a_name(desk: Desk, mother: Person) -> None:
    """Leave a name that the registry does not have."""
    mother.says("Іван Прыкладскі")
    await mother.hears()
    mother.taps("Спытаць мяне, калі з’явіцца")
    await mother.hears()
    mother.taps("Я разумею, далей")
    await mother.hears()
    await desk.settled()


async def enter_that_name(registry: Database) -> None:
    """Let the registry have it."""
    files = an_import(["ivan"], [name_row("ivan", "Иван Прикладский", "ru")])
    await import_registry(registry, files, TODAY, batch="demo")


async def epochs(scene: Scene) -> set[str]:
    """Return the names of the files of rows that there are."""
    names = await asyncio.to_thread(os.listdir, scene.folder / "vault")
    return {name for name in names if name.endswith(".db")}


async def nights_pass(scene: Scene, days: int) -> None:
    """Let days pass, and wait until the bot did what it does at night: sealing anew is the last of it."""
    before = await epochs(scene)
    scene.clock.passes(days=days)
    await sealed_anew(scene, before)


async def sealed_anew(scene: Scene, before: set[str]) -> None:
    """Wait until none of the files of rows is one that was there before."""
    for _ in range(200):
        if before.isdisjoint(await epochs(scene)):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError("no night has passed")


async def test_a_name_we_lack_is_kept_as_a_code_and_met_as_a_question(scene: Scene, seeded: Database) -> None:
    desk, mother = scene.desk, scene.mother
    async with scene.running():
        await follow_a_name(desk, mother)
        before = len(mother.lock_screen)
        await enter_that_name(seeded)

        question = await told(desk, mother, "Магчыма, ёсць адказ")
        assert question.silent
        assert question.protected
        assert "Прыкладскі" not in question.text
        assert len(mother.lock_screen) == before
        await desk.settled(quiet_seconds=0.3)
        assert len([m for m in mother.history if m.text == question.text]) == 1

    async with scene.running():
        await desk.settled(quiet_seconds=0.5)
        assert len([m for m in mother.history if m.text == question.text]) == 1

        mother.taps("Паглядзець", on=question)
        met = await told(desk, mother, "Вы мелі на ўвазе гэтага чалавека?")
        assert "Гэта не навіна пра вызваленне." in met.text
        mother.taps("Так, сачыць: 1", on=met)
        await told(desk, mother, "Пацверджанага статусу ў нас няма")
        await desk.settled()
    record = await scene.row_of(mother.id)
    assert record is not None
    assert (len(record.people), len(record.unknown_names)) == (1, 0)


@pytest.mark.usefixtures("seeded")
async def test_a_button_about_a_name_we_lack_means_nothing_in_another_chat(scene: Scene) -> None:
    desk, mother = scene.desk, scene.mother
    other = desk.person("Вера", language_code="be")
    async with scene.running():
        held: list[str] = []
        for reader in (mother, other):
            await follow_a_name(desk, reader)
            reader.says("/following")
            await reader.hears()
            mine = await tap(reader, "Адкрыць")
            held += [b.data for row in mine.buttons for b in row if b.data and ".fu.n" in b.data]
        assert len(set(held)) == 2

        code = held[0].split(".")[3].removeprefix("n")
        forged = code[:-2] + ("AA" if code[-2:] != "AA" else "QQ")

        async def forge(ask: str) -> None:
            """Each from a chat of their own: one chat is answered once a second."""
            thief = desk.person(f"Вера {ask}", language_code="be")
            thief.says("/help")
            await thief.hears()
            for name in (f"n{code}", f"n{forged}", "n77"):
                # Of a person and a name, the name has to be a button's of this chat, too.
                thief.presses(thief.screen, f"1.be.{ask}.{'p1-' * (ask == 'fm')}{name}.0")
                [answer] = await thief.hears()
                assert answer.text.startswith("Кнопка старая"), (ask, name)
                thief.says("/help")
                await thief.hears()

        await asyncio.gather(*map(forge, ("f", "fa", "fu", "fk", "fm")))
        mother.presses(mother.screen, held[0])
        await mother.hears()
        await desk.settled()
    left = [await scene.row_of(reader.id) for reader in (mother, other)]
    assert [len(record.unknown_names) for record in left if record] == [0, 1]


def test_the_longest_wish_about_a_name_fits_a_button() -> None:
    code = NameCodes(b"k" * 32).sealed(2**52, NAME_DIGESTS - 1)
    press = Press(Ask.MEANT, View.LATIN, f"p{2**31 - 1}-n{code}", 999, switch=True)
    assert parse(press.data()) == press


@pytest.mark.parametrize("chat", [1, 2**52, -(2**40)])
def test_the_code_of_a_name_opens_in_its_own_chat_and_under_its_own_key_only(chat: int) -> None:
    codes, others = NameCodes(b"k" * 32), NameCodes(b"o" * 32)
    code = codes.sealed(chat, 7)
    assert codes.opened(chat, code) == 7
    assert codes.sealed(chat, 8) != code
    assert (codes.opened(chat + 1, code), others.opened(chat, code)) == (None, None)
    assert [
        codes.opened(chat, forged) for forged in ("", "7", "A" * 22, code + "A", "é" * 22, ".." * 11)
    ] == ([None] * 6)


async def test_whom_telegram_kept_from_being_asked_is_asked_half_a_minute_later(
    scene: Scene, seeded: Database
) -> None:
    desk, mother = scene.desk, scene.mother
    async with scene.running():
        await follow_a_name(desk, mother)
        desk.faults.next("sendMessage", faults.bad_gateway(), chat_id=mother.id)
        await enter_that_name(seeded)

        question = await told(desk, mother, "Магчыма, ёсць адказ")
        await desk.settled(quiet_seconds=0.3)
        assert len([m for m in mother.history if m.text == question.text]) == 1


async def test_a_question_that_arrived_although_nobody_heard_so_is_there_once_and_goes_in_time(
    scene: Scene, seeded: Database
) -> None:
    desk, mother = scene.desk, scene.mother
    async with scene.running():
        await follow_a_name(desk, mother)
        desk.faults.next("sendMessage", faults.cut_after_executing(), chat_id=mother.id)
        await enter_that_name(seeded)

        lost = await told(desk, mother, "Магчыма, ёсць адказ")
        await desk.until(lambda: lost not in mother.history)
        question = await told(desk, mother, "Магчыма, ёсць адказ")
        await desk.settled(quiet_seconds=0.3)
        assert [m for m in mother.history if m.text == question.text] == [question]
        scene.clock.passes(hours=47)
        await desk.until(lambda: mother.history == [])


@pytest.mark.usefixtures("seeded")
async def test_a_bot_that_is_restarted_across_midnight_has_its_nights_too(scene: Scene) -> None:
    """It was never awake when a day began: nobody was forgotten, and old copies went on opening."""
    seen: list[set[str]] = []
    for hours in (0, 24, 1):
        scene.clock.passes(hours=hours)
        async with scene.running():
            if hours == 24:
                await nights_pass(scene, 0)
            else:
                await asyncio.sleep(0.7)
            seen.append(await epochs(scene))
    first, second, third = seen
    assert first.isdisjoint(second)
    assert third == second, "one night is enough for a day"


@pytest.mark.usefixtures("seeded")
async def test_a_night_that_a_damaged_row_spoils_is_tried_again_an_hour_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To seal all rows anew, and find in the end that one does not open, is work for seconds."""
    tries = 0

    async def fails(_: Vault) -> None:
        nonlocal tries
        tries += 1
        raise RowDamagedError("a row is not what was written")

    monkeypatch.setattr(Vault, "rekey", fails)
    async with scene.running():
        for nights in (1, 2):
            scene.clock.passes(hours=24 if nights == 1 else 1)
            await scene.desk.until(lambda: tries > 0)
            await asyncio.sleep(0.5)
            assert tries == nights


@pytest.mark.usefixtures("seeded")
async def test_who_does_not_tap_for_six_months_is_asked_once_also_in_a_pause_and_then_forgotten(
    scene: Scene,
) -> None:
    desk, mother = scene.desk, scene.mother
    sister = desk.person("Вера", language_code="be")
    async with scene.running():
        for reader in (mother, sister):
            await follow(reader, "Алесь Бяляцкі")
        mother.says("/following")
        await mother.hears()
        await tap(mother, "Адкрыць")
        rests = await tap(mother, "Паўза")
        assert "Перш чым выдаліць усё пра вас, мы спытаем." in rests.text
        await desk.settled()
        desk.expect_refusal("deleteMessage", 20)  # what was said half a year before stays in the chat
        desk.expect_refusal("deleteMessages", 2)
        for days in (180, 1):  # 24 November and half a year: the last month has begun
            await nights_pass(scene, days)
        question = "Пакінуць усё так, як вы наладзілі?"
        await told(desk, mother, question)
        sister.taps("Так, пакінуць", on=await told(desk, sister, question))
        await told(desk, sister, "Добра.")
        for days in (1, 31, 1, 1):
            await nights_pass(scene, days)
    assert await scene.row_of(mother.id) is None
    kept = await scene.row_of(sister.id)
    assert kept is not None
    assert Flag.RENEWAL_ASKED not in kept.flags
    assert kept.people


@pytest.mark.usefixtures("seeded")
async def test_whom_telegram_does_not_find_in_their_last_month_is_asked_the_next_night(scene: Scene) -> None:
    desk, mother = scene.desk, scene.mother
    question = "Пакінуць усё так, як вы наладзілі?"
    async with scene.running():
        await follow(mother, "Алесь Бяляцкі")
        await desk.settled()
        desk.expect_refusal("deleteMessage", 20)  # what was said half a year before stays in the chat
        desk.expect_refusal("deleteMessages", 2)
        await nights_pass(scene, 180)  # the last month has begun
        await told(desk, mother, "У гэтым чаце засталося нешта старое.")
        desk.faults.next("sendMessage", faults.not_found(), chat_id=mother.id)
        await nights_pass(scene, 1)
        await desk.until(lambda: len(desk.faults) == 0)
        await desk.settled(quiet_seconds=0.3)
        assert not any(message.text.startswith(question) for message in mother.history)
        await nights_pass(scene, 1)
        await told(desk, mother, question)
        await nights_pass(scene, 1)
        await desk.settled(quiet_seconds=0.3)
        assert len([message for message in mother.history if message.text.startswith(question)]) == 1


async def a_follower(scene: Scene) -> Told:
    """Write the row of one who was told of something just now and may fade in half a year; return what."""
    heard = Told(5, 1, int(scene.clock.now().timestamp()) // 3600)
    async with vault_in(scene.folder, now=scene.clock.now) as vault:
        await vault.merge(
            7, lambda row: replace(row, people=frozenset({7}), told=(heard,), expires=month_number(2027, 5))
        )
    return heard


@pytest.mark.usefixtures("seeded")
async def test_a_clock_that_is_wrong_for_a_moment_at_a_start_forgets_nobody_and_nothing(scene: Scene) -> None:
    heard = await a_follower(scene)
    for days in (250, -250, 170):  # in the last, everybody could be asked whether to be remembered on
        before = await epochs(scene)
        scene.clock.is_set(days=days)
        async with scene.running():
            await sealed_anew(scene, before)
    row = await scene.row_of(7)
    assert row is not None
    assert (row.told, row.people, row.flags & Flag.RENEWAL_ASKED) == ((heard,), frozenset({7}), Flag(0))


async def rests_long(scene: Scene) -> None:
    """Let somebody follow, and the bot be off until their last month is over."""
    await a_follower(scene)
    scene.desk.populate(1, first=7)
    scene.clock.passes(days=250)


@pytest.mark.usefixtures("seeded")
async def test_whoever_faded_while_the_bot_was_off_is_asked_a_night_before_they_are_forgotten(
    scene: Scene,
) -> None:
    await rests_long(scene)
    async with scene.running():
        kept = []
        for _ in range(3):
            await nights_pass(scene, 1)
            await scene.desk.settled(quiet_seconds=0.3)
            kept.append(len(scene.desk.ledger))
    assert kept == [0, 1, 1]
    assert await scene.row_of(7) is None


@pytest.mark.usefixtures("seeded")
async def test_a_restart_after_a_long_rest_forgets_nobody_who_was_not_asked(scene: Scene) -> None:
    await rests_long(scene)
    before = await epochs(scene)
    async with scene.running():
        await sealed_anew(scene, before)
    async with scene.running():
        await nights_pass(scene, 1)
        await scene.desk.settled(quiet_seconds=0.3)
        assert len(scene.desk.ledger) == 1
    assert await scene.row_of(7) is not None
    async with scene.running():
        await nights_pass(scene, 1)
        await scene.desk.settled(quiet_seconds=0.3)
    assert await scene.row_of(7) is None


@pytest.mark.parametrize(
    "text",
    [
        "Пётр Прыкладаўскі",
        "Где Пётр Прикладовский",
        "Вышел ли Пётр Прикладовский?",
        "Дзе Пятро Прыкладаўскі",
        "Где мой сын Пётр Прикладовский",
        "что известно про Петра Прикладовского",
        "Прикладовского Петра выпустили?",
        "скажыце калі ласка што з Пятром Прыкладаўскім, мы яго маці",
        "Где Пётр Иванович Прикладовский 1999 г.р.",
        "where is my husband Piotr Prykladauski, he was taken in 2021",
    ],
)
def test_whoever_asks_in_a_sentence_is_asked_when_the_name_appears(text: str) -> None:
    listed = search_keys("Пётр Прыкладаўскі")

    assert asked_key(name_in(text, read_classifier())) in listed


@pytest.mark.parametrize(
    "text", ["Пётр Иванович", "Где Пётр", "што рабіць пасля вызвалення", "выпустили?", ""]
)
def test_without_a_surname_nothing_is_promised(text: str) -> None:
    assert asked_key(name_in(text, read_classifier())) is None


def test_of_a_woman_the_case_is_told_by_her_given_name() -> None:
    listed = search_keys("Анна Прикладовская")

    for text in ("Прикладовскую Анну выпустили?", "что с Анной Прикладовской", "Анна Прикладовская"):
        assert asked_key(name_in(text, read_classifier())) in listed, text


def test_a_name_shares_a_key_with_its_other_spellings_and_with_nobody_else() -> None:
    asked = search_keys("Марыя Прыкладава")[0]

    for spelling in ("Мария Прикладова", "Maryia Prykladava", "Прыкладава Марыя Іванаўна", "Маша Прикладова"):
        assert asked in search_keys(spelling), spelling
    for other in ("Марыя Прыкладская", "Ганна Прыкладава", "Марыя", "", "што рабіць пасля вызвалення"):
        assert asked not in search_keys(other), other
