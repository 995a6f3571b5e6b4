"""The classifier: how probable each topic is for a question, from weights that were learned beforehand.

Softmax regression over tf-idf of features (see wording.py). It holds one signed byte for each feature
and label; `bot/training.py` makes them and `sources/question_files.py` keeps them in a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.domain.wording import Token, Wording, whole_features, without_private_numbers

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What was learned: features in rising order, with their idf, and for each a byte for each label.

    `steps` says for each label what one unit of its byte is worth, `shifts` what it has without any
    feature. `sure`: how clear a question on it must be to be answered without asking back; see
    questions.clearness.
    """

    labels: tuple[str, ...]
    features: NDArray[np.uint32]
    idf: NDArray[np.float32]
    bytes: NDArray[np.int8]
    steps: Floats
    shifts: Floats
    sure: float


class Classifier:
    """Says what a text asks about. Knows labels only: topics, and the kinds that are no topic."""

    def __init__(self, wording: Wording, weights: Weights) -> None:
        self._wording, self._weights = wording, weights
        self.labels = weights.labels
        self.sure = weights.sure

    def knows(self, word: Token, *, as_typed: bool = False) -> bool:
        """Return whether people asked with this word, or with its stem unless it is taken `as_typed`."""
        itself, stem = whole_features(word)
        return self._has(itself) or (not as_typed and self._has(stem))

    def _has(self, feature: int) -> bool:
        features = self._weights.features
        place = int(np.searchsorted(features, np.uint32(feature)))
        return place < len(features) and int(features[place]) == feature

    def probabilities(self, text: str) -> Floats:
        """Return a probability for each label, summing to 1."""
        weights, asked = self._weights, without_private_numbers(text)
        places, values = tfidf(self._wording, weights.features, weights.idf, asked)
        scores = weights.shifts + (values @ weights.bytes[places].astype(np.float32)) * weights.steps
        return softmax(scores)


def tfidf(
    wording: Wording, features: NDArray[np.uint32], idf: Floats, text: str
) -> tuple[NDArray[np.intp], Floats]:
    """Return the places of a text's known features among `features`, and their weights, of length 1."""
    counted = wording.features(text)
    asked = np.fromiter(counted.keys(), np.uint32, len(counted))
    times = np.fromiter(counted.values(), np.float32, len(counted))
    places = np.searchsorted(features, asked)
    places[places == len(features)] = 0
    known = features[places] == asked
    order = np.argsort(places[known], kind="stable")
    places = places[known][order]
    values = (1 + np.log(times[known][order])) * idf[places]
    length = float(np.sqrt(np.sum(values * values)))
    return places, (values / length if length else values).astype(np.float32)


def softmax(scores: Floats) -> Floats:
    """Return probabilities for scores."""
    raised = np.exp(scores - scores.max())
    found: Floats = (raised / raised.sum()).astype(np.float32)
    return found


def mean(one: Floats, other: Floats) -> Floats:
    """Return the probabilities between two readings of a text."""
    found: Floats = ((one + other) / 2).astype(np.float32)
    return found


def likeliest(labels: Sequence[str], probabilities: Floats) -> tuple[str, float]:
    """Return the most probable label, as `ranked` would give it first."""
    place = int(np.argmax(probabilities))
    return labels[place], float(probabilities[place])


def ranked(labels: Sequence[str], probabilities: Floats) -> list[tuple[str, float]]:
    """Return labels with their probabilities, the most probable first, equals in the order of labels."""
    order = np.argsort(-probabilities, kind="stable")
    return [(labels[place], float(probabilities[place])) for place in order]
