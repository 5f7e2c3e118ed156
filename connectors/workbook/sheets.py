"""One sheet of cards or of documents while it is rewritten: rows by key, columns by path.

openpyxl keeps what people made of a workbook, but for pictures, shapes and what it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from . import removal
from .cells import AS_TEXT, Content, put, text_of
from .columns import LOWEST, places
from .facts import HIDDEN, KEY
from .layout import Column

_WIDTHS = {"number": 14.0, "date": 12.0, "flag": 8.0}
_WIDE = {"Name": 34.0, "Line": 60.0, "Customer": 34.0}
_TEXT = 18.0
_GREY = "FFE7E6E6"


class Sheet:
    """`columns` are syncd's, `changed` whether anything is other than it was."""

    def __init__(self, book: Any, sheet: Any, columns: dict[str, Column], *, new: bool) -> None:
        self._book, self._sheet = book, sheet
        self.columns = columns
        self.changed = new
        self._removed: list[int] = []
        self._wide = 0
        if new:
            self._top, self._at = 1, dict[str, int]()
            for column in columns.values():
                self._head(column)
            sheet.freeze_panes = "C2"
            sheet.auto_filter.ref = sheet.dimensions
        else:
            top, at = places(self._first_rows(), columns, sheet.title)
            self._top, self._at = top + 1, {path: place + 1 for path, place in at.items()}
        self.rows, self._last, self._wide = self._keys()

    # -- columns

    def add(self, column: Column) -> None:
        """Makes a column, right of all that is there, unless it is there."""
        self.columns.setdefault(column.path, column)
        if column.path not in self._at:
            self._head(self.columns[column.path])

    def has(self, path: str) -> bool:
        return path in self._at

    def headings(self) -> set[str]:
        """All of them, people's too."""
        found = (cell for (row, _), cell in self._sheet._cells.items() if row == self._top)
        return {text_of(cell.value) for cell in found} - {""}

    def _head(self, column: Column) -> None:
        from openpyxl.styles import Font, PatternFill
        from openpyxl.utils import get_column_letter

        filled = [place for (_, place), one in self._sheet._cells.items() if one.value is not None]
        place = self._at[column.path] = max(filled, default=0) + 1
        cell = self._sheet.cell(self._top, place)
        put(cell, column.heading)
        cell.number_format = AS_TEXT
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=_GREY)
        width = self._sheet.column_dimensions[get_column_letter(place)]
        width.width = _WIDE.get(column.path, _WIDTHS.get(column.type, _TEXT))
        width.hidden = column.path in HIDDEN
        self._wide = max(self._wide, place)
        self.changed = True

    # -- rows

    def row(self, key: str) -> int:
        """The row of this key, at the end where there is none yet."""
        if key not in self.rows:
            self._last += 1
            self.rows[key] = self._last
            self.put(self._last, {KEY: key})
        return self.rows[key]

    def put(self, row: int, contents: Mapping[str, Content]) -> None:
        for path, content in contents.items():
            self.changed |= put(self._sheet.cell(row, self._at[path]), content)

    def text(self, row: int, path: str) -> str:
        """Of a cell; empty where there is no such column."""
        place = self._at.get(path)
        cell = self._sheet._cells.get((row, place)) if place else None
        return text_of(cell.value) if cell else ""

    def remove(self, key: str) -> None:
        """A row in which people wrote stays and is theirs from now on: without a key, crossed
        out."""
        row = self.rows.pop(key)
        self.changed = True
        there = self._sheet._cells
        cells = {p: there[row, p] for p in range(1, self._wide + 1) if (row, p) in there}
        ours = set(self._at.values())
        own = (cell for place, cell in cells.items() if place not in ours)
        if not any(cell.value is not None or cell.comment for cell in own):
            self._removed.append(row)
            return
        cells[self._at[KEY]].value = None
        for place in ours & cells.keys():
            font = copy(cells[place].font)
            font.strike = True
            cells[place].font = font

    def finish(self) -> None:
        """Once nothing more is put: the rows that were removed go."""
        if self._removed:
            removal.remove_rows(self._book, self._sheet, sorted(self._removed))
        self._reach(self._last - len(self._removed))

    def _reach(self, last: int) -> None:
        """The filter, and tables that people made of the rows, cover all of them."""
        from openpyxl.worksheet.cell_range import CellRange

        for one in (self._sheet.auto_filter, *self._sheet.tables.values()):
            area = CellRange(one.ref) if one.ref else None
            if area and area.min_row == self._top:
                area.max_row = max(last, self._top)
                one.ref = area.coord
        for table in self._sheet.tables.values():
            if table.autoFilter:
                table.autoFilter.ref = table.ref

    def _first_rows(self) -> list[list[Any]]:
        cells, wide = self._sheet._cells, self._sheet.max_column
        values = {place: cell.value for place, cell in cells.items() if place[0] <= LOWEST}
        return [
            [values.get((row, place)) for place in range(1, wide + 1)]
            for row in range(1, LOWEST + 1)
        ]

    def _keys(self) -> tuple[dict[str, int], int, int]:
        """Row by key, the last row and the last column."""
        found: dict[str, int] = {}
        last, wide, place = self._top, 1, self._at[KEY]
        for row, column in sorted(self._sheet._cells):
            cell = self._sheet._cells[row, column]
            wide = max(wide, column)
            if cell.value is None:
                continue
            last = max(last, row)
            if column == place and row > self._top and (key := text_of(cell.value)):
                found.setdefault(key, row)  # a row that somebody copied is theirs
        return found, last, wide
