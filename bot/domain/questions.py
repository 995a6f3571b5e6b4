"""What a reader can be told: Answer, the closed set of everything we can reply.

Each answer holds facts, never words: `chat/messages.py` says it in the reader's language, and
mypy proves there that none of the set is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.articles import Area, Topic
from bot.domain.directory import Need, Organisation, Where
from bot.domain.follower import Record
from bot.domain.people import Claim, Person, Publisher, Status
from bot.domain.subjects import Wish
from bot.domain.timeline import Around, Quarter, ReleaseEvent


@dataclass(frozen=True, slots=True)
class Welcome:
    """The first screen: which language."""


@dataclass(frozen=True, slots=True)
class ChangeLanguage:
    """The same choice, asked for from the settings."""


@dataclass(frozen=True, slots=True)
class WhereAreYou:
    """Asked kindly and skippable: the place decides how careful the answers are."""


@dataclass(frozen=True, slots=True)
class Home:
    """The home screen: what can be asked here."""


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person's status. `unnamed` are releases since the last confirmation with people left unnamed."""

    person: Person
    status: Status
    unnamed: tuple[ReleaseEvent, ...]
    followed: bool = False
    """By the reader who asks."""


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
class SettingsScreen:
    """What a reader has chosen."""

    record: Record


@dataclass(frozen=True, slots=True)
class ChooseWipe:
    """After how long messages are deleted?"""


@dataclass(frozen=True, slots=True)
class ChooseQuiet:
    """Which hours without a sound?"""


@dataclass(frozen=True, slots=True)
class ChooseZone:
    """By whose clock?"""


@dataclass(frozen=True, slots=True)
class Consent:
    """What following means, before the first follow."""

    wish: Wish


@dataclass(frozen=True, slots=True)
class NoRoom:
    """As many follows as a row holds."""


@dataclass(frozen=True, slots=True)
class FollowingDoor:
    """Before the list of follows: one tap more, for who looks over a shoulder."""


@dataclass(frozen=True, slots=True)
class Follows:
    """Whom and what a reader follows. `people`: those of them whom the registry has."""

    record: Record
    people: tuple[Person, ...]
    page: int


@dataclass(frozen=True, slots=True)
class Subjects:
    """What can be followed besides people."""

    record: Record


@dataclass(frozen=True, slots=True)
class MyData:
    """All that is remembered of a reader; `people` as in Follows."""

    record: Record
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nobody and nothing is followed any longer."""


@dataclass(frozen=True, slots=True)
class ForgetMe:
    """Everything is about to be forgotten: sure?"""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Everything was forgotten."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """The chat was cleaned."""


@dataclass(frozen=True, slots=True)
class Kept:
    """This message stays until its reader deletes it."""


@dataclass(frozen=True, slots=True)
class PersonalSent:
    """A contact, a place or a document was sent to us: it is deleted at once."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is kept (nothing about the reader), what Telegram sees, who answers for it."""


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

Own: TypeAlias = (
    SettingsScreen
    | ChooseWipe
    | ChooseQuiet
    | ChooseZone
    | Consent
    | NoRoom
    | FollowingDoor
    | Follows
    | Subjects
    | MyData
    | Stopped
    | ForgetMe
    | Forgotten
    | Cleared
    | Kept
    | PersonalSent
)
"""What can be told a reader of what they chose and whom they follow."""

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
