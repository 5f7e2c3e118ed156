"""What 1C tells whoever sets up a connection, or looks after one; nothing of it writes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

from syncd.domain import Kind
from syncd.errors import AccessError, ProtocolError
from syncd.guide import Discovery, Greeting, Offer, Opened, Right
from syncd.port import Flow, Request, Response, User

from . import organisations
from .balances import open_sums
from .base import Base
from .customers import listed
from .layouts import CUSTOMERS, ORGANISATION
from .publication import lacking
from .sellers import lately, managed
from .values import ZERO, day_start, guid
from .wire import ROOT

_JSON = "application/json"
"""With its counts, which the shorter form leaves out."""
_PLAN = "ExchangePlan_"
_FIRMS = 10
"""Organisations, and plans, that are looked at: some requests each."""
_LATE = dt.timedelta(days=90)
_SELLERS = {"customer.seller": "seller | trim", "customer.seller_email": "seller_email | trim"}
_EASTERNMOST = dt.timedelta(hours=14)
_SIGNS = ("1с:предприятие", "1c:enterprise", "1с:enterprise", "e1cib")
_TO_CLIENT = re.compile(r"/[a-z]{2}_[A-Z]{2}/")
_NO_ODATA = (
    "1C is published here, but its OData is off. In the configurator: Администрирование > "
    "Публикация на веб-сервере > «Публиковать стандартный интерфейс OData»"
)
_NEEDS = {
    Kind.ORDER: "orders",
    Kind.INVOICE: "invoices",
    Kind.PAYMENT: "payments",
    Kind.CREDIT_NOTE: "credit notes",
    Kind.ADJUSTMENT: "adjustments",
}


def greet() -> Flow[Greeting]:
    """Without a credential 1C asks for one, and nothing else; with anonymous access it lists its
    sets. Without OData the same address has the web client, or nothing but a page of 1C's."""
    response = yield Request("GET", ROOT, {"$format": "application/json"})
    asks = "basic" in response.headers.get("www-authenticate", "").lower()
    if response.status == 401 and asks:
        return Greeting()
    if response.status == 200 and b"standard.odata" in response.body[:2000]:
        return Greeting()
    if _of_1c(response) or (yield from _published()):
        return Greeting(closed=_NO_ODATA)
    raise ProtocolError(
        f"HTTP {response.status} at {ROOT}: nothing of 1C is published here, or its standard OData "
        "interface is switched off. Open 1C in the browser and copy the address from there"
    )


def _published() -> Flow[bool]:
    try:
        return _of_1c((yield Request("GET", "/")))
    except ProtocolError as error:  # the web client leads to the page of a language
        return bool(_TO_CLIENT.search(str(error)))


def _of_1c(response: Response) -> bool:
    page = response.body[:20_000].decode("utf-8", "replace").casefold()
    return any(one in page for one in _SIGNS)


def discover(base: Base, login: str, since: Sequence[dt.date]) -> Flow[Discovery]:
    """ProtocolError, with what to publish, where something needed is missing."""
    optional = lacking(base.schema, base.layout)
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
    firms = yield from organisations.read(base.wire, base.schema)
    return Discovery(
        company=company(base, firms),
        user=login,
        zone=str(base.zone),
        currencies=(base.own,),
        customers=len((yield from listed(base))),
        documents=documents,
        rights=tuple(rights),
        at=base.wire.now,
        newest=(yield from _newest(base)),
        organisations=(yield from _busy(base, firms)),
        optional=optional,
        offers=(yield from _plans(base)),
        mapping=base.layout.mapping,
        sellers=(yield from _sellers(base)),
        reads_sellers=_SELLERS if managed(base) else {},
    )


def _sellers(base: Base) -> Flow[tuple[User, ...]]:
    found: tuple[User, ...] = ()
    if base.wire.now is not None:
        with suppress(AccessError):
            found = yield from lately(base, (base.wire.now - _LATE).date())
    return found


def _newest(base: Base) -> Flow[dt.datetime | None]:
    """Of orders: a shipment is often dated to the end of its day. What is dated ahead of any zone's
    wall does not count."""
    if base.wire.now is None:
        return None
    ahead = (base.wire.now + _EASTERNMOST).replace(tzinfo=None)
    query = {"$filter": f"Date lt datetime'{ahead:%Y-%m-%dT%H:%M:%S}'", "$orderby": "Date desc"}
    found = []
    for name in base.layout.of(Kind.ORDER):
        with suppress(AccessError):
            rows = yield from base.wire.rows(name, {**query, "$top": "1", "$select": "Date"})
            found += [dt.datetime.fromisoformat(str(row["Date"])) for row in rows]
    return max(found, default=None)


def _busy(base: Base, firms: Mapping[str, str]) -> Flow[dict[str, int | None]]:
    """Name -> orders and shipments of late."""
    named = sorted(firms.items(), key=lambda one: one[1])
    found: dict[str, int | None] = dict.fromkeys(name for _, name in named)
    if base.wire.now is None or len(named) > _FIRMS:
        return found
    since = day_start((base.wire.now - _LATE).date())
    for key, firm in named:
        count = found[firm] or 0
        for name in (*base.layout.of(Kind.ORDER), *base.layout.of(Kind.INVOICE)):
            if base.schema.has(name, ORGANISATION[0]):
                mine = f"Date ge {since} and {ORGANISATION[0]} eq {guid(key)}"
                with suppress(AccessError):
                    count += yield from _count(base, name, mine)
        found[firm] = count
    return found


def _plans(base: Base) -> Flow[tuple[Offer, ...]]:
    """Nodes of exchange plans, but for the base's own."""
    found = []
    plans = sorted(one for one in base.schema.sets if one.startswith(_PLAN))
    for name in plans[:_FIRMS]:
        rows: Sequence[Mapping[str, Any]] = ()
        with suppress(AccessError):
            fields = base.schema.those(name, ("Ref_Key", "Code", "Description", "ThisNode"))
            rows = yield from base.wire.rows(name, {"$select": ",".join(fields)})
        for row in rows:
            key, code = str(row["Ref_Key"]).lower(), str(row.get("Code") or "").strip()
            if row.get("ThisNode") is not True:
                plan, label = name.removeprefix(_PLAN), str(row.get("Description") or "").strip()
                options = {"exchange_plan": plan, "exchange_node": key}
                says = f"exchange plan {plan}, node {code} “{label}”"
                found.append(Offer(f"{plan}/{code or key}", says, options))
    return tuple(found)


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
            since_then = f"Date ge {day_start(day)}" if day else ""
            clause = " and ".join(one for one in (since_then, base.only(name)) if one)
            try:
                whole += yield from _count(base, name, clause)
            except AccessError:
                return None
        counts.append(whole)
    return tuple(counts)


def _count(base: Base, name: str, condition: str) -> Flow[int]:
    query = {"$top": "1", "$select": "Ref_Key", "$inlinecount": "allpages", "$format": _JSON}
    if condition:
        query["$filter"] = condition
    answer = yield from base.wire.get(name, query)
    return int(answer.get("odata.count") or 0)


def opening(base: Base, day: dt.date) -> Flow[Opened]:
    found = yield from open_sums(base, day)
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for row in (one for rows in found.values() for one in rows):
        owed, ahead = sums.get(row.currency, (ZERO, ZERO))
        sums[row.currency] = (owed + row.receivable, ahead + row.prepaid)
    return Opened(len(found), sums)


def company(base: Base, firms: Mapping[str, str]) -> str:
    return organisations.label(firms, base.firms) or base.layout.name
