"""Following in Chromium: consent, the list, what an officer would see, and being forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.chat.words import in_language
from bot.desk.desk import Desk
from bot.desk.evidence import WORDS
from bot.desk.people import Person
from bot.domain.people import View
from bot.store.database import Database
from tests.browser.test_topics import opened
from tests.running import plan_for, running

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]


async def nothing_of_hers_is_on_the_disk(
    page: Page, url: str, mother: Person, view: View, pictures: Path
) -> None:
    """Look at the pages of evidence while she follows somebody; a name is there only as a published one."""
    browser = page.context.browser
    assert browser is not None
    other = await browser.new_page()
    await other.goto(f"{url}/desk/seized-disk?language={view.language}")
    hers = other.locator("tr", has_text=str(mother.id))
    await expect(hers.locator("td").last).to_have_text(WORDS[view.language]["nowhere"])
    await other.screenshot(path=pictures / f"seized-disk-{view}.png", full_page=True)
    await other.get_by_role("link", name=WORDS[view.language]["token"]).click()
    await expect(other.locator(".history li").last).to_be_visible()
    await other.screenshot(path=pictures / f"stolen-token-{view}.png", full_page=True)
    await other.close()


@pytest.mark.parametrize(("view", "name"), [(View.BE, "Алесь Бяляцкі"), (View.RU, "Алесь Беляцкий")])
async def test_somebody_follows_cleans_the_chat_and_is_forgotten(
    seeded: Database, tmp_path: Path, page: Page, pictures: Path, view: View, name: str
) -> None:
    del seeded
    _ = in_language(view.language).gettext
    desk = Desk(data=tmp_path)
    mother = desk.person("Марыя", language_code=view.language)
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        phone = await opened(page, url, mother, view, "Rather not say")
        await phone.writes(name)
        await phone.reads(_("Report an error"))
        await phone.taps(_("Follow"))
        await phone.reads(_("Before you choose"))
        await phone.whole.screenshot(path=pictures / f"consent-{view}.png")
        await phone.taps(_("I understand, go on"))
        await phone.reads(_("Do not follow"))

        await phone.writes("/list")
        await phone.reads(_("Open your list only where nobody looks over your shoulder."))
        await phone.taps(_("Open"))
        await phone.reads(f"1. {name}")
        await phone.whole.screenshot(path=pictures / f"list-{view}.png")
        await nothing_of_hers_is_on_the_disk(page, url, mother, view, pictures)

        await phone.writes("/clear")
        await phone.reads(_("Hello. Write here when you need something."))
        await expect(phone.whole.locator(".bubble")).to_have_count(1, timeout=15_000)
        await phone.whole.screenshot(path=pictures / f"cleared-{view}.png")

        await phone.writes("/forget")
        await phone.reads(_("Forget me"))
        await phone.taps(_("Forget me now"))
        await expect(phone.whole.locator(".bubble")).to_have_count(0, timeout=15_000)
    assert desk.violations == []
