"""What stands on the records that may be the customers' cards, accounts or contacts; nothing of it
writes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from syncd.errors import AccessError, RejectedError
from syncd.guide import CustomField, Listed
from syncd.port import Flow

from . import coql
from .answers import ScopeError, ask
from .facts import CUSTOM
from .metadata import fields_of
from .scopes import Lacking

_CUSTOMER = frozenset({"client", "customer", "клиент", "покупатель", "заказчик", "顧客", "取引先"})
_TAX = re.compile(r"(^|[\W_])(инн|inn|tax|vat|tin)([\W_]|$)")
_LISTS = 5
"""Values that are counted, a call and a credit each."""
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


class Told(msgspec.Struct, frozen=True):
    """Of one module; `taxes` are its fields that look like a tax id."""

    count: int | None
    fields: tuple[CustomField, ...]
    listed: tuple[Listed, ...]
    taxes: tuple[str, ...]


def told(module: str, id_field: str, lacking: Lacking) -> Flow[Told]:
    count = yield from lacking.within(_count(module), None)
    there = yield from lacking.within(fields_of(module), ())
    fields = yield from lacking.within(_fields(module, there, id_field), ())
    listed = yield from lacking.within(_listed(module, there), ())
    return Told(count, fields, listed, _taxes(there, id_field))


def _count(module: str) -> Flow[int | None]:
    try:
        body = yield from ask("GET", f"/{module}/actions/count")
    except ScopeError:
        raise
    except (AccessError, RejectedError):
        return None
    return int(body["count"]) if body else 0


def _fields(
    module: str, there: Sequence[Mapping[str, Any]], id_field: str
) -> Flow[tuple[CustomField, ...]]:
    """How many have a value is asked of those that may hold an id, ours first."""
    known = [one for one in there if one["custom_field"]]
    texts = [str(one["api_name"]) for one in known if one["data_type"] == "text"][:_COLUMNS]
    found, asked, looked = [], 0, 0
    for one in sorted(known, key=lambda each: each["api_name"] != id_field):
        name, filled = str(one["api_name"]), None
        samples: tuple[Mapping[str, str], ...] = ()
        if one["data_type"] in _IDS and asked < _COUNTED:
            filled, asked = (yield from _filled(module, name)), asked + 1
        if filled and name in texts and name != id_field and looked < _LOOKED_AT:
            samples = yield from _samples(module, name, texts)
            looked += bool(samples)
        label, unique = str(one["field_label"]), bool(one.get("unique"))
        found.append(CustomField(module, CUSTOM + name, label, filled, unique, samples))
    return tuple(found)


def _samples(module: str, name: str, texts: Sequence[str]) -> Flow[tuple[Mapping[str, str], ...]]:
    """None of a field whose values are no keys."""
    rows = yield from coql.rows(["id", *texts], module, [f"{name} is not null"], _SAMPLES)
    if not all(_KEY.fullmatch(str(row[name])) for row in rows):
        return ()
    return tuple({CUSTOM + one: str(row[one]) for one in texts if row.get(one)} for row in rows)


def _filled(module: str, name: str, condition: str = "is not null") -> Flow[int | None]:
    query = f"select COUNT(id) from {module} where {name} {condition}"
    try:
        body = yield from ask("POST", "/coql", body={"select_query": query})
    except RejectedError:
        return None
    return int(next(iter(body["data"][0].values()))) if body else 0


def _taxes(there: Sequence[Mapping[str, Any]], id_field: str) -> tuple[str, ...]:
    """By what they are called."""
    texts = [one for one in there if one.get("data_type") in _IDS and one["api_name"] != id_field]
    named = ((str(one["api_name"]), str(one["field_label"])) for one in texts)
    found = [name for name, label in named if _TAX.search(f"{name} {label}".casefold())]
    return tuple(found[:_LOOKED_AT])


def _listed(module: str, there: Sequence[Mapping[str, Any]]) -> Flow[tuple[Listed, ...]]:
    """Values of lists that are called like a customer."""
    found: list[Listed] = []
    for one in (each for each in there if each.get("data_type") == "picklist"):
        name = str(one["api_name"])
        path = CUSTOM + name if one["custom_field"] else name
        for value in one.get("pick_list_values") or ():
            code = str(value["actual_value"])
            if code.casefold() in _CUSTOMER and len(found) < _LISTS:
                cards = yield from _filled(module, name, f"= {coql.quoted(code)}")
                found.append(Listed(path, str(one["field_label"]), code, cards or 0, module))
    return tuple(found)
