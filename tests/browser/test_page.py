"""The chat page in Chromium, in three languages: what a newcomer sees after `make demo`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Locator, Page, expect
from telegram import Bot

from bot.desk.acts import Act
from bot.desk.desk import Desk
from bot.store.database import Database
from tests.running import plan_for, running

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]


@dataclass(frozen=True)
class Story:
    """What somebody does on a phone and reads there."""

    language: str
    chooses: str
    skips: str
    home: str
    freed: str
    freed_says: str
    not_confirmed: str
    not_confirmed_says: str
    unknown_says: str
    releases_say: str
    only_text: str
    sources: str
    sources_say: str


STORIES = (
    Story(
        "be", "Беларуская", "Не хачу казаць", "Напішыце імя", "Алесь Бяляцкі", "На волі, за мяжой: Літва",
        "Анджей Почобут", "Пацверджанага статусу ў нас няма", "Такога імя ў нашым спісе няма", "Вызваленні",
        "Я чытаю толькі тэкст", "Крыніцы", "праваабарончая арганізацыя",
    ),
    Story(
        "ru", "Русский", "Не хочу говорить", "Напишите имя", "Николай Статкевич", "На свободе, в Беларуси",
        "Анджей Почобут", "Подтверждённого статуса у нас нет", "Такого имени в нашем списке нет",
        "Освобождения", "Я читаю только текст", "Источники", "СМИ",
    ),
    Story(
        "en", "English", "Rather not say", "Write a name", "Ales Bialiatski", "Free, abroad: Lithuania",
        "Andrzej Poczobut", "We have no confirmed status", "This name is not in our list", "Releases",
        "I can read only text", "Sources", "a human rights organisation",
    ),
)  # fmt: skip


class Phone:
    """One phone on the page."""

    def __init__(self, page: Page, person_id: int) -> None:
        self.whole: Locator = page.locator(f"[data-person='{person_id}']")
        self.last: Locator = self.whole.locator(".bubble.bot").last

    async def writes(self, text: str) -> None:
        await self.whole.get_by_test_id("composer").fill(text)
        await self.whole.get_by_test_id("send").click()

    async def taps(self, button: str) -> None:
        await self.whole.get_by_role("button", name=button, exact=True).last.click()

    async def reads(self, text: str) -> None:
        await expect(self.last).to_contain_text(text, timeout=10_000)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.language)
async def test_a_newcomer_walks_through_the_bot(
    seeded: Database, tmp_path: Path, page: Page, pictures: Path, story: Story
) -> None:
    del seeded
    desk = Desk()
    person = desk.person("Марыя", language_code=story.language)
    async with desk.serving() as url:
        plan = plan_for(desk, url, tmp_path)
        async with running(plan):
            await page.goto(f"{url}/")
            await page.get_by_test_id("languages").locator(f"[data-language='{story.language}']").click()
            phone = Phone(page, person.id)
            await _first_steps(phone, story)
            await phone.writes(story.freed)
            await phone.reads(story.freed_says)
            await page.set_viewport_size({"width": 400, "height": 820})
            await phone.whole.screenshot(path=pictures / f"chat-{story.language}.png")
            await page.set_viewport_size({"width": 1180, "height": 900})
            await _rest(phone, story)
            await phone.whole.get_by_test_id("lock-screen").screenshot(
                path=pictures / f"lock-screen-{story.language}.png"
            )
        async with running(plan):
            old = phone.whole.get_by_role("button", name=story.sources, exact=True).first
            await old.click()
            answered = phone.whole.locator(".bubble.bot").filter(has_text=story.sources_say)
            await expect(answered).not_to_have_count(0)
    assert desk.violations == []


async def _first_steps(phone: Phone, story: Story) -> None:
    await phone.whole.get_by_test_id("start").click()
    await phone.reads("Choose a language")
    await phone.taps(story.chooses)
    await expect(phone.whole.get_by_role("button", name=story.skips)).to_be_visible()
    await phone.taps(story.skips)
    await phone.reads(story.home)


async def _rest(phone: Phone, story: Story) -> None:
    await phone.writes(story.not_confirmed)
    await phone.reads(story.not_confirmed_says)
    await phone.writes("Jan Nobody")
    await phone.reads(story.unknown_says)
    await phone.writes("/releases")
    await phone.reads(story.releases_say)
    await phone.whole.get_by_test_id("attach").locator("summary").click()
    await phone.whole.locator("[data-kind='sticker']").click()
    await phone.reads(story.only_text)


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1180, 900)])
async def test_the_page_fits_a_small_phone_and_a_desk(
    seeded: Database, tmp_path: Path, page: Page, width: int, height: int
) -> None:
    del seeded
    desk = Desk()
    for name in ("Марыя", "Янка", "Anna"):
        desk.person(name, language_code="be")
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        await page.set_viewport_size({"width": width, "height": height})
        await page.goto(f"{url}/")
        await expect(page.get_by_test_id("start").first).to_be_visible()
        wider = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0


async def test_the_page_asks_for_nothing_from_elsewhere(seeded: Database, tmp_path: Path, page: Page) -> None:
    del seeded
    desk = Desk()
    desk.person("Марыя", language_code="be")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    async with desk.serving() as url, running(plan_for(desk, url, tmp_path)):
        await page.goto(f"{url}/")
        await expect(page.get_by_test_id("start")).to_be_visible()
        assert asked
        assert [address for address in asked if not address.startswith(url)] == []


async def test_what_is_sent_or_pressed_while_the_program_is_away_can_be_sent_and_pressed_again(
    page: Page,
) -> None:
    pressed: list[int] = []

    async def press() -> None:
        pressed.append(1)

    desk = Desk(acts=[Act({"en": "Publish"}, press, lambda: True)], tour=[{"en": "Press it"}])
    mother = desk.person("Марыя", language_code="be")
    mother.start()
    async with desk.serving() as url:
        await page.goto(f"{url}/desk/?language=en")
        phone, act = Phone(page, mother.id), page.get_by_role("button", name="Publish")
        field, name = phone.whole.get_by_test_id("composer"), page.get_by_test_id("add-name")
        await expect(act).to_be_visible()
        await page.context.set_offline(True)
        await phone.writes("Алесь Бяляцкі")
        await act.click()
        await name.fill("Янка")
        await page.get_by_test_id("add-submit").click()
        await expect(act).to_be_enabled()
        await expect(field).to_have_value("Алесь Бяляцкі")
        await expect(name).to_have_value("Янка")

        await page.context.set_offline(False)
        await phone.whole.get_by_test_id("send").click()
        await act.click()
        await expect(phone.whole.locator(".bubble.me").last).to_contain_text("Алесь Бяляцкі")
        await expect(field).to_have_value("")
    assert [message.text for message in mother.history] == ["/start", "Алесь Бяляцкі"]
    assert pressed == [1]


async def test_who_listens_hears_who_speaks_and_in_which_language(page: Page) -> None:
    desk = Desk()
    people = [desk.person(name, language_code=code) for name, code in (("Марыя", "be"), ("Вера", "ru"))]
    async with desk.serving() as url, Bot(desk.token, f"{url}/bot") as bot:
        for person in people:
            person.says("1")
            await bot.send_message(person.id, "2")
        await page.goto(f"{url}/desk/?language=en")
        for person in people:
            log = Phone(page, person.id).whole.get_by_test_id("messages")
            await expect(log.locator("article")).to_have_count(2)
            heard = await log.aria_snapshot()
            assert heard.index(f"{person.name}: 1") < heard.index("Volya: 2")
            assert await log.get_attribute("lang") == person.language_code
            assert await log.locator(".foot").first.get_attribute("lang") == "en"


EDGES = """element => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const light = (colour) => {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) =>
            value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const edge = light(getComputedStyle(element).borderTopColor);
    const grounds = [element, element.parentElement.closest('.composer') ?? document.body];
    return Math.min(...grounds.map((ground) => light(getComputedStyle(ground).backgroundColor)).map((other) =>
        (Math.max(edge, other) + 0.05) / (Math.min(edge, other) + 0.05)));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_edge_of_a_field_can_be_seen(page: Page, scheme: Literal["light", "dark"]) -> None:
    desk = Desk()
    desk.person("Марыя", language_code="be").start()
    async with desk.serving() as url:
        await page.emulate_media(color_scheme=scheme)
        await page.goto(f"{url}/")
        for field in ("composer", "add-name", "add-language"):
            assert await page.get_by_test_id(field).evaluate(EDGES) >= 3, field


@pytest.mark.parametrize("width", [360, 1180])
async def test_a_long_name_stays_on_its_own_phone(page: Page, width: int) -> None:
    desk = Desk()
    for name in ("Марыя" * 12, "Янка", "Anna"):
        desk.person(name, language_code="be").start()
    async with desk.serving() as url:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.goto(f"{url}/")
        await expect(page.locator(".owner")).to_have_count(3)
        for owner in await page.locator(".owner").all():
            assert await owner.evaluate("element => element.scrollWidth <= element.clientWidth")
        widest = await page.locator(".tabs button").evaluate_all(
            "all => Math.max(...all.map(one => one.offsetWidth))"
        )
        assert widest <= width


async def test_a_page_that_nobody_sees_holds_no_connection_and_shows_all_when_it_is_seen_again(
    page: Page,
) -> None:
    desk = Desk()
    desk.person("Марыя", language_code="be")
    async with desk.serving() as url:
        await page.goto(f"{url}/")
        await expect(page.get_by_test_id("start")).to_have_count(1)
        async with page.expect_event("requestfailed", lambda request: request.url.endswith("/desk/events")):
            await _seen(page, "hidden")
        desk.person("Янка", language_code="be")
        await _seen(page, "visible")
        await expect(page.get_by_test_id("start")).to_have_count(2)


async def _seen(page: Page, state: str) -> None:
    """Let the page believe that it is seen, or that another tab is: this browser has no tabs to look at."""
    await page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        state == "hidden",
    )
