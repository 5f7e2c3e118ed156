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
    """What the books have; the order is parents first, and streams run in it."""

    CUSTOMER = "customer"
    INVOICE = "invoice"
    PAYMENT = "payment"
    BALANCE = "balance"


PERSONAL = frozenset({Kind.CUSTOMER})
"""Kinds whose images are personal data: kept apart, with a retention of their own."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """The document that makes the debt; `total` is positive, tax included."""

    key: str
    customer: str
    number: str
    date: dt.date
    total: Money
    due: dt.date | None = None
    state: State = State.EFFECTIVE


@dataclass(frozen=True, slots=True)
class Allocation:
    """The part of a payment that settles one invoice."""

    invoice: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What was paid or otherwise settled; what no allocation names is paid ahead."""

    key: str
    customer: str
    date: dt.date
    amount: Money
    number: str | None = None
    allocations: tuple[Allocation, ...] = ()
    state: State = State.EFFECTIVE


@dataclass(frozen=True, slots=True)
class Figures:
    """What one customer owes and has paid ahead in one currency; never netted."""

    receivable: Money
    prepaid: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """`rows` has one entry per currency with open items, ordered by currency; empty means zero."""

    key: str
    customer: str
    currency: str
    """The company's own currency."""
    rows: tuple[Figures, ...] = ()


Canonical = Customer | Invoice | Payment | Balance

CANONICAL: Mapping[Kind, type[Canonical]] = {
    Kind.CUSTOMER: Customer,
    Kind.INVOICE: Invoice,
    Kind.PAYMENT: Payment,
    Kind.BALANCE: Balance,
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
    object that this other part made: it is updated, never created (the figures on a card).
    """

    part: str
    target: str
    marker: str
    parents: Mapping[str, Ref]
    fields: Mapping[str, Value]
    of: Ref | None = None
