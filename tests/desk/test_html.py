"""Telegram's HTML: what is read, what is refused and in which words."""

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.html_entities import is_web_address, parse_html, utf16_length
from bot.desk.refusals import Refusal

CAN_T_PARSE = "Bad Request: can't parse entities: "
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)
PIECES = st.sampled_from(
    [
        *(
            "<b>",
            "</b>",
            "<i>",
            "</i>",
            "</>",
            "<",
            ">",
            "&",
            "&lt;",
            "&#128512;",
            "&#x1F600",
            "&nbsp;",
            "😀",
            "ў",
        ),
        *(
            '<a href="',
            '">',
            "</a>",
            "<span class='tg-spoiler'>",
            "</span>",
            "<blockquote expandable>",
            '"',
            "'",
        ),
        *(
            "</blockquote>",
            "<pre><code class=language-py>",
            "</code></pre>",
            "=",
            " ",
            "\n",
            "\0",
            "/",
            "<tg-emoji",
        ),
    ]
)


def seen(text: str, entity: dict[str, Any]) -> str:
    """Cut out what an entity covers, counting as Telegram counts."""
    units = text.encode("utf-16-le")
    return units[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le")


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>a</b>", "a", [("bold", "a")]),
        ("<strong>a</strong><em>b</em><ins>c</ins><del>d</del>", "abcd", list(zip(
            ("bold", "italic", "underline", "strikethrough"), "abcd", strict=True))),
        ("😀<i>😀ў</i>", "😀😀ў", [("italic", "😀ў")]),
        ("<b>1<i>2</i></b>3", "123", [("bold", "12"), ("italic", "2")]),
        ("&lt;&gt;&amp;&quot;&#33;&#x21;", '<>&"!!', []),
        ("&laquo; & &#12345678;", "&laquo; & &#12345678;", []),
        ("<b></b>x", "x", []),
        ("<tg-spoiler>a</tg-spoiler><span class='tg-spoiler'>b</span>", "ab",
         [("spoiler", "a"), ("spoiler", "b")]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", "q")]),
        ("<blockquote>q<blockquote>r</blockquote></blockquote>", "qr", [("blockquote", "qr")]),
        ("<code>a<b>b</b></code>", "ab", [("code", "ab")]),
        ("<a href='https://example.org'>a</a>", "a", [("text_link", "a")]),
        ("<a href='javascript:alert(1)'>a</a>", "a", []),
        ("<B>a</b >", "a", [("bold", "a")]),
        ("<b>a</>", "a", [("bold", "a")]),
        ("<tg-emoji emoji-id='5'>🙂</tg-emoji>", "🙂", [("custom_emoji", "🙂")]),
        ("<tg-time unix='1790000000' format='wDt'>soon</tg-time>", "soon", [("date_time", "soon")]),
    ],
)  # fmt: skip
def test_what_is_read(source: str, text: str, entities: list[tuple[str, str]]) -> None:
    read, found = parse_html(source)
    assert (read, [(entity["type"], seen(read, entity)) for entity in found]) == (text, entities)


def test_a_language_belongs_to_its_block() -> None:
    read, [block] = parse_html('<pre><code class="language-python">x</code></pre>')
    assert (read, block) == ("x", {"type": "pre", "offset": 0, "length": 1, "language": "python"})


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<b>", 'Can\'t find end tag corresponding to start tag "b"'),
        ("ў<table>", 'Unsupported start tag "table" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b ", 'Unclosed start tag "b" at byte offset 0'),
        ("<i a=", 'Unclosed start tag "i" at byte offset 0'),
        ("<i a='", "Unclosed start tag at byte offset 0"),
        ("<i =a>", 'Empty attribute name in the tag "i" at byte offset 0'),
        ("<i a>", 'Expected equal sign in declaration of an attribute of the tag "i" at byte offset 0'),
        ("<i a=b,>", "Unexpected end of name token at byte offset 5"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("</b>", "Unexpected end tag at byte offset 0"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<b><i>😀</b></i>", 'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
    ],
)
def test_what_is_refused(source: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_html(source)
    assert refused.value.description == CAN_T_PARSE + words


def test_half_a_character_is_refused() -> None:
    with pytest.raises(Refusal, match="surrogate"):
        parse_html("&#xD83D;")


@given(TEXTS)
def test_an_escaped_text_comes_back_as_it_was(text: str) -> None:
    assert parse_html(html.escape(text, quote=False)) == (text, [])


@given(TEXTS, TEXTS, TEXTS)
def test_offsets_are_counted_in_utf16(before: str, inside: str, after: str) -> None:
    escaped = [html.escape(part, quote=False) for part in (before, inside, after)]
    text, entities = parse_html("{}<b>{}</b>{}".format(*escaped))
    assert text == before + inside + after
    assert [seen(text, entity) for entity in entities] == ([inside] if inside else [])


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_text_breaks_the_reader(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except Refusal as refusal:
        assert refusal.description.startswith("Bad Request: ")  # noqa: PT017 - a refusal is one of two good ends
        return
    length = utf16_length(text)
    assert all(0 <= entity["offset"] < entity["offset"] + entity["length"] <= length for entity in entities)


@pytest.mark.parametrize(
    ("address", "opens"),
    [
        ("https://example.org/a?b#c", True),
        ("example.org", True),
        ("tg://user?id=1", True),
        ("https://пошта.бел", True),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://localhost", False),
        ("file:///etc/passwd", False),
        ("data:text/html,x", False),
        ("mailto:a@example.org", False),
    ],
)
def test_which_addresses_open(address: str, opens: bool) -> None:
    assert is_web_address(address) is opens
