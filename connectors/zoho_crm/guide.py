"""What Zoho tells whoever sets up a connection, or looks after one; nothing of it writes.

The scopes of a token stand in the answer that gave it, mostly; else each is seen when a read is
refused for the lack of it. What its user may do with a module stands in the list of modules.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from syncd.errors import AccessError, ProtocolError, RejectedError
from syncd.guide import CustomField, Discovery, Greeting, Listed, Right, Stage
from syncd.port import Flow, Request, Response

from . import coql
from .answers import API, ScopeError, accepted, ask
from .facts import ACCOUNTS, CONTACTS, CUSTOM, DOCUMENTS, LEADS
from .login import TOKEN
from .metadata import fields_of, modules
from .scopes import Lacking

_WON = ("won", "успешно", "выиграна", "клиент", "成約", "受注")
"""In the names of stages that stand for won, where Zoho does not tell it otherwise."""
_CUSTOMER = frozenset({"client", "customer", "клиент", "покупатель", "заказчик", "顧客", "取引先"})
_LISTS = 5
"""Values that are counted, a call and a credit each."""
_CONVERTED = "Converted_Date_Time"
_NEEDS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    ACCOUNTS: (
        ("read", "viewable", "cards"),
        ("create", "creatable", "cards of new customers"),
        ("write", "editable", "what is owed"),
    ),
    "Deals": (("read", "viewable", "won deals"),),
    CONTACTS: (("read", "viewable", "e-mail and phone of won customers"),),
    **dict.fromkeys(
        DOCUMENTS,
        (("create", "creatable", "documents on cards"), ("write", "editable", "their changes")),
    ),
}
FREE, BASE = 5_000, 50_000
_CREDITS: Mapping[str, tuple[int, int]] = {
    "starter": (250, 100_000),
    "standard": (250, 100_000),
    "professional": (500, 3_000_000),
    "enterprise": (1_000, 5_000_000),
    "zohoone": (1_000, 5_000_000),
    "ultimate": (2_000, 1_000_000_000),
    "crmplus": (2_000, 1_000_000_000),
}
"""Paid edition -> credits of each user above the base, and how many at most."""
_IDS = frozenset({"text", "integer", "bigint"})
_COUNTED = 20
"""Custom fields whose values are counted: a call and a credit each."""
_COLUMNS = 45
"""Texts of one sample: Zoho takes fifty columns."""
_SAMPLES = 50
_LOOKED_AT = 3
"""Fields of which samples are read."""
_KEY = re.compile(r"\d{1,18}|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
"""As books write the key of a customer; a tax id is one by its form, and no customer's by its
value."""
_RECENT = 200
"""Deals closed lately that are counted, in each stage."""


def greet() -> Flow[Greeting]:
    """At the accounts server by its refusal of nobody, at the API by its own."""
    with suppress(ProtocolError):
        response = yield Request("POST", TOKEN, form={}, cost=0)
        body = response.json()
        if isinstance(body, dict) and "error" in body:
            return Greeting("v8")
    response = yield Request("GET", API + "/org")
    body = response.json() if response.status in (200, 401) else None
    if not isinstance(body, dict) or not {"org", "code"} & body.keys():
        raise ProtocolError(
            "this is not Zoho's accounts server: give that of your data centre, as "
            "https://accounts.zoho.com or https://accounts.zoho.eu"
        )
    return Greeting("v8")


def organisation() -> Flow[Mapping[str, Any]]:
    body = yield from ask("GET", "/org")
    org: Mapping[str, Any] = body["org"][0]
    return org


def allowance(org: Mapping[str, Any]) -> int | None:
    """Credits in 24 hours by the organisation's licence (vendor: "API limits" of v8), without those
    bought beside it; None for an edition that is not on that page."""
    licence = org.get("license_details")
    if not isinstance(licence, dict):
        return None
    if licence.get("paid") is False:
        return FREE
    users, edition = licence.get("users_license_purchased"), str(licence.get("paid_type"))
    known = _CREDITS.get(edition.casefold())
    if known is None or not str(users).isdecimal():
        return None
    each, most = known
    return min(BASE + each * int(str(users)), most)


def discover(
    closed: dt.date, id_field: str, granted: Callable[[], frozenset[str] | None]
) -> Flow[Discovery]:
    """AccessError names every scope that is lacking, but for that of users: only owners need
    it. `granted` are those of the login, known after the first request at the latest."""
    lacking = Lacking()
    request = Request("GET", API + "/org")
    response = yield request
    at = response.headers.get("date")
    if (scopes := granted()) is not None:
        lacking.compare(scopes)
    body = yield from lacking.within(_accepted(request, response), None)
    org: Mapping[str, Any] = body["org"][0] if body else {}
    known = yield from lacking.within(modules(), {})
    user, administrator = yield from _user()
    customers = yield from lacking.within(_count(), None)
    there = yield from lacking.within(fields_of(ACCOUNTS), ())
    fields = yield from lacking.within(_fields(there, id_field), ())
    listed = yield from lacking.within(_listed(there), ())
    stages: tuple[Stage, ...] = ()
    if "Deals" in known:
        stages = yield from lacking.within(_stages(closed), ())
    converted = None
    if known.get(LEADS, {}).get("viewable"):
        converted = yield from lacking.within(_converted(closed), None)
    lacking.refuse()
    licence = org.get("license_details") or {}
    return Discovery(
        company=str(org["company_name"]),
        user=user,
        administrator=administrator,
        zone=org.get("time_zone") or None,
        currencies=(str(org["iso_code"]),) if org.get("iso_code") else (),
        customers=customers,
        rights=tuple(_rights(known)),
        fields=fields,
        stages=stages,
        converted=converted,
        listed=listed,
        at=parsedate_to_datetime(at).astimezone(dt.UTC) if at else None,
        edition=licence.get("paid_type") or None,
        users=licence.get("users_license_purchased"),
        production=org["type"] == "production" if org.get("type") else None,
    )


def _accepted(request: Request, response: Response) -> Flow[Any]:
    yield from ()
    return accepted(request, response)


def _user() -> Flow[tuple[str | None, bool | None]]:
    try:
        body = yield from ask("GET", "/users", {"type": "CurrentUser"})
    except (AccessError, RejectedError):
        return None, None  # the scope for users is only needed for owners
    one = body["users"][0] if body and body["users"] else {}
    profile = (one.get("profile") or {}).get("name")
    return one.get("email"), None if profile is None else profile == "Administrator"


def _count() -> Flow[int | None]:
    try:
        body = yield from ask("GET", f"/{ACCOUNTS}/actions/count")
    except ScopeError:
        raise
    except (AccessError, RejectedError):
        return None
    return int(body["count"]) if body else 0


def _rights(known: Mapping[str, Mapping[str, Any]]) -> Iterator[Right]:
    """Modules of documents that are not there are made by setup, and nothing is said of them."""
    for module, needs in _NEEDS.items():
        for op, flag, need in needs if module in known else ():
            allowed = known[module].get(flag)
            yield Right(op, module, allowed if isinstance(allowed, bool) else None, need)


def _fields(there: Sequence[Mapping[str, Any]], id_field: str) -> Flow[tuple[CustomField, ...]]:
    """Of accounts. How many have a value is asked of those that may hold an id, ours first."""
    known = [one for one in there if one["custom_field"]]
    texts = [str(one["api_name"]) for one in known if one["data_type"] == "text"][:_COLUMNS]
    found, asked, looked = [], 0, 0
    for one in sorted(known, key=lambda each: each["api_name"] != id_field):
        name, filled = str(one["api_name"]), None
        samples: tuple[Mapping[str, str], ...] = ()
        if one["data_type"] in _IDS and asked < _COUNTED:
            filled, asked = (yield from _filled(name)), asked + 1
        if filled and name in texts and name != id_field and looked < _LOOKED_AT:
            samples = yield from _samples(name, texts)
            looked += bool(samples)
        label, unique = str(one["field_label"]), bool(one.get("unique"))
        found.append(CustomField(ACCOUNTS, CUSTOM + name, label, filled, unique, samples))
    return tuple(found)


def _samples(name: str, texts: Sequence[str]) -> Flow[tuple[Mapping[str, str], ...]]:
    """None of a field whose values are no keys."""
    rows = yield from coql.rows(["id", *texts], ACCOUNTS, [f"{name} is not null"], _SAMPLES)
    if not all(_KEY.fullmatch(str(row[name])) for row in rows):
        return ()
    return tuple({CUSTOM + one: str(row[one]) for one in texts if row.get(one)} for row in rows)


def _filled(name: str, condition: str = "is not null") -> Flow[int | None]:
    query = f"select COUNT(id) from {ACCOUNTS} where {name} {condition}"
    try:
        body = yield from ask("POST", "/coql", body={"select_query": query})
    except RejectedError:
        return None
    return int(next(iter(body["data"][0].values()))) if body else 0


def _stages(closed: dt.date) -> Flow[tuple[Stage, ...]]:
    values: Sequence[Mapping[str, Any]] = ()
    for one in (yield from fields_of("Deals")):
        if one["api_name"] == "Stage":
            values = one.get("pick_list_values") or ()
    found = []
    for value in values:
        code = str(value["actual_value"])
        label = str(value.get("display_value") or code)
        if _is_won(value, code, label):
            where = [f"Stage = {coql.quoted(code)}", f"Closing_Date >= '{closed.isoformat()}'"]
            rows = yield from coql.rows(["id"], "Deals", where, _RECENT)
            found.append(Stage(code, label, len(rows)))
    return tuple(found)


def _listed(there: Sequence[Mapping[str, Any]]) -> Flow[tuple[Listed, ...]]:
    """Values of lists on accounts that are called like a customer."""
    found: list[Listed] = []
    for one in (each for each in there if each.get("data_type") == "picklist"):
        name = str(one["api_name"])
        path = CUSTOM + name if one["custom_field"] else name
        for value in one.get("pick_list_values") or ():
            code = str(value["actual_value"])
            if code.casefold() in _CUSTOMER and len(found) < _LISTS:
                cards = yield from _filled(name, f"= {coql.quoted(code)}")
                found.append(Listed(path, str(one["field_label"]), code, cards or 0))
    return tuple(found)


def _converted(closed: dt.date) -> Flow[int]:
    query = {"fields": _CONVERTED, "converted": "true", "per_page": str(_RECENT)}
    body = yield from ask("GET", f"/{LEADS}", query)
    days = (str(one.get(_CONVERTED) or "")[:10] for one in (body["data"] if body else ()))
    return sum(day >= closed.isoformat() for day in days)


def _is_won(value: Mapping[str, Any], code: str, label: str) -> bool:
    told = value.get("deal_category") or value.get("forecast_type")
    if told and told != "Closed":  # which of the two ends it is, is not told then
        return str(told) == "Closed Won"
    return any(word in f"{code} {label}".casefold() for word in _WON)
