"""What 1C tells whoever sets up a connection, or looks after one; nothing of it writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from syncd.domain import Kind
from syncd.errors import AccessError, ProtocolError
from syncd.port import Discovery, Flow, Greeting, Request, Right

from .base import Base
from .customers import listed
from .layouts import CUSTOMERS, ORGANISATIONS
from .values import day_start
from .wire import ROOT

_NEEDS = {
    Kind.ORDER: "orders",
    Kind.INVOICE: "invoices",
    Kind.PAYMENT: "payments",
    Kind.CREDIT_NOTE: "credit notes",
    Kind.ADJUSTMENT: "adjustments",
}


def greet() -> Flow[Greeting]:
    """Without a credential 1C asks for one, and nothing else; with anonymous access it lists its
    sets. A web server that knows no such base says so."""
    response = yield Request("GET", ROOT, {"$format": "application/json"})
    asks = "basic" in response.headers.get("www-authenticate", "").lower()
    if response.status == 401 and asks:
        return Greeting()
    if response.status == 200 and b"standard.odata" in response.body[:2000]:
        return Greeting()
    raise ProtocolError(
        f"HTTP {response.status} at {ROOT}: nothing of 1C is published here, or its standard OData "
        "interface is switched off"
    )


def discover(base: Base, label: str, login: str, since: Sequence[dt.date]) -> Flow[Discovery]:
    rights: list[Right] = []
    documents: dict[Kind, tuple[int, ...]] = {}
    for kind, need in _NEEDS.items():
        for name in base.layout.of(kind):
            rights.append((yield from _right(base, name, need)))
        if kind in (Kind.ORDER, Kind.INVOICE, Kind.PAYMENT):
            counts = yield from _counts(base, kind, since)
            documents |= {kind: counts} if counts else {}
    rights.append((yield from _right(base, CUSTOMERS, "customers and their cards")))
    rights.append(Right("create", CUSTOMERS, None, "customers whose deals were won"))
    return Discovery(
        company=label,
        user=login,
        zone=str(base.zone),
        currencies=(base.own,),
        customers=len((yield from listed(base))),
        documents=documents,
        modules={"exchange plan": any(one.startswith("ExchangePlan_") for one in base.schema.sets)},
        rights=tuple(rights),
        at=base.wire.now,
        mapping=base.layout.mapping,
    )


def _right(base: Base, name: str, need: str) -> Flow[Right]:
    try:
        yield from base.wire.rows(name, {"$top": "1", "$select": "Ref_Key"})
    except AccessError:
        return Right("read", name, False, need)
    return Right("read", name, True, need)


def _counts(base: Base, kind: Kind, since: Sequence[dt.date]) -> Flow[tuple[int, ...] | None]:
    counts = []
    for day in (None, *since):
        whole = 0
        for name in base.layout.of(kind):
            query = {"$top": "1", "$select": "Ref_Key", "$inlinecount": "allpages"}
            if day is not None:
                query["$filter"] = f"Date ge {day_start(day)}"
            try:
                answer = yield from base.wire.get(name, {**query, "$format": "application/json"})
            except AccessError:
                return None
            whole += int(answer.get("odata.count") or 0)
        counts.append(whole)
    return tuple(counts)


def organisations(base: Base) -> Flow[dict[str, str]]:
    """Key -> name of the legal persons whose books these are."""
    if ORGANISATIONS not in base.schema.sets:
        return {}
    rows = yield from base.wire.rows(ORGANISATIONS, {"$select": "Ref_Key,Description"})
    return {str(row["Ref_Key"]).lower(): str(row.get("Description") or "").strip() for row in rows}


def company(base: Base, firms: Mapping[str, str]) -> str:
    return ", ".join(sorted(filter(None, firms.values()))) or base.layout.name
