"""What each customer owes, worked out of the sandbox's documents without any of syncd's code."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from syncd.sandbox.netsuite.store import Store, date_of

ZERO = Decimal(0)
Who = tuple[str, str]
"""(customer's key, currency's code)."""


class Figures(NamedTuple):
    receivable: Decimal = ZERO
    overdue: Decimal = ZERO
    prepaid: Decimal = ZERO
    credits: Decimal = ZERO


def truth(store: Store, today: dt.date) -> Mapping[Who, Figures]:
    """Customers with nothing open are not in it. Journals that charge are not counted."""
    codes = {row["id"]: str(row["symbol"]) for row in store.rows("SELECT * FROM currency")}
    found: defaultdict[Who, Figures] = defaultdict(Figures)
    for row in store.rows('SELECT * FROM "transaction" WHERE entity IS NOT NULL'):
        if row["voided"] == "T":
            continue
        who = (str(row["entity"]), codes[row["currency"]])
        was, unpaid, unused = found[who], *_open(row)
        if row["type"] == "CustInvc":
            late = unpaid if _due(row) < today else ZERO
            found[who] = was._replace(
                receivable=was.receivable + unpaid, overdue=was.overdue + late
            )
        elif row["type"] in ("CustPymt", "CustDep", "DepAppl"):
            found[who] = was._replace(prepaid=was.prepaid + unused)
        elif row["type"] == "CustCred":
            found[who] = was._replace(credits=was.credits + unused)
    return {who: one for who, one in found.items() if any(one)}


def _open(row: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    unpaid, unused = (row["foreignamountunpaid"], row["foreignpaymentamountunused"])
    return Decimal(str(unpaid or 0)), Decimal(str(unused or 0))


def _due(row: Mapping[str, Any]) -> dt.date:
    found = date_of(row["duedate"] or row["trandate"])
    assert found is not None
    return found
