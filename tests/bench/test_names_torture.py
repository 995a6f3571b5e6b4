"""The torture of the matcher: made-up people asked for in every way a name is changed, also in pairs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.bench import torture
from bot.bench.names import fts5_ranker
from bot.bench.placeholders import people as placeholders
from bot.domain.names import Decision, NameIndex
from bot.domain.people import Name, NameKind

SEED = 20261124
PEOPLE, LISTED, UNLISTED, PEER_SAMPLE = 2_000, 600, 300, 150
WHOLE_PEOPLE, WHOLE_LISTED, WHOLE_UNLISTED = 9_000, 20_000, 5_000


@pytest.mark.proof
@pytest.mark.parametrize("spellings", [1, 3])
def test_the_torture_names_nobody_wrong_and_finds_nearly_everybody(
    spellings: int, whole_proof: bool, proved: Callable[..., None]
) -> None:
    size, listed, unlisted = (
        (WHOLE_PEOPLE, WHOLE_LISTED, WHOLE_UNLISTED) if whole_proof else (PEOPLE, LISTED, UNLISTED)
    )
    made = list(enumerate(placeholders(size, SEED)))
    languages = ("be", "ru", "en")[:spellings]
    registry = [
        (number, [Name(to, NameKind.MAIN, text) for to, text in zip(languages, who.names, strict=False)])
        for number, who in made
    ]
    index = NameIndex(registry)
    asked = torture.queries(made, listed, SEED + 1)
    first = wrong = 0
    for query in asked:
        match = index.find(query.text)
        ranked = [found.number for found in match.candidates]
        first += set(ranked[: len(query.people)]) == set(query.people)
        wrong += match.decision is Decision.ONE and ranked[0] not in query.people
    strangers = torture.unlisted(made, placeholders(size * 2, SEED + 2), unlisted, SEED + 3)
    named = [query for query in strangers if index.find(query.text).decision is Decision.ONE]
    peer = fts5_ranker(registry)
    sample = asked[:PEER_SAMPLE]
    peer_first = sum(peer(query.text)[:1] == list(query.people[:1]) for query in sample)
    proved(
        seed=SEED,
        people=size,
        spellings=spellings,
        listed=len(asked),
        first=round(first / len(asked), 4),
        wrong_one=wrong,
        unlisted=len(strangers),
        unlisted_one=len(named),
        fts5_first=round(peer_first / len(sample), 2),
    )
    assert wrong == 0
    assert first >= 0.95 * len(asked)
    assert len(named) <= max(1, 0.001 * len(strangers)), named
    if spellings == 1:
        assert peer_first <= 0.6 * len(sample), "the torture has grown too easy"
