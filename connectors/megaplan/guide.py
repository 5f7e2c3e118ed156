"""What Megaplan tells whoever sets up a connection, or looks after one; nothing of it writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from syncd.errors import AccessError, ProtocolError, RejectedError
from syncd.guide import CustomField, Discovery, Greeting, Listed, Right
from syncd.port import Flow, Request

from .answers import API, accepted, clock, listed
from .extra import ExtraFields
from .facts import COMPANY, DEAL, LISTS
from .login import TOKEN

_WON = frozenset({"клиент", "client", "customer", "покупатель", "заказчик"})
_LOOKED_AT = 100
"""Cards whose types are counted."""
_NEEDS = {COMPANY: "cards", DEAL: "won deals"}


def greet() -> Flow[Greeting]:
    """By its refusal of a login without a password."""
    response = yield Request("POST", TOKEN, form={"grant_type": "password"})
    try:
        body = response.json()
    except ProtocolError:
        body = None
    if not isinstance(body, dict) or "error" not in body:
        raise ProtocolError(
            "this is not an account of Megaplan: give its address, as https://name.megaplan.ru"
        )
    return Greeting("v3")


def discover(extra: ExtraFields, currency: str) -> Flow[Discovery]:
    request = Request("GET", API + "accountInfo")
    response = yield request
    info = accepted(request, response)["data"]
    rights, cards = yield from _rights()
    extra.forget()
    known = yield from extra.all(COMPANY)
    return Discovery(
        company=name_of(info),
        currencies=(currency,),
        rights=rights,
        fields=tuple(CustomField(COMPANY, one.path, one.label) for one in known.values()),
        listed=_listed(cards),
        at=clock(response),
        edition=info.get("productName") or None,
        users=info.get("licenceQuantity") or None,
        production=not info["isTest"] if isinstance(info.get("isTest"), bool) else None,
    )


def name_of(info: Mapping[str, Any]) -> str:
    return str(info.get("accountName") or info.get("permanentHost") or "Megaplan")


def _rights() -> Flow[tuple[tuple[Right, ...], list[Mapping[str, Any]]]]:
    """Lists show what may be read. What may be written is not seen before the first write."""
    found, cards = [], []
    for type, need in _NEEDS.items():
        allowed = True
        try:
            asks = {"limit": _LOOKED_AT, "fields": ["type"] if type == COMPANY else []}
            told = yield from listed(LISTS[type], asks)
            if type == COMPANY:
                cards = [row for row in told.data if row["contentType"] == COMPANY]
        except (AccessError, RejectedError):
            allowed = False
        found.append(Right("read", type, allowed, need, type))
    found.append(Right("write", COMPANY, None, "what is owed", COMPANY))
    return tuple(found), cards


def _listed(cards: list[Mapping[str, Any]]) -> tuple[Listed, ...]:
    """The types of cards that are called like a customer."""
    names: Counter[str] = Counter()
    for card in cards:
        type = card.get("type")
        if isinstance(type, dict) and type.get("name"):
            names[str(type["name"])] += 1
    return tuple(
        Listed("type.name", "Тип", name, count, COMPANY)
        for name, count in names.items()
        if name.casefold() in _WON
    )
