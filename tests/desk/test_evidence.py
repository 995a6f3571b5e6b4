"""The pages of evidence: they find what is there, and what was deleted or never written is not there."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from bot.desk.desk import Desk
from bot.desk.evidence import WORDS, number_forms, seized_disk, stolen_token


def a_vault(path: Path) -> None:
    chance = random.Random(3)  # noqa: S311  (the same rows each time)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE vault (tag BLOB PRIMARY KEY, blob BLOB NOT NULL) WITHOUT ROWID")
        rows = [(chance.randbytes(16), chance.randbytes(960)) for _ in range(1024)]
        connection.executemany("INSERT INTO vault VALUES (?, ?)", rows)
        connection.commit()


def test_every_phrase_is_there_in_each_language() -> None:
    assert len({frozenset(words) for words in WORDS.values()}) == 1


@pytest.mark.parametrize("language", WORDS)
def test_sealed_rows_say_how_many_they_are_and_nothing_else(tmp_path: Path, language: str) -> None:
    desk = Desk(data=tmp_path)
    mother = desk.person("Ольга")
    mother.says("Зязюля-канарэйка")
    a_vault(tmp_path / "vault-1.db")

    page = seized_disk(desk.world, tmp_path, language)

    assert WORDS[language]["rows"] % {"count": 1024} in page
    assert WORDS[language]["entropy"] % {"bits": "7.9998"} in page
    assert page.count(f"<td>{WORDS[language]['nowhere']}</td>") == 3


def test_what_somebody_wrote_is_found_in_whatever_file_it_is(tmp_path: Path) -> None:
    desk = Desk(data=tmp_path)
    mother = desk.person("Ольга")
    message = mother.says("Зязюля-канарэйка")
    del mother.chat.messages[message.id]
    (tmp_path / "a.log").write_text("asked: Зязюля-канарэйка")
    (tmp_path / "b.bin").write_bytes(b"\0" * 9 + mother.id.to_bytes(8, "little"))

    page = seized_disk(desk.world, tmp_path, "en")

    assert "<td>Зязюля-канарэйка</td><td><code>a.log</code></td>" in page
    assert f"chat&#x27;s number {mother.id}</td><td><code>b.bin</code></td>" in page


def test_a_number_is_looked_for_in_six_notations() -> None:
    assert len(set(number_forms(6_000_000_001))) == 6
    assert b"6000000001" in number_forms(6_000_000_001)


def test_nothing_somebody_writes_becomes_markup(tmp_path: Path) -> None:
    desk = Desk(data=tmp_path)
    desk.person("<b>Ольга").says("<script>alert(1)</script>")

    pages = seized_disk(desk.world, tmp_path, "be") + stolen_token(desk.world, "be")

    assert "<script" not in pages
    assert "&lt;script&gt;" in pages


def test_whoever_has_the_token_reads_what_is_left_and_not_what_was_deleted() -> None:
    desk = Desk()
    mother = desk.person("Ольга")
    gone = mother.says("Зязюля-канарэйка")
    mother.says("Жораў-прыманка")
    del mother.chat.messages[gone.id]

    page = stolen_token(desk.world, "en")

    assert "Жораў-прыманка" in page
    assert "Зязюля-канарэйка" not in page
    assert "Messages so far: 2. Left: 1." in page


async def test_the_pages_are_served_in_the_language_asked_for(url: str, http: aiohttp.ClientSession) -> None:
    for name, word in (("seized-disk", "disk"), ("stolen-token", "token")):
        for asked, language in (("be", "be"), ("ru", "ru"), ("en", "en"), ("xx", "be")):
            async with http.get(f"{url}/desk/{name}?language={asked}") as answer:
                assert answer.status == 200
                assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
                assert f"<h1>{WORDS[language][word]}</h1>" in await answer.text()
