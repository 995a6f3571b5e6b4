"""What a reader can be told: Answer, the closed set of everything we can reply.

Each answer holds facts, never words: `chat/messages.py` says it in the reader's language, and
mypy proves there that none of the set is forgotten.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.articles import Area, Topic
from bot.domain.directory import Need, Organisation, Where
from bot.domain.follower import USUAL_WIPE
from bot.domain.own_answers import Own
from bot.domain.people import Claim, Person, Publisher, Status
from bot.domain.timeline import Around, Quarter, ReleaseEvent


@dataclass(frozen=True, slots=True)
class Welcome:
    """The first screen: which language."""


@dataclass(frozen=True, slots=True)
class ChangeLanguage:
    """The same choice, asked for from the settings."""


@dataclass(frozen=True, slots=True)
class WhereAreYou:
    """Asked kindly and skippable: the place decides how careful the answers are.

    `wipe_minutes`: after how long messages go; `stays`: what is known of the reader does not go with them.
    """

    wipe_minutes: int = USUAL_WIPE
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Home:
    """The home screen: what can be asked here. `missed`: something came and went unread."""

    missed: bool = False


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person's status. `unnamed` are releases since the last confirmation with people left unnamed."""

    person: Person
    status: Status
    unnamed: tuple[ReleaseEvent, ...]
    followed: bool = False
    """By the reader who asks."""
    also: Topic | None = None
    """What was asked besides: a topic, one tap away."""


@dataclass(frozen=True, slots=True)
class PersonHistory:
    """All told claims about a person, oldest first."""

    person: Person
    claims: tuple[Claim, ...]
    page: int


@dataclass(frozen=True, slots=True)
class PersonSources:
    """The pages a status rests on; `named` after the tap that shows designated publishers' names."""

    person: Person
    status: Status
    named: bool


@dataclass(frozen=True, slots=True)
class HowToReportError:
    """How to report an error in a record. Stores nothing."""

    person: Person


@dataclass(frozen=True, slots=True)
class Citation:
    """A line an advocate can copy: what, as of when, by whom."""

    person: Person
    status: Status


@dataclass(frozen=True, slots=True)
class SeveralFound:
    """More than one person fits: a question back, never a guess."""

    people: tuple[tuple[Person, Status], ...]
    more: bool


@dataclass(frozen=True, slots=True)
class SurnameNeeded:
    """A given name alone fits too many: the surname is asked for."""


@dataclass(frozen=True, slots=True)
class NameNeeded:
    """Somebody is asked about whom no word names; "not in our list" would only frighten.

    `help` as in DidYouMean.
    """

    help: Topic | None = None


@dataclass(frozen=True, slots=True)
class NumberTyped:
    """A number alone: the place in a list whose buttons were not seen."""


@dataclass(frozen=True, slots=True)
class NobodyFound:
    """Not in our list, which does not mean not imprisoned. `name`: its digest, where it can be followed."""

    name: int | None = None


@dataclass(frozen=True, slots=True)
class Quarters:
    """Releases in numbers, by quarter, newest first."""

    quarters: tuple[Quarter, ...]
    page: int


@dataclass(frozen=True, slots=True)
class ReleaseList:
    """Release events, newest first."""

    events: tuple[ReleaseEvent, ...]
    page: int


@dataclass(frozen=True, slots=True)
class ReleaseDetail:
    """One release: numbers, disagreements, sources, and what is dated around it."""

    event: ReleaseEvent
    around: Around
    page: int


@dataclass(frozen=True, slots=True)
class ReleaseSources:
    """The pages one release rests on."""

    event: ReleaseEvent
    named: bool


@dataclass(frozen=True, slots=True)
class AreaTopics:
    """The topics of one area."""

    area: Area
    topics: tuple[Topic, ...]
    page: int


@dataclass(frozen=True, slots=True)
class TopicAnswer:
    """The first screen of a topic. `warned`: the reader asked for it after the warning, where it has one."""

    topic: Topic
    warned: bool
    counted: bool = False
    named: Person | None = None
    """Whom the question seems to name besides: asked about, not taken for granted."""
    instead: tuple[Topic, ...] = ()
    """What else the question may have meant, when that was not quite clear."""
    lacks: bool = False
    """Whether the question names somebody whom we do not have."""
    help: Topic | None = None
    """What to read first where the question may be a cry as well."""


@dataclass(frozen=True, slots=True)
class TopicExpired:
    """A topic that nobody has checked in time: no step of it is shown."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class TopicPart:
    """One part of a topic, by its place among the parts."""

    topic: Topic
    index: int
    warned: bool


@dataclass(frozen=True, slots=True)
class TopicSources:
    """The pages a topic rests on, and who has read it."""

    topic: Topic
    named: bool
    warned: bool = False


@dataclass(frozen=True, slots=True)
class TopicContacts:
    """The organisations that help with exactly this."""

    topic: Topic
    organisations: tuple[Organisation, ...]
    warned: bool = False


@dataclass(frozen=True, slots=True)
class TopicRelated:
    """What to read next."""

    topic: Topic
    topics: tuple[Topic, ...]
    warned: bool = False


@dataclass(frozen=True, slots=True)
class DidYouMean:
    """A question that may mean several topics: they are offered, none is taken for granted.

    `help`: what to read for somebody in despair, where it may be a cry after all.
    """

    topics: tuple[Topic, ...]
    help: Topic | None = None


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """A question we have nothing on: said so, with what we do have. `help` as in DidYouMean."""

    help: Topic | None = None


class Talk(enum.Enum):
    """What small talk says, where closed words tell."""

    PLAIN = enum.auto()
    THANKS = enum.auto()
    JOY = enum.auto()


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """A greeting, thanks or joy. `help` as in DidYouMean; `next`: what those who rejoice may need to read."""

    help: Topic | None = None
    talk: Talk = Talk.PLAIN
    next: Topic | None = None


@dataclass(frozen=True, slots=True)
class Distress:
    """Somebody cannot go on, or is in fear right now: calm first. `help`: the topic to read then.

    `about`: what the text may ask about, too; `named`: whom it names; `mourns`: somebody has died.
    """

    help: Topic | None
    about: Topic | None = None
    named: Person | None = None
    mourns: bool = False


@dataclass(frozen=True, slots=True)
class UnsafeSent:
    """Somebody sent what can harm people here: it was not kept, and the chat can be cleared."""


@dataclass(frozen=True, slots=True)
class ChooseNeed:
    """Who helps: with what?"""

    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class ChooseWhere:
    """Who helps: where is the one who needs it?"""

    need: Need
    places: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class ChooseHelpLanguage:
    """Who helps: in which language? ISO codes."""

    need: Need
    where: Where
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Helpers:
    """Who helps with this, there, in that language (a code, or any)."""

    need: Need
    where: Where
    language: str
    organisations: tuple[Organisation, ...]
    page: int


@dataclass(frozen=True, slots=True)
class OrganisationCard:
    """One organisation; `named` after the warning, where it has one."""

    organisation: Organisation
    named: bool


@dataclass(frozen=True, slots=True)
class OrganisationSources:
    """The pages an organisation's card rests on. `warned`: its card was opened after the warning."""

    organisation: Organisation
    named: bool
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Help:
    """What can be typed here."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is kept about a reader, what Telegram sees, and who is responsible."""


@dataclass(frozen=True, slots=True)
class About:
    """What this is, whose reports it rests on (those cited most, and how many in all), what it cannot do."""

    publishers: tuple[Publisher, ...]
    pages: int


@dataclass(frozen=True, slots=True)
class NotText:
    """Anything that is not text."""


@dataclass(frozen=True, slots=True)
class PrivateOnly:
    """Said in a group: write to me in private."""


@dataclass(frozen=True, slots=True)
class NoLongerHere:
    """An old button whose record is gone."""


@dataclass(frozen=True, slots=True)
class TryAgainLater:
    """Something broke on our side."""


Understood: TypeAlias = DidYouMean | OutOfScope | SmallTalk | Distress | UnsafeSent | NameNeeded | NumberTyped
"""What is said of a question that is neither a name nor surely a topic."""

Advice: TypeAlias = (
    AreaTopics
    | TopicAnswer
    | TopicExpired
    | TopicPart
    | TopicSources
    | TopicContacts
    | TopicRelated
    | ChooseNeed
    | ChooseWhere
    | ChooseHelpLanguage
    | Helpers
    | OrganisationCard
    | OrganisationSources
)
"""What can be told from the articles and the directory."""

Answer: TypeAlias = (
    Welcome
    | ChangeLanguage
    | WhereAreYou
    | Home
    | PersonCard
    | PersonHistory
    | PersonSources
    | HowToReportError
    | Citation
    | SeveralFound
    | SurnameNeeded
    | NobodyFound
    | Quarters
    | ReleaseList
    | ReleaseDetail
    | ReleaseSources
    | Understood
    | Advice
    | Own
    | Help
    | Privacy
    | About
    | NotText
    | PrivateOnly
    | NoLongerHere
    | TryAgainLater
)
