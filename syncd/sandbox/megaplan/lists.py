"""One page of a list: filter, order, and where it begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from syncd.sandbox.megaplan.account import Account, Entity
from syncd.sandbox.megaplan.schema import CONTRACTOR, CONTRACTORS
from syncd.sandbox.megaplan.show import Showing, names_of
from syncd.sandbox.megaplan.wire import Json, Refused, enveloped, invalid, link
from syncd.sandbox.port import Answer

SORTABLE = ("timeCreated", "timeUpdated", "name", "stateTimeUpdated")
NO_MODEL = "There is no model class for Megaplan\\Api\\Entity\\Contractor"


def listed(account: Account, type: str, rows: Iterable[Entity], query: Json) -> Answer:
    names = names_of(account, type, query.get("fields"))
    ordered = _sorted(account, rows, query.get("sortBy"))
    limit = query.get("limit")
    most = min(limit if isinstance(limit, int) and limit > 0 else 100, account.switches.max_limit)
    page = _page(account, type, ordered, query, most)
    shown = Showing(account).rows(page, names, only=query.get("onlyRequestedFields") is True)
    return enveloped(shown, {"count": len(ordered), "limit": most})


def _sorted(account: Account, rows: Iterable[Entity], given: Any) -> list[Entity]:
    """Without a word of order, that of an index which means nothing to anybody."""
    found = sorted(rows, key=lambda row: (int(row.id) * 2654435761 % 2**32, int(row.id)))
    for one in reversed(given if isinstance(given, list) else []):
        name = one.get("fieldName")
        if name not in SORTABLE:
            raise invalid(f"Field {name} is not sortable", "sortBy")
        found.sort(key=lambda row: str(account.derived(row, name) or ""), reverse=bool(one["desc"]))
    return found


def _page(
    account: Account, type: str, rows: Sequence[Entity], query: Json, most: int
) -> Sequence[Entity]:
    if (after := query.get("pageAfter")) is not None:
        at = _at(account, type, rows, after)
        return () if at is None else rows[at + 1 : at + 1 + most]
    if (before := query.get("pageBefore")) is not None:
        at = _at(account, type, rows, before)
        return () if at is None else rows[max(0, at - most) : max(0, at)]
    if (other := query.get("pageWith")) is not None:
        at = _at(account, type, rows, other)
        return () if at is None else rows[at // most * most : at // most * most + most]
    return rows[:most]


def _at(account: Account, type: str, rows: Sequence[Entity], given: Any) -> int | None:
    """The place of the entity; -1: before all of them; None: nothing follows."""
    kind, id = link(given)
    if kind == CONTRACTOR:
        raise Refused(500, NO_MODEL)
    if kind not in (CONTRACTORS if type in (CONTRACTOR, *CONTRACTORS) else (type,)):
        raise invalid(f"Unexpected type {kind}", "pageAfter")
    for number, row in enumerate(rows):
        if row.id == id and row.type == kind:
            return number
    match account.switches.gone_anchor:
        case "empty":
            return None
        case "start":
            return -1
    raise Refused(404, "Entity not found")
