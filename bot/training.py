"""Training: the weights of the classifier, learned from the bank of questions; the same bytes each time.

Done by those who change questions or concepts (`python -m bot train`), with scikit-learn, which the bot
itself does not need. Whoever wrote a batch has a way of asking: so what is said of questions by people
who were not asked yet is measured on whole batches that were left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.classifier import Floats, Weights, softmax, tfidf
from bot.domain.kinds import Kind
from bot.domain.reading import clearness
from bot.domain.wording import Wording
from bot.retyping import retyped
from bot.sources.article_files import topics
from bot.sources.question_files import MODEL, Question, as_file, read_concepts, read_questions

FEWEST_TIMES = 2
LOOSENESS = 20.0
"""The inverse strength of regularisation, chosen on batches left out."""
FOLDS = 5
"""Batches are left out a fifth at a time: one at a time takes hours and says nearly the same."""
MOST_FALSE = 0.03
"""The share of questions out of scope that may be answered as if we were sure: 5 % is promised.

At 4 % one question in a hundred more is surely right, and a bare "passport" was answered as if sure.
"""
_ROUNDS, _NEAR = 400, 1e-4
"""Stopped sooner, it answers as often rightly, and is sure a tenth less often."""


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """A few batches, and what a classifier that never saw them said of each of their questions."""

    questions: Sequence[Question]
    labels: tuple[str, ...]
    probabilities: Floats


def lessons(questions: Sequence[Question]) -> list[Question]:
    """Return what is learned: questions, and a share of them retyped in Latin letters."""
    return [*questions, *retyped(questions)]


def as_asked(question: Question) -> str:
    """Return a question as the classifier gets it: a name that was found is taken out before."""
    return question.text.replace("{}", " ")


def train(path: Path = MODEL, say: Callable[[str], None] = lambda _line: None) -> None:
    """Learn from the whole bank and write the file; slow: first each batch is left out, to calibrate."""
    wording, questions = Wording(read_concepts()), read_questions()
    with ProcessPoolExecutor() as processes:
        whole = processes.submit(learn, wording, lessons(questions))
        folds = held_out(wording, questions, processes, say)
        weights = replace(whole.result(), sure=threshold(folds))
    path.write_bytes(as_file(weights))
    size = path.stat().st_size
    say(f"{path.name}: {len(questions)} questions, {size} bytes, sure from {weights.sure:.3f}")


def held_out(
    wording: Wording,
    questions: Sequence[Question],
    processes: ProcessPoolExecutor,
    say: Callable[[str], None] = lambda _line: None,
) -> list[Fold]:
    """Leave every batch out once, a few at a time, and ask a classifier that learned from the others."""
    batches = sorted({question.batch for question in questions})
    left_out = [set(batches[place::FOLDS]) for place in range(FOLDS)]
    learned = processes.map(
        learn,
        repeat(wording),
        [lessons([question for question in questions if question.batch not in out]) for out in left_out],
    )
    folds = []
    for out, weights in zip(left_out, learned, strict=True):
        asked = [question for question in questions if question.batch in out]
        folds.append(Fold(asked, weights.labels, score_all(wording, weights, asked)))
        say(f"left out {', '.join(sorted(out))}: {len(asked)} questions")
    return folds


def learn(wording: Wording, questions: Sequence[Question]) -> Weights:
    """Return the weights learned from questions; the same for the same questions in the same order."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    wanted = [question.label for question in questions]
    kept, idf = features_of(wording, questions)
    rows = _rows(wording, kept, idf, questions)
    model = LogisticRegression(C=LOOSENESS, max_iter=_ROUNDS, tol=_NEAR)
    # Threads add up in another order on each number of cores, and the last bits would differ with it.
    with threadpool_limits(1):
        model.fit(rows, wanted)
    return _as_bytes(tuple(str(label) for label in model.classes_), kept, idf, model.coef_, model.intercept_)


def features_of(wording: Wording, questions: Sequence[Question]) -> tuple[NDArray[np.uint32], Floats]:
    """Return the features that questions share, in rising order, and how rare each is (idf)."""
    asked = [np.fromiter(wording.features(as_asked(question)), np.uint32) for question in questions]
    found, times = np.unique(np.concatenate(asked), return_counts=True)
    often = times >= FEWEST_TIMES
    idf = 1 + np.log((1 + len(questions)) / (1 + times[often]))
    return found[often], idf.astype(np.float32)


def _rows(wording: Wording, kept: NDArray[np.uint32], idf: Floats, questions: Sequence[Question]) -> Any:
    """Return a sparse matrix with a line for each question."""
    from scipy import sparse

    places, values, ends = [], [], [0]
    for question in questions:
        where, what = tfidf(wording, kept, idf, as_asked(question))
        places.append(where)
        values.append(what)
        ends.append(ends[-1] + len(where))
    shape = (len(questions), len(kept))
    return sparse.csr_matrix((np.concatenate(values), np.concatenate(places), ends), shape=shape)


def _as_bytes(
    labels: tuple[str, ...],
    features: NDArray[np.uint32],
    idf: Floats,
    weights: NDArray[np.float64],
    shifts: NDArray[np.float64],
) -> Weights:
    steps = (np.abs(weights).max(axis=1) / 127).astype(np.float32)
    rounded = np.rint(weights / steps[:, None]).astype(np.int8).T
    return Weights(
        labels, features, idf, np.ascontiguousarray(rounded), steps, shifts.astype(np.float32), sure=1.0
    )


def score_all(wording: Wording, weights: Weights, questions: Sequence[Question]) -> Floats:
    """Return probabilities for many questions, a line each."""
    lines = []
    for question in questions:
        places, values = tfidf(wording, weights.features, weights.idf, as_asked(question))
        scores = weights.shifts + (values @ weights.bytes[places].astype(np.float32)) * weights.steps
        lines.append(softmax(scores))
    return np.array(lines, np.float32)


def clearness_of(fold: Fold) -> list[float]:
    """Return how clearly each question of a fold asks about its first topic."""
    known = set(topics())
    places = [place for place, label in enumerate(fold.labels) if label in known]
    foreign = fold.labels.index(Kind.OUT_OF_SCOPE)
    return [clearness(float(line[places].max()), float(line[foreign])) for line in fold.probabilities]


def threshold(folds: Sequence[Fold]) -> float:
    """Return how clear a question has to be so that few enough out of scope pass for a topic."""
    passing = [
        clear
        for fold in folds
        for question, clear in zip(fold.questions, clearness_of(fold), strict=True)
        if question.label == Kind.OUT_OF_SCOPE
    ]
    return float(np.quantile(np.array(passing), 1 - MOST_FALSE)) if passing else 1.0
