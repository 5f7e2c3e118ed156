"""Which document is behind which: what settles an invoice, and what bills an order.

`NextTransactionLineLink` has a row for each pair: the invoice before, the payment behind it, and
what of the invoice it settles, in their currency. A deposit settles by an application of its own,
which stands between the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from syncd.port import Flow

from .columns import ZERO, amount
from .wire import Wire

LINKS = "NextTransactionLineLink"
SETTLES, BILLS = "Payment", "OrdBill"
APPLICATION = "DepAppl"


class Share(NamedTuple):
    invoice: str
    amount: Decimal


def settled(wire: Wire, keys: Sequence[str]) -> Flow[Mapping[str, list[Share]]]:
    """Payment, credit memo, journal or deposit application -> the invoices it settles."""
    rows = yield from wire.by_keys(
        keys,
        lambda some: (
            "SELECT l.nextdoc AS settler, l.previousdoc AS invoice, "
            f"SUM(ABS(l.foreignamount)) AS amount FROM {LINKS} l "
            "JOIN transaction p ON p.id = l.previousdoc "
            f"WHERE l.linktype = '{SETTLES}' AND p.type = 'CustInvc' AND l.nextdoc IN ({some}) "
            "GROUP BY l.nextdoc, l.previousdoc ORDER BY l.nextdoc, l.previousdoc"
        ),
    )
    found: defaultdict[str, list[Share]] = defaultdict(list)
    for row in rows:
        if part := amount(row, "amount"):
            found[str(row["settler"])].append(Share(str(row["invoice"]), part))
    return found


def applied(wire: Wire, deposits: Sequence[str]) -> Flow[Mapping[str, list[Share]]]:
    """Deposit -> the invoices that its applications settle."""
    rows = yield from wire.by_keys(
        deposits,
        lambda some: (
            f"SELECT DISTINCT l.previousdoc AS deposit, l.nextdoc AS application FROM {LINKS} l "
            "JOIN transaction n ON n.id = l.nextdoc "
            f"WHERE n.type = '{APPLICATION}' AND n.voided = 'F' AND l.previousdoc IN ({some}) "
            "ORDER BY l.previousdoc, l.nextdoc"
        ),
    )
    owner = {str(row["application"]): str(row["deposit"]) for row in rows}
    shares = yield from settled(wire, sorted(owner, key=int))
    found: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    for application, parts in shares.items():
        mine = found[owner[application]]
        for part in parts:
            mine[part.invoice] = mine.get(part.invoice, ZERO) + part.amount
    return {deposit: [Share(*one) for one in mine.items()] for deposit, mine in found.items()}


def billed(wire: Wire, orders: Sequence[str]) -> Flow[Mapping[str, Decimal]]:
    """Order -> the total of what bills it, tax included. NetSuite makes an invoice of one order."""
    rows = yield from wire.by_keys(
        orders,
        lambda some: (
            "SELECT l.previousdoc AS orderid, n.id AS bill, MAX(ABS(n.foreigntotal)) AS total "
            f"FROM {LINKS} l JOIN transaction n ON n.id = l.nextdoc "
            f"WHERE l.linktype = '{BILLS}' AND n.voided = 'F' AND l.previousdoc IN ({some}) "
            "GROUP BY l.previousdoc, n.id ORDER BY l.previousdoc, n.id"
        ),
    )
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[str(row["orderid"])] += amount(row, "total")
    return found


def behind_changed(since: str, linktype: str, earlier: bool) -> str:
    """Documents of which the one before them (with `earlier`, behind them) changed."""
    mine, other = ("previousdoc", "nextdoc") if earlier else ("nextdoc", "previousdoc")
    return (
        f"t.id IN (SELECT l.{mine} FROM {LINKS} l JOIN transaction o ON o.id = l.{other} "
        f"WHERE l.linktype = '{linktype}' AND o.lastmodifieddate >= {since})"
    )


def deposits_changed(since: str) -> str:
    return (
        f"t.id IN (SELECT l.previousdoc FROM {LINKS} l JOIN transaction o ON o.id = l.nextdoc "
        f"WHERE o.type = '{APPLICATION}' AND o.lastmodifieddate >= {since})"
    )
