"""Whether the bank of questions is what a classifier can learn from: large, varied, labelled."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from bot.domain.kinds import LABELS, Kind
from bot.domain.people import Language
from bot.domain.wording import tokens
from bot.sources.article_files import topics
from bot.sources.question_files import Question

FEWEST_PER_TOPIC = 40
FEWEST_OUT_OF_SCOPE = 1500
FEWEST_BATCHES = 12
MOST_SHARED = 0.6
"""The share of word trigrams that two questions of one topic may have in common."""
_RUN = 3


def mistakes(questions: Sequence[Question]) -> list[str]:
    """Return what is wrong with the bank, a line each; of alike questions both are quoted."""
    return [*_labels(questions), *_counts(questions), *_alike(questions)]


def nearest(questions: Sequence[Question], most: int) -> list[tuple[float, Question, Question]]:
    """Return the pairs of one topic and language that look most alike, by parts of three letters."""
    found = []
    for group in _groups(questions).values():
        parts = [(question, _letters(question)) for question in group]
        found += [
            (len(mine & other) / len(mine | other), one, two)
            for (one, mine), (two, other) in combinations(parts, 2)
        ]
    return sorted(found, key=lambda pair: (-pair[0], pair[1].text))[:most]


def _labels(questions: Iterable[Question]) -> Iterator[str]:
    known = {*topics(), *LABELS}
    for question in questions:
        if question.label not in known:
            yield f"{question.language} {question.batch}: no such label: {question.label}"


def _counts(questions: Sequence[Question]) -> Iterator[str]:
    counted = Counter((question.language, question.label) for question in questions)
    wanted = dict.fromkeys(topics(), FEWEST_PER_TOPIC) | {Kind.OUT_OF_SCOPE.value: FEWEST_OUT_OF_SCOPE}
    for language in Language:
        for label, fewest in wanted.items():
            if counted[language, label] < fewest:
                yield f"{language} {label}: {counted[language, label]} questions of {fewest}"
        batches = {question.batch for question in questions if question.language is language}
        if len(batches) < FEWEST_BATCHES:
            yield f"{language}: {len(batches)} batches of {FEWEST_BATCHES}"


def _alike(questions: Sequence[Question]) -> Iterator[str]:
    for group in _groups(questions).values():
        read = [(question, _words(question), _trigrams(question)) for question in group]
        for (one, words, runs), (other, other_words, other_runs) in combinations(read, 2):
            if words == other_words or _shared(runs, other_runs) > MOST_SHARED:
                pair = " and ".join(f"{question.text!r} ({question.batch})" for question in (one, other))
                yield f"{one.language} {one.label}: {pair}"


def _groups(questions: Iterable[Question]) -> dict[tuple[Language, str], list[Question]]:
    groups: dict[tuple[Language, str], list[Question]] = defaultdict(list)
    for question in questions:
        if question.label not in LABELS:
            groups[question.language, question.label].append(question)
    return groups


def _words(question: Question) -> frozenset[str]:
    return frozenset(word.latin or word.folded for word in tokens(question.text))


def _trigrams(question: Question) -> frozenset[tuple[str, ...]]:
    words = [word.latin or word.folded for word in tokens(question.text)]
    return frozenset(tuple(words[place : place + _RUN]) for place in range(len(words) - _RUN + 1))


def _shared(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _letters(question: Question) -> frozenset[str]:
    text = " ".join(word.latin or word.folded for word in tokens(question.text))
    return frozenset(text[place : place + 3] for place in range(max(len(text) - 2, 1)))
