"""What a connector declares about its system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from syncd.domain import Kind


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
    readable: bool = True
    """What is there can be read: listed, or by its id. Only of tier T1 need it not be: what nobody
    can look at is written again where it is in doubt."""
    owner: str | None = None
    """The field with the id of the user whose object it is. Set as an object is made, and never of
    one that is there already."""


class Source(msgspec.Struct, frozen=True):
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
    open_rows: str = ""
    """The list is of what is open alone: a balance that a complete pass lacks has no rows any more
    in this part of its record, and so is zero. Empty: what is missing is not known."""
    told: bool = False
    """`Since` with `seen` gives what was changed, though no record has a stamp."""
    untold: frozenset[str] = frozenset()
    """Where one of these fields is read, only a full pass shows what changed."""

    def tells(self, paths: Iterable[str]) -> bool:
        """Whether what changed of these paths comes without a full pass."""
        lacking = any(path.partition(".")[0] in self.untold for path in paths)
        return self.stamped or (self.told and not lacking)


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
    country: str = ""
    """Of books whose law is that of one country (ISO 3166-1 alpha-2): their phones and tax ids that
    name none are of it."""
    tells_who: bool = False
    """What is found by its id says who changed it last."""
    one_reader: bool = False
    """What this connection has handed out and heard of it, it does not hand out to another: two
    pairs would take changes from each other."""
    one_account: bool = False
    """The url leads to one account, whoever logs in: two connections of one url write to one
    system."""
    marker: str = ""
    """The field in which this connection looks for the key of the books, where that is a setting of
    it; empty: where the mapping has it, or a place of the target's own."""
    changes: str = ""
    """How what changed is found, and what follows for a person: a sentence that `doctor` prints."""
    starts: str = ""
    """What a write starts by itself there, or that nothing starts: a sentence for a plan."""
    records_a_credit: int = 0
    """Records whose writing costs one credit; 0: each request is one."""
    acknowledges: bool = False
    """The connector is a Receiver too."""
    rationed: bool = False
    """The system counts logins, so that one is kept for every process; `authenticate` gives a Grant
    that says how long."""
    renews: bool = False
    """A login may replace a secret, as a refresh token that is good once. Needs `rationed`."""
    signs: bool = False
    """The connector is a Signer too: each request carries something made as it is sent."""
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
    in_flight: int = 1
    """So many writes may be under way at once."""
    folders: bool = False
    """Its url may be a folder of this machine, as `file:///srv/exports`: requests read and write
    the files in it, and an answer has the headers of a web server."""

    @property
    def counts(self) -> str:
        """What an allowance is counted in."""
        return "credits" if self.credits_left else "calls"
