"""Agreement: how many cards agree with the books, and how often the books correct what was sold."""

from __future__ import annotations

import bisect
import datetime as dt
from collections import Counter
from collections.abc import Sequence

from syncd.domain import Canonical, Card, Invoice, Order
from syncd.report.folder import Comparing
from syncd.report.period import Period, month_of
from syncd.report.result import GROUPS, Cell, Column, Findings, Shape, Table, count, share
from syncd.report.source import Source

PER_100 = Column("per 100 orders", Shape.NUMBER)
SHARE = Column("share", Shape.SHARE)


def agreement(source: Source, by: str, period: Period) -> Findings:
    now, orders = Counter[tuple[Cell, str]](), Counter[Cell]()
    proofs = source.proofs()
    comparing = Comparing(
        "cards say “not proven” where the newest comparison differs", "syncd why customer {key}"
    )
    for folder in source.folders():
        for order in folder.docs.orders:
            if order.date in period:
                orders[order.seller if by == "seller" else month_of(order.date).since] += 1
        if folder.card is None:
            continue
        group = folder.seller if by == "seller" else None
        proof = proofs.get(folder.customer)
        now[group, "cards"] += 1
        now[group, "compared"] += proof is not None
        now[group, "agree"] += proof is not None and proof.agreed
        differs = proof is not None and not proof.agreed
        comparing.look(folder, differs is (folder.card.unproven is not None))
    corrected = _corrected(source, by, period)
    if by == "seller":
        tables = [_now(by, now), _sellers(corrected, orders, period)]
    else:
        tables = [_now(by, now), _months(source, corrected, orders, period)]
    return Findings(tables, [comparing.check()])


def _corrected(source: Source, by: str, period: Period) -> Counter[Cell]:
    found: Counter[Cell] = Counter()
    for day, document in source.corrections(period):
        group = _seller(source, document) if by == "seller" else month_of(day).since
        found[group] += 1
    return found


def _seller(source: Source, document: Order | Invoice) -> str | None:
    if isinstance(document, Order):
        return document.seller
    order = source.order(document.order)
    return (order.seller if order else None) or document.seller


def _now(by: str, now: Counter[tuple[Cell, str]]) -> Table:
    head = [GROUPS["seller"]] if by == "seller" else []
    columns = [*head, count("cards"), count("compared"), count("agree"), SHARE]
    table = Table("now", columns)
    for group in sorted({group for group, _ in now}, key=_last):
        numbers = [now[group, word] for word in ("cards", "compared", "agree")]
        row = (*numbers, share(numbers[2], numbers[1]))
        table.rows.append((group, *row) if by == "seller" else row)
    return table


def _last(group: Cell) -> tuple[bool, str]:
    return group is None, str(group).casefold()


def _sellers(corrected: Counter[Cell], orders: Counter[Cell], period: Period) -> Table:
    columns = [GROUPS["seller"], count("corrections"), count("orders"), PER_100]
    table = Table(f"corrections in {period}", columns)
    for group in sorted({*corrected, *orders}, key=_last):
        row = (corrected[group], orders[group], share(corrected[group], orders[group]))
        table.rows.append((group, *row))
    return table


def _months(
    source: Source, corrected: Counter[Cell], orders: Counter[Cell], period: Period
) -> Table:
    """Cards as they stood at the end of each month; those without a date had nothing open, or were
    not compared yet."""
    months = list(period.months)
    ends = [min(month.until, source.today) for month in months]
    stood = _stood(source, ends)
    columns = [
        GROUPS["month"],
        *(count(word) for word in ("cards", "proven", "not proven")),
        SHARE,
        count("corrections"),
        count("orders"),
        PER_100,
    ]
    table = Table("at the end of each month", columns)
    for index, month in enumerate(months):
        first = month.since.replace(day=1)
        cards, proven, unproven = (stood[index, word] for word in ("cards", "proven", "unproven"))
        row: list[Cell] = [first, cards, proven, unproven, share(proven, proven + unproven)]
        row += [corrected[first], orders[first], share(corrected[first], orders[first])]
        known = table.rows or cards or orders[first]
        if known and month.since <= source.today:
            table.rows.append(tuple(row))
    return table


def _stood(source: Source, ends: Sequence[dt.date]) -> Counter[tuple[int, str]]:
    found: Counter[tuple[int, str]] = Counter()
    for versions in source.cards_over_time():
        days = [day for day, _ in versions]
        for index, end in enumerate(ends):
            newest = bisect.bisect_right(days, end)
            if newest:
                found[index, "cards"] += 1
                found.update({(index, word): 1 for word in _said(versions[newest - 1][1])})
    return found


def _said(card: Canonical) -> Sequence[str]:
    assert isinstance(card, Card)
    if card.unproven is not None:
        return ("unproven",)
    return ("proven",) if card.proven is not None else ()
