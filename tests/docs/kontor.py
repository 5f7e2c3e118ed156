"""The books of the tutorial: an API that behaves as `docs/connect-any-system.md` describes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.server import Answer, Call, json_answer

KEY = "key-of-kontor"
Row = dict[str, Any]


@dataclass
class Kontor:
    """A responder of `LocalServer`. `now` is its clock; `calls` are what it was asked."""

    now: Callable[[], dt.datetime]
    tables: dict[str, dict[int, Row]] = field(
        default_factory=lambda: {"customers": {}, "invoices": {}, "payments": {}}
    )
    calls: list[str] = field(default_factory=list)

    def add(self, table: str, **fields: Any) -> int:
        rows = self.tables[table]
        id = len(rows) + 1
        rows[id] = {"id": id, **fields, "updated_at": self._time()}
        return id

    def edit(self, table: str, id: int, **fields: Any) -> None:
        self.tables[table][id] |= {**fields, "updated_at": self._time()}

    def customer(self, number: str, name: str, **more: str) -> int:
        texts = dict.fromkeys(("email", "phone", "vat_id", "city", "country", "external_ref"), "")
        return self.add("customers", number=number, name=name, **{**texts, **more})

    def invoice(self, customer: int, number: str, total: str, date: str, due: str) -> int:
        whose = {"id": customer, "name": self.tables["customers"][customer]["name"]}
        money = {"total": total, "currency": "EUR", "status": "open"}
        days = {"date": date, "due_date": due}
        return self.add("invoices", number=number, customer=whose, **days, **money)

    def payment(self, customer: int, amount: str, date: str, lines: dict[int, str]) -> int:
        parts = [{"invoice_id": invoice, "amount": part} for invoice, part in lines.items()]
        fields = {"date": date, "amount": amount, "currency": "EUR", "reference": ""}
        return self.add("payments", customer_id=customer, **fields, lines=parts, cancelled=0)

    def __call__(self, call: Call) -> Answer:
        self.calls.append(f"{call.method} {call.path}?{call.query}".rstrip("?"))
        if call.headers.get("x-kontor-key") != KEY:
            return _refused(401, "key", "the key is not known")
        version, _, rest = call.path.strip("/").partition("/")
        table, _, id = rest.partition("/")
        if version != "v2" or (table not in self.tables and table != "company"):
            return _refused(404, "path", "there is no such path")
        if table == "company":
            return json_answer({"data": {"id": "KTR-7", "name": "Beispiel Handels GmbH"}})
        if not id:
            return self._create(call) if call.method == "POST" else self._list(table, call.query)
        row = self.tables[table].get(int(id))
        if row is None:
            return _refused(404, "missing", f"there is no {id}")
        if call.method == "PATCH":
            self.edit(table, int(id), **call.json())
        return json_answer({"data": row})

    def _list(self, table: str, query: str) -> Answer:
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        rows = list(self.tables[table].values())
        if since := asked.get("updated_after"):
            after = dt.datetime.fromisoformat(since)
            rows = [r for r in rows if dt.datetime.fromisoformat(r["updated_at"]) > after]
        if ref := asked.get("external_ref"):
            rows = [row for row in rows if row["external_ref"] == ref]
        size, page = int(asked.get("per_page", 20)), int(asked.get("page", 1))
        pages = max(-(-len(rows) // size), 1)
        some = rows[(page - 1) * size : page * size]
        return json_answer({"data": some, "meta": {"page": page, "pages": pages}})

    def _create(self, call: Call) -> Answer:
        sent = call.json()
        if not sent.get("name"):
            return _refused(422, "invalid", "a customer has a name", "name")
        refs = {row["external_ref"] for row in self.tables["customers"].values()}
        if sent.get("external_ref") in refs - {""}:
            return _refused(409, "duplicate", "external_ref is taken", "external_ref")
        number = f"K-{len(self.tables['customers']) + 1:04}"
        id = self.customer(**{"number": number, **sent})
        return json_answer({"data": self.tables["customers"][id]}, 201)

    def _time(self) -> str:
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _refused(status: int, code: str, message: str, field: str | None = None) -> Answer:
    return json_answer({"error": {"code": code, "message": message, "field": field}}, status)
