"""Rows of a CSV file, out of any part of it that begins at a row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import accumulate

import msgspec

from syncd.errors import FileError
from syncd.table.encodings import ASCII, encoding_of, text_of
from syncd.table.header import Header, find_header, no_header

DELIMITERS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
_MARK = "\ufeff"


class Shape(msgspec.Struct, frozen=True):
    """How a file is written."""

    encoding: str
    delimiter: str
    header: Header


class Row(msgspec.Struct, frozen=True):
    """`number` counts from 1; `start` is where it begins, in bytes of the part."""

    number: int
    start: int
    cells: Sequence[str]


def whole_lines(part: bytes) -> bytes:
    """Without what stands behind the last end of a line."""
    return part[: part.rfind(b"\n") + 1]


def rows_of(part: bytes, encoding: str, delimiter: str, where: str, first: int) -> Iterator[Row]:
    """The last one may go on behind the part. Raises FileError for what is no CSV."""
    raw = part.split(b"\n")
    starts = [0, *accumulate(len(line) + 1 for line in raw)]
    text = text_of(part, encoding)
    lines = (f"{line}\n" for line in text.removeprefix(_MARK).split("\n"))
    reader = csv.reader(lines, delimiter=delimiter)
    number, begins = first, 0
    try:
        for cells in reader:
            if begins < len(raw) - 1 or raw[-1]:
                yield Row(number, starts[begins], cells)
            begins, number = reader.line_num, number + 1
    except csv.Error as error:
        raise FileError(f"{where}, row {number}: {error}") from None


def shape_of(
    head: bytes,
    where: str,
    named: Sequence[str],
    *,
    encoding: str | None,
    delimiter: str | None,
    header: int | None,
) -> Shape:
    """Of the beginning of a file; what is given is not guessed. The delimiter is the one by which
    the header has the named columns. Raises FileError."""
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FileError(f"{where} is a workbook, and is not called .xlsx")
    if head.lstrip()[:1] == b"<":
        raise FileError(f"{where} is a web page or XML, not CSV")
    known = encoding or encoding_of(head, where)
    found: list[Shape] = []
    for one in (delimiter,) if delimiter else DELIMITERS:
        rows = ((row.number, row.cells) for row in rows_of(head, known, one, where, 1))
        if (at := find_header(rows, named, header)) is not None:
            found.append(Shape(known, one, at))
    if found:
        return max(found, key=lambda shape: len(shape.header.names))
    likely = delimiter or max(DELIMITERS, key=lambda one: head.count(one.encode()))
    rows = ((row.number, row.cells) for row in rows_of(head, known, likely, where, 1))
    raise FileError(no_header(rows, named, where))


def told_by(part: bytes, encoding: str, where: str) -> str:
    """The encoding, where what came before did not tell it."""
    return encoding_of(part, where) if encoding == ASCII else encoding
