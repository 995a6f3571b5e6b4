"""SQL compiled once for all tests: the database of each test would compile the same statements anew."""

from __future__ import annotations

from collections import UserDict
from typing import Any

from sqlalchemy import Connection, Engine, event


class Compiled(UserDict[Any, Any]):
    """Statements compiled for any engine of one kind; the library itself keeps them for one engine."""

    def get(self, key: Any, default: Any = None) -> Any:
        """Return a statement that was compiled before."""
        return self.data.get(_of_any_engine(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        self.data[_of_any_engine(key)] = compiled


def _of_any_engine(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Turn the library's key, which begins with an engine's own dialect, into one for all of that kind."""
    return (type(key[0]), *key[1:])


def keep_compiled() -> None:
    """From now on let every connection of this process find what any of them had compiled."""
    compiled = Compiled()

    @event.listens_for(Engine, "engine_connect")
    def _connected(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)
