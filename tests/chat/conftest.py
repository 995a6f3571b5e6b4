"""What tests of conversations ask for: a reader, and the desk on which the bot may run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cleaning import Cleaning
from tests.running import Clock, Scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """A mother at her phone; no bot yet. The test fails if any call was invalid."""
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        yield Scene(desk, url, tmp_path, clock, desk.person("Марыя", language_code="be"))
    assert desk.violations == []


@pytest.fixture
async def alone(scene: Scene) -> AsyncIterator[Cleaning]:
    """A mother at her phone, and the service, which has started."""
    cleaning = Cleaning(scene.desk, scene.url, scene.folder, scene.clock, scene.mother)
    await cleaning.start()
    yield cleaning
    await cleaning.end()
