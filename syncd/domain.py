"""The canonical records between books and CRM, and the words for what is wanted at the target.

Everything here is immutable and knows neither a system nor a file. Money is a whole number of
millionths with its currency, so that equal amounts are equal bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

MICRO = 1_000_000

Value = str | int | Decimal | bool | None
"""What a field of a target can hold; dates travel as ISO text."""


class Kind(StrEnum):
    """What is read and written; the order is parents first, and streams run in it."""

    CUSTOMER = "customer"
    ORDER = "order"
    INVOICE = "invoice"
    PAYMENT = "payment"
    CREDIT_NOTE = "credit_note"
    ADJUSTMENT = "adjustment"
    BALANCE = "balance"
    CARD = "card"
    """Derived: what a customer's card says, out of all of the above and the clock."""
    DEAL_ORDERS = "deal_orders"
    """Derived: what a deal of the CRM shows of the orders that name it."""
    DEAL = "deal"
    WON = "won"
    """A card whose deal was won: a customer for the books, named by the id of the card."""


PERSONAL = frozenset({Kind.CUSTOMER, Kind.WON})
"""Kinds whose images are personal data: kept apart, with a retention of their own."""

DERIVED_KINDS = frozenset({Kind.CARD, Kind.DEAL_ORDERS})
"""Kinds that no system has: they are worked out of others, and written to the CRM."""

FROM_CRM = frozenset({Kind.DEAL, Kind.WON})
"""Kinds that are read from the CRM; WON is written to the books."""


class Reason(StrEnum):
    """Why an adjustment is in the ledger."""

    OPENING = "opening"
    NETTING = "netting"
    WRITE_OFF = "write_off"
    REVALUATION = "revaluation"
    ROUNDING = "rounding"
    MANUAL = "manual"


class State(StrEnum):
    """Of a document: a draft is not shown, a void one is shown as cancelled."""

    DRAFT = "draft"
    EFFECTIVE = "effective"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `micros` millionths of one unit of `currency` (ISO 4217 code)."""

    micros: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """Raises ValueError for an amount finer than a millionth or not finite."""
        scaled = Decimal(amount) * MICRO
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise ValueError(f"{amount} {currency} is not a whole number of millionths")
        return cls(int(scaled), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in units; at least two digits after the point."""
        exact = Decimal(self.micros) / MICRO
        exponent = exact.normalize().as_tuple().exponent
        digits = max(2, -exponent) if isinstance(exponent, int) else 2
        return exact.quantize(Decimal(1).scaleb(-digits))

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.micros + other.micros, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.micros - other.micros, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.micros, self.currency)

    def __bool__(self) -> bool:
        return self.micros != 0

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency}"

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")


@dataclass(frozen=True, slots=True)
class Extra:
    """A field that a mapping adds to a record. `text` is its value so that it reads back exactly,
    by `type`: text, number, date, money or flag."""

    word: str
    type: str
    text: str

    @classmethod
    def of(cls, word: str, value: str | Decimal | bool | dt.date | Money) -> Extra:
        match value:
            case bool():
                return cls(word, "flag", "true" if value else "false")
            case Decimal():
                plain = f"{value:f}"
                exact = plain.rstrip("0").rstrip(".") if "." in plain else plain
                return cls(word, "number", "0" if value == 0 else exact)
            case dt.date():
                return cls(word, "date", value.isoformat())
            case Money():
                return cls(word, "money", f"{value.amount} {value.currency}")
        return cls(word, "text", value)

    @property
    def value(self) -> str | Decimal | bool | dt.date | Money:
        match self.type:
            case "flag":
                return self.text == "true"
            case "number":
                return Decimal(self.text)
            case "date":
                return dt.date.fromisoformat(self.text)
            case "money":
                amount, _, currency = self.text.partition(" ")
                return Money.of(amount, currency)
        return self.text

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
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


@dataclass(frozen=True, slots=True)
class Term:
    """A part of an invoice and the day it is due."""

    due: dt.date
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
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


@dataclass(frozen=True, slots=True)
class Allocation:
    """The part of a payment, a credit note or an adjustment that settles one invoice."""

    invoice: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
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


@dataclass(frozen=True, slots=True)
class Figures:
    """What one customer owes, has paid ahead, and has as credit notes that settle nothing yet, in
    one currency; never netted. Receivable - prepaid - credits is the ledger's balance."""

    receivable: Money
    prepaid: Money
    credits: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """`rows` has one entry per currency with open items, ordered by currency; empty means zero."""

    key: str
    customer: str
    currency: str
    """The company's own currency."""
    rows: tuple[Figures, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
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
        return bool(self.receivable or self.prepaid or self.credits)


@dataclass(frozen=True, slots=True)
class OpenOrder:
    number: str
    date: dt.date
    open: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DealOrders:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A deal of the CRM that was won; void: it was, and no longer is. Its name may be a person's
    and is not read."""

    key: str
    account: str
    """The id of its card."""
    closed: dt.date | None = None
    state: State = State.EFFECTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Won:
    """A card whose deal was won, as the CRM has it: what the books need for a new customer."""

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


def value_of(record: object, word: str) -> object:
    """What a record says under a word: its own, or one that a mapping added; else nothing."""
    for extra in getattr(record, "extras", ()):
        if extra.word == word:
            return extra.value
    return getattr(record, word, None)


Document = Order | Invoice | Payment | CreditNote | Adjustment
"""What a customer has in the books; each has `customer`, `state` and `organisation`: whose books it
belongs to, the legal entity by its name, where the books say it."""

Canonical = Customer | Document | Balance | Card | DealOrders | Deal | Won

CANONICAL: Mapping[Kind, type[Canonical]] = {
    Kind.CUSTOMER: Customer,
    Kind.ORDER: Order,
    Kind.INVOICE: Invoice,
    Kind.PAYMENT: Payment,
    Kind.CREDIT_NOTE: CreditNote,
    Kind.ADJUSTMENT: Adjustment,
    Kind.BALANCE: Balance,
    Kind.CARD: Card,
    Kind.DEAL_ORDERS: DealOrders,
    Kind.DEAL: Deal,
    Kind.WON: Won,
}


@dataclass(frozen=True, slots=True)
class Ref:
    """One part of one record, named by books key: `customer:7`, or `customer:7/contact`."""

    kind: Kind
    key: str
    part: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}" + (f"/{self.part}" if self.part else "")


@dataclass(frozen=True, slots=True)
class Want:
    """One object as the mapping wants it at the target.

    `part` tells the objects of one record apart ('' is the main one); `marker` is the books key
    as the target stores it; `parents` maps the target's word for a parent to the part that is it;
    `fields` are dotted paths of the target with their values. With `of`, the fields belong to the
    object that this other part made, with `at` to the object of this remote id: it is updated,
    never created and never removed (the figures on a card).
    """

    part: str
    target: str
    marker: str
    parents: Mapping[str, Ref]
    fields: Mapping[str, Value]
    of: Ref | None = None
    at: str | None = None

    @property
    def borrowed(self) -> bool:
        """The object is not this part's own."""
        return self.of is not None or self.at is not None
