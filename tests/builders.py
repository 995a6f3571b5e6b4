"""Builders with defaults: people, claims, sources and import rows that say only what a test is about."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.domain.articles import Area, Article, Block, Part, Review, Run, Section, Topic
from bot.domain.directory import (
    Audience,
    Body,
    Contact,
    ContactKind,
    Cost,
    Need,
    Offer,
    Organisation,
    State,
    Where,
)
from bot.domain.people import (
    Claim,
    ClaimKind,
    ClaimState,
    Consent,
    Designation,
    Language,
    Manner,
    Name,
    NameKind,
    Outcome,
    Passport,
    Person,
    Publisher,
    PublisherKind,
    Source,
    When,
)
from bot.domain.timeline import (
    ActKind,
    DiplomacyEvent,
    ListedCount,
    Qualifier,
    ReleaseEvent,
    ReleaseKind,
    Sanction,
    SanctionAction,
    Text,
)
from bot.services.importing import Row

READ_ON = date(2026, 11, 20)
NOTHING = Text("", "", "")
_numbers = itertools.count(1)


def a_publisher(
    name: str = "Plain Daily",
    kind: PublisherKind = PublisherKind.MEDIA,
    designation: Designation = Designation.NOT_LISTED,
) -> Publisher:
    return Publisher(name, kind, designation)


PLAIN = a_publisher()
LISTED = a_publisher("Rights Listed", PublisherKind.RIGHTS, Designation.LISTED)
UNVERIFIED = a_publisher("Rights Unverified", PublisherKind.RIGHTS, Designation.NOT_VERIFIED)


def a_source(
    publisher: Publisher = PLAIN,
    url: str = "https://plain.example/page",
    published: str = "2024-01-01",
    origin: str = "",
) -> Source:
    return Source(
        publisher, url, When.parse(published) if published else None, origin or publisher.name, READ_ON
    )


def a_claim(
    kind: ClaimKind,
    when: str,
    outcome: Outcome = Outcome.NOT_STATED,
    *,
    key: str = "",
    country: str | None = None,
    passport: Passport | None = None,
    manner: Manner | None = None,
    event: str | None = None,
    consent: Consent = Consent.PUBLIC,
    state: ClaimState = ClaimState.PUBLISHED,
    sources: tuple[Source, ...] = (a_source(),),
) -> Claim:
    return Claim(
        key=key or f"claim/{next(_numbers)}",
        kind=kind,
        when=When.parse(when),
        sources=sources,
        outcome=outcome,
        country=country,
        passport=passport,
        manner=manner,
        event_key=event,
        consent=consent,
        state=state,
    )


def a_person(
    *claims: Claim,
    number: int = 1001,
    be: str = "Прыклад Узорны",
    ru: str = "Пример Образцовый",
    en: str = "Pryklad Uzorny",
    birth_year: int | None = None,
) -> Person:
    names = tuple(
        Name(language, NameKind.MAIN, text) for language, text in (("be", be), ("ru", ru), ("en", en)) if text
    )
    return Person(number, f"person-{number}", names, claims, birth_year)


def a_text(words: str) -> Text:
    return Text(f"{words} (па-беларуску)", f"{words} (по-русски)", words)


def a_release(
    when: str,
    number: int = 10,
    *,
    key: str = "",
    kind: ReleaseKind = ReleaseKind.GROUP,
    qualifier: Qualifier = Qualifier.EXACT,
    named: int | None = None,
    unnamed: int | None = None,
    disagreement: Text = NOTHING,
    sources: tuple[Source, ...] = (a_source(),),
) -> ReleaseEvent:
    return ReleaseEvent(
        key=key or f"R{when}",
        when=When.parse(when),
        kind=kind,
        number=number,
        qualifier=qualifier,
        named=named,
        unnamed=unnamed,
        taken_to=("PL", "LT"),
        title=a_text("A group was freed"),
        disagreement=disagreement,
        sources=sources,
    )


def a_visit(when: str) -> DiplomacyEvent:
    return DiplomacyEvent(
        key=f"D{when}",
        when=When.parse(when),
        kind=ActKind.VISIT,
        who=a_text("An envoy"),
        where=a_text("Minsk"),
        asked=a_text("a release"),
        given=a_text("a promise"),
        event_key=None,
        sources=(a_source(),),
    )


def a_sanction(
    when: str, action: SanctionAction = SanctionAction.EASED, *, side: str = "US", event: str | None = None
) -> Sanction:
    return Sanction(
        key=f"S{when}{action}",
        when=When.parse(when),
        side=side,
        action=action,
        text=a_text("An airline"),
        event_key=event,
        sources=(a_source(),),
    )


def a_count(when: str, number: int = 1200, qualifier: Qualifier = Qualifier.EXACT) -> ListedCount:
    return ListedCount(f"N{when}", When.parse(when), qualifier, number, "Somebody", (a_source(),))


def rows(file: str, *cells: Mapping[str, str]) -> list[Row]:
    """Return lines of an import file, numbered as an editor shows them."""
    return [Row(f"{file}.csv", line, dict(row)) for line, row in enumerate(cells, start=2)]


def person_row(key: str, **other: str) -> dict[str, str]:
    return {"key": key, "birth_year": ""} | other


def name_row(person: str, text: str, language: str = "be", kind: str = "main") -> dict[str, str]:
    return {"person": person, "language": language, "kind": kind, "text": text}


def claim_row(person: str, kind: str, when: str, **other: str) -> dict[str, str]:
    """Return a claim's line; keys are `person/kind/when` unless told."""
    empty = dict.fromkeys(("outcome", "country", "passport", "manner", "place", "event"), "")
    return {"key": f"{person}/{kind}/{when}", "person": person, "kind": kind, "date": when} | empty | other


def publisher_row(
    name: str = "Plain Daily", kind: str = "media", designation: str = "not_listed"
) -> dict[str, str]:
    return {"name": name, "kind": kind, "designation": designation}


def proof(subject: str, publisher: str = "Plain Daily", **other: str) -> dict[str, str]:
    """Return an evidence line for `claim/…`, `name/…`, `event/…` and so on."""
    return {
        "subject": subject,
        "publisher": publisher,
        "url": "https://plain.example/page",
        "published_on": "2024-01-01",
        "origin": publisher,
        "read_on": "2026-11-20",
        "quote": "the words that say so",
    } | other


def release_row(key: str, when: str, **other: str) -> dict[str, str]:
    texts = {f"title_{language}": "A group was freed" for language in ("be", "ru", "en")}
    silent = {f"disagreement_{language}": "" for language in ("be", "ru", "en")}
    counts = {"kind": "group", "number": "10", "qualifier": "", "named": "", "unnamed": "", "taken_to": ""}
    return {"key": key, "date": when} | counts | texts | silent | other


def an_import(
    people: Sequence[str] = (),
    names: Sequence[dict[str, str]] = (),
    claims: Sequence[dict[str, str]] = (),
    events: Sequence[dict[str, str]] = (),
    *,
    evidence: Sequence[dict[str, str]] | None = None,
) -> dict[str, list[Row]]:
    """Return the files of an import in which everything is proved by one page, unless told."""
    if evidence is None:
        evidence = [
            *(proof(f"name/{n['person']}/{n['language']}/{n['text']}") for n in names),
            *(proof(f"claim/{c['key']}") for c in claims),
            *(proof(f"event/{e['key']}") for e in events),
        ]
    return {
        "publishers": rows("publishers", publisher_row(), publisher_row("Second Daily")),
        "persons": rows("persons", *map(person_row, people)),
        "names": rows("names", *names),
        "claims": rows("claims", *claims),
        "release_events": rows("release_events", *events),
        "evidence": rows("evidence", *evidence),
    }


def a_block(text: str = "One step.", marker: str = "", *marks: int) -> Block:
    return Block((Run(text, marks=marks),), marker)


def an_article(
    language: Language = Language.EN,
    key: str = "first-steps",
    *,
    area: Area = Area.LEGAL,
    title: str = "The first steps",
    review_by: date = date(2027, 5, 24),
    warning: bool = False,
    contacts: tuple[str, ...] = (),
    related: tuple[str, ...] = (),
    sources: tuple[Source, ...] = (a_source(),),
    parts: Sequence[Part] = (Part.STEPS, Part.BELARUS, Part.ABROAD, Part.SAFE),
) -> Article:
    return Article(
        key=key,
        area=area,
        language=language,
        title=title,
        checked_on=date(2026, 11, 24),
        review_by=review_by,
        legal_review=Review.NONE,
        general=True,
        warning=warning,
        places=(Part.BELARUS, Part.ABROAD),
        contacts=contacts,
        related=related,
        sources=sources,
        answer=(a_block("The answer itself.", "", 1),),
        sections=tuple(
            Section(part, f"About {part}", (a_block(f"What {part} needs.", "1.", 1),)) for part in parts
        ),
    )


def a_topic(**other: Any) -> Topic:
    return {language: an_article(language, **other) for language in Language}


def an_offer(need: Need = Need.LEGAL, where: Where = Where.POLAND, *languages: str) -> Offer:
    return Offer(need, where, (Audience.FAMILIES,), languages, Cost.FREE, None, (a_source(),))


def an_organisation(
    key: str = "helpers",
    *offers: Offer,
    designation: Designation = Designation.NOT_LISTED,
    state: State = State.ACTIVE,
    contacts: tuple[Contact, ...] = (Contact(ContactKind.SITE, "https://helpers.example"),),
) -> Organisation:
    return Organisation(
        key=key,
        names=dict.fromkeys(Language, f"The {key.title()}"),
        body=Body.RIGHTS,
        designation=designation,
        listed_on=When.parse("2023-08") if designation is Designation.LISTED else None,
        list_checked_on=READ_ON if designation is Designation.LISTED else None,
        state=state,
        checked_on=READ_ON,
        offers=offers or (an_offer(),),
        contacts=contacts,
        sources=(a_source(),),
    )
