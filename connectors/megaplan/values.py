"""Megaplan's values and those of a mapping.

A day has its month counted from 0. An amount carries its currency; one in another currency than the
connection's is read as text, so that it is never taken for that many of these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from syncd.domain import Value
from syncd.errors import ProtocolError

Json = dict[str, Any]

MONEY, DATE, MOMENT, FLAG, TEXT = (
    "MoneyField",
    "DateField",
    "DateTimeField",
    "BoolField",
    "StringField",
)
WHOLE = frozenset({"IntegerField", "BigIntField"})
TEXTS = frozenset({TEXT, "EnumField"})
NUMBERS = frozenset({MONEY, "FloatField", *WHOLE})


def sent(kind: str, value: Value, currency: str) -> Any:
    """As an extra field of this kind takes it; None empties it. ValueError where it is none."""
    if value is None:
        return "" if kind == TEXT else None
    if kind == MONEY:
        return {"contentType": "Money", "currency": currency, "value": _number(value)}
    if kind == DATE:
        day = dt.date.fromisoformat(str(value))
        return {
            "contentType": "DateOnly",
            "year": day.year,
            "month": day.month - 1,
            "day": day.day,
        }
    if kind in WHOLE:
        number = _number(value)
        if number != int(number):
            raise ValueError(f"{number} is no whole number")
        return int(number)
    if kind in NUMBERS:
        return _number(value)
    return value if isinstance(value, bool) else str(value)


def _number(value: Value) -> Decimal | int:
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return value
    raise ValueError(f"{value!r} is no number")


def plain(value: Any, currency: str | None = None) -> Value:
    """What a mapping compares: an empty text is nothing, a link is its id."""
    if isinstance(value, Mapping):
        value = _unwrapped(value, currency)
    if value is None or value == "":
        return None
    if isinstance(value, bool | str | Decimal):
        return value
    return Decimal(value) if isinstance(value, int) else str(value)


def _unwrapped(value: Mapping[str, Any], currency: str | None) -> Any:
    match value.get("contentType"):
        case "Money":
            amount = Decimal(value["value"])
            return amount if value.get("currency") == currency else f"{amount} {value['currency']}"
        case "DateOnly":
            return day(value)
        case "DateTime" | "DateInterval":
            return value.get("value")
    return value.get("id") if "id" in value else value.get("value")


def day(value: Mapping[str, Any]) -> str | None:
    """ISO, from a month that begins with 0; None for a year that nobody typed."""
    try:
        return dt.date(value["year"], value["month"] + 1, value["day"]).isoformat()
    except (KeyError, TypeError, ValueError):
        return None


def moment(value: Any) -> dt.datetime:
    """Of a DateTime. ProtocolError."""
    try:
        found = dt.datetime.fromisoformat(value["value"])
    except (KeyError, TypeError, ValueError):
        raise ProtocolError("Megaplan tells a time in a form that is not known") from None
    if found.tzinfo is None:
        raise ProtocolError("Megaplan tells a time without its zone")
    return found.astimezone(dt.UTC)
