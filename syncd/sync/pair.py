"""What one cycle works with: two systems, two mappings, one store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec
import sqlalchemy as sa

from syncd.clock import Clock
from syncd.domain import DERIVED_KINDS, FROM_CRM, Canonical, Kind, Want
from syncd.errors import RejectedError
from syncd.image import decode
from syncd.mapping import BooksMapping, CrmMapping, Inbound, Outbound
from syncd.port import (
    BOOKS_PREFIX,
    Connector,
    Flow,
    Found,
    FoundPage,
    Outcome,
    Request,
    Target,
    Write,
)
from syncd.store.engine import Store

T = TypeVar("T")


class Transport(Protocol):
    """Carries a flow's requests, and counts them and their cost; `before_send` may stop each by
    raising. `left` is what the system last said is left of its allowance."""

    calls: int
    writes: int
    credits: int
    left: int | None
    before_send: Callable[[Request], None]

    def run(self, flow: Flow[T]) -> T: ...


class Side(msgspec.Struct, frozen=True):
    """One connection: its name in the configuration, its connector, and what carries requests.
    `budget` is what may be spent in 24 hours, `reserve` what of it runs leave alone."""

    name: str
    connector: Connector
    transport: Transport
    budget: int | None = None
    reserve: int | None = None

    def ask(self, flow: Flow[T]) -> T:
        return self.transport.run(flow)


class Numbers(msgspec.Struct, frozen=True):
    """Seconds, unless they say otherwise."""

    lease: float = 60
    request_timeout: float = 30
    overlap: float = 600
    requests_a_commit: int = 10
    sweep_every: float = 24 * 3600
    wait_for_doubt: float = 30
    retry_refused: float = 24 * 3600
    problem_age: float = 24 * 3600
    correction_delay: float = 600
    """How long an unposted document is taken to be one that is being corrected."""
    overwritten: int = 10
    """So many changes in a day by somebody else, of what the books own, are a second writer."""
    min_free: float = 50
    """Megabytes: with less room under the state nothing is sent, for what became of it could not be
    written down."""


class WonMode(StrEnum):
    """What happens to a customer whose deal was won."""

    CREATE = "create"
    PROPOSE = "propose"
    """Accounting consents to each one first."""
    OFF = "off"


class WonPolicy(msgspec.Struct, frozen=True):
    """Deals closed before `since` are left alone; None: the day the pair was connected."""

    mode: WonMode = WonMode.CREATE
    since: dt.date | None = None


class Limits(msgspec.Struct, frozen=True):
    """What one run may change without a person's yes, as long as nothing is known of what is
    usual. A guard trips above `few` and above the share."""

    few: int = 10
    cards: float = 0.2
    """Of the customers on a card, whose name, address and the like change."""
    documents: float = 0.2
    """Of the documents shown, that change or are taken back."""
    blanks: float = 0.05
    """Of cards and documents, that lose a value."""
    money: float = 0.2
    """Of what is owed and paid ahead in a currency, that moves without documents to explain it."""
    won: int = 10
    """Won customers in one run."""


REMEMBERED = 2000
"""Records, of which what is wanted of them is kept in memory."""


@dataclass(frozen=True)
class Pair:
    name: str
    books: Side
    crm: Side
    reading: BooksMapping
    writing: CrmMapping
    store: Store
    clock: Clock
    numbers: Numbers = field(default_factory=Numbers)
    won: WonPolicy = field(default_factory=WonPolicy)
    limits: Limits = field(default_factory=Limits)
    checkpoint: Callable[[str], None] = lambda _name: None
    """Called at the named points of docs/crash-points.md; tests end the process there."""
    within: Callable[[int], bool] = lambda _record: True
    """Whether a record, by its id, is in the scope of a pilot; guards look at nothing else."""
    between: Callable[[Scene], None] = lambda _scene: None
    """Called in every commit of a run: whoever owns the pair looks for requests there."""

    _targets: dict[str, Target] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Those that were asked for."""
    _wants: dict[tuple[Kind, bytes, bool], tuple[Want, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def doubt_time(self) -> float:
        return max(side.connector.facts.doubt_time for side in (self.books, self.crm))

    # -- which side, which mapping ---------------------------------------------------------------

    def reader(self, kind: Kind) -> Side:
        """Where a kind is read."""
        return self.crm if kind in FROM_CRM else self.books

    def inbound(self, kind: Kind) -> Inbound | None:
        mapping = self.writing if kind in FROM_CRM else self.reading
        return mapping.inbound.get(kind)

    def outbound(self, kind: Kind) -> Outbound | None:
        mapping = self.reading if kind is Kind.WON else self.writing
        return mapping.outbound.get(kind)

    def wants(
        self, kind: Kind, image: bytes, numbered: bool, record: Canonical | None
    ) -> tuple[Want, ...]:
        """What the mapping makes of the record with this image; MappingError. One change is judged,
        guarded and sent: the last ones are remembered."""
        key = kind, image, numbered
        found = self._wants.get(key)
        if found is None:
            outbound = self.outbound(kind)
            made = outbound(record or decode(kind, image), numbered) if outbound else ()
            if len(self._wants) >= REMEMBERED:
                self._wants.clear()
            found = self._wants[key] = made
        return found

    def mapped_by(self, kind: Kind) -> str:
        """The version of what reads a kind."""
        if kind in DERIVED_KINDS:
            return f"{self.reading.version} {self.writing.version}"
        version = (self.writing if kind in FROM_CRM else self.reading).version
        scope = self.scope(kind)
        return f"{version} {scope}" if scope else version

    def scope(self, kind: Kind) -> str:
        """The part of its system that is read of a kind; empty for all of it."""
        source = self.reader(kind).connector.facts.sources.get(kind)
        return source.scope if source else ""

    def wanted_by(self, kind: Kind) -> str:
        """The version of what decides what is wanted of a kind."""
        if kind is Kind.WON:
            return f"{self.reading.version} {self.writing.version}"
        return self.writing.version

    def writer(self, target: str) -> Side:
        """Where the objects of a target are."""
        return self.books if target.startswith(BOOKS_PREFIX) else self.crm

    def target(self, target: str) -> Target:
        found = self._targets.get(target)
        if found is None:
            facts = self.writer(target).connector.facts
            found = self._targets[target] = facts.targets[target.removeprefix(BOOKS_PREFIX)]
        return found

    # -- asking ----------------------------------------------------------------------------------

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Sequence[Found]:
        """What was merged into another object is not there: see `followed`."""
        found = self.followed(target, by, parents)
        return [one for one in found if one.remote_id == by.get("id", one.remote_id)]

    def followed(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Sequence[Found]:
        """The same, but an id may lead to what people made of that object and another."""
        side, own = self.writer(target), self._own_marker(target)
        word = target.removeprefix(BOOKS_PREFIX)
        if own:
            by = {own if path == "marker" else path: value for path, value in by.items()}
        found = side.ask(side.connector.find(word, by, parents))
        return [_marked(one, own) for one in found]

    def survey(self, target: str, position: str | None) -> FoundPage:
        """A page of all objects of a target of the CRM."""
        page, own = (
            self.crm.ask(self.crm.connector.survey(target, position)),
            self._own_marker(target),
        )
        return FoundPage([_marked(one, own) for one in page.found], page.next)

    def _own_marker(self, target: str) -> str | None:
        """Where cards have the key of these books, if another pair makes the cards: what the
        connector takes for the marker are keys of that pair's books then."""
        outbound = self.writing.outbound.get(Kind.CUSTOMER)
        if outbound is None or self.writing.match is None or self.writing.match.make:
            return None
        mine = (one for one in outbound.plan.parts if not one.name and one.target == target)
        return next((one.marker.path for one in mine if one.marker), None)

    def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Writes of one target."""
        side, word = self.writer(writes[0].target), writes[0].target.removeprefix(BOOKS_PREFIX)
        batch = writes
        if word != writes[0].target:
            batch = [msgspec.structs.replace(write, target=word) for write in writes]
        return side.ask(side.connector.push(batch))


def _marked(found: Found, own: str | None) -> Found:
    if own is None:
        return found
    marker = found.fields.get(own)
    return msgspec.structs.replace(found, marker=None if marker in (None, "") else str(marker))


class Scene(msgspec.Struct, frozen=True):
    """One transaction of one run. `left_out` are fields that were refused in this run, by part;
    `written` kinds of which something was carried out in it."""

    tx: sa.Connection
    pair: Pair
    streams: dict[Kind, int]
    run: int
    epoch: int = 0
    left_out: dict[int, dict[str, RejectedError]] = msgspec.field(default_factory=dict)
    written: set[Kind] = msgspec.field(default_factory=set)

    @property
    def ids(self) -> list[int]:
        """The streams of the pair. Another pair of the state may have records of the same keys."""
        return list(self.streams.values())
