"""Pages for people: customers with what they owe, a customer's card and documents, a document with
its lines, links and rows of the accounting book."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from syncd.sandbox.netsuite.documents import status_text
from syncd.sandbox.netsuite.fields import KINDS, balances
from syncd.sandbox.netsuite.operations import operations
from syncd.sandbox.netsuite.records import Written
from syncd.sandbox.netsuite.store import Row, Store

TEMPLATES = Environment(
    loader=PackageLoader("syncd.sandbox.netsuite"), autoescape=True, undefined=StrictUndefined
)
MOST = 500
"""Rows of one table."""
TITLES = {"entity": "customer", "transaction": "document"}


def page(store: Store, written: Iterable[Written], path: str) -> str | None:
    """'' lists customers; `customer/ID` and `document/ID` show one; `writes`, `deleted` and
    `settings`."""
    match path.strip("/").split("/"):
        case [""]:
            sql = f"SELECT * FROM customer_ ORDER BY id DESC LIMIT {MOST}"
            rows = [{**one, **balances(store, one["id"])} for one in store.rows(sql)]
            return _render(store, "customers.html", rows=[_named(store, one) for one in rows])
        case ["settings"]:
            shown = vars(store.switches)
            return _render(store, "settings.html", switches=shown, operations=operations())
        case ["writes"]:
            return _render(store, "writes.html", rows=list(written)[: -MOST - 1 : -1])
        case ["deleted"]:
            sql = f"SELECT * FROM deletedrecord ORDER BY deleteddate_ DESC LIMIT {MOST}"
            return _render(store, "deleted.html", rows=store.rows(sql))
        case ["customer", id] if id.isdigit() and (row := store.get("customer", int(id))):
            return _customer(store, row)
        case ["document", id] if id.isdigit() and (row := store.get("transaction", int(id))):
            return _document(store, row)
    return None


def _render(store: Store, template: str, **values: Any) -> str:
    now = store.wall(store.now()).decode()
    return TEMPLATES.get_template(template).render(now=now, zone=store.switches.zone, **values)


def _named(store: Store, row: Row) -> Row:
    """With the names that its numbers mean."""
    currency = store.get("currency", row.get("currency")) or {"symbol": ""}
    who = store.get("customer", row.get("entity")) if row.get("entity") else None
    more: Row = {"symbol": currency["symbol"], "who": who["altname"] if who else ""}
    if "tranid" in row:
        more["state"] = status_text(row["type"], row["status"] or "")
        more["day"] = row["trandate"][:10].decode()
        more["due"] = row["duedate"][:10].decode() if row["duedate"] else ""
    return {**row, **more}


def _customer(store: Store, row: Row) -> str:
    row = {**row, **balances(store, row["id"])}
    kind = KINDS["customer"]
    fields = [(one, _text(row.get(one.column))) for one in kind.every(store)]
    papers = store.rows(
        'SELECT * FROM "transaction" WHERE entity = ? ORDER BY trandate DESC, id DESC LIMIT ?',
        row["id"],
        MOST,
    )
    return _render(
        store,
        "customer.html",
        row=_named(store, row),
        card=[(one.name, text) for one, text in fields if one.custom],
        fields=[(one.name, text) for one, text in fields if not one.custom and text],
        papers=[_named(store, one) for one in papers],
        contacts=store.rows("SELECT * FROM contact WHERE company = ? ORDER BY id", row["id"]),
        addresses=store.rows(
            "SELECT * FROM entityaddress WHERE recordowner = ? ORDER BY nkey", row["id"]
        ),
    )


def _document(store: Store, row: Row) -> str:
    id = row["id"]
    links = store.rows(
        """SELECT l.*, p.tranid AS before, n.tranid AS after FROM link l
        JOIN "transaction" p ON p.id = l.previousdoc JOIN "transaction" n ON n.id = l.nextdoc
        WHERE ? IN (l.previousdoc, l.nextdoc)""",
        id,
    )
    lines = store.rows(
        """SELECT l.*, i.itemid FROM transactionline l LEFT JOIN item i ON i.id = l.item
        WHERE "transaction" = ? ORDER BY l.id""",
        id,
    )
    book = store.rows(
        """SELECT b.*, a.accountsearchdisplayname AS name FROM transactionaccountingline b
        JOIN account a ON a.id = b.account WHERE "transaction" = ? ORDER BY transactionline""",
        id,
    )
    fields = [(name, _text(value)) for name, value in row.items() if not name.endswith("_")]
    return _render(
        store,
        "document.html",
        row=_named(store, row),
        fields=[one for one in fields if one[1]],
        lines=lines,
        links=links,
        book=book,
    )


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode().removesuffix(" 00:00:00")
    return "" if value is None else f"{value:,}" if isinstance(value, float) else str(value)
