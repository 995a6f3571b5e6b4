"""Edges: every place where the bot awaits, found in its source, and a process that ends at one of them.

A process of its own imports the modules with each await wrapped: `await x` becomes
`_after(n, await _before(n, x))`. `async with` and `async for` await too, without saying so.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).parents[2]
MODULES = (
    "bot.services.delivering",
    "bot.services.amending",
    "bot.services.commits",
    "bot.services.one_sender",
    "bot.chat.courier",
    "bot.chat.intake",
    "bot.store.vault",
    "bot.store.destroying",
)
_SIDES = {
    "await": ("before", "after"),
    "async with": ("before entering", "entered", "before leaving", "left"),
    "async for": ("before the next", "after the next"),
}


class Edge(NamedTuple):
    """One await: in which module, function and line, of which kind, and its words."""

    module: str
    number: int
    within: str
    line: int
    kind: str
    words: str

    def places(self) -> list[Place]:
        """Return where a process can end here."""
        return [Place(self.module, self.number, side) for side in _SIDES[self.kind]]


class Place(NamedTuple):
    """One side of an edge."""

    module: str
    number: int
    side: str


def edges(module: str) -> list[Edge]:
    """Find every await of a module, in the order of its source."""
    tree = _parsed(module)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]

    def within(line: int) -> str:
        around = [node for node in functions if node.lineno <= line <= (node.end_lineno or 0)]
        return max(around, key=lambda node: node.lineno).name

    return [
        Edge(
            *(module, number, within(node.lineno), node.lineno, kind),
            " ".join(ast.unparse(node).split())[:90],
        )
        for number, (kind, node) in enumerate(_awaits(tree))
    ]


def beside(module: str, within: str = "", words: str = "") -> list[Place]:
    """Find the places beside awaits by the last name of their module, their function and their words."""
    found = [
        place
        for edge in every_edge()
        if edge.module.endswith(f".{module}") and within in ("", edge.within) and words in ("", edge.words)
        for place in edge.places()
    ]
    assert found, "there is no such await"
    return found


def place_of(module: str, within: str, words: str, side: str) -> Place:
    """Find the one place beside an await."""
    [place] = [place for place in beside(module, within, words) if place.side == side]
    return place


def every_edge() -> list[Edge]:
    """Find every await there is."""
    return [edge for module in MODULES for edge in edges(module)]


def _parsed(module: str) -> ast.Module:
    path = REPOSITORY.joinpath(*module.split(".")).with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def _awaits(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Give what each await waits for; a comprehension that awaits is none that can be wrapped."""
    for node in sorted(ast.walk(tree), key=_position):
        if isinstance(node, ast.Await):
            yield "await", node.value
        elif isinstance(node, ast.AsyncWith):
            yield from (("async with", item.context_expr) for item in node.items)
        elif isinstance(node, ast.AsyncFor):
            yield "async for", node.iter
        assert not (isinstance(node, ast.comprehension) and node.is_async)


def _position(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


# What follows runs in the process that ends.

_Heard = Callable[[Place], None]


class _Armed:
    """What happens at the places that this process comes to."""

    def __init__(self) -> None:
        self.ends: Place | None = None
        self.by = signal.SIGKILL
        self.hear: _Heard = lambda _: None
        self.reached: set[Place] = set()

    def at(self, place: Place) -> None:
        if place not in self.reached:
            self.reached.add(place)
            self.hear(place)
            if place == self.ends:
                os.kill(os.getpid(), self.by)


_armed = _Armed()


def arm(ends: Place | None, by: int, hear: _Heard) -> None:
    """Let a signal reach this process when it first comes to a place; `hear` is told of each place."""
    _armed.ends, _armed.by, _armed.hear, _armed.reached = ends, signal.Signals(by), hear, set()


def _at(place: Place) -> None:
    _armed.at(place)


class _With:
    """An asynchronous context with a place on each side of entering and leaving it."""

    def __init__(self, module: str, number: int, context: Any) -> None:
        self._module, self._number, self._context = module, number, context

    def _at(self, side: str) -> None:
        _at(Place(self._module, self._number, side))

    async def __aenter__(self) -> Any:
        self._at("before entering")
        entered = await self._context.__aenter__()
        self._at("entered")
        return entered

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        self._at("before leaving")
        left = await self._context.__aexit__(kind, error, trace)
        self._at("left")
        return left


async def _each(module: str, number: int, found: Any) -> Any:
    while True:
        _at(Place(module, number, "before the next"))
        try:
            one = await anext(found)
        except StopAsyncIteration:
            return
        finally:
            _at(Place(module, number, "after the next"))
        yield one


def _hooks(module: str) -> dict[str, Callable[..., Any]]:
    def before(number: int, waits_for: Any) -> Any:
        _at(Place(module, number, "before"))
        return waits_for

    def after(number: int, result: Any) -> Any:
        _at(Place(module, number, "after"))
        return result

    return {
        "_edge_before": before,
        "_edge_after": after,
        "_edge_with": lambda number, context: _With(module, number, context),
        "_edge_each": lambda number, found: _each(module, number, found),
    }


class _Wrapping(ast.NodeTransformer):
    """Wraps every await of a tree; numbers them as `edges` does."""

    def __init__(self, tree: ast.AST) -> None:
        self._numbers = {id(node): number for number, (_, node) in enumerate(_awaits(tree))}

    def _call(self, name: str, number: int, value: ast.expr) -> ast.Call:
        return ast.Call(ast.Name(name, ast.Load()), [ast.Constant(number), value], [])

    def visit_Await(self, node: ast.Await) -> ast.expr:
        number = self._numbers[id(node.value)]
        self.generic_visit(node)
        node.value = self._call("_edge_before", number, node.value)
        return self._call("_edge_after", number, node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AsyncWith:
        numbers = [self._numbers[id(item.context_expr)] for item in node.items]
        self.generic_visit(node)
        for number, item in zip(numbers, node.items, strict=True):
            item.context_expr = self._call("_edge_with", number, item.context_expr)
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AsyncFor:
        number = self._numbers[id(node.iter)]
        self.generic_visit(node)
        node.iter = self._call("_edge_each", number, node.iter)
        return node


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> Any:
        tree = _parsed(fullname)
        wrapped = ast.fix_missing_locations(_Wrapping(tree).visit(tree))
        return compile(wrapped, self.path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__.update(_hooks(module.__name__))
        super().exec_module(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in MODULES:
            return None
        file = str(REPOSITORY.joinpath(*fullname.split(".")).with_suffix(".py"))
        return importlib.machinery.ModuleSpec(fullname, _Loader(fullname, file), origin=file)


def install() -> None:
    """Wrap the modules when they are imported, which must not have happened yet."""
    assert not set(MODULES) & set(sys.modules)
    sys.meta_path.insert(0, _Finder())
