"""The example settings file: every setting, nothing else, each explained, and nothing secret."""

import re
from pathlib import Path

from bot.settings import Settings

LINES = (Path(__file__).parents[2] / ".env.example").read_text().splitlines()
EXAMPLE = dict(line.split("=", maxsplit=1) for line in LINES if re.match(r"\w+=", line))


def names_of_settings() -> set[str]:
    prefix = Settings.model_config.get("env_prefix", "")
    return {f"{prefix}{name}".upper() for name in Settings.model_fields}


def test_the_example_names_every_setting_and_only_settings() -> None:
    assert set(EXAMPLE) == names_of_settings()


def test_every_setting_is_explained_on_the_line_above_it() -> None:
    unexplained = [
        line
        for above, line in zip(["", *LINES], LINES, strict=False)
        if "=" in line and line[0] != "#" and not above.startswith("# ")
    ]
    assert unexplained == []


def test_the_example_holds_no_value_that_someone_might_keep() -> None:
    assert {name: value for name, value in EXAMPLE.items() if value} == {}
