"""The books as a source, and as a target for customers and their contacts.

What it declares comes from the options, so that a test can declare what is not true.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from typing import Any

import msgspec

from syncd.domain import Kind
from syncd.guide import Discovery, Greeting
from syncd.port import (
    All,
    Facts,
    Flow,
    Identity,
    Keys,
    Page,
    Read,
    Record,
    Request,
    Response,
    Scope,
    Since,
    Source,
)

from . import guide
from .client import bearer, described, identity, source_time, taken
from .habits import BOOKS_TIERS
from .intake import FORMS
from .writer import Writer

GRAIN = {"microsecond": dt.timedelta(microseconds=1), "second": dt.timedelta(seconds=1)}


class MemoryBooks(Writer):
    def __init__(self, options: Mapping[str, str]) -> None:
        super().__init__("books", FORMS, BOOKS_TIERS, dict(options))
        self._page = int(options.get("page", "100"))
        self._granularity = options.get("granularity", "microsecond")
        self._exclusive = options.get("since", "inclusive") == "exclusive"
        self._selects = options.get("select", "everything") == "asked"
        self._offset = options.get("paging", "keyset") == "offset"
        if self._offset and self._page < 2:
            raise ValueError("offset pages overlap by one row, so they need two at least")
        self._hidden = "customer" if options.get("described") == "partly" else None
        self._checks_shift = options.get("shift_check", "yes") == "yes"
        stamped = self._granularity != "none"
        covered = stamped and options.get("allocation_edits", "stamp") == "stamp"
        counted = stamped and options.get("order_edits", "stamp") == "stamp"
        self.facts = Facts(
            system="memory_books",
            sources={
                Kind.CUSTOMER: Source("customers", stamped=stamped),
                Kind.ORDER: Source("orders", stamped=counted),
                Kind.INVOICE: Source("invoices", stamped=stamped),
                Kind.PAYMENT: Source("payments", stamped=covered),
                Kind.CREDIT_NOTE: Source("credit_notes", stamped=covered),
                Kind.ADJUSTMENT: Source("adjustments", stamped=covered),
                Kind.BALANCE: Source("balances", stamped=covered),
            },
            targets=self.targets(options, "customers,contacts", {}),
            described=options.get("described", "no") != "no",
            secrets=("token",),
            guides=True,
            doubt_time=float(options.get("doubt_time", "1")),
            options={
                **self.meanings(),
                "granularity": "of stamps: microsecond, second or none",
                "since": "what the filter takes: inclusive or exclusive",
                "paging": "keyset or offset",
                "shift_check": "no: trusts offsets although rows may shift",
                "allocation_edits": "stamp or silent: whether they move the settler's stamp",
                "order_edits": "stamp or silent: whether an invoice moves its order's stamp",
                "described": "yes: what its rows have is all that it has; partly: not the customer",
                "select": "asked: records hold the fields the mapping reads; else everything",
                "page": "rows asked for at once",
            },
        )

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
        return (yield from bearer(secrets))

    def identity(self) -> Flow[Identity]:
        return (yield from identity("books"))

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        """Rows have all fields there are, whatever is asked for."""
        query = {"limit": str(self._page), "order": "id"}
        response = yield Request("GET", f"/books/{object.partition('/')[0]}", query)
        found = described(object, self._as_page(response, None, ordered=False).records)
        return {name: found[name] for name in found if name != self._hidden}

    def greet(self) -> Flow[Greeting]:
        return (yield from guide.greet("books"))

    def discover(self, since: Sequence[dt.date], closed: dt.date) -> Flow[Discovery]:
        return (yield from guide.discover("books", self.facts.sources, since, closed))

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        page = yield from self._pull(read, scope)
        if not self._selects:
            return page
        names = {path.partition(".")[0] for path in read.paths}
        return msgspec.structs.replace(
            page, records=[_selected(record, names) for record in page.records]
        )

    def _pull(self, read: Read, scope: Scope) -> Flow[Page]:
        if isinstance(scope, Keys):
            query = {"ids": ",".join(scope.keys)}
            response = yield Request("GET", f"/books/{read.object}", query)
            return self._as_page(response, None, ordered=False)
        query = {"limit": str(self._page), **self._selection(scope)}
        if self._offset:
            return (yield from self._offset_page(read.object, query, scope.position))
        if scope.position is not None:
            query["after"] = scope.position
        response = yield Request("GET", f"/books/{read.object}", query)
        return self._as_page(response, taken(response)["next"], query["order"] == "stamp")

    def _selection(self, scope: Since | All) -> dict[str, str]:
        if isinstance(scope, All) or self._granularity == "none":
            return {"order": "id"}
        if scope.moment is None:
            return {"order": "stamp"}
        # An exclusive filter leaves out the very moment: one grain earlier asks for it too.
        moment = scope.moment - GRAIN[self._granularity] if self._exclusive else scope.moment
        return {"order": "stamp", "since": moment.isoformat()}

    def _offset_page(self, object: str, query: dict[str, str], position: str | None) -> Flow[Page]:
        """Offsets shift when rows change between two pages. So a page begins with the last row of
        the one before; where that is another row by now, the pass begins again."""
        start, _, last = (position or "0|").partition("|")
        back = 1 if last and self._checks_shift else 0
        query = {**query, "offset": str(int(start) - back), "limit": str(self._page + back)}
        response = yield Request("GET", f"/books/{object}", query)
        rows = taken(response)["rows"]
        if back and (not rows or rows[0]["id"] != last):
            return Page((), "0|", source_time(response))
        rows, more = rows[back:], taken(response)["next"]
        # The server may give fewer rows than asked for: the next page begins after the last one.
        after = f"{int(start) + len(rows)}|{rows[-1]['id']}" if more and rows else None
        page = self._as_page(response, after, ordered=False)
        return Page(page.records[back:], page.next, page.source_time)

    def _as_page(self, response: Response, after: str | None, ordered: bool) -> Page:
        rows = taken(response)["rows"]
        return Page([_record(row) for row in rows], after, source_time(response), ordered)


def _selected(record: Record, names: Set[str]) -> Record:
    return msgspec.structs.replace(
        record, data={k: v for k, v in record.data.items() if k in names}
    )


def _record(row: dict[str, Any]) -> Record:
    stamp = row.pop("stamp")
    return Record(row["id"], row, dt.datetime.fromisoformat(stamp) if stamp else None)
