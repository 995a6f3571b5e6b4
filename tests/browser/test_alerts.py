"""An alert in Chromium: two publish on the command line, the lock screen names nobody, a tap does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.chat import unasked
from bot.chat.plain_screens import VIEW_NAMES
from bot.chat.words import in_language
from bot.desk.desk import Desk
from bot.domain.people import Language, View
from bot.services.importing import import_registry
from bot.store.database import Database
from tests import test_editing
from tests.browser.test_page import Phone
from tests.builders import an_import, claim_row, name_row
from tests.conftest import TODAY
from tests.running import plan_for, running

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]

KEY = "example-alena"
NAMES = {Language.BE: "Алена Прыклад", Language.RU: "Елена Пример", Language.EN: "Alena Example"}
WHO_WAITS = {Language.BE: "Марыя", Language.RU: "Ольга", Language.EN: "Emma"}
CLAIM = f"{KEY}/released/2026-11-27"
REPORTED = (
    *("--person", KEY, "--kind", "released", "--date", "2026-11-27", "--outcome", "at_home"),
    *("--source", "https://one.example/1", "Daily One", "Agency One", "2026-11-27"),
    *("--source", "https://two.example/1", "Daily Two", "Agency Two", "2026-11-27"),
)
LOCK_SCREEN_SHOWS = 60


class Reader:
    """One phone, and the words of its language."""

    def __init__(self, page: Page, desk: Desk, language: Language) -> None:
        self.page, self.words = page, in_language(language)
        self.view, self.name = View(language), NAMES[language]
        self.person = desk.person(WHO_WAITS[language], language_code=language)
        self.phone = Phone(page, self.person.id)

    def says(self, phrase: str) -> str:
        return self.words.gettext(phrase)

    async def follows(self) -> None:
        await self.phone.whole.get_by_test_id("start").click()
        await self.phone.reads("Choose a language")
        await self.phone.taps(VIEW_NAMES[self.view])
        await self.phone.taps(self.says("Rather not say"))
        await self.phone.reads(self.says("Write a name or a question in your own words."))
        await self.phone.writes(self.name)
        await self.phone.taps(self.says("Follow"))
        await self.phone.taps(self.says("I understand, go on"))
        await self.phone.reads(self.says("Do not follow"))

    async def woken_by(self, text: str) -> None:
        """See this as the newest line of the lock screen, and nothing of whom it is about."""
        line = self.phone.whole.get_by_test_id("lock-screen").locator("li").last
        await expect(line).to_contain_text(text[:LOCK_SCREEN_SHOWS], timeout=15_000)
        assert self.name.split()[0] not in await line.inner_text()

    async def opens(self, text: str, picture: Path) -> None:
        bubble = self.phone.whole.locator(".bubble.bot").filter(has_text=text)
        await bubble.get_by_role("button", name=self.says("Look"), exact=True).click()
        await self.phone.reads(self.name)
        await self.is_photographed(picture)

    async def is_photographed(self, picture: Path) -> None:
        """Take a picture of the phone, in the middle of a page that speaks its language."""
        await self.page.get_by_test_id("languages").locator(f"[data-language='{self.view}']").click()
        await self.phone.whole.screenshot(path=picture)


async def command(editors: test_editing.Desk, handle: str, *arguments: str) -> None:
    code, _out, err = await editors.acts(handle, "claim", *arguments)
    # Whom it is about is said, so that a mistyped key is seen; of a correction, to the one who approves it.
    proposes = arguments[0] == "correct" and len(arguments) > len(("correct", CLAIM))
    assert (code, "Алена Прыклад / Alena Example" in err) == (0, not proposes), err


async def hired(folder: Path) -> test_editing.Desk:
    editors = test_editing.Desk(folder)
    editors.env["VOLYA_DATABASE_URL"] = f"sqlite+aiosqlite:///{folder / 'registry.db'}"
    for handle in ("anna", "boris", "vera"):  # each acts twice: a third code is half a minute away
        await editors.hire(handle)
    return editors


async def in_the_registry(database: Database) -> None:
    names = [name_row(KEY, name, language) for language, name in NAMES.items()]
    held = [claim_row(KEY, "held", "2026-01-15")]
    await import_registry(database, an_import([KEY], names, held), TODAY, batch="placeholders")


async def photographed(readers: Iterable[Reader], what: str, pictures: Path) -> None:
    for reader in readers:
        await reader.is_photographed(pictures / f"{what}-{reader.view}.png")


async def test_a_release_and_its_correction_reach_the_phones(
    seeded: Database, tmp_path: Path, page: Page, pictures: Path
) -> None:
    await in_the_registry(seeded)
    editors = await hired(tmp_path)
    desk = Desk()
    readers = [Reader(page, desk, language) for language in Language]
    stopped = Reader(page, desk, Language.BE)
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        await page.set_viewport_size({"width": 1700, "height": 820})
        await page.goto(f"{url}/")
        for reader in (*readers, stopped):
            await reader.follows()

        await command(editors, "anna", "report", *REPORTED)
        await command(editors, "anna", "confirm", CLAIM)
        await command(editors, "boris", "publish", CLAIM)
        for reader in (*readers, stopped):
            await reader.woken_by(unasked.news(reader.view, "1-1").text)
        await photographed(readers, "alert", pictures)
        for reader in readers:
            await reader.opens(unasked.news(reader.view, "1-1").text, pictures / f"opened-{reader.view}.png")
            await reader.phone.reads(reader.says("Free, in Belarus, as of %(date)s").split("%(")[0])
            await reader.phone.taps(reader.says("Do not follow"))
            await reader.phone.reads(reader.says("Follow"))
        await stopped.phone.writes("/stop")
        await stopped.phone.reads(stopped.says("Done. Your list is empty, and nothing will be sent."))

        await command(editors, "vera", "correct", CLAIM, "--outcome", "house_arrest")
        await command(editors, "boris", "correct", CLAIM)
        for reader in readers:
            changed = unasked.changed(reader.view, "1-1").text
            await reader.woken_by(changed)
            await reader.opens(changed, pictures / f"corrected-{reader.view}.png")
            await reader.phone.reads(reader.says("Corrected: what we told before was not right."))
            await reader.phone.reads(reader.says("Not free: house arrest"))
            await reader.phone.writes("/stop")
            await reader.phone.reads(reader.says("Done. Your list is empty, and nothing will be sent."))
        await photographed(readers, "stopped", pictures)
        await desk.settled(quiet_seconds=1)
        assert unasked.changed(View.BE, "1-1").text not in stopped.person.transcript
    assert desk.violations == []
