"""Balances: what the register, or the accounts, of settlements say of every customer at once.

One call of a virtual table answers for all; who is not in it has nothing open. Only posted
documents have rows in a register, so drafts never count.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from syncd.port import All, Flow, Keys, Page, Read, Record, Scope, Since

from ..rows import select
from .base import Base
from .changes import Changes
from .customers import buyers, changed_customers, in_scope, listed
from .layouts import CURRENCY, CUSTOMERS
from .settle import Figures, figures
from .values import ZERO, amount, day_start, key_of

VIRTUAL_BALANCE = frozenset({"customer", "own_currency", "in_scope", "rows"})

_CUSTOMERS_TYPE = f"StandardODATA.{CUSTOMERS}"
Balances = Mapping[str, list[Figures]]


def balances(base: Base, changes: Changes, size: int, read: Read, scope: Scope) -> Flow[Page]:
    """One record per customer, with its open sums by currency; none open is one without rows. Of
    what changed, those whose sums differ from what was seen before."""
    del size  # the whole is one answer, and so it is one page
    found = yield from open_sums(base)
    match scope:
        case Keys(keys):
            mine = sorted({one.lower() for one in keys} & set((yield from listed(base))))
        case All():
            mine = yield from listed(base)
        case Since(moment):
            look = yield from changes.begin(base, read.kind, moment)
            look.seen.balances = dict(found)
            before = changes.seen.balances
            differing = changes.differing(found, before)
            # A new customer has none.
            differing |= yield from changed_customers(base, changes, look)
            mine = sorted(differing) if before is not None else (yield from listed(base))
    scoped = yield from _scoped(base, [one for one in mine if not found.get(one)])
    records = [
        Record(
            key,
            select(
                {
                    "customer": key,
                    "own_currency": base.own,
                    "in_scope": bool(found.get(key)) or key in scoped,
                    "rows": [row._asdict() for row in found.get(key, [])],
                },
                read.paths,
            ),
            base.wire.now,
        )
        for key in mine
    ]
    return Page(records, None, base.wire.now)


def _scoped(base: Base, keys: list[str]) -> Flow[set[str]]:
    """Those of them that are customers though nothing is open."""
    if not keys:
        return set()
    inside = yield from buyers(base)
    flag = base.layout.buyers[1] if base.layout.buyers else ""
    fields = base.schema.those(CUSTOMERS, ("Ref_Key", "IsFolder", "Партнер_Key", flag))
    query = {"$select": ",".join(fields)}
    if len(keys) > 100:
        rows = yield from base.wire.rows(CUSTOMERS, query)
    else:
        rows = yield from base.by_keys(CUSTOMERS, keys, query)
    return {str(row["Ref_Key"]).lower() for row in rows if in_scope(base, row, inside)}


def open_sums(base: Base, day: dt.date | None = None) -> Flow[dict[str, list[Figures]]]:
    """Customer -> what is open, of those with anything open: now, or at the beginning of a day,
    which 1C tells as it knows it now."""
    period = f"Period={day_start(day)}" if day else ""
    table = f"{base.layout.register.set}/Balance({period})"
    if base.layout.register.codes:
        amounts = yield from _of_accounts(base, table)
    else:
        amounts = yield from _of_register(base, table)
    rows = {customer: figures(sums) for customer, sums in amounts.items()}
    return {customer: mine for customer, mine in rows.items() if mine}


Amounts = Mapping[str, list[tuple[str, Decimal]]]


def _of_register(base: Base, table: str) -> Flow[Amounts]:
    register = base.layout.register
    rows = yield from base.wire.rows(table, _where(base))
    sums: defaultdict[tuple[str, str, tuple[str, ...]], Decimal] = defaultdict(Decimal)
    for row in rows:
        customer = yield from base.party(row.get(register.party))
        if not (yield from base.settles(row)):
            continue
        figure = next((one for one in register.amount if f"{one}Balance" in row), None)
        if customer is None or figure is None:
            continue
        currency = next((key for one in CURRENCY if (key := key_of(row.get(one)))), None)
        code = (yield from base.currency(currency)) or base.own
        if figure == "СуммаВал" and currency is None:
            code = (yield from base.contract_currency(row.get("Договор_Key"))) or base.own
        account = tuple(str(row.get(one) or "") for one in (register.party, *register.account))
        sums[customer, code, account] += amount(row.get(f"{figure}Balance"))
    found: defaultdict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for (customer, code, _), value in sums.items():
        found[customer].append((code, value))
    return found


def _of_accounts(base: Base, table: str) -> Flow[Amounts]:
    """Accounts of settlements with buyers by their first analytics, the counterparty. An account
    inside `Condition` is refused, so the answer is filtered."""
    clause = " or ".join(f"Account/Code eq '{code}'" for code in base.layout.register.codes)
    rows = yield from base.wire.rows(table, _where(base, f"({clause})"))
    found: defaultdict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for row in rows:
        customer = key_of(row.get("ExtDimension1"))
        kind = row.get("ExtDimension1_Type", _CUSTOMERS_TYPE)
        if customer is None or kind != _CUSTOMERS_TYPE or not (yield from base.settles(row)):
            continue
        code = (yield from base.currency(row.get("Валюта_Key"))) or base.own
        foreign = code != base.own and "ВалютнаяСуммаBalance" in row
        value = amount(row.get("ВалютнаяСуммаBalance" if foreign else "СуммаBalance"))
        found[customer].append((code, value or ZERO))
    return found


def _where(base: Base, *clauses: str) -> dict[str, str]:
    """With the organisations that are read, where a row of a balance names its own."""
    register = base.layout.register
    mine = base.only(f"{register.set}_RecordType") if register.keys is None else ""
    wanted = " and ".join(one for one in (*clauses, mine) if one)
    return {"$filter": wanted} if wanted else {}
