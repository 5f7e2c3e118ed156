"""What a bookkeeper does, in words that every configuration shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from syncd.sandbox.onec.base import Base

Lines = Sequence[tuple[str, Decimal, Decimal]]
"""(item, quantity, price with VAT)."""
Part = tuple[str, Decimal]
"""(currency, plus for what is owed and minus for what is paid ahead) of one order or contract."""
VAT = Decimal("20") / Decimal("120")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer to be written: names as people type them."""

    name: str
    tax_id: str
    branch_id: str = ""
    full_name: str = ""
    phone: str = ""
    email: str = ""
    partner: str | None = None
    """Key of the commercial partner (УТ); None makes one."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Of an order: `due` are (date, amount), dates as on the wire."""

    organisation: str
    currency: str
    due: Sequence[tuple[str, Decimal]] = ()
    seller: str | None = None
    comment: str = ""
    status: str | None = None


class Desk(Protocol):
    """Every method returns the key of what it wrote; `date` None is now. Documents are posted
    unless `post` is False. What an amount is for: order -> amount, the order '' for none."""

    base: Base
    orders: str
    """The set where orders are: bills, where a configuration has no orders."""
    shipments: str
    payments: str
    customers: str

    def balances(self) -> Mapping[str, Sequence[Part]]:
        """What the register says of each customer."""

    def customer(self, person: Person) -> str: ...

    def order(
        self, customer: str, lines: Lines, terms: Terms, date: str | None = None, post: bool = True
    ) -> str: ...

    def ship(
        self, order: str, date: str | None = None, share: Decimal = Decimal(1), post: bool = True
    ) -> str: ...

    def pay(
        self,
        customer: str,
        parts: Mapping[str, Decimal],
        terms: Terms,
        date: str | None = None,
        by: str = "bank",
        post: bool = True,
    ) -> str:
        """`by` bank, cash or card."""

    def refund(
        self,
        customer: str,
        parts: Mapping[str, Decimal],
        terms: Terms,
        date: str | None = None,
    ) -> str: ...

    def take_back(self, order: str, amount: Decimal, date: str | None = None) -> str: ...

    def correct(self, order: str, amount: Decimal, date: str | None = None) -> str:
        """A correction of its shipment; `amount` has a sign."""

    def write_off(self, order: str, amount: Decimal, date: str | None = None) -> str: ...


def vat(amount: Decimal) -> Decimal:
    """The part of an amount that is VAT of 20 %."""
    return (amount * VAT).quantize(CENT)


def total(lines: Lines) -> Decimal:
    return sum((amount(one) for one in lines), Decimal(0))


def amount(line: tuple[str, Decimal, Decimal]) -> Decimal:
    return (line[1] * line[2]).quantize(CENT)
