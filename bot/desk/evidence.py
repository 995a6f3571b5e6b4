"""Two pages of evidence: what a thief reads on the disk of this very demo, and what the bot's token opens.

Both look at what there is at this moment and hide nothing: whoever doubts a promise can check it here.
"""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from bot.desk.world import Chat, World

_SQLITE: Final = b"SQLite format 3\0"
_ROWS_SHOWN: Final = 3
_BYTES_SHOWN: Final = 24
_SHORTEST_WORD: Final = 4
"""Shorter words are in any file by chance."""

WORDS: Final[dict[str, dict[str, str]]] = {
    "be": {
        "disk": "Канфіскаваны дыск",
        "token": "Выкрадзены токен",
        "back": "Да размовы",
        "disk_intro": (
            "Так проста цяпер выглядае папка з дадзенымі гэтага дэма для таго, хто забраў дыск. "
            "Каранёвага ключа ў ёй няма: ён ляжыць асобна."
        ),
        "no_folder": "У гэтага стала няма папкі з дадзенымі.",
        "files": "Што ляжыць на дыску",
        "file": "Файл",
        "size": "Байтаў",
        "holds": "Што можна прачытаць",
        "rows": "Зашыфраваныя радкі: %(count)s, усе аднаго памеру. Чые яны і колькі пустых, не відаць.",
        "sample": "Пачатак некалькіх з іх:",
        "entropy": "Бітаў інфармацыі на байт: %(bits)s. У выпадковых байтаў іх 8.",
        "tables": "Апублікаваныя звесткі, іх бачыць кожны. Табліцы і радкі:",
        "journal": "Часткі базы, якая ляжыць побач.",
        "bytes": "Нічога зразумелага. Пачатак:",
        "keys": "Ключы, зашыфраваныя каранёвым ключом, якога тут няма.",
        "empty_file": "Пуста.",
        "looked": "Што мы шукалі ў кожным байце",
        "looked_intro": (
            "Нумар кожнага чата ў шасці запісах, імя з тэлефона і ўсё, што чалавек напісаў боту, "
            "таксама выдаленае. Імя, якое знайшлося ў рэестры, там таму, што яго апублікавалі, "
            "а не таму, што пра яго спыталі."
        ),
        "phone": "Тэлефон",
        "what": "Што шукалі",
        "where": "Дзе знайшлі",
        "nowhere": "нідзе",
        "number": "нумар чата",
        "name": "імя",
        "token_intro": (
            "Хто выкраў токен бота, той можа папрасіць у Telegram паведамленні, якія яшчэ не выдаленыя. "
            "Вось усё, што засталося ў чатах гэтага дэма."
        ),
        "total": "Усяго было паведамленняў: %(total)s. Засталося: %(left)s. Выдаленыя прачытаць нельга.",
        "empty": "Тут нічога не засталося.",
        "bot": "бот",
        "person": "чалавек",
        "chat": "Чат %(number)s",
        "not_text": "не тэкст",
    },
    "ru": {
        "disk": "Изъятый диск",
        "token": "Украденный токен",
        "back": "К переписке",
        "disk_intro": (
            "Так прямо сейчас выглядит папка с данными этого демо для того, кто забрал диск. "
            "Корневого ключа в ней нет: он лежит отдельно."
        ),
        "no_folder": "У этого стола нет папки с данными.",
        "files": "Что лежит на диске",
        "file": "Файл",
        "size": "Байтов",
        "holds": "Что можно прочитать",
        "rows": "Зашифрованные строки: %(count)s, все одного размера. Чьи они и сколько пустых, не видно.",
        "sample": "Начало нескольких из них:",
        "entropy": "Битов информации на байт: %(bits)s. У случайных байтов их 8.",
        "tables": "Опубликованные сведения, их видит каждый. Таблицы и строки:",
        "journal": "Части базы, которая лежит рядом.",
        "bytes": "Ничего понятного. Начало:",
        "keys": "Ключи, зашифрованные корневым ключом, которого здесь нет.",
        "empty_file": "Пусто.",
        "looked": "Что мы искали в каждом байте",
        "looked_intro": (
            "Номер каждого чата в шести записях, имя с телефона и всё, что человек написал боту, "
            "также удалённое. Имя, которое нашлось в реестре, там потому, что его опубликовали, "
            "а не потому, что о нём спросили."
        ),
        "phone": "Телефон",
        "what": "Что искали",
        "where": "Где нашли",
        "nowhere": "нигде",
        "number": "номер чата",
        "name": "имя",
        "token_intro": (
            "Кто украл токен бота, тот может попросить у Telegram сообщения, которые ещё не удалены. "
            "Вот всё, что осталось в чатах этого демо."
        ),
        "total": "Всего было сообщений: %(total)s. Осталось: %(left)s. Удалённые прочитать нельзя.",
        "empty": "Здесь ничего не осталось.",
        "bot": "бот",
        "person": "человек",
        "chat": "Чат %(number)s",
        "not_text": "не текст",
    },
    "en": {
        "disk": "The seized disk",
        "token": "The stolen token",
        "back": "To the chats",
        "disk_intro": (
            "This is how the data folder of this demo looks right now to whoever took the disk. "
            "The root key is not in it: it lies apart."
        ),
        "no_folder": "This desk has no data folder.",
        "files": "What lies on the disk",
        "file": "File",
        "size": "Bytes",
        "holds": "What can be read",
        "rows": "Sealed rows: %(count)s, all of one size. Whose, and how many are nobody's, is not seen.",
        "sample": "How some of them begin:",
        "entropy": "Bits of information in a byte: %(bits)s. Random bytes have 8.",
        "tables": "Published facts that anybody can see. Tables and rows:",
        "journal": "Parts of the database beside it.",
        "bytes": "Nothing that makes sense. It begins:",
        "keys": "Keys, sealed with the root key, which is not here.",
        "empty_file": "Empty.",
        "looked": "What we looked for in every byte",
        "looked_intro": (
            "The number of each chat in six notations, the name on the phone, and all that a person wrote "
            "to the bot, what was deleted too. A name found in the registry is there because it was "
            "published, not because somebody asked about it."
        ),
        "phone": "Phone",
        "what": "Looked for",
        "where": "Found in",
        "nowhere": "nowhere",
        "number": "the chat's number",
        "name": "the name",
        "token_intro": (
            "Whoever stole the bot's token can ask Telegram for the messages that are not deleted yet. "
            "Here is all that is left in the chats of this demo."
        ),
        "total": "Messages so far: %(total)s. Left: %(left)s. Those deleted cannot be read.",
        "empty": "Nothing is left here.",
        "bot": "the bot",
        "person": "the person",
        "chat": "Chat %(number)s",
        "not_text": "not a text",
    },
}


@dataclass(frozen=True, slots=True)
class _Sought:
    phone: str
    what: str
    forms: tuple[bytes, ...]


def seized_disk(world: World, folder: Path | None, language: str) -> str:
    """Return the page that shows every file of the data folder, and what of the phones is in their bytes."""
    words = WORDS[language]
    parts = [f"<p>{words['disk_intro' if folder else 'no_folder']}</p>"]
    if folder is not None:
        data = dict(_files(folder))
        rows = [_row(name, folder / name, content, words) for name, content in data.items()]
        parts += _table(words["files"], [words["file"], words["size"], words["holds"]], rows)
        parts += [f"<h2>{words['looked']}</h2>", f"<p>{words['looked_intro']}</p>"]
        sought = [_found(one, data, words) for one in _all_sought(world, words)]
        parts += _table("", [words["phone"], words["what"], words["where"]], sought)
    return _page(words["disk"], "seized-disk", language, parts)


def stolen_token(world: World, language: str) -> str:
    """Return the page that shows every message still in a chat, as whoever has the token reads it."""
    words = WORDS[language]
    left = sum(len(chat.messages) for chat in world.chats.values())
    total = words["total"] % {"total": world.messages_so_far, "left": left}
    parts = [f"<p>{words['token_intro']}</p>", f"<p data-testid='total'>{total}</p>"]
    for chat in world.chats.values():
        parts.append(f"<h2>{words['chat'] % {'number': chat.id}}</h2>")
        said = [
            f"<li><b>{words['bot' if message.from_bot else 'person']}:</b> "
            f"{escape(message.text or words['not_text'])}</li>"
            for message in chat.history
        ]
        parts.append(f"<ol class='history'>{''.join(said)}</ol>" if said else f"<p>{words['empty']}</p>")
    return _page(words["token"], "stolen-token", language, parts)


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Return every file by its name; one that a re-key deletes at this moment is left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with suppress(FileNotFoundError):
                yield str(path.relative_to(folder)), path.read_bytes()


def _row(name: str, path: Path, data: bytes, words: dict[str, str]) -> tuple[str, str, str]:
    if not data:
        holds = words["empty_file"]
    elif name.endswith(("-wal", "-shm", "-journal")):
        holds = words["journal"]
    elif data.startswith(_SQLITE):
        holds = _tables(path, words)
    elif name == "keyring":
        holds = words["keys"]
    else:
        holds = f"{words['bytes']} <code>{data[:_BYTES_SHOWN].hex(' ')}</code>"
    return f"<code>{escape(name)}</code>", f"{len(data):,}".replace(",", "\N{NO-BREAK SPACE}"), holds


def _tables(path: Path, words: dict[str, str]) -> str:
    """Say what a thief reads in a database: names of tables, and rows, sealed or not."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    try:
        connection = sqlite3.connect(address, uri=True)
    except sqlite3.OperationalError:
        return words["bytes"]  # a re-key has just deleted it
    with closing(connection):
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        counts = {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for name in names
        }
        if "vault" in names:
            rows = connection.execute("SELECT tag, blob FROM vault").fetchall()
            return _sealed(rows, words)
    listed = ", ".join(f"<code>{escape(name)}</code> {count}" for name, count in counts.items())
    return f"{words['tables']} {listed}"


def _sealed(rows: list[tuple[bytes, bytes]], words: dict[str, str]) -> str:
    begin = "".join(
        f"<li><code>{tag[:8].hex(' ')} … {blob[:16].hex(' ')} …</code></li>"
        for tag, blob in rows[:_ROWS_SHOWN]
    )
    bits = f"{_entropy(b''.join(blob for _, blob in rows)):.4f}"
    return (
        f"{words['rows'] % {'count': len(rows)}} {words['entropy'] % {'bits': bits}} "
        f"{words['sample']}<ul>{begin}</ul>"
    )


def _entropy(data: bytes) -> float:
    """Return Shannon's entropy of the bytes, in bits a byte."""
    return -sum(count / len(data) * math.log2(count / len(data)) for count in Counter(data).values())


def _all_sought(world: World, words: dict[str, str]) -> Iterator[_Sought]:
    for chat in world.chats.values():
        if not chat.is_private:
            continue
        phone = str(chat.described.get("first_name", chat.id))
        yield _Sought(phone, f"{words['number']} {chat.id}", tuple(number_forms(chat.id)))
        yield _Sought(phone, f"{words['name']} {phone}", tuple(_text_forms(phone)))
        for text in _written(chat):
            yield _Sought(phone, text, tuple(_text_forms(text)))


def _written(chat: Chat) -> list[str]:
    """Return what a person wrote, each text once; commands and short words are in every program."""
    texts = dict.fromkeys(chat.written)
    return [text for text in texts if len(text) >= _SHORTEST_WORD and not text.startswith("/")]


def number_forms(number: int) -> list[bytes]:
    """Return a chat's number in the notations that a program could have left it in."""
    wide = number.to_bytes(8, "big", signed=True)
    return [
        *(str(number).encode(), f"{number:x}".encode(), f"{number:X}".encode()),
        *(wide, wide[::-1], str(number).encode("utf-16-le")),
    ]


def _text_forms(text: str) -> list[bytes]:
    return (
        [text.encode(), text.encode("utf-16-le")] if len(text) >= _SHORTEST_WORD else [f" {text} ".encode()]
    )


def _found(sought: _Sought, data: dict[str, bytes], words: dict[str, str]) -> tuple[str, str, str]:
    names = [name for name, content in data.items() if any(form in content for form in sought.forms)]
    where = ", ".join(f"<code>{escape(name)}</code>" for name in names) or words["nowhere"]
    return escape(sought.phone), escape(sought.what), where


def _table(title: str, heads: list[str], rows: list[tuple[str, str, str]]) -> list[str]:
    head = "".join(f"<th scope='col'>{name}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return [*([f"<h2>{title}</h2>"] if title else []), table]


def _page(title: str, name: str, language: str, parts: list[str]) -> str:
    words = WORDS[language]
    others = {"seized-disk": "disk", "stolen-token": "token"}
    links = [f"<a href='/desk/?language={language}'>{words['back']}</a>"]
    links += [
        f"<a href='/desk/{other}?language={language}'>{words[word]}</a>"
        for other, word in others.items()
        if other != name
    ]
    links += [f"<a lang='{code}' href='/desk/{name}?language={code}'>{code}</a>" for code in WORDS]
    return (
        f"<!doctype html><html lang='{language}'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta name='color-scheme' content='light dark'>"
        f"<title>{title}</title><link rel='icon' href='/desk/page/icon.svg' type='image/svg+xml'>"
        "<link rel='stylesheet' href='/desk/page/style.css'></head><body class='evidence'>"
        f"<nav>{' '.join(links)}</nav><main><h1>{title}</h1>{''.join(parts)}</main></body></html>\n"
    )
