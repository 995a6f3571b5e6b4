"""Write the table of the Bot API that the desk checks calls against: `python -m bot.desk.generate SPEC.json`.

SPEC.json is a machine-readable description of the whole Bot API: an object with `bot_api`, `released`,
`methods` and `types`; each method and each type maps the name of a field to an object with `types` and
`required`, and where there are limits `limit` ([low, high, unit]) or `range` ([low, high]). It is needed only
to move to a newer Bot API: the table is kept beside this module.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("botapi_table.json")

METHODS = (
    *("getMe", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo", "logOut", "close"),
    *("sendMessage", "editMessageText", "editMessageReplyMarkup", "deleteMessage", "deleteMessages"),
    *("answerCallbackQuery", "sendChatAction", "setMyCommands", "getMyCommands", "deleteMyCommands"),
    *("setMyName", "getMyName", "setMyDescription", "getMyDescription"),
    *("setMyShortDescription", "getMyShortDescription", "setChatMenuButton"),
    *("getChat", "leaveChat", "pinChatMessage", "unpinChatMessage"),
)

# A text bot uploads nothing, draws nothing and sells nothing: a parameter of such a type is a mistake.
NOT_FOR_A_TEXT_BOT = {
    "InputFile",
    "InputRichMessage",
    "SuggestedPostParameters",
    "EphemeralMessageParameters",
    "KeyboardButtonRequestManagedBot",
}
PLAIN = {"Integer", "String", "Boolean", "Float"}


def _field(described: dict[str, Any]) -> str | None:
    types = [name for name in described["types"] if name.removeprefix("Array of ") not in NOT_FOR_A_TEXT_BOT]
    if not types:
        return None
    words = ["|".join(types) + ("!" if described.get("required") else "")]
    if "limit" in described:
        low, high, unit = described["limit"]
        words.append(f"{low}..{high} {unit}")
    elif "range" in described and ("Integer" in types or types[0].startswith("Array")):
        low, high = described["range"]
        words.append(f"{low}..{high}")
    return " ".join(words)


def _fields(described: dict[str, Any]) -> dict[str, str]:
    written = {name: _field(field) for name, field in described.items()}
    return {name: field for name, field in written.items() if field is not None}


def _types_named_in(fields: dict[str, str]) -> list[str]:
    stated = [re.match(r"[^!\d]+", field) for field in fields.values()]
    names = {name for types in stated if types for name in types[0].strip().split("|")}
    return sorted(name.replace("Array of ", "") for name in names)


def _alternatives(name: str, types: dict[str, Any]) -> dict[str, str]:
    """Find the forms of a type that is only a choice between forms, keyed by the `type` each form states."""
    forms = [form for form in types if form.startswith(name) and "type" in types[form]]
    return {re.sub(r"(?<!^)(?=[A-Z])", "_", form.removeprefix(name)).lower(): form for form in forms}


def table_from(spec: dict[str, Any]) -> dict[str, Any]:
    """Pick the methods of a text bot, and every type their parameters reach."""
    methods = {name: _fields(spec["methods"][name]) for name in METHODS}
    types: dict[str, dict[str, str]] = {}
    choices: dict[str, dict[str, str]] = {}
    waiting = [name for fields in methods.values() for name in _types_named_in(fields)]
    while waiting:
        name = waiting.pop()
        if name in PLAIN or name in types or name in choices:
            continue
        described = spec["types"][name]
        forms = {} if described else _alternatives(name, spec["types"])
        if forms:
            choices[name] = forms
            waiting += forms.values()
        else:
            types[name] = _fields(described)
            waiting += _types_named_in(types[name])
    return {
        "source": f"{spec['bot_api']}, released {spec['released']}",
        "methods": methods,
        "choices": dict(sorted(choices.items())),
        "types": dict(sorted(types.items())),
    }


def main(arguments: list[str]) -> int:
    """Read the description named on the command line and write the table."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m bot.desk.generate SPEC.json\n")
        return 2
    spec = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    TABLE.write_text(written(table_from(spec)), encoding="utf-8")
    return 0


def written(table: dict[str, Any]) -> str:
    """Write a table one method or type a line, so that a change of the Bot API reads as a change of lines."""
    parts = [f'"source": {json.dumps(table["source"])}']
    for section in ("methods", "choices", "types"):
        lines = [f"{json.dumps(name)}: {json.dumps(fields)}" for name, fields in table[section].items()]
        parts.append(f'"{section}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
