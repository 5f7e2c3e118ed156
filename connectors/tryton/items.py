"""Payments and balances: what the lines on receivable accounts mean for customers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from syncd.port import Flow, Page, Read, Scope

from .company import Company, Touched, customers_among, line_changes, touched
from .documents import moment_of, own, record, window
from .ledger import ZERO, Invoice, Ledger, Line, Share
from .rpc import Dialogue, Domain, Row, newest, number

VIRTUAL_PAYMENT = frozenset({"allocations", "amount", "currency", "reference", "company_currency"})
VIRTUAL_BALANCE = frozenset({"customer", "company_currency", "in_scope", "rows", "balance"})

_LINE = (
    "debit",
    "credit",
    "amount",
    "amount_currency.code",
    "date",
    "maturity_date",
    "origin",
    "party.id",
    "reconciliation.id",
    "invoice_payment.id",
    "move.state",
    "move.id",
)
_INVOICE = ("number", "state", "total_amount", "amount_to_pay", "currency.code", "currency.digits")


def payments(talk: Dialogue, company: Company, read: Read, scope: Scope) -> Flow[Page]:
    """The credits on receivable accounts: payments, credit notes, write-offs.

    The sum of the allocations to an invoice over all payments is its `total_amount` less its
    `amount_to_pay`. A link from a payment to an invoice moves only the invoice, so open credits of
    the parties of changed invoices are read again, whatever their own time.
    """
    domain: Domain = [*company.lines(), _credit_side(), *window(scope)]
    seen = Touched({}, None)
    if since := moment_of(scope):
        seen = yield from touched(talk, company, since, only="account.invoice")
        named = [] if seen.parties is None else [["party", "in", sorted(seen.parties)]]
        domain.append([*line_changes(since), [["reconciliation", "=", None], *named]])
    stamps = ["last_modified_at", "move.last_modified_at"]
    names = ["description", "move.description", "move.number"]
    fields = [*own(read, VIRTUAL_PAYMENT), *_LINE, *names, *stamps]
    rows = yield from talk.rows("account.move.line", domain, fields, talk.limit(scope))
    lines = [_line(row) for row in rows]
    groups = yield from _groups(talk, lines)
    everything = [*lines, *(line for group in groups.values() for line in group.values())]
    ledger = yield from _ledger(talk, everything)
    shares = _shares(ledger, lines, groups)
    records = [
        record(
            row,
            read,
            newest(row) if line.group else seen.stamp(line.party, newest(row)),
            allocations=[_allocation(share, ledger) for share in shares.get(line.id, ())],
            amount=-line.amount,
            currency=line.currency,
            reference=_reference(row, ledger.owner(line.id)),
            company_currency=company.currency,
        )
        for row, line in zip(rows, lines, strict=True)
    ]
    return talk.page(records, scope)


def balances(talk: Dialogue, company: Company, read: Read, scope: Scope) -> Flow[Page]:
    """One record per party with what is open on its receivable accounts, by currency; none open is
    a record without rows. `balance` is the same in the company's currency, netted: Tryton's own
    `receivable` of the party, but for moves that are not posted yet.

    The stamp is that of the newest open line, or of the document that made the party worth reading
    again: what is settled leaves the sum, and takes its time with it.
    """
    domain: Domain = [["active", "in", [True, False]], *window(scope)]
    seen = Touched({}, None)
    if since := moment_of(scope):
        seen = yield from touched(talk, company, since)
        if seen.parties == {}:
            return talk.page([], scope)
        domain += seen.domain()
    rows = yield from talk.rows(
        "party.party", domain, own(read, VIRTUAL_BALANCE), talk.limit(scope)
    )
    ids = [row["id"] for row in rows]
    clauses = [*company.open_lines(), ["party", "in", ids]]
    fields = [*_LINE, "last_modified_at", "move.last_modified_at"]
    found = (yield from talk.rows("account.move.line", clauses, fields)) if ids else []
    lines = [_line(row) for row in found]
    ledger = yield from _ledger(talk, lines)
    of_party: defaultdict[int | None, list[Line]] = defaultdict(list)
    stamps: dict[int | None, dt.datetime] = {}
    for line, row in zip(lines, found, strict=True):
        of_party[line.party].append(line)
        stamps[line.party] = max(filter(None, (newest(row), stamps.get(line.party))))
    inside = yield from customers_among(talk, company, [i for i in ids if i not in of_party])
    records = [
        record(
            row,
            read,
            seen.stamp(row["id"], stamps.get(row["id"])),
            customer=row["id"],
            company_currency=company.currency,
            in_scope=row["id"] in of_party or row["id"] in inside,
            rows=[figures._asdict() for figures in ledger.figures(of_party.get(row["id"], []))],
            balance=sum((line.balance for line in of_party.get(row["id"], [])), ZERO),
        )
        for row in rows
    ]
    return talk.page(records, scope)


def _credit_side() -> Domain:
    """A cancelled move has negative debits; a rounded-off credit may be worth nothing at home."""
    nothing = number(ZERO)
    sides = [["credit", ">", nothing], ["debit", "<", nothing]]
    return ["OR", *sides, ["amount_second_currency", "<", nothing]]


def _groups(talk: Dialogue, lines: Iterable[Line]) -> Flow[Mapping[int, Mapping[int, Line]]]:
    """All lines of the reconciliations that these lines are in."""
    groups: defaultdict[int, dict[int, Line]] = defaultdict(dict)
    wanted = sorted({line.group for line in lines if line.group is not None})
    if wanted:
        domain = [["reconciliation", "in", wanted]]
        for row in (yield from talk.rows("account.move.line", domain, _LINE)):
            line = _line(row)
            if line.group is not None:
                groups[line.group][line.id] = line
    return groups


def _ledger(talk: Dialogue, lines: Iterable[Line]) -> Flow[Ledger]:
    """The invoices that these lines belong to or are linked to, with all of their own lines."""
    lines = list(lines)
    moves = sorted({line.move for line in lines})
    linked = sorted({line.linked for line in lines if line.linked is not None})
    if not moves:
        return Ledger([])
    domain = [
        ["type", "=", "out"],
        ["OR", ["move", "in", moves], ["additional_moves", "in", moves], ["id", "in", linked]],
    ]
    parts = [f"{name}.{field}" for name in ("lines_to_pay", "payment_lines") for field in _LINE]
    rows = yield from talk.rows("account.invoice", domain, [*_INVOICE, *parts])
    return Ledger(_invoice(row) for row in rows)


def _shares(
    ledger: Ledger, lines: Iterable[Line], groups: Mapping[int, Mapping[int, Line]]
) -> Mapping[int, list[Share]]:
    shares: defaultdict[int, list[Share]] = defaultdict(list)
    for group in groups.values():
        for share in ledger.settled_by_group(group.values()):
            shares[share.line].append(share)
    for line in lines:
        linked = ledger.settled_by_link(line.id)
        if linked is not None:
            shares[line.id].append(linked)
    return shares


def _allocation(share: Share, ledger: Ledger) -> dict[str, Any]:
    currency = ledger.invoices[share.invoice].currency
    return {"invoice": share.invoice, "amount": share.amount, "currency": currency}


def _reference(row: Row, invoice: Invoice | None) -> str:
    """What people call this credit: its text, its move's, the credit note, or the move's number."""
    names = [row["description"], row["move"]["description"], invoice and invoice.number]
    return next((name for name in names if name), None) or row["move"]["number"] or ""


def _invoice(row: Row) -> Invoice:
    effective = row["state"] in ("posted", "paid") and row["total_amount"] > 0
    return Invoice(
        id=row["id"],
        number=row["number"],
        currency=row["currency"]["code"],
        digits=row["currency"]["digits"],
        effective=effective,
        open=row["amount_to_pay"] or ZERO,
        due=[_line(line) for line in row["lines_to_pay"]],
        links=[line for line in map(_line, row["payment_lines"]) if line.group is None],
    )


def _line(row: Row) -> Line:
    model, _, origin = (row["origin"] or "").partition(",")
    amount: Decimal = row["amount"]
    return Line(
        id=row["id"],
        party=_id(row["party"]),
        move=row["move"]["id"],
        balance=row["debit"] - row["credit"],
        amount=amount,
        currency=row["amount_currency"]["code"],
        when=row["maturity_date"] or row["date"],
        group=_id(row["reconciliation"]),
        linked=_id(row["invoice_payment"]),
        reverses=int(origin) if model == "account.move.line" else None,
        posted=row["move"]["state"] == "posted",
    )


def _id(record: Row | None) -> int | None:
    return record["id"] if record else None
