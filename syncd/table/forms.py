"""What the cells of a column mean. A form is declared where a guess could be wrong: `number as
1 234,56`, `date as %d.%m.%Y`, `flag as да/нет`, `text`."""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import dataclass
from decimal import Decimal

import msgspec

TYPES = ("text", "number", "date", "flag")
_BLANKS = " \u00a0\u2009\u202f"
_MINUS = "-\u2212\u2013▲△"
"""As spreadsheets write what is below nothing; the triangles are Japanese."""
_EXAMPLE = re.compile(r"\d{1,3}([ .,'’])\d{3}(?:([.,])\d+)?|\d+(?:([.,])\d+)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
LOST = "\ufffd"
_TRUE = frozenset({"1", "true", "yes", "да", "はい"})
_FALSE = frozenset({"0", "false", "no", "нет", "いいえ"})


class Broken(msgspec.Struct, frozen=True):
    """A cell that shows an error in place of a value, as `#N/A`."""

    shown: str


Cell = str | int | Decimal | bool | dt.date | Broken | None
"""Of a CSV file text alone; None where there is nothing."""


class UnfitError(Exception):
    """The cell is not as its column is declared; says what was expected."""


@dataclass(frozen=True, slots=True)
class Form:
    """`sent` is what stands behind `as`: an example of a number, the pattern of a date, the two
    words of a flag."""

    type: str
    sent: str = ""

    def __str__(self) -> str:
        return f"{self.type} as {self.sent}" if self.sent else self.type

    def read(self, cell: Cell) -> Cell:
        """Raises UnfitError."""
        if cell is None or cell == "":
            return None
        if isinstance(cell, Broken):
            raise UnfitError(str(self))
        match self.type:
            case "number":
                return self._number(cell)
            case "date":
                return self._date(cell)
            case "flag":
                return self._flag(cell)
        return text_of(cell)

    def _number(self, cell: Cell) -> Cell:
        if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
            return cell
        found = _number(cell, self.sent) if isinstance(cell, str) else None
        if found is None:
            raise UnfitError(f"number{f' as {self.sent}' if self.sent else ' as 1234.56'}")
        return found

    def _date(self, cell: Cell) -> Cell:
        if isinstance(cell, dt.date):
            return cell
        found = _day(cell.strip(), self.sent) if isinstance(cell, str) else None
        if found is None:
            raise UnfitError(f"date as {self.sent or '2026-11-18'}")
        return found

    def _flag(self, cell: Cell) -> Cell:
        said = text_of(cell).strip().casefold()
        yes, _, no = self.sent.casefold().partition("/")
        if said in ({yes} if yes else _TRUE):
            return True
        if said in ({no} if no else _FALSE):
            return False
        raise UnfitError(str(self))


def legible(text: str) -> str:
    """With a mark for each byte that is none of the encoding."""
    return text if text.isascii() else _SURROGATE.sub(LOST, text)


def text_of(cell: Cell) -> str:
    """As a person reads it: no `7.0`, and no time where there is none."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, Broken):
        return cell.shown
    return "" if cell is None else str(cell)


def fits(type: str, sent: str) -> bool:
    """Whether this may stand behind `as`."""
    match type:
        case _ if not sent:
            return True
        case "number":
            return _EXAMPLE.fullmatch(sent) is not None and _separators(sent) is not None
        case "date":
            return _patterned(sent)
        case "flag":
            yes, _, no = sent.partition("/")
            return bool(yes and no and yes != no)
    return False


def _patterned(sent: str) -> bool:
    day = dt.datetime(2026, 11, 18, tzinfo=dt.UTC)
    try:
        return _day(day.strftime(sent), sent) == day.date()
    except ValueError:
        return False


def _separators(example: str) -> tuple[str, str] | None:
    """Those of thousands and of decimals, empty where the example has none."""
    found = _EXAMPLE.fullmatch(example)
    if found is None or (found[1] and found[1] == found[2]):
        return None
    return found[1] or "", found[2] or found[3] or ""


@functools.lru_cache(64)
def _number_pattern(example: str) -> re.Pattern[str]:
    thousands, decimal = _separators(example) or ("", ".")
    between = {" ": f"[{_BLANKS}]", "'": "['’]", "’": "['’]"}.get(thousands, re.escape(thousands))
    whole = rf"\d{{1,3}}(?:{between}\d{{3}})+|\d+" if thousands else r"\d+"
    return re.compile(rf"({whole})(?:{re.escape(decimal)}(\d+))?" if decimal else f"({whole})()")


def _number(typed: str, example: str) -> Decimal | None:
    typed = typed.strip()
    below = typed[:1] in _MINUS
    if typed.startswith("(") and typed.endswith(")"):
        below, typed = True, f"-{typed[1:-1]}"
    found = _number_pattern(example or "1234.56").fullmatch(
        typed[1:].lstrip() if below or typed[:1] == "+" else typed
    )
    if found is None:
        return None
    whole = "".join(filter(str.isdecimal, found[1]))
    exact = Decimal(f"{whole}.{found[2]}" if found[2] else whole)
    return -exact if below else exact


@functools.lru_cache(4096)
def _day(typed: str, pattern: str) -> dt.date | None:
    try:
        if pattern:
            return dt.datetime.strptime(typed, pattern).replace(tzinfo=dt.UTC).date()
        return dt.datetime.fromisoformat(typed).date()
    except ValueError:
        return None
