"""What may have made a customer here: stages of deals that stand for won, and converted leads; and
whether such deals name accounts or contacts. Nothing of it writes."""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from syncd.errors import RejectedError
from syncd.guide import Stage
from syncd.port import Flow

from . import coql
from .answers import ask
from .facts import DEALS, LEADS
from .metadata import fields_of, those_there

_WON = ("won", "успешно", "выиграна", "клиент", "成約", "受注")
"""In the names of stages that stand for won, where Zoho does not tell it otherwise."""
_CONVERTED = "Converted_Date_Time"
_RECENT = 200
"""Deals closed lately that are counted, in each stage."""


def stages(
    closed: dt.date, lookups: Sequence[str], taxes: Sequence[str]
) -> Flow[tuple[tuple[Stage, ...], Mapping[str, int]]]:
    """And how many of the deals closed since have each of the lookups. `taxes` are the tax ids of
    their cards, behind a lookup."""
    values: Sequence[Mapping[str, Any]] = ()
    for one in (yield from fields_of(DEALS)):
        if one["api_name"] == "Stage":
            values = one.get("pick_list_values") or ()
    found: list[Stage] = []
    named: Counter[str] = Counter()
    for value in values:
        code = str(value["actual_value"])
        label = str(value.get("display_value") or code)
        if _is_won(value, code, label):
            where = [f"Stage = {coql.quoted(code)}", f"Closing_Date >= '{closed.isoformat()}'"]
            deals, known = yield from _recent(where, lookups, taxes)
            without = sum(not any(deal.get(one) for one in known) for deal in deals)
            lacking = (
                None if taxes and not known else without
            )  # without a field all of them lack it
            found.append(Stage(code, label, len(deals), lacking))
            named.update(name for deal in deals for name in lookups if deal.get(name))
    return tuple(found), named


def _recent(
    where: Sequence[str], lookups: Sequence[str], taxes: Sequence[str]
) -> Flow[tuple[list[Mapping[str, Any]], Sequence[str]]]:
    """Deals, with those of the tax ids that can be asked for."""
    asked = functools.partial(coql.rows, module=DEALS, where=where, limit=_RECENT)
    if taxes:
        try:
            return (yield from asked(["id", *lookups, *taxes])), taxes
        except RejectedError:
            pass  # a field of a kind that cannot be asked for, or a lookup that is not there
    return (yield from those_there(["id", *lookups], DEALS, asked)), ()


def converted(closed: dt.date) -> Flow[int]:
    query = {"fields": _CONVERTED, "converted": "true", "per_page": str(_RECENT)}
    body = yield from ask("GET", f"/{LEADS}", query)
    days = (str(one.get(_CONVERTED) or "")[:10] for one in (body["data"] if body else ()))
    return sum(day >= closed.isoformat() for day in days)


def _is_won(value: Mapping[str, Any], code: str, label: str) -> bool:
    told = value.get("deal_category") or value.get("forecast_type")
    if told and told != "Closed":  # which of the two ends it is, is not told then
        return str(told) == "Closed Won"
    return any(word in f"{code} {label}".casefold() for word in _WON)
