"""The text of a message as Telegram keeps it, and the links it finds by itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.html_entities import utf16_length
from bot.desk.refusals import Refusal
from bot.desk.texts import text_and_entities, with_found_entities


def found(text: str) -> list[tuple[str, str]]:
    units = text.encode("utf-16-le", "surrogatepass")

    def seen(entity: dict[str, Any]) -> str:
        end = entity["offset"] + entity["length"]
        return units[entity["offset"] * 2 : end * 2].decode("utf-16-le")

    return [(entity["type"], seen(entity)) for entity in with_found_entities(text, [])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start", [("bot_command", "/start")]),
        ("😀 /help@volya_bot, /stop", [("bot_command", "/help@volya_bot"), ("bot_command", "/stop")]),
        ("1/2 a/b", []),
        ("гл. https://пошта.невядома/а?б=1.", [("url", "https://пошта.невядома/а?б=1")]),
        ("example.org/a, spring96.org", [("url", "example.org/a"), ("url", "spring96.org")]),
        ("г.Гомель т.е. 3.5", []),
        ("пішыце на help@example.org", [("email", "help@example.org")]),
        ("@some_name #тэг #1", [("mention", "@some_name"), ("hashtag", "#тэг")]),
    ],
)
def test_what_telegram_finds_by_itself(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_nothing_is_found_inside_code_or_a_link() -> None:
    source = '<code>/start</code> <a href="https://example.org">a.example.org</a> /help'
    _, entities = text_and_entities({"text": source, "parse_mode": "HTML"})
    assert [entity["type"] for entity in entities] == ["code", "text_link", "bot_command"]


def test_a_text_is_trimmed_and_its_entities_with_it() -> None:
    text, entities = text_and_entities({"text": "\n <b>тэкст \n</b> \n", "parse_mode": "HTML"})
    assert text == "тэкст"
    assert entities == [{"type": "bold", "offset": 0, "length": 5}]


def test_what_turns_a_chat_around_is_taken_out() -> None:
    text, _ = text_and_entities({"text": "а\u202eб\r\nв\x00г\tд"})
    assert text == "аб\nв г д"


def test_stated_entities_are_kept_and_found_ones_added() -> None:
    stated = [{"type": "text_link", "offset": 2, "length": 1, "url": "example.org"}]
    _, entities = text_and_entities({"text": "😀а /b", "entities": stated})
    assert entities == [
        {"type": "text_link", "offset": 2, "length": 1, "url": "http://example.org/"},
        {"type": "bot_command", "offset": 4, "length": 2},
    ]


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ({"type": "text_link", "offset": 0, "length": 1, "url": "javascript:alert(1)"}, "Wrong HTTP URL"),
        ({"type": "blink", "offset": 0, "length": 1}, "Unsupported type"),
        ({"type": "bold", "offset": -1, "length": 1}, "outside of the text"),
        ({"type": "bold", "offset": 0, "length": 0}, "outside of the text"),
    ],
)
def test_a_wrong_entity_is_refused(entity: dict[str, Any], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        text_and_entities({"text": "ab", "entities": [entity]})


@given(st.text(alphabet=st.sampled_from("a.1/@#-_:😀ў ?http\n"), max_size=200))
def test_found_entities_lie_inside_the_text(text: str) -> None:
    entities = with_found_entities(text, [])
    assert all(0 <= entity["offset"] < entity["offset"] + entity["length"] for entity in entities)
    assert all(entity["offset"] + entity["length"] <= utf16_length(text) for entity in entities)
