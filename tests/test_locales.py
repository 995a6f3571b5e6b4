"""The gate of languages: every phrase in all three, whole, fresh, and in letters of its own language."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

import bot

ROOT = Path(bot.__file__).parents[1]
LOCALES = ROOT / "locales"
PLURALS = {"be": 3, "ru": 3, "en": 2}
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[a-z%]")
TAG = re.compile(r"</?\w+[^>]*>")
VOWELS = "аеёіоуыэюя"

Phrase = tuple[str, str]
"""An English phrase and its plural, which is empty for most."""


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(LOCALES / language / "LC_MESSAGES" / "messages.po"))


def phrases(file: polib.POFile) -> set[Phrase]:
    return {(entry.msgid, entry.msgid_plural) for entry in file if not entry.obsolete}


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def said(language: str) -> Iterator[tuple[polib.POEntry, str]]:
    for entry in catalogue(language):
        for text in translations(entry):
            yield entry, text


@pytest.fixture(scope="module")
def extracted() -> set[Phrase]:
    """Every phrase the code speaks, taken out of it now."""
    found = extract_from_dir(ROOT / "bot", [("**.py", "python")], keywords=DEFAULT_KEYWORDS)
    return {
        (messages[0], messages[1]) if isinstance(messages, tuple) else (messages, "")
        for _, _, messages, _, _ in found
    }


def test_the_template_is_what_the_code_says(extracted: set[Phrase]) -> None:
    assert phrases(polib.pofile(str(LOCALES / "messages.pot"))) == extracted
    assert len(extracted) >= 100


@pytest.mark.parametrize("language", PLURALS)
def test_a_catalogue_holds_every_phrase_and_no_other(language: str, extracted: set[Phrase]) -> None:
    assert phrases(catalogue(language)) == extracted


@pytest.mark.parametrize("language", PLURALS)
def test_nothing_is_left_untranslated_unsure_or_behind(language: str) -> None:
    file = catalogue(language)

    assert [entry.msgid for entry, text in said(language) if not text.strip()] == []
    assert [entry.msgid for entry in file if entry.fuzzy] == []
    assert [entry.msgid for entry in file.obsolete_entries()] == []
    assert file.percent_translated() == 100


@pytest.mark.parametrize("language", PLURALS)
def test_plurals_have_all_their_forms(language: str) -> None:
    file = catalogue(language)
    plural = [entry for entry in file if entry.msgid_plural]

    assert f"nplurals={PLURALS[language]};" in file.metadata["Plural-Forms"]
    assert plural
    assert {len(entry.msgstr_plural) for entry in plural} == {PLURALS[language]}


def test_english_is_filled_with_its_own_phrases() -> None:
    for entry in catalogue("en"):
        source = [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]
        assert translations(entry) == source


@pytest.mark.parametrize("language", PLURALS)
def test_placeholders_and_tags_survive_translation(language: str) -> None:
    for entry, text in said(language):
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(entry.msgid)), entry.msgid
        assert Counter(TAG.findall(text)) == Counter(TAG.findall(entry.msgid)), entry.msgid


@pytest.mark.parametrize("language", PLURALS)
def test_every_placeholder_has_a_name(language: str) -> None:
    for entry, text in said(language):
        assert all(PLACEHOLDER.findall(text)), entry.msgid
        if "%(" in entry.msgid:
            assert "python-format" in entry.flags, entry.msgid


@pytest.mark.parametrize("language", PLURALS)
def test_translations_begin_and_end_as_their_source(language: str) -> None:
    for entry, text in said(language):
        assert text == text.strip()
        assert "  " not in text
        assert text[-1:] in ".?" or entry.msgid[-1] not in ".?", entry.msgid
        assert entry.msgid[-1] in ".?" or text[-1] not in ".?", entry.msgid


@pytest.mark.parametrize("language", PLURALS)
def test_no_phrase_shouts_or_links(language: str) -> None:
    for entry, text in said(language):
        assert "!" not in text, entry.msgid
        assert "://" not in text, entry.msgid
        assert "t.me" not in text, entry.msgid


def test_belarusian_is_written_in_belarusian_letters() -> None:
    for entry, text in said("be"):
        assert not set("ищъ") & set(text.lower()), entry.msgid


def test_russian_is_written_in_russian_letters() -> None:
    for entry, text in said("ru"):
        assert not set("іў’'ʼ") & set(text.lower()), entry.msgid


def test_belarusian_short_u_stands_after_a_vowel_and_only_there() -> None:
    for entry, text in said("be"):
        lower = TAG.sub("", text.lower())
        assert not re.search(rf"(?<![{VOWELS}])(?<![{VOWELS}] )ў", lower), entry.msgid
        assert not re.search(rf"[{VOWELS}]у", lower), entry.msgid
        assert not re.search(rf"[{VOWELS}] у(?= )", lower), entry.msgid


def test_belarusian_has_one_apostrophe_and_never_the_letter_of_code() -> None:
    text = "".join(text for _, text in said("be"))

    assert {sign for sign in text if sign in "'’ʼ`´‘"} <= {"’"}


@pytest.mark.parametrize("language", ["be", "ru"])
def test_no_latin_letter_hides_in_a_cyrillic_word(language: str) -> None:
    for entry, text in said(language):
        plain = TAG.sub("", PLACEHOLDER.sub("", text))
        assert not re.search(r"[a-z][а-яёіў]|[а-яёіў][a-z]", plain, re.IGNORECASE), entry.msgid


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def is_lookup(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    name = getattr(called, "id", "") or getattr(called, "attr", "")
    return name in {"_", "gettext", "ngettext"}


def test_no_phrase_is_looked_up_inside_an_f_string_where_extraction_is_blind() -> None:
    found = [
        f"{path}:{call.lineno}"
        for path, tree in modules()
        for string in ast.walk(tree)
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and is_lookup(call)
    ]

    assert found == []


def test_only_a_whole_phrase_is_looked_up() -> None:
    found = [
        f"{path}:{call.lineno}"
        for path, tree in modules()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and is_lookup(call)
        for argument in call.args[:2]
        if not isinstance(argument, ast.Constant) and not (argument is call.args[-1] and len(call.args) == 3)
    ]

    assert found == []


def test_there_is_no_compiled_catalogue() -> None:
    assert list(LOCALES.rglob("*.mo")) == []
    assert {path.name for path in LOCALES.iterdir() if path.is_dir()} == set(PLURALS)
