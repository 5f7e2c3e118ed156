"""From rows to records. A row that cannot be read is a record that says so: it waits alone, and the
others go on."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from syncd.domain import PERSONAL, Kind
from syncd.port import Record, unreadable
from syncd.table.forms import LOST, Broken, Cell, Form, UnfitError, legible, text_of
from syncd.table.header import LINES, Header, check_header

Row = tuple[int, int, Sequence[Cell]]
"""Its number, where it begins in its part of the file, and its cells."""
NO_FORM = Form("")


class Layout(msgspec.Struct, frozen=True):
    """What the connector file says of the rows of a kind. `lines` are columns that differ from row
    to row of one record, `fixed` those that the file lacks, because all rows have this value."""

    kind: Kind
    key: tuple[str, ...]
    columns: Mapping[str, Form] = msgspec.field(default_factory=dict)
    lines: tuple[str, ...] = ()
    fixed: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def named(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.key, *self.columns, *self.lines)))


class Column(msgspec.Struct, frozen=True):
    word: str
    name: str
    index: int
    form: Form


class Group(msgspec.Struct, frozen=True):
    """The rows of one record."""

    key: str
    rows: Sequence[tuple[int, Sequence[Cell]]]
    start: int


class Wrong(msgspec.Struct, frozen=True):
    """Why a row cannot be read: in which column, and what."""

    row: int
    column: str
    says: str


class Rows:
    """Reads the rows of one file. `where` names it; `paths` are what the mapping reads, empty for
    everything. Raises ProtocolError where the header lacks something."""

    def __init__(self, layout: Layout, header: Header, where: str, paths: Sequence[str]) -> None:
        self._layout = layout
        self._where = where
        self._header = header
        inner = [path.partition(".")[2] for path in paths if path.startswith(f"{LINES}.")]
        outer = [path for path in paths if path.partition(".")[0] != LINES or not layout.lines]
        self._fixed = {
            name: one for name, one in layout.fixed.items() if not paths or name in outer
        }
        outer = [path for path in outer if path not in layout.fixed]
        if not paths or LINES in paths:
            inner = list(layout.lines)
        if not paths:
            mine = [*layout.lines, ""]
            once = [word for word in header.words if word and header.words.count(word) == 1]
            outer = [word for word in once if not _among(word, mine, header)]
        check_header(header, [*layout.named, *inner, *outer], where)
        self._keys = [self._column(name) for name in layout.key]
        self._outer = [self._column(name) for name in dict.fromkeys(outer)]
        self._inner = [self._column(name) for name in dict.fromkeys(inner)]

    def groups(self, rows: Iterable[Row]) -> Iterator[Group | int]:
        """Rows that follow each other with one key; the number of a row without one, if it is not
        empty. A row of a kind without lines is a group of its own."""
        key, start, found = "", 0, list[tuple[int, Sequence[Cell]]]()
        for number, begins, cells in rows:
            mine = self._key(cells)
            if not mine:
                if any(text_of(cell).strip() for cell in cells):
                    yield number
                continue
            if found and (mine != key or not self._layout.lines):
                yield Group(key, found, start)
                found = []
            if not found:
                key, start = mine, begins
            found.append((number, cells))
        if found:
            yield Group(key, found, start)

    def record(self, group: Group, stamp: dt.datetime | None, *, twice: bool) -> Record:
        """`twice`: another row before has this key."""
        try:
            if twice:
                raise _Unread(self._twice(group))
            if LOST in group.key:
                says = "it is no text in the encoding of the file"
                raise _Unread(Wrong(group.rows[0][0], " and ".join(self._layout.key), says))
            return Record(group.key, self._data(group), stamp)
        except _Unread as stop:
            wrong = stop.wrong
            where = f"{self._where}, column {wrong.column}:"
            says = f"row {wrong.row}: {wrong.says}"
            rest = self._legible(group) if stop.alone else None
            return unreadable(group.key, where, says, wrong.column, stamp, rest)

    def _legible(self, group: Group) -> dict[str, Any]:
        """The cells of its first row that can be read."""
        found = dict(self._fixed)
        for column in self._outer:
            with contextlib.suppress(UnfitError):
                cell = _at(group.rows[0][1], column.index)
                found[column.word] = _stored(cell, column.form)
        return found

    def _twice(self, group: Group) -> Wrong:
        row, column = group.rows[0][0], " and ".join(self._layout.key)
        if self._layout.lines:
            says = f"rows of {group.key} do not stand together; sort the export by {column}"
        else:
            says = f"{group.key} stands in a row before too; a key is there once"
        return Wrong(row, column, says)

    def _data(self, group: Group) -> dict[str, Any]:
        first, cells = group.rows[0]
        data = self._values(self._outer, first, cells)
        for number, others in group.rows[1:]:
            for column in self._outer:
                if _at(others, column.index) != _at(cells, column.index):
                    says = f"differs from row {first}, which has the same key"
                    raise _Unread(Wrong(number, column.name, says))
        if self._inner:
            data[LINES] = [self._values(self._inner, number, row) for number, row in group.rows]
        data.update(self._fixed)
        return data

    def _values(
        self, columns: Sequence[Column], number: int, cells: Sequence[Cell]
    ) -> dict[str, Any]:
        many = len(self._header.names)
        if any(cells[many:]):
            raise _Unread(Wrong(number, self._header.names[-1], "there are cells behind it"))
        found: dict[str, Any] = {}
        for column in columns:
            if column.index >= len(cells):
                says = f"the row ends after {len(cells)} of {many} columns"
                raise _Unread(Wrong(number, column.name, says))
            cell = cells[column.index]
            try:
                found[column.word] = _stored(cell, column.form)
            except UnfitError as error:
                typed = legible(text_of(cell))
                shown = "the value" if self._layout.kind in PERSONAL else f"«{typed}»"
                says = f"{shown} is no {error}; mend it in the file"
                raise _Unread(Wrong(number, column.name, says), alone=True) from None
        return found

    def _key(self, cells: Sequence[Cell]) -> str:
        """Empty where a part of it is."""
        parts = []
        for column in self._keys:
            cell = _at(cells, column.index)
            part = "" if isinstance(cell, Broken) else text_of(_read_key(cell, column.form)).strip()
            if not part:
                return ""
            parts.append(part)
        return legible("/".join(parts))

    def _column(self, name: str) -> Column:
        index = self._header.index(name)
        called, word = self._header.names[index], self._header.words[index]
        columns = self._layout.columns
        return Column(word, called, index, columns.get(called) or columns.get(word) or NO_FORM)


class _Unread(Exception):
    """`alone`: one cell is wrong, which says nothing of those beside it; else the row may be
    another's, or shifted."""

    def __init__(self, wrong: Wrong, *, alone: bool = False) -> None:
        super().__init__(wrong.says)
        self.wrong, self.alone = wrong, alone


def _among(word: str, names: Sequence[str], header: Header) -> bool:
    return any(name and header.words[header.index(name)] == word for name in names)


def _at(cells: Sequence[Cell], index: int) -> Cell:
    return cells[index] if index < len(cells) else None


def _read_key(cell: Cell, form: Form) -> Cell:
    try:
        return form.read(cell)
    except UnfitError:
        return cell


def _stored(cell: Cell, form: Form) -> Any:
    """As a raw record has it. Raises UnfitError."""
    if isinstance(cell, str):
        if legible(cell) != cell:
            raise UnfitError("text in the encoding of the file")
        if not cell.strip():
            return None
    if isinstance(cell, Broken):
        raise UnfitError("value")
    value = form.read(cell) if form.type else cell
    return value.isoformat() if isinstance(value, dt.date) else value
