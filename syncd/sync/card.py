"""What a card says: pure arithmetic over one customer's balance, documents and the day.

The ledger says what is open; the documents say since when, how much was bought, and what is on
order. Currencies are never added up, and nothing here knows a store or reads a clock.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from syncd.domain import (
    Adjustment,
    Balance,
    Card,
    CreditNote,
    Figures,
    Invoice,
    Money,
    OpenOrder,
    Order,
    Payment,
    Sums,
)
from syncd.mapping.languages import minor_units
from syncd.mapping.stages import AMOUNTS, DAYS, Stages

SPANS = (30, 60, 90)
"""Days overdue up to which an amount belongs to a column of the ageing; more is the last one."""
LISTED = 10
"""Open orders that are listed on a card."""


class Documents(msgspec.Struct):
    """The effective documents of one customer. `paid` is what settles each invoice, by key."""

    orders: list[Order] = msgspec.field(default_factory=list)
    invoices: list[Invoice] = msgspec.field(default_factory=list)
    payments: list[Payment] = msgspec.field(default_factory=list)
    credit_notes: list[CreditNote] = msgspec.field(default_factory=list)
    adjustments: list[Adjustment] = msgspec.field(default_factory=list)
    paid: Mapping[str, Sequence[Money]] = msgspec.field(default_factory=dict)
    correcting: list[str] = msgspec.field(default_factory=list)
    """Numbers of documents that were unposted and may come back."""
    unreadable: list[str] = msgspec.field(default_factory=list)
    """Numbers of documents that cannot be read; what they said before, if anything, is among the
    others."""


def joined(some: Sequence[Documents]) -> Documents:
    """Those of several customers of one card."""
    if len(some) == 1:
        return some[0]
    found = Documents()
    for docs in some:
        for name in ("orders", "invoices", "payments", "credit_notes", "adjustments"):
            getattr(found, name).extend(getattr(docs, name))
        found.paid = {**found.paid, **docs.paid}
        found.correcting += docs.correcting
        found.unreadable += docs.unreadable
    return found


class Proof(msgspec.Struct, frozen=True):
    """When ledger, documents and card were last compared, in days of the books; `since` is when
    the answer became what it is."""

    day: dt.date
    agreed: bool
    since: dt.date


class Setting(msgspec.Struct, frozen=True):
    """What is equal for all cards. `today` is a day of the books; documents before `history` are
    not counted as sales or orders. `told`: the books tell balances, which documents explain."""

    today: dt.date
    complete: bool
    stages: Stages
    history: dt.date | None = None
    told: bool = True


class Open(msgspec.Struct, frozen=True):
    """The part of an invoice that is still to be paid by one of its due dates."""

    invoice: Invoice
    due: dt.date | None
    amount: Money


def open_parts(docs: Documents) -> list[Open]:
    """What is paid settles the earliest due date first."""
    found = []
    for invoice in docs.invoices:
        left = sum(
            m.micros for m in docs.paid.get(invoice.key, ()) if m.currency == invoice.total.currency
        )
        terms: list[tuple[dt.date | None, Money]] = [(t.due, t.amount) for t in invoice.terms]
        for due, amount in terms or [(invoice.due, invoice.total)]:
            part = max(amount.micros - max(left, 0), 0)
            left -= amount.micros
            if part:
                found.append(Open(invoice, due, Money(part, amount.currency)))
    return found


def is_overdue(part: Open, today: dt.date) -> bool:
    return part.due is not None and part.due < today


def span_of(part: Open, today: dt.date) -> int | None:
    """Which column of the ageing it belongs to; None while it is not overdue."""
    if part.due is None or part.due >= today:
        return None
    days = (today - part.due).days
    return next((index for index, most in enumerate(SPANS) if days <= most), len(SPANS))


def card_of(
    balance: Balance,
    changed: dt.datetime,
    docs: Documents,
    proof: Proof | None,
    setting: Setting,
) -> Card:
    """`changed` is when the balance was last observed to differ."""
    parts = open_parts(docs)
    late = [part for part in parts if is_overdue(part, setting.today)]
    shown = _since(docs, setting.history)
    rows = _rows(balance, late, shown, docs, setting)
    still_open = sorted(
        (order for order in docs.orders if order.open and order.open.micros > 0),
        key=lambda order: (order.date, order.number),
        reverse=True,
    )
    newest = max(shown.orders, key=lambda order: (order.date, order.number), default=None)
    opened = any(row.open for row in rows)
    card = Card(
        key=balance.customer,
        customer=balance.customer,
        currency=balance.currency,
        changed=changed,
        rows=rows,
        complete=setting.complete,
        proven=proof.day if proof and proof.agreed and opened else None,
        unproven=proof.since if proof and not proof.agreed else None,
        unexplained=_unexplained(balance, docs) if setting.complete and setting.told else (),
        correcting=tuple(sorted(docs.correcting)),
        overdue_since=min((_day_after(part.due) for part in late if part.due), default=None),
        orders_count=len(shown.orders),
        open_orders_count=len(still_open),
        open_orders=tuple(
            OpenOrder(o.number, o.date, o.open) for o in still_open[:LISTED] if o.open
        ),
        first_order=min((order.date for order in shown.orders), default=None),
        last_order=max((order.date for order in shown.orders), default=None),
        last_payment=max((p.date for p in docs.payments if p.amount.micros > 0), default=None),
        seller=newest.seller if newest else None,
        unreadable=() if setting.told else tuple(sorted(docs.unreadable)),
    )
    return _staged(card, setting)


def documents_net(docs: Documents) -> dict[str, int]:
    """Currency -> millionths that the documents say are owed: invoiced less credited less paid,
    and the adjustments. The ledger must say the same."""
    net: defaultdict[str, int] = defaultdict(int)
    for invoice in docs.invoices:
        net[invoice.total.currency] += invoice.total.micros
    for note in docs.credit_notes:
        net[note.total.currency] -= note.total.micros
    for payment in docs.payments:
        net[payment.amount.currency] -= payment.amount.micros
    for adjustment in docs.adjustments:
        net[adjustment.amount.currency] += adjustment.amount.micros
    return {currency: micros for currency, micros in net.items() if micros}


def ledger_net(balance: Balance) -> dict[str, int]:
    """The same as the ledger has it."""
    net = {row.receivable.currency: net_of(row) for row in balance.rows}
    return {currency: micros for currency, micros in net.items() if micros}


def _unexplained(balance: Balance, docs: Documents) -> tuple[Money, ...]:
    ledger, documents = ledger_net(balance), documents_net(docs)
    differences = {
        code: ledger.get(code, 0) - documents.get(code, 0) for code in {*ledger, *documents}
    }
    return tuple(
        Money(differences[code], code) for code in sorted(differences) if differences[code]
    )


def net_of(row: Figures) -> int:
    return row.receivable.micros - row.prepaid.micros - (row.credits.micros if row.credits else 0)


def next_review(card: Card, docs: Documents, setting: Setting) -> dt.date | None:
    """The first day on which the card can change although nothing happens in the books."""
    days: set[dt.date] = set()
    for part in open_parts(docs):
        if part.due is not None:
            days |= {_day_after(part.due)}
            days |= {_day_after(part.due, span + 1) for span in SPANS}
    days |= {_leaves(invoice.date) for invoice in docs.invoices}
    days |= {_leaves(note.date) for note in docs.credit_notes}
    since = {word: getattr(card, name) for word, name in DAYS.items()}
    days |= set(setting.stages.turns(since))
    return min((day for day in days if day > setting.today), default=None)


def _since(docs: Documents, history: dt.date | None) -> Documents:
    if history is None:
        return docs
    return Documents(
        orders=[one for one in docs.orders if one.date >= history],
        invoices=[one for one in docs.invoices if one.date >= history],
        credit_notes=[one for one in docs.credit_notes if one.date >= history],
    )


def _rows(
    balance: Balance,
    late: Sequence[Open],
    shown: Documents,
    docs: Documents,
    setting: Setting,
) -> tuple[Sums, ...]:
    figures = {row.receivable.currency: row for row in balance.rows}
    aged: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(SPANS) + 1))
    for part in late:
        span = span_of(part, setting.today)
        assert span is not None
        aged[part.amount.currency][span] += part.amount.micros
    year = [one for one in shown.invoices if _leaves(one.date) > setting.today]
    taken_back = [one for one in shown.credit_notes if _leaves(one.date) > setting.today]
    sales = _sums(shown.invoices, shown.credit_notes)
    sales_12m = _sums(year, taken_back)
    ordered = _sums(shown.orders, ())
    counts = _counts(shown.orders)
    opened = _open_orders(docs.orders)
    codes = {*figures, *aged, *sales, *ordered, *opened}
    rows = []
    for code in sorted(codes):
        zero = Money(0, code)
        row = figures.get(code, Figures(zero, zero, zero))
        rows.append(
            Sums(
                receivable=row.receivable,
                prepaid=row.prepaid,
                credits=row.credits or zero,
                overdue=Money(sum(aged[code]), code),
                ageing=tuple(Money(micros, code) for micros in aged[code]),
                total_sales=Money(sales.get(code, 0), code),
                sales_12m=Money(sales_12m.get(code, 0), code),
                average_order=average(ordered.get(code, 0), counts.get(code, 0), code),
                open_orders=Money(opened.get(code, 0), code),
            )
        )
    return tuple(rows)


def _sums(more: Iterable[Order | Invoice], less: Iterable[CreditNote]) -> dict[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for document in more:
        sums[document.total.currency] += document.total.micros
    for note in less:
        sums[note.total.currency] -= note.total.micros
    return dict(sums)


def _counts(orders: Iterable[Order]) -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for order in orders:
        counts[order.total.currency] += 1
    return dict(counts)


def _open_orders(orders: Iterable[Order]) -> dict[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for order in orders:
        if order.open and order.open.micros > 0:
            sums[order.open.currency] += order.open.micros
    return dict(sums)


def average(micros: int, count: int, currency: str) -> Money:
    """Rounded to the currency's own digits, half to even."""
    if not count:
        return Money(0, currency)
    unit = 10 ** (6 - minor_units(currency))
    return Money(round(Decimal(micros) / (count * unit)) * unit, currency)


def _day_after(day: dt.date, days: int = 1) -> dt.date:
    """Some books write the last day of the calendar for "never"."""
    return day + dt.timedelta(days=min(days, (dt.date.max - day).days))


def _leaves(day: dt.date) -> dt.date:
    """The day on which a document is no longer of the last twelve months."""
    if day.year == dt.date.max.year:
        return dt.date.max
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return dt.date(day.year + 1, 3, 1)


def _staged(card: Card, setting: Setting) -> Card:
    own = next((row for row in card.rows if row.receivable.currency == card.currency), None)
    facts: dict[str, int | Decimal | None] = {
        name: getattr(own, name).amount if own else Decimal(0) for name in AMOUNTS
    }
    facts |= {name: getattr(card, name) for name in ("orders_count", "open_orders_count")}
    for word, name in DAYS.items():
        day = getattr(card, name)
        facts[word] = (setting.today - day).days if day else None
    return replace(card, stage=setting.stages.of(facts))
