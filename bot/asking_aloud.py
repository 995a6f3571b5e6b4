"""Asking aloud: a question without a chat, answered as in one, or as a line of JSON for measuring."""

from __future__ import annotations

import html
import json
import re
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.app import prepare_registry, today
from bot.chat import messages
from bot.chat.buttons import Screen
from bot.chat.plain_words import plainly
from bot.chat.readers import Reader
from bot.chat.voice import Voice
from bot.chat.words import in_language
from bot.domain.caution import Place
from bot.domain.classifier import Classifier
from bot.domain.kinds import Kind
from bot.domain.names import NameIndex
from bot.domain.people import Language, View
from bot.domain.questions import Asked, understand
from bot.services.advising import Advising
from bot.services.answering import Answering
from bot.services.finding import Listed, listed_people, read_line
from bot.services.understanding import Understanding
from bot.settings import sqlite_address
from bot.sources.article_files import read_library
from bot.sources.directory_files import read_directory
from bot.sources.question_files import read_classifier
from bot.sources.seed_files import SEED
from bot.store.database import Database

_TAG = re.compile(r"<[^>]+>")
_WITH_TOPIC = {Kind.ARTICLE, Kind.PERSON_AND_ARTICLE}
_WITH_PERSON = {Kind.PERSON, Kind.PERSON_AND_ARTICLE}


async def as_in_the_chat(question: str, language: Language, place: Place) -> str:
    """Return the text and the buttons of the answer, from the registry that ships."""
    async with _seeded() as database:
        answering = Answering(database)
        await answering.refresh_names()
        advising = Advising(read_library(), read_directory(), today)
        understanding = Understanding(answering, advising, read_classifier())
        answer = plainly(question) or await understanding.answer(0, question)
    voice = Voice(in_language(language), Reader(View(language.value), place), today(), "–")
    return _plain(messages.say(answer, voice))


async def listed() -> Listed:
    """Return the people of the registry that ships, by their keys."""
    async with _seeded() as database:
        return await listed_people(database)


def ask_jsonl(people: Listed, lines: Iterable[str]) -> Iterator[str]:
    """Answer each JSON line `{"id", "query", "lang", "place"}` with what was understood, in order.

    A line that is none is answered with an error; it stops nothing.
    """
    ids, names = people
    index, classifier = NameIndex(names), read_classifier()
    for line in lines:
        if line.strip():
            yield json.dumps(_answered(index, ids, names, classifier, line))


def _answered(
    index: NameIndex, ids: list[str], names: list[tuple[int, list[Any]]], classifier: Classifier, line: str
) -> dict[str, Any]:
    asked = read_line(line)
    if asked is None:
        return {"id": None, "kind": None, "error": "not a question line"}
    key, query = asked

    def stored(number: int) -> list[str]:
        return [name.text for name in names[number][1]]

    understood = understand(query, index.find, stored, classifier)
    person = ids[understood.match.numbers[0]] if understood.kind in _WITH_PERSON else None
    return {"id": key, **as_json(understood), "person_id": person}


def as_json(asked: Asked) -> dict[str, Any]:
    """Return what was understood, as a line says it."""
    return {
        "kind": asked.kind.value,
        "article": asked.choices[0] if asked.kind in _WITH_TOPIC else None,
        "choices": list(asked.choices),
        "score": round(asked.score, 4),
    }


@asynccontextmanager
async def _seeded() -> AsyncIterator[Database]:
    """A registry of its own, gone afterwards: to ask changes nothing."""
    with tempfile.TemporaryDirectory(prefix="volya-ask-") as folder:
        database = Database(sqlite_address(Path(folder) / "registry.db"))
        try:
            await prepare_registry(database, SEED, today())
            yield database
        finally:
            await database.close()


def _plain(screen: Screen) -> str:
    rows = ["  ".join(f"[{button.text}]" for button in row) for row in screen.rows]
    # A terminal makes no links: what keeps Telegram from it is a sign that is not printed.
    text = html.unescape(_TAG.sub("", screen.text)).replace("\u2060", "").replace("\u00a0", " ")
    return "\n".join([text, "", *rows])
