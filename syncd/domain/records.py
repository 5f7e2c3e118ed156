"""The canonical record of each kind."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.domain.books import (
    Adjustment,
    Balance,
    CreditNote,
    Customer,
    Document,
    Invoice,
    Order,
    Payment,
)
from syncd.domain.cards import Card, Deal, DealOrders, Won
from syncd.domain.kinds import Kind


def value_of(record: object, word: str) -> object:
    """What a record says under a word: its own, or one that a mapping added; else nothing."""
    for extra in getattr(record, "extras", ()):
        if extra.word == word:
            return extra.value
    return getattr(record, word, None)


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
    Kind.LEAD: Deal,
    Kind.LABEL: Deal,
    Kind.WON: Won,
}
