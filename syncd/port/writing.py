"""What is to be written to a target, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from syncd.domain import Value
from syncd.errors import RejectedError

BOOKS_PREFIX = "books."
"""Stands before the word of a target that is in the books, wherever targets of both sides meet."""


class Op(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"


class Write(msgspec.Struct, frozen=True):
    """One object to be written. `fields` holds dotted paths: all of them for CREATE, only what
    differs for UPDATE, none for REMOVE. `parents` are remote ids by the target's word."""

    op: Op
    target: str
    marker: str
    remote_id: str | None
    parents: Mapping[str, str]
    fields: Mapping[str, Value]


class Outcome(msgspec.Struct, frozen=True):
    """What became of one Write, in the order of the batch. `seen` are the values the answer
    carried, under the paths that were sent; None where it carries no values. An error beside a
    `remote_id` means half done: the object is there, a later step was refused."""

    remote_id: str | None
    seen: Mapping[str, Value] | None = None
    error: RejectedError | None = None


class Found(msgspec.Struct, frozen=True):
    """One object of the target; `fields` under the paths a mapping may write. Who changed it last,
    by the name people know, and when: None where the system, or this answer, does not say.
    `parents` is what it hangs on, by the target's word, where the system says it: people move
    things."""

    remote_id: str
    marker: str | None
    fields: Mapping[str, Value]
    by: str | None = None
    at: dt.datetime | None = None
    parents: Mapping[str, str] = msgspec.field(default_factory=dict)


class FoundPage(msgspec.Struct, frozen=True):
    found: Sequence[Found]
    next: str | None


class FieldDef(msgspec.Struct, frozen=True):
    """A custom field a mapping writes: `type` is text, long_text, number, date or flag."""

    target: str
    path: str
    type: str
    label: str
