"""Names in any spelling, measured against SQLite FTS5 trigram, RapidFuzz WRatio and logic-v2."""

from __future__ import annotations

import csv
import gc
import importlib.util
import random
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rapidfuzz import fuzz, process, utils

from bot.bench import torture
from bot.bench.placeholders import people as placeholders
from bot.domain.inflection import cuts
from bot.domain.names import Decision, NameIndex
from bot.domain.people import Name, NameKind
from bot.domain.spelling import is_cyrillic, shapes
from bot.domain.words import words_of

Registry = list[tuple[int, list[Name]]]
Ranker = Callable[[str], list[int]]
_PEERS_SAMPLE = 300
_LANGUAGES = ("be", "ru", "en")


@dataclass(slots=True)
class Row:
    """What one category came to."""

    asked: int = 0
    first: int = 0
    one: int = 0
    wrong: int = 0
    peers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))


def run(pad: int, seed: int, registry: Path | None = None, queries: Path | None = None) -> bool:
    """Measure and print, with one stored spelling and with three; return whether no sure answer was wrong."""
    known, asked = _given_cases(registry, queries) if registry and queries else _own_cases(pad, seed)
    known += _padding(pad - len(known), seed, len(known), asked)
    clean = True
    for spellings in (1, 3):
        people = [(number, names[:spellings]) for number, names in known]
        clean &= _measure(people, asked, seed, f"{len(people)} people, {spellings} stored spelling(s)")
    return clean


def _given_cases(registry: Path, queries: Path) -> tuple[Registry, list[torture.Query]]:
    """Read a registry CSV and a TSV of `qid, category, query, expected_ids`."""
    ids: dict[str, int] = {}
    known: Registry = []
    with registry.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            ids[row["id"]] = len(known)
            names = [
                Name(lang, NameKind.MAIN, row[f"name_{lang}"]) for lang in _LANGUAGES if row[f"name_{lang}"]
            ]
            known.append((len(known), names))
    with queries.open(encoding="utf-8", newline="") as file:
        asked = [
            torture.Query(
                row["category"], row["query"], tuple(ids[i] for i in row["expected_ids"].split(";") if i)
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]
    return known, asked


def _own_cases(pad: int, seed: int) -> tuple[Registry, list[torture.Query]]:
    """Make a registry of made-up people and the torture about them."""
    made = list(enumerate(placeholders(max(pad, 1000), seed)))
    known = [(number, _names(person.names)) for number, person in made]
    asked = torture.queries(made, 20_000, seed + 1)
    return known, asked + torture.unlisted(made, placeholders(20_000, seed + 2), 5_000, seed + 3)


def _names(forms: Sequence[str]) -> list[Name]:
    return [Name(lang, NameKind.MAIN, form) for lang, form in zip(_LANGUAGES, forms, strict=True)]


def _padding(count: int, seed: int, start: int, asked: Sequence[torture.Query]) -> Registry:
    """Make people up who share no folded word with anybody asked for in vain."""
    taken = {
        cut.stem
        for query in asked
        if not query.people
        for word in words_of(query.text)
        for shape in shapes(word.text)
        for cut in cuts(shape, is_cyrillic(word.text))
    }
    padding: Registry = []
    for person in placeholders(max(count, 0) * 5 // 4, seed) if count > 0 else ():
        stems = {
            cut.stem for shape in shapes(person.surname[0].lower()) for cut in cuts(shape, cyrillic=True)
        }
        if len(padding) < count and not stems & taken:
            padding.append((start + len(padding), _names(person.names)))
    return padding


def _measure(people: Registry, asked: Sequence[torture.Query], seed: int, title: str) -> bool:
    print(f"\n## {title}, {len(asked)} queries")
    before = _resident()
    started = time.perf_counter()
    index = NameIndex(people)
    built = time.perf_counter() - started
    print(f"index built in {built:.2f} s, {_resident() - before:.0f} MiB")
    rows: dict[str, Row] = defaultdict(Row)
    times: list[float] = []
    wrong = 0
    for query in asked:
        started = time.perf_counter()
        match = index.find(query.text)
        times.append(time.perf_counter() - started)
        ranked = [found.number for found in match.candidates]
        for name in _categories(query):
            row = rows[name]
            row.asked += 1
            row.first += _is_right(query, ranked)
            row.one += match.decision is Decision.ONE
            row.wrong += match.decision is Decision.ONE and ranked[0] not in query.people
        wrong += match.decision is Decision.ONE and ranked[0] not in query.people
    peer_times = _peers(people, asked, seed, rows)
    _print_table(rows, peer_times)
    _print_times({"volya": times, **peer_times})
    return wrong == 0


def _categories(query: torture.Query) -> list[str]:
    return [*query.category.split("+"), "ALL LISTED" if query.people else "ALL UNLISTED"]


def _is_right(query: torture.Query, ranked: Sequence[int]) -> bool:
    """Return whether the person is first; of a headline, whether all its people come first."""
    if query.category == "headline":
        return set(ranked[: len(query.people)]) == set(query.people)
    return bool(ranked and query.people) and ranked[0] in query.people


def _peers(
    people: Registry, asked: Sequence[torture.Query], seed: int, rows: dict[str, Row]
) -> dict[str, list[float]]:
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    listed = [query for query in asked if query.people]
    sample = rng.sample(listed, min(_PEERS_SAMPLE, 6_000_000 // len(people), len(listed)))
    rankers: dict[str, Ranker] = {"fts5": fts5_ranker(people), "wratio": _wratio(people)}
    if importlib.util.find_spec("nomenklatura") and len(people) <= 2000:
        rankers["logic-v2"] = _logic_v2(people)
    times: dict[str, list[float]] = {}
    for name, rank in rankers.items():
        times[name] = []
        for query in sample:
            started = time.perf_counter()
            ranked = rank(query.text)
            times[name].append(time.perf_counter() - started)
            for category in _categories(query):
                tally = rows[category].peers[name]
                tally[0] += 1
                tally[1] += _is_right(query, ranked)
    return times


def fts5_ranker(people: Registry) -> Ranker:
    """Return SQLite's trigram search over the names: the peer everybody has at hand."""
    base = sqlite3.connect(":memory:")
    base.execute("create virtual table names using fts5(text, tokenize = 'trigram')")
    rows = [(number + 1, " ".join(name.text for name in names)) for number, names in people]
    base.executemany("insert into names(rowid, text) values (?, ?)", rows)

    def rank(text: str) -> list[int]:
        low = "".join(c for c in text.lower() if c.isalnum() or c == " ")
        grams = sorted({low[p : p + 3] for p in range(len(low) - 2)})
        if not grams:
            return []
        match = " OR ".join(f'"{gram}"' for gram in grams)
        found = base.execute("select rowid from names where names match ? order by rank limit 5", (match,))
        return [number - 1 for (number,) in found]

    return rank


def _wratio(people: Registry) -> Ranker:
    texts = [utils.default_process(name.text) for _, names in people for name in names]
    numbers = [number for number, names in people for _ in names]

    def rank(text: str) -> list[int]:
        found = process.extract(
            utils.default_process(text), texts, scorer=fuzz.WRatio, processor=None, limit=10
        )
        return list(dict.fromkeys(numbers[place] for _, _, place in found))

    return rank


def _logic_v2(people: Registry) -> Ranker:
    """Rank by OpenSanctions' logic-v2, one comparison after another: its matcher has no index of its own."""
    from followthemoney import model  # type: ignore[import-not-found]
    from nomenklatura.matching import LogicV2  # type: ignore[import-not-found]
    from nomenklatura.matching.types import ScoringConfig  # type: ignore[import-not-found]

    config = ScoringConfig.defaults()

    def entity(key: str, texts: list[str]) -> object:
        return model.get_proxy({"id": key, "schema": "Person", "properties": {"name": texts}})

    listed = [(number, entity(f"p{number}", [name.text for name in names])) for number, names in people]
    asked = iter(range(10**9))

    def rank(text: str) -> list[int]:
        query = entity(f"q{next(asked)}", [text])
        scored = [(LogicV2.compare(query, other, config).score, number) for number, other in listed]
        return [number for _, number in sorted(scored, reverse=True)[:5]]

    return rank


def _print_table(rows: dict[str, Row], peers: dict[str, list[float]]) -> None:
    print("|category|n|first|one|wrong one|" + "|".join(f"{name} first (n)" for name in peers) + "|")
    print("|---|" + "---|" * (4 + len(peers)))
    for category, row in sorted(rows.items()):
        cells = [
            f"{tally[1] / tally[0]:.2f} ({tally[0]})" if (tally := row.peers[p])[0] else "" for p in peers
        ]
        share = f"{row.first / row.asked:.3f}|{row.one / row.asked:.3f}|{row.wrong}"
        print(f"|{category}|{row.asked}|{share}|" + "|".join(cells) + "|")


def _print_times(times: dict[str, list[float]]) -> None:
    for name, taken in times.items():
        ordered = sorted(taken)
        middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        print(f"{name}: p50 {middle * 1e3:.2f} ms, p95 {late * 1e3:.2f} ms")


def _resident() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20
