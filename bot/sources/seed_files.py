"""The seed that ships: published facts about public people, as CSV files with their evidence."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

from bot.services.importing import Row

SEED = Path(__file__).parent / "seed"


def read_seed(folder: Path = SEED) -> dict[str, list[Row]]:
    """Read every CSV file of a folder, by file name without ending; line numbers as an editor shows them."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.csv"))}


def seed_digest(folder: Path) -> str:
    """Return one digest over every file of a seed."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.csv")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, restval="", strict=True)
        return [
            Row(path.name, reader.line_num, {k: v for k, v in cells.items() if k is not None})
            for cells in reader
        ]
