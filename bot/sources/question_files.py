"""Reading questions: the bank people wrote, concepts in three languages, the weights learned from both."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from bot.domain.classifier import Classifier, Weights
from bot.domain.people import Language
from bot.domain.wording import Concept, Wording
from bot.sources.article_files import LOCALES, Mistake

CONCEPTS, MODEL = LOCALES / "concepts.tsv", LOCALES / "questions.model"
FORMAT = 2
"""Of the file of weights: others are refused, and not read as something else."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the bank, the label it should get, and the batch (one writer, one voice) it came from.

    `{}` in a text stands where people write a name.
    """

    text: str
    label: str
    language: Language
    area: str
    batch: str


def read_questions(locales: Path = LOCALES) -> list[Question]:
    """Return the whole bank, in a fixed order. Raises Mistake for a line that is not `label<TAB>text`."""
    found = []
    for language in Language:
        for path in sorted((locales / language / "questions").glob("*/*.tsv")):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                label, tab, text = line.partition("\t")
                if not tab or not label or not text.strip() or "\t" in text:
                    raise Mistake(path, number, "a line is a label, a tab and a question")
                found.append(Question(text, label, language, path.parent.name, path.stem))
    return found


def read_concepts() -> list[Concept]:
    """Return the concepts of `concepts.tsv`: key, be, ru and en beginnings of words, parted by `|`."""
    found = []
    for number, line in enumerate(CONCEPTS.read_text("utf-8").splitlines(), 1):
        columns = line.split("\t")
        if len(columns) != 4 or not all(columns):
            raise Mistake(CONCEPTS, number, "a line is a concept and its words in be, ru and en")
        key, be, ru, en = columns
        found.append(Concept.of(key, [*be.split("|"), *ru.split("|")], en.split("|")))
    return found


@cache
def read_classifier() -> Classifier:
    """Return the classifier that ships. Raises Mistake when it was not made from the concepts there are."""
    return Classifier(Wording(read_concepts()), read_weights())


def read_weights() -> Weights:
    """Return what was learned. Raises Mistake when it was not made from the concepts there are."""
    head, _, packed = MODEL.read_bytes().partition(b"\n")
    said = json.loads(head)
    if said["format"] != FORMAT or said["concepts"] != concepts_digest():
        raise Mistake(MODEL, 1, "it was made by another version, or from other concepts: python -m bot train")
    return _unpacked(said, zlib.decompress(packed))


def as_file(weights: Weights) -> bytes:
    """Return weights as the bytes of a file: a line of JSON, then arrays, compressed."""
    head = {
        "format": FORMAT,
        "concepts": concepts_digest(),
        "labels": weights.labels,
        "features": len(weights.features),
        "sure": round(weights.sure, 4),
    }
    arrays = (
        # Neighbours differ by little: as differences they take a third less room.
        np.diff(weights.features, prepend=np.uint32(0)).astype("<u4"),
        weights.idf.astype("<f4"),
        weights.steps.astype("<f4"),
        weights.shifts.astype("<f4"),
        weights.bytes,
    )
    packed = zlib.compress(b"".join(array.tobytes() for array in arrays), 9)
    return json.dumps(head).encode() + b"\n" + packed


def concepts_digest() -> str:
    """Return a short digest of the file of concepts: weights mean nothing with others."""
    return f"{zlib.crc32(CONCEPTS.read_bytes()):08x}"


def _unpacked(head: dict[str, object], data: bytes) -> Weights:
    labels = head["labels"]
    assert isinstance(labels, list)  # noqa: S101  (the file is ours)
    count, width = int(str(head["features"])), len(labels)
    parts = _cut(data, [4 * count, 4 * count, 4 * width, 4 * width, count * width])
    features, idf, steps, shifts, matrix = parts
    return Weights(
        tuple(str(label) for label in labels),
        np.cumsum(np.frombuffer(features, "<u4"), dtype=np.uint32),
        np.frombuffer(idf, "<f4"),
        np.frombuffer(matrix, np.int8).reshape(count, width),
        np.frombuffer(steps, "<f4"),
        np.frombuffer(shifts, "<f4"),
        float(str(head["sure"])),
    )


def _cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    start = 0
    for size in sizes:
        yield data[start : start + size]
        start += size
