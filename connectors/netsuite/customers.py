"""Customers, each as the mapping reads it. Leads, prospects and customers are one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.domain import Kind
from syncd.port import OUTSIDE, All, Flow, Keys, Page, Read, Record, Scope, Since

from ..rows import select
from .account import Account
from .clock import FORM
from .columns import columns, ids, values
from .wire import Row

TABLE = "customer"
VIRTUAL = frozenset({"name", "currency", "company_currency", "address", "seller", "in_scope"})
CUSTOM = "custom_fields"
"""Before the name of a field that somebody made, where a CRM's mapping names it."""

_HEAD = (
    "c.id AS id",
    "c.isperson AS isperson",
    "c.companyname AS companyname",
    "c.firstname AS firstname",
    "c.lastname AS lastname",
    "c.altname AS altname",
    "c.searchstage AS searchstage",
    "c.currency AS currency",
    f"TO_CHAR(c.lastmodifieddate, '{FORM}') AS stamp",
)
_ADDRESS = {"street": "addr1", "more": "addr2", "city": "city", "state": "state"}
_ADDRESS |= {"postcode": "zip", "country": "country"}


def customers(account: Account, size: int, read: Read, scope: Scope) -> Flow[Page]:
    """A page by ascending id. In the books a customer comes again when a document of its own does:
    a first order makes a customer of a prospect, and may move nothing else."""
    wire, where = account.wire, [inside(account)] if isinstance(scope, All) else []
    where = [clause for clause in where if clause]
    match scope:
        case Keys(keys):
            found = yield from wire.by_keys(
                sorted(set(ids(keys)), key=int),
                lambda some: _query(account, read, [f"c.id IN ({some})"]),
            )
            return Page(_records(account, read, found), None, wire.now)
        case Since(position=position) | All(position=position):
            where += [f"c.id > {int(position)}"] if position else []
    if isinstance(scope, Since) and scope.moment is not None:
        since = account.wall.shown(scope.moment)
        changed = f"c.lastmodifieddate >= {since}"
        if read.kind is Kind.CUSTOMER:
            changed = (
                f"({changed} OR c.id IN (SELECT t.entity FROM transaction t "
                f"WHERE t.lastmodifieddate >= {since}))"
            )
        where.append(changed)
    began = wire.now
    answer = yield from wire.query(_query(account, read, where), size)
    last = str(answer.rows[-1]["id"]) if answer.more and answer.rows else None
    return Page(_records(account, read, answer.rows), last, began or wire.now)


def inside(account: Account) -> str:
    """The condition by which a customer `c` belongs to one of the chosen subsidiaries; empty where
    all are read."""
    if account.chosen is None:
        return ""
    chosen = ", ".join(sorted(account.chosen))
    return (
        "c.id IN (SELECT r.entity FROM customersubsidiaryrelationship r "
        f"WHERE r.subsidiary IN ({chosen}))"
    )


def told_inside(account: Account) -> list[str]:
    """A column that tells it; none where all are read."""
    clause = inside(account)
    return [f"CASE WHEN {clause} THEN 'T' ELSE 'F' END AS inside"] if clause else []


def _query(account: Account, read: Read, where: list[str]) -> str:
    known = {one.rpartition(" AS ")[2] for one in _HEAD}
    own = [path.removeprefix(f"{CUSTOM}.") for path in read.paths]
    fields = [
        *_HEAD,
        *(one for one in columns(own, VIRTUAL, "c") if one.rpartition(" AS ")[2] not in known),
    ]
    fields += told_inside(account)
    joined = ""
    if any(path.partition(".")[0] == "seller" for path in read.paths):
        fields.append("BUILTIN.DF(c.salesrep) AS seller")
    if any(path.partition(".")[0] == "address" for path in read.paths):
        fields += [f"a.{column} AS a_{column}" for column in _ADDRESS.values()]
        joined = " LEFT JOIN entityaddress a ON a.nkey = c.defaultbillingaddress"
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    return f"SELECT {', '.join(fields)} FROM {TABLE} c{joined}{condition} ORDER BY c.id"


def _records(account: Account, read: Read, rows: list[Row]) -> list[Record]:
    return [_record(account, read, row) for row in {row["id"]: row for row in rows}.values()]


def _record(account: Account, read: Read, row: Row) -> Record:
    made: dict[str, Any] = {
        "name": name_of(row),
        "currency": account.currency(row.get("currency")),
        "company_currency": account.own,
        "address": {word: row.get(f"a_{column}") for word, column in _ADDRESS.items()},
        "seller": row.get("seller"),
        "in_scope": row.get("searchstage") == "Customer",
    }
    custom = [one for one in read.paths if one.startswith(f"{CUSTOM}.")]
    own = values(row, [one for one in read.paths if one not in custom], VIRTUAL)
    if custom:
        names = [one.removeprefix(f"{CUSTOM}.") for one in custom]
        own[CUSTOM] = {name: row.get(name.lower()) for name in names}
    # In the books its stamp is when it was seen: its documents bring it again, and not its own.
    moment = account.wall.moment(row.get("stamp"), account.wire.now)
    stamp = account.wire.now if read.kind is Kind.CUSTOMER else moment
    data = select(own | made, read.paths)
    if row.get("inside") == "F":
        data[OUTSIDE] = True
    return Record(str(row["id"]), data, stamp)


def name_of(row: Mapping[str, Any]) -> str | None:
    """Of a company or a person; NetSuite's own joining of the two is `altname`."""
    if row.get("isperson") == "T":
        parts = [str(row[one]) for one in ("firstname", "lastname") if row.get(one)]
        return " ".join(parts) or row.get("altname")
    return row.get("companyname") or row.get("altname")
