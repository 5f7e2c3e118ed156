"""What the pages of a pass have in common: where it goes on, and what it remembers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from syncd.port import Record
from syncd.table import store
from syncd.table.records import Group, Layout, Rows
from syncd.table.store import File

PART = 1 << 18
"""Bytes of a CSV file that are read at once."""
PAGE = 1000
"""Records of a workbook in one page."""
NAMED = 10
"""Rows without a key that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Table:
    """What the connector file says of one kind. `rests` are seconds that a file has to lie
    unchanged; one that `grows` is read at once, as far as its last whole line. `open_alone`: who is
    not in it has nothing open."""

    object: str
    file: str
    layout: Layout
    sheet: str | None = None
    header: int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    grows: bool = False
    rests: float = 10
    open_alone: bool = False
    part: int = PART
    page: int = PAGE

    @property
    def several(self) -> bool:
        return any(mark in self.file for mark in "*?[")


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


class Pass(msgspec.Struct):
    """What one pass remembers between its pages: which keys it met, and how far a workbook is
    read. Without it, as in another process, the file is opened anew."""

    next: str | None = None
    newer: set[int] = msgspec.field(default_factory=set)
    """Hashes of the keys of the files before: the last file by name is read first, and counts."""
    here: set[int] = msgspec.field(default_factory=set)
    book: tuple[Rows, Iterator[Group | int]] | None = None
    whole: tuple[File, bytes] | None = None
    """A text file from a server that gives no parts of it."""
    skipped: int = 0
    """Rows without a key: they are no records."""
    named: list[tuple[str, int]] = msgspec.field(default_factory=list)
    """The first of them."""

    def forget(self) -> None:
        self.next, self.newer, self.here, self.book, self.whole = None, set(), set(), None, None
        self.skipped, self.named = 0, []

    def leave(self) -> None:
        """The file."""
        self.newer |= self.here
        self.here, self.book, self.whole = set(), None, None

    def records(self, rows: Rows, found: Iterable[Group | int], at: At) -> list[Record]:
        records = []
        for one in found:
            if isinstance(one, Group):
                known = hash(one.key)
                if known not in self.newer:
                    records.append(rows.record(one, at.stamp, twice=known in self.here))
                    self.here.add(known)
                continue
            self.skipped += 1
            if self.skipped <= NAMED:
                self.named.append((at.file, one))
        return records


class MovedError(Exception):
    """The file is another one by now; `at` is the source's time."""

    def __init__(self, at: dt.datetime | None) -> None:
        super().__init__()
        self.at = at


def same(table: Table, at: At, file: File) -> At:
    """Raises MovedError where it is another file than the pass began with, and RateLimitedError
    where somebody writes it."""
    size = file.size or 0
    grown = table.grows and size >= at.end
    if at.state and at.state != file.state and not grown:
        raise MovedError(file.at)
    if not table.grows:
        store.rested(file, table.rests)
    return msgspec.structs.replace(at, state=file.state, end=at.end or size)
