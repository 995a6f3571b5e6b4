"""Logs: an event and numbers get out; texts, names, ids, addresses and tracebacks never do."""

from __future__ import annotations

import importlib
import io
import logging
import pkgutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import bot
from bot import logs
from bot.domain.people import When

TOKEN = "123456789" + ":AAcanaryTOKENcanary0123456789abcdef"  # in two parts: scanners look for whole ones
CHAT_ID = 7008843001
NAME = "Прыклад Канарэйка"
CANARIES = (TOKEN, str(CHAT_ID), NAME, "canary")
OF_A_READER = {"chat", "chat_id", "message_id", "callback_id", "update", "query"}
ROOT = Path(logs.__file__).parents[1]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the process writes to its log, set up as at its start, at the most talkative level."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.getLogger("bot").level, logging.raiseExceptions)
    hook = sys.excepthook
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", stream)
        logs.set_up("DEBUG")
        yield stream
    root.handlers[:], level, ours, logging.raiseExceptions = before
    root.setLevel(level)
    logging.getLogger("bot").setLevel(ours)
    sys.excepthook = hook


def has_canary(text: str) -> bool:
    return any(canary in text for canary in CANARIES)


def an_error() -> Exception:
    """Return an error that passed through our code and quotes what nobody may read."""
    try:
        When.parse(f"{TOKEN} {CHAT_ID} {NAME}")
    except ValueError as error:
        error.add_note(f"{TOKEN} {NAME}")
        error.__cause__ = LookupError(f"canary {CHAT_ID}")
        return error
    raise AssertionError


def test_an_event_is_written_with_its_numbers(written: io.StringIO) -> None:
    logs.event(logs.Event.SEED_IMPORTED, added=7, refused=0)

    assert written.getvalue().endswith(" INFO seed imported added=7 refused=0\n")


def test_times_are_utc_and_say_so(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        logs.event(logs.Event.STARTED)
    finally:
        monkeypatch.undo()
        time.tzset()

    said = datetime.strptime(written.getvalue().split()[0], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert abs(datetime.now(UTC) - said) < timedelta(minutes=1)
    assert said.utcoffset() == timedelta(0)


def test_of_an_error_only_its_type_and_our_place_are_written(written: io.StringIO) -> None:
    logs.event(logs.Event.UPDATE_FAILED, an_error(), tries=2)

    (line,) = written.getvalue().splitlines()
    assert " WARNING an update failed tries=2 (ValueError at bot/domain/people.py:" in line
    assert not has_canary(line)


IN_ORDER = {
    *("STARTED", "STOPPING", "STOPPED", "SCHEMA_MIGRATED", "SEED_IMPORTED", "NAMES_REFRESHED"),
    *("ANSWERS_SWEPT", "SENDER_RESUMED", "SENDER_TOOK_OVER", "SENDER_STEPPED_BACK"),
}


@pytest.mark.parametrize("event", logs.Event, ids=lambda event: event.name)
def test_what_an_operator_must_see_is_a_warning(written: io.StringIO, event: logs.Event) -> None:
    logging.getLogger("bot").setLevel(logging.WARNING)
    logs.event(event)

    said = written.getvalue()
    assert said == "" if event.name in IN_ORDER else said.endswith(f" WARNING {event.value}\n")


def test_an_error_that_never_passed_our_code_has_no_place() -> None:
    assert logs.place_of(LookupError(NAME)) == "LookupError"


def test_only_numbers_are_written_as_numbers(written: io.StringIO) -> None:
    texts: dict[str, Any] = {"added": NAME}
    logs.event(logs.Event.STARTED, **texts)

    assert not has_canary(written.getvalue())


FOREIGN = (
    "httpx", "httpcore", "aiohttp.access", "aiohttp.client", "aiohttp.server", "telegram.Bot",
    "telegram.ext.Application", "telegram.ext.ExtBot", "sqlalchemy.engine.Engine", "sqlalchemy.pool.impl",
    "aiosqlite", "asyncpg", "alembic.runtime.migration", "asyncio", "root", "py.warnings", "anything.else",
)  # fmt: skip


@pytest.mark.parametrize(
    "level", [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL]
)
@pytest.mark.parametrize("name", FOREIGN)
def test_of_a_library_only_who_spoke_is_written(written: io.StringIO, name: str, level: int) -> None:
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        logger.log(level, "POST https://api.telegram.org/bot%s/sendMessage to %s", TOKEN, CHAT_ID)
        logger.log(level, f"{NAME} {TOKEN}", extra={"numbers": {TOKEN: CHAT_ID}, "error": an_error()})  # noqa: G004
        logger.log(level, "%s", NAME, exc_info=an_error(), stack_info=True)
    finally:
        logger.setLevel(before)

    lines = written.getvalue().splitlines()
    assert len(lines) == 3
    assert all(line.endswith(f" {name}: (text withheld)") for line in lines)
    assert not has_canary(written.getvalue())


def test_our_own_logger_is_withheld_too_unless_it_speaks_through_an_event(written: io.StringIO) -> None:
    logging.getLogger("bot.chat.anything").warning("%s", NAME)

    assert written.getvalue().endswith(" WARNING bot.chat.anything: (text withheld)\n")


def test_libraries_are_quiet_below_a_warning(written: io.StringIO) -> None:
    for name in FOREIGN:
        if name != "root":
            logging.getLogger(name).info("%s", TOKEN)

    assert written.getvalue() == ""


def test_a_record_that_cannot_be_formatted_says_nothing_of_its_arguments(written: io.StringIO) -> None:
    logging.getLogger("telegram").error("%d %d", TOKEN)

    assert not has_canary(written.getvalue())
    assert "Traceback" not in written.getvalue()


def test_setting_up_twice_writes_a_line_once(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", written)
    logs.set_up("INFO")
    logs.event(logs.Event.STARTED)

    assert len(written.getvalue().splitlines()) == 1


def test_every_event_is_a_line_of_its_own_in_plain_words() -> None:
    words = [event.value for event in logs.Event]

    assert len(set(words)) == len(words)
    assert all("%" not in word and "{" not in word and "\n" not in word for word in words)


PROGRAM = """
import gc, threading, warnings
from bot import logs
from bot.domain.people import When

logs.set_up("DEBUG")
secret = "canary" + "8843"

class Dropped:
    def __del__(self):
        raise ValueError(secret)

def broken():
    When.parse(secret)

thread = threading.Thread(target=broken)
thread.start()
thread.join()
dropped = Dropped()
del dropped
gc.collect()
warnings.warn(secret, stacklevel=1)
broken()
"""


def test_no_way_out_of_the_program_prints_what_an_error_says() -> None:
    ended = subprocess.run(  # noqa: S603  (our own interpreter)
        [sys.executable, "-W", "always", "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert "canary8843" not in ended.stderr + ended.stdout
    assert "stopped by ValueError at bot/domain/people.py:" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_nothing_that_holds_a_chat_or_what_somebody_wrote_prints_it() -> None:
    """A repr ends up in an exception, and from there anywhere."""
    printed = []
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if module.name.startswith(("bot.desk.", "bot.bench.", "bot.__main__")):
            continue
        for found in vars(importlib.import_module(module.name)).values():
            if isinstance(found, type) and found.__module__ == module.name and is_dataclass(found):
                shown = {one.name for one in fields(found) if one.repr}
                if shown & OF_A_READER and getattr(found, "__dataclass_params__").repr:  # noqa: B009  (untyped)
                    printed.append(f"{module.name}.{found.__name__}")
    assert printed == []
