"""Average order: how many orders, of how much, by who sold them."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

from syncd.domain import Money, Order
from syncd.report.folder import Comparing, Folder
from syncd.report.period import Period, month_of
from syncd.report.result import CURRENCY, GROUPS, Column, Findings, Group, Shape, Table, money
from syncd.report.result import order as in_order
from syncd.report.source import Source
from syncd.sync.card import average


def average_order(source: Source, by: str, period: Period | None) -> Findings:
    """`period` None: all that the cards count."""
    sums: defaultdict[tuple[Group, str], Counter[str]] = defaultdict(Counter)
    comparing = Comparing(
        "the orders of all periods are as many as on the cards",
        "syncd why customer {key} orders_count",
    )
    first = source.setting.history or dt.date.min
    for folder in source.folders():
        counted = [one for one in folder.docs.orders if one.date >= first]
        for one in counted:
            if period is None or one.date in period:
                row = sums[_group(folder, one, by), one.total.currency]
                row["orders"] += 1
                row["ordered"] += one.total.micros
        if folder.card:
            comparing.look(folder, folder.card.orders_count == len(counted))
    columns = [GROUPS[by], CURRENCY, Column("orders", Shape.COUNT)]
    table = Table("", [*columns, money("ordered"), money("average")], by_name=True)
    totals: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for group, code in sorted(sums, key=lambda one: (in_order(one[0]), one[1])):
        table.rows.append((*group, code, *_row(sums[group, code], code)))
        totals[code].update(sums[group, code])
    table.totals = [("all", code, *_row(totals[code], code)) for code in sorted(totals)]
    return Findings([table], [comparing.check()])


def _group(folder: Folder, order: Order, by: str) -> Group:
    """An order has a seller of its own: who sold it once stays. So has it an organisation."""
    if by == "month":
        return (month_of(order.date).since,)
    if by == "organisation":
        return (order.organisation,)
    return (order.seller,) if by == "seller" else folder.by(by)


def _row(sums: Counter[str], code: str) -> tuple[int, Money, Money]:
    count, micros = sums["orders"], sums["ordered"]
    return count, Money(micros, code), average(micros, count, code)
