"""The directory: who helps with what, where and for whom, and whether the name is dangerous."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.domain.people import Designation, Language, Source, When

ANY_LANGUAGE = "any"


class Body(enum.StrEnum):
    """What to call an organisation where its name stays behind a warning."""

    RIGHTS = "rights"
    FUND = "fund"
    MEDIA = "media"
    STATE = "state"
    INTERNATIONAL = "international"
    CHURCH = "church"
    CLINIC = "clinic"
    SHELTER = "shelter"
    LEGAL = "legal"
    OFFICE = "office"


class Need(enum.StrEnum):
    """What somebody needs, in the order of the tiles."""

    LEGAL = "legal"
    MONEY = "money"
    HEALTH = "health"
    PSYCHOLOGIST = "psychologist"
    HOUSING = "housing"
    DOCUMENTS = "documents"
    CHILDREN = "children"
    WORK_STUDY = "work_study"
    PARCELS_LETTERS = "parcels_letters"
    RECOGNITION = "recognition"
    EVIDENCE = "evidence"
    COMPLAINT = "complaint"
    PRESS = "press"
    EVACUATION = "evacuation"


class Where(enum.StrEnum):
    """Where the one who needs help is; ANYWHERE: online, by telephone or by post."""

    BELARUS = "belarus"
    POLAND = "poland"
    LITHUANIA = "lithuania"
    UKRAINE = "ukraine"
    GEORGIA = "georgia"
    GERMANY = "germany"
    ANYWHERE = "anywhere"


class Audience(enum.StrEnum):
    """Whom an offer is for."""

    EVERYONE = "everyone"
    FAMILIES = "families"
    RELEASED = "released"
    PRISONERS = "prisoners"
    EXILES = "exiles"
    JOURNALISTS = "journalists"
    SURVIVORS = "survivors"
    CHILDREN = "children"
    DEFENDERS = "defenders"
    STUDENTS = "students"


class Cost(enum.StrEnum):
    """What an offer costs, as far as it is published."""

    FREE = "free"
    PAID = "paid"
    UNKNOWN = "unknown"


class State(enum.StrEnum):
    """Whether an organisation still works."""

    ACTIVE = "active"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class ContactKind(enum.StrEnum):
    """How to reach an organisation."""

    SITE = "site"
    FORM = "form"
    EMAIL = "email"
    PHONE = "phone"
    TELEGRAM = "telegram"


@dataclass(frozen=True, slots=True)
class Contact:
    """One published address."""

    kind: ContactKind
    value: str


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of help. `languages` are ISO codes; none of them means: not published."""

    need: Need
    where: Where
    audience: tuple[Audience, ...]
    languages: tuple[str, ...]
    cost: Cost
    waiting_days: int | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who helps. `listed_on`: the day of the designation; `list_checked_on`: of the report that says so."""

    key: str
    names: dict[Language, str]
    body: Body
    designation: Designation
    listed_on: When | None
    list_checked_on: date | None
    state: State
    checked_on: date
    offers: tuple[Offer, ...]
    contacts: tuple[Contact, ...]
    sources: tuple[Source, ...]

    def pages(self) -> tuple[Source, ...]:
        """Return every page the card rests on, each once: who it is, how to reach it, what it offers."""
        found = [*self.sources, *(page for offer in self.offers for page in offer.sources)]
        return tuple(dict.fromkeys(found))

    def offers_for(self, need: Need, where: Where, language: str = ANY_LANGUAGE) -> list[Offer]:
        """Return the offers that fit; help from anywhere fits every place but Belarus.

        An offer whose languages are not published fits any language: hiding it would hide help.
        """
        places = {where} if where is Where.BELARUS else {where, Where.ANYWHERE}
        return [
            offer
            for offer in self.offers
            if offer.need is need
            and offer.where in places
            and (language == ANY_LANGUAGE or not offer.languages or language in offer.languages)
        ]


class Directory:
    """Every organisation, in the order of its file."""

    def __init__(self, organisations: Iterable[Organisation] = ()) -> None:
        self._organisations = {organisation.key: organisation for organisation in organisations}

    def organisation(self, key: str) -> Organisation | None:
        """Return one organisation, or None."""
        return self._organisations.get(key)

    def all(self) -> list[Organisation]:
        """Return every organisation."""
        return list(self._organisations.values())

    def needs(self) -> list[Need]:
        """Return what anybody here helps with."""
        offered = {offer.need for organisation in self._open() for offer in organisation.offers}
        return [need for need in Need if need in offered]

    def places(self, need: Need) -> list[Where]:
        """Return where there is help with a need."""
        offered = {offer.where for body in self._open() for offer in body.offers if offer.need is need}
        return [where for where in Where if where in offered]

    def languages(self, need: Need, where: Where) -> list[str]:
        """Return the languages in which there is such help, as published."""
        spoken = {
            language
            for organisation in self._open()
            for offer in organisation.offers_for(need, where)
            for language in offer.languages
        }
        return sorted(spoken, key=lambda code: (code not in set(Language), code))

    def who_helps(self, need: Need, where: Where, language: str = ANY_LANGUAGE) -> list[Organisation]:
        """Return the organisations that fit, those that name the place before those that help anywhere."""
        found = [body for body in self._open() if body.offers_for(need, where, language)]
        return sorted(found, key=lambda body: body.offers_for(need, where, language)[0].where is not where)

    def _open(self) -> list[Organisation]:
        return [body for body in self._organisations.values() if body.state is not State.CLOSED]
