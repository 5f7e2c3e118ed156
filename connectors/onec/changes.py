"""What changed: asked of an exchange plan where the base has one, else found by comparing.

1C notes no time of a change. `DataVersion` differs after every write, posting and marking, and says
no more; `Date` is the date of the document, which people type. So without a plan the documents of a
window of dates are listed with their versions, catalogs wholly, and what differs from what was
seen before has changed. What is older than the window is found by the daily full pass.

A *look* is made by the first kind that is read in a cycle and serves each kind once. What it saw
counts as seen only after `acknowledge`; a cycle that does not get so far sees the same again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from syncd.domain import Kind
from syncd.errors import ProtocolError
from syncd.port import Flow

from .base import Base
from .feed import Package, read_package
from .settle import Entry
from .values import Row, guid, wall

Versions = dict[str, str]
LISTED = 1000
"""Rows of a list of versions in one answer."""


@dataclass
class Seen:
    """What the engine has: versions by set, and open sums by customer and by order."""

    versions: dict[str, Versions] = field(default_factory=dict)
    balances: Mapping[str, object] | None = None
    buyers: set[str] | None = None
    undelivered: Mapping[str, Decimal] | None = None


@dataclass
class Look:
    """One cycle's view. `lower` is the first day of the window, None: everything."""

    lower: dt.datetime | None
    package: Package | None = None
    message: int = 0
    seen: Seen = field(default_factory=Seen)
    served: set[Kind] = field(default_factory=set)
    passes: dict[Kind, list[tuple[str, str]]] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    newcomers: set[str] = field(default_factory=set)
    """Customers that have become ones, or are none any more, by another record than their own."""
    settling: dict[str, set[str]] | None = None
    """Documents by set whose settlements may have changed."""


@dataclass(frozen=True, slots=True)
class Plan:
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
    def __init__(self, plan: Plan | None, window: dt.timedelta) -> None:
        self._plan = plan
        self._window = window
        self._seen = Seen()
        self._root: str | None = None
        self.look: Look | None = None

    def begin(self, base: Base, kind: Kind, moment: dt.datetime | None) -> Flow[Look]:
        """The look that this kind is read by, from its start. A kind without a moment, of which
        nothing was ever there, is read by the window of the others."""
        look = self.look
        if look is None or kind in look.served:
            lower = moment - self._window if moment else None
            look = Look(lower)
            if self._plan is not None and lower is not None:
                yield from self._select(base, self._plan, look)
            self.look = look
        look.served.add(kind)
        return look

    def changed(self, base: Base, look: Look, name: str) -> Flow[set[str]]:
        """Keys of a set that were changed, or are not known to be the same."""
        if look.package is not None:
            return set(look.package.changed.get(name, ()))
        if name not in look.seen.versions:
            look.seen.versions[name] = yield from _versions(base, name, look.lower)
        before = self._seen.versions.get(name, {})
        now = look.seen.versions[name]
        return {key for key, version in now.items() if before.get(key) != version}

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
        self._seen.versions.update(look.seen.versions)
        if look.seen.balances is not None:
            self._seen.balances = look.seen.balances
        if look.seen.buyers is not None:
            self._seen.buyers = look.seen.buyers
        if look.seen.undelivered is not None:
            self._seen.undelivered = look.seen.undelivered

    def _select(self, base: Base, plan: Plan, look: Look) -> Flow[None]:
        node = yield from base.wire.get(plan.resource, {"$select": "ReceivedNo"})
        look.message = int(node.get("ReceivedNo") or 0) + 1
        query = yield from self._point(base, plan, look.message)
        look.package = read_package((yield from base.wire.call("SelectChanges", query)))

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


def _versions(base: Base, name: str, lower: dt.datetime | None) -> Flow[Versions]:
    """Key -> version. Catalogs come whole and in one answer: their keys cannot be compared, so
    there is no order to go on by."""
    fields = ["Ref_Key", "DataVersion", "Posted", "DeletionMark", "Date"]
    query = {"$select": ",".join(base.schema.those(name, fields))}
    found: Versions = {}
    if not name.startswith("Document_"):
        for row in (yield from base.wire.rows(name, query)):
            found[str(row["Ref_Key"]).lower()] = _version(row)
        return found
    after: tuple[str, str] | None = None
    start = wall(lower, base.zone) if lower else None
    while True:
        rows, after = yield from by_date(base, name, query, after, LISTED, start)
        for row in rows:
            found[str(row["Ref_Key"]).lower()] = _version(row)
        if after is None:
            return found


def _version(row: Row) -> str:
    return f"{row.get('DataVersion')} {row.get('Posted')} {row.get('DeletionMark')}"


def by_date(
    base: Base,
    name: str,
    query: Mapping[str, str],
    after: tuple[str, str] | None,
    size: int,
    start: str | None = None,
) -> Flow[tuple[list[Row], tuple[str, str] | None]]:
    """Documents by date, and where to go on; never by an offset, for rows move. The next page
    begins at the last date of the one before, and what that one showed of this date is left out by
    its last key. More of one date than fit are asked for in a longer page."""
    lower = f"Date ge datetime'{after[0]}'" if after else f"Date ge {start}" if start else ""
    asked = {**query, "$orderby": "Date,Ref_Key", **({"$filter": lower} if lower else {})}
    many = size
    while True:
        rows = yield from base.wire.rows(name, {**asked, "$top": str(many)})
        full = len(rows) == many
        fresh = rows if after is None else _behind(rows, after)
        if fresh or not full:
            break
        many *= 2
    if fresh is None:
        fresh = rows  # the last one is gone: shown twice is better than not at all
    if not full:
        return fresh, None
    last = rows[-1]
    return fresh, (str(last["Date"]), str(last["Ref_Key"]).lower())


def _behind(rows: list[Row], after: tuple[str, str]) -> list[Row] | None:
    """What follows the row that was shown last; None where it is not among these."""
    date, key = after
    for place, row in enumerate(rows):
        if row["Date"] != date:
            return rows  # it is gone
        if str(row["Ref_Key"]).lower() == key:
            return rows[place + 1 :]
    return None


def settlement_sets(base: Base) -> Collection[str]:
    kinds = (Kind.INVOICE, Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.ADJUSTMENT)
    return list(dict.fromkeys(one for kind in kinds for one in base.layout.of(kind)))
