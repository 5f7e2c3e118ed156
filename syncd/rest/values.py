"""Values as APIs send them, and as syncd holds them.

Numbers may be texts, flags 0 and 1, a link `[id, label]` or an object with an `id`, a time seconds
since 1970 or a text without a zone, and nothing may be `false`, `""` or not there at all.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

import msgspec

from syncd.domain import Value
from syncd.errors import ProtocolError
from syncd.rest.wire import PLAIN, Wire
from syncd.rest.words import as_text

TYPES = ("text", "number", "date", "flag", "link")
UNIX = {"unix": 1, "unix_ms": 1000}
"""Format of a time -> how many of it are a second."""
OBJECT = "object"
"""Format of a time, and of a number or a day, that the system writes as a table of its own."""
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_SECONDS = re.compile(r"%Y-%m-%d([T ])%H:%M:%S(Z?)")

_TRUE = frozenset({"1", "true", "yes", "y", "t", "on"})
_FALSE = frozenset({"0", "false", "no", "n", "f", "off"})

Empties = tuple[object, ...]


class Times(msgspec.Struct, frozen=True, dict=True):
    """`format` is iso, unix, unix_ms, object, or a pattern as `%Y-%m-%d %H:%M:%S`; `zone` is that
    of a time that names none."""

    format: str = "iso"
    zone: dt.tzinfo = dt.UTC
    wire: Wire = PLAIN

    def read(self, raw: object) -> dt.datetime | None:
        """In UTC. Raises ProtocolError for what is no such time."""
        if raw is None or raw == "" or raw is False:
            return None
        try:
            if self.format == "iso":
                moment = dt.datetime.fromisoformat(raw if type(raw) is str else str(raw))
            else:
                moment = self._fast(raw) or self._read(raw)
        except (ValueError, InvalidOperation, OverflowError):
            raise ProtocolError(f"a time is not as {self.format}, as the connector says") from None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
        return moment if moment.tzinfo is dt.UTC else moment.astimezone(dt.UTC)

    def _fast(self, raw: object) -> dt.datetime | None:
        """By the parser of ISO texts, which takes a twentieth of the time; None where this is no
        such text, or may mean something else by this format."""
        mark = self._mark
        if (
            mark is None
            or type(raw) is not str
            or len(raw) != 19 + len(mark[1])
            or raw[19:] != mark[1]
        ):
            return None
        if (raw[4], raw[7], raw[10], raw[13], raw[16]) != ("-", "-", mark[0], ":", ":"):
            return None
        with suppress(ValueError):
            return dt.datetime.fromisoformat(raw[:19])
        return None

    @cached_property
    def _mark(self) -> tuple[str, str] | None:
        """Of `%Y-%m-%dT%H:%M:%SZ` and its like what stands between day and time, and the end."""
        found = _SECONDS.fullmatch(self.format)
        return (found[1], found[2]) if found else None

    def _read(self, raw: object) -> dt.datetime:
        if self.format in UNIX:
            micros = Decimal(str(raw)) * 1_000_000 / UNIX[self.format]
            return EPOCH + dt.timedelta(microseconds=int(micros))
        if self.format == OBJECT:  # a table was made a text when the answer came
            return dt.datetime.fromisoformat(str(raw))
        return dt.datetime.strptime(str(raw), self.format)  # noqa: DTZ007 - read() adds the zone

    def write(self, moment: dt.datetime) -> object:
        if self.format in UNIX:
            return (moment - EPOCH) // dt.timedelta(microseconds=1_000_000 // UNIX[self.format])
        local = moment.astimezone(self.zone)
        if self.format == OBJECT:
            return self.wire.time(local)
        return local.isoformat() if self.format == "iso" else local.strftime(self.format)


class Form(msgspec.Struct, frozen=True):
    """How one field travels. `sent` is what stands behind `as`: `text` or `number`, the two texts
    of a flag, the pattern of a date, `object`."""

    type: str = "text"
    sent: str = ""
    wire: Wire = PLAIN

    @property
    def declared(self) -> str:
        """The type by the port's words."""
        return "text" if self.type == "link" else self.type

    def read(self, raw: Any, empties: Empties = ()) -> Value:
        """ProtocolError for a value that is not of the type."""
        if raw is None or (empties and _among(raw, empties)):
            return None
        try:
            return self._read(raw)
        except (ValueError, InvalidOperation):
            raise ProtocolError(f"a value is no {self.type}, as the connector says") from None

    def _read(self, raw: Any) -> Value:
        match self.type:
            case "number":
                return raw if isinstance(raw, Decimal) else Decimal(str(raw).strip())
            case "flag":
                return self._flag(raw)
            case "date":
                if raw == "" or raw is False:
                    return None
                if self.sent in ("", OBJECT):
                    return str(raw)
                moment = Times(self.sent).read(raw)
                return moment.date().isoformat() if moment else None
            case "link":
                return _linked(raw)
        if isinstance(raw, str | int | Decimal | bool):
            return raw if isinstance(raw, str) else as_text(raw)
        raise ValueError

    def _flag(self, raw: Any) -> bool:
        said = as_text(raw).strip().casefold()
        yes, _, no = self.sent.casefold().partition("/")
        if said in (_TRUE | {yes} if yes else _TRUE):
            return True
        if said in (_FALSE | {no} if no else _FALSE):
            return False
        raise ValueError

    def write(self, value: Value) -> object:
        if not self.sent:
            return value
        match self.type:
            case "number" if self.sent == "text":
                return as_text(value)
            case "number" if self.sent == OBJECT:
                return self.wire.number(value)
            case "date" if self.sent == OBJECT:
                return self.wire.date(dt.date.fromisoformat(str(value)))
            case "flag" if self.sent:
                yes, _, no = self.sent.partition("/")
                said = yes if value else no
                return int(said) if said.isdecimal() else said
            case "date" if self.sent:
                return Times(self.sent).write(dt.datetime.fromisoformat(f"{value}T00:00:00+00:00"))
            case "text" | "link" if self.sent == "number" and str(value).isdecimal():
                return int(str(value))
        return value


class Forms(msgspec.Struct, frozen=True):
    """The form of what stands at a place, and those of what is in it, by name."""

    own: Form | None = None
    below: Mapping[str, Forms] = msgspec.field(default_factory=dict)

    @classmethod
    def of(cls, forms: Mapping[str, Form]) -> Forms:
        """By dotted paths."""
        inner: dict[str, dict[str, Form]] = {}
        for path, form in forms.items():
            name, _, rest = path.partition(".")
            inner.setdefault(name, {})[rest] = form
        return cls(forms.get(""), {name: cls.of(some) for name, some in inner.items() if name})


_NOTHING = Forms()
_DEEP = frozenset({dict, list})


def normal(row: Any, forms: Forms, empties: Empties) -> Any:
    """A row for the mapping: the fields that the file names in their form, what means nothing as
    null. A list has one path for all of its items."""
    own = forms.own
    if own is not None and not (isinstance(row, list) and own.type != "link"):
        return own.read(row, empties)
    if isinstance(row, list):
        return [normal(one, forms, empties) for one in row]
    if not isinstance(row, Mapping):
        return None if _among(row, empties) else row
    found, below = dict[str, Any](), forms.below
    for name, one in row.items():
        if name in below:
            found[name] = normal(one, below[name], empties)
        elif type(one) in _DEEP:
            found[name] = normal(one, _NOTHING, empties)
        else:
            found[name] = None if _among(one, empties) else one
    return found


def _linked(raw: Any) -> str:
    if isinstance(raw, Mapping):
        raw = raw.get("id")
    elif isinstance(raw, list):
        raw = raw[0] if raw else None
    if isinstance(raw, str | int) and not isinstance(raw, bool):
        return str(raw)
    raise ValueError


def _among(value: Any, empties: Empties) -> bool:
    """`0` is not `false` here."""
    return value in empties and any(type(value) is type(one) and value == one for one in empties)
