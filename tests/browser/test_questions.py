"""Questions as people write them, in Chromium: three languages, trasianka, unsure, out of scope, distress."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from bot.desk.desk import Desk
from bot.domain.people import Language, View
from bot.sources.article_files import read_library
from bot.store.database import Database
from tests.browser.test_topics import opened
from tests.running import plan_for, running

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]

PARCELS, LETTERS = (read_library().topic(key) or {} for key in ("parcels", "letters"))
WRITTEN = (
    ("question-be", View.BE, "колькі кілаграмаў можна ў перадачу ў сіза"),
    ("question-ru", View.RU, "сколько килограммов можно передать в сизо"),
    ("question-en", View.EN, "how many kilos may a parcel to remand prison weigh"),
    ("question-trasianka", View.BE, "скока кілаграм можна ў пасылку ў сізо перадаць"),
)


@pytest.mark.parametrize(("picture", "view", "typed"), WRITTEN, ids=[row[0] for row in WRITTEN])
async def test_a_question_is_answered_in_the_words_it_was_asked_in(
    seeded: Database, tmp_path: Path, page: Page, pictures: Path,
    picture: str, view: View, typed: str,
) -> None:  # fmt: skip
    del seeded
    desk = Desk()
    mother = desk.person("Марыя", language_code="be")
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        phone = await opened(page, url, mother, view, "Rather not say")
        await phone.writes(typed)
        await phone.reads(PARCELS[view.language].answer[0].runs[0].text[:40])
        await phone.whole.screenshot(path=pictures / f"{picture}.png")
    assert desk.violations == []


async def test_what_is_not_sure_is_asked_back_and_what_is_none_is_said(
    seeded: Database, tmp_path: Path, page: Page, pictures: Path
) -> None:
    del seeded
    desk = Desk()
    mother = desk.person("Марыя", language_code="be")
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        phone = await opened(page, url, mother, View.BE, "Rather not say")
        for picture, typed, answer in (
            ("question-unsure", "паспорт", "Вы мелі на ўвазе нешта з гэтага?"),
            ("question-none", "рэцэпт дранікаў", "Пра гэта ў нас нічога няма."),
            ("question-distress", "я больш не магу жыць, не хачу", "Добра, што вы напісалі."),
        ):
            await phone.writes(typed)
            await phone.reads(answer)
            await phone.whole.screenshot(path=pictures / f"{picture}.png")
        await phone.writes("цэнзар не прапускае ліст вязню, пра што нельга пісаць")
        await phone.reads(LETTERS[Language.BE].answer[0].runs[0].text[:40])
        await phone.writes("а з-за мяжы?")
        await phone.reads("з-за мяжы")
        await phone.whole.screenshot(path=pictures / "question-follow-up.png")
    assert desk.violations == []
