"""Takes rows out of a sheet: what stands below moves up with its formatting, comments, links and
heights, and formulas of the whole workbook follow, as they do in Excel. openpyxl alone moves the
cells, and leaves the rest where it was."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

_CELL = re.compile(r"(\$?[A-Za-z]{1,3}\$?)(\d+)")
_GONE = "#REF!"


def remove_rows(book: Any, sheet: Any, removed: Sequence[int]) -> None:
    """`removed` ascend, counted from 1."""
    cells = sheet._cells  # what is there: asking for a cell by its place makes one
    for row, column in sorted(cells):
        up = bisect_right(removed, row)
        if not up:
            continue
        cell = cells.pop((row, column))
        if removed[up - 1] == row:
            continue
        cell.row = row - up
        cells[cell.row, column] = cell
        if cell.hyperlink:
            cell.hyperlink.ref = cell.coordinate
    _move_dimensions(sheet, removed)
    for one in book.worksheets:
        for cell in one._cells.values():
            if cell.data_type == "f" and isinstance(cell.value, str):
                cell.value = followed(cell.value, sheet.title, removed, here=one is sheet)


def _move_dimensions(sheet: Any, removed: Sequence[int]) -> None:
    """Heights, and which rows a filter hides."""
    known = {row: (one.height, one.hidden) for row, one in sheet.row_dimensions.items()}
    for row in known:
        sheet.row_dimensions[row].height, sheet.row_dimensions[row].hidden = None, False
    for row, (height, hidden) in known.items():
        if row not in removed:
            moved = sheet.row_dimensions[row - bisect_left(removed, row)]
            moved.height, moved.hidden = height, hidden


def followed(formula: str, title: str, removed: Sequence[int], *, here: bool) -> str:
    """The formula once these rows of the sheet are gone; `here`: it stands in that sheet."""
    from openpyxl.formula import Tokenizer
    from openpyxl.formula.tokenizer import Token

    pieces = []
    for token in Tokenizer(formula).items:
        place, mark, cells = token.value.rpartition("!")
        mine = place.strip("'").replace("''", "'") == title if mark else here
        if token.subtype == Token.RANGE and mine:
            pieces.append(f"{place}{mark}{_range(cells, removed)}")
        else:
            pieces.append(token.value)
    return "=" + "".join(pieces)


def _range(text: str, removed: Sequence[int]) -> str:
    """`F2:F100`, `$F$2`; a name, or whole columns, stay as they are."""
    ends = [_CELL.fullmatch(one) for one in text.split(":")]
    if len(ends) > 2 or None in ends:
        return text
    rows = [int(end[2]) for end in ends if end]
    columns = [end[1] for end in ends if end]
    if len(rows) == 1:
        gone = rows[0] in removed
        return _GONE if gone else f"{columns[0]}{rows[0] - bisect_left(removed, rows[0])}"
    first = rows[0] - bisect_left(removed, rows[0])
    last = rows[1] - bisect_right(removed, rows[1])
    return f"{columns[0]}{first}:{columns[1]}{last}" if first <= last else _GONE
