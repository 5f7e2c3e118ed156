"""How one object of a target stands in answers and bodies, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from syncd.domain import Value
from syncd.errors import ProtocolError, RejectedError
from syncd.port import Found, Op, Write
from syncd.rest.listing import key_of
from syncd.rest.values import Empties, Form
from syncd.rest.words import Path, Text, as_text, at, written


class Objects(msgspec.Struct, frozen=True):
    """`object_at` is where one stands in an answer, `values_at` where its values are in it, `id`
    where its id is. `flat`: a dotted path is one name there. `cleared` is sent for no value; fields
    below `custom` are those that people added. `marked`: the marker is a part of the text of its
    field, by this pattern of `{text}` and `{marker}`."""

    forms: Mapping[str, Form]
    marker: str | None = None
    object_at: Path = ()
    values_at: Path = ()
    id: Path = ("id",)
    flat: bool = False
    empties: Empties = ()
    cleared: object = None
    custom: str | None = None
    marked: Text | None = None

    def marking(self, write: Write) -> Mapping[str, Value]:
        """The field of the marker as it is to be; none where it stays as it is."""
        if self.marker is None or write.op is Op.REMOVE:
            return {}
        if self.marked is None:
            return {self.marker: write.marker} if write.op is Op.CREATE else {}
        if write.op is Op.UPDATE and self.marker not in write.fields:
            return {}
        text = write.fields.get(self.marker)
        if not isinstance(text, str) or not text.strip():
            raise RejectedError(f"{self.marker} needs a text: it holds syncd's key", self.marker)
        return {self.marker: str(self.marked.text({"text": text, "marker": write.marker}))}

    def body(self, fields: Mapping[str, Value]) -> dict[str, object]:
        """These fields as the system wants them."""
        sent: dict[str, object] = {}
        for path, value in fields.items():
            form = self.forms.get(path)
            raw = self.cleared if value is None else form.write(value) if form else value
            if self.flat or "." not in path:
                sent[path] = raw
            else:
                nested(sent, tuple(path.split(".")), raw)
        return sent

    def seen(self, answer: Any, paths: Mapping[str, Value]) -> Mapping[str, Value] | None:
        """What an answer to a write has under these paths; None where it has none of them."""
        fields = at(at(answer, self.object_at), self.values_at)
        if self.marked is not None and self.marker in paths:
            return None
        if not isinstance(fields, Mapping) or not any(self._has(fields, path) for path in paths):
            return None
        return {path: self._value(fields, path) for path in paths}

    def shown(self, answer: Any, path: str) -> Value:
        """What an answer has there; None where it does not show it."""
        fields = at(at(answer, self.object_at), self.values_at)
        return self._value(fields, path) if isinstance(fields, Mapping) else None

    def found(self, row: Mapping[str, Any]) -> Found:
        fields = at(row, self.values_at)
        if not isinstance(fields, Mapping):
            raise ProtocolError(f"an object without fields at {written(self.values_at)}")
        values = {path: self._value(fields, path) for path in self.forms}
        values |= self._others(fields)
        marker = values.get(self.marker) if self.marker else None
        if self.marked is not None and self.marker:
            text, marker = self._parted(as_text(marker or ""))
            values[self.marker] = text or None
        return Found(key_of(row, self.id), None if marker is None else str(marker), values)

    def _parted(self, whole: str) -> tuple[str, str | None]:
        """Text and marker; None for what a person wrote."""
        assert self.marked is not None
        begin, middle, end = self.marked.parts[::2]
        if not (whole.startswith(begin) and whole.endswith(end)):
            return whole, None
        inner = whole[len(begin) : len(whole) - len(end)]
        if self.marked.words[0] == "text":
            text, between, marker = inner.rpartition(middle)
        else:
            marker, between, text = inner.partition(middle)
        return (text, marker) if between and marker else (whole, None)

    def _others(self, fields: Mapping[str, Any]) -> dict[str, Value]:
        """The custom fields it has."""
        if self.custom is None:
            return {}
        begins = f"{self.custom}."
        if self.flat:
            return {path: plain(one) for path, one in fields.items() if path.startswith(begins)}
        inner = at(fields, tuple(self.custom.split(".")))
        named = inner.items() if isinstance(inner, Mapping) else ()
        return {begins + name: plain(one) for name, one in named}

    def _value(self, fields: Mapping[str, Any], path: str) -> Value:
        raw = at(fields, self._names(path))
        form = self.forms.get(path)
        return form.read(raw, self.empties) if form else plain(raw)

    def _has(self, fields: Mapping[str, Any], path: str) -> bool:
        """Whether anything stands there, if only null."""
        *outer, name = self._names(path)
        holder = at(fields, tuple(outer))
        return isinstance(holder, Mapping) and name in holder

    def _names(self, path: str) -> Path:
        return (path,) if self.flat else tuple(path.split("."))


def nested(table: dict[str, object], path: Path, value: object) -> None:
    """Puts it there, with the tables and the lists on the way: behind a name that is a number the
    table around it is a place of a list."""
    holder: Any = table
    for name, below in zip(path, (*path[1:], None), strict=True):
        if isinstance(holder, list):
            holder += [{} for _ in range(int(name) + 1 - len(holder))]
            inner: Any = holder[int(name)]
        elif below is not None:
            inner = holder.setdefault(name, [] if below.isdecimal() else {})
        if below is None:
            holder[int(name) if isinstance(holder, list) else name] = value
        else:
            holder = inner


def plain(raw: Any) -> Value:
    """Of a field whose form the file does not know."""
    return raw if raw is None or isinstance(raw, str | int | Decimal) else as_text(raw)
