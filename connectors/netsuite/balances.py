"""Balances: what is open on the receivable accounts, and what of deposits is unused.

The ledger says it, line by line (`transactionaccountingline`), in the currency of the books alone.
A deposit is no entry on a receivable account until it is applied; it is paid ahead all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from syncd.port import OUTSIDE, All, Flow, Keys, Page, Read, Record, Scope, Since

from ..rows import select
from .account import Account
from .columns import ZERO, amount, columns, ids, values
from .customers import inside, told_inside
from .deleted import deleted
from .wire import Row

VIRTUAL = frozenset({"customer", "currency", "company_currency", "in_scope", "rows"})
WHOLE = "all:"
"""Before the position of a pass that began with a deletion: whose document it was is not told."""


_POSTED = "t.posting = 'T' AND t.voided = 'F'"


class Open(NamedTuple):
    currency: str
    receivable: Decimal
    prepaid: Decimal
    credits: Decimal


def balances(account: Account, size: int, read: Read, scope: Scope) -> Flow[Page]:
    """One record per customer with what is open, by currency; none open is a record without
    rows."""
    wire = account.wire
    clause = inside(account) if isinstance(scope, All) else ""
    where: list[str] = [clause] if clause else []
    fields = ["c.id AS id", "c.currency AS currency", "c.searchstage AS searchstage"]
    fields += columns(read.paths, {*VIRTUAL, "id", "searchstage"}, "c")
    fields += told_inside(account)
    text = f"SELECT {', '.join(fields)} FROM customer c"
    whole = ""
    match scope:
        case Keys(keys):
            rows = yield from wire.by_keys(
                sorted(set(ids(keys)), key=int),
                lambda some: f"{text} WHERE c.id IN ({some}) ORDER BY c.id",
            )
            return Page((yield from _records(account, read, rows)), None, wire.now)
        case Since(position=position) | All(position=position):
            whole = WHOLE if position and position.startswith(WHOLE) else ""
            last = (position or "").removeprefix(WHOLE)
            where += [f"c.id > {int(last)}"] if last else []
    began = wire.now
    if isinstance(scope, Since) and scope.moment is not None and not whole:
        if not last and (yield from deleted(account, scope.moment)):
            whole = WHOLE
        else:
            where.append(_changed(account.wall.shown(scope.moment)))
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    answer = yield from wire.query(f"{text}{condition} ORDER BY c.id", size)
    records = yield from _records(account, read, answer.rows)
    behind = f"{whole}{answer.rows[-1]['id']}" if answer.more and answer.rows else None
    return Page(records, behind, began or wire.now)


def _changed(since: str) -> str:
    """Journals have their customers on the lines."""
    return (
        f"(c.id IN (SELECT t.entity FROM transaction t WHERE t.lastmodifieddate >= {since}) "
        "OR c.id IN (SELECT l.entity FROM transactionline l JOIN transaction t "
        f"ON t.id = l.transaction WHERE t.type = 'Journal' AND t.lastmodifieddate >= {since}))"
    )


def _records(account: Account, read: Read, rows: Sequence[Row]) -> Flow[list[Record]]:
    found = yield from open_sums(account, [str(row["id"]) for row in rows])
    records = []
    for row in rows:
        key = str(row["id"])
        made: dict[str, Any] = {
            "customer": key,
            "currency": account.currency(row.get("currency")),
            "company_currency": account.own,
            "in_scope": row.get("searchstage") == "Customer",
            "rows": [one._asdict() for one in found.get(key, ())],
        }
        data = select(values(row, read.paths, VIRTUAL) | made, read.paths)
        if row.get("inside") == "F":
            data[OUTSIDE] = True
        records.append(Record(key, data, account.wire.now))
    return records


def open_sums(account: Account, customers: Sequence[str]) -> Flow[Mapping[str, list[Open]]]:
    """By customer, then by currency. An unused credit memo is a credit; everything else that pays
    and is not used is paid ahead."""
    found: defaultdict[str, dict[str, Open]] = defaultdict(dict)
    for make in (_booked, _foreign, _deposits):
        rows = yield from account.wire.by_keys(customers, make(account))
        for row in rows:
            code = account.currency(row.get("currency"))
            mine = found[str(row["customer"])]
            so_far = mine.get(code, Open(code, ZERO, ZERO, ZERO))
            unused, credit = amount(row, "unused"), row["type"] == "CustCred"
            mine[code] = Open(
                code,
                so_far.receivable + amount(row, "owed"),
                so_far.prepaid + (ZERO if credit else unused),
                so_far.credits + (unused if credit else ZERO),
            )
    return {key: [one for one in rows.values() if any(one[1:])] for key, rows in found.items()}


def _booked(account: Account) -> Callable[[str], str]:
    """What the ledger says, of transactions in the currency of their books."""
    book = f" AND a.accountingbook = {account.book}" if account.book else ""
    return lambda some: (
        "SELECT l.entity AS customer, t.currency AS currency, t.type AS type, "
        "SUM(NVL(a.amountunpaid, 0)) AS owed, SUM(NVL(a.paymentamountunused, 0)) AS unused "
        "FROM transaction t JOIN transactionline l ON l.transaction = t.id "
        "JOIN transactionaccountingline a "
        "ON a.transaction = l.transaction AND a.transactionline = l.id "
        f"WHERE {_POSTED} AND t.type <> 'CustDep' AND NVL(t.exchangerate, 1) = 1 "
        f"AND a.posting = 'T'{book} "
        "AND (NVL(a.amountunpaid, 0) <> 0 OR NVL(a.paymentamountunused, 0) <> 0) "
        f"AND l.entity IN ({some}){_within(account)} "
        "GROUP BY l.entity, t.currency, t.type ORDER BY l.entity, t.currency, t.type"
    )


def _foreign(account: Account) -> Callable[[str], str]:
    """In a foreign currency the ledger has the value in its own alone. What is open is then told
    by the transaction; of a journal, as if it were all of one customer."""
    return lambda some: (
        "SELECT d.customer AS customer, t.currency AS currency, t.type AS type, "
        "SUM(NVL(t.foreignamountunpaid, 0)) AS owed, "
        "SUM(NVL(t.foreignpaymentamountunused, 0)) AS unused "
        "FROM (SELECT DISTINCT l.entity AS customer, l.transaction AS id FROM transactionline l "
        f"WHERE l.entity IN ({some}){_within(account)}) d JOIN transaction t ON t.id = d.id "
        f"WHERE {_POSTED} AND t.type <> 'CustDep' AND NVL(t.exchangerate, 1) <> 1 "
        "AND (NVL(t.foreignamountunpaid, 0) <> 0 OR NVL(t.foreignpaymentamountunused, 0) <> 0) "
        "GROUP BY d.customer, t.currency, t.type ORDER BY d.customer, t.currency, t.type"
    )


def _deposits(account: Account) -> Callable[[str], str]:
    return lambda some: (
        "SELECT t.entity AS customer, t.currency AS currency, t.type AS type, "
        "SUM(NVL(t.foreignpaymentamountunused, 0)) AS unused FROM transaction t "
        "JOIN transactionline l ON l.transaction = t.id AND l.mainline = 'T' "
        f"WHERE t.type = 'CustDep' AND t.voided = 'F' AND t.entity IN ({some})"
        f"{_within(account)} GROUP BY t.entity, t.currency, t.type ORDER BY t.entity, t.currency"
    )


def _within(account: Account) -> str:
    if account.chosen is None:
        return ""
    return f" AND l.subsidiary IN ({', '.join(sorted(account.chosen))})"
