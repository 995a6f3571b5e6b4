"""The documents are held to the program: maps, words, commands, settings, dates and links that exist."""

from __future__ import annotations

import ast
import csv
import importlib
import operator
import re
import tomllib
from pathlib import Path

import pytest
import typer

from bot.chat.words import in_language
from bot.cli import cli
from bot.domain.people import Language, When
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = {path.name: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("*.md"))}
READMES = {"README.md": Language.EN, "README.be.md": Language.BE, "README.ru.md": Language.RU}
NOT_THERE_YET = {
    "README.md": ("What is not there yet", "list of prisoners", "console"),
    "README.be.md": ("Чаго пакуль няма", "спіс палітзняволеных", "кансоль"),
    "README.ru.md": ("Чего пока нет", "список политзаключённых", "консоль"),
}
AT_HOME = {"README.md": "in Belarus", "README.be.md": "ў Беларусі", "README.ru.md": "в Беларуси"}
HABIT_FILES = {
    *READMES,
    "ARCHITECTURE.md",
    "GLOSSARY.md",
    "DECISIONS.md",
    "CONTRIBUTING.md",
    "TRANSLATING.md",
    "CHANGELOG.md",
    "SECURITY.md",
}

TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
FENCED = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"\b(?:make (?P<target>[a-z][a-z-]*)|python -m bot(?: (?P<command>[a-z][a-z-]*))?)")


def without_fences(text: str) -> str:
    return FENCED.sub("", text)


def code_in(text: str) -> str:
    """Return only what stands as code: in a sentence, "make" is a word."""
    return "\n".join([*FENCED.findall(text), *re.findall(r"`([^`\n]+)`", without_fences(text))])


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", without_fences(text), re.MULTILINE)


def section(text: str, heading: str) -> str:
    return re.split(r"^## ", text.split(f"## {heading}\n", maxsplit=1)[1], flags=re.MULTILINE)[0]


def anchors(text: str) -> set[str]:
    """Return the addresses a page's headings get where repositories are read."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(text)}


def mapped_modules() -> set[str]:
    """Read the tree out of ARCHITECTURE.md; a module stands below its folder, further to the right."""
    [tree] = FENCED.findall(DOCS["ARCHITECTURE.md"])
    folders: list[tuple[int, str]] = []
    modules = set()
    for line in tree.splitlines():
        name, *described = line.split(maxsplit=1)
        depth = len(line) - len(line.lstrip())
        folders = [folder for folder in folders if folder[0] < depth]
        if name.endswith("/"):
            folders.append((depth, name))
            continue
        assert described, line
        path = "".join(folder for _, folder in folders) + name
        assert path not in modules, line
        modules.add(path)
    return modules


def is_only_a_sentence(path: Path) -> bool:
    """Return whether a package's __init__ holds nothing beside its docstring."""
    body = ast.parse(path.read_text()).body
    return path.name == "__init__.py" and all(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body
    )


def glossary_rows() -> list[list[str]]:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCS["GLOSSARY.md"].splitlines()
        if line.startswith("|")
    ]
    return [row for row in rows if row[0] != "code" and not set(row[0]) <= {"-"}]


def test_every_habit_file_is_there() -> None:
    assert set(DOCS) >= HABIT_FILES


def test_the_map_names_exactly_the_modules_there_are() -> None:
    there = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bot").rglob("*.py")
        if not is_only_a_sentence(path)
    }

    assert mapped_modules() == there


def test_every_import_contract_is_explained() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

    assert [c["name"] for c in contracts if f"**{c['name']}**" not in DOCS["ARCHITECTURE.md"]] == []


def test_every_word_of_code_in_the_glossary_exists_where_it_says() -> None:
    missing = []
    for code, *_, where in glossary_rows():
        if where != "–" and not (ROOT / where).exists():
            missing.append(where)
        elif code != "–":
            module = importlib.import_module(where.removesuffix(".py").replace("/", "."))
            name = code.strip("`")
            owner = getattr(module, name.split(".")[0], None)
            if isinstance(owner, type) and owner.__module__ != module.__name__:
                missing.append(f"{name}: {where} only imports it")
            fields = getattr(owner, "model_fields", {})
            try:
                operator.attrgetter(name)(module)
            except AttributeError:
                if name.split(".")[-1] not in fields:
                    missing.append(name)

    assert missing == []


def test_the_glossary_has_every_word_in_every_language_and_once() -> None:
    rows = glossary_rows()
    words = [row[0] for row in rows if row[0] != "–"]

    assert len(rows) >= 50
    assert [row for row in rows if len(row) != 6 or not all(row[1:4])] == []
    assert sorted(words) == sorted(set(words))


def test_decisions_are_numbered_without_a_gap_and_each_is_whole() -> None:
    found = re.findall(r"^## (\d+)\. \S", DOCS["DECISIONS.md"], re.MULTILINE)
    entries = re.split(r"^## \d+\. ", DOCS["DECISIONS.md"], flags=re.MULTILINE)[1:]
    parts = ("\nContext: ", "\nDecision: ", "\nConsequences: ")

    assert [int(number) for number in found] == list(range(1, len(found) + 1))
    assert len(found) >= 20
    assert [entry.splitlines()[0] for entry in entries if any(entry.count(part) != 1 for part in parts)] == []
    assert [entry.splitlines()[0] for entry in entries if len(entry.split()) > 220] == []


@pytest.mark.parametrize("name", DOCS)
def test_every_command_that_a_document_names_exists(name: str) -> None:
    commands = set(typer.main.get_group(cli).commands)
    found = list(COMMAND.finditer(code_in(DOCS[name])))

    assert {match["target"] for match in found} - {None} <= TARGETS
    assert {match["command"] for match in found} - {None} <= commands


@pytest.mark.parametrize("name", DOCS)
def test_every_link_leads_somewhere(name: str) -> None:
    broken = []
    for target in LINK.findall(without_fences(DOCS[name])):
        path, _, anchor = target.partition("#")
        # A page elsewhere can move or be designated; the sources of facts have their own files.
        there = "://" not in target and (not path or (ROOT / path).is_file())
        if not there or (anchor and anchor not in anchors(DOCS[path or name])):
            broken.append(target)

    assert broken == []


@pytest.mark.parametrize("name", READMES)
def test_the_first_screen_says_who_must_not_keep_it(name: str) -> None:
    top = DOCS[name].split("\n## ")[0]

    assert re.search(rf"^> \*\*.*{AT_HOME[name]}.*\*\*$", top, re.MULTILINE | re.IGNORECASE)
    assert len(top.split()) < 150


@pytest.mark.parametrize("name", READMES)
def test_a_readme_points_to_every_setting(name: str) -> None:
    example = (ROOT / ".env.example").read_text()
    settings = [f"VOLYA_{field.upper()}" for field in Settings.model_fields]

    assert "](.env.example)" in DOCS[name]
    assert [setting for setting in settings if f"| `{setting}` |" not in DOCS[name]] == []
    assert [setting for setting in settings if f"\n{setting}=" not in example] == []


@pytest.mark.parametrize("name", READMES)
def test_a_readme_says_what_is_not_there_yet(name: str) -> None:
    heading, *words = NOT_THERE_YET[name]

    assert [word for word in words if word not in section(DOCS[name], heading)] == []


@pytest.mark.parametrize("name", READMES)
def test_a_readme_says_the_day_of_the_newest_release_and_of_the_last_reading(name: str) -> None:
    seed = ROOT / "bot/sources/seed"
    with (seed / "claims.csv").open(encoding="utf-8", newline="") as file:
        released = max(row["date"] for row in csv.DictReader(file) if row["kind"] == "released")
    with (seed / "evidence.csv").open(encoding="utf-8", newline="") as file:
        read = max(row["read_on"] for row in csv.DictReader(file))
    words = in_language(READMES[name])

    assert words.full_date(When.parse(released)) in DOCS[name]
    assert words.full_date(When.parse(read)) in DOCS[name]


@pytest.mark.parametrize("name", READMES)
def test_the_readmes_say_the_same(name: str) -> None:
    def shape(text: str) -> tuple[object, ...]:
        commands = [match[0] for match in COMMAND.finditer(code_in(text))]
        steps = re.findall(r"^(?:\d+\.|-) ", text, re.MULTILINE)
        sizes = sorted(set(re.findall(r"\b(\d+) (?:MB|МБ)", text)))
        return (FENCED.findall(text), commands, len(headings(text)), steps, sizes)

    assert shape(DOCS[name]) == shape(DOCS["README.md"])


@pytest.mark.parametrize("name", READMES)
def test_a_readme_does_not_raise_its_voice(name: str) -> None:
    assert "!" not in re.sub(r"!\[", "[", DOCS[name])
    assert "shields.io" not in DOCS[name]


@pytest.mark.parametrize("name", READMES)
def test_the_pictures_a_readme_shows_exist_and_say_what_they_show(name: str) -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", DOCS[name])

    assert pictures
    assert [path for text, path in pictures if not text or not (ROOT / path).is_file()] == []
