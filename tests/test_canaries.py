"""Canaries: nothing about a reader, and no token, in any output or any byte the bot leaves behind."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from bot.desk import faults
from bot.desk.desk import Desk
from bot.desk.people import Person
from tests.processes import environment

TOKEN = "7654321:CANARY-token-that-must-never-appear-anyw"
NAME = "Канарэйка"
TEXT = "Пытанне-канарэйка пра Зязюлю"


def _chat_id_forms(number: int) -> list[bytes]:
    size = (number.bit_length() + 7) // 8
    return [
        str(number).encode(),
        f"{number:x}".encode(),
        number.to_bytes(size, "big"),
        number.to_bytes(size, "little"),
    ]


async def test_no_canary_in_output_or_data(seeded_file: Path, tmp_path: Path) -> None:
    shutil.copyfile(seeded_file, tmp_path / "registry.db")
    desk = Desk(token=TOKEN)
    async with desk.serving() as url:
        reader = desk.person(NAME, language_code="be", username="canary_reader", last_name="Сініца")
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-X", "dev", "-m", "bot", "run"),
            env=environment(url, TOKEN, tmp_path, VOLYA_LOG_LEVEL="DEBUG"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        await _talk(desk, reader)
        bot.terminate()
        out, err = await asyncio.wait_for(bot.communicate(), 20)
    assert bot.returncode == 0
    assert b"Traceback" not in err
    left = await asyncio.to_thread(_bytes_below, tmp_path)
    words = (TOKEN, TOKEN.split(":")[1], NAME, TEXT, "canary_reader", "Сініца")
    canaries = [*(word.encode() for word in words), *_chat_id_forms(reader.id)]
    everything = {"out": out, "err": err, **left}
    found = [(where, word) for where, data in everything.items() for word in canaries if word in data]
    assert found == []
    assert desk.violations == []


def _bytes_below(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def _talk(desk: Desk, reader: Person) -> None:
    """Say things, with every kind of trouble on the way."""
    reader.start()
    await reader.hears(timeout=20)
    reader.taps("Беларуская")
    await desk.settled()
    for trouble in (faults.cut_after_executing(), faults.bad_gateway(), faults.server_error()):
        desk.faults.next("sendMessage", trouble)
        reader.says(TEXT)
        await desk.settled(quiet_seconds=2.5, timeout=20)
    desk.inject({"message": {"message_id": TEXT, "chat": {"id": reader.id, "first_name": NAME}}})
    desk.faults.next("getUpdates", faults.cut_after_executing())
    for kind in ("contact", "location", "document"):
        reader.sends(kind)
    await desk.settled(quiet_seconds=1.5, timeout=20)
    reader.says("Статкевіч")
    await desk.settled(quiet_seconds=1.5, timeout=20)
    reader.taps("Крыніцы")
    await desk.settled()
