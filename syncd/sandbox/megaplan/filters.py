"""Filters of lists: an object with a tree of terms. What a filter does not understand, it leaves
out, and then finds more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from syncd.sandbox.megaplan.account import Account, Entity
from syncd.sandbox.megaplan.schema import CONTRACTOR, CONTRACTORS, DEAL
from syncd.sandbox.megaplan.wire import Json, invalid

FILTERS = {CONTRACTOR: "CrmFilter", **dict.fromkeys(CONTRACTORS, "CrmFilter"), DEAL: "TradeFilter"}
TEXTS = ("name", "firstName", "lastName", "number", "description")
REFS = ("state", "contractor", "program", "manager", "type", "status", "company")


def passes(account: Account, type: str, given: Any) -> Iterable[Entity]:
    """Rows of the list that the filter lets through."""
    rows = account.rows(type)
    if given is None:
        return rows
    if not isinstance(given, dict):
        return rows  # the id of a saved one: this account has saved none
    if given.get("contentType") != FILTERS.get(type):
        raise invalid(f"Expected {FILTERS.get(type)}", "filter")
    program = given.get("program")
    group = ((given.get("config") or {}).get("termGroup")) or {}
    return (
        row
        for row in rows
        if (not program or _same(row.values.get("program"), program))
        and _group(account, row, group)
    )


def _group(account: Account, row: Entity, group: Json) -> bool:
    found = []
    for term in group.get("terms") or ():
        if term.get("contentType") == "FilterTermGroup":
            found.append(_group(account, row, term))
        elif (one := _term(account, row, term)) is not None:
            found.append(one)
    if not found:
        return True
    return any(found) if group.get("join") == "or" else all(found)


def _term(account: Account, row: Entity, term: Json) -> bool | None:
    """None: it is not understood."""
    name, wanted = str(term.get("field")), term.get("value")
    comparison, kind = term.get("comparison", "equals"), term.get("contentType")
    one = account.fields(row.type).get(name)
    if name.startswith("Category"):
        if account.switches.filter_extra == "refuse":
            raise invalid(f"Unknown field {name}", "filter")
        if account.switches.filter_extra == "ignore":
            return None
        if one is None:
            return False  # another kind of card has it
    elif name not in (*TEXTS, *REFS):
        return None
    value = account.derived(row, name)
    match kind:
        case "FilterTermRef" if name in REFS and isinstance(wanted, list):
            return _not(comparison, any(_same(value, each) for each in wanted))
        case "FilterTermString" if isinstance(wanted, str):
            return _text(account, str(value or ""), comparison, wanted)
        case "FilterTermEnum" if isinstance(wanted, list):
            return _not(comparison, value in wanted)
        case "FilterTermBool":
            return bool(value) is bool(wanted)
        case "FilterTermNumber" if isinstance(wanted, int | Decimal):
            return _number(value, comparison, Decimal(wanted))
        case "FilterTermDate" if isinstance(wanted, dict):
            return _day(wanted.get("from")) <= _day(value) <= _day(wanted.get("to"))
    return None


def _text(account: Account, value: str, comparison: Any, wanted: str) -> bool:
    if not account.switches.filter_case:
        value, wanted = value.casefold(), wanted.casefold()
    match comparison:
        case "contains" | "not_contains":
            return _not(comparison, wanted in value)
        case "starts_with":
            return value.startswith(wanted)
    return _not(comparison, value == wanted)


def _number(value: Any, comparison: Any, wanted: Decimal) -> bool:
    if isinstance(value, dict):
        value = value["value"]
    if value is None:
        return False
    match comparison:
        case "more":
            return bool(value > wanted)
        case "less":
            return bool(value < wanted)
    return _not(comparison, value == wanted)


def _day(value: Any) -> tuple[int, int, int]:
    if isinstance(value, datetime):
        return value.year, value.month - 1, value.day
    if isinstance(value, dict) and "month" in value:
        return value["year"], value["month"], value["day"]
    return 0, 0, 0


def _same(value: Any, link: Any) -> bool:
    return bool(
        value
        and link
        and str(value["id"]) == str(link["id"])
        and value["contentType"] == link["contentType"]
    )


def _not(comparison: Any, true: bool) -> bool:
    return not true if str(comparison).startswith("not_") else true
