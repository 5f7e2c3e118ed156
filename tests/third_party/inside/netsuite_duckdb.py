"""The same rows in DuckDB, and the same queries: prints their rows, as one object of JSON.

python netsuite_duckdb.py FILE      {"tables": {name: [{column: value}]}, "kinds": {name:
                                    {column: kind}}, "queries": [...]}
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

TYPES = {"id": "BIGINT", "number": "DECIMAL(20, 6)", "date": "TIMESTAMP", "time": "TIMESTAMP"}

given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
db = duckdb.connect()
for name, rows in given["tables"].items():
    kinds = given["kinds"][name]
    columns = ", ".join(f'"{one}" {TYPES.get(kind, "VARCHAR")}' for one, kind in kinds.items())
    db.execute(f'CREATE TABLE "{name}" ({columns})')
    marks = ", ".join("?" * len(kinds))
    values = [[row.get(one) for one in kinds] for row in rows]
    db.executemany(f'INSERT INTO "{name}" VALUES ({marks})', values)

found = []
for query in given["queries"]:
    rows = db.execute(query).fetchall()
    found.append([[None if one is None else str(one) for one in row] for row in rows])
print(json.dumps({"rows": found}))
