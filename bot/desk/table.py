"""The Bot API as the desk knows it: the methods a text bot may call, their parameters and types."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FIELD = re.compile(
    r"(?P<types>[^!\d]+?)(?P<required>!?)(?: (?P<low>\d+)\.\.(?P<high>\d+)(?: (?P<unit>\w+))?)?"
)


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a method, or one field of an object."""

    types: tuple[str, ...]
    required: bool
    low: int | None
    high: int | None
    unit: str | None

    @classmethod
    def from_written(cls, written: str) -> Field:
        """Read `"String! 1..4096 characters"`."""
        found = _FIELD.fullmatch(written)
        if found is None:
            raise ValueError(f"not a field of the table: {written}")
        low, high = found["low"], found["high"]
        return cls(
            types=tuple(found["types"].split("|")),
            required=bool(found["required"]),
            low=None if low is None else int(low),
            high=None if high is None else int(high),
            unit=found["unit"],
        )


Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Table:
    """Everything a text bot may say to Telegram."""

    source: str
    methods: Mapping[str, Fields]
    types: Mapping[str, Fields]
    choices: Mapping[str, Mapping[str, str]]

    @classmethod
    def from_json(cls, text: str) -> Table:
        """Read the table as `bot.desk.generate` writes it."""
        raw = json.loads(text)
        fields = {
            section: {
                name: {field: Field.from_written(written) for field, written in described.items()}
                for name, described in raw[section].items()
            }
            for section in ("methods", "types")
        }
        return cls(raw["source"], fields["methods"], fields["types"], raw["choices"])


BOT_API: Final = Table.from_json(Path(__file__).with_name("botapi_table.json").read_text(encoding="utf-8"))
