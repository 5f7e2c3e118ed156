"""What is found in the files of a kind, for the person who writes the connector file: everything
that is not declared there is told here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from syncd.domain import Kind
from syncd.errors import FileError
from syncd.port import UNREADABLE, All, Flow, Record
from syncd.table import delimited, store, workbook
from syncd.table.encodings import ASCII, KNOWN
from syncd.table.forms import Cell, text_of
from syncd.table.guess import looks
from syncd.table.header import FIRST, Header, find_header, no_header
from syncd.table.passing import PART, Pass, Table
from syncd.table.source import Reading

SAMPLES = 3
LOOKED_AT = 500
"""Rows by which a column is judged."""
FEW = 5
"""Rows that are told one by one."""


class Head(msgspec.Struct, frozen=True):
    """The beginning of a file: `how` it is written, and its first rows behind the header."""

    file: str
    how: str
    header: Header
    rows: Sequence[Sequence[Cell]]


def head_of(table: Table) -> Flow[Head]:
    """Of the newest file."""
    if table.several:
        files = yield from store.matching(table.file)
        name = files[-1].name if files else table.file
    else:
        name = table.file
    if name.lower().endswith(".xlsx"):
        _, body = yield from store.whole(name)
        return _of_workbook(table, name, body)
    file, body, _ = yield from store.part(name, 0, PART)
    body = body[:PART]
    text = body if len(body) >= (file.size or 0) else delimited.whole_lines(body)
    shape = delimited.shape_of(
        text,
        name,
        table.layout.named,
        encoding=table.encoding,
        delimiter=table.delimiter,
        header=table.header,
    )
    rows = delimited.rows_of(text, shape.encoding, shape.delimiter, name, 1)
    found = [row.cells for row in rows if row.number > shape.header.row]
    known = {**KNOWN, ASCII: "plain ASCII so far", "utf-8": "UTF-8"}
    how = f"{known.get(shape.encoding, shape.encoding)}, {delimited.DELIMITERS[shape.delimiter]}"
    return Head(name, how, shape.header, found[:LOOKED_AT])


def _of_workbook(table: Table, name: str, body: bytes) -> Head:
    rows = []
    for row in workbook.rows_of(body, table.sheet, name):
        rows.append(row)
        if len(rows) == FIRST + LOOKED_AT:
            break
    header = find_header(rows, table.layout.named, table.header)
    if header is None:
        raise FileError(no_header(rows, table.layout.named, name))
    sheets = workbook.sheets_of(body, name)
    how = f"workbook, sheet {table.sheet or sheets[0]}"
    if len(sheets) > 1:
        how += f" of {', '.join(sheets)}"
    return Head(name, how, header, [cells for number, cells in rows if number > header.row])


def look(kind: Kind, table: Table) -> Flow[list[str]]:
    """Lines; every row is looked at."""
    head = yield from head_of(table)
    said = [f"{head.file}: {head.how}, header in row {head.header.row}", *_columns(table, head)]
    records, wrong = 0, list[Record]()
    last, position = Pass(), None
    reading = Reading(table, ())
    while True:
        page = yield from reading.page(All(position), last)
        records += len(page.records)
        wrong += (record for record in page.records if UNREADABLE in record.data)
        if page.next is None:
            break
        position = page.next
    good = records - len(wrong)
    said.append(f"{good:,} {kind}s can be read, {len(wrong):,} cannot")
    for record in wrong[:FEW]:
        where, says, _ = record.data[UNREADABLE]
        said.append(f"  {where} {says}")
    if last.skipped:
        few = last.named[:FEW]
        rows = [f"{file} row {row}" if table.several else f"row {row}" for file, row in few]
        more = ", ..." if last.skipped > FEW else ""
        said.append(f"{last.skipped:,} without a key, and so left out: {', '.join(rows)}{more}")
    return said


def _columns(table: Table, head: Head) -> Iterator[str]:
    layout = table.layout
    for index, (name, word) in enumerate(zip(head.header.names, head.header.words, strict=True)):
        if not name:
            continue
        cells = [row[index] for row in head.rows if index < len(row)]
        form = layout.columns.get(name) or layout.columns.get(word)
        told = str(form) if form else looks(cells)
        parts = [
            "key" if {name, word} & {*layout.key} else "",
            "in lines" if {name, word} & {*layout.lines} else "",
            f"in mappings {word}" if word != name else "",
            told,
        ]
        about = f" ({'; '.join(filter(None, parts))})" if any(parts) else ""
        samples = ", ".join(_few(cells))
        yield f"  {name}{about}: {samples or 'nothing in it'}"


def _few(cells: Sequence[Cell]) -> list[str]:
    found = dict.fromkeys(text_of(cell).strip() for cell in cells)
    return [one for one in found if one][:SAMPLES]
