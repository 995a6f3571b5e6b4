"""Questions understood, on whole batches left out, beside BM25 and character n-grams in the same run."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from bot.domain.articles import Block, Library
from bot.domain.kinds import LABELS, Kind
from bot.domain.people import Language
from bot.domain.wording import Token, Wording, tokens
from bot.sources.article_files import read_library
from bot.sources.question_files import Question, read_concepts, read_questions
from bot.sources.question_lint import nearest
from bot.training import Fold, as_asked, clearness_of, held_out, threshold

_PAIRS, _CONFUSED, _BINS = 50, 25, 10
Ranker = Callable[[str], list[str]]


def run() -> None:
    """Print recall by language, batch and area, reliability, confusions, peers and nearest pairs."""
    questions = read_questions()
    with ProcessPoolExecutor() as processes:
        folds = held_out(Wording(read_concepts()), questions, processes)
    sure = threshold(folds)
    batches = len({question.batch for question in questions})
    print(f"{len(questions)} questions, {batches} batches, each left out once; sure from {sure:.3f}\n")
    _print_recall(folds, sure)
    _print_reliability(folds)
    _print_confused(folds)
    _print_peers(questions, folds)
    _print_nearest(questions)


def _topics_of(fold: Fold) -> list[int]:
    return [place for place, label in enumerate(fold.labels) if label not in LABELS]


def _answers(fold: Fold) -> Iterable[tuple[Question, list[str], float]]:
    """Yield each question with its three best topics and the probability of the first."""
    places = _topics_of(fold)
    for question, line in zip(fold.questions, fold.probabilities, strict=True):
        scores = line[places]
        best = np.argsort(-scores, kind="stable")[:3]
        yield question, [fold.labels[places[place]] for place in best], float(scores[best[0]])


def _print_recall(folds: Sequence[Fold], sure: float) -> None:
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for fold in folds:
        for (question, best, _), clear in zip(_answers(fold), clearness_of(fold), strict=True):
            names = [f"language {question.language}", f"batch {question.batch}", "all"]
            if question.label == Kind.OUT_OF_SCOPE:
                for name in names:
                    rows[name]["out"] += 1
                    rows[name]["false"] += clear >= sure
            if question.label in LABELS:
                continue
            for name in (*names, f"area {question.area}"):
                rows[name]["asked"] += 1
                rows[name]["first"] += best[0] == question.label
                rows[name]["three"] += question.label in best
                rows[name]["sure"] += best[0] == question.label and clear >= sure
    print(f"{'':24}{'asked':>7}{'first':>8}{'in three':>10}{'right, sure':>13}{'out of scope, sure':>20}")
    for name in sorted(rows):
        row = rows[name]
        shares = [row[key] / row["asked"] for key in ("first", "three", "sure")]
        false = f"{row['false'] / row['out']:.3f}" if row["out"] else "-"
        print(f"{name:24}{row['asked']:7}{shares[0]:8.3f}{shares[1]:10.3f}{shares[2]:13.3f}{false:>20}")


def _print_reliability(folds: Sequence[Fold]) -> None:
    bins: dict[int, list[float]] = defaultdict(list)
    for fold in folds:
        for question, best, score in _answers(fold):
            bins[min(int(score * _BINS), _BINS - 1)].append(float(best[0] == question.label))
    print("\nReliability: said probability of the first topic, and how often it was right")
    for place in sorted(bins):
        right = sum(bins[place]) / len(bins[place])
        bar = "#" * round(right * 40)
        print(f"  {place / _BINS:.1f}-{(place + 1) / _BINS:.1f}  {right:.2f}  {bar:40}  n={len(bins[place])}")


def _print_confused(folds: Sequence[Fold]) -> None:
    confused = Counter(
        (question.label, best[0])
        for fold in folds
        for question, best, _ in _answers(fold)
        if question.label not in LABELS and best[0] != question.label
    )
    print("\nTopics taken for another, most often first")
    for (wanted, taken), count in confused.most_common(_CONFUSED):
        print(f"  {count:4}  {wanted} -> {taken}")


def _print_peers(questions: Sequence[Question], folds: Sequence[Fold]) -> None:
    """Ask the peers with what they can read: the articles, and every question of the other batches."""
    library = read_library()
    print(f"\n{'the same questions':24}{'first':>8}{'in three':>10}")
    for name, build in (("BM25", _bm25), ("characters, tf-idf", _characters)):
        first = three = asked = 0
        for fold in folds:
            left_out = {question.batch for question in fold.questions}
            rank = build(_documents(library, [q for q in questions if q.batch not in left_out]))
            for question in fold.questions:
                if question.label in LABELS:
                    continue
                best = rank(as_asked(question))[:3]
                asked += 1
                first += best[:1] == [question.label]
                three += question.label in best
        print(f"{name:24}{first / asked:8.3f}{three / asked:10.3f}")


def _documents(library: Library, questions: Iterable[Question]) -> dict[str, str]:
    texts: dict[str, list[str]] = defaultdict(list)
    for topic in library.topics():
        for language in Language:
            article = topic[language]
            blocks = [*article.answer, *(block for section in article.sections for block in section.blocks)]
            texts[article.key] += [article.title, *map(_text, blocks)]
    for question in questions:
        if question.label not in LABELS:
            texts[question.label].append(as_asked(question))
    return {key: "\n".join(lines) for key, lines in texts.items()}


def _text(block: Block) -> str:
    return "".join(run.text for run in block.runs)


def _bm25(documents: dict[str, str]) -> Ranker:
    """Rank by Okapi BM25 (k1 1.5, b 0.75) over folded stems."""
    bags = {key: Counter(word.stem for word in _words(text)) for key, text in documents.items()}
    lengths = {key: sum(bag.values()) for key, bag in bags.items()}
    mean = sum(lengths.values()) / len(lengths)
    holders = Counter(stem for bag in bags.values() for stem in bag)

    def rank(text: str) -> list[str]:
        scores = dict.fromkeys(bags, 0.0)
        for stem in {word.stem for word in tokens(text)}:
            if stem not in holders:
                continue
            idf = math.log(1 + (len(bags) - holders[stem] + 0.5) / (holders[stem] + 0.5))
            for key, bag in bags.items():
                if times := bag[stem]:
                    scores[key] += idf * times * 2.5 / (times + 1.5 * (0.25 + 0.75 * lengths[key] / mean))
        return sorted(scores, key=lambda key: -scores[key])

    return rank


def _words(text: str) -> Iterable[Token]:
    for line in text.splitlines():
        yield from tokens(line)


def _characters(documents: dict[str, str]) -> Ranker:
    """Rank by the cosine of tf-idf over parts of 2 to 5 characters, folded alike."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    keys = list(documents)
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=1)
    matrix = vectors.fit_transform([_folded(documents[key]) for key in keys])

    def rank(text: str) -> list[str]:
        scores = (matrix @ vectors.transform([_folded(text)]).T).toarray().ravel()
        return [keys[place] for place in np.argsort(-scores, kind="stable")]

    return rank


def _folded(text: str) -> str:
    return " ".join(word.folded for line in text.splitlines() for word in tokens(line))


def _print_nearest(questions: Sequence[Question]) -> None:
    print(f"\nThe {_PAIRS} most alike questions of one topic and language")
    for likeness, one, other in nearest(questions, _PAIRS):
        print(f"  {likeness:.2f}  {one.language} {one.label}")
        print(f"        {one.batch}: {one.text}\n        {other.batch}: {other.text}")
