"""Pages of a CSV file: parts that are cut where a record begins."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.errors import FileError
from syncd.port import Flow, Page
from syncd.table import delimited, store
from syncd.table.header import Header
from syncd.table.passing import At, Pass, Table, same
from syncd.table.records import Group, Row, Rows
from syncd.table.store import File

LARGEST = 1 << 24
"""Bytes of one row, or of the rows of one document."""


def page_of_text(
    table: Table, paths: Sequence[str], at: At, last: Pass
) -> Flow[tuple[Page, At | None]]:
    """With where the file goes on; None at its end."""
    length = table.part
    while True:
        file, body = yield from _part(at, length, last)
        now = same(table, at, file)
        body = body[: now.end - at.start]
        final = at.start + len(body) >= now.end
        text = body if final and not table.grows else delimited.whole_lines(body)
        now = _shaped(table, now, text)
        rows = Rows(table.layout, Header(now.header, now.names, now.words), at.file, paths)
        found: list[Row] = [
            (row.number, row.start, row.cells)
            for row in delimited.rows_of(
                text, now.encoding, now.delimiter, at.file, at.row if at.names else 1
            )
            if row.number > now.header
        ]
        following = None if final else _cut(table, now, found, rows)
        if following is not None and following.start == at.start:
            length *= 2  # not one whole record
            if length <= LARGEST:
                continue
            raise FileError(
                f"{at.file}, row {following.row}: more than {LARGEST >> 20} MB belong to it; "
                "is a quote not closed?"
            )
        records = last.records(rows, rows.groups(found), now)
        return Page(records, None, file.at), following


def _part(at: At, length: int, last: Pass) -> Flow[tuple[File, bytes]]:
    if last.whole is None:
        file, body, whole = yield from store.part(at.file, at.start, length)
        if not whole:
            return file, body
        last.whole = file, body
    file, body = last.whole
    return file, body[at.start : at.start + length]


def _cut(table: Table, at: At, found: list[Row], rows: Rows) -> At:
    """Takes off the last record, which may go on in the next part: that begins with it."""
    number, start, _ = found[-1] if found else (at.row, 0, ())
    if table.layout.lines:
        groups = [one for one in rows.groups(found) if isinstance(one, Group)]
        if groups:
            number, start = groups[-1].rows[0][0], groups[-1].start
    while found and found[-1][0] >= number:
        found.pop()
    return msgspec.structs.replace(at, start=at.start + start, row=number)


def _shaped(table: Table, at: At, text: bytes) -> At:
    """With how the file is written, where that is not known yet."""
    if at.names:
        encoding = delimited.told_by(text, at.encoding, at.file)
        return msgspec.structs.replace(at, encoding=encoding)
    shape = delimited.shape_of(
        text,
        at.file,
        table.layout.named,
        encoding=table.encoding,
        delimiter=table.delimiter,
        header=table.header,
    )
    return msgspec.structs.replace(
        at,
        encoding=shape.encoding,
        delimiter=shape.delimiter,
        header=shape.header.row,
        names=shape.header.names,
        words=shape.header.words,
    )
