"""What settles invoices and what moves a balance: payments, credit notes, and all the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from syncd.port import Flow, Keys, Page, Read, Record, Scope

from .company import Company, Touched, line_changes, touched
from .documents import INVOICE_STAMPS, invoice_changes, moment_of, own, record, window
from .ledger import MONEY_JOURNALS, ZERO, Invoice, Ledger, Line, Share
from .lines import (
    LINE,
    LINE_STAMPS,
    NAMES,
    allocations,
    groups_of,
    ledger_of,
    line_of,
    not_empty,
    own_lines,
    reference,
    shares_of,
)
from .rest import Closing
from .rpc import Dialogue, Domain, Row, newest, number

VIRTUAL_PAYMENT = frozenset({"allocations", "amount", "currency", "reference", "company_currency"})
VIRTUAL_ADJUSTMENT = VIRTUAL_PAYMENT | {"reason", "in_ledger"}
VIRTUAL_CREDIT_NOTE = frozenset({"allocations", "standing", "debtor"})


def payments(talk: Dialogue, company: Company, read: Read, scope: Scope) -> Flow[Page]:
    """Money: the lines of cash and bank journals, a refund below zero.

    The sum of the allocations to an invoice over all payments, credit notes and adjustments is its
    `total_amount` less its `amount_to_pay`.
    """
    money = ["move.journal.type", "in", list(MONEY_JOURNALS)]
    domain = [*company.lines(), money, not_empty(), *window(scope)]
    seen = yield from _changed(talk, company, scope)
    domain += _line_changes(scope, seen, [])
    rows, lines = yield from _lines(talk, domain, own(read, VIRTUAL_PAYMENT), talk.limit(scope))
    groups = yield from groups_of(talk, lines)
    ledger = yield from ledger_of(talk, _all(lines, groups))
    shares = shares_of(ledger, lines, groups)
    records = [
        record(
            row,
            read,
            _stamp(row, line, seen),
            allocations=allocations(shares.get(line.id, ()), ledger),
            amount=-line.amount,
            currency=line.currency,
            reference=reference(row, ledger.owner(line.id)),
            company_currency=company.currency,
        )
        for row, line in zip(rows, lines, strict=True)
        if ledger.document(line) is None
    ]
    return talk.page(rows, records, scope)


def adjustments(talk: Dialogue, company: Company, read: Read, scope: Scope) -> Flow[Page]:
    """What every other line adjusts, see `rest`. A pass over everything leaves out the lines that
    adjust nothing; among what changed they are told, because they may have adjusted something."""
    domain = [*company.lines(), not_empty(), *window(scope)]
    seen = yield from _changed(talk, company, scope)
    full = moment_of(scope) is None and not isinstance(scope, Keys)
    # Money adjusts nothing but where it was exchanged.
    exchanged = ["reconciliation.lines.second_currency", "!=", None]
    unpaid = ["move.journal.type", "not in", list(MONEY_JOURNALS)]
    domain += [["OR", unpaid, exchanged]] if full else _line_changes(scope, seen, seen.moves)
    rows, lines = yield from _lines(talk, domain, own(read, VIRTUAL_ADJUSTMENT), talk.limit(scope))
    groups = yield from groups_of(talk, lines)
    ledger = yield from ledger_of(talk, _all(lines, groups))
    closing = Closing(ledger, groups, (yield from own_lines(talk, company, ledger, lines)))
    shares = shares_of(ledger, lines, groups)
    records = []
    for row, line in zip(rows, lines, strict=True):
        rest = closing.rest(line)
        settles = () if _elsewhere(line, ledger) else shares.get(line.id, ())
        in_ledger = bool(rest.amount or settles)
        if full and not in_ledger:
            continue
        made = record(
            row,
            read,
            _stamp(row, line, seen),
            allocations=allocations(settles, ledger),
            amount=rest.amount,
            currency=line.currency,
            reason=rest.reason,
            reference=reference(row, ledger.document(line)),
            in_ledger=in_ledger,
            company_currency=company.currency,
        )
        records.append(made)
    return talk.page(rows, records, scope)


def _elsewhere(line: Line, ledger: Ledger) -> bool:
    """What this line settles is told by its payment or its credit note."""
    document = ledger.document(line)
    return line.is_money if document is None else document.is_credit


def credit_notes(talk: Dialogue, company: Company, read: Read, scope: Scope) -> Flow[Page]:
    """Invoices below zero, with what they settle. `standing` is Tryton's state, but cancelled for
    one that took a whole invoice back: Tryton cancels that invoice and leaves the note paid."""
    below = ["total_amount", "<", number(ZERO)]
    domain: Domain = [*company.invoices(), below, *window(scope)]
    seen = yield from _changed(talk, company, scope)
    if changes := invoice_changes(scope):
        named = [] if seen.parties is None else [["party", "in", sorted(seen.parties)]]
        domain.append([*changes[0], [["state", "=", "posted"], *named]])
    due = [f"lines_to_pay.{name}" for name in LINE]
    fields = [*own(read, VIRTUAL_CREDIT_NOTE), *INVOICE_STAMPS, "state", "party.id", *due]
    rows = yield from talk.rows("account.invoice", domain, fields, talk.limit(scope))
    lines = [line_of(line) for row in rows for line in row["lines_to_pay"]]
    groups = yield from groups_of(talk, lines)
    ledger = yield from ledger_of(talk, _all(lines, groups))
    shares = shares_of(ledger, lines, groups)
    records = [
        _credit_note(row, read, ledger, shares, seen.stamp(row["party"]["id"], newest(row)))
        for row in rows
    ]
    return talk.page(rows, records, scope)


def _credit_note(
    row: Row,
    read: Read,
    ledger: Ledger,
    shares: Mapping[int, Sequence[Share]],
    stamp: dt.datetime | None,
) -> Record:
    note: Invoice | None = ledger.invoices.get(row["id"])
    took_back = note is not None and row["state"] in ("posted", "paid") and not note.effective
    settled = [share for line in row["lines_to_pay"] for share in shares.get(line["id"], ())]
    return record(
        row,
        read,
        stamp,
        allocations=allocations(settled, ledger) if note and note.effective else [],
        standing="cancelled" if took_back else row["state"],
        debtor=note.debtor if note else row["party"]["id"],
    )


def _changed(talk: Dialogue, company: Company, scope: Scope) -> Flow[Touched]:
    """Whose invoices changed: a link from a payment to an invoice moves only the invoice."""
    if (since := moment_of(scope)) is None:
        return Touched({}, None)
    return (yield from touched(talk, company, since, only="account.invoice"))


def _line_changes(scope: Scope, seen: Touched, moves: Collection[int]) -> Domain:
    """Changed lines, the open ones of the parties of changed invoices, and those of these moves;
    all of them, if more invoices changed than their moves can be named."""
    if (since := moment_of(scope)) is None or (moves and seen.parties is None):
        return []
    named = [] if seen.parties is None else [["party", "in", sorted(seen.parties)]]
    of_moves = [["move", "in", sorted(moves)]] if moves else []
    return [[*line_changes(since), *of_moves, [["reconciliation", "=", None], *named]]]


def _lines(
    talk: Dialogue, domain: Domain, fields: Sequence[str], limit: int | None
) -> Flow[tuple[list[Row], list[Line]]]:
    wanted = [*fields, *LINE, *NAMES, *LINE_STAMPS]
    rows = yield from talk.rows("account.move.line", domain, wanted, limit)
    return rows, [line_of(row) for row in rows]


def _all(lines: Sequence[Line], groups: Mapping[int, Mapping[int, Line]]) -> list[Line]:
    return [*lines, *(line for group in groups.values() for line in group.values())]


def _stamp(row: Row, line: Line, seen: Touched) -> dt.datetime | None:
    """An open line is as new as the last change of its party's invoices."""
    return newest(row) if line.group else seen.stamp(line.party, newest(row))
