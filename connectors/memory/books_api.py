"""What the books answer: `/books/identity` and lists of rows under `/books/<object>`.

GET /books/invoices?since=ISO&order=stamp|id&after=TOKEN&limit=N     (or offset=N)
GET /books/invoices?ids=1,2
-> {"rows": [{..., "stamp": ISO or null}], "next": TOKEN or null}

A client that writes customers and contacts is answered as `target_api` says; its lists are told
apart by `path=` (a search) and `survey=`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

from syncd.port import Response

from . import target_api
from .books import OBJECTS, Books, Data
from .habits import BooksHabits
from .wire import Refusal, answer

Key = tuple[dt.datetime, int]
LONG_AGO = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
SHIFTED = ("name", "code", "email", "phone", "tax_id")
Listed = tuple[Data, dt.datetime | None]


def respond(
    books: Books, method: str, path: str, query: Mapping[str, str], body: dict[str, Any]
) -> Response:
    """Raises Refusal."""
    if method != "GET" or "path" in query or "survey" in query or "/" in path or path == "fields":
        return target_api.respond(books.intake, method, path, query, body)
    return _listed(books, path, query)


def _listed(books: Books, path: str, query: Mapping[str, str]) -> Response:
    habits = books.habits
    if path not in (*OBJECTS, "balances"):
        raise Refusal(404, "missing", f"the books have no {path}")
    rows, after = _select(books, path, query), None
    if "ids" not in query:
        rows, after = _page(habits, rows, query)
    clock = books.clock()
    if habits.clock_stands:
        clock = dt.datetime.fromisoformat(habits.clock_stands)
    body = {"rows": [_shown(habits, path, row, clock) for row in rows], "next": after}
    headers = {"date": format_datetime(clock, usegmt=True)} if habits.date_header else {}
    return answer(body, headers=headers)


def _select(books: Books, path: str, query: Mapping[str, str]) -> list[Listed]:
    habits = books.habits
    rows = _all(books.copy if books.copy and path in habits.frozen else books, path)
    hidden = habits.hidden.get(path, ())
    rows = [row for row in rows if row[0]["id"] not in hidden]
    if "ids" in query:
        wanted = set(query["ids"].split(","))
        return [row for row in rows if row[0]["id"] in wanted]
    if habits.empty_pages or ("since" in query and path in habits.empty_since):
        return []
    if habits.hide_inactive:
        rows = [row for row in rows if row[0].get("active", True)]
    if "since" in query and habits.granularity != "none":
        moment = dt.datetime.fromisoformat(query["since"])
        inclusive = habits.since == "inclusive"
        rows = [(d, s) for d, s in rows if s and (s > moment or (inclusive and s == moment))]
    by_stamp = query.get("order") == "stamp"
    return sorted(rows, key=lambda row: _key(row, by_stamp))


def _all(books: Books, path: str) -> list[Listed]:
    if path == "balances":
        return [(balance, books.ledger.get(balance["id"])) for balance in books.balances()]
    return [(row.data, row.stamp) for row in books.tables[path].values()]


def _page(
    habits: BooksHabits, rows: list[Listed], query: Mapping[str, str]
) -> tuple[list[Listed], str | None]:
    limit = min(int(query.get("limit", habits.page)), habits.page)
    by_stamp = query.get("order") == "stamp"
    if habits.repeat_first_page:
        return rows[:limit], "again"
    if habits.paging == "offset":
        start = int(query.get("offset", 0))
        page = rows[start : start + limit]
        return page, str(start + limit) if start + limit < len(rows) else None
    if "after" in query:
        stamp, _, key = query["after"].rpartition("|")
        bound = (dt.datetime.fromisoformat(stamp) if stamp else LONG_AGO, int(key))
        rows = [row for row in rows if _key(row, by_stamp) > bound]
    page = rows[:limit]
    if len(rows) <= limit:
        return page, None
    stamp_of_last, key_of_last = _key(page[-1], by_stamp)
    return page, f"{stamp_of_last.isoformat() if by_stamp else ''}|{key_of_last}"


def _key(row: Listed, by_stamp: bool) -> Key:
    data, stamp = row
    return (stamp if by_stamp and stamp else LONG_AGO, int(data["id"]))


def _shown(habits: BooksHabits, path: str, row: Listed, clock: dt.datetime) -> dict[str, Any]:
    data, stamp = row
    shown = {**data, "stamp": stamp.isoformat() if stamp else None}
    if habits.shifted and path == "customers":
        shown |= {name: data[before] for before, name in pairwise(SHIFTED)}
        shown[SHIFTED[0]] = data[SHIFTED[-1]]
    for name, way in habits.blank.items():
        object, _, field = name.partition(".")
        if object == path and way == "null":
            shown[field] = None
        elif object == path:
            shown.pop(field, None)
    if habits.volatile:
        shown["read_at"] = clock.isoformat()
    return shown
