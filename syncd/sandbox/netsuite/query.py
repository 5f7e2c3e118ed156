"""POST /services/rest/query/v1/suiteql: a page of the rows of a query."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, replace

from syncd.sandbox.netsuite.documents import KINDS, status_text
from syncd.sandbox.netsuite.functions import moment, shown
from syncd.sandbox.netsuite.schema import Table
from syncd.sandbox.netsuite.store import Store
from syncd.sandbox.netsuite.suiteql.refusals import refused, unsupported
from syncd.sandbox.netsuite.suiteql.translate import Query, translate
from syncd.sandbox.netsuite.switches import words
from syncd.sandbox.netsuite.wire import Json, Refused, body, collection, paging
from syncd.sandbox.port import Answer, Asked

PATH = "/services/rest/query/v1/suiteql"
DATES = {
    "M/D/YYYY": "{0.month}/{0.day}/{0.year}",
    "D/M/YYYY": "{0.day}/{0.month}/{0.year}",
    "DD.MM.YYYY": "{0:%d.%m.%Y}",
    "YYYY-MM-DD": "{0:%Y-%m-%d}",
    "DD-Mon-YYYY": "{0:%d-%b-%Y}",
}
MISSING = re.compile(r"(Field '|Unknown identifier)")
Held = list[tuple[object, ...]]


@dataclass
class Queries:
    store: Store
    last: tuple[object, Query, Held] | None = None
    """The result that was paged last, while nothing has been written since."""

    def __post_init__(self) -> None:
        db = self.store.db
        db.create_function("o_status", 2, lambda a, b: status_text(a, b or ""), deterministic=True)
        db.create_function("o_code", 2, lambda a, b: f"{a}:{b}", deterministic=True)
        db.create_function("o_type", 1, lambda a: KINDS[a].label if a in KINDS else a)
        db.create_function("o_yes", 1, lambda a: {"T": "Yes", "F": "No"}.get(a))

    def answer(self, asked: Asked) -> Answer:
        if "transient" not in asked.headers.get("prefer", ""):
            raise Refused(
                "INVALID_HEADER",
                "The required request header 'Prefer' is missing or invalid. It must be set to "
                "'transient'.",
                header="Prefer",
            )
        given = body(asked)
        text, values = given.get("q"), given.get("params", [])
        if not isinstance(text, str) or not text.strip():
            raise Refused("INVALID_PARAMETER", "The query parameter 'q' is missing.", param="q")
        if not isinstance(values, list) or not all(isinstance(one, str | int) for one in values):
            raise Refused("INVALID_PARAMETER", "Invalid value of 'params'.", path="params")
        limit, offset = paging(asked)
        try:
            query, rows = self.run(text, values)
        except Refused as error:
            if self.store.switches.field_error_is_500 and MISSING.search(error.detail):
                raise Refused(
                    "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: sandbox", 500
                ) from None
            raise
        items = [self._item(query, one) for one in rows[offset : offset + limit]]
        return collection(asked, items, len(rows), limit, offset)

    def run(self, text: str, values: list[str | int]) -> tuple[Query, Held]:
        """All rows, at most as many as a query may have."""
        store = self.store
        key = (text, repr(values), store.db.total_changes, store.today(), repr(store.switches))
        if self.last and self.last[0] == key:
            return self.last[1:]
        query = translate(text, visible(store), store.switches)
        if query.params != len(values):
            raise refused("Search error occurred: Missing or too many parameters.")
        try:
            given = {f"p{at}": value for at, value in enumerate(values, 1)}
            found = store.db.execute(query.sql, given)
            rows = [tuple(one) for one in found.fetchmany(store.switches.row_cap)]
        except sqlite3.Error:
            raise unsupported() from None
        self.last = (key, query, rows) if query.ordered and not query.clocked else None
        return query, rows

    def _item(self, query: Query, row: tuple[object, ...]) -> Json:
        item: Json = {"links": []}
        for name, value in zip(query.names, row, strict=True):
            if value is not None:
                item[name] = self._text(value)
        return item

    def _text(self, value: object) -> str:
        switches = self.store.switches
        if isinstance(value, bytes):
            return DATES[switches.date_format].format(moment(value))
        text = shown(value)
        if switches.bare_fraction and not isinstance(value, str):
            return re.sub(r"^(-?)0\.", r"\1.", text)
        return text


def visible(store: Store) -> dict[str, Table]:
    """What the role may see."""
    switches = store.switches
    hidden = words(switches.hidden)
    if not switches.oneworld:
        hidden |= {
            "subsidiary",
            "customersubsidiaryrelationship",
            "transactionline.subsidiary",
            "employee.subsidiary",
        }
    if not switches.link_dates:
        hidden.add("nexttransactionlinelink.lastmodifieddate")
    found = {}
    for name, table in store.tables.items():
        if name in hidden:
            continue
        columns = {
            one: column for one, column in table.columns.items() if f"{name}.{one}" not in hidden
        }
        found[name] = replace(table, columns=columns)
    return found
