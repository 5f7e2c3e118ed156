"""Money without an order, and won deals without one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from syncd.domain import Adjustment, Money, Payment
from syncd.report.folder import Comparing, Folder
from syncd.report.period import Period
from syncd.report.result import CURRENCY, GROUPS, Column, Findings, Shape, Table, count, money
from syncd.report.source import Source, Won

PATIENCE = dt.timedelta(days=14)
"""So long a won deal may be without an order; and an order so long before it may be its own."""


def money_without_order(source: Source, _by: str, _period: Period | None) -> Findings:
    """As of today."""
    table, ahead = _table(), defaultdict[str, int](int)
    comparing = Comparing(
        "what settles nothing is what the ledger has paid ahead",
        "syncd why customer {key} prepaid",
    )
    deals = _Deals(source)
    for folder in source.folders():
        sums: defaultdict[str, int] = defaultdict(int)
        loose: list[tuple[Payment | Adjustment, Money]] = []
        settlers: tuple[Payment | Adjustment, ...] = (
            *folder.docs.payments,
            *folder.docs.adjustments,
        )
        for one in settlers:
            if isinstance(one, Adjustment) and one.amount.micros > 0:
                continue
            if rest := folder.rest(one):
                sums[rest.currency] += rest.micros
                loose.append((one, rest))
        for one, rest in loose:
            if sums[rest.currency] > 0:  # else what was paid ahead was given back
                table.rows.append(_row(source, folder, one, rest))
        mine = {code: micros for code, micros in sums.items() if micros > 0}
        _compare(comparing, folder, mine)
        for code, micros in mine.items():
            ahead[code] += micros
        deals.look(folder)
    table.rows.sort(key=lambda row: (str(row[0]), str(row[2])))
    blank = (None,) * 5
    table.totals = [("all", *blank, code, None, Money(ahead[code], code)) for code in sorted(ahead)]
    return Findings([table, deals.table()], [comparing.check()])


def _table() -> Table:
    columns = [
        Column("date", Shape.DAY),
        Column("kind", Shape.TEXT),
        Column("number", Shape.TEXT),
        GROUPS["customer"],
        GROUPS["seller"],
        count("days"),
        CURRENCY,
        money("amount"),
        money("without an order"),
    ]
    return Table("money without an order, oldest first", columns, sheet="money")


def _row(
    source: Source, folder: Folder, one: Payment | Adjustment, rest: Money
) -> tuple[dt.date, str, str, str, str | None, int, str, Money, Money]:
    refund = isinstance(one, Payment) and one.amount.micros < 0
    kind = "adjustment" if isinstance(one, Adjustment) else "refund" if refund else "payment"
    amount = -one.amount if isinstance(one, Adjustment) else one.amount
    days = (source.today - one.date).days
    number = one.number or one.key
    who = folder.customer, folder.seller
    return one.date, kind, number, *who, days, amount.currency, amount, rest


def _compare(comparing: Comparing, folder: Folder, ahead: dict[str, int]) -> None:
    rows = folder.balance.rows if folder.balance else ()
    ledger = {row.prepaid.currency: row.prepaid.micros for row in rows if row.prepaid}
    if ledger or ahead:
        comparing.look(folder, ledger == ahead)
        comparing.total(ledger)


class _Deals:
    """Won deals, and whether an order came of each: one that names it; else any of its customer
    from shortly before the deal was won."""

    def __init__(self, source: Source) -> None:
        self._today = source.today
        self._open = {one.deal: one for one in source.won()}
        self._of = defaultdict[str, list[Won]](list)
        for one in self._open.values():
            if one.customer:
                self._of[one.customer].append(one)

    def look(self, folder: Folder) -> None:
        for order in folder.docs.orders:
            if order.deal:
                self._open.pop(order.deal, None)
        newest = max((one.date for one in folder.docs.orders), default=None)
        for deal in self._of.get(folder.customer, ()):
            if newest and newest >= deal.closed - PATIENCE:
                self._open.pop(deal.deal, None)

    def table(self) -> Table:
        columns = [
            Column("won", Shape.DAY),
            Column("deal", Shape.TEXT),
            Column("card", Shape.TEXT),
            GROUPS["customer"],
            count("days"),
        ]
        title = "won deals without an order after 14 days"
        table = Table(title, columns, sheet="won deals")
        for one in sorted(self._open.values(), key=lambda one: (one.closed, one.deal)):
            days = (self._today - one.closed).days
            if one.closed + PATIENCE < self._today:
                table.rows.append((one.closed, one.deal, one.card, one.customer, days))
        return table
