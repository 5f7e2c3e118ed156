"""What changed: asked of an exchange plan where the base has one, else found by comparing.

1C notes no time of a change. `DataVersion` differs after every write, posting and marking, and says
no more; `Date` is the date of the document, which people type. So without a plan the documents of a
window of dates are listed with their versions, and what differs from what was seen before has
changed. What is older than the window is found by the daily full pass.

Catalogs have no date. They are listed wholly, and therefore seldom: a look in which they are is
*whole*. In between, whom a changed document names is read by the key, if nobody knows a customer of
that key yet.

A *look* is made by the first kind that is read in a cycle and serves each kind once. What it saw
counts as seen only after `acknowledge`; a cycle that does not get so far sees the same again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from syncd.domain import Kind
from syncd.errors import NotFoundError, ProtocolError
from syncd.port import Flow

from .base import Base
from .feed import Package, read_package
from .lists import DOCUMENTS, Listed, versions
from .settle import Entry
from .values import guid, wall_time


@dataclass
class Seen:
    """What the engine has: versions by set, and open sums by customer and by order. `at` is the
    server's time of this look, `compared` that of the last whole one."""

    versions: dict[str, dict[str, Listed]] = field(default_factory=dict)
    balances: Mapping[str, object] | None = None
    buyers: set[str] | None = None
    undelivered: Mapping[str, Decimal] | None = None
    at: dt.datetime | None = None
    compared: dt.datetime | None = None


@dataclass
class Look:
    """One cycle's view. `lower` is the first day of the window, None: everything. `whole`: what no
    document tells is compared too."""

    lower: dt.datetime | None
    whole: bool = True
    package: Package | None = None
    message: int = 0
    seen: Seen = field(default_factory=Seen)
    served: set[Kind] = field(default_factory=set)
    passes: dict[Kind, list[tuple[str, str]]] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    customers: set[str] | None = None
    """Those that are to be read."""
    told: dict[str, bool] = field(default_factory=dict)
    """Those that were read, and whether they are customers."""
    settling: dict[str, set[str]] | None = None
    """Documents by set whose settlements may have changed."""


class Plan(msgspec.Struct, frozen=True):
    """A node of an exchange plan: `node` is its key."""

    name: str
    node: str

    @property
    def says(self) -> str:
        return (
            f"the exchange plan {self.name} tells what was written since the last cycle, whatever "
            "its date; a physical deletion arrives with the daily full read"
        )

    @property
    def resource(self) -> str:
        return f"ExchangePlan_{self.name}({guid(self.node)})"


class Changes:
    """`window` is how far back documents are listed, `every` the time between two whole looks."""

    def __init__(self, plan: Plan | None, window: dt.timedelta, every: dt.timedelta) -> None:
        self._plan = plan
        self._window = window
        self._every = every
        self._seen = Seen()
        self._customers: set[str] = set()
        self._strangers: set[str] = set()
        """Named by documents that the engine has, and not read."""
        self._message: int | None = None
        """The number of the next package, where the node has told it in this cycle."""
        self._next: int | None = None
        """The same, as it has to be after the last look."""
        self._root: str | None = None
        self.look: Look | None = None

    def recognised(self, base: Base) -> Flow[bool]:
        """Whether the base of the last look answers: told by the first call of the next one, which
        is made anyway. There is the node of the plan as it was left, or a document that was there
        before. False too where that does not tell, or is not enough any more."""
        self.look = self._message = None
        try:
            if self._plan is not None:
                self._message = yield from self._next_message(base, self._plan)
                return self._message == self._next and not self._due(base.wire.now)
            sets = [one for one in self._seen.versions if one.startswith(DOCUMENTS)]
            name = max(sets, key=lambda one: len(self._seen.versions[one]), default=None)
            if name is None or self._seen.at is None:
                return False
            look = Look(self._seen.at - self._window)
            look.seen.at = base.wire.now
            yield from self.changed(base, look, name)
        except NotFoundError:
            return False
        self._mark(base, look)
        self.look = look
        known = self._seen.versions[name].keys() & look.seen.versions[name].keys()
        return bool(known) and not look.whole

    def begin(self, base: Base, kind: Kind, moment: dt.datetime | None) -> Flow[Look]:
        """The look that this kind is read by, from its start. A kind without a moment, of which
        nothing was ever there, is read by the window of the others."""
        look = self.look
        if look is None or kind in look.served:
            moment = self._seen.at or moment
            look = Look(moment - self._window if moment else None)
            look.seen.at = base.wire.now
            if self._plan is not None and moment is not None:
                yield from self._select(base, self._plan, look)
            self._mark(base, look)
            self.look = look
        look.served.add(kind)
        return look

    def _mark(self, base: Base, look: Look) -> None:
        look.whole = self._due(base.wire.now)
        look.seen.compared = base.wire.now if look.whole else self._seen.compared

    def _due(self, now: dt.datetime | None) -> bool:
        """Whether catalogs are to be compared, by the server's own clock."""
        last = self._seen.compared
        return last is None or now is None or not last <= now < last + self._every

    def changed(self, base: Base, look: Look, name: str) -> Flow[set[str]]:
        """Keys of a set that were changed, or are not known to be the same."""
        if look.package is not None:
            return set(look.package.changed.get(name, ()))
        if name not in look.seen.versions:
            if not look.whole and not name.startswith(DOCUMENTS):
                return set()
            look.seen.versions[name] = yield from versions(base, name, look.lower)
        before = self._seen.versions.get(name, {})
        now = look.seen.versions[name]
        left = before.keys() - now.keys() if base.only(name) else ()
        start = wall_time(look.lower, base.zone) if look.lower else ""
        return {
            *(key for key, listed in now.items() if before.get(key) != listed),
            # Of another organisation by now, or gone: nothing is concluded of what is not found.
            *(key for key in left if before[key].date >= start),
        }

    def customer(self, look: Look, name: str, key: str) -> str | None:
        """Whom a document of a list names, or named before it left it."""
        listed = look.seen.versions[name].get(key) or self._seen.versions[name][key]
        return listed.customer

    def stirred(self, base: Base, look: Look, sets: Iterable[str]) -> Flow[bool]:
        """Whether anything may have changed what the documents of these sets move."""
        if look.whole or look.package is not None:
            return look.whole or bool(look.package and look.package.entries)
        for name in sets:
            if (yield from self.changed(base, look, name)):
                return True
        return False

    def strangers(self, base: Base, look: Look) -> Flow[set[str]]:
        """Whom changed documents name, and who is no customer as far as was read. The documents are
        listed before the catalog is: whom they name was written before them."""
        for name in [one for one in self._seen.versions if one.startswith(DOCUMENTS)]:
            yield from self.changed(base, look, name)
        return (self._named(look) | self._strangers) - self._customers

    def _named(self, look: Look) -> set[str]:
        """By what is listed in this look, and differs from what was seen before."""
        found: set[str] = set()
        for name, now in look.seen.versions.items():
            before = self._seen.versions.get(name, {})
            changed = (one for key, one in now.items() if before.get(key) != one)
            found |= {one.customer for one in changed if one.customer}
        return found

    def differing(self, now: Mapping[str, object], before: Mapping[str, object] | None) -> set[str]:
        if before is None:
            return set(now)
        return {key for key in {*now, *before} if now.get(key) != before.get(key)}

    @property
    def seen(self) -> Seen:
        return self._seen

    def acknowledge(self, base: Base) -> Flow[None]:
        """What the look showed is stored. A package is acknowledged too: 1C forgets then what it
        had noted up to its number. An empty one needs no answer."""
        look, self.look = self.look, None
        if look is None:
            return
        if look.package is not None and look.package.entries and self._plan is not None:
            query = yield from self._point(base, self._plan, look.message)
            yield from base.wire.call("NotifyChangesReceived", query)
            self._next = look.message + 1
        elif look.package is not None:
            self._next = look.message
        self._customers -= {key for key, inside in look.told.items() if not inside}
        self._customers |= {key for key, inside in look.told.items() if inside}
        self._strangers = self._named(look) - self._customers - set(look.told)
        self._seen.versions.update(look.seen.versions)
        if look.seen.balances is not None:
            self._seen.balances = look.seen.balances
        if look.seen.buyers is not None:
            self._seen.buyers = look.seen.buyers
        if look.seen.undelivered is not None:
            self._seen.undelivered = look.seen.undelivered
        self._seen.at, self._seen.compared = look.seen.at, look.seen.compared

    def _select(self, base: Base, plan: Plan, look: Look) -> Flow[None]:
        look.message = self._message or (yield from self._next_message(base, plan))
        self._message = None
        query = yield from self._point(base, plan, look.message)
        look.package = read_package((yield from base.wire.call("SelectChanges", query)))

    def _next_message(self, base: Base, plan: Plan) -> Flow[int]:
        node = yield from base.wire.get(plan.resource, {"$select": "ReceivedNo"})
        return int(node.get("ReceivedNo") or 0) + 1

    def _point(self, base: Base, plan: Plan, message: int) -> Flow[dict[str, str]]:
        """The node by its whole address, which the base itself tells."""
        if self._root is None:
            options = {"$format": "application/json", "$top": "0"}
            answer = yield from base.wire.get(f"ExchangePlan_{plan.name}", options)
            told, mark, _ = str(answer.get("odata.metadata", "")).partition("$metadata")
            if not mark:
                raise ProtocolError("1C does not tell its own address in an answer")
            self._root = told
        return {
            "DataExchangePoint": f"'{self._root}{plan.resource}'",
            "MessageNo": str(message),
        }


def settlement_sets(base: Base) -> Collection[str]:
    kinds = (Kind.INVOICE, Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.ADJUSTMENT)
    return list(dict.fromkeys(one for kind in kinds for one in base.layout.of(kind)))
