"""Queries of the worst kind: every way to write a name, alone and in pairs, with the person meant."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.bench import name_moves as moves
from bot.bench.placeholders import Placeholder
from bot.domain.given import entries, given_readings
from bot.domain.given_names_men import MEN
from bot.domain.given_names_women import WOMEN
from bot.domain.inflection import nominative_stem
from bot.domain.spelling import shapes


@dataclass(frozen=True, slots=True)
class Query:
    """One query: the people meant (none: unlisted), and whether it gives both surname and given name."""

    category: str
    text: str
    people: tuple[int, ...]
    full: bool = True


_SHORT: dict[str, list[str]] = {}
_UK: dict[str, str] = {}


def _tables() -> None:
    for table in (MEN, WOMEN):
        for line in entries(table):
            full, short = (part.split() for part in line.split(":"))
            for name in full[:2]:
                _SHORT.setdefault(name, [w for w in short if len(w) > 2])
                _UK.setdefault(name, full[2] if len(full) > 2 else full[0])


_BASES = (
    "be",
    "ru",
    "en",
    "from_ru",
    "lacinka",
    "lacinka_bare",
    "rule_2007",
    "old_bgn",
    "polish",
    "ukrainian",
    "soft",
    "mixed",
    "short",
    "patronymic",
    "initial",
    "be_sentence",
    "ru_sentence",
    "en_sentence",
)


def base(rng: random.Random, kind: str, person: Placeholder) -> str:
    """Write a person's name one way, without errors."""
    (g_be, g_ru, g_en), (s_be, s_ru, s_en) = person.given, person.surname
    simple = {
        "be": f"{g_be} {s_be}",
        "ru": f"{g_ru} {s_ru}",
        "en": f"{g_en} {s_en}",
        "mixed": rng.choice((f"{g_ru} {s_be}", f"{g_be} {s_ru}", f"{g_en} {s_ru}", f"{g_ru} {s_en}")),
        "soft": moves.soft_spelling(f"{g_be} {s_be}"),
    }
    if kind in simple:
        return simple[kind]
    spell = {
        "lacinka": moves.lacinka,
        "lacinka_bare": lambda w: moves.unmarked(moves.lacinka(w)),
        "rule_2007": moves.rule_2007,
        "old_bgn": moves.old_bgn,
        "polish": moves.polish,
    }
    if kind in spell:
        return f"{spell[kind](g_be)} {spell[kind](s_be)}"
    return _other_base(rng, kind, person)


def _other_base(rng: random.Random, kind: str, person: Placeholder) -> str:
    (g_be, g_ru, g_en), (s_be, s_ru, s_en) = person.given, person.surname
    if kind == "from_ru":
        return f"{moves.from_russian(rng, g_ru)} {moves.from_russian(rng, s_ru)}"
    if kind == "ukrainian":
        return f"{_UK.get(g_be, g_be)} {moves.ukrainian(s_ru)}"
    if kind == "short":
        short = rng.choice(_SHORT.get(g_be) or [g_ru])
        return f"{short} {rng.choice((s_be, s_ru))}"
    if kind == "patronymic":
        father = rng.choice(("Иванов", "Петров", "Сергеев", "Николаев", "Александров")) + (
            "ич" if person.man else "на"
        )
        return rng.choice((f"{s_ru} {g_ru} {father}", f"{g_ru} {father} {s_ru}"))
    if kind == "initial":
        return rng.choice((f"{g_ru[0]}. {s_ru}", f"{s_be} {g_be[0]}.", f"{g_en[0]}. {s_en}"))
    if kind == "en_sentence":
        return moves.english_sentence(rng, f"{g_en} {s_en}")
    return moves.sentence(rng, person, be=kind == "be_sentence")


def clear_targets(people: Sequence[tuple[int, Placeholder]]) -> list[tuple[int, Placeholder]]:
    """Return the people no other listed person shares surname sound and given name with."""
    keys = [(p.given[1], nominative_stem(shapes(p.surname[0].lower())[0].coarse)) for _, p in people]
    count = Counter(keys)
    return [person for person, key in zip(people, keys, strict=True) if count[key] == 1]


def _bearers(people: Sequence[tuple[int, Placeholder]]) -> dict[str, set[int]]:
    """Return the groups of given names that are listed with each stem of a surname."""
    bearers: dict[str, set[int]] = defaultdict(set)
    for _, p in people:
        bearers[_stem(p)] |= {r.group for r in given_readings(p.given[1].lower())}
    return bearers


def queries(people: Sequence[tuple[int, Placeholder]], count: int, seed: int) -> list[Query]:
    """Make queries about listed people: one base spelling and none, one or two moves on it."""
    _tables()
    rng = random.Random(seed)  # noqa: S311 - a reproducible test, not a secret
    targets = clear_targets(people)
    made: list[Query] = []
    letters = Counter((letter, _stem(p)) for _, p in people for letter in {form[0] for form in p.given})
    bearers = _bearers(people)
    folded = {_fold(name): number for number, p in people for name in p.names}
    while len(made) < count:
        number, person = rng.choice(targets)
        if rng.random() < 0.04:
            made.append(_headline(rng, targets))
            continue
        kind = rng.choice(_BASES)
        text = base(rng, kind, person)
        chosen = rng.sample(list(moves.MOVES), rng.choice((0, 1, 1, 2, 2)))
        if _is_unlikely(kind, set(chosen)):
            continue
        readable = text
        for name in sorted(chosen, key=_ORDER.index):
            text = moves.MOVES[name](rng, text)
            if name in _LEGIBLE:
                readable = text
        if kind == "initial" and max(letters[form[0], _stem(person)] for form in person.given) > 1:
            continue
        if _names_another(readable, number, folded) or _names_relative(
            readable, person, bearers[_stem(person)]
        ):
            continue
        made.append(Query("+".join((kind, *sorted(chosen))), text, (number,), kind != "initial"))
    return made


def _is_unlikely(kind: str, chosen: set[str]) -> bool:
    """Leave out what nobody types: marks on a keyboard without them, a whole sentence glued together."""
    if "layout" in chosen and (kind in _NO_LAYOUT or chosen & {"look_alikes", "tagged"}):
        return True
    if "tagged" in chosen and (kind.endswith("sentence") or chosen & {"company", "heard"}):
        return True
    return kind == "initial" and "slip" in chosen


_NO_LAYOUT = frozenset(("mixed", "lacinka", "polish", "rule_2007", "ukrainian"))
_LEGIBLE = frozenset(("reversed", "heard", "slip", "plain_letters", "apostrophe", "lower", "upper"))
_ORDER = [
    "company",
    "reversed",
    "heard",
    "slip",
    "plain_letters",
    "apostrophe",
    "tagged",
    "lower",
    "upper",
    "look_alikes",
    "hidden",
    "layout",
]


def _fold(text: str) -> frozenset[str]:
    return frozenset(
        nominative_stem(shape.coarse) for word in text.lower().split() for shape in shapes(word)[:1]
    )


def _names_another(text: str, number: int, folded: dict[frozenset[str], int]) -> bool:
    """Return whether an error happened to give exactly the name of another listed person."""
    return folded.get(_fold(text), number) != number


def _names_relative(text: str, person: Placeholder, groups: set[int]) -> bool:
    """Return whether an error turned the given name into that of a listed bearer of the same surname."""
    own = {r.group for form in person.given for r in given_readings(form.lower())}
    read = {r.group for word in text.lower().split() for r in given_readings(word.strip("?.,"))}
    return bool(read & (groups - own)) and not read & own


def _headline(rng: random.Random, targets: Sequence[tuple[int, Placeholder]]) -> Query:
    chosen = rng.sample(list(targets), rng.choice((2, 3, 4)))
    kind = rng.choice(("be", "ru", "en", "from_ru", "lacinka"))
    names = [base(rng, kind, person) for _, person in chosen]
    frame, joint = rng.choice(
        (
            ("На свободе: {}", ", "),
            ("{} вышли на свободу", " и "),
            ("{} freed", ", "),
            ("Вызвалілі: {}", ", "),
            ("{}", "; "),
        )
    )
    return Query("headline", frame.format(joint.join(names)), tuple(number for number, _ in chosen))


def unlisted(
    people: Sequence[tuple[int, Placeholder]], strangers: Sequence[Placeholder], count: int, seed: int
) -> list[Query]:
    """Make queries about people who are not listed: strangers, relatives of the listed, near surnames."""
    _tables()
    rng = random.Random(seed)  # noqa: S311 - a reproducible test, not a secret
    listed = {(p.given[1], _stem(p)) for _, p in people}
    bearers = _bearers(people)
    by_length: dict[str, list[Placeholder]] = {}
    for stranger in strangers:
        by_length.setdefault(_stem(stranger)[:3], []).append(stranger)
    made: list[Query] = []
    while len(made) < count:
        _, known = rng.choice(people)
        stranger = rng.choice(strangers)
        way = rng.choice(("stranger", "relative", "near", "near"))
        if way == "relative":
            stranger = Placeholder(stranger.man, stranger.given, _of_sex(known, man=stranger.man))
        elif way == "near":
            alike = [
                s
                for s in by_length.get(_stem(known)[:3], ())
                if s.man == known.man and _stem(s) != _stem(known)
            ]
            if not alike:
                continue
            stranger = Placeholder(known.man, known.given, rng.choice(alike).surname)
        if (stranger.given[1], _stem(stranger)) in listed:
            continue
        kind = rng.choice(
            ("be", "ru", "en", "from_ru", "lacinka", "be_sentence", "ru_sentence", "en_sentence", "short")
        )
        text = base(rng, kind, stranger)
        if (
            kind == "short"
            and {r.group for r in given_readings(text.split()[0].lower())} & bearers[_stem(stranger)]
        ):
            continue
        made.append(Query(f"unlisted {way}", text, ()))
    return made


def _stem(person: Placeholder) -> str:
    return nominative_stem(shapes(person.surname[0].lower())[0].coarse)


def _of_sex(person: Placeholder, *, man: bool) -> tuple[str, str, str]:
    """Return the surname as a relative of the other sex bears it, where the forms differ."""
    if person.man == man:
        return person.surname
    be, ru, en = person.surname
    if person.man:
        if ru.endswith("ий"):
            return be[:-1] + "ая", ru[:-2] + "ая", en[:-1] + "aya"
        if be.endswith(("аў", "еў", "ёў", "оў")):
            return be[:-1] + "ва", ru + "а", en[:-1] + "va"
        return (be + "а", ru + "а", en + "a") if ru.endswith("ин") else person.surname
    if ru.endswith("ая"):
        return be[:-2] + "і", ru[:-2] + "ий", en[:-3] + "i"
    if ru.endswith(("ова", "ева")):
        return be[:-2] + "ў", ru[:-1], en[:-2] + "u"
    return person.surname
