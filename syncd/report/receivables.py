"""An accountant's list of receivables, as books export one: which row is its header, which columns
say who and how much, and which rows are customers. Pure; the cells come from a file.

Lists differ in everything but this: a title and a period stand above the header, a header may be
two rows (Сальдо на конец периода over Дебет and Кредит), rows of documents stand below those of
their customer, and sums of all at the end.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import msgspec

from syncd.errors import UsageError

Cell = str | Decimal | dt.date | None
Grid = Sequence[Sequence[Cell]]

HEADER_WITHIN = 30
"""Rows in which a header is looked for."""

_NAME = (
    *("контрагент", "покупатель", "клиент", "заказчик", "партнер", "наименование"),
    *("customer", "client", "debtor", "name", "得意先", "顧客", "取引先"),
)
_TAX = re.compile(r"\bинн\b|\binn\b|\btax|\bvat\b|\btin\b")
_CODE = re.compile(r"^(код|code|customer code|код (контрагента|клиента|покупателя))$")
_CURRENCY = re.compile(r"^валюта|^currency|^通貨")
_OTHER = re.compile(
    r"просроч|overdue|past due|наш долг|мы должны|\bwe owe|аванс|предоплат|prepaid|advance|начал|"
    r"opening|увелич|уменьш|оборот|turnover|кредит|credit|лимит|limit|\bдн|days|срок|дата|\bdate|%"
)
"""Columns of money that are another figure, and columns of days."""
_AMOUNTS = (
    (re.compile(r"(кон(ец|ечн)|closing).*(дебет|debit)"), False),
    (re.compile(r"долг (клиент|контрагент|покупател)|дебиторск|receivable|売掛"), False),
    (re.compile(r"задолженность|\bдолг|\bowes\b|\bdebt\b|outstanding|(amount|balance) due"), False),
    (re.compile(r"кон(ец|ечн)|closing|\bbalance\b|^остаток|^сальдо"), True),
)
"""The likeliest first; True: what the customer has paid ahead may be taken off in it."""
_TOTAL = re.compile(r"(итого|итог|всего|total|grand total|合計)\b", re.IGNORECASE)
_DOCUMENT = re.compile(r"^\d{1,2}[./]\d{1,2}[./]\d{2,4}|\bот \d{1,2}\.\d{1,2}\.\d{2,4}")
_DAY = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b|\b(\d{4})-(\d{2})-(\d{2})\b")
_SIGNS = {"₽": "RUB", "руб": "RUB", "р": "RUB", "€": "EUR", "евро": "EUR", "$": "USD", "¥": "JPY"}
_SIGNS |= {"円": "JPY", "643": "RUB", "978": "EUR", "840": "USD", "392": "JPY"}


class Line(msgspec.Struct, frozen=True):
    """What one row says of a customer; `row` is its number in the file, from 1."""

    row: int
    name: str | None
    tax_id: str | None
    code: str | None
    amount: Decimal
    currency: str | None


class Receivables(msgspec.Struct, frozen=True):
    """`columns` are the headings that were taken, `header` is the number of their row. `net`: what
    is paid ahead may be taken off. `day` is the last one that stands above the header."""

    header: int
    columns: Sequence[str]
    net: bool
    day: dt.date | None
    lines: Sequence[Line]


class _Columns(msgspec.Struct, frozen=True):
    name: int | None
    tax_id: int | None
    code: int | None
    amount: int
    currency: int | None
    net: bool

    @property
    def places(self) -> list[int]:
        found = (self.name, self.tax_id, self.code, self.amount, self.currency)
        return [one for one in found if one is not None]


def find(grid: Grid) -> Receivables:
    """UsageError where no row is a header."""
    for number in range(min(HEADER_WITHIN, len(grid))):
        heads, depth = _heads(grid, number)
        if columns := _columns(heads):
            taken = [heads[place] for place in columns.places]
            below = number + depth
            lines = [
                line
                for row, cells in enumerate(grid[below:], below + 1)
                if (line := _line(row, cells, columns, heads))
            ]
            return Receivables(number + 1, taken, columns.net, _day(grid[:number]), lines)
    raise UsageError(
        f"none of its first {HEADER_WITHIN} rows is a header with a customer (Контрагент, Клиент, "
        "ИНН, Customer, Tax id) and what it owes (Долг клиента, Задолженность, Receivable)"
    )


def _heads(grid: Grid, number: int) -> tuple[list[str], int]:
    """The headings of a row, and of how many rows they are: words of two sides stand below the one
    that is over both."""
    upper = [_head(cell) for cell in grid[number]]
    lower = [_head(cell) for cell in grid[number + 1]] if number + 1 < len(grid) else []
    if not any(one in ("дебет", "debit") for one in lower):
        return upper, 1
    heads, over = [], ""
    for place in range(max(len(upper), len(lower))):
        above = upper[place] if place < len(upper) else ""
        below = lower[place] if place < len(lower) else ""
        over = above or (over if below else "")
        heads.append(f"{over} {below}".strip())
    return heads, 2


def _head(cell: Cell) -> str:
    return " ".join(cell.casefold().replace("ё", "е").split()) if isinstance(cell, str) else ""


def _columns(heads: Sequence[str]) -> _Columns | None:
    amount, net = next(
        (
            (place, net)
            for wanted, net in _AMOUNTS
            for place, head in enumerate(heads)
            if wanted.search(head) and not _OTHER.search(head)
        ),
        (None, False),
    )
    if amount is None:
        return None
    free = [(place, head) for place, head in enumerate(heads) if place != amount and head]
    name = next(
        (
            place
            for word in _NAME
            for place, head in free
            if word in head and not _TAX.search(head) and not _CODE.search(head)
            if not any(wanted.search(head) for wanted, _ in _AMOUNTS)
        ),
        None,
    )
    tax = next((place for place, head in free if _TAX.search(head)), None)
    code = next((place for place, head in free if _CODE.search(head)), None)
    currency = next((place for place, head in free if _CURRENCY.search(head)), None)
    if name is None and tax is None and code is None:
        return None
    return _Columns(name, tax, code, amount, currency, net)


def _line(row: int, cells: Sequence[Cell], columns: _Columns, heads: Sequence[str]) -> Line | None:
    """None for what is no customer: a sum, a document, an empty row, a header once more."""
    name, tax = _text(cells, columns.name), _text(cells, columns.tax_id)
    code, value = _text(cells, columns.code), _at(cells, columns.amount)
    first = next((text for text in map(_shown, cells) if text), "")
    if _TOTAL.match(first) or (name and (_TOTAL.match(name) or _DOCUMENT.search(name))):
        return None
    figure = amount(value)
    if figure is None or not (name or tax or code):
        return None
    digits = re.match(r"\d+", (tax or "").replace(" ", ""))  # ИНН/КПП in one
    currency = _text(cells, columns.currency) or _in_brackets(heads[columns.amount])
    return Line(row, name, digits[0] if digits else tax, code, figure, _code(currency))


def _at(cells: Sequence[Cell], place: int | None) -> Cell:
    return cells[place] if place is not None and place < len(cells) else None


def _text(cells: Sequence[Cell], place: int | None) -> str | None:
    """A number as people read it: a tax id that a workbook keeps as one has no fraction."""
    cell = _at(cells, place)
    return None if isinstance(cell, dt.date) else _shown(cell)


def _shown(cell: Cell) -> str | None:
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    return " ".join(cell.split()) or None if isinstance(cell, str) else None


def amount(cell: Cell) -> Decimal | None:
    """`1 234,56`, `1,234.56`, `(12.30)` and `12.30-` as well as numbers; None for what is none."""
    if isinstance(cell, Decimal) or not isinstance(cell, str):
        return cell if isinstance(cell, Decimal) else None
    text = re.sub(r"[\s'\u2019]|руб\.?|р\.|[₽€$¥円]", "", cell).replace("\u2212", "-")
    negative = text.startswith("(") or text.endswith("-")
    text = text.strip("()").removesuffix("-")
    point = max(text.rfind(","), text.rfind("."))
    if point >= 0 and (text.count(text[point]) > 1 or _groups(text, point)):
        point = len(text)
    whole = text if point < 0 else text[:point]
    plain = whole.replace(",", "").replace(".", "") + (
        f".{text[point + 1 :]}" if 0 <= point < len(text) else ""
    )
    try:
        found = Decimal(plain)
    except InvalidOperation:
        return None
    return (-found if negative else found) if found.is_finite() else None


def _groups(text: str, point: int) -> bool:
    """`1,234`: a comma before three digits at the end, where no other sign stands, divides
    thousands; `0,123` is a fraction."""
    return text[point] == "," and bool(re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", text))


def _in_brackets(head: str) -> str | None:
    found = re.search(r"[(,]\s*([^(),]+)\)?$", head)
    return found[1] if found else None


def _code(text: str | None) -> str | None:
    """As ISO 4217 has it; None where it is no currency."""
    plain = (text or "").strip().rstrip(".").casefold()
    if plain in _SIGNS:
        return _SIGNS[plain]
    return plain.upper() if re.fullmatch(r"[a-z]{3}", plain) else None


def _day(above: Grid) -> dt.date | None:
    found = [cell for cells in above for cell in cells if isinstance(cell, dt.date)]
    for cell in (cell for cells in above for cell in cells if isinstance(cell, str)):
        for one in _DAY.finditer(cell):
            day, month, year = (one[1], one[2], one[3]) if one[1] else (one[6], one[5], one[4])
            try:
                found.append(dt.date(int(year), int(month), int(day)))
            except ValueError:
                continue
    return max(found, default=None)
