"""Balances: what the open lines on receivable accounts mean for customers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from syncd.port import Flow, Page, Read, Scope

from .company import Company, Touched, customers_among, touched
from .documents import moment_of, own, record, window
from .ledger import ZERO, Line
from .lines import LINE, LINE_STAMPS, ledger_of, line_of
from .rpc import Dialogue, Domain, newest

VIRTUAL_BALANCE = frozenset({"customer", "company_currency", "in_scope", "rows", "balance"})


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
            return talk.page([], [], scope)
        domain += seen.domain()
    rows = yield from talk.rows(
        "party.party", domain, own(read, VIRTUAL_BALANCE), talk.limit(scope)
    )
    ids = [row["id"] for row in rows]
    clauses = [*company.open_lines(), ["party", "in", ids]]
    fields = [*LINE, *LINE_STAMPS]
    found = (yield from talk.rows("account.move.line", clauses, fields)) if ids else []
    lines = [line_of(row) for row in found]
    ledger = yield from ledger_of(talk, lines)
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
    return talk.page(rows, records, scope)
