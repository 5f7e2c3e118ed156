"""What SuiteQL's joins, groups and conditions mean is what another database (DuckDB) makes of the
same rows: a hundred queries put together by chance."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

from syncd.sandbox.netsuite import NetSuite
from tests.third_party.environment import environment, seen

TABLES = ("transaction", "transactionline", "transactionaccountingline", "customer", "currency",
          "nexttransactionlinelink", "employee")  # fmt: skip
FROM = (
    'FROM "transaction" t JOIN customer c ON c.id = t.entity',
    'FROM "transaction" t LEFT JOIN customer c ON c.id = t.entity AND c.currency = 2',
    'FROM customer c LEFT JOIN "transaction" t ON t.entity = c.id AND t.foreigntotal > 1000',
    'FROM customer c CROSS JOIN "transaction" t',
    "FROM (SELECT x.* FROM \"transaction\" x WHERE x.voided = 'F') t "
    "FULL JOIN customer c ON c.id = t.entity",
)
MORE = (
    "",
    ' JOIN transactionline l ON l."transaction" = t.id',
    " LEFT JOIN nexttransactionlinelink l ON l.previousdoc = t.id",
    " LEFT JOIN transactionaccountingline l ON l.\"transaction\" = t.id AND l.posting = 'T'",
    " LEFT JOIN employee l ON l.id = c.salesrep",
)
WHERE = (
    "t.type IN ('CustInvc', 'CustPymt', 'SalesOrd')",
    "t.foreigntotal BETWEEN 100 AND 60000.5",
    "(t.foreignamountunpaid <> 0 OR t.foreignpaymentamountunused <> 0)",
    "NOT (t.status = 'A' OR t.duedate IS NULL)",
    "t.trandate >= {day}",
    "c.altname LIKE '%«П%'",
    "c.id IN (SELECT y.entity FROM \"transaction\" y WHERE y.type = 'CustPymt')",
    "EXISTS (SELECT 1 FROM transactionline z WHERE z.\"transaction\" = t.id AND z.item = 2)",
    "t.foreigntotal > (SELECT AVG(v.foreigntotal) FROM \"transaction\" v WHERE v.type = t.type)",
    "c.salesrep IS NOT NULL",
    "COALESCE(t.foreignamountunpaid, 0) - 0.1 > 100 * 2.5",
)  # fmt: skip
GROUPS = (("t.type",), ("c.id", "t.type"), ("t.currency",), ("c.searchstage", "t.voided"))
SUMS = (
    "COUNT(*)",
    "COUNT(DISTINCT t.entity)",
    "SUM(t.foreigntotal)",
    "SUM(COALESCE(t.foreignamountunpaid, 0) - COALESCE(t.foreignpaymentamountunused, 0))",
    "MIN(t.foreigntotal)",
    "SUM(CASE WHEN t.type = 'CustInvc' THEN t.foreigntotal ELSE -1 END)",
)
PLAIN = (
    "t.id, c.id",
    "t.id, t.foreigntotal * 2, COALESCE(c.altname, '') || '/' || COALESCE(t.tranid, '')",
    "DISTINCT t.type, c.currency",
    "t.id, ABS(t.foreigntotal), COALESCE(t.memo, c.email)",
    "t.id, c.id, ROW_NUMBER() OVER (PARTITION BY t.id, c.id ORDER BY t.id)",
)


def made(chance: random.Random) -> str:
    source = chance.choice(FROM) + chance.choice(MORE)
    where = " AND ".join(chance.sample(WHERE, chance.randint(0, 3)))
    tail = f" WHERE {where}" if where else ""
    if chance.random() < 0.5:
        keys = chance.choice(GROUPS)
        sums = chance.sample(SUMS, 2)
        having = chance.choice(("", " HAVING COUNT(*) > 2"))
        columns = ", ".join((*keys, *sums))
        return f"SELECT {columns} {source}{tail} GROUP BY {', '.join(keys)}{having}"
    return f"SELECT {chance.choice(PLAIN)} {source}{tail}"


def known(value: object) -> object:
    """The same for numbers that are written otherwise."""
    try:
        return None if value is None else round(Decimal(str(value)), 6).normalize()
    except InvalidOperation:
        return value


def rows(found: Any) -> Counter[tuple[object, ...]]:
    return Counter(tuple(map(known, one)) for one in found)


@pytest.mark.parametrize("size", [None, 20])
def test_a_hundred_queries(size: int | None, tmp_path: Path) -> None:
    netsuite = NetSuite(lambda: datetime(2026, 11, 20, 17, 0, tzinfo=UTC), size=size)
    netsuite.switches.row_cap = 10**9
    netsuite.fill()
    store, chance = netsuite.store, random.Random(size or 1)
    queries = [made(chance) for _ in range(100)]
    tables = {name: store.rows(f'SELECT * FROM "{name}"') for name in TABLES}
    kinds = {
        name: {one.name: one.kind for one in store.tables[name].columns.values()} for name in TABLES
    }
    day = "2026-10-20"
    file = tmp_path / "rows.json"
    whole = {
        "tables": tables,
        "kinds": kinds,
        "queries": [one.format(day=f"DATE '{day}'") for one in queries],
    }
    text = json.dumps(whole, default=lambda held: held.decode())
    file.write_text(text, encoding="utf-8")
    python = environment("netsuite-duckdb", "duckdb")
    others = seen(python, "netsuite_duckdb.py", str(file), cwd=tmp_path)["rows"]
    full = 0
    for query, other in zip(queries, others, strict=True):
        ours = query.format(day=f"TO_DATE('{day}', 'YYYY-MM-DD')").replace('"', "")
        _, found = netsuite.queries.run(ours, [])
        assert rows(found) == rows(other), ours
        full += bool(other)
    assert full > 60, "most queries find something"
