"""Reads one kind: a whole pass over its files each time one of them has changed, and nothing but a
look at them where none has."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from syncd.domain import FROM_CRM
from syncd.errors import ProtocolError, UnavailableError
from syncd.port import All, Flow, Keys, Page, Record, Scope, Since
from syncd.table import delimited, store, workbook
from syncd.table.header import FIRST, Header, find_header, no_header
from syncd.table.records import Group, Layout, Row, Rows
from syncd.table.store import File

PART = 1 << 18
"""Bytes of a CSV file that are read at once."""
LARGEST = 1 << 24
"""Of one row, or of the rows of one document."""
PAGE = 1000
"""Records of a workbook in one page."""
NAMED = 10
"""Rows without a key that are named; the others are counted."""
AGAIN = "again"
"""The position of a pass that begins again, because the file is another one by now."""


class At(msgspec.Struct, omit_defaults=True):
    """Where a pass goes on: in this file in this state, at this byte or, in a workbook, at this
    row. `stamp` is that of all files when the pass began."""

    file: str
    state: str = ""
    stamp: dt.datetime | None = None
    start: int = 0
    row: int = 1
    end: int = 0
    encoding: str = ""
    delimiter: str = ""
    header: int = 0
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What the connector file says of one kind. `rests` are seconds that a file has to lie
    unchanged; one that `grows` is read at once, as far as its last whole line."""

    object: str
    file: str
    layout: Layout
    sheet: str | None = None
    header: int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    grows: bool = False
    rests: float = 10
    part: int = PART
    page: int = PAGE

    @property
    def several(self) -> bool:
        return any(mark in self.file for mark in "*?[")


@dataclass(slots=True)
class Pass:
    """What one pass remembers between its pages: which keys it met, and how far a workbook is
    read. Without it, as in another process, the file is opened anew."""

    next: str | None = None
    met: set[int] = field(default_factory=set)
    book: tuple[Rows, Iterator[Group | int]] | None = None
    whole: tuple[File, bytes] | None = None
    """A text file from a server that gives no parts of it."""
    skipped: int = 0
    """Rows without a key: they are no records."""
    named: list[tuple[str, int]] = field(default_factory=list)
    """The first of them."""

    def forget(self) -> None:
        self.next, self.met, self.book, self.whole = None, set(), None, None
        self.skipped, self.named = 0, []

    def twice(self, key: str) -> bool:
        known = hash(key)
        if known in self.met:
            return True
        self.met.add(known)
        return False

    def skip(self, file: str, row: int) -> None:
        self.skipped += 1
        if self.skipped <= NAMED:
            self.named.append((file, row))


class _Moved(Exception):
    """The file is another one by now."""

    def __init__(self, at: dt.datetime | None) -> None:
        super().__init__()
        self.at = at


class Reading:
    """Of one table, for one connection."""

    def __init__(self, table: Table, paths: Sequence[str]) -> None:
        self._table = table
        self._paths = paths

    def page(self, scope: Scope, last: Pass) -> Flow[Page]:
        if isinstance(scope, Keys):
            return (yield from self._keys(scope))
        if scope.position in (None, AGAIN):
            return (yield from self._first(scope, last))
        assert scope.position is not None
        if last.next != scope.position:
            last.forget()
        at = msgspec.json.decode(scope.position, type=At)
        return (yield from self._page(at, scope, last))

    def _keys(self, scope: Keys) -> Flow[Page]:
        """Every row is looked at: a file has no other way to find one."""
        wanted = set(scope.keys)
        found: dict[str, Record] = {}
        position: str | None = None
        last = Pass()
        while True:
            page = yield from self.page(All(position), last)
            found |= {record.key: record for record in page.records if record.key in wanted}
            if page.next == AGAIN:
                found = {}
            if page.next is None:
                return Page(list(found.values()), None, page.source_time)
            position = page.next

    def _first(self, scope: Since | All, last: Pass) -> Flow[Page]:
        last.forget()
        files = yield from self._files()
        stamp = store.fingerprint(files)
        new = isinstance(scope, Since) and scope.position is None and scope.seen is not None
        if new and isinstance(scope, Since) and scope.seen == stamp:
            return Page((), None, files[0].at)
        chosen = self._chosen(files, scope, "")
        if chosen is None:
            return Page((), None, files[0].at)
        return (yield from self._page(At(chosen.name, chosen.state, stamp), scope, last))

    def _files(self) -> Flow[list[File]]:
        table = self._table
        if not table.several:
            return [(yield from store.stat(table.file))]
        files = yield from store.matching(table.file)
        if not files:
            raise UnavailableError(f"no file is called like {table.file}")
        return files

    def _chosen(self, files: Sequence[File], scope: Scope, after: str) -> File | None:
        """The next file to be read. What changed alone, where that is asked for: one is not read
        again for another that came. The list of deals has no other way to tell what was won."""
        least = scope.moment if isinstance(scope, Since) and self._table.several else None
        if self._table.layout.kind in FROM_CRM:
            least = None
        for file in files:
            old = least and file.changed and file.changed < least.replace(microsecond=0)
            if file.name > after and not old:
                return file
        return None

    def _page(self, at: At, scope: Scope, last: Pass) -> Flow[Page]:
        read = self._of_workbook if at.file.lower().endswith(".xlsx") else self._of_text
        try:
            page, following = yield from read(at, last)
        except _Moved as moved:
            last.forget()
            return Page((), AGAIN, moved.at)
        if following is None and self._table.several:
            last.whole = None
            chosen = self._chosen((yield from self._files()), scope, at.file)
            following = At(chosen.name, "", at.stamp) if chosen else None
        last.next = msgspec.json.encode(following).decode() if following else None
        return replace(page, next=last.next)

    def _of_text(self, at: At, last: Pass) -> Flow[tuple[Page, At | None]]:
        length = self._table.part
        while True:
            file, body = yield from self._part(at, length, last)
            now = self._same(at, file)
            body = body[: now.end - at.start]
            final = at.start + len(body) >= now.end
            text = body if final and not self._table.grows else delimited.whole_lines(body)
            now = self._shaped(now, text)
            rows = self._rows(now)
            found: list[Row] = [
                (row.number, row.start, row.cells)
                for row in delimited.rows_of(
                    text, now.encoding, now.delimiter, at.file, at.row if at.names else 1
                )
                if row.number > now.header
            ]
            following = None if final else self._cut(now, found, rows)
            if following is not None and following.start == at.start:
                length *= 2  # not one whole record
                if length <= LARGEST:
                    continue
                raise ProtocolError(
                    f"{at.file}, row {following.row}: more than {LARGEST >> 20} MB belong to it; "
                    "is a quote not closed?"
                )
            records = self._records(rows, rows.groups(found), now, last)
            return Page(records, None, file.at), following

    def _part(self, at: At, length: int, last: Pass) -> Flow[tuple[File, bytes]]:
        if last.whole is None:
            file, body, whole = yield from store.part(at.file, at.start, length)
            if not whole:
                return file, body
            last.whole = file, body
        file, body = last.whole
        return file, body[at.start : at.start + length]

    def _cut(self, at: At, found: list[Row], rows: Rows) -> At:
        """Takes off the last record, which may go on in the next part: that begins with it."""
        number, start, _ = found[-1] if found else (at.row, 0, ())
        if self._table.layout.lines:
            groups = [one for one in rows.groups(found) if isinstance(one, Group)]
            if groups:
                number, start = groups[-1].rows[0][0], groups[-1].start
        while found and found[-1][0] >= number:
            found.pop()
        return msgspec.structs.replace(at, start=at.start + start, row=number)

    def _shaped(self, at: At, text: bytes) -> At:
        """With how the file is written, where that is not known yet."""
        table = self._table
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

    def _of_workbook(self, at: At, last: Pass) -> Flow[tuple[Page, At | None]]:
        time: dt.datetime | None = None
        if last.book is None:
            file, body = yield from store.whole(at.file)
            time, at = file.at, self._same(at, file)
            last.book = self._opened(at, body)
        rows, groups = last.book
        found = list(itertools.islice(groups, self._table.page))
        page = Page(self._records(rows, found, at, last), None, time)
        behind = next(groups, None)
        if behind is None:
            last.book = None
            return page, None
        last.book = rows, itertools.chain([behind], groups)
        row = behind.rows[0][0] if isinstance(behind, Group) else behind
        return page, msgspec.structs.replace(at, row=row)

    def _opened(self, at: At, body: bytes) -> tuple[Rows, Iterator[Group | int]]:
        table, where = self._table, self.where(at.file)
        rows = workbook.rows_of(body, table.sheet, where)
        first = list(itertools.islice(rows, max(FIRST, table.header or 0)))
        header = find_header(first, table.layout.named, table.header)
        if header is None:
            raise ProtocolError(no_header(first, table.layout.named, where))
        least = max(at.row, header.row + 1)
        # A workbook holds no cells behind the last one of a row that has something.
        blank = [None] * len(header.names)
        behind = (
            (number, 0, [*cells, *blank[len(cells) :]])
            for number, cells in itertools.chain(first, rows)
            if number >= least
        )
        reader = Rows(table.layout, header, where, self._paths)
        return reader, reader.groups(behind)

    def _rows(self, at: At) -> Rows:
        header = Header(at.header, at.names, at.words)
        return Rows(self._table.layout, header, at.file, self._paths)

    def _records(
        self, rows: Rows, found: Iterable[Group | int], at: At, last: Pass
    ) -> list[Record]:
        records = []
        for one in found:
            if isinstance(one, Group):
                records.append(rows.record(one, at.stamp, twice=last.twice(one.key)))
            else:
                last.skip(at.file, one)
        return records

    def _same(self, at: At, file: File) -> At:
        """Raises _Moved where it is another file than the pass began with, and RateLimitedError
        where somebody writes it."""
        size = file.size or 0
        grown = self._table.grows and size >= at.end
        if at.state and at.state != file.state and not grown:
            raise _Moved(file.at)
        if not self._table.grows:
            store.rested(file, self._table.rests)
        return msgspec.structs.replace(at, state=file.state, end=at.end or size)

    def where(self, file: str) -> str:
        return f"{file}, sheet {self._table.sheet}" if self._table.sheet else file
