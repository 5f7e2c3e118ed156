"""Comparisons, arithmetic and functions of conditions."""

from __future__ import annotations

import calendar
import datetime as dt
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from syncd.sandbox.onec.base import Row
from syncd.sandbox.onec.odata.values import Guid, Typed
from syncd.sandbox.onec.refusals import BUSINESS, Refusal, bad_option

Value = Callable[[Row], Any]
ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
SIGNS: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
}
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


class TypeOf:
    """The value of `Заказ_Type`: can be compared, and no function takes it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, row: Row) -> Any:
        return row.get(self.name, "")


def compare(which: str, left: Value, right: Value, option: str) -> Value:
    if which == "eq":
        return lambda row: _equal(left(row), right(row))
    if which == "ne":
        return lambda row: not _equal(left(row), right(row))
    test = ORDERED[which]

    def ordered(row: Row) -> bool:
        one, other = left(row), right(row)
        if isinstance(one, Guid | Typed) or isinstance(other, Guid | Typed):
            raise bad_option(option, "ссылки не сравниваются на больше и меньше")
        if one is None or other is None:
            return False
        if type(one) is not type(other):
            raise bad_option(option, "сравниваются разные типы")
        return test(one, other)

    return ordered


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, Typed) and type(other) is str:
        return one.type == "Edm.String" and one.value == other
    if isinstance(one, Typed) and isinstance(other, Decimal):
        return one.type == "Edm.Double" and Decimal(str(one.value)) == other
    if isinstance(one, str) and isinstance(other, str) and type(one) is type(other) is str:
        return one.rstrip() == other.rstrip()
    return type(one) is type(other) and bool(one == other)


def arithmetic(which: str, left: Value, right: Value) -> Value:
    sign = SIGNS[which]
    return lambda row: sign(left(row), right(row))


def function(name: str, arguments: Sequence[Value], option: str) -> Value:
    if name == "startswith" and any(isinstance(one, TypeOf) for one in arguments):
        raise Refusal(500, BUSINESS, "Внутренняя ошибка OData сервиса")
    found = FUNCTIONS.get(name)
    if found is None or len(arguments) not in found[0]:
        raise bad_option(option, f"функция {name} с {len(arguments)} аргументами не найдена")
    called = found[1]
    return lambda row: called(*(one(row) for one in arguments))


def _like(text: str, pattern: str) -> bool:
    """`%` and `_` as in SQL."""
    made = re.escape(pattern).replace("%", ".*").replace("_", ".")
    return re.fullmatch(made, text, re.IGNORECASE | re.DOTALL) is not None


def _add(date: str, unit: str, count: Decimal) -> str:
    moment = dt.datetime.fromisoformat(date)
    if unit in SECONDS:
        return (moment + dt.timedelta(seconds=SECONDS[unit] * int(count))).isoformat()
    months = moment.month - 1 + int(count) * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = moment.year + months // 12, months % 12 + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day).isoformat()


def _difference(one: str, other: str, unit: str) -> Decimal:
    """Whole units from `one` to `other`, by their borders."""
    first, second = dt.datetime.fromisoformat(one), dt.datetime.fromisoformat(other)
    months = (second.year - first.year) * 12 + second.month - first.month
    if unit in ("month", "quarter", "year"):
        return Decimal(months // {"month": 1, "quarter": 3, "year": 12}[unit])
    if unit == "day":
        return Decimal((second.date() - first.date()).days)
    return Decimal(int((second - first).total_seconds()) // SECONDS[unit])


def _part(start: int, end: int) -> Callable[[str], Decimal]:
    return lambda date: Decimal(date[start:end])


FUNCTIONS: Mapping[str, tuple[tuple[int, ...], Callable[..., Any]]] = {
    "substringof": ((2,), lambda needle, text: needle.casefold() in (text or "").casefold()),
    "startswith": ((2,), lambda text, start: (text or "").casefold().startswith(start.casefold())),
    "endswith": ((2,), lambda text, end: (text or "").rstrip().casefold().endswith(end.casefold())),
    "like": ((2,), lambda text, pattern: _like(text or "", pattern)),
    "substring": (
        (2, 3),
        lambda text, start, length=None: text[int(start) - 1 :][
            : None if length is None else int(length)
        ],
    ),
    "concat": ((2,), lambda one, other: one + other),
    "year": ((1,), _part(0, 4)),
    "month": ((1,), _part(5, 7)),
    "day": ((1,), _part(8, 10)),
    "hour": ((1,), _part(11, 13)),
    "minute": ((1,), _part(14, 16)),
    "second": ((1,), _part(17, 19)),
    "dateadd": ((3,), _add),
    "datedifference": ((3,), _difference),
    "round": (
        (1, 2),
        lambda number, digits=Decimal(0): round(number, int(digits)),
    ),
}
