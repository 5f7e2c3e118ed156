"""Rows of an XLSX workbook, one after the other."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from syncd.errors import FileError
from syncd.table.forms import Broken, Cell
from syncd.table.header import near

_ZEROS = re.compile(r"0{2,}")
"""A format of numbers that are a code: Excel shows 7 as 0007."""
_DIGITS = 15
"""Excel itself shows and keeps no more of a number; the rest is noise of its arithmetic."""


def sheets_of(body: bytes, where: str) -> list[str]:
    with _quietly():
        return list(_opened(body, where).sheetnames)


def rows_of(body: bytes, sheet: str | None, where: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Of the sheet, by default the first; numbered from 1. Raises FileError."""
    with _quietly():
        book = _opened(body, where)
        names = book.sheetnames
        if sheet is not None and sheet not in names:
            raise FileError(f"{where} has no sheet {sheet}{near(sheet, names)}")
        page = book[sheet or names[0]]
        # Some programs write a wrong size of the sheet, and openpyxl would believe it.
        page.reset_dimensions()
    rows = page.iter_rows()
    number = 0
    while True:
        try:
            with _quietly():
                cells = next(rows, None)
        except (ValueError, KeyError, ParseError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise _damaged(where, error) from None
        if cells is None:
            return
        number += 1
        yield number, [_value(cell) for cell in cells]


def _opened(body: bytes, where: str) -> Any:
    if body[:4] == b"\xd0\xcf\x11\xe0":
        raise FileError(
            f"{where} has a password, or is in the old format .xls; save it as .xlsx without one"
        )
    try:
        return load_workbook(io.BytesIO(body), read_only=True, data_only=True)
    except (
        *(InvalidFileException, ValueError, KeyError, ParseError, zipfile.BadZipFile),
        *(EOFError, OSError),
    ) as error:
        raise _damaged(where, error) from None


def _damaged(where: str, error: Exception) -> FileError:
    return FileError(f"{where} is no workbook, or only a part of one ({type(error).__name__})")


def _value(cell: Any) -> Cell:
    value = cell.value
    if cell.data_type == "e":
        return Broken(str(value))
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format or ""))
    if isinstance(value, str | dt.date):
        return value or None
    return str(value)  # a time of day, a duration


def _number(value: int | float, shown: str) -> Cell:
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{_DIGITS}g}")
    if exact != exact.to_integral_value():
        return exact
    whole = int(exact)
    return f"{whole:0{len(shown)}}" if _ZEROS.fullmatch(shown) and whole >= 0 else whole


@contextmanager
def _quietly() -> Iterator[None]:
    """What openpyxl cannot keep, as data validation, is none of ours: nothing is written."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
