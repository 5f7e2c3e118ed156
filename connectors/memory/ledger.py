"""What the memory books say of a customer: its balance, and the same counted in other ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from .rows import Data, Rows
from .settling import AMOUNT, SETTLERS, ZERO, capacity

POSTINGS = ("invoices", *SETTLERS)
"""Documents that move the ledger; an order does not."""
SIGN = {"invoices": 1, "payments": -1, "credit_notes": -1, "adjustments": 1}


class Figure(NamedTuple):
    receivable: Decimal = ZERO
    prepaid: Decimal = ZERO
    credits: Decimal = ZERO


def balances(rows: Rows, customers: Iterable[str]) -> list[Data]:
    """From the open part of each document, by currency."""
    wanted = set(customers)
    posted = {invoice: ZERO for invoice, data in _posted(rows, "invoices")}
    open: dict[str, dict[str, dict[str, Decimal]]] = {key: {} for key in wanted}
    for object in SETTLERS:
        for _, data in _posted(rows, object):
            used = ZERO
            for line in data["allocations"]:
                if line["invoice"] in posted:
                    used += Decimal(line["amount"])
                    posted[line["invoice"]] += Decimal(line["amount"])
            if data["customer"] in wanted:
                _add(open[data["customer"]], data, *_rest(object, data, used))
    for invoice, data in _posted(rows, "invoices"):
        if data["customer"] in wanted:
            _add(open[data["customer"]], data, "receivable", Decimal(data["total"]))
            _add(open[data["customer"]], data, "receivable", -posted[invoice])
    return [_balance(rows, key, open[key]) for key in rows.tables["customers"] if key in wanted]


def _rest(object: str, data: Data, used: Decimal) -> tuple[str, Decimal]:
    """The figure that the open part of a document moves, and by how much."""
    rest = capacity(object, data) - used
    if object == "credit_notes":
        return "credits", rest
    if object == "adjustments" and rest < 0:
        return "receivable", -rest
    return "prepaid", rest


def _add(of: dict[str, dict[str, Decimal]], data: Data, figure: str, amount: Decimal) -> None:
    row = of.setdefault(data["currency"], {})
    row[figure] = row.get(figure, ZERO) + amount


def _balance(rows: Rows, customer: str, open: dict[str, dict[str, Decimal]]) -> Data:
    off = Decimal(str(rows.habits.ledger_off.get(customer, 0)))
    if off:
        _add(open, {"currency": rows.company_currency}, "receivable", off)
    figures = {currency: _ledger_way(Figure(**parts)) for currency, parts in open.items()}
    return {
        "id": customer,
        "customer": customer,
        "company_currency": rows.company_currency,
        "in_scope": rows.tables["customers"][customer].data["in_scope"],
        "rows": [
            {
                "currency": currency,
                "receivable": str(figures[currency].receivable),
                "prepaid": str(figures[currency].prepaid),
                "credits": str(figures[currency].credits),
            }
            for currency in sorted(figures)
            if any(figures[currency])
        ],
    }


def _ledger_way(figure: Figure) -> Figure:
    """Refunds use up what was paid ahead; more than that is owed. The other way round for what is
    owed below zero, which only a ledger that is off can say."""
    receivable, prepaid, credits = figure
    if prepaid < 0:
        receivable, prepaid = receivable - prepaid, ZERO
    if receivable < 0:
        receivable, prepaid = ZERO, prepaid - receivable
    return Figure(receivable, prepaid, credits)


def figures(rows: Rows, customer: str) -> dict[str, Figure]:
    """By currency, counted the naive way and for checks alone: everything that was charged, paid
    and credited, each less everything that was allocated of it."""
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for object in POSTINGS:
        for _, data in _posted(rows, object):
            if data["customer"] == customer:
                of, amount = sums[data["currency"]], Decimal(data[AMOUNT[object]])
                sort = "charges" if object == "adjustments" and amount > 0 else object
                of[sort] += abs(amount) if object == "adjustments" else amount
                of[f"used {object}"] += _used(rows, data)
    counted = {currency: _naive(of) for currency, of in sums.items()}
    return {currency: figure for currency, figure in counted.items() if any(figure)}


def _naive(of: dict[str, Decimal]) -> Figure:
    used = {object: of[f"used {object}"] for object in SETTLERS}
    owed = of["invoices"] + of["charges"] - sum(used.values(), ZERO)
    ahead = of["payments"] + of["adjustments"] - used["payments"] - used["adjustments"]
    credits = of["credit_notes"] - used["credit_notes"]
    return Figure(owed - min(ahead, ZERO), max(ahead, ZERO), credits)


def _used(rows: Rows, data: Data) -> Decimal:
    """What of it settles invoices that are in force."""
    used = ZERO
    for line in data.get("allocations", ()):
        invoice = rows.tables["invoices"].get(line["invoice"])
        if invoice is not None and invoice.data["state"] == "posted":
            used += Decimal(line["amount"])
    return used


def sums(rows: Rows, customer: str) -> dict[str, Decimal]:
    """By currency, the sum of all documents: receivable - prepaid - credits must be this."""
    found: dict[str, Decimal] = {}
    for object in POSTINGS:
        for _, data in _posted(rows, object):
            if data["customer"] == customer:
                amount = SIGN[object] * Decimal(data[AMOUNT[object]])
                found[data["currency"]] = found.get(data["currency"], ZERO) + amount
    return {currency: amount for currency, amount in found.items() if amount}


def _posted(rows: Rows, object: str) -> Iterator[tuple[str, Data]]:
    for key, row in rows.tables[object].items():
        if row.data["state"] == "posted":
            yield key, row.data
