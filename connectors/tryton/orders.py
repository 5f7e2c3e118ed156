"""Sales orders, with the part that is not invoiced yet and who sold it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from syncd.port import Flow, Page, Read, Scope

from .company import Company, after
from .documents import moment_of, own, record, window
from .ledger import ZERO
from .rpc import Dialogue, Domain, Row, newest

VIRTUAL_ORDER = frozenset({"open", "seller", "dated"})

_PARTS = ("lines", "invoices")
_STAMPS = ("last_modified_at", *(f"{part}.last_modified_at" for part in _PARTS))
_FIELDS = (
    "state",
    "sale_date",
    "create_date",
    "create_uid.rec_name",
    "quoted_by.rec_name",
    "confirmed_by.rec_name",
    "total_amount",
    "currency.digits",
    "invoices.state",
    "invoices.total_amount",
    "invoices.untaxed_amount",
    "lines.invoice_lines.invoice",
    "lines.invoice_lines.amount",
)


def orders(talk: Dialogue, company: Company, read: Read, scope: Scope) -> Flow[Page]:
    """Sales in every state; none where the module is not there.

    A sale is not moved by its lines, nor by the invoices it got: the stamp covers them. Being paid
    does move it, and so it comes again with nothing changed.
    """
    if not company.sells:
        return talk.page([], [], scope)
    domain: Domain = [["company", "=", company.id], *window(scope)]
    if since := moment_of(scope):
        parts = [after(f"{part}.last_modified_at", since) for part in _PARTS]
        domain.append(["OR", after("last_modified_at", since), *parts])
    fields = [*own(read, VIRTUAL_ORDER), *_FIELDS, *_STAMPS]
    rows = yield from talk.rows("sale.sale", domain, fields, talk.limit(scope))
    records = [
        record(row, read, newest(row), open=_open(row), seller=_seller(row), dated=_dated(row))
        for row in rows
    ]
    return talk.page(rows, records, scope)


def _dated(row: Row) -> dt.date:
    """A draft has no date until somebody types one or it is confirmed."""
    day: dt.date = row["sale_date"] or row["create_date"].date()
    return day


def _seller(row: Row) -> str | None:
    """The employee who confirmed the sale, else who quoted it; without employees, whoever made it.
    Tryton notes an employee only if the user who presses the button is one."""
    for name in ("confirmed_by", "quoted_by", "create_uid"):
        if row[name]:
            return row[name]["rec_name"] or None
    return None


def _open(row: Row) -> Decimal:
    """The total less what its posted and paid invoices say of it. Nothing is left of a sale that is
    done: what was not invoiced then never will be. A credit note makes nothing open again."""
    if row["state"] == "done":
        return ZERO
    of_sale: defaultdict[int | None, Decimal] = defaultdict(Decimal)
    for line in row["lines"]:
        for part in line["invoice_lines"]:
            of_sale[part["invoice"]] += part["amount"]
    invoiced = ZERO
    for invoice in row["invoices"]:
        if invoice["state"] in ("posted", "paid") and invoice["total_amount"] > 0:
            invoiced += _share(invoice, of_sale[invoice["id"]], row["currency"]["digits"])
    left: Decimal = row["total_amount"] - invoiced
    return max(ZERO, left)


def _share(invoice: Row, amount: Decimal, digits: int) -> Decimal:
    """An invoice can bill several sales: then by this sale's part of it without tax."""
    total: Decimal = invoice["total_amount"]
    whole: Decimal = invoice["untaxed_amount"]
    if amount == whole or not whole:
        return total
    return round(total * amount / whole, digits)
