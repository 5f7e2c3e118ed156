"""How long it takes: from an invoice to its money, from a won deal to its first order.

Medians of days, and beside them how many are not in them: a time is known only where it is over.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal

from syncd.domain import Invoice, Order
from syncd.report.folder import Folder
from syncd.report.period import Period, month_of
from syncd.report.result import GROUPS, Cell, Column, Findings, Group, Shape, Table, count, order
from syncd.report.source import Source, Won
from syncd.sync.card import open_parts

MEDIAN = Column("median days", Shape.NUMBER)
OPEN, OTHERWISE = "open", "otherwise"


class Times:
    """By group: how many days each took, and how many ended otherwise. Memory is bounded by the
    number of different days."""

    def __init__(self) -> None:
        self._days = defaultdict[Cell, Counter[int]](Counter)
        self._without = defaultdict[Cell, Counter[str]](Counter)

    def took(self, group: Cell, days: int) -> None:
        self._days[group][max(days, 0)] += 1

    def without(self, group: Cell, why: str) -> None:
        self._without[group][why] += 1

    def fill(self, table: Table, *why: str) -> Table:
        groups: list[Group] = [(one,) for one in {*self._days, *self._without}]
        for [group] in sorted(groups, key=order):
            days, without = self._days[group], [self._without[group][one] for one in why]
            done = sum(days.values())
            table.rows.append((group, done + sum(without), done, *without, median(days)))
        return table


def median(days: Counter[int]) -> Decimal | None:
    """Of two in the middle the mean."""
    total = sum(days.values())
    if not total:
        return None
    places, seen, found = [(total - 1) // 2, total // 2], 0, []
    for day in sorted(days):
        found += [day for place in places if seen <= place < seen + days[day]]
        seen += days[day]
    mean = Decimal(sum(found)) / 2
    return mean.quantize(Decimal(1)) if mean == mean.to_integral_value() else mean


def pipeline_times(source: Source, by: str, period: Period) -> Findings:
    times, deals = Times(), _Deals(source, period)
    for folder in source.folders():
        for invoice, days in _paid(source, folder, period):
            seller, month = folder.seller_of(invoice), month_of(invoice.date).since
            group = _group(by, seller, invoice.organisation, month)
            if isinstance(days, int):
                times.took(group, days)
            else:
                times.without(group, days)
        for one in folder.docs.orders:
            deals.look(one, folder.customer)
    heads = (count("invoices"), count("= paid"), count("+ open"), count("+ settled otherwise"))
    title = f"from an invoice of {period} to its money"
    invoices = Table(title, [GROUPS[by], *heads, MEDIAN], sheet="invoice to money")
    return Findings([times.fill(invoices, OPEN, OTHERWISE), deals.table(by)])


def _paid(source: Source, folder: Folder, period: Period) -> Iterator[tuple[Invoice, int | str]]:
    """Invoices of the period with the days until the last of their money came, or what is so."""
    still_open = {part.invoice.key for part in open_parts(folder.docs)}
    mine = [one for one in folder.docs.invoices if one.date in period]
    last = _last_payments(source, folder, [one for one in mine if one.key not in still_open])
    for invoice in mine:
        if invoice.key in still_open:
            yield invoice, OPEN
        elif invoice.key in last:
            yield invoice, (last[invoice.key] - invoice.date).days
        else:
            yield invoice, OTHERWISE


def _last_payments(source: Source, folder: Folder, settled: list[Invoice]) -> Mapping[str, dt.date]:
    """Invoice -> the day of the last payment on it, whoever paid."""
    found: dict[str, dt.date] = {}
    for payment in folder.docs.payments:
        for part in payment.allocations:
            found[part.invoice] = max(found.get(part.invoice, payment.date), payment.date)
    others = [one.key for one in settled if one.key not in found and one.total]
    return found | source.paid_on(others) if others else found


class _Deals:
    def __init__(self, source: Source, period: Period) -> None:
        self._won = {one.deal: one for one in source.won() if one.closed in period}
        self._period = period
        self._of = defaultdict[str, list[Won]](list)
        for one in self._won.values():
            if one.customer:
                self._of[one.customer].append(one)
        self._named: dict[str, Order] = {}
        self._first: dict[str, Order] = {}

    def look(self, order: Order, customer: str) -> None:
        """An order that names the deal is its own; without one, the customer's first from then."""
        if order.deal in self._won:
            _earliest(self._named, order.deal, order)
        for deal in self._of.get(customer, ()):
            if order.date >= deal.closed and order.deal in (None, deal.deal):
                _earliest(self._first, deal.deal, order)

    def table(self, by: str) -> Table:
        times = Times()
        for deal, won in self._won.items():
            found = self._named.get(deal) or self._first.get(deal)
            seller = found.seller if found else None
            organisation = found.organisation if found else None
            group = _group(by, seller, organisation, month_of(won.closed).since)
            if found:
                times.took(group, (found.date - won.closed).days)
            else:
                times.without(group, "none" if won.customer else "unlinked")
        heads = (
            count("deals"),
            count("= ordered first"),
            count("+ no order"),
            count("+ not linked"),
        )
        title = f"from a deal won in {self._period} to its first order"
        table = Table(title, [GROUPS[by], *heads, MEDIAN], sheet="deal to order")
        return times.fill(table, "none", "unlinked")


def _group(by: str, seller: str | None, organisation: str | None, month: dt.date) -> Cell:
    return {"seller": seller, "organisation": organisation, "month": month}[by]


def _earliest(found: dict[str, Order], deal: str | None, order: Order) -> None:
    assert deal is not None
    known = found.get(deal)
    if known is None or order.date < known.date:
        found[deal] = order
