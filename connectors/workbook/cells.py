"""What a cell holds, and a value of the port: numbers and days are real ones, and text is never a
formula.

Excel keeps 15 digits of a number and 32,767 characters of a text (its "specifications and limits").
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from syncd.domain import Value
from syncd.errors import RejectedError

DIGITS = 15
LONGEST = 32_767
SHORT = 255
"""Longer text in a cell that is formatted as text is shown as ##### by some versions of Excel."""
AS_TEXT = "@"
DAY = "yyyy-mm-dd"
_GENERAL = "General"
_NOT_IN_CELLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULAS = ("=", "+", "-", "@")
_FIRST = dt.date(1900, 3, 1)
"""Days before it are other ones in Excel, which has a 29 February 1900."""

Content = str | int | Decimal | bool | dt.date | None


def contents(fields: Mapping[str, Value], types: Mapping[str, str]) -> dict[str, Content]:
    """What the cells of these paths get. RejectedError for what no cell can hold."""
    return {path: _content(path, types[path], value) for path, value in fields.items()}


def _content(path: str, type: str, value: Value) -> Content:
    match value:
        case None | bool():
            return value
        case int() | Decimal():
            digits = Decimal(value).normalize().as_tuple().digits
            if not Decimal(value).is_finite() or len(digits) > DIGITS:
                raise RejectedError(f"a workbook keeps {DIGITS} digits of a number", path)
            return value
    text = _NOT_IN_CELLS.sub("\N{REPLACEMENT CHARACTER}", re.sub("\r\n?", "\n", value))
    if len(text) > LONGEST:
        raise RejectedError(f"a cell takes {LONGEST:,} characters", path)
    if type != "date" or not text:
        return text or None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise RejectedError("not a day like 2026-11-18", path) from None
    return day if day >= _FIRST else text


def value_of(raw: Any) -> Value:
    """What a cell says; a formula says its text."""
    match raw:
        case None | "":
            return None
        case bool() | int():
            return raw
        case float():
            return Decimal(repr(raw))
        case Decimal():
            return raw
        case dt.datetime():
            midnight = raw.time() == dt.time()
            return (raw.date() if midnight else raw).isoformat()
        case dt.date() | dt.time():
            return raw.isoformat()
    return str(raw)


def text_of(raw: Any) -> str:
    """A key or a heading, whatever Excel made of it."""
    value = value_of(raw)
    return "" if value is None else str(value).strip()


def put(cell: Any, content: Content) -> bool:
    """False where that stands there already. What a person formatted stays as it is, unless it
    would make something else of the content."""
    if _same(cell, content):
        return False
    cell.value = content
    if isinstance(content, str):
        cell.data_type = "s"  # openpyxl takes what begins with = for a formula, #N/A for an error
    _format(cell, content)
    return True


def _same(cell: Any, content: Content) -> bool:
    """A formula that comes to the same is not the same."""
    now = content.isoformat() if isinstance(content, dt.date) else content
    shown = value_of(cell.value)
    alike = isinstance(shown, str) == isinstance(now, str) and shown == now
    day = cell.is_date == isinstance(content, dt.date)
    return alike and (content is None or day) and cell.data_type != "f"


def _format(cell: Any, content: Content) -> None:
    free = cell.number_format == _GENERAL
    match content:
        case None | bool():
            pass
        case str():
            if content.startswith(_FORMULAS) or (free and len(content) <= SHORT):
                cell.number_format = AS_TEXT
        case dt.date():
            if not cell.is_date:
                cell.number_format = DAY
        case int():
            if free or cell.number_format == AS_TEXT:
                cell.number_format = "#,##0"
        case Decimal():
            if free or cell.number_format == AS_TEXT:
                exponent = content.as_tuple().exponent
                digits = max(0, -exponent) if isinstance(exponent, int) else 0
                cell.number_format = f"#,##0.{'0' * digits}" if digits else "#,##0"
