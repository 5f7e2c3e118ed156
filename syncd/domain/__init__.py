"""The canonical records between books and CRM, and the words for what is wanted at the target.

Everything here is immutable and knows neither a system nor a file.
"""

from typing import TYPE_CHECKING

from syncd.domain.kinds import (
    DERIVED_KINDS,
    FROM_CRM,
    LEDGER,
    PERSONAL,
    TRIGGERS,
    Kind,
    Reason,
    State,
)
from syncd.domain.values import MICRO, Extra, Money, Value, plain_number
from syncd.later import later

if TYPE_CHECKING:
    from syncd.domain.books import (
        SOMEBODY,
        Adjustment,
        Allocation,
        Balance,
        CreditNote,
        Customer,
        Document,
        Figures,
        Invoice,
        Order,
        Payment,
        Term,
    )
    from syncd.domain.cards import Card, Contact, Deal, DealOrders, OpenOrder, Sums, Won
    from syncd.domain.records import CANONICAL, Canonical, value_of
    from syncd.domain.wants import Ref, Want

__all__ = [
    "CANONICAL",
    "DERIVED_KINDS",
    "FROM_CRM",
    "LEDGER",
    "MICRO",
    "PERSONAL",
    "SOMEBODY",
    "TRIGGERS",
    "Adjustment",
    "Allocation",
    "Balance",
    "Canonical",
    "Card",
    "Contact",
    "CreditNote",
    "Customer",
    "Deal",
    "DealOrders",
    "Document",
    "Extra",
    "Figures",
    "Invoice",
    "Kind",
    "Money",
    "OpenOrder",
    "Order",
    "Payment",
    "Reason",
    "Ref",
    "State",
    "Sums",
    "Term",
    "Value",
    "Want",
    "Won",
    "plain_number",
    "value_of",
]

__getattr__ = later(
    __name__,
    books=(
        *("SOMEBODY", "Adjustment", "Allocation", "Balance", "CreditNote", "Customer", "Document"),
        *("Figures", "Invoice", "Order", "Payment", "Term"),
    ),
    cards=("Card", "Contact", "Deal", "DealOrders", "OpenOrder", "Sums", "Won"),
    records=("CANONICAL", "Canonical", "value_of"),
    wants=("Ref", "Want"),
)
