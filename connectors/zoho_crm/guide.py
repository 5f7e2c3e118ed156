"""What Zoho tells whoever sets up a connection, or looks after one; nothing of it writes.

The scopes of a token stand in the answer that gave it, mostly; else each is seen when a read is
refused for the lack of it. What its user may do with a module stands in the list of modules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from syncd.errors import AccessError, ProtocolError, RejectedError
from syncd.guide import Cards, Discovery, Greeting, Right, Stage
from syncd.port import Flow, Request, Response

from . import cards, won
from .answers import API, accepted, ask
from .facts import ACCOUNTS, CONTACTS, DEALS, DOCUMENTS, LEADS
from .login import TOKEN
from .metadata import modules
from .scopes import Lacking

_OF_CARDS = (
    ("create", "creatable", "cards of new customers"),
    ("write", "editable", "what is owed"),
)
_CARDS: Mapping[str, tuple[str, str]] = {
    ACCOUNTS: ("Account_Name", "zoho_crm"),
    CONTACTS: ("Contact_Name", "zoho_crm_persons"),
}
"""What may be a customer's card: how a deal leads to it, and the mapping by which it is."""
_NEEDS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    ACCOUNTS: (("read", "viewable", "cards"), *_OF_CARDS),
    DEALS: (("read", "viewable", "won deals"),),
    CONTACTS: (("read", "viewable", "e-mail and phone of won customers"), *_OF_CARDS),
    **dict.fromkeys(
        DOCUMENTS,
        (("create", "creatable", "documents on cards"), ("write", "editable", "their changes")),
    ),
}
_NO_DEALS: tuple[tuple[Stage, ...], Mapping[str, int]] = ((), {})
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
    told = {}
    seen = [one for one in _CARDS if known.get(one, {}).get("viewable")]
    for one in seen or [ACCOUNTS]:
        told[one] = yield from cards.told(one, id_field, lacking)
    stages, named = _NO_DEALS
    if DEALS in known:
        lookups = [_CARDS[one][0] for one in told] if len(told) > 1 else []
        taxes = [f"{_CARDS[one][0]}.{name}" for one in told for name in told[one].taxes]
        stages, named = yield from lacking.within(won.stages(closed, lookups, taxes), _NO_DEALS)
    converted = None
    if known.get(LEADS, {}).get("viewable"):
        converted = yield from lacking.within(won.converted(closed), None)
    lacking.refuse()
    licence = org.get("license_details") or {}
    return Discovery(
        company=str(org["company_name"]),
        user=user,
        administrator=administrator,
        zone=org.get("time_zone") or None,
        currencies=(str(org["iso_code"]),) if org.get("iso_code") else (),
        customers=next(iter(told.values())).count,
        rights=tuple(_rights(known)),
        fields=tuple(field for one in told.values() for field in one.fields),
        stages=stages,
        converted=converted,
        listed=tuple(value for one in told.values() for value in one.listed),
        cards=tuple(_cards(told, named)),
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


def _rights(known: Mapping[str, Mapping[str, Any]]) -> Iterator[Right]:
    """Modules of documents that are not there are made by setup, and nothing is said of them."""
    for module, needs in _NEEDS.items():
        for op, flag, need in needs if module in known else ():
            allowed = known[module].get(flag)
            seen = allowed if isinstance(allowed, bool) else None
            yield Right(op, module, seen, need, module if module in _CARDS else "")


def _cards(told: Mapping[str, cards.Told], named: Mapping[str, int]) -> Iterator[Cards]:
    for module, one in told.items():
        lookup, mapping = _CARDS[module]
        yield Cards(module, one.count, named.get(lookup, 0), mapping)
