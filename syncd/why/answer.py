"""What `why` answers: a structure, which screens and programs show in their own ways."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from syncd.domain import Kind, Money, Value
from syncd.why.reasons import Reason


@dataclass(frozen=True, slots=True)
class Item:
    """A document that a value is made of; `counts` is what of it is in the value. `customer` is
    told where several share the card."""

    kind: Kind
    key: str
    number: str
    date: dt.date
    amount: Money
    counts: Money | None = None
    paid: Money | None = None
    returned: Money | None = None
    due: dt.date | None = None
    overdue: bool = False
    correcting: bool = False
    customer: str | None = None


class Elsewhere(msgspec.Struct, frozen=True):
    """What is not in a value; `where` is the field that has it, if one has."""

    amount: Money
    text: str
    word: str
    where: str | None


class Ways(msgspec.Struct, frozen=True):
    """The same three ways; None where that way does not know it."""

    ledger: Money | None
    documents: Money | None
    card: Value


class Happened(msgspec.Struct, frozen=True):
    """One version of a document that came at that time."""

    ref: str
    at: dt.datetime
    run: int
    ver: int
    text: str


class Before(msgspec.Struct, frozen=True):
    """The value before this one, until when it held, and what happened then."""

    value: Value
    until: dt.datetime
    run: int
    cause: str
    changes: tuple[Happened, ...] = ()


class Line(msgspec.Struct, frozen=True):
    """A line of a mapping file: the word it gives or writes, where it is, and its text."""

    word: str
    where: str
    text: str


class How(msgspec.Struct, frozen=True):
    """`reads` are lines of the books mapping, `writes` those of the CRM mapping."""

    reads: tuple[Line, ...]
    derived: str
    writes: tuple[Line, ...]
    owner: str
    reading: str
    writing: str
    """Versions of the two mappings."""


class StageRule(msgspec.Struct, frozen=True):
    stage: str
    when: str
    where: str
    holds: bool


class Stage(msgspec.Struct, frozen=True):
    """The facts that the rules of a stage were asked about, and which rule held."""

    facts: Mapping[str, Value]
    rules: tuple[StageRule, ...]


class FieldAnswer(msgspec.Struct, frozen=True):
    """`money` is the value as an amount, where it is one; the items and `rest` (what no document
    explains) add up to it. `wanted` is what the mapping wants at `path`, `shown` what was last
    agreed with the CRM."""

    word: str
    path: str | None
    wanted: Value
    shown: Value
    money: Money | None = None
    items: tuple[Item, ...] = ()
    rest: Money | None = None
    rest_text: str = ""
    elsewhere: tuple[Elsewhere, ...] = ()
    ways: Ways | None = None
    written_at: dt.datetime | None = None
    written_run: int | None = None
    seen_at: dt.datetime | None = None
    proven_at: dt.datetime | None = None
    agreed: bool | None = None
    before: Before | None = None
    stage: Stage | None = None
    note: str = ""
    how: How | None = None


class Written(msgspec.Struct, frozen=True):
    """Where a word stands at the CRM."""

    part: str
    path: str
    where: str
    text: str
    wanted: Value
    shown: Value


class Trace(msgspec.Struct, frozen=True):
    """One word of a record: raw value -> line of the mapping -> canonical value -> CRM."""

    word: str
    raw: Value
    where: str
    text: str
    value: object
    written: tuple[Written, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """One object of a record at the CRM, and why it is not as wanted, if it is not."""

    part: str
    target: str
    remote_id: str | None
    state: str
    confirmed: bool
    written_at: dt.datetime | None
    written_run: int | None
    seen_at: dt.datetime | None


class Version(msgspec.Struct, frozen=True):
    ver: int
    at: dt.datetime
    run: int
    cause: str
    text: str


class Shown(msgspec.Struct, frozen=True):
    """A field of a card in one line."""

    word: str
    path: str
    wanted: Value
    shown: Value


@dataclass(frozen=True, slots=True)
class Answer:
    """`present` tells whether an object of the record stands at its target; `card` is the id of
    the customer's card. `name` is for eyes alone and stands in no log."""

    pair: str
    kind: Kind
    key: str
    number: str
    name: str
    customer: str | None
    card: str | None
    present: bool
    reason: Reason
    field: FieldAnswer | None = None
    fields: tuple[Shown, ...] = ()
    trace: tuple[Trace, ...] = ()
    places: tuple[Place, ...] = ()
    versions: tuple[Version, ...] = ()
    fresh: dt.datetime | None = None
    """When the kind was last read completely."""
    next: str = ""
