"""What a connector is: pure protocol. It yields requests, receives responses, and does no I/O.

A connector knows how its system is spoken to and nothing else: no mapping, no store, no clock. Its
methods are generators (flows); one transport sends what they yield and throws transport errors into
them. A unit test drives a flow with `next()` and `send()`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import msgspec

from syncd.domain import Kind, Value
from syncd.errors import ProtocolError, RejectedError
from syncd.redaction import usual

T = TypeVar("T")

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, relative to the connection's address.

    `write` is True when the request can change the remote system: the transport then never repeats
    it after an answer that leaves the outcome open. `json` None sends no body; Decimals in it go
    out as exact JSON numbers. `judged` is True where an answer of 500 and above comes to the flow
    like any other, because the system says with it what it refuses; whether the outcome is open is
    then the flow's to say. `form` goes in place of `json`, as a browser sends one, and so does
    `content`, a whole file. `cost` is what the system takes off its allowance for it.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    json: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    write: bool = False
    judged: bool = False
    form: Mapping[str, str] | None = None
    cost: int = 1
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """`headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The decoded body, numbers with a fraction as Decimal. Raises ProtocolError."""
        try:
            return _decode(self.body)
        except msgspec.DecodeError:
            head = self.body[:80].decode("utf-8", "replace").strip().splitlines()
            line = head[0] if head else "an empty body"
            said = f": {line}" if usual(line) else ""  # else it may be anybody's record
            raise ProtocolError(f"HTTP {self.status}, not JSON{said}") from None


Flow = Generator[Request, Response, T]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a login gave, where that is more than the `headers` of every later request.

    `address` is where the system is from now on, in its own words; None: at the connection's url.
    It is good for `lasts` seconds; None: until it is refused. `over`: a 401 with this in it means
    that it ran out; another login would not help against any other. None: each 401 does. `query` is
    what every later request has in its address. `renewed` are secrets that this login has replaced,
    by name: the next one is made with them (`Facts.renews`).
    """

    headers: Mapping[str, str]
    address: str | None = None
    lasts: float | None = None
    over: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    renewed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Since:
    """What changed at or after `moment` (None: from the beginning); `position` continues a pass.
    `seen` is the newest stamp of the last complete pass, from which `moment` is counted back."""

    moment: dt.datetime | None
    position: str | None = None
    seen: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """These records, whatever their time. A key that does not exist is simply not returned."""

    keys: Sequence[str]


@dataclass(frozen=True, slots=True)
class All:
    """Every record there is; `position` continues a pass."""

    position: str | None = None


Scope = Since | Keys | All

BOOKS_PREFIX = "books."
"""Stands before the word of a target that is in the books, wherever targets of both sides meet."""


@dataclass(frozen=True, slots=True)
class Read:
    """What the mapping reads of a kind: the system's object and the paths in it."""

    kind: Kind
    object: str
    paths: tuple[str, ...]


OUTSIDE = "@outside"
"""Beside the fields of a record: it is outside the part of the system that the connection reads.
No mapping can name it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the system has it. `stamp` is the newest time of it and of every child read
    with it, None where the system has none."""

    key: str
    data: Mapping[str, Any]
    stamp: dt.datetime | None = None

    @property
    def outside(self) -> bool:
        """Of no interest, whatever a mapping says. It stays so in the mirror, under `OUTSIDE`."""
        return self.data.get(OUTSIDE) is True


UNREADABLE = ""
"""The only name in the data of a record that the connector could not read."""


def unreadable(
    key: str, where: str, says: str, field: str, stamp: dt.datetime | None = None
) -> Record:
    """A record that is there, and cannot be read: it waits alone, as one that the mapping cannot
    digest. `where` is the same for all records that have the same thing wrong, `says` names the
    place of this one and what to do; `field` is what is wrong of it."""
    return Record(key, {UNREADABLE: [where, says, field]}, stamp)


@dataclass(frozen=True, slots=True)
class Page:
    """`next` continues the pass, None at its end. `ordered` tells that records come by ascending
    stamp over the whole pass, so that the cursor may follow page by page. `source_time` is the
    source's own clock when it answered, None where it does not tell."""

    records: Sequence[Record]
    next: str | None
    source_time: dt.datetime | None
    ordered: bool = False


class Op(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Write:
    """One object to be written. `fields` holds dotted paths: all of them for CREATE, only what
    differs for UPDATE, none for REMOVE. `parents` are remote ids by the target's word."""

    op: Op
    target: str
    marker: str
    remote_id: str | None
    parents: Mapping[str, str]
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one Write, in the order of the batch. `seen` are the values the answer
    carried, under the paths that were sent; None where it carries no values. An error beside a
    `remote_id` means half done: the object is there, a later step was refused."""

    remote_id: str | None
    seen: Mapping[str, Value] | None = None
    error: RejectedError | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One object of the target; `fields` under the paths a mapping may write."""

    remote_id: str
    marker: str | None
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class FoundPage:
    found: Sequence[Found]
    next: str | None


class Tier(StrEnum):
    """How a create without an answer is cleared up."""

    T1 = "T1"
    """Native idempotency or upsert by external id."""
    T2 = "T2"
    """A unique key that the client chooses."""
    T3 = "T3"
    """A marker that can be searched for."""
    T4 = "T4"
    """Nothing: a person looks, once."""


@dataclass(frozen=True, slots=True)
class Target:
    """Declared facts of one object that can be written.

    `batch` records go in one request; `fixed` fields cannot be changed once written, so a change is
    a removal and a new object; `parents` are the words `Write.parents` must have, `either` further
    ones of which it has at least one; each is the target whose object is meant. `unique` is the
    field whose values must differ between all objects.
    """

    tier: Tier
    fields: Mapping[str, str]
    """Path -> text, number, date or flag; `custom_fields.*` allows any custom field."""
    parents: tuple[str, ...] = ()
    batch: int = 1
    fixed: frozenset[str] = frozenset()
    removable: bool = True
    unique: str | None = None
    listable: bool = True
    """`survey` can list all objects, without a parent."""
    movable: bool = False
    """An update can give it other parents; else it is removed there and made here."""
    made: bool = True
    """False: syncd makes none of these, and only writes fields of those that are there."""
    cancels: bool = False
    """What is void in the books stays and says so, though it could be removed."""
    either: tuple[str, ...] = ()
    lists_fields: bool = True
    """`setup` can tell which custom fields there are; else a person looks."""
    makes_fields: bool = True
    """`setup` can make those that are missing; else a person makes them."""
    owner: str | None = None
    """The field with the id of the user whose object it is. Set as an object is made, and never of
    one that is there already."""


@dataclass(frozen=True, slots=True)
class Source:
    """Declared facts of one kind that can be read: the system's object, and the names of fields
    that the connector makes up out of several reads."""

    object: str
    virtual: frozenset[str] = frozenset()
    stamped: bool = True
    """Record.stamp covers every child that is read, so a strictly older one is out of date."""
    others: tuple[str, ...] = ()
    """Objects that a mapping may read for this kind in place of `object`."""
    scope: str = ""
    """Tells the part that this connection reads from any other part; empty: all there is. With
    another one everything is read again. What left the part is missing in a full pass, and is
    `outside` where it is asked for by its key."""


@dataclass(frozen=True, slots=True)
class Facts:
    system: str
    sources: Mapping[Kind, Source] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    doubt_time: float = 5.0
    """Seconds: the longest server-side request plus the lag of its search."""
    currencies: frozenset[str] | None = None
    """The closed list of currencies a document may have; None: any."""
    secrets: tuple[str, ...] = ()
    """Names of the secrets the connection needs."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Names of the settings the connection needs beside its url, with what they mean."""
    described: bool = False
    """`fields` tells what an object has, so that a mapping's names can be compared with it."""
    needed: tuple[str, ...] = ()
    """Those of the options without which there is no connection."""
    hourly: int | None = None
    """Requests in an hour that the system allows one connection; None: no limit is known."""
    credits_left: str = ""
    """The header, in lower case, in which the system says what is left of the day's credits; empty:
    it counts plain calls, or says nothing."""
    guides: bool = False
    """The connector is a Guide too."""
    lists_users: bool = False
    """The connector is a Directory too."""
    one_reader: bool = False
    """What this connection has handed out and heard of it, it does not hand out to another: two
    pairs would take changes from each other."""
    changes: str = ""
    """How what changed is found, and what follows for a person: a sentence that `doctor` prints."""
    acknowledges: bool = False
    """The connector is a Receiver too."""
    rationed: bool = False
    """The system counts logins, so that one is kept for every process; `authenticate` gives a Grant
    that says how long."""
    renews: bool = False
    """A login may replace a secret, as a refresh token that is good once. Needs `rationed`."""
    chooses: str = ""
    """The option that names those of several organisations that are read."""
    opens: bool = False
    """The connector is an Opener too."""
    adopts: str = ""
    """The option by which another field than syncd's own holds the keys of the books."""
    exchanged: str = ""
    """The secret that a person may have as a code that is good once: the connector is an Exchanger
    too."""
    hosts: Mapping[str, str] = field(default_factory=dict)
    """End of a host as people paste it -> the host of the connection, where a vendor has many."""
    ready: str = ""
    """What to have at hand before a connection is set up."""
    hint: tuple[str, ...] = ()
    """Where the secrets come from: lines that stand before they are asked for."""
    folders: bool = False
    """Its url may be a folder of this machine, as `file:///srv/exports`: requests read and write
    the files in it, and an answer has the headers of a web server."""

    @property
    def counts(self) -> str:
        """What an allowance is counted in."""
        return "credits" if self.credits_left else "calls"


@dataclass(frozen=True, slots=True)
class Identity:
    """Which company this connection really reaches; `id` never changes for it. `allowance` is what
    the system allows it in 24 hours, in calls or in credits, where that can be told."""

    id: str
    label: str
    allowance: int | None = None


@dataclass(frozen=True, slots=True)
class FieldDef:
    """A custom field a mapping writes: `type` is text, long_text, number, date or flag."""

    target: str
    path: str
    type: str
    label: str


def fields_of(object: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """`fields` of an object whose system describes it by its records alone: what these have. What
    is empty in all of them may lead somewhere, so it leads to an object that is not described."""
    found: dict[str, str] = {}
    for row in rows:
        for name, value in row.items():
            plain = value is not None and not isinstance(value, list | Mapping)
            found[name] = "" if plain else found.get(name, f"{object}/{name}")
    return found


class Connector(Protocol):
    """A system that is only read raises NotImplementedError nowhere: what `facts` does not declare
    is never called."""

    facts: Facts

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str] | Grant]:
        """Headers for every later request, or a Grant. Asked at the connection's url, and run again
        by the transport after a 401. AccessError; RateLimitedError where it has to wait."""

    def identity(self) -> Flow[Identity]:
        """One cheap call that also proves the system is there."""

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        """The fields that an object of the system has now: name -> the object a field leads to,
        empty for a plain value. Nothing at all where it cannot be told. Only if `described`."""

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        """One page; called again with the page's `next` as position."""

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        """At most `Target.batch` writes of one target; one rejected record leaves the others."""

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        """Objects whose `id`, `marker` or unique field (by its path) is exactly this. Of a target
        that is listed by its parent alone, an empty `by` means all objects of these parents."""

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        """Every object of the target, page by page, with its marker and unique field."""

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        """The custom fields that are missing; with `write` they are created first, where the target
        `makes_fields`. None of a target that does not list its fields."""


@dataclass(frozen=True, slots=True)
class User:
    """A person of a system: in the CRM who can own a card, in the books who sells."""

    id: str
    name: str
    email: str | None = None
    active: bool = True


class Directory(Protocol):
    """What a connector with `Facts.lists_users` offers beside the rest."""

    def users(self) -> Flow[Sequence[User]]:
        """All of them, also those who may no longer log in."""


class Receiver(Protocol):
    """What a connector with `Facts.acknowledges` offers beside the rest: a source that hands out
    what changed until it is told that this has arrived."""

    def acknowledge(self) -> Flow[None]:
        """Called when what `Since` has shown of every kind since the last call is stored, and not
        before: a read of single keys, or of everything, tells nothing of it. Without it the same
        records come again."""


class Exchanger(Protocol):
    """What a connector with `Facts.exchanged` offers beside the rest."""

    def exchange(self, secrets: Mapping[str, str]) -> Flow[str]:
        """The lasting secret in place of the one that is `exchanged`, which may be a code, or the
        lasting one already. Sent without a credential, and never repeated: the code is spent
        afterwards. AccessError, which says whether the code was refused."""
