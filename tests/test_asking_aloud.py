"""A question without a chat: what is printed is what the chat would say, and each line gets its answer."""

from __future__ import annotations

import json

import pytest

from bot import asking_aloud
from bot.domain.caution import Place
from bot.domain.people import Language


@pytest.mark.parametrize(
    ("question", "language", "said"),
    [
        ("не присылайте мне больше ничего", Language.RU, "/stop"),
        ("Алесь Бяляцкі", Language.BE, "На волі, за мяжой: Літва"),
        ("Алесь Бяляцкі", Language.BE, "diena.lt"),
        ("how many kilos may be in a parcel", Language.EN, "Parcels: what may be sent and how much"),
    ],
)
async def test_what_is_printed_is_what_the_chat_says(question: str, language: Language, said: str) -> None:
    printed = await asking_aloud.as_in_the_chat(question, language, Place.NOT_SAID)

    assert said in printed
    assert all(line.isprintable() for line in printed.split("\n"))


async def test_each_line_is_answered_and_one_that_is_none_stops_nothing() -> None:
    asked = {"1": "колькі кілаграмаў можна ў перадачу", "2": "Алесь Бяляцкі", "3": "не хочу больше жить"}
    lines = [json.dumps({"id": key, "query": text, "lang": "be"}) for key, text in asked.items()]
    lines.insert(1, "nonsense")
    answers = [json.loads(line) for line in asking_aloud.ask_jsonl(await asking_aloud.listed(), lines)]
    assert [answer["id"] for answer in answers] == ["1", None, "2", "3"]
    assert [answer["kind"] for answer in answers] == ["article", None, "person", "distress"]
    assert answers[0]["article"] == "parcels"
    assert answers[2]["person_id"] == "viasna-964"
    assert all(len(answer["choices"]) >= 3 for answer in answers if answer["id"])
