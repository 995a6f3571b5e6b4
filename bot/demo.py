"""The demo: the desk Telegram and the bot in one process, with a page to chat on and a short tour."""

from __future__ import annotations

import asyncio
import socket
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bot import app
from bot.desk.acts import Act
from bot.desk.desk import Desk
from bot.desk.terminal import chat
from bot.pretending import Rehearsal, prepare_demo
from bot.settings import sqlite_address
from bot.store.database import Database
from bot.store.keyring import RootKey, make_root_key, read_root_key

CONTROLLER = "Volya demo, on this computer only"

TOUR: tuple[dict[str, str], ...] = (
    {
        "be": "Націсніце «Пачаць» і выберыце мову. Адказ з’явіцца ў тым самым паведамленні.",
        "ru": "Нажмите «Начать» и выберите язык. Ответ появляется в том же сообщении.",
        "en": "Press Start and choose a language. The answer replaces the same message.",
    },
    {
        "be": "Напішыце: Алесь Бяляцкі. Першым радком ідзе статус, потым дата і крыніца.",
        "ru": "Напишите: Алесь Беляцкий. Первой строкой идёт статус, потом дата и источник.",
        "en": "Write: Ales Bialiatski. The status comes first, then its date and its source.",
    },
    {
        "be": "Націсніце «Крыніцы». Небяспечныя ў Беларусі назвы схаваныя: іх трэба папрасіць.",
        "ru": "Нажмите «Источники». Названия, опасные в Беларуси, скрыты, пока вы не попросите их показать.",
        "en": "Press Sources. Names that are dangerous in Belarus stay hidden until asked for.",
    },
    {
        "be": "Напішыце імя, якога няма ў спісе: Ян Ніхто. Заўважце, чаго адказ не абяцае.",
        "ru": "Напишите имя, которого нет в списке: Ян Никто. Заметьте, чего ответ не обещает.",
        "en": "Write a name that is not listed: Jan Nobody. Notice what the answer does not claim.",
    },
    {
        "be": "Адпраўце стыкер, потым напішыце /releases. Паглядзіце, што відаць на заблакаваным экране.",
        "ru": "Отправьте стикер, потом напишите /releases. Посмотрите, что видно на экране блокировки.",
        "en": "Send a sticker, then write /releases. See what the lock screen shows.",
    },
    {
        "be": "Напішыце: Алена Прыклад. Такога чалавека няма. Націсніце «Сачыць» і прачытайце папярэджанне.",
        "ru": "Напишите: Елена Пример. Такого человека нет. Нажмите «Следить» и прочитайте предупреждение.",
        "en": "Write: Alena Example. There is no such person. Press Follow and read the warning.",
    },
    {
        "be": "Націсніце ўнізе «Два рэдактары публікуюць». Тэлефон прачнецца без імя. Потым «Паглядзець».",
        "ru": "Нажмите внизу «Два редактора публикуют». Телефон проснётся без имени. Потом «Посмотреть».",
        "en": "Press “Two editors publish” below. The phone wakes up and names nobody. Then press Look.",
    },
    {
        "be": "Націсніце «Не сачыць», потым унізе «Яны выпраўляюць»: папраўка дойдзе ўсё адно.",
        "ru": "Нажмите «Не следить», потом внизу «Они исправляют»: исправление всё равно дойдёт.",
        "en": "Press Do not follow, then “They correct it” below: the correction arrives all the same.",
    },
    {
        "be": "Напрыканцы паспрабуйце /list, /stop, /clear і /forget.",
        "ru": "Под конец попробуйте /list, /stop, /clear и /forget.",
        "en": "At the end, try /list, /stop, /clear and /forget.",
    },
)


def _free(port: int) -> int:
    """Return the port if nobody listens there, else 0: any free one."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _key(data: Path) -> RootKey:
    """Return the demo's root key, made beside its data and not in it."""
    path = data.parent / f"{data.name}-root-key"
    with suppress(FileExistsError):
        make_root_key(path)
    return read_root_key(path, data)


def _plan(desk: Desk, url: str, data: Path) -> app.Plan:
    return app.Plan(
        token=desk.token,
        api=url,
        database_url=_registry(data),
        controller=CONTROLLER,
        vault=app.VaultPlace(data / "vault", data / "keyring", _key(data)),
        pretends=True,
    )


def _registry(data: Path) -> str:
    """Return where the demo's registry is: never a file that a real bot opens, even in a folder of one."""
    return sqlite_address(data / "demo.db")


def acts_of(rehearsal: Rehearsal) -> list[Act]:
    """Return the buttons below the tour."""
    return [
        Act(
            {
                "be": "Два рэдактары публікуюць: Алена Прыклад на волі",
                "ru": "Два редактора публикуют: Елена Пример на свободе",
                "en": "Two editors publish: Alena Example is free",
            },
            rehearsal.release,
            lambda: rehearsal.can_release,
        ),
        Act(
            {
                "be": "Яны выпраўляюць: гэта хатні арышт",
                "ru": "Они исправляют: это домашний арест",
                "en": "They correct it: it is house arrest",
            },
            rehearsal.correct,
            lambda: rehearsal.can_correct,
        ),
        Act(
            {
                "be": "Яны бяруць усё назад: гэтага не было",
                "ru": "Они берут всё назад: этого не было",
                "en": "They take it all back: it never was",
            },
            rehearsal.retract,
            lambda: rehearsal.can_retract,
        ),
    ]


async def run_demo(
    data: Path, port: int, stop_on_signals: Callable[[], asyncio.Event], *, open_page: bool
) -> None:
    """Serve the desk and run the bot against it until stopped."""
    stop = stop_on_signals()
    database = Database(_registry(data))
    try:
        await prepare_demo(database, app.today())
        rehearsal = Rehearsal(database, app.now)
        await rehearsal.resume()
        await _serve(data, port, stop, rehearsal, open_page=open_page)
    finally:
        await database.close()


async def _serve(
    data: Path, port: int, stop: asyncio.Event, rehearsal: Rehearsal, *, open_page: bool
) -> None:
    desk = Desk(tour=TOUR, acts=acts_of(rehearsal), data=data)
    desk.invite_three()
    async with desk.serving(port=_free(port)) as url:

        def connected(_username: str) -> None:
            print(f"\n  Volya is running on your desk: {url}/\n", flush=True)
            print("  A tour of two minutes:")
            for number, step in enumerate(TOUR, start=1):
                print(f"   {number}. {step['en']}")
            print("\n  Ctrl-C stops it.", flush=True)
            if open_page:
                webbrowser.open(f"{url}/")

        await app.run(_plan(desk, url, data), stop, connected=connected)


async def run_terminal(data: Path) -> None:
    """Chat with the bot in the terminal until the conversation ends."""
    stop = asyncio.Event()
    database = Database(_registry(data))
    try:
        await prepare_demo(database, app.today())
    finally:
        await database.close()
    desk = Desk()
    try:
        async with desk.serving(port=0) as url, asyncio.TaskGroup() as tasks:
            ready = asyncio.Event()
            tasks.create_task(app.run(_plan(desk, url, data), stop, connected=lambda _name: ready.set()))
            await ready.wait()
            try:
                await chat(desk, desk.person("You", language_code=None))
            finally:
                stop.set()
    except ExceptionGroup as ended:
        # The group cancels the rest for the first that fails; whoever started this has a word for that one.
        raise ended.exceptions[0] from None
