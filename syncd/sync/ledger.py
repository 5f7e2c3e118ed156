"""What a customer owes by its documents alone, for books that tell no balances.

Pure. What comes out is a balance like one that was read, but nothing proves it: it is made of the
same documents it would be compared with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from msgspec.structs import replace

from syncd.domain import LEDGER, Adjustment, Allocation, Balance, Figures, Kind, Money
from syncd.sync.card import Documents

KINDS = LEDGER
"""What is added up."""

Used = dict[tuple[Kind, str], int]
"""(kind, key) of what settles -> millionths of it that settle an invoice that counts."""


def settlers(docs: Documents) -> list[tuple[Kind, str, Sequence[Allocation]]]:
    return [
        *((Kind.PAYMENT, one.key, one.allocations) for one in docs.payments),
        *((Kind.CREDIT_NOTE, one.key, one.allocations) for one in docs.credit_notes),
        *((Kind.ADJUSTMENT, one.key, one.allocations) for one in docs.adjustments),
    ]


def of_others(docs: Documents) -> set[str]:
    """Invoices that these documents settle, and that are not among them."""
    mine = {one.key for one in docs.invoices}
    return {line.invoice for *_, lines in settlers(docs) for line in lines} - mine


def used(docs: Documents, counting: Collection[str]) -> Used:
    """`counting` are those of `of_others` that count."""
    invoices = {one.key for one in docs.invoices}
    found: defaultdict[tuple[Kind, str], int] = defaultdict(int)
    for kind, key, lines in settlers(docs):
        counts = (one.amount.micros for one in lines if one.invoice in invoices | {*counting})
        found[kind, key] += sum(counts)
    return found


def balance_of(customer: str, currency: str, docs: Documents, counting: Collection[str]) -> Balance:
    """`currency` is the company's own. An invoice that was paid twice is paid ahead with the rest,
    and what is below zero on one side stands on the other."""
    owed: defaultdict[str, int] = defaultdict(int)
    ahead: defaultdict[str, int] = defaultdict(int)
    credits: defaultdict[str, int] = defaultdict(int)
    settling = used(docs, counting)
    for invoice in docs.invoices:
        code = invoice.total.currency
        paid = sum(one.micros for one in docs.paid.get(invoice.key, ()) if one.currency == code)
        _add(owed, ahead, code, invoice.total.micros - paid)
    for one in docs.adjustments:
        _add(owed, ahead, one.amount.currency, _rest(one, settling))
    for payment in docs.payments:
        rest = payment.amount.micros - settling[Kind.PAYMENT, payment.key]
        ahead[payment.amount.currency] += rest
    for note in docs.credit_notes:
        credits[note.total.currency] += note.total.micros - settling[Kind.CREDIT_NOTE, note.key]
    rows = []
    for code in sorted({*owed, *ahead, *credits}):
        below = min(ahead[code], 0) + min(credits[code], 0)
        figures = owed[code] - below, max(ahead[code], 0), max(credits[code], 0)
        if any(figures):
            rows.append(Figures(*(Money(micros, code) for micros in figures)))
    return Balance(key=customer, customer=customer, currency=currency, rows=tuple(rows))


def together(balances: Sequence[Balance]) -> Balance:
    """What several customers of one card owe, have paid ahead and have as credit, each added up by
    currency: what one of them has paid ahead takes nothing off what another owes."""
    first = balances[0]
    if len(balances) == 1:
        return first
    rows: defaultdict[str, list[Figures]] = defaultdict(list)
    for balance in balances:
        for row in balance.rows:
            rows[row.receivable.currency].append(row)
    summed = tuple(_added(code, rows[code]) for code in sorted(rows))
    return replace(first, rows=summed)


def _added(code: str, rows: Sequence[Figures]) -> Figures:
    credits = [row.credits for row in rows if row.credits is not None]
    return Figures(
        Money(sum(row.receivable.micros for row in rows), code),
        Money(sum(row.prepaid.micros for row in rows), code),
        Money(sum(one.micros for one in credits), code) if credits else None,
    )


def _rest(one: Adjustment, settling: Used) -> int:
    """Above zero: owed. Its allocations are what it takes off."""
    return one.amount.micros + settling[Kind.ADJUSTMENT, one.key]


def _add(owed: defaultdict[str, int], ahead: defaultdict[str, int], code: str, micros: int) -> None:
    if micros > 0:
        owed[code] += micros
    else:
        ahead[code] -= micros
