"""How the words of a card are worked out, in a sentence each, and from which lines of the books."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.domain import Kind

DERIVED: Mapping[str, str] = {
    "receivable": "what the books' ledger says is owed; the open parts of the invoices explain it",
    "prepaid": "what the books' ledger says is paid ahead; payments that settle no invoice",
    "credits": "what the books' ledger says is credited and settles no invoice yet",
    "overdue": "the open parts of invoices whose due date is past, the earliest due settled first",
    "overdue_since": "the day after the earliest due date that is past and not paid",
    "ageing": "overdue by 1-30, 31-60, 61-90 and more days since the due date",
    "total_sales": "invoiced less credited, tax included",
    "sales_12m": "invoiced less credited in the last twelve months, tax included",
    "average_order": "the sum of the orders by their number, rounded half to even",
    "open_orders_total": "the part of orders that is not invoiced yet",
    "open_orders": "the newest orders with a part that is not invoiced yet",
    "open_orders_count": "the number of orders with a part that is not invoiced yet",
    "orders_count": "the number of orders in force",
    "orders_total": "the sum of the orders in force, tax included",
    "first_order": "the day of the first order in force",
    "last_order": "the day of the newest order in force",
    "last_payment": "the day of the newest payment received",
    "seller": "the seller of the newest order",
    "stage": "the first rule of the stages that holds",
    "proven": "the last day on which ledger, documents and card agreed, while anything is open",
    "unproven": "the day since which ledger, documents and card do not agree",
    "line": "a sentence of the figures, by the clauses of the mapping",
}

ALONE = {
    "receivable": "the open parts of the invoices; the books tell no balance to compare it with",
    "prepaid": "payments that settle no invoice; the books tell no balance to compare it with",
    "credits": "credit notes that settle no invoice; the books tell no balance to compare it with",
}
"""Of books that tell no balances."""

_LEDGER = ((Kind.BALANCE, "rows"),)
_OPEN = (
    (Kind.INVOICE, "total"),
    (Kind.PAYMENT, "allocations"),
    (Kind.CREDIT_NOTE, "allocations"),
    (Kind.ADJUSTMENT, "allocations"),
)
_DUE = ((Kind.INVOICE, "due"), (Kind.INVOICE, "terms"), *_OPEN)
_SALES = ((Kind.INVOICE, "total"), (Kind.CREDIT_NOTE, "total"))

READS: Mapping[str, tuple[tuple[Kind, str], ...]] = {
    "receivable": (*_LEDGER, *_OPEN),
    "prepaid": (*_LEDGER, (Kind.PAYMENT, "amount"), (Kind.PAYMENT, "allocations")),
    "credits": (*_LEDGER, (Kind.CREDIT_NOTE, "total"), (Kind.CREDIT_NOTE, "allocations")),
    "overdue": _DUE,
    "overdue_since": _DUE,
    "ageing": _DUE,
    "total_sales": _SALES,
    "sales_12m": (*_SALES, (Kind.INVOICE, "date")),
    "average_order": ((Kind.ORDER, "total"),),
    "open_orders_total": ((Kind.ORDER, "open"),),
    "open_orders": ((Kind.ORDER, "open"),),
    "open_orders_count": ((Kind.ORDER, "open"),),
    "orders_count": ((Kind.ORDER, "state"),),
    "first_order": ((Kind.ORDER, "date"),),
    "last_order": ((Kind.ORDER, "date"),),
    "last_payment": ((Kind.PAYMENT, "date"),),
    "seller": ((Kind.ORDER, "seller"),),
    "line": _LEDGER,
}
"""Word -> the lines of the books mapping that it comes from."""
