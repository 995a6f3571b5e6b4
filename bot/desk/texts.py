"""The text of a message as Telegram keeps it: cleaned, trimmed, with the entities it finds by itself."""

from __future__ import annotations

import re
from typing import Any, Final

from bot.desk.html_entities import Entity, link_entity, parse_html, utf16_length
from bot.desk.refusals import bad_request, cannot_parse

LONGEST_TEXT: Final = 4096
_ENTITY_TYPES: Final = {
    *("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic"),
    *("underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre"),
    *("text_link", "text_mention", "custom_emoji", "date_time"),
}
# Telegram finds these itself, and ignores a bot that states them.
_FOUND_BY_TELEGRAM: Final = {
    *("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"),
}
# Line and direction marks that a message may not hold: an open one turns the chat around it.
_REMOVED: Final = re.compile("[\r\u2028-\u202e]")
_BLANKED: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_INVISIBLE: Final = re.compile("[\\s\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u180e\u3164\u2800]*")
# With a scheme every host is a link; without one only what ends like an address, or "г.Гомель" would be one.
_ENDINGS: Final = (
    "com|org|net|info|int|edu|gov|io|me|tv|app|dev|xyz|site|online|news|media|help|example|by|ru|ua|pl|lt|lv|ee|de|eu"
    "|uk|us|fr|cz|no|se|fi|ge|am|бел|рф"
)
_FINDABLE: Final = re.compile(
    r"(?<![\w@./:-])(?P<url>(?:https?://(?:[\w-]+\.)+\w{2,24}|(?:[\w-]+\.)+(?:" + _ENDINGS + r"))(?![\w-])"
    r"(?::\d+)?(?:[/?#][^\s<>\"«»]*)?)"
    r"|(?<![\w/@<])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/])"
    r"|(?<![\w/@])(?P<mention>@[A-Za-z0-9_]{4,32})(?!\w)"
    r"|(?<![\w#])(?P<hashtag>#\w*[^\W\d]\w*)",
    re.IGNORECASE,
)
_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}", re.IGNORECASE)


def cleaned(text: str) -> str:
    """Take out what Telegram takes out of every text it is given."""
    return _BLANKED.sub(" ", _REMOVED.sub("", text))


def text_and_entities(params: dict[str, Any]) -> tuple[str, list[Entity]]:
    """Read the text of a call the way its parse mode says; raise Refusal where Telegram would."""
    text = cleaned(params.get("text", ""))
    mode = params.get("parse_mode", "")
    if mode.lower() == "html":
        text, entities = parse_html(text)
    elif mode:
        words = (
            "the desk reads HTML only" if mode.lower().startswith("markdown") else "unsupported parse_mode"
        )
        raise bad_request(words)
    else:
        entities = _given_entities(params.get("entities", []), text)
    if not text:
        raise bad_request("message text is empty")
    if _INVISIBLE.fullmatch(text):
        raise bad_request("text must be non-empty")
    text, entities = _trimmed(text, entities)
    if utf16_length(text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return text, with_found_entities(text, entities)


def _given_entities(given: list[dict[str, Any]], text: str) -> list[Entity]:
    length = utf16_length(text)
    entities = []
    for entity in given:
        kind, offset, size = entity["type"], entity["offset"], entity["length"]
        if kind not in _ENTITY_TYPES:
            raise cannot_parse(f'can\'t parse MessageEntity: Unsupported type "{kind}" specified')
        if offset < 0 or size <= 0 or offset + size > length:
            raise bad_request(f"entity at offset {offset} with length {size} lies outside of the text")
        if kind == "text_link":
            found = link_entity(entity.get("url", ""))
            if found is None:
                raise bad_request(f"entity URL '{entity.get('url', '')}' is invalid: Wrong HTTP URL")
            entity = {**found, "offset": offset, "length": size}
        if kind not in _FOUND_BY_TELEGRAM:
            entities.append(entity)
    _refuse_split_characters(entities, text)
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return entities


def _refuse_split_characters(entities: list[Entity], text: str) -> None:
    inside = set()
    at = 0
    for character in text:
        if character > "\uffff":
            inside.add(at + 1)
        at += utf16_length(character)
    for entity in entities:
        if {entity["offset"], entity["offset"] + entity["length"]} & inside:
            raise bad_request("entity begins or ends in the middle of a UTF-16 surrogate pair")


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    text = text.rstrip()
    first = min((entity["offset"] for entity in entities), default=len(text))
    lead = min(len(text) - len(text.lstrip()), first)
    text, length = text[lead:], utf16_length(text[lead:])
    kept = []
    for entity in entities:
        offset = entity["offset"] - lead
        size = min(entity["length"], length - offset)
        if size > 0:
            kept.append({**entity, "offset": offset, "length": size})
    return text, kept


def with_found_entities(text: str, entities: list[Entity]) -> list[Entity]:
    """Add the links, commands and mentions that Telegram finds in a text by itself."""
    taken = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in entities
        if entity["type"] in {"code", "pre", "text_link", "text_mention"}
    ]
    found = list(entities)
    candidates = [("email", match.span()) for match in _EMAIL.finditer(text)] if "@" in text else []
    if any(mark in text for mark in "./@#"):
        candidates += [(match.lastgroup or "", match.span()) for match in _FINDABLE.finditer(text)]
    for kind, (start, end) in candidates:
        if kind == "url":
            end = start + len(text[start:end].rstrip(".,:;!?"))
        begins, ends = utf16_length(text[:start]), utf16_length(text[:end])
        if any(begins < other_end and other < ends for other, other_end in taken):
            continue
        taken.append((begins, ends))
        found.append({"type": kind, "offset": begins, "length": ends - begins})
    found.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return found
