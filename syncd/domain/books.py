"""What the books have: customers, their documents and their balances."""

from __future__ import annotations

import datetime as dt

import msgspec

from syncd.domain.kinds import Reason, State
from syncd.domain.values import Extra, Money


class Customer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    key: str
    name: str
    code: str | None = None
    email: str | None = None
    phone: str | None = None
    tax_id: str | None = None
    street: str | None = None
    city: str | None = None
    postcode: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    currency: str | None = None
    """What the customer is usually invoiced in."""
    extras: tuple[Extra, ...] = ()
    seller: str | None = None
    """Whose customer it is, as the books name that colleague."""
    seller_email: str | None = None
    merged_into: str | None = None
    """The key of the customer that the books made of this one and another; `SOMEBODY` where they
    say that it is out of use, and not who took its place."""


SOMEBODY = "?"
"""A customer that is not named."""


class Order(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`total` is what was ordered, tax included; `open` the part of it that is not invoiced yet."""

    key: str
    customer: str
    number: str
    date: dt.date
    total: Money
    open: Money | None = None
    seller: str | None = None
    deal: str | None = None
    state: State = State.EFFECTIVE
    extras: tuple[Extra, ...] = ()
    organisation: str | None = None


class Term(msgspec.Struct, frozen=True, gc=False):
    """A part of an invoice and the day it is due."""

    due: dt.date
    amount: Money


class Invoice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The document that makes the debt; `total` is positive, tax included.

    `terms` are its due dates, where there are several; what is paid settles the earliest first.
    """

    key: str
    customer: str
    number: str
    date: dt.date
    total: Money
    due: dt.date | None = None
    terms: tuple[Term, ...] = ()
    seller: str | None = None
    order: str | None = None
    state: State = State.EFFECTIVE
    extras: tuple[Extra, ...] = ()
    organisation: str | None = None


class Allocation(msgspec.Struct, frozen=True, gc=False):
    """The part of a payment, a credit note or an adjustment that settles one invoice."""

    invoice: str
    amount: Money


class Payment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Money received; what no allocation names is paid ahead. A refund is below zero."""

    key: str
    customer: str
    date: dt.date
    amount: Money
    number: str | None = None
    allocations: tuple[Allocation, ...] = ()
    state: State = State.EFFECTIVE
    extras: tuple[Extra, ...] = ()
    organisation: str | None = None


class CreditNote(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The document that takes a debt back; `total` is positive, tax included."""

    key: str
    customer: str
    number: str
    date: dt.date
    total: Money
    allocations: tuple[Allocation, ...] = ()
    state: State = State.EFFECTIVE
    extras: tuple[Extra, ...] = ()
    organisation: str | None = None


class Adjustment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Any other row of the customer's ledger; `amount` above zero raises what is owed."""

    key: str
    customer: str
    date: dt.date
    amount: Money
    reason: Reason = Reason.MANUAL
    number: str | None = None
    allocations: tuple[Allocation, ...] = ()
    state: State = State.EFFECTIVE
    extras: tuple[Extra, ...] = ()
    organisation: str | None = None


class Figures(msgspec.Struct, frozen=True, gc=False):
    """What one customer owes, has paid ahead, and has as credit notes that settle nothing yet, in
    one currency; never netted. Receivable - prepaid - credits is the ledger's balance."""

    receivable: Money
    prepaid: Money
    credits: Money | None = None


class Balance(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`rows` has one entry per currency with open items, ordered by currency; empty means zero."""

    key: str
    customer: str
    currency: str
    """The company's own currency."""
    rows: tuple[Figures, ...] = ()


Document = Order | Invoice | Payment | CreditNote | Adjustment
"""What a customer has in the books; each has `customer`, `state` and `organisation`: whose books it
belongs to, the legal entity by its name, where the books say it."""
