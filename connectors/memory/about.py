"""What either system says of itself: to anybody at `/<side>/hello`, to a client at `/<side>/about`.

GET /<side>/hello                                    -> {"version"}
GET /books/about?since=YYYY-MM-DD,YYYY-MM-DD         -> {"company", ..., "documents": {object: [n]}}
GET /crm/about?closed=YYYY-MM-DD                     -> {"company", ..., "fields", "stages"}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .books import OBJECTS, Books
from .crm import Crm

Facts = dict[str, Any]


def of_books(books: Books, query: Mapping[str, str]) -> Facts:
    """Counts of documents: all of them, then those of each day or later."""
    days = ["", *filter(None, query.get("since", "").split(","))]
    dated = [name for name in OBJECTS if name != "customers"]
    currencies = {row.data["currency"] for name in dated for row in books.tables[name].values()}
    return {
        "currencies": [
            books.company_currency,
            *sorted(currencies - {books.company_currency}),
        ],
        "customers": len(books.tables["customers"]),
        "documents": {
            name: [
                sum(row.data["date"] >= day for row in books.tables[name].values()) for day in days
            ]
            for name in dated
        },
    }


def of_crm(crm: Crm, query: Mapping[str, str]) -> Facts:
    """Custom fields of accounts, with how many accounts have a value; and the one winning stage."""
    accounts = crm.objects["account"].values()
    return {
        "customers": len(accounts),
        "fields": [
            {"path": path, "filled": sum(bool(one.fields.get(path)) for one in accounts)}
            for path in sorted(crm.definitions["account"])
        ],
        "stages": [
            {"code": "won", "label": "Won", "recent": len(crm.rows("deals", since=query["closed"]))}
        ],
    }
