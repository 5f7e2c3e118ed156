"""What Tryton tells whoever sets up a connection, or looks after one; nothing of it writes.

Rights are asked of Tryton's own table of model access. Rules that hide single records are not in
it: what they hide answers like what is not there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from syncd.domain import Kind
from syncd.errors import ProtocolError
from syncd.guide import Discovery, Greeting, Right
from syncd.port import Flow, Request, Response

from .company import Company
from .rpc import Dialogue, Domain

_NEEDED = {
    "party.party": ("read", "customers and their cards"),
    "party.contact_mechanism": ("read", "e-mail and phone of customers"),
    "party.address": ("read", "addresses of customers"),
    "account.invoice": ("read", "invoices and credit notes"),
    "account.move.line": ("read", "payments, adjustments and what is owed"),
    "sale.sale": ("read", "orders"),
}
_CREATED = ("party.party", "customers whose deals were won")
_ADMINISTRATION = ("ir.model.access", "res.user")
"""Whoever may write both hands out rights."""
_NEWEST = 500
"""Invoices whose currencies count as in use."""


def greet() -> Flow[Greeting]:
    """Tryton speaks at `/rpc/` to whoever asks; the list of databases may be switched off."""
    response = yield _anonymous("common.server.version")
    version = _said(response)
    if not isinstance(version, str):
        raise ProtocolError("the address does not answer as a Tryton server")
    response = yield _anonymous("common.db.list")
    databases = _said(response)
    listed = tuple(sorted(map(str, databases))) if isinstance(databases, list) else None
    return Greeting(version, listed)


def _anonymous(method: str) -> Request:
    body = {"id": 1, "method": method, "params": []}
    return Request("POST", "/rpc/", json=body, headers={"Accept-Encoding": "gzip"})


def _said(response: Response) -> Any:
    """None for a refusal; ProtocolError for what is no JSON-RPC at all."""
    if response.status != 200:
        if response.headers.get("content-type", "").startswith("application/json"):
            return None
        if response.status in (401, 403):
            return None
        raise ProtocolError(f"HTTP {response.status} at /rpc/, where Tryton 8 answers")
    answer = response.json()
    if not isinstance(answer, dict):
        raise ProtocolError("the address answers with JSON that is not Tryton's")
    return answer.get("result")


def discover(
    talk: Dialogue, company: Company, login: str, since: Sequence[dt.date]
) -> Flow[Discovery]:
    zone = yield from _zone(talk, company)
    access = yield from _access(talk, company)
    readable = {model for model, may in access.items() if may["read"]}
    return Discovery(
        company=company.name,
        user=login,
        administrator=all(access[model]["write"] for model in _ADMINISTRATION),
        zone=zone,
        currencies=(yield from _currencies(talk, company, readable)),
        customers=(yield from _count(talk, "party.party", [], readable)),
        documents=(yield from _documents(talk, company, since, readable)),
        modules={"sale": company.sells},
        rights=tuple(_rights(company, access)),
        at=talk.began,
    )


def _zone(talk: Dialogue, company: Company) -> Flow[str | None]:
    row, *_ = yield from talk.call("model.company.company.read", [company.id], ["timezone"])
    zone: str | None = row["timezone"]
    return zone


def _access(talk: Dialogue, company: Company) -> Flow[Mapping[str, Mapping[str, Any]]]:
    models = [model for model in _NEEDED if company.sells or model != "sale.sale"]
    asked = [*models, *_ADMINISTRATION]
    found = yield from talk.call("model.ir.model.access.get_access", asked)
    return {model: found[model] for model in asked}


def _rights(company: Company, access: Mapping[str, Mapping[str, Any]]) -> list[Right]:
    needed = [(op, model, need) for model, (op, need) in _NEEDED.items() if model in access]
    created = [("create", *_CREATED)]
    return [
        Right(op, model, bool(access[model][op]), need) for op, model, need in [*needed, *created]
    ]


def _currencies(talk: Dialogue, company: Company, readable: set[str]) -> Flow[tuple[str, ...]]:
    """The company's own, and those of its newest invoices."""
    if "account.invoice" not in readable:
        return (company.currency,)
    rows = yield from talk.rows(
        "account.invoice", company.invoices(), ["currency.code"], _NEWEST, newest_first=True
    )
    others = {row["currency"]["code"] for row in rows if row["currency"]} - {company.currency}
    return (company.currency, *sorted(others))


def _documents(
    talk: Dialogue, company: Company, since: Sequence[dt.date], readable: set[str]
) -> Flow[Mapping[Kind, tuple[int, ...]]]:
    """What of each kind has a number or is posted; a payment is any credit on a receivable line."""
    invoices = [*company.invoices(), ["number", "!=", None]]
    asked: list[tuple[Kind, str, Domain, str]] = [
        (Kind.INVOICE, "account.invoice", invoices, "invoice_date"),
        (
            Kind.PAYMENT,
            "account.move.line",
            [*company.posted_lines(), ["credit", ">", 0]],
            "move.date",
        ),
    ]
    if company.sells:
        asked.insert(0, (Kind.ORDER, "sale.sale", company.sales(), "sale_date"))
    found = {}
    for kind, model, domain, day in asked:
        if model not in readable:
            continue  # that is no zero
        counts: list[int] = []
        for first in (None, *since):
            clause = [] if first is None else [[day, ">=", _day(first)]]
            count = yield from _count(talk, model, [*domain, *clause], readable)
            counts.append(count or 0)
        found[kind] = tuple(counts)
    return found


def _count(talk: Dialogue, model: str, domain: Domain, readable: set[str]) -> Flow[int | None]:
    if model not in readable:
        return None
    count: int = yield from talk.call(f"model.{model}.search_count", domain)
    return count


def _day(day: dt.date) -> Mapping[str, Any]:
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}
