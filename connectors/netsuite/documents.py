"""Transactions as records: what the mapping reads of them, and what no single column says."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from syncd.domain import Kind
from syncd.port import OUTSIDE, All, Flow, Keys, Page, Read, Record, Scope, Since

from ..rows import select
from . import links
from .account import Account
from .clock import FORM
from .columns import ZERO, amount, columns, ids, one_of, values
from .deleted import deleted
from .links import Share
from .wire import Row

TABLE = "transaction"
TYPES: Mapping[Kind, tuple[str, ...]] = {
    Kind.ORDER: ("SalesOrd",),
    Kind.INVOICE: ("CustInvc", "CashSale"),
    Kind.PAYMENT: ("CustPymt", "CustDep", "CustRfnd", "CashSale"),
    Kind.CREDIT_NOTE: ("CustCred",),
    Kind.ADJUSTMENT: ("Journal",),
}
"""A cash sale is an invoice and its payment in one."""
VIRTUAL = frozenset(
    {"customer", "number", "dated", "due_date", "currency", "total", "amount", "open", "standing"}
    | {"organisation", "seller", "allocations", "reason", "own_currency", "in_kind"}
)

_CASH_SALE, _DEPOSIT, _REFUND = "CashSale", "CustDep", "CustRfnd"
_DONE = ("SalesOrd:C", "SalesOrd:G", "SalesOrd:H")
"""Nothing is billed of these any more."""
_HEAD = (
    "t.id AS id",
    "t.type AS type",
    "t.status AS status",
    "t.posting AS posting",
    "t.voided AS voided",
    "t.tranid AS tranid",
    "t.transactionnumber AS transactionnumber",
    "t.entity AS entity",
    "t.currency AS currency",
    "t.foreigntotal AS foreigntotal",
    "TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate",
    "TO_CHAR(t.duedate, 'YYYY-MM-DD') AS duedate",
    f"TO_CHAR(t.lastmodifieddate, '{FORM}') AS stamp",
    "BUILTIN.DF(t.employee) AS seller",
)


def documents(account: Account, size: int, read: Read, scope: Scope) -> Flow[Page]:
    """A page by ascending id, which nothing changes: what changes during the pass is after its
    beginning, and so in the next one."""
    where = [f"t.type IN ({one_of(TYPES[read.kind])})"]
    match scope:
        case Keys(keys):
            wanted = sorted({int(key) for key in ids(k.partition(".")[0] for k in keys)})
            if not wanted:
                return Page([], None, account.wire.now)
            rows = yield from account.wire.by_keys(
                [str(key) for key in wanted],
                lambda some: _query(account, read, [*where, f"t.id IN ({some})"]),
            )
            records = yield from _records(account, read, rows, scope)
            records += _fallen(account, read, rows, keys, records)
            return Page([one for one in records if one.key in keys], None, account.wire.now)
        case Since(position=position) | All(position=position):
            where += [f"t.id > {int(position)}"] if position else []
    gone: list[Record] = []
    if isinstance(scope, Since) and scope.moment is not None:
        if position is None:
            gone = yield from _gone(account, read, scope.moment)
        where.append(_changed(read.kind, account.wall.shown(scope.moment)))
    began = account.wire.now
    answer = yield from account.wire.query(_query(account, read, where), size)
    records = yield from _records(account, read, answer.rows, scope)
    last = str(answer.rows[-1]["id"]) if answer.more and answer.rows else None
    return Page([*gone, *records], last, began or account.wire.now)


def _query(account: Account, read: Read, where: Sequence[str]) -> str:
    fields = [*_HEAD, *columns(read.paths, VIRTUAL, "t")]
    known = {one.rpartition(" AS ")[2] for one in _HEAD}
    fields = [*_HEAD, *(f for f in fields[len(_HEAD) :] if f.rpartition(" AS ")[2] not in known)]
    joined = ""
    if account.subsidiaries is not None and read.kind is not Kind.ADJUSTMENT:
        fields.append("m.subsidiary AS subsidiary_id")
        joined = " LEFT JOIN transactionline m ON m.transaction = t.id AND m.mainline = 'T'"
    return (
        f"SELECT {', '.join(fields)} FROM {TABLE} t{joined} WHERE {' AND '.join(where)} "
        "ORDER BY t.id"
    )


def _changed(kind: Kind, since: str) -> str:
    """A link that is made or cut is not sure to move both of its documents: one of them is
    enough."""
    clauses = [f"t.lastmodifieddate >= {since}"]
    if kind is Kind.ORDER:
        clauses.append(links.behind_changed(since, links.BILLS, earlier=True))
    elif kind is not Kind.INVOICE:
        clauses.append(links.behind_changed(since, links.SETTLES, earlier=False))
    if kind is Kind.PAYMENT:
        clauses.append(links.deposits_changed(since))
    return f"({' OR '.join(clauses)})"


def _gone(account: Account, read: Read, since: dt.datetime) -> Flow[list[Record]]:
    """What was deleted is of no interest any more, whatever it was."""
    if read.kind is Kind.ADJUSTMENT:
        return []  # their customers are not told: the daily full pass finds them
    gone = yield from deleted(account, since)
    empty: dict[str, Any] = dict.fromkeys(VIRTUAL)
    row = select(empty | values({}, read.paths, VIRTUAL), read.paths)
    return [Record(key, {**row, OUTSIDE: True}, moment) for key, moment in gone.items()]


def _records(account: Account, read: Read, rows: Sequence[Row], scope: Scope) -> Flow[list[Record]]:
    """Those of other subsidiaries are in no full pass, and else outside."""
    unique = {str(row["id"]): row for row in rows}
    if read.kind is Kind.ADJUSTMENT:
        return (yield from _adjustments(account, read, unique))
    others = {key for key, row in unique.items() if account.outside(row.get("subsidiary_id"))}
    inside = {key: row for key, row in unique.items() if key not in others}
    wanted = {path.partition(".")[0] for path in read.paths}
    shares: Mapping[str, Sequence[Share]] = {}
    bills: Mapping[str, Decimal] = {}
    if "allocations" in wanted:
        shares = yield from _shares(account, inside)
    if "open" in wanted and read.kind is Kind.ORDER:
        bills = yield from links.billed(account.wire, list(inside))
    records = []
    for key, row in unique.items():
        if key in others and isinstance(scope, All):
            continue
        made = _head(account, row)
        made["allocations"] = _allocations(shares.get(key, ()), made["currency"])
        if row["type"] == _CASH_SALE and read.kind is Kind.PAYMENT:
            made["allocations"] = _allocations([Share(key, made["total"])], made["currency"])
        made["amount"] = -made["total"] if row["type"] == _REFUND else made["total"]
        made["in_kind"] = True
        if read.kind is Kind.ORDER:
            left = max(ZERO, made["total"] - bills.get(key, ZERO))
            made["open"] = ZERO if made["standing"] in _DONE else left
        records.append(_record(account, read, key, row, made, outside=key in others))
    return records


def _shares(account: Account, rows: Mapping[str, Row]) -> Flow[Mapping[str, Sequence[Share]]]:
    """What is void settles nothing."""
    counted = [key for key, row in rows.items() if row.get("voided") != "T"]
    deposits = [key for key in counted if rows[key]["type"] == _DEPOSIT]
    others = [key for key in counted if rows[key]["type"] not in (_DEPOSIT, _CASH_SALE, _REFUND)]
    direct = yield from links.settled(account.wire, others)
    behind = yield from links.applied(account.wire, deposits)
    return {**direct, **behind}


def _head(account: Account, row: Row) -> dict[str, Any]:
    """What all transactions have in common. Which sign a total has is told by nothing."""
    letter = row.get("status") or ("posted" if row.get("posting") == "T" else "unposted")
    subsidiary = row.get("subsidiary_id")
    void = row.get("voided") == "T"
    return {
        "customer": row.get("entity"),
        "number": row.get("tranid") or row.get("transactionnumber"),
        "dated": row.get("trandate"),
        "due_date": row.get("duedate") or row.get("trandate"),
        "currency": account.currency(row.get("currency")),
        "own_currency": account.own,
        "total": abs(amount(row, "foreigntotal")),
        "standing": "void" if void else f"{row['type']}:{letter}",
        "organisation": (account.subsidiaries or {}).get(str(subsidiary)),
        "seller": row.get("seller"),
    }


def _allocations(shares: Sequence[Share], currency: str) -> list[dict[str, Any]]:
    return [{"invoice": s.invoice, "amount": s.amount, "currency": currency} for s in shares]


def _record(
    account: Account, read: Read, key: str, row: Row, made: Mapping[str, Any], outside: bool
) -> Record:
    own: dict[str, Any] = {**values(row, read.paths, VIRTUAL), **dict.fromkeys(VIRTUAL), **made}
    data = select(own, read.paths)
    if outside:
        data[OUTSIDE] = True
    return Record(key, data, account.wall.moment(row.get("stamp"), account.wire.now))


# ------------------------------------------------------------------------------------ journals


def _adjustments(account: Account, read: Read, rows: Mapping[str, Row]) -> Flow[list[Record]]:
    """One for each customer whose account a journal books something on. Whose journal it is, its
    lines say."""
    within = ""
    if account.chosen is not None:
        within = f" AND l.subsidiary IN ({', '.join(sorted(account.chosen))})"
    subsidiary = "" if account.subsidiaries is None else ", MAX(l.subsidiary) AS subsidiary_id"
    book = f" AND a.accountingbook = {account.book}" if account.book else ""
    lines = yield from account.wire.by_keys(
        list(rows),
        lambda some: (
            "SELECT l.transaction AS journal, l.entity AS customer, "
            f"SUM(l.foreignamount) AS amount{subsidiary} "
            "FROM transactionline l JOIN customer c ON c.id = l.entity "
            "JOIN transactionaccountingline a "
            "ON a.transaction = l.transaction AND a.transactionline = l.id "
            "JOIN account n ON n.id = a.account "
            f"WHERE n.accttype = 'AcctRec'{book}{within} AND l.transaction IN ({some}) "
            "GROUP BY l.transaction, l.entity ORDER BY l.transaction, l.entity"
        ),
    )
    reversing = yield from _reversing(account, list(rows))
    found: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    of: dict[str, Row] = {}
    for line in lines:
        found[str(line["journal"])][str(line["customer"])] = amount(line, "amount")
        of[str(line["journal"])] = {"subsidiary_id": line.get("subsidiary_id")}
    shares = yield from links.settled(account.wire, list(found))
    records = []
    for key, of_customers in found.items():
        row = {**rows[key], **of[key]}
        head = _head(account, row)
        for customer, figure in of_customers.items():
            mine = shares.get(key, ()) if len(of_customers) == 1 else ()
            settles = sum((share.amount for share in mine), ZERO)
            made = head | {
                "customer": customer,
                "amount": figure,
                "in_kind": key not in reversing and (bool(figure) or head["standing"] == "void"),
                "allocations": _allocations(mine, head["currency"]),
                "reason": "write_off" if figure < 0 and settles == -figure else "manual",
            }
            records.append(_record(account, read, f"{key}.{customer}", row, made, outside=False))
    return records


def _fallen(
    account: Account,
    read: Read,
    rows: Sequence[Row],
    keys: Sequence[str],
    records: Sequence[Record],
) -> list[Record]:
    """Of adjustments that were asked for: those of which the journal is there, and books nothing
    on this customer any more that is read."""
    if read.kind is not Kind.ADJUSTMENT:
        return []
    there, made = {str(row["id"]): row for row in rows}, {one.key for one in records}
    left = [key for key in keys if key not in made and key.partition(".")[0] in there]
    return [
        _record(account, read, key, row, _head(account, row), outside=True)
        for key in left
        for row in [there[key.partition(".")[0]]]
    ]


def _reversing(account: Account, journals: Sequence[str]) -> Flow[set[str]]:
    """Journals by which a voided document is taken back, where the company voids in this way. The
    document counts for nothing by itself, and so does its journal."""
    rows = yield from account.wire.by_keys(
        journals,
        lambda some: (
            "SELECT t.reversal AS journal FROM transaction t "
            f"WHERE t.voided = 'T' AND t.reversal IN ({some}) ORDER BY t.id"
        ),
    )
    return {str(row["journal"]) for row in rows}
