"""Oracle's functions for SQLite: exact sums, dates on the account's clock, texts of any alphabet.

A date is bytes (`syncd.sandbox.netsuite.store`); any argument that is None makes most results None.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import sqlite3
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

WALL = "%Y-%m-%d %H:%M:%S"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PARTS = re.compile(
    r'"[^"]*"|YYYY|YY|MONTH|MON|MM|DDD|DAY|DY|DD|D|HH24|HH12|HH|MI|SS|AM|PM|IW|Q|FM|.', re.I | re.S
)


def moment(held: bytes) -> dt.datetime:
    return dt.datetime.strptime(held.decode(), WALL)  # noqa: DTZ007 - a wall clock


def wall(value: dt.datetime) -> bytes:
    return value.strftime(WALL).encode()


def number(value: Any) -> Decimal:
    """sqlite3.Error (as ValueError) where a text is none."""
    try:
        return Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError(f"invalid number {value!r}") from None


def back(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


# arithmetic


def plus(a: Any, b: Any) -> Any:
    if isinstance(b, bytes):
        a, b = b, a
    if isinstance(a, bytes):
        return wall(moment(a) + dt.timedelta(days=float(b)))
    return back(number(a) + number(b))


def minus(a: Any, b: Any) -> Any:
    if isinstance(a, bytes) and isinstance(b, bytes):
        return back(Decimal((moment(a) - moment(b)).total_seconds()) / 86400)
    if isinstance(a, bytes):
        return wall(moment(a) - dt.timedelta(days=float(b)))
    return back(number(a) - number(b))


def times(a: Any, b: Any) -> Any:
    return back(number(a) * number(b))


def over(a: Any, b: Any) -> Any:
    if not number(b):
        raise ValueError("divisor is equal to zero")
    return back(number(a) / number(b))


def rounded(value: Any, digits: Any = 0) -> Any:
    if isinstance(value, bytes):
        return truncated(wall(moment(value) + dt.timedelta(hours=12)))
    return back(number(value).quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP))


def truncated(value: Any, unit: Any = None) -> Any:
    if not isinstance(value, bytes):
        return back(number(value).quantize(Decimal(1).scaleb(-int(unit or 0)), ROUND_DOWN))
    at = moment(value).replace(hour=0, minute=0, second=0)
    match str(unit or "DD").upper():
        case "YYYY" | "YEAR" | "YY" | "Y":
            at = at.replace(month=1, day=1)
        case "Q":
            at = at.replace(month=(at.month - 1) // 3 * 3 + 1, day=1)
        case "MM" | "MONTH" | "MON":
            at = at.replace(day=1)
        case "IW" | "WEEK":
            at -= dt.timedelta(days=at.weekday())
        case "HH" | "HH24" | "HOUR":
            at = moment(value).replace(minute=0, second=0)
        case "MI" | "MINUTE":
            at = moment(value).replace(second=0)
        case "DD" | "DDD" | "DAY":
            pass
        case _:
            raise ValueError("bad date format")
    return wall(at)


def add_months(held: Any, months: Any) -> bytes:
    at = moment(held)
    whole = at.year * 12 + at.month - 1 + int(months)
    year, month = divmod(whole, 12)
    last = calendar.monthrange(year, month + 1)[1]
    end = at.day == calendar.monthrange(at.year, at.month)[1]
    return wall(at.replace(year=year, month=month + 1, day=last if end else min(at.day, last)))


def last_day(held: Any) -> bytes:
    at = moment(held)
    return wall(at.replace(day=calendar.monthrange(at.year, at.month)[1]))


# dates and texts


def to_date(text: Any, form: str) -> bytes:
    """`form` as strptime has it."""
    if isinstance(text, bytes):
        return text
    return wall(dt.datetime.strptime(str(text), form))  # noqa: DTZ007 - a wall clock


def to_char(value: Any, form: Any = None) -> str:
    if isinstance(value, bytes):
        at = moment(value)
        return "".join(_part(at, one) for one in PARTS.findall(str(form or "DD-MON-YY")))
    if form is None or isinstance(value, str):
        return shown(value)
    return _figure(number(value), str(form))


def _part(at: dt.datetime, word: str) -> str:
    match word.upper():
        case "YYYY":
            return f"{at.year:04}"
        case "YY":
            return f"{at.year % 100:02}"
        case "MM":
            return f"{at.month:02}"
        case "MONTH":
            return calendar.month_name[at.month]
        case "MON":
            found = MONTHS[at.month - 1]
            return found.upper() if word.isupper() else found
        case "DD":
            return f"{at.day:02}"
        case "DDD":
            return f"{at.timetuple().tm_yday:03}"
        case "DAY":
            return calendar.day_name[at.weekday()]
        case "DY":
            return calendar.day_abbr[at.weekday()]
        case "D":
            return str(at.isoweekday() % 7 + 1)
        case "HH24":
            return f"{at.hour:02}"
        case "HH" | "HH12":
            return f"{(at.hour + 11) % 12 + 1:02}"
        case "MI":
            return f"{at.minute:02}"
        case "SS":
            return f"{at.second:02}"
        case "AM" | "PM":
            return "AM" if at.hour < 12 else "PM"
        case "Q":
            return str((at.month - 1) // 3 + 1)
        case "IW":
            return f"{at.isocalendar().week:02}"
        case "FM":
            return ""
    return word[1:-1] if word.startswith('"') else word


def _figure(value: Decimal, form: str) -> str:
    """9, 0, comma, dot and FM of Oracle's formats of numbers."""
    plain = form.upper().replace("FM", "")
    digits = len(plain.partition(".")[2])
    text = f"{value:,.{digits}f}" if "," in plain else f"{value:.{digits}f}"
    return text if "FM" in form.upper() or value < 0 else f" {text}"


def shown(value: Any) -> str:
    """A number as text, without trailing zeros."""
    return value if isinstance(value, str) else f"{value:.15g}" if _small(value) else str(value)


def _small(value: Any) -> bool:
    return isinstance(value, float) and 1e-5 < abs(value) < 1e15


def joined(*parts: Any) -> str | None:
    """NULL counts as an empty text, and an empty text is NULL."""
    text = "".join(to_char(one) for one in parts if one is not None)
    return text or None


def replaced(text: Any, old: Any, new: Any = None) -> str | None:
    if text is None or old is None:
        return None if text is None else to_char(text)
    return to_char(text).replace(to_char(old), "" if new is None else to_char(new)) or None


def part_of(text: Any, start: Any, length: Any = None) -> str | None:
    whole, at = to_char(text), int(start)
    at = at - 1 if at > 0 else max(0, len(whole) + at) if at else 0
    return whole[at : None if length is None else at + int(length)] or None


def padded(text: Any, width: Any, fill: Any = " ", left: Any = 1) -> str:
    whole, size = to_char(text), int(width)
    more = (str(fill) * size)[: max(0, size - len(whole))]
    return (more + whole if left else whole + more)[:size]


class Sum:
    """Exact: what is kept as a float was a decimal."""

    def __init__(self) -> None:
        self.total: Decimal | None = None
        self.count = 0

    def step(self, value: Any) -> None:
        if value is not None:
            self.total = (self.total or Decimal(0)) + number(value)
            self.count += 1

    def finalize(self) -> Any:
        return None if self.total is None else back(self.total)


class Listed:
    def __init__(self) -> None:
        self.texts: list[str] = []
        self.between = ","

    def step(self, value: Any, between: Any = ",") -> None:
        if value is not None:
            self.texts.append(to_char(value))
        self.between = between or ""

    def finalize(self) -> Any:
        return self.between.join(self.texts) or None


class Average(Sum):
    def finalize(self) -> Any:
        return None if self.total is None else back(self.total / self.count)


def strict(made: Callable[..., Any]) -> Callable[..., Any]:
    """NULL where an argument is NULL."""

    def called(*given: Any) -> Any:
        return None if None in given else made(*given)

    return called


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "o_plus": plus,
    "o_minus": minus,
    "o_times": times,
    "o_over": over,
    "o_mod": lambda a, b: back(number(a) % number(b)) if number(b) else a,
    "o_round": rounded,
    "o_trunc": truncated,
    "o_abs": lambda a: back(abs(number(a))),
    "o_sign": lambda a: (number(a) > 0) - (number(a) < 0),
    "o_ceil": lambda a: back(number(a).to_integral_value("ROUND_CEILING")),
    "o_floor": lambda a: back(number(a).to_integral_value("ROUND_FLOOR")),
    "o_number": lambda a: back(number(a)),
    "o_add_months": add_months,
    "o_last_day": last_day,
    "o_to_date": to_date,
    "o_to_char": to_char,
    "o_strftime": lambda held, form: moment(held).strftime(form),
    "o_substr": part_of,
    "o_instr": lambda text, part: to_char(text).find(part) + 1,
    "o_pad": padded,
    "o_trim": lambda text: to_char(text).strip() or None,
    "lower": lambda text: to_char(text).lower(),
    "upper": lambda text: to_char(text).upper(),
    "length": lambda text: len(to_char(text)),
}


def register(db: sqlite3.Connection, sysdate: Callable[[], bytes]) -> None:
    for name, made in FUNCTIONS.items():
        db.create_function(name, -1, strict(made), deterministic=True)
    db.create_function("o_replace", -1, replaced, deterministic=True)
    db.create_function("o_concat", -1, joined, deterministic=True)
    db.create_function("o_sysdate", 0, sysdate)
    db.create_aggregate("o_list", 2, Listed)
    for name, aggregate in (("o_sum", Sum), ("o_avg", Average)):
        db.create_aggregate(name, 1, aggregate)
