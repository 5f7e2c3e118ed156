"""Lines on receivable accounts with what they belong to: their reconciliations, their documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from syncd.port import Flow

from .company import Company
from .ledger import ZERO, Invoice, Ledger, Line, Share
from .rpc import Dialogue, Domain, Row, number

LINE = (
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
    "move.journal.type",
)
NAMES = ("description", "move.description", "move.number")
LINE_STAMPS = ("last_modified_at", "move.last_modified_at")
_INVOICE = (
    "number",
    "state",
    "total_amount",
    "amount_to_pay",
    "currency.code",
    "currency.digits",
    "party.id",
    "move",
    "additional_moves",
    "cancel_move",
)


def not_empty() -> Domain:
    """A rounded-off line may be worth nothing in the company's currency."""
    amounts = ("debit", "credit", "amount_second_currency")
    return ["OR", *([name, "!=", number(ZERO)] for name in amounts)]


def groups_of(talk: Dialogue, lines: Iterable[Line]) -> Flow[Mapping[int, Mapping[int, Line]]]:
    """All lines of the reconciliations that these lines are in."""
    groups: defaultdict[int, dict[int, Line]] = defaultdict(dict)
    wanted = sorted({line.group for line in lines if line.group is not None})
    if wanted:
        domain = [["reconciliation", "in", wanted]]
        for row in (yield from talk.rows("account.move.line", domain, LINE)):
            line = line_of(row)
            if line.group is not None:
                groups[line.group][line.id] = line
    return groups


def own_lines(
    talk: Dialogue, company: Company, ledger: Ledger, lines: Iterable[Line]
) -> Flow[Mapping[int, Mapping[int, Line]]]:
    """All lines of the documents that these lines belong to."""
    documents = {document.id: document for line in lines if (document := ledger.document(line))}
    moves = sorted({move for document in documents.values() for move in document.moves})
    own: defaultdict[int, dict[int, Line]] = defaultdict(dict)
    if moves:
        domain = [*company.lines(), ["move", "in", moves]]
        for row in (yield from talk.rows("account.move.line", domain, LINE)):
            line = line_of(row)
            if document := ledger.document(line):
                own[document.id][line.id] = line
    return own


def ledger_of(talk: Dialogue, lines: Iterable[Line]) -> Flow[Ledger]:
    """The documents that these lines belong to or are linked to, with all that makes their debt."""
    lines = list(lines)
    moves = sorted({line.move for line in lines})
    linked = sorted({line.linked for line in lines if line.linked is not None})
    if not moves:
        return Ledger([])
    by_move = [[name, "in", moves] for name in ("move", "additional_moves", "cancel_move")]
    domain = [["type", "=", "out"], ["OR", *by_move, ["id", "in", linked]]]
    parts = [f"{name}.{field}" for name in ("lines_to_pay", "payment_lines") for field in LINE]
    rows = yield from talk.rows("account.invoice", domain, [*_INVOICE, *parts])
    taken_back = {row["cancel_move"] for row in rows if row["state"] == "cancelled"} - {None}
    return Ledger(_invoice(row, taken_back) for row in rows)


def shares_of(
    ledger: Ledger, lines: Iterable[Line], groups: Mapping[int, Mapping[int, Line]]
) -> Mapping[int, list[Share]]:
    """By line, what it settles of which invoice."""
    shares: defaultdict[int, list[Share]] = defaultdict(list)
    for group in groups.values():
        for share in ledger.settled_by_group(group.values()):
            shares[share.line].append(share)
    for line in lines:
        linked = ledger.settled_by_link(line.id)
        if linked is not None:
            shares[line.id].append(linked)
    return shares


def allocations(shares: Iterable[Share], ledger: Ledger) -> list[dict[str, Any]]:
    """One row per invoice: its id, and the amount in its currency."""
    sums: defaultdict[int, Decimal] = defaultdict(Decimal)
    for share in shares:
        sums[share.invoice] += share.amount
    return [
        {"invoice": key, "amount": amount, "currency": ledger.invoices[key].currency}
        for key, amount in sums.items()
    ]


def reference(row: Row, document: Invoice | None) -> str:
    """What people call this line: its text, its move's, the document's, or the move's number."""
    names = [row["description"], row["move"]["description"], document and document.number]
    return next((name for name in names if name), None) or row["move"]["number"] or ""


def _invoice(row: Row, taken_back: set[int]) -> Invoice:
    """Crediting an invoice in full with a refund cancels the invoice and leaves the credit note
    paid; its move is then the cancelling move of the invoice, and neither of them counts."""
    moves = {row["move"], *row["additional_moves"]} - {None} - taken_back
    if row["state"] == "cancelled" and row["cancel_move"] is not None:
        moves.add(row["cancel_move"])
    return Invoice(
        id=row["id"],
        number=row["number"],
        party=row["party"]["id"],
        currency=row["currency"]["code"],
        digits=row["currency"]["digits"],
        total=row["total_amount"],
        effective=row["state"] in ("posted", "paid") and row["move"] not in taken_back,
        open=row["amount_to_pay"] or ZERO,
        due=[line_of(line) for line in row["lines_to_pay"]],
        links=[line for line in map(line_of, row["payment_lines"]) if line.group is None],
        moves=moves,
    )


def line_of(row: Row) -> Line:
    model, _, origin = (row["origin"] or "").partition(",")
    return Line(
        id=row["id"],
        party=_id(row["party"]),
        move=row["move"]["id"],
        balance=row["debit"] - row["credit"],
        amount=row["amount"],
        currency=row["amount_currency"]["code"],
        when=row["maturity_date"] or row["date"],
        group=_id(row["reconciliation"]),
        linked=_id(row["invoice_payment"]),
        reverses=int(origin) if model == "account.move.line" else None,
        posted=row["move"]["state"] == "posted",
        journal=row["move"]["journal"]["type"],
    )


def _id(record: Row | None) -> int | None:
    return record["id"] if record else None
