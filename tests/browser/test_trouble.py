"""The panel of limits and trouble in Chromium: buttons that make weather, and what came of it."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, expect

from bot.desk.desk import Desk
from bot.desk.limits import Limits
from bot.desk.weather import Weather

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]

# A calm desk, the limit of a chat, a lost reply.
STANDS = {
    "be": ("Абмежаванняў і збояў няма.", "адзін чат, у секунду: 1", "дастаўлена, адказ згублены 1"),
    "ru": ("Ограничений и сбоев нет.", "один чат, в секунду: 1", "доставлено, ответ потерян 1"),
    "en": ("No limits and no trouble.", "one chat, per second: 1", "delivered, reply lost 1"),
}


async def say(url: str, desk: Desk, chat: int, times: int) -> None:
    """Send as a bot that does not wait."""
    async with aiohttp.ClientSession() as http:
        for _ in range(times):
            body = {"chat_id": chat, "text": "1"}
            async with http.post(f"{url}/bot{desk.token}/sendMessage", json=body) as answer:
                await answer.read()


@pytest.mark.parametrize("language", STANDS)
async def test_limits_weather_and_a_flood_are_made_and_seen(
    page: Page, language: str, pictures: Path
) -> None:
    calm, limited, lost = STANDS[language]
    desk = Desk()
    person = desk.person("Марыя", language_code=language)
    person.start()
    async with desk.serving() as url:
        await page.goto(f"{url}/desk/?language={language}")
        panel, stands = page.get_by_test_id("trouble"), page.get_by_test_id("trouble-now")
        await panel.locator("summary").click()
        await expect(stands).to_have_text(calm)
        await panel.locator("[data-trouble='limits']").click()
        await expect(stands).to_contain_text(limited)
        assert desk.limits == Limits()
        await say(url, desk, person.id, 6)
        await expect(page.get_by_test_id("trouble-kinds")).to_have_text(re.compile(r"^429: .+ × 1$"))
        await expect(page.get_by_test_id("trouble-latest").locator("li")).to_have_count(1)
        await panel.locator("[data-trouble='weather']").click()
        await expect(stands).to_contain_text(lost)
        assert desk.weather == Weather.rough()
        await panel.locator("[data-trouble='flood']").click()
        await expect(stands.locator("li")).to_have_count(3)
        await panel.screenshot(path=pictures / f"trouble-{language}.png")
        await panel.locator("[data-trouble='calm']").click()
        await expect(stands).to_have_text(calm)
        assert desk.throttle.flood_left() == (0, 0)
        await expect(page.get_by_test_id("lock-screen").locator("li")).to_have_count(3)


async def test_the_panel_fits_a_small_phone(page: Page) -> None:
    desk = Desk(limits=Limits())
    person = desk.person("Марыя", language_code="be")
    person.start()
    async with desk.serving() as url:
        await say(url, desk, person.id, 12)
        await page.set_viewport_size({"width": 360, "height": 640})
        await page.goto(f"{url}/")
        await page.get_by_test_id("trouble").locator("summary").click()
        await expect(page.get_by_test_id("trouble-kinds")).to_contain_text("× 7")
        wider = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0
