"""The ending of the demo in Chromium: its buttons publish, correct and take back, and the phones wake up."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.app import now
from bot.chat import unasked
from bot.chat.words import in_language
from bot.demo import TOUR, acts_of
from bot.desk.desk import Desk
from bot.domain.people import Language, View
from bot.pretending import NAMES, PERSON, Rehearsal, prepare_demo
from bot.store.database import Database
from tests.browser.test_page import Phone
from tests.browser.test_topics import opened
from tests.running import plan_for, running

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]


@pytest.mark.parametrize("language", Language)
async def test_the_tour_ends_with_news_of_somebody_who_does_not_exist(
    tmp_path: Path, page: Page, pictures: Path, language: Language
) -> None:
    _, view, name = in_language(language).gettext, View(language), NAMES[PERSON][language]
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'registry.db'}")
    await prepare_demo(database, now().date())
    rehearsal = Rehearsal(database, now)
    desk = Desk(tour=TOUR, acts=acts_of(rehearsal), data=tmp_path)
    mother = desk.person("Марыя", language_code=language)
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path, pretends=True)):
        phone = await opened(page, url, mother, view, "Rather not say")
        await phone.writes(name)
        await phone.taps(_("Follow"))
        await phone.taps(_("I understand, go on"))
        await phone.reads(_("Do not follow"))
        await page.set_viewport_size({"width": 1000, "height": 900})
        await page.get_by_test_id("languages").locator(f"[data-language='{language}']").click()
        tour = page.get_by_test_id("tour")
        if not await tour.get_attribute("open"):
            await tour.locator("summary").click()
        release, correct, retract = [page.get_by_test_id("acts").locator("button").nth(n) for n in range(3)]
        await expect(correct).to_be_disabled()
        await release.click()
        await _woken_by(phone, unasked.news(view, "1-1").text)
        await phone.taps(_("Look"))
        await phone.reads(_("Free, in Belarus, as of %(date)s").split("%(")[0])
        await phone.reads(_("This is only a demo, with people who do not exist. Nothing of it happened."))
        await expect(release).to_be_disabled()
        await page.screenshot(path=pictures / f"demo-{language}.png")

        await correct.click()
        await _woken_by(phone, unasked.changed(view, "1-1").text)
        await retract.click()
        await expect(release).to_be_enabled()
    await database.close()
    assert desk.violations == []


async def _woken_by(phone: Phone, text: str) -> None:
    line = phone.whole.get_by_test_id("lock-screen").locator("li").last
    await expect(line).to_contain_text(text[:60], timeout=15_000)
