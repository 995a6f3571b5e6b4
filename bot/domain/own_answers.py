"""What a reader can be told of what they chose and whom they follow: a part of the closed set of answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.articles import Topic
from bot.domain.follower import Record
from bot.domain.people import Person, Status
from bot.domain.publishing import PublicationKind
from bot.domain.subjects import Wish


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
    """Before the list of follows: one tap more, for who looks over a shoulder.

    `noted`: a name that we do not have has just been put on it.
    """

    noted: bool = False


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
class NewsOf:
    """A person an alert was about, the status of today, and what kind of publication it was."""

    person: Person
    status: Status
    kind: PublicationKind


@dataclass(frozen=True, slots=True)
class News:
    """What an alert was about. `numbers`: the first and the last publication it spans."""

    people: tuple[NewsOf, ...]
    topics: tuple[Topic, ...]
    has_talks: bool
    numbers: tuple[int, int]
    page: int


@dataclass(frozen=True, slots=True)
class NameMet:
    """Who may be meant by a name that a reader left: a question, never news."""

    name: Wish
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Staying:
    """Everything stays as it was chosen."""


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
    | NameMet
    | News
    | Staying
    | ForgetMe
    | Forgotten
    | Cleared
    | Kept
    | PersonalSent
)
"""What can be told a reader of what they chose and whom they follow."""
