"""Telegram's HTML: from a text with tags to the visible text and its entities, or to a refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from bot.desk.refusals import Refusal, bad_request, cannot_parse

Entity = dict[str, Any]

_PLAIN_TAGS: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_NUMERIC: Final = re.compile(r"#(?:[xX](?P<hex>[0-9a-fA-F]+)|(?P<dec>[0-9]+));?")
_NAME: Final = re.compile(r"[A-Za-z]+")
_SPACE: Final = re.compile(r"[ \t\r\n\0\v]*")
_WORD: Final = re.compile(r"[A-Za-z0-9.-]*")
_TAG_NAME: Final = re.compile(r"[^ \t\r\n\0\v>]*")
_ATTRIBUTE_NAME: Final = re.compile(r"[^ \t\r\n\0\v=>]*")
_LARGEST_CHARACTER: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)
_BADLY_PAIRED: Final = (
    "Text contains invalid Unicode characters after decoding HTML entities, "
    "check for unmatched surrogate code units"
)
_WEB_ADDRESS: Final = re.compile(
    r"(?:(?:https?|ftp|tonsite|tg|ton)://)?[^\s/?#@:.]+(?:\.[^\s/?#@:.]+)*(?::\d+)?(?:[/?#]\S*)?"
)


def utf16_length(text: str) -> int:
    """Count a text as Telegram counts it: a character outside the first plane is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(slots=True)
class _OpenTag:
    name: str
    begins_at: int
    attributes: dict[str, str]
    utf16_offset: int
    characters_before: int


@dataclass(slots=True)
class _Reader:
    source: str
    at: int = 0
    text: list[str] = field(default_factory=list)
    utf16_offset: int = 0
    open_tags: list[_OpenTag] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def look(self) -> str:
        return self.source[self.at : self.at + 1]

    def take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.source, self.at)
        taken = found[0] if found else ""
        self.at += len(taken)
        return taken

    def write(self, characters: str) -> None:
        self.text.append(characters)
        self.utf16_offset += utf16_length(characters)

    def byte_offset(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Split a text into what is seen and its entities, offsets in UTF-16; raise Refusal as Telegram does."""
    reader = _Reader(source)
    while reader.at < len(source):
        character = source[reader.at]
        if character == "&":
            reader.write(_decoded(reader))
        elif character != "<":
            end = min(
                (place for place in (source.find("<", reader.at), source.find("&", reader.at)) if place >= 0),
                default=len(source),
            )
            reader.write(source[reader.at : end])
            reader.at = end
        elif source.startswith("/", reader.at + 1):
            _close_tag(reader)
        else:
            _open_tag(reader)
    if reader.open_tags:
        raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{reader.open_tags[-1].name}"')
    return "".join(reader.text), _arranged(reader.entities)


def _decoded(reader: _Reader) -> str:
    """Read one `&...;`; what Telegram does not know stays as it is written."""
    after = reader.at + 1
    numeric = _NUMERIC.match(reader.source, after)
    if numeric:
        code = int(numeric["hex"], 16) if numeric["hex"] else int(numeric["dec"][:10])
        if code in _SURROGATES:
            raise bad_request(_BADLY_PAIRED)
        if 0 < code <= _LARGEST_CHARACTER:
            reader.at = numeric.end()
            return chr(code)
    named = _NAME.match(reader.source, after)
    if named and named[0] in _NAMED:
        reader.at = named.end() + reader.source.startswith(";", named.end())
        return _NAMED[named[0]]
    reader.at = after
    return "&"


def _unclosed(reader: _Reader, begins_at: int, name: str = "") -> Refusal:
    quoted = f' "{name}"' if name else ""
    return cannot_parse(f"Unclosed start tag{quoted} at byte offset {reader.byte_offset(begins_at)}")


def _open_tag(reader: _Reader) -> None:
    begins_at = reader.at
    reader.at += 1
    name = reader.take(_TAG_NAME).lower()
    if not reader.look():
        raise _unclosed(reader, begins_at)
    if name not in _PLAIN_TAGS:
        raise cannot_parse(f'Unsupported start tag "{name}" at byte offset {reader.byte_offset(begins_at)}')
    attributes: dict[str, str] = {}
    while True:
        reader.take(_SPACE)
        if reader.look() == ">":
            break
        key, value = _attribute(reader, name, begins_at)
        attributes[key] = value
        if not reader.look():
            raise _unclosed(reader, begins_at)
    reader.at += 1
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise cannot_parse(
            f'Tag "span" must have class "tg-spoiler" at byte offset {reader.byte_offset(begins_at)}'
        )
    written = len(reader.text)
    reader.open_tags.append(_OpenTag(name, begins_at, attributes, reader.utf16_offset, written))


def _attribute(reader: _Reader, tag: str, begins_at: int) -> tuple[str, str]:
    name = reader.take(_ATTRIBUTE_NAME)
    if not name:
        place = reader.byte_offset(begins_at)
        if not reader.look():
            raise _unclosed(reader, begins_at, tag)
        raise cannot_parse(f'Empty attribute name in the tag "{tag}" at byte offset {place}')
    reader.take(_SPACE)
    if reader.look() != "=":
        if tag == "blockquote" and name.lower() == "expandable":
            return "expandable", ""
        place = reader.byte_offset(begins_at)
        raise cannot_parse(
            f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset {place}'
        )
    reader.at += 1
    reader.take(_SPACE)
    if not reader.look():
        raise _unclosed(reader, begins_at, tag)
    return name.lower(), _attribute_value(reader)


def _attribute_value(reader: _Reader) -> str:
    quote = reader.look()
    if quote not in {"'", '"'}:
        begins_at = reader.at
        word = reader.take(_WORD).lower()
        following = reader.look()
        if following and following not in " \t\r\n\0\v>":
            raise cannot_parse(f"Unexpected end of name token at byte offset {reader.byte_offset(begins_at)}")
        return word
    reader.at += 1
    value = []
    while reader.look() not in {quote, ""}:
        if reader.look() == "&":
            value.append(_decoded(reader))
        else:
            value.append(reader.look())
            reader.at += 1
    reader.at += 1
    return "".join(value)


def _close_tag(reader: _Reader) -> None:
    begins_at = reader.at
    if not reader.open_tags:
        raise cannot_parse(f"Unexpected end tag at byte offset {reader.byte_offset(begins_at)}")
    reader.at += 2
    name = reader.take(_TAG_NAME).lower()
    reader.take(_SPACE)
    if reader.look() != ">":
        raise cannot_parse(f"Unclosed end tag at byte offset {reader.byte_offset(begins_at)}")
    reader.at += 1
    opened = reader.open_tags.pop()
    if name and name != opened.name:
        raise cannot_parse(
            f"Unmatched end tag at byte offset {reader.byte_offset(begins_at)}, "
            f'expected "</{opened.name}>", found "</{name}>"'
        )
    length = reader.utf16_offset - opened.utf16_offset
    if length:
        entity = _entity(opened, "".join(reader.text[opened.characters_before :]))
        if entity is not None:
            reader.entities.append({**entity, "offset": opened.utf16_offset, "length": length})


def _entity(tag: _OpenTag, inside: str) -> Entity | None:
    kind = _PLAIN_TAGS[tag.name]
    match tag.name:
        case "a":
            return link_entity(tag.attributes.get("href", "") or inside)
        case "blockquote" if "expandable" in tag.attributes:
            return {"type": "expandable_blockquote"}
        case "code":
            spoken = tag.attributes.get("class", "")
            return {"type": kind, "language": spoken.removeprefix("language-")} if spoken else {"type": kind}
        case "tg-emoji":
            number = tag.attributes.get("emoji-id", "")
            if not number.isascii() or not number.isdigit():
                raise bad_request("Invalid custom emoji identifier specified")
            return {"type": kind, "custom_emoji_id": number}
        case "tg-time":
            return _time_entity(kind, tag.attributes)
        case _:
            return {"type": kind}


def _time_entity(kind: str, attributes: dict[str, str]) -> Entity:
    moment = attributes.get("unix", "")
    if not re.fullmatch(r"\d{1,10}", moment):
        raise cannot_parse("Invalid date_time Unix time specified")
    shown = attributes.get("format", "")
    if not re.fullmatch(r"r|w?[dD]?[tT]?", shown):
        raise cannot_parse("Invalid date-time format specified")
    return {"type": kind, "unix_time": int(moment)} | ({"date_time_format": shown} if shown else {})


def link_entity(address: str) -> Entity | None:
    """Make the entity of a link; None where Telegram shows the words without a link."""
    mentioned = re.fullmatch(r"tg://user\?id=(\d{1,15})", address)
    if mentioned:
        return {"type": "text_mention", "user_id": int(mentioned[1])}
    if not is_web_address(address):
        return None
    if "://" not in address:
        address = f"http://{address}"
    scheme, _, rest = address.partition("://")
    if "/" not in rest and "?" not in rest and "#" not in rest and scheme.lower() != "tg":
        rest += "/"
    return {"type": "text_link", "url": f"{scheme.lower()}://{rest}"}


def is_web_address(address: str) -> bool:
    """Return whether Telegram would open an address: a known scheme and a host with a dot, or `tg://`."""
    if not _WEB_ADDRESS.fullmatch(address):
        return False
    scheme, separator, rest = address.partition("://")
    if separator and scheme.lower() in {"tg", "ton"}:
        return True
    host = re.split(r"[/?#:]", rest if separator else address, maxsplit=1)[0]
    return "." in host


def _arranged(entities: list[Entity]) -> list[Entity]:
    """Order entities as Telegram does and drop what it drops: code holds nothing else, a quote no quote."""
    entities = _with_pre_languages(entities)
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    kept: list[Entity] = []
    code_ends_at = quote_ends_at = 0
    for entity in entities:
        kind, ends_at = entity["type"], entity["offset"] + entity["length"]
        if entity["offset"] < code_ends_at:
            continue
        if kind in {"blockquote", "expandable_blockquote"}:
            if entity["offset"] < quote_ends_at:
                continue
            quote_ends_at = ends_at
        if kind in {"code", "pre"}:
            code_ends_at = ends_at
        kept.append(entity)
    return kept


def _with_pre_languages(entities: list[Entity]) -> list[Entity]:
    """Fold `<pre><code class="language-x">` into one entity; a language on its own means nothing."""
    blocks = {(e["offset"], e["length"]): e for e in entities if e["type"] == "pre"}
    folded = []
    for entity in entities:
        if entity["type"] == "code":
            block = blocks.get((entity["offset"], entity["length"]))
            if block is not None:
                if "language" in entity:
                    block["language"] = entity["language"]
                continue
            entity = {key: value for key, value in entity.items() if key != "language"}
        folded.append(entity)
    return folded
