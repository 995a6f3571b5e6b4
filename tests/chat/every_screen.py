"""Every answer there is, for tests of screens: made up with as much in it as can be, and as shipped."""

from __future__ import annotations

import itertools

from bot.domain import answers as q
from bot.domain import own_answers as mine
from bot.domain.articles import Area, Topic, any_of
from bot.domain.directory import Need, State, Where
from bot.domain.follower import Flag, Quiet, Record, Told, Wipe, month_number
from bot.domain.people import (
    ClaimKind,
    Designation,
    Outcome,
    status_of,
)
from bot.domain.publishing import PublicationKind
from bot.domain.subjects import Subject, Wish
from bot.domain.timeline import (
    Around,
    Qualifier,
    Quarter,
    ReleaseKind,
    SanctionAction,
)
from bot.services.advising import Advising
from bot.sources.article_files import read_library
from bot.sources.directory_files import read_directory
from tests.builders import (
    LISTED,
    PLAIN,
    UNVERIFIED,
    a_claim,
    a_count,
    a_person,
    a_release,
    a_sanction,
    a_source,
    a_text,
    a_topic,
    a_visit,
    an_organisation,
)
from tests.conftest import TODAY

CONTROLLER = "Example team, write to the team"
HOSTILE = "<b>&amp; \"Ім’я\" 'x'\n</b>"
SOURCES = tuple(
    a_source(publisher, f"https://{place}.example/?a=1&b=2", f"2025-0{place}-01")
    for place, publisher in enumerate((PLAIN, LISTED, UNVERIFIED), start=1)
)


def samples() -> list[q.Answer]:
    """Return every kind of answer, with as much in it as there can be."""
    return [
        *question_samples(),
        *plain_samples(),
        *person_samples(),
        *release_samples(),
        *topic_samples(),
        *directory_samples(),
        *own_samples(),
    ]


def numbered_topics(count: int) -> tuple[Topic, ...]:
    return tuple(a_topic(key=f"t-{n}", title=f"Topic {n}") for n in range(count))


def question_samples() -> list[q.Answer]:
    """Return answers to what is neither a name nor clearly a topic."""
    return [
        *(q.OutOfScope(), q.OutOfScope(a_topic()), q.SmallTalk(), q.SmallTalk(a_topic()), q.UnsafeSent()),
        *(
            q.Distress(None),
            q.Distress(a_topic(), mourns=True),
            q.SmallTalk(talk=q.Talk.THANKS),
            q.SmallTalk(talk=q.Talk.JOY, next=a_topic()),
            q.Distress(a_topic(), a_topic(key="t-1", title="Topic")),
            q.Distress(a_topic(), None, a_person()),
            q.NameNeeded(),
            q.NameNeeded(a_topic()),
            q.NumberTyped(),
        ),
        *(q.DidYouMean(numbered_topics(3), a_topic()), q.DidYouMean(numbered_topics(3))),
    ]


def plain_samples() -> list[q.Answer]:
    """Return answers about the bot itself."""
    return [
        *(q.Welcome(), q.ChangeLanguage(), q.Home(), q.Help(), q.Privacy()),
        *(q.WhereAreYou(), q.WhereAreYou(60), q.WhereAreYou(stays=True)),
        *(q.About(tuple(page.publisher for page in SOURCES), 1033), q.NotText()),
        *(q.PrivateOnly(), q.NoLongerHere(), q.TryAgainLater()),
    ]


def person_samples() -> list[q.Answer]:
    """Return answers about a person of whom much is known, one of whom nothing is, several, nobody."""
    claims = [
        *(a_claim(ClaimKind.DETAINED, f"20{year}-05-18", sources=SOURCES) for year in range(10, 20)),
        a_claim(ClaimKind.SENTENCED, "2020-06", sources=SOURCES),
        *(a_claim(ClaimKind.RELEASED, "2021", outcome) for outcome in Outcome),
        a_claim(ClaimKind.RELEASED, "2021-06", Outcome.ABROAD, country="LT", sources=SOURCES),
        a_claim(ClaimKind.DETAINED, "2022-02-01", sources=SOURCES),
        a_claim(ClaimKind.HELD, "2025-01-01", sources=SOURCES),
    ]  # fmt: skip
    long = a_person(*claims, be="Імя" * 20 + " Прозвішча", ru="Имя" * 30, en=HOSTILE, birth_year=1980)
    status, nobody, unknown = status_of(claims), a_person(), status_of([])
    unnamed = tuple(a_release(f"2025-0{month}-11", unnamed=1000 + month) for month in range(2, 8))
    people = tuple((a_person(*claims, number=number), status) for number in range(1, 6))
    return [
        *(q.PersonCard(long, status, unnamed, also=a_topic()), q.PersonCard(long, status, unnamed)),
        *(q.PersonCard(nobody, unknown, ()), q.PersonCard(long, status, unnamed, followed=True)),
        *(q.Citation(long, status), q.Citation(nobody, unknown), q.HowToReportError(long)),
        *(q.PersonHistory(long, tuple(claims), page) for page in range(4)),
        q.PersonHistory(nobody, (), 0),
        *(q.PersonSources(long, status, named) for named in (False, True)),
        q.PersonSources(nobody, unknown, named=False),
        q.SeveralFound(people, more=True),
        *(q.NobodyFound(), q.NobodyFound(2**30 - 1), q.SurnameNeeded()),
    ]


def release_samples() -> list[q.Answer]:
    """Return answers about releases and what was dated around one."""
    release = a_release(
        "2025-09-11", 52, qualifier=Qualifier.ABOUT, named=51, unnamed=1,
        disagreement=a_text(HOSTILE * 3), sources=SOURCES,
    )  # fmt: skip
    sides = ("EU", "US", "UK", "CA", "CH", "OTHER", "XX")
    near = Around(
        tuple(a_visit(f"2025-09-0{day}") for day in range(1, 8)),
        tuple(
            a_sanction("2025-09-12", act, side=side) for act, side in zip(SanctionAction, sides, strict=True)
        ),
    )
    quarters = tuple(
        Quarter(2026 - n // 4, 4 - n % 4, 10 * n, 5 * n, n % 2 == 0, a_count("2025-01-01", 1200, qualifier))
        for n, qualifier in enumerate([*Qualifier, *Qualifier, *Qualifier])
    )
    events = tuple(a_release(f"2025-0{month}-11") for month in range(1, 10))
    return [
        *(q.Quarters(quarters, page) for page in range(3)), q.Quarters((), 0),
        q.Quarters((Quarter(2020, 4, 0, 0, True, None, restricted=2),), 0),
        q.ReleaseDetail(a_release("2020-10-11", kind=ReleaseKind.RESTRICTED), Around((), ()), 0),
        *(q.ReleaseList(events, page) for page in range(3)), q.ReleaseList((), 0),
        *(q.ReleaseDetail(release, near, page) for page in range(4)),
        q.ReleaseDetail(a_release("2025"), Around((), ()), 0),
        *(q.ReleaseSources(release, named) for named in (False, True)),
    ]  # fmt: skip


def topic_samples() -> list[q.Answer]:
    """Return answers that lead on from a topic with everything, and from one that opens with a warning."""
    return [
        *about_topic(a_topic(contacts=("a", "b"), related=("x",), sources=SOURCES)),
        *about_topic(a_topic(warning=True)),
        *(q.AreaTopics(Area.ABOUT, numbered_topics(9), page) for page in (0, 1)),
    ]


def directory_samples() -> list[q.Answer]:
    """Return answers about who helps."""
    return [
        *(q.ChooseNeed(tuple(Need)), q.ChooseWhere(Need.LEGAL, tuple(Where))),
        q.ChooseHelpLanguage(Need.LEGAL, Where.POLAND, ("be", "ru", "en", "pl", "lt", "uk", "de")),
        *(q.Helpers(Need.LEGAL, Where.POLAND, "be", ORGANISATIONS * 3, page) for page in range(3)),
        q.Helpers(Need.LEGAL, Where.BELARUS, "any", (), 0),
        *(q.OrganisationCard(body, named) for body in ORGANISATIONS for named in (False, True)),
        *(q.OrganisationSources(body, named) for body in ORGANISATIONS for named in (False, True)),
    ]


FULL = Record(
    chat=2**52,
    flags=Flag(63),
    quiet=Quiet(22 * 60, 7 * 60),
    expires=month_number(2027, 5),
    people=frozenset(range(1, 146)),
    topics=frozenset(Subject),
    unknown_names=frozenset(range(5)),
    told=tuple(Told(n, n, n) for n in range(8)),
    wipes=tuple(Wipe(n, n) for n in range(48)),
)
"""As much as a record can hold."""

MANY = tuple(a_person(number=number) for number in range(1, 146))


def news_samples() -> list[q.Answer]:
    """Return opened alerts: of each kind, of a release of many, and of subjects only."""
    first, second = (a_topic(key=f"t-{n}", title=f"Topic {n}") for n in range(2))
    news = [
        mine.NewsOf(person, status_of(person.claims), kind)
        for person, kind in zip(MANY, itertools.cycle(PublicationKind), strict=False)
    ]
    spanned = (2**31 - 2, 2**31 - 1)
    return [
        *(mine.News(tuple(news), (first, second), True, spanned, page) for page in (0, 1, 20)),
        mine.News((), (first,), False, spanned, 0),
        mine.News((), (), True, spanned, 0),
    ]


def own_samples() -> list[q.Answer]:
    """Return every kind of answer about the reader, with as much in it as there can be."""
    nobody, name = Record(1, quiet=Quiet(0, 540)), Wish(name=7)
    return [
        *(mine.SettingsScreen(FULL), mine.SettingsScreen(nobody), mine.ChooseWipe(), mine.ChooseQuiet()),
        *(
            mine.ChooseZone(),
            mine.Consent(Wish(2**31 - 1)),
            mine.NoRoom(),
            mine.FollowingDoor(),
            mine.FollowingDoor(noted=True),
        ),
        *(mine.Follows(FULL, MANY, page) for page in (0, 1, 18)),
        *(mine.Follows(nobody, (), 0), mine.Subjects(FULL), mine.MyData(FULL, MANY)),
        *(mine.MyData(nobody, ()), mine.Stopped(), mine.NameMet(name, MANY[:3]), mine.NameMet(name, ())),
        *(mine.Staying(), mine.ForgetMe(), mine.Forgotten(), mine.Cleared(), mine.Kept()),
        *news_samples(),
        mine.PersonalSent(),
    ]


ORGANISATIONS = (
    an_organisation("open"),
    an_organisation("banned", designation=Designation.LISTED),
    an_organisation("unknown", designation=Designation.NOT_VERIFIED, contacts=()),
    an_organisation("gone", designation=Designation.LISTED, state=State.CLOSED),
)


def instead(topic: Topic) -> tuple[Topic, ...]:
    """Return two other topics."""
    return tuple(other for other in read_library().topics()[:3] if any_of(other).key != any_of(topic).key)[:2]


def about_topic(topic: Topic) -> list[q.Answer]:
    """Return every answer that leads on from a topic."""
    parts = range(len(any_of(topic).sections))
    return [
        *(q.TopicAnswer(topic, warned, counted) for warned in (False, True) for counted in (False, True)),
        q.TopicAnswer(topic, warned=True, named=a_person()),
        q.TopicAnswer(topic, warned=True, lacks=True, help=topic),
        *(q.TopicAnswer(topic, warned=True, instead=instead(topic)[:others]) for others in (1, 2)),
        *(q.TopicPart(topic, index, warned) for index in parts for warned in (False, True)),
        q.TopicExpired(topic),
        *(q.TopicSources(topic, named) for named in (False, True)),
        q.TopicContacts(topic, ORGANISATIONS),
        q.TopicRelated(topic, (topic,)),
    ]


def everything_advised() -> list[q.Answer]:
    """Return every answer that the shipped articles and the shipped directory can give to a tap."""
    library, directory = read_library(), read_directory()
    advising = Advising(library, directory, lambda: TODAY)
    places = [(need, where) for need in directory.needs() for where in directory.places(need)]
    found: list[q.Answer] = [advising.area(area, page) for area in Area for page in range(6)]
    for topic in library.topics():
        key = any_of(topic).key
        found += [answer for answer in about_topic(topic) if not isinstance(answer, q.TopicContacts)]
        found += [advising.contacts(key), advising.related(key)]
    found += [advising.needs(), *(advising.where(need) for need in directory.needs())]
    found += [advising.help_language(need, where) for need, where in places]
    found += [advising.help_language(need, Where.BELARUS) for need in Need]
    found += [
        advising.helpers(need, where, language, page)
        for need, where in places
        for language in ("any", *directory.languages(need, where))
        for page in range(4)
    ]
    bodies = [(body, named) for body in directory.all() for named in (False, True)]
    found += [q.OrganisationCard(body, named) for body, named in bodies]
    return found + [q.OrganisationSources(body, named, named) for body, named in bodies]
