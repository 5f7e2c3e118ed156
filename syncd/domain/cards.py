"""What the CRM has of a customer, and what syncd works out for it."""

from __future__ import annotations

import datetime as dt

import msgspec

from syncd.domain.kinds import State
from syncd.domain.values import Extra, Money


class Sums(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A card's figures in one currency. Without documents all but the first three are zero."""

    receivable: Money
    prepaid: Money
    credits: Money
    overdue: Money
    ageing: tuple[Money, ...]
    """Overdue by 1-30, 31-60, 61-90 and more than 90 days; they add up to `overdue`."""
    total_sales: Money
    """Invoiced less credited, tax included."""
    sales_12m: Money
    """The same of the last twelve months."""
    average_order: Money
    open_orders: Money
    """The part of orders that is not invoiced yet."""

    @property
    def open(self) -> bool:
        """Whether the ledger has anything open in this currency."""
        return bool(self.receivable.micros or self.prepaid.micros or self.credits.micros)


class OpenOrder(msgspec.Struct, frozen=True, gc=False):
    number: str
    date: dt.date
    open: Money


class Card(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the card of one customer says.

    `complete`: the documents have all been read, so that what is counted over them is known.
    """

    key: str
    customer: str
    currency: str
    """The company's own currency."""
    changed: dt.datetime
    """When different figures were last observed in the books."""
    rows: tuple[Sums, ...] = ()
    """One entry per currency with anything in it, ordered by currency."""
    complete: bool = False
    proven: dt.date | None = None
    """The last day on which ledger, documents and card agreed; None without open items."""
    unproven: dt.date | None = None
    """The day since which they do not."""
    unexplained: tuple[Money, ...] = ()
    """By currency what the ledger says more than the documents, where that is not nothing."""
    correcting: tuple[str, ...] = ()
    """Numbers of documents that were unposted and may come back."""
    overdue_since: dt.date | None = None
    orders_count: int = 0
    open_orders_count: int = 0
    open_orders: tuple[OpenOrder, ...] = ()
    """Newest first."""
    first_order: dt.date | None = None
    last_order: dt.date | None = None
    last_payment: dt.date | None = None
    stage: str | None = None
    seller: str | None = None
    """Of the newest order."""
    unreadable: tuple[str, ...] = ()
    """Numbers of documents that cannot be read, where the figures are added up out of them: they
    are not in the figures, or by what they said before."""


class DealOrders(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The orders of one deal; `key` is its id in the CRM. What is in several currencies has no
    total. A deal that orders once named stays, with none."""

    key: str
    orders_count: int = 0
    orders_total: Money | None = None
    open_orders_total: Money | None = None
    """The part that is not invoiced yet."""
    currency: str | None = None
    """Of both amounts."""
    last_order: dt.date | None = None


class Deal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What names a card of the CRM that was won: a deal, a converted lead, or a label; void: it
    did, and no longer does. Its name may be a person's and is not read."""

    key: str
    account: str
    """The id of its card."""
    closed: dt.date | None = None
    state: State = State.EFFECTIVE


class Contact(msgspec.Struct, frozen=True, gc=False):
    """A person of a card. `key` is the person's id in the CRM: the same person, whatever else of it
    changes."""

    key: str
    name: str
    role: str | None = None
    phone: str | None = None
    email: str | None = None


class Won(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A card that was won, as the CRM has it: what the books need for a new customer."""

    key: str
    name: str
    email: str | None = None
    phone: str | None = None
    tax_id: str | None = None
    street: str | None = None
    city: str | None = None
    postcode: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    currency: str | None = None
    extras: tuple[Extra, ...] = ()
    delivery_street: str | None = None
    """Where goods go, if that is not the address above."""
    delivery_city: str | None = None
    delivery_postcode: str | None = None
    delivery_country: str | None = None
    contacts: tuple[Contact, ...] = ()
    """Its persons, ordered by key."""
    organisation: str | None = None
    """Which legal entity of the books sells to it, by its name."""
