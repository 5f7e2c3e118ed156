"""The same work by hand, as lean as it can honestly be: what syncd's cycle is measured against.

It keeps how far it has read and a hash of each record, posts only what changed, four hundred
records at a time in four requests, asks for the next page meanwhile, and writes hashes, log and
cursor in one commit a page, after the CRM has answered. Amounts are exact. It knows no links, no
intents and no parents, looks at nothing that it wrote, and stops at the first error.
"""

import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import urllib3

BASE, FOLDER = os.environ["BENCH_BASE"], Path(os.environ["BENCH_STATE"])
PAGE = int(os.environ.get("BENCH_PAGE", "1000"))
STAGES = {
    "Draft": "NEW",
    "Posted": "PREPARATION",
    "PartiallyPaid": "PREPAYMENT",
    "Paid": "EXECUTING",
    "Shipped": "FINAL",
    "Cancelled": "LOST",
}
TABLES = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS cursor(kind TEXT PRIMARY KEY, at TEXT);
CREATE TABLE IF NOT EXISTS seen(key TEXT PRIMARY KEY, hash BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log(id INTEGER PRIMARY KEY, key TEXT, hash BLOB, body BLOB);
"""

Row = dict[str, Any]
http = urllib3.PoolManager(maxsize=8)
encode = msgspec.json.Encoder(decimal_format="number").encode
decode = msgspec.json.Decoder(float_hook=Decimal).decode


def customer(row: Row) -> Row:
    return {
        "NAME": row["Name"],
        "CODE": row["Code"],
        "TAX_ID": row["TaxId"],
        "EMAIL": row["Email"].lower(),
        "PHONE": row["Phone"],
        "CREDIT": row["CreditLimit"],
        "DELETED": row["DeletionMark"],
    }


def order(row: Row) -> Row:
    return {
        "CONTACT": row["Customer_Key"],
        "TITLE": "Order " + row["Number"],
        "DATE": row["Date"][:10],
        "STAGE": STAGES[row["Status"]],
        "CURRENCY": row["Currency"],
        "SUM": row["Amount"],
        "TAX": row["TaxAmount"],
        "PAID": row["PaidAmount"],
        "COMMENT": row["Comment"],
        "DELETED": row["DeletionMark"],
    }


def payment(row: Row) -> Row:
    return {
        "CONTACT": row["Customer_Key"],
        "TITLE": "Payment " + row["Number"],
        "DATE": row["Date"][:10],
        "DEAL": row["Order_Key"],
        "CURRENCY": row["Currency"],
        "SUM": row["Amount"],
        "METHOD": row["Method"].upper(),
        "DELETED": row["DeletionMark"],
    }


KINDS: dict[str, tuple[str, Callable[[Row], Row]]] = {
    "customers": ("contact", customer),
    "orders": ("deal", order),
    "payments": ("payment", payment),
}


def get(kind: str, since: str | None, skip: int) -> Row:
    asked = {"skip": str(skip), "top": str(PAGE), **({"modified_since": since} if since else {})}
    answer = http.request("GET", f"{BASE}/{kind}", fields=asked)
    assert answer.status == 200, answer.status
    found: Row = decode(answer.data)
    return found


def post(bodies: list[bytes]) -> None:
    body = b'{"records":[' + b",".join(bodies) + b"]}"
    answer = http.request("POST", f"{BASE}/crm/upsert", body=body)
    assert answer.status == 200, answer.status
    assert len(decode(answer.data)["results"]) == len(bodies)


def sync(db: sqlite3.Connection, kind: str, posts: ThreadPoolExecutor) -> int:
    entity, mapped = KINDS[kind]
    found = db.execute("SELECT at FROM cursor WHERE kind=?", (kind,)).fetchone()
    since, skip, sent = found[0] if found else None, 0, 0
    page: Future[Row] | None = posts.submit(get, kind, since, skip)
    while page is not None:
        answer = page.result()
        rows = answer["value"]
        skip += len(rows)
        page = posts.submit(get, kind, since, skip) if "nextLink" in answer else None
        made = [(row["Ref_Key"], mapped(row)) for row in rows]
        bodies = [
            (key, encode({"external_id": key, "entity": entity, "fields": fields}))
            for key, fields in made
        ]
        hashed = [(key, blake2b(body, digest_size=16).digest(), body) for key, body in bodies]
        known = dict(
            db.execute(
                "SELECT key, hash FROM seen WHERE key IN (SELECT value FROM json_each(?))",
                (encode([key for key, _, _ in hashed]).decode(),),
            )
        )
        new = [one for one in hashed if known.get(one[0]) != one[1]]
        parts = [new[start : start + 100] for start in range(0, len(new), 100)]
        list(posts.map(lambda part: post([body for _, _, body in part]), parts))
        db.execute("BEGIN IMMEDIATE")
        db.executemany(
            "INSERT INTO seen VALUES(?,?) ON CONFLICT(key) DO UPDATE SET hash=excluded.hash",
            [(key, hash) for key, hash, _ in new],
        )
        db.executemany("INSERT INTO log(key, hash, body) VALUES(?,?,?)", new)
        if rows:
            at = rows[-1]["ModifiedAt"]
            db.execute("INSERT OR REPLACE INTO cursor VALUES(?,?)", (kind, at))
        db.execute("COMMIT")
        sent += len(new)
    return sent


def main() -> None:
    db = sqlite3.connect(FOLDER / "bare.sqlite", isolation_level=None)
    db.executescript(TABLES)
    with ThreadPoolExecutor(4) as posts:
        print("sent", sum(sync(db, kind, posts) for kind in KINDS))


if __name__ == "__main__":
    main()
