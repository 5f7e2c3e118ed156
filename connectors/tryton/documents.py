"""Customers and customer invoices, each as Tryton has it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from syncd.port import All, Flow, Keys, Page, Read, Record, Scope, Since

from ..rows import select
from .company import Company, Touched, after, customers_among, touched
from .ledger import debtor
from .rpc import Dialogue, Domain, Row, newest

VIRTUAL_CUSTOMER = frozenset({"in_scope", "company_currency", "invoice_address"})
VIRTUAL_INVOICE = frozenset({"due_date", "terms", "debtor"})

_CHILDREN = ("addresses", "contact_mechanisms", "identifiers")
_INVOICE_PARTS = ("lines", "taxes", "move", "move.lines", "additional_moves.lines")
INVOICE_STAMPS = ("last_modified_at", *(f"{part}.last_modified_at" for part in _INVOICE_PARTS))
_DUE = ("maturity_date", "reconciliation", "amount", "debit", "credit", "party")


def customers(talk: Dialogue, company: Company, read: Read, scope: Scope) -> Flow[Page]:
    """Parties, the inactive ones too, with `in_scope` and the `invoice_address`.

    The stamp is that of the party, its addresses, contact mechanisms and identifiers, or of the
    document that made it worth reading again. A child that is deleted leaves no trace but in a
    full pass.
    """
    domain: Domain = [["active", "in", [True, False]], *window(scope)]
    seen = Touched({}, None)
    if since := moment_of(scope):
        seen = yield from touched(talk, company, since)
        domain += [[*_party_changes(since), *seen.domain()]] if seen.parties is not None else []
    address = [
        f"addresses.{path.partition('.')[2]}"
        for path in read.paths
        if path.startswith("invoice_address.")
    ]
    stamps = [f"{part}.last_modified_at" for part in _CHILDREN]
    fields = [*own(read, VIRTUAL_CUSTOMER), "last_modified_at", *stamps]
    fields += [*address, "addresses.invoice"] if address else []
    rows = yield from talk.rows("party.party", domain, fields, talk.limit(scope))
    inside = yield from customers_among(talk, company, [row["id"] for row in rows])
    records = [
        record(
            row,
            read,
            seen.stamp(row["id"], newest(row)),
            in_scope=row["id"] in inside,
            company_currency=company.currency,
            invoice_address=invoice_address(row["addresses"]),
        )
        for row in rows
    ]
    return talk.page(rows, records, scope)


def invoice_address(addresses: Sequence[Row]) -> Row | None:
    """The one Tryton itself would put on an invoice: the first meant for it, else the first."""
    meant = [address for address in addresses if address.get("invoice")]
    return next(iter([*meant, *addresses]), None)


def invoices(talk: Dialogue, company: Company, read: Read, scope: Scope) -> Flow[Page]:
    """Invoices and credit notes to customers, with who owes them and their due dates."""
    domain: Domain = [*company.invoices(), *window(scope), *invoice_changes(scope)]
    due = [f"lines_to_pay.{name}" for name in _DUE]
    fields = [*own(read, VIRTUAL_INVOICE), *INVOICE_STAMPS, "party.id", "total_amount", *due]
    fields += ["currency.code"]
    rows = yield from talk.rows("account.invoice", domain, fields, talk.limit(scope))
    records = [
        record(
            row,
            read,
            newest(row),
            due_date=_due_date(row),
            terms=_terms(row),
            debtor=debtor(row["party"]["id"], _owing(row)),
        )
        for row in rows
    ]
    return talk.page(rows, records, scope)


def invoice_changes(scope: Scope) -> Domain:
    """A change of an invoice's lines, or of the lines of its moves, does not move the invoice."""
    if (since := moment_of(scope)) is None:
        return []
    parts = [after(f"{part}.last_modified_at", since) for part in _INVOICE_PARTS]
    return [["OR", after("last_modified_at", since), *parts]]


def _due_date(row: Row) -> dt.date | None:
    """Tryton has due dates on the lines of the move alone. The earliest that is still open counts;
    once everything is paid, the last one."""
    lines = [line for line in row["lines_to_pay"] if line["maturity_date"]]
    unpaid = [line["maturity_date"] for line in lines if line["reconciliation"] is None]
    return min(unpaid, default=max((line["maturity_date"] for line in lines), default=None))


def _terms(row: Row) -> list[dict[str, Any]]:
    """All due dates with the whole of what is due then, paid or not; none where they do not add up
    to the total. Due dates that were moved, or a debt that was handed on, are lines that the
    invoice takes back: those are left out together with what they take back."""
    lines: list[Row] = row["lines_to_pay"]
    groups: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line["reconciliation"] is not None:
            groups[line["reconciliation"]] += line["amount"]
    due: defaultdict[dt.date, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line["maturity_date"] and groups.get(line["reconciliation"], 1):
            due[line["maturity_date"]] += line["amount"]
    if sum(due.values()) != row["total_amount"]:
        return []
    currency = row["currency"]["code"]
    return [
        {"due": day, "amount": due[day], "currency": currency} for day in sorted(due) if due[day]
    ]


def _owing(row: Row) -> Iterator[tuple[int | None, Decimal]]:
    for line in row["lines_to_pay"]:
        yield line["party"], line["debit"] - line["credit"]


def _party_changes(since: dt.datetime) -> list[Any]:
    """`where` with `active`, because an address put out of use is otherwise not searched. Nor is a
    party in a list of its own in which nothing says `active`: so the last clause, which none fits
    (trytond 8.2, ModelStorage._search_domain_active)."""
    changed = after("last_modified_at", since)
    either = ["active", "in", [True, False]]
    nested = [[part, "where", [changed, either]] for part in _CHILDREN]
    return ["OR", changed, *nested, ["active", "in", []]]


# ------------------------------------------------------------------------ what all kinds share


def window(scope: Scope) -> Domain:
    """Passes go by ascending id, which nothing changes: a record that changes during the pass is
    after the time the pass began, and so in the next one. A key that is no number finds nothing."""
    match scope:
        case Keys(keys):
            return [["id", "in", [int(key) for key in keys if key.isascii() and key.isdecimal()]]]
        case Since(position=position) | All(position=position):
            return [["id", ">", int(position)]] if position else []


def moment_of(scope: Scope) -> dt.datetime | None:
    return scope.moment if isinstance(scope, Since) else None


def own(read: Read, virtual: frozenset[str]) -> list[str]:
    """The paths of the mapping that Tryton itself can answer."""
    return [path for path in read.paths if path.partition(".")[0] not in virtual]


def record(row: Row, read: Read, stamp: dt.datetime | None, **virtual: Any) -> Record:
    """What the mapping reads of the row, and nothing more: the rest is not syncd's to keep."""
    # A record of which only the whole is asked for is its id, as Tryton itself answers.
    data = select(row | virtual, read.paths, whole=lambda record: record["id"])
    return Record(str(row["id"]), data, stamp)
