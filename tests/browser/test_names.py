"""Names as people type them, in Chromium: inflected, in the wrong layout, in Łacinka, shared, unknown."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from bot.desk.desk import Desk
from bot.services.importing import import_registry
from bot.store.database import Database
from tests.browser.test_page import Phone
from tests.builders import an_import, claim_row, name_row
from tests.conftest import TODAY
from tests.running import plan_for, running

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]

HOMONYMS = an_import(
    people=["placeholder-1", "placeholder-2"],
    names=[name_row("placeholder-1", "Зміцер Прыкладовіч"), name_row("placeholder-2", "Зміцер Прыкладовіч")],
    claims=[
        claim_row("placeholder-1", "detained", "2021-03-04"),
        claim_row("placeholder-2", "detained", "2023-05-06"),
    ],
)

SHOWN_IN_README = {"wrong-layout"}
TYPED = (
    ("inflected", "что известно об Алесе Беляцком", "На свободе, за границей: Литва"),
    ("wrong-layout", "fktcm ,tkzwrbq", "На свободе, за границей: Литва"),
    ("lacinka", "Mikałaj Statkievič", "На свободе, в Беларуси"),
    ("given-name-alone", "Алесь", "Напишите и фамилию"),
    ("unknown", "Прокоп Несуществующий", "Такого имени в нашем списке нет"),
)


async def test_names_are_found_as_people_type_them(
    seeded: Database, tmp_path: Path, page: Page, pictures: Path
) -> None:
    await import_registry(seeded, HOMONYMS, TODAY, batch="placeholders")
    desk = Desk()
    person = desk.person("Марыя", language_code="ru")
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        await page.set_viewport_size({"width": 400, "height": 820})
        await page.goto(f"{url}/?language=ru")
        phone = Phone(page, person.id)
        await phone.whole.get_by_test_id("start").click()
        await phone.reads("Choose a language")
        for picture, typed, answer in TYPED:
            await phone.writes(typed)
            await phone.reads(answer)
            shown = pictures if picture in SHOWN_IN_README else tmp_path
            await phone.whole.screenshot(path=shown / f"name-{picture}.png")
        await phone.writes("Змицер Прикладович")
        await phone.reads("Кого вы имеете в виду?")
        await phone.reads("задержание 04.03.2021")
        await phone.reads("задержание 06.05.2023")
        await phone.whole.screenshot(path=pictures / "name-homonyms.png")
    assert desk.violations == []
