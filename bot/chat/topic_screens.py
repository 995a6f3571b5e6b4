"""Screens of articles: areas, topics, the answer first, then its parts, its sources, what to read next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.chat.buttons import Ask, Button, Screen
from bot.chat.directory_screens import organisation_lines
from bot.chat.voice import Voice, bold, paged, resting_on, screen, shown, sources_screen, unlinked
from bot.chat.words import Words
from bot.domain.answers import (
    AreaTopics,
    TopicAnswer,
    TopicContacts,
    TopicExpired,
    TopicPart,
    TopicRelated,
    TopicSources,
)
from bot.domain.articles import Area, Article, Block, Review, Run, Topic
from bot.domain.caution import is_careful
from bot.domain.people import Source, When

TOPICS_PAGE = 8
SHOWN_SOURCES = 2
MOST_PARTS = 8
"""Rows beside those every first screen has."""
WARNED = 100
"""Added to a button's page when the reader has passed the warning: it stays passed on the way back."""


def area_name(area: Area, words: Words) -> str:
    """Return what an area is called on its tile."""
    _ = words.gettext
    return {
        Area.STATUS: _("Release"),
        Area.REINTEGRATION: _("After release"),
        Area.LEGAL: _("Legal aid"),
        Area.ADVOCACY: _("For advocates"),
        Area.ABOUT: _("About this bot"),
    }[area]


def area(answer: AreaTopics, voice: Voice) -> Screen:
    """List an area's topics, each a button."""
    _ = voice.words.gettext
    page = paged(answer.topics, answer.page, TOPICS_PAGE)
    lines = [bold(area_name(answer.area, voice.words)), "", _("What would you like to read about?")]
    rows = [topic_button(topic, voice) for topic in page.items]
    if answer.area is Area.ABOUT and not page.number:
        rows.insert(0, voice.button(_("Who we are"), Ask.ABOUT))
    if page.has_more:
        rows.append(voice.button(_("More"), Ask.AREA, answer.area, page.number + 1))
    back = voice.way_back(Ask.AREA, answer.area, page.number - 1) if page.number else voice.way_back()
    return screen(lines, [*rows, back])


def topic_button(topic: Topic, voice: Voice, ask: Ask = Ask.TOPIC) -> tuple[Button, ...]:
    """Return a row with the button that opens a topic."""
    article = _read(topic, voice)
    return voice.button(article.title, ask, article.key)


def kind_word(help_: Topic | None, voice: Voice) -> tuple[list[str], list[tuple[Button, ...]]]:
    """Return what stands before an answer where it may be a cry after all: lines, and rows of buttons."""
    if help_ is None:
        return [], []
    _ = voice.words.gettext
    kind = _("If it is hard for you right now, do not stay alone with it: tell somebody near you.")
    return [kind, ""], [topic_button(help_, voice)]


def _read(topic: Topic, voice: Voice) -> Article:
    return topic[voice.words.language]


def answer(said: TopicAnswer, voice: Voice) -> Screen:
    """Answer first; then what it rests on; then the parts as buttons."""
    _ = voice.words.gettext
    article = _read(said.topic, voice)
    if article.warning and is_careful(voice.reader.place) and not said.warned:
        return _warning(article, voice, said)
    shift = WARNED if said.warned else 0
    kind, help_ = kind_word(said.help, voice)
    lines = [*kind, bold(unlinked(article.title)), "", *_paragraphs(article.answer), ""]
    lines += [*_rests_on(article, article.sources, voice)]
    rows = [
        voice.button(article.sections[index].heading, Ask.TOPIC_PART, article.key, index + shift)
        for index in article.order_for(voice.reader.place)
    ]
    said_else, elsewhere = _elsewhere(said, MOST_PARTS - len(rows) - len(help_), voice)
    lines, rows = [*lines, *_lacking(said, voice), *said_else], [*help_, *elsewhere, *rows]
    rows.append(_beside(article, voice, shift))
    rows.append(voice.button(_("Do not delete this"), Ask.KEEP))
    if said.counted:
        lines += ["", _("Thank you. This was counted without you.")]
    else:
        rows.append(
            (
                *voice.button(_("Useful"), Ask.USEFUL, article.key, 1 + shift),
                *voice.button(_("Not useful"), Ask.USEFUL, article.key, shift),
            )
        )
    return screen(lines, [*rows, voice.way_back(Ask.AREA, article.area)])


def _lacking(said: TopicAnswer, voice: Voice) -> list[str]:
    """Return lines on a name that we do not have: the article says nothing of whoever bears it."""
    if not said.lacks:
        return []
    _ = voice.words.gettext
    free = _("This does not mean that the person is not imprisoned, and it does not mean that they are free.")
    return ["", bold(_("This name is not in our list")), free]


def _elsewhere(said: TopicAnswer, room: int, voice: Voice) -> tuple[list[str], list[tuple[Button, ...]]]:
    """Return lines and rows for what else a question may have meant: a person, or other topics."""
    words = voice.words
    if said.named is not None:
        line = words.gettext("Did you also mean this person: %(name)s?") % {
            "name": unlinked(shown(said.named, words))
        }
        return ["", line], [
            voice.button(words.gettext("About this person"), Ask.CARD, str(said.named.number))
        ]
    others = said.instead[:room]
    if not others:
        return [], []
    line = words.gettext("Did you ask about something else? Look at the first buttons.")
    return ["", line], [topic_button(topic, voice, Ask.TOPIC_CHOSEN) for topic in others]


def _beside(article: Article, voice: Voice, shift: int = 0) -> tuple[Button, ...]:
    """Return the row of what stands beside a text: who helps, where it was read, what to read next."""
    _ = voice.words.gettext
    row = [*voice.button(_("Sources"), Ask.TOPIC_SOURCES, article.key, shift)]
    if article.contacts:
        row = [*voice.button(_("Who helps"), Ask.TOPIC_CONTACTS, article.key, shift), *row]
    return (*row, *voice.button(_("Read next"), Ask.TOPIC_RELATED, article.key, shift))


def _warning(article: Article, voice: Voice, said: TopicAnswer | None = None) -> Screen:
    """Ask first; what was `said` of the question besides stands here, since the text is opened without it."""
    _ = voice.words.gettext
    kind, help_ = kind_word(said.help if said else None, voice)
    lines = [
        *kind,
        bold(unlinked(article.title)),
        "",
        _("This text names organisations that are banned in Belarus, or may be."),
        _("If somebody looks into your phone, the names can be held against you."),
        _("Read it where you are alone, and delete the chat afterwards."),
    ]
    rows = [*help_, voice.button(_("Show the text"), Ask.TOPIC, article.key, WARNED)]
    if said is not None:
        said_else, elsewhere = _elsewhere(said, MOST_PARTS, voice)
        lines, rows = [*lines, *_lacking(said, voice), *said_else], [*rows, *elsewhere]
    return screen(lines, [*rows, voice.way_back(Ask.AREA, article.area)])


def expired(said: TopicExpired, voice: Voice) -> Screen:
    """Say since when nobody has checked this; only what needs no check remains."""
    _ = voice.words.gettext
    article = _read(said.topic, voice)
    date = voice.words.full_date(When(article.checked_on))
    lines = [
        bold(unlinked(article.title)),
        "",
        _("Not checked since %(date)s. We do not show the steps: they may be wrong by now.") % {"date": date},
        # Who helps with this may be a fund: in Belarus a message to one is evidence.
        _("Ask a lawyer how it is now. From Belarus, write neither to rights groups nor to funds."),
        "",
        *_paragraphs(article.safe.blocks),
    ]
    return screen(lines, [_beside(article, voice), voice.way_back(Ask.AREA, article.area)])


def part(said: TopicPart, voice: Voice) -> Screen:
    """Say one part of a topic."""
    article = _read(said.topic, voice)
    if article.warning and is_careful(voice.reader.place) and not said.warned:
        return _warning(article, voice)
    section = article.sections[said.index]
    marked = sorted({mark for block in section.blocks for run in block.runs for mark in run.marks})
    sources = [article.sources[mark - 1] for mark in marked]
    lines = [bold(unlinked(section.heading)), unlinked(article.title), "", *_paragraphs(section.blocks), ""]
    lines += _rests_on(article, sources, voice)
    shift = WARNED if said.warned else 0
    ordered = article.order_for(voice.reader.place)
    after = ordered[ordered.index(said.index) + 1 :][:1]
    rows = [
        voice.button(article.sections[index].heading, Ask.TOPIC_PART, article.key, index + shift)
        for index in after
    ]
    back = voice.way_back(Ask.TOPIC, article.key, shift)
    return screen(lines, [*rows, _beside(article, voice, shift), back])


def _paragraphs(blocks: Iterable[Block]) -> list[str]:
    """Return paragraphs with an empty line before each, and items of a list one under another."""
    lines: list[str] = []
    for block in blocks:
        words = "".join(_written(run) for run in block.runs)
        if block.marker:
            lines.append(f"{block.marker} {words}")
        else:
            lines += ["", words] if lines else [words]
    return lines


def _written(run: Run) -> str:
    """Return words made harmless, with the spaces at their ends."""
    words = unlinked(run.text)
    words = bold(words) if run.bold and words else words
    return f"{' ' * run.text[:1].isspace()}{words}{' ' * (run.text[-1:].isspace() and bool(words))}"


def _rests_on(article: Article, sources: Sequence[Source], voice: Voice) -> list[str]:
    _ = voice.words.gettext
    lines = []
    if sources:
        lines.append(resting_on(sources, voice, SHOWN_SOURCES))
    date = voice.words.full_date(When(article.checked_on))
    lines.append(_("Checked: %(date)s.") % {"date": date})
    if article.independent < 2:
        lines.append(_("All of this rests on one source."))
    if article.general:
        lines.append(_("Some of this is general experience that no page was read for."))
    if article.legal_review is not Review.LAWYER and article.area is Area.LEGAL:
        lines.append(_("No lawyer has reviewed this text."))
    return lines


def sources(said: TopicSources, voice: Voice) -> Screen:
    """Say which pages a topic rests on."""
    _ = voice.words.gettext
    article = _read(said.topic, voice)
    review = {
        Review.NONE: _("Nobody but its writer has reviewed this text for the law."),
        Review.EDITOR: _("An editor has reviewed this text for the law. No lawyer has."),
        Review.LAWYER: _("A lawyer has reviewed this text."),
    }[article.legal_review]
    lines = [bold(_("Sources")), unlinked(article.title), "", review, ""]
    shift = WARNED * said.warned
    rows = [voice.way_back(Ask.TOPIC, article.key, shift)]
    names = voice.press(Ask.TOPIC_SOURCES_NAMED, article.key, shift)
    return sources_screen(lines, rows, article.sources, voice, names, named=said.named)


def contacts(said: TopicContacts, voice: Voice) -> Screen:
    """Say who helps with exactly this, and offer the whole directory."""
    _ = voice.words.gettext
    article = _read(said.topic, voice)
    lines = [bold(_("Who helps")), unlinked(article.title), ""]
    lines, rows = organisation_lines(lines, said.organisations, voice)
    rows.append(voice.button(_("Everybody who helps"), Ask.NEEDS))
    return screen(lines, [*rows, voice.way_back(Ask.TOPIC, article.key, WARNED * said.warned)])


def related(said: TopicRelated, voice: Voice) -> Screen:
    """Offer what to read next."""
    _ = voice.words.gettext
    article = _read(said.topic, voice)
    lines = [bold(_("Read next")), unlinked(article.title)]
    rows = [topic_button(topic, voice) for topic in said.topics]
    return screen(lines, [*rows, voice.way_back(Ask.TOPIC, article.key, WARNED * said.warned)])
