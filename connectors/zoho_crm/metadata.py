"""What an organisation has: its modules and their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.port import Flow

from .answers import NoModuleError, ask
from .facts import CUSTOM

_LEADS = frozenset({"lookup", "ownerlookup", "userlookup"})
"""Types of what holds the id of another record."""


def fields_of(module: str) -> Flow[Sequence[Mapping[str, Any]]]:
    """Every field, of whatever layout. NoModuleError."""
    body = yield from ask("GET", "/settings/fields", {"module": module})
    found: Sequence[Mapping[str, Any]] = body["fields"] if body else ()
    return found


def modules() -> Flow[Mapping[str, Mapping[str, Any]]]:
    """By API name."""
    body = yield from ask("GET", "/settings/modules")
    return {str(one["api_name"]): one for one in (body["modules"] if body else ())}


def described(object: str) -> Flow[Mapping[str, str]]:
    """The names of a module, of what was made in it, or of what a lookup of it leads to: its id
    alone. Nothing where there is no such module."""
    module, _, inner = object.partition("/")
    try:
        known = yield from fields_of(module)
    except NoModuleError:
        return {}
    custom = CUSTOM.removesuffix(".")
    if inner == custom:
        return {str(one["api_name"]): "" for one in known if one["custom_field"]}
    if inner:
        return {"id": ""}
    found = {
        str(one["api_name"]): f"{module}/{one['api_name']}" if one["data_type"] in _LEADS else ""
        for one in known
    }
    return {**found, custom: f"{module}/{custom}"}
