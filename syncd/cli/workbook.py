"""A report as a workbook: real numbers and dates, text that is never a formula, and a sheet that
says what it is."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syncd.cli.report import sentence
from syncd.domain import Money
from syncd.errors import UsageError
from syncd.report import WORDS, Cell, Column, Result, Shape, Table, number, told, with_names, worded

if TYPE_CHECKING:
    from openpyxl import Workbook

LONGEST_TITLE = 31
WIDEST = 60
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
_NOT_IN_CELLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def refuse(path: Path, *, force: bool) -> None:
    """UsageError for a place where no workbook can be written, before anything is worked out."""
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"--xlsx {path}: expected a name that ends in .xlsx")
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"--xlsx {path}: there is no folder {path.parent}")
    if path.exists() and not force:
        raise UsageError(f"--xlsx {path} is there already; --force writes over it")


def write(path: Path, found: Result, mode: str, *, force: bool) -> None:
    save(path, book_of(found, mode), force=force)


def save(path: Path, book: Workbook, *, force: bool) -> None:
    """All of it or nothing; never over a file that is there, unless `force`. It may hold names:
    nobody else can read it. UsageError where the disk does not take it."""
    try:
        handle, name = tempfile.mkstemp(".xlsx", ".syncd-", path.parent)
        os.close(handle)
        try:
            book.save(name)
            if force:
                os.replace(name, path)
            else:
                os.link(name, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
    except FileExistsError:
        raise UsageError(f"--xlsx {path} is there already; --force writes over it") from None
    except OSError as error:
        raise UsageError(f"--xlsx {path}: {error.strerror or error}") from None


def book_of(found: Result, mode: str) -> Workbook:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for one in found.tables:
        _table(book, _title(one.sheet or one.title or found.report), with_names(one, found.names))
    about = sheet_of(book, "About", [24, 100])
    for line in _about(found, mode):
        about.append([text_cell(about, text) for text in line])
    return book


def sheet_of(book: Workbook, title: str, widths: Sequence[int]) -> Any:
    sheet: Any = book.create_sheet(title)
    for index, width in enumerate(widths):
        sheet.column_dimensions[letter(index)].width = width
    return sheet


def _table(book: Workbook, title: str, one: Table) -> None:
    """Totals stand in *About*: below the rows they would be sorted and summed with them."""
    sheet = sheet_of(book, title, [_width(one, place) for place in range(len(one.columns))])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{letter(len(one.columns) - 1)}{len(one.rows) + 1}"
    sheet.append([head(sheet, column.word) for column in one.columns])
    for row in one.rows:
        cells = zip(one.columns, row, strict=True)
        sheet.append([_cell(sheet, column, cell) for column, cell in cells])


def _width(one: Table, place: int) -> int:
    texts = (len(str(row[place])) for row in one.rows if row[place] is not None)
    return min(max([len(one.columns[place].word), 10, *texts]) + 2, WIDEST)


def letter(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(place + 1)


def _title(text: str) -> str:
    return _NOT_IN_TITLES.sub("", text)[:LONGEST_TITLE].strip()


def head(sheet: Any, word: str) -> Any:
    from openpyxl.styles import Font

    cell = text_cell(sheet, word)
    cell.font = Font(bold=True)
    return cell


def text_cell(sheet: Any, text: str) -> Any:
    """Text stays text, however it begins, even when somebody edits the cell."""
    from openpyxl.cell import WriteOnlyCell

    clean = _NOT_IN_CELLS.sub("\N{REPLACEMENT CHARACTER}", text)
    cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"
    if clean[:1] in ("=", "+", "-", "@"):
        cell.number_format = "@"
    return cell


def _cell(sheet: Any, column: Column, cell: Cell) -> Any:
    from openpyxl.cell import WriteOnlyCell

    shown = worded(column, cell)
    if shown is None:
        return None
    if isinstance(shown, str):
        return text_cell(sheet, shown)
    if isinstance(shown, Money):
        amount = number(shown)
        digits = -int(amount.as_tuple().exponent)
        exact: Any = amount  # its stubs know floats alone; it writes the digits as they are
        made = WriteOnlyCell(sheet, exact)
        made.number_format = f"#,##0.{'0' * digits}" if digits else "#,##0"
        return made
    value: Any = shown
    form = None
    if column.shape is Shape.SHARE and isinstance(shown, Decimal):
        value, form = shown / 100, "0.0%"
    elif isinstance(shown, dt.date):
        form = "yyyy-mm" if column.shape is Shape.MONTH else "yyyy-mm-dd"
    made = WriteOnlyCell(sheet, value)
    if form:
        made.number_format = form
    return made


def _about(found: Result, mode: str) -> Iterator[tuple[str, str]]:
    basis = found.basis
    yield "report", found.report
    yield "by", found.by or ""
    yield "period", f"{found.period}" if found.period else "as of today"
    yield "pair", f"{found.pair}, mode {mode}"
    yield "today", f"{basis.today.isoformat()} in the books, time zone {basis.zone}"
    yield "fresh as of", f"{basis.fresh:%Y-%m-%d %H:%M} UTC" if basis.fresh else "never"
    if basis.history:
        yield "history", f"sales and orders since {basis.history.isoformat()}"
    proofs = basis.proofs
    if proofs:
        text = f"{proofs.agreed} of {proofs.cards} cards compared agree with the books"
        yield "proven", f"{text}, last {proofs.at:%Y-%m-%d %H:%M} UTC"
    for note in found.notes:
        yield "note", note
    yield from (("check", sentence(check)) for check in found.checks)
    for one in found.tables:
        for total in one.totals:
            cells = zip(one.columns, total, strict=True)
            sums = (
                f"{column.word} {told(cell) if isinstance(cell, Money) else cell}"
                for column, cell in cells
                if isinstance(cell, Money | int)
            )
            yield "all", f"{one.title or found.report}: {', '.join(sums)}"
    used = {column.word for one in found.tables for column in one.columns}
    yield from ((word, meaning) for word, meaning in WORDS.items() if word in used)
