"""Conversations with the bot, as three people have them: a sister, an advocate, a stranger."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.desk.desk import Desk
from tests.running import plan_for, running


async def test_a_sister_begins_in_her_language_and_asks_for_her_brother(desk: Desk) -> None:
    sister = desk.person("Марыя", language_code="ru")
    sister.start()
    [welcome] = await sister.hears()
    assert [row[0].text for row in welcome.buttons] == ["Беларуская", "Русский", "English", "Łacinka"]
    sister.taps("Беларуская")
    [where] = await sister.hears()
    assert where.text.startswith("Дзе вы?")
    assert where.edited
    sister.taps("Не хачу казаць")
    [home] = await sister.hears()
    assert "Напішыце імя" in home.text
    sister.says("алесь бяляцкі")
    [card] = await sister.hears()
    assert card.text.splitlines()[0] == "На волі, за мяжой: Літва"
    assert "13 снежня 2025" in card.text
    assert not any(entity["type"] == "text_link" for entity in card.entities)


async def test_an_advocate_abroad_sees_links_and_copies_a_citation(desk: Desk) -> None:
    advocate = desk.person("Ann", language_code="en")
    advocate.says("/settings")
    await advocate.hears()
    advocate.taps("Where I am")
    await advocate.hears()
    advocate.taps("Abroad")
    await advocate.hears()
    advocate.says("Mikalai Statkevich")
    [card] = await advocate.hears()
    assert any(entity["type"] == "text_link" for entity in card.entities)
    advocate.taps("Copy a citation")
    [citation] = await advocate.hears()
    assert "Mikalai Statkevich" in citation.text
    assert "19 February 2026" in citation.text
    advocate.taps("Back")
    [again] = await advocate.hears()
    assert again.text == card.text


async def test_every_screen_of_a_card_leads_back(desk: Desk) -> None:
    sister = desk.person("Марыя", language_code="ru")
    sister.says("Статкевич")
    [card] = await sister.hears()
    for button in ("История", "Источники", "Сообщить об ошибке", "Строка для цитирования"):
        sister.taps(button)
        [screen] = await sister.hears()
        assert screen.edited
        sister.taps("Назад")
        [back] = await sister.hears()
        assert back.text == card.text
    sister.taps("В начало")
    [home] = await sister.hears()
    assert "Напишите имя" in home.text


@pytest.mark.parametrize(
    ("on", "said"), [("Юрыдычная дапамога", "Пра што вы хочаце прачытаць?"), ("Іншая краіна", "Дзе чалавек")]
)
async def test_a_need_that_nobody_meets_in_belarus_leads_on(desk: Desk, on: str, said: str) -> None:
    mother = desk.person("Марыя", language_code="be")
    mother.says("/contacts")
    [screen] = await mother.hears()
    for tap in ("Грошы", "Беларусь"):
        mother.taps(tap)
        [screen] = await mother.hears()
    assert "Мы пакуль не знайшлі, хто там можа з гэтым дапамагчы." in screen.text
    mother.taps(on)
    [there] = await mother.hears()
    assert said in there.text


async def test_the_pages_behind_an_organisation_are_one_tap_from_its_card_and_lead_back(desk: Desk) -> None:
    sister = desk.person("Марыя", language_code="be")
    sister.says("/contacts")
    [card] = await sister.hears()
    for tap in ("Адвакат, парада", "Польшча", "Мова не важная", "Нумар 1", "Паказаць назву"):
        sister.taps(tap)
        [card] = await sister.hears()
    sister.taps("Крыніцы")
    [sources] = await sister.hears()
    assert "Старонкі прачытаныя: 24 лістапада 2026." in sources.text
    assert not any(entity["type"] in {"text_link", "url"} for entity in sources.entities)
    sister.taps("Назад")
    [back] = await sister.hears()
    assert back.text == card.text


async def test_designated_names_come_only_after_their_own_tap(desk: Desk) -> None:
    sister = desk.person("Марыя", language_code="be")
    sister.says("Алесь Бяляцкі")
    await sister.hears()
    sister.taps("Крыніцы")
    [sources] = await sister.hears()
    assert "праваабарончая арганізацыя" in sources.text
    assert "BAJ" not in sources.text
    sister.taps("Паказаць назвы")
    [named] = await sister.hears()
    assert "не дзяліцеся" in named.text
    assert not any(entity["type"] in {"text_link", "url"} for entity in named.entities)


async def test_a_stranger_learns_what_not_listed_does_not_mean(desk: Desk) -> None:
    stranger = desk.person("Sam", language_code="en")
    stranger.says("Jan Nobody")
    [answer] = await stranger.hears()
    assert answer.text.startswith("This name is not in our list")
    assert "does not mean that they are free" in answer.text
    assert "Nobody" not in answer.text


@pytest.mark.parametrize("kind", ["sticker", "photo", "voice", "poll", "video_note", "dice"])
async def test_anything_that_is_not_text_gets_one_calm_sentence(desk: Desk, kind: str) -> None:
    sister = desk.person("Марыя", language_code="be")
    sister.sends(kind)
    [answer] = await sister.hears()
    assert answer.text == "Я чытаю толькі тэкст. Напішыце, калі ласка, імя."
    assert "На пачатак" in [button.text for row in answer.buttons for button in row]


@pytest.mark.parametrize("kind", ["location", "contact", "document"])
async def test_what_says_too_much_of_somebody_is_deleted_at_once(desk: Desk, kind: str) -> None:
    sister = desk.person("Марыя", language_code="be")
    sent = sister.sends(kind)
    [answer] = await sister.hears()
    await desk.until(lambda: sent.id not in [message.id for message in sister.history])
    assert answer.text.startswith("Дзякуй за давер.")


@pytest.mark.parametrize(
    ("command", "begins"),
    [
        ("/help", "Help"),
        ("/settings", "Settings"),
        ("/privacy", "Privacy"),
        ("/language", "Выберыце мову"),
        ("/about", "About this bot"),
        ("/releases", "Releases"),
        ("/start p_12345", "Выберыце мову"),
        ("/nosuch", "Help"),
        ("/HELP", "Help"),
    ],
)
async def test_every_command_is_answered(desk: Desk, command: str, begins: str) -> None:
    advocate = desk.person("Ann", language_code="en")
    advocate.says(command)
    [answer] = await advocate.hears()
    assert answer.text.startswith(begins)


async def test_privacy_names_who_is_responsible(desk: Desk) -> None:
    advocate = desk.person("Ann", language_code="en")
    advocate.says("/privacy")
    [answer] = await advocate.hears()
    assert "the editors, desk@volya.example" in answer.text


async def test_after_clear_no_question_is_understood_by_what_was_read_before(desk: Desk) -> None:
    sister = desk.person("Марыя", language_code="be")
    asked = "а калі ён за мяжой?"
    sister.says(asked)
    [alone] = await sister.hears()
    sister.says("колькі кілаграмаў можна ў перадачу")
    await sister.hears()
    sister.says(asked)
    [after] = await sister.hears()
    assert after.text != alone.text
    sister.says("/clear")
    await desk.settled()
    sister.says(asked)
    [cleared] = await sister.hears()
    assert cleared.text == alone.text


async def test_releases_lead_from_quarters_to_one_release_and_back(desk: Desk) -> None:
    journalist = desk.person("Ann", language_code="en")
    journalist.says("/releases")
    [quarters] = await journalist.hears()
    assert "2025, quarter 4" in quarters.text
    assert "Still listed" in quarters.text
    journalist.taps("Each release")
    [listed] = await journalist.hears()
    assert listed.text.splitlines()[2].startswith("1. 19 March 2026")
    journalist.taps("1: 19.03.2026")
    [release] = await journalist.hears()
    assert "Freed: 250." in release.text
    assert "Order in time is not cause." in release.text
    journalist.taps("Back")
    [again] = await journalist.hears()
    assert again.text == listed.text


async def test_what_was_chosen_survives_a_restart_and_old_buttons_work(
    tmp_path: Path,
) -> None:
    desk = Desk()
    async with desk.serving() as url:
        advocate = desk.person("Ann", language_code="en")
        async with running(plan_for(desk, url, tmp_path)):
            advocate.start()
            await advocate.hears()
            advocate.taps("Русский")
            await advocate.hears()
            advocate.taps("За границей")
            await advocate.hears()
            advocate.says("Николай Статкевич")
            [card] = await advocate.hears()
            assert any(entity["type"] == "text_link" for entity in card.entities)
        async with running(plan_for(desk, url, tmp_path)):
            advocate.taps("Источники", on=card)
            [sources] = await advocate.hears()
            assert sources.text.startswith("Источники")
            assert any(entity["type"] == "text_link" for entity in sources.entities)
    assert desk.violations == []


async def test_forged_and_foreign_button_data_is_an_old_button(desk: Desk) -> None:
    stranger = desk.person("Sam", language_code="en")
    stranger.says("/help")
    [screen] = await stranger.hears()
    forged = ("", "x", "1.en.c.999999.0", "1.en.c.abc.0", "9.en.h..0", "1.xx.h..0", "1.en.p.moon.0", "é" * 32)
    for data in forged:
        stranger.presses(screen, data)
        await stranger.answered()
        await desk.settled()
        assert stranger.screen.text.startswith("This button is old")


async def test_a_double_tap_is_answered_twice_and_edits_once(desk: Desk) -> None:
    sister = desk.person("Марыя", language_code="ru")
    sister.says("/help")
    [screen] = await sister.hears()
    home = screen.buttons[-1][0].data
    for _ in range(5):
        sister.presses(screen, home or "")
    await desk.settled()
    answered = [call for call in desk.calls if call.method == "answerCallbackQuery"]
    edits = [call for call in desk.calls if call.method == "editMessageText"]
    assert len(answered) == 5
    assert len(edits) == 1


async def test_in_a_group_the_bot_says_only_to_write_in_private(desk: Desk) -> None:
    sister = desk.person("Марыя", language_code="ru")
    group = desk.group("Сям'я", members=[sister], privacy=False)
    await desk.settled()
    assert group.screen is not None
    assert "личном чате" in group.screen.text
    for said in ("/start", "@volya_desk_bot Статкевич"):
        sister.says(said, to=group)
    await desk.settled(quiet_seconds=1.5, timeout=10)
    assert sum("личном чате" in message.text for message in group.history) == 3


async def test_an_edited_name_is_answered_and_an_edited_command_is_not_done_twice(desk: Desk) -> None:
    sister = desk.person("Марыя", language_code="be")
    said = sister.says("Бяляцкыы")
    await sister.hears()
    sister.edits(said, "Бяляцкі")
    [card] = await sister.hears()
    assert card.text.startswith("На волі")


async def test_the_command_menu_speaks_three_languages(desk: Desk) -> None:
    await desk.settled(quiet_seconds=0.3)
    menus = {
        call.params.get("language_code", "en"): [
            command["description"] for command in call.params["commands"]
        ]
        for call in desk.calls
        if call.method == "setMyCommands"
    }
    assert [menus[code][8] for code in ("be", "ru", "en")] == ["Прыватнасць", "Приватность", "Privacy"]
