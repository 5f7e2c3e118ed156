"""Ageing: what is receivable today, by how long it is overdue."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

from syncd.domain import Invoice, Money
from syncd.report.folder import Comparing, Folder
from syncd.report.period import Period
from syncd.report.result import GROUPS, Findings, Grid, Group, Table, amounts
from syncd.report.source import Source
from syncd.sync.card import SPANS, open_parts, span_of

HEADS = ("1-30", "31-60", "61-90", "over 90")


def ageing(source: Source, by: str, _period: Period | None) -> Findings:
    """As of today: what is receivable, by how long it is overdue. The same sums as the cards'."""
    grid = Grid()
    comparing = Comparing(
        "overdue and its ages are those on the cards", "syncd why customer {key} overdue"
    )
    for folder in source.folders():
        mine: Counter[str] = Counter()
        rest = _rest(folder, by)
        for part in open_parts(folder.docs):
            group = _group(folder, part.invoice, by)
            span = span_of(part, source.today)
            word = "not due" if span is None else HEADS[span]
            grid.add(group, word, part.amount)
            grid.add(group, "receivable", part.amount)
            if span is not None:
                grid.add(group, "overdue", part.amount)
            mine[part.amount.currency] += part.amount.micros
        _other(grid, rest, folder, mine)
        _as_the_card(comparing, folder, source.today)
    words = ("overdue", *HEADS, "not due", "other", "receivable")
    heads = ("overdue", *HEADS, "+ not due", "+ other", "= receivable")
    table = Table("", [GROUPS[by], *amounts(*heads)], by_name=True)
    grid.fill(table, words)
    receivable = {row[1]: row[-1] for row in table.totals}
    comparing.total({str(c): m.micros for c, m in receivable.items() if isinstance(m, Money)})
    return Findings([table], [comparing.check()])


def _group(folder: Folder, invoice: Invoice, by: str) -> Group:
    if by == "organisation":
        return (invoice.organisation,)
    return (folder.seller_of(invoice),) if by == "seller" else folder.by(by)


def _rest(folder: Folder, by: str) -> Group:
    """Whose it is that no invoice stands for: of no seller, of an organisation only if there is no
    other that it could be of."""
    if by == "organisation":
        return (folder.organisation,)
    return (None,) if by == "seller" else folder.by(by)


def _other(grid: Grid, group: Group, folder: Folder, invoices: Counter[str]) -> None:
    """What the ledger has receivable beyond the open parts of invoices: debts that name none."""
    rows = folder.balance.rows if folder.balance else ()
    ledger = {row.receivable.currency: row.receivable.micros for row in rows}
    for code in {*ledger, *invoices}:
        rest = Money(ledger.get(code, 0) - invoices[code], code)
        if rest:
            grid.add(group, "other", rest)
            grid.add(group, "receivable", rest)


def _as_the_card(comparing: Comparing, folder: Folder, today: dt.date) -> None:
    if folder.card is None:
        return
    ages: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(SPANS) + 1))
    for part in open_parts(folder.docs):
        span = span_of(part, today)
        if span is not None:
            ages[part.amount.currency][span] += part.amount.micros
    shown = {
        row.receivable.currency: [age.micros for age in row.ageing] for row in folder.card.rows
    }
    comparing.look(folder, {c: a for c, a in shown.items() if any(a)} == dict(ages))
