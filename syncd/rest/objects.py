"""How one object of a target stands in answers and bodies, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

import msgspec

from syncd.domain import Value
from syncd.errors import ProtocolError, RejectedError
from syncd.port import Found, Op, Write
from syncd.rest.listing import key_of
from syncd.rest.values import Empties, Form
from syncd.rest.words import Path, Text, as_text, at, written


class Objects(msgspec.Struct, frozen=True, dict=True):
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

    def sent(self, write: Write) -> dict[str, object]:
        """What a write sends of its fields, and its marker."""
        made = write.op is Op.CREATE
        if self.marked is not None or self.marker not in self._plain:
            return self.body({**write.fields, **self.marking(write)}, made=made)
        sent = self.body(write.fields, made=made)
        if made:
            sent[self.marker] = write.marker
        return sent

    def body(self, fields: Mapping[str, Value], *, made: bool = False) -> dict[str, object]:
        """These fields as the system wants them. What is `made` goes without what has no value."""
        sent: dict[str, object] = {}
        plain = self._plain
        for path, value in fields.items():
            if value is None:
                if made:
                    continue
            elif path in plain:
                sent[path] = value
                continue
            form = self.forms.get(path)
            raw = self.cleared if value is None else form.write(value) if form else value
            if self.flat or "." not in path:
                sent[path] = raw
            else:
                nested(sent, tuple(path.split(".")), raw)
        return sent

    def seen(self, answer: Any, paths: Mapping[str, Value]) -> Mapping[str, Value] | None:
        """What an answer to a write has under these paths; None where it has none of them."""
        fields = at(answer, self._place)
        if fields is None or (self.marked is not None and self.marker in paths):
            return None
        if not isinstance(fields, Mapping) or not any(self._has(fields, path) for path in paths):
            return None
        return {path: self._value(fields, path) for path in paths}

    def shown(self, answer: Any, path: str) -> Value:
        """What an answer has there; None where it does not show it."""
        fields = at(answer, self._place)
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

    @cached_property
    def _place(self) -> Path:
        """Where the values are in an answer."""
        return self.object_at + self.values_at

    @cached_property
    def _plain(self) -> frozenset[str]:
        """Paths whose values go as they are, under this very name."""
        bare = (path for path, form in self.forms.items() if not form.sent)
        return frozenset(path for path in bare if self.flat or "." not in path)

    def _value(self, fields: Mapping[str, Any], path: str) -> Value:
        raw = fields.get(path) if path in self._plain else at(fields, self._names(path))
        form = self.forms.get(path)
        return form.read(raw, self.empties) if form else plain(raw)

    def _has(self, fields: Mapping[str, Any], path: str) -> bool:
        """Whether anything stands there, if only null."""
        if path in self._plain:
            return path in fields
        *outer, name = self._names(path)
        holder = at(fields, tuple(outer))
        return isinstance(holder, Mapping) and name in holder

    def _names(self, path: str) -> Path:
        return (path,) if self.flat else tuple(path.split("."))


def nested(table: dict[str, object], path: Path, value: object) -> None:
    """Puts it there, with the tables and the lists on the way: behind a name that is a number the
    table around it is a place of a list."""
    if len(path) == 1:
        table[path[0]] = value
        return
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
