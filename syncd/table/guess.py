"""What a column looks like, for the person who writes the connector file. Nothing is read by a
guess: values alone cannot tell 3 April from 4 March, and tomorrow's may be others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncd.table.forms import Cell, Form, UnfitError

DATES = (
    *("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%Y年%m月%d日"),
    *("%d.%m.%y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S"),
    *("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S"),
)
NUMBERS = ("1234.56", "1234,56", "1 234,56", "1.234,56", "1,234.56", "1 234", "1,234", "1.234")


def looks(cells: Iterable[Cell]) -> str:
    """` looks like ...`, empty where there is nothing to declare."""
    values = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    if not values or all(value.isdecimal() for value in values):
        return ""
    dates = [f"date as {one}" for one in DATES if _all(values, Form("date", one))]
    found = dates or _numbers(values)
    if not found:
        return ""
    if len(found) == 1:
        return f"looks like `{found[0].replace('date as %Y-%m-%d', 'date')}`"
    listed = " or ".join(f"`{one}`" for one in found)
    return f"could be {listed}: it has to be declared"


def _numbers(values: Sequence[str]) -> list[str]:
    """The plainest ones that fit; of what means the same, the first."""
    found: dict[tuple[object, ...], str] = {}
    for example in NUMBERS:
        form = Form("number", example)
        if _all(values, form):
            found.setdefault(tuple(form.read(value) for value in values), f"number as {example}")
    return list(found.values())


def _all(values: Sequence[str], form: Form) -> bool:
    try:
        for value in values:
            form.read(value)
    except UnfitError:
        return False
    return True
