"""How values and names stand in every body of a system, where plain JSON is not what it uses.

Some systems write an exact number, a day or a time as a table of its own, `{"__class__": "Decimal",
"decimal": "12.30"}` or `{"$date": "2026-11-18T12:00:00"}`. A template shows one with words for its
parts, and is used both ways.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from syncd.errors import ProtocolError
from syncd.rest.words import Fixed, Text, as_text, fill

DAY = ("year", "month", "day")
MOMENT = (*DAY, "hour", "minute", "second", "microsecond")
PARTS: Mapping[str, tuple[str, ...]] = {
    "number": ("text",),
    "date": ("text", *DAY),
    "time": ("text", *MOMENT),
}
"""What can be written as a table, and the words for its parts."""

Template = Mapping[str, Text | Fixed]


class Wire(msgspec.Struct, frozen=True):
    """`objects` are the templates by what they stand for; `stripped` are characters that names have
    at their ends and the file and the mapping do not know."""

    objects: Mapping[str, Template] = msgspec.field(default_factory=dict)
    stripped: str = ""

    def plain(self, value: Any) -> Any:
        """The same with plain values and names. Of two names that are one then, a table goes before
        what is none. Raises ProtocolError."""
        if not self.objects and not self.stripped:
            return value
        if isinstance(value, list):
            return [self.plain(one) for one in value]
        if not isinstance(value, dict):
            return value
        for type, template in self.objects.items():
            parts = _parts(template, value)
            if parts is not None:
                return _read(type, parts)
        found: dict[str, Any] = {}
        for name, one in value.items():
            bare = name.strip(self.stripped) if self.stripped else name
            if bare not in found or isinstance(one, dict | list):
                found[bare] = self.plain(one)
        return found

    def number(self, value: object) -> object:
        return fill(self.objects["number"], {"text": as_text(value)})

    def date(self, day: dt.date) -> object:
        parts = {name: getattr(day, name) for name in DAY}
        return fill(self.objects["date"], {"text": day.isoformat(), **parts})

    def time(self, moment: dt.datetime) -> object:
        """As the clock stands there: the zone is that of the moment."""
        bare = moment.replace(tzinfo=None)
        parts = {name: getattr(bare, name) for name in MOMENT}
        return fill(self.objects["time"], {"text": bare.isoformat(), **parts})


PLAIN = Wire()


def _parts(template: Template, value: Mapping[str, Any]) -> dict[str, Any] | None:
    """The words of the template as the table has them; None where it is another table."""
    if template.keys() != value.keys():
        return None
    parts: dict[str, Any] = {}
    for name, shown in template.items():
        if isinstance(shown, Text) and shown.words:
            parts[shown.words[0]] = value[name]
        elif value[name] != (shown.value if isinstance(shown, Fixed) else shown.text({})):
            return None
    return parts


def _read(type: str, parts: Mapping[str, Any]) -> Any:
    """A day or a time as ISO text; what a time without a zone means is said where it is read."""
    try:
        if type == "number":
            return Decimal(str(parts["text"]).strip())
        if "text" in parts:
            return str(parts["text"])
        numbers = {name: int(one) for name, one in parts.items()}
        return (dt.date if type == "date" else dt.datetime)(**numbers).isoformat()
    except (ValueError, TypeError, InvalidOperation):
        raise ProtocolError(f"a table stands for a {type}, and is none") from None
