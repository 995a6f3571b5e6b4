"""What tests of conversations ask for: a reader, and the desk on which the bot may run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.running import Clock, Scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """A mother at her phone; no bot yet. The test fails if any call was invalid."""
    clock = Clock()
    desk = clock.desk()
    async with desk.serving() as url:
        yield Scene(desk, url, tmp_path, clock, desk.person("Марыя", language_code="be"))
    assert desk.violations == []
