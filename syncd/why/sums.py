"""The documents that a figure of a card is made of, so that they add up to it exactly.

The ledger's figures are observed, not worked out: what no document explains stands in a line of its
own, and is nothing as long as both agree.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncd.domain import (
    Adjustment,
    CreditNote,
    Invoice,
    Kind,
    Money,
    Order,
    Payment,
)
from syncd.store import settling
from syncd.sync import ledger
from syncd.sync.card import Documents, Open, is_overdue, open_parts
from syncd.sync.derive import documents_of, invoices_in_force
from syncd.why.answer import Item
from syncd.why.view import View

FIRST_DAY = dt.date(1, 1, 1)


@dataclass
class Papers:
    """The documents of one customer, and what of each is used: `paid`, `returned` and the open
    `parts` by invoice, `used` by (kind, key) of what settles. `today` is the day that
    overdue is told by."""

    docs: Documents
    today: dt.date
    history: dt.date
    paid: Mapping[str, int] = field(default_factory=dict)
    returned: Mapping[str, int] = field(default_factory=dict)
    used: Mapping[tuple[Kind, str], int] = field(default_factory=dict)
    parts: Mapping[str, Sequence[Open]] = field(default_factory=dict)
    currency: str = ""

    def rest(self, one: Payment | CreditNote | Adjustment) -> int:
        """What of it settles nothing; of an adjustment, of what it takes off."""
        match one:
            case Payment():
                return one.amount.micros - self.used.get((Kind.PAYMENT, one.key), 0)
            case CreditNote():
                return one.total.micros - self.used.get((Kind.CREDIT_NOTE, one.key), 0)
        return -one.amount.micros - self.used.get((Kind.ADJUSTMENT, one.key), 0)


def papers_of(view: View, customer: str, today: dt.date) -> Papers:
    docs = documents_of(view.scene, [customer])[customer]
    keys = [one.key for one in docs.invoices]
    found = Papers(docs, today, view.pair.writing.history or FIRST_DAY)
    found.paid = _settled(view, [Kind.PAYMENT], docs, keys)
    found.returned = _settled(view, [Kind.CREDIT_NOTE, Kind.ADJUSTMENT], docs, keys)
    found.used = _used(view, docs)
    parts: defaultdict[str, list[Open]] = defaultdict(list)
    for part in open_parts(docs):
        parts[part.invoice.key].append(part)
    found.parts = parts
    return found


def _settled(
    view: View, kinds: Sequence[Kind], docs: Documents, keys: Sequence[str]
) -> dict[str, int]:
    """Invoice -> what these kinds settle of it, in its own currency."""
    currency = {one.key: one.total.currency for one in docs.invoices}
    paid = settling.paid(view.tx, [view.streams[kind] for kind in kinds], keys)
    return {
        key: sum(money.micros for money in some if money.currency == currency[key])
        for key, some in paid.items()
    }


def _used(view: View, docs: Documents) -> ledger.Used:
    """What of each document settles an invoice that counts."""
    return ledger.used(docs, invoices_in_force(view.scene, sorted(ledger.of_others(docs))))


# -- one item each -------------------------------------------------------------------------------


def _invoice(papers: Papers, one: Invoice, counts: int | None) -> Item:
    code = one.total.currency
    parts = papers.parts.get(one.key, ())
    late = any(is_overdue(part, papers.today) for part in parts)
    due = min((part.due for part in parts if part.due), default=one.due)
    return Item(
        Kind.INVOICE,
        one.key,
        one.number,
        one.date,
        one.total,
        counts=None if counts is None else Money(counts, code),
        paid=Money(papers.paid.get(one.key, 0), code),
        returned=Money(papers.returned.get(one.key, 0), code),
        due=due,
        overdue=late,
        correcting=one.number in papers.docs.correcting,
    )


def _other(
    papers: Papers, one: Order | Payment | CreditNote | Adjustment, counts: int | None
) -> Item:
    kinds = {Order: Kind.ORDER, Payment: Kind.PAYMENT, CreditNote: Kind.CREDIT_NOTE}
    amount = one.total if isinstance(one, Order | CreditNote) else one.amount
    number = one.number or one.key
    return Item(
        kinds.get(type(one), Kind.ADJUSTMENT),
        one.key,
        number,
        one.date,
        amount,
        counts=None if counts is None else Money(counts, amount.currency),
        correcting=number in papers.docs.correcting,
    )


def _receivable(papers: Papers) -> list[Item]:
    code = papers.currency
    found = []
    for one in papers.docs.invoices:
        if one.total.currency == code:
            left = _left(papers, one)
            if left > 0:
                found.append(_invoice(papers, one, left))
    for more in papers.docs.adjustments:
        if more.amount.currency == code and more.amount.micros > 0:
            found.append(_other(papers, more, more.amount.micros))
    beyond = -_ahead(papers)
    if beyond > 0:
        found += _refunds(papers, beyond)
    return found


def _left(papers: Papers, one: Invoice) -> int:
    """What of it is open; below zero where it was paid twice."""
    return one.total.micros - papers.paid.get(one.key, 0) - papers.returned.get(one.key, 0)


def _ahead(papers: Papers) -> int:
    """What was paid and settles nothing; below zero where more was given back."""
    twice = sum(one.counts.micros for one in _paid_twice(papers) if one.counts)
    return twice + sum(papers.rest(one) for one in _paying(papers))


def _paid_twice(papers: Papers) -> list[Item]:
    mine = [one for one in papers.docs.invoices if one.total.currency == papers.currency]
    return [_invoice(papers, one, -left) for one in mine if (left := _left(papers, one)) < 0]


def _paying(papers: Papers) -> list[Payment | Adjustment]:
    mine: list[Payment | Adjustment] = [
        one for one in papers.docs.payments if one.amount.currency == papers.currency
    ]
    mine += [
        one
        for one in papers.docs.adjustments
        if one.amount.currency == papers.currency and one.amount.micros < 0
    ]
    return mine


def _refunds(papers: Papers, beyond: int) -> list[Item]:
    """Money given back that was not paid ahead is owed; the newest refunds are the ones beyond."""
    found = []
    refunds = [one for one in papers.docs.payments if one.amount.micros < 0]
    for one in sorted(refunds, key=lambda one: (one.date, one.key), reverse=True):
        if one.amount.currency == papers.currency and beyond > 0:
            part = min(beyond, -one.amount.micros)
            found.append(_other(papers, one, part))
            beyond -= part
    return found


def _prepaid(papers: Papers) -> list[Item]:
    if _ahead(papers) <= 0:
        return []
    found = [_other(papers, one, papers.rest(one)) for one in _paying(papers) if papers.rest(one)]
    return found + _paid_twice(papers)


def _credits(papers: Papers) -> list[Item]:
    mine = [one for one in papers.docs.credit_notes if one.total.currency == papers.currency]
    return [_other(papers, one, papers.rest(one)) for one in mine if papers.rest(one)]


def _overdue(papers: Papers) -> list[Item]:
    late: defaultdict[str, int] = defaultdict(int)
    invoices = {}
    for part in (part for some in papers.parts.values() for part in some):
        if part.amount.currency == papers.currency and is_overdue(part, papers.today):
            late[part.invoice.key] += part.amount.micros
            invoices[part.invoice.key] = part.invoice
    return [_invoice(papers, invoices[key], micros) for key, micros in late.items()]


def _sales(papers: Papers, counts: Callable[[dt.date], bool]) -> list[Item]:
    found = []
    for one in papers.docs.invoices:
        if one.total.currency == papers.currency and counts(one.date):
            found.append(_invoice(papers, one, one.total.micros))
    for note in papers.docs.credit_notes:
        if note.total.currency == papers.currency and counts(note.date):
            found.append(_other(papers, note, -note.total.micros))
    return found


def _total_sales(papers: Papers) -> list[Item]:
    return _sales(papers, lambda day: day >= papers.history)


def _sales_12m(papers: Papers) -> list[Item]:
    return _sales(papers, lambda day: day >= papers.history and leaves(day) > papers.today)


def leaves(day: dt.date) -> dt.date:
    """The day on which a document is no longer of the last twelve months."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return dt.date(day.year + 1, 3, 1)


def _orders(papers: Papers) -> list[Item]:
    mine = [one for one in papers.docs.orders if one.date >= papers.history]
    return [_other(papers, one, one.total.micros) for one in mine]


def _average(papers: Papers) -> list[Item]:
    return [one for one in _orders(papers) if one.amount.currency == papers.currency]


def _open_orders(papers: Papers) -> list[Item]:
    return [
        _other(papers, one, one.open.micros)
        for one in papers.docs.orders
        if one.open and one.open.micros > 0
    ]


def _open_total(papers: Papers) -> list[Item]:
    """As the card counts them: those that `history` leaves out are not in the sum."""
    mine = [one for one in _open_orders(papers) if one.date >= papers.history]
    return [one for one in mine if one.counts and one.counts.currency == papers.currency]


def _payments(papers: Papers) -> list[Item]:
    received = [one for one in papers.docs.payments if one.amount.micros > 0]
    newest = sorted(received, key=lambda one: (one.date, one.key), reverse=True)[:1]
    return [_other(papers, one, None) for one in newest]


MADE_OF: Mapping[str, Callable[[Papers], list[Item]]] = {
    "receivable": _receivable,
    "line": _receivable,
    "prepaid": _prepaid,
    "credits": _credits,
    "overdue": _overdue,
    "overdue_since": _overdue,
    "ageing": _overdue,
    "total_sales": _total_sales,
    "sales_12m": _sales_12m,
    "average_order": _average,
    "orders_count": _orders,
    "first_order": _orders,
    "last_order": _orders,
    "seller": _orders,
    "open_orders_count": _open_orders,
    "open_orders": _open_orders,
    "open_orders_total": _open_total,
    "last_payment": _payments,
}
"""Word of a card -> the documents that it is made of."""


NEWEST = frozenset({"last_payment"})
"""Words of which the newest document alone counts."""


def made_of(papers: Papers, word: str, currency: str) -> list[Item]:
    """Oldest first."""
    papers.currency = currency
    found = MADE_OF[word](papers) if word in MADE_OF else []
    return sorted(found, key=_age)


def of_each(papers: Mapping[str, Papers], word: str, currency: str) -> list[Item]:
    """The same of several customers who share a card: nothing of one is taken off another."""
    if len(papers) == 1:
        return made_of(next(iter(papers.values())), word, currency)
    found = [
        replace(item, customer=key)
        for key, some in papers.items()
        for item in made_of(some, word, currency)
    ]
    found.sort(key=_age)
    return found[-1:] if word in NEWEST else found


def _age(one: Item) -> tuple[dt.date, Kind, str]:
    return one.date, one.kind, one.number


def total(items: Iterable[Item], currency: str) -> Money:
    micros = sum(one.counts.micros for one in items if one.counts)
    return Money(micros, currency)
