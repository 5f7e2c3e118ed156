"""What an organisation has: its modules and their fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from syncd.errors import ProtocolError, RejectedError
from syncd.port import Flow

from .answers import NoModuleError, ask
from .coql import Row
from .facts import ACCOUNTS, CONTACTS, CUSTOM

STAMP, EDITOR = "Modified_Time", "Modified_By"
ALWAYS = ("id", STAMP)
"""Every module has them, whether it lists them or not."""

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
    alone, but for the contacts of an account. Nothing where there is no such module."""
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
    if module == ACCOUNTS:
        found[CONTACTS] = CONTACTS
    return {**found, custom: f"{module}/{custom}"}


def those_there(
    names: list[str], module: str, query: Callable[[Sequence[str]], Flow[list[Row]]]
) -> Flow[list[Row]]:
    """What a query with these columns finds. A list leaves out in silence what the module does not
    have, a query is refused: as long as set-up has not made every field, what is missing is not
    asked for, and is taken out of `names`."""
    try:
        return (yield from query(names))
    except RejectedError:
        known = {str(one["api_name"]) for one in (yield from fields_of(module))}
        there = [name for name in names if name in known or name in ALWAYS]
        if there == names:
            raise
        names[:] = there
    return (yield from query(names))


def moment_of(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, TypeError):
        raise ProtocolError(f"Zoho tells a time as {text!r}") from None
