"""What kinds of transactions there are, and what their letters say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    type: str
    record: str
    """As SuiteQL's `recordtype` has it."""
    api: str
    """As the record API's addresses have it."""
    label: str
    prefix: str
    number: int
    """Of its record type, as deleted records name it."""
    statuses: Mapping[str, str]
    posts: bool = True


ORDER = Kind(
    "SalesOrd",
    "salesorder",
    "salesOrder",
    "Sales Order",
    "SO",
    31,
    {
        "A": "Pending Approval",
        "B": "Pending Fulfillment",
        "C": "Cancelled",
        "D": "Partially Fulfilled",
        "E": "Pending Billing/Partially Fulfilled",
        "F": "Pending Billing",
        "G": "Billed",
        "H": "Closed",
    },
    posts=False,
)
INVOICE = Kind(
    "CustInvc",
    "invoice",
    "invoice",
    "Invoice",
    "INV",
    7,
    {"A": "Open", "B": "Paid In Full", "D": "Pending Approval", "V": "Voided"},
)
PAYMENT = Kind(
    "CustPymt",
    "customerpayment",
    "customerPayment",
    "Payment",
    "PYMT",
    9,
    {"A": "Unapproved Payment", "B": "Not Deposited", "C": "Deposited", "V": "Voided"},
)
CREDIT = Kind(
    "CustCred",
    "creditmemo",
    "creditMemo",
    "Credit Memo",
    "CM",
    10,
    {"A": "Open", "B": "Fully Applied", "V": "Voided"},
)
DEPOSIT = Kind(
    "CustDep",
    "customerdeposit",
    "customerDeposit",
    "Customer Deposit",
    "DEP",
    40,
    {"A": "Not Deposited", "B": "Deposited", "C": "Fully Applied"},
)
APPLICATION = Kind(
    "DepAppl",
    "depositapplication",
    "depositApplication",
    "Deposit Application",
    "DA",
    41,
    {"Z": "Undefined"},
)
CASH_SALE = Kind(
    "CashSale",
    "cashsale",
    "cashSale",
    "Cash Sale",
    "CS",
    5,
    {"A": "Unapproved Payment", "B": "Not Deposited", "C": "Deposited"},
)
REFUND = Kind(
    "CustRfnd",
    "customerrefund",
    "customerRefund",
    "Customer Refund",
    "RF",
    33,
    {"Z": "Undefined", "V": "Voided"},
)
JOURNAL = Kind(
    "Journal",
    "journalentry",
    "journalEntry",
    "Journal",
    "JE",
    1,
    {"A": "Pending Approval", "B": "Approved for Posting"},
)
KINDS = {
    one.type: one
    for one in (ORDER, INVOICE, PAYMENT, CREDIT, DEPOSIT, APPLICATION, CASH_SALE, REFUND, JOURNAL)
}
OWED = ("CustInvc",)
CREDITS = ("CustPymt", "CustCred", "CustDep", "DepAppl", "Journal")
"""What is applied to invoices."""


def status_text(type: str, letter: str) -> str:
    kind = KINDS[type]
    return f"{kind.label} : {kind.statuses.get(letter, 'Undefined')}"
