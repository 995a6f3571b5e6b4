"""The editors' commands claim, publications and proposal; none of them opens the vault."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from typer.core import TyperCommand

from bot.acting import As, Code, KeyFile, Show, show, signer
from bot.commandline import filled, readable, refuse, say, with_registry
from bot.domain.people import ClaimKind, Consent, Manner, Outcome, Passport
from bot.domain.publishing import PublicationState
from bot.listing import Kind, claims_about, listed_claims, listed_keys
from bot.showing import (
    Shown,
    said,
    shown_act,
    shown_article,
    shown_claim,
    shown_event,
    shown_pair,
    shown_publication,
    shown_waiting,
)

if TYPE_CHECKING:
    from bot.services.announcing import Announcing, Taken
    from bot.services.drafting import Draft
    from bot.services.merging import Merging
    from bot.services.reviewing import Reviewing
    from bot.services.verifying import Doubt
    from bot.services.waiting import Waiting
    from bot.store.database import Database
    from bot.store.merging import Proposal

claim = typer.Typer(
    no_args_is_help=True, help="Claims: reported, confirmed, published, corrected, taken back."
)
proposal = typer.Typer(no_args_is_help=True, help="Records that may be of one person.")

SOURCE_PARTS = 4
_SEPARATOR = "\x1f"  # a control character stands in no address and in no name


class Of(enum.StrEnum):
    """What a key is of."""

    CLAIM = "claim"
    EVENT = "event"
    SANCTION = "sanction"
    DIPLOMACY = "diplomacy"
    ARTICLE = "article"


class _WithSources(TyperCommand):
    """A command whose `--source` takes four words and may be repeated, which typer cannot say."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Join the words of each source into one before they are read."""
        joined, rest = [], list(args)
        while rest:
            word = rest.pop(0)
            joined.append(word)
            if word == "--source":
                parts = list(itertools.takewhile(lambda part: not part.startswith("--"), rest[:SOURCE_PARTS]))
                joined.append(_SEPARATOR.join(parts))
                rest = rest[len(parts) :]
        return super().parse_args(ctx, joined)


_QUIET = "followers: whoever follows the person, or begins to."
Key: TypeAlias = Annotated[str, typer.Argument(help="The key, as `claim list` prints it.", callback=filled)]
WhatKey: TypeAlias = Annotated[Of, typer.Option("--of", help="What the key is of.")]
_DATE, _COUNTRY = "YYYY-MM-DD, YYYY-MM or YYYY.", "Two letters, for the outcome abroad"
_PLACE, _EVENT = "Key of a place: `claim list --of place`", "Key of a release: `claim list --of event`"
OutcomeOf: TypeAlias = Annotated[Outcome | None, typer.Option(help="Where a release led.")]
PassportOf: TypeAlias = Annotated[Passport | None, typer.Option(help="Whether the passport was given back.")]
MannerOf: TypeAlias = Annotated[Manner | None, typer.Option(help="The legal form, where a source states it.")]
Sources: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="URL PUBLISHER ORIGIN DATE",
        help="A page; may be repeated.",
        callback=readable,
    ),
]
ConsentOf: TypeAlias = Annotated[Consent | None, typer.Option(help=f"Who may be told. {_QUIET}")]
FamilyWord: TypeAlias = Annotated[
    bool, typer.Option("--family-word", help="The family said so to you. Who said it is kept nowhere.")
]
Number: TypeAlias = Annotated[
    int, typer.Argument(min=1, max=2**31 - 1, help="The first column of `publications`.")
]


@claim.command("list")
def list_claims(
    person: Annotated[
        str | None, typer.Option(help="Key of a person: list all claims about them.", callback=filled)
    ] = None,
    of: Annotated[Kind, typer.Option("--of", help="List the keys of these instead.")] = Kind.CLAIM,
) -> None:
    """List claims that wait for an editor, and those that editors reported; or any others."""
    if person is not None and of is not Kind.CLAIM:
        refuse("Only claims are about a person: --person or --of.")
    if person is not None:
        lines = with_registry(lambda database: claims_about(database, person))
        _say_if_none(lines, "Nothing is claimed about this person.")
    elif of is Kind.CLAIM:
        lines = with_registry(listed_claims)
        _say_if_none(lines, "No claim waits for an editor, and none was reported by one.")
    else:
        lines = with_registry(lambda database: listed_keys(database, of))
        _say_if_none(lines, f"There is nothing of this kind yet: {of}.")
    say(lines)


@claim.command("waiting")
def list_waiting() -> None:
    """List what one editor has approved and another has to, and what the circuit breaker holds."""
    from bot.services.finding import who_are
    from bot.services.waiting import waiting
    from bot.sources.article_files import read_library
    from bot.store import publications as stored

    async def found(
        database: Database,
    ) -> tuple[list[Waiting], dict[str, str], list[stored.StoredPublication]]:
        async with database.reading() as connection:
            words = await waiting(connection, read_library())
            names = await who_are(connection, {key for word in words for key in word.persons})
            return words, names, await stored.every(connection)

    words, names, every = with_registry(found)
    held = [one for one in every if one.state is PublicationState.HELD]
    _say_if_none([*words, *held], "Nothing waits for another editor.")
    say(
        "  ".join([word.subject, *(names.get(key, key) for key in word.persons), said(word)])
        for word in words
    )
    say(f"{one.subject}  publication {one.id} is held  {one.band}" for one in held)


@claim.command("show")
def show_claim(key: Key) -> None:
    """Show all of one claim: what it says, on which pages, and who approved it as it stands."""
    say(with_registry(lambda database: shown_claim(database, key)).lines)


@claim.command("report", cls=_WithSources)
def report_claim(
    handle: As,
    key_file: KeyFile,
    person: Annotated[str, typer.Option(help="Key of the person.", callback=filled)],
    kind: Annotated[ClaimKind, typer.Option(help="What happened.")],
    date: Annotated[str, typer.Option(help=_DATE, callback=filled)],
    code: Code = None,
    key: Annotated[
        str | None,
        typer.Option("--claim", help="The claim's key; PERSON/KIND/DATE if left out.", callback=filled),
    ] = None,
    outcome: OutcomeOf = None,
    country: Annotated[str | None, typer.Option(help=f"{_COUNTRY}.", callback=filled)] = None,
    passport: PassportOf = None,
    manner: MannerOf = None,
    place: Annotated[str | None, typer.Option(help=f"{_PLACE}.", callback=filled)] = None,
    event: Annotated[str | None, typer.Option(help=f"{_EVENT}.", callback=filled)] = None,
    source: Sources = None,
    consent: ConsentOf = None,
    family_word: FamilyWord = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of another editor's report.")
    ] = False,
) -> None:
    """Report a claim, or replace a report that is not published yet."""
    from bot.services.finding import who_are

    said = {"person": person, "kind": kind, "date": date, "outcome": outcome, "country": country}
    said |= {"passport": passport, "manner": manner, "place": place, "event": event}
    draft = _draft(said, source, consent, family_word=family_word)
    who = signer(handle, key_file, code)

    async def reported(database: Database) -> tuple[str, dict[str, str]]:
        made = await _reviewing(database).report(who, draft, key or "", replaces=replace)
        async with database.reading() as connection:
            return made, await who_are(connection, [person])

    made, names = with_registry(reported)
    print(made)
    say([f"About {names.get(person, person)}."], aside=True)


@claim.command("confirm")
def confirm(key: Key, handle: As, key_file: KeyFile, code: Code = None, of: WhatKey = Of.CLAIM) -> None:
    """Show a reported claim and confirm it; with `--of event` a release and all that was reported of it."""
    who = signer(handle, key_file, code, _all_of(of, key))
    if of is Of.CLAIM:
        with_registry(lambda database: _reviewing(database).confirm(who, key))
    elif of is Of.EVENT:
        _print_taken(with_registry(lambda database: _announcing(database).confirm_event(who, key)))
    else:
        with_registry(
            lambda database: _announcing(database, articles=of is Of.ARTICLE).confirm_news(who, of, key)
        )
    print("Confirmed.")


@claim.command("publish")
def publish(key: Key, handle: As, key_file: KeyFile, code: Code = None, of: WhatKey = Of.CLAIM) -> None:
    """Show and publish what another editor confirmed; with `--of event` a release as one publication."""
    who = signer(handle, key_file, code, _all_of(of, key))
    if of is Of.CLAIM:
        with_registry(lambda database: _reviewing(database).publish(who, key))
    elif of is Of.EVENT:
        _print_taken(with_registry(lambda database: _announcing(database).publish_event(who, key)))
    else:
        with_registry(
            lambda database: _announcing(database, articles=of is Of.ARTICLE).publish_news(who, of, key)
        )
    print("Published.")


@claim.command("correct", cls=_WithSources)
def correct(
    key: Key,
    handle: As,
    key_file: KeyFile,
    code: Code = None,
    date: Annotated[str | None, typer.Option(help=_DATE, callback=filled)] = None,
    outcome: OutcomeOf = None,
    country: Annotated[
        str | None, typer.Option(help=f"{_COUNTRY}; empty for none.", callback=readable)
    ] = None,
    passport: PassportOf = None,
    manner: MannerOf = None,
    place: Annotated[str | None, typer.Option(help=f"{_PLACE}; empty for none.", callback=readable)] = None,
    event: Annotated[str | None, typer.Option(help=f"{_EVENT}; empty for none.", callback=readable)] = None,
    source: Sources = None,
    consent: ConsentOf = None,
    family_word: FamilyWord = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of another editor's correction that waits.")
    ] = False,
) -> None:
    """Propose what changes in a published claim; the second editor repeats the command with the key alone."""
    said = {"date": date, "outcome": outcome, "passport": passport, "manner": manner}
    said |= {"country": country, "place": place, "event": event}
    changes = {name: value for name, value in said.items() if value is not None}
    draft = _draft(changes, source, consent, family_word=family_word)
    waiting = None if draft else lambda database: shown_claim(database, key, draft=True)
    who = signer(handle, key_file, code, waiting)
    made = with_registry(lambda database: _reviewing(database).correct(who, key, draft, replaces=replace))
    print("Corrected." if made else "The correction waits for a second editor.")


@claim.command("retract")
def retract(key: Key, handle: As, key_file: KeyFile, code: Code = None) -> None:
    """Show a claim and take it back; what is published needs two editors, each with this command."""
    who = signer(handle, key_file, code, _all_of(Of.CLAIM, key))
    made = with_registry(lambda database: _reviewing(database).retract(who, key))
    print("Taken back." if made else "The retraction waits for a second editor.")


@claim.command("suppress")
def suppress_claim(
    key: Key,
    handle: As,
    key_file: KeyFile,
    code: Code = None,
    consent: Annotated[Consent, typer.Option(help=f"Who may still be told. {_QUIET}")] = Consent.SUPPRESSED,
) -> None:
    """Show a claim and make it quieter at once, because the family asks: one editor is enough."""
    show(lambda database: shown_claim(database, key))  # silence holds whatever the claim says by then
    who = signer(handle, key_file, code)
    quieted = with_registry(lambda database: _reviewing(database).suppress(who, key, consent))
    say(f"No longer waits for a second editor: {said(word)}." for word in quieted.dropped)
    if quieted.is_owed:
        print("What was on its way about it waits for two editors to approve it anew.")
    print("Done. Other claims about the same release are not touched: look at `claim list --person KEY`.")


@claim.command("release")
def release(number: Number, handle: As, key_file: KeyFile, code: Code = None) -> None:
    """Release what the circuit breaker holds: a third confirmation, by neither of the first two editors."""
    who = signer(handle, key_file, code, lambda database: shown_publication(database, number))
    with_registry(lambda database: _announcing(database).confirm_held(who, number))
    print("Confirmed.")


@claim.command("reject")
def reject(number: Number, handle: As, key_file: KeyFile, code: Code = None) -> None:
    """Show an unsent publication and stop it; one editor is enough. The claim stays: `claim retract` it."""
    show(lambda database: shown_waiting(database, number))  # stopped whatever it tells by then
    who = signer(handle, key_file, code)
    with_registry(lambda database: _announcing(database).reject(who, number))
    print("It will not go, unless two editors approve it anew.")


def publications() -> None:
    """List publications: state, number, how many chats a held one would reach, why one does not go."""
    from bot.services.verifying import doubts
    from bot.store import publications as stored

    async def found(database: Database) -> tuple[list[stored.StoredPublication], dict[int, Doubt]]:
        async with database.reading() as connection:
            every = await stored.every(connection)
        return every, await doubts(database, [one.id for one in every if one.waits])

    every, why = with_registry(found)
    _say_if_none(every, "Nothing was published yet.")
    for one in every:
        doubt = f"  does not go: {why[one.id]}" if one.id in why else ""
        number = f"  number {one.number}" if one.number else ""
        reach = f"  {one.band}" if one.band else ""
        # Whether everybody was told already, no table says.
        state = "let go" if one.state is PublicationState.GOING else one.state
        say([f"{one.id}  {one.kind}  {one.subject}@{one.revision}  {state}{reach}{number}{doubt}"])


@proposal.command("list")
def list_proposals() -> None:
    """List pairs of records that may be of one person."""
    from bot.services.finding import who_are

    async def found(database: Database) -> tuple[list[Proposal], dict[str, str]]:
        proposals = await _merging(database).proposals()
        keys = {key for one in proposals for key in (one.person, one.into)}
        async with database.reading() as connection:
            return proposals, await who_are(connection, keys)

    proposals, names = with_registry(found)
    _say_if_none(proposals, "No two records may be of one person.")
    for one in proposals:
        say([f"{one.person}  may be  {one.into}"])
        say([f"  {names.get(one.person, '')}  –  {names.get(one.into, '')}"])


PersonKey: TypeAlias = Annotated[str, typer.Argument(help="Key of whose record would end.", callback=filled)]
IntoKey: TypeAlias = Annotated[str, typer.Argument(help="Key of whose record would stay.", callback=filled)]


@proposal.command("merge")
def merge(person: PersonKey, into: IntoKey, handle: As, key_file: KeyFile, code: Code = None) -> None:
    """Show two records and make them one; whoever follows the first then follows the second.

    A pair that is not in `proposal list` takes two editors, each with this command.
    """
    who = signer(handle, key_file, code, lambda database: shown_pair(database, person, into))
    made = with_registry(lambda database: _merging(database).merge(who, person, into))
    print("One record." if made else "It waits for a second editor: no import proposed this pair.")


@proposal.command("decline")
def decline(person: PersonKey, into: IntoKey, handle: As, key_file: KeyFile, code: Code = None) -> None:
    """Show two records and say that they are of two people."""
    who = signer(handle, key_file, code, lambda database: shown_pair(database, person, into))
    with_registry(lambda database: _merging(database).decline(who, person, into))
    print("Two people.")


def _say_if_none(found: Sequence[object], sentence: str) -> None:
    if not found:
        say([sentence], aside=True)


def _draft(
    said: dict[str, Any], sources: list[str] | None, consent: Consent | None, *, family_word: bool
) -> Draft:
    from bot.app import today
    from bot.services.drafting import PAGE, Draft

    pages = []
    for text in sources or ():
        parts = text.split(_SEPARATOR)
        if len(parts) != SOURCE_PARTS:
            refuse("A source is four words: URL PUBLISHER ORIGIN DATE.")
        pages.append({**dict(zip(PAGE, parts, strict=True)), "read_on": today().isoformat()})
    return Draft({name: str(value or "") for name, value in said.items()}, pages, consent, family_word)


def _print_taken(taken: Taken) -> None:
    say(taken.claims)
    say(f"left out: {key}: {reason}" for key, reason in taken.left_out)


def _all_of(of: Of, key: str) -> Show:
    """Return how to show what a key is of."""
    if of is Of.CLAIM:
        return lambda database: shown_claim(database, key)
    if of is Of.EVENT:
        return lambda database: shown_event(database, key)
    return _article(key) if of is Of.ARTICLE else lambda database: shown_act(database, of, key)


def _article(key: str) -> Show:
    async def show(_database: Database) -> Shown:
        from bot.sources.article_files import read_library

        return shown_article(read_library(), key)

    return show


def _reviewing(database: Database) -> Reviewing:
    from bot.app import now
    from bot.services.reviewing import Reviewing

    return Reviewing(database, now)


def _announcing(database: Database, *, articles: bool = False) -> Announcing:
    from bot.app import now
    from bot.services.announcing import Announcing
    from bot.sources.article_files import read_library

    return Announcing(database, now, read_library() if articles else None)


def _merging(database: Database) -> Merging:
    from bot.app import now
    from bot.services.merging import Merging

    return Merging(database, now)
