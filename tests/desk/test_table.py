"""The table of the Bot API: what is in it, and that the same description always gives the same table."""

import ast
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.desk import generate
from bot.desk.table import BOT_API, Field, Table

SPEC: dict[str, Any] = {
    "bot_api": "Bot API 99",
    "released": "2030-01-01",
    "methods": {
        **{name: {} for name in generate.METHODS},
        "sendMessage": {
            "chat_id": {"types": ["Integer", "String"], "required": True},
            "text": {"types": ["String"], "required": True, "limit": [1, 4096, "characters"]},
            "upload": {"types": ["InputFile"], "required": False},
            "rows": {"types": ["Array of Array of Knob"], "required": False},
        },
        "getUpdates": {"limit": {"types": ["Integer"], "required": False, "range": [1, 100]}},
        "setMyCommands": {"scope": {"types": ["Scope"], "required": False}},
        "sendPhoto": {"photo": {"types": ["InputFile"], "required": True}},
    },
    "types": {
        "Knob": {
            "text": {"types": ["String"], "required": True},
            "inner": {"types": ["Knob"], "required": False},
        },
        "Scope": {},
        "ScopeAllGroups": {"type": {"types": ["String"], "required": True}},
        "Unreached": {},
    },
}


def test_only_what_a_text_bot_may_say_is_taken() -> None:
    table = generate.table_from(SPEC)
    assert table["source"] == "Bot API 99, released 2030-01-01"
    assert set(table["methods"]) == set(generate.METHODS)
    assert table["methods"]["sendMessage"] == {
        "chat_id": "Integer|String!",
        "text": "String! 1..4096 characters",
        "rows": "Array of Array of Knob",
    }
    assert table["methods"]["getUpdates"] == {"limit": "Integer 1..100"}
    assert set(table["types"]) == {"Knob", "ScopeAllGroups"}
    assert table["choices"] == {"Scope": {"all_groups": "ScopeAllGroups"}}


def test_the_same_description_gives_the_same_table_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, table = tmp_path / "spec.json", tmp_path / "table.json"
    spec.write_text(json.dumps(SPEC))
    monkeypatch.setattr(generate, "TABLE", table)
    assert generate.main([str(spec)]) == 0
    first = table.read_bytes()
    assert generate.main([str(spec)]) == 0
    assert table.read_bytes() == first
    assert Table.from_json(first.decode()).choices == {"Scope": {"all_groups": "ScopeAllGroups"}}


def test_without_a_description_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main([]) == 2
    assert "SPEC.json" in capsys.readouterr().err


def test_the_table_that_ships_is_as_the_generator_writes_it() -> None:
    shipped = generate.TABLE.read_text(encoding="utf-8")
    assert generate.written(json.loads(shipped)) == shipped
    assert set(BOT_API.methods) == set(generate.METHODS)
    assert BOT_API.source.startswith("Bot API 10.3, released ")


def test_every_type_that_is_named_is_described() -> None:
    described = set(BOT_API.types) | set(BOT_API.choices) | generate.PLAIN
    sections = [*BOT_API.methods.values(), *BOT_API.types.values()]
    named = {name for fields in sections for field in fields.values() for name in field.types}
    assert {name.replace("Array of ", "") for name in named} <= described
    assert {form for forms in BOT_API.choices.values() for form in forms.values()} <= set(BOT_API.types)


def test_a_field_is_read_as_it_is_written() -> None:
    assert Field.from_written("Array of Integer! 1..100") == Field(("Array of Integer",), True, 1, 100, None)
    with pytest.raises(ValueError, match="not a field"):
        Field.from_written("3")


@pytest.mark.parametrize("file", sorted(generate.TABLE.parent.glob("*.py")), ids=lambda file: file.stem)
def test_the_desk_stands_alone(file: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    outside = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    assert {name for name in outside if name != "aiohttp" and not name.startswith("bot.desk")} == set()
