"""Every screen, in every language and place: short enough, whole HTML, careful, and the status first."""

from __future__ import annotations

import asyncio
import html
import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from bot.chat import messages
from bot.chat.buttons import Ask, Button, Screen
from bot.chat.directory_screens import PAST_WARNING
from bot.chat.profile import commands
from bot.chat.readers import Reader
from bot.chat.voice import Voice
from bot.chat.words import in_language
from bot.domain import answers as q
from bot.domain import own_answers as mine
from bot.domain.articles import Area
from bot.domain.caution import Place
from bot.domain.directory import Need, Organisation, Where
from bot.domain.people import (
    Claim,
    ClaimKind,
    Consent,
    Designation,
    Language,
    Manner,
    Outcome,
    Passport,
    Person,
    View,
    status_of,
    told_claims,
)
from bot.domain.timeline import (
    ReleaseEvent,
    around,
    unnamed_since,
)
from bot.sources.directory_files import read_directory
from bot.sources.seed_files import read_seed
from bot.store import timeline
from bot.store.database import Database
from bot.store.people import find_people, names_by_number
from tests.builders import (
    LISTED,
    PLAIN,
    UNVERIFIED,
    a_claim,
    a_person,
    a_release,
    a_source,
    an_offer,
    an_organisation,
)
from tests.chat.every_screen import CONTROLLER, ORGANISATIONS, everything_advised, samples
from tests.conftest import TODAY

MOST_TEXT, MOST_CARD, MOST_ROWS = 4096, 600, 12
MOST_BUTTON = {1: 60, 2: 24, 3: 15}
"""By how many buttons share a row: a small screen cuts off what is longer."""

TELEGRAM_TAGS = {"b", "i", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler"}
WITH_NAMES = (
    *(q.PersonSources, q.ReleaseSources, q.TopicSources, q.OrganisationCard, q.OrganisationSources),
)
NOT_EVERY = "Not every release is made public: some families ask for silence."
SITE = re.compile(r"\b[\w-]+\.(?:[a-z]{2,10})\b")
"""What Telegram makes a link of by itself: letters, a dot, and something like a top-level domain."""

WORD_JOINER = "\u2060"

READERS = list(itertools.product(Language, Place))


def voice(language: Language, place: Place) -> Voice:
    return Voice(in_language(language), Reader(View(language), place), TODAY, CONTROLLER)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class Read(HTMLParser):
    """What Telegram reads in a message: the visible text, the links, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.visible = ""
        self.plain = ""
        self.links: list[str] = []
        self.open: list[str] = []
        self.mistakes: list[str] = []
        self.feed(text)
        self.close()
        self.mistakes += [f"{tag} is not closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        allowed = {"a": ["href"]}.get(tag, [])
        if tag not in TELEGRAM_TAGS or [name for name, _ in attrs] != allowed:
            self.mistakes.append(f"<{tag}> with {[name for name, _ in attrs]}")
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.visible += data
        if "code" not in self.open:
            self.plain += data


async def everything_in_the_seed(path: Path) -> list[q.Answer]:
    """Return every answer that the shipped registry can give to a tap, read in one go."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    async with database.reading() as connection:
        numbers = [number for number, _ in await names_by_number(connection)]
        people = await find_people(connection, numbers)
        releases = await timeline.release_events(connection)
        diplomacy = await timeline.diplomacy_events(connection)
        sanctions = await timeline.sanctions(connection)
    await database.close()
    answers = [answer for person in people for answer in about_person(person, releases)]
    for release in releases:
        near = around(release, diplomacy, sanctions)
        answers += [q.ReleaseDetail(release, near, page) for page in range(3)]
        answers += [q.ReleaseSources(release, named) for named in (False, True)]
    return [*answers, *(q.ReleaseList(tuple(releases), page) for page in range(len(releases) // 4 + 1))]


def about_person(person: Person, releases: list[ReleaseEvent]) -> list[q.Answer]:
    status, told = status_of(person.claims), tuple(told_claims(person.claims))
    since = status.confirmed.start if status.confirmed else None
    unnamed = () if status.known_free else tuple(unnamed_since(releases, since))
    return [
        q.PersonCard(person, status, unnamed),
        *(q.PersonHistory(person, told, page) for page in (0, 1)),
        *(q.PersonSources(person, status, named) for named in (False, True)),
        q.Citation(person, status),
        q.HowToReportError(person),
    ]


@pytest.fixture(scope="module")
def seed_answers(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> list[q.Answer]:
    copy = shutil.copyfile(seeded_file, tmp_path_factory.mktemp("seed") / "registry.db")
    return asyncio.run(everything_in_the_seed(copy))


@pytest.fixture(scope="module")
def every_screen(seed_answers: list[q.Answer]) -> list[tuple[q.Answer, Voice, Screen]]:
    """Every answer of the samples and of the seed, said to every kind of reader."""
    answers = [*samples(), *everything_advised(), *seed_answers]
    return [
        (answer, to, messages.say(answer, to))
        for language, place in READERS
        for to in [voice(language, place)]
        for answer in answers
    ]


Said = list[tuple[q.Answer, Voice, Screen]]


def offenders(said: Said, is_wrong: Callable[[q.Answer, Voice, Screen], object]) -> list[str]:
    """Return, in a form to read, the screens of which something is true."""
    return [
        f"{type(answer).__name__} {to.words.language} {to.reader.place}: {wrong!r}\n{screen.text}"
        for answer, to, screen in said
        if (wrong := is_wrong(answer, to, screen))
    ][:3]


def buttons(screen: Screen) -> Iterator[Button]:
    return itertools.chain.from_iterable(screen.rows)


def test_the_samples_hold_every_answer_there_is() -> None:
    assert {type(answer) for answer in samples()} == set(get_args(q.Answer))


def test_no_screen_is_longer_than_a_message(every_screen: Said) -> None:
    assert offenders(every_screen, lambda _a, _v, screen: not 0 < utf16(screen.text) <= MOST_TEXT) == []


def visible_length(answer: q.Answer, to: Voice) -> int:
    return len(Read(messages.say(answer, to).text).visible)


def test_no_card_of_the_seed_is_longer_than_600_characters(seed_answers: list[q.Answer]) -> None:
    cards = [answer for answer in seed_answers if isinstance(answer, q.PersonCard)]
    lengths = {
        (card.person.key, to.words.language.value, to.reader.place.value): visible_length(card, to)
        for card in cards
        for to in (voice(language, place) for language, place in READERS)
    }

    assert len(cards) >= 50
    assert {who: length for who, length in lengths.items() if length > MOST_CARD} == {}


def test_every_screen_is_html_that_telegram_accepts(every_screen: Said) -> None:
    assert offenders(every_screen, lambda _a, _v, screen: Read(screen.text).mistakes) == []


def test_text_of_the_registry_cannot_become_html() -> None:
    person = a_person(en="A <i>B</i> & C")

    said = messages.say(q.PersonCard(person, status_of([]), ()), voice(Language.EN, Place.ABROAD)).text

    assert "A &lt;i&gt;B&lt;/i&gt; &amp; C" in said


def test_every_button_can_be_read_and_pressed(every_screen: Said) -> None:
    def wrong(_answer: q.Answer, _voice: Voice, screen: Screen) -> list[str]:
        return [
            button.text
            for row in screen.rows
            for button in row
            if not button.text.strip()
            or utf16(button.text) > MOST_BUTTON[len(row)]
            or not any(map(str.isalnum, button.text))
            or not button.press.data()
        ]

    assert offenders(every_screen, wrong) == []


def test_rows_are_few_and_short_and_the_last_one_is_the_way_back(every_screen: Said) -> None:
    def wrong(_answer: q.Answer, _voice: Voice, screen: Screen) -> object:
        content = [row for row in screen.rows if row[-1].press.ask is not Ask.HOME]
        back = screen.rows[len(content) :]
        return (
            len(content) > MOST_ROWS
            or any(len(row) > 3 for row in content)
            or screen.rows[: len(content)] != tuple(content)
            or len(back) > 1
            or any(len(row) > 2 for row in back)
        )

    assert offenders(every_screen, wrong) == []


def test_every_screen_leads_home_except_where_there_is_nowhere_to_go(every_screen: Said) -> None:
    first = (q.Welcome, q.WhereAreYou, q.Home, q.PrivateOnly, mine.Forgotten)

    def stuck(answer: q.Answer, _voice: Voice, screen: Screen) -> bool:
        return Ask.HOME not in {button.press.ask for button in buttons(screen)}

    assert offenders([said for said in every_screen if not isinstance(said[0], first)], stuck) == []


def test_no_two_buttons_of_a_screen_look_alike(every_screen: Said) -> None:
    def alike(_answer: q.Answer, _voice: Voice, screen: Screen) -> bool:
        texts = [button.text for button in buttons(screen)]
        return len(set(texts)) != len(texts)

    assert offenders(every_screen, alike) == []


def test_a_buttons_data_holds_no_name(every_screen: Said) -> None:
    def named(_answer: q.Answer, _voice: Voice, screen: Screen) -> list[str]:
        data = [button.press.data() for button in buttons(screen)]
        return [
            one
            for one in data
            if not re.fullmatch(r"1\.(be|ru|en|lat)\.[a-z]+\.([A-Z]?\d[\w-]*|[a-z0-9_-]*)\.\d+", one)
        ]

    assert offenders(every_screen, named) == []


def careful(said: Said) -> Said:
    """Return the screens of those who are in Belarus or did not say."""
    return [(answer, to, screen) for answer, to, screen in said if to.reader.place is not Place.ABROAD]


def is_open(answer: q.Answer) -> bool:
    """Return whether an answer is the card of a body that nobody is punished for turning to."""
    return (
        isinstance(answer, q.OrganisationCard) and answer.organisation.designation is Designation.NOT_LISTED
    )


def test_in_belarus_no_screen_has_a_link_but_to_bodies_that_are_no_danger(every_screen: Said) -> None:
    def links(answer: q.Answer, _voice: Voice, screen: Screen) -> object:
        read = Read(screen.text)
        return not is_open(answer) and (read.links or "://" in read.visible or "t.me" in read.visible)

    assert offenders(careful(every_screen), links) == []


def test_in_belarus_telegram_makes_no_link_of_a_publishers_name(every_screen: Said) -> None:
    def sites(answer: q.Answer, _voice: Voice, screen: Screen) -> object:
        return not is_open(answer) and SITE.findall(Read(screen.text).plain.lower())

    assert offenders(careful(every_screen), sites) == []


def test_in_belarus_a_publisher_that_may_be_dangerous_is_named_only_after_a_tap(every_screen: Said) -> None:
    dangerous = {LISTED.name, UNVERIFIED.name, "Вясна", "Весна", "Белсат", "Радыё Свабода", "Радио Свобода"}
    dangerous |= {
        row.cells["name"]
        for row in read_seed()["publishers"]
        if row.cells["designation"] != Designation.NOT_LISTED
    }
    dangerous |= {
        name
        for body in read_directory().all()
        if body.designation is not Designation.NOT_LISTED
        for name in body.names.values()
        if " " in name or not re.search("[а-яё]", name.lower())  # «Дапамога» is a common word too
    }
    pattern = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in sorted(dangerous)))

    def names(answer: q.Answer, _voice: Voice, screen: Screen) -> object:
        tapped = isinstance(answer, WITH_NAMES) and answer.named
        tapped |= isinstance(answer, q.TopicAnswer | q.TopicPart) and answer.warned
        return None if tapped else pattern.findall(Read(screen.text).visible.replace(WORD_JOINER, ""))

    assert offenders(careful(every_screen), names) == []


def test_after_the_tap_names_are_shown_with_a_warning_and_without_a_link() -> None:
    person = a_person(a_claim(ClaimKind.HELD, "2025-01-01", sources=(a_source(LISTED), a_source(PLAIN))))
    to = voice(Language.EN, Place.NOT_SAID)

    before = messages.say(q.PersonSources(person, status_of(person.claims), named=False), to)
    after = messages.say(q.PersonSources(person, status_of(person.claims), named=True), to)

    assert "a human rights organisation" in before.text
    assert LISTED.name not in before.text
    assert next(buttons(before)).press.ask is Ask.SOURCES_NAMED
    assert LISTED.name in after.text
    assert "it can be punished" in after.text
    assert Ask.SOURCES_NAMED not in {button.press.ask for button in buttons(after)}
    assert Read(after.text).links == []


def test_abroad_every_source_of_the_seed_is_a_link(seed_answers: list[q.Answer]) -> None:
    for answer in seed_answers:
        if isinstance(answer, q.PersonSources) and answer.status.sources:
            read = Read(messages.say(answer, voice(Language.EN, Place.ABROAD)).text)
            assert read.links
            assert set(read.links) <= {source.url for source in answer.status.sources}


def card_and_sources(body: Organisation, to: Voice) -> tuple[Screen, Screen]:
    """Return the card as it is after any warning, and the sources that its button leads to."""
    card = messages.say(q.OrganisationCard(body, named=True), to)
    press = next(tile.press for tile in buttons(card) if tile.press.ask is Ask.ORGANISATION_SOURCES)
    said = q.OrganisationSources(body, named=False, warned=press.page == PAST_WARNING)
    return card, messages.say(said, to)


@pytest.mark.parametrize("place", [Place.BELARUS, Place.NOT_SAID])
def test_in_belarus_the_pages_of_a_banned_body_are_named_after_a_tap_and_never_linked(place: Place) -> None:
    body = replace(an_organisation("banned", designation=Designation.LISTED), sources=(a_source(LISTED),))
    to = voice(Language.EN, place)

    _, before = card_and_sources(body, to)
    after = messages.say(q.OrganisationSources(body, named=True, warned=True), to)

    assert next(buttons(before)).press == to.press(Ask.ORGANISATION_SOURCES_NAMED, "banned", PAST_WARNING)
    assert LISTED.name not in before.text
    assert LISTED.name in after.text
    assert "it can be punished" in after.text
    assert "The Banned" not in before.text + after.text
    assert Read(before.text + after.text).links == []
    for said in (before, after):
        assert said.rows[-1][0].press == to.press(Ask.ORGANISATION_NAMED, "banned")


def test_a_way_back_passes_no_warning_that_was_not_shown() -> None:
    body = an_organisation("banned", designation=Designation.LISTED)
    abroad, unsaid = voice(Language.EN, Place.ABROAD), voice(Language.EN, Place.NOT_SAID)

    _, read = card_and_sources(body, abroad)
    later = messages.say(q.OrganisationSources(body, named=False), unsaid)

    for said in (read, later):
        assert said.rows[-1][0].press.ask is Ask.ORGANISATION


def test_abroad_the_sources_of_an_organisation_are_links_with_the_day_they_were_read() -> None:
    contact = a_source(UNVERIFIED, "https://second.example/page")
    body = replace(an_organisation("open"), sources=(a_source(), contact, contact))

    _, said = card_and_sources(body, voice(Language.EN, Place.ABROAD))

    assert Read(said.text).links == ["https://plain.example/page", "https://second.example/page"]
    assert "Pages read: 20 November 2026." in said.text


def test_a_list_says_the_oldest_day_on_which_anybody_it_shows_was_checked() -> None:
    days = [date(2026, 10, 1 + number) for number in range(7)]
    bodies = tuple(replace(an_organisation(f"b{day.day}"), checked_on=day) for day in reversed(days))
    to = voice(Language.EN, Place.ABROAD)

    first, last = (messages.say(q.Helpers(Need.LEGAL, Where.POLAND, "any", bodies, n), to) for n in (0, 1))

    assert "Checked: 2 October 2026." in first.text
    assert "Checked: 1 October 2026." in last.text


def test_every_card_of_an_organisation_says_when_it_was_checked() -> None:
    for body in ORGANISATIONS:
        card, _ = card_and_sources(body, voice(Language.EN, Place.ABROAD))

        assert "Checked: 20 November 2026." in card.text


def test_an_empty_list_says_so_calmly_and_leads_on() -> None:
    to = voice(Language.EN, Place.BELARUS)

    said = messages.say(q.Helpers(Need.MONEY, Where.GERMANY, "be", (), 0), to)

    assert "We know of no checked help with this there." in said.text
    assert "Checked:" not in said.text
    assert [tile.press for tile in buttons(said)][:-1] == [
        to.press(Ask.HELPERS, "money-germany-any"),
        to.press(Ask.NEED, "money"),
        to.press(Ask.NEEDS),
        to.press(Ask.AREA, Area.LEGAL),
        to.press(Ask.AREA, Area.REINTEGRATION),
        to.press(Ask.NEED, "money"),
    ]


def leads_on(where: Where, found: int) -> bool:
    bodies = (an_organisation("open", an_offer(Need.LEGAL, where)),) * found
    answer = q.Helpers(Need.LEGAL, where, "any", bodies, 0)
    screen = messages.say(answer, voice(Language.EN, Place.BELARUS))
    return Ask.AREA in {tile.press.ask for tile in buttons(screen)}


def test_in_belarus_a_short_list_leads_on_too_and_a_long_one_is_enough() -> None:
    assert [leads_on(Where.BELARUS, found) for found in (0, 1, 3, 4)] == [True, True, True, False]
    assert [leads_on(Where.POLAND, found) for found in (0, 1, 3, 4)] == [True, False, False, False]


HEADLINES = [
    ([], "We have no confirmed status"),
    ([a_claim(ClaimKind.SENTENCED, "2024")], "We have no confirmed status"),
    ([a_claim(ClaimKind.DETAINED, "2024")], "Behind bars, as of 2024"),
    (
        [a_claim(ClaimKind.RELEASED, "2023"), a_claim(ClaimKind.DETAINED, "2024")],
        "Behind bars again, as of 2024",
    ),
    ([a_claim(ClaimKind.RELEASED, "2024")], "Free"),
    ([a_claim(ClaimKind.RELEASED, "2024", Outcome.AT_HOME)], "Free, in Belarus, as of 2024"),
    ([a_claim(ClaimKind.RELEASED, "2024", Outcome.ABROAD)], "Free, abroad"),
    ([a_claim(ClaimKind.RELEASED, "2024", Outcome.ABROAD, country="LT")], "Free, abroad: Lithuania"),
    ([a_claim(ClaimKind.RELEASED, "2024", Outcome.HOUSE_ARREST)], "Not free: house arrest"),
    ([a_claim(ClaimKind.RELEASED, "2024", Outcome.OPEN_FACILITY)], "Not free: open-type facility"),
    ([a_claim(ClaimKind.RELEASED, "2024", Outcome.WHEREABOUTS_UNKNOWN)], "Whereabouts unknown"),
    ([a_claim(ClaimKind.DIED, "2024")], "Death confirmed"),
    (
        [a_claim(ClaimKind.RELEASED, "2024"), a_claim(ClaimKind.HELD, "2024")],
        "Sources disagree: we have no confirmed status",
    ),
]  # fmt: skip


DATED_HEADLINES = (
    "Behind bars, as of %(date)s",
    "Behind bars again, as of %(date)s",
    "Free, in Belarus, as of %(date)s",
    "Free, abroad: %(country)s",
)
PLAIN_HEADLINES = {headline for _, headline in HEADLINES if "2024" not in headline and ":" not in headline}
PLAIN_HEADLINES |= {"Not free: house arrest", "Not free: open-type facility", HEADLINES[-1][1]}


def card_of(person: Person, to: Voice) -> Screen:
    return messages.say(q.PersonCard(person, status_of(person.claims), ()), to)


@pytest.mark.parametrize(("claims", "headline"), HEADLINES)
def test_the_status_is_the_first_line_and_the_name_the_second(claims: list[Claim], headline: str) -> None:
    lines = card_of(a_person(*claims), voice(Language.EN, Place.NOT_SAID)).text.splitlines()

    assert lines[:2] == [f"<b>{headline}</b>", "<b>Pryklad Uzorny</b>"]


@pytest.mark.parametrize("followed", [True, False])
def test_whoever_does_not_follow_somebody_reads_that_another_may_have_the_name(followed: bool) -> None:
    """A mother whose son is in no list reads that a man of his name is free."""
    person = a_person(*HEADLINES[0][0])
    card = q.PersonCard(person, status_of(person.claims), (), followed=followed)
    lines = messages.say(card, voice(Language.EN, Place.NOT_SAID)).text.splitlines()

    assert ("Somebody else may have the same name." in lines) is not followed


@pytest.mark.parametrize("language", Language)
def test_every_status_has_a_first_line_of_its_own(language: Language) -> None:
    to = voice(language, Place.NOT_SAID)
    first = {card_of(a_person(*claims), to).text.splitlines()[0] for claims, _ in HEADLINES}

    assert len(first) == len({headline for _, headline in HEADLINES})


def test_the_status_of_everybody_in_the_seed_is_the_first_line(every_screen: Said) -> None:
    # A date or a country follows the status: what stands before it is enough to know one.
    phrases = {
        language: tuple(
            "<b>" + in_language(language).gettext(phrase).split("%(")[0]
            for phrase in (*PLAIN_HEADLINES, *DATED_HEADLINES)
        )
        for language in Language
    }

    def wrong(answer: q.Answer, to: Voice, screen: Screen) -> bool:
        first = screen.text.splitlines()[0]
        return isinstance(answer, q.PersonCard) and not first.startswith(phrases[to.words.language])

    assert offenders(every_screen, wrong) == []


def test_whoever_is_not_known_free_has_the_same_last_sentence_and_nobody_else(every_screen: Said) -> None:
    def wrong(answer: q.Answer, to: Voice, screen: Screen) -> bool:
        if not isinstance(answer, q.PersonCard):
            return False
        last = screen.text.splitlines()[-1]
        said = screen.text.count(to.words.gettext(NOT_EVERY))
        if answer.status.known_free:
            return said != 0
        return said != 1 or not last.startswith(to.words.gettext(NOT_EVERY))

    assert offenders(every_screen, wrong) == []


def test_a_card_counts_the_unnamed_freed_since_it_was_confirmed() -> None:
    person = a_person(a_claim(ClaimKind.HELD, "2025-01-01"))
    unnamed = (a_release("2025-09-11", unnamed=1), a_release("2025-12-13", unnamed=20))

    said = messages.say(
        q.PersonCard(person, status_of(person.claims), unnamed), voice(Language.EN, Place.NOT_SAID)
    ).text

    assert said.splitlines()[-1] == (
        f"{NOT_EVERY} Since our last news 21 people were freed"
        " whose names were not published (11.09.2025, 13.12.2025)."
    )


def test_a_card_without_a_confirmed_day_says_since_then_of_nothing() -> None:
    answer = q.PersonCard(a_person(), status_of([]), (a_release("2025-09-11", unnamed=21),))

    said = messages.say(answer, voice(Language.EN, Place.NOT_SAID)).text

    assert "Since our last" not in said


def test_a_card_of_a_detained_person_dates_everything_it_says() -> None:
    person = a_person(
        a_claim(ClaimKind.DETAINED, "2021-05-18"),
        a_claim(ClaimKind.HELD, "2026-11-14", sources=(a_source(LISTED, published="2026-11-15"),)),
    )

    assert card_of(person, voice(Language.EN, Place.NOT_SAID)).text.splitlines() == [
        "<b>Behind bars, as of 14 November 2026</b>",
        "<b>Pryklad Uzorny</b>",
        "",
        "Detained: 18 May 2021.",
        "Last confirmed: 14 November 2026 (10 days ago).",
        "Sources: Plain Daily, 1 January 2024; a human rights organisation, 15 November 2026.",
        "Not known to us: what has happened since.",
        "Somebody else may have the same name.",
        "",
        NOT_EVERY,
    ]


def test_a_card_of_a_freed_person_says_how_and_what_is_not_known() -> None:
    person = a_person(
        a_claim(
            ClaimKind.RELEASED,
            "2025-09-11",
            Outcome.ABROAD,
            country="LT",
            manner=Manner.PARDON,
            passport=Passport.WITHOUT,
        )
    )

    said = card_of(person, voice(Language.EN, Place.NOT_SAID)).text.splitlines()

    assert said[0] == "<b>Free, abroad: Lithuania</b>"
    assert "Released: 11 September 2025." in said
    assert "Form of release: pardon." in said
    assert "Taken abroad without a passport." in said
    assert NOT_EVERY not in said


@pytest.mark.parametrize("when", ["2026-11", "2026"])
def test_what_is_known_by_its_month_or_year_was_not_confirmed_today(when: str) -> None:
    said = card_of(a_person(a_claim(ClaimKind.HELD, when)), voice(Language.EN, Place.NOT_SAID)).text

    assert "today" not in said


def test_a_suppressed_release_leaves_the_card_letter_for_letter_as_it_was() -> None:
    held = a_claim(ClaimKind.HELD, "2025-01-01")
    silenced = a_claim(ClaimKind.RELEASED, "2025-09-11", consent=Consent.SUPPRESSED)

    for language, place in READERS:
        to = voice(language, place)
        assert card_of(a_person(held, silenced), to) == card_of(a_person(held), to)


def test_every_card_has_the_same_buttons(every_screen: Said) -> None:
    asks = {
        tuple(button.press.ask for button in buttons(screen))
        for answer, _, screen in every_screen
        if isinstance(answer, q.PersonCard)
    }

    same = (Ask.HISTORY, Ask.SOURCES, Ask.REPORT, Ask.CITATION, Ask.HOME)
    assert asks == {(Ask.FOLLOW, *same), (Ask.UNFOLLOW, *same), (Ask.TOPIC, Ask.FOLLOW, *same)}


def test_several_people_are_told_apart_by_number_and_never_by_a_name_on_a_button() -> None:
    people = tuple((a_person(number=number), status_of([])) for number in (11, 12))

    screen = messages.say(q.SeveralFound(people, more=False), voice(Language.EN, Place.NOT_SAID))

    assert [(b.text, b.press.subject) for b in buttons(screen)][:2] == [
        ("Number 1", "11"),
        ("Number 2", "12"),
    ]
    assert "1. Pryklad Uzorny" in screen.text


@pytest.mark.parametrize(("released", "held"), [(1, 5), (5, 1), (4, 4)])
def test_a_card_shows_both_sides_of_a_contradiction(released: int, held: int) -> None:
    person = a_person(
        *(a_claim(ClaimKind.RELEASED, "2024-03-01") for _ in range(released)),
        *(a_claim(ClaimKind.HELD, "2024-03") for _ in range(held)),
    )

    said = card_of(person, voice(Language.EN, Place.NOT_SAID)).text

    assert "still behind bars" in said
    assert ": release (" in said


def test_a_page_behind_the_last_one_does_not_say_there_is_nothing() -> None:
    claims = tuple(a_claim(ClaimKind.HELD, f"202{year}") for year in range(3))

    said = messages.say(q.PersonHistory(a_person(*claims), claims, 5), voice(Language.EN, Place.ABROAD)).text

    assert "There are no dated reports" not in said


def test_no_screen_raises_its_voice(every_screen: Said) -> None:
    assert offenders(every_screen, lambda _a, _v, screen: "!" in html.unescape(screen.text)) == []


def test_no_screen_has_an_empty_line_too_many_or_a_placeholder_left(every_screen: Said) -> None:
    def wrong(_answer: q.Answer, _voice: Voice, screen: Screen) -> bool:
        return "\n\n\n" in screen.text or "%(" in screen.text or screen.text != screen.text.strip()

    assert offenders(every_screen, wrong) == []


@pytest.mark.parametrize("language", Language)
def test_the_command_menu_fits_telegram(language: Language) -> None:
    menu = commands(in_language(language))

    assert len({command.command for command in menu}) == len(menu)
    assert all(1 <= len(command.description) <= 256 for command in menu)


def test_a_claim_on_the_family_s_word_alone_stands_in_the_history_without_a_page() -> None:
    claims = (a_claim(ClaimKind.RELEASED, "2026-11-27", sources=()),)
    history = q.PersonHistory(a_person(*claims), claims, 0)

    assert (
        "27 November 2026: release\n" in messages.say(history, voice(Language.EN, Place.ABROAD)).text + "\n"
    )
