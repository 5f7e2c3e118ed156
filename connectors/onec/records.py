"""Documents of 1C as records: what the mapping reads of them, and what no single field says."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from syncd.domain import Kind, Reason
from syncd.port import OUTSIDE, Flow, Read, Record

from ..rows import select
from .base import Base
from .layouts import (
    CURRENCY,
    CUSTOMER,
    DUE,
    OPERATION,
    ORDER,
    ORGANISATION,
    SETTLED,
    SETTLED_IN,
    TOTAL,
)
from .ledger import by_customer, entries_by, entries_of
from .papers import debt, with_customer
from .settle import Entry, Share, settled
from .values import ZERO, Row, amount, day_of, key_of, plain

VIRTUAL = frozenset(
    {"customer", "currency", "own_currency", "total", "dated", "number", "standing", "operation"}
    | {"organisation", "order", "due_date", "terms", "open", "amount", "allocations", "reason"}
    | {"in_kind", "in_ledger", "with_customer"}
)

_HEAD = ("Ref_Key", "DataVersion", "DeletionMark", "Posted", "Number", "Date")
_LINES = "Товары"


def query_of(base: Base, name: str, read: Read) -> dict[str, str]:
    """What is asked for of a set: what its records are made of, and what the mapping reads."""
    tops = dict.fromkeys(path.partition(".")[0] for path in read.paths)
    known = base.schema.links.get(name, {})
    links = [one for one in tops if one in known and one not in VIRTUAL]
    fields = [*_HEAD, *CUSTOMER, *TOTAL, *CURRENCY, *ORGANISATION, *OPERATION]
    if read.kind in (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PAYMENT):
        fields += [*SETTLED, *SETTLED_IN]
    if read.kind is Kind.INVOICE:
        fields += [*ORDER, *DUE, base.layout.schedule.part]
    if read.kind is Kind.ORDER:
        fields += [_LINES]
    fields += [one for one in tops if one not in VIRTUAL]
    chosen = [*base.schema.those(name, fields), *links]
    query = {"$select": ",".join(dict.fromkeys(chosen))}
    return query | ({"$expand": ",".join(links)} if links else {})


@dataclass
class Maker:
    """Makes records of one kind. `known` are entries by customer that were read already."""

    base: Base
    read: Read
    undelivered: Mapping[str, Decimal] | None = None
    known: Mapping[str, list[Entry]] = field(default_factory=dict)

    @property
    def wanted(self) -> set[str]:
        return {path.partition(".")[0] for path in self.read.paths}

    def records(self, documents: Sequence[tuple[str, Row]]) -> Flow[list[Record]]:
        """Those of other organisations than are read are outside; no ledger is asked of them."""
        others = [one for one in documents if self.base.outside(*one)]
        made = yield from self._inside([one for one in documents if not self.base.outside(*one)])
        for name, row in others:
            made.append((yield from self._outside(name, row, str(row["Ref_Key"]).lower())))
        return made

    def _inside(self, documents: Sequence[tuple[str, Row]]) -> Flow[list[Record]]:
        match self.read.kind:
            case Kind.ORDER:
                made = yield from self._each(documents, self._order)
            case Kind.INVOICE:
                stages = yield from self._stages(documents)
                made = yield from self._each(documents, lambda n, r: self._invoice(n, r, stages))
            case _:
                made = yield from self._settling(documents)
        return made

    def _each(self, documents: Sequence[tuple[str, Row]], more: Any) -> Flow[list[Record]]:
        found = []
        for name, row in documents:
            head = yield from self._head(name, row)
            found.append(self._record(row, head | more(name, head | row)))
        return found

    def _record(self, row: Row, made: Mapping[str, Any], key: str | None = None) -> Record:
        data = select(plain(row) | made, self.read.paths)
        return Record(key or str(row["Ref_Key"]).lower(), data, self.base.wire.now)

    def _outside(self, name: str, row: Row, key: str) -> Flow[Record]:
        """Every path ends in it, so that no mapping finds something that was not read."""
        head = yield from self._head(name, row)
        found = self._record(row, {**dict.fromkeys(VIRTUAL), **head}, key)
        return msgspec.structs.replace(found, data={**found.data, OUTSIDE: True})

    def fallen(
        self, documents: Sequence[tuple[str, Row]], keys: Collection[str]
    ) -> Flow[list[Record]]:
        """Of adjustments that were asked for: those of which the document books nothing any more
        that is read."""
        if not self.base.firms:
            return []
        rows = {str(row["Ref_Key"]).lower(): (name, row) for name, row in documents}
        named = {key: key.partition(".")[0].lower() for key in sorted(keys) if "." in key}
        made = []
        for key, one in named.items():
            if one in rows:
                made.append((yield from self._outside(*rows[one], key)))
        return made

    def _head(self, name: str, row: Row) -> Flow[Row]:
        """What all documents have in common."""
        currency, total = yield from debt(self.base, name, row)
        customer = next((key for one in CUSTOMER if (key := key_of(row.get(one)))), None)
        standing = "posted" if row.get("Posted") is True else "draft"
        return {
            "customer": customer,
            "currency": currency,
            "own_currency": self.base.own,
            "total": total,
            "dated": day_of(row.get("Date")),
            "number": str(row.get("Number") or "").strip() or None,
            "standing": "marked" if row.get("DeletionMark") is True else standing,
            "operation": next((str(row[one]) for one in OPERATION if row.get(one)), None),
            "organisation": (yield from self.base.organisation(row.get(ORGANISATION[0]))),
            "with_customer": with_customer(self.base, name, row),
        }

    # ------------------------------------------------------------------------------- orders

    def _order(self, name: str, row: Row) -> Row:
        """Cancelled lines stay in an order, and some releases count them in its total: where the
        lines together are the total, the cancelled ones are taken off it."""
        lines = row.get(_LINES) or []
        sums = [(amount(one.get("СуммаСНДС")), one.get("Отменено") is True) for one in lines]
        cancelled = sum((value for value, off in sums if off), ZERO)
        counted = bool(cancelled) and sum((value for value, _ in sums), ZERO) == row["total"]
        total = row["total"] - cancelled if counted else row["total"]
        key, posted = str(row["Ref_Key"]).lower(), row["standing"] == "posted"
        left = None if self.undelivered is None else self.undelivered.get(key, ZERO)
        return {"total": total, "open": max(ZERO, left) if left is not None and posted else None}

    # ------------------------------------------------------------------------------- invoices

    def _stages(self, documents: Sequence[tuple[str, Row]]) -> Flow[Mapping[str, list[Row]]]:
        """The payment schedule of the orders, where invoices have none of their own."""
        orders, part = self.base.layout.of(Kind.ORDER), self.base.layout.schedule.part
        if not self.wanted & {"due_date", "terms"} or not orders:
            return {}
        keys = {key for _, row in documents if not row.get(part) and (key := _order_key(row))}
        if not keys or self.base.schema.part(orders[0], part) is None:
            return {}
        query = {"$select": f"Ref_Key,{part}"}
        rows = yield from self.base.by_keys(orders[0], sorted(keys), query)
        return {str(row["Ref_Key"]).lower(): row.get(part) or [] for row in rows}

    def _invoice(self, name: str, row: Row, schedules: Mapping[str, list[Row]]) -> Row:
        order, schedule = _order_key(row), self.base.layout.schedule
        stages = row.get(schedule.part) or schedules.get(order or "", [])
        due: defaultdict[dt.date, Decimal] = defaultdict(Decimal)
        for stage in stages:
            if day := day_of(stage.get(schedule.day)):
                due[day] += amount(stage.get(schedule.amount))
        last = max(due, default=next((day for one in DUE if (day := day_of(row.get(one)))), None))
        whole = sum(due.values(), ZERO) == row["total"]
        terms = [
            {"due": day, "amount": due[day], "currency": row["currency"]}
            for day in sorted(due)
            if whole and due[day]
        ]
        return {"order": order, "due_date": last, "terms": terms}

    # ------------------------------------------------------------------- what settles invoices

    def _settling(self, documents: Sequence[tuple[str, Row]]) -> Flow[list[Record]]:
        heads = []
        for _, row in documents:
            heads.append((yield from self._head(_, row)))
        booked: list[Entry] = []
        if self.read.kind is Kind.ADJUSTMENT:
            for name in dict.fromkeys(name for name, _ in documents):
                keys = [str(row["Ref_Key"]).lower() for one, row in documents if one == name]
                booked += yield from entries_by(self.base, name, keys)
        customers = {one["customer"] for one in heads if one["customer"]}
        customers |= {entry.customer for entry in booked}
        missing = customers - set(self.known)
        fresh = by_customer((yield from entries_of(self.base, missing)))
        entries = [
            entry
            for customer in customers
            for entry in (self.known.get(customer) or fresh.get(customer, []))
        ]
        layout = self.base.layout
        shares = settled(entries, layout.invoices, layout.receipts, layout.refunds)
        mine: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            mine[entry.document].append(entry)
        make = self._adjustments if self.read.kind is Kind.ADJUSTMENT else self._credit
        return [
            record
            for (name, row), head in zip(documents, heads, strict=True)
            for record in make(
                name, row, head, mine[str(row["Ref_Key"]).lower()], _shares(shares, row)
            )
        ]

    def _credit(
        self, name: str, row: Row, head: Row, entries: list[Entry], shares: Sequence[Share]
    ) -> list[Record]:
        """A payment or a credit note. What it does to the ledger is the figure, in the ledger's
        currency; before it is posted, its own."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for entry in entries:
            sums[entry.currency] += entry.amount
        figure = head["total"] if name not in self.base.layout.refunds else -head["total"]
        currency = head["currency"]
        if len(sums) == 1:
            [(currency, booked)] = sums.items()
            figure = -booked
        allocations = [
            {"invoice": share.invoice, "amount": share.amount, "currency": currency}
            for share in shares
        ]
        if not sums and self.read.kind is Kind.CREDIT_NOTE:
            figure = abs(figure)  # which way an unposted correction goes is not told by its sign
        raises = self.read.kind is Kind.CREDIT_NOTE and figure < 0
        made = {
            "amount": figure,
            "total": figure,
            "currency": currency,
            "allocations": allocations,
            "in_ledger": bool(entries),
            "in_kind": not raises,
        }
        return [self._record(row, head | made)]

    def _of_us(self, row: Row) -> bool:
        """By what the document itself says; whoever books nothing may name another organisation."""
        firm = key_of(row.get(ORGANISATION[0]))
        return not self.base.firms or firm is None or firm in self.base.firms

    def _adjustments(
        self, name: str, row: Row, head: Row, entries: list[Entry], shares: Sequence[Share]
    ) -> list[Record]:
        """One for each customer and currency that the document books something of."""
        layout = self.base.layout
        found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for entry in entries:
            found[entry.customer, entry.currency] += entry.amount
        if not found and head["customer"] and self._of_us(row):
            found[head["customer"], head["currency"]] = ZERO
        reason = layout.others.get(name, Reason.MANUAL)
        records = []
        for (customer, currency), figure in found.items():
            inside = bool(figure or shares) or head["standing"] != "posted"
            if name not in layout.others:
                inside = figure > 0 or head["standing"] != "posted"
            made = {
                "customer": customer,
                "currency": currency,
                "amount": figure,
                "reason": str(reason),
                "in_ledger": bool(entries),
                "in_kind": inside,
                "allocations": [
                    {"invoice": share.invoice, "amount": share.amount, "currency": currency}
                    for share in shares
                    if len(found) == 1
                ],
            }
            key = f"{str(row['Ref_Key']).lower()}.{customer}.{currency}"
            records.append(self._record(row, head | made, key))
        return records


def _shares(shares: Mapping[str, Sequence[Share]], row: Row) -> Sequence[Share]:
    return shares.get(str(row["Ref_Key"]).lower(), ())


def _order_key(row: Row) -> str | None:
    return next((key for one in ORDER if (key := key_of(row.get(one)))), None)
