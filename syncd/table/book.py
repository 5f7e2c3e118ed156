"""Pages of a workbook: so many records at a time, in one reading of the file."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence

import msgspec

from syncd.errors import FileError
from syncd.port import Flow, Page
from syncd.table import store, workbook
from syncd.table.header import FIRST, find_header, no_header
from syncd.table.passing import At, Pass, Table, same
from syncd.table.records import Group, Rows


def page_of_workbook(
    table: Table, paths: Sequence[str], at: At, last: Pass
) -> Flow[tuple[Page, At | None]]:
    """With where the file goes on; None at its end."""
    time: dt.datetime | None = None
    if last.book is None:
        file, body = yield from store.whole(at.file)
        time, at = file.at, same(table, at, file)
        last.book = _opened(table, paths, at, body)
    rows, groups = last.book
    found = list(itertools.islice(groups, table.page))
    page = Page(last.records(rows, found, at), None, time)
    behind = next(groups, None)
    if behind is None:
        last.book = None
        return page, None
    last.book = rows, itertools.chain([behind], groups)
    row = behind.rows[0][0] if isinstance(behind, Group) else behind
    return page, msgspec.structs.replace(at, row=row)


def _opened(
    table: Table, paths: Sequence[str], at: At, body: bytes
) -> tuple[Rows, Iterator[Group | int]]:
    where = f"{at.file}, sheet {table.sheet}" if table.sheet else at.file
    rows = workbook.rows_of(body, table.sheet, where)
    first = list(itertools.islice(rows, max(FIRST, table.header or 0)))
    header = find_header(first, table.layout.named, table.header)
    if header is None:
        raise FileError(no_header(first, table.layout.named, where))
    least = max(at.row, header.row + 1)
    # A workbook holds no cells behind the last one of a row that has something.
    blank = [None] * len(header.names)
    behind = (
        (number, 0, [*cells, *blank[len(cells) :]])
        for number, cells in itertools.chain(first, rows)
        if number >= least
    )
    reader = Rows(table.layout, header, where, paths)
    return reader, reader.groups(behind)
