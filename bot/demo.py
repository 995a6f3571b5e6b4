"""The demo: the desk Telegram and the bot in one process, with a page to chat on and a short tour."""

from __future__ import annotations

import asyncio
import socket
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bot import app
from bot.desk.desk import Desk
from bot.desk.terminal import chat
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
        "be": "Націсніце «Сачыць» на картцы, прачытайце папярэджанне. Потым /list, /clear і /forget.",
        "ru": "Нажмите «Следить» на карточке, прочитайте предупреждение. Потом /list, /clear и /forget.",
        "en": "Press Follow on a card and read the warning. Then write /list, /clear and /forget.",
    },
    {
        "be": ("Адпраўце стыкер, потым напішыце /releases. Паглядзіце, што відаць на заблакаваным экране."),
        "ru": "Отправьте стикер, потом напишите /releases. Посмотрите, что видно на экране блокировки.",
        "en": "Send a sticker, then write /releases. See what the lock screen shows.",
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
        database_url=f"sqlite+aiosqlite:///{data / 'registry.db'}",
        controller=CONTROLLER,
        vault=app.VaultPlace(data / "vault", data / "keyring", _key(data)),
    )


async def run_demo(
    data: Path, port: int, stop_on_signals: Callable[[], asyncio.Event], *, open_page: bool
) -> None:
    """Serve the desk and run the bot against it until stopped."""
    stop = stop_on_signals()
    desk = Desk(tour=TOUR, data=data)
    desk.invite_three()
    async with desk.serving(port=_free(port)) as url:

        def connected(_username: str) -> None:
            print(f"\n  Volya is running on your desk: {url}/\n", flush=True)
            print("  A 60-second tour:")
            for number, step in enumerate(TOUR, start=1):
                print(f"   {number}. {step['en']}")
            print("\n  Ctrl-C stops it.", flush=True)
            if open_page:
                webbrowser.open(f"{url}/")

        await app.run(_plan(desk, url, data), stop, connected=connected)


async def run_terminal(data: Path) -> None:
    """Chat with the bot in the terminal until the conversation ends."""
    stop = asyncio.Event()
    desk = Desk()
    async with desk.serving(port=0) as url, asyncio.TaskGroup() as tasks:
        ready = asyncio.Event()
        tasks.create_task(app.run(_plan(desk, url, data), stop, connected=lambda _name: ready.set()))
        await ready.wait()
        try:
            await chat(desk, desk.person("You", language_code=None))
        finally:
            stop.set()
