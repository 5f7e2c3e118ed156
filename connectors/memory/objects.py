"""What both systems of the memory world keep of what a client writes, and how they search it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .habits import WritingHabits

Fields = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """What a target is like: the type of each field, and the field that is its marker.

    `within`: it is listed by the parent of this name alone, and its marker is its own there. Not
    `made`: people alone make one."""

    fields: Mapping[str, str]
    marker: str
    parents: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    removable: bool = False
    custom: bool = False
    within: str | None = None
    made: bool = True
    fixed: frozenset[str] = frozenset()
    owner: str | None = None
    """The field with the id of the user whose object it is."""


@dataclass
class Object:
    id: str
    fields: Fields
    parents: dict[str, str]
    created: dt.datetime
    by: str = "syncd"
    """Who changed it last; and when, None: it is as it was made."""
    changed: dt.datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One write that was carried out."""

    op: str
    target: str
    id: str
    marker: str | None
    time: dt.datetime
    fields: Mapping[str, Any] = field(default_factory=dict)


class Desk(Protocol):
    """Where one system takes what clients write. What is not allowed raises Refusal."""

    habits: Any
    """WritingHabits of the system."""
    forms: Mapping[str, Form]
    definitions: dict[str, dict[str, str]]
    """Target -> path of a custom field -> its type."""

    def create(self, target: str, fields: Fields, parents: Mapping[str, str]) -> Object: ...

    def upsert(self, target: str, fields: Fields, parents: Mapping[str, str]) -> Object: ...

    def update(
        self, target: str, key: str, fields: Fields, parents: Mapping[str, str]
    ) -> Object: ...

    def remove(self, target: str, key: str) -> None: ...

    def get(self, target: str, key: str) -> Object: ...

    def now_called(self, key: str) -> str: ...

    def search(self, target: str, path: str, text: str) -> list[Object]: ...

    def listed(self, target: str) -> list[Object]: ...

    def define(self, target: str, path: str, type: str) -> None: ...

    def savepoint(self) -> Any: ...

    def rollback(self, savepoint: Any) -> None: ...


def matches(habits: WritingHabits, value: str, text: str) -> bool:
    if habits.search == "exact":
        return value == text
    value, text = value.casefold(), text.casefold()
    return value == text if habits.search == "folded" else text in value


def found(
    habits: WritingHabits, items: Iterable[Object], path: str, text: str, now: dt.datetime
) -> list[Object]:
    """As well as the search does it; objects newer than its lag are not found yet."""
    seen = now - dt.timedelta(seconds=habits.search_lag)
    old = (item for item in items if item.created <= seen)
    return [item for item in old if matches(habits, str(item.fields.get(path) or ""), text)]


def doubles(
    forms: Mapping[str, Form], objects: Mapping[str, list[Object]]
) -> list[tuple[str, ...]]:
    """(target, marker, parent ids...) of everything that exists more than once. What people made
    by hand has no marker."""
    keys = [
        (target, str(item.fields[forms[target].marker]), *item.parents.values())
        for target, items in objects.items()
        for item in items
        if item.fields.get(forms[target].marker) is not None
    ]
    return sorted({key for key in keys if keys.count(key) > 1})
