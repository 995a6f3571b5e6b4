"""Logs: what may be written, as a list of what is allowed; everything else is withheld.

A record says an event and numbers. Texts, names, ids, addresses and the messages of libraries are
never written: a log is what is read first on a seized server.
"""

from __future__ import annotations

import enum
import logging
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

_ROOT = Path(__file__).parent
_log = logging.getLogger("bot")


class Event(enum.StrEnum):
    """Everything that can happen to a log. A new line needs a new word here, and a review."""

    STARTED = "started"
    STOPPING = "stopping"
    STOPPED = "stopped"
    SCHEMA_MIGRATED = "schema migrated"
    SEED_IMPORTED = "seed imported"
    NAMES_REFRESHED = "names refreshed"
    MALFORMED_UPDATE = "an update could not be read and was passed over"
    UPDATE_FAILED = "an update failed"
    UPDATE_GIVEN_UP = "an update failed every time and was answered with one sentence"
    DATABASE_UNAVAILABLE = "the database is unavailable, updates wait"
    WEBHOOK_SET = "a webhook is set, so no updates come here: restart, or `webhook clear`"
    WEBHOOK_GONE = "the webhook is gone or leads elsewhere, so no updates come here: see `webhook show`"
    TELEGRAM_UNREACHABLE = "Telegram is unreachable, trying again"
    ANOTHER_POLLER = "somebody else is receiving this bot's updates"
    SEND_FAILED = "a message could not be sent"
    ANSWERS_SWEPT = "answers that a crash hid were deleted"
    ROW_DAMAGED = "a sealed row does not open"
    KEYS_NOT_COPIED = "the remote copy of the keyring was not taken, it is tried again"
    PUBLICATION_REFUSED = "a publication is not what two editors approved, and is not sent"
    PUBLICATION_HELD = "a publication would reach very many, and waits for a third editor"
    ALERT_SET_ASIDE = "an alert could not be sent and was set aside"
    SENDER_HELD = "a copy was restored, or this is another bot: nothing is sent until the operator says so"
    SENDER_RESUMED = (
        "the operator said so: the sender goes on, without a sound for what was handed out before"
    )
    SENDER_TOOK_OVER = "this process is the sender now"
    SENDER_STEPPED_BACK = "this process is not the sender any more, and stands by"
    PROFILE_NOT_SET = "the bot's name or description could not be set"


_IN_ORDER = frozenset(
    {
        *(Event.STARTED, Event.STOPPING, Event.STOPPED),
        *(Event.SCHEMA_MIGRATED, Event.SEED_IMPORTED, Event.NAMES_REFRESHED, Event.ANSWERS_SWEPT),
        *(Event.SENDER_RESUMED, Event.SENDER_TOOK_OVER, Event.SENDER_STEPPED_BACK),
    }
)


def event(event: Event, error: BaseException | None = None, **numbers: int) -> None:
    """Write that something happened, with numbers, and of an error only its type and place.

    It is a warning unless all is in order: what waits for an operator is heard at WARNING, too.
    """
    level = logging.INFO if event in _IN_ORDER and error is None else logging.WARNING
    _log.log(level, event.value, extra={"numbers": numbers, "error": error, "allowed": True})


def place_of(error: BaseException) -> str:
    """Return an error's type and the last line of ours it passed, never its text."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_ROOT)
    ]
    if not ours:
        return type(error).__name__
    return f"{type(error).__name__} at {Path(ours[-1].filename).relative_to(_ROOT.parent)}:{ours[-1].lineno}"


class AllowListFormatter(logging.Formatter):
    """Writes our own events; of a library's record only who spoke and how loudly. Times are UTC."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for a record, without its arguments, its exception text or its stack."""
        start = f"{self.formatTime(record)} {record.levelname}"
        if not getattr(record, "allowed", False):
            return f"{start} {record.name}: (text withheld)"
        numbers: Mapping[str, int] = getattr(record, "numbers", {})
        said = "".join(f" {name}={int(value)}" for name, value in numbers.items())
        error = getattr(record, "error", None)
        return f"{start} {record.msg}{said}" + (f" ({place_of(error)})" if error else "")


def set_up(level: str = "INFO") -> None:
    """Send every logger of the process through the allow-list, and keep tracebacks off the terminal."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AllowListFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _log.setLevel(level)
    # A library at INFO names addresses with the token in them: they stay at WARNING at every level of ours.
    logging.raiseExceptions = False
    logging.captureWarnings(True)
    sys.excepthook = _withheld
    threading.excepthook = lambda arguments: _say_stopped(arguments.exc_value)
    sys.unraisablehook = lambda arguments: _say_stopped(arguments.exc_value)


def _withheld(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    del kind, trace
    _say_stopped(error)


def _say_stopped(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, KeyboardInterrupt):
        print(f"stopped by {place_of(error)}", file=sys.stderr)  # noqa: T201  (logging may be gone by now)
