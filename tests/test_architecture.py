"""The shape of the program: one direction, no cycles, and modules and functions one can read at a sitting."""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

import bot

ROOT = Path(bot.__file__).parents[1]
LONGEST_FUNCTION, LONGEST_MODULE = 55, 450


@cache
def modules() -> list[tuple[str, str, ast.Module]]:
    """Return every module of the program: its dotted name, text and tree."""
    found = []
    for path in sorted((ROOT / "bot").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        text = path.read_text(encoding="utf-8")
        found.append((".".join(parts[:-1] if parts[-1] == "__init__" else parts), text, ast.parse(text)))
    return found


def test_imports_keep_to_the_contracts() -> None:
    command = Path(sysconfig.get_path("scripts"), "lint-imports")
    ended = subprocess.run([command, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603

    assert ended.returncode == 0, ended.stdout
    assert "0 broken" in ended.stdout


def test_every_module_says_in_its_first_line_what_it_is() -> None:
    first = {name: (ast.get_docstring(tree) or "").split("\n")[0] for name, _, tree in modules()}

    assert [name for name, line in first.items() if not line.endswith((".", ":", ";", ","))] == []
    assert len(set(first.values())) == len(first)


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = {
        f"{name}.{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for name, _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}
    ordered = sorted(lengths.values())
    assert ordered[len(ordered) * 9 // 10] <= 25


def test_no_module_is_longer_than_a_sitting() -> None:
    lengths = {name: len(text.splitlines()) for name, text, _ in modules()}

    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def imported(name: str, tree: ast.Module, known: set[str]) -> set[str]:
    """Return the modules of ours that a module imports when it runs, inside functions too."""
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    parents = {".".join(name.split(".")[:n]) for n in range(1, name.count(".") + 1)}
    return (found & known) - parents - {name}


def test_no_module_imports_itself_by_any_road() -> None:
    known = {name for name, _, _ in modules()}
    roads = {name: imported(name, tree, known) for name, _, tree in modules()}

    def circle(road: list[str]) -> list[str] | None:
        for following in sorted(roads[road[-1]]):
            if following in road:
                return [*road[road.index(following) :], following]
            if following not in done and (found := circle([*road, following])):
                return found
        done.add(road[-1])
        return None

    done: set[str] = set()
    assert [found for name in sorted(known) if name not in done and (found := circle([name]))] == []


def test_the_program_imports_no_test_and_nothing_of_ours_is_relative() -> None:
    for name, _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, name
                assert not (node.module or "").startswith("tests"), name


def test_importing_the_domain_brings_no_library_in() -> None:
    program = (
        "import sys, importlib, pathlib\n"
        "for path in pathlib.Path('bot/domain').glob('*.py'):\n"
        "    importlib.import_module(f'bot.domain.{path.stem}')\n"
        "heavy = {'telegram', 'sqlalchemy', 'aiohttp', 'babel', 'asyncio', 'pydantic', 'alembic'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    ended = subprocess.run(  # noqa: S603  (our own interpreter)
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert ended.stdout.strip() == ""
