"""The bank of questions, and the file that was learned from it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, pairwise
from zlib import crc32

import numpy as np
import pytest

from bot.domain.kinds import LABELS
from bot.domain.people import Language
from bot.domain.wording import Concept, Token, Wording, _parts, _whole
from bot.sources.article_files import Mistake, topics
from bot.sources.question_files import (
    MODEL,
    Question,
    as_file,
    read_classifier,
    read_concepts,
    read_questions,
    read_weights,
)
from bot.sources.question_lint import mistakes
from bot.training import features_of, learn, lessons
from tests.processes import ROOT

MOST_BYTES = 5_000_000


class Words(Wording):
    """Only the features of whole words and of concepts: a third of the work, and no lesson is without one."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        super().__init__(concepts)
        self._words: set[Token] = set()
        self._pairs: set[tuple[str, str]] = set()

    def _named(self, words: list[Token]) -> Iterator[str]:
        stems = [word.stem for word in words]
        self._words.update(words)
        self._pairs.update(pairwise(stems), zip(stems, stems[2:], strict=False))
        for word in words:
            yield from _whole(word, word.stem)
        yield from self._conceived(words)

    def left_out(self) -> set[int]:
        """Return the other features of what was read: parts of words, and two words together."""
        parts = (part for word in self._words for part in _parts("C", word.folded))
        latin = (part for word in self._words if word.latin for part in _parts("L", word.latin))
        pairs = (f"b{one}_{other}" for one, other in self._pairs)
        return {crc32(name.encode()) for name in chain(parts, latin, pairs)}


def test_the_bank_is_large_varied_and_well_labelled() -> None:
    assert mistakes(read_questions()) == []


@pytest.mark.parametrize(
    ("one", "other", "so"),
    [
        ("як напісаць ліст", "ліст як напісаць", True),
        ("як напісаць ліст у турму сыну", "як напісаць ліст у турму мужу", True),
        ("як напісаць ліст", "куды слаць паштоўку", False),
    ],
)
def test_two_questions_that_teach_the_same_are_found(one: str, other: str, so: bool) -> None:
    made = [Question(text, "letters", Language.BE, "legal", "x") for text in (one, other)]
    assert any(one in line and other in line for line in mistakes(made)) is so


def test_a_thin_or_mislabelled_bank_is_refused() -> None:
    question = Question("ліст", "no-such-topic", Language.BE, "legal", "x")
    found = mistakes([question])
    assert "be x: no such label: no-such-topic" in found
    assert "be letters: 0 questions of 40" in found
    assert "be: 1 batches of 12" in found


def test_what_ships_knows_every_topic_and_is_small() -> None:
    assert set(read_classifier().labels) == {*topics(), *LABELS}
    assert MODEL.stat().st_size <= MOST_BYTES


def test_it_is_read_without_what_it_was_trained_with() -> None:
    code = (
        "import sys; from bot.sources.question_files import read_classifier; read_classifier();"
        "print([name for name in ('sklearn', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


@pytest.mark.proof
def test_learning_twice_gives_the_same_bytes(whole_proof: bool) -> None:
    import sklearn.linear_model  # noqa: F401  (what is not loaded yet cannot be limited)

    wording = Wording(read_concepts())
    few = {*list(topics())[:6], *LABELS}
    some = [lesson for lesson in lessons(read_questions()) if lesson.label in few]
    one, two = (as_file(learn(wording, some[:: 6 if whole_proof else 60])) for _ in range(2))
    assert one == two


@pytest.mark.proof
def test_what_ships_was_learned_from_this_bank(whole_proof: bool, proved: Callable[..., None]) -> None:
    shipped = read_weights()
    wording, taught = Wording(read_concepts()), lessons(read_questions())
    if whole_proof:
        learned = replace(learn(wording, taught), sure=shipped.sure)
        assert as_file(learned) == MODEL.read_bytes()
    else:
        words = Words(read_concepts())
        kept, idf = features_of(words, taught)
        places = np.searchsorted(shipped.features, kept)
        assert np.array_equal(shipped.features[places], kept)
        # A feature is as rare as here, unless a part of a word happens to have the same number of 32 bits.
        assert set(kept[shipped.idf[places] != idf].tolist()) <= words.left_out()
    proved(bytes=MODEL.stat().st_size, features=len(shipped.features))


def test_a_line_that_is_no_question_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("locales") / "be" / "questions" / "legal"
    folder.mkdir(parents=True)
    (folder / "x.tsv").write_text("letters\tяк пісаць\nbroken line\n")
    with pytest.raises(Mistake, match=r"x\.tsv:2"):
        read_questions(folder.parents[2])
