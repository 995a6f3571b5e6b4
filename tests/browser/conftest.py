"""A real browser looking at the desk's chat page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import ConsoleMessage, Page, async_playwright

from tests.not_run import find_chromium

PICTURES = Path(__file__).parents[2] / "bot" / "desk" / "pictures"

_QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A page of Debian's Chromium, which fails the test for anything its console complains of."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=_QUIET)
        page = await browser.new_page(viewport={"width": 1180, "height": 900}, locale="be-BY")
        page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        await browser.close()
    assert complaints == []


def _is_complaint(said: ConsoleMessage) -> bool:
    """Return whether a test should fail for this; that a network it took away is away is none."""
    return said.type == "error" and "net::ERR_INTERNET_DISCONNECTED" not in said.text


@pytest.fixture
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where screenshots go: a folder of the test, or with --pictures the ones README shows."""
    return PICTURES if request.config.getoption("--pictures") else tmp_path
