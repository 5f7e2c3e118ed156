"""What set-up and `doctor` ask a system; a connector need not offer it.

Nothing of it writes: what a system tells about itself, and which rights a credential has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

import msgspec

from syncd.domain import Kind
from syncd.port import Flow, User


class Greeting(msgspec.Struct, frozen=True):
    """What the system says to anybody, without a credential. `databases` is None where it does not
    list them."""

    version: str | None = None
    databases: tuple[str, ...] | None = None
    closed: str = ""
    """It is this system, and its API is switched off: a sentence that says where it is switched
    on."""


class Right(msgspec.Struct, frozen=True):
    """Whether the credential may do one thing, told without doing it. `what` is the system's own
    name of it; None: it cannot be seen without writing. `need` is what would fail without it."""

    op: str
    """read, create or write"""
    what: str
    allowed: bool | None
    need: str
    object: str = ""
    """Needed only by a mapping that writes this object, or where it is about reading, reads it."""


class CustomField(msgspec.Struct, frozen=True):
    """A custom field there is; `filled` tells how many objects have a value, None: unknown.
    `samples` are the texts of some of these objects by their path, this one's among them, where it
    may be the key of an earlier integration; `unique` is whether no two objects can share a
    value."""

    target: str
    path: str
    label: str
    filled: int | None = None
    unique: bool = False
    samples: tuple[Mapping[str, str], ...] = ()


class Paste(msgspec.Struct, frozen=True):
    """What somebody else has to do in the system, in words of theirs, to be handed on as it is:
    `head` says where, `lines` what."""

    head: str
    lines: tuple[str, ...]


class Offer(msgspec.Struct, frozen=True):
    """Settings of the connection that this system has a use for, taken together or not at all by
    typing `word`."""

    word: str
    says: str
    options: Mapping[str, str]


class Stage(msgspec.Struct, frozen=True):
    """A stage of deals that stands for won, by the name that a mapping reads. `recent` counts the
    deals in it that were closed lately, `lacking` those of them whose card has no tax id; None:
    it is not told."""

    code: str
    label: str
    recent: int
    lacking: int | None = None


class Listed(msgspec.Struct, frozen=True):
    """A value of a list on cards that may stand for won, by the name that a mapping reads; `cards`
    counts those that have it."""

    path: str
    label: str
    value: str
    cards: int
    target: str = ""
    """Of which cards, where a system has several."""


class Cards(msgspec.Struct, frozen=True):
    """One of the objects that may be the customers' cards, with `mapping`, the shipped one by which
    it is. `count` is how many there are, `won` how many of the deals won lately name one."""

    target: str
    count: int | None
    won: int
    mapping: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a system tells about itself to this credential. What it does not tell is None or empty.

    `currencies` begins with the company's own. `customers` are all who may be one. `documents`
    counts those of each kind: all of them first, then those dated on each of the days asked for, or
    later. `at` is the system's own clock when it answered. `newest` is the newest document's time
    on the wall of a system that names no zone. `organisations` are the legal persons whose books
    these are, with their documents of late, None where there are too many of them to count.
    `sessions` are those that this look has opened, for so many `requests`. `optional` is what may
    be switched on beside, `offers` how changes could be told. `converted` counts leads that were
    converted lately.
    """

    company: str
    user: str | None = None
    administrator: bool | None = None
    zone: str | None = None
    currencies: tuple[str, ...] = ()
    customers: int | None = None
    documents: Mapping[Kind, tuple[int, ...]] = field(default_factory=dict)
    modules: Mapping[str, bool] = field(default_factory=dict)
    rights: tuple[Right, ...] = ()
    fields: tuple[CustomField, ...] = ()
    stages: tuple[Stage, ...] = ()
    converted: int | None = None
    listed: tuple[Listed, ...] = ()
    cards: tuple[Cards, ...] = ()
    """Where a system has several objects that may be the card, the usual one first; `customers`
    counts that one, `fields` and `listed` are of all."""
    at: dt.datetime | None = None
    edition: str | None = None
    users: int | None = None
    """Licences for people that the edition has."""
    production: bool | None = None
    newest: dt.datetime | None = None
    organisations: Mapping[str, int | None] = field(default_factory=dict)
    sessions: int | None = None
    requests: int = 0
    optional: Paste | None = None
    offers: tuple[Offer, ...] = ()
    mapping: str | None = None
    """The shipped mapping that fits, where the system has several; None: that of its name."""
    records: tuple[str, ...] = ()
    """What was seen of the records of each kind, as sentences without personal data."""
    odd: tuple[str, ...] = ()
    """What of it cannot be right, as sentences that say what to look at."""
    sellers: tuple[User, ...] = ()
    """Of the books: those whom orders of late name, by name."""
    reads_sellers: Mapping[str, str] = field(default_factory=dict)
    """Lines of the mapping that read a customer's own seller, at a price: none is shipped."""


def needed(
    rights: Sequence[Right], reads: Collection[str], writes: Collection[str]
) -> tuple[Right, ...]:
    """Those without which a mapping that reads and writes these objects would fail somewhere."""
    both = {*reads, *writes}
    return tuple(
        one
        for one in rights
        if not one.object or one.object in (both if one.op == "read" else writes)
    )


class Guide(Protocol):
    """What a connector with `Facts.guides` offers beside the rest. Nothing of it writes: no request
    is marked `write`, and the system is afterwards as it was."""

    def greet(self) -> Flow[Greeting]:
        """Sent without a credential, and perhaps to an address that is another one.
        ProtocolError where this is not the system's API."""

    def discover(self, since: Sequence[dt.date], closed: dt.date) -> Flow[Discovery]:
        """`since` are days to count documents from; `closed` is the day since which a deal that was
        won is recent. AccessError where the credential is not accepted at all."""


class Opened(msgspec.Struct, frozen=True):
    """What was open at the beginning of a day: of so many customers, by currency, what they owed
    and had paid ahead."""

    customers: int
    sums: Mapping[str, tuple[Decimal, Decimal]]


class Opener(Protocol):
    """What a connector with `Facts.opens` offers beside the rest: balances of an earlier day."""

    def opening(self, day: dt.date) -> Flow[Opened]:
        """ProtocolError or AccessError where the system does not tell them. Writes nothing."""
