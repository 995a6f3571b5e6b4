"""Articles and the directory in Chromium: four views, in Belarus and abroad, past the review."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page

from bot.app import now
from bot.chat.directory_screens import need_name, where_name
from bot.chat.plain_screens import VIEW_NAMES
from bot.chat.topic_screens import area_name
from bot.chat.words import in_language
from bot.desk.desk import Desk
from bot.desk.people import Person
from bot.domain.articles import Area, Block
from bot.domain.directory import Need, Where
from bot.domain.lacinka import in_latin
from bot.domain.people import Designation, Language, View
from bot.sources.article_files import read_library
from bot.sources.directory_files import read_directory
from bot.store.database import Database
from tests.browser.test_page import Phone
from tests.running import plan_for, running

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]

PARCELS = read_library().topic("parcels") or {}


async def opened(page: Page, url: str, person: Person, view: View, place: str) -> Phone:
    """Return a phone on which somebody has chosen a view and said where they are."""
    await page.set_viewport_size({"width": 400, "height": 900})
    await page.goto(f"{url}/?language={view.language}")
    phone = Phone(page, person.id)
    await phone.whole.get_by_test_id("start").click()
    await phone.reads("Choose a language")
    await phone.taps(VIEW_NAMES[view])
    await phone.taps(written(in_language(view.language).gettext(place), view))
    await phone.reads(
        written(in_language(view.language).gettext("Write a name or a question in your own words."), view)
    )
    return phone


def written(text: str, view: View) -> str:
    return in_latin(text) if view is View.LATIN else text


@pytest.mark.parametrize("view", View)
async def test_an_article_is_read_in_every_view(
    seeded: Database, tmp_path: Path, page: Page, pictures: Path, view: View
) -> None:
    words, article = in_language(view.language), PARCELS[view.language]
    desk = Desk()
    mother = desk.person("Марыя", language_code="be")
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        phone = await opened(page, url, mother, view, "Rather not say")
        await phone.taps(written(area_name(Area.LEGAL, words), view))
        await phone.taps(written(article.title, view))
        await phone.reads(written(_beginning(article.answer[0]), view))
        await phone.whole.screenshot(path=pictures / f"article-{view}.png")
        await phone.taps(written(article.sections[0].heading, view))
        await phone.reads(written(_beginning(article.sections[0].blocks[0]), view))
        other = View.RU if view is not View.RU else View.BE
        await phone.taps(VIEW_NAMES[other])
        await phone.reads(_beginning(PARCELS[other.language].sections[0].blocks[0]))
    assert desk.violations == []
    del seeded


def _beginning(block: Block) -> str:
    """Return the first words, whole: half a word is written otherwise in Latin letters."""
    return block.runs[0].text[:40].rsplit(" ", 1)[0]


@pytest.mark.parametrize("place", ["In Belarus", "Abroad"])
async def test_who_helps_is_found_in_three_taps_and_named_with_care(
    seeded: Database, tmp_path: Path, page: Page, pictures: Path, place: str
) -> None:
    words = in_language(Language.BE)
    found = read_directory().who_helps(Need.LEGAL, Where.POLAND)
    dangerous = next(body for body in found if body.designation is not Designation.NOT_LISTED)
    number = words.gettext("Number %(number)s") % {"number": found.index(dangerous) + 1}
    name = dangerous.names[Language.BE]
    desk = Desk()
    sister = desk.person("Марыя", language_code="be")
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        phone = await opened(page, url, sister, View.BE, place)
        await phone.taps(words.gettext("Who helps"))
        for tap in (
            need_name(Need.LEGAL, words),
            where_name(Where.POLAND, words),
            words.gettext("In any language"),
        ):
            await phone.taps(tap)
        await phone.reads("1. ")
        listed = await phone.last.inner_text()
        await phone.whole.screenshot(path=pictures / f"helpers-{place.split()[-1].lower()}.png")
        await phone.taps(number)
        if place == "Abroad":
            assert name in listed
            await phone.reads(name)
            await phone.reads(words.gettext("If you have family in Belarus: do not send this on to them."))
        else:
            assert name not in listed
            await phone.reads(words.gettext("Do not write to it from Belarus, and do not subscribe to it."))
            assert name not in await phone.last.inner_text()
            await phone.taps(words.gettext("Show the name"))
            await phone.reads(name)
            assert await phone.last.locator("a").count() == 0
        await phone.whole.screenshot(path=pictures / f"organisation-{place.split()[-1].lower()}.png")
    assert desk.violations == []
    del seeded


async def test_four_hundred_days_on_an_article_says_so_and_gives_no_step(
    seeded: Database, tmp_path: Path, page: Page, pictures: Path
) -> None:
    words, article = in_language(Language.RU), PARCELS[Language.RU]
    late = now() + timedelta(days=400)
    desk = Desk(clock=late.timestamp)
    mother = desk.person("Мария", language_code="ru")
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path, now=lambda: late)):
        phone = await opened(page, url, mother, View.RU, "Rather not say")
        await phone.taps(area_name(Area.LEGAL, words))
        await phone.taps(article.title)
        await phone.reads("Не проверялось после")
        await phone.reads(article.safe.blocks[0].runs[0].text[:30])
        shown = await phone.last.inner_text()
        for section in article.sections[:-1]:
            for block in section.blocks:
                assert block.runs[0].text[:40] not in shown
        await phone.whole.screenshot(path=pictures / "article-expired.png")
    assert desk.violations == []
    del seeded
