"""Logging: one line an event on stderr, without secrets and without personal data.

Structure first: an event is a constant sentence, numbers, and texts under names on a list; what
stands under another name is left out. Patterns second. Other libraries speak through the same
lines: of theirs the template stays, and what they put into it is left out. Of an exception its
class and the places it passed stay; its words only where they are known to hold no values.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from syncd.errors import RejectedError, SyncdError
from syncd.redaction import HIDDEN, LEFT_OUT, SECRET_NAME, path, patterns

Event = MutableMapping[str, Any]

SAID = frozenset(
    {
        *("event", "level", "timestamp", "logger", "where", "error"),
        *("pair", "connection", "system", "host", "method", "status", "command", "mode", "result"),
        *("kind", "stream", "target", "channel", "owner", "problem", "cause", "job", "name"),
        *("until", "since", "next", "every", "zone", "version", "file", "signal", "state"),
    }
)
"""Names under which an event may say a text: words of ours, of the configuration, and keys."""
LARGEST = 10**9
"""A number from here on may be a phone or a tax number."""

_PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2, "exception": 3}
"""Of syslog, by the name of the method that was called."""
_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]+")
_HERE = Path(__file__).parents[1]


class Log:
    """A logger of one module. structlog is imported when there is a line to write: that takes as
    long as everything else that a short command needs."""

    def __init__(self, name: str) -> None:
        self._name = name

    def debug(self, event: str, **values: object) -> None:
        self._say(logging.DEBUG, event, values)

    def info(self, event: str, **values: object) -> None:
        self._say(logging.INFO, event, values)

    def warning(self, event: str, **values: object) -> None:
        self._say(logging.WARNING, event, values)

    def error(self, event: str, **values: object) -> None:
        self._say(logging.ERROR, event, values)

    def exception(self, event: str, **values: object) -> None:
        self._say(logging.ERROR, event, {"exc_info": True, **values})

    def critical(self, event: str, **values: object) -> None:
        self._say(logging.CRITICAL, event, values)

    def _say(self, level: int, event: str, values: dict[str, object]) -> None:
        if "structlog" in sys.modules or level >= _asked.level:
            _structlog().get_logger(self._name).log(level, event, **values)


class _Asked(msgspec.Struct):
    """What `set_up` was told, as long as nothing was logged; every level before it was called."""

    level: int = logging.NOTSET
    journal: str | None = None
    waits: bool = False


_asked = _Asked()


def _structlog() -> Any:
    import structlog

    if _asked.waits:
        _asked.waits = False
        shown = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else _json
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                redact,
                told,
                _Priority(shown) if _is_journal(_asked.journal) else shown,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(_asked.level),
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        )
    return structlog


def set_up(*, verbose: bool, level: int = logging.WARNING, journal: str | None = None) -> None:
    """Each call to a system with `verbose`, else events from `level` on: info tells where each run
    begins and ends. JSON where stderr is no terminal; `journal` is what systemd says in
    JOURNAL_STREAM, and lines that go there begin with their priority."""
    _asked.level, _asked.journal = logging.DEBUG if verbose else level, journal
    _asked.waits = True
    if "structlog" in sys.modules:
        _structlog()
    root = logging.getLogger()
    if not any(isinstance(one, _Others) for one in root.handlers):
        root.addHandler(_Others(logging.WARNING))


def told(_logger: object, _method: str, event: Event) -> Event:
    """An exception as its class, what may be said of its words, and the places it passed."""
    given = event.pop("exc_info", None)
    if not given:
        return event
    error = given if isinstance(given, BaseException) else sys.exc_info()[1]
    error = given[1] if isinstance(given, tuple) else error
    if error is not None:
        event["error"], event["said"] = type(error).__name__, said(error)
        event["trace"] = _places(error)
    return event


def said(error: BaseException) -> str:
    """The words of an exception, where they hold no values: errors of syncd's own but for what a
    system or a mapping quotes, and those of the operating system and of SQLite."""
    if isinstance(error, SyncdError):
        return LEFT_OUT if isinstance(error, RejectedError) else patterns(str(error))
    if isinstance(error, OSError):
        return error.strerror or LEFT_OUT
    original = getattr(error, "orig", None)  # of SQLAlchemy: what the database said
    if type(original).__module__ == "sqlite3":
        return patterns(str(original))
    return LEFT_OUT


def redact(_logger: object, _method: str, event: Event) -> Event:
    for name, value in event.items():
        if name != "exc_info":  # `told` takes it from there
            event[name] = _kept(name, value)
    return event


def _kept(name: str, value: object) -> object:
    if SECRET_NAME.search(name):
        return HIDDEN
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if abs(value) < LARGEST else HIDDEN
    if isinstance(value, list | tuple):
        return [_kept(name, one) for one in value]
    if name == "path":
        return path(str(value))
    if name == "host" and not _HOST.fullmatch(str(value)):
        return HIDDEN
    return patterns(str(value)) if name in SAID else HIDDEN


def _json(_logger: object, _method: str, event: Event) -> str:
    import json  # a terminal does without

    return json.dumps(dict(event), ensure_ascii=False)


class _Priority:
    """`<4>` before a line: journald takes it off and files the line under it."""

    def __init__(self, shown: Any) -> None:
        self._shown = shown

    def __call__(self, logger: object, method: str, event: Event) -> str:
        priority = _PRIORITY.get(str(event.get("level", method)), 6)
        shown: str = self._shown(logger, method, event)
        return f"<{priority}>{shown}"


def _is_journal(stream: str | None) -> bool:
    """Whether stderr is the stream that systemd connected to the journal: `device:inode`."""
    try:
        found = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return stream == f"{found.st_dev}:{found.st_ino}"


class _Others(logging.Handler):
    """What other libraries log. A template's values are left out but for small numbers; a text
    that comes in one piece is left out, and its place says which one it is."""

    def emit(self, record: logging.LogRecord) -> None:
        event: dict[str, Any] = {
            "logger": record.name,
            "where": f"{record.module}:{record.lineno}",
        }
        if record.exc_info and record.exc_info[1]:
            event["exc_info"] = record.exc_info
        level = max(record.levelno, logging.DEBUG)
        _structlog().get_logger().log(level, _template(record), **event)


def _template(record: logging.LogRecord) -> str:
    if not record.args or not isinstance(record.msg, str):
        return LEFT_OUT
    values: Any
    if isinstance(record.args, tuple):
        values = tuple(_value(one) for one in record.args)
    else:
        values = {name: _value(one) for name, one in record.args.items()}
    try:
        return str(record.msg % values)
    except (TypeError, ValueError, KeyError):
        return record.msg


def _value(value: object) -> object:
    plain = isinstance(value, int | float) and abs(value) < LARGEST
    return value if plain else LEFT_OUT


def _places(error: BaseException) -> list[str]:
    """`syncd/sync/cycle.py:120 run`, the outermost first; no line of code and no local value."""
    found = []
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        known = file.relative_to(_HERE) if file.is_relative_to(_HERE) else Path(file.name)
        found.append(f"{known}:{frame.lineno} {frame.name}")
    return found


def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, Exception):
        sys.__excepthook__(kind, error, trace)
        return
    _ready()
    event = "this is a defect of syncd; what was done is kept, and the next run goes on from there"
    _structlog().get_logger().critical(event, exc_info=error.with_traceback(trace))


def warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object
) -> None:
    _ready()
    where = f"{Path(filename).name}:{lineno}"
    _structlog().get_logger().warning("a warning of Python", error=category.__name__, where=where)


def _ready() -> None:
    if not _structlog().is_configured():
        set_up(verbose=False)
