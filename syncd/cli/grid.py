"""The cells of a list that somebody exported: the first sheet of a workbook that has any, or a file
with separators."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal
from pathlib import Path

from syncd.errors import UsageError
from syncd.report.receivables import Cell

_EXACT = Decimal("0.000001")
"""A workbook keeps a sum as a binary fraction; what is behind the millionths is not the sum's."""


def read(path: Path, named: str = "--report") -> list[list[Cell]]:
    """UsageError where it cannot be read; it names the file as `named` on the command line."""
    suffix = path.suffix.lower()
    if suffix not in (".xlsx", ".xlsm", ".csv", ".txt"):
        raise UsageError(f"{named} {path}: save it as .xlsx or .csv")
    try:
        return _separated(path.read_bytes()) if suffix in (".csv", ".txt") else _workbook(path)
    except OSError as error:
        raise UsageError(f"{named} {path}: {error.strerror or error}") from None
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise UsageError(f"{named} {path}: is no workbook or text that can be read") from None


def _workbook(path: Path) -> list[list[Cell]]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows = [[_cell(one) for one in row] for row in sheet.iter_rows(values_only=True)]
            if any(cell is not None for row in rows for cell in row):
                return rows
        return []
    finally:
        book.close()


def _cell(value: object) -> Cell:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return Decimal(str(value)).quantize(_EXACT) if isinstance(value, float) else Decimal(value)
    return value if isinstance(value, dt.date) else str(value)


def _separated(body: bytes) -> list[list[Cell]]:
    """As 1C and Excel save them: UTF-8, else Windows-1251."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1251")
    head = "".join(text.splitlines(keepends=True)[:30])
    separator = max(";\t,", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return [[one or None for one in row] for row in rows]
