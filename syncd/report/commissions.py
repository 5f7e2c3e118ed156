"""The base for commissions: money received in a period, by the seller of the order it pays for.

Money is money: a credit note takes nothing from it, because what it settles is not paid, and what
is given back is a refund. What settles no invoice yet stands apart, and so do refunds, which name
no order in the books.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from syncd.domain import Money, Payment
from syncd.report.folder import Comparing, Folder
from syncd.report.period import Period, month_of
from syncd.report.result import (
    CURRENCY,
    GROUPS,
    Column,
    Findings,
    Grid,
    Group,
    Shape,
    Table,
    amounts,
    money,
)
from syncd.report.source import Source


def commissions(source: Source, by: str, period: Period) -> Findings:
    sold, apart, refunds = Grid(), Grid(), _refunds()
    comparing = Comparing(
        "the base and what stands apart are the payments of the period", "syncd why customer {key}"
    )
    for folder in source.folders():
        paid: Counter[str] = Counter()
        parted: Counter[str] = Counter()
        for payment in folder.docs.payments:
            if payment.date not in period:
                continue
            paid[payment.amount.currency] += payment.amount.micros
            for part, seller in _parts(folder, payment):
                sold.add(_group(folder, payment, by, seller), "base", part)
                parted[part.currency] += part.micros
            rest = folder.rest(payment)
            word = "refunded" if payment.amount.micros < 0 else "received"
            parted[rest.currency] += rest.micros
            for column in (word, "sum"):
                apart.add(_apart(folder, payment, by), column, rest)
            if word == "refunded":
                refunds.rows.append(_refund(folder, payment))
        for note in folder.docs.credit_notes:
            for line in note.allocations if note.date in period else ():
                invoice = folder.invoices.get(line.invoice)
                if invoice and by == "seller":
                    sold.add((folder.seller_of(invoice),), "credited", line.amount)
        if paid or parted:
            comparing.look(folder, {**paid} == {**parted} and _fits(folder, period))
            comparing.total(paid)
    return Findings(_tables(by, sold, apart, refunds), [comparing.check()])


def _tables(by: str, sold: Grid, apart: Grid, refunds: Table) -> list[Table]:
    credited = by == "seller"
    heads = ["base", *(["credited"] if credited else [])]
    title = "received for invoices" + (" (credited is not taken off)" if credited else "")
    columns = [GROUPS[by], *amounts(*heads)]
    base = sold.fill(Table(title, columns, by_name=True, sheet="base"), heads)
    columns = [*([] if by == "seller" else [GROUPS[by]]), *amounts("received", "refunded", "= sum")]
    rest = Table("apart: what settles no invoice", columns, by_name=True, sheet="apart")
    apart.fill(rest, ("received", "refunded", "sum"))
    if by == "seller":
        rest.totals = []
    return [base, rest, *([refunds] if refunds.rows else [])]


def _parts(folder: Folder, payment: Payment) -> list[tuple[Money, str | None]]:
    """What of a payment settles invoices that count, with who sold."""
    return [
        (part.amount, folder.seller_of(folder.invoices[part.invoice]))
        for part in payment.allocations
        if part.invoice in folder.invoices
    ]


def _group(folder: Folder, payment: Payment, by: str, seller: str | None) -> Group:
    return (seller,) if by == "seller" else _apart(folder, payment, by)


def _apart(folder: Folder, payment: Payment, by: str) -> Group:
    if by == "month":
        return (month_of(payment.date).since,)
    if by == "organisation":
        return (payment.organisation,)
    return () if by == "seller" else (folder.customer,)


def _fits(folder: Folder, period: Period) -> bool:
    """No payment settles more than it is."""
    some = (one for one in folder.docs.payments if one.date in period and one.amount.micros > 0)
    return all(folder.rest(one).micros >= 0 for one in some)


def _refunds() -> Table:
    columns = [
        Column("date", Shape.DAY),
        Column("refund", Shape.TEXT),
        GROUPS["customer"],
        Column("sold by", Shape.SELLER),
        CURRENCY,
        money("amount"),
    ]
    return Table("refunds, for whoever decides whose they are", columns, sheet="refunds")


def _refund(folder: Folder, payment: Payment) -> Group:
    number = payment.number or payment.key
    sellers: Sequence[str] = sorted({one.seller for one in folder.docs.orders if one.seller})
    [only] = sellers if len(sellers) == 1 else [None]
    code = payment.amount.currency
    return payment.date, number, folder.customer, only, code, payment.amount
